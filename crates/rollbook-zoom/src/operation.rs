//! Every request of Zoom's that this crate knows about, as one table.
//!
//! The table is data: labels, scopes and page sizes are looked up here and nowhere else.

use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::label::Label;

/// One of Zoom's requests: a method and a path template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `GET /metrics/meetings`: the account's live or past meetings, from the dashboard.
    ListMetricsMeetings,
    /// `GET /metrics/meetings/{meetingId}`: one meeting, from the dashboard.
    GetMetricsMeeting,
    /// `GET /metrics/meetings/{meetingId}/participants`: who was in a meeting, with device and network.
    ListMetricsMeetingParticipants,
    /// `GET /metrics/meetings/{meetingId}/participants/{participantId}/qos`: call quality of one participant of a meeting.
    GetMetricsMeetingParticipantQos,
    /// `GET /metrics/meetings/{meetingId}/participants/qos`: call quality of a meeting's participants.
    ListMetricsMeetingParticipantsQos,
    /// `GET /metrics/meetings/{meetingId}/participants/qos_summary`: call quality of a meeting's participants, summed up.
    ListMetricsMeetingParticipantsQosSummary,
    /// `GET /metrics/meetings/{meetingId}/participants/sharing`: what was shared in a meeting.
    ListMetricsMeetingSharing,
    /// `GET /metrics/meetings/{meetingId}/participants/satisfaction`: feedback given after a meeting.
    ListMetricsMeetingSatisfaction,
    /// `GET /metrics/webinars`: the account's live or past webinars, from the dashboard.
    ListMetricsWebinars,
    /// `GET /metrics/webinars/{webinarId}`: one webinar, from the dashboard.
    GetMetricsWebinar,
    /// `GET /metrics/webinars/{webinarId}/participants`: who was in a webinar, with device and network.
    ListMetricsWebinarParticipants,
    /// `GET /metrics/webinars/{webinarId}/participants/{participantId}/qos`: call quality of one participant of a webinar.
    GetMetricsWebinarParticipantQos,
    /// `GET /metrics/webinars/{webinarId}/participants/qos`: call quality of a webinar's participants.
    ListMetricsWebinarParticipantsQos,
    /// `GET /metrics/webinars/{webinarId}/participants/qos_summary`: call quality of a webinar's participants, summed up.
    ListMetricsWebinarParticipantsQosSummary,
    /// `GET /metrics/webinars/{webinarId}/participants/sharing`: what was shared in a webinar.
    ListMetricsWebinarSharing,
    /// `GET /metrics/webinars/{webinarId}/participants/satisfaction`: feedback given after a webinar.
    ListMetricsWebinarSatisfaction,
    /// `GET /metrics/quality`: quality scores of the account's meetings.
    GetMetricsQuality,
    /// `GET /report/users`: hosts that were active, or were not, in a period.
    ListReportUsers,
    /// `GET /report/users/{userId}/meetings`: past meetings and webinars of one host.
    ListReportUserMeetings,
    /// `GET /report/history_meetings`: past meetings and webinars of the account.
    ListHistoryMeetings,
    /// `GET /report/meetings/{meetingId}`: totals of one past meeting.
    GetReportMeeting,
    /// `GET /report/meetings/{meetingId}/participants`: who was in a past meeting, with breakout rooms.
    ListReportMeetingParticipants,
    /// `GET /report/webinars/{webinarId}`: totals of one past webinar.
    GetReportWebinar,
    /// `GET /report/webinars/{webinarId}/participants`: who was in a past webinar.
    ListReportWebinarParticipants,
    /// `GET /report/daily`: totals of the account by day.
    GetReportDaily,
    /// `GET /report/meeting_activities`: the log of what was done in meetings.
    ListReportMeetingActivities,
    /// `GET /report/telephone`: telephone use in meetings.
    ListReportTelephone,
    /// `GET /report/activities`: sign-ins and sign-outs.
    ListReportActivities,
    /// `GET /past_meetings/{meetingId}`: times and totals of one past meeting.
    GetPastMeeting,
    /// `GET /past_meetings/{meetingId}/instances`: the runs of a meeting number.
    ListPastMeetingInstances,
    /// `GET /past_meetings/{meetingId}/participants`: who was in a past meeting, outside the daily allowance.
    ListPastMeetingParticipants,
    /// `GET /past_webinars/{webinarId}/instances`: the runs of a webinar number.
    ListPastWebinarInstances,
    /// `GET /past_webinars/{webinarId}/participants`: who was in a past webinar, outside the daily allowance.
    ListPastWebinarParticipants,
    /// `GET /past_webinars/{webinarId}/absentees`: who had registered for a webinar and did not come.
    ListPastWebinarAbsentees,
    /// `GET /users`: the account's users of one status.
    ListUsers,
    /// `POST /users`: adds a user.
    CreateUser,
    /// `GET /users/{userId}`: one user.
    GetUser,
    /// `PATCH /users/{userId}`: changes a user.
    UpdateUser,
    /// `GET /users/{userId}/settings`: one user's settings.
    GetUserSettings,
    /// `GET /users/{userId}/meetings`: the meetings a user has scheduled.
    ListUserMeetings,
    /// `POST /users/{userId}/meetings`: schedules a meeting.
    CreateMeeting,
    /// `GET /users/{userId}/upcoming_meetings`: the meetings a user has ahead.
    ListUpcomingMeetings,
    /// `GET /users/{userId}/webinars`: the webinars a user has scheduled.
    ListUserWebinars,
    /// `GET /meetings/{meetingId}`: the plan of one meeting.
    GetMeeting,
    /// `PATCH /meetings/{meetingId}`: changes the plan of a meeting.
    UpdateMeeting,
    /// `DELETE /meetings/{meetingId}`: deletes a meeting.
    DeleteMeeting,
    /// `GET /meetings/{meetingId}/invitation`: the text of an invitation.
    GetMeetingInvitation,
    /// `GET /meetings/{meetingId}/registrants`: who has registered for a meeting.
    ListMeetingRegistrants,
    /// `GET /accounts/{accountId}/settings`: the account's settings.
    GetAccountSettings,
}

