//! The same seed gives the same trace, and a second run finds nothing left to ask.

use rollbook::collector::{Collector, Ending, Goal, Wait};
use rollbook::simulation::check::compare;
use rollbook::supervise::Stop;
use rollbook_sim::OtherApps;
use rollbook_store::{Mode, Store};

use crate::play::{EVENING, LATER, MORNING, Played, Scene, account, collector, play, rows, runtime};
use crate::worlds;

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [3, 5, 8, 13, 21] {
        let scene = worlds::any_plan(seed, 40);
        let (first, second) = (play(&scene), play(&scene));
        assert_eq!(first.digest, second.digest, "seed {seed}");
        assert_eq!(first.rows(scene.windows()[0]), second.rows(scene.windows()[0]), "seed {seed}");
        assert_ne!(first.digest, play(&worlds::any_plan(seed + 1, 40)).digest, "seed {seed}");
    }
}

/// Collects the same days again with what the first run left, in the same world.
fn again(scene: &Scene, played: Played) -> (Played, u64) {
    let before = played.stats.calls;
    let Played { store, stage, .. } = played;
    // The clock of the stage belongs to the runtime that is gone; a new one takes the world up where it stood.
    let began = jiff::Timestamp::max(stage.sim.faults_stop_at(), scene.begins_at());
    let later = Scene { begin: hours_after(scene, began), ..scene.clone() };
    let mut answer = None;
    runtime().block_on(async {
        let stage = later.stage();
        let account = account(scene, &stage, &store);
        let mut collector =
            Collector::start(stage.clock, stage.chance(), store, vec![account], "again").unwrap();
        collector.sign_in().await;
        collector.discover(&scene.windows()).unwrap();
        let (_handle, mut stop) = Stop::pair();
        let goal = Goal::Days(scene.windows());
        let ending = collector.work(&goal, Wait::UntilDone, &mut stop, &mut |_| {}).await.unwrap();
        assert_eq!(ending, Ending::Done);
        answer = Some((collector, stage));
    });
    let (collector, stage) = answer.unwrap();
    let stats = stage.sim.stats();
    let verdict = compare(&collector.store, "default", &stage.sim.truth(), scene.windows()[0]).unwrap();
    let played = Played {
        ending: Ending::Done,
        failure: None,
        verdict,
        quality: rollbook::simulation::check::QualityVerdict::default(),
        digest: stage.sim.trace_digest(),
        took: jiff::SignedDuration::ZERO,
        in_flight_at_kills: Vec::new(),
        stats,
        store: collector.store,
        stage,
    };
    (played, before)
}

fn hours_after(scene: &Scene, at: jiff::Timestamp) -> crate::play::Hours {
    let midnight = Scene { begin: crate::play::Hours(0.0), ..scene.clone() }.begins_at();
    // Ten days on, everything has settled.
    crate::play::Hours(at.duration_since(midnight).as_secs_f64() / 3_600.0 + 240.0)
}

#[test]
fn a_second_run_over_settled_days_asks_nothing() {
    for seed in [1, 2, 3, 4, 5, 6] {
        for begin in [EVENING, MORNING, LATER] {
            let scene = Scene { begin, ..worlds::any_plan(seed, 30) };
            let first = play(&scene);
            first.expect_perfect(&format!("seed {seed}"));
            let window = scene.windows()[0];
            let held = first.rows(window);
            let (second, before) = again(&scene, first);
            assert!(before > 0);
            assert_eq!(second.stats.calls, 0, "seed {seed} {begin:?}: {:#?}", second.stats.by_operation);
            assert_eq!(rows(&second.store, window), held, "seed {seed} {begin:?}");
        }
    }
}

#[test]
fn meetings_that_lists_show_late_are_found_by_the_second_list() {
    let mut scene = worlds::campus(7, 60);
    scene.options.zoom.other_apps = OtherApps::default();
    scene.options.faults.late_listing = 1.0;
    scene.begin = EVENING;
    let played = play(&scene);
    played.expect_perfect("late listing");
    let began = scene.begins_at();
    let late = played.stage.sim.truth().instances.iter().filter(|real| real.listed_from > began).count();
    assert!(late > 5, "only {late} were late");
    // The list taken a day after the day's end is the last one.
    let listings = played.store.listings("default", scene.windows()[0]).unwrap();
    for (list, listing, _) in listings.iter().filter(|(_, _, closed)| closed.is_none()) {
        let listed_at = listing.listed_at.unwrap();
        assert!(
            list.is_live() || listed_at >= listing.window.to + rollbook_core::time::hours(24),
            "{list:?} was last taken at {listed_at}"
        );
    }
}

#[test]
fn a_short_run_every_hour_comes_to_the_same_as_one_that_stays() {
    for seed in 800..812 {
        let scene = Scene { begin: EVENING, ..worlds::any_plan(seed, 30) };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollbook.db");
        let (runs, complaint) = runtime().block_on(async {
            let stage = scene.stage();
            for run in 1..24 * 7 {
                let store = Store::open(&path, Mode::Write).unwrap();
                let mut collector = collector(&scene, &stage, store, run).await;
                let (_handle, mut stop) = Stop::pair();
                let goal = Goal::Days(scene.windows());
                let wait = Wait::AtMost(jiff::SignedDuration::from_mins(2));
                let ending = collector.work(&goal, wait, &mut stop, &mut |_| {}).await.unwrap();
                collector.finish(0, "hourly").unwrap();
                if ending == Ending::Done {
                    let verdict =
                        compare(&collector.store, "default", &stage.sim.truth(), scene.windows()[0]).unwrap();
                    let limits = stage.sim.stats().ever_exceeded();
                    let is_good = verdict.is_perfect() && !limits;
                    return (run, (!is_good).then(|| format!("above a limit: {limits} {verdict:#?}")));
                }
                drop(collector);
                tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
            }
            (24 * 7, Some("never done".to_owned()))
        });
        assert_eq!(complaint, None, "seed {seed} after {runs} runs");
        assert!(runs > 1, "seed {seed}");
    }
}
