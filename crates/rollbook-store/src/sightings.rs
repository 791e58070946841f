//! What events saw: who came and went, and which minutes of call quality they told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::presence::{Sight, Sighting};
use rollbook_core::privacy::{Learned, Veil};
use rollbook_core::quality::Coverage;
use rollbook_core::time::Window;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, unreadable};
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// What events told of one instance as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// That it began.
    pub start: bool,
    /// That it ended.
    pub end: bool,
    /// Who came or went, which no reading holds yet.
    pub sightings: bool,
}

const NOTE: &str = "insert into event_instance values (?1, ?2, ?3, ?4, ?5, ?5)
    on conflict do update set seen_at = max(seen_at, excluded.seen_at),
        told_start = max(told_start, excluded.told_start), told_end = max(told_end, excluded.told_end),
        is_stale = max(is_stale, excluded.is_stale), has_sightings = max(has_sightings, excluded.has_sightings)";
const IS_STALE: &str = "select is_stale from event_instance where instance_id = ?1";
const IS_TOLD: &str = "select exists (select 1 from event_instance where instance_id = ?1)";
const READ: &str = "update event_instance set is_stale = 0 where instance_id = ?1";
const ENDED: &str = "select count(*), count(*) filter (where coalesce(told_end, 0) = 0)
    from instance left join event_instance using (instance_id)
    where account = ?1 and started_at >= ?2 and started_at < ?3 and ended_at < ?3";
const ADD: &str =
    "insert into sighting (instance_id, at, sight, user_id, participant_uuid, room, other_user_id,
        zoom_user_id, registrant_id, name, email, details)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) on conflict do nothing";
const OF: &str =
    "select at, sight, user_id, participant_uuid, room, other_user_id, zoom_user_id, registrant_id,
        name, email, details
    from sighting where instance_id = ?1 order by at, sight, user_id, participant_uuid, room, other_user_id";
const OF_MANY: &str =
    "select at, sight, user_id, participant_uuid, room, other_user_id, zoom_user_id, registrant_id,
        name, email, details, instance_id
    from sighting where instance_id in (select value from json_each(?1))
    order by instance_id, at, sight, user_id, participant_uuid, room, other_user_id";
const OLD: &str = "select instance_id from event_instance
    where has_sightings = 1 and is_stale = 0 and seen_at < ?1 order by seen_at limit ?2";
const DROP: &str = "delete from sighting where instance_id = ?1";
const DROP_COVERAGE: &str = "delete from quality_event where instance_id = ?1";
const DROPPED: &str = "update event_instance set has_sightings = 0 where instance_id = ?1";
const COVERAGE: &str = "select coverage from quality_event where instance_id = ?1 and user_id = ?2";
const PUT_COVERAGE: &str = "insert into quality_event values (?1, ?2, ?3, 1)
    on conflict do update set coverage = excluded.coverage, events = events + 1";
const COVERAGES: &str = "select user_id, coverage from quality_event where instance_id = ?1";

