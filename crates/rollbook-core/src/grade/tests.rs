use jiff::Timestamp;

use super::*;
use crate::attendance::Span;
use crate::course::Seen;
use crate::identity::Identity;
use crate::roster::{Course, User};

const ANA: i64 = 10;

/// `minutes` after nine.
fn at(minutes: i64) -> Timestamp {
    "2026-11-20T09:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minutes)
}

fn span(from: i64, to: i64) -> Vec<Span> {
    vec![Span { from: at(from), to: at(to) }]
}

/// A session from minute `from` on, an hour long, of which Ana attended the first `attended` minutes.
fn session(from: i64, attended: i64) -> Session {
    Session {
        label: "20 November".to_owned(),
        standing: Standing::Verified,
        class_time: Some(span(from, from + 60)),
        people: vec![seen(Confidence::Likely, from, from + attended)],
    }
}

fn seen(confidence: Confidence, from: i64, to: i64) -> Seen {
    let identity = Identity {
        user: Some(ANA),
        confidence,
        rule: "name",
        evidence: String::new(),
        candidates: Vec::new(),
    };
    Seen { identity, spans: span(from, to), open_since: None }
}

fn activity() -> Activity {
    Activity {
        id: 1,
        module: Some(2),
        course: 5,
        number: 91_234_567_890,
        host_id: "host".to_owned(),
        name: "Biology".to_owned(),
        planned_start: None,
        planned_length: jiff::SignedDuration::ZERO,
        is_recurring: true,
        is_webinar: false,
        grade_max: 100,
        grading_method: Some("period".to_owned()),
        exists_on_zoom: true,
        is_visible: true,
    }
}

fn ana() -> Member {
    let user = User { id: ANA, first_name: "Ana".to_owned(), ..User::default() };
    Member { user, is_active: true, roles: vec!["student".to_owned()] }
}

fn decide_for(
    member: Member,
    activity: &Activity,
    sessions: &[Session],
    current: Option<f64>,
    policy: &Policy,
) -> Result<f64, String> {
    let roster = Roster { course: course(), members: vec![member] };
    let held = current.map(|points| (ANA, CurrentGrade { points: Some(points), is_fixed: false }));
    let decision = decide(activity, &[], &roster, sessions, &held.into_iter().collect(), policy);
    match (decision.grades.as_slice(), decision.ungraded.as_slice()) {
        ([grade], []) => {
            assert_eq!(grade.replaces, current);
            Ok(grade.points)
        }
        ([], [ungraded]) => Err(ungraded.reason.clone()),
        other => panic!("{other:?}"),
    }
}

fn course() -> Course {
    Course {
        id: 5,
        short_name: "BIO101".to_owned(),
        full_name: "Biology".to_owned(),
        id_number: String::new(),
        is_visible: true,
    }
}

fn points(sessions: &[Session], current: Option<f64>, policy: &Policy) -> Result<f64, String> {
    decide_for(ana(), &activity(), sessions, current, policy)
}

