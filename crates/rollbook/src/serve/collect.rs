//! Collecting for ever: chores when they are due, commands when they come, and all the time whatever has a job.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rollbook_core::chores::{Chore, Done, Rhythm, days_from, due_at, wait_after};
use rollbook_core::time::Window;
use rollbook_store::{CommandRecord, InstanceFilter, Reader, Store};
use tokio::sync::Notify;

use super::commands;
use super::pulse::Pulse;
use crate::clock::Clock;
use crate::collector::account::Account;
use crate::collector::{Collector, Goal, Tick, Wait, discover};
use crate::commands::CorrectionOrder;
use crate::config::{KeepConfig, Scope};
use crate::retention;
use crate::supervise::Stop;

/// How runs of the loop are called in reports.
pub const COMMAND: &str = "serve";

/// Another process that put something into the queue cannot wake us: so we look this often whether the store changed.
pub const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(15);

/// Answers under way when somebody asks to stop may take this long. Most come within a second.
const DRAIN_FOR: SignedDuration = SignedDuration::from_secs(10);

/// A push to Moodle that is asked to stop ends after the session it is writing.
const PUSH_ENDS_FOR: SignedDuration = SignedDuration::from_secs(20);

/// What came of telling Moodle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// All of it was told.
    Done(String),
    /// Not all could be, and why.
    Failed(String),
}

/// What lies beyond Zoom and the store.
#[allow(async_fn_in_trait)]
pub trait Outside {
    /// Reads Moodle's numbers and keeps them.
    async fn read_numbers(&self, collector: &mut Collector) -> anyhow::Result<()>;
    /// Tells Moodle what changed, until it is done or asked to stop. None: there is no Moodle to be told.
    fn deliver(&self, stop: Stop) -> Option<impl Future<Output = Delivery> + '_>;
    /// Decides who somebody is, as a page asked; what came of it, or why nothing was decided, in a sentence.
    async fn decide(
        &self,
        store: &mut Store,
        command: &CommandRecord,
        order: &CorrectionOrder,
    ) -> Result<String, String>;
    /// Keeps the accounts' tokens for the next process.
    async fn keep_tokens(&self, accounts: &[Account]);
    /// Tells whoever supervises the process that it is alive.
    fn is_alive(&self);
}

/// How it is to go.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When chores are done.
    pub rhythm: Rhythm,
    /// The first day to collect, if one is set.
    pub from: Option<Date>,
    /// How long each kind of data is kept.
    pub keep: KeepConfig,
    /// How often to look whether another process changed the store.
    pub look_every: SignedDuration,
}

/// The loop's state. What must survive a restart is in the store.
pub struct Collecting<'a, O> {
    collector: &'a mut Collector,
    outside: &'a O,
    settings: Settings,
    wake: &'a Notify,
    pulse: Pulse,
    watcher: Reader,
    /// The store as it was when the queue was last looked at.
    seen: i64,
    done: BTreeMap<Chore, Done>,
    /// When an earlier process last worked; then, when this one last put a day's jobs.
    worked_at: Option<Timestamp>,
    /// Whether something changed here that Moodle may not have been told.
    is_changed: bool,
    /// Calls of the running report when that was last looked at.
    calls: u64,
    /// Failures of the store in a row.
    store_failures: u32,
}

type Delivering<'a> = Pin<Box<dyn Future<Output = Delivery> + 'a>>;

/// Why the loop looks around.
enum Woken {
    /// Something is due, or somebody put something into the queue.
    Due,
    Stopped,
    Delivered(Delivery),
    /// There is no job that could be worked on.
    Idle,
}

