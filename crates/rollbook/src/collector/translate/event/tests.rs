use rollbook_core::quality::{Channel, Column, Measure};

use super::*;

fn read(json: &str) -> Happening {
    happening(Event::read(json.as_bytes()).unwrap().value)
}

/// An event of a meeting with these members of `object`, and these of `participant`.
fn event(name: &str, object: &str, participant: &str) -> Happening {
    read(&format!(
        r#"{{"event":"{name}","event_ts":1795168800000,"payload":{{"account_id":"A","object":
            {{"uuid":"a==","id":"9","topic":"Algebra","start_time":"2026-11-20T09:00:00Z"{object},
            "participant":{{"user_id":"16","user_name":"Ana"{participant}}}}}}}}}"#
    ))
}

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

#[test]
fn start_and_end_are_an_instance() {
    let Happening::Started(started) = event("meeting.started", r#","duration":60"#, "") else { panic!() };
    assert_eq!((started.started_at, started.ended_at, started.is_live), (Some(at("09:00:00")), None, true));
    assert_eq!((started.number, started.topic.as_deref()), (Some(9), Some("Algebra")));
    let told = r#","duration":60,"end_time":"2026-11-20T10:16:00Z""#;
    let Happening::Ended(ended) = event("webinar.ended", told, "") else { panic!() };
    assert_eq!((ended.kind, ended.ended_at, ended.is_live), (Kind::Webinar, Some(at("10:16:00")), false));
    assert_eq!(ended.times_from, TimesFrom::Event);
}

fn check_seen(name: &str, participant: &str, sight: Sight, moment: &str) -> Sighting {
    let Happening::Seen(instance, seen) = event(name, r#","breakout_room_uuid":"r==""#, participant) else {
        panic!("{name}")
    };
    assert!(instance.is_live);
    assert_eq!((seen.sight, seen.at, seen.user_id.as_str()), (sight, at(moment), "16"), "{name}");
    seen
}

#[test]
fn coming_and_going_go_by_the_time_inside_the_event() {
    let joined = r#","join_time":"2026-11-20T09:03:00Z","id":"old","participant_user_id":"zA","registrant_id":"","email":"""#;
    let seen = check_seen("meeting.participant_joined", joined, Sight::Joined, "09:03:00");
    assert_eq!((seen.zoom_user_id.as_deref(), seen.registrant_id, seen.email), (Some("zA"), None, None));
    let left = r#","leave_time":"2026-11-20T09:58:00Z","leave_reason":"Ana left the meeting.<br>Reason: Host ended the meeting.""#;
    let seen = check_seen("meeting.participant_left", left, Sight::Left, "09:58:00");
    assert_eq!(seen.details["leave_reason"], "Host ended the meeting.");
    let waits = r#","date_time":"2026-11-20T09:01:00Z""#;
    check_seen("meeting.participant_joined_waiting_room", waits, Sight::Waits, "09:01:00");
    check_seen("meeting.participant_left_waiting_room", waits, Sight::StoppedWaiting, "09:01:00");
    check_seen("meeting.participant_admitted", waits, Sight::StoppedWaiting, "09:01:00");
    check_seen("meeting.participant_put_in_waiting_room", waits, Sight::PutOut, "09:01:00");
    let room = r#","join_time":"2026-11-20T09:30:00Z","parent_user_id":"15""#;
    let seen = check_seen("meeting.participant_joined_breakout_room", room, Sight::JoinedRoom, "09:30:00");
    assert_eq!((seen.room.as_deref(), seen.other_user_id.as_deref()), (Some("r=="), Some("15")));
    let bound = r#","bind_user_id":"17""#;
    let seen = check_seen("meeting.participant_bind", bound, Sight::Bound, "10:00:00");
    assert_eq!(seen.other_user_id.as_deref(), Some("17"));
}

#[test]
fn who_waits_for_a_host_proves_no_meeting() {
    let happening = event("meeting.participant_jbh_waiting", "", "");
    assert!(matches!(happening, Happening::SeenBefore { .. }), "{happening:?}");
}

#[test]
fn call_quality_is_one_series_with_a_sample_for_each_moment() {
    let qos = r#","qos":[
        {"date_time":"2026-11-20T09:05:00Z","type":"video_input","details":{"resolution":"1280*720","frame_rate":"12 fps"}},
        {"date_time":"2026-11-20T09:04:00Z","type":"audio_input","details":{"bitrate":"63 kbps","min_rssi":-56}},
        {"date_time":"2026-11-20T09:04:00Z","type":"cpu_usage","details":{"zoom_avg_cpu_usage":"2%"}},
        {"date_time":"2026-11-20T09:04:00Z","type":"wifi","details":{"avg_rssi":-50,"rssi_unit":"dBm"}},
        {"date_time":"2026-11-20T09:04:00Z","type":"audio_quality","details":{"quality":"good"}},
        {"type":"audio_input","details":{"bitrate":"1 kbps"}}]"#;
    let Happening::Quality { row, seen, .. } = event("meeting.participant_qos", "", qos) else { panic!() };
    assert_eq!((row.user_id.as_str(), row.joined_at, seen), ("16", None, None));
    assert_eq!(row.series.times(), [at("09:04:00"), at("09:05:00")]);
    let rate = Column::Stream(Channel::MAIN[0], Measure::Bitrate);
    assert_eq!((row.series.value(rate, 0), row.series.value(rate, 1)), (Some(63.0), None));
    assert_eq!(row.series.value(Column::CpuZoomAvg, 0), Some(2.0));
    // A member of another type beside the stream's is not taken for a figure of the radio.
    assert_eq!(
        (row.series.value(Column::RssiMin, 0), row.series.value(Column::RssiAvg, 0)),
        (None, Some(-50.0))
    );
}

#[test]
fn device_and_network_are_told_to_the_stay_and_to_the_series() {
    let data = r#","participant_id":"16","data":[{"device":"WIN","network_type":"Wired","microphone":"","version":"5.1"}]"#;
    let Happening::Quality { row, seen: Some(seen), .. } = event("meeting.participant_data", "", data) else {
        panic!()
    };
    assert_eq!((seen.sight, seen.details["network"].as_str()), (Sight::Equipped, "Wired"));
    assert_eq!((row.details["network_type"].as_str(), row.details.get("microphone")), ("Wired", None));
    assert!(row.series.is_empty());
}

#[test]
fn what_lacks_too_much_is_of_no_use_and_no_error() {
    let check = |json: &str| assert!(matches!(read(json), Happening::Nothing(_)), "{json}");
    check(r#"{"event":"meeting.started"}"#);
    check(r#"{"event":"meeting.started","payload":{"object":{}}}"#);
    check(r#"{"event":"meeting.participant_joined","payload":{"object":{"uuid":"a=="}}}"#);
    check(r#"{"event":"meeting.participant_joined","payload":{"object":{"uuid":"a==","participant":{}}}}"#);
    check(r#"{"event":"meeting.created","payload":{"object":{"uuid":"a=="}}}"#);
    check(
        r#"{"event":"meeting.participant_data","payload":{"object":{"uuid":"a==","participant":{"data":[{}]}}}}"#,
    );
}
