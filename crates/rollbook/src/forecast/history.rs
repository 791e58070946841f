//! A forecast from the store alone: what the same weekdays were like.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::forecast::{Spread, Work};
use rollbook_core::label::Label;
use rollbook_core::listing::{Due, List, due};
use rollbook_core::time::{Window, hours};
use rollbook_store::{InstanceFilter, Store};

use super::{Looked, quality};
use crate::collector::account::Account;
use crate::collector::discover;

/// How far back days are compared with.
const WEEKS_BACK: i64 = 8;

/// Guesses without asking.
pub fn look(store: &Store, now: Timestamp, account: &Account, days: &[Window]) -> anyhow::Result<Looked> {
    let mut looked = Looked::default();
    let lists = discover::lists(&account.offer, false).map_err(crate::config::ConfigError)?;
    let (mut several, mut one) = (Spread::default(), Spread::default());
    let mut calls = Spread::default();
    let stays_each = quality::stays_each(store, account, now)?;
    let mut unknown_days = 0;
    // Weeks that are asked for overlap with those they are compared with.
    let mut known = BTreeMap::new();
    for day in days {
        if is_listed(store, now, account, &lists, *day)? {
            let open = open_in(store, &account.name, *day)?;
            several = add(several, Spread { low: open, usual: open, high: open });
            calls = add(calls, quality::calls_of_known(store, account, *day, stays_each)?.0);
            continue;
        }
        match like(store, &account.name, *day)? {
            Some((more, single)) => {
                (several, one) = (add(several, more), add(one, single));
                calls = add(calls, quality_like(store, account, *day, stays_each, &mut known)?);
            }
            None => unknown_days += 1,
        }
        for list in &lists {
            looked.work.list_calls[list.label()] += 1;
        }
    }
    if unknown_days > 0 {
        looked.caveats.push(format!(
            "nothing is known of {unknown_days} of {} days: no such weekday was ever collected; leave --offline out to ask Zoom",
            days.len()
        ));
    }
    let label = account.offer.families(false).first().map(|family| family.label()).or(Some(Label::Medium));
    let lists_calls = looked.work.list_calls;
    if account.offer.quality_refusal().is_some() {
        calls = Spread::default();
    }
    let work = |instances: f64, one_person: f64, quality_calls: f64| Work {
        list_calls: lists_calls,
        instances,
        calls_each: 1.0,
        label,
        one_person,
        quality_calls,
        ..Work::default()
    };
    // Days of which nothing is known have no upper bound.
    looked.interval = (unknown_days == 0)
        .then(|| (work(several.low, one.low, calls.low), work(several.high, one.high, calls.high)));
    looked.work = work(several.usual, one.usual, calls.usual);
    Ok(looked)
}

fn is_listed(
    store: &Store,
    now: Timestamp,
    account: &Account,
    lists: &[List],
    day: Window,
) -> anyhow::Result<bool> {
    let listed = store.listings(&account.name, day)?;
    Ok(lists.iter().all(|list| {
        listed
            .iter()
            .any(|(of, listing, _)| of == list && listing.window == day && due(now, listing) == Due::Settled)
    }))
}

#[allow(clippy::cast_precision_loss)]
fn open_in(store: &Store, account: &str, day: Window) -> anyhow::Result<f64> {
    let filter = InstanceFilter {
        account: Some(account.to_owned()),
        window: Some(day),
        open_only: true,
        closed_only: false,
    };
    Ok(store.count_states(&filter)?.iter().map(|count| count.instances as f64).sum())
}

/// The same weekday in earlier weeks, as far as it was collected.
#[allow(clippy::cast_precision_loss)]
pub(super) fn like(store: &Store, account: &str, day: Window) -> anyhow::Result<Option<(Spread, Spread)>> {
    let mut seen: Vec<(f64, f64)> = Vec::new();
    for week in 1..=WEEKS_BACK {
        let back = hours(24 * 7 * week);
        let earlier = Window { from: day.from - back, to: day.to - back };
        let counts = store.instances_a_day(account, earlier)?;
        if !counts.is_empty() {
            let total = counts.iter().fold((0, 0), |sum, (_, more, one)| (sum.0 + more, sum.1 + one));
            seen.push((total.0 as f64, total.1 as f64));
        }
    }
    if seen.is_empty() {
        return Ok(None);
    }
    Ok(Some((spread(seen.iter().map(|day| day.0)), spread(seen.iter().map(|day| day.1)))))
}

/// Calls for call quality on the same weekday in earlier weeks; `known` holds those of days that were looked at.
fn quality_like(
    store: &Store,
    account: &Account,
    day: Window,
    stays_each: f64,
    known: &mut BTreeMap<Timestamp, Option<Spread>>,
) -> anyhow::Result<Spread> {
    let mut seen: Vec<Spread> = Vec::new();
    for week in 1..=WEEKS_BACK {
        let back = hours(24 * 7 * week);
        let earlier = Window { from: day.from - back, to: day.to - back };
        let calls = match known.get(&earlier.from) {
            Some(calls) => *calls,
            None => {
                let calls = quality_of(store, account, earlier, stays_each)?;
                known.insert(earlier.from, calls);
                calls
            }
        };
        seen.extend(calls);
    }
    Ok(match seen.is_empty() {
        true => Spread::default(),
        false => Spread {
            low: spread(seen.iter().map(|calls| calls.low)).low,
            usual: spread(seen.iter().map(|calls| calls.usual)).usual,
            high: spread(seen.iter().map(|calls| calls.high)).high,
        },
    })
}

/// Calls for call quality of a day's instances; none if there were none.
fn quality_of(
    store: &Store,
    account: &Account,
    day: Window,
    stays_each: f64,
) -> anyhow::Result<Option<Spread>> {
    let filter = InstanceFilter {
        account: Some(account.name.clone()),
        window: Some(day),
        ..InstanceFilter::default()
    };
    let records = store.instances(&filter, u32::MAX)?;
    if records.is_empty() {
        return Ok(None);
    }
    let wanted = records.iter().map(|record| (&record.instance, record.quality_word.as_deref()));
    Ok(Some(quality::calls(store, account, wanted, stays_each)?))
}

#[allow(clippy::cast_precision_loss)]
fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let values: Vec<f64> = values.collect();
    Spread {
        low: values.iter().copied().fold(f64::INFINITY, f64::min),
        usual: values.iter().sum::<f64>() / values.len() as f64,
        high: values.iter().copied().fold(0.0, f64::max),
    }
}

fn add(a: Spread, b: Spread) -> Spread {
    Spread { low: a.low + b.low, usual: a.usual + b.usual, high: a.high + b.high }
}
