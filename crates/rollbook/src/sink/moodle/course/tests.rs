use jiff::SignedDuration;
use rollbook_core::instance::{Kind, TimesFrom};

use super::*;

fn at(minute: i64) -> Timestamp {
    let morning: Timestamp = "2026-10-01T10:00:00Z".parse().unwrap();
    morning + SignedDuration::from_mins(minute)
}

/// `"7"`, with `planned MINUTE` or nothing for one that repeats, `gone` for one without a page.
fn activity(text: &str) -> Activity {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plan = words.iter().position(|word| *word == "planned").map(|place| words[place + 1]);
    Activity {
        id: words[0].parse().unwrap(),
        module: (!words.contains(&"gone")).then_some(70),
        course: 5,
        number: 9,
        host_id: "host".into(),
        name: "Lecture".into(),
        planned_start: plan.map(|minute| at(minute.parse().unwrap())),
        planned_length: SignedDuration::from_mins(60),
        is_recurring: plan.is_none(),
        is_webinar: false,
        grade_max: 100,
        grading_method: None,
        exists_on_zoom: true,
        is_visible: true,
    }
}

/// An hour's run that begins at a minute.
fn check(activities: &[&str], begins: i64, expected: &[i64]) {
    let activities: Vec<Activity> = activities.iter().map(|text| activity(text)).collect();
    let mut run = Instance::unknown("a==".into(), Kind::Meeting);
    (run.started_at, run.ended_at) = (Some(at(begins)), Some(at(begins + 60)));
    run.times_from = TimesFrom::List;
    let own: Vec<i64> = owners(&activities, 9, &[&run]).iter().map(|activity| activity.id).collect();
    assert_eq!(own, expected, "{activities:?}");
}

#[test]
fn a_session_belongs_to_the_activity_that_planned_it() {
    check(&["3 planned 0", "4 planned 600"], 5, &[3]);
    check(&["3 planned 0", "4 planned 600"], 590, &[4]);
    check(&["3 planned 0"], 600, &[3]);
}

#[test]
fn an_activity_that_repeats_has_every_session() {
    check(&["3", "4"], 5, &[3, 4]);
    check(&["3", "4 planned 0"], 5, &[4, 3]);
    check(&["3", "4 planned 600"], 5, &[3]);
}

#[test]
fn a_class_that_was_moved_belongs_to_all_that_planned_it_otherwise() {
    check(&["3 planned 0", "4 planned 600"], 3_000, &[3, 4]);
}

#[test]
fn what_has_no_page_and_what_has_another_number_gets_nothing() {
    check(&["3 gone", "4"], 0, &[4]);
    let other = Activity { number: 8, ..activity("3") };
    assert!(owners(std::slice::from_ref(&other), 9, &[]).is_empty());
    assert_eq!(numbers([&other, &activity("4 gone")]), BTreeSet::from([8]));
}
