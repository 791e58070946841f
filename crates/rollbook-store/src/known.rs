//! Numbers known from Moodle, what Zoom last said of their instances, and the days these are wanted of.

use jiff::Timestamp;
use rollbook_core::instance::Kind;
use rollbook_core::job::Ask;
use rollbook_core::known::{Answer, KnownNumber};
use rollbook_core::time::Window;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::{Result, unreadable};
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

/// A number, and what was last said of its instances.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KnownRecord {
    /// The number.
    #[serde(flatten)]
    pub known: KnownNumber,
    /// When Moodle was last read with it there.
    pub read_at: Timestamp,
    /// Since when Moodle has no activity with it any more.
    pub gone_at: Option<Timestamp>,
    /// What Zoom last said; none if it never answered.
    pub answer: Option<Answer>,
}

/// What reading Moodle changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct KnownChange {
    /// Numbers that were not known, or had been gone.
    pub new: u64,
    /// Numbers that Moodle no longer has.
    pub gone: u64,
}

/// How many numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KnownCount {
    /// With an activity.
    pub numbers: u64,
    /// Of these, webinars.
    pub webinars: u64,
    /// Whose activity is gone.
    pub gone: u64,
    /// Of those with an activity, never answered by Zoom.
    pub unasked: u64,
    /// When Moodle was last read; none if never.
    pub read_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "number, kind, topic, courses, planned_start, planned_end, is_recurring, read_at, gone_at,
    asked_at, runs, latest_run_at, not_found";

const PUT: &str =
    "insert into known_number (account, number, kind, topic, courses, planned_start, planned_end,
        is_recurring, read_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    on conflict do update set topic = excluded.topic, courses = excluded.courses,
        planned_start = excluded.planned_start, planned_end = excluded.planned_end,
        is_recurring = excluded.is_recurring, read_at = excluded.read_at, gone_at = null";
const IS_THERE: &str = "select exists (select 1 from known_number
    where account = ?1 and number = ?2 and kind = ?3 and gone_at is null)";
const GONE: &str =
    "update known_number set gone_at = ?2 where account = ?1 and gone_at is null and read_at <> ?2";
const PAGE: &str =
    "account = ?1 and gone_at is null and (number, kind) > (?2, ?3) order by number, kind limit ?4";
const ONE: &str = "account = ?1 and number = ?2 and kind = ?3";
const OF_NUMBER: &str = "account = ?1 and number = ?2 and gone_at is null";
const ASKED: &str = "update known_number set asked_at = ?4, runs = ?5, latest_run_at = ?6, not_found = ?7
    where account = ?1 and number = ?2 and kind = ?3";
const COUNT: &str = "select count(*) filter (where gone_at is null),
        count(*) filter (where gone_at is null and kind = 'webinar'), count(gone_at),
        count(*) filter (where gone_at is null and asked_at is null), max(read_at)
    from known_number where account = ?1";
const WANT: &str =
    "insert into wanted_day (account, from_at, to_at) values (?1, ?2, ?3) on conflict do nothing";
/// No day is longer than 25 h, so the first bound only keeps the search short.
const IS_WANTED: &str = "select exists (select 1 from wanted_day
    where account = ?1 and from_at > ?2 - 93600000 and from_at <= ?2 and to_at > ?2)";
const WANTED: &str = "select from_at, to_at from wanted_day where account = ?1 and from_at < ?3 and to_at > ?2 order by from_at, to_at";
/// Subjects of these jobs, see `jobs.rs`.
const JOBS: &str =
    "select ask from job where account = ?1 and subject >= 'instances ' and subject < 'instances!'";
const DROP_JOBS: &str =
    "delete from job where account = ?1 and subject >= 'instances ' and subject < 'instances!'
    and (lease_until is null or lease_until <= ?2)";

