//! Call quality: pages parsed, judged and kept, beside the bare parser, and a whole day with policy `all`.

use std::time::Instant;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::collector::quality::keep_rows;
use rollbook::collector::translate::quality_row;
use rollbook::collector::{Collector, Ending, Goal, Wait, discover};
use rollbook::simulation::Stage;
use rollbook::simulation::check::compare_quality;
use rollbook::simulation::least::{least_calls, least_quality_calls};
use rollbook::supervise::Stop;
use rollbook_core::quality::policy::Policy;
use rollbook_sim::Options;
use rollbook_store::{InstanceFilter, Mode, Store};
use rollbook_zoom::endpoint::metrics_qos::{ListMetricsMeetingParticipantsQos, ParticipantsQos, QosType};
use rollbook_zoom::page::{Page, PageCursor};
use rollbook_zoom::{MeetingUuid, RawRequest, decode};

/// Samples a second that Zoom can deliver at most: 40 Heavy calls of ten people with an hour each.
const DELIVERED: f64 = 40.0 * 10.0 * 60.0;

/// Each way takes its turn this often; the quickest turn counts, as others share the core.
const ROUNDS: usize = 5;

pub fn run() {
    pages();
    for (name, limits) in [("policy all", ""), ("policy all, heavy_day=8000", "heavy_day=8000")] {
        day(name, limits);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

async fn collected(
    stage: &Stage,
    store: Store,
    policy: Policy,
    limits: &str,
    wait: Wait,
) -> (Collector, Ending) {
    let mut account = stage.account(false);
    account.qos.policy = policy;
    account.limits = account.limits.with_overrides(limits).unwrap();
    let mut collector = Collector::start(stage.clock, stage.chance(), store, vec![account], "bench").unwrap();
    let (_handle, mut stop) = Stop::pair();
    let day = stage.sim.options().first_day;
    let days = discover::days(day, day, &TimeZone::UTC);
    collector.sign_in().await;
    collector.discover(&days).unwrap();
    let ending = collector.work(&Goal::Days(days), wait, &mut stop, &mut |_| {}).await.unwrap();
    (collector, ending)
}

/// Pages of ten people as the pretend Zoom writes them, with the instances they belong to.
fn pages() {
    let options = Options::plain(1, date(2026, 10, 5), 200, 20);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quality.db");
    let (mut store, bodies) = runtime().block_on(async {
        let epoch = Stage::next_morning(&options) + SignedDuration::from_hours(24);
        let stage = Stage::new(options.clone(), epoch);
        let store = Store::open(&path, Mode::Write).unwrap();
        let (collector, _) = collected(&stage, store, Policy::None, "", Wait::UntilDone).await;
        let mut bodies = Vec::new();
        for record in collector.store.instances(&InstanceFilter::default(), u32::MAX).unwrap() {
            let uuid = MeetingUuid::new(&record.instance.uuid).unwrap();
            let list = ListMetricsMeetingParticipantsQos::new(uuid, QosType::Past);
            let mut cursor = PageCursor::new();
            while let Some(request) = cursor.request(stage.clock.now(), &list) {
                // One page a second never meets a limit.
                stage.clock.sleep_until(stage.clock.now() + SignedDuration::from_secs(1)).await;
                let now = stage.clock.now();
                let client = &collector.accounts[0].client;
                let answer = client.send_raw(now, &RawRequest::of(&request)).await.unwrap();
                cursor.got(now, &answer.read::<ParticipantsQos>(now).unwrap().value).unwrap();
                bodies.push((record.id, answer.body.to_vec()));
            }
        }
        (collector.store, bodies)
    });
    let samples: usize = bodies
        .iter()
        .map(|(_, body)| {
            let page = decode::<ParticipantsQos>(body).unwrap().value;
            page.rows().iter().map(|row| row.user_qos.len()).sum::<usize>()
        })
        .sum();
    let megabytes: f64 = bodies.iter().map(|(_, body)| body.len() as f64).sum::<f64>() / 1e6;
    println!(
        "## Call quality: {} pages, {samples} samples, {megabytes:.0} MB of JSON, one core",
        bodies.len()
    );
    let best = |name: &str, rounds: usize, work: &mut dyn FnMut()| {
        let quickest = (0..rounds)
            .map(|_| {
                let began = Instant::now();
                work();
                began.elapsed().as_secs_f64()
            })
            .fold(f64::INFINITY, f64::min);
        let rate = samples as f64 / quickest;
        println!("  {name:<58} {rate:>10.0} samples a second");
        rate
    };
    let untyped = best("untyped parse (serde_json::Value)", ROUNDS, &mut || {
        for (_, body) in &bodies {
            std::hint::black_box(serde_json::from_slice::<serde_json::Value>(body).unwrap());
        }
    });
    let decoded = best("decoded into numbers with units", ROUNDS, &mut || {
        for (_, body) in &bodies {
            std::hint::black_box(decode::<ParticipantsQos>(body).unwrap());
        }
    });
    let rows = |body: &[u8]| -> Vec<_> {
        decode::<ParticipantsQos>(body).unwrap().value.into_rows().into_iter().map(quality_row).collect()
    };
    best("… and put into columns", ROUNDS, &mut || {
        for (_, body) in &bodies {
            std::hint::black_box(rows(body));
        }
    });
    let before = std::fs::metadata(&path).unwrap().len();
    let kept = best("… and judged, packed and kept (a transaction a page)", 1, &mut || {
        for (instance, body) in &bodies {
            store.atomically(|store| keep_rows(store, *instance, rows(body))).unwrap();
        }
    });
    drop(store);
    let bytes = std::fs::metadata(&path).unwrap().len() - before;
    println!("  parse against untyped {:.2} x", decoded / untyped);
    println!(
        "  kept against what Zoom can deliver ({DELIVERED:.0} a second): {:.1} x (aim: 4 x)",
        kept / DELIVERED
    );
    println!("  {:.1} bytes a sample, all in (aim: 40 or fewer)", bytes as f64 / samples as f64);
}

fn day(name: &str, limits: &str) {
    let mut options = Options::plain(1, date(2026, 10, 5), 5_000, 20);
    options.one_person = 50;
    options.zoom.latency_ms = 60;
    options.zoom.jitter_ms = 20;
    options.zoom.window = rollbook_sim::Window::Both;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.db");
    runtime().block_on(async {
        let epoch: Timestamp = Stage::next_morning(&options) + SignedDuration::from_hours(24);
        let stage = Stage::new(options, epoch);
        let store = Store::open(&path, Mode::Write).unwrap();
        let began = Instant::now();
        let wait = Wait::AtMost(SignedDuration::from_mins(2));
        let (collector, ending) = collected(&stage, store, Policy::All, limits, wait).await;
        let (real, took) = (began.elapsed().as_secs_f64(), stage.clock.now().duration_since(epoch));
        let truth = stage.sim.truth();
        let window = discover::days(date(2026, 10, 5), date(2026, 10, 5), &TimeZone::UTC)[0];
        let (least, least_quality) = (least_calls(&truth, window), least_quality_calls(&truth, window));
        let verdict = compare_quality(&collector.store, "default", &stage.sim, window).unwrap();
        let stats = stage.sim.stats();
        assert!(!stats.ever_exceeded());
        assert!(verdict.wrong.is_empty() && verdict.extra.is_empty(), "{verdict:#?}");
        let calls = collector.calls();
        println!("## A day of 5,000 meetings x 20 people, {name}: {ending:?}");
        println!(
            "  Heavy calls {} (least {}: {} for call quality; {:+.2} %), of the daily allowance {}",
            calls.heavy,
            least.heavy + least_quality,
            least_quality,
            100.0 * (calls.heavy as f64 / (least.heavy + least_quality) as f64 - 1.0),
            calls.heavy_and_resource_intensive(),
        );
        println!(
            "  {} of {} instances complete, {} wait; {} samples, {} missing, 0 extra, 0 wrong",
            verdict.complete,
            verdict.instances,
            verdict.open.len(),
            verdict.samples,
            verdict.missing.len()
        );
        let rate = calls.heavy as f64 / 40.0;
        println!(
            "  simulated {:.0} s; Heavy calls over rate {rate:.0} s; real {real:.0} s, simulator included",
            took.as_secs_f64()
        );
        let bytes = std::fs::metadata(&path).unwrap().len();
        println!("  store {:.0} MB, attendance included", bytes as f64 / 1e6);
    });
}
