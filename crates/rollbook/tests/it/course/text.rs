//! What people see of a course, without a Moodle.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rollbook::cli::page::Page;
use rollbook::report::course::{CourseReport, label};
use rollbook::sink::moodle::course::{CourseBook, Meetings, numbers};
use rollbook_core::course::Rule;
use rollbook_core::family::Offer;
use rollbook_core::identity::{Known, LinkedEmails, SiteUsers};
use rollbook_core::limits::Plan;
use rollbook_core::roster::{Activity, Course, Member, Roster, User};
use rollbook_store::{State, Store};

use crate::class::{NUMBER, at, hold, put, run};

fn member(id: i64, first: &str, last: &str, email: &str, role: &str) -> Member {
    let user = User {
        id,
        first_name: first.into(),
        last_name: last.into(),
        email: email.into(),
        identifier: email.into(),
        ..User::default()
    };
    Member { user, is_active: true, roles: vec![role.into()] }
}

fn activity() -> Activity {
    Activity {
        id: 7,
        module: Some(71),
        course: 5,
        number: NUMBER,
        host_id: "host".into(),
        name: "Lecture".into(),
        planned_start: None,
        planned_length: SignedDuration::ZERO,
        is_recurring: true,
        is_webinar: false,
        grade_max: 100,
        grading_method: Some("period".into()),
        exists_on_zoom: true,
        is_visible: true,
    }
}

fn course() -> Course {
    Course {
        id: 5,
        short_name: "ALG1".into(),
        full_name: "Linear Algebra".into(),
        id_number: String::new(),
        is_visible: true,
    }
}

fn book(store: &Store, members: Vec<Member>, activities: Vec<Activity>) -> CourseBook {
    let roster = Roster { course: course(), members };
    let (site, corrections, linked) = (SiteUsers::default(), BTreeMap::new(), LinkedEmails::default());
    let meetings = Meetings::read(store, "default", &numbers(&activities), None).unwrap();
    let basis = Rule::default().basis;
    let known = Known::new(&roster, &site, &corrections, &linked);
    let sessions = meetings.held(&known, &activities, basis, |at| label(at, &TimeZone::UTC));
    CourseBook { roster, activities, elsewhere: [(NUMBER, vec!["ALG-EVENING".into()])].into(), sessions }
}

fn page(width: usize) -> Page {
    Page { width, zone: TimeZone::UTC, now: at(30, 0) }
}

fn store() -> Store {
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    store
}

fn small() -> CourseReport {
    let mut store = store();
    hold(&mut store);
    let members = vec![
        member(1, "Emmy", "Noether", "emmy@uni.example", "editingteacher"),
        member(2, "Ana", "Lopez", "ana@uni.example", "student"),
        member(3, "Ben", "Okafor", "ben@uni.example", "student"),
        member(4, "Cara", "Díaz", "c.diaz@uni.example", "student"),
        member(5, "Dan", "Quiet", "dan@uni.example", "student"),
    ];
    CourseReport::of(&book(&store, members, vec![activity()]), &Rule::default())
}

#[test]
fn a_course_reads_well() {
    insta::assert_snapshot!(small().text(&page(100)));
}

#[test]
fn a_course_without_sessions_says_what_to_do() {
    let report = CourseReport::of(&book(&store(), Vec::new(), vec![activity()]), &Rule::default());
    assert!(report.text(&page(100)).contains("No session of its 1 Zoom activity is in the store"));
    let report = CourseReport::of(&book(&store(), Vec::new(), Vec::new()), &Rule::default());
    assert!(report.text(&page(100)).contains("The course has no Zoom activity."));
}

/// Three hundred students and fifteen sessions; every third student comes to every second session only.
fn large() -> CourseReport {
    let mut store = store();
    let name = |id: i64| format!("Student{id} Family{id}");
    let mut members = Vec::new();
    for id in 1..=300 {
        let (first, last) = (format!("Student{id}"), format!("Family{id}"));
        members.push(member(id, &first, &last, &format!("s{id}@uni.example"), "student"));
    }
    for session in 0..15 {
        let there = (1..=300).filter(|id| id % 3 != 0 || session % 2 == 0);
        let people: Vec<String> =
            there.map(|id| format!("{} <s{id}@uni.example> 0 {}", name(id), 30 + id % 31)).collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        put(&mut store, session, run(&format!("u{session}=="), session, 0, 60), State::Verified, &people);
    }
    CourseReport::of(&book(&store, members, vec![activity()]), &Rule::default())
}

#[test]
fn three_hundred_students_and_fifteen_sessions_fit_any_page() {
    let report = large();
    let third = &report.students.iter().find(|row| row.user_id == 3).unwrap().summary;
    assert_eq!((third.absent, third.unknown), (7, 0));
    for width in [80, 100, 160] {
        let text = report.text(&page(width));
        for line in text.lines() {
            let taken = unicode_width::UnicodeWidthStr::width(line);
            assert!(taken <= width, "{taken} of {width}: {line}");
        }
        // However many blocks there are, each names everybody, and the last tells the sum.
        assert_eq!(text.matches("Student7 Family7 ").count(), text.matches("name ").count());
        assert_eq!(text.matches("share").count(), 1);
    }
    assert_eq!(report.text(&page(160)).matches("Student7 Family7 ").count(), 1);
}
