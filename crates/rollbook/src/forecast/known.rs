//! A forecast where only Moodle's meetings are wanted: calls for their numbers are counted, what those will tell is guessed
//! from earlier weeks.

use jiff::Timestamp;
use rollbook_core::family::{Family, OnePerson};
use rollbook_core::forecast::Work;
use rollbook_core::instance::Kind;
use rollbook_core::known::KnownNumber;
use rollbook_core::label::Label;
use rollbook_core::listing::SETTLED_AFTER;
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, Store};

use super::{Looked, history};
use crate::collector::account::Account;
use crate::collector::known::{each, next, refusal};
use crate::collector::window_of;

/// Numbers that must be asked, and how many calls that takes.
#[derive(Default)]
pub struct Numbers {
    /// Those that must be asked now.
    pub due: Vec<KnownNumber>,
    /// Calls that takes, later ones included.
    pub calls: rollbook_core::label::PerLabel<u64>,
}

/// Counts and guesses, asking nothing.
///
/// # Errors
/// If the store cannot be read, or the account cannot be asked for runs of numbers.
pub fn look(store: &Store, now: Timestamp, account: &Account, days: &[Window]) -> anyhow::Result<Looked> {
    let mut looked = Looked::default();
    let Some(window) = window_of(days) else { return Ok(looked) };
    check(account)?;
    looked.work.list_calls = numbers(store, now, account, days)?.calls;
    guess_by_history(&mut looked, store, account, days)?;
    finish(&mut looked, store, account, window)?;
    Ok(looked)
}

/// Whether the account can be asked for the runs of numbers.
///
/// # Errors
/// Why not.
pub fn check(account: &Account) -> Result<(), crate::config::ConfigError> {
    refusal(account).map_or(Ok(()), |reason| Err(crate::config::ConfigError(reason)))
}

/// A number whose day has not been over for 24 h is asked now and then once more.
///
/// # Errors
/// If the store cannot be read.
pub fn numbers(store: &Store, now: Timestamp, account: &Account, days: &[Window]) -> anyhow::Result<Numbers> {
    let mut numbers = Numbers::default();
    each(store, &account.name, |record| {
        let Some((at, span)) = next(now, &record, days) else { return };
        let label = match record.known.kind {
            Kind::Meeting => Label::Medium,
            Kind::Webinar => Label::Light,
        };
        numbers.calls[label] += if at <= now && now < span.to + SETTLED_AFTER { 2 } else { 1 };
        if at <= now {
            numbers.due.push(record.known);
        }
    })?;
    Ok(numbers)
}

/// The same weekdays in earlier weeks.
fn guess_by_history(
    looked: &mut Looked,
    store: &Store,
    account: &Account,
    days: &[Window],
) -> anyhow::Result<()> {
    let calls = looked.work.list_calls;
    let (mut low, mut high, mut unknown) = (Work::default(), Work::default(), 0);
    for day in days {
        match history::like(store, &account.name, *day)? {
            Some((several, one)) => {
                looked.work.instances += several.usual;
                looked.work.one_person += one.usual;
                (low.instances, low.one_person) = (low.instances + several.low, low.one_person + one.low);
                (high.instances, high.one_person) =
                    (high.instances + several.high, high.one_person + one.high);
            }
            None => unknown += 1,
        }
    }
    looked.work.calls_each = 1.0;
    looked.work.details = looked.work.instances + looked.work.one_person;
    if unknown > 0 {
        looked.caveats.push(format!(
            "nothing is known of {unknown} of {} days: no such weekday was ever collected; leave --offline out to ask Zoom",
            days.len()
        ));
        return Ok(());
    }
    let bound = |work: Work| Work {
        list_calls: calls,
        calls_each: 1.0,
        label: label(account),
        details: work.instances + work.one_person,
        ..work
    };
    looked.interval = Some((bound(low), bound(high)));
    Ok(())
}

/// What holds of any such forecast: earlier runs left something open, and labels and refusals are the account's.
///
/// # Errors
/// If the store cannot be read.
pub fn finish(looked: &mut Looked, store: &Store, account: &Account, window: Window) -> anyhow::Result<()> {
    add_open(looked, store, account, window)?;
    settle_one_person(looked, account);
    Ok(())
}

/// What earlier runs left open is asked for at least once.
#[allow(clippy::cast_precision_loss)]
fn add_open(looked: &mut Looked, store: &Store, account: &Account, window: Window) -> anyhow::Result<()> {
    let filter = InstanceFilter {
        account: Some(account.name.clone()),
        window: Some(window),
        open_only: true,
        ..InstanceFilter::default()
    };
    let open: u64 = store.count_states(&filter)?.iter().map(|count| count.instances).sum();
    looked.work.instances = looked.work.instances.max(open as f64 - looked.work.one_person);
    if looked.work.calls_each == 0.0 {
        looked.work.calls_each = 1.0;
    }
    Ok(())
}

fn label(account: &Account) -> Option<Label> {
    account.offer.families(false).first().map(|family| family.label())
}

/// Runs of one person: past meetings are asked first, and tell them where a setting of the account says so (quirk 3).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn settle_one_person(looked: &mut Looked, account: &Account) {
    let work = &mut looked.work;
    work.label = label(account);
    work.list_calls[Label::Medium] += work.one_person.round() as u64;
    if account.offer.one_person == OnePerson::Told || account.offer.refusal(Family::Metrics).is_some() {
        work.one_person = 0.0;
    }
    if account.offer.quality_refusal().is_some() {
        work.quality_calls = 0.0;
    }
}
