//! Dashboards: thumbs up or down at the end of a meeting. Heavy.
//!
//! Only for meetings scheduled after 20 December 2020, and only where the account asks for feedback.

use jiff::Timestamp;

use crate::endpoint::metrics::MetricsType;
use crate::endpoint::{Endpoint, PAGE_SIZE_MAX, Query};
use crate::id::MeetingRef;
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::Satisfaction;

/// What participants thought of a meeting: one row for each who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsMeetingSatisfaction {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Must fit the meeting; `pastOne` where one person was alone.
    pub kind: MetricsType,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsMeetingSatisfaction {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>, kind: MetricsType) -> Self {
        let (meeting, page_size) = (meeting.into(), Some(PAGE_SIZE_MAX));
        ListMetricsMeetingSatisfaction { meeting, kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsMeetingSatisfaction {
    type Answer = Satisfactions;
    const OPERATION: Operation = Operation::ListMetricsMeetingSatisfaction;

    fn path(&self) -> String {
        format!("/metrics/meetings/{}/participants/satisfaction", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsMeetingSatisfaction {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsMeetingSatisfaction { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// What participants thought of a webinar: one row for each who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsWebinarSatisfaction {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Must fit the webinar. Unlike the list of webinars, this one knows `pastOne`.
    pub kind: MetricsType,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsWebinarSatisfaction {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>, kind: MetricsType) -> Self {
        let (webinar, page_size) = (webinar.into(), Some(PAGE_SIZE_MAX));
        ListMetricsWebinarSatisfaction { webinar, kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsWebinarSatisfaction {
    type Answer = Satisfactions;
    const OPERATION: Operation = Operation::ListMetricsWebinarSatisfaction;

    fn path(&self) -> String {
        format!("/metrics/webinars/{}/participants/satisfaction", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsWebinarSatisfaction {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsWebinarSatisfaction { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of what participants thought.
    pub struct Satisfactions {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// The answers of this page.
        pub participants: Vec<ParticipantSatisfaction>,
    }

    /// What one participant thought.
    pub struct ParticipantSatisfaction {
        /// Zoom's documents call it a number within the meeting; their sample shows a Zoom user.
        pub user_id: Option<String>,
        /// E-mail address; blank for most people from outside the account.
        pub email: Option<String>,
        /// When the person said so, UTC.
        pub date_time: Option<Timestamp>,
        /// Thumb up or down.
        pub quality: Option<Satisfaction>,
        /// What the person wrote.
        pub comment: Option<String>,
    }
}

page!(Satisfactions, participants: ParticipantSatisfaction, no total);
