//! What a pool has spent today, what is left, and what waits for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::budget::{Allowance, Budget, Purpose};
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::limits::{DayBucket, Limits};
use rollbook_core::time::{quota_day, quota_resets_at};
use rollbook_store::{HostDay, Store};
use serde::Serialize;

use super::account::AccountSettings;

/// One quota that one or more accounts draw on.
#[derive(Debug, Clone, Serialize)]
pub struct PoolLine {
    /// The accounts that draw on it.
    pub accounts: Vec<String>,
    /// Whether the limits are those of the configuration; else they are those of the plan it was last used with.
    pub is_configured: bool,
    /// When the daily allowances are filled again.
    pub resets_at: Timestamp,
    /// Each daily allowance of the plan.
    pub allowances: Vec<AllowanceLine>,
    /// Calls of the running UTC day.
    pub calls_today: PerLabel<u64>,
    /// Of these, refused by Zoom for their rate.
    pub refused_today: u64,
    /// The day's calls by operation.
    pub operations: Vec<CallLine>,
    /// Labels that Zoom told us to leave alone, and until when.
    pub paused: BTreeMap<&'static str, Timestamp>,
    /// Changes to the meetings of one host that Zoom allows a UTC day.
    pub host_changes_a_day: u32,
    /// The hosts whose meetings rollbook changed today, most changes first.
    pub hosts: Vec<HostDay>,
    /// Jobs, by label.
    pub jobs: Vec<WaitingLine>,
}

/// One daily allowance.
#[derive(Debug, Clone, Serialize)]
pub struct AllowanceLine {
    /// Which.
    pub allowance: DayBucket,
    /// What Zoom allows.
    pub limit: u32,
    /// What rollbook spent of it.
    pub spent: u32,
    /// What others on the account were seen to spend; none where nothing tells.
    pub spent_by_others: Option<u32>,
    /// What is kept for others and for people who wait.
    pub reserve: u32,
    /// What collection may still spend.
    pub left: u32,
    /// Until when Zoom says it is gone.
    pub gone_until: Option<Timestamp>,
}

/// Calls of one operation.
#[derive(Debug, Clone, Serialize)]
pub struct CallLine {
    /// Label.
    pub label: Label,
    /// Operation.
    pub operation: String,
    /// Calls.
    pub calls: u64,
    /// Of these, refused for their rate.
    pub refused: u64,
}

/// Jobs of one label.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingLine {
    /// Label.
    pub label: Label,
    /// Jobs whose time has come.
    pub due: u64,
    /// Of these, parked: a daily allowance is gone, or Zoom asked to wait.
    pub parked: u64,
    /// Until when those are parked.
    pub parked_until: Option<Timestamp>,
    /// Jobs for later.
    pub later: u64,
    /// When the first of the later ones is due.
    pub next_at: Option<Timestamp>,
}

/// Every pool that the store or the configuration knows, by name; of all accounts, or one.
///
/// # Errors
/// If the store cannot be read.
pub fn pools(
    store: &Store,
    now: Timestamp,
    account: Option<&str>,
    configured: &[AccountSettings],
) -> rollbook_store::Result<BTreeMap<String, PoolLine>> {
    let mut accounts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let is_wanted = |name: &str| account.is_none_or(|wanted| wanted == name);
    for (account, pool) in store.account_pools()?.into_iter().filter(|(name, _)| is_wanted(name)) {
        accounts.entry(pool).or_default().push(account);
    }
    for account in configured.iter().filter(|account| account.is_signed_in) {
        let of = accounts.entry(account.pool.clone()).or_default();
        if !of.contains(&account.name) {
            of.push(account.name.clone());
        }
    }
    accounts
        .into_iter()
        .map(|(pool, of)| Ok((pool.clone(), one(store, now, configured, &pool, of)?)))
        .collect()
}

fn one(
    store: &Store,
    now: Timestamp,
    configured: &[AccountSettings],
    pool: &str,
    accounts: Vec<String>,
) -> rollbook_store::Result<PoolLine> {
    let configured = configured.iter().find(|account| account.pool == pool);
    let (limits, reserve) = match configured {
        Some(account) => (account.limits.clone(), account.reserve),
        None => {
            let offer = accounts.iter().find_map(|name| store.offer(name).transpose()).transpose()?;
            let plan = offer.map_or(rollbook_core::limits::Plan::Business, |offer| offer.plan);
            (Limits::of(plan), crate::config::RESERVE)
        }
    };
    let budget = Budget { limits, usage: store.usage(now, pool)?, reserve };
    let day = quota_day(now).to_string();
    let mut calls_today = PerLabel::default();
    let mut operations = Vec::new();
    for line in store.spent(pool, &day, &day)? {
        calls_today[line.label] += line.calls;
        let (label, calls, refused) = (line.label, line.calls, line.refused);
        operations.push(CallLine { label, operation: line.operation, calls, refused });
    }
    let allowances = DayBucket::ALL
        .into_iter()
        .filter_map(|bucket| Some((bucket, budget.limits.day_limit(bucket)?)))
        .map(|(bucket, limit)| {
            Ok(allowance(&budget, now, bucket, limit, store.others_spent(now, pool, bucket)?))
        })
        .collect::<rollbook_store::Result<_>>()?;
    Ok(PoolLine {
        accounts,
        is_configured: configured.is_some(),
        resets_at: quota_resets_at(now),
        allowances,
        calls_today,
        refused_today: operations.iter().map(|line| line.refused).sum(),
        operations,
        paused: budget.usage.paused.iter().map(|(label, until)| (label.name(), *until)).collect(),
        host_changes_a_day: budget.limits.host_writes_day,
        hosts: store.hosts_changed(now, pool)?,
        jobs: waiting(store, &budget, now, pool)?,
    })
}

fn allowance(
    budget: &Budget,
    now: Timestamp,
    bucket: DayBucket,
    limit: u32,
    others: Option<u32>,
) -> AllowanceLine {
    let gone = budget.usage.day.get(&bucket).copied().unwrap_or(0);
    let usable = budget.usable(limit, Purpose::Collection);
    let gone_until = budget.usage.day_gone.get(&bucket).copied().filter(|until| *until > now);
    AllowanceLine {
        allowance: bucket,
        limit,
        spent: gone.saturating_sub(others.unwrap_or(0)),
        spent_by_others: others,
        reserve: limit - usable,
        left: if gone_until.is_some() { 0 } else { usable.saturating_sub(gone) },
        gone_until,
    }
}

/// A job is parked when its label may not be asked now for longer than the pace of Zoom's windows.
fn waiting(
    store: &Store,
    budget: &Budget,
    now: Timestamp,
    pool: &str,
) -> rollbook_store::Result<Vec<WaitingLine>> {
    let parked_until = |label| match budget.allowance(now, label, Purpose::Collection) {
        Allowance::DayGone { until, .. } => Some(until),
        _ => budget.usage.paused.get(&label).copied().filter(|until| *until > now),
    };
    let lines = store.count_jobs(now, pool)?.into_iter().map(|jobs| {
        let parked_until = parked_until(jobs.label);
        WaitingLine {
            label: jobs.label,
            due: jobs.due,
            parked: if parked_until.is_some() { jobs.due } else { 0 },
            parked_until,
            later: jobs.later,
            next_at: jobs.next_at,
        }
    });
    Ok(lines.collect())
}
