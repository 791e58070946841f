use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook_zoom::word::MeetingKind;
use serde_json::json;

use super::*;
use crate::cli::page::Page;

fn check() -> Check {
    Check { course: None, marked: false, strict: false, dry_run: false }
}

fn activity(id: i64, number: u64) -> Activity {
    Activity {
        id,
        module: Some(id + 100),
        course: 1,
        number,
        host_id: "JILL".into(),
        name: format!("Class {id}"),
        planned_start: Some("2026-11-23T09:00:00Z".parse::<Timestamp>().unwrap()),
        planned_length: SignedDuration::from_mins(90),
        is_recurring: false,
        is_webinar: false,
        grade_max: 0,
        grading_method: None,
        exists_on_zoom: true,
        is_visible: true,
    }
}

fn wanted(activities: Vec<Activity>) -> Wanted {
    Wanted { courses: BTreeMap::new(), activities }
}

#[test]
fn each_number_and_each_host_of_webinars_is_paid_for_once() {
    let webinar = |id, number| Activity { is_webinar: true, ..activity(id, number) };
    let gone = Activity { exists_on_zoom: false, ..activity(6, 30) };
    let all =
        wanted(vec![activity(1, 10), activity(2, 10), activity(3, 20), webinar(4, 40), webinar(5, 50), gone]);
    assert_eq!(check().numbers(&all), [10, 20].into());
    assert_eq!(check().webinar_hosts(&all), [("JILL".to_owned(), [40, 50].into())].into());
    assert_eq!(Check { marked: true, ..check() }.numbers(&all), [10, 20, 30].into());
}

#[test]
fn what_moodle_marked_as_gone_is_named_as_such() {
    let gone = Activity { exists_on_zoom: false, ..activity(1, 10) };
    assert_eq!(check().finding(&gone, None, None).standing, Standing::MarkedGone);
    let asked = Check { marked: true, ..check() }.finding(&gone, None, Some(&Said::Gone("x".into())));
    assert_eq!(asked.standing, Standing::Gone { said: "x".into() });
}

#[test]
fn a_webinar_that_its_host_does_not_list_is_not_known() {
    let line = PlannedMeeting {
        id: Some(MeetingId(40)),
        kind: Some(MeetingKind(5)),
        topic: Some("Class 1".into()),
        start_time: Some("2026-11-23T09:00:00Z".parse().unwrap()),
        ..PlannedMeeting::default()
    };
    let webinar = Activity { is_webinar: true, ..activity(1, 40) };
    let told = check().finding(&webinar, None, Some(&of_lines(40, std::slice::from_ref(&line))));
    assert_eq!(told.standing, Standing::Same);
    let told = check().finding(&webinar, None, Some(&of_lines(41, &[line])));
    assert!(matches!(told.standing, Standing::NotKnown { .. }), "{told:?}");
}

#[test]
fn findings_read_well() {
    let mut report = Report::new(Price { light: 4, medium: 0 });
    report.is_complete = true;
    let plan = rollbook_core::planned::Plan {
        topic: Some("Class 2".into()),
        host_id: None,
        recurrence: Some(rollbook_core::planned::Recurrence::Once),
        start: Some("2026-11-23T10:00:00Z".parse().unwrap()),
        length: Some(SignedDuration::from_mins(45)),
        occurrences: Vec::new(),
    };
    let as_is = |number| Said::NotKnown(format!("said of {number}"));
    report.add(check().finding(&activity(2, 91_234_567_890), None, Some(&Said::Plan(Box::new(plan)))));
    report.add(check().finding(&activity(3, 9_123_456_789), None, Some(&Said::IsWebinar)));
    report.add(check().finding(&activity(4, 7), None, Some(&as_is(7))));
    report.add(check().finding(
        &activity(5, 8),
        None,
        Some(&Said::Gone("Meeting does not exist: 8.".into())),
    ));
    let zone = TimeZone::get("Europe/Madrid").unwrap();
    let text = report.text(&Page { width: 100, zone, now: Timestamp::UNIX_EPOCH });
    for words in [
        "starts 2026-11-23 11:00 instead of 2026-11-23 10:00",
        "45 min instead of 90",
        "a webinar instead of a meeting",
        "not known: said of 7",
        "gone: deleted, or not used for 30 days",
        "4: 0 as Moodle has them, 2 differ, 1 gone from Zoom, 1 not known",
        "4 Light calls, 0 Medium calls",
    ] {
        // A table wraps where it must.
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_there = flat.contains(words) || words.split(' ').all(|word| flat.contains(word));
        assert!(is_there, "{words}: {text}");
    }
    let first = serde_json::to_value(&report).unwrap()["findings"][0].clone();
    assert_eq!((&first["standing"], &first["meeting"]), (&json!("differs"), &json!(91_234_567_890_u64)));
    assert_eq!(first["differences"][1], json!({"what": "length", "moodle": 5_400, "zoom": 2_700}));
}
