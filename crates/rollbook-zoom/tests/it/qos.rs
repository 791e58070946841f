//! Call quality: what is asked, and what the samples of it say.

use rollbook_zoom::client::RawRequest;
use rollbook_zoom::endpoint::ForSubAccount;
use rollbook_zoom::endpoint::metrics::MetricsType;
use rollbook_zoom::endpoint::metrics_qos::{
    GetMetricsMeetingParticipantQos, GetMetricsWebinarParticipantQos, ListMetricsMeetingParticipantsQos,
    ListMetricsWebinarParticipantsQos, ParticipantQos, ParticipantsQos, QosSample, QosType, StreamName,
};
use rollbook_zoom::endpoint::metrics_qos_summary::{
    ListMetricsMeetingParticipantsQosSummary, ListMetricsWebinarParticipantsQosSummary, QosSummaries,
};
use rollbook_zoom::endpoint::metrics_satisfaction::{
    ListMetricsMeetingSatisfaction, ListMetricsWebinarSatisfaction, Satisfactions,
};
use rollbook_zoom::endpoint::metrics_sharing::{
    ListMetricsMeetingSharing, ListMetricsWebinarSharing, Sharings,
};
use rollbook_zoom::quantity::{Dbm, Fps, Kbps, Milliseconds, Percent, Resolution};
use rollbook_zoom::word::{PressureLevel, Satisfaction, SignalUnit};
use rollbook_zoom::{
    Decoded, Endpoint, MeetingId, MeetingUuid, NextPage, Page, PageCursor, PageToken, Paged, ParticipantId,
    Quantity, decode,
};
use serde::de::DeserializeOwned;

use crate::fake::{Fake, answer, client, now, sample};
use crate::qos_page;

fn check<E: Endpoint>(endpoint: &E, target: &str) {
    assert_eq!(RawRequest::of(endpoint).target, target);
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    decode(sample(name).as_bytes()).unwrap().value
}

