//! What is kept only for a while. Each step is quick, so that nobody else waits long: call it again, each time in a
//! transaction of its own, until it finds less than it may.

use jiff::Timestamp;
use rollbook_core::attendance::{Span, union};
use rollbook_core::person::people;
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rusqlite::OptionalExtension;
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// What is left of an instance whose attendance is no longer kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeptCount {
    /// People who were in the meeting itself.
    pub people: u64,
    /// Their stays.
    pub stays: u64,
    /// Seconds of all of them together, overlapping stays of one person once.
    pub seconds: i64,
    /// Since when.
    pub forgotten_at: Timestamp,
}

const OLD: &str = "select instance_id from instance
    where is_forgotten = 0 and coalesce(started_at, first_seen_at) < ?1 and state in ('verified', 'closed')
    order by coalesce(started_at, first_seen_at) limit ?2";
const KEEP_COUNT: &str = "insert into kept_count (instance_id, people, stays, seconds, forgotten_at)
    values (?1, ?2, ?3, ?4, ?5)
    on conflict (instance_id) do update set people = excluded.people, stays = excluded.stays,
        seconds = excluded.seconds, forgotten_at = excluded.forgotten_at";
/// What says who was in an instance, or was told about it.
const OF_PEOPLE: [&str; 10] = [
    "delete from stay where instance_id = ?1",
    "delete from sighting where instance_id = ?1",
    "delete from quality_event where instance_id = ?1",
    "update event_instance set is_stale = 0, has_sightings = 0 where instance_id = ?1",
    "update reading set rows_json = null, rows_same_as = null where instance_id = ?1",
    "delete from quality_samples where quality_id in (select quality_id from quality_stay where instance_id = ?1)",
    "delete from quality_stay where instance_id = ?1",
    "delete from delivery_rows where instance_id = ?1",
    "delete from delivery_overwrite where instance_id = ?1",
    "delete from job where instance_id = ?1",
];
/// Told neither as a change nor to Moodle: what Moodle holds stays as it is.
const FORGET: &str = "update instance set is_forgotten = 1, topic = ?2, host_email = null, host_name = null
    where instance_id = ?1";
const OLD_ROWS: &str = "select r.reading_id from reading r join instance i on i.instance_id = r.instance_id
    where r.rows_json is not null and r.asked_at < ?1 and i.state in ('verified', 'closed')
    order by r.asked_at limit ?2";
const OLD_RUNS: &str =
    "select run_id from run where started_at < ?1 and ended_at is not null order by run_id limit ?2";

