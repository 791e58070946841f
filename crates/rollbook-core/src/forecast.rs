//! What a range of days will cost, before it is spent.

use jiff::Timestamp;
use serde::Serialize;

use crate::budget::{Budget, Purpose};
use crate::label::{Label, PerLabel};
use crate::limits::DayBucket;
use crate::time::quota_resets_at;

/// What is known, or guessed, of the work ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Work {
    /// Calls for lists that must be taken, by label.
    pub list_calls: PerLabel<u64>,
    /// Instances (two people or more, and webinars) still to be read.
    pub instances: f64,
    /// Calls for each such instance's participants: pages of 300 rows, and second looks at what ended lately.
    pub calls_each: f64,
    /// Their label: Medium where past meetings are open, else Heavy.
    pub label: Option<Label>,
    /// One-person runs still to be read, each one Heavy call where dashboards exist.
    pub one_person: f64,
    /// Instances whose details must be asked for (Light).
    pub details: f64,
}

/// The forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// Calls by label.
    pub calls: PerLabel<u64>,
    /// Seconds until the last of them is answered, waits for daily resets included.
    pub seconds: u64,
    /// What must wait for a daily reset.
    pub waits: Vec<Wait>,
}

/// Calls that do not fit the day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wait {
    /// The allowance that is too small.
    pub bucket: DayBucket,
    /// Calls that wait.
    pub calls: u64,
    /// Until when, at least.
    pub until: Timestamp,
    /// Days until the last of them fits.
    pub days: u64,
}

/// Forecasts calls, time and waits.
pub fn forecast(now: Timestamp, budget: &Budget, work: &Work) -> Forecast {
    let mut calls = work.list_calls;
    calls[work.label.unwrap_or(Label::Medium)] += rounded(work.instances * work.calls_each);
    calls.heavy += rounded(work.one_person);
    calls.light += rounded(work.details);
    let waits = waits(now, budget, &calls);
    Forecast { calls, seconds: seconds(now, budget, &calls, &waits), waits }
}

fn waits(now: Timestamp, budget: &Budget, calls: &PerLabel<u64>) -> Vec<Wait> {
    let mut waits = Vec::new();
    for bucket in DayBucket::ALL {
        let Some(limit) = budget.limits.day_limit(bucket) else { continue };
        let wanted: u64 =
            Label::ALL.into_iter().filter(|label| bucket.covers(*label)).map(|label| calls[label]).sum();
        let a_day = u64::from(budget.usable(limit, Purpose::Collection));
        let spent = u64::from(budget.usage.day.get(&bucket).copied().unwrap_or(0));
        let left = a_day.saturating_sub(spent);
        if wanted > left {
            let over = wanted - left;
            waits.push(Wait {
                bucket,
                calls: over,
                until: quota_resets_at(now),
                days: over.div_ceil(a_day.max(1)),
            });
        }
    }
    waits
}

/// The slowest label decides; a first windowful leaves at once. Participants are read while lists still come, so
/// lists and participants overlap.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn seconds(now: Timestamp, budget: &Budget, calls: &PerLabel<u64>, waits: &[Wait]) -> u64 {
    let paced = Label::ALL.into_iter().filter(|label| calls[*label] > 0).map(|label| {
        let burst = budget.limits.windows(label).map(|(_, limit)| limit).min().unwrap_or(u32::MAX);
        let rest = calls[label].saturating_sub(u64::from(burst)) as f64;
        let windows = budget
            .limits
            .windows(label)
            .map(|(length, limit)| (rest / f64::from(limit)).ceil() * length.as_secs_f64());
        windows.fold(0.0, f64::max) + 1.0
    });
    let day = quota_resets_at(now).duration_since(now).as_secs_f64();
    let waited =
        waits.iter().map(|wait| day + (wait.days.saturating_sub(1) * 86_400) as f64).fold(0.0, f64::max);
    (waited + paced.fold(0.0, f64::max)).ceil() as u64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn rounded(calls: f64) -> u64 {
    calls.max(0.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Usage;
    use crate::limits::{Limits, Plan};

    fn budget(spent: u32) -> Budget {
        let mut usage = Usage::default();
        usage.day.insert(DayBucket::Shared, spent);
        Budget { limits: Limits::of(Plan::Business), usage, reserve: 0.2 }
    }

    #[test]
    fn a_day_of_five_thousand_meetings_takes_a_minute_and_a_half() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let lists = PerLabel { resource_intensive: 19, ..PerLabel::default() };
        let work = Work { list_calls: lists, instances: 5_000.0, calls_each: 1.0, ..Work::default() };
        let forecast = forecast(now, &budget(0), &work);
        assert_eq!(forecast.calls.medium, 5_000);
        assert_eq!(forecast.calls.heavy_and_resource_intensive(), 19);
        assert!((83..=86).contains(&forecast.seconds), "{}", forecast.seconds);
        assert!(forecast.waits.is_empty());
    }

    #[test]
    fn what_does_not_fit_the_day_waits_for_the_reset() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let work = Work { one_person: 5_000.0, ..Work::default() };
        let forecast = forecast(now, &budget(45_000), &work);
        assert_eq!(forecast.waits[0].calls, 2_000);
        assert_eq!(forecast.waits[0].until.to_string(), "2026-11-22T00:00:00Z");
        assert!(forecast.seconds >= 12 * 3_600);
    }
}