impl Store {
    /// Notes what events told of an instance.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_told(&mut self, now: Timestamp, instance: i64, told: Told) -> Result<()> {
        let Told { start, end, sightings } = told;
        self.connection.prepare_cached(NOTE)?.execute((instance, ms(now), start, end, sightings))?;
        Ok(())
    }

    /// Keeps what an event saw; says whether it is new. Nobody who was erased gets past.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_sighting(&mut self, instance: i64, seen: &Sighting) -> Result<bool> {
        let (uuid, mut seen) = (self.uuid_of(instance)?, [seen.clone()]);
        let learned = self.hide(&uuid, &mut seen)?;
        let is_new = self.add_sighting(instance, &seen[0])?;
        if !learned.identifiers.is_empty() {
            // Earlier sightings may hold them by what has only now been told.
            self.sweep_instance(instance)?;
        }
        Ok(is_new)
    }

    /// Takes erased people out of what events saw.
    pub(crate) fn sweep_sightings(&mut self, instance: i64, uuid: &str, veil: &Veil) -> Result<Learned> {
        let mut all = self.sightings(instance)?;
        let learned = veil.hide_erased(uuid, &mut all);
        if learned.hidden > 0 {
            self.connection.prepare_cached(DROP)?.execute([instance])?;
            for seen in &all {
                self.add_sighting(instance, seen)?;
            }
        }
        Ok(learned)
    }

    fn add_sighting(&mut self, instance: i64, seen: &Sighting) -> Result<bool> {
        let details = match seen.details.is_empty() {
            true => None,
            false => Some(json(&seen.details)?),
        };
        let blank = |text: &Option<String>| text.clone().unwrap_or_default();
        let added = self.connection.prepare_cached(ADD)?.execute(rusqlite::params![
            instance,
            ms(seen.at),
            seen.sight.name(),
            seen.user_id,
            blank(&seen.participant_uuid),
            blank(&seen.room),
            blank(&seen.other_user_id),
            seen.zoom_user_id,
            seen.registrant_id,
            seen.name,
            seen.email,
            details,
        ])?;
        Ok(added > 0)
    }

    /// Everything events saw in an instance, by time.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn sightings(&self, instance: i64) -> Result<Vec<Sighting>> {
        let mut statement = self.connection.prepare_cached(OF)?;
        let mut rows = statement.query([instance])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.extend(sighting(row)?);
        }
        Ok(all)
    }

    /// Everything events saw in some instances, by instance and time. One look at the store for all of them.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn sightings_of(&self, instances: &[i64]) -> Result<BTreeMap<i64, Vec<Sighting>>> {
        let mut statement = self.connection.prepare_cached(OF_MANY)?;
        let mut rows = statement.query([json(&instances)?])?;
        let mut all: BTreeMap<i64, Vec<Sighting>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            all.entry(row.get(11)?).or_default().extend(sighting(row)?);
        }
        Ok(all)
    }

    /// Whether any event told of an instance.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_told_by_events(&self, instance: i64) -> Result<bool> {
        Ok(self.connection.prepare_cached(IS_TOLD)?.query_row([instance], |row| row.get(0))?)
    }

    /// Whether events saw something of an instance that no reading holds yet.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_unread_sightings(&self, instance: i64) -> Result<bool> {
        let found = self.connection.prepare_cached(IS_STALE)?.query_row([instance], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(false))
    }

    /// A reading holds what events saw so far.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_sightings_read(&mut self, instance: i64) -> Result<()> {
        self.connection.prepare_cached(READ)?.execute([instance])?;
        Ok(())
    }

    /// Instances that began in a window and have ended within it, and how many of them no event said to have ended.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_ended_untold(&self, account: &str, window: Window) -> Result<(u64, u64)> {
        let key = (account, ms(window.from), ms(window.to));
        Ok(self.connection.prepare_cached(ENDED)?.query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Forgets what events saw of instances of which they told nothing since a moment, so many instances at most; says
    /// how many. Their readings hold it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_sightings(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        let mut old = self.connection.prepare_cached(OLD)?;
        let ids: Vec<i64> =
            old.query_map((ms(before), at_most), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in &ids {
            for sql in [DROP, DROP_COVERAGE, DROPPED] {
                self.connection.prepare_cached(sql)?.execute([id])?;
            }
        }
        Ok(ids.len() as u64)
    }

    /// Adds samples that an event told of a connection to the minutes that are covered.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn cover_quality(&mut self, instance: i64, user_id: &str, samples: &[Timestamp]) -> Result<()> {
        let held: Option<String> = self
            .connection
            .prepare_cached(COVERAGE)?
            .query_row((instance, user_id), |row| row.get(0))
            .optional()?;
        let mut coverage: Coverage =
            held.map_or(Ok(Coverage::default()), |text| parse("covered minutes", &text))?;
        samples.iter().for_each(|at| coverage.add(*at));
        self.connection.prepare_cached(PUT_COVERAGE)?.execute((instance, user_id, json(&coverage)?))?;
        Ok(())
    }

    /// Which minutes of an instance's call quality events told, by `user_id`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_coverage(&self, instance: i64) -> Result<BTreeMap<String, Coverage>> {
        let mut statement = self.connection.prepare_cached(COVERAGES)?;
        let mut rows = statement.query([instance])?;
        let mut all = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let text: String = row.get(1)?;
            all.insert(row.get(0)?, parse("covered minutes", &text)?);
        }
        Ok(all)
    }
}

/// One that this program cannot have written is no sighting.
fn sighting(row: &Row<'_>) -> Result<Option<Sighting>> {
    let Some(sight) = Sight::from_name(row.get_ref(1)?.as_str().unwrap_or("")) else { return Ok(None) };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let details: Option<String> = row.get(10)?;
    Ok(Some(Sighting {
        at: from_ms(row.get(0)?),
        sight,
        user_id: row.get(2)?,
        participant_uuid: some(row.get(3)?),
        room: some(row.get(4)?),
        other_user_id: some(row.get(5)?),
        zoom_user_id: row.get(6)?,
        registrant_id: row.get(7)?,
        name: row.get(8)?,
        email: row.get(9)?,
        details: details.map_or(Ok(BTreeMap::new()), |text| parse("details of an event", &text))?,
    }))
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable("what an event told")(error.to_string()))
}

fn parse<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(what)(error.to_string()))
}
