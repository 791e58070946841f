//! What sinks were told: an outbox with a line for each sink and instance, so that telling twice equals telling once.

use jiff::Timestamp;
use rollbook_core::time::Window;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::instances::{self, Record};
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

mod rows;

pub use rows::{HeldRows, Overwrite};

/// Where the telling of one instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be told, or told anew.
    Due,
    /// Told.
    Done,
    /// Not told on purpose: something about it is not known yet, or does not fit.
    HeldBack,
    /// The sink refused it.
    Failed,
}

impl DeliveryState {
    /// All of them, in order.
    pub const ALL: [DeliveryState; 4] =
        [DeliveryState::Due, DeliveryState::Done, DeliveryState::HeldBack, DeliveryState::Failed];

    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Due => "due",
            DeliveryState::Done => "done",
            DeliveryState::HeldBack => "held_back",
            DeliveryState::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> DeliveryState {
        DeliveryState::ALL.into_iter().find(|state| state.name() == name).unwrap_or(DeliveryState::Due)
    }
}

/// One line of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    /// Where it stands.
    pub state: DeliveryState,
    /// Why.
    pub reason: Option<String>,
    /// [`Candidate::changes`] of the instance when it was last looked at.
    pub changes: i64,
    /// When that was.
    pub looked_at: Timestamp,
    /// Of what the sink was told last; none if nothing was.
    pub digest: Option<String>,
    /// When that was.
    pub delivered_at: Option<Timestamp>,
    /// `{zoom}.id` it was told for.
    pub activity: Option<i64>,
    /// `{zoom_meeting_details}.id` it became.
    pub details_id: Option<i64>,
    /// Stays the sink holds of it.
    pub rows: u32,
    /// Failures in a row.
    pub tries: u32,
}

impl DeliveryRecord {
    /// A line for an instance that was never looked at before.
    pub fn new(now: Timestamp, changes: i64) -> DeliveryRecord {
        DeliveryRecord {
            state: DeliveryState::Due,
            reason: None,
            changes,
            looked_at: now,
            digest: None,
            delivered_at: None,
            activity: None,
            details_id: None,
            rows: 0,
            tries: 0,
        }
    }
}

/// An instance that a sink may have to be told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The instance.
    pub record: Record,
    /// Grows whenever the instance or its stays change.
    pub changes: i64,
    /// What the outbox says of it; none if nobody has looked at it yet.
    pub delivery: Option<DeliveryRecord>,
}

/// The last time a sink was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkState {
    /// When.
    pub told_at: Option<Timestamp>,
    /// What came of it, as JSON.
    pub said: Option<String>,
    /// When somebody else was last seen to write what we write.
    pub others_seen_at: Option<Timestamp>,
}

/// A line of the outbox with the instance it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivered {
    /// The instance.
    pub record: Record,
    /// Its line.
    pub delivery: DeliveryRecord,
}

/// Columns of `delivery d`.
pub(crate) const COLUMNS: &str =
    "d.state, d.reason, d.changes, d.looked_at, d.digest, d.delivered_at, d.activity, d.details_id,
    d.rows, d.tries";
const PUT: &str =
    "insert into delivery (sink, instance_id, state, reason, changes, looked_at, digest, delivered_at,
        activity, details_id, rows, tries)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    on conflict (sink, instance_id) do update set state = excluded.state, reason = excluded.reason,
        changes = excluded.changes, looked_at = excluded.looked_at, digest = excluded.digest,
        delivered_at = excluded.delivered_at, activity = excluded.activity, details_id = excluded.details_id,
        rows = excluded.rows, tries = excluded.tries";
const TAKE_SINK: &str = "insert into sink_lease (sink, holder, since, until) values (?1, ?2, ?3, ?4)
    on conflict (sink) do update set holder = excluded.holder, since = excluded.since, until = excluded.until
        where sink_lease.until <= excluded.since";
const PUT_SINK: &str = "insert into sink (sink, told_at, said, others_seen_at) values (?1, ?2, ?3, ?4)
    on conflict (sink) do update set told_at = excluded.told_at, said = excluded.said,
        others_seen_at = excluded.others_seen_at";

