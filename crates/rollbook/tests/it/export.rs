//! `export attendance`: what others load.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use jiff::Timestamp;
use rollbook::cli::export::Format;
use rollbook::cli::export::attendance::{Written, write};
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::limits::Plan;
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, State, Store};
use serde_json::Value;

use crate::kept::{early, settled};

const HEADER: &str = "meeting_uuid,meeting_id,topic,host,session_start,session_end,user_id,participant_uuid,\
registrant_id,name,email,join_time,leave_time,duration_seconds,status,source,account,breakout";

fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_header_is_the_one_others_rely_on() {
    let ran = settled().run(&["export", "attendance"]);
    assert_eq!((ran.code, ran.out.lines().next()), (0, Some(HEADER)));
}

#[test]
fn every_line_is_a_stay_that_really_was_and_none_is_missing() {
    let kept = settled();
    let verified: BTreeSet<String> = {
        let mut all = BTreeSet::new();
        kept.store()
            .each_instance::<rollbook_store::Error>(&InstanceFilter::default(), |record| {
                if record.state == State::Verified {
                    all.insert(record.instance.uuid);
                }
                Ok(())
            })
            .unwrap();
        all
    };
    assert!(verified.len() > 20, "only {} verified", verified.len());
    let line = |row: &BTreeMap<String, String>| {
        ["user_id", "name", "email", "join_time", "leave_time", "status", "topic", "host", "meeting_id"]
            .map(|key| row[key].clone())
            .join("|")
    };
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(&kept.run(&["export", "attendance"]).out) {
        held.entry(row["meeting_uuid"].clone()).or_default().push(line(&row));
    }
    for real in kept.truth.instances.iter().filter(|real| verified.contains(&real.uuid)) {
        let mut truth: Vec<String> = real
            .stays
            .iter()
            .map(|stay| {
                format!(
                    "{}|{}|{}|{}|{}|{}|{}|{}|{}",
                    stay.user_id,
                    stay.name,
                    stay.email,
                    stay.join,
                    stay.leave,
                    stay.status,
                    real.topic,
                    real.host,
                    real.id
                )
            })
            .collect();
        let mut lines = held.remove(&real.uuid).unwrap_or_default();
        truth.sort();
        lines.sort();
        assert_eq!(lines, truth, "{}: {:?}", real.uuid, real.defects);
    }
}

#[test]
fn lines_are_sorted_and_durations_are_leave_less_join() {
    let rows = rows(&settled().run(&["export", "attendance"]).out);
    let key = |row: &BTreeMap<String, String>| {
        (row["meeting_uuid"].clone(), row["join_time"].clone(), row["user_id"].clone())
    };
    assert!(rows.is_sorted_by_key(key));
    for row in rows.iter().filter(|row| !row["leave_time"].is_empty()) {
        let at = |key: &str| row[key].parse::<Timestamp>().unwrap();
        let length = at("leave_time").duration_since(at("join_time")).as_secs();
        assert_eq!(row["duration_seconds"], length.to_string());
    }
    assert!(rows.iter().any(|row| row["status"] == "in_waiting_room"), "the day has no waiting room");
}

#[test]
fn json_says_the_same_as_csv() {
    let kept = settled();
    let csv = rows(&kept.run(&["export", "attendance", "--format", "csv"]).out);
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    for arguments in [&["export", "attendance", "--format", "json"][..], &["--json", "export", "attendance"]]
    {
        let json: Vec<BTreeMap<String, Value>> = serde_json::from_value(kept.json(arguments)).unwrap();
        let json: Vec<BTreeMap<String, String>> = json
            .iter()
            .map(|row| row.iter().map(|(key, value)| (key.clone(), text(value))).collect())
            .collect();
        assert_eq!(json, csv);
    }
}

/// One instance with these stays in a store of its own, as CSV.
fn export(started_at: Option<Timestamp>, stays: &[Stay]) -> (String, Written) {
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let instance = Instance {
        uuid: "/=a==".into(),
        kind: Kind::Meeting,
        number: Some(91_234_567_890),
        topic: Some("=HYPERLINK(\"x\"), \"quoted\"".into()),
        host_email: None,
        host_name: None,
        zoom_type: None,
        started_at,
        ended_at: None,
        times_from: TimesFrom::List,
        listed_count: None,
        is_one_person: false,
        is_live: false,
    };
    let id = store.put_instance(Timestamp::UNIX_EPOCH, "default", instance).unwrap().record.id;
    store.put_stays(id, stays).unwrap();
    let window = Window { from: Timestamp::MIN, to: Timestamp::MAX };
    let mut out = Vec::new();
    let written = write(&store, None, window, Format::Csv, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), written)
}

fn stay(user_id: &str, name: &str, left_at: Option<i64>) -> Stay {
    Stay {
        user_id: user_id.into(),
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: None,
        name: Some(name.into()),
        email: None,
        joined_at: Timestamp::UNIX_EPOCH,
        left_at: left_at.map(|second| Timestamp::from_second(second).unwrap()),
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::Report,
        is_withdrawn: false,
        evidence: BTreeMap::new(),
    }
}

