//! Whole days against the built-in pretend Zoom, in one process: what `demo` shows and what the tests check.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::chance::Chance;
use rollbook_core::family::Offer;
use rollbook_core::limits::{Limits, Plan};
use rollbook_sim::{Options, Sim, SimClock};
use rollbook_store::Store;
use rollbook_zoom::{Client, Credentials};
use secrecy::SecretString;

use crate::clock::Clock;
use crate::collector::account::Account;

pub mod campus;
pub mod check;
pub mod least;
pub mod transport;

use transport::InProcess;

/// A pretend Zoom and a clock that both it and the collector go by.
pub struct Stage {
    /// The pretend Zoom.
    pub sim: Sim,
    /// The clock, showing the same time to both.
    pub clock: Clock,
}

impl Stage {
    /// Raises the curtain at `epoch`. The runtime's clock should be paused: time then passes only while nobody works.
    pub fn new(options: Options, epoch: Timestamp) -> Stage {
        Stage { sim: Sim::new(options, SimClock::new(epoch, 1.0)), clock: Clock::simulated(epoch, 1.0) }
    }

    /// The account of the pretend Zoom, as a configuration would describe it.
    pub fn account(&self, breakouts: bool) -> Account {
        let options = self.sim.options();
        let plan = match options.plan {
            rollbook_sim::Plan::Free => Plan::Free,
            rollbook_sim::Plan::Pro => Plan::Pro,
            rollbook_sim::Plan::Business => Plan::Business,
        };
        let client = Client::new(
            std::sync::Arc::new(InProcess::new(self.sim.router())),
            "http://127.0.0.1/v2".parse().expect("a constant URL"),
            Credentials::ServerToServer {
                account_id: options.credentials.account_id.clone(),
                client_id: options.credentials.client_id.clone(),
                client_secret: SecretString::from(options.credentials.client_secret.as_str()),
                token_url: "http://127.0.0.1/oauth/token".parse().expect("a constant URL"),
            },
        );
        Account::new(
            "default".into(),
            "default".into(),
            client,
            Limits::of(plan),
            0.2,
            Offer::of(plan, breakouts),
        )
    }

    /// Chance from the world's own seed.
    pub fn chance(&self) -> Chance {
        Chance::from_seed(self.sim.options().seed)
    }

    /// A store that lives as long as the stage.
    ///
    /// # Panics
    /// If SQLite cannot run at all.
    pub fn memory_store() -> Store {
        Store::in_memory().expect("SQLite runs in memory")
    }

    /// The moment at which a campus day is usually collected: early the next morning.
    pub fn next_morning(options: &Options) -> Timestamp {
        let after = options
            .first_day
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp());
        after + SignedDuration::from_hours(24 * i64::from(options.days) + 3)
    }
}