impl Store {
    /// Visits the instances of an account that have a number and start in `window` (all, without one), with what the
    /// outbox says of them, by start.
    ///
    /// # Errors
    /// If the store cannot be read, or what `visit` returns.
    pub fn each_candidate(
        &self,
        sink: &str,
        account: &str,
        window: Option<Window>,
        mut visit: impl FnMut(Candidate),
    ) -> Result<()> {
        let sql = format!(
            "select {}, i.changes, {COLUMNS} from instance i
                left join delivery d on d.sink = ?1 and d.instance_id = i.instance_id
             where i.account = ?2 and i.number is not null and i.is_forgotten = 0
                and (?3 is null or i.started_at is null or i.started_at >= ?3)
                and (?4 is null or i.started_at is null or i.started_at < ?4)
             order by i.started_at, i.uuid",
            instances::columns_of("i")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let (from, to) = (window.map(|window| ms(window.from)), window.map(|window| ms(window.to)));
        let mut rows = statement.query((sink, account, from, to))?;
        while let Some(row) = rows.next()? {
            visit(Candidate {
                record: instances::record(row)?,
                changes: row.get(instances::COLUMN_COUNT)?,
                delivery: delivery(row, instances::COLUMN_COUNT + 1)?,
            });
        }
        Ok(())
    }

    /// One instance with what the outbox says of it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn candidate(&self, sink: &str, instance: i64) -> Result<Option<Candidate>> {
        let sql = "select changes from instance where instance_id = ?1";
        let changes =
            self.connection.prepare_cached(sql)?.query_row([instance], |row| row.get(0)).optional()?;
        let (Some(changes), Some(record)) = (changes, self.instance(instance)?) else { return Ok(None) };
        Ok(Some(Candidate { record, changes, delivery: self.delivery(sink, instance)? }))
    }

    /// Writes a line of the outbox.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_delivery(&mut self, sink: &str, instance: i64, line: &DeliveryRecord) -> Result<()> {
        self.connection.prepare_cached(PUT)?.execute(rusqlite::params![
            sink,
            instance,
            line.state.name(),
            line.reason,
            line.changes,
            ms(line.looked_at),
            line.digest,
            opt_ms(line.delivered_at),
            line.activity,
            line.details_id,
            line.rows,
            line.tries,
        ])?;
        Ok(())
    }

    /// One line of the outbox.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn delivery(&self, sink: &str, instance: i64) -> Result<Option<DeliveryRecord>> {
        let sql = format!("select {COLUMNS} from delivery d where d.sink = ?1 and d.instance_id = ?2");
        let found = self.connection.prepare_cached(&sql)?.query_row((sink, instance), |row| delivery(row, 0));
        Ok(found.optional()?.flatten())
    }

    /// How many lines of the outbox stand where, over instances that start in `window`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_deliveries(&self, sink: &str, window: Option<Window>) -> Result<Vec<(DeliveryState, u64)>> {
        let sql = "select d.state, count(*) from delivery d join instance i on i.instance_id = d.instance_id
            where d.sink = ?1 and (?2 is null or i.started_at is null or i.started_at >= ?2)
                and (?3 is null or i.started_at is null or i.started_at < ?3) group by d.state";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (from, to) = (window.map(|window| ms(window.from)), window.map(|window| ms(window.to)));
        let rows = statement.query_map((sink, from, to), |row| {
            Ok((DeliveryState::from_name(row.get_ref(0)?.as_str()?), row.get(1)?))
        })?;
        let mut counts: Vec<(DeliveryState, u64)> = rows.collect::<rusqlite::Result<_>>()?;
        counts.sort();
        Ok(counts)
    }

    /// Lines of the outbox in one state, latest start first; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn deliveries(
        &self,
        sink: &str,
        state: DeliveryState,
        window: Option<Window>,
        limit: u32,
    ) -> Result<Vec<Delivered>> {
        let sql = format!(
            "select {}, {COLUMNS} from delivery d join instance i on i.instance_id = d.instance_id
             where d.sink = ?1 and d.state = ?2 and (?3 is null or i.started_at is null or i.started_at >= ?3)
                and (?4 is null or i.started_at is null or i.started_at < ?4)
             order by i.started_at desc, i.uuid limit ?5",
            instances::columns_of("i")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let (from, to) = (window.map(|window| ms(window.from)), window.map(|window| ms(window.to)));
        let mut rows = statement.query((sink, state.name(), from, to, limit))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let record = instances::record(row)?;
            let Some(delivery) = delivery(row, instances::COLUMN_COUNT)? else { continue };
            all.push(Delivered { record, delivery });
        }
        Ok(all)
    }

    /// Makes instances due again at every sink; those nobody has looked at yet are due anyway. Tells how many it made.
    ///
    /// Counts as a change of each: who is telling a sink right now writes down the count that it saw before.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn make_deliveries_due(&mut self, instances: &[i64], reason: &str) -> Result<u64> {
        let sql = "update delivery set state = 'due', reason = ?2, tries = 0 where instance_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let grow = "update instance set changes = changes + 1 where instance_id = ?1";
        let mut grow = self.connection.prepare_cached(grow)?;
        let mut made = 0;
        for instance in instances {
            grow.execute([instance])?;
            made += u64::from(statement.execute((instance, reason))? > 0);
        }
        Ok(made)
    }

    /// The last time a sink was told.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn sink_state(&self, sink: &str) -> Result<SinkState> {
        let sql = "select told_at, said, others_seen_at from sink where sink = ?1";
        let found = self.connection.query_row(sql, [sink], |row| {
            Ok(SinkState {
                told_at: opt_from_ms(row.get(0)?),
                said: row.get(1)?,
                others_seen_at: opt_from_ms(row.get(2)?),
            })
        });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// Keeps what came of telling a sink.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_sink_state(&mut self, sink: &str, state: &SinkState) -> Result<()> {
        let params = (sink, opt_ms(state.told_at), &state.said, opt_ms(state.others_seen_at));
        self.connection.execute(PUT_SINK, params)?;
        Ok(())
    }
}