/// How the answer comes in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// In one piece.
    Whole,
    /// In pages, one page a request, joined by `next_page_token`.
    Token,
}

/// How many rows a page holds. `None` where Zoom does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageSize {
    /// Rows when the request does not ask for a number.
    pub default: Option<u16>,
    /// The most rows one may ask for. Zoom may silently give fewer: read back `page_size`.
    pub max: Option<u16>,
}

/// What is known about an operation before it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The operation.
    pub operation: Operation,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path below the API's base address, with `{names}` for what is filled in.
    pub path: &'static str,
    /// What it costs.
    pub label: Label,
    /// Classic scopes, any of which allows it.
    pub classic_scopes: &'static [&'static str],
    /// Granular scopes, any of which allows it.
    pub granular_scopes: &'static [&'static str],
    /// Whether the answer comes in pages.
    pub page_kind: PageKind,
    /// Rows a page, for answers that come in pages.
    pub page_size: Option<PageSize>,
    /// Whether a master account may ask it for a sub-account (`/accounts/{accountId}` before the path).
    pub has_master_variant: bool,
}

impl Operation {
    /// Every operation, in the order of the table.
    pub const ALL: [Operation; 49] = [
        Operation::ListMetricsMeetings,
        Operation::GetMetricsMeeting,
        Operation::ListMetricsMeetingParticipants,
        Operation::GetMetricsMeetingParticipantQos,
        Operation::ListMetricsMeetingParticipantsQos,
        Operation::ListMetricsMeetingParticipantsQosSummary,
        Operation::ListMetricsMeetingSharing,
        Operation::ListMetricsMeetingSatisfaction,
        Operation::ListMetricsWebinars,
        Operation::GetMetricsWebinar,
        Operation::ListMetricsWebinarParticipants,
        Operation::GetMetricsWebinarParticipantQos,
        Operation::ListMetricsWebinarParticipantsQos,
        Operation::ListMetricsWebinarParticipantsQosSummary,
        Operation::ListMetricsWebinarSharing,
        Operation::ListMetricsWebinarSatisfaction,
        Operation::GetMetricsQuality,
        Operation::ListReportUsers,
        Operation::ListReportUserMeetings,
        Operation::ListHistoryMeetings,
        Operation::GetReportMeeting,
        Operation::ListReportMeetingParticipants,
        Operation::GetReportWebinar,
        Operation::ListReportWebinarParticipants,
        Operation::GetReportDaily,
        Operation::ListReportMeetingActivities,
        Operation::ListReportTelephone,
        Operation::ListReportActivities,
        Operation::GetPastMeeting,
        Operation::ListPastMeetingInstances,
        Operation::ListPastMeetingParticipants,
        Operation::ListPastWebinarInstances,
        Operation::ListPastWebinarParticipants,
        Operation::ListPastWebinarAbsentees,
        Operation::ListUsers,
        Operation::CreateUser,
        Operation::GetUser,
        Operation::UpdateUser,
        Operation::GetUserSettings,
        Operation::ListUserMeetings,
        Operation::CreateMeeting,
        Operation::ListUpcomingMeetings,
        Operation::ListUserWebinars,
        Operation::GetMeeting,
        Operation::UpdateMeeting,
        Operation::DeleteMeeting,
        Operation::GetMeetingInvitation,
        Operation::ListMeetingRegistrants,
        Operation::GetAccountSettings,
    ];