impl Store {
    /// Keeps the numbers that Moodle has now; those it no longer has are marked as gone.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_known_numbers(
        &mut self,
        now: Timestamp,
        account: &str,
        all: &[KnownNumber],
    ) -> Result<KnownChange> {
        let mut change = KnownChange::default();
        // An activity is often called after who holds it.
        let is_masked = self.veil()?.masks();
        for known in all {
            let key = (account, known.number, known.kind.name());
            let is_there: bool =
                self.connection.prepare_cached(IS_THERE)?.query_row(key, |row| row.get(0))?;
            change.new += u64::from(!is_there);
            self.connection.prepare_cached(PUT)?.execute(rusqlite::params![
                account,
                known.number,
                known.kind.name(),
                if is_masked { "" } else { &known.topic },
                serde_json::to_string(&known.courses)
                    .map_err(|error| unreadable("a course")(error.to_string()))?,
                opt_ms(known.planned_start),
                opt_ms(known.planned_end),
                known.is_recurring,
                ms(now),
            ])?;
        }
        change.gone = self.connection.prepare_cached(GONE)?.execute((account, ms(now)))? as u64;
        Ok(change)
    }

    /// Numbers with an activity that come after one of them, in order; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn known_numbers_after(
        &self,
        account: &str,
        after: Option<&KnownNumber>,
        limit: u32,
    ) -> Result<Vec<KnownRecord>> {
        let sql = format!("select {COLUMNS} from known_number where {PAGE}");
        let (number, kind) = after.map_or((0, ""), |known| (known.number, known.kind.name()));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((account, number, kind, limit), record)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One number, whether Moodle still has it or not.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn known_number(&self, account: &str, number: u64, kind: Kind) -> Result<Option<KnownRecord>> {
        let sql = format!("select {COLUMNS} from known_number where {ONE}");
        let key = (account, number, kind.name());
        Ok(self.connection.prepare_cached(&sql)?.query_row(key, record).optional()?)
    }

    /// Whether an activity of Moodle's has this number.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_activity(&self, account: &str, number: u64) -> Result<bool> {
        let sql = format!("select exists (select 1 from known_number where {OF_NUMBER})");
        Ok(self.connection.prepare_cached(&sql)?.query_row((account, number), |row| row.get(0))?)
    }

    /// Keeps what Zoom said of a number's instances.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_known_asked(
        &mut self,
        account: &str,
        number: u64,
        kind: Kind,
        answer: &Answer,
    ) -> Result<()> {
        self.connection.prepare_cached(ASKED)?.execute((
            account,
            number,
            kind.name(),
            ms(answer.asked_at),
            answer.runs,
            opt_ms(answer.latest_run_at),
            answer.not_found,
        ))?;
        Ok(())
    }

    /// How many numbers are known.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_known(&self, account: &str) -> Result<KnownCount> {
        let count = |row: &Row<'_>| {
            Ok(KnownCount {
                numbers: row.get(0)?,
                webinars: row.get(1)?,
                gone: row.get(2)?,
                unasked: row.get(3)?,
                read_at: opt_from_ms(row.get(4)?),
            })
        };
        Ok(self.connection.prepare_cached(COUNT)?.query_row([account], count)?)
    }

    /// Notes that the instances of known numbers are wanted of a day.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn want_day(&mut self, account: &str, day: Window) -> Result<()> {
        self.connection.prepare_cached(WANT)?.execute((account, ms(day.from), ms(day.to)))?;
        Ok(())
    }

    /// Whether the instances of known numbers that start then are wanted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_wanted_time(&self, account: &str, at: Timestamp) -> Result<bool> {
        Ok(self.connection.prepare_cached(IS_WANTED)?.query_row((account, ms(at)), |row| row.get(0))?)
    }

    /// Wanted days that touch a window, in order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn wanted_days(&self, account: &str, window: Window) -> Result<Vec<Window>> {
        let mut statement = self.connection.prepare_cached(WANTED)?;
        let rows = statement.query_map((account, ms(window.from), ms(window.to)), |row| {
            Ok(Window { from: from_ms(row.get(0)?), to: from_ms(row.get(1)?) })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a number is still to be asked (again) for a day of this window.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_instances_job(&self, account: &str, window: Window) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(JOBS)?;
        let mut rows = statement.query([account])?;
        while let Some(row) = rows.next()? {
            let ask: Ask = serde_json::from_str(&row.get::<_, String>(0)?)
                .map_err(|error| unreadable("a job")(error.to_string()))?;
            if let Ask::Instances { window: of, .. } = ask
                && of.from < window.to
                && window.from < of.to
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes away all jobs that ask for the instances of numbers, save those that somebody works on.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn drop_instances_jobs(&mut self, now: Timestamp, account: &str) -> Result<()> {
        self.connection.prepare_cached(DROP_JOBS)?.execute((account, ms(now)))?;
        Ok(())
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<KnownRecord> {
    let asked_at: Option<i64> = row.get(9)?;
    let answer = |asked_at| -> rusqlite::Result<Answer> {
        Ok(Answer {
            asked_at: from_ms(asked_at),
            runs: row.get(10)?,
            latest_run_at: opt_from_ms(row.get(11)?),
            not_found: row.get(12)?,
        })
    };
    Ok(KnownRecord {
        known: KnownNumber {
            number: row.get(0)?,
            kind: if row.get_ref(1)?.as_str()? == "webinar" { Kind::Webinar } else { Kind::Meeting },
            topic: row.get(2)?,
            // Only this crate writes it.
            courses: serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default(),
            planned_start: opt_from_ms(row.get(4)?),
            planned_end: opt_from_ms(row.get(5)?),
            is_recurring: row.get(6)?,
        },
        read_at: from_ms(row.get(7)?),
        gone_at: opt_from_ms(row.get(8)?),
        answer: asked_at.map(answer).transpose()?,
    })
}
