//! Requests to have a meeting looked at again now: who asked, in which role, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::request::{Earlier, Requester, Role, Wanted};
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestOutcome {
    /// It waits.
    Pending,
    /// The meeting was looked at.
    Answered,
    /// A rule stood against it.
    Refused,
    /// It could not be looked at.
    Failed,
}

impl RequestOutcome {
    const ALL: [RequestOutcome; 4] =
        [RequestOutcome::Pending, RequestOutcome::Answered, RequestOutcome::Refused, RequestOutcome::Failed];

    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RequestOutcome::Pending => "pending",
            RequestOutcome::Answered => "answered",
            RequestOutcome::Refused => "refused",
            RequestOutcome::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> RequestOutcome {
        RequestOutcome::ALL
            .into_iter()
            .find(|outcome| outcome.name() == name)
            .unwrap_or(RequestOutcome::Failed)
    }
}

/// A request that is to be kept.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// Who asked.
    pub requester: &'a Requester,
    /// What for.
    pub wanted: &'a Wanted,
    /// The school day whose ration it is of.
    pub day: Date,
    /// The request that does it too.
    pub joined: Option<i64>,
    /// How it stands.
    pub outcome: RequestOutcome,
    /// Why, where it is refused.
    pub reason: Option<&'a str>,
    /// When it was answered, if it is.
    pub answered_at: Option<Timestamp>,
}

/// A request as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshRequest {
    /// Its number.
    pub id: i64,
    /// When it was made.
    pub asked_at: Timestamp,
    /// Who asked.
    pub who: String,
    /// In which role.
    pub role: Role,
    /// The meeting as named: its number or a UUID.
    pub meeting: String,
    /// Whether all runs of the number were meant.
    pub all: bool,
    /// The request that did it too, if it joined one.
    pub joined: Option<i64>,
    /// What came of it.
    pub outcome: RequestOutcome,
    /// In a sentence.
    pub reason: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "request_id, asked_at, who, role, meeting, is_all, joined_id, outcome, reason, answered_at";
const INSERT: &str = "insert into refresh_request
        (asked_at, day, who, role, meeting, is_all, joined_id, outcome, reason, answered_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const ADD_RUN: &str =
    "insert into refresh_run (request_id, instance_id) values (?1, ?2) on conflict do nothing";
const USED: &str = "select count(*) from refresh_request
    where who = ?1 and day = ?2 and joined_id is null and outcome <> 'refused'";
const JOINABLE: &str = "select request_id, meeting, is_all, asked_at, answered_at from refresh_request
    where joined_id is null and (outcome = 'pending' and asked_at >= ?1
        or outcome = 'answered' and answered_at >= ?1) order by request_id";
const RUNS_OF: &str = "select instance_id from refresh_run where request_id = ?1";
const ANSWER: &str = "update refresh_request set outcome = ?2, reason = ?3, answered_at = ?4
    where outcome = 'pending' and (request_id = ?1 or joined_id = ?1)";
const LOOKED_AT: &str = "select request_id from refresh_request where outcome = 'pending'
    and request_id in (select request_id from refresh_run)
    and not exists (select 1 from refresh_run join job on job.instance_id = refresh_run.instance_id
            and job.subject = 'instance ' || job.instance_id and job.is_person = 1
        where refresh_run.request_id = refresh_request.request_id)
    order by request_id";

impl Store {
    /// Keeps a request with the runs it is about, and gives its number.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_request(&mut self, now: Timestamp, new: &NewRequest<'_>) -> Result<i64> {
        self.connection.prepare_cached(INSERT)?.execute(rusqlite::params![
            ms(now),
            new.day.to_string(),
            new.requester.who(),
            new.requester.role().name(),
            new.wanted.meeting,
            new.wanted.all,
            new.joined,
            new.outcome.name(),
            new.reason,
            opt_ms(new.answered_at),
        ])?;
        let id = self.connection.last_insert_rowid();
        self.add_request_runs(id, new.wanted.instances.iter().copied())?;
        Ok(id)
    }

    /// Adds runs that a request turned out to be about.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_request_runs(&mut self, request: i64, runs: impl IntoIterator<Item = i64>) -> Result<()> {
        for run in runs {
            self.connection.prepare_cached(ADD_RUN)?.execute((request, run))?;
        }
        Ok(())
    }

    /// How many requests of a day's ration somebody has used.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn requests_used(&self, who: &str, day: Date) -> Result<u32> {
        Ok(self.connection.prepare_cached(USED)?.query_row((who, day.to_string()), |row| row.get(0))?)
    }

    /// Requests since then that wait or were answered, and joined none themselves.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn joinable_requests(&self, since: Timestamp) -> Result<Vec<Earlier>> {
        let mut statement = self.connection.prepare_cached(JOINABLE)?;
        let rows = statement.query_map([ms(since)], |row| {
            let wanted = Wanted { meeting: row.get(1)?, all: row.get(2)?, instances: BTreeSet::new() };
            let (asked_at, answered_at) = (from_ms(row.get(3)?), opt_from_ms(row.get(4)?));
            Ok(Earlier { id: row.get(0)?, wanted, asked_at, answered_at })
        })?;
        let mut earlier: Vec<Earlier> = rows.collect::<rusqlite::Result<_>>()?;
        for one in &mut earlier {
            one.wanted.instances = self.request_runs(one.id)?.into_iter().collect();
        }
        Ok(earlier)
    }

    /// The runs a request is about.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn request_runs(&self, request: i64) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(RUNS_OF)?;
        let rows = statement.query_map([request], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Says what came of a request that waits, and of those that joined it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn answer_request(
        &mut self,
        now: Timestamp,
        request: i64,
        outcome: RequestOutcome,
        reason: &str,
    ) -> Result<()> {
        self.connection.prepare_cached(ANSWER)?.execute((request, outcome.name(), reason, ms(now)))?;
        Ok(())
    }

    /// Requests that wait although nobody is to look at their runs any more: they were looked at.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn requests_looked_at(&self) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(LOOKED_AT)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Requests made before then that wait although nobody has found out which runs they are about.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn requests_without_runs(&self, before: Timestamp) -> Result<Vec<i64>> {
        let sql = "select request_id from refresh_request where outcome = 'pending' and asked_at < ?1
            and request_id not in (select request_id from refresh_run) order by request_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([ms(before)], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One request.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn request(&self, id: i64) -> Result<Option<RefreshRequest>> {
        let sql = format!("select {COLUMNS} from refresh_request where request_id = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], request).optional()?)
    }

    /// The latest requests, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn requests(&self, limit: u32) -> Result<Vec<RefreshRequest>> {
        let sql = format!("select {COLUMNS} from refresh_request order by request_id desc limit ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([limit], request)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What everybody who asked in a school day has used of the ration, by name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn rations_used(&self, day: Date) -> Result<BTreeMap<String, u32>> {
        let sql = "select who, count(*) from refresh_request
            where day = ?1 and joined_id is null and outcome <> 'refused' group by who";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([day.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn request(row: &Row<'_>) -> rusqlite::Result<RefreshRequest> {
    Ok(RefreshRequest {
        id: row.get(0)?,
        asked_at: from_ms(row.get(1)?),
        who: row.get(2)?,
        role: row.get_ref(3)?.as_str()?.parse().unwrap_or(Role::Viewer),
        meeting: row.get(4)?,
        all: row.get(5)?,
        joined: row.get(6)?,
        outcome: RequestOutcome::from_name(row.get_ref(7)?.as_str()?),
        reason: row.get(8)?,
        answered_at: opt_from_ms(row.get(9)?),
    })
}
