//! One helper: a scene is played to its end, and what it left behind is held against the truth.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook::clerk::Clerk;
use rollbook::clock::Clock;
use rollbook::collector::account::Account;
use rollbook::collector::{Collector, Ending, Goal, Wait, discover};
use rollbook::config::Scope;
use rollbook::simulation::Stage;
use rollbook::simulation::check::{QualityVerdict, Verdict, compare, compare_quality};
use rollbook::supervise::Stop;
use rollbook::webhook::{Source, Webhooks};
use rollbook_core::known::KnownNumber;
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::Window;
use rollbook_sim::{EventFaults, Options, Post, Stats, Truth, WEBHOOK_SECRET};
use rollbook_store::{InstanceFilter, Mode, NewEvent, Store};
use tokio::sync::Notify;

/// More steps than this are no progress: a day of these tests takes some thousands.
const TICKS_MAX: u64 = 200_000;

/// When somebody begins to collect the first day, in hours after its midnight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hours(pub f64);

/// The next morning at three.
pub const MORNING: Hours = Hours(27.0);
/// The same evening, when the last lectures have just ended.
pub const EVENING: Hours = Hours(20.5);
/// Two days later: whatever was late is there.
pub const LATER: Hours = Hours(72.5);

/// Where a collector dies.
#[derive(Debug, Clone, Copy)]
pub enum Kill {
    /// After so many answers of this life.
    Answers(u64),
    /// After so many milliseconds of this life.
    Millis(u64),
}

/// A world, and how it is collected.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The world.
    pub options: Options,
    /// When collecting begins.
    pub begin: Hours,
    /// Whether breakout rooms are wanted.
    pub breakouts: bool,
    /// Exceptions from the plan's limits, as a person would configure them.
    pub limits: String,
    /// Share of the day left to others.
    pub reserve: f64,
    /// How long it may wait.
    pub wait: Wait,
    /// Where it dies, life by life.
    pub kills: Vec<Kill>,
    /// Days collected, from the first one on.
    pub days: u32,
    /// By how many seconds our clock is ahead of Zoom's.
    pub ahead_seconds: i64,
    /// Of which instances call quality is collected.
    pub quality: Policy,
    /// What Moodle knows.
    pub moodle: Option<Moodle>,
    /// Whether only that is collected.
    pub scope: Scope,
    /// Whether Zoom posts events, and what goes wrong with them.
    pub events: Option<EventFaults>,
}

/// The numbers that Moodle has activities for.
pub type Moodle = fn(&Truth) -> Vec<KnownNumber>;

impl Scene {
    /// A world collected until everything is settled.
    pub fn new(options: Options, begin: Hours) -> Scene {
        Scene {
            days: options.days,
            options,
            begin,
            breakouts: false,
            limits: String::new(),
            reserve: 0.2,
            wait: Wait::UntilDone,
            kills: Vec::new(),
            ahead_seconds: 0,
            quality: Policy::None,
            moodle: None,
            scope: Scope::Account,
            events: None,
        }
    }

    /// What really happened, as far as it was to be collected.
    pub fn truth(&self, stage: &Stage) -> Truth {
        let mut truth = stage.sim.truth();
        if let (Some(moodle), Scope::Moodle) = (self.moodle, self.scope) {
            let known: BTreeSet<u64> = moodle(&truth).into_iter().map(|known| known.number).collect();
            truth.instances.retain(|instance| known.contains(&instance.id));
        }
        truth
    }

    /// The pretend Zoom, and our clock beside it.
    pub fn stage(&self) -> Stage {
        let mut stage = Stage::new(self.options.clone(), self.begins_at());
        stage.clock = Clock::simulated(self.begins_at() + SignedDuration::from_secs(self.ahead_seconds), 1.0);
        stage
    }

    /// Midnight of the first day plus the hours.
    pub fn begins_at(&self) -> Timestamp {
        let midnight = self.options.first_day.to_zoned(TimeZone::UTC).unwrap().timestamp();
        midnight + SignedDuration::from_secs_f64(self.begin.0 * 3_600.0)
    }

