use super::*;
use crate::identity::{Candidate, NO_NAME};
use crate::instance::Kind;

fn at(word: &str) -> Timestamp {
    format!("2026-11-20T{word}:00Z").parse().unwrap()
}

/// `"09:00-09:30 09:40-10:00"`.
fn spans(text: &str) -> Vec<Span> {
    let span = |word: &str| {
        let (from, to) = word.split_once('-').unwrap();
        Span { from: at(from), to: at(to) }
    };
    text.split_whitespace().map(span).collect()
}

fn identity(user: Option<i64>, confidence: Confidence, rule: &'static str, candidates: &[i64]) -> Identity {
    let candidate = |id: &i64| Candidate { user: *id, full_name: String::new(), likeness: 1.0 };
    Identity {
        user,
        confidence,
        rule,
        evidence: String::new(),
        candidates: candidates.iter().map(candidate).collect(),
    }
}

fn seen(identity: Identity, text: &str) -> Seen {
    Seen { identity, spans: spans(text), open_since: None }
}

fn ana(text: &str) -> Seen {
    seen(identity(Some(ANA), Confidence::Likely, "name", &[]), text)
}

fn iphone(text: &str) -> Seen {
    seen(identity(None, Confidence::Unknown, NO_NAME, &[]), text)
}

const ANA: i64 = 10;

/// A class from 9:00 to 10:00.
fn class(people: Vec<Seen>) -> Session {
    Session {
        label: "20 November".to_owned(),
        standing: Standing::Verified,
        class_time: Some(spans("09:00-10:00")),
        people,
    }
}

fn check(session: &Session, expected: Mark) -> Verdict {
    let verdict = mark(ANA, session, &Rule::default());
    assert_eq!(verdict.mark, expected, "{}", verdict.reason);
    verdict
}

#[test]
fn the_mark_follows_from_when_somebody_was_there() {
    for (text, expected) in [
        ("09:00-10:00", Mark::Present),
        ("09:10-09:50", Mark::Present),
        ("09:11-10:00", Mark::Late),
        ("09:00-09:49", Mark::LeftEarly),
        ("09:11-09:49", Mark::LateAndLeftEarly),
        ("09:00-09:15 09:45-10:00", Mark::Present),
        ("09:00-09:14 09:45-10:00", Mark::Absent),
        ("08:00-09:00 10:00-11:00", Mark::Absent),
    ] {
        check(&class(vec![ana(text)]), expected);
    }
    assert_eq!(check(&class(vec![]), Mark::Absent).reason, "not seen in the session");
}

#[test]
fn minutes_and_share_are_those_of_the_class() {
    let verdict = check(&class(vec![ana("08:30-09:20"), ana("09:10-09:45")]), Mark::LeftEarly);
    assert_eq!((verdict.seconds, verdict.share), (45 * 60, Some(0.75)));
    assert_eq!(verdict.reason, "45 of 60 minutes; left 15 minutes before the end");
}

#[test]
fn the_rule_can_be_changed() {
    let late = class(vec![ana("09:40-10:00")]);
    let with = |rule: Rule| mark(ANA, &late, &rule).mark;
    assert_eq!(with(Rule { present_from_share: 0.3, ..Rule::default() }), Mark::Late);
    let lenient =
        Rule { present_from_share: 0.0, late_after: None, left_early_before: None, ..Rule::default() };
    assert_eq!(with(lenient.clone()), Mark::Present);
    assert_eq!(mark(ANA, &class(vec![]), &lenient).mark, Mark::Absent);
}

#[test]
fn nobody_is_absent_from_a_session_that_is_not_verified() {
    for standing in [Standing::Open, Standing::Closed] {
        check(&Session { standing, ..class(vec![]) }, Mark::Unknown);
        check(&Session { standing, ..class(vec![ana("09:30-10:00")]) }, Mark::Unknown);
        // More answers can only add.
        check(&Session { standing, ..class(vec![ana("09:00-10:00")]) }, Mark::Present);
    }
}

#[test]
fn nobody_is_marked_where_the_times_are_not_known() {
    let verdict = check(&Session { class_time: None, ..class(vec![ana("09:00-09:30")]) }, Mark::Unknown);
    assert_eq!((verdict.seconds, verdict.share), (30 * 60, None));
    let empty = Session { class_time: Some(spans("09:00-09:00")), ..class(vec![ana("09:00-09:00")]) };
    assert_eq!(check(&empty, Mark::Unknown).reason, "the session has no length");
}

