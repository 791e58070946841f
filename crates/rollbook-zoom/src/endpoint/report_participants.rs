//! Reports: who was in a past meeting, with breakout rooms. Pro plan or higher; Heavy.

use jiff::Timestamp;

use crate::duration::Seconds;
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingRef, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::ParticipantStatus;

/// Who was in a past meeting, with breakout rooms. Nothing for meetings with one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReportMeetingParticipants {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListReportMeetingParticipants {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListReportMeetingParticipants { meeting: meeting.into(), page_size, next_page_token: None }
    }
}

impl Endpoint for ListReportMeetingParticipants {
    type Answer = ReportParticipants;
    const OPERATION: Operation = Operation::ListReportMeetingParticipants;

    fn path(&self) -> String {
        format!("/report/meetings/{}/participants", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("include_fields", "registrant_id")
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListReportMeetingParticipants {
    fn with_token(&self, token: &PageToken) -> Self {
        ListReportMeetingParticipants { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Who was in a past webinar. Last six months only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReportWebinarParticipants {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListReportWebinarParticipants {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListReportWebinarParticipants { webinar: webinar.into(), page_size, next_page_token: None }
    }
}

impl Endpoint for ListReportWebinarParticipants {
    type Answer = ReportParticipants;
    const OPERATION: Operation = Operation::ListReportWebinarParticipants;

    fn path(&self) -> String {
        format!("/report/webinars/{}/participants", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("include_fields", "registrant_id")
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListReportWebinarParticipants {
    fn with_token(&self, token: &PageToken) -> Self {
        ListReportWebinarParticipants { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of a past meeting's or webinar's participants.
    pub struct ReportParticipants {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The connections of this page.
        pub participants: Vec<ReportParticipant>,
    }

    /// One connection of one participant. Rejoining, a breakout room, the waiting room and a second
    /// device each make another row.
    pub struct ReportParticipant {
        /// Zoom user, if one of the account; blank for guests.
        pub id: Option<UserId>,
        /// Zoom user who is signed in to the host's account.
        pub participant_user_id: Option<UserId>,
        /// Number within this meeting, another one after every rejoin. Not a Zoom user.
        pub user_id: Option<String>,
        /// Name as typed by the person. Zoom may write `#` for a comma.
        pub name: Option<String>,
        /// E-mail address; blank for most people from outside the account.
        pub user_email: Option<String>,
        /// The registration this person came with.
        pub registrant_id: Option<String>,
        /// An identifier the SDK was given, up to 35 characters.
        pub customer_key: Option<String>,
        /// Beginning of the connection, UTC.
        pub join_time: Option<Timestamp>,
        /// End of the connection, UTC.
        pub leave_time: Option<Timestamp>,
        /// Length of this connection alone.
        pub duration: Option<Seconds>,
        /// In the meeting, or waiting to be let in.
        pub status: Option<ParticipantStatus>,
        /// Whether the connection moved to another server.
        pub failover: Option<bool>,
        /// Breakout room; absent or blank in the main room. Zoom shows both numbers and UUIDs here.
        pub bo_mtg_id: Option<String>,
    }
}

page!(ReportParticipants, participants: ReportParticipant, total);