    /// All that is known about the operation.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        &TABLE[self as usize]
    }

    /// What one request costs.
    #[must_use]
    pub fn label(self) -> Label {
        self.facts().label
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(self) -> Method {
        match self.facts().method {
            "POST" => Method::POST,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => Method::GET,
        }
    }

    /// Whether a token with these scopes may ask the operation. Scopes that end in `:master` count
    /// like the ones that end in `:admin`.
    #[must_use]
    pub fn is_allowed_by<'a>(self, granted: impl IntoIterator<Item = &'a str>) -> bool {
        let facts = self.facts();
        granted.into_iter().any(|scope| {
            let plain = scope.strip_suffix(":master").map(|stem| format!("{stem}:admin"));
            let plain = plain.as_deref().unwrap_or(scope);
            [facts.classic_scopes, facts.granular_scopes].concat().iter().any(|&s| s == scope || s == plain)
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = self.facts();
        write!(f, "{} {}", facts.method, facts.path)
    }
}

/// The table. Its order is that of the enumeration, which a test checks.
#[rustfmt::skip]
const TABLE: [Facts; 49] = [
    Facts {
        operation: Operation::ListMetricsMeetings, method: "GET", path: "/metrics/meetings", label: Label::ResourceIntensive,
        classic_scopes: &["dashboard_meetings:read:admin", "dashboard:read:admin"],
        granular_scopes: &["dashboard:read:list_meetings:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMetricsMeeting, method: "GET", path: "/metrics/meetings/{meetingId}", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin"],
        granular_scopes: &["dashboard:read:meeting:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsMeetingParticipants, method: "GET", path: "/metrics/meetings/{meetingId}/participants", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin"],
        granular_scopes: &["dashboard:read:list_meeting_participants:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMetricsMeetingParticipantQos, method: "GET", path: "/metrics/meetings/{meetingId}/participants/{participantId}/qos", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin"],
        granular_scopes: &["dashboard:read:meeting_participant_qos:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsMeetingParticipantsQos, method: "GET", path: "/metrics/meetings/{meetingId}/participants/qos", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin"],
        granular_scopes: &["dashboard:read:list_meeting_participants_qos:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(1), max: Some(10) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsMeetingParticipantsQosSummary, method: "GET", path: "/metrics/meetings/{meetingId}/participants/qos_summary", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin", "dashboard:read:admin"],
        granular_scopes: &["dashboard:read:list_meeting_participants_qos:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(1), max: Some(10) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsMeetingSharing, method: "GET", path: "/metrics/meetings/{meetingId}/participants/sharing", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin"],
        granular_scopes: &["dashboard:read:meeting_sharing:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsMeetingSatisfaction, method: "GET", path: "/metrics/meetings/{meetingId}/participants/satisfaction", label: Label::Heavy,
        classic_scopes: &["dashboard_meetings:read:admin"],
        granular_scopes: &["dashboard:read:post_meeting_feedback:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsWebinars, method: "GET", path: "/metrics/webinars", label: Label::ResourceIntensive,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:list_webinars:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMetricsWebinar, method: "GET", path: "/metrics/webinars/{webinarId}", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:webinar:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsWebinarParticipants, method: "GET", path: "/metrics/webinars/{webinarId}/participants", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:list_webinar_participants:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMetricsWebinarParticipantQos, method: "GET", path: "/metrics/webinars/{webinarId}/participants/{participantId}/qos", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:webinar_participant_qos:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsWebinarParticipantsQos, method: "GET", path: "/metrics/webinars/{webinarId}/participants/qos", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:list_webinar_participants_qos:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(1), max: Some(10) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsWebinarParticipantsQosSummary, method: "GET", path: "/metrics/webinars/{webinarId}/participants/qos_summary", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin", "dashboard:read:admin"],
        granular_scopes: &["dashboard:read:list_webinar_participants_qos:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(1), max: Some(10) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsWebinarSharing, method: "GET", path: "/metrics/webinars/{webinarId}/participants/sharing", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:webinar_sharing:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMetricsWebinarSatisfaction, method: "GET", path: "/metrics/webinars/{webinarId}/participants/satisfaction", label: Label::Heavy,
        classic_scopes: &["dashboard_webinars:read:admin"],
        granular_scopes: &["dashboard:read:post_webinar_feedback:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMetricsQuality, method: "GET", path: "/metrics/quality", label: Label::Heavy,
        classic_scopes: &["dashboard_home:read:admin"],
        granular_scopes: &["dashboard:read:meeting_quality_score:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListReportUsers, method: "GET", path: "/report/users", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:list_users:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListReportUserMeetings, method: "GET", path: "/report/users/{userId}/meetings", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:user:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListHistoryMeetings, method: "GET", path: "/report/history_meetings", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:list_history_meetings:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: None, max: None }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetReportMeeting, method: "GET", path: "/report/meetings/{meetingId}", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:meeting:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListReportMeetingParticipants, method: "GET", path: "/report/meetings/{meetingId}/participants", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:list_meeting_participants:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetReportWebinar, method: "GET", path: "/report/webinars/{webinarId}", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:webinar:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListReportWebinarParticipants, method: "GET", path: "/report/webinars/{webinarId}/participants", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:list_webinar_participants:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetReportDaily, method: "GET", path: "/report/daily", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &[],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: false,
    },
    Facts {
        operation: Operation::ListReportMeetingActivities, method: "GET", path: "/report/meeting_activities", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:meeting_activity_log:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListReportTelephone, method: "GET", path: "/report/telephone", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:telephone:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListReportActivities, method: "GET", path: "/report/activities", label: Label::Heavy,
        classic_scopes: &["report:read:admin"],
        granular_scopes: &["report:read:user_activities:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: None, max: None }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetPastMeeting, method: "GET", path: "/past_meetings/{meetingId}", label: Label::Light,
        classic_scopes: &["meeting:read:admin", "meeting:read"],
        granular_scopes: &["meeting:read:past_meeting", "meeting:read:past_meeting:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: false,
    },
    Facts {
        operation: Operation::ListPastMeetingInstances, method: "GET", path: "/past_meetings/{meetingId}/instances", label: Label::Medium,
        classic_scopes: &["meeting:read:admin", "meeting:read"],
        granular_scopes: &["meeting:read:list_past_instances", "meeting:read:list_past_instances:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListPastMeetingParticipants, method: "GET", path: "/past_meetings/{meetingId}/participants", label: Label::Medium,
        classic_scopes: &["meeting:read:admin", "meeting:read"],
        granular_scopes: &["meeting:read:list_past_participants", "meeting:read:list_past_participants:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: false,
    },
    Facts {
        operation: Operation::ListPastWebinarInstances, method: "GET", path: "/past_webinars/{webinarId}/instances", label: Label::Light,
        classic_scopes: &["webinar:read:admin", "webinar:read"],
        granular_scopes: &["webinar:read:list_past_instances", "webinar:read:list_past_instances:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListPastWebinarParticipants, method: "GET", path: "/past_webinars/{webinarId}/participants", label: Label::Medium,
        classic_scopes: &["webinar:read:admin", "webinar:read"],
        granular_scopes: &["webinar:read:list_past_participants:admin", "webinar:read:list_past_participants"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: false,
    },
    Facts {
        operation: Operation::ListPastWebinarAbsentees, method: "GET", path: "/past_webinars/{webinarId}/absentees", label: Label::Heavy,
        classic_scopes: &["webinar:read:admin", "webinar:read"],
        granular_scopes: &["webinar:read:list_absentees", "webinar:read:list_absentees:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::ListUsers, method: "GET", path: "/users", label: Label::Medium,
        classic_scopes: &["user:read:admin"],
        granular_scopes: &["user:read:list_users:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::CreateUser, method: "POST", path: "/users", label: Label::Light,
        classic_scopes: &["user:write:admin"],
        granular_scopes: &["user:write:user:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::GetUser, method: "GET", path: "/users/{userId}", label: Label::Light,
        classic_scopes: &["user:read:admin", "user:read", "user_info:read"],
        granular_scopes: &["user:read:user", "user:read:user:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::UpdateUser, method: "PATCH", path: "/users/{userId}", label: Label::Light,
        classic_scopes: &["user:write:admin", "user:write"],
        granular_scopes: &["user:update:user", "user:update:user:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::GetUserSettings, method: "GET", path: "/users/{userId}/settings", label: Label::Medium,
        classic_scopes: &["user:read:admin", "user:read"],
        granular_scopes: &["user:read:settings", "user:read:settings:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListUserMeetings, method: "GET", path: "/users/{userId}/meetings", label: Label::Medium,
        classic_scopes: &["meeting:read:admin", "meeting:read"],
        granular_scopes: &["meeting:read:list_meetings", "meeting:read:list_meetings:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::CreateMeeting, method: "POST", path: "/users/{userId}/meetings", label: Label::Light,
        classic_scopes: &["meeting:write:admin", "meeting:write"],
        granular_scopes: &["meeting:write:meeting", "meeting:write:meeting:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListUpcomingMeetings, method: "GET", path: "/users/{userId}/upcoming_meetings", label: Label::Medium,
        classic_scopes: &["meeting:read", "meeting:read:admin"],
        granular_scopes: &["meeting:read:list_upcoming_meetings", "meeting:read:list_upcoming_meetings:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: false,
    },
    Facts {
        operation: Operation::ListUserWebinars, method: "GET", path: "/users/{userId}/webinars", label: Label::Medium,
        classic_scopes: &["webinar:read:admin", "webinar:read"],
        granular_scopes: &["webinar:read:list_webinars", "webinar:read:list_webinars:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMeeting, method: "GET", path: "/meetings/{meetingId}", label: Label::Light,
        classic_scopes: &["meeting:read", "meeting:read:admin"],
        granular_scopes: &["meeting:read:meeting", "meeting:read:meeting:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::UpdateMeeting, method: "PATCH", path: "/meetings/{meetingId}", label: Label::Light,
        classic_scopes: &["meeting:write", "meeting:write:admin"],
        granular_scopes: &["meeting:update:meeting:admin", "meeting:update:meeting"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::DeleteMeeting, method: "DELETE", path: "/meetings/{meetingId}", label: Label::Light,
        classic_scopes: &["meeting:write:admin", "meeting:write"],
        granular_scopes: &["meeting:delete:meeting", "meeting:delete:meeting:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::GetMeetingInvitation, method: "GET", path: "/meetings/{meetingId}/invitation", label: Label::Light,
        classic_scopes: &["meeting:read", "meeting:read:admin"],
        granular_scopes: &["meeting:read:invitation", "meeting:read:invitation:admin"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: true,
    },
    Facts {
        operation: Operation::ListMeetingRegistrants, method: "GET", path: "/meetings/{meetingId}/registrants", label: Label::Medium,
        classic_scopes: &["meeting:read:admin", "meeting:read"],
        granular_scopes: &["meeting:read:list_registrants", "meeting:read:list_registrants:admin"],
        page_kind: PageKind::Token, page_size: Some(PageSize { default: Some(30), max: Some(300) }), has_master_variant: true,
    },
    Facts {
        operation: Operation::GetAccountSettings, method: "GET", path: "/accounts/{accountId}/settings", label: Label::Medium,
        classic_scopes: &["account:read:admin"],
        granular_scopes: &["account:read:settings:admin", "account:read:settings:master"],
        page_kind: PageKind::Whole, page_size: None, has_master_variant: false,
    },
];
