use std::collections::BTreeMap;

use jiff::SignedDuration;
use rollbook_core::quality::{QualityRow, StayQuality};
use rollbook_store::{Facet, Mode, QualityStanding, QualityState, Store};

use crate::ledger::{at, meeting, put};

/// A connection at some place, with judged and bad minutes.
fn connection(place: &str, user_id: &str, day: i64) -> QualityRow {
    QualityRow {
        user_id: user_id.into(),
        joined_at: Some(at(0) + SignedDuration::from_hours(24 * day)),
        details: BTreeMap::from([("location".into(), place.into()), ("network_type".into(), "Wifi".into())]),
        ..QualityRow::default()
    }
}

fn judged(minutes: u32, bad_minutes: u32, score: f64) -> StayQuality {
    StayQuality { minutes, bad_minutes, score: Some(score), ..StayQuality::default() }
}

fn places(store: &Store) -> Vec<(String, i64, i64, Option<f64>)> {
    let days = store.quality_days(Facet::Place, 0, 1 << 20).unwrap();
    days.into_iter().map(|one| (one.value, one.sum.stays, one.sum.bad_minutes, one.sum.score())).collect()
}

#[test]
fn the_sums_of_a_day_follow_every_connection() {
    let mut store = Store::in_memory().unwrap();
    let instance = put(&mut store, [meeting("u", 0)])[0];
    store.put_quality_row(instance, &connection("Graz", "1", 0), &judged(10, 0, 90.0)).unwrap();
    store.put_quality_row(instance, &connection("Graz", "2", 0), &judged(30, 3, 70.0)).unwrap();
    store.put_quality_row(instance, &connection("", "3", 1), &judged(5, 5, 10.0)).unwrap();
    store.put_quality_row(instance, &connection("Wien", "4", 1), &judged(0, 0, 0.0)).unwrap();
    assert_eq!(places(&store), [("Graz".into(), 2, 3, Some(75.0)), (String::new(), 1, 5, Some(10.0))]);
    // Told again, with more, and from elsewhere: the old is taken out again.
    store.put_quality_row(instance, &connection("Linz", "2", 0), &judged(40, 4, 80.0)).unwrap();
    let again = places(&store);
    assert_eq!(again[..2], [("Graz".into(), 1, 0, Some(90.0)), ("Linz".into(), 1, 4, Some(80.0))]);
    let all = store.quality_days(Facet::All, 0, 1 << 20).unwrap();
    assert_eq!(
        all.iter().map(|one| (one.sum.stays, one.sum.poor_stays)).collect::<Vec<_>>(),
        [(2, 1), (1, 1)]
    );
}

#[test]
fn what_is_taken_out_of_the_ledger_is_taken_out_of_the_sums() {
    let mut store = Store::in_memory().unwrap();
    let [one, other] = put(&mut store, [meeting("u", 0), meeting("v", 0)]);
    store.put_quality_row(one, &connection("Graz", "1", 0), &judged(10, 2, 90.0)).unwrap();
    store.put_quality_row(other, &connection("Graz", "1", 0), &judged(10, 1, 90.0)).unwrap();
    store.drop_unread_instance(one).unwrap();
    assert_eq!(places(&store), [("Graz".into(), 1, 1, Some(90.0))]);
}

#[test]
fn connections_from_before_the_sums_are_summed_up_in_steps_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path, Mode::Write).unwrap();
    let instance = put(&mut store, [meeting("u", 0)])[0];
    for user in 0..10 {
        let row = connection("Graz", &user.to_string(), 0);
        store.put_quality_row(instance, &row, &judged(10, 1, 90.0)).unwrap();
    }
    let expected = places(&store);
    // As a store of an earlier version is after its migration.
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("delete from quality_day; update quality_day_progress set done_id = 0, end_id = 10")
        .unwrap();
    assert!(store.sum_earlier_quality(4).unwrap());
    // Replaced meanwhile: one that had its turn, one that has not; and a new one.
    store.put_quality_row(instance, &connection("Graz", "2", 0), &judged(10, 1, 90.0)).unwrap();
    store.put_quality_row(instance, &connection("Graz", "8", 0), &judged(10, 1, 90.0)).unwrap();
    assert!(store.sum_earlier_quality(4).unwrap());
    assert!(!store.sum_earlier_quality(4).unwrap() && !store.sum_earlier_quality(4).unwrap());
    assert_eq!(places(&store), expected);
    store.put_quality_row(instance, &connection("Graz", "11", 0), &judged(10, 1, 90.0)).unwrap();
    assert_eq!(places(&store)[0].1, 11);
}

#[test]
fn the_worst_instances_come_once_each_worst_first() {
    let mut store = Store::in_memory().unwrap();
    let mut ids = Vec::new();
    for (number, bad) in [0.1, 0.5, 0.5, 0.0, 0.9].into_iter().enumerate() {
        let id = put(&mut store, [meeting(&format!("u{number}"), 0)])[0];
        let standing = QualityStanding {
            state: QualityState::Complete,
            wanted_because: None,
            reason: None,
            next_look_at: None,
            stays: 1,
            told_stays: 1,
            samples: 100,
            score: Some(50.0),
            bad_share: Some(bad),
        };
        store.put_quality_state(at(0), id, &standing).unwrap();
        ids.push(id);
    }
    let day = at(0).as_second().div_euclid(86_400);
    let mut seen = Vec::new();
    let mut after = None;
    while let Some(one) = store.worst_quality((day - 1, day + 1), after, 1).unwrap().first().copied() {
        seen.push(one.instance);
        after = Some(one);
    }
    assert_eq!(seen, [ids[4], ids[1], ids[2], ids[0]]);
    assert_eq!(store.worst_quality((day, day), None, 3).unwrap().len(), 3);
    assert_eq!(store.worst_quality((day + 1, day + 9), None, 3).unwrap(), []);
}
