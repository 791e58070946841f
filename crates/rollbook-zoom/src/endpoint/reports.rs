//! Reports: hosts and past meetings. Pro plan or higher; all Heavy.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::duration::{PersonMinutes, RoundedMinutes};
pub use crate::endpoint::report_participants::{
    ListReportMeetingParticipants, ListReportWebinarParticipants, ReportParticipant, ReportParticipants,
};
use crate::endpoint::shared::{CustomAttribute, CustomKey, TrackingField};
use crate::endpoint::{Endpoint, Query, day};
use crate::id::{MeetingId, MeetingRef, MeetingUuid, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::time::LocalTime;
use crate::wire::wire;
use crate::word::MeetingKind;

/// Whether hosts who held meetings are meant, or those who held none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostActivity {
    /// Hosts who held a meeting.
    Active,
    /// Hosts who held none.
    Inactive,
}

impl HostActivity {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            HostActivity::Active => "active",
            HostActivity::Inactive => "inactive",
        }
    }
}

/// Hosts of the account in a span of at most one month within the last six.
///
/// Also lists hosts who have left the account since; asking for their meetings then says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReportUsers {
    /// Active hosts or the others; Zoom decides without.
    pub activity: Option<HostActivity>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
    /// Only hosts in this group.
    pub group_id: Option<String>,
}

impl ListReportUsers {
    /// The first page of the hosts who held meetings, 300 rows a page.
    #[must_use]
    pub fn active(from: Date, to: Date) -> Self {
        ListReportUsers {
            activity: Some(HostActivity::Active),
            from,
            to,
            page_size: Some(super::PAGE_SIZE_MAX),
            next_page_token: None,
            group_id: None,
        }
    }
}

impl Endpoint for ListReportUsers {
    type Answer = ReportUsers;
    const OPERATION: Operation = Operation::ListReportUsers;