    /// The days collected.
    pub fn windows(&self) -> Vec<Window> {
        let last = self.options.first_day + jiff::Span::new().days(i64::from(self.days) - 1);
        discover::days(self.options.first_day, last, &TimeZone::UTC)
    }

    fn window(&self) -> Window {
        rollbook::collector::window_of(&self.windows()).unwrap()
    }
}

/// What a scene left behind.
pub struct Played {
    /// How the last life ended.
    pub ending: Ending,
    /// Why the account could not be worked on, if it could not.
    pub failure: Option<String>,
    /// The store against the truth.
    pub verdict: Verdict,
    /// The same of call quality.
    pub quality: QualityVerdict,
    /// The calls as the pretend Zoom counted them.
    pub stats: Stats,
    /// The trace of all calls.
    pub digest: String,
    /// Virtual time from the first look to the last.
    pub took: SignedDuration,
    /// Calls on their way at each death.
    pub in_flight_at_kills: Vec<u64>,
    /// What the ledger holds in the end.
    pub store: Store,
    /// The world, to look closer.
    pub stage: Stage,
}

impl Played {
    /// Every stay of the window in a form that can be compared between runs.
    pub fn rows(&self, window: Window) -> Vec<String> {
        rows(&self.store, window)
    }

    /// What is wrong with it, if anything is: the promises of a complete collection.
    pub fn complaint(&self) -> Option<String> {
        let refusals = self.stats.refusals;
        let zoom = &self.stage.sim.options().zoom;
        let alone = zoom.other_apps == rollbook_sim::OtherApps::default();
        if let Some(failure) = &self.failure {
            Some(format!("failed: {failure}"))
        } else if self.ending != Ending::Done {
            Some(format!("ended with {:?}; {:#?}", self.ending, self.verdict))
        } else if !self.verdict.is_perfect() {
            Some(format!("{:#?}", self.verdict))
        } else if !self.quality.is_perfect() {
            Some(format!("{:#?}", self.quality))
        } else if self.stats.ever_exceeded() {
            Some(format!("above a limit: {:#?}", self.stats.limits))
        } else if alone && refusals.per_second + refusals.per_minute + refusals.daily > 0 {
            Some(format!("refused although alone: {refusals:?}"))
        } else {
            None
        }
    }

    /// Calls, and every reading of the instances that a complaint names.
    pub fn explain(&self, complaint: &str) -> String {
        let mut text = format!("{:#?}\n", self.stats);
        let of = InstanceFilter::default();
        self.store
            .each_instance(&of, |record| -> rollbook_store::Result<()> {
                if complaint.contains(&record.instance.uuid) {
                    text += &format!("{record:#?}\n");
                    for reading in self.store.readings(record.id)? {
                        text += &format!("{} {} {}\n", reading.asked_at, reading.family, reading.outcome);
                    }
                    text += &format!("{:?}\n", self.store.instance_job(record.id)?);
                    let truth = self.stage.sim.true_instance(&record.instance.uuid);
                    text += &format!(
                        "{:?}\n",
                        truth.map(|truth| (truth.start, truth.end, truth.people, truth.defects))
                    );
                }
                Ok(())
            })
            .unwrap();
        text
    }

    /// Panics with what is wrong.
    pub fn expect_perfect(&self, what: &str) {
        if let Some(complaint) = self.complaint() {
            panic!("{what}: {complaint}");
        }
    }
}

