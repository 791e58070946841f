//! Dashboards: who shared or recorded, and when. Heavy.

use jiff::Timestamp;

use crate::endpoint::metrics_qos::QosType;
use crate::endpoint::{Endpoint, PAGE_SIZE_MAX, Query};
use crate::id::{MeetingRef, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;

/// Who shared or recorded in a meeting, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsMeetingSharing {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Must fit the meeting: an ended one is not found among the live ones.
    pub kind: QosType,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsMeetingSharing {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>, kind: QosType) -> Self {
        let (meeting, page_size) = (meeting.into(), Some(PAGE_SIZE_MAX));
        ListMetricsMeetingSharing { meeting, kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsMeetingSharing {
    type Answer = Sharings;
    const OPERATION: Operation = Operation::ListMetricsMeetingSharing;

    fn path(&self) -> String {
        format!("/metrics/meetings/{}/participants/sharing", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsMeetingSharing {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsMeetingSharing { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Who shared or recorded in a webinar, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsWebinarSharing {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Must fit the webinar: an ended one is not found among the live ones.
    pub kind: QosType,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsWebinarSharing {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>, kind: QosType) -> Self {
        let (webinar, page_size) = (webinar.into(), Some(PAGE_SIZE_MAX));
        ListMetricsWebinarSharing { webinar, kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsWebinarSharing {
    type Answer = Sharings;
    const OPERATION: Operation = Operation::ListMetricsWebinarSharing;

    fn path(&self) -> String {
        format!("/metrics/webinars/{}/participants/sharing", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsWebinarSharing {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsWebinarSharing { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of who shared or recorded.
    pub struct Sharings {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The participants of this page.
        pub participants: Vec<ParticipantSharing>,
    }

    /// What one participant shared or recorded.
    pub struct ParticipantSharing {
        /// Zoom user, if one of the account; blank for others.
        pub id: Option<UserId>,
        /// Number within this meeting, another one after every rejoin. Not a Zoom user.
        pub user_id: Option<String>,
        /// Name as typed by the person.
        pub user_name: Option<String>,
        /// One row for each time.
        pub details: Vec<SharingSpan>,
    }

    /// One time that something was shared or recorded.
    pub struct SharingSpan {
        /// What, such as `desktop`.
        pub content: Option<String>,
        /// From when, UTC.
        pub start_time: Option<Timestamp>,
        /// Until when, UTC.
        pub end_time: Option<Timestamp>,
    }
}

page!(Sharings, participants: ParticipantSharing, total);
