//! Keeping what is worth keeping, each kind of data as long as its setting says, and carrying erasures to their end.

use jiff::Timestamp;
use rollbook_store::{Result, Store};
use serde::Serialize;

use crate::collector::events::forget_old;
use crate::config::{Days, KeepConfig, keep_since};

/// Rows of a kind in one step: some milliseconds, so that nobody else waits long.
const STEP: u32 = 1_000;
/// Instances in one step, whose stays are counted and taken away.
const STEP_INSTANCES: u32 = 50;
/// Instances looked through in one step of an erasure.
const STEP_SWEEP: u32 = 500;

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Connections whose samples went.
    pub samples: u64,
    /// Instances whose people went.
    pub instances: u64,
    /// Readings whose rows went.
    pub readings: u64,
    /// Links between people and addresses, and references to people.
    pub links: u64,
    /// Entries of the audit log, commands and requests.
    pub audit: u64,
    /// Reports of runs.
    pub runs: u64,
    /// Events that were taken over, and instances whose sightings went.
    pub events: u64,
    /// Stays that became nameless, as erasures went on.
    pub erased_stays: u64,
}

impl Report {
    /// Adds what went in another step.
    pub fn add(&mut self, more: Report) {
        self.samples += more.samples;
        self.instances += more.instances;
        self.readings += more.readings;
        self.links += more.links;
        self.audit += more.audit;
        self.runs += more.runs;
        self.events += more.events;
        self.erased_stays += more.erased_stays;
    }
}

/// Forgets all that is older than it is to be kept, in small transactions, and carries erasures to their end.
///
/// # Errors
/// If the store cannot be written. What was forgotten before stays so; the next call goes on.
pub fn apply(store: &mut Store, now: Timestamp, keep: &KeepConfig) -> Result<Report> {
    let mut all = Report::default();
    loop {
        let (report, is_done) = step(store, now, keep)?;
        all.add(report);
        if is_done {
            return Ok(all);
        }
    }
}

/// One small step of each kind, each in a transaction of its own, for those who have something else to do in between; says
/// whether that was all.
///
/// # Errors
/// As [`apply`].
pub fn step(store: &mut Store, now: Timestamp, keep: &KeepConfig) -> Result<(Report, bool)> {
    let mut is_done = true;
    type Forget = fn(&mut Store, Timestamp, u32) -> Result<u64>;
    let mut some = |days: Days, at_most: u32, forget: Forget| -> Result<u64> {
        let Some(before) = keep_since(now, days) else { return Ok(0) };
        let gone = store.atomically(|store| forget(store, before, at_most))?;
        is_done &= gone < u64::from(at_most);
        Ok(gone)
    };
    let mut report = Report {
        samples: some(keep.samples, STEP, Store::prune_samples)?,
        readings: some(keep.readings, STEP, Store::prune_readings)?,
        links: some(keep.attendance, STEP, Store::prune_people)?,
        audit: some(keep.audit, STEP, Store::prune_audit)? + some(keep.audit, STEP, Store::prune_requests)?,
        runs: some(keep.runs, STEP, Store::prune_runs)?,
        ..Report::default()
    };
    if let Some(before) = keep_since(now, keep.attendance) {
        report.instances = store.atomically(|store| store.forget_attendance(now, before, STEP_INSTANCES))?;
        is_done &= report.instances < u64::from(STEP_INSTANCES);
    }
    report.events = forget_old(store, now, keep_since(now, keep.events))?;
    is_done &= report.events == 0;
    if store.is_sweep_pending()? {
        let swept = store.atomically(|store| store.sweep(STEP_SWEEP))?;
        report.erased_stays = swept.stays;
        is_done &= swept.is_done;
    }
    Ok((report, is_done))
}

#[cfg(test)]
mod tests;
