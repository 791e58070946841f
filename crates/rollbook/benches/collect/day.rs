//! A day of 5,000 meetings of 20 people, a day old, no faults.

use std::time::Instant;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::collector::{Collector, Ending, Goal, Wait, discover};
use rollbook::simulation::Stage;
use rollbook::simulation::check::compare;
use rollbook::simulation::least::least_calls;
use rollbook::supervise::Stop;
use rollbook_core::label::Label;
use rollbook_sim::Options;
use rollbook_store::{Mode, Store};

pub fn run() {
    println!("## A day of 5,000 meetings x 20 people, a day old, no faults");
    for (name, latency_ms, jitter_ms) in [("latency 60 ms", 60, 0), ("latency 60 ms, jitter 20 ms", 60, 20)] {
        let mut options = Options::plain(1, date(2026, 10, 5), 5_000, 20);
        options.one_person = 50;
        options.zoom.latency_ms = latency_ms;
        options.zoom.jitter_ms = jitter_ms;
        options.zoom.window = rollbook_sim::Window::Both;
        play(name, options);
    }
}

fn play(name: &str, options: Options) {
    let folder = tempfile::tempdir().unwrap();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let day = options.first_day;
        let epoch: Timestamp = Stage::next_morning(&options) + SignedDuration::from_hours(24);
        let stage = Stage::new(options, epoch);
        let days = discover::days(day, day, &TimeZone::UTC);
        let store = Store::open(&folder.path().join("day.db"), Mode::Write).unwrap();
        let mut collector =
            Collector::start(stage.clock, stage.chance(), store, vec![stage.account(false)], "bench")
                .unwrap();
        let (_handle, mut stop) = Stop::pair();
        let began = Instant::now();
        let simulated = stage.clock.now();
        collector.sign_in().await;
        collector.discover(&days).unwrap();
        let goal = Goal::Days(days.clone());
        let ending = collector.work(&goal, Wait::UntilDone, &mut stop, &mut |_| {}).await.unwrap();
        let real = began.elapsed().as_secs_f64();
        let took = stage.clock.now().duration_since(simulated).as_secs_f64();
        assert_eq!(ending, Ending::Done);
        let truth = stage.sim.truth();
        let verdict = compare(&collector.store, "default", &truth, days[0]).unwrap();
        assert!(verdict.is_perfect(), "{verdict:?}");
        let stats = stage.sim.stats();
        assert!(!stats.ever_exceeded());
        let (calls, least) = (collector.calls(), least_calls(&truth, days[0]));
        println!("{name}:");
        println!(
            "  calls {} (least {}, {:+.2} %), of the daily allowance {} (least {})",
            calls.total(),
            least.total(),
            100.0 * (calls.total() as f64 / least.total() as f64 - 1.0),
            calls.heavy_and_resource_intensive(),
            least.heavy_and_resource_intensive(),
        );
        let rate: f64 = Label::ALL
            .into_iter()
            .map(|label| {
                let limits = rollbook_core::limits::Limits::of(rollbook_core::limits::Plan::Business);
                least[label] as f64 / limits.calls_a_second(label)
            })
            .fold(0.0, f64::max);
        println!(
            "  simulated {took:.1} s; calls over rate {rate:.1} s ({:+.1} %)",
            100.0 * (took / rate - 1.0)
        );
        println!("  real {real:.2} s on one core, simulator included (limit 20 s)");
        println!(
            "  {} stays, 0 missing, 0 extra, 0 wrong; refused for rate: {:?}",
            verdict.stays, stats.refusals
        );
    });
}
