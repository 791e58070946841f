//! Past meetings: the runs of a number, their times, who was there. Outside the daily allowance.

use jiff::Timestamp;

use crate::duration::{PersonMinutes, RoundedMinutes, Seconds};
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingId, MeetingRef, MeetingUuid, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::{MeetingKind, ParticipantStatus};

/// Times and totals of one past meeting, at most a year back. Light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetPastMeeting {
    /// Which meeting.
    pub meeting: MeetingRef,
}

impl Endpoint for GetPastMeeting {
    type Answer = PastMeeting;
    const OPERATION: Operation = Operation::GetPastMeeting;

    fn path(&self) -> String {
        format!("/past_meetings/{}", self.meeting.path_segment())
    }
}

/// The runs of a meeting number in the last 15 months, in one piece. Medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPastMeetingInstances {
    /// The meeting's number; a UUID is not accepted here.
    pub meeting: MeetingId,
}

impl Endpoint for ListPastMeetingInstances {
    type Answer = PastMeetingInstances;
    const OPERATION: Operation = Operation::ListPastMeetingInstances;

    fn path(&self) -> String {
        format!("/past_meetings/{}/instances", self.meeting.path_segment())
    }
}

/// Who was in a past meeting. Medium, so it costs nothing of the daily allowance.
///
/// Meetings with one person give no rows unless the account shows them in its reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPastMeetingParticipants {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListPastMeetingParticipants {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListPastMeetingParticipants { meeting: meeting.into(), page_size, next_page_token: None }
    }
}

impl Endpoint for ListPastMeetingParticipants {
    type Answer = PastParticipants;
    const OPERATION: Operation = Operation::ListPastMeetingParticipants;

    fn path(&self) -> String {
        format!("/past_meetings/{}/participants", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        // The answer's schema wants this parameter for `registrant_id`, the list of parameters does
        // not have it: at worst it is ignored.
        Query::new()
            .with("include_fields", "registrant_id")
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListPastMeetingParticipants {
    fn with_token(&self, token: &PageToken) -> Self {
        ListPastMeetingParticipants { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// Times and totals of one past meeting.
    pub struct PastMeeting {
        /// One per run.
        pub uuid: Option<MeetingUuid>,
        /// The number of the series.
        pub id: Option<MeetingId>,
        /// Zoom's number for the kind.
        pub kind as "type": Option<MeetingKind>,
        /// What it was called.
        pub topic: Option<String>,
        /// The host.
        pub host_id: Option<UserId>,
        /// The host's display name.
        pub user_name: Option<String>,
        /// The host's e-mail address.
        pub user_email: Option<String>,
        /// The host's department.
        pub dept: Option<String>,
        /// The app it was scheduled with, or `Zoom`.
        pub source: Option<String>,
        /// Start, UTC.
        pub start_time: Option<Timestamp>,
        /// End, UTC.
        pub end_time: Option<Timestamp>,
        /// Length in whole minutes.
        pub duration: Option<RoundedMinutes>,
        /// Minutes summed over participants.
        pub total_minutes: Option<PersonMinutes>,
        /// How many took part.
        pub participants_count: Option<u64>,
        /// It was summed up automatically.
        pub has_meeting_summary: Option<bool>,
    }

    /// The runs of a meeting number.
    pub struct PastMeetingInstances {
        /// The runs, in no promised order.
        pub meetings: Vec<PastInstance>,
    }

    /// One run of a meeting or webinar number.
    pub struct PastInstance {
        /// One per run.
        pub uuid: Option<MeetingUuid>,
        /// Start, UTC.
        pub start_time: Option<Timestamp>,
        /// The planned occurrence it belongs to.
        pub occurrence_id: Option<String>,
    }

    /// A page of a past meeting's or webinar's participants.
    pub struct PastParticipants {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The connections of this page.
        pub participants: Vec<PastParticipant>,
    }

    /// One connection of one participant. Rejoining, a breakout room, the waiting room and a second
    /// device each make another row; breakout rooms cannot be told apart here.
    pub struct PastParticipant {
        /// Zoom user, if one of the account; blank for guests.
        pub id: Option<UserId>,
        /// Number within this meeting, another one after every rejoin. Not a Zoom user.
        pub user_id: Option<String>,
        /// Name as typed by the person. Zoom may write `#` for a comma.
        pub name: Option<String>,
        /// E-mail address; blank for most people from outside the account.
        pub user_email: Option<String>,
        /// The registration this person came with.
        pub registrant_id: Option<String>,
        /// Beginning of the connection, UTC.
        pub join_time: Option<Timestamp>,
        /// End of the connection, UTC.
        pub leave_time: Option<Timestamp>,
        /// Length of this connection alone; 0 while Zoom is still working it out.
        pub duration: Option<Seconds>,
        /// In the meeting, or waiting to be let in.
        pub status: Option<ParticipantStatus>,
        /// Whether the connection moved to another server.
        pub failover: Option<bool>,
        /// Whether the person belongs to the account.
        pub internal_user: Option<bool>,
    }
}

page!(PastParticipants, participants: PastParticipant, total);
