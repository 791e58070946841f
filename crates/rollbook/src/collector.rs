//! The loop: look, plan, pay, ask, keep, sleep.
//!
//! One step is one call to Zoom. Before it leaves, its job is leased and its price is paid in one transaction; when it
//! returns, everything that follows from it is kept in another. So a process can die anywhere and lose nothing
//! but the calls that were on their way.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::budget::{Budget, CALL_TIMEOUT, Purpose};
use rollbook_core::chance::Chance;
use rollbook_core::job::{Ask, Candidate, Urgency};
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::limits::DayBucket;
use rollbook_core::plan::{Plan, plan};
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, Job, Paid, Purchase, Result, Store};
use rollbook_zoom::page::PageCursor;
use rollbook_zoom::{Advice, ErrorKind, TransportError, TransportErrorKind};
use tokio::task::{JoinError, JoinSet};

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::supervise::Stop;

pub mod account;
pub mod ask;
pub mod change;
pub mod discover;
pub mod events;
pub mod known;
pub mod once;
mod prepare;
pub mod quality;
pub mod reconsider;
pub mod settle;
mod steady;
pub mod translate;

use account::{Account, Failure};
use ask::Request;
use prepare::{Prepared, is_probe, prepare};
use settle::{Returned, Settling};
use steady::Counted;

/// Calls on their way at once. With 180 calls a second allowed this covers answers that take a third of a second;
/// slower ones slow the rate down, nothing else.
const IN_FLIGHT_MAX: usize = 64;

/// However many events wait, calls are looked after this often: about a seventh of a second's worth.
const BATCHES_BETWEEN_CALLS: u32 = 32;

/// A one-person run waits this long for the first few of its kind to find out which family to ask.
const PROBE_WAIT: SignedDuration = SignedDuration::from_secs(2);

/// A wait up to this long is the pace of Zoom's windows, not waiting.
const PACE_MAX: SignedDuration = SignedDuration::from_secs(75);

/// Calls of another process fill the windows until they are answered, which nobody tells us: so we look again.
const ROOM_LOOK: SignedDuration = SignedDuration::from_secs(1);

/// With fewer Heavy calls than this left in the day, what attendance still needs is counted. More one-person runs than
/// this do not wait at once.
const SCARCE: u32 = 5_000;

/// How long to wait for due times and daily limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Altogether at most this long.
    AtMost(SignedDuration),
    /// For ever.
    UntilDone,
}

/// What a run is to bring about.
#[derive(Debug, Clone)]
pub enum Goal {
    /// Every instance of these days verified or closed, and the lists settled.
    Days(Vec<Window>),
    /// These instances looked at.
    Instances(Vec<i64>),
    /// Whatever has a job, for as long as nobody stops it.
    Everything,
}

/// Why the loop ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The goal is reached.
    Done,
    /// Something is due later than we may wait.
    WaitOver {
        /// When.
        next_look_at: Option<Timestamp>,
    },
    /// A daily allowance is gone.
    BudgetGone {
        /// Which.
        bucket: DayBucket,
        /// Until when.
        until: Timestamp,
    },
    /// Somebody asked to stop.
    Interrupted,
    /// No account could be worked on.
    Failed,
}

/// A glance at a run, for progress bars.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tick {
    /// Calls answered so far, by label.
    pub calls: PerLabel<u64>,
    /// Instances of the goal that are verified or closed.
    pub settled: u64,
    /// Instances of the goal.
    pub instances: u64,
    /// Instances whose call quality is complete or closed.
    pub quality_settled: u64,
    /// Instances whose call quality is wanted.
    pub quality_instances: u64,
    /// What the clock shows.
    pub now: Option<Timestamp>,
    /// Until when the run sleeps, if it does.
    pub sleeps_until: Option<Timestamp>,
}

