//! The budget's ledger: a call is paid for here before it is sent.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::budget::{CALL_TIMEOUT, Usage, slot_free_at, slot_free_at_unanswered};
use rollbook_core::label::Label;
use rollbook_core::limits::{DayBucket, Limits};
use rollbook_core::time::quota_day;
use rusqlite::OptionalExtension;
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// One call about to be paid for.
#[derive(Debug, Clone, Copy)]
pub struct Purchase<'a> {
    /// Pool.
    pub pool: &'a str,
    /// The pool's limits.
    pub limits: &'a Limits,
    /// Label.
    pub label: Label,
    /// Operation, as the client names it.
    pub operation: &'a str,
    /// The run that sends it.
    pub run: i64,
    /// The longest it may be on its way.
    pub timeout: SignedDuration,
}

/// A paid call on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// Its number.
    pub call: i64,
    /// Pool.
    pub pool: String,
    /// Label.
    pub label: Label,
    /// Operation, as the client names it.
    pub operation: String,
    /// When it left.
    pub sent_at: Timestamp,
    /// The run that sent it.
    pub run: i64,
}

/// How a paid call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered<'a> {
    /// When.
    pub at: Timestamp,
    /// How much longer than the fastest it took ([`rollbook_core::budget::RoundTrips`]).
    pub excess: SignedDuration,
    /// Whether Zoom refused it for rate.
    pub is_refused: bool,
    /// `200`, `404 3001`, `no answer` …, for run reports.
    pub outcome: &'a str,
}

/// What was spent on one operation of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpentLine {
    /// UTC day.
    pub day: String,
    /// Label.
    pub label: Label,
    /// Operation.
    pub operation: String,
    /// Calls.
    pub calls: u64,
    /// Of these, refused for rate.
    pub refused: u64,
}

/// Calls of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SpentHour {
    /// When the hour began.
    pub at: Timestamp,
    /// Label.
    pub label: Label,
    /// Calls.
    pub calls: u64,
}

/// Milliseconds.
const HOUR: i64 = 3_600_000;

const NEXT_CALL: &str = "update call_number set next = next + 1 returning next - 1";
const ADD_SLOT: &str =
    "insert into slot (call_id, window_seconds, pool, label, sent_at, free_at, is_answered)
    values (?1, ?2, ?3, ?4, ?5, ?6, 0)";
const FREE_SLOT: &str =
    "update slot set free_at = ?3, is_answered = 1 where call_id = ?1 and window_seconds = ?2";
const PRUNE: &str = "delete from slot where pool = ?1 and label = ?2 and free_at <= ?3";
const HELD: &str =
    "select label, window_seconds, free_at from slot where pool = ?1 and free_at > ?2 order by free_at";
const SPEND: &str =
    "insert into spent (pool, day, label, operation, calls, refused) values (?1, ?2, ?3, ?4, 1, 0)
    on conflict (pool, day, label, operation) do update set calls = calls + 1";
const SPEND_HOUR: &str = "insert into spent_hour (pool, hour_at, label, calls) values (?1, ?2, ?3, 1)
    on conflict (pool, hour_at, label) do update set calls = calls + 1";
const BY_HOUR: &str = "select hour_at, label, calls from spent_hour
    where pool = ?1 and hour_at >= ?2 and hour_at < ?3 order by hour_at, label";
const REFUSE: &str =
    "update spent set refused = refused + 1 where pool = ?1 and day = ?2 and label = ?3 and operation = ?4";
const DAY: &str = "select label, sum(calls) from spent where pool = ?1 and day = ?2 group by label";
const FLOORS: &str = "select bucket, at_least, own_then from day_floor where pool = ?1 and day = ?2";
const SET_FLOOR: &str =
    "insert into day_floor (pool, day, bucket, at_least, own_then) values (?1, ?2, ?3, ?4, ?5)
    on conflict (pool, day, bucket) do update set at_least = excluded.at_least, own_then = excluded.own_then
    where excluded.at_least - excluded.own_then > at_least - own_then";
const PAUSE: &str = "insert into pause (pool, what, until) values (?1, ?2, ?3)
    on conflict (pool, what) do update set until = max(until, excluded.until)";
const PAUSES: &str = "select what, until from pause where pool = ?1 and until > ?2";
const BY_OPERATION: &str = "select day, label, operation, calls, refused from spent
    where pool = ?1 and day >= ?2 and day <= ?3 order by day, label, operation";

