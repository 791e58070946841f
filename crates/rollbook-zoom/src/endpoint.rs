//! Requests as values: each knows its path, what it costs and how to read its answer.
//!
//! One file per resource of Zoom's.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime};
use serde::de::DeserializeOwned;

use crate::id::percent_encode;
use crate::operation::Operation;
use crate::page::PageToken;

pub mod account_settings;
pub mod meetings;
pub mod metrics;
pub mod metrics_participants;
pub mod past_meetings;
pub mod past_webinars;
pub mod report_participants;
pub mod reports;
pub mod shared;
pub mod users;

pub use account_settings::GetAccountSettings;
pub use meetings::GetMeeting;
pub use metrics::{GetMetricsMeeting, GetMetricsWebinar, ListMetricsMeetings, ListMetricsWebinars};
pub use metrics_participants::{ListMetricsMeetingParticipants, ListMetricsWebinarParticipants};
pub use past_meetings::{GetPastMeeting, ListPastMeetingInstances, ListPastMeetingParticipants};
pub use past_webinars::{ListPastWebinarAbsentees, ListPastWebinarInstances, ListPastWebinarParticipants};
pub use report_participants::{ListReportMeetingParticipants, ListReportWebinarParticipants};
pub use reports::{
    GetReportMeeting, GetReportWebinar, ListHistoryMeetings, ListReportUserMeetings, ListReportUsers,
};
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