/// Collects for one or more accounts into one store.
pub struct Collector {
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// The ledger.
    pub store: Store,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// This run's number.
    pub run: i64,
    /// Where calls are counted for monitoring, if anybody monitors.
    pub metrics: Option<Arc<Metrics>>,
    in_flight: JoinSet<Returned>,
    calls: PerLabel<u64>,
    /// Only what a person waits for is started.
    only_persons: bool,
    /// Calls answered when instances were last counted for a [`Tick`].
    counted_at: u64,
}

impl Collector {
    /// Opens a run. If no other process uses the store, what a dead one left behind is taken up.
    pub fn start(
        clock: Clock,
        chance: Chance,
        mut store: Store,
        accounts: Vec<Account>,
        command: &str,
    ) -> Result<Collector> {
        let alone = store.enter()?;
        let now = clock.now();
        let run = store.atomically(|store| {
            if alone {
                store.release_all_jobs()?;
                store.settle_orphans(now)?;
            }
            store.settle_clock(now)?;
            for account in &accounts {
                store.put_account(&account.name, None, &account.pool, &account.offer)?;
            }
            store.start_run(now, command)
        })?;
        store.settle_in()?;
        Ok(Collector {
            clock,
            chance,
            store,
            accounts,
            run,
            metrics: None,
            in_flight: JoinSet::new(),
            calls: PerLabel::default(),
            only_persons: false,
            counted_at: 0,
        })
    }

    /// Calls answered in this run.
    pub fn calls(&self) -> PerLabel<u64> {
        self.calls
    }

    /// Signs in everywhere, so that wrong credentials are told before anything is paid for.
    pub async fn sign_in(&mut self) {
        for account in &mut self.accounts {
            for tries in 1.. {
                let Err(error) = account.client.ready(self.clock.now()).await else {
                    if let Some(token) = account.client.token_snapshot().await {
                        account.note_scopes(
                            token.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
                        );
                    }
                    break;
                };
                if tries >= sign_in_tries(&error) {
                    account.failed = Some(Failure::of(&account.name, &error));
                    break;
                }
                let wait = rollbook_core::backoff::wait(tries, self.chance.roll("sign in", u64::from(tries)));
                self.clock.sleep_until(self.clock.now() + wait).await;
            }
        }
    }

    /// Why nothing could be asked for at all, where that is so.
    pub fn failure(&self) -> Option<&Failure> {
        let failed = self.accounts.iter().filter(|account| account.failed.is_some()).count();
        if failed < self.accounts.len() { None } else { self.accounts.iter().find_map(Account::failure) }
    }

    /// Works until the goal is reached, nothing more can be done in time, or somebody asks to stop.
    pub async fn work(
        &mut self,
        goal: &Goal,
        wait: Wait,
        stop: &mut Stop,
        watch: &mut dyn FnMut(&Tick),
    ) -> Result<Ending> {
        self.only_persons = matches!(goal, Goal::Instances(_));
        let mut wait_left = match wait {
            Wait::AtMost(most) => Some(most),
            Wait::UntilDone => None,
        };
        let mut batches = 0_u32;
        loop {
            if stop.is_asked() {
                return self.interrupt();
            }
            if self.accounts.iter().all(|account| account.failed.is_some()) && self.in_flight.is_empty() {
                return Ok(Ending::Failed);
            }
            // Answers that came while nobody looked are settled before their jobs count as anybody's.
            while let Some(done) = self.in_flight.try_join_next() {
                self.settle_joined(done)?;
            }
            let now = self.clock.now();
            let is_behind = events::apply_due(&mut self.store, now, &self.accounts)? > 0;
            if is_behind {
                // One batch at a time, so that signals are heard and events that arrive find the store free.
                tokio::task::yield_now().await;
                batches += 1;
                if !batches.is_multiple_of(BATCHES_BETWEEN_CALLS) {
                    continue;
                }
            }
            let plan = self.start_due(now)?;
            if is_behind {
                continue;
            }
            if !self.in_flight.is_empty() {
                self.await_calls(&plan, stop).await?;
                watch(&self.tick(goal, None)?);
                continue;
            }
            if !plan.start.is_empty() {
                // All of these turned out to be needless; signals are heard meanwhile.
                tokio::task::yield_now().await;
                continue;
            }
            let due = self.next_due(now)?;
            let pace = plan.pace_until.filter(|until| until.duration_since(now) <= PACE_MAX);
            if let Some(until) = pace {
                self.sleep(due.unwrap_or(until).min(until).min(now + ROOM_LOOK), stop).await;
                continue;
            }
            if self.is_reached(goal)? {
                return Ok(Ending::Done);
            }
            let parked = plan
                .parked
                .iter()
                .min_by_key(|(_, until)| **until)
                .map(|((_, bucket), until)| (*bucket, *until));
            let wake = [due, plan.pace_until, parked.map(|(_, until)| until)].into_iter().flatten().min();
            let over = || match parked {
                Some((bucket, until)) => Ending::BudgetGone { bucket, until },
                None => Ending::WaitOver { next_look_at: [due, plan.pace_until].into_iter().flatten().min() },
            };
            let Some(wake) = wake else { return Ok(over()) };
            let length = wake.duration_since(now);
            if let Some(left) = &mut wait_left {
                if length > *left && length > PROBE_WAIT {
                    return Ok(over());
                }
                *left = (*left - length).max(SignedDuration::ZERO);
            }
            watch(&self.tick(goal, Some(wake))?);
            self.sleep(wake, stop).await;
        }
    }