fn refused(result: Result<f64, String>, words: &str) {
    let reason = result.unwrap_err();
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn the_grade_is_the_share_attended_of_the_full_mark() {
    assert_eq!(points(&[session(0, 45)], None, &Policy::default()), Ok(75.0));
    assert_eq!(points(&[session(0, 20)], None, &Policy::default()), Ok(33.333_33));
    let of_ten = Activity { grade_max: 10, ..activity() };
    assert_eq!(decide_for(ana(), &of_ten, &[session(0, 45)], None, &Policy::default()), Ok(7.5));
}

#[test]
fn time_on_two_devices_or_outside_the_class_counts_once_or_not() {
    let mut twice = session(0, 30);
    twice.people.push(seen(Confidence::Certain, 10, 40));
    twice.people.push(seen(Confidence::Certain, 60, 600));
    assert_eq!(points(&[twice], None, &Policy::default()), Ok(66.666_67));
}

#[test]
fn several_sessions_count_together_or_by_the_best_or_the_latest() {
    let sessions = [session(0, 60), session(100, 0), session(200, 30)];
    for (combine, expected) in [(Combine::Overall, 50.0), (Combine::Best, 100.0), (Combine::Latest, 50.0)] {
        let policy = Policy { combine, ..Policy::default() };
        assert_eq!(points(&sessions, None, &policy), Ok(expected), "{combine:?}");
    }
}

#[test]
fn a_grade_is_not_lowered_unless_told_so() {
    let half = [session(0, 30)];
    refused(points(&half, Some(80.0), &Policy::default()), "less than the 80");
    let lowering = Policy { may_lower: true, ..Policy::default() };
    assert_eq!(points(&half, Some(80.0), &lowering), Ok(50.0));
    assert_eq!(points(&half, Some(20.0), &Policy::default()), Ok(50.0));
    refused(points(&half, Some(50.0), &lowering), "already");
}

#[test]
fn a_locked_grade_is_left_alone() {
    let current = BTreeMap::from([(ANA, CurrentGrade { points: None, is_fixed: true })]);
    let reason = grade(&ana(), &activity(), &[&session(0, 60)], current.get(&ANA), &Policy::default());
    refused(reason.map(|grade| grade.points), "locked");
}

#[test]
fn only_verified_sessions_count_and_one_that_may_be_verified_is_waited_for() {
    let with = |standing| [session(0, 60), Session { standing, ..session(100, 0) }];
    refused(points(&with(Standing::Open), None, &Policy::default()), "being checked");
    assert_eq!(points(&with(Standing::Closed), None, &Policy::default()), Ok(100.0));
    let best = Policy { combine: Combine::Best, ..Policy::default() };
    assert_eq!(points(&with(Standing::Open), None, &best), Ok(100.0));
    let closed = [Session { standing: Standing::Closed, ..session(0, 60) }];
    refused(points(&closed, None, &Policy::default()), "no session");
    refused(points(&[], None, &Policy::default()), "no session");
}

#[test]
fn sessions_without_length_grade_nobody() {
    let empty = Session { class_time: Some(span(0, 0)), ..session(0, 0) };
    let unknown = Session { class_time: None, ..session(0, 60) };
    for combine in [Combine::Overall, Combine::Best, Combine::Latest] {
        let policy = Policy { combine, ..Policy::default() };
        refused(points(&[empty.clone(), unknown.clone()], None, &policy), "length");
        assert_eq!(points(&[empty.clone(), session(100, 30)], None, &policy), Ok(50.0));
    }
}

#[test]
fn only_active_students_are_graded() {
    let full = [session(0, 60)];
    let of = |member: Member| decide_for(member, &activity(), &full, None, &Policy::default());
    refused(of(Member { roles: vec!["editingteacher".to_owned()], ..ana() }), "no student");
    refused(of(Member { is_active: false, ..ana() }), "not active");
    refused(of(Member { user: User { is_suspended: true, ..ana().user }, ..ana() }), "not active");
    refused(points(&[session(0, 0)], None, &Policy::default()), "not seen");
}

#[test]
fn identities_that_are_not_sure_enough_earn_nothing() {
    let certain_only = Policy { confidence: Confidence::Certain, ..Policy::default() };
    refused(points(&[session(0, 60)], None, &certain_only), "not seen");
}

#[test]
fn activities_that_grade_otherwise_are_left_alone() {
    let full = [session(0, 60)];
    for (other, words) in [
        (Activity { grading_method: Some("entry".to_owned()), ..activity() }, "by time"),
        (Activity { grading_method: None, ..activity() }, "by time"),
        (Activity { grade_max: 0, ..activity() }, "by time"),
        (Activity { grade_max: -2, ..activity() }, "by time"),
        (Activity { module: None, ..activity() }, "deleted"),
    ] {
        refused(decide_for(ana(), &other, &full, None, &Policy::default()), words);
    }
}

#[test]
fn of_a_class_planned_once_the_host_s_trial_does_not_count() {
    let once = Activity {
        is_recurring: false,
        planned_start: Some(at(100)),
        planned_length: jiff::SignedDuration::from_mins(60),
        ..activity()
    };
    let sessions = [session(0, 0), session(100, 60)];
    let of = |basis| decide_for(ana(), &once, &sessions, None, &Policy { basis, ..Policy::default() });
    assert_eq!((of(Basis::Planned), of(Basis::Held)), (Ok(100.0), Ok(50.0)));
    // Held at another time altogether: all of it counts.
    assert_eq!(decide_for(ana(), &once, &sessions[..1], None, &Policy::default()).ok(), None);
    assert_eq!(decide_for(ana(), &once, &[session(0, 30)], None, &Policy::default()), Ok(50.0));
}

#[test]
fn whoever_holds_no_role_is_a_student_only_where_nobody_holds_one() {
    let nameless = || Member { roles: Vec::new(), ..ana() };
    let other = || Member { user: User { id: ANA + 1, ..User::default() }, ..ana() };
    let graded = |members: Vec<Member>| {
        let roster = Roster { course: course(), members };
        let sessions = [session(0, 30)];
        let decision = decide(&activity(), &[], &roster, &sessions, &BTreeMap::new(), &Policy::default());
        decision.grades.iter().map(|grade| grade.user).collect::<Vec<_>>()
    };
    assert_eq!(graded(vec![nameless()]), [ANA]);
    assert_eq!(graded(vec![nameless(), other()]), [0; 0]);
}

#[test]
fn a_repeating_meeting_that_another_course_uses_too_grades_nobody() {
    let roster = Roster { course: course(), members: vec![ana()] };
    let sessions = [session(0, 30)];
    let decide = |activity: &Activity| {
        decide(activity, &["BIO102".to_owned()], &roster, &sessions, &BTreeMap::new(), &Policy::default())
    };
    assert!(decide(&activity()).ungraded[0].reason.contains("BIO102"));
    let once = Activity {
        is_recurring: false,
        planned_start: Some(at(0)),
        planned_length: jiff::SignedDuration::from_mins(60),
        ..activity()
    };
    assert_eq!(decide(&once).grades.len(), 1);
}
