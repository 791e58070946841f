//! `serve` left running for weeks, with every fault and deaths at any moment: all of it is collected and told to Moodle,
//! for hardly more calls than a sync each morning spends.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::collector::account::Account;
use rollbook::collector::{Collector, Goal, Wait};
use rollbook::config::QosConfig;
use rollbook::serve::collect::{COMMAND, Collecting, Delivery, Outside, Settings};
use rollbook::serve::pulse::Pulse;
use rollbook::simulation::Stage;
use rollbook::simulation::check::compare;
use rollbook::supervise::Stop;
use rollbook_core::chance::Chance;
use rollbook_core::chores::Rhythm;
use rollbook_core::pace::{Pace, Steady};
use rollbook_sim::{OtherApps, Stats};
use rollbook_store::{Mode, State, Store};
use tokio::sync::Notify;

use crate::play::{Hours, Scene, account, runtime};
use crate::worlds::{self, Dice};

/// Looks at the queue are rarer than in life: two weeks have eighty thousand of those.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// After the last day so much is waited: what nobody can tell is given up after 72 h.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24 * 6);

/// What a pretend Moodle was told: of each instance, how often it had changed by then.
type Told = Rc<RefCell<BTreeMap<i64, i64>>>;

/// A Moodle that only remembers, and that is down for hours now and then.
struct World<'a> {
    path: &'a Path,
    stage: &'a Stage,
    told: Told,
    dice: Dice,
}

impl World<'_> {
    async fn push(&self, stop: Stop) -> Delivery {
        let now = self.stage.clock.now();
        // Some seconds on the way.
        self.stage.clock.sleep_until(now + SignedDuration::from_secs(3)).await;
        if self.dice.hit(&format!("down {}", now.as_second() / 10_800), 0.2) {
            return Delivery::Failed("Moodle is down".to_owned());
        }
        let store = Store::open(self.path, Mode::Read).unwrap();
        let mut told = self.told.borrow_mut();
        store
            .each_candidate("pretend", "default", None, |candidate| {
                if candidate.record.state == State::Verified && !stop.is_asked() {
                    told.insert(candidate.record.id, candidate.changes);
                }
            })
            .unwrap();
        Delivery::Done("told".to_owned())
    }
}

impl Outside for World<'_> {
    async fn read_numbers(&self, _: &mut Collector) -> anyhow::Result<()> {
        Ok(())
    }

    fn deliver(&self, stop: Stop) -> Option<impl Future<Output = Delivery> + '_> {
        Some(self.push(stop))
    }

    async fn keep_tokens(&self, _: &[Account]) {}

    fn is_alive(&self) {}
}

/// What came of it.
struct Served {
    stats: Stats,
    store: Store,
    stage: Stage,
    told: Told,
}

fn settings(scene: &Scene) -> Settings {
    let zone = TimeZone::UTC;
    Settings {
        rhythm: Rhythm { zone, deliver_every: SignedDuration::from_mins(10) },
        from: Some(scene.options.first_day),
        qos: QosConfig::default(),
        look_every: LOOK_EVERY,
    }
}

fn start(scene: &Scene, stage: &Stage, store: Store, life: u64, pace: Pace) -> Collector {
    let mut account = account(scene, stage, &store);
    account.pace = pace;
    let chance = Chance::from_seed(scene.options.seed ^ life);
    Collector::start(stage.clock, chance, store, vec![account], COMMAND).unwrap()
}

/// Leaves it running, and kills or stops it at these moments, counted in milliseconds of each life.
fn serve(scene: &Scene, lives: &[i64]) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    runtime().block_on(async {
        let stage = scene.stage();
        let told = Told::default();
        let end = scene.begins_at() + SignedDuration::from_hours(24 * i64::from(scene.days)) + AFTERWARDS;
        let mut lives = lives.iter();
        for life in 0.. {
            let dies_at = lives.next().map(|millis| stage.clock.now() + SignedDuration::from_millis(*millis));
            let until = dies_at.map_or(end, |at| at.min(end));
            let is_last = until == end;
            one_life(scene, &stage, &path, &told, life, until).await;
            // The dead process's calls are given up by the network within this moment.
            tokio::task::yield_now().await;
            if is_last {
                break;
            }
        }
        Served { stats: stage.sim.stats(), store: Store::open(&path, Mode::Write).unwrap(), stage, told }
    })
}

