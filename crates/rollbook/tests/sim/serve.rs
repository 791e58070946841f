//! `serve` left running for weeks, with every fault and deaths at any moment: all of it is collected and told to Moodle,
//! for hardly more calls than a sync each morning spends, its hourly lists apart.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::collector::account::Account;
use rollbook::collector::{Collector, Goal, Wait};
use rollbook::commands::{self, BackfillOrder, CorrectionOrder, Decision, LookUpOrder};
use rollbook::config::KeepConfig;
use rollbook::refresh;
use rollbook::serve::collect::{COMMAND, Collecting, Delivery, Outside, Settings};
use rollbook::serve::pulse::Pulse;
use rollbook::simulation::Stage;
use rollbook::simulation::check::compare;
use rollbook::simulation::transport::InProcess;
use rollbook::supervise::Stop;
use rollbook_core::chance::Chance;
use rollbook_core::chores::Rhythm;
use rollbook_core::known::KnownNumber;
use rollbook_core::pace::{Pace, Steady};
use rollbook_core::request::{Requester, Role, Rules};
use rollbook_core::time::Window;
use rollbook_sim::{OtherApps, Stats};
use rollbook_store::{CommandRecord, CommandState, Mode, RequestOutcome, State, Store};
use rollbook_zoom::transport::Sending;
use rollbook_zoom::{Client, Credentials, Transport, TransportError, TransportErrorKind};
use secrecy::SecretString;
use tokio::sync::Notify;

use crate::play::{Hours, MORNING, Scene, account, runtime};
use crate::scope;
use crate::worlds::{self, Dice};

/// Looks at the queue are rarer than in life: two weeks have eighty thousand of those.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// After the last day so much is waited: what nobody can tell is given up after 72 h.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24 * 6);

/// What a pretend Moodle was told: of each instance, how often it had changed by then.
type Told = Rc<RefCell<BTreeMap<i64, i64>>>;

/// A Moodle that only remembers, and that is down for hours now and then.
struct World<'a> {
    scene: &'a Scene,
    /// Numbers that it has activities for.
    known: Vec<KnownNumber>,
    path: &'a Path,
    stage: &'a Stage,
    told: Told,
    dice: Dice,
}

/// A way to Zoom that is cut for a while.
struct Outage {
    way: InProcess,
    clock: rollbook::clock::Clock,
    cut: Window,
    /// Requests that met nobody.
    lost: Arc<AtomicU64>,
}

impl Transport for Outage {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        if self.cut.contains(self.clock.now()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return Box::pin(async { Err(TransportError::new(TransportErrorKind::Connect, "refused")) });
        }
        self.way.send(request)
    }
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
    async fn read_numbers(&self, collector: &mut Collector) -> anyhow::Result<()> {
        collector.store.put_known_numbers(self.stage.clock.now(), "default", &self.known)?;
        Ok(())
    }

    fn deliver(&self, stop: Stop) -> Option<impl Future<Output = Delivery> + '_> {
        Some(self.push(stop))
    }

    async fn decide(
        &self,
        _: &mut Store,
        _: &CommandRecord,
        order: &CorrectionOrder,
    ) -> Result<String, String> {
        Ok(format!("{} is remembered", order.key))
    }

    async fn keep_tokens(&self, _: &[Account]) {}

    fn is_alive(&self) {}
}

/// What came of it.
struct Served {
    lost: u64,
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
        keep: KeepConfig::default(),
        look_every: LOOK_EVERY,
    }
}

/// The pretend Zoom behind a way that is cut for a while.
fn cut_off(stage: &Stage, cut: Window, lost: &Arc<AtomicU64>) -> Client {
    let way = InProcess::new(stage.sim.router());
    let outage = Outage { way, clock: stage.clock, cut, lost: lost.clone() };
    let known = &stage.sim.options().credentials;
    let credentials = Credentials::ServerToServer {
        account_id: known.account_id.clone(),
        client_id: known.client_id.clone(),
        client_secret: SecretString::from(known.client_secret.as_str()),
        token_url: "http://127.0.0.1/oauth/token".parse().unwrap(),
    };
    Client::new(Arc::new(outage), "http://127.0.0.1/v2".parse().unwrap(), credentials)
}

fn start(scene: &Scene, stage: &Stage, store: Store, life: u64, pace: Pace) -> Collector {
    let mut account = account(scene, stage, &store);
    account.pace = pace;
    let chance = Chance::from_seed(scene.options.seed ^ life);
    Collector::start(stage.clock, chance, store, vec![account], COMMAND).unwrap()
}

