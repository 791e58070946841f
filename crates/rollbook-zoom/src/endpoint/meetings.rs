//! Scheduled meetings: the plan, not what happened.

use jiff::Timestamp;

use crate::duration::PlannedMinutes;
use crate::endpoint::shared::TrackingField;
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingId, MeetingUuid, UserId};
use crate::operation::Operation;
use crate::wire::wire;
use crate::word::MeetingKind;

/// The plan of one meeting. Light.
///
/// Not found once the meeting is deleted or its number has expired, which says nothing about whether
/// it was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMeeting {
    /// The meeting's number.
    pub meeting: MeetingId,
    /// One occurrence of a recurring meeting.
    pub occurrence_id: Option<String>,
    /// Whether occurrences that are over shall be listed too.
    pub show_previous_occurrences: bool,
}

impl GetMeeting {
    /// The meeting with the occurrences that are still to come.
    #[must_use]
    pub fn new(meeting: MeetingId) -> Self {
        GetMeeting { meeting, occurrence_id: None, show_previous_occurrences: false }
    }
}

impl Endpoint for GetMeeting {
    type Answer = Meeting;
    const OPERATION: Operation = Operation::GetMeeting;

    fn path(&self) -> String {
        format!("/meetings/{}", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .maybe("occurrence_id", self.occurrence_id.clone())
            .maybe("show_previous_occurrences", self.show_previous_occurrences.then_some("true"))
            .done()
    }
}

wire! {
    /// The plan of one meeting.
    pub struct Meeting {
        /// The number of the series.
        pub id: Option<MeetingId>,
        /// UUID of the run that is next or on.
        pub uuid: Option<MeetingUuid>,
        /// Zoom's number for the kind.
        pub kind as "type": Option<MeetingKind>,
        /// What it is called.
        pub topic: Option<String>,
        /// What it is about.
        pub agenda: Option<String>,
        /// `waiting` or `started`; there is no word for ended.
        pub status: Option<String>,
        /// The host.
        pub host_id: Option<UserId>,
        /// The host's e-mail address.
        pub host_email: Option<String>,
        /// The user who scheduled it for the host.
        pub assistant_id: Option<UserId>,
        /// When it was scheduled, UTC.
        pub created_at: Option<Timestamp>,
        /// The app it was scheduled with.
        pub creation_source: Option<String>,
        /// Planned start, UTC.
        pub start_time: Option<Timestamp>,
        /// Planned length.
        pub duration: Option<PlannedMinutes>,
        /// The zone it was planned in, by its name in the zone database.
        pub timezone: Option<String>,
        /// Planned occurrences of a recurring meeting.
        pub occurrences: Vec<Occurrence>,
        /// How it recurs.
        pub recurrence: Option<Recurrence>,
        /// The personal meeting room it is held in.
        pub pmi: Option<MeetingId>,
        /// Whether it was scheduled in advance of an invitation.
        pub pre_schedule: Option<bool>,
        /// Address for participants.
        pub join_url: Option<String>,
        /// Address of its chat.
        pub chat_join_url: Option<String>,
        /// Address to register at.
        pub registration_url: Option<String>,
        /// Address that lets anyone in as host for two hours. Never keep it.
        pub start_url: Option<String>,
        /// Passcode.
        pub password: Option<String>,
        /// Passcode as it stands in links.
        pub encrypted_password: Option<String>,
        /// Passcode for telephones.
        pub pstn_password: Option<String>,
        /// Passcode for room systems.
        pub h323_password: Option<String>,
        /// Host key of this meeting alone.
        pub dynamic_host_key: Option<String>,
        /// Template it was made from.
        pub template_id: Option<String>,
        /// The account's own fields.
        pub tracking_fields: Vec<TrackingField>,
        /// Settings, as they came: there are some seventy of them.
        pub settings: Option<serde_json::Value>,
    }

    /// One planned occurrence.
    pub struct Occurrence {
        /// Identifier: its planned start in milliseconds, as text.
        pub occurrence_id: Option<String>,
        /// Planned start, UTC.
        pub start_time: Option<Timestamp>,
        /// Planned length.
        pub duration: Option<PlannedMinutes>,
        /// `available` or `deleted`.
        pub status: Option<String>,
    }

    /// How a meeting recurs.
    pub struct Recurrence {
        /// 1 daily, 2 weekly, 3 monthly.
        pub kind as "type": Option<i64>,
        /// Every so many days, weeks or months.
        pub repeat_interval: Option<i64>,
        /// Days of the week, 1 for Sunday, joined by commas.
        pub weekly_days: Option<String>,
        /// Day of the month.
        pub monthly_day: Option<i64>,
        /// Week of the month, -1 for the last.
        pub monthly_week: Option<i64>,
        /// Day of that week, 1 for Sunday.
        pub monthly_week_day: Option<i64>,
        /// How often.
        pub end_times: Option<i64>,
        /// Until when, UTC.
        pub end_date_time: Option<Timestamp>,
    }
}
