//! Run reports: what each command did, and what it spent.

use jiff::Timestamp;
use rollbook_core::label::Label;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// What was run.
    pub command: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it runs, or if it was killed.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub exit_code: Option<i32>,
    /// Its result in a sentence.
    pub summary: Option<String>,
    /// Calls it spent.
    pub calls: u64,
}

/// What a run spent on one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunCall {
    /// Label.
    pub label: Label,
    /// Operation.
    pub operation: String,
    /// How the calls ended.
    pub outcome: String,
    /// How many.
    pub calls: u64,
}

pub(crate) const COLUMNS: &str = "run_id, command, started_at, ended_at, exit_code, summary,
    (select coalesce(sum(calls), 0) from run_call where run_call.run_id = run.run_id)";
const NOTE_CALL: &str =
    "insert into run_call (run_id, label, operation, outcome, calls) values (?1, ?2, ?3, ?4, 1)
    on conflict (run_id, label, operation, outcome) do update set calls = calls + 1";
const NOTE: &str = "insert into run_note (run_id, note_id, at, note)
    select ?1, coalesce(max(note_id), 0) + 1, ?2, ?3 from run_note where run_id = ?1
    having count(*) < 200 and count(case when note = ?3 then 1 end) = 0";
const UNKNOWN: &str =
    "insert into unknown_field (operation, path, first_seen_at, seen) values (?1, ?2, ?3, 1)
    on conflict (operation, path) do update set seen = seen + 1";

impl Store {
    /// Opens a run's report.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn start_run(&mut self, now: Timestamp, command: &str) -> Result<i64> {
        self.connection
            .execute("insert into run (command, started_at) values (?1, ?2)", (command, ms(now)))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Closes a run's report.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn end_run(&mut self, now: Timestamp, run: i64, exit_code: i32, summary: &str) -> Result<()> {
        let sql = "update run set ended_at = ?2, exit_code = ?3, summary = ?4 where run_id = ?1";
        self.connection.execute(sql, (run, ms(now), exit_code, summary))?;
        Ok(())
    }

    pub(crate) fn note_run_call(
        &mut self,
        run: i64,
        label: Label,
        operation: &str,
        outcome: &str,
    ) -> Result<()> {
        self.connection.prepare_cached(NOTE_CALL)?.execute((run, label.name(), operation, outcome))?;
        Ok(())
    }

    /// Adds a remark to a run's report; the same remark once, and no more than 200.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_run(&mut self, now: Timestamp, run: i64, note: &str) -> Result<()> {
        self.connection.prepare_cached(NOTE)?.execute((run, ms(now), note))?;
        Ok(())
    }

    /// Counts a field in Zoom's answers that rollbook does not know.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_unknown_field(&mut self, now: Timestamp, operation: &str, path: &str) -> Result<()> {
        self.connection.prepare_cached(UNKNOWN)?.execute((operation, path, ms(now)))?;
        Ok(())
    }

    /// Fields in Zoom's answers that rollbook does not know: operation, path, answers that had it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn unknown_fields(&self) -> Result<Vec<(String, String, u64)>> {
        let mut statement =
            self.connection.prepare("select operation, path, seen from unknown_field order by 1, 2")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The latest runs, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn runs(&self, limit: u32) -> Result<Vec<Run>> {
        let mut statement =
            self.connection.prepare(&format!("select {COLUMNS} from run order by run_id desc limit ?1"))?;
        let rows = statement.query_map([limit], run)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When the latest run of a command began, and when it ended if it did.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn last_run_of(&self, command: &str) -> Result<Option<(Timestamp, Option<Timestamp>)>> {
        let sql = "select started_at, ended_at from run
            where command = ?1 or substr(command, 1, length(?1) + 1) = ?1 || ' ' order by run_id desc limit 1";
        let found = self
            .connection
            .query_row(sql, [command], |row| Ok((from_ms(row.get(0)?), opt_from_ms(row.get(1)?))));
        Ok(found.optional()?)
    }

    /// One run.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn run(&self, id: i64) -> Result<Option<Run>> {
        Ok(self
            .connection
            .query_row(&format!("select {COLUMNS} from run where run_id = ?1"), [id], run)
            .optional()?)
    }

    /// What a run spent.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn run_calls(&self, id: i64) -> Result<Vec<RunCall>> {
        let sql = "select label, operation, outcome, calls from run_call where run_id = ?1 order by label, operation, outcome";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([id], |row| {
            Ok(RunCall {
                label: Label::from_name(row.get_ref(0)?.as_str()?).unwrap_or(Label::Heavy),
                operation: row.get(1)?,
                outcome: row.get(2)?,
                calls: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A run's remarks.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn run_notes(&self, id: i64) -> Result<Vec<(Timestamp, String)>> {
        let mut statement =
            self.connection.prepare("select at, note from run_note where run_id = ?1 order by note_id")?;
        let rows = statement.query_map([id], |row| Ok((from_ms(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

pub(crate) fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        command: row.get(1)?,
        started_at: from_ms(row.get(2)?),
        ended_at: opt_from_ms(row.get(3)?),
        exit_code: row.get(4)?,
        summary: row.get(5)?,
        calls: row.get(6)?,
    })
}
