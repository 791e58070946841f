//! Looking into the ledger: `status`, `runs`, `why`, `attendance`, and what they say where there is nothing.

use std::collections::BTreeSet;

use rollbook_core::session::RESTART_GAP;
use rollbook_sim::TrueInstance;
use rollbook_store::{Mode, Store};

use crate::kept::{Ran, bare, early, settled};

#[test]
fn status_counts_every_instance_and_names_the_open_ones() {
    let kept = early();
    let status = kept.json(&["status"]);
    let counted: u64 = status["instances"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let open = status["open"].as_array().unwrap();
    assert!(counted > 0 && !open.is_empty());
    assert_eq!(open.len() as u64, status["open_total"].as_u64().unwrap());
    for line in open {
        for key in ["meeting_uuid", "meeting_id", "reason", "next_look_at"] {
            assert!(line.get(key).is_some(), "{key} is missing in {line}");
        }
    }
    let looks: Vec<&str> = open.iter().filter_map(|line| line["next_look_at"].as_str()).collect();
    assert!(looks.is_sorted());
}

#[test]
fn status_tells_what_the_day_has_left() {
    let status = early().json(&["status"]);
    let pool = &status["budget"]["default"];
    let allowance = &pool["allowances"][0];
    let number = |key: &str| allowance[key].as_i64().unwrap();
    assert_eq!((number("limit"), number("reserve")), (60_000, 12_000));
    let others = allowance["spent_by_others"].as_i64().unwrap_or(0);
    assert_eq!(number("left"), 48_000 - number("spent") - others);
    assert!(number("spent") > 0);
    assert_eq!(pool["resets_at"], "2026-10-06T00:00:00Z");
}

#[test]
fn status_of_other_days_is_empty_and_no_error() {
    let status = settled().json(&["status", "--from", "2025-01-01", "--to", "2025-01-02"]);
    assert_eq!((status["open_total"].as_u64(), status["instances"]["verified"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn runs_are_listed_and_each_tells_what_it_spent() {
    let kept = settled();
    let runs = kept.json(&["runs"]);
    let run = &runs["runs"][0];
    assert_eq!(
        (run["command"].as_str(), run["end"].as_str()),
        (Some("sync --from 2026-10-05"), Some("ended"))
    );
    let one = kept.json(&["runs", "1"]);
    let by_operation: u64 = one["calls_by_operation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["calls"].as_u64().unwrap())
        .sum();
    assert!(by_operation > 0);
    assert_eq!(one["calls"].as_u64(), Some(by_operation));
}

#[test]
fn an_unknown_run_is_told() {
    let ran = settled().run(&["runs", "99"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no run 99"), "{}", ran.err);
}

#[test]
fn why_tells_every_reading_of_every_instance() {
    let kept = settled();
    let store = kept.store();
    for real in kept.truth.instances.iter().take(8) {
        let Some(record) = store.instance_by_uuid("default", &real.uuid).unwrap() else { continue };
        let told = kept.json(&["why", &real.uuid]);
        let instance = &told["instances"][0];
        assert_eq!(instance["uuid"].as_str(), Some(real.uuid.as_str()));
        let readings = instance["readings"].as_array().unwrap();
        assert_eq!(readings.len(), store.readings(record.id).unwrap().len());
        assert!(readings.iter().all(|reading| !reading["said"].as_str().unwrap().is_empty()));
    }
}

#[test]
fn a_uuid_that_begins_with_a_slash_is_found() {
    let kept = settled();
    let slashed = kept.truth.instances.iter().find(|real| real.uuid.starts_with('/') && is_kept(real));
    let slashed = slashed.expect("the campus has a UUID that begins with a slash");
    for command in ["why", "attendance"] {
        let ran = kept.run(&[command, &slashed.uuid]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains(&slashed.uuid));
    }
}

/// Whether it started on the day that was collected.
fn is_kept(real: &TrueInstance) -> bool {
    real.start.to_string().starts_with("2026-10-05")
}

#[test]
fn every_value_of_a_stay_names_the_reading_it_comes_from() {
    let kept = settled();
    let real =
        kept.truth.instances.iter().find(|real| is_kept(real) && real.obtainable && real.stays.len() > 3);
    let real = real.unwrap();
    let told = kept.json(&["why", &real.uuid, "--stays"]);
    let stays = told["instances"][0]["stay_evidence"].as_array().unwrap();
    assert_eq!(stays.len(), real.stays.len());
    let readings = told["instances"][0]["readings"].as_array().unwrap();
    for value in stays.iter().flat_map(|stay| stay["values"].as_array().unwrap()) {
        if value["value"].is_null() {
            continue;
        }
        let number = value["reading"].as_u64().unwrap();
        assert_eq!(readings[number as usize - 1]["family"], value["family"], "{value}");
    }
    let one = kept.json(&["why", &real.uuid, "--stay", &real.stays[0].user_id]);
    assert_eq!(one["instances"][0]["stay_evidence"].as_array().unwrap().len(), 1);
    let none = kept.run(&["why", &real.uuid, "--stay", "nobody"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("attendance"), "{}", none.err);
}

#[test]
fn attendance_is_the_union_of_what_really_happened() {
    let kept = settled();
    let real = kept.truth.instances.iter().find(|real| {
        is_kept(real) && real.obtainable && real.stays.iter().any(|s| s.status == "in_waiting_room")
    });
    let real = real.expect("some instance has a waiting room");
    let told = kept.json(&["attendance", &real.uuid]);
    let session = &told["sessions"][0];
    assert_eq!(session["is_verified"], true);
    let people = session["people"].as_array().unwrap();
    let counted: u64 = people.iter().map(|person| person["stays"].as_u64().unwrap()).sum();
    let shown = session["instances"].as_array().unwrap();
    let uuids: BTreeSet<&str> = shown.iter().map(|line| line["meeting_uuid"].as_str().unwrap()).collect();
    let truth = kept.truth.instances.iter().filter(|other| uuids.contains(other.uuid.as_str()));
    let really = truth.flat_map(|other| &other.stays).filter(|stay| stay.status == "in_meeting").count();
    assert_eq!(counted, really as u64);
    for person in people {
        let share = person["share"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&share));
    }
    assert!(people.iter().any(|person| person["waited_seconds"].as_i64().unwrap() > 0));
    let by_stay = kept.json(&["attendance", &real.uuid, "--by", "stay"]);
    let stays = by_stay["sessions"][0]["stays"].as_array().unwrap();
    assert!(stays.iter().any(|stay| stay["status"] == "in_waiting_room"));
}

#[test]
fn a_restart_is_the_same_session_whichever_part_is_named() {
    let kept = settled();
    let all = &kept.truth.instances;
    let pair = all.iter().filter(|real| is_kept(real)).find_map(|first| {
        let goes_on = |second: &&TrueInstance| {
            let pause = second.start.duration_since(first.end);
            second.id == first.id && second.uuid != first.uuid && !pause.is_negative() && pause <= RESTART_GAP
        };
        let is_personal = kept.json(&["why", &first.uuid])["instances"][0]["zoom_type"] == 4;
        all.iter().find(goes_on).filter(|_| !is_personal).map(|second| (first, second))
    });
    let (first, second) = pair.expect("the campus has a restart");
    for uuid in [&first.uuid, &second.uuid] {
        let session = &kept.json(&["attendance", uuid])["sessions"][0];
        let parts: Vec<&str> = session["instances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["meeting_uuid"].as_str().unwrap())
            .collect();
        assert_eq!(parts, [&first.uuid, &second.uuid]);
    }
}

#[test]
fn what_is_not_verified_is_never_shown_as_the_whole() {
    let kept = early();
    let open = &kept.json(&["status"])["open"][0];
    let told = kept.json(&["attendance", open["meeting_uuid"].as_str().unwrap()]);
    assert_eq!(told["sessions"][0]["is_verified"], false);
    assert!(told["sessions"][0]["instances"][0]["state"].is_string());
}

#[test]
fn an_unknown_meeting_says_what_to_try() {
    let kept = settled();
    for meeting in ["912 3456 7890", "nosuchuuid=="] {
        for command in ["why", "attendance"] {
            let Ran { code, out, err } = kept.run(&[command, meeting]);
            assert_eq!((code, out.as_str()), (1, ""), "{err}");
            assert!(err.contains("rollbook sync") && err.contains("rollbook refresh"), "{err}");
        }
    }
}

#[test]
fn another_day_of_a_known_meeting_says_when_it_ran() {
    let kept = settled();
    let real = kept.truth.instances.iter().find(|real| is_kept(real)).unwrap();
    let ran = kept.run(&["attendance", &real.id.to_string(), "--date", "2025-01-01"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("it ran on 2026-10-05"), "{}", ran.err);
}

#[test]
fn without_a_store_every_command_says_how_to_get_one() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_path_buf();
    for arguments in
        [&["status"][..], &["runs"], &["why", "1"], &["attendance", "1"], &["export", "attendance"]]
    {
        let ran: Ran = bare(&home, arguments).output().unwrap().into();
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains("run `rollbook sync` first"), "{}", ran.err);
    }
}

#[test]
fn an_empty_store_is_an_answer_not_an_error() {
    let home = tempfile::tempdir().unwrap();
    drop(Store::open(&home.path().join("rollbook.db"), Mode::Write).unwrap());
    let home = home.path().to_path_buf();
    for arguments in [&["status"][..], &["runs"], &["export", "attendance"]] {
        let ran: Ran = bare(&home, arguments).output().unwrap().into();
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn secrets_are_masked_and_every_setting_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bare(&home.path().to_path_buf(), &["config"]);
    let ran: Ran = command.env("ROLLBOOK_ZOOM_ACCESS_TOKEN", "hush-hush").output().unwrap().into();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("(set)") && !ran.out.contains("hush"), "{}", ran.out);
    let listed: Ran = bare(&home.path().to_path_buf(), &["config", "--settings"]).output().unwrap().into();
    assert!(listed.out.contains("ROLLBOOK_ZOOM_LIMITS"));
}

#[test]
fn completions_and_manual_pages_are_made() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_path_buf();
    for shell in ["bash", "zsh", "fish"] {
        let ran: Ran = bare(&path, &["completions", shell]).output().unwrap().into();
        assert!(ran.code == 0 && ran.out.contains("attendance"), "{shell}: {}", ran.err);
    }
    let ran: Ran = bare(&path, &["man"]).output().unwrap().into();
    assert!(ran.out.contains(".TH rollbook"));
    let ran: Ran = bare(&path, &["man", "--out", "pages"]).output().unwrap().into();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(path.join("pages/rollbook-why.1").is_file());
}