impl Store {
    /// What a pool has spent, as of `now`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn usage(&self, now: Timestamp, pool: &str) -> Result<Usage> {
        let mut usage = Usage::default();
        let mut statement = self.connection.prepare_cached(HELD)?;
        let mut rows = statement.query((pool, ms(now)))?;
        while let Some(row) = rows.next()? {
            let Some(label) = Label::from_name(row.get_ref(0)?.as_str().unwrap_or("")) else { continue };
            usage.held.entry((label, row.get(1)?)).or_default().push(from_ms(row.get(2)?));
        }
        let day = quota_day(now).to_string();
        usage.day = self.day_usage(pool, &day)?;
        let mut statement = self.connection.prepare_cached(PAUSES)?;
        let mut rows = statement.query((pool, ms(now)))?;
        while let Some(row) = rows.next()? {
            let (what, until): (String, i64) = (row.get(0)?, row.get(1)?);
            match (Label::from_name(&what), bucket_from_name(&what)) {
                (Some(label), _) => drop(usage.paused.insert(label, from_ms(until))),
                (None, Some(bucket)) => drop(usage.day_gone.insert(bucket, from_ms(until))),
                (None, None) => {}
            }
        }
        Ok(usage)
    }

    /// Own calls of the day by allowance, raised to what headers said is gone.
    fn day_usage(&self, pool: &str, day: &str) -> Result<BTreeMap<DayBucket, u32>> {
        let mut usage: BTreeMap<DayBucket, u32> = self.own_day(pool, day)?;
        let mut statement = self.connection.prepare_cached(FLOORS)?;
        let mut rows = statement.query((pool, day))?;
        while let Some(row) = rows.next()? {
            let (bucket, at_least, own_then): (String, u32, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if let Some(bucket) = bucket_from_name(&bucket) {
                let own = usage.entry(bucket).or_default();
                // What others had spent by then stays spent; our own calls since come on top.
                *own += at_least.saturating_sub(own_then);
            }
        }
        Ok(usage)
    }

    /// Own calls of a day by allowance.
    fn own_day(&self, pool: &str, day: &str) -> Result<BTreeMap<DayBucket, u32>> {
        let mut own = BTreeMap::new();
        let mut statement = self.connection.prepare_cached(DAY)?;
        let mut rows = statement.query((pool, day))?;
        while let Some(row) = rows.next()? {
            let Some(label) = Label::from_name(row.get_ref(0)?.as_str().unwrap_or("")) else { continue };
            let calls: u32 = row.get(1)?;
            for bucket in DayBucket::ALL.into_iter().filter(|bucket| bucket.covers(label)) {
                *own.entry(bucket).or_default() += calls;
            }
        }
        Ok(own)
    }

    /// Pays for one call. Must be committed before the call leaves.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn pay(&mut self, now: Timestamp, purchase: &Purchase<'_>) -> Result<Paid> {
        let Purchase { pool, limits, label, operation, run, timeout } = *purchase;
        let call: i64 = self.connection.prepare_cached(NEXT_CALL)?.query_row([], |row| row.get(0))?;
        self.connection.prepare_cached(PRUNE)?.execute((pool, label.name(), ms(now)))?;
        for (window, _) in limits.windows(label) {
            let free_at = slot_free_at_unanswered(now, timeout, window);
            self.connection.prepare_cached(ADD_SLOT)?.execute((
                call,
                window.as_secs(),
                pool,
                label.name(),
                ms(now),
                ms(free_at),
            ))?;
        }
        self.spend(now, pool, label, operation)?;
        Ok(Paid { call, pool: pool.into(), label, operation: operation.into(), sent_at: now, run })
    }

    fn spend(&mut self, now: Timestamp, pool: &str, label: Label, operation: &str) -> Result<()> {
        let day = quota_day(now).to_string();
        self.connection.prepare_cached(SPEND)?.execute((pool, day, label.name(), operation))?;
        let hour = ms(now).div_euclid(HOUR) * HOUR;
        self.connection.prepare_cached(SPEND_HOUR)?.execute((pool, hour, label.name()))?;
        Ok(())
    }

    /// Notes how a paid call ended and frees its slots.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn settle_call(&mut self, limits: &Limits, paid: &Paid, answered: Answered<'_>) -> Result<()> {
        for (window, _) in limits.windows(paid.label) {
            // Rounded up: a slot is never free a fraction of a millisecond early.
            let free_at = ms(slot_free_at(paid.sent_at, answered.excess, window)) + 1;
            self.connection.prepare_cached(FREE_SLOT)?.execute((paid.call, window.as_secs(), free_at))?;
        }
        let (day, day_answered) = (quota_day(paid.sent_at), quota_day(answered.at));
        if day != day_answered {
            // Sent before midnight, answered after: Zoom may have counted it in either day, so both pay.
            self.spend(answered.at, &paid.pool, paid.label, &paid.operation)?;
        }
        if answered.is_refused {
            let day = day.to_string();
            self.connection.prepare_cached(REFUSE)?.execute((
                &paid.pool,
                day,
                paid.label.name(),
                &paid.operation,
            ))?;
        }
        self.note_run_call(paid.run, paid.label, &paid.operation, answered.outcome)
    }

    /// Frees the slots of calls whose process is gone: the network can hold them no longer than a moment.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn settle_orphans(&mut self, now: Timestamp) -> Result<()> {
        let sql = "update slot set is_answered = 1, free_at = min(free_at, ?1 + 1000 * window_seconds + 1000) where is_answered = 0";
        self.connection.execute(sql, [ms(now)])?;
        Ok(())
    }

    /// Brings slots back from the future after the clock was set back, so that they cannot block for longer than they should.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn settle_clock(&mut self, now: Timestamp) -> Result<()> {
        let sql = "update slot set sent_at = ?1, free_at = min(free_at, ?1 + 1000 * window_seconds + ?2) where sent_at > ?1";
        self.connection
            .execute(sql, (ms(now), i64::try_from(CALL_TIMEOUT.as_millis()).unwrap_or(i64::MAX)))?;
        Ok(())
    }

    /// Leaves a label alone until then.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn pause_label(&mut self, pool: &str, label: Label, until: Timestamp) -> Result<()> {
        self.connection.prepare_cached(PAUSE)?.execute((pool, label.name(), ms(until)))?;
        Ok(())
    }

    /// Notes that Zoom says a daily allowance is gone until then.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn pause_day(&mut self, pool: &str, bucket: DayBucket, until: Timestamp) -> Result<()> {
        let name = format!("day_{}", bucket_name(bucket));
        self.connection.prepare_cached(PAUSE)?.execute((pool, name, ms(until)))?;
        Ok(())
    }

    /// Notes a header's word that at least `at_least` calls of a daily allowance are gone.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_day_spent(
        &mut self,
        now: Timestamp,
        pool: &str,
        bucket: DayBucket,
        at_least: u32,
    ) -> Result<()> {
        let day = quota_day(now).to_string();
        let own = self.own_day(pool, &day)?.get(&bucket).copied().unwrap_or(0);
        if at_least > own {
            self.connection.prepare_cached(SET_FLOOR)?.execute((
                pool,
                day,
                bucket_name(bucket),
                at_least,
                own,
            ))?;
        }
        Ok(())
    }

    /// What others on the account were seen to have spent of an allowance today; none if nothing ever told.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn others_spent(&self, now: Timestamp, pool: &str, bucket: DayBucket) -> Result<Option<u32>> {
        let sql = "select at_least - own_then from day_floor where pool = ?1 and day = ?2 and bucket = ?3";
        let key = (pool, quota_day(now).to_string(), bucket_name(bucket));
        Ok(self.connection.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?)
    }

    /// What was spent by day and operation, days inclusive (`2026-11-20`).
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn spent(&self, pool: &str, from: &str, to: &str) -> Result<Vec<SpentLine>> {
        let mut statement = self.connection.prepare_cached(BY_OPERATION)?;
        let rows = statement.query_map((pool, from, to), |row| {
            Ok(SpentLine {
                day: row.get(0)?,
                label: Label::from_name(row.get_ref(1)?.as_str()?).unwrap_or(Label::Heavy),
                operation: row.get(2)?,
                calls: row.get(3)?,
                refused: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Calls of a pool by the hour in which they were sent.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn spent_by_hour(&self, pool: &str, from: Timestamp, to: Timestamp) -> Result<Vec<SpentHour>> {
        let mut statement = self.connection.prepare_cached(BY_HOUR)?;
        let rows = statement.query_map((pool, ms(from), ms(to)), |row| {
            Ok(SpentHour {
                at: from_ms(row.get(0)?),
                label: Label::from_name(row.get_ref(1)?.as_str()?).unwrap_or(Label::Heavy),
                calls: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn bucket_name(bucket: DayBucket) -> &'static str {
    match bucket {
        DayBucket::Light => "light",
        DayBucket::Medium => "medium",
        DayBucket::Heavy => "heavy",
        DayBucket::ResourceIntensive => "resource_intensive",
        DayBucket::Shared => "shared",
    }
}

/// Daily allowances are kept as `day_…` beside the labels' own names.
fn bucket_from_name(name: &str) -> Option<DayBucket> {
    let name = name.strip_prefix("day_").unwrap_or(name);
    DayBucket::ALL.into_iter().find(|bucket| bucket_name(*bucket) == name)
}
