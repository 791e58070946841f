//! What a range of days will cost, before it is spent.

use jiff::Timestamp;
use serde::Serialize;

use crate::budget::{Budget, Purpose};
use crate::label::{Label, PerLabel};
use crate::limits::DayBucket;
use crate::quality::completeness::PAGE;
use crate::quality::policy::{self, Facts, Policy};
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
    /// Calls for call quality (Heavy), see [`quality_calls`].
    pub quality_calls: f64,
}

/// Fewest, usual and most of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// At least so many.
    pub low: f64,
    /// What is to be expected.
    pub usual: f64,
    /// At most so many.
    pub high: f64,
}

impl Spread {
    /// The same for so many times as much, such as a whole list of which a page was seen.
    pub fn times(self, factor: f64) -> Spread {
        Spread { low: self.low * factor, usual: self.usual * factor, high: self.high * factor }
    }
}

/// The forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// Calls by label.
    pub calls: PerLabel<u64>,
    /// Of these, Heavy calls for call quality.
    pub quality_calls: u64,
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
    /// Of these, calls for call quality: it goes last, so it is the first to wait.
    pub quality_calls: u64,
    /// Until when, at least.
    pub until: Timestamp,
    /// Days until the last of them fits.
    pub days: u64,
}

/// Forecasts calls, time and waits.
pub fn forecast(now: Timestamp, budget: &Budget, work: &Work) -> Forecast {
    let mut calls = work.list_calls;
    calls[work.label.unwrap_or(Label::Medium)] += rounded(work.instances * work.calls_each);
    let quality = rounded(work.quality_calls);
    calls.heavy += rounded(work.one_person) + quality;
    calls.light += rounded(work.details);
    let waits = waits(now, budget, &calls, quality);
    Forecast { calls, quality_calls: quality, seconds: seconds(now, budget, &calls, &waits), waits }
}

/// Heavy calls for the call quality of the instances a policy wants: one list call for ten stays, rounded up.
///
/// `Facts::stays` are people listed, or stays where attendance is known. `stays_each` is how often a listed person
/// connects, the waiting room left out: the store's settled instances tell it; 1.0 where there are none. At least
/// everybody connected once; at most everybody came back once more. An instance without a count is taken for an average
/// one. Runs of one person have no call quality and are not to be given.
pub fn quality_calls<'a>(
    policy: &Policy,
    instances: impl IntoIterator<Item = Facts<'a>>,
    stays_each: f64,
) -> Spread {
    let wanted: Vec<Facts<'a>> =
        instances.into_iter().filter(|facts| policy::wants(policy, facts).is_some()).collect();
    let counts: Vec<f64> = wanted.iter().filter_map(|facts| facts.stays).map(f64::from).collect();
    #[allow(clippy::cast_precision_loss)]
    let unknown = (wanted.len() - counts.len()) as f64;
    let calls = |each: f64| {
        let known: f64 = counts.iter().map(|count| (count * each / f64::from(PAGE)).ceil().max(1.0)).sum();
        #[allow(clippy::cast_precision_loss)]
        let average = if counts.is_empty() { 1.0 } else { known / counts.len() as f64 };
        known + unknown * average
    };
    let usual = stays_each.max(1.0);
    Spread { low: calls(1.0), usual: calls(usual), high: calls(usual.max(2.0)) }
}

fn waits(now: Timestamp, budget: &Budget, calls: &PerLabel<u64>, quality: u64) -> Vec<Wait> {
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
                quality_calls: if bucket.covers(Label::Heavy) { over.min(quality) } else { 0 },
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
        assert_eq!((forecast.waits[0].calls, forecast.waits[0].quality_calls), (2_000, 0));
        assert_eq!(forecast.waits[0].until.to_string(), "2026-11-22T00:00:00Z");
        assert!(forecast.seconds >= 12 * 3_600);
    }

    #[test]
    fn call_quality_is_the_first_to_wait() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let work = Work { one_person: 100.0, quality_calls: 10_000.0, ..Work::default() };
        let limits = Limits::of(Plan::Business).with_overrides("heavy_day=8000").unwrap();
        let budget = Budget { limits, ..budget(0) };
        let forecast = forecast(now, &budget, &work);
        assert_eq!((forecast.calls.heavy, forecast.quality_calls), (10_100, 10_000));
        let wait = forecast.waits.iter().find(|wait| wait.bucket.covers(Label::Heavy)).unwrap();
        assert_eq!((wait.calls, wait.quality_calls, wait.days), (3_700, 3_700, 1));
    }

    #[test]
    fn call_quality_costs_a_call_for_ten_stays() {
        let check = |policy: &str, sizes: &[Option<u32>], stays_each, expected: [f64; 3]| {
            let facts = sizes.iter().map(|stays| Facts { uuid: "u", stays: *stays, ..Facts::default() });
            let spread = quality_calls(&policy.parse().unwrap(), facts, stays_each);
            assert_eq!([spread.low, spread.usual, spread.high], expected, "{policy} {sizes:?}");
        };
        check("all", &[Some(20); 5], 1.0, [10.0, 10.0, 20.0]);
        check("all", &[Some(20), Some(21), Some(3)], 1.3, [6.0, 7.0, 10.0]);
        check("large:21", &[Some(20), Some(21), Some(300), None], 1.0, [33.0, 33.0, 65.0]);
        check("all", &[Some(20), Some(40), None], 1.0, [9.0, 9.0, 18.0]);
        check("all", &[None, None], 1.0, [2.0, 2.0, 2.0]);
        check("none", &[Some(20)], 1.0, [0.0, 0.0, 0.0]);
        let half =
            quality_calls(&Policy::All, [Facts { stays: Some(20), ..Facts::default() }], 1.0).times(0.5);
        assert_eq!(half, Spread { low: 1.0, usual: 1.0, high: 2.0 });
    }

    #[test]
    fn a_day_of_five_thousand_meetings_with_all_call_quality_fits_the_day() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let facts = std::iter::repeat_n(Facts { stays: Some(20), ..Facts::default() }, 5_000);
        let quality_calls = quality_calls(&Policy::All, facts, 1.0).usual;
        let work =
            Work { instances: 5_000.0, calls_each: 1.0, one_person: 50.0, quality_calls, ..Work::default() };
        let forecast = forecast(now, &budget(0), &work);
        assert_eq!(forecast.calls.heavy, 10_050);
        assert!(forecast.waits.is_empty());
    }
}
