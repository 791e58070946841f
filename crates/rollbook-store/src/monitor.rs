//! Figures for monitoring: what is open, found by indices however much is settled.

use jiff::Timestamp;

use crate::deliveries::DeliveryState;
use crate::error::Result;
use crate::instances::State;
use crate::sqlite::Store;
use crate::time::opt_from_ms;

/// An instance that is neither verified nor closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open<'a> {
    /// Account.
    pub account: &'a str,
    /// Where it stands.
    pub state: State,
    /// Why.
    pub reason: Option<&'a str>,
    /// When it ended, or was first seen.
    pub ended_at: Option<Timestamp>,
    /// Whether it still runs.
    pub is_live: bool,
}

/// Lines of the outbox in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenDeliveries {
    /// Which.
    pub state: DeliveryState,
    /// How many.
    pub count: u64,
    /// When the one was looked at that nobody has looked at for longest.
    pub oldest_at: Option<Timestamp>,
}

const OPEN: &str = "select account, state, reason, coalesce(ended_at, first_seen_at), is_live from instance
    where state in ('live', 'ended', 'fetched')";
/// By its name: without it SQLite goes through all that was ever told.
const DELIVERIES: &str = "select count(*), min(looked_at) from delivery indexed by delivery_by_look
    where sink in (select sink from sink) and state = ?1 and state <> 'done'";

impl Store {
    /// Visits the instances that are neither verified nor closed.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn each_open(&self, mut visit: impl FnMut(Open<'_>)) -> Result<()> {
        let mut statement = self.connection.prepare_cached(OPEN)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            visit(Open {
                account: row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
                state: State::from_name(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?),
                reason: row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?,
                ended_at: opt_from_ms(row.get(3)?),
                is_live: row.get(4)?,
            });
        }
        Ok(())
    }

    /// What sinks were not told, by state.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn open_deliveries(&self) -> Result<Vec<OpenDeliveries>> {
        let mut statement = self.connection.prepare_cached(DELIVERIES)?;
        let open = [DeliveryState::Due, DeliveryState::HeldBack, DeliveryState::Failed];
        let count = |state: DeliveryState| {
            let (count, oldest) =
                statement.query_row([state.name()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(OpenDeliveries { state, count, oldest_at: opt_from_ms(oldest) })
        };
        open.into_iter().map(count).collect()
    }

    /// When any sink was last brought up to date.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn sinks_told_at(&self) -> Result<Option<Timestamp>> {
        let told = self.connection.query_row("select max(told_at) from sink", [], |row| row.get(0))?;
        Ok(opt_from_ms(told))
    }

    /// Commands that wait for the collector.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_pending_commands(&self) -> Result<u64> {
        let sql = "select count(*) from command where state = 'pending'";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }
}