#[test]
fn what_people_typed_stays_as_it_is_and_comes_back_from_the_quotes() {
    let names = ["=1+1", "+49 30 1234", "-", "@home", "Lopez, \"Ana\"", "two\nlines", " blanks ", "😀"];
    let stays: Vec<Stay> =
        names.iter().enumerate().map(|(n, name)| stay(&n.to_string(), name, Some(60))).collect();
    let (csv, _) = export(Some(Timestamp::UNIX_EPOCH), &stays);
    let rows = rows(&csv);
    let back: Vec<&str> = rows.iter().map(|row| row["name"].as_str()).collect();
    assert_eq!(back, names);
    assert!(rows.iter().all(|row| row["topic"] == "=HYPERLINK(\"x\"), \"quoted\""));
    assert!(csv.contains(",\"Lopez, \"\"Ana\"\"\",") && csv.contains(",=1+1,"), "{csv}");
}

#[test]
fn what_is_unknown_is_empty_never_zero_or_no() {
    let open = Stay { is_breakout: Some(false), ..stay("1", "a", None) };
    let (csv, written) = export(Some(Timestamp::UNIX_EPOCH), &[open, stay("2", "b", Some(0))]);
    let rows = rows(&csv);
    let told = |row: usize| ["leave_time", "duration_seconds", "breakout"].map(|key| rows[row][key].as_str());
    assert_eq!(told(0), ["", "", "no"]);
    assert_eq!(told(1), ["1970-01-01T00:00:00Z", "0", ""]);
    assert_eq!(rows[0]["session_end"], "");
    assert_eq!(written, Written { instances: 1, open: 1, stays: 2 });
}

#[test]
fn withdrawn_stays_and_instances_without_a_start_are_left_out() {
    let gone = Stay { is_withdrawn: true, ..stay("1", "a", Some(60)) };
    assert_eq!(export(Some(Timestamp::UNIX_EPOCH), &[gone]).0, format!("{HEADER}\n"));
    assert_eq!(export(None, &[stay("1", "a", Some(60))]).0, format!("{HEADER}\n"));
}

#[test]
fn an_empty_range_is_a_header_or_an_empty_array() {
    let kept = settled();
    let days = ["--from", "2025-01-01", "--to", "2025-01-02"];
    let csv = kept.run(&[&["export", "attendance"][..], &days].concat());
    assert_eq!(csv.out, format!("{HEADER}\n"));
    let json = kept.json(&[&["export", "attendance", "--format", "json"][..], &days].concat());
    assert_eq!(json, serde_json::json!([]));
}

#[test]
fn days_are_those_of_the_time_zone() {
    let kept = settled();
    let starts = |zone: &str, day: &str| -> BTreeSet<String> {
        let mut command = kept.command(&["export", "attendance", "--from", day, "--to", day]);
        let output = command.env("ROLLBOOK_TIMEZONE", zone).output().unwrap();
        rows(&String::from_utf8(output.stdout).unwrap())
            .into_iter()
            .map(|row| row["session_start"].clone())
            .collect()
    };
    let all = starts("UTC", "2026-10-05");
    // Auckland is thirteen hours ahead: its Tuesday begins at 11:00 UTC on Monday.
    let tuesday: BTreeSet<String> =
        all.iter().filter(|start| start.as_str() >= "2026-10-05T11:00:00Z").cloned().collect();
    assert!(!tuesday.is_empty() && tuesday.len() < all.len());
    assert_eq!(starts("Pacific/Auckland", "2026-10-06"), tuesday);
    assert_eq!(starts("Pacific/Auckland", "2026-10-05"), all.difference(&tuesday).cloned().collect());
}

#[test]
fn what_is_still_open_is_counted_on_standard_error() {
    let kept = early();
    let ran = kept.run(&["export", "attendance"]);
    assert_eq!(ran.code, 0);
    let open = kept.json(&["status"])["open_total"].as_u64().unwrap();
    assert!(open > 0);
    let sentence = format!("{open} instance");
    assert!(ran.err.contains(&sentence) && ran.err.contains("still open"), "{}", ran.err);
}

#[test]
fn nothing_that_still_runs_is_exported() {
    let kept = early();
    let live: BTreeSet<String> = kept
        .truth
        .instances
        .iter()
        .filter(|real| real.start <= kept.now && kept.now < real.end)
        .map(|real| real.uuid.clone())
        .collect();
    let lines = rows(&kept.run(&["export", "attendance"]).out);
    assert!(!lines.is_empty() || live.is_empty());
    assert!(lines.iter().all(|row| !live.contains(&row["meeting_uuid"])));
}

#[test]
fn a_file_appears_whole_and_nothing_else_is_left_beside_it() {
    let kept = settled();
    let folder = kept.folder("whole");
    let path = folder.join("attendance.csv");
    std::fs::write(&path, "old").unwrap();
    let ran = kept.run(&["export", "attendance", "--out", path.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept.run(&["export", "attendance"]).out);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_says_what_to_check() {
    let ran = settled().run(&["export", "attendance", "--out", "no/such/folder/a.csv"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no/such/folder/a.csv") && ran.err.contains("folder exists"), "{}", ran.err);
}

#[test]
fn whoever_reads_only_the_first_line_makes_no_error() {
    let kept = settled();
    for format in ["csv", "json"] {
        let mut command = kept.command(&["export", "attendance", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        drop(out);
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
        assert!(!err.contains("roken pipe") && !err.contains("panicked"), "{err}");
    }
}
