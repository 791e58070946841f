//! A forecast where only Moodle's meetings are wanted: calls for their numbers are counted, what those will tell is
//! estimated from a sample.

use rollbook_core::budget::Purpose;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::known::KnownNumber;
use rollbook_core::time::Window;
use rollbook_zoom::{Advice, SkipReason};

use super::look::pages_of;
use crate::collector::ask::Request;
use crate::collector::once::OnceError;
use crate::collector::{Collector, window_of};
use crate::forecast::known::{Numbers, check, finish, numbers};
use crate::forecast::{Looked, quality};

/// Numbers that are asked for their runs to guess those of all others, and runs that are asked for their details.
/// Thirty tell the mean of a campus to about a third, at a price nobody notices.
const SAMPLE: usize = 30;

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
pub async fn look(collector: &mut Collector, index: usize, days: &[Window]) -> anyhow::Result<Looked> {
    let mut looked = Looked::default();
    let Some(window) = window_of(days) else { return Ok(looked) };
    check(&collector.accounts[index])?;
    let now = collector.clock.now();
    let numbers = numbers(&collector.store, now, &collector.accounts[index], days)?;
    looked.work.list_calls = numbers.calls;
    let sample = sample(collector, index, &numbers.due, window, &mut looked).await?;
    guess_by_sample(&mut looked, collector, index, &numbers, &sample)?;
    finish(&mut looked, &collector.store, &collector.accounts[index], window)?;
    Ok(looked)
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
