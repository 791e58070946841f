//! Questions that go over the whole ledger: exports and counts of what waits.

use jiff::Timestamp;
use rollbook_core::label::Label;
use rollbook_core::time::Window;
use serde::Serialize;

use crate::error::Result;
use crate::instances::{COLUMNS, Record, record};
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

/// Jobs of one pool and label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobCount {
    /// Their price.
    pub label: Label,
    /// Jobs whose time has come.
    pub due: u64,
    /// Jobs for later.
    pub later: u64,
    /// When the first of the later ones is due.
    pub next_at: Option<Timestamp>,
}

/// Instances that an export of a window leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// They still run.
    pub live: u64,
    /// Nobody has told when they started, so they belong to no day yet.
    pub without_start: u64,
}

/// The accounts are named so that the index by start can be used for one account and for all.
const ENDED: &str = "is_live = 0 and started_at >= ?2 and started_at < ?3
    and account in (select name from account where ?1 is null or name = ?1)";
const LEFT_OUT: &str = "select
        coalesce(sum(is_live and (started_at is null or (started_at >= ?2 and started_at < ?3))), 0),
        coalesce(sum(not is_live and started_at is null), 0)
    from instance where (is_live or started_at is null) and (?1 is null or account = ?1)";
const JOBS: &str =
    "select label, sum(due_at <= ?2), sum(due_at > ?2), min(case when due_at > ?2 then due_at end)
    from job where pool = ?1 group by label";

impl Store {
    /// Visits the ended instances that started in `window`, in the order of their UUIDs, one at a time and all as
    /// they were at one moment.
    ///
    /// # Errors
    /// If the store cannot be read, or what `visit` returns.
    pub fn each_ended<E: From<crate::Error>>(
        &self,
        account: Option<&str>,
        window: Window,
        visit: impl FnMut(Record) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = format!("select {COLUMNS} from instance where {ENDED} order by uuid, account");
        self.each_of(&sql, account, window, visit)
    }

    /// The same, by start.
    ///
    /// # Errors
    /// If the store cannot be read, or what `visit` returns.
    pub fn each_ended_by_start<E: From<crate::Error>>(
        &self,
        account: Option<&str>,
        window: Window,
        visit: impl FnMut(Record) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = format!("select {COLUMNS} from instance where {ENDED} order by started_at, uuid, account");
        self.each_of(&sql, account, window, visit)
    }

    /// Visits the ended instances that started in `window` and of which any call quality is kept, by start, one at a
    /// time and all as they were at one moment: ask for their samples one by one, and no more than one instance's are
    /// in memory.
    ///
    /// # Errors
    /// If the store cannot be read, or what `visit` returns.
    pub fn each_with_quality<E: From<crate::Error>>(
        &self,
        account: Option<&str>,
        window: Window,
        visit: impl FnMut(Record) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = format!(
            "select {COLUMNS} from instance where {ENDED}
                and exists (select 1 from quality_stay where quality_stay.instance_id = instance.instance_id)
             order by started_at, uuid, account"
        );
        self.each_of(&sql, account, window, visit)
    }

    fn each_of<E: From<crate::Error>>(
        &self,
        sql: &str,
        account: Option<&str>,
        window: Window,
        mut visit: impl FnMut(Record) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut statement = self.connection.prepare_cached(sql).map_err(crate::Error::from)?;
        let mut rows =
            statement.query((account, ms(window.from), ms(window.to))).map_err(crate::Error::from)?;
        while let Some(row) = rows.next().map_err(crate::Error::from)? {
            visit(record(row).map_err(crate::Error::from)?)?;
        }
        Ok(())
    }

    /// How many instances [`Store::each_ended`] leaves out, and why.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn left_out(&self, account: Option<&str>, window: Window) -> Result<LeftOut> {
        let key = (account, ms(window.from), ms(window.to));
        Ok(self
            .connection
            .prepare_cached(LEFT_OUT)?
            .query_row(key, |row| Ok(LeftOut { live: row.get(0)?, without_start: row.get(1)? }))?)
    }

    /// How many jobs of a pool are due and how many are for later, by label.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_jobs(&self, now: Timestamp, pool: &str) -> Result<Vec<JobCount>> {
        let mut statement = self.connection.prepare_cached(JOBS)?;
        let rows = statement.query_map((pool, ms(now)), |row| {
            Ok(JobCount {
                label: Label::from_name(row.get_ref(0)?.as_str()?).unwrap_or(Label::Heavy),
                due: row.get(1)?,
                later: row.get(2)?,
                next_at: opt_from_ms(row.get(3)?),
            })
        })?;
        let mut counts = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        counts.sort_by_key(|count| count.label);
        Ok(counts)
    }

    /// The days that the ledger knows: the first and the last start.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn starts(&self, account: Option<&str>) -> Result<Option<(Timestamp, Timestamp)>> {
        let sql = "select min(started_at), max(started_at) from instance where ?1 is null or account = ?1";
        let (first, last): (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached(sql)?
            .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.zip(last).map(|(first, last)| (from_ms(first), from_ms(last))))
    }
}
