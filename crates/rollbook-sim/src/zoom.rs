//! The pretend Zoom: from a request to an answer.

mod ask;
mod auth;
mod changes;
mod dates;
mod decide;
mod find;
mod inspect;
mod json;
mod metrics;
mod network;
mod operation;
mod page;
mod past;
mod refusal;
mod reply;
mod report;
mod rows;
mod settings;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::Response;

use crate::Sim;
use crate::options::Options;
use crate::stats::Ledger;
use crate::trace::Trace;

pub(crate) use ask::parse_query;
use auth::Token;
use changes::Changes;
pub(crate) use rows::lasting as lasting_rows;

/// A form longer than this is no token request.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What changes while the world answers.
pub(crate) struct State {
    pub(crate) ledger: Ledger,
    pub(crate) trace: Trace,
    tokens: BTreeMap<String, Token>,
    token_count: u64,
    ordinal: u64,
    /// Lists of which a page was asked and the last one was not.
    open_lists: BTreeSet<u64>,
    /// Meetings and users that clients created and altered.
    pub(crate) changes: Changes,
}

impl State {
    /// Nothing has been asked yet.
    pub(crate) fn new(options: &Options) -> State {
        State {
            ledger: Ledger::new(options.limits),
            trace: Trace::default(),
            tokens: auth::ready_tokens(&options.credentials),
            token_count: 0,
            ordinal: 0,
            open_lists: BTreeSet::new(),
            changes: Changes::default(),
        }
    }
}

/// Counts a call as under way until it is dropped, answered or not.
struct InFlight(Sim);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.lock().ledger.in_flight -= 1;
    }
}

/// Answers every request there is.
pub(crate) async fn answer(Shared(sim): Shared<Sim>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    if path.starts_with("/_sim/") {
        return inspect::answer(&sim, &path, request.uri().query().unwrap_or(""));
    }
    let (parts, body) = request.into_parts();
    let form = axum::body::to_bytes(body, FORM_BYTES_MAX).await.unwrap_or_default();
    let (ordinal, _under_way) = begin(&sim);
    let options = &sim.world.options.zoom;
    let mut dice = sim.world.calls.at(ordinal);
    let jitter = Duration::from_millis(dice.below(options.jitter_ms + 1));
    let half = Duration::from_millis(options.latency_ms) / 2;
    sim.clock.sleep(half + jitter).await;
    let reply = decide::decide(&sim, &parts, &form, dice);
    sim.clock.sleep(half + reply.takes).await;
    reply.into_response()
}

fn begin(sim: &Sim) -> (u64, InFlight) {
    let mut state = sim.lock();
    state.ordinal += 1;
    let ledger = &mut state.ledger;
    ledger.in_flight += 1;
    ledger.stats.max_concurrency = ledger.stats.max_concurrency.max(ledger.in_flight);
    (state.ordinal, InFlight(sim.clone()))
}