impl Store {
    /// Forgets who was in instances that began before a moment, at most so many of them, and keeps how many. Those that are
    /// still being collected wait until they are settled. Tells how many it forgot.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn forget_attendance(&mut self, now: Timestamp, before: Timestamp, at_most: u32) -> Result<u64> {
        let old = self.ids(OLD, before, at_most)?;
        for instance in &old {
            let (held, counted) = (self.kept_count(*instance)?, count(&self.stays(*instance)?));
            // Looked at again since, and Zoom told nothing: what was counted then still holds.
            let (people, stays, seconds) = match held {
                Some(held) if counted.1 == 0 => (held.people, held.stays, held.seconds),
                _ => counted,
            };
            self.connection.prepare_cached(KEEP_COUNT)?.execute((
                instance,
                people,
                stays,
                seconds,
                ms(now),
            ))?;
            for sql in OF_PEOPLE {
                self.connection.prepare_cached(sql)?.execute([instance])?;
            }
            if let Some(mut record) = self.instance(*instance)? {
                record.instance.forget_host();
                self.connection.prepare_cached(FORGET)?.execute((instance, record.instance.topic))?;
            }
        }
        Ok(old.len() as u64)
    }

    /// What is left of an instance's attendance; none while all of it is kept.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn kept_count(&self, instance: i64) -> Result<Option<KeptCount>> {
        let sql = "select people, stays, seconds, k.forgotten_at from kept_count k
            join instance i on i.instance_id = k.instance_id where k.instance_id = ?1 and i.is_forgotten = 1";
        let found = self.connection.prepare_cached(sql)?.query_row([instance], |row| {
            Ok(KeptCount {
                people: row.get(0)?,
                stays: row.get(1)?,
                seconds: row.get(2)?,
                forgotten_at: from_ms(row.get(3)?),
            })
        });
        Ok(found.optional()?)
    }

    /// Drops the rows of readings that were asked before a moment, of instances that are settled: what they said in figures
    /// stays, and so do the stays that follow from them. Tells how many.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_readings(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        let old = self.ids(OLD_ROWS, before, at_most)?;
        let sql = "update reading set rows_json = null where reading_id = ?1";
        for reading in &old {
            self.connection.prepare_cached(sql)?.execute([reading])?;
        }
        Ok(old.len() as u64)
    }

    /// Drops reports of runs that began before a moment. Tells how many.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_runs(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        let old = self.ids(OLD_RUNS, before, at_most)?;
        for run in &old {
            for table in ["run_note", "run_call", "run"] {
                let sql = format!("delete from {table} where run_id = ?1");
                self.connection.prepare_cached(&sql)?.execute([run])?;
            }
        }
        Ok(old.len() as u64)
    }

    /// Drops what says who asked for something before a moment, once it was answered: commands and requests to look again.
    /// Tells how many.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_requests(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        let mut gone = 0;
        let commands = "select command_id from command where asked_at < ?1 and state <> 'pending' limit ?2";
        let commands = self.ids(commands, before, at_most)?;
        gone += self.delete("delete from command where command_id = ?1", &commands)?;
        let requests = "select request_id from refresh_request where asked_at < ?1 and outcome <> 'pending'
            order by request_id limit ?2";
        let requests = self.ids(requests, before, at_most)?;
        self.delete("update refresh_request set joined_id = null where joined_id = ?1", &requests)?;
        self.delete("delete from refresh_run where request_id = ?1", &requests)?;
        gone += self.delete("delete from refresh_request where request_id = ?1", &requests)?;
        Ok(gone)
    }

    /// Drops e-mails linked to people who were last seen before a moment, and references that were last shown then. Tells
    /// how many.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_people(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        let links = "delete from linked_email where (kind, id, email) in
            (select kind, id, email from linked_email where seen_at < ?1 limit ?2)";
        let references = "delete from person_reference where reference in
            (select reference from person_reference where shown_at < ?1 limit ?2)";
        let mut gone = 0;
        for sql in [links, references] {
            gone += self.connection.prepare_cached(sql)?.execute((ms(before), at_most))? as u64;
        }
        Ok(gone)
    }

    fn ids(&self, sql: &str, before: Timestamp, at_most: u32) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((ms(before), at_most), |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn delete(&mut self, sql: &str, ids: &[i64]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut gone = 0;
        for id in ids {
            gone += statement.execute([id])? as u64;
        }
        Ok(gone)
    }
}

/// People in the meeting itself, their stays, and their seconds.
fn count(stays: &[Stay]) -> (u64, u64, i64) {
    let is_there = |stay: &Stay| stay.status == Status::InMeeting && !stay.is_withdrawn;
    let (mut all, mut seconds) = (0, 0);
    for person in people(stays) {
        let theirs: Vec<&Stay> =
            person.stays.iter().map(|index| &stays[*index]).filter(|stay| is_there(stay)).collect();
        all += u64::from(!theirs.is_empty());
        let spans = theirs.iter().filter_map(|stay| Some(Span { from: stay.joined_at, to: stay.left_at? }));
        seconds += union(spans).iter().map(|span| span.to.duration_since(span.from).as_secs()).sum::<i64>();
    }
    (all, stays.iter().filter(|stay| is_there(stay)).count() as u64, seconds)
}

#[cfg(test)]
mod tests;