impl<'a, O: Outside> Collecting<'a, O> {
    /// Makes ready. `worked_at` is when an earlier process last did, from before this one's report was opened.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn new(
        collector: &'a mut Collector,
        outside: &'a O,
        settings: Settings,
        wake: &'a Notify,
        pulse: Pulse,
        worked_at: Option<Timestamp>,
    ) -> rollbook_store::Result<Collecting<'a, O>> {
        let watcher = Reader::open(collector.store.path())?;
        let seen = watcher.data_version()?;
        commands::remember(collector, &settings.rhythm.zone)?;
        let mut done: BTreeMap<Chore, Done> = BTreeMap::new();
        // The report was opened with the collector.
        done.entry(Chore::Report).or_default().well(collector.clock.now());
        if collector.accounts.iter().any(|account| account.failed.is_some()) {
            // Signing in was tried just now.
            done.entry(Chore::Revive).or_default().badly(collector.clock.now());
        }
        Ok(Collecting {
            collector,
            outside,
            settings,
            wake,
            pulse,
            watcher,
            seen,
            done,
            worked_at,
            is_changed: true,
            calls: 0,
            store_failures: 0,
        })
    }

    /// Works until somebody asks to stop; then what is under way comes to its end.
    pub async fn run(mut self, stop: &mut Stop) {
        let mut delivering: Option<Delivering<'a>> = None;
        while !stop.is_asked() {
            match self.turn(&mut delivering, stop).await {
                Ok(()) => {
                    self.store_failures = 0;
                    self.tell("store", None);
                }
                Err(error) => self.rest(&error, stop).await,
            }
        }
        let clock = self.collector.clock;
        if let Some(delivering) = delivering {
            tokio::select! {
                biased;
                _ = delivering => {}
                () = clock.sleep_until(clock.now() + PUSH_ENDS_FOR) => {}
            }
        }
        if let Err(error) = self.end().await {
            self.tell("store", Some(&format!("{error:#}")));
        }
    }

    /// One look around, and work until the next one.
    async fn turn(&mut self, delivering: &mut Option<Delivering<'a>>, stop: &mut Stop) -> anyhow::Result<()> {
        let now = self.collector.clock.now();
        self.beat(now);
        note_failures(self.collector, &self.pulse);
        self.seen = self.watcher.data_version()?;
        while let Some(command) = self.collector.store.next_command()? {
            let beats = self.pulse.clone();
            let alive = beating(self.collector.clock, &beats, self.outside);
            let zone = &self.settings.rhythm.zone;
            tokio::select! {
                biased;
                () = stop.asked() => return Ok(()),
                never = alive => match never {},
                obeyed = commands::obey(self.collector, self.outside, zone, &command) => obeyed?,
            }
            self.is_changed = true;
        }
        self.do_chores(now, delivering, stop).await?;
        match self.work(delivering, stop).await? {
            Woken::Delivered(delivery) => {
                *delivering = None;
                self.delivered(&delivery);
            }
            // Nothing to ask: the next thing that happens wakes us.
            Woken::Idle => match self.wait(delivering, stop).await? {
                Woken::Delivered(delivery) => {
                    *delivering = None;
                    self.delivered(&delivery);
                }
                Woken::Due | Woken::Stopped | Woken::Idle => {}
            },
            Woken::Due | Woken::Stopped => {}
        }
        let calls = self.collector.calls().total();
        self.is_changed |= calls != self.calls;
        self.calls = calls;
        Ok(())
    }

    /// Asks Zoom whatever has a job, until something else is to be done.
    async fn work(
        &mut self,
        delivering: &mut Option<Delivering<'a>>,
        stop: &mut Stop,
    ) -> anyhow::Result<Woken> {
        let until = self.next_chore(delivering.is_some());
        let clock = self.collector.clock;
        let queue =
            queue(clock, &self.watcher, &self.pulse, self.outside, self.seen, self.settings.look_every);
        // Somebody who asks to stop is heard here; answers under way are not to be thrown away.
        let (_handle, mut never) = Stop::pair();
        let mut unwatched = |_: &Tick| {};
        Ok(tokio::select! {
            biased;
            () = stop.asked() => Woken::Stopped,
            delivery = pending_or(delivering) => Woken::Delivered(delivery),
            () = self.wake.notified() => Woken::Due,
            changed = queue => { changed?; Woken::Due }
            () = clock.sleep_until(until) => Woken::Due,
            ending = self.collector.work(&Goal::Everything, Wait::UntilDone, &mut never, &mut unwatched) => {
                // What failed is tried again by its chore.
                ending?;
                note_failures(self.collector, &self.pulse);
                Woken::Idle
            }
        })
    }

    async fn wait(
        &mut self,
        delivering: &mut Option<Delivering<'a>>,
        stop: &mut Stop,
    ) -> anyhow::Result<Woken> {
        let until = self.next_chore(delivering.is_some());
        let clock = self.collector.clock;
        let queue =
            queue(clock, &self.watcher, &self.pulse, self.outside, self.seen, self.settings.look_every);
        Ok(tokio::select! {
            biased;
            () = stop.asked() => Woken::Stopped,
            delivery = pending_or(delivering) => Woken::Delivered(delivery),
            () = self.wake.notified() => Woken::Due,
            changed = queue => { changed?; Woken::Due }
            () = clock.sleep_until(until) => Woken::Due,
        })
    }

    fn is_wanted(&self, chore: Chore) -> bool {
        match chore {
            Chore::Revive => self.collector.accounts.iter().any(|account| account.failed.is_some()),
            _ => self.is_changed,
        }
    }

    fn due_at(&self, chore: Chore) -> Option<Timestamp> {
        let done = self.done.get(&chore).copied().unwrap_or_default();
        due_at(chore, done, self.is_wanted(chore), &self.settings.rhythm)
    }

    fn next_chore(&self, is_delivering: bool) -> Timestamp {
        let waiting = Chore::ALL.into_iter().filter(|chore| *chore != Chore::Deliver || !is_delivering);
        waiting.filter_map(|chore| self.due_at(chore)).min().unwrap_or(Timestamp::MAX)
    }

    async fn do_chores(
        &mut self,
        now: Timestamp,
        delivering: &mut Option<Delivering<'a>>,
        stop: &mut Stop,
    ) -> anyhow::Result<()> {
        let beats = self.pulse.clone();
        for chore in Chore::ALL {
            let is_due = self.due_at(chore).is_some_and(|at| at <= now);
            if !is_due || stop.is_asked() {
                continue;
            }
            // Some of them wait for others' servers.
            let alive = beating(self.collector.clock, &beats, self.outside);
            let went_well = match chore {
                Chore::Report => self.begin_report().await.map(|()| true)?,
                Chore::Revive => tokio::select! {
                    biased;
                    () = stop.asked() => false,
                    never = alive => match never {},
                    // Only an answer to a call shows that it helped: see there.
                    () = self.revive() => false,
                },
                Chore::Numbers => tokio::select! {
                    biased;
                    () = stop.asked() => false,
                    never = alive => match never {},
                    read = self.read_numbers() => read,
                },
                Chore::Discover => self.discover(now)?,
                Chore::Retention => self.forget_old(now, stop).await?,
                Chore::Deliver if delivering.is_some() => continue,
                Chore::Deliver => {
                    // Whatever changes from here on is told the next time.
                    self.is_changed = false;
                    let push = self.outside.deliver(stop.clone());
                    *delivering = push.map(|push| Box::pin(push) as Delivering<'a>);
                    self.done.entry(chore).or_default().at = Some(now);
                    continue;
                }
            };
            self.note(chore, now, went_well);
        }
        Ok(())
    }

    async fn begin_report(&mut self) -> anyhow::Result<()> {
        let summary = summary(self.collector)?;
        self.collector.begin_report(&summary, COMMAND)?;
        self.calls = 0;
        self.outside.keep_tokens(&self.collector.accounts).await;
        Ok(())
    }

    /// Signs in again where that failed. The waits grow until a call is answered: a token may be had while all else is
    /// down.
    async fn revive(&mut self) {
        for account in self.collector.accounts.iter_mut().filter(|account| account.failed.is_some()) {
            if account.has_answered {
                self.done.remove(&Chore::Revive);
            }
            account.revive();
        }
        self.collector.sign_in().await;
        self.outside.keep_tokens(&self.collector.accounts).await;
        note_failures(self.collector, &self.pulse);
        // Jobs of a new day may not have been put meanwhile.
        self.done.remove(&Chore::Discover);
    }

    async fn read_numbers(&mut self) -> bool {
        let read = self.outside.read_numbers(self.collector).await;
        self.tell("moodle numbers", read.as_ref().err().map(|error| format!("{error:#}")).as_deref());
        if self.collector.accounts.iter().any(|account| account.scope() == Scope::Moodle) {
            // New numbers have no jobs yet.
            self.done.remove(&Chore::Discover);
        }
        read.is_ok()
    }

    fn discover(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        let zone = self.settings.rhythm.zone.clone();
        let from = self.first_day_unless_begun()?;
        let first = days_from(now, &zone, self.worked_at, from);
        let today = now.to_zoned(zone.clone()).date();
        self.collector.discover(&discover::days(first, today, &zone))?;
        note_failures(self.collector, &self.pulse);
        let is_whole = self.collector.accounts.iter().all(|account| account.failed.is_none());
        if is_whole {
            self.worked_at = Some(now);
        }
        // What failed is an account: reviving it puts the jobs.
        Ok(true)
    }

    /// The first day that is set, as long as nobody has begun with it.
    fn first_day_unless_begun(&self) -> rollbook_store::Result<Option<Date>> {
        let Some(from) = self.settings.from else { return Ok(None) };
        let window = Window::of_day(from, &self.settings.rhythm.zone);
        for account in &self.collector.accounts {
            let store = &self.collector.store;
            let is_begun = match account.scope() {
                Scope::Account => !store.listings(&account.name, window)?.is_empty(),
                Scope::Moodle => store.wanted_days(&account.name, window)?.contains(&window),
            };
            if !is_begun {
                return Ok(Some(from));
            }
        }
        Ok(None)
    }

    /// In small steps, so that nobody else waits long for the store.
    async fn forget_old(&mut self, now: Timestamp, stop: &Stop) -> anyhow::Result<bool> {
        let mut gone = retention::Report::default();
        loop {
            let (report, is_done) = retention::step(&mut self.collector.store, now, &self.settings.keep)?;
            gone.add(report);
            if is_done {
                self.pulse.cleared(now, gone);
            }
            if is_done || stop.is_asked() {
                return Ok(is_done);
            }
            self.beat(self.collector.clock.now());
            tokio::task::yield_now().await;
        }
    }

    fn delivered(&mut self, delivery: &Delivery) {
        let now = self.collector.clock.now();
        match delivery {
            Delivery::Done(said) => {
                self.note(Chore::Deliver, now, true);
                tracing::info!("Moodle: {said}");
                self.tell("moodle", None);
            }
            Delivery::Failed(said) => {
                self.note(Chore::Deliver, now, false);
                self.tell("moodle", Some(said));
            }
        }
    }

    fn note(&mut self, chore: Chore, now: Timestamp, went_well: bool) {
        let done = self.done.entry(chore).or_default();
        if went_well {
            done.well(now)
        } else {
            done.badly(now)
        }
        if let Some(metrics) = &self.collector.metrics {
            metrics.chore(chore, went_well);
        }
    }

    /// The store cannot be used just now: the disk is full, or another program holds it. It is tried again, and what
    /// was under way is given back once it can be written.
    async fn rest(&mut self, error: &anyhow::Error, stop: &mut Stop) {
        self.store_failures = self.store_failures.saturating_add(1);
        self.tell("store", Some(&format!("{error:#}; it is tried again by itself")));
        let clock = self.collector.clock;
        // A minute is the first of the waits, so that a full disk costs few calls that cannot be kept.
        let until = clock.now() + wait_after(self.store_failures).min(LONGEST_REST);
        while clock.now() < until && !stop.is_asked() {
            let next = until.min(clock.now() + LOOK_EVERY);
            tokio::select! {
                biased;
                () = stop.asked() => {}
                () = clock.sleep_until(next) => self.beat(clock.now()),
            }
        }
        if let Err(error) = self.collector.drain(SignedDuration::ZERO).await {
            self.tell("store", Some(&error.to_string()));
        }
    }

    async fn end(&mut self) -> anyhow::Result<()> {
        self.collector.drain(DRAIN_FOR).await?;
        self.outside.keep_tokens(&self.collector.accounts).await;
        let summary = summary(self.collector)?;
        Ok(self.collector.finish(0, &summary)?)
    }

    fn beat(&self, now: Timestamp) {
        self.pulse.beat(now);
        self.outside.is_alive();
    }

    fn tell(&self, what: &str, said: Option<&str>) {
        self.pulse.tell(self.collector.clock.now(), what, said);
    }
}

