//! A pretend campus and a pretend Zoom: one deterministic world from a seed.
//!
//! The world is made once from [`Options`] and then only answers: the same seed, asked the same calls at the
//! same virtual times, gives the same answers and the same [`Sim::trace_digest`]. [`Sim::router`] is an
//! `axum::Router` that can be called in the same process under tokio's paused clock, or served on a port with a
//! [`SimClock`] of any speed. [`Sim::truth`] tells what really happened, [`Sim::true_quality`] how well
//! people were heard and seen, [`Sim::stats`] what the client did to the rate limits. On a port, `GET /_sim/truth` (with `?uuid=`, `?offset=`, `?limit=`), `GET /_sim/quality`
//! (with `?uuid=`) and `GET /_sim/stats` give the same as JSON, without a token and uncounted.
//!
//! A broken connection ([`Faults::resets`]) is an answer with status 502, the header `x-sim-reset: 1` and a body
//! that fails when it is read: on a port the connection breaks, in the same process the caller sees the header.

mod campus;
mod chance;
mod clock;
mod day;
mod events;
mod fault;
mod limit;
pub mod moodle;
mod names;
mod options;
mod quality;
mod site;
mod stats;
mod trace;
mod truth;
pub mod webservice;
mod world;
mod zoom;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

pub use clock::SimClock;
pub use events::{EventFaults, Post, WEBHOOK_SECRET};
pub use fault::Faults;
pub use limit::{Label, Limit, Limits, Per};
pub use options::{
    Credentials, DayZone, Headers, IdleForms, Mix, Options, OtherApps, People, Plan, QualityText,
    RefusalBody, RetryAfter, Switches, Window,
};
pub use quality::{LineKind, OddKind};
pub use site::{Dialect as SiteDialect, SiteRow, SiteValue, statements as site_statements};
pub use stats::{LimitUse, Refusals, Stats};
pub use truth::{
    Family, Kind, NeverHeld, TrueCpu, TrueInstance, TrueOdd, TrueQuality, TrueSample, TrueStay, TrueStream,
    TrueWifi, Truth,
};
pub use webservice::MoodleService;

use world::World;
use zoom::State;

/// Header of an answer that stands for a broken connection.
pub const RESET_HEADER: &str = "x-sim-reset";

/// The pretend world. Clones share it.
#[derive(Clone)]
pub struct Sim {
    world: Arc<World>,
    clock: SimClock,
    state: Arc<Mutex<State>>,
}

impl Sim {
    /// Makes the world these options describe; `clock` tells its time.
    pub fn new(options: Options, clock: SimClock) -> Sim {
        let state = State::new(&options);
        Sim { world: Arc::new(World::build(options)), clock, state: Arc::new(Mutex::new(state)) }
    }

    /// Zoom's token endpoint at `/oauth/token`, its API under `/v2`, and the simulator's own pages under `/_sim`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new().fallback(zoom::answer).with_state(self.clone())
    }

    /// The rows of the school's Moodle before anything was delivered to it.
    pub fn moodle_site(&self) -> Vec<SiteRow> {
        site::rows(&self.world)
    }

    /// What really happened.
    pub fn truth(&self) -> Truth {
        Truth::of(&self.world)
    }

    /// What really happened in one instance.
    pub fn true_instance(&self, uuid: &str) -> Option<TrueInstance> {
        self.world.by_uuid.get(uuid).map(|at| TrueInstance::of(&self.world, *at))
    }

    /// What the call quality of one instance really was, stay by stay, the waiting room left out.
    ///
    /// Drawn when it is asked for: a day of many people is best asked for instance by instance.
    pub fn true_quality(&self, uuid: &str) -> Option<Vec<TrueQuality>> {
        self.world.by_uuid.get(uuid).map(|at| truth::true_quality(&self.world, *at))
    }

    /// From when lists show the call quality of every stay of which they ever do. May be hours after
    /// [`Sim::faults_stop_at`].
    pub fn quality_complete_at(&self) -> Timestamp {
        let complete =
            (0..self.world.days.instances.len()).flat_map(|at| quality::complete_at(&self.world, at));
        day::instant(complete.flatten().max().unwrap_or(self.world.faults_stop).max(self.world.faults_stop))
    }

    /// What Zoom posts of all that happens, signed with [`WEBHOOK_SECRET`], in the order of arrival; that of days to
    /// come too.
    pub fn posts(&self, faults: &EventFaults) -> Vec<Post> {
        events::of(&self.world, faults)
    }

    /// What clients did so far.
    pub fn stats(&self) -> Stats {
        let (from, until) = (self.clock.epoch(), self.clock.now());
        let state = self.lock();
        let stats = state.ledger.report(from, until, &self.world.options.zoom);
        Stats { changes_by_host: state.changes.by_host(), ..stats }
    }

    /// A digest over virtual time, method, path and status of every call, in order of arrival.
    pub fn trace_digest(&self) -> String {
        self.lock().trace.digest()
    }

    /// From when no call fails any more and everything that can be complete is.
    pub fn faults_stop_at(&self) -> Timestamp {
        day::instant(self.world.faults_stop)
    }

    /// The options the world was made from.
    pub fn options(&self) -> &Options {
        &self.world.options
    }

    /// The clock of the world.
    pub fn clock(&self) -> SimClock {
        self.clock
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
