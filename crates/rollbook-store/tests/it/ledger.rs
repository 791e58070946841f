//! A small ledger for the tests to work on.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::limits::Plan;
use rollbook_store::Store;

pub const ACCOUNT: &str = "default";

/// A minute of the day that the tests play on.
pub fn at(minute: i64) -> Timestamp {
    let morning: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    morning + SignedDuration::from_mins(minute)
}

/// An hour's meeting that began at that minute.
pub fn meeting(uuid: &str, minute: i64) -> Instance {
    Instance {
        started_at: Some(at(minute)),
        ended_at: Some(at(minute + 60)),
        times_from: TimesFrom::List,
        ..Instance::unknown(uuid.into(), Kind::Meeting)
    }
}

/// Puts meetings, and tells their row numbers.
pub fn put<const N: usize>(store: &mut Store, meetings: [Instance; N]) -> [i64; N] {
    store.put_account(ACCOUNT, None, ACCOUNT, &Offer::of(Plan::Business, false)).unwrap();
    meetings.map(|meeting| store.put_instance(at(600), ACCOUNT, meeting).unwrap().record.id)
}