/// Leaves it running, and kills or stops it at these moments, counted in milliseconds of each life.
fn serve(scene: &Scene, lives: &[i64]) -> Served {
    serve_cut(scene, lives, Window { from: Timestamp::MIN, to: Timestamp::MIN })
}

/// The same with a Zoom that cannot be reached for a while.
fn serve_cut(scene: &Scene, lives: &[i64], cut: Window) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    runtime().block_on(async {
        let stage = scene.stage();
        let known = scene.moodle.map_or_else(Vec::new, |moodle| moodle(&stage.sim.truth()));
        let (told, lost) = (Told::default(), Arc::new(AtomicU64::new(0)));
        let end = scene.begins_at() + SignedDuration::from_hours(24 * i64::from(scene.days)) + AFTERWARDS;
        let mut lives = lives.iter();
        for life in 0.. {
            let dies_at = lives.next().map(|millis| stage.clock.now() + SignedDuration::from_millis(*millis));
            let until = dies_at.map_or(end, |at| at.min(end));
            let is_last = until == end;
            let world = World {
                scene,
                known: known.clone(),
                path: &path,
                stage: &stage,
                told: told.clone(),
                dice: Dice::of(scene.options.seed ^ 0x6d6f),
            };
            let client = cut_off(&stage, cut, &lost);
            one_life(&world, client, life, until).await;
            // The dead process's calls are given up by the network within this moment.
            tokio::task::yield_now().await;
            if is_last {
                break;
            }
        }
        let (stats, store) = (stage.sim.stats(), Store::open(&path, Mode::Write).unwrap());
        Served { lost: lost.load(Ordering::Relaxed), stats, store, stage, told }
    })
}

