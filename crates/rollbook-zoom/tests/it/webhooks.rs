//! Zoom's own samples of events, and what is surprising about them.

use std::collections::BTreeSet;
use std::path::Path;

use rollbook_zoom::webhook::{Event, EventKind};
use rollbook_zoom::{Decoded, MeetingId};

use crate::fake::notes;

fn read(body: &[u8]) -> Decoded<Event> {
    Event::read(body).unwrap()
}

fn sample(name: &str) -> Event {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/events/webhook-{name}.json"));
    read(&std::fs::read(path).unwrap()).value
}

/// Each sample of a folder by its event's name.
fn check_folder(folder: &Path) -> (usize, BTreeSet<EventKind>) {
    let (mut files, mut kinds) = (0, BTreeSet::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        let Some(name) = file.strip_prefix("webhook-").and_then(|rest| rest.strip_suffix(".json")) else {
            continue;
        };
        let event = read(&std::fs::read(entry.path()).unwrap());
        files += 1;
        if name == "endpoint.url_validation-response" {
            assert!(event.is_foreign, "{name} is an answer, no event");
            continue;
        }
        assert_eq!(event.value.name.as_deref(), Some(name));
        assert_eq!((event.unreadable, event.trailing_bytes, event.is_foreign), (0, 0, false), "{name}");
        let kind = event.value.kind();
        if kind != EventKind::Other {
            assert_eq!(event.unknown_fields, Vec::<String>::new(), "{name}");
            assert!(event.value.event_ts.is_some(), "{name}");
        }
        assert_eq!(event.value.is_webinar(), name.starts_with("webinar."), "{name}");
        kinds.insert(kind);
    }
    (files, kinds)
}

#[test]
fn every_sample_of_an_event_reads_without_a_remainder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/events");
    let (files, kinds) = check_folder(&folder);
    // All kinds there are have a sample.
    assert_eq!((files, kinds.len()), (37, EventKind::Other as usize + 1));
    if let Some(folder) = notes("examples") {
        assert_eq!(check_folder(&folder), (files, kinds));
    }
}

#[test]
fn an_event_nobody_knows_is_no_error() {
    let check = |body: &str| assert_eq!(read(body.as_bytes()).value.kind(), EventKind::Other, "{body}");
    check(r#"{"event": "meeting.participant_phone_callout_failed", "payload": {"new": [{}]}}"#);
    check(r#"{"event": "phone.ended", "payload": {"object": "text"}}"#);
    check(r#"{"event": 7, "payload": []}"#);
    check("{}");
    assert!(Event::read(b"[]").is_err());
    assert!(Event::read(b"{\"event\": \"meeting.st").unwrap_err().is_truncated);
}

#[test]
fn quirk_13_an_events_number_is_a_number_or_text() {
    let check = |name: &str| {
        assert_eq!(sample(name).object().unwrap().number(), Some(MeetingId(1_234_567_890)), "{name}");
    };
    check("meeting.started");
    check("meeting.ended");
    check("meeting.participant_jbh_waiting_left");
    // And something else in a webinar's summary.
    let summary = sample("webinar.participant_qos_summary");
    assert_eq!(summary.object().unwrap().number(), None);
    assert_eq!(summary.object().unwrap().id.as_deref(), Some("123456ABCDEF"));
}

#[test]
fn quirk_71_the_planned_length_is_not_the_length() {
    let ended = sample("meeting.ended");
    let object = ended.object().unwrap();
    let ran = object.end_time.unwrap().duration_since(object.start_time.unwrap());
    assert_eq!((object.duration, ran.as_mins()), (Some(60), 76));
}

#[test]
fn quirk_72_a_connection_has_several_names() {
    let check = |name: &str, expected: &str| {
        let event = sample(name);
        let participant = event.object().unwrap().participant.as_ref().unwrap();
        assert_eq!(participant.connection(), Some(expected), "{name}");
    };
    check("meeting.participant_qos", "1234567890");
    check("meeting.participant_data", "1234567890");
    check("meeting.participant_joined_breakout_room", "31228928");
    let waiting = sample("meeting.participant_jbh_waiting");
    let participant = waiting.object().unwrap().participant.as_ref().unwrap();
    assert_eq!(participant.connection(), None);
    assert_eq!(participant.zoom_user().map(|user| user.as_str()), Some("iFxeBPYun6SAiWUzBcEkX"));
}
