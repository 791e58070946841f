//! Figures of the store at one moment. Only what is open is counted, so that years of settled sessions cost nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::budget::{Budget, Purpose};
use rollbook_core::completeness::class_of;
use rollbook_core::limits::{DayBucket, Limits};
use rollbook_core::time::hours;
use rollbook_store::{Result, Store};

use super::names::{self, Name};
use crate::config::AccountConfig;
use crate::serve::pulse::Beat;

/// A quota and what is kept of it for others.
#[derive(Debug, Clone)]
pub struct Quota {
    /// Which.
    pub pool: String,
    /// Its limits.
    pub limits: Limits,
    /// Share of each daily allowance kept for others, 0 to 1.
    pub reserve: f64,
}

impl Quota {
    /// The quotas of the accounts, each once.
    pub fn of(accounts: &[AccountConfig]) -> Vec<Quota> {
        let mut quotas: Vec<Quota> = Vec::new();
        for account in accounts {
            if quotas.iter().all(|quota| quota.pool != account.pool) {
                let (pool, limits) = (account.pool.clone(), account.limits.clone());
                quotas.push(Quota { pool, limits, reserve: account.reserve });
            }
        }
        quotas
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Which.
    pub name: Name,
    /// Its labels, in the order of the name's.
    pub labels: Vec<(&'static str, String)>,
    /// How much.
    pub value: f64,
}

/// Figures of one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// All of them.
    pub figures: Vec<Figure>,
}

/// Ages of what is open, in words: up to which time since the end.
const AGES: [(SignedDuration, &str); 4] = [
    (hours(6), "under_6h"),
    (hours(24), "under_24h"),
    (hours(72), "under_72h"),
    (SignedDuration::MAX, "over_72h"),
];

impl Snapshot {
    /// Reads it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of_store(
        store: &Store,
        now: Timestamp,
        quotas: &[Quota],
        accounts: &[String],
        beat: &Beat,
    ) -> Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        snapshot.put(names::BUILD, &[env!("CARGO_PKG_VERSION")], 1.0);
        snapshot.look_at_pulse(beat);
        for quota in quotas {
            snapshot.look_at_quota(store, now, quota)?;
        }
        snapshot.look_at_instances(store, now, accounts)?;
        for open in store.open_deliveries()? {
            let state = open.state.name();
            snapshot.put(names::DELIVERIES, &[state], open.count as f64);
            let age = open.oldest_at.map_or(0.0, |at| seconds_since(now, at));
            snapshot.put(names::OLDEST_DELIVERY, &[state], age);
        }
        if let Some(at) = store.sinks_told_at()? {
            snapshot.put(names::TOLD_AT, &[], at.as_second() as f64);
        }
        snapshot.put(names::COMMANDS, &[], store.count_pending_commands()? as f64);
        snapshot.look_at_events(store, now)?;
        snapshot.put(names::STORE_BYTES, &[], store.size_bytes()? as f64);
        Ok(snapshot)
    }

    fn put(&mut self, name: Name, values: &[&str], value: f64) {
        let labels = name.labels.iter().copied().zip(values.iter().map(|value| (*value).to_owned()));
        self.figures.push(Figure { name, labels: labels.collect(), value });
    }

    fn look_at_pulse(&mut self, beat: &Beat) {
        if let Some(at) = beat.beat_at {
            self.put(names::BEAT, &[], at.as_second() as f64);
        }
        for concerns in beat.grave() {
            self.put(names::TROUBLE, &[concerns], 1.0);
        }
    }

    fn look_at_quota(&mut self, store: &Store, now: Timestamp, quota: &Quota) -> Result<()> {
        let Quota { pool, limits, reserve } = quota;
        let budget = Budget { limits: limits.clone(), usage: store.usage(now, pool)?, reserve: *reserve };
        for bucket in DayBucket::ALL {
            let Some(limit) = limits.day_limit(bucket) else { continue };
            let labels = [pool.as_str(), bucket.name()];
            let gone = budget.usage.day.get(&bucket).copied().unwrap_or(0);
            let usable = budget.usable(limit, Purpose::Collection);
            let is_gone = budget.usage.day_gone.get(&bucket).is_some_and(|until| *until > now);
            let left = if is_gone { 0 } else { usable.saturating_sub(gone) };
            self.put(names::BUDGET_LIMIT, &labels, f64::from(limit));
            self.put(names::BUDGET_SPENT, &labels, f64::from(gone));
            self.put(names::BUDGET_RESERVE, &labels, f64::from(limit - usable));
            self.put(names::BUDGET_LEFT, &labels, f64::from(left));
        }
        for jobs in store.count_jobs(now, pool)? {
            self.put(names::JOBS, &[pool, jobs.label.name(), "due"], jobs.due as f64);
            self.put(names::JOBS, &[pool, jobs.label.name(), "later"], jobs.later as f64);
        }
        Ok(())
    }

    fn look_at_events(&mut self, store: &Store, now: Timestamp) -> Result<()> {
        let count = store.count_events()?;
        self.put(names::WEBHOOK_WAITING, &[], count.new as f64);
        self.put(names::WEBHOOK_OLDEST, &[], count.oldest_new_at.map_or(0.0, |at| seconds_since(now, at)));
        if let Some(at) = store.last_event_at()? {
            self.put(names::WEBHOOK_LAST_AT, &[], at.as_second() as f64);
        }
        Ok(())
    }

    fn look_at_instances(&mut self, store: &Store, now: Timestamp, accounts: &[String]) -> Result<()> {
        let mut counts: BTreeMap<(String, &str, &str, &str), u64> = BTreeMap::new();
        let mut oldest: BTreeMap<String, f64> =
            accounts.iter().map(|account| (account.clone(), 0.0)).collect();
        store.each_open(|open| {
            let age = open.ended_at.map(|at| now.duration_since(at));
            let (_, words) = AGES
                .iter()
                .find(|(up_to, _)| age.unwrap_or(SignedDuration::ZERO) < *up_to)
                .unwrap_or(&AGES[AGES.len() - 1]);
            let reason = class_of(open.reason.unwrap_or_default());
            if let Some(age) = age.filter(|_| !open.is_live) {
                let oldest = oldest.entry(open.account.to_owned()).or_default();
                *oldest = oldest.max(age.as_secs_f64());
            }
            let key = (open.account.to_owned(), open.state.name(), reason, *words);
            *counts.entry(key).or_default() += 1;
        })?;
        for ((account, state, reason, age), count) in counts {
            self.put(names::OPEN_INSTANCES, &[&account, state, reason, age], count as f64);
        }
        for (account, age) in oldest {
            self.put(names::OLDEST_UNVERIFIED, &[&account], age);
        }
        Ok(())
    }
}

fn seconds_since(now: Timestamp, at: Timestamp) -> f64 {
    now.duration_since(at).as_secs_f64().max(0.0)
}
