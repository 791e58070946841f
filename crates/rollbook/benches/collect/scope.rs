//! A day of 5,000 meetings of 20 people, all of them Moodle's: collected by their numbers, a day old, no faults.

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::SignedDuration;
use jiff::civil::date;
use jiff::tz::TimeZone;
use rollbook::collector::{Collector, Ending, Goal, Wait, discover};
use rollbook::config::Scope;
use rollbook::simulation::Stage;
use rollbook::simulation::check::compare;
use rollbook::simulation::least::least_calls;
use rollbook::supervise::Stop;
use rollbook_core::instance::Kind;
use rollbook_core::known::KnownNumber;
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::limits::{Limits, Plan};
use rollbook_sim::{Options, Truth};
use rollbook_store::{Mode, Store};

/// Numbers of other terms that Moodle still has, beside those that are used.
const UNUSED: [u64; 2] = [0, 15_000];

pub fn run() {
    println!("## A day of 5,000 meetings x 20 people, all of them Moodle's, a day old, no faults");
    for (jitter_ms, unused) in [(0, UNUSED[0]), (20, UNUSED[0]), (20, UNUSED[1])] {
        let mut options = Options::plain(1, date(2026, 10, 5), 5_000, 20);
        options.one_person = 50;
        options.zoom.latency_ms = 60;
        options.zoom.jitter_ms = jitter_ms;
        options.zoom.window = rollbook_sim::Window::Both;
        play(&format!("latency 60 ms, jitter {jitter_ms} ms, {unused} numbers nobody used"), options, unused);
    }
}

fn known(number: u64, topic: &str) -> KnownNumber {
    KnownNumber {
        number,
        kind: Kind::Meeting,
        topic: topic.to_owned(),
        courses: vec![1],
        planned_start: None,
        planned_end: None,
        is_recurring: true,
    }
}

fn numbers(truth: &Truth, unused: u64) -> Vec<KnownNumber> {
    let mut seen = BTreeSet::new();
    let used = truth.instances.iter().filter(|instance| seen.insert(instance.id));
    let mut all: Vec<KnownNumber> = used.map(|instance| known(instance.id, &instance.topic)).collect();
    all.extend((0..unused).map(|place| known(1_000_000 + place, "Another term")));
    all
}

/// Each number once, and the details of each run, beside what every way of collecting costs. Runs of one person are asked
/// for cheaply first: nothing else tells that they are such.
fn least(truth: &Truth, numbers: &[KnownNumber], day: rollbook_core::time::Window) -> PerLabel<u64> {
    let mut least = least_calls(truth, day);
    least.resource_intensive = 0;
    least.medium += numbers.len() as u64;
    least.medium += least.heavy;
    least.light = truth.instances.iter().filter(|instance| day.contains(instance.start)).count() as u64;
    least
}

fn play(name: &str, options: Options, unused: u64) {
    let folder = tempfile::tempdir().unwrap();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let days = discover::days(options.first_day, options.first_day, &TimeZone::UTC);
        let stage =
            Stage::new(options.clone(), Stage::next_morning(&options) + SignedDuration::from_hours(24));
        let store = Store::open(&folder.path().join("scope.db"), Mode::Write).unwrap();
        let mut account = stage.account(false);
        account.set_scope(Scope::Moodle);
        let mut collector =
            Collector::start(stage.clock, stage.chance(), store, vec![account], "bench").unwrap();
        let truth = stage.sim.truth();
        let numbers = numbers(&truth, unused);
        let (_handle, mut stop) = Stop::pair();
        let (began, simulated) = (Instant::now(), stage.clock.now());
        collector.sign_in().await;
        let put = |store: &mut Store| store.put_known_numbers(simulated, "default", &numbers);
        collector.store.atomically(put).unwrap();
        collector.discover(&days).unwrap();
        let goal = Goal::Days(days.clone());
        let ending = collector.work(&goal, Wait::UntilDone, &mut stop, &mut |_| {}).await.unwrap();
        let real = began.elapsed().as_secs_f64();
        let took = stage.clock.now().duration_since(simulated).as_secs_f64();
        assert_eq!(ending, Ending::Done);
        let verdict = compare(&collector.store, "default", &truth, days[0]).unwrap();
        assert!(verdict.is_perfect(), "{verdict:?}");
        let stats = stage.sim.stats();
        assert!(!stats.ever_exceeded());
        let (calls, least) = (collector.calls(), least(&truth, &numbers, days[0]));
        let rate = Label::ALL
            .into_iter()
            .map(|label| least[label] as f64 / Limits::of(Plan::Business).calls_a_second(label))
            .fold(0.0, f64::max);
        println!("{name}:");
        println!(
            "  calls {} ({} Light, {} Medium, {} Heavy; least {}, {:+.2} %)",
            calls.total(),
            calls.light,
            calls.medium,
            calls.heavy,
            least.total(),
            100.0 * (calls.total() as f64 / least.total() as f64 - 1.0),
        );
        println!(
            "  of the daily allowance {} (least {}: one-person runs)",
            calls.heavy_and_resource_intensive(),
            least.heavy_and_resource_intensive()
        );
        println!(
            "  simulated {took:.1} s; calls over rate {rate:.1} s ({:+.1} %)",
            100.0 * (took / rate - 1.0)
        );
        println!("  real {real:.2} s on one core, simulator included");
        println!(
            "  {} stays, 0 missing, 0 extra, 0 wrong; refused for rate: {:?}",
            verdict.stays, stats.refusals
        );
    });
}
