use jiff::SignedDuration;

use super::*;

/// `"3 hidden gone"`: an activity's id, and what is special about it.
fn activity(text: &str) -> Activity {
    let mut words = text.split_whitespace();
    let id: i64 = words.next().unwrap().parse().unwrap();
    let marks: Vec<&str> = words.collect();
    Activity {
        id,
        module: (!marks.contains(&"deleted")).then_some(id + 100),
        course: 2,
        number: if marks.contains(&"other") { 999 } else { 85_746_065 },
        host_id: "host".into(),
        name: "Lecture".into(),
        planned_start: None,
        planned_length: SignedDuration::ZERO,
        is_recurring: true,
        is_webinar: false,
        grade_max: 0,
        grading_method: None,
        exists_on_zoom: !marks.contains(&"gone"),
        is_visible: !marks.contains(&"hidden"),
    }
}

fn check(activities: &str, holder: Option<i64>, earlier: &[(i64, u64)], expected: &str) {
    let mut activities: Vec<Activity> = activities.split(',').map(activity).collect();
    let earlier: BTreeMap<i64, u64> = earlier.iter().copied().collect();
    for _ in 0..2 {
        let shown = match choose_activity(&activities, 85_746_065, holder, &earlier) {
            Some(choice) => {
                let others: Vec<String> = choice.others.iter().map(|other| other.id.to_string()).collect();
                format!("{} ({}) before {}", choice.activity.id, choice.because, others.join(" "))
            }
            None => "nowhere".to_owned(),
        };
        assert_eq!(shown, expected);
        activities.reverse();
    }
}

#[test]
fn one_activity_gets_it() {
    check("7, 8 other", None, &[], "7 (the only activity of this meeting) before ");
}

#[test]
fn where_the_session_is_already_it_stays() {
    check("3, 4 hidden", Some(4), &[(3, 9)], "4 (the session is there already) before 3");
}

#[test]
fn the_activity_with_earlier_sessions_goes_on() {
    check(
        "3, 4, 5",
        None,
        &[(4, 1), (5, 6)],
        "5 (most earlier sessions of this meeting are there) before 4 3",
    );
}

#[test]
fn visible_comes_before_hidden_and_existing_before_gone_and_old_before_new() {
    check("3 hidden, 4", None, &[], "4 (students see it) before 3");
    check("3 gone, 4", None, &[], "4 (its meeting still exists on Zoom) before 3");
    check("4, 3, 5", None, &[], "3 (the oldest of the activities of this meeting) before 4 5");
}

#[test]
fn an_activity_about_to_vanish_gets_nothing_even_if_it_holds_the_session() {
    check("3 deleted, 4", Some(3), &[(3, 2)], "4 (the only activity of this meeting) before ");
    check("3 deleted", None, &[], "nowhere");
}

#[test]
fn a_restored_copy_without_a_number_is_nobodys_meeting() {
    let mut copy = activity("3");
    copy.number = 0;
    assert_eq!(choose_activity(&[copy], 0, None, &BTreeMap::new()), None);
}
