#![doc = "Typed client for Zoom's meeting, report and dashboard API."]
//!
//! Every request is a value that knows what it costs ([`Label`]) and how to read its answer. Every
//! [`Error`] says what the caller can do about it ([`Advice`]). Answers are read tolerantly: odd
//! values are counted, unknown members are reported, and neither fails a page.
//!
//! The crate decides nothing on its own: it reads no clock (the present moment is an argument),
//! never sleeps, never tries twice, never follows a page token or a redirect by itself. One call of
//! [`Client::send`] is one request against Zoom's rate limits, so that its caller can count them.
//!
//! # Example
//!
//! Who was in a meeting, page by page:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use rollbook_zoom::endpoint::ListPastMeetingParticipants;
//! use rollbook_zoom::reqwest::Reqwest;
//! use rollbook_zoom::{Advice, Client, Credentials, MeetingUuid, PageCursor};
//!
//! # async fn who_was_there(now: impl Fn() -> jiff::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::ServerToServer {
//!     account_id: "account".to_owned(),
//!     client_id: "client".to_owned(),
//!     client_secret: std::fs::read_to_string("secret.txt")?.trim().to_owned().into(),
//!     token_url: "https://zoom.us/oauth/token".parse()?,
//! };
//! let client = Client::new(Arc::new(Reqwest::new()?), "https://api.zoom.us/v2".parse()?, credentials);
//!
//! let list = ListPastMeetingParticipants::new("4444AAAiAAAAAiAiAiiAii==".parse::<MeetingUuid>()?);
//! let mut cursor = PageCursor::new();
//! loop {
//!     let asked_at = now();
//!     let Some(request) = cursor.request(asked_at, &list) else { break };
//!     match client.send(asked_at, &request).await {
//!         Ok(page) => {
//!             cursor.got(asked_at, &page.value)?;
//!             for row in page.value.participants {
//!                 println!("{:?} from {:?} to {:?}", row.name, row.join_time, row.leave_time);
//!             }
//!         }
//!         Err(error) => match error.advice() {
//!             Advice::Renew | Advice::Retry => continue, // a few times at most, with pauses
//!             Advice::RestartList => cursor.restart(),
//!             Advice::Wait { until, .. } => return Err(format!("come back after {until:?}").into()),
//!             Advice::Skip(_) | Advice::Stop => return Err(error.into()),
//!         },
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Endpoints
//!
//! | request | Zoom's path | label |
//! |---|---|---|
//! | [`ListPastMeetingInstances`](endpoint::ListPastMeetingInstances) | `/past_meetings/{id}/instances` | Medium |
//! | [`GetPastMeeting`](endpoint::GetPastMeeting) | `/past_meetings/{id}` | Light |
//! | [`ListPastMeetingParticipants`](endpoint::ListPastMeetingParticipants) | `/past_meetings/{id}/participants` | Medium |
//! | [`ListPastWebinarInstances`](endpoint::ListPastWebinarInstances) | `/past_webinars/{id}/instances` | Light |
//! | [`ListPastWebinarParticipants`](endpoint::ListPastWebinarParticipants) | `/past_webinars/{id}/participants` | Medium |
//! | [`ListPastWebinarAbsentees`](endpoint::ListPastWebinarAbsentees) | `/past_webinars/{id}/absentees` | Heavy |
//! | [`ListMetricsMeetings`](endpoint::ListMetricsMeetings) | `/metrics/meetings` | Resource-intensive |
//! | [`GetMetricsMeeting`](endpoint::GetMetricsMeeting) | `/metrics/meetings/{id}` | Heavy |
//! | [`ListMetricsMeetingParticipants`](endpoint::ListMetricsMeetingParticipants) | `/metrics/meetings/{id}/participants` | Heavy |
//! | [`ListMetricsMeetingParticipantsQos`](endpoint::ListMetricsMeetingParticipantsQos) | `/metrics/meetings/{id}/participants/qos` | Heavy |
//! | [`GetMetricsMeetingParticipantQos`](endpoint::GetMetricsMeetingParticipantQos) | `/metrics/meetings/{id}/participants/{user_id}/qos` | Heavy |
//! | [`ListMetricsMeetingParticipantsQosSummary`](endpoint::ListMetricsMeetingParticipantsQosSummary) | `/metrics/meetings/{id}/participants/qos_summary` | Heavy |
//! | [`ListMetricsMeetingSatisfaction`](endpoint::ListMetricsMeetingSatisfaction) | `/metrics/meetings/{id}/participants/satisfaction` | Heavy |
//! | [`ListMetricsMeetingSharing`](endpoint::ListMetricsMeetingSharing) | `/metrics/meetings/{id}/participants/sharing` | Heavy |
//! | [`ListMetricsWebinars`](endpoint::ListMetricsWebinars) | `/metrics/webinars` | Resource-intensive |
//! | [`GetMetricsWebinar`](endpoint::GetMetricsWebinar) | `/metrics/webinars/{id}` | Heavy |
//! | [`ListMetricsWebinarParticipants`](endpoint::ListMetricsWebinarParticipants) | `/metrics/webinars/{id}/participants` | Heavy |
//! | [`ListMetricsWebinarParticipantsQos`](endpoint::ListMetricsWebinarParticipantsQos) | `/metrics/webinars/{id}/participants/qos` | Heavy |
//! | [`GetMetricsWebinarParticipantQos`](endpoint::GetMetricsWebinarParticipantQos) | `/metrics/webinars/{id}/participants/{user_id}/qos` | Heavy |
//! | [`ListMetricsWebinarParticipantsQosSummary`](endpoint::ListMetricsWebinarParticipantsQosSummary) | `/metrics/webinars/{id}/participants/qos_summary` | Heavy |
//! | [`ListMetricsWebinarSatisfaction`](endpoint::ListMetricsWebinarSatisfaction) | `/metrics/webinars/{id}/participants/satisfaction` | Heavy |
//! | [`ListMetricsWebinarSharing`](endpoint::ListMetricsWebinarSharing) | `/metrics/webinars/{id}/participants/sharing` | Heavy |
//! | [`ListReportUsers`](endpoint::ListReportUsers) | `/report/users` | Heavy |
//! | [`ListReportUserMeetings`](endpoint::ListReportUserMeetings) | `/report/users/{id}/meetings` | Heavy |
//! | [`ListHistoryMeetings`](endpoint::ListHistoryMeetings) | `/report/history_meetings` | Heavy |
//! | [`GetReportMeeting`](endpoint::GetReportMeeting) | `/report/meetings/{id}` | Heavy |
//! | [`ListReportMeetingParticipants`](endpoint::ListReportMeetingParticipants) | `/report/meetings/{id}/participants` | Heavy |
//! | [`GetReportWebinar`](endpoint::GetReportWebinar) | `/report/webinars/{id}` | Heavy |
//! | [`ListReportWebinarParticipants`](endpoint::ListReportWebinarParticipants) | `/report/webinars/{id}/participants` | Heavy |
//! | [`ListUsers`](endpoint::ListUsers) | `/users` | Medium |
//! | [`GetUser`](endpoint::GetUser) | `/users/{id}` | Light |
//! | [`CreateUser`](endpoint::CreateUser) | `POST /users` | Light |
//! | [`ListUserMeetings`](endpoint::ListUserMeetings) | `/users/{id}/meetings` | Medium |
//! | [`ListUpcomingMeetings`](endpoint::ListUpcomingMeetings) | `/users/{id}/upcoming_meetings` | Medium |
//! | [`ListUserWebinars`](endpoint::ListUserWebinars) | `/users/{id}/webinars` | Medium |
//! | [`GetMeeting`](endpoint::GetMeeting) | `/meetings/{id}` | Light |
//! | [`CreateMeeting`](endpoint::CreateMeeting) | `POST /users/{id}/meetings` | Light, and one of the host's 100 changes a day |
//! | [`UpdateMeeting`](endpoint::UpdateMeeting) | `PATCH /meetings/{id}` | Light, and one of the host's 100 changes a day |
//! | [`GetAccountSettings`](endpoint::GetAccountSettings) | `/accounts/{id}/settings` | Medium |
//!
//! Call quality comes as values with units: see [`quantity`] for how they are read, and
//! [`QosSample`](endpoint::metrics_qos::QosSample) for what a sample holds.
//!
//! [`Operation`] knows the rest of Zoom's endpoints in this field; [`Client::send_raw`] asks any of
//! them, and [`Endpoint`] is open for requests of your own.
//!
//! Events that Zoom posts are checked and read by [`webhook`].
//!
//! # Features
//!
//! `reqwest` (on by default): the door to the network. Without it, bring your own [`Transport`].

pub mod client;
pub mod duration;
pub mod endpoint;
pub mod error;
pub mod id;
pub mod label;
pub mod limits;
pub mod operation;
pub mod page;
pub mod quantity;
#[cfg(feature = "reqwest")]
pub mod reqwest;
pub mod time;
pub mod token;
pub mod transport;
pub mod webhook;
pub mod word;

mod wire;

/// The example in the README compiles too.
#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../README.md")]
struct Readme;

pub use client::{Answer, Client, RawAnswer, RawRequest};
pub use endpoint::Endpoint;
pub use error::{Advice, Error, ErrorKind, RateLimit, SkipReason, TokenRefusal};
pub use id::{MeetingId, MeetingRef, MeetingUuid, ParticipantId, UserId};
pub use label::Label;
pub use limits::LimitHeaders;
pub use operation::Operation;
pub use page::{NextPage, Page, PageCursor, PageToken, Paged};
pub use quantity::Quantity;
pub use token::{Credentials, Token};
pub use transport::{Transport, TransportError, TransportErrorKind};
pub use wire::{DecodeError, Decoded, Nothing, decode};
