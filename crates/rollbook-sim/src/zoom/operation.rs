//! Which call a path means, what it costs, and what it needs.

use crate::limit::Label;

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    MetricsMeetings,
    MetricsMeeting,
    MetricsMeetingParticipants,
    MetricsMeetingQos,
    MetricsMeetingParticipantQos,
    MetricsMeetingQosSummary,
    MetricsMeetingSharing,
    MetricsMeetingSatisfaction,
    MetricsWebinars,
    MetricsWebinar,
    MetricsWebinarParticipants,
    MetricsWebinarQos,
    MetricsWebinarParticipantQos,
    MetricsWebinarQosSummary,
    MetricsWebinarSharing,
    MetricsWebinarSatisfaction,
    ReportUsers,
    ReportUserMeetings,
    ReportHistory,
    ReportMeeting,
    ReportMeetingParticipants,
    ReportWebinar,
    ReportWebinarParticipants,
    PastMeeting,
    PastMeetingInstances,
    PastMeetingParticipants,
    PastWebinarInstances,
    PastWebinarParticipants,
    Users,
    CreateUser,
    User,
    UserSettings,
    UserMeetings,
    CreateMeeting,
    UpcomingMeetings,
    UserWebinars,
    Meeting,
    UpdateMeeting,
    AccountSettings,
}

/// The part of Zoom an endpoint belongs to, for plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Dashboard,
    Report,
    Past,
    Plain,
}

use Operation::*;

