//! What each request looks like on the wire, and the gist of what its sample says.

use jiff::civil::date;
use rollbook_zoom::client::RawRequest;
use rollbook_zoom::endpoint::ForSubAccount;
use rollbook_zoom::endpoint::account_settings::{AccountSettings, GetAccountSettings};
use rollbook_zoom::endpoint::meetings::{GetMeeting, Meeting};
use rollbook_zoom::endpoint::metrics::{
    GetMetricsMeeting, GetMetricsWebinar, ListMetricsMeetings, ListMetricsWebinars, MetricsType,
    QueryDateType, WebinarMetricsType,
};
use rollbook_zoom::endpoint::metrics_participants::{
    ListMetricsMeetingParticipants, ListMetricsWebinarParticipants, MetricsMeetingParticipants,
};
use rollbook_zoom::endpoint::past_meetings::{
    GetPastMeeting, ListPastMeetingInstances, ListPastMeetingParticipants, PastMeeting, PastParticipants,
};
use rollbook_zoom::endpoint::past_webinars::{
    ListPastWebinarAbsentees, ListPastWebinarInstances, ListPastWebinarParticipants,
};
use rollbook_zoom::endpoint::reports::{
    GetReportMeeting, GetReportWebinar, HistoryMeetings, ListHistoryMeetings, ListReportMeetingParticipants,
    ListReportUserMeetings, ListReportUsers, ListReportWebinarParticipants, ReportMeetingsType,
    ReportParticipants, ReportUserMeetings,
};
use rollbook_zoom::endpoint::users::{GetUser, ListUsers, Users};
use rollbook_zoom::word::{ParticipantStatus, Quality, UserStatus};
use rollbook_zoom::{Endpoint, MeetingId, MeetingRef, MeetingUuid, PageToken, Paged, UserId, decode};
use serde::de::DeserializeOwned;

use crate::fake::sample;

fn check<E: Endpoint>(endpoint: &E, target: &str) {
    assert_eq!(RawRequest::of(endpoint).target, target);
}

fn number() -> MeetingRef {
    MeetingId(93_201_235_621).into()
}

fn run() -> MeetingUuid {
    "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap()
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    decode(sample(name).as_bytes()).unwrap().value
}

#[test]
fn dashboards_are_asked_with_a_type_and_padded_times() {
    let mut list = ListMetricsMeetings::new(
        MetricsType::PastOne,
        date(2024, 2, 2).at(1, 0, 0, 0),
        date(2024, 2, 3).at(6, 5, 4, 0),
    );
    check(
        &list,
        "/metrics/meetings?type=pastOne&from=2024-02-02%2001%3A00%3A00&to=2024-02-03%2006%3A05%3A04&page_size=300",
    );
    list.query_date_type = Some(QueryDateType::EndTime);
    list.page_size = None;
    check(
        &list.with_token(&PageToken("a+b".to_owned())),
        "/metrics/meetings?type=pastOne&from=2024-02-02%2001%3A00%3A00&to=2024-02-03%2006%3A05%3A04\
         &query_date_type=end_time&next_page_token=a%2Bb",
    );
    let webinars = ListMetricsWebinars::new(WebinarMetricsType::Past, date(2024, 2, 2), date(2024, 2, 3));
    check(&webinars, "/metrics/webinars?type=past&from=2024-02-02&to=2024-02-03&page_size=300");
    check(
        &GetMetricsMeeting { meeting: number(), kind: MetricsType::Past },
        "/metrics/meetings/93201235621?type=past",
    );
    check(
        &GetMetricsWebinar { webinar: run().into(), kind: WebinarMetricsType::Live },
        "/metrics/webinars/gm8s9L%2BPTEC%2BFG3sFbd1Cw%3D%3D?type=live",
    );
    check(
        &ListMetricsMeetingParticipants::new(number(), MetricsType::Past),
        "/metrics/meetings/93201235621/participants?type=past&include_fields=registrant_id&page_size=300",
    );
    check(
        &ListMetricsMeetingParticipants::new(number(), MetricsType::Live),
        "/metrics/meetings/93201235621/participants?type=live&page_size=300",
    );
    check(
        &ListMetricsWebinarParticipants::new(number(), WebinarMetricsType::Past),
        "/metrics/webinars/93201235621/participants?type=past&include_fields=registrant_id&page_size=300",
    );
}

#[test]
fn reports_are_asked_by_day() {
    let (from, to) = (date(2024, 2, 2), date(2024, 2, 3));
    let token = PageToken("t".to_owned());
    check(
        &ListReportUsers::active(from, to).with_token(&token),
        "/report/users?type=active&from=2024-02-02&to=2024-02-03&page_size=300&next_page_token=t",
    );
    check(
        &ListReportUserMeetings::new(
            UserId::new("jill@example.com").unwrap(),
            ReportMeetingsType::PastJoined,
            from,
            to,
        ),
        "/report/users/jill%40example.com/meetings?type=pastJoined&from=2024-02-02&to=2024-02-03&page_size=300",
    );
    check(
        &ListHistoryMeetings::new(from, to),
        "/report/history_meetings?meeting_type=all&from=2024-02-02&to=2024-02-03&page_size=300",
    );
    check(&GetReportMeeting { meeting: number() }, "/report/meetings/93201235621");
    check(&GetReportWebinar { webinar: number() }, "/report/webinars/93201235621");
    check(
        &ListReportMeetingParticipants::new(number()),
        "/report/meetings/93201235621/participants?include_fields=registrant_id&page_size=300",
    );
    check(
        &ListReportWebinarParticipants::new(number()),
        "/report/webinars/93201235621/participants?include_fields=registrant_id&page_size=300",
    );
}