#[test]
fn a_leave_that_is_not_known_leaves_only_presence_beyond_doubt() {
    let open = |text: &str| Seen { open_since: Some(at("09:55")), ..ana(text) };
    check(&class(vec![open("09:00-09:55")]), Mark::Present);
    check(&class(vec![open("09:00-09:40")]), Mark::Unknown);
}

#[test]
fn somebody_without_a_name_may_be_whoever_would_be_absent() {
    check(&class(vec![iphone("09:00-10:00")]), Mark::Unknown);
    // Not long enough to change anything.
    check(&class(vec![iphone("09:00-09:05")]), Mark::Absent);
    // Together they are.
    check(&class(vec![iphone("09:00-09:20"), iphone("09:20-10:00")]), Mark::Unknown);
    check(&class(vec![ana("09:00-09:20"), iphone("09:20-10:00")]), Mark::Unknown);
    // Late is not in doubt because of a device.
    check(&class(vec![ana("09:20-10:00"), iphone("09:00-09:20")]), Mark::Late);
    let strict = Rule { is_nameless_doubt: false, ..Rule::default() };
    assert_eq!(mark(ANA, &class(vec![iphone("09:00-10:00")]), &strict).mark, Mark::Absent);
}

#[test]
fn a_device_that_never_left_is_taken_to_have_stayed() {
    let open = Seen { open_since: Some(at("09:05")), ..iphone("09:00-09:05") };
    check(&class(vec![open]), Mark::Unknown);
}

#[test]
fn a_guest_with_a_name_puts_nobody_in_doubt() {
    let guest = seen(identity(None, Confidence::Unknown, "name", &[]), "09:00-10:00");
    check(&class(vec![guest]), Mark::Absent);
    let other = seen(identity(Some(11), Confidence::Likely, "name", &[]), "09:00-10:00");
    check(&class(vec![other]), Mark::Absent);
    let nobody = seen(identity(None, Confidence::Certain, "correction", &[]), "09:00-10:00");
    check(&class(vec![nobody]), Mark::Absent);
}

#[test]
fn candidates_of_an_ambiguous_name_are_in_doubt_and_nobody_else() {
    let twin =
        |candidates: &[i64]| seen(identity(None, Confidence::Ambiguous, "name", candidates), "09:00-10:00");
    check(&class(vec![twin(&[ANA, 11])]), Mark::Unknown);
    check(&class(vec![twin(&[ANA, 11]), ana("09:20-10:00")]), Mark::Unknown);
    check(&class(vec![twin(&[11, 12])]), Mark::Absent);
}

fn instance(from: &str, to: Option<&str>) -> Instance {
    Instance {
        started_at: Some(at(from)),
        ended_at: to.map(at),
        ..Instance::unknown(from.to_owned(), Kind::Meeting)
    }
}

fn activity(planned: Option<&str>, is_recurring: bool) -> Activity {
    Activity {
        id: 1,
        module: Some(2),
        course: 5,
        number: 91_234_567_890,
        host_id: "host".to_owned(),
        name: "Biology".to_owned(),
        planned_start: planned.map(at),
        planned_length: minutes(60),
        is_recurring,
        is_webinar: false,
        grade_max: 100,
        grading_method: Some("period".to_owned()),
        exists_on_zoom: true,
        is_visible: true,
    }
}

#[test]
fn what_lies_outside_the_plan_is_no_class() {
    let (one, two) = (instance("08:30", Some("09:30")), instance("09:34", Some("11:00")));
    let of = |activity: &Activity, basis| class_time(&[&one, &two], Some(activity), basis);
    let planned = activity(Some("09:00"), false);
    assert_eq!(of(&planned, Basis::Planned), Some(spans("09:00-09:30 09:34-10:00")));
    let held = Some(spans("08:30-09:30 09:34-11:00"));
    assert_eq!(of(&planned, Basis::Held), held);
    // Moved, repeated or without a plan: as held.
    for other in [activity(Some("14:00"), false), activity(Some("09:00"), true), activity(None, false)] {
        assert_eq!(of(&other, Basis::Planned), held);
    }
}

#[test]
fn a_class_without_start_or_end_has_no_time() {
    let running = Instance { is_live: true, ..instance("09:00", Some("09:30")) };
    for unknown in [instance("09:00", None), running] {
        assert_eq!(class_time(&[&instance("08:00", Some("08:59")), &unknown], None, Basis::Planned), None);
    }
}
