//! Dashboards: lists of meetings and webinars, and single ones. Business plan or higher.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::duration::ClockDuration;
use crate::endpoint::shared::{CustomKey, TrackingField};
use crate::endpoint::{Endpoint, Query, day, second};
use crate::id::{MeetingId, MeetingRef, MeetingUuid};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::Quality;

/// Which meetings a dashboard speaks of. Zoom's own default is `live`, so it is always sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MetricsType {
    /// Ended, with two people or more.
    Past,
    /// Ended, with one person. These are in no other list.
    PastOne,
    /// Still running.
    Live,
}

impl MetricsType {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MetricsType::Past => "past",
            MetricsType::PastOne => "pastOne",
            MetricsType::Live => "live",
        }
    }
}

/// Which webinars a dashboard speaks of. There is no list of webinars with one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WebinarMetricsType {
    /// Ended.
    Past,
    /// Still running.
    Live,
}

impl WebinarMetricsType {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            WebinarMetricsType::Past => "past",
            WebinarMetricsType::Live => "live",
        }
    }
}

/// Which end of a meeting has to lie in the asked-for span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryDateType {
    /// Its start, which is also Zoom's default.
    StartTime,
    /// Its end. With `past` only, and some accounts refuse it.
    EndTime,
}

impl QueryDateType {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            QueryDateType::StartTime => "start_time",
            QueryDateType::EndTime => "end_time",
        }
    }
}

/// The account's meetings in a span of at most one month within the last six. Resource-intensive.
///
/// The zone that `from` and `to` are read in is not documented: ask for a day more on both ends and
/// sort out by `start_time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsMeetings {
    /// Past, with one person, or live.
    pub kind: MetricsType,
    /// Beginning of the span, sent zero padded and to the second.
    pub from: DateTime,
    /// End of the span, sent zero padded and to the second.
    pub to: DateTime,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
    /// Whether start or end must lie in the span.
    pub query_date_type: Option<QueryDateType>,
    /// Only meetings of hosts in this group.
    pub group_id: Option<String>,
    /// Whether rows shall bring their tracking fields.
    pub with_tracking_fields: bool,
}

impl ListMetricsMeetings {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(kind: MetricsType, from: DateTime, to: DateTime) -> Self {
        ListMetricsMeetings {
            kind,
            from,
            to,
            page_size: Some(super::PAGE_SIZE_MAX),
            next_page_token: None,
            query_date_type: None,
            group_id: None,
            with_tracking_fields: false,
        }
    }
}

impl Endpoint for ListMetricsMeetings {
    type Answer = MetricsMeetings;
    const OPERATION: Operation = Operation::ListMetricsMeetings;

    fn path(&self) -> String {
        "/metrics/meetings".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .with("from", second(self.from))
            .with("to", second(self.to))
            .maybe("query_date_type", self.query_date_type.map(QueryDateType::as_str))
            .maybe("group_id", self.group_id.clone())
            .maybe("include_fields", self.with_tracking_fields.then_some("tracking_fields"))
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

/// The account's webinars in a span of at most one month within the last six. Resource-intensive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsWebinars {
    /// Past or live.
    pub kind: WebinarMetricsType,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
    /// Only webinars of hosts in this group.
    pub group_id: Option<String>,
}

impl ListMetricsWebinars {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(kind: WebinarMetricsType, from: Date, to: Date) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListMetricsWebinars { kind, from, to, page_size, next_page_token: None, group_id: None }
    }
}

impl Endpoint for ListMetricsWebinars {
    type Answer = MetricsWebinars;
    const OPERATION: Operation = Operation::ListMetricsWebinars;

    fn path(&self) -> String {
        "/metrics/webinars".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .with("from", day(self.from))
            .with("to", day(self.to))
            .maybe("group_id", self.group_id.clone())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

/// One meeting, live or past. A number means its latest run. Heavy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetricsMeeting {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Must fit the meeting: an ended one is not found among the live ones.
    pub kind: MetricsType,
}

impl Endpoint for GetMetricsMeeting {
    type Answer = MetricsMeeting;
    const OPERATION: Operation = Operation::GetMetricsMeeting;