impl Store {
    /// Takes a sink, so that nobody else tells it before `until`; none if it is taken, else since when another has it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn take_sink(
        &mut self,
        now: Timestamp,
        sink: &str,
        holder: &str,
        until: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let params = (sink, holder, ms(now), ms(until));
        if self.connection.execute(TAKE_SINK, params)? > 0 {
            return Ok(None);
        }
        let sql = "select since from sink_lease where sink = ?1";
        Ok(Some(from_ms(self.connection.query_row(sql, [sink], |row| row.get(0))?)))
    }

    /// Keeps a sink until later; tells whether it was still the holder's.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn keep_sink(&mut self, sink: &str, holder: &str, until: Timestamp) -> Result<bool> {
        let sql = "update sink_lease set until = ?3 where sink = ?1 and holder = ?2";
        Ok(self.connection.prepare_cached(sql)?.execute((sink, holder, ms(until)))? > 0)
    }

    /// Lets others tell a sink, if it is the holder's.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn leave_sink(&mut self, sink: &str, holder: &str) -> Result<()> {
        let sql = "delete from sink_lease where sink = ?1 and holder = ?2";
        self.connection.execute(sql, (sink, holder))?;
        Ok(())
    }
}

/// The line that begins at a column; none where a join found nothing.
pub(crate) fn delivery(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<DeliveryRecord>> {
    let Some(state) = row.get::<_, Option<String>>(at)? else { return Ok(None) };
    Ok(Some(DeliveryRecord {
        state: DeliveryState::from_name(&state),
        reason: row.get(at + 1)?,
        changes: row.get(at + 2)?,
        looked_at: from_ms(row.get(at + 3)?),
        digest: row.get(at + 4)?,
        delivered_at: opt_from_ms(row.get(at + 5)?),
        activity: row.get(at + 6)?,
        details_id: row.get(at + 7)?,
        rows: row.get(at + 8)?,
        tries: row.get(at + 9)?,
    }))
}
