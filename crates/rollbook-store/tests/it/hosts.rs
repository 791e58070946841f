use jiff::Timestamp;
use rollbook_core::budget::host::HostUsage;
use rollbook_store::{HostDay, Mode, Store};

use crate::ledger::{ACCOUNT, at};

const JILL: &str = "30R7kT7bTIKSNUFEuH_Qlg";

fn night(time: &str) -> Timestamp {
    time.parse().unwrap()
}

#[test]
fn each_host_has_a_day_of_its_own() {
    let mut store = Store::in_memory().unwrap();
    for minute in 0..3 {
        store.pay_change(at(minute), ACCOUNT, JILL).unwrap();
    }
    store.pay_change(at(4), ACCOUNT, "other").unwrap();
    store.pay_change(at(4), "another pool", JILL).unwrap();
    let usage = |host, when| store.host_usage(when, ACCOUNT, host).unwrap();
    assert_eq!(usage(JILL, at(5)), HostUsage { changes: 3, gone_until: None });
    assert_eq!(usage("other", at(5)).changes, 1);
    assert_eq!(usage("nobody", at(5)), HostUsage::default());
    assert_eq!(usage(JILL, night("2026-11-21T00:00:00Z")), HostUsage::default(), "a new UTC day");
}

#[test]
fn a_change_around_midnight_counts_in_both_days() {
    let mut store = Store::in_memory().unwrap();
    let (sent, answered) = (night("2026-11-20T23:59:59Z"), night("2026-11-21T00:00:01Z"));
    store.pay_change(sent, ACCOUNT, JILL).unwrap();
    store.settle_change(sent, answered, ACCOUNT, JILL).unwrap();
    store.settle_change(at(0), at(1), ACCOUNT, JILL).unwrap();
    for when in [sent, answered] {
        assert_eq!(store.host_usage(when, ACCOUNT, JILL).unwrap().changes, 1, "{when}");
    }
}

#[test]
fn zooms_word_that_a_hosts_day_is_gone_is_kept_until_then() {
    let mut store = Store::in_memory().unwrap();
    let midnight = night("2026-11-21T00:00:00Z");
    store.pause_host(at(0), ACCOUNT, JILL, midnight).unwrap();
    store.pause_host(at(1), ACCOUNT, JILL, at(2)).unwrap();
    store.pay_change(at(3), ACCOUNT, JILL).unwrap();
    let usage = store.host_usage(at(4), ACCOUNT, JILL).unwrap();
    assert_eq!(usage, HostUsage { changes: 1, gone_until: Some(midnight) });
    let labels = store.usage(at(4), ACCOUNT).unwrap();
    assert!(labels.paused.is_empty() && labels.day_gone.is_empty(), "no label rests for a host");
}

#[test]
fn a_host_is_known_by_every_name_it_was_asked_by() {
    let mut store = Store::in_memory().unwrap();
    store.name_host(ACCOUNT, "Jill@Example.com", "someone else").unwrap();
    store.name_host(ACCOUNT, "jill@example.com", JILL).unwrap();
    assert_eq!(store.host_named(ACCOUNT, "JILL@example.com").unwrap().as_deref(), Some(JILL));
    assert_eq!(store.host_named("another pool", "jill@example.com").unwrap(), None);
    store.pay_change(at(0), ACCOUNT, "bob").unwrap();
    store.pay_change(at(1), ACCOUNT, JILL).unwrap();
    store.pay_change(at(2), ACCOUNT, JILL).unwrap();
    let line = |host: &str, name: Option<&str>, changes| HostDay {
        host: host.into(),
        name: name.map(Into::into),
        changes,
        gone_until: None,
    };
    assert_eq!(
        store.hosts_changed(at(3), ACCOUNT).unwrap(),
        [line(JILL, Some("jill@example.com"), 2), line("bob", None, 1)]
    );
}

#[test]
fn what_was_paid_for_is_still_paid_for_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    let mut store = Store::open(&path, Mode::Write).unwrap();
    store.atomically(|store| store.pay_change(at(0), ACCOUNT, JILL)).unwrap();
    // Nothing is closed or flushed, as when a process is killed.
    std::mem::forget(store);
    let after = Store::open(&path, Mode::Write).unwrap();
    assert_eq!(after.host_usage(at(1), ACCOUNT, JILL).unwrap().changes, 1);
}