#[test]
fn past_meetings_users_and_plans_are_asked_plainly() {
    let webinar = MeetingId(7);
    check(&GetPastMeeting { meeting: number() }, "/past_meetings/93201235621");
    check(&ListPastMeetingInstances { meeting: MeetingId(7) }, "/past_meetings/7/instances");
    check(
        &ListPastMeetingParticipants::new(run()),
        "/past_meetings/gm8s9L%2BPTEC%2BFG3sFbd1Cw%3D%3D/participants?include_fields=registrant_id&page_size=300",
    );
    check(&ListPastWebinarInstances { webinar }, "/past_webinars/7/instances");
    check(
        &ListPastWebinarParticipants::new(webinar),
        "/past_webinars/7/participants?include_fields=registrant_id&page_size=300",
    );
    check(&ListPastWebinarAbsentees::new(webinar), "/past_webinars/7/absentees?page_size=300");
    check(&ListUsers::new(UserStatus::Inactive), "/users?status=inactive&page_size=300");
    check(&GetUser { user: UserId::new("me").unwrap() }, "/users/me");
    let mut meeting = GetMeeting::new(webinar);
    check(&meeting, "/meetings/7");
    meeting.show_previous_occurrences = true;
    check(&meeting, "/meetings/7?show_previous_occurrences=true");
    check(&GetAccountSettings::default(), "/accounts/me/settings");
}

#[test]
fn a_master_account_asks_for_a_sub_account_where_zoom_lets_it() {
    let list = ForSubAccount::new("sub/1", ListReportMeetingParticipants::new(number())).unwrap();
    check(
        &list.with_token(&PageToken("t".to_owned())),
        "/accounts/sub%2F1/report/meetings/93201235621/participants\
         ?include_fields=registrant_id&page_size=300&next_page_token=t",
    );
    assert_eq!(ForSubAccount::new("sub", ListPastMeetingParticipants::new(number())), None);
}

#[test]
fn rows_of_participants_say_who_when_and_for_how_long() {
    let past: PastParticipants = read("past_meetings-meetingId-participants_GET");
    let row = &past.participants[0];
    assert_eq!(row.name.as_deref(), Some("Jill Chill"));
    assert_eq!(row.user_id.as_deref(), Some("27423744"));
    assert_eq!(row.duration.unwrap().0, 259);
    assert_eq!(row.join_time, Some("2022-03-23T06:58:09Z".parse().unwrap()));
    assert_eq!(row.status, Some(ParticipantStatus::InMeeting));
    assert_eq!(row.internal_user, Some(false));

    let report: ReportParticipants = read("report-webinars-webinarId-participants_GET");
    let row = &report.participants[0];
    assert_eq!(row.join_time, Some("2019-02-01T12:34:12.66Z".parse().unwrap()));
    assert_eq!(row.bo_mtg_id.as_deref(), Some("Dkgwu8nm/ExG1vM+GhLRhA=="));

    let metrics: MetricsMeetingParticipants = read("metrics-meetings-meetingId-participants_GET");
    let row = &metrics.participants[0];
    assert_eq!(row.audio_quality, Some(Quality::Good));
    assert_eq!(row.audio_call[0].call_type.as_deref(), Some("call-in"));
    assert_eq!(row.group_id.as_deref(), Some("TcjqVCTzRy6hLa0d8WpAIg"));
    assert_eq!(row.internal_ip_addresses, ["192.0.2.1"]);
}

#[test]
fn single_answers_keep_their_units() {
    let past: PastMeeting = read("past_meetings-meetingId_GET");
    assert_eq!(past.id, Some(MeetingId(5_638_296_721)));
    assert_eq!((past.duration.unwrap().0, past.total_minutes.unwrap().0), (60, 55));
    let plan: Meeting = read("meetings-meetingId_GET");
    assert_eq!(plan.duration.unwrap().0, 60);
    assert_eq!(plan.occurrences[0].occurrence_id.as_deref(), Some("1648194360000"));
    assert_eq!(plan.recurrence.unwrap().weekly_days.as_deref(), Some("1"));
    assert_eq!(plan.settings.unwrap()["waiting_room"], false);
    let history: HistoryMeetings = read("report-history_meetings_GET");
    assert!(history.history_meetings[0].feature_used["poll"]);
    let users: Users = read("users_GET");
    assert_eq!(users.users[0].status, Some(UserStatus::Active));
    let report: ReportUserMeetings = read("report-users-userId-meetings_GET");
    assert_eq!(report.meetings[0].schedule_time.unwrap().0, date(2021, 12, 22).at(16, 20, 0, 0));
}

#[test]
fn account_settings_name_what_reports_depend_on() {
    let settings: AccountSettings = read("accounts-accountId-settings_GET");
    assert_eq!(settings.meeting_capacity(), Some(100));
    assert_eq!(settings.is_on("chat", "translate_messages"), Some(true));
    assert_eq!(settings.is_on("chat", "no such setting"), None);
    let settings: AccountSettings =
        decode(br#"{"in_meeting":{"attendee_on_hold":true,"breakout_room":false}}"#).unwrap().value;
    assert_eq!((settings.has_waiting_room(), settings.has_breakout_rooms()), (Some(true), Some(false)));
}
