//! What a user has planned: meetings and webinars, as lists.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::duration::PlannedMinutes;
use crate::endpoint::{Endpoint, Query, day};
use crate::id::{MeetingId, MeetingUuid, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::MeetingKind;

/// Which of a host's meetings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PlannedType {
    /// All that are scheduled and have not expired. Instant meetings are in no list.
    #[default]
    Scheduled,
    /// Running now.
    Live,
    /// Still to come, running ones included.
    Upcoming,
    /// Still to come.
    UpcomingMeetings,
    /// Over, for six months at most.
    Previous,
}

impl PlannedType {
    /// All of them.
    pub const ALL: [PlannedType; 5] = [
        PlannedType::Scheduled,
        PlannedType::Live,
        PlannedType::Upcoming,
        PlannedType::UpcomingMeetings,
        PlannedType::Previous,
    ];

    /// The word as Zoom writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PlannedType::Scheduled => "scheduled",
            PlannedType::Live => "live",
            PlannedType::Upcoming => "upcoming",
            PlannedType::UpcomingMeetings => "upcoming_meetings",
            PlannedType::Previous => "previous_meetings",
        }
    }
}

/// The meetings a host has planned. Medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUserMeetings {
    /// The host, by ID, e-mail address or `me`.
    pub user: UserId,
    /// Which meetings.
    pub kind: PlannedType,
    /// First day, in `timezone`.
    pub from: Option<Date>,
    /// Last day, in `timezone`.
    pub to: Option<Date>,
    /// The zone of `from` and `to`, by its name in the zone database.
    pub timezone: Option<String>,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListUserMeetings {
    /// The first page of the list, 300 rows a page, of all days.
    #[must_use]
    pub fn new(user: UserId, kind: PlannedType) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListUserMeetings {
            user,
            kind,
            from: None,
            to: None,
            timezone: None,
            page_size,
            next_page_token: None,
        }
    }
}

impl Endpoint for ListUserMeetings {
    type Answer = PlannedMeetings;
    const OPERATION: Operation = Operation::ListUserMeetings;

    fn path(&self) -> String {
        format!("/users/{}/meetings", self.user.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .maybe("from", self.from.map(day))
            .maybe("to", self.to.map(day))
            .maybe("timezone", self.timezone.clone())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListUserMeetings {
    fn with_token(&self, token: &PageToken) -> Self {
        ListUserMeetings { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// The meetings of the next 24 hours, those included that the user was invited to by a calendar. Medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUpcomingMeetings {
    /// The user, by ID, e-mail address or `me`.
    pub user: UserId,
}

impl Endpoint for ListUpcomingMeetings {
    type Answer = UpcomingMeetings;
    const OPERATION: Operation = Operation::ListUpcomingMeetings;

    fn path(&self) -> String {
        format!("/users/{}/upcoming_meetings", self.user.path_segment())
    }
}

/// The webinars a host has planned. Medium.
///
/// Zoom documents no request for the plan of a single webinar: this list is the only way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUserWebinars {
    /// The host, by ID, e-mail address or `me`.
    pub user: UserId,
    /// Whether only those still to come are wanted.
    pub is_upcoming_only: bool,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListUserWebinars {
    /// The first page of all scheduled webinars, 300 rows a page.
    #[must_use]
    pub fn new(user: UserId) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListUserWebinars { user, is_upcoming_only: false, page_size, next_page_token: None }
    }
}

impl Endpoint for ListUserWebinars {
    type Answer = PlannedWebinars;
    const OPERATION: Operation = Operation::ListUserWebinars;

    fn path(&self) -> String {
        format!("/users/{}/webinars", self.user.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", if self.is_upcoming_only { "upcoming" } else { "scheduled" })
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListUserWebinars {
    fn with_token(&self, token: &PageToken) -> Self {
        ListUserWebinars { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of a host's meetings.
    pub struct PlannedMeetings {
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
        pub meetings: Vec<PlannedMeeting>,
    }

    /// A page of a host's webinars.
    pub struct PlannedWebinars {
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
        /// The webinars of this page.
        pub webinars: Vec<PlannedMeeting>,
    }

    /// The meetings of the next 24 hours.
    pub struct UpcomingMeetings {
        /// How many.
        pub total_records: Option<u64>,
        /// The meetings.
        pub meetings: Vec<PlannedMeeting>,
    }

    /// A planned meeting or webinar. A recurring one may be listed once for each occurrence.
    pub struct PlannedMeeting {
        /// The number of the series.
        pub id: Option<MeetingId>,
        /// UUID of the run that is next or on.
        pub uuid: Option<MeetingUuid>,
        /// What it is called.
        pub topic: Option<String>,
        /// What it is about.
        pub agenda: Option<String>,
        /// Zoom's number for the kind.
        pub kind as "type": Option<MeetingKind>,
        /// The host.
        pub host_id: Option<UserId>,
        /// Planned start, UTC; a meeting that recurs without a schedule has none.
        pub start_time: Option<Timestamp>,
        /// Planned length.
        pub duration: Option<PlannedMinutes>,
        /// The zone it was planned in, by its name in the zone database.
        pub timezone: Option<String>,
        /// When it was scheduled, UTC.
        pub created_at: Option<Timestamp>,
        /// Address for participants.
        pub join_url: Option<String>,
        /// The personal meeting room it is held in.
        pub pmi: Option<MeetingId>,
        /// Whether it is held in the personal meeting room.
        pub use_pmi: Option<bool>,
        /// Passcode; only in the list of the next 24 hours.
        pub passcode: Option<String>,
        /// Whether the user is its host; only in the list of the next 24 hours.
        pub is_host: Option<bool>,
        /// Whether it takes all day.
        pub is_all_day: Option<bool>,
        /// Whether a recording is played as if it were live; webinars only.
        pub is_simulive: Option<bool>,
    }
}

page!(PlannedMeetings, meetings: PlannedMeeting, total);
page!(PlannedWebinars, webinars: PlannedMeeting, total);