    /// Closes the run's report.
    pub fn finish(&mut self, exit_code: i32, summary: &str) -> Result<()> {
        let (now, run) = (self.clock.now(), self.run);
        self.store.atomically(|store| {
            store.release_jobs(run)?;
            crate::refresh::answer_looked_at(store, now)?;
            store.end_run(now, run, exit_code, summary)
        })
    }

    fn interrupt(&mut self) -> Result<Ending> {
        self.in_flight.abort_all();
        self.in_flight = JoinSet::new();
        self.store.release_jobs(self.run)?;
        Ok(Ending::Interrupted)
    }

    async fn sleep(&self, until: Timestamp, stop: &mut Stop) {
        tokio::select! {
            biased;
            () = stop.asked() => {}
            () = self.clock.sleep_until(until) => {}
        }
    }

    /// Waits for the next answer (or for room to start another call) and settles all that are there.
    async fn await_calls(&mut self, plan: &Plan, stop: &mut Stop) -> Result<()> {
        let now = self.clock.now();
        let wake = [self.next_due(now)?, plan.pace_until].into_iter().flatten().min();
        let has_room = self.in_flight.len() < IN_FLIGHT_MAX;
        let joined = tokio::select! {
            biased;
            () = stop.asked() => None,
            joined = self.in_flight.join_next() => joined,
            () = self.clock.sleep_until(wake.unwrap_or(Timestamp::MAX)), if has_room && wake.is_some() => None,
        };
        let mut next = joined;
        while let Some(done) = next {
            self.settle_joined(done)?;
            next = self.in_flight.try_join_next();
        }
        Ok(())
    }

    fn settle_joined(&mut self, done: std::result::Result<Returned, JoinError>) -> Result<()> {
        // A panic in a step is a bug of ours: it must not pass for an answer.
        self.settle(done.expect("a step never panics and is only aborted with its set"))
    }

    fn settle(&mut self, returned: Returned) -> Result<()> {
        self.calls[returned.paid.label] += 1;
        let name = returned.job.spec.account.clone();
        let account = self.accounts.iter_mut().find(|account| account.name == name);
        let account = account.expect("only jobs of these accounts are started");
        if matches!(&returned.request, Request::Participants(instance, family) if is_probe(instance, *family))
        {
            account.probes -= 1;
        }
        let (is_person, at) = (returned.job.spec.is_person, returned.at);
        let counted = self.metrics.clone().map(|metrics| Counted::before(metrics, &returned));
        let mut settling = Settling { account, chance: &self.chance, run: self.run };
        self.store.atomically(|store| {
            settling.settle(store, returned)?;
            // Whoever waits is told at once, not at the end of the run: some runs do not end.
            if is_person { crate::refresh::answer_looked_at(store, at) } else { Ok(()) }
        })?;
        match counted {
            Some(counted) => counted.after(&self.store),
            None => Ok(()),
        }
    }

