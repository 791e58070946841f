//! Two days of a small campus, collected as far as they can be: something to look at.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::quality::policy::Policy;
use rollbook_sim::{Options, People};
use rollbook_store::Store;

use super::Stage;
use crate::collector::{Collector, Goal, Wait, discover};
use crate::supervise::Stop;

/// The moment at which the campus is looked at: yesterday is nearly complete, today is half over.
pub const NOW: &str = "2026-10-06T11:01:00Z";

/// The campus, of `meetings` instances a day.
pub fn options(seed: u64, meetings: u32) -> Options {
    Options {
        days: 2,
        people: People::Exactly(14),
        ..Options::campus(seed, jiff::civil::date(2026, 10, 5), meetings)
    }
}

/// Collects a pretend campus of `meetings` instances a day with everybody's call quality into `store`, from midnight after
/// its first day until [`NOW`].
///
/// The runtime's clock should be paused.
///
/// # Errors
/// If the store cannot be used.
pub async fn collect(store: Store, seed: u64, meetings: u32) -> anyhow::Result<()> {
    let options = options(seed, meetings);
    let midnight =
        Stage::next_morning(&Options { days: 1, ..options.clone() }) - SignedDuration::from_hours(3);
    // What is under way is finished within the minute.
    let until = NOW.parse::<Timestamp>()? - SignedDuration::from_mins(1);
    let last = options.first_day.tomorrow()?;
    let days = discover::days(options.first_day, last, &jiff::tz::TimeZone::UTC);
    let stage = Stage::new(options, midnight);
    let mut account = stage.account(true);
    account.qos.policy = Policy::All;
    let mut collector = Collector::start(stage.clock, stage.chance(), store, vec![account], "serve")?;
    collector.sign_in().await;
    let (_handle, mut stop) = Stop::pair();
    // Yesterday in the night and the morning, then what today has brought so far.
    let begin_today = until - SignedDuration::from_mins(30);
    for (days, end) in [(&days[..1], begin_today), (&days[..], until)] {
        collector.discover(days)?;
        let wait = Wait::AtMost(end.duration_since(collector.clock.now()).max(SignedDuration::ZERO));
        collector.work(&Goal::Days(days.to_vec()), wait, &mut stop, &mut |_| {}).await?;
        let left = end.duration_since(collector.clock.now());
        if let Ok(left) = left.try_into() {
            tokio::time::sleep(left).await;
        }
    }
    collector.finish(3, "still collecting")?;
    Ok(())
}
