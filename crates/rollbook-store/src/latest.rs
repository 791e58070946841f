//! Long lists, newest first, some lines at a time; and what the file holds.

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::{self, CommandRecord};
use crate::error::Result;
use crate::runs::{self, Run};
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// A field in Zoom's answers that rollbook does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownField {
    /// In answers to what.
    pub operation: String,
    /// Where in them.
    pub path: String,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// Answers that had it.
    pub seen: u64,
}

/// Calls of the latest runs that ended in the same way, which is not as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedCalls {
    /// The endpoint.
    pub operation: String,
    /// How they ended.
    pub outcome: String,
    /// How many.
    pub calls: u64,
    /// The latest of those runs.
    pub run: i64,
    /// When that began.
    pub run_started_at: Timestamp,
}

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holdings {
    /// Its size, in bytes.
    pub bytes: u64,
    /// Of these, unused: later rows fill them.
    pub free_bytes: u64,
    /// The schema's number.
    pub schema: u32,
    /// Tables with the number of their last row: about how many rows there ever were. Counting those that are left would
    /// read the whole file.
    pub tables: Vec<(&'static str, u64)>,
}

/// Tables whose rows are numbered.
const NUMBERED: [(&str, &str); 10] = [
    ("instances", "select coalesce(max(instance_id), 0) from instance"),
    ("readings", "select coalesce(max(reading_id), 0) from reading"),
    ("connections with call quality", "select coalesce(max(quality_id), 0) from quality_stay"),
    ("events", "select coalesce(max(event_id), 0) from inbox"),
    ("jobs", "select coalesce(max(job_id), 0) from job"),
    ("runs", "select coalesce(max(run_id), 0) from run"),
    ("refresh requests", "select coalesce(max(request_id), 0) from refresh_request"),
    ("commands", "select coalesce(max(command_id), 0) from command"),
    ("grades told", "select coalesce(max(receipt_id), 0) from grade_receipt"),
    ("audit entries", "select coalesce(max(audit_id), 0) from audit"),
];
const UNKNOWN: &str = "select operation, path, first_seen_at, seen from unknown_field
    where (operation, path) > (?1, ?2) order by operation, path limit ?3";

/// Of so many runs at most: `serve` begins one an hour.
const FAILED: &str = "with latest as
        (select run_id, started_at from run order by run_id desc limit 500)
    select c.operation, c.outcome, sum(c.calls), max(c.run_id), max(l.started_at)
    from run_call c join latest l on l.run_id = c.run_id
    where l.started_at >= ?1 and c.outcome <> 'ok' group by 1, 2 order by 3 desc, 1, 2 limit ?2";

impl Store {
    /// Calls that Zoom did not answer as asked, in runs that began from a moment on; most first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn failed_calls(&self, since: Timestamp, limit: u32) -> Result<Vec<FailedCalls>> {
        let mut statement = self.connection.prepare_cached(FAILED)?;
        let rows = statement.query_map((ms(since), limit), |row| {
            Ok(FailedCalls {
                operation: row.get(0)?,
                outcome: row.get(1)?,
                calls: row.get(2)?,
                run: row.get(3)?,
                run_started_at: from_ms(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Runs before number `before`, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn runs_before(&self, before: Option<i64>, limit: u32) -> Result<Vec<Run>> {
        let sql =
            format!("select {} from run where run_id < ?1 order by run_id desc limit ?2", runs::COLUMNS);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((before.unwrap_or(i64::MAX), limit), runs::run)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Commands before number `before`, newest first; of one kind, or all.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn commands_before(
        &self,
        kind: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<CommandRecord>> {
        let sql = format!(
            "select {} from command where command_id < ?1 and (?2 is null or kind = ?2)
             order by command_id desc limit ?3",
            commands::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((before.unwrap_or(i64::MAX), kind, limit), commands::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Fields in Zoom's answers that rollbook does not know, by operation and path, after one of them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn unknown_fields_after(&self, after: Option<(&str, &str)>, limit: u32) -> Result<Vec<UnknownField>> {
        let (operation, path) = after.unwrap_or(("", ""));
        let mut statement = self.connection.prepare_cached(UNKNOWN)?;
        let rows = statement.query_map((operation, path, limit), |row| {
            Ok(UnknownField {
                operation: row.get(0)?,
                path: row.get(1)?,
                first_seen_at: from_ms(row.get(2)?),
                seen: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What the file holds, without reading all of it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn holdings(&self) -> Result<Holdings> {
        let number = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, u64>(0));
        let page = number("pragma page_size")?;
        let tables = NUMBERED.into_iter().map(|(name, sql)| Ok((name, number(sql)?)));
        Ok(Holdings {
            bytes: self.size_bytes()?,
            free_bytes: number("pragma freelist_count")? * page,
            schema: u32::try_from(number("pragma user_version")?).unwrap_or(u32::MAX),
            tables: tables.collect::<rusqlite::Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use rollbook_core::request::Role;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn every_line_comes_once_though_others_are_added_meanwhile() {
        let mut store = Store::in_memory().unwrap();
        for at in 0..7 {
            store.start_run(NOW, &format!("sync {at}")).unwrap();
            store
                .put_command(NOW, "ana", Role::Admin, if at % 2 == 0 { "even" } else { "odd" }, "{}")
                .unwrap();
            store.note_unknown_field(NOW, "users.list", &format!("f{at}")).unwrap();
        }
        let (mut runs, mut commands, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let page = store.runs_before(runs.last().copied(), 2).unwrap();
            if page.is_empty() {
                break;
            }
            runs.extend(page.into_iter().map(|run| run.id));
            store.start_run(NOW, "another").unwrap();
        }
        assert_eq!(runs, [7, 6, 5, 4, 3, 2, 1]);
        while let Some(one) = store.commands_before(Some("odd"), commands.last().copied(), 1).unwrap().first()
        {
            commands.push(one.id);
        }
        assert_eq!(commands, [6, 4, 2]);
        loop {
            let after = fields.last().map(|path: &String| ("users.list", path.as_str()));
            let page = store.unknown_fields_after(after, 3).unwrap();
            if page.is_empty() {
                break;
            }
            fields.extend(page.into_iter().map(|field| field.path));
        }
        assert_eq!(fields.len(), 7);
        let holdings = store.holdings().unwrap();
        assert!(holdings.tables.contains(&("commands", 7)) && holdings.schema > 9, "{holdings:?}");
    }
}