    /// Leases, pays for and sends what may leave now.
    fn start_due(&mut self, now: Timestamp) -> Result<Plan> {
        let room = IN_FLIGHT_MAX.saturating_sub(self.in_flight.len());
        if room == 0 {
            return Ok(Plan::default());
        }
        let (accounts, run, only_persons) = (&mut self.accounts, self.run, self.only_persons);
        let timeout = call_timeout(&self.clock);
        let (plan, started) = self.store.atomically(|store| {
            let mut candidates = Vec::new();
            let mut budgets = BTreeMap::new();
            for account in accounts.iter().filter(|account| account.failed.is_none()) {
                for label in Label::ALL {
                    candidates.extend(store.due_jobs(
                        now,
                        &account.name,
                        label,
                        only_persons,
                        room as u32,
                    )?);
                }
                if !candidates.is_empty() && !budgets.contains_key(&account.pool) {
                    budgets.insert(account.pool.clone(), account.budget(store.usage(now, &account.pool)?));
                }
            }
            let held_back = held_back(store, now, accounts, &budgets, &candidates)?;
            let mut plan = plan(now, &budgets, &held_back, &candidates);
            plan.start.truncate(room);
            let mut started = Vec::new();
            for id in &plan.start {
                let Some(job) = store.job(*id)? else { continue };
                let account = accounts.iter_mut().find(|account| account.name == job.spec.account);
                let account = account.expect("candidates are of these accounts");
                if let Prepared::Send(request, cursor) = prepare(store, now, account, &job)? {
                    store.lease_job(job.id, run, now, timeout + SignedDuration::from_secs(15))?;
                    let operation = format!("{:?}", request.operation());
                    let label = translate::label(request.operation().label());
                    let (pool, limits) = (account.pool.as_str(), &account.limits);
                    let paid = store
                        .pay(now, &Purchase { pool, limits, label, operation: &operation, run, timeout })?;
                    started.push((account.client.clone(), job, *request, cursor, paid));
                }
            }
            Ok((plan, started))
        })?;
        for (client, job, request, cursor, paid) in started {
            self.send(client, job, request, cursor, paid);
        }
        Ok(plan)
    }

