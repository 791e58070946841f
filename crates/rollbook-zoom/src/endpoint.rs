//! Requests as values: each knows its path, what it costs and how to read its answer.
//!
//! One file per resource of Zoom's.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime};
use serde::de::DeserializeOwned;

use crate::id::percent_encode;
use crate::operation::Operation;
use crate::page::{PageToken, Paged};

pub mod account_settings;
pub mod change_meetings;
pub mod change_users;
pub mod meetings;
pub mod metrics;
pub mod metrics_participants;
pub mod metrics_qos;
pub mod metrics_qos_summary;
pub mod metrics_satisfaction;
pub mod metrics_sharing;
pub mod past_meetings;
pub mod past_webinars;
pub mod report_participants;
pub mod reports;
pub mod shared;
pub mod user_meetings;
pub mod users;

pub use account_settings::GetAccountSettings;
pub use change_meetings::{CreateMeeting, UpdateMeeting};
pub use change_users::CreateUser;
pub use meetings::GetMeeting;
pub use metrics::{GetMetricsMeeting, GetMetricsWebinar, ListMetricsMeetings, ListMetricsWebinars};
pub use metrics_participants::{ListMetricsMeetingParticipants, ListMetricsWebinarParticipants};
pub use metrics_qos::{
    GetMetricsMeetingParticipantQos, GetMetricsWebinarParticipantQos, ListMetricsMeetingParticipantsQos,
    ListMetricsWebinarParticipantsQos,
};
pub use metrics_qos_summary::{
    ListMetricsMeetingParticipantsQosSummary, ListMetricsWebinarParticipantsQosSummary,
};
pub use metrics_satisfaction::{ListMetricsMeetingSatisfaction, ListMetricsWebinarSatisfaction};
pub use metrics_sharing::{ListMetricsMeetingSharing, ListMetricsWebinarSharing};
pub use past_meetings::{GetPastMeeting, ListPastMeetingInstances, ListPastMeetingParticipants};
pub use past_webinars::{ListPastWebinarAbsentees, ListPastWebinarInstances, ListPastWebinarParticipants};
pub use report_participants::{ListReportMeetingParticipants, ListReportWebinarParticipants};
pub use reports::{
    GetReportMeeting, GetReportWebinar, ListHistoryMeetings, ListReportUserMeetings, ListReportUsers,
};
pub use user_meetings::{ListUpcomingMeetings, ListUserMeetings, ListUserWebinars};
pub use users::{GetUser, ListUsers};

/// One request to Zoom, as a value.
pub trait Endpoint {
    /// What Zoom answers.
    type Answer: DeserializeOwned;
    /// The row of the table of operations: method, label, scopes.
    const OPERATION: Operation;
    /// The path below the API's base address, percent-encoded.
    fn path(&self) -> String;
    /// The query, not encoded.
    fn query(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// The JSON body, for requests that have one.
    fn body(&self) -> Option<serde_json::Value> {
        None
    }
}

/// A request that a master account makes for one of its sub-accounts.
///
/// It needs the same scopes, ending in `:master`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForSubAccount<E> {
    account_id: String,
    request: E,
}

impl<E: Endpoint> ForSubAccount<E> {
    /// The request for that account, or `None` where Zoom offers no such form.
    #[must_use]
    pub fn new(account_id: impl Into<String>, request: E) -> Option<Self> {
        let account_id = account_id.into();
        E::OPERATION.facts().has_master_variant.then_some(ForSubAccount { account_id, request })
    }
}

impl<E: Endpoint> Endpoint for ForSubAccount<E> {
    type Answer = E::Answer;
    const OPERATION: Operation = E::OPERATION;

    fn path(&self) -> String {
        format!("/accounts/{}{}", percent_encode(&self.account_id), self.request.path())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.request.query()
    }

    fn body(&self) -> Option<serde_json::Value> {
        self.request.body()
    }
}

impl<P: Paged> Paged for ForSubAccount<P> {
    fn with_token(&self, token: &PageToken) -> Self {
        ForSubAccount { account_id: self.account_id.clone(), request: self.request.with_token(token) }
    }
}

/// Rows a page for lists that allow 300. A request without a size gets 30, at the same price.
pub const PAGE_SIZE_MAX: u16 = 300;

/// Path and query as they stand in the request.
pub(crate) fn target<E: Endpoint>(endpoint: &E) -> String {
    let mut target = endpoint.path();
    for (position, (name, value)) in endpoint.query().into_iter().enumerate() {
        let glue = if position == 0 { '?' } else { '&' };
        write!(target, "{glue}{name}={}", percent_encode(&value)).expect("text can always be written to");
    }
    target
}

/// A day as Zoom wants it in a query.
pub(crate) fn day(date: Date) -> String {
    date.strftime("%Y-%m-%d").to_string()
}

/// A moment as dashboards want it in a query. Every part is zero padded: Zoom silently takes
/// `2024-2-2 ...` for the whole day.
pub(crate) fn second(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The members of a query that a request may or may not have.
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    pub(crate) fn new() -> Self {
        Query(Vec::new())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn paged(self, page_size: Option<u16>, token: Option<&PageToken>) -> Self {
        self.maybe("page_size", page_size.map(|size| size.to_string()))
            .maybe("next_page_token", token.map(PageToken::as_str))
    }

    pub(crate) fn done(self) -> Vec<(&'static str, String)> {
        self.0
    }
}