/// Shows that the process lives while something else takes its time.
pub async fn beating(clock: Clock, pulse: &Pulse, outside: &impl Outside) -> Infallible {
    loop {
        clock.sleep_until(clock.now() + LOOK_EVERY).await;
        pulse.beat(clock.now());
        outside.is_alive();
    }
}

/// However long the store fails, it is tried again this soon.
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(5);

/// Says which accounts cannot be worked on, and which of them answer only some questions.
pub fn note_failures(collector: &Collector, pulse: &Pulse) {
    let now = collector.clock.now();
    for account in &collector.accounts {
        let said = account.failure().map(|failure| failure.message.replace(BY_HAND, BY_ITSELF));
        let concerns = format!("zoom {}", account.name);
        match account.failed {
            // What a first call met with may pass; an account that failed is not worked on.
            None => pulse.remark(now, &concerns, said.as_deref()),
            Some(_) => pulse.tell(now, &concerns, said.as_deref()),
        }
        let closed = account.offer.refusals().map(|(what, why)| format!("{what}: {why}"));
        let closed = closed.collect::<Vec<_>>().join("; ");
        let said = format!(
            "account {} cannot be asked for {closed}; mend it in the app's scopes, its user's role or ROLLBOOK_ZOOM_PLAN, then \
             it is asked again within a day",
            account.name
        );
        pulse.remark(now, &format!("scopes {}", account.name), (!closed.is_empty()).then_some(&said));
    }
}

/// What to do about a failure that passes: at a shell, and here.
const BY_HAND: &str = "run the same command again later";
const BY_ITSELF: &str = "it is tried again by itself";

/// A report in one sentence.
fn summary(collector: &Collector) -> rollbook_store::Result<String> {
    let open = InstanceFilter { open_only: true, ..InstanceFilter::default() };
    let open: u64 = collector.store.count_states(&open)?.iter().map(|count| count.instances).sum();
    Ok(format!("{} calls; {open} instances still open", collector.calls().total()))
}

async fn pending_or(delivering: &mut Option<Delivering<'_>>) -> Delivery {
    match delivering {
        Some(delivering) => delivering.await,
        None => std::future::pending().await,
    }
}

/// Returns when somebody else has changed the store. It costs a glance at the file's header each time.
async fn queue(
    clock: Clock,
    watcher: &Reader,
    pulse: &Pulse,
    outside: &impl Outside,
    seen: i64,
    every: SignedDuration,
) -> rollbook_store::Result<()> {
    loop {
        clock.sleep_until(clock.now() + every).await;
        pulse.beat(clock.now());
        outside.is_alive();
        if watcher.data_version()? != seen {
            return Ok(());
        }
    }
}