/// Every other life is stopped in order; the others are killed.
async fn one_life(scene: &Scene, stage: &Stage, path: &Path, told: &Told, life: u64, until: Timestamp) {
    let store = Store::open(path, Mode::Write).unwrap();
    let worked_at = store.last_run_of(COMMAND).unwrap().map(|(began, ended)| ended.unwrap_or(began));
    let mut collector = start(scene, stage, store, life, Pace::Steady(Steady::default()));
    let dice = Dice::of(scene.options.seed ^ 0x6d6f);
    let world = World { path, stage, told: told.clone(), dice };
    let (wake, pulse) = (Notify::new(), Pulse::default());
    let (handle, mut stop) = Stop::pair();
    let run = async {
        collector.sign_in().await;
        let collecting =
            Collecting::new(&mut collector, &world, settings(scene), &wake, pulse.clone(), worked_at);
        collecting.unwrap().run(&mut stop).await;
    };
    let mut run = std::pin::pin!(run);
    tokio::select! {
        biased;
        () = &mut run => panic!("it ended by itself"),
        () = stage.clock.sleep_until(until) => {}
    }
    if life % 2 == 0 {
        handle.ask();
        run.await;
        assert_eq!(pulse.read().troubles.get("store"), None);
    }
}

impl Served {
    /// Panics with what is wrong.
    fn expect_perfect(&self, scene: &Scene, what: &str) {
        let window = rollbook::collector::window_of(&scene.windows()).unwrap();
        let verdict = compare(&self.store, "default", &scene.truth(&self.stage), window).unwrap();
        assert!(verdict.is_perfect(), "{what}: {verdict:#?}");
        assert!(!self.stats.ever_exceeded(), "{what}: above a limit: {:#?}", self.stats.limits);
        let mut untold = Vec::new();
        self.store
            .each_candidate("pretend", "default", None, |candidate| {
                let was_told = self.told.borrow().get(&candidate.record.id).copied();
                if candidate.record.state == State::Verified && was_told != Some(candidate.changes) {
                    untold.push(candidate.record.instance.uuid);
                }
            })
            .unwrap();
        assert!(untold.is_empty(), "{what}: Moodle was not told of {untold:?}");
    }
}

/// A sync each morning at three of the day before and the one before that.
fn mornings(scene: &Scene) -> Stats {
    runtime().block_on(async {
        let mut stage = scene.stage();
        stage.clock = rollbook::clock::Clock::simulated(scene.begins_at(), 1.0);
        let mut store = Some(Store::in_memory().unwrap());
        let windows = scene.windows();
        for morning in 1..=windows.len() as i64 + 6 {
            let at = windows[0].from + SignedDuration::from_hours(24 * morning + 3);
            stage.clock.sleep_until(at).await;
            let mut collector = start(scene, &stage, store.take().unwrap(), morning as u64, Pace::Asked);
            collector.sign_in().await;
            let last = (morning as usize).min(windows.len());
            let days = &windows[last.saturating_sub(2)..last];
            collector.discover(days).unwrap();
            let (_handle, mut stop) = Stop::pair();
            let wait = Wait::AtMost(SignedDuration::from_mins(2));
            collector.work(&Goal::Days(days.to_vec()), wait, &mut stop, &mut |_| {}).await.unwrap();
            collector.finish(0, "morning").unwrap();
            store = Some(collector.store);
        }
        stage.sim.stats()
    })
}

/// Days of meetings from the scene's own on.
fn weeks(mut scene: Scene, days: u32) -> Scene {
    (scene.days, scene.options.days) = (days, days);
    scene.begin = Hours(8.0);
    scene
}

#[test]
fn two_weeks_with_every_fault_and_deaths_at_any_moment_are_complete() {
    for seed in 800..806 {
        let dice = Dice::of(seed ^ 0x7365);
        let scene = weeks(worlds::any_plan(seed, 12), 14);
        let lives: Vec<i64> = (0..dice.between("lives", 2, 14))
            .map(|life| match dice.between(&format!("kind {life}"), 0, 2) {
                0 => dice.between(&format!("millis {life}"), 1, 5_000),
                1 => dice.between(&format!("hours {life}"), 1, 20 * 3_600_000),
                _ => dice.between(&format!("days {life}"), 1, 4 * 86_400_000),
            })
            .collect();
        serve(&scene, &lives).expect_perfect(&scene, &format!("seed {seed} with lives {lives:?}"));
    }
}

#[test]
fn a_week_costs_hardly_more_than_a_sync_each_morning() {
    let mut scene = weeks(worlds::campus(820, 60), 7);
    scene.options.meetings = 60;
    scene.options.zoom.other_apps = OtherApps::default();
    scene.breakouts = false;
    let (served, synced) = (serve(&scene, &[]), mornings(&scene));
    served.expect_perfect(&scene, "a week");
    // Three lists of the running day by the hour, until the seventh day after the week.
    let by_the_hour = 3 * 24 * (7 + 6);
    let more = served.stats.calls as i64 - synced.calls as i64;
    println!("served {} synced {}: {:#?} {:#?}", served.stats.calls, synced.calls, served.stats.by_operation, synced.by_operation);
    assert!(
        more <= by_the_hour + synced.calls as i64 / 20,
        "{more} calls more: {:#?} {:#?}",
        served.stats.by_operation,
        synced.by_operation
    );
}
