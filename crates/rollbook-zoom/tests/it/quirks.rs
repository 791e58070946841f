//! One test for each of Zoom's known surprises that reaches this crate, named by its number.

use jiff::Timestamp;
use jiff::civil::date;
use rollbook_zoom::client::RawRequest;
use rollbook_zoom::duration::{ClockDuration, PersonMinutes, RoundedMinutes, Seconds};
use rollbook_zoom::endpoint::metrics::{
    GetMetricsMeeting, ListMetricsMeetings, MetricsMeetings, MetricsType, QueryDateType,
};
use rollbook_zoom::endpoint::metrics_participants::{
    ListMetricsMeetingParticipants, MetricsMeetingParticipants, MetricsParticipant,
};
use rollbook_zoom::endpoint::metrics_qos::{
    GetMetricsMeetingParticipantQos, ListMetricsMeetingParticipantsQos, ParticipantsQos, QOS_PAGE_SIZE,
    QosSample, QosType, StreamName, StreamQos,
};
use rollbook_zoom::endpoint::metrics_qos_summary::{ListMetricsMeetingParticipantsQosSummary, QosSummaries};
use rollbook_zoom::endpoint::past_meetings::{
    GetPastMeeting, ListPastMeetingParticipants, PastMeeting, PastParticipants,
};
use rollbook_zoom::endpoint::reports::{
    HistoryMeetings, ListReportMeetingParticipants, ListReportUserMeetings, ReportMeetingsType,
    ReportParticipants, ReportUserMeetings, ReportUsers,
};
use rollbook_zoom::error::{ErrorKind, PlanNeeded};
use rollbook_zoom::quantity::{Dbm, Fps, Kbps, Milliseconds, Percent, Resolution};
use rollbook_zoom::word::{MeetingKind, ParticipantStatus, Quality, SignalUnit};
use rollbook_zoom::{
    Advice, Decoded, Label, MeetingId, MeetingRef, MeetingUuid, Operation, Page, ParticipantId, RateLimit,
    SkipReason, UserId, decode,
};
use serde::de::DeserializeOwned;

use crate::errors::refused;
use crate::fake::{Fake, answer, client, now, sample};
use crate::limits;

fn read<T: DeserializeOwned>(body: &str) -> Decoded<T> {
    decode(body.as_bytes()).unwrap()
}

