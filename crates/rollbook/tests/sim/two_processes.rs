//! Two processes on one store: never above a limit together, and nothing asked twice.

use rollbook::collector::{Ending, Goal, Wait};
use rollbook::simulation::check::compare;
use rollbook::supervise::Stop;
use rollbook_sim::{Options, OtherApps};
use rollbook_store::{Mode, Store};

use crate::play::{EVENING, LATER, MORNING, Scene, collector, play, runtime};
use crate::worlds;

/// Plays a scene with two collectors at once; the second comes so many milliseconds later.
fn check(what: &str, scene: &Scene, later_ms: u64, calls_more: u64) {
    let alone = play(scene);
    alone.expect_perfect(what);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    let (stats, verdict) = runtime().block_on(async {
        let stage = scene.stage();
        let one = async |name: u64, after_ms: u64| {
            tokio::time::sleep(std::time::Duration::from_millis(after_ms)).await;
            let store = Store::open(&path, Mode::Write).unwrap();
            let mut collector = collector(scene, &stage, store, name).await;
            let (_handle, mut stop) = Stop::pair();
            let goal = Goal::Days(scene.windows());
            let ending = collector.work(&goal, Wait::UntilDone, &mut stop, &mut |_| {}).await.unwrap();
            assert_eq!(ending, Ending::Done, "{what}");
        };
        tokio::join!(one(1, 0), one(2, later_ms));
        let store = Store::open(&path, Mode::Write).unwrap();
        let verdict = compare(&store, "default", &stage.sim.truth(), scene.windows()[0]).unwrap();
        (stage.sim.stats(), verdict)
    });
    assert!(verdict.is_perfect(), "{what}: {verdict:#?}");
    assert!(!stats.ever_exceeded(), "{what}: {:#?}", stats.limits);
    let refused = stats.refusals.per_second + stats.refusals.per_minute + stats.refusals.daily;
    assert_eq!(refused, 0, "{what}: {:?}", stats.refusals);
    assert!(
        stats.calls <= alone.stats.calls + calls_more,
        "{what}: {} calls together, {} alone: {:#?} {:#?}",
        stats.calls,
        alone.stats.calls,
        stats.by_operation,
        alone.stats.by_operation
    );
}

#[test]
fn two_processes_share_a_crowded_day() {
    let mut options = Options::plain(1, jiff::civil::date(2026, 10, 5), 600, 5);
    options.zoom.window = rollbook_sim::Window::Both;
    options.zoom.jitter_ms = 20;
    for later_ms in [0, 1, 70, 1_500] {
        check(&format!("{later_ms} ms later"), &Scene::new(options.clone(), LATER), later_ms, 0);
    }
}

#[test]
fn two_processes_share_campus_days() {
    for seed in 600..612 {
        let mut scene = worlds::campus(seed, 40);
        scene.options.zoom.other_apps = OtherApps::default();
        scene.options.faults = rollbook_sim::Faults::none();
        scene.begin = [EVENING, MORNING, LATER][seed as usize % 3];
        // The list of what is live is taken once by everybody who looks.
        let live = if scene.begin == EVENING { 4 } else { 0 };
        check(&format!("seed {seed}"), &scene, seed % 5 * 40, live);
    }
}