    fn send(
        &mut self,
        client: rollbook_zoom::Client,
        job: Job,
        request: Request,
        cursor: PageCursor,
        paid: Paid,
    ) {
        let clock = self.clock;
        self.in_flight.spawn(async move {
            let result = ask::ask(&client, paid.sent_at, &request, cursor).await;
            Returned { job, request, paid, at: clock.now(), result }
        });
    }

    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut next = None;
        for account in self.accounts.iter().filter(|account| account.failed.is_none()) {
            next = [next, self.store.next_due(now, &account.name, self.run)?].into_iter().flatten().min();
        }
        Ok(next)
    }

    fn is_reached(&self, goal: &Goal) -> Result<bool> {
        match goal {
            Goal::Days(days) => {
                let Some(window) = window_of(days) else { return Ok(true) };
                for account in self.accounts.iter().filter(|account| account.failed.is_none()) {
                    let filter = self.filter(&account.name, window, true);
                    let lists_open = self
                        .store
                        .list_jobs(&account.name)?
                        .iter()
                        .any(|job| concerns(&job.spec.ask, window))
                        || self.store.has_instances_job(&account.name, window)?;
                    let quality_open = || -> Result<bool> {
                        let all = self.filter(&account.name, window, false);
                        Ok(self.store.count_quality_states(&all)?.iter().any(|(state, _)| state.is_open()))
                    };
                    if lists_open
                        || quality_open()?
                        || self.store.count_states(&filter)?.iter().any(|count| count.instances > 0)
                    {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Goal::Everything => Ok(false),
            Goal::Instances(ids) => {
                for id in ids {
                    let looked = self.store.instance_job(*id)?.is_none_or(|job| !job.spec.is_person);
                    if !looked {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    fn filter(&self, account: &str, window: Window, open_only: bool) -> InstanceFilter {
        InstanceFilter {
            account: Some(account.to_owned()),
            window: Some(window),
            open_only,
            closed_only: false,
        }
    }

    fn tick(&mut self, goal: &Goal, sleeps_until: Option<Timestamp>) -> Result<Tick> {
        let mut tick =
            Tick { calls: self.calls, now: Some(self.clock.now()), sleeps_until, ..Tick::default() };
        // Counting is for people's eyes: every sixteenth call is often enough.
        if sleeps_until.is_none() && self.calls.total() < self.counted_at + 16 {
            return Ok(tick);
        }
        self.counted_at = self.calls.total();
        if let Goal::Days(days) = goal
            && let Some(window) = window_of(days)
        {
            for account in &self.accounts {
                for (state, instances) in
                    self.store.count_quality_states(&self.filter(&account.name, window, false))?
                {
                    tick.quality_instances += instances;
                    tick.quality_settled += if state.is_open() { 0 } else { instances };
                }
                for count in self.store.count_states(&self.filter(&account.name, window, false))? {
                    tick.instances += count.instances;
                    tick.settled += if count.state.is_open() { 0 } else { count.instances };
                }
            }
        }
        Ok(tick)
    }
}

/// What call quality must leave to attendance, by pool; looked up only while so little is left that it may matter.
fn held_back(
    store: &Store,
    now: Timestamp,
    accounts: &[Account],
    budgets: &BTreeMap<String, Budget>,
    candidates: &[Candidate],
) -> Result<BTreeMap<String, u32>> {
    let mut held_back = BTreeMap::new();
    if !candidates.iter().any(|job| job.urgency >= Urgency::Quality.rank()) {
        return Ok(held_back);
    }
    for account in accounts {
        let left = budgets
            .get(&account.pool)
            .and_then(|budget| budget.day_left(now, Label::Heavy, Purpose::Collection));
        if left.is_some_and(|left| left < SCARCE) {
            *held_back.entry(account.pool.clone()).or_default() +=
                store.heavy_attendance_jobs(&account.name)?;
        }
    }
    Ok(held_back)
}

/// The longest that a call may be on its way, in the clock's own seconds.
fn call_timeout(clock: &Clock) -> SignedDuration {
    SignedDuration::from_secs_f64(CALL_TIMEOUT.as_secs_f64() * clock.scale().max(1.0))
}

/// How often signing in is tried before an error counts. Somebody sits and waits for most of these.
fn sign_in_tries(error: &rollbook_zoom::Error) -> u32 {
    let is_passing = matches!(error.advice(), Advice::Retry | Advice::Wait { .. });
    match error.kind() {
        // A certificate does not mend itself.
        ErrorKind::Transport(TransportError { kind: TransportErrorKind::Tls, .. }) => 1,
        ErrorKind::Transport(TransportError { kind: TransportErrorKind::Connect, .. }) => 3,
        _ if is_passing => 4,
        _ => 1,
    }
}

/// The whole of a range of days.
pub fn window_of(days: &[Window]) -> Option<Window> {
    Some(Window { from: days.first()?.from, to: days.last()?.to })
}

fn concerns(ask: &Ask, goal: Window) -> bool {
    match ask {
        Ask::List { window, .. } | Ask::UserMeetings { window, .. } => {
            window.from < goal.to && goal.from < window.to
        }
        // Asked for by themselves: there can be very many of them.
        Ask::Instances { .. } => false,
        Ask::Details { .. } | Ask::Participants { .. } | Ask::Quality { .. } => false,
    }
}
