//! People, the choice among them and the text, from a small meeting made by hand.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::person::Rule;
use rollbook_core::quality::{Channel, Column, Measure, QualityRow, Series};
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;

use super::person;
use super::select::{NotOne, find, ids_of, select};
use crate::cli::page::Page;
use crate::cli::{Exit, UsageError, exit_of};
use crate::collector::quality::judged;
use crate::report::callers::{Caller, Known, callers};
use crate::report::calls::{MeetingReport, PersonReport, Source};

fn minute(minute: i64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// `"16 Ada ada@uni.example 0-10"`: number, name, e-mail (`-` for none), minutes of join and leave.
fn stay(line: &str) -> Stay {
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap();
    let (user_id, name, email) = (next().to_owned(), next().replace('_', " "), next().replace('-', ""));
    let (join, leave) = next().split_once('-').unwrap();
    Stay {
        user_id,
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: None,
        name: some(&name),
        email: some(&email),
        joined_at: minute(join.parse().unwrap()),
        left_at: leave.parse().ok().map(minute),
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::Report,
        is_withdrawn: false,
        evidence: BTreeMap::new(),
    }
}

/// What Zoom told of a stay's sound: the loss of each minute in percent, `-` for a minute without figures.
fn told(stay: &Stay, losses: &str) -> QualityRow {
    let column = |measure| Column::Stream(Channel::MAIN[0], measure);
    let mut series = Series::new();
    for (place, word) in losses.split_whitespace().enumerate() {
        series.begin(stay.joined_at + SignedDuration::from_mins(i64::try_from(place).unwrap()));
        if let Ok(loss) = word.parse::<f64>() {
            series.set(column(Measure::Bitrate), if loss > 10.0 { 20.0 } else { 60.0 });
            series.set(column(Measure::Latency), 60.0);
            series.set(column(Measure::Jitter), 5.0);
            series.set(column(Measure::AvgLoss), loss);
        }
    }
    QualityRow {
        user_id: stay.user_id.clone(),
        name: stay.name.clone(),
        email: stay.email.clone(),
        joined_at: Some(stay.joined_at),
        left_at: stay.left_at,
        details: BTreeMap::from([("device".to_owned(), "Windows".to_owned())]),
        series,
        ..QualityRow::default()
    }
}

fn instance() -> Instance {
    Instance {
        number: Some(91_234_567_890),
        topic: Some("Algebra I".to_owned()),
        started_at: Some(minute(0)),
        ended_at: Some(minute(12)),
        times_from: TimesFrom::Details,
        ..Instance::unknown("aXp112QmuoKj4854875==".to_owned(), Kind::Meeting)
    }
}

/// Stays as attendance knows them, and what was told of each; without losses nothing was.
fn known(attended: &[(&str, &str)], strangers: &[(&str, &str)]) -> Vec<Known> {
    let rows = attended.iter().chain(strangers).filter(|(_, losses)| !losses.is_empty());
    let rows = rows.map(|(line, losses)| {
        let row = told(&stay(line), losses);
        (row.clone(), judged(&row))
    });
    vec![Known {
        instance: instance(),
        stays: attended.iter().map(|(line, _)| stay(line)).collect(),
        rows: rows.collect(),
    }]
}

const FINE: &str = "0 0 0 0 0 0 0 0 0 0 0 0";

/// Ada came back after bad minutes, Bob's call was good, nothing was told of Eve, and two are called Kim.
fn class() -> Vec<Caller> {
    callers(known(
        &[
            ("16 Ada_Lovelace ada@uni.example 0-5", "0 0 0 40 40"),
            ("17 Bob - 0-12", FINE),
            ("18 Eve - 2-12", ""),
            ("19 Kim_Lee kim@uni.example 0-12", FINE),
            ("20 Kim_Roth - 0-12", FINE),
            ("21 Ada_Lovelace ada@uni.example 6-12", "0 0 - 0 20 0"),
        ],
        &[],
    ))
}

fn page(width: usize) -> Page {
    Page { width, zone: TimeZone::get("Europe/Berlin").unwrap(), now: minute(600) }
}

fn report(all: &[Caller]) -> MeetingReport {
    let source = Source::Store { read_at: Some(minute(500)) };
    MeetingReport::make(&[&instance()], vec!["complete".to_owned()], all, source)
}

#[test]
fn a_person_is_found_by_id_e_mail_name_or_a_part_of_it() {
    let all = class();
    for (wanted, name) in [
        ("16", "Ada Lovelace"),
        (" 21 ", "Ada Lovelace"),
        ("ADA@uni.example", "Ada Lovelace"),
        ("bob", "Bob"),
        ("lovelace", "Ada Lovelace"),
        ("Kim L", "Kim Lee"),
    ] {
        assert_eq!(find(&all, wanted).map(|caller| caller.name.as_str()), Ok(name), "{wanted:?}");
    }
}

#[test]
fn an_exact_name_goes_before_a_longer_one() {
    let all = callers(known(&[("1 Kim - 0-12", FINE), ("2 Kim_Lee - 0-12", FINE)], &[]));
    assert_eq!(ids_of(&all, "kim").unwrap()[0].as_str(), "1");
}

#[test]
fn a_name_that_fits_several_is_a_wrong_command_line_and_an_unknown_one_is_not() {
    let all = class();
    let several = select(&all, "kim").unwrap_err();
    assert_eq!(
        several.to_string(),
        "2 people in this meeting fit \"kim\": Kim Lee (19), Kim Roth (20); give an e-mail, or the id in brackets"
    );
    assert_eq!(exit_of(&several), Exit::Usage);
    assert!(ids_of(&all, "kim").unwrap_err().is::<UsageError>());
    let nobody = select(&all, "Emmy").unwrap_err();
    assert!(
        nobody.to_string().starts_with("nobody in this meeting is called \"Emmy\"; there were "),
        "{nobody}"
    );
    assert_eq!(exit_of(&nobody), Exit::Failed);
    assert!(matches!(find(&[], "Emmy"), Err(NotOne::Nobody { known, .. }) if known.is_empty()));
}

#[test]
fn all_connections_of_a_person_are_asked_for_once_each() {
    let ids = |all: &[Caller], wanted: &str| -> Vec<String> {
        ids_of(all, wanted).unwrap().iter().map(|id| id.as_str().to_owned()).collect()
    };
    assert_eq!(ids(&class(), "ada"), ["16", "21"]);
    assert_eq!(ids(&class(), "Emmy"), Vec::<String>::new());
    let twice = callers(known(&[("5 Ada - 0-4", ""), ("5 Ada - 6-9", "")], &[]));
    assert_eq!(ids(&twice, "ada"), ["5"]);
}

#[test]
fn who_came_back_is_one_person_and_the_worst_call_comes_first() {
    let all = class();
    let names: Vec<&str> = all.iter().map(|caller| caller.name.as_str()).collect();
    assert_eq!(names, ["Ada Lovelace", "Bob", "Kim Lee", "Kim Roth", "Eve"]);
    let ada = &all[0];
    assert_eq!((ada.rule, ada.connections.len(), ada.quality.drops), (Rule::Email, 2, 1));
    assert!(ada.is_troubled() && !all[1].is_troubled());
    assert_eq!(all[4].quality.score, None, "nothing was told of Eve");
}

#[test]
fn a_connection_that_attendance_does_not_know_is_somebody_all_the_same() {
    let all = callers(known(&[("16 Ada - 0-12", FINE)], &[("30 Zoe - 3-12", "40 40 40 40")]));
    let names: Vec<&str> = all.iter().map(|caller| caller.name.as_str()).collect();
    assert_eq!(names, ["Zoe", "Ada"]);
    assert_eq!(all[0].connections[0].stay.user_id, "30");
    let mut only_at_the_door = known(&[("16 Ada - 0-12", "")], &[]);
    only_at_the_door[0].stays[0].status = Status::InWaitingRoom;
    assert!(callers(only_at_the_door).is_empty());
}

#[test]
fn everybody_on_a_narrow_terminal() {
    let all = class();
    insta::assert_snapshot!(report(&all).text(&page(60), &all, false), @r#"
    Algebra I · 912 3456 7890
    Time        2026-11-20 11:00 Europe/Berlin to 11:12
    Collected   complete
    Source      the store, read from Zoom 2026-11-20 19:20
    All in all  median score 93, worst 77; 1 of 4 people were
                troubled; 6.5 % of all minutes bad, audio in
                most of all (loss); 1 drop

    name          score  min  bad  drops  11:00     11:13
    Ada Lovelace     77   10    3      1  │▁▁▁██ ▁▁·▁█▁ │
      dropped once, loss 40 % before; audio in bad in 3 of 10 m…
    Bob              93   12    0         │▁▁▁▁▁▁▁▁▁▁▁▁ │
    Kim Lee          93   12    0         │▁▁▁▁▁▁▁▁▁▁▁▁ │
    Kim Roth         93   12    0         │▁▁▁▁▁▁▁▁▁▁▁▁ │
    Eve               –    –    –         │  ·········· │

    ▁ good  ▄ fair  █ bad  · there, nothing measured; the worst minute of each cell counts
    "#);
}

#[test]
fn everybody_on_a_wide_terminal() {
    let all = class();
    insta::assert_snapshot!(report(&all).text(&page(120), &all, false), @r#"
    Algebra I · 912 3456 7890
    Time        2026-11-20 11:00 Europe/Berlin to 11:12
    Collected   complete
    Source      the store, read from Zoom 2026-11-20 19:20
    All in all  median score 93, worst 77; 1 of 4 people were troubled; 6.5 % of all minutes bad, audio in most of all
                (loss); 1 drop

    name          score  min  bad  drops  11:00     11:13
    Ada Lovelace     77   10    3      1  │▁▁▁██ ▁▁·▁█▁ │
      dropped once, loss 40 % before; audio in bad in 3 of 10 min (loss)
    Bob              93   12    0         │▁▁▁▁▁▁▁▁▁▁▁▁ │
    Kim Lee          93   12    0         │▁▁▁▁▁▁▁▁▁▁▁▁ │
    Kim Roth         93   12    0         │▁▁▁▁▁▁▁▁▁▁▁▁ │
    Eve               –    –    –         │  ·········· │

    ▁ good  ▄ fair  █ bad  · there, nothing measured; the worst minute of each cell counts
    "#);
}

#[test]
fn without_a_cause_there_are_no_empty_brackets() {
    let all = class();
    let mut report = report(&all);
    assert!(report.text(&page(200), &all, false).contains("most of all (loss)"));
    report.quality.cause = None;
    let text = report.text(&page(200), &all, false);
    assert!(text.contains("most of all;") && !text.contains("()"), "{text}");
}

#[test]
fn one_person_on_a_narrow_terminal() {
    insta::assert_snapshot!(ada(60), @r#"
    Ada Lovelace · ada@uni.example
    Meeting     Algebra I · 912 3456 7890
    Time        2026-11-20 11:00 Europe/Berlin to 11:12
    Collected   complete
    Source      the store, read from Zoom 2026-11-20 19:20
    Connected   11:00–11:05, id 16, Windows
                11:06–11:12, id 21, Windows
    Tied by     e-mail
    Verdict     dropped once, loss 40 % before; audio in bad in
                3 of 10 min (loss)

    stream    score  min  bad  kbps  latency  jitter    loss   worst  picture  cause
    ─────────────────────────────────────────────────────────────────────────────────
    audio in     77   10    3    48    60 ms    5 ms  10.0 %  40.0 %           loss

              rate 11:00  11:12  up to     loss 11:00  11:12  up to
    audio in       ███▃▃ ██·█▃█  60 k          ▁▁▁██ ▁▁·▁▅▁  40.0 %

    Worst minutes
      11:03  audio in   bad (loss): loss 40.0 %, latency 60 ms,…
      11:04  audio in   bad (loss): loss 40.0 %, latency 60 ms,…
      11:10  audio in   bad (loss): loss 20.0 %, latency 60 ms,…

    Input and output are Zoom's words; which of them a participant sends, Zoom does not state.
    "#);
}

#[test]
fn one_person_on_a_wide_terminal() {
    insta::assert_snapshot!(ada(120), @r#"
    Ada Lovelace · ada@uni.example
    Meeting     Algebra I · 912 3456 7890
    Time        2026-11-20 11:00 Europe/Berlin to 11:12
    Collected   complete
    Source      the store, read from Zoom 2026-11-20 19:20
    Connected   11:00–11:05, id 16, Windows
                11:06–11:12, id 21, Windows
    Tied by     e-mail
    Verdict     dropped once, loss 40 % before; audio in bad in 3 of 10 min (loss)

    stream    score  min  bad  kbps  latency  jitter    loss   worst  picture  cause
    ─────────────────────────────────────────────────────────────────────────────────
    audio in     77   10    3    48    60 ms    5 ms  10.0 %  40.0 %           loss

              rate 11:00  11:12  up to     loss 11:00  11:12  up to
    audio in       ███▃▃ ██·█▃█  60 k          ▁▁▁██ ▁▁·▁▅▁  40.0 %

    Worst minutes
      11:03  audio in   bad (loss): loss 40.0 %, latency 60 ms, jitter 5 ms, 20 kbps
      11:04  audio in   bad (loss): loss 40.0 %, latency 60 ms, jitter 5 ms, 20 kbps
      11:10  audio in   bad (loss): loss 20.0 %, latency 60 ms, jitter 5 ms, 20 kbps

    Input and output are Zoom's words; which of them a participant sends, Zoom does not state.
    "#);
}

fn ada(width: usize) -> String {
    let all = class();
    let (meeting, caller) = (report(&all), select(&all, "ada").unwrap());
    person::text(&meeting, &PersonReport::make(&meeting, caller), caller, &page(width))
}