/// Every stay of a window that is not withdrawn.
pub fn rows(store: &Store, window: Window) -> Vec<String> {
    let filter =
        InstanceFilter { account: Some("default".into()), window: Some(window), ..InstanceFilter::default() };
    let mut rows = Vec::new();
    store
        .each_instance(&filter, |record| -> rollbook_store::Result<()> {
            let instance = &record.instance;
            rows.push(format!("{} {:?} {:?}", instance.uuid, instance.started_at, record.state));
            for stay in store.stays(record.id)?.into_iter().filter(|stay| !stay.is_withdrawn) {
                rows.push(format!(
                    "{} {} {:?} {:?} {:?} {:?} {:?} {:?}",
                    instance.uuid,
                    stay.user_id,
                    stay.joined_at,
                    stay.left_at,
                    stay.name,
                    stay.email,
                    stay.zoom_user_id,
                    stay.status
                ));
            }
            Ok(())
        })
        .unwrap();
    rows
}

/// A runtime whose time passes only while nobody works.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Plays a scene in memory, or in a file if it is to be killed or events are to be written beside the collector.
pub fn play(scene: &Scene) -> Played {
    if scene.kills.is_empty() && scene.events.is_none() {
        return play_with(scene, None);
    }
    let folder = tempfile::tempdir().unwrap();
    play_with(scene, Some(&folder.path().join("rollbook.db")))
}

/// Plays a scene in the file at `path`, or in memory.
pub fn play_with(scene: &Scene, path: Option<&Path>) -> Played {
    runtime().block_on(async {
        let stage = scene.stage();
        let (mut in_flight_at_kills, mut lives) = (Vec::new(), scene.kills.iter());
        let mut mail = scene.events.map(|faults| Mail::of(&stage, &faults));
        loop {
            let store = match path {
                Some(path) => Store::open(path, Mode::Write).unwrap(),
                None => Store::in_memory().unwrap(),
            };
            let kill = lives.next();
            let delivery = deliver(&stage, path, mail.as_mut());
            if let Some(collector) = live(scene, &stage, store, kill, delivery).await {
                return finish(scene, stage, collector, in_flight_at_kills);
            }
            in_flight_at_kills.push(stage.sim.stats().in_flight);
            // The dead process's calls are given up by the network within this moment.
            tokio::task::yield_now().await;
        }
    })
}

/// The account as a configuration and an earlier run would describe it.
pub fn account(scene: &Scene, stage: &Stage, store: &Store) -> Account {
    let mut account = stage.account(scene.breakouts);
    account.limits = account.limits.with_overrides(&scene.limits).unwrap();
    account.reserve = scene.reserve;
    account.qos.policy = scene.quality;
    account.set_scope(scene.scope);
    if let Some(learned) = store.offer(&account.name).unwrap() {
        account.offer.one_person = learned.one_person;
    }
    account
}

/// A collector that has signed in and put its jobs.
pub async fn collector(scene: &Scene, stage: &Stage, store: Store, name: u64) -> Collector {
    let account = account(scene, stage, &store);
    let chance = rollbook_core::chance::Chance::from_seed(scene.options.seed ^ name);
    let mut collector = Collector::start(stage.clock, chance, store, vec![account], "test").unwrap();
    for _ in 0..3 {
        collector.sign_in().await;
        // Signing in failed in passing: somebody, or a timer, tries again.
        match &collector.accounts[0].failed {
            Some(failure) if !failure.is_configuration => collector.accounts[0].failed = None,
            _ => break,
        }
    }
    if let Some(moodle) = scene.moodle {
        let known = moodle(&stage.sim.truth());
        collector.store.put_known_numbers(stage.clock.now(), "default", &known).unwrap();
    }
    collector.discover(&scene.windows()).unwrap();
    collector
}

