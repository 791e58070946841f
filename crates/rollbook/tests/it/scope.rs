//! `ROLLBOOK_SCOPE=moodle` as a user meets it, while Moodle is down: by the numbers that were read before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::family::Offer;
use rollbook_core::instance::Kind;
use rollbook_core::known::KnownNumber;
use rollbook_core::limits::Plan;
use rollbook_store::{Mode, Store};
use serde_json::Value;

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

/// Nothing listens there.
const DOWN: (&str, &str) = ("ROLLBOOK_MOODLE_DB", "postgres://rollbook:s3cret@127.0.0.1:9/moodle");
/// Deliveries are another matter.
const COLLECTING_ONLY: (&str, &str) = ("ROLLBOOK_MOODLE_AFTER_SYNC", "false");
const MOODLE: (&str, &str) = ("ROLLBOOK_SCOPE", "moodle");

fn pretend() -> Pretend {
    Pretend::start(&["--plain", "--meetings", "12", "--people", "4"])
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err))
}

/// What happened, as Moodle would have planned it: every second number of the day, in order.
fn known(pretend: &Pretend) -> Vec<KnownNumber> {
    let truth = pretend.truth();
    let mut numbers = BTreeMap::new();
    for instance in truth["instances"].as_array().unwrap() {
        let kind = if instance["kind"] == "webinar" { Kind::Webinar } else { Kind::Meeting };
        numbers
            .insert((instance["id"].as_u64().unwrap(), kind), instance["topic"].as_str().unwrap().to_owned());
    }
    let known = |((number, kind), topic)| KnownNumber {
        number,
        kind,
        topic,
        courses: vec![4],
        planned_start: None,
        planned_end: None,
        is_recurring: true,
    };
    numbers.into_iter().step_by(2).map(known).collect()
}

/// A home whose store holds numbers that Moodle told a day ago.
fn home_with(known: &[KnownNumber]) -> Home {
    let home = Home::new();
    let mut store = Store::open(&home.path().join("rollbook.db"), Mode::Write).unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let read_at: Timestamp = "2026-10-08T03:00:00Z".parse().unwrap();
    store.put_known_numbers(read_at, "default", known).unwrap();
    home
}

const DAY: [&str; 4] = ["--from", "2026-10-05", "--to", "2026-10-05"];

#[test]
fn a_moodle_that_is_down_stops_nothing_once_its_numbers_are_known() {
    let pretend = pretend();
    let known = known(&pretend);
    let home = home_with(&known);
    let plan = pretend.run(&home, &[DOWN, MOODLE], &[&["plan"], &DAY[..]].concat());
    assert_eq!(plan.code, 0, "{}", plan.err);
    let plan = json(&plan);
    let before = pretend.calls();
    let ran = pretend.run(&home, &[DOWN, MOODLE, COLLECTING_ONLY], &[&["sync"], &DAY[..]].concat());
    assert_eq!(ran.code, 0, "{}\n{}", ran.err, ran.out);
    assert!(ran.err.contains("going by the") && ran.err.contains("read at 2026-10-08"), "{}", ran.err);
    assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    let report = json(&ran);
    let numbers: Vec<u64> = known.iter().map(|known| known.number).collect();
    let truth = pretend.truth();
    let really = truth["instances"].as_array().unwrap().iter();
    let runs = really.filter(|one| numbers.contains(&one["id"].as_u64().unwrap())).count() as u64;
    assert_eq!(report["instances"]["verified"], runs);
    assert_eq!((&report["calls"]["heavy"], &report["calls"]["resource_intensive"]), (&0.into(), &0.into()));
    let calls = pretend.calls() - before;
    assert_eq!(calls, numbers.len() as u64 + 2 * runs);
    let forecast: u64 = ["light", "medium", "heavy", "resource_intensive"]
        .map(|label| plan["calls"][label].as_u64().unwrap())
        .iter()
        .sum();
    assert_eq!(forecast, calls, "{plan}");
    // All is settled: nothing is asked again, and it shows.
    let again = pretend.run(&home, &[DOWN, MOODLE, COLLECTING_ONLY], &[&["sync"], &DAY[..]].concat());
    assert_eq!((again.code, json(&again)["calls"]["medium"].as_u64()), (0, Some(0)), "{}", again.err);
    let status = pretend.run(&home, &[DOWN, MOODLE], &["status"]);
    assert_eq!(json(&status)["moodle"]["default"]["numbers"], numbers.len() as u64, "{}", status.out);
    let number = numbers[0].to_string();
    let why = json(&pretend.run(&home, &[DOWN, MOODLE], &["why", &number]));
    assert_eq!(why["instances"][0]["moodle"]["answer"]["not_found"], 0, "{why}");
}

#[test]
fn without_numbers_from_before_a_moodle_that_is_down_is_told_before_anything_is_asked() {
    let (pretend, home) = (pretend(), Home::new());
    for command in ["sync", "plan"] {
        let ran = pretend.run(&home, &[DOWN, MOODLE], &[&[command], &DAY[..]].concat());
        assert_eq!(ran.code, 1, "{command}: {}", ran.err);
        assert!(ran.err.contains("127.0.0.1:9") && !ran.err.contains("s3cret"), "{command}: {}", ran.err);
    }
    assert_eq!(pretend.calls(), 0);
}

#[test]
fn call_quality_of_courses_is_left_out_while_moodle_is_down_and_attendance_is_not() {
    let (pretend, home) = (pretend(), Home::new());
    let ran =
        pretend.run(&home, &[DOWN, COLLECTING_ONLY], &[&["sync", "--qos", "courses"], &DAY[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("no call quality by policy courses"), "{}", ran.err);
    let report = json(&ran);
    assert_eq!((&report["instances"]["verified"], &report["quality"]), (&12.into(), &serde_json::json!({})));
}

#[test]
fn an_account_that_is_not_there_cannot_be_moodles() {
    let (pretend, home) = (pretend(), Home::new());
    let ran = pretend.run(&home, &[DOWN, MOODLE, ("ROLLBOOK_MOODLE_ACCOUNT", "medicine")], &["sync"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("ROLLBOOK_MOODLE_ACCOUNT") && ran.err.contains("medicine"), "{}", ran.err);
}
