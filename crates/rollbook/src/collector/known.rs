//! Collecting by numbers known beforehand: each is asked for its instances, nothing is listed account-wide.

use jiff::Timestamp;
use rollbook_core::family::Family;
use rollbook_core::job::Ask;
use rollbook_core::listing::{Due, SETTLED_AFTER};
use rollbook_core::pace::Pace;
use rollbook_core::time::{Window, hours};
use rollbook_store::{KnownRecord, Result, Store};

use super::account::Account;
use super::discover;

/// Numbers held in memory at once.
const STEP: u32 = 1_000;

/// Puts a job for each number that is due for these days, or will be; jobs for numbers that Moodle no longer has go.
///
/// # Errors
/// If the store cannot be used.
pub fn put_jobs(store: &mut Store, now: Timestamp, account: &Account, days: &[Window]) -> Result<()> {
    for day in days {
        store.want_day(&account.name, *day)?;
    }
    // Lists of the whole account are somebody else's wish: what is being read is finished, what was planned is not.
    for job in store.list_jobs(&account.name)?.iter().filter(|job| job.progress.is_none()) {
        store.finish_idle_job(job.id, now)?;
    }
    store.drop_instances_jobs(now, &account.name)?;
    // Days of earlier commands that are not a day over yet keep their second look.
    let lately = Window { from: now - SETTLED_AFTER - hours(24), to: Timestamp::MAX };
    let mut all = store.wanted_days(&account.name, lately)?;
    all.extend(days.iter().filter(|day| !all.contains(day)).copied().collect::<Vec<_>>());
    let mut last = None;
    loop {
        let step = store.known_numbers_after(&account.name, last.as_ref(), STEP)?;
        for record in &step {
            put_next(store, now, account, record, &all)?;
        }
        let Some(end) = step.into_iter().next_back() else { return Ok(()) };
        last = Some(end.known);
    }
}

/// Visits every number with an activity, in order, some of them in memory at a time.
///
/// # Errors
/// If the store cannot be read.
pub fn each(store: &Store, account: &str, mut visit: impl FnMut(KnownRecord)) -> Result<()> {
    let mut last = None;
    loop {
        let step = store.known_numbers_after(account, last.as_ref(), STEP)?;
        let Some(end) = step.last() else { return Ok(()) };
        last = Some(end.known.clone());
        step.into_iter().for_each(&mut visit);
    }
}

/// A day whose numbers have not all been asked for the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsettled {
    /// The day.
    pub day: Window,
    /// Numbers that are asked (again).
    pub numbers: u64,
    /// When the first of them is.
    pub next_look_at: Timestamp,
}

/// Which of these days still need answers, and when the next ones are due.
///
/// # Errors
/// If the store cannot be read.
pub fn unsettled(store: &Store, now: Timestamp, account: &str, days: &[Window]) -> Result<Vec<Unsettled>> {
    let mut all: Vec<Unsettled> =
        days.iter().map(|day| Unsettled { day: *day, numbers: 0, next_look_at: Timestamp::MAX }).collect();
    each(store, account, |record| {
        for of in &mut all {
            if let Some((at, _)) = next(now, &record, &[of.day]) {
                of.numbers += 1;
                of.next_look_at = of.next_look_at.min(at);
            }
        }
    })?;
    all.retain(|of| of.numbers > 0);
    Ok(all)
}

/// Puts the job that asks for a number's instances next, if any of these days still needs an answer.
///
/// # Errors
/// If the store cannot be written.
pub(super) fn put_next(
    store: &mut Store,
    now: Timestamp,
    account: &Account,
    record: &KnownRecord,
    days: &[Window],
) -> Result<()> {
    let Some((at, window)) = next_at(account.pace, now, record, days) else { return Ok(()) };
    let ask = Ask::Instances { number: record.known.number, kind: record.known.kind, window };
    store.put_job(&discover::spec(account, ask, at, "instances of a number that Moodle knows"))
}

/// When a command asks for a number next for some of these days, and the span of those days.
pub fn next(now: Timestamp, record: &KnownRecord, days: &[Window]) -> Option<(Timestamp, Window)> {
    next_at(Pace::Asked, now, record, days)
}

fn next_at(pace: Pace, now: Timestamp, record: &KnownRecord, days: &[Window]) -> Option<(Timestamp, Window)> {
    let mut next: Option<(Timestamp, Window)> = None;
    for day in days {
        let at = match pace.number(now, &record.known, record.answer.as_ref(), *day) {
            Due::Now => now,
            Due::At(at) => at,
            Due::Settled => continue,
        };
        next = Some(match next {
            None => (at, *day),
            Some((first, span)) => {
                (first.min(at), Window { from: span.from.min(day.from), to: span.to.max(day.to) })
            }
        });
    }
    next
}

/// Why the instances of known numbers cannot be asked for, if they cannot.
pub fn refusal(account: &Account) -> Option<String> {
    account.offer.refusal(Family::PastMeetings)
}
