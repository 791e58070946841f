//! Jobs: what is worth asking, leased while a process works on it.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::job::{Ask, Candidate, Urgency};
use rollbook_core::label::Label;
use rollbook_core::listing::List;
use rollbook_core::time::Window;
use rusqlite::{OptionalExtension, Row};

use crate::error::{Result, unreadable};
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

/// What a job is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSpec {
    /// Account.
    pub account: String,
    /// The pool it draws on.
    pub pool: String,
    /// What to ask.
    pub ask: Ask,
    /// Its price.
    pub label: Label,
    /// Its priority ([`rollbook_core::job::Urgency::rank`]).
    pub urgency: i64,
    /// Whether a person waits for it.
    pub is_person: bool,
    /// When it is due.
    pub due_at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A job as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Row number.
    pub id: i64,
    /// What it is.
    pub spec: JobSpec,
    /// Passing failures in a row.
    pub tries: u32,
    /// Pages so far, in the collector's own words.
    pub progress: Option<Vec<u8>>,
    /// Until when a process works on it, if one does.
    pub leased_until: Option<Timestamp>,
}

const COLUMNS: &str =
    "job_id, account, pool, ask, label, urgency, is_person, due_at, reason, tries, progress, lease_until";

const PUT: &str = "insert into job (account, pool, subject, ask, instance_id, label, urgency, is_person, due_at, reason, tries)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)
    on conflict (account, subject) do update set pool = excluded.pool, ask = excluded.ask, label = excluded.label,
        urgency = min(excluded.urgency, case when job.is_person then job.urgency else excluded.urgency end),
        is_person = max(job.is_person, excluded.is_person),
        due_at = excluded.due_at, reason = excluded.reason, tries = 0, progress = null";
const STEP: &str =
    "update job set urgency = ?2, due_at = ?3, tries = ?4, progress = ?5, reason = ?6, lease_run = null,
    lease_until = null where job_id = ?1";
const LEASE: &str = "update job set lease_run = ?2, lease_until = ?3 where job_id = ?1";
const DONE: &str = "delete from job where job_id = ?1";
const DONE_OF: &str = "delete from job where instance_id = ?1 and subject = ?2";
const HURRY: &str = "update job set is_person = 1, urgency = ?3, due_at = min(due_at, ?4)
    where instance_id = ?1 and subject = ?2";
/// One urgency at a time, so that the index alone tells which jobs come first, however many there are.
const CANDIDATES: &str = "select job_id, pool, is_person, urgency, due_at from job
    where account = ?1 and label = ?2 and urgency = ?6 and due_at <= ?3
        and (lease_until is null or lease_until <= ?3) and (?5 = 0 or is_person = 1)
    order by due_at, job_id limit ?4";
const NEXT_DUE: &str = "select min(due_at) from job where account = ?1 and label = ?2 and due_at > ?3";
const NEXT_FREED: &str = "select min(lease_until) from job
    where account = ?1 and lease_run is not null and lease_run <> ?2 and lease_until > ?3";
const RELEASE: &str = "update job set lease_run = null, lease_until = null where lease_run = ?1";
const HAND_OVER: &str = "update job set lease_run = ?2 where lease_run = ?1";
const RELEASE_ALL: &str = "update job set lease_run = null, lease_until = null where lease_run is not null";

