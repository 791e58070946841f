//! The ledger of changes to hosts' meetings: paid for before they are sent, shared by all processes on the store.

use jiff::Timestamp;
use rollbook_core::budget::host::HostUsage;
use rollbook_core::time::quota_day;
use rusqlite::OptionalExtension;
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{ms, opt_from_ms};

/// One host's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostDay {
    /// Zoom's user ID, or the name typed where the app may not look users up.
    pub host: String,
    /// Another name of the host, such as the e-mail address, where one was used.
    pub name: Option<String>,
    /// Changes that were paid for.
    pub changes: u32,
    /// Until when Zoom says that the day's changes are gone.
    pub gone_until: Option<Timestamp>,
}

const USAGE: &str = "select changes, gone_until from host_change where pool = ?1 and host = ?2 and day = ?3";
const PAY: &str = "insert into host_change (pool, host, day, changes) values (?1, ?2, ?3, 1)
    on conflict (pool, host, day) do update set changes = changes + 1";
const GONE: &str =
    "insert into host_change (pool, host, day, changes, gone_until) values (?1, ?2, ?3, 0, ?4)
    on conflict (pool, host, day) do update set gone_until = max(coalesce(gone_until, 0), excluded.gone_until)";
const NAME: &str = "insert into host_name (pool, name, host) values (?1, ?2, ?3)
    on conflict (pool, name) do update set host = excluded.host";
const NAMED: &str = "select host from host_name where pool = ?1 and name = ?2";
const DAY: &str = "select host,
    (select min(name) from host_name where host_name.pool = host_change.pool and host_name.host = host_change.host),
    changes, gone_until
    from host_change where pool = ?1 and day = ?2 order by changes desc, host";

impl Store {
    /// What is known of a host's running UTC day.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn host_usage(&self, now: Timestamp, pool: &str, host: &str) -> Result<HostUsage> {
        let key = (pool, host, quota_day(now).to_string());
        let usage = self.connection.prepare_cached(USAGE)?.query_row(key, |row| {
            Ok(HostUsage { changes: row.get(0)?, gone_until: opt_from_ms(row.get(1)?) })
        });
        Ok(usage.optional()?.unwrap_or_default())
    }

    /// Pays for one change. Must be committed before the change leaves.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn pay_change(&mut self, now: Timestamp, pool: &str, host: &str) -> Result<()> {
        let day = quota_day(now).to_string();
        self.connection.prepare_cached(PAY)?.execute((pool, host, day))?;
        Ok(())
    }

    /// Notes how a paid change came back: one sent before midnight UTC and answered after may count in either day at
    /// Zoom, so both pay.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn settle_change(&mut self, sent_at: Timestamp, at: Timestamp, pool: &str, host: &str) -> Result<()> {
        if quota_day(sent_at) == quota_day(at) { Ok(()) } else { self.pay_change(at, pool, host) }
    }

    /// Notes that Zoom says the host's changes of the day are gone until then.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn pause_host(&mut self, at: Timestamp, pool: &str, host: &str, until: Timestamp) -> Result<()> {
        let day = quota_day(at).to_string();
        self.connection.prepare_cached(GONE)?.execute((pool, host, day, ms(until)))?;
        Ok(())
    }

    /// Notes which user a name means.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn name_host(&mut self, pool: &str, name: &str, host: &str) -> Result<()> {
        self.connection.prepare_cached(NAME)?.execute((pool, name.to_lowercase(), host))?;
        Ok(())
    }

    /// The user a name meant when Zoom was last asked.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn host_named(&self, pool: &str, name: &str) -> Result<Option<String>> {
        let key = (pool, name.to_lowercase());
        Ok(self.connection.prepare_cached(NAMED)?.query_row(key, |row| row.get(0)).optional()?)
    }

    /// The hosts whose meetings were changed in the running UTC day, most changes first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn hosts_changed(&self, now: Timestamp, pool: &str) -> Result<Vec<HostDay>> {
        let mut statement = self.connection.prepare_cached(DAY)?;
        let rows = statement.query_map((pool, quota_day(now).to_string()), |row| {
            Ok(HostDay {
                host: row.get(0)?,
                name: row.get(1)?,
                changes: row.get(2)?,
                gone_until: opt_from_ms(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