/// A page of participants with one row.
fn row(members: &str) -> (MetricsParticipant, u32) {
    let mut page: Decoded<MetricsMeetingParticipants> =
        read(&format!(r#"{{"participants":[{{{members}}}]}}"#));
    (page.value.participants.remove(0), page.unreadable)
}

fn skipped(reason: SkipReason) -> Advice {
    Advice::Skip(reason)
}

#[test]
fn quirk_01_empty_times_are_absent_and_the_record_is_kept() {
    let page: Decoded<MetricsMeetings> = read(&sample("observed-metrics-meetings-empty-times_GET"));
    let meeting = &page.value.meetings[0];
    assert_eq!((meeting.start_time, meeting.end_time, meeting.duration), (None, None, None));
    assert_eq!(meeting.participants, Some(0));
    assert!(meeting.uuid.is_some() && meeting.id.is_some());
    assert_eq!(page.unreadable, 0);
}

#[test]
fn quirk_02_the_type_is_always_sent() {
    let day = date(2026, 11, 19).at(0, 0, 0, 0);
    let list = RawRequest::of(&ListMetricsMeetings::new(MetricsType::Past, day, day));
    assert!(list.target.starts_with("/metrics/meetings?type=past&"), "{}", list.target);
    let one = RawRequest::of(&GetMetricsMeeting { meeting: MeetingId(1).into(), kind: MetricsType::Past });
    assert_eq!(one.target, "/metrics/meetings/1?type=past");
}

#[test]
fn quirk_03_one_person_meetings_have_a_type_of_their_own() {
    let rows = RawRequest::of(&ListMetricsMeetingParticipants::new(MeetingId(1), MetricsType::PastOne));
    assert!(rows.target.contains("type=pastOne"));
    let day = date(2026, 11, 19);
    let user = UserId::new("u").unwrap();
    let of_user = RawRequest::of(&ListReportUserMeetings::new(user, ReportMeetingsType::PastOne, day, day));
    assert!(of_user.target.contains("type=pastOne"));
    assert_eq!([QosType::Past, QosType::Live].map(QosType::as_str), ["past", "live"], "there is no pastOne");
}

#[test]
fn quirk_04_times_in_a_query_are_zero_padded() {
    let list = ListMetricsMeetings::new(
        MetricsType::Past,
        date(2024, 2, 2).at(3, 4, 5, 0),
        date(2024, 12, 31).at(23, 59, 59, 999_999_999),
    );
    let target = RawRequest::of(&list).target;
    assert!(target.contains("from=2024-02-02%2003%3A04%3A05&"), "{target}");
    assert!(target.contains("to=2024-12-31%2023%3A59%3A59&"), "{target}");
}

#[test]
fn quirk_05_echoed_dates_are_text_that_proves_nothing() {
    let page: Decoded<MetricsMeetings> = read(r#"{"from":"2021-06-01","to":"2021-06-29","meetings":[]}"#);
    assert_eq!(page.value.to.as_deref(), Some("2021-06-29"));
}

#[tokio::test]
async fn quirk_06_lists_by_end_may_be_refused() {
    let day = date(2026, 11, 19).at(0, 0, 0, 0);
    let list = ListMetricsMeetings {
        query_date_type: Some(QueryDateType::EndTime),
        ..ListMetricsMeetings::new(MetricsType::Past, day, day)
    };
    assert!(RawRequest::of(&list).target.contains("query_date_type=end_time"));
    let error =
        refused(400, r#"{"code":12700,"message":"This account cannot query meetings by `end_time`"}"#).await;
    assert_eq!(error.advice(), &skipped(SkipReason::EndTimeUnsupported));
}

#[tokio::test]
async fn quirk_07_what_is_too_long_ago_is_told_apart() {
    assert_eq!(refused(400, &sample("error-400-12702")).await.advice(), &skipped(SkipReason::TooOld));
}

#[test]
fn quirk_09_durations_have_four_forms_and_four_types() {
    let clock = |text: &str| {
        let page: Decoded<MetricsMeetings> = read(&format!(r#"{{"meetings":[{{"duration":{text}}}]}}"#));
        (page.value.meetings[0].duration, page.unreadable)
    };
    assert_eq!(clock(r#""00:56""#), (Some(ClockDuration(56)), 0));
    assert_eq!(clock(r#""05:27""#), (Some(ClockDuration(327)), 0));
    assert_eq!(clock(r#""01:02:21""#), (Some(ClockDuration(3741)), 0));
    assert_eq!(clock(r#""""#), (None, 0));
    assert_eq!(clock("6"), (None, 1), "a number there has no unit");
    assert_eq!(clock(r#""1:2:3:4""#), (None, 1));
    let report: Decoded<ReportUserMeetings> = read(r#"{"meetings":[{"duration":6},{"duration":"05:27"}]}"#);
    let minutes = |at: usize| report.value.meetings[at].duration.unwrap();
    assert_eq!((minutes(0), minutes(1)), (RoundedMinutes(6), RoundedMinutes(6)));
    assert_eq!((minutes(0).seconds_min(), minutes(0).seconds_max()), (301, 360));
    let rows: Decoded<PastParticipants> = read(r#"{"participants":[{"duration":259}]}"#);
    assert_eq!(rows.value.participants[0].duration, Some(Seconds(259)));
}

#[test]
fn quirk_10_times_may_be_numbers() {
    let time = |text: &str| row(&format!(r#""join_time":{text}"#));
    let moment: Timestamp = "2022-03-23T06:58:09Z".parse().unwrap();
    for text in [
        "1648018689",
        "1648018689000",
        r#""1648018689""#,
        r#""2022-03-23T06:58:09Z""#,
        r#""2022-03-23T06:58:09.000Z""#,
        r#""2022-03-23T06:58:09.0000000+00:00""#,
        r#""2022-03-23T08:58:09+02:00""#,
        r#""2022-03-23T06:58:09""#,
        r#""2022-03-23 06:58:09""#,
    ] {
        let (row, unreadable) = time(text);
        assert_eq!((row.join_time, unreadable), (Some(moment), 0), "{text}");
    }
    for text in [r#""""#, "null"] {
        let (row, unreadable) = time(text);
        assert_eq!((row.join_time, unreadable), (None, 0), "{text}");
    }
    for text in [r#""soon""#, "true", "[]", "{}", "-1", "0", "1e300"] {
        let (row, unreadable) = time(text);
        assert_eq!((row.join_time, unreadable), (None, 1), "{text}");
    }
}

#[test]
fn quirk_12_total_minutes_are_a_sum_with_a_type_of_its_own() {
    let past: Decoded<PastMeeting> = read(&sample("past_meetings-meetingId_GET"));
    assert_eq!(past.value.total_minutes, Some(PersonMinutes(55)));
}

#[test]
fn quirk_13_an_id_is_a_number_or_text_and_passes_32_bits() {
    for text in ["99264817135", r#""99264817135""#, r#""992 6481 7135""#, "99264817135.0"] {
        let page: Decoded<MetricsMeetings> = read(&format!(r#"{{"meetings":[{{"id":{text}}}]}}"#));
        assert_eq!(page.value.meetings[0].id, Some(MeetingId(99_264_817_135)), "{text}");
    }
    let (row, _) = row(r#""user_id":16778240"#);
    assert_eq!(row.user_id.as_deref(), Some("16778240"));
}

#[test]
fn quirk_14_webinars_in_a_mixed_list_are_told_by_their_type() {
    let page: Decoded<ReportUserMeetings> =
        read(r#"{"meetings":[{"type":2},{"type":5},{"type":"9"},{"type":77}]}"#);
    let webinars: Vec<bool> = page.value.meetings.iter().map(|m| m.kind.unwrap().is_webinar()).collect();
    assert_eq!(webinars, [false, true, true, false]);
}

#[test]
fn quirk_15_a_group_is_text_or_a_list() {
    let groups = |text: &str| {
        let page: Decoded<HistoryMeetings> = read(&format!(r#"{{"history_meetings":[{{"group":{text}}}]}}"#));
        assert_eq!(page.unreadable, 0);
        page.value.history_meetings[0].group.clone()
    };
    assert_eq!(groups(r#""group_01""#), ["group_01"]);
    assert_eq!(groups(r#"["a","b"]"#), ["a", "b"]);
    assert!(groups("null").is_empty() && groups(r#""""#).is_empty());
}

#[test]
fn quirk_16_times_without_a_zone_are_a_type_of_their_own() {
    let page: Decoded<ReportUserMeetings> = read(&sample("report-users-userId-meetings_GET"));
    let meeting = &page.value.meetings[0];
    assert_eq!(meeting.schedule_time.unwrap().0, date(2021, 12, 22).at(16, 20, 0, 0));
    assert_eq!(meeting.start_time, Some("2019-07-15T23:24:52Z".parse().unwrap()));
}

#[test]
fn quirk_17_a_path_tells_the_latest_run_from_one_run() {
    let latest = GetPastMeeting { meeting: "123 4567 8901".parse().unwrap() };
    assert_eq!(RawRequest::of(&latest).target, "/past_meetings/12345678901");
    let one = GetPastMeeting { meeting: "4444AAAiAAAAAiAiAiiAii==".parse().unwrap() };
    assert_eq!(RawRequest::of(&one).target, "/past_meetings/4444AAAiAAAAAiAiAiiAii%3D%3D");
    assert!(matches!(one.meeting, MeetingRef::Uuid(_)));
}

#[test]
fn quirk_19_uuid_with_double_slash_is_encoded_twice() {
    let segment = |text: &str| MeetingUuid::new(text).unwrap().path_segment();
    assert_eq!(segment("/ajXp112QmuoKj4854875=="), "%252FajXp112QmuoKj4854875%253D%253D");
    assert_eq!(segment("a//b="), "a%252F%252Fb%253D");
    assert_eq!(segment("gm8s9L+PTEC/FG3sFbd1Cw=="), "gm8s9L%2BPTEC%2FFG3sFbd1Cw%3D%3D");
}

#[tokio::test]
async fn quirk_20_and_21_not_found_proves_nothing() {
    let messages = [
        "Meeting ID is invalid or not end.",
        "Meeting does not exist: 1.",
        "Meeting 123 not found or has expired.",
    ];
    for message in messages {
        let error = refused(404, &format!(r#"{{"code":3001,"message":"{message}"}}"#)).await;
        assert_eq!(error.advice(), &skipped(SkipReason::NotFoundOrNotEnded));
        assert!(error.to_string().contains("not ended yet"), "{error}");
    }
}

#[test]
fn quirk_22_personal_rooms_are_told_by_their_type() {
    assert!(MeetingKind(4).is_personal_room());
    assert!(!MeetingKind(2).is_personal_room());
}

#[test]
fn quirk_23_every_connection_is_a_row() {
    let page: Decoded<PastParticipants> = read(
        r#"{"participants":[{"id":"a","user_id":"1"},{"id":"a","user_id":"2"},{"id":"a","user_id":"1"}]}"#,
    );
    assert_eq!(page.value.rows().len(), 3);
}

#[test]
fn quirk_24_the_waiting_room_is_a_status() {
    let (waiting, _) = row(r#""status":"in_waiting_room""#);
    assert_eq!(waiting.status, Some(ParticipantStatus::InWaitingRoom));
}

#[test]
fn quirk_25_breakout_rooms_are_text_of_either_kind() {
    for (text, room) in
        [(r#""27423744""#, "27423744"), ("27423744", "27423744"), (r#""Dkg/ExG1vM+=""#, "Dkg/ExG1vM+=")]
    {
        assert_eq!(row(&format!(r#""bo_mtg_id":{text}"#)).0.bo_mtg_id.as_deref(), Some(room));
    }
    assert_eq!(row(r#""bo_mtg_id":"""#).0.bo_mtg_id, None);
}

#[test]
fn quirk_28_blank_identities_are_absent_and_registrants_are_asked_for() {
    let (guest, unreadable) = row(r#""id":"","participant_user_id":"","registrant_id":"r1""#);
    assert_eq!((guest.id, guest.participant_user_id, unreadable), (None, None, 0));
    assert_eq!(guest.registrant_id.as_deref(), Some("r1"));
    let targets = [
        RawRequest::of(&ListPastMeetingParticipants::new(MeetingId(1))).target,
        RawRequest::of(&ListReportMeetingParticipants::new(MeetingId(1))).target,
        RawRequest::of(&ListMetricsMeetingParticipants::new(MeetingId(1), MetricsType::Past)).target,
    ];
    assert!(targets.iter().all(|target| target.contains("include_fields=registrant_id")), "{targets:?}");
}

#[test]
fn quirk_29_30_and_31_blank_and_missing_members_are_the_same() {
    let (blank, unreadable) =
        row(r#""email":"","user_name":"","ip_address":"","mac_addr":"","microphone":null"#);
    let (missing, _) = row("");
    assert_eq!((blank, unreadable), (missing, 0));
}

#[test]
fn quirk_32_and_33_names_stay_as_they_came() {
    for name in
        ["Doe# Jane", "20231234 Name", "(123)Name", "12345", "\u{1f600}\u{1f468}\u{200d}\u{1f469}", " A  B "]
    {
        let (person, _) = row(&format!(r#""user_name":"{name}""#));
        assert_eq!(person.user_name.as_deref(), Some(name));
    }
    assert_eq!(row(r#""user_name":12345"#).0.user_name.as_deref(), Some("12345"));
}

#[test]
fn quirk_33_half_an_emoji_does_not_lose_the_page() {
    let page: Decoded<PastParticipants> =
        read(r#"{"participants":[{"name":"A \ud83d"},{"name":"\ud83d\ude00 \\ud83d"},{"name":"\ude00B"}]}"#);
    let names: Vec<&str> = page.value.participants.iter().filter_map(|row| row.name.as_deref()).collect();
    assert_eq!(names, ["A \u{fffd}", "\u{1f600} \\ud83d", "\u{fffd}B"]);
    assert_eq!(page.unreadable, 1);
}

#[test]
fn quirk_34_and_35_the_user_of_a_meeting_is_no_zoom_user() {
    let (both, _) = row(r#""user_id":"20162560","id":"zJKyai""#);
    assert_eq!(
        (both.user_id.as_deref(), both.id.clone()),
        (Some("20162560"), Some(UserId::new("zJKyai").unwrap()))
    );
    let summary: Decoded<QosSummaries> =
        read(r#"{"participants":[{"participant_id":20162560,"id":"zJKyai"}]}"#);
    let row = &summary.value.participants[0];
    assert_eq!((&row.participant_id, &row.id), (&both.user_id, &both.id));
}

#[test]
fn quirk_36_telephones_have_calls_and_no_address() {
    let (phone, unreadable) = row(
        r#""device":"Phone","audio_call":[{"call_number":"4131","call_type":"call-in","zoom_number":1877}]"#,
    );
    assert_eq!((phone.device.as_deref(), phone.email, unreadable), (Some("Phone"), None, 0));
    assert_eq!(phone.audio_call[0].zoom_number.as_deref(), Some("1877"));
}

#[test]
fn quirk_37_devices_are_free_text() {
    for device in ["Web Browser Chrome 129", "win 10+ 17763", "Phone + Mac"] {
        assert_eq!(row(&format!(r#""device":"{device}""#)).0.device.as_deref(), Some(device));
    }
}

#[test]
fn quirk_38_reasons_to_leave_are_free_text() {
    let reason = "Jill Chill left the meeting.<br>Reason: Host ended the meeting.";
    assert_eq!(row(&format!(r#""leave_reason":"{reason}""#)).0.leave_reason.as_deref(), Some(reason));
}

#[test]
fn quirk_39_a_live_participant_has_not_left() {
    let (live, unreadable) = row(r#""join_time":"2022-03-01T10:15:14Z""#);
    assert_eq!((live.leave_time, unreadable), (None, 0));
}

#[test]
fn quirk_41_rooms_count_the_people_behind_them() {
    assert_eq!(row(r#""in_room_participants":"4""#).0.in_room_participants, Some(4));
}

#[test]
fn quirk_43_a_duration_of_zero_is_told_from_none() {
    let page: Decoded<PastParticipants> = read(r#"{"participants":[{"duration":0},{}]}"#);
    let durations: Vec<_> = page.value.participants.iter().map(|row| row.duration).collect();
    assert_eq!(durations, [Some(Seconds(0)), None]);
}

#[tokio::test]
async fn quirk_45_an_expired_page_token_restarts_the_list() {
    assert_eq!(refused(400, &sample("error-400-300-page-token")).await.advice(), &Advice::RestartList);
    let other = refused(400, r#"{"code":300,"message":"Request Body should be a valid JSON object."}"#).await;
    assert_eq!(other.advice(), &skipped(SkipReason::BadParameter));
}

#[test]
fn quirk_46_only_an_empty_token_ends_a_list() {
    let users: Decoded<ReportUsers> = read(&sample("report-users_GET"));
    assert_eq!((users.value.page_count, users.value.total_records()), (Some(30), Some(850)));
    assert!(users.value.next_page_token().is_some());
    for end in [r#""next_page_token":"","#, r#""next_page_token":null,"#, ""] {
        let page: Decoded<ReportUsers> = read(&format!(r#"{{{end}"users":[]}}"#));
        assert_eq!(page.value.next_page_token(), None, "{end}");
    }
}

#[test]
fn quirk_47_the_page_size_is_asked_for_and_read_back() {
    assert!(
        RawRequest::of(&ListPastMeetingParticipants::new(MeetingId(1))).target.ends_with("page_size=300")
    );
    let page: Decoded<ReportParticipants> = read(r#"{"page_size":"100","participants":[]}"#);
    assert_eq!(page.value.page_size(), Some(100));
    let qos = Operation::ListMetricsMeetingParticipantsQos.facts().page_size.unwrap();
    assert_eq!((qos.default, qos.max), (Some(1), Some(QOS_PAGE_SIZE)));
    let list = ListMetricsMeetingParticipantsQos::new(MeetingId(1), QosType::Past);
    assert!(RawRequest::of(&list).target.ends_with("page_size=10"));
    let page: Decoded<ParticipantsQos> = read(r#"{"page_size":1,"participants":[{}]}"#);
    assert_eq!(page.value.page_size(), Some(1));
}

#[tokio::test]
async fn quirk_48_a_429_without_a_body_is_judged_by_its_label() {
    let fake = Fake::with_tokens(|_| answer(429, ""));
    let day = date(2026, 11, 19).at(0, 0, 0, 0);
    let list = ListMetricsMeetings::new(MetricsType::Past, day, day);
    let error = client(&fake).send(now(), &list).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::Wait { limit: RateLimit::PerMinute, until: None });
    let error = refused(429, "").await;
    assert_eq!(error.advice(), &Advice::Wait { limit: RateLimit::PerSecond, until: None });
}

/// The samples of a page with one connection, and what could not be read of it.
fn samples(members: &str) -> (Vec<QosSample>, u32) {
    let mut page: Decoded<ParticipantsQos> =
        read(&format!(r#"{{"participants":[{{"user_qos":[{members}]}}]}}"#));
    (page.value.participants.remove(0).user_qos, page.unreadable)
}

/// One stream of one sample.
fn stream(members: &str) -> StreamQos {
    let (samples, unreadable) = samples(&format!(r#"{{"video_output":{{{members}}}}}"#));
    assert_eq!(unreadable, 0, "{members}");
    samples[0].streams.get(StreamName::VideoOutput).unwrap().clone()
}

#[test]
fn quirk_49_values_are_text_with_units_with_and_without_a_space() {
    let spaced = stream(
        r#""bitrate":"27.15 kbps","latency":"126 ms","avg_loss":"0.03%","frame_rate":"12 fps","resolution":"1280*720""#,
    );
    let dense = stream(
        r#""bitrate":"27.15kbps","latency":"126ms","avg_loss":"0.03 %","frame_rate":"12fps","resolution":"1280 * 720""#,
    );
    assert_eq!(spaced, dense);
    assert_eq!(
        (spaced.bitrate.value(), spaced.latency.value()),
        (Some(Kbps(27.15)), Some(Milliseconds(126.0)))
    );
    assert_eq!((spaced.avg_loss.value(), spaced.frame_rate.value()), (Some(Percent(0.03)), Some(Fps(12.0))));
    assert_eq!(spaced.resolution.value(), Some(Resolution { width: 1280, height: 720 }));
}

#[test]
fn quirk_50_nothing_flowed_is_no_value_and_not_zero() {
    let blank = r#""bitrate":"","latency":" ","jitter":null,"resolution":"","frame_rate":"""#;
    for members in ["", blank] {
        let stream = stream(members);
        assert!(stream.is_gap(), "{members}");
        assert_eq!((stream.bitrate.value(), stream.frame_rate.value()), (None, None));
    }
    let (absent, unreadable) =
        samples(r#"{"date_time":"2022-03-01T10:16:00Z","video_input":null,"as_input":""}"#);
    assert!(absent[0].streams.is_empty() && absent[0].cpu_usage.is_none());
    assert_eq!(unreadable, 0);
}

#[test]
fn quirk_51_no_picture_beside_a_good_bitrate_is_a_gap() {
    let page: Decoded<ParticipantsQos> = read(&sample("observed-metrics-meetings-participants-qos-gaps_GET"));
    let streams = &page.value.participants[0].user_qos[0].streams;
    let shared = streams.get(StreamName::AsOutput).unwrap();
    assert_eq!(
        (shared.bitrate.value(), shared.latency.value()),
        (Some(Kbps(70.0)), Some(Milliseconds(135.0)))
    );
    assert!(shared.resolution.is_gap() && shared.frame_rate.is_gap());
    assert!(streams.get(StreamName::AsInput).unwrap().is_gap());
    assert_eq!(streams.get(StreamName::VideoOutput), None);
    let summary = stream(r#""resolution":"","frame_rate":"0 fps""#);
    assert_eq!((summary.resolution.value(), summary.frame_rate.value()), (None, Some(Fps(0.0))));
}

#[test]
fn quirk_52_a_latency_of_zero_is_a_value() {
    assert_eq!(stream(r#""latency":"0 ms""#).latency.value(), Some(Milliseconds(0.0)));
}

#[test]
fn quirk_53_samples_are_instants_whatever_lies_between_them() {
    let times = ["2022-03-01T10:16:00Z", "2022-03-01T10:16:59Z", "2022-03-01T10:21:03Z"];
    let members: Vec<String> = times.iter().map(|at| format!(r#"{{"date_time":"{at}"}}"#)).collect();
    let (samples, _) = samples(&members.join(","));
    let read: Vec<Timestamp> = samples.iter().filter_map(|sample| sample.date_time).collect();
    assert_eq!(read, times.map(|at| at.parse().unwrap()));
}

#[test]
fn quirk_54_a_page_of_a_long_lecture_is_read_whole_and_kept_small() {
    let (one, _) = samples(r#"{"audio_input":{"bitrate":"63 kbps"},"video_input":{"bitrate":""}}"#);
    assert_eq!(
        one[0].streams.iter().len(),
        2,
        "room is taken by what was told, not by the 18 there could be"
    );
    let person =
        format!(r#"{{"user_qos":[{}]}}"#, vec![r#"{"audio_input":{"bitrate":"63 kbps"}}"#; 90].join(","));
    let page: Decoded<ParticipantsQos> = read(&format!(
        r#"{{"page_size":10,"total_records":300,"participants":[{}]}}"#,
        vec![person; 10].join(",")
    ));
    assert_eq!(page.value.participants.iter().map(|person| person.user_qos.len()).sum::<usize>(), 900);
}

#[test]
fn quirk_55_the_signal_is_told_in_plain_numbers_beside_their_unit() {
    let (samples, unreadable) =
        samples(r#"{"wifi_rssi":{"max_rssi":-75,"avg_rssi":"-69","min_rssi":"-35 dBm","rssi_unit":"dBm"}}"#);
    let wifi = samples[0].wifi_rssi.clone().unwrap();
    let told = [wifi.max_rssi, wifi.avg_rssi, wifi.min_rssi].map(|signal| signal.value());
    assert_eq!(told, [Some(Dbm(-75.0)), Some(Dbm(-69.0)), Some(Dbm(-35.0))]);
    assert_eq!((wifi.rssi_unit, unreadable), (Some(SignalUnit::Dbm), 0));
}

#[test]
fn quirk_56_quality_words_may_be_empty_or_new() {
    assert_eq!(row(r#""audio_quality":"""#).0.audio_quality, None);
    assert_eq!(row(r#""audio_quality":"Poor""#).0.audio_quality, Some(Quality::Poor));
    let (new, unreadable) = row(r#""audio_quality":"superb""#);
    assert_eq!((new.audio_quality, unreadable), (Some(Quality::Other("superb".to_owned())), 0));
}

#[tokio::test]
async fn quirk_57_a_summary_without_the_add_on_is_empty_and_no_error() {
    let fake =
        Fake::with_tokens(|_| answer(200, r#"{"next_page_token":"","page_size":10,"participants":[]}"#));
    let list = ListMetricsMeetingParticipantsQosSummary::new(MeetingId(1));
    let answer = client(&fake).send(now(), &list).await.unwrap();
    assert!(answer.value.participants.is_empty() && answer.value.next_page_token().is_none());
}

#[test]
fn quirk_58_one_connection_is_asked_by_its_number_in_the_meeting() {
    let page: Decoded<ParticipantsQos> = read(&sample("metrics-meetings-meetingId-participants-qos_GET"));
    let row = &page.value.participants[0];
    let participant = ParticipantId::new(row.user_id.clone().unwrap()).unwrap();
    let one =
        GetMetricsMeetingParticipantQos { meeting: MeetingId(7).into(), participant, kind: QosType::Past };
    assert_eq!(RawRequest::of(&one).target, "/metrics/meetings/7/participants/20161536/qos?type=past");
}

#[tokio::test]
async fn quirk_59_success_with_the_body_of_an_error_is_an_error() {
    let paid = skipped(SkipReason::PlanTooLow { needs: PlanNeeded::Paid });
    let body = r#"{"code":200,"message":"Only available for paid account: abc."}"#;
    for status in [200, 201, 300] {
        let error = refused(status, body).await;
        assert_eq!((error.advice(), error.status(), error.code()), (&paid, Some(status), Some(200)));
    }
    let with_more = r#"{"status":false,"code":124,"message":"Access token is expired.","result":null}"#;
    assert_eq!(refused(200, with_more).await.code(), Some(124));
    let both = r#"{"code":1,"message":"x","participants":[{"name":"A"}]}"#;
    let fake = Fake::with_tokens(move |_| answer(200, both));
    let answer = client(&fake).send(now(), &ListPastMeetingParticipants::new(MeetingId(1))).await.unwrap();
    assert_eq!(answer.value.participants.len(), 1, "rows beside a code are an answer");
    assert_eq!(answer.unknown_fields, ["code", "message"]);
}

#[tokio::test]
async fn quirk_60_code_200_means_no() {
    let error = refused(400, r#"{"code":200,"message":"No permission."}"#).await;
    assert_eq!(error.advice(), &skipped(SkipReason::NoPermission));
    let error = refused(400, &sample("error-400-200-paid")).await;
    assert_eq!(error.advice(), &skipped(SkipReason::PlanTooLow { needs: PlanNeeded::Paid }));
}

#[tokio::test]
async fn quirk_61_dashboards_are_refused_by_plan() {
    let body = r#"{"code":400,"message":"This API is only available for Business or higher accounts that have enabled the Dashboard feature."}"#;
    let error = refused(400, body).await;
    assert_eq!(error.advice(), &skipped(SkipReason::PlanTooLow { needs: PlanNeeded::Dashboards }));
}

#[tokio::test]
async fn quirk_62_code_300_is_sorted_by_its_words_and_keeps_its_list() {
    let error = refused(400, &sample("error-400-300-validation")).await;
    assert_eq!(error.advice(), &skipped(SkipReason::BadParameter));
    assert_eq!(error.errors().len(), 2);
}

#[tokio::test]
async fn quirk_63_token_errors_may_come_with_400() {
    for status in [400, 401] {
        assert_eq!(refused(status, &sample("error-401-124")).await.advice(), &Advice::Renew, "{status}");
        for code in [4700, 4711] {
            let error =
                refused(status, &format!(r#"{{"code":{code},"message":"Invalid Access Token"}}"#)).await;
            assert!(matches!(error.advice(), Advice::Skip(SkipReason::ScopeMissing { .. })), "{error}");
        }
    }
}

#[tokio::test]
async fn quirk_64_hosts_who_have_left_are_skipped() {
    assert_eq!(refused(404, &sample("error-404-1001")).await.advice(), &skipped(SkipReason::UserUnknown));
}

#[test]
fn quirk_65_unknown_members_and_values_are_reported_and_never_refused() {
    let page: Decoded<MetricsMeetings> = read(
        r#"{"new":{"a":1},"meetings":[{"id":1,"brand_new":true,"custom_keys":[{"odd":[]}]},{"brand_new":false}]}"#,
    );
    assert_eq!(page.unknown_fields, ["meetings[].brand_new", "meetings[].custom_keys[].odd", "new"]);
    assert_eq!((page.value.meetings.len(), page.unreadable), (2, 0));
}

#[tokio::test]
async fn quirk_66_tokens_are_got_over_http_1() {
    let fake = Fake::with_tokens(|_| answer(200, r#"{"participants":[]}"#));
    client(&fake).send(now(), &ListPastMeetingParticipants::new(MeetingId(1))).await.unwrap();
    let seen: Vec<bool> = fake.seen().iter().map(|seen| seen.is_http1_only).collect();
    assert_eq!(seen, [true, false]);
}

#[tokio::test]
async fn quirk_67_redirects_are_errors_that_name_the_host() {
    for status in [301, 302, 303, 307, 308] {
        let fake = Fake::with_tokens(move |_| {
            let mut redirect = answer(status, "");
            redirect.headers_mut().insert("location", "https://api-eu.example.com/v2/x".parse().unwrap());
            redirect
        });
        let error =
            client(&fake).send(now(), &ListPastMeetingParticipants::new(MeetingId(1))).await.unwrap_err();
        assert_eq!(error.advice(), &Advice::Stop);
        assert_eq!(error.kind(), &ErrorKind::Redirected { host: Some("api-eu.example.com".to_owned()) });
        assert!(error.to_string().contains("api-eu.example.com"), "{error}");
        assert_eq!(fake.api_requests(), 1);
    }
}

#[tokio::test]
async fn quirk_68_text_after_the_json_is_tolerated_and_reported() {
    let fake = Fake::with_tokens(|_| answer(200, "{\"participants\":[{\"name\":\"A\"}]}\n}garbage "));
    let answer = client(&fake).send(now(), &ListPastMeetingParticipants::new(MeetingId(1))).await.unwrap();
    assert_eq!((answer.value.participants.len(), answer.trailing_bytes), (1, 8));
}

#[test]
fn bytes_that_are_no_text_cost_only_themselves() {
    let page: Decoded<PastParticipants> =
        decode(b"\xef\xbb\xbf{\"participants\":[{\"name\":\"A\xff\"}]}").unwrap();
    assert_eq!(page.value.participants[0].name.as_deref(), Some("A\u{fffd}"));
    assert_eq!(page.unreadable, 1);
}

#[test]
fn a_member_that_comes_twice_keeps_its_last_value() {
    let (twice, unreadable) = row(r#""user_name":"a","user_name":"b""#);
    assert_eq!((twice.user_name.as_deref(), unreadable), (Some("b"), 0));
}

#[test]
fn rows_that_are_none_are_skipped_and_counted() {
    let page: Decoded<PastParticipants> = read(
        r#"{"participants":[{"name":"A"},null,"x",7,[{"name":"no"}],true,1.5,{"name":"B"}],"page_size":{}}"#,
    );
    assert_eq!((page.value.participants.len(), page.unreadable), (2, 7));
}

#[test]
fn headers_are_found_in_any_case() {
    assert_eq!(limits::read(&[("X-RateLimit-CATEGORY", "medium")]).category, Some(Label::Medium));
}