impl Operation {
    /// The call that this method and these path segments after `/v2` mean, and the identifier in them, still encoded.
    pub(crate) fn of<'a>(method: &str, segments: &[&'a str]) -> Option<(Operation, &'a str)> {
        match (method, segments) {
            ("GET", _) => Operation::question(segments),
            ("POST", ["users"]) => Some((CreateUser, "")),
            ("POST", ["users", id, "meetings"]) => Some((CreateMeeting, *id)),
            ("PATCH", ["meetings", id]) => Some((UpdateMeeting, *id)),
            _ => None,
        }
    }

    fn question<'a>(segments: &[&'a str]) -> Option<(Operation, &'a str)> {
        Some(match *segments {
            ["metrics", "meetings"] => (MetricsMeetings, ""),
            ["metrics", "meetings", id] => (MetricsMeeting, id),
            ["metrics", "meetings", id, "participants"] => (MetricsMeetingParticipants, id),
            ["metrics", "meetings", id, "participants", "qos"] => (MetricsMeetingQos, id),
            ["metrics", "meetings", id, "participants", _, "qos"] => (MetricsMeetingParticipantQos, id),
            ["metrics", "meetings", id, "participants", "qos_summary"] => (MetricsMeetingQosSummary, id),
            ["metrics", "meetings", id, "participants", "sharing"] => (MetricsMeetingSharing, id),
            ["metrics", "meetings", id, "participants", "satisfaction"] => (MetricsMeetingSatisfaction, id),
            ["metrics", "webinars", id, "participants", "qos_summary"] => (MetricsWebinarQosSummary, id),
            ["metrics", "webinars", id, "participants", "sharing"] => (MetricsWebinarSharing, id),
            ["metrics", "webinars", id, "participants", "satisfaction"] => (MetricsWebinarSatisfaction, id),
            ["metrics", "webinars", id, "participants", "qos"] => (MetricsWebinarQos, id),
            ["metrics", "webinars", id, "participants", _, "qos"] => (MetricsWebinarParticipantQos, id),
            ["metrics", "webinars"] => (MetricsWebinars, ""),
            ["metrics", "webinars", id] => (MetricsWebinar, id),
            ["metrics", "webinars", id, "participants"] => (MetricsWebinarParticipants, id),
            ["report", "users"] => (ReportUsers, ""),
            ["report", "users", id, "meetings"] => (ReportUserMeetings, id),
            ["report", "history_meetings"] => (ReportHistory, ""),
            ["report", "meetings", id] => (ReportMeeting, id),
            ["report", "meetings", id, "participants"] => (ReportMeetingParticipants, id),
            ["report", "webinars", id] => (ReportWebinar, id),
            ["report", "webinars", id, "participants"] => (ReportWebinarParticipants, id),
            ["past_meetings", id] => (PastMeeting, id),
            ["past_meetings", id, "instances"] => (PastMeetingInstances, id),
            ["past_meetings", id, "participants"] => (PastMeetingParticipants, id),
            ["past_webinars", id, "instances"] => (PastWebinarInstances, id),
            ["past_webinars", id, "participants"] => (PastWebinarParticipants, id),
            ["users"] => (Users, ""),
            ["users", id] => (User, id),
            ["users", id, "settings"] => (UserSettings, id),
            ["users", id, "meetings"] => (UserMeetings, id),
            ["users", id, "upcoming_meetings"] => (UpcomingMeetings, id),
            ["users", id, "webinars"] => (UserWebinars, id),
            ["meetings", id] => (Meeting, id),
            ["accounts", id, "settings"] => (AccountSettings, id),
            _ => return None,
        })
    }

    /// Whether a master account may put `/accounts/{accountId}` before the path.
    pub(crate) fn has_master_form(self) -> bool {
        !matches!(
            self,
            PastMeeting
                | PastMeetingParticipants
                | PastWebinarParticipants
                | UpcomingMeetings
                | AccountSettings
        )
    }

    /// The HTTP method.
    pub(crate) fn method(self) -> &'static str {
        match self {
            CreateUser | CreateMeeting => "POST",
            UpdateMeeting => "PATCH",
            _ => "GET",
        }
    }

    /// The path with its parameters named, as the documents write it.
    pub(crate) fn path(self) -> &'static str {
        match self {
            MetricsMeetings => "/metrics/meetings",
            MetricsMeeting => "/metrics/meetings/{meetingId}",
            MetricsMeetingParticipants => "/metrics/meetings/{meetingId}/participants",
            MetricsMeetingQos => "/metrics/meetings/{meetingId}/participants/qos",
            MetricsMeetingParticipantQos => "/metrics/meetings/{meetingId}/participants/{participantId}/qos",
            MetricsWebinarQos => "/metrics/webinars/{webinarId}/participants/qos",
            MetricsWebinarParticipantQos => "/metrics/webinars/{webinarId}/participants/{participantId}/qos",
            MetricsMeetingQosSummary => "/metrics/meetings/{meetingId}/participants/qos_summary",
            MetricsMeetingSharing => "/metrics/meetings/{meetingId}/participants/sharing",
            MetricsMeetingSatisfaction => "/metrics/meetings/{meetingId}/participants/satisfaction",
            MetricsWebinarQosSummary => "/metrics/webinars/{webinarId}/participants/qos_summary",
            MetricsWebinarSharing => "/metrics/webinars/{webinarId}/participants/sharing",
            MetricsWebinarSatisfaction => "/metrics/webinars/{webinarId}/participants/satisfaction",
            MetricsWebinars => "/metrics/webinars",
            MetricsWebinar => "/metrics/webinars/{webinarId}",
            MetricsWebinarParticipants => "/metrics/webinars/{webinarId}/participants",
            ReportUsers => "/report/users",
            ReportUserMeetings => "/report/users/{userId}/meetings",
            ReportHistory => "/report/history_meetings",
            ReportMeeting => "/report/meetings/{meetingId}",
            ReportMeetingParticipants => "/report/meetings/{meetingId}/participants",
            ReportWebinar => "/report/webinars/{webinarId}",
            ReportWebinarParticipants => "/report/webinars/{webinarId}/participants",
            PastMeeting => "/past_meetings/{meetingId}",
            PastMeetingInstances => "/past_meetings/{meetingId}/instances",
            PastMeetingParticipants => "/past_meetings/{meetingId}/participants",
            PastWebinarInstances => "/past_webinars/{webinarId}/instances",
            PastWebinarParticipants => "/past_webinars/{webinarId}/participants",
            Users | CreateUser => "/users",
            User => "/users/{userId}",
            UserSettings => "/users/{userId}/settings",
            UserMeetings | CreateMeeting => "/users/{userId}/meetings",
            UpcomingMeetings => "/users/{userId}/upcoming_meetings",
            UserWebinars => "/users/{userId}/webinars",
            Meeting | UpdateMeeting => "/meetings/{meetingId}",
            AccountSettings => "/accounts/{accountId}/settings",
        }
    }

    /// Whether it tells of call quality.
    pub(crate) fn is_quality(self) -> bool {
        self.path().contains("/qos")
    }

    /// Whether it tells what people answered when they were asked.
    pub(crate) fn is_feedback(self) -> bool {
        matches!(self, MetricsMeetingSatisfaction | MetricsWebinarSatisfaction)
    }

    /// What it costs.
    pub(crate) fn label(self) -> Label {
        match self {
            MetricsMeetings | MetricsWebinars => Label::ResourceIntensive,
            PastMeeting | PastWebinarInstances | User | Meeting => Label::Light,
            CreateUser | CreateMeeting | UpdateMeeting => Label::Light,
            UserSettings | UpcomingMeetings | UserWebinars => Label::Medium,
            PastMeetingInstances | PastMeetingParticipants | PastWebinarParticipants => Label::Medium,
            Users | UserMeetings | AccountSettings => Label::Medium,
            _ => Label::Heavy,
        }
    }

    /// The part of Zoom it belongs to.
    pub(crate) fn area(self) -> Area {
        match self.path() {
            path if path.starts_with("/metrics") => Area::Dashboard,
            path if path.starts_with("/report") => Area::Report,
            path if path.starts_with("/past") => Area::Past,
            _ => Area::Plain,
        }
    }

    /// Any one of these scopes will do; classic ones first.
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            MetricsMeetings => &[
                "dashboard_meetings:read:admin",
                "dashboard:read:admin",
                "dashboard:read:list_meetings:admin",
            ],
            MetricsMeeting => &["dashboard_meetings:read:admin", "dashboard:read:meeting:admin"],
            MetricsMeetingParticipants => {
                &["dashboard_meetings:read:admin", "dashboard:read:list_meeting_participants:admin"]
            }
            MetricsMeetingQos => {
                &["dashboard_meetings:read:admin", "dashboard:read:list_meeting_participants_qos:admin"]
            }
            MetricsMeetingParticipantQos => {
                &["dashboard_meetings:read:admin", "dashboard:read:meeting_participant_qos:admin"]
            }
            MetricsWebinarQos => {
                &["dashboard_webinars:read:admin", "dashboard:read:list_webinar_participants_qos:admin"]
            }
            MetricsWebinarParticipantQos => {
                &["dashboard_webinars:read:admin", "dashboard:read:webinar_participant_qos:admin"]
            }
            MetricsMeetingQosSummary => &[
                "dashboard_meetings:read:admin",
                "dashboard:read:admin",
                "dashboard:read:list_meeting_participants_qos:admin",
            ],
            MetricsMeetingSharing => {
                &["dashboard_meetings:read:admin", "dashboard:read:meeting_sharing:admin"]
            }
            MetricsMeetingSatisfaction => {
                &["dashboard_meetings:read:admin", "dashboard:read:post_meeting_feedback:admin"]
            }
            MetricsWebinarQosSummary => &[
                "dashboard_webinars:read:admin",
                "dashboard:read:admin",
                "dashboard:read:list_webinar_participants_qos:admin",
            ],
            MetricsWebinarSharing => {
                &["dashboard_webinars:read:admin", "dashboard:read:webinar_sharing:admin"]
            }
            MetricsWebinarSatisfaction => {
                &["dashboard_webinars:read:admin", "dashboard:read:post_webinar_feedback:admin"]
            }
            MetricsWebinars => &["dashboard_webinars:read:admin", "dashboard:read:list_webinars:admin"],
            MetricsWebinar => &["dashboard_webinars:read:admin", "dashboard:read:webinar:admin"],
            MetricsWebinarParticipants => {
                &["dashboard_webinars:read:admin", "dashboard:read:list_webinar_participants:admin"]
            }
            ReportUsers => &["report:read:admin", "report:read:list_users:admin"],
            ReportUserMeetings => &["report:read:admin", "report:read:user:admin"],
            ReportHistory => &["report:read:admin", "report:read:list_history_meetings:admin"],
            ReportMeeting => &["report:read:admin", "report:read:meeting:admin"],
            ReportMeetingParticipants => {
                &["report:read:admin", "report:read:list_meeting_participants:admin"]
            }
            ReportWebinar => &["report:read:admin", "report:read:webinar:admin"],
            ReportWebinarParticipants => {
                &["report:read:admin", "report:read:list_webinar_participants:admin"]
            }
            PastMeeting => &["meeting:read:admin", "meeting:read:past_meeting:admin"],
            PastMeetingInstances => &["meeting:read:admin", "meeting:read:list_past_instances:admin"],
            PastMeetingParticipants => &["meeting:read:admin", "meeting:read:list_past_participants:admin"],
            PastWebinarInstances => &["webinar:read:admin", "webinar:read:list_past_instances:admin"],
            PastWebinarParticipants => &["webinar:read:admin", "webinar:read:list_past_participants:admin"],
            Users => &["user:read:admin", "user:read:list_users:admin"],
            User => &["user:read:admin", "user:read:user:admin"],
            CreateUser => &["user:write:admin", "user:write:user:admin"],
            UserSettings => &["user:read:admin", "user:read:settings:admin"],
            UserMeetings => &["meeting:read:admin", "meeting:read:list_meetings:admin"],
            CreateMeeting => &["meeting:write:admin", "meeting:write:meeting:admin"],
            UpdateMeeting => &["meeting:write:admin", "meeting:update:meeting:admin"],
            UpcomingMeetings => &["meeting:read:admin", "meeting:read:list_upcoming_meetings:admin"],
            UserWebinars => &["webinar:read:admin", "webinar:read:list_webinars:admin"],
            Meeting => &["meeting:read:admin", "meeting:read:meeting:admin"],
            AccountSettings => &["account:read:admin", "account:read:settings:admin"],
        }
    }

    /// Every endpoint.
    pub(crate) const ALL: [Operation; 39] = [
        MetricsMeetings,
        MetricsMeeting,
        MetricsMeetingParticipants,
        MetricsMeetingQos,
        MetricsMeetingParticipantQos,
        MetricsWebinarQos,
        MetricsWebinarParticipantQos,
        MetricsMeetingQosSummary,
        MetricsMeetingSharing,
        MetricsMeetingSatisfaction,
        MetricsWebinarQosSummary,
        MetricsWebinarSharing,
        MetricsWebinarSatisfaction,
        MetricsWebinars,
        MetricsWebinar,
        MetricsWebinarParticipants,
        ReportUsers,
        ReportUserMeetings,
        ReportHistory,
        ReportMeeting,
        ReportMeetingParticipants,
        ReportWebinar,
        ReportWebinarParticipants,
        PastMeeting,
        PastMeetingInstances,
        PastMeetingParticipants,
        PastWebinarInstances,
        PastWebinarParticipants,
        Users,
        CreateUser,
        User,
        UserSettings,
        UserMeetings,
        CreateMeeting,
        UpcomingMeetings,
        UserWebinars,
        Meeting,
        UpdateMeeting,
        AccountSettings,
    ];
}
