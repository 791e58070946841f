//! `rollbook forget`, as the binary does it: shows, needs a yes, erases, lists, lifts.

use std::path::Path;

use serde_json::Value;

use crate::kept::{Ran, settled};
use crate::pretend::Home;

/// Runs the binary on a copy of a collected day.
fn run(store: &Path, arguments: &[&str]) -> Ran {
    let store = format!("sqlite:{}", store.display());
    settled().run(&[arguments, &["--store", &store]].concat())
}

fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// The e-mail that most stays of an export have, and how many.
fn most_frequent(csv: &str) -> (String, usize) {
    let mut seen: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for line in csv.lines().skip(1) {
        if let Some(email) = line.split(',').filter(|field| field.contains('@')).nth(1) {
            *seen.entry(email).or_default() += 1;
        }
    }
    let (email, count) = seen.into_iter().max_by_key(|(_, count)| *count).unwrap();
    (email.to_owned(), count)
}

#[test]
fn a_person_is_shown_then_erased_then_listed_without_a_name() {
    let kept = settled();
    let store = kept.folder("forget").join("copy.db");
    std::fs::copy(kept.path(), &store).unwrap();
    let export = || run(&store, &["export", "attendance", "--from", "2026-10-05", "--to", "2026-10-05"]).out;
    let before = export();
    let (email, rows) = most_frequent(&before);

    let planned = json(&run(&store, &["forget", &email, "--dry-run"]));
    assert!(planned["plan"]["stays"].as_u64().unwrap() >= rows as u64, "{planned}");
    assert!(planned["plan"]["known_by"].as_array().unwrap().iter().any(|one| one["identifier"] == *email));
    let asked = run(&store, &["forget", &email]);
    assert_eq!(asked.code, 2, "{}", asked.err);
    assert!(asked.err.contains("--dry-run") && asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(export(), before, "nothing was erased without a yes");

    let erased = json(&run(&store, &["forget", &email, "--yes"]));
    assert_eq!(erased["erased"]["stays"], planned["plan"]["stays"]);
    assert_eq!(
        (&erased["erased"]["is_log_empty"], &erased["erased"]["has_residue"]),
        (&true.into(), &false.into())
    );
    let audit = run(&store, &["audit"]).out;
    assert!(audit.contains("erasure.do") && audit.contains("(shell)") && !audit.contains(&email), "{audit}");
    let after = export();
    assert_eq!(after.lines().count(), before.lines().count());
    assert!(!after.to_lowercase().contains(&email.to_lowercase()));
    let bytes = std::fs::read(&store).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).to_lowercase().contains(&email.to_lowercase()));

    let listed = run(&store, &["forget", "--list"]);
    assert!(!listed.out.contains('@'), "{}", listed.out);
    let listed = json(&listed);
    assert_eq!(listed["erasures"][0]["is_done"], true);
    assert_eq!(json(&run(&store, &["forget", "--undo", "1"]))["undone"], 1);
    let again = run(&store, &["forget", "--undo", "1"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("--list"), "{}", again.err);
    json(&run(&store, &["forget", "--compact"]));
    assert_eq!(export(), after, "what was erased stays so");
}

#[test]
fn nobody_is_erased_by_mistake() {
    let kept = settled();
    let store = kept.folder("forget-wrong").join("copy.db");
    std::fs::copy(kept.path(), &store).unwrap();
    let filter = rollbook_store::InstanceFilter::default();
    let uuid = kept.store().instances(&filter, 1).unwrap()[0].instance.uuid.clone();
    let check = |arguments: &[&str], words: &[&str]| {
        let ran = run(&store, arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        for word in words {
            assert!(ran.err.contains(word), "{word} is missing in: {}", ran.err);
        }
    };
    check(&["forget"], &["PERSON"]);
    check(&["forget", "nobody@school.example"], &["nothing is kept", "--yes"]);
    check(&["forget", "Somebody"], &["--instance"]);
    check(&["forget", "moodle:ana"], &["moodle:1234"]);
    check(&["forget", "Ana", "--list"], &["cannot be used with"]);
    check(&["forget", "Nobody of this name", "--instance", &uuid], &["rollbook attendance"]);
    assert!(run(&store, &["forget", "Ana", "--instance", "1"]).err.contains("no run of meeting"));
    let home = Home::new();
    let ran = home.run(&[], &["forget", "ana@school.example", "--yes"]);
    assert_ne!(ran.code, 0);
    assert_eq!(home.files(), [], "asking for somebody makes no store");
}

#[test]
fn a_meeting_whose_people_are_no_longer_kept_says_how_many_there_were() {
    let kept = settled();
    let store = kept.folder("forget-age").join("copy.db");
    std::fs::copy(kept.path(), &store).unwrap();
    let filter = rollbook_store::InstanceFilter::default();
    let people = |uuid: &str| json(&run(&store, &["attendance", uuid]))["sessions"][0].clone();
    let of_two = kept.store().instances(&filter, 1_000).unwrap().into_iter().map(|one| one.instance.uuid);
    let uuid = of_two
        .filter(|uuid| people(uuid)["people"].as_array().unwrap().iter().any(|one| one["stays"] != 0))
        .find(|uuid| people(uuid)["instances"].as_array().unwrap().len() == 1)
        .unwrap();
    let there = people(&uuid)["people"].as_array().unwrap().iter().filter(|one| one["stays"] != 0).count();
    let mut written = rollbook_store::Store::open(&store, rollbook_store::Mode::Write).unwrap();
    while written.forget_attendance(kept.now, jiff::Timestamp::MAX, 50).unwrap() > 0 {}
    drop(written);
    let after = people(&uuid);
    assert!(after["people"].as_array().unwrap().is_empty());
    assert_eq!(after["instances"][0]["no_longer_kept"]["people"], there);
}
