//! A forecast where only Moodle's meetings are wanted: calls for their numbers are counted, what those will tell is
//! estimated from a sample, or from earlier weeks.

use rollbook_core::budget::Purpose;
use rollbook_core::family::{Family, OnePerson};
use rollbook_core::forecast::Work;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::known::KnownNumber;
use rollbook_core::label::Label;
use rollbook_core::listing::SETTLED_AFTER;
use rollbook_core::time::Window;
use rollbook_store::InstanceFilter;
use rollbook_zoom::{Advice, SkipReason};

use super::look::pages_of;
use super::{Looked, history, quality};
use crate::collector::account::Account;
use crate::collector::ask::Request;
use crate::collector::known::{each, next, refusal};
use crate::collector::once::OnceError;
use crate::collector::{Collector, window_of};

/// Numbers that are asked for their runs to guess those of all others, and runs that are asked for their details.
/// Thirty tell the mean of a campus to about a third, at a price nobody notices.
const SAMPLE: usize = 30;

/// Numbers that must be asked, and how many calls that takes.
#[derive(Default)]
struct Numbers {
    due: Vec<KnownNumber>,
    calls: rollbook_core::label::PerLabel<u64>,
}

/// What a sample of runs was like.
#[derive(Default)]
struct Sample {
    /// Runs of the days among the numbers asked that are not settled yet.
    runs: Vec<Instance>,
    /// Numbers asked.
    asked: usize,
}

/// Counts and guesses.
///
/// # Errors
/// If the store cannot be read, or Zoom refuses.
pub async fn look(
    collector: &mut Collector,
    index: usize,
    days: &[Window],
    is_offline: bool,
) -> anyhow::Result<Looked> {
    let mut looked = Looked::default();
    let Some(window) = window_of(days) else { return Ok(looked) };
    if let Some(reason) = refusal(&collector.accounts[index]) {
        return Err(crate::config::ConfigError(reason).into());
    }
    let numbers = numbers(collector, index, days)?;
    looked.work.list_calls = numbers.calls;
    if is_offline {
        guess_by_history(&mut looked, collector, index, days)?;
    } else {
        let sample = sample(collector, index, &numbers.due, window, &mut looked).await?;
        guess_by_sample(&mut looked, collector, index, &numbers, &sample)?;
    }
    let account = &collector.accounts[index];
    add_open(&mut looked, collector, account, window)?;
    finish(&mut looked, account);
    Ok(looked)
}

/// A number whose day has not been over for 24 h is asked now and then once more.
fn numbers(collector: &Collector, index: usize, days: &[Window]) -> anyhow::Result<Numbers> {
    let now = collector.clock.now();
    let mut numbers = Numbers::default();
    each(&collector.store, &collector.accounts[index].name, |record| {
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

/// Asks numbers spread evenly over all of them for their runs, and some of the runs for how many came.
async fn sample(
    collector: &mut Collector,
    index: usize,
    due: &[KnownNumber],
    window: Window,
    looked: &mut Looked,
) -> anyhow::Result<Sample> {
    let mut sample = Sample::default();
    let step = due.len().div_ceil(SAMPLE).max(1);
    for known in due.iter().step_by(step) {
        sample.asked += 1;
        looked.pages_read += 1;
        let told = match collector
            .ask_once(index, &Request::Runs(known.number, known.kind), Purpose::Collection)
            .await
        {
            Ok(told) => told,
            Err(error) if is_unknown(&error) => continue,
            Err(error) => return Err(error.for_account(&collector.accounts[index].name)),
        };
        for run in told.instances {
            let is_outside = run.started_at.is_some_and(|start| !window.contains(start));
            let held = collector.store.instance_by_uuid(&collector.accounts[index].name, &run.uuid)?;
            if !is_outside && held.is_none_or(|held| held.state.is_open()) {
                sample.runs.push(run);
            }
        }
    }
    let step = sample.runs.len().div_ceil(SAMPLE).max(1);
    for run in sample.runs.iter_mut().step_by(step).filter(|run| run.kind == Kind::Meeting) {
        looked.pages_read += 1;
        let request = Request::Details(Box::new(run.clone()));
        match collector.ask_once(index, &request, Purpose::Collection).await {
            Ok(told) => told.instances.into_iter().for_each(|details| run.absorb(details)),
            Err(error) if is_unknown(&error) => {}
            Err(error) => return Err(error.for_account(&collector.accounts[index].name)),
        }
    }
    Ok(sample)
}

fn is_unknown(error: &OnceError) -> bool {
    matches!(error, OnceError::Zoom(zoom)
        if matches!(zoom.advice(), Advice::Skip(SkipReason::NotFoundOrNotEnded | SkipReason::NoPermission)))
}

#[allow(clippy::cast_precision_loss)]
fn guess_by_sample(
    looked: &mut Looked,
    collector: &Collector,
    index: usize,
    numbers: &Numbers,
    sample: &Sample,
) -> anyhow::Result<()> {
    if sample.asked == 0 {
        return Ok(());
    }
    let (now, account) = (collector.clock.now(), &collector.accounts[index]);
    let each = numbers.due.len() as f64 / sample.asked as f64;
    let counted: Vec<&Instance> = sample.runs.iter().filter(|run| run.listed_count.is_some()).collect();
    let alone = counted.iter().filter(|run| run.listed_count == Some(1)).count();
    let alone_share = alone as f64 / counted.len().max(1) as f64;
    let meetings = sample.runs.iter().filter(|run| run.kind == Kind::Meeting).count() as f64;
    let webinars = sample.runs.len() as f64 - meetings;
    let pages: f64 =
        counted.iter().filter(|run| run.listed_count != Some(1)).map(|run| pages_of(run, now)).sum();
    let pages_each = if counted.len() > alone { pages / (counted.len() - alone) as f64 } else { 1.0 };
    let several = meetings * (1.0 - alone_share);
    let work = &mut looked.work;
    work.one_person = meetings * alone_share * each;
    work.instances = (several + webinars) * each;
    work.details = meetings * each;
    // Of a webinar nobody tells a count for nothing, so that it is read twice.
    work.calls_each = if work.instances > 0.0 {
        (several * pages_each + webinars * 2.0) / (several + webinars)
    } else {
        0.0
    };
    let (store, words) = (&collector.store, |run| (run, None));
    let stays_each = quality::stays_each(store, account, now)?;
    work.quality_calls =
        quality::calls(store, account, sample.runs.iter().map(words), stays_each)?.usual * each;
    if numbers.due.len() > sample.asked {
        looked.caveats.push(format!(
            "the runs of {} of {} numbers were looked at to guess the rest",
            sample.asked,
            numbers.due.len()
        ));
    }
    Ok(())
}

/// The same weekdays in earlier weeks.
fn guess_by_history(
    looked: &mut Looked,
    collector: &Collector,
    index: usize,
    days: &[Window],
) -> anyhow::Result<()> {
    let (store, account) = (&collector.store, &collector.accounts[index]);
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

/// What earlier runs left open is asked for at least once.
#[allow(clippy::cast_precision_loss)]
fn add_open(
    looked: &mut Looked,
    collector: &Collector,
    account: &Account,
    window: Window,
) -> anyhow::Result<()> {
    let filter = InstanceFilter {
        account: Some(account.name.clone()),
        window: Some(window),
        open_only: true,
        ..InstanceFilter::default()
    };
    let open: u64 = collector.store.count_states(&filter)?.iter().map(|count| count.instances).sum();
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
fn finish(looked: &mut Looked, account: &Account) {
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