impl Store {
    /// Puts a job; there is one for each instance's attendance, one for its call quality, one for each list window and
    /// one for each known number, so an older one is replaced.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_job(&mut self, spec: &JobSpec) -> Result<()> {
        let ask = serde_json::to_string(&spec.ask).map_err(|e| unreadable("a job")(e.to_string()))?;
        let subject = match &spec.ask {
            Ask::Details { instance } | Ask::Participants { instance, .. } => of_attendance(*instance),
            Ask::Quality { instance, .. } => of_quality(*instance),
            Ask::Instances { number, kind, .. } => format!("instances {} {number}", kind.name()),
            Ask::List { .. } | Ask::UserMeetings { .. } => ask.clone(),
        };
        self.connection.prepare_cached(PUT)?.execute(rusqlite::params![
            spec.account,
            spec.pool,
            subject,
            ask,
            spec.ask.instance(),
            spec.label.name(),
            spec.urgency,
            spec.is_person,
            ms(spec.due_at),
            spec.reason,
        ])?;
        Ok(())
    }

    /// Gives a leased job back with its next step.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn step_job(&mut self, job: &Job) -> Result<()> {
        self.connection.prepare_cached(STEP)?.execute((
            job.id,
            job.spec.urgency,
            ms(job.spec.due_at),
            job.tries,
            &job.progress,
            &job.spec.reason,
        ))?;
        Ok(())
    }

    /// Takes a finished job away.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn finish_job(&mut self, id: i64) -> Result<()> {
        self.connection.prepare_cached(DONE)?.execute([id])?;
        Ok(())
    }

    /// Takes away the job of an instance whose attendance needs nothing more. That of its call quality stays.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn finish_instance_job(&mut self, instance: i64) -> Result<()> {
        self.finish_job_of(instance, &of_attendance(instance))
    }

    /// Takes away the job of an instance whose call quality needs nothing more.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn finish_quality_job(&mut self, instance: i64) -> Result<()> {
        self.finish_job_of(instance, &of_quality(instance))
    }

    fn finish_job_of(&mut self, instance: i64, subject: &str) -> Result<()> {
        self.connection.prepare_cached(DONE_OF)?.execute((instance, subject))?;
        Ok(())
    }

    /// Due jobs of one account and label that nobody works on, most urgent first; if wanted, only those that a person
    /// waits for.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn due_jobs(
        &self,
        now: Timestamp,
        account: &str,
        label: Label,
        only_persons: bool,
        limit: u32,
    ) -> Result<Vec<Candidate>> {
        let mut statement = self.connection.prepare_cached(CANDIDATES)?;
        let mut due = Vec::new();
        for urgency in Urgency::ALL {
            let left = limit.saturating_sub(due.len() as u32);
            if left == 0 {
                break;
            }
            let key = (account, label.name(), ms(now), left, only_persons, urgency.rank());
            let rows = statement.query_map(key, |row| {
                Ok(Candidate {
                    job: row.get(0)?,
                    pool: row.get(1)?,
                    label,
                    is_person: row.get(2)?,
                    urgency: row.get(3)?,
                    due_at: from_ms(row.get(4)?),
                })
            })?;
            for row in rows {
                due.push(row?);
            }
        }
        Ok(due)
    }

    /// Heavy calls that the attendance of an account's open instances will need: those asked for under that label, and
    /// runs of one person, which only dashboards may tell (quirk 3).
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn heavy_attendance_jobs(&self, account: &str) -> Result<u32> {
        let sql = "select count(*) from job join instance using (instance_id)
            where job.account = ?1 and job.urgency < ?2 and job.subject = 'instance ' || job.instance_id
                and (job.label = 'Heavy' or instance.is_one_person = 1)";
        let key = (account, Urgency::Quality.rank());
        Ok(self.connection.prepare_cached(sql)?.query_row(key, |row| row.get(0))?)
    }

    /// When the next job of an account becomes due that is not due yet, and that `run` does not itself hold.
    ///
    /// What is due already waits for room, not for a moment.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn next_due(&self, now: Timestamp, account: &str, run: i64) -> Result<Option<Timestamp>> {
        let freed: Option<i64> = self
            .connection
            .prepare_cached(NEXT_FREED)?
            .query_row((account, run, ms(now)), |row| row.get(0))?;
        let mut next = freed.map(from_ms);
        for label in Label::ALL {
            let key = (account, label.name(), ms(now));
            let due: Option<i64> =
                self.connection.prepare_cached(NEXT_DUE)?.query_row(key, |row| row.get(0))?;
            next = [next, due.map(from_ms)].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// One job.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn job(&self, id: i64) -> Result<Option<Job>> {
        let sql = format!("select {COLUMNS} from job where job_id = ?1");
        let raw = self.connection.prepare_cached(&sql)?.query_row([id], raw_job).optional()?;
        raw.map(|(job, ask)| with_ask(job, &ask)).transpose()
    }

    /// Makes the job of an instance's attendance one that a person waits for: due now, before all others.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn hurry_job(&mut self, now: Timestamp, instance: i64) -> Result<()> {
        self.hurry_job_of(now, instance, &of_attendance(instance))
    }

    fn hurry_job_of(&mut self, now: Timestamp, instance: i64, subject: &str) -> Result<()> {
        let key = (instance, subject, Urgency::Person.rank(), ms(now));
        self.connection.prepare_cached(HURRY)?.execute(key)?;
        Ok(())
    }

    /// The job of an instance's attendance, if it has one.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instance_job(&self, instance: i64) -> Result<Option<Job>> {
        self.job_of(instance, &of_attendance(instance))
    }

    /// The job of an instance's call quality, if it has one.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_job(&self, instance: i64) -> Result<Option<Job>> {
        self.job_of(instance, &of_quality(instance))
    }

    fn job_of(&self, instance: i64, subject: &str) -> Result<Option<Job>> {
        let sql = format!("select {COLUMNS} from job where instance_id = ?1 and subject = ?2");
        let raw = self.connection.prepare_cached(&sql)?.query_row((instance, subject), raw_job).optional()?;
        raw.map(|(job, ask)| with_ask(job, &ask)).transpose()
    }

    /// Whether a list of these days (of its hosts, for the list of hosts) is still to be taken.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_list_job(&self, account: &str, list: List, window: Window) -> Result<bool> {
        let days = serde_json::to_string(&window).map_err(|e| unreadable("a job")(e.to_string()))?;
        let host = if list == List::ReportUsers { "\"ask\":\"user_meetings\"" } else { "no such ask" };
        let own = format!("\"list\":\"{}\"", list.name());
        let sql = "select exists (select 1 from job where account = ?1 and instance_id is null
            and instr(ask, ?2) > 0 and (instr(ask, ?3) > 0 or instr(ask, ?4) > 0))";
        Ok(self.connection.prepare_cached(sql)?.query_row((account, days, own, host), |row| row.get(0))?)
    }

    /// Takes a job away unless somebody works on it; says whether it is gone.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn finish_idle_job(&mut self, id: i64, now: Timestamp) -> Result<bool> {
        let sql = "delete from job where job_id = ?1 and (lease_until is null or lease_until <= ?2)";
        Ok(self.connection.prepare_cached(sql)?.execute((id, ms(now)))? > 0)
    }

    /// All jobs of an account that ask for lists; those about one instance or one known number are left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_jobs(&self, account: &str) -> Result<Vec<Job>> {
        let sql =
            format!("select {COLUMNS} from job where account = ?1 and subject like '{{%' order by job_id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let raw = statement.query_map([account], raw_job)?.collect::<rusqlite::Result<Vec<_>>>()?;
        raw.into_iter().map(|(job, ask)| with_ask(job, &ask)).collect()
    }

    /// Marks a job as worked on by `run` until `until`.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn lease_job(&mut self, id: i64, run: i64, now: Timestamp, length: SignedDuration) -> Result<()> {
        self.connection.prepare_cached(LEASE)?.execute((id, run, ms(now + length)))?;
        Ok(())
    }

    /// Gives back all that `run` holds.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn release_jobs(&mut self, run: i64) -> Result<()> {
        self.connection.execute(RELEASE, [run])?;
        Ok(())
    }

    /// What one run holds is another's from now on.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn hand_over_jobs(&mut self, from: i64, to: i64) -> Result<()> {
        self.connection.execute(HAND_OVER, (from, to))?;
        Ok(())
    }

    /// Gives back everything: the processes that held it are gone.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn release_all_jobs(&mut self) -> Result<()> {
        self.connection.execute(RELEASE_ALL, [])?;
        Ok(())
    }
}

/// What the attendance job of an instance is known by.
fn of_attendance(instance: i64) -> String {
    format!("instance {instance}")
}

/// What the call-quality job of an instance is known by.
fn of_quality(instance: i64) -> String {
    format!("quality {instance}")
}

fn raw_job(row: &Row<'_>) -> rusqlite::Result<(Job, String)> {
    let label = Label::from_name(row.get_ref(4)?.as_str()?).unwrap_or(Label::Heavy);
    let spec = JobSpec {
        account: row.get(1)?,
        pool: row.get(2)?,
        ask: Ask::Details { instance: 0 },
        label,
        urgency: row.get(5)?,
        is_person: row.get(6)?,
        due_at: from_ms(row.get(7)?),
        reason: row.get(8)?,
    };
    let leased_until = opt_from_ms(row.get(11)?);
    Ok((Job { id: row.get(0)?, spec, tries: row.get(9)?, progress: row.get(10)?, leased_until }, row.get(3)?))
}

fn with_ask(mut job: Job, ask: &str) -> Result<Job> {
    job.spec.ask = serde_json::from_str(ask).map_err(|e| unreadable("a job")(e.to_string()))?;
    Ok(job)
}