/// One life: none if it ended before its time.
async fn live(
    scene: &Scene,
    stage: &Stage,
    store: Store,
    kill: Option<&Kill>,
    delivery: impl Future<Output = std::convert::Infallible>,
) -> Option<(Collector, Ending)> {
    let mut collector = collector(scene, stage, store, 0).await;
    let (_handle, mut stop) = Stop::pair();
    let goal = Goal::Days(scene.windows());
    let death = Notify::new();
    let mut ticks = 0;
    let mut watch = |tick: &rollbook::collector::Tick| {
        ticks += 1;
        assert!(ticks < TICKS_MAX, "works without end: {tick:?}");
        if matches!(kill, Some(Kill::Answers(answers)) if tick.calls.total() >= *answers) {
            death.notify_one();
        }
    };
    let ending = tokio::select! {
        biased;
        () = death.notified() => None,
        () = die_after(stage.clock, kill) => None,
        never = delivery => match never {},
        ending = collector.work(&goal, scene.wait, &mut stop, &mut watch) => Some(ending.unwrap()),
    };
    ending.map(|ending| (collector, ending))
}

/// What Zoom posts, as far as it has not been posted.
pub struct Mail {
    posts: Vec<Post>,
    posted: usize,
}

impl Mail {
    /// All of a world.
    pub fn of(stage: &Stage, faults: &EventFaults) -> Mail {
        Mail { posts: stage.sim.posts(faults), posted: 0 }
    }
}

/// Posts events when their time comes, for as long as it is let. Those of the time before the scene began are in the
/// inbox when it begins.
pub async fn deliver(
    stage: &Stage,
    path: Option<&Path>,
    mail: Option<&mut Mail>,
) -> std::convert::Infallible {
    let (Some(mail), Some(path)) = (mail, path) else { return std::future::pending().await };
    let mut store = Store::open(path, Mode::Write).unwrap();
    while let Some(post) = mail.posts.get(mail.posted).filter(|post| post.at <= stage.clock.now()) {
        let event = rollbook_zoom::webhook::Event::read(post.body.as_bytes()).unwrap().value;
        let uuid = event.object().and_then(|object| object.uuid.clone());
        let (name, uuid) = (event.name.unwrap(), uuid.as_ref().map(|uuid| uuid.as_str()));
        let packed =
            NewEvent::pack("default", &name, uuid, event.event_ts, post.at, post.body.as_bytes()).unwrap();
        store.put_event(&packed).unwrap();
        mail.posted += 1;
    }
    let source = Source {
        account: "default".to_owned(),
        zoom_account_id: Some(stage.sim.options().credentials.account_id.clone()),
        secret: WEBHOOK_SECRET.into(),
    };
    let webhooks = Webhooks::new(vec![source], Clerk::inline(store), stage.clock, Default::default());
    while let Some(post) = mail.posts.get(mail.posted) {
        stage.clock.sleep_until(post.at).await;
        let mut headers = http::HeaderMap::new();
        headers.insert("x-zm-request-timestamp", post.timestamp.parse().unwrap());
        headers.insert("x-zm-signature", post.signature.parse().unwrap());
        let answer = webhooks.take(&headers, post.body.as_bytes()).await;
        assert_eq!(answer.status(), 200, "{}", post.body);
        mail.posted += 1;
    }
    std::future::pending().await
}

async fn die_after(clock: Clock, kill: Option<&Kill>) {
    match kill {
        Some(Kill::Millis(millis)) => {
            clock.sleep_until(clock.now() + SignedDuration::from_millis(*millis as i64)).await;
        }
        _ => std::future::pending().await,
    }
}

/// What a collector left behind.
pub fn finish(
    scene: &Scene,
    stage: Stage,
    (mut collector, ending): (Collector, Ending),
    in_flight_at_kills: Vec<u64>,
) -> Played {
    collector.finish(0, "played").unwrap();
    let failure = collector.accounts[0].failed.as_ref().map(|failure| failure.message.clone());
    let verdict = compare(&collector.store, "default", &scene.truth(&stage), scene.window()).unwrap();
    let quality = compare_quality(&collector.store, "default", &stage.sim, scene.window()).unwrap();
    Played {
        ending,
        failure,
        verdict,
        quality,
        stats: stage.sim.stats(),
        digest: stage.sim.trace_digest(),
        took: stage.clock.now().duration_since(scene.begins_at()),
        in_flight_at_kills,
        store: collector.store,
        stage,
    }
}