/// A page with one connection and one sample of these members.
fn one_sample(members: &str) -> Decoded<ParticipantsQos> {
    let page = format!(r#"{{"participants":[{{"user_id":"1","user_qos":[{{{members}}}]}}]}}"#);
    decode(page.as_bytes()).unwrap()
}

fn names(sample: &QosSample) -> Vec<&'static str> {
    sample.streams.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn call_quality_is_asked_ten_at_a_time_and_with_a_type() {
    let meeting = MeetingId(93_201_235_621);
    let list = ListMetricsMeetingParticipantsQos::new(meeting, QosType::Past);
    check(&list, "/metrics/meetings/93201235621/participants/qos?type=past&page_size=10");
    check(
        &list.with_token(&PageToken("a+b".to_owned())),
        "/metrics/meetings/93201235621/participants/qos?type=past&page_size=10&next_page_token=a%2Bb",
    );
    check(
        &ListMetricsWebinarParticipantsQos::new(meeting, QosType::Live)
            .with_token(&PageToken("t".to_owned())),
        "/metrics/webinars/93201235621/participants/qos?type=live&page_size=10&next_page_token=t",
    );
    check(
        &ListMetricsMeetingParticipantsQosSummary::new(meeting).with_token(&PageToken("t".to_owned())),
        "/metrics/meetings/93201235621/participants/qos_summary?page_size=10&next_page_token=t",
    );
    check(
        &ListMetricsWebinarParticipantsQosSummary::new(meeting).with_token(&PageToken("t".to_owned())),
        "/metrics/webinars/93201235621/participants/qos_summary?page_size=10&next_page_token=t",
    );
    check(
        &ForSubAccount::new("sub/1", list).unwrap(),
        "/accounts/sub%2F1/metrics/meetings/93201235621/participants/qos?type=past&page_size=10",
    );
}

#[test]
fn one_connection_is_one_segment_of_the_path_whatever_it_is_called() {
    let uuid: MeetingUuid = "/ab//c==".parse().unwrap();
    for (text, segment) in [
        ("20161536", "20161536"),
        ("a/b?c=d#e", "a%2Fb%3Fc%3Dd%23e"),
        ("..", "%2E%2E"),
        ("\u{e9} %", "%C3%A9%20%25"),
    ] {
        let participant = ParticipantId::new(text).unwrap();
        check(
            &GetMetricsMeetingParticipantQos {
                meeting: uuid.clone().into(),
                participant: participant.clone(),
                kind: QosType::Past,
            },
            &format!("/metrics/meetings/%252Fab%252F%252Fc%253D%253D/participants/{segment}/qos?type=past"),
        );
        check(
            &GetMetricsWebinarParticipantQos {
                webinar: MeetingId(7).into(),
                participant,
                kind: QosType::Live,
            },
            &format!("/metrics/webinars/7/participants/{segment}/qos?type=live"),
        );
    }
    assert!(ParticipantId::new("").is_err() && " ".parse::<ParticipantId>().is_err());
}

#[test]
fn feedback_and_sharing_are_asked_with_a_type() {
    let (meeting, token) = (MeetingId(7), PageToken("t".to_owned()));
    check(
        &ListMetricsMeetingSatisfaction::new(meeting, MetricsType::PastOne).with_token(&token),
        "/metrics/meetings/7/participants/satisfaction?type=pastOne&page_size=300&next_page_token=t",
    );
    check(
        &ListMetricsWebinarSatisfaction::new(meeting, MetricsType::Past).with_token(&token),
        "/metrics/webinars/7/participants/satisfaction?type=past&page_size=300&next_page_token=t",
    );
    check(
        &ListMetricsMeetingSharing::new(meeting, QosType::Past).with_token(&token),
        "/metrics/meetings/7/participants/sharing?type=past&page_size=300&next_page_token=t",
    );
    check(
        &ListMetricsWebinarSharing::new(meeting, QosType::Live).with_token(&token),
        "/metrics/webinars/7/participants/sharing?type=live&page_size=300&next_page_token=t",
    );
}

#[test]
fn the_sample_of_one_connection_is_read_to_the_last_value() {
    let person: ParticipantQos = read("metrics-meetings-meetingId-participants-participantId-qos_GET");
    assert_eq!(person.user_id.as_deref(), Some("20161536"));
    assert_eq!(person.meeting_number.as_deref(), Some("93201235621"));
    assert_eq!((person.os.as_deref(), person.health.as_deref()), (Some("iOS"), Some("Warning")));
    assert_eq!((person.issue_list, person.has_archiving), (vec!["audio".to_owned()], Some(true)));
    assert_eq!(person.camera.as_deref(), Some("FaceTime HD Camera"));
    assert_eq!(person.group_id.as_deref(), Some("TcjqVCTzRy6hLa0d8WpAIg"));
    let [sample] = &person.user_qos[..] else { panic!("one sample") };
    assert_eq!(sample.date_time, Some("2022-03-01T10:16:00Z".parse().unwrap()));
    assert_eq!(names(sample), StreamName::ALL.map(StreamName::as_str));
    for (name, stream) in sample.streams.iter() {
        let has_pictures = !name.as_str().starts_with("audio");
        assert_eq!(stream.bitrate, Quantity::Value(Kbps(27.15)), "{name}");
        assert_eq!(stream.latency, Quantity::Value(Milliseconds(126.0)), "{name}");
        assert_eq!(stream.jitter, Quantity::Value(Milliseconds(0.0)), "{name}");
        assert_eq!(stream.avg_loss, Quantity::Value(Percent(0.03)), "{name}");
        assert!(stream.max_loss.value().is_some_and(|loss| loss.0 > 0.0), "{name}");
        let size = Resolution { width: 1280, height: 720 };
        assert_eq!(stream.resolution.value(), has_pictures.then_some(size), "{name}");
        assert_eq!(stream.frame_rate.value(), has_pictures.then_some(Fps(12.0)), "{name}");
    }
    let cpu = sample.cpu_usage.as_ref().unwrap();
    assert_eq!(
        (cpu.system_max_cpu_usage.value(), cpu.zoom_min_cpu_usage.value()),
        (Some(Percent(11.0)), Some(Percent(0.0)))
    );
    let wifi = sample.wifi_rssi.as_ref().unwrap();
    assert_eq!(
        (wifi.max_rssi.value(), wifi.avg_rssi.value(), wifi.min_rssi.value()),
        (Some(Dbm(-75.0)), Some(Dbm(-69.0)), Some(Dbm(-35.0)))
    );
    assert_eq!(wifi.rssi_unit, Some(SignalUnit::Dbm));
    let pressure = sample.cpu_pressure_level.as_ref().unwrap();
    assert_eq!(pressure.system_max_cpu_pressure_level, Some(PressureLevel::Normal));
}

#[test]
fn summaries_feedback_and_sharing_are_read_as_what_they_are() {
    let summaries: QosSummaries = read("metrics-meetings-meetingId-participants-qos_summary_GET");
    let person = &summaries.participants[0];
    assert_eq!(person.participant_id.as_deref(), Some("20161536"));
    let row = &person.qos[0];
    assert_eq!(row.stream(), Some(StreamName::AudioInput));
    let details = row.details.as_ref().unwrap();
    assert_eq!(
        (details.avg_bitrate.value(), details.min_jitter.value()),
        (Some(Kbps(27.15)), Some(Milliseconds(0.0)))
    );
    let satisfied: Satisfactions = read("metrics-meetings-meetingId-participants-satisfaction_GET");
    assert_eq!(satisfied.participants[0].quality, Some(Satisfaction::Good));
    assert_eq!(satisfied.participants[0].comment.as_deref(), Some("Meeting got disconnected."));
    let shared: Sharings = read("metrics-webinars-webinarId-participants-sharing_GET");
    assert_eq!(shared.participants[0].details[0].content.as_deref(), Some("desktop"));
    assert_eq!(shared.participants[0].details[0].end_time, Some("2022-01-20T09:08:20Z".parse().unwrap()));
}

#[test]
fn streams_stand_in_one_order_and_the_last_of_two_counts() {
    let page = one_sample(
        r#""as_device_to_rwg":{},"as_input":{"bitrate":"1"},"audio_output":{},"as_input":{"bitrate":"2"},
           "audio_input":{"jitter":"1"},"audio_input":null,"video_input":"""#,
    );
    let sample = &page.value.participants[0].user_qos[0];
    assert_eq!(names(sample), ["audio_output", "as_input", "as_device_to_rwg"]);
    assert_eq!(sample.streams.get(StreamName::AsInput).unwrap().bitrate, Quantity::Value(Kbps(2.0)));
    assert_eq!(sample.streams.get(StreamName::AudioInput), None);
    assert!(sample.streams.get(StreamName::AudioOutput).unwrap().is_gap());
    assert_eq!((page.unreadable, page.unknown_fields), (0, vec![]));
}

#[test]
fn a_stream_that_is_none_is_counted_and_costs_only_itself() {
    let page = one_sample(
        r#""audio_input":5,"video_input":[1],"as_input":{"bitrate":"3 kbps","new":1},"cpu_usage":true,"odd":{}"#,
    );
    let sample = &page.value.participants[0].user_qos[0];
    assert_eq!(names(sample), ["as_input"]);
    assert_eq!(page.unreadable, 3);
    assert_eq!(
        page.unknown_fields,
        ["participants[].user_qos[].as_input.new", "participants[].user_qos[].odd"]
    );
}

#[test]
fn every_stream_is_found_by_its_name() {
    for name in StreamName::ALL {
        assert_eq!(StreamName::parse(name.as_str()), Some(name));
    }
    assert_eq!((StreamName::parse("cpu_usage"), StreamName::parse("AUDIO_INPUT")), (None, None));
}

#[tokio::test]
async fn a_list_of_thirty_pages_is_read_to_its_end() {
    let fake = Fake::with_tokens(|seen| {
        let at = seen.uri.split("next_page_token=p").nth(1).map_or(0, |page| page.parse().unwrap());
        let rows: Vec<String> = (0..10).map(|n| format!(r#"{{"user_id":"{}"}}"#, at * 10 + n)).collect();
        let token = if at < 29 { format!("p{}", at + 1) } else { String::new() };
        let rows = rows.join(",");
        answer(
            200,
            &format!(
                r#"{{"page_size":10,"total_records":300,"next_page_token":"{token}","participants":[{rows}]}}"#
            ),
        )
    });
    let client = client(&fake);
    let list = ListMetricsMeetingParticipantsQos::new(MeetingId(1), QosType::Past);
    let mut cursor = PageCursor::new();
    let mut people = Vec::new();
    while let Some(request) = cursor.request(now(), &list) {
        let page = client.send(now(), &request).await.unwrap().value;
        cursor.got(now(), &page).unwrap();
        people.extend(page.into_rows().into_iter().filter_map(|row| row.user_id));
    }
    assert_eq!(cursor.next(now()), NextPage::Done);
    assert_eq!((cursor.pages(), cursor.page_size(), people.len()), (30, Some(10), 300));
    assert!(
        fake.seen().iter().filter(|seen| !seen.is_for_token()).all(|seen| seen.uri.contains("page_size=10"))
    );
}

/// Bytes that change what JSON or a number means, or that are no text at all.
const ODD_BYTES: [u8; 11] = *b"\"{]0-e., \\\xff";

/// What the fuzz target asserts, on bodies that are one step away from a good one.
#[test]
fn a_page_with_any_one_fault_is_read_or_refused() {
    let whole = sample("observed-metrics-meetings-participants-qos-gaps_GET");
    qos_page::check(whole.as_bytes());
    for at in 0..whole.len() {
        qos_page::check(&whole.as_bytes()[..at]);
        for turn in 0..2 {
            let mut body = whole.clone().into_bytes();
            body[at] = ODD_BYTES[(at + turn * 5) % ODD_BYTES.len()];
            qos_page::check(&body);
        }
    }
}

#[test]
fn a_page_with_any_odd_value_is_read() {
    let odd = [
        "null",
        "true",
        "0",
        "-0.0",
        "-1",
        "1e308",
        "1e-400",
        "18446744073709551616",
        "[]",
        "[[1]]",
        "{}",
        r#"{"bitrate":{}}"#,
        r#""""#,
        r#"" ""#,
        r#""0*0""#,
        r#""-0 ms""#,
        r#""NaN""#,
        r#""1e999 kbps""#,
        r#""\u0000""#,
        r#""\ud83d""#,
        r#""27,15 kbps""#,
        r#""1*1*1""#,
        r#""9999999999*1""#,
    ];
    for (value, name) in odd.iter().flat_map(|value| {
        let names =
            ["user_qos", "date_time", "video_input", "bitrate", "resolution", "cpu_usage", "wifi_rssi"];
        names.map(|name| (value, name))
    }) {
        let stream = format!(r#"{{"bitrate":"1 kbps","{name}":{value},"jitter":{value}}}"#);
        let sample = format!(r#"{{"video_input":{stream},"{name}":{value},"as_input":{stream}}}"#);
        let page = format!(
            r#"{{"participants":[{{"user_qos":[{sample},{value}],"{name}":{value}}}],"{name}":{value}}}"#
        );
        decode::<ParticipantsQos>(page.as_bytes()).unwrap_or_else(|error| panic!("{page}: {error}"));
        qos_page::check(page.as_bytes());
        qos_page::check(sample.as_bytes());
    }
}