    fn path(&self) -> String {
        "/report/users".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .maybe("type", self.activity.map(HostActivity::as_str))
            .with("from", day(self.from))
            .with("to", day(self.to))
            .maybe("group_id", self.group_id.clone())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListReportUsers {
    fn with_token(&self, token: &PageToken) -> Self {
        ListReportUsers { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Which past meetings of a host are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReportMeetingsType {
    /// With two people or more.
    Past,
    /// With one person.
    PastOne,
    /// Also those the user only joined.
    PastJoined,
}

impl ReportMeetingsType {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReportMeetingsType::Past => "past",
            ReportMeetingsType::PastOne => "pastOne",
            ReportMeetingsType::PastJoined => "pastJoined",
        }
    }
}

/// Past meetings and webinars of one host in a span of at most one month within the last six.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReportUserMeetings {
    /// The host.
    pub user: UserId,
    /// Which of the host's meetings.
    pub kind: ReportMeetingsType,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListReportUserMeetings {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(user: UserId, kind: ReportMeetingsType, from: Date, to: Date) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListReportUserMeetings { user, kind, from, to, page_size, next_page_token: None }
    }
}

impl Endpoint for ListReportUserMeetings {
    type Answer = ReportUserMeetings;
    const OPERATION: Operation = Operation::ListReportUserMeetings;

    fn path(&self) -> String {
        format!("/report/users/{}/meetings", self.user.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .with("from", day(self.from))
            .with("to", day(self.to))
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListReportUserMeetings {
    fn with_token(&self, token: &PageToken) -> Self {
        ListReportUserMeetings { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Whether meetings, webinars or both are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryType {
    /// Meetings only.
    Meeting,
    /// Webinars only.
    Webinar,
    /// Both.
    All,
}

impl HistoryType {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            HistoryType::Meeting => "meeting",
            HistoryType::Webinar => "webinar",
            HistoryType::All => "all",
        }
    }
}

/// Past meetings and webinars of the whole account: the cheapest such list without dashboards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHistoryMeetings {
    /// Meetings, webinars or both.
    pub kind: HistoryType,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Whether start or end must lie in the span; Zoom decides without.
    pub date_type: Option<super::metrics::QueryDateType>,
    /// Rows a page. Neither default nor maximum is documented.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
    /// Only meetings of hosts in this group.
    pub group_id: Option<String>,
    /// Only meetings whose topic or number holds this.
    pub search_key: Option<String>,
}

impl ListHistoryMeetings {
    /// The first page of meetings and webinars, asking for 300 rows a page.
    #[must_use]
    pub fn new(from: Date, to: Date) -> Self {
        ListHistoryMeetings {
            kind: HistoryType::All,
            from,
            to,
            date_type: None,
            page_size: Some(super::PAGE_SIZE_MAX),
            next_page_token: None,
            group_id: None,
            search_key: None,
        }
    }
}

impl Endpoint for ListHistoryMeetings {
    type Answer = HistoryMeetings;
    const OPERATION: Operation = Operation::ListHistoryMeetings;

    fn path(&self) -> String {
        "/report/history_meetings".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("meeting_type", self.kind.as_str())
            .with("from", day(self.from))
            .with("to", day(self.to))
            .maybe("date_type", self.date_type.map(super::metrics::QueryDateType::as_str))
            .maybe("group_id", self.group_id.clone())
            .maybe("search_key", self.search_key.clone())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListHistoryMeetings {
    fn with_token(&self, token: &PageToken) -> Self {
        ListHistoryMeetings { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Totals of one past meeting. [`GetPastMeeting`](super::past_meetings::GetPastMeeting) tells nearly
/// the same and is Light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetReportMeeting {
    /// Which meeting.
    pub meeting: MeetingRef,
}

impl Endpoint for GetReportMeeting {
    type Answer = ReportMeeting;
    const OPERATION: Operation = Operation::GetReportMeeting;

    fn path(&self) -> String {
        format!("/report/meetings/{}", self.meeting.path_segment())
    }
}

/// Totals of one past webinar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetReportWebinar {
    /// Which webinar.
    pub webinar: MeetingRef,
}

impl Endpoint for GetReportWebinar {
    type Answer = ReportMeeting;
    const OPERATION: Operation = Operation::GetReportWebinar;

    fn path(&self) -> String {
        format!("/report/webinars/{}", self.webinar.path_segment())
    }
}

wire! {
    /// A page of the account's hosts.
    pub struct ReportUsers {
        /// First day, as Zoom echoes it.
        pub from: Option<String>,
        /// Last day, as Zoom echoes it.
        pub to: Option<String>,
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Not the number of pages: Zoom's own sample has 30 beside 850 records.
        pub page_count: Option<u64>,
        /// Number of this page; on its way out.
        pub page_number: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// Minutes of all meetings, summed over participants.
        pub total_meeting_minutes: Option<PersonMinutes>,
        /// Meetings of all hosts.
        pub total_meetings: Option<u64>,
        /// Participants of all meetings.
        pub total_participants: Option<u64>,
        /// The hosts of this page.
        pub users: Vec<ReportUser>,
    }

    /// One host and what they held.
    pub struct ReportUser {
        /// The host.
        pub id: Option<UserId>,
        /// The host's display name.
        pub user_name: Option<String>,
        /// The host's e-mail address.
        pub email: Option<String>,
        /// The host's department.
        pub dept: Option<String>,
        /// The host's licence: 1 basic, 2 licensed.
        pub kind as "type": Option<i64>,
        /// Meetings held.
        pub meetings: Option<u64>,
        /// Participants in them.
        pub participants: Option<u64>,
        /// Minutes of them.
        pub meeting_minutes: Option<PersonMinutes>,
        /// The account's own attributes.
        pub custom_attributes: Vec<CustomAttribute>,
    }

    /// A page of one host's meetings and webinars.
    pub struct ReportUserMeetings {
        /// First day, as Zoom echoes it.
        pub from: Option<String>,
        /// Last day, as Zoom echoes it.
        pub to: Option<String>,
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Number of this page; on its way out.
        pub page_number: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The meetings of this page.
        pub meetings: Vec<ReportMeeting>,
    }

    /// One run of a meeting or webinar, as reports show it.
    pub struct ReportMeeting {
        /// One per run.
        pub uuid: Option<MeetingUuid>,
        /// The number of the series.
        pub id: Option<MeetingId>,
        /// Zoom's number for the kind; lists of one host mix meetings and webinars.
        pub kind as "type": Option<MeetingKind>,
        /// What it was called.
        pub topic: Option<String>,
        /// The host's display name.
        pub user_name: Option<String>,
        /// The host's e-mail address.
        pub user_email: Option<String>,
        /// The host's name, where the user only joined.
        pub host_name: Option<String>,
        /// The host's organisation, where the user only joined.
        pub host_organization: Option<String>,
        /// The host's department.
        pub dept: Option<String>,
        /// The app it was scheduled with, or `Zoom`.
        pub source: Option<String>,
        /// Start, UTC.
        pub start_time: Option<Timestamp>,
        /// End, UTC.
        pub end_time: Option<Timestamp>,
        /// Length in whole minutes, rounded up.
        pub duration: Option<RoundedMinutes>,
        /// Minutes summed over participants.
        pub total_minutes: Option<PersonMinutes>,
        /// How many took part.
        pub participants_count: Option<u64>,
        /// How many of them belong to the account.
        pub participants_count_my_account: Option<u64>,
        /// Planned start, in a zone Zoom does not tell.
        pub schedule_time: Option<LocalTime>,
        /// When the user came to the waiting room, in a zone Zoom does not tell.
        pub join_waiting_room_time: Option<LocalTime>,
        /// When the user joined, in a zone Zoom does not tell.
        pub join_time: Option<LocalTime>,
        /// When the user left, in a zone Zoom does not tell.
        pub leave_time: Option<LocalTime>,
        /// Somebody shared a screen.
        pub has_screen_share: Option<bool>,
        /// It was recorded.
        pub has_recording: Option<bool>,
        /// There was a chat.
        pub has_chat: Option<bool>,
        /// Zoom's number for the kind of encryption.
        pub meeting_encryption_status: Option<i64>,
        /// The Video SDK's key of the session.
        pub session_key: Option<String>,
        /// The account's own keys.
        pub custom_keys: Vec<CustomKey>,
        /// The account's own fields.
        pub tracking_fields: Vec<TrackingField>,
    }

    /// A page of the account's past meetings and webinars. Zoom gives no total here.
    pub struct HistoryMeetings {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// The meetings of this page.
        pub history_meetings: Vec<HistoryMeeting>,
    }

    /// One run of a meeting or webinar, with what was used in it.
    pub struct HistoryMeeting {
        /// One per run.
        pub meeting_uuid: Option<MeetingUuid>,
        /// The number of the series.
        pub meeting_id: Option<MeetingId>,
        /// `Meeting` or `Webinar`.
        pub kind as "type": Option<String>,
        /// What it was called.
        pub topic: Option<String>,
        /// The host's display name.
        pub host_display_name: Option<String>,
        /// The host's e-mail address.
        pub host_email: Option<String>,
        /// The host's department.
        pub department: Option<String>,
        /// The host's groups. One name on the wire, or a list of them.
        pub group: Vec<String>,
        /// The app it was scheduled with, or `Zoom`.
        pub source: Option<String>,
        /// When it was scheduled, UTC.
        pub create_time: Option<Timestamp>,
        /// Start, UTC.
        pub start_time: Option<Timestamp>,
        /// End, UTC.
        pub end_time: Option<Timestamp>,
        /// Length in whole minutes.
        pub duration: Option<RoundedMinutes>,
        /// Minutes summed over participants.
        pub total_participant_minutes: Option<PersonMinutes>,
        /// How many took part.
        pub participants: Option<u64>,
        /// How many different people watched a webinar.
        pub unique_viewers: Option<u64>,
        /// How many watched a webinar at the same time.
        pub max_concurrent_views: Option<u64>,
        /// The account's own fields.
        pub custom_fields: Vec<CustomKey>,
        /// The account's own tracking fields.
        pub tracking_fields: Vec<TrackingField>,
        /// Features by name, and whether they were used.
        pub feature_used: BTreeMap<String, bool>,
    }
}

page!(ReportUsers, users: ReportUser, total);
page!(ReportUserMeetings, meetings: ReportMeeting, total);
page!(HistoryMeetings, history_meetings: HistoryMeeting, no total);
