use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const MONDAY: &str = "2026-11-23T09:00:00Z";

fn activity() -> Activity {
    Activity {
        id: 1,
        module: Some(2),
        course: 3,
        number: 91_234_567_890,
        host_id: "JILL".into(),
        name: "Algebra".into(),
        planned_start: Some(at(MONDAY)),
        planned_length: SignedDuration::from_mins(90),
        is_recurring: false,
        is_webinar: false,
        grade_max: 0,
        grading_method: None,
        exists_on_zoom: true,
        is_visible: true,
    }
}

fn plan() -> Plan {
    Plan {
        topic: Some("Algebra".into()),
        host_id: Some("JILL".into()),
        recurrence: Some(Recurrence::Once),
        start: Some(at(MONDAY)),
        length: Some(SignedDuration::from_mins(90)),
        occurrences: Vec::new(),
    }
}

fn check(activity: &Activity, plan: &Plan, expected: &[Difference]) {
    assert_eq!(differences(activity, plan), expected);
}

/// Weekly from the Monday before.
fn weekly() -> Plan {
    let starts = ["2026-11-16T09:00:00Z", MONDAY, "2026-11-30T09:00:00Z"];
    let occurrence = |start| Occurrence { start: at(start), length: Some(SignedDuration::from_mins(90)) };
    Plan {
        recurrence: Some(Recurrence::OnSchedule),
        start: Some(at(starts[0])),
        occurrences: starts.map(occurrence).into(),
        ..plan()
    }
}

#[test]
fn what_is_the_same_is_not_told() {
    check(&activity(), &plan(), &[]);
    let spaced = Activity { name: " Algebra\u{a0} ".into(), ..activity() };
    check(&spaced, &plan(), &[]);
    let second = Plan { start: Some(at("2026-11-23T09:00:30Z")), ..plan() };
    check(&activity(), &second, &[]);
}

#[test]
fn what_either_side_does_not_tell_is_not_compared() {
    let silent = Plan { topic: None, host_id: None, recurrence: None, start: None, length: None, ..plan() };
    check(&activity(), &silent, &[]);
    let bare = Activity {
        planned_start: None,
        planned_length: SignedDuration::ZERO,
        host_id: String::new(),
        ..activity()
    };
    check(&bare, &plan(), &[]);
}

#[test]
fn everything_that_differs_is_told_with_both_sides() {
    let moved = Plan {
        topic: Some("Geometry".into()),
        host_id: Some("BOB".into()),
        start: Some(at("2026-11-23T10:00:00Z")),
        length: Some(SignedDuration::from_mins(45)),
        ..plan()
    };
    check(
        &activity(),
        &moved,
        &[
            Difference::Topic { moodle: "Algebra".into(), zoom: "Geometry".into() },
            Difference::Host { moodle: "JILL".into(), zoom: "BOB".into() },
            Difference::Start { moodle: at(MONDAY), zoom: Some(at("2026-11-23T10:00:00Z")) },
            Difference::Length { moodle: 5_400, zoom: 2_700 },
        ],
    );
    let timeless = Plan { start: None, ..plan() };
    check(&activity(), &timeless, &[Difference::Start { moodle: at(MONDAY), zoom: None }]);
}

#[test]
fn a_name_longer_than_zoom_keeps_is_the_same_as_its_beginning() {
    let long = Activity { name: "ä".repeat(300), ..activity() };
    check(&long, &Plan { topic: Some("ä".repeat(200)), ..plan() }, &[]);
    let cut_at_a_blank = Activity { name: format!("{} and more", "x".repeat(199)), ..activity() };
    check(&cut_at_a_blank, &Plan { topic: Some(format!("{} ", "x".repeat(199))), ..plan() }, &[]);
    assert_eq!(differences(&long, &Plan { topic: Some("ä".repeat(199)), ..plan() }).len(), 1);
}

#[test]
fn of_a_schedule_any_occurrence_will_do() {
    let recurring = |start| Activity { is_recurring: true, planned_start: Some(at(start)), ..activity() };
    for start in ["2026-11-16T09:00:00Z", MONDAY, "2026-11-30T09:00:00Z"] {
        check(&recurring(start), &weekly(), &[]);
    }
    let tuesday = at("2026-11-24T09:00:00Z");
    let nearest = Difference::Start { moodle: tuesday, zoom: Some(at(MONDAY)) };
    check(&recurring("2026-11-24T09:00:00Z"), &weekly(), &[nearest]);
    let mut shorter = weekly();
    shorter.occurrences[1].length = Some(SignedDuration::from_mins(60));
    check(&recurring(MONDAY), &shorter, &[Difference::Length { moodle: 5_400, zoom: 3_600 }]);
    check(&recurring("2026-11-30T09:00:00Z"), &shorter, &[]);
    let over = Plan { occurrences: Vec::new(), start: Some(at(MONDAY)), ..weekly() };
    check(&recurring(MONDAY), &over, &[]);
}

#[test]
fn what_recurs_without_a_schedule_has_no_times_to_compare() {
    let open = Plan { recurrence: Some(Recurrence::AtAnyTime), start: None, length: None, ..plan() };
    check(&Activity { is_recurring: true, ..activity() }, &open, &[]);
    check(&activity(), &open, &[Difference::Recurs { moodle: false, zoom: true }]);
    let once = Activity { is_recurring: true, ..activity() };
    check(&once, &plan(), &[Difference::Recurs { moodle: true, zoom: false }]);
}