    fn path(&self) -> String {
        format!("/metrics/meetings/{}", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().with("type", self.kind.as_str()).done()
    }
}

/// One webinar, live or past. Heavy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetricsWebinar {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Must fit the webinar: an ended one is not found among the live ones.
    pub kind: WebinarMetricsType,
}

impl Endpoint for GetMetricsWebinar {
    type Answer = MetricsMeeting;
    const OPERATION: Operation = Operation::GetMetricsWebinar;

    fn path(&self) -> String {
        format!("/metrics/webinars/{}", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().with("type", self.kind.as_str()).done()
    }
}

impl Paged for ListMetricsMeetings {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsMeetings { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

impl Paged for ListMetricsWebinars {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsWebinars { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of the account's meetings.
    pub struct MetricsMeetings {
        /// First day, as Zoom echoes it. Not always the day that was asked for.
        pub from: Option<String>,
        /// Last day, as Zoom echoes it. Not always the day that was asked for.
        pub to: Option<String>,
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The meetings of this page.
        pub meetings: Vec<MetricsMeeting>,
    }

    /// A page of the account's webinars.
    pub struct MetricsWebinars {
        /// First day, as Zoom echoes it.
        pub from: Option<String>,
        /// Last day, as Zoom echoes it.
        pub to: Option<String>,
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The webinars of this page.
        pub webinars: Vec<MetricsMeeting>,
    }

    /// One run of a meeting or webinar, as dashboards show it.
    ///
    /// Real meetings have come with empty times and no participants: the record is good, its times
    /// must be found elsewhere.
    pub struct MetricsMeeting {
        /// One per run.
        pub uuid: Option<MeetingUuid>,
        /// The number of the series.
        pub id: Option<MeetingId>,
        /// What it was called.
        pub topic: Option<String>,
        /// The host's display name.
        pub host: Option<String>,
        /// The host's e-mail address.
        pub email: Option<String>,
        /// The host's department.
        pub dept: Option<String>,
        /// The host's licence, such as `Licensed` or `Pro|Webinar1000`.
        pub user_type: Option<String>,
        /// Start, UTC.
        pub start_time: Option<Timestamp>,
        /// End, UTC.
        pub end_time: Option<Timestamp>,
        /// Length, `MM:SS` or `HH:MM:SS` on the wire.
        pub duration: Option<ClockDuration>,
        /// How many took part.
        pub participants: Option<u64>,
        /// How many sat behind Zoom Rooms and room systems.
        pub in_room_participants: Option<u64>,
        /// Telephones took part.
        pub has_pstn: Option<bool>,
        /// Computer sound was used.
        pub has_voip: Option<bool>,
        /// Another company's telephone bridge was used.
        pub has_3rd_party_audio: Option<bool>,
        /// Somebody's camera was on.
        pub has_video: Option<bool>,
        /// Somebody shared a screen.
        pub has_screen_share: Option<bool>,
        /// It was recorded.
        pub has_recording: Option<bool>,
        /// Room systems took part.
        pub has_sip: Option<bool>,
        /// It was archived.
        pub has_archiving: Option<bool>,
        /// Captions were typed.
        pub has_manual_captions: Option<bool>,
        /// Captions were made automatically.
        pub has_automated_captions: Option<bool>,
        /// Somebody from outside the account took part.
        pub has_external_participant: Option<bool>,
        /// It was summed up automatically. Single meetings only.
        pub has_meeting_summary: Option<bool>,
        /// There was a poll.
        pub has_poll: Option<bool>,
        /// There were questions and answers.
        pub has_qa: Option<bool>,
        /// There was a survey.
        pub has_survey: Option<bool>,
        /// Zoom's judgement of the sound.
        pub audio_quality: Option<Quality>,
        /// Zoom's judgement of the pictures.
        pub video_quality: Option<Quality>,
        /// Zoom's judgement of the shared screens.
        pub screen_share_quality: Option<Quality>,
        /// The Video SDK's key of the session.
        pub session_key: Option<String>,
        /// How long joining took on average; seconds, presumably: Zoom does not say.
        pub avg_jointime_cost: Option<f64>,
        /// The account's own keys.
        pub custom_keys: Vec<CustomKey>,
        /// The account's own fields, when asked for.
        pub tracking_fields: Vec<TrackingField>,
    }
}

page!(MetricsMeetings, meetings: MetricsMeeting, total);
page!(MetricsWebinars, webinars: MetricsMeeting, total);