/// Every other life is stopped in order; the others are killed.
async fn one_life(world: &World<'_>, client: Client, life: u64, until: Timestamp) {
    let (scene, stage) = (world.scene, world.stage);
    let store = Store::open(world.path, Mode::Write).unwrap();
    let worked_at = store.last_run_of(COMMAND).unwrap().map(|(began, ended)| ended.unwrap_or(began));
    let mut collector = start(scene, stage, store, life, Pace::Steady(Steady::default()));
    collector.accounts[0].client = client;
    let (wake, pulse) = (Notify::new(), Pulse::default());
    let (handle, mut stop) = Stop::pair();
    let run = async {
        collector.sign_in().await;
        let collecting =
            Collecting::new(&mut collector, world, settings(scene), &wake, pulse.clone(), worked_at);
        collecting.unwrap().run(&mut stop).await;
    };
    let mut run = std::pin::pin!(run);
    tokio::select! {
        biased;
        () = &mut run => panic!("it ended by itself"),
        () = stage.clock.sleep_until(until) => {}
    }
    if life.is_multiple_of(2) {
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
    // Three lists of the running day by the hour, and pages that only then are two, until the seventh day after the week.
    let by_the_hour = 3 * 25 * (7 + 6);
    let more = served.stats.calls as i64 - synced.calls as i64;
    println!("served: {} calls, synced: {} calls", served.stats.calls, synced.calls);
    assert!(
        more <= by_the_hour + synced.calls as i64 / 20,
        "{more} calls more: {:#?} {:#?}",
        served.stats.by_operation,
        synced.by_operation
    );
}

#[test]
fn a_zoom_that_is_down_for_a_day_costs_a_few_tries_and_nothing_else() {
    let mut scene = weeks(worlds::campus(830, 30), 4);
    scene.options.zoom.other_apps = OtherApps::default();
    let from = scene.begins_at() + SignedDuration::from_hours(25);
    let cut = Window { from, to: from + SignedDuration::from_hours(24) };
    let served = serve_cut(&scene, &[], cut);
    served.expect_perfect(&scene, "a day without Zoom");
    // What was on its way when it went, and a few tries to sign in an hour.
    assert!(served.lost > 20 && served.lost < 64 + 24 * 8, "{} requests met nobody", served.lost);
}

#[test]
fn weeks_of_moodles_meetings_only_are_complete() {
    for seed in 840..843 {
        let dice = Dice::of(seed);
        let mut scene = weeks(worlds::campus(seed, 12), 7);
        scene.moodle = Some(scope::all);
        scene.scope = rollbook::config::Scope::Moodle;
        scene.options.mix.webinars = 0.0;
        scene.options.faults = rollbook_sim::Faults::none();
        let lives: Vec<i64> =
            (0..5).map(|life| dice.between(&format!("life {life}"), 1, 2 * 86_400_000)).collect();
        let served = serve(&scene, &lives);
        served.expect_perfect(&scene, &format!("seed {seed} with lives {lives:?}"));
    }
}

#[test]
fn commands_of_pages_are_done_while_it_runs() {
    let scene = Scene { begin: MORNING, days: 1, ..worlds::campus(850, 20) };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    runtime().block_on(async {
        let stage = scene.stage();
        let store = Store::open(&path, Mode::Write).unwrap();
        let mut collector = start(&scene, &stage, store, 0, Pace::Steady(Steady::default()));
        let dice = Dice::of(1);
        let world = World {
            scene: &scene,
            known: Vec::new(),
            path: &path,
            stage: &stage,
            told: Told::default(),
            dice,
        };
        let (wake, pulse, (handle, mut stop)) = (Notify::new(), Pulse::default(), Stop::pair());
        collector.sign_in().await;
        let settings = Settings { from: None, ..settings(&scene) };
        let collecting = Collecting::new(&mut collector, &world, settings, &wake, pulse, None).unwrap();
        let page = async {
            let pause =
                |minutes| stage.clock.sleep_until(stage.clock.now() + SignedDuration::from_mins(minutes));
            pause(1).await;
            let mut store = Store::open(&path, Mode::Write).unwrap();
            let now = stage.clock.now();
            let days = |from: &str, to: &str| {
                let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
                BackfillOrder { account: None, from, to, quality: Some("none".to_owned()) }
            };
            let mut backfill = |wanted: BackfillOrder| {
                commands::put(&mut store, now, "ana", Some(Role::Admin), &wanted).unwrap()
            };
            let good = backfill(days("2026-09-01", "2026-09-02"));
            let bad = backfill(days("2026-09-02", "2026-09-01"));
            let guest = CorrectionOrder {
                key: "zoom:abc".parse().unwrap(),
                decision: Decision::Nobody,
                note: Some("a guest".to_owned()),
            };
            let decided = commands::put(&mut store, now, "ana", Some(Role::Admin), &guest).unwrap();
            let (rules, requester) = (Rules::default(), Requester::named("ana", Role::Admin).unwrap());
            let (zone, meeting) = (&TimeZone::UTC, "98765432109");
            let asked = refresh::Asked { rules: &rules, requester: &requester, zone, meeting, all: false };
            let request = refresh::put(&mut store, now, &[], &asked, &[]).unwrap().request;
            let order = LookUpOrder { request, meeting: meeting.to_owned(), date: None };
            let unknown = commands::put(&mut store, now, "ana", Some(Role::Admin), &order).unwrap();
            let strange = store.put_command(now, "ana", Role::Admin, "dance", "{}").unwrap();
            wake.notify_one();
            pause(1).await;
            for (command, state) in [
                (good, CommandState::Done),
                (decided, CommandState::Done),
                (bad, CommandState::Failed),
                (unknown, CommandState::Failed),
                (strange, CommandState::Failed),
            ] {
                let command = store.command(command).unwrap().unwrap();
                assert_eq!(command.state, state, "{command:?}");
            }
            let request = store.request(request).unwrap().unwrap();
            assert_eq!(request.outcome, RequestOutcome::Failed);
            assert!(request.reason.unwrap().contains("Zoom knows no ended run of meeting 987 6543 2109"));
            let said = store.command(decided).unwrap().unwrap().outcome;
            assert_eq!(said.as_deref(), Some("zoom:abc is remembered"));
            // Nobody wakes it for this one: it sees by itself that the store changed.
            let unseen = store.put_command(stage.clock.now(), "ana", Role::Admin, "dance", "{}").unwrap();
            pause(2 * LOOK_EVERY.as_mins()).await;
            assert_eq!(store.command(unseen).unwrap().unwrap().state, CommandState::Failed);
            handle.ask();
        };
        tokio::join!(collecting.run(&mut stop), page);
        let first: Timestamp = "2026-09-01T00:00:00Z".parse().unwrap();
        let days = Window { from: first, to: first + SignedDuration::from_hours(48) };
        let listed = collector.store.listings("default", days).unwrap();
        assert!(!listed.is_empty() && listed.iter().all(|(_, listing, _)| listing.listed_at.is_some()));
    });
}
