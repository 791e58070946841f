//! Takes erased people out of what is kept already, some instances at a time. The same veil is used as for what comes in,
//! so that a sweep needs to know no names and goes on after any death.

use std::collections::BTreeMap;

use rollbook_core::delivery::{OwnRows, ParticipantRow};
use rollbook_core::family::Family;
use rollbook_core::privacy::{Identifier, Learned, MoodleRow, Veil};
use rollbook_core::reading::{Outcome, Reading};
use rusqlite::{OptionalExtension, params};

use super::{Portrait, renew_digest};
use crate::error::{Result, unreadable};
use crate::packed::{pack, unpack};
use crate::sqlite::Store;
use crate::time::from_ms;

/// What one step took out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Instances that held something.
    pub instances: u64,
    /// Stays that became nameless.
    pub stays: u64,
    /// Nothing is left to look through.
    pub is_done: bool,
}

/// Rounds until an instance holds nothing more: what is found by name alone may tie in another of that name.
const ROUNDS_MAX: usize = 8;

const PENDING: &str = "select min(swept_to) from erasure where swept_to is not null";
const NEXT: &str = "select instance_id from instance where instance_id > ?1 order by instance_id limit ?2";
const READINGS: &str = "select reading_id, family, asked_at, outcome, rows_json from reading
    where instance_id = ?1 and rows_json is not null";
const REWRITE: &str = "update reading set outcome = ?2, rows_json = ?3 where reading_id = ?1";
const REWRITE_SAME: &str = "update reading set outcome = ?2 where rows_same_as = ?1";

impl Store {
    /// Looks through the next instances for what is left of erased people, in the caller's transaction. Call it until it is
    /// done, each time in a transaction of its own.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn sweep(&mut self, at_most: u32) -> Result<Swept> {
        let Some(from) = self.connection.query_row(PENDING, [], |row| row.get::<_, Option<i64>>(0))? else {
            return Ok(Swept { is_done: true, ..Swept::default() });
        };
        let next: Vec<i64> = {
            let mut statement = self.connection.prepare_cached(NEXT)?;
            let rows = statement.query_map((from, at_most), |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut swept = Swept::default();
        for instance in &next {
            let stays = self.sweep_instance(*instance)?;
            swept.instances += u64::from(stays.is_some());
            swept.stays += stays.unwrap_or(0);
        }
        let to = next.last().copied();
        let sql = "update erasure set swept_to = ?2, instances = instances + ?3, stays = stays + ?4
            where swept_to = ?1";
        // One that was begun anew meanwhile keeps its own place.
        self.connection.execute(sql, (from, to, swept.instances, swept.stays))?;
        Ok(swept)
    }

    /// Whether an erasure is not carried out to its end.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_sweep_pending(&self) -> Result<bool> {
        let sql = "select exists (select 1 from erasure where swept_to is not null)";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Takes erased people out of one instance; how many stays became nameless, or none if nothing was found.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn sweep_instance(&mut self, instance: i64) -> Result<Option<u64>> {
        let Some(record) = self.instance(instance)? else { return Ok(None) };
        let uuid = record.instance.uuid.clone();
        let (mut found, mut stays_found) = (false, 0);
        for _ in 0..ROUNDS_MAX {
            let veil = self.veil()?;
            if veil.is_open() {
                break;
            }
            let mut stays = self.stays(instance)?;
            let kin = Learned { identifiers: veil.kin(&uuid, &stays), ..Learned::default() };
            let learned = veil.hide_erased(&uuid, &mut stays);
            stays_found += learned.hidden as u64;
            if learned.hidden > 0 {
                self.put_stays(instance, &stays)?;
            }
            let rows = self.sweep_readings(instance, &uuid, &veil)?;
            let quality = self.sweep_quality(instance, &uuid, &veil)?;
            let seen = self.sweep_sightings(instance, &uuid, &veil)?;
            found |= learned.hidden + rows.hidden + quality.hidden + seen.hidden > 0;
            let before = self.veil()?;
            for learned in [kin, learned, rows, quality, seen] {
                self.remember(&learned)?;
            }
            // Whether there is something new to go by.
            if std::sync::Arc::ptr_eq(&before, &self.veil()?) {
                break;
            }
        }
        let veil = self.veil()?;
        found |= self.sweep_deliveries(instance, &uuid, &veil)?;
        let mut host = record.instance;
        if veil.hide_erased_host(&mut host) {
            self.update_instance(instance, &host)?;
            found = true;
        }
        if found {
            // Pages of a list that is half read: it begins again.
            let sql = "update job set progress = null where instance_id = ?1 and progress is not null";
            self.connection.prepare_cached(sql)?.execute([instance])?;
        }
        Ok(found.then_some(stays_found))
    }

    fn sweep_readings(&mut self, instance: i64, uuid: &str, veil: &Veil) -> Result<Learned> {
        type Raw = (i64, String, i64, String, Vec<u8>);
        let held: Vec<Raw> = {
            let mut statement = self.connection.prepare_cached(READINGS)?;
            let rows = statement.query_map([instance], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut all = Learned::default();
        for (id, family, asked_at, outcome, blob) in held {
            let Some(family) = Family::from_name(&family) else { continue };
            let wrong = unreadable("a reading");
            let mut rows = crate::readings::unpack(Some(blob))?;
            let learned = veil.hide_erased(uuid, &mut rows);
            let hidden = learned.hidden;
            add(&mut all, learned);
            if hidden == 0 {
                continue;
            }
            let outcome: Outcome = serde_json::from_str(&outcome).map_err(|e| wrong(e.to_string()))?;
            let mut reading = Reading { family, asked_at: from_ms(asked_at), outcome };
            renew_digest(&mut reading, &rows);
            let outcome = crate::readings::to_json("a reading", &reading.outcome)?;
            let blob = pack(&crate::readings::to_json("rows", &rows)?)?;
            self.connection.prepare_cached(REWRITE)?.execute(params![id, outcome, blob])?;
            self.connection.prepare_cached(REWRITE_SAME)?.execute((id, outcome))?;
        }
        Ok(all)
    }

    /// What a connection's call was like stays, nameless; its minutes go.
    fn sweep_quality(&mut self, instance: i64, uuid: &str, veil: &Veil) -> Result<Learned> {
        let mut all = Learned::default();
        for (row, quality) in self.quality_rows(instance)? {
            let mut row = [row];
            let learned = veil.hide_erased(uuid, &mut row);
            let hidden = learned.hidden;
            add(&mut all, learned);
            if hidden > 0 {
                self.put_quality_row(instance, &row[0], &quality)?;
            }
        }
        Ok(all)
    }

    /// Rows that Moodle was given of somebody erased are no longer ours: they are neither taken away nor put back.
    fn sweep_deliveries(&mut self, instance: i64, uuid: &str, veil: &Veil) -> Result<bool> {
        let sinks: Vec<String> = {
            let sql = "select sink from delivery_rows where instance_id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([instance], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut found = false;
        for sink in sinks {
            let held = self.held_rows(&sink, instance)?;
            let (own, tentative) = (&held.own, held.tentative.as_ref());
            let is_theirs = |rows: &OwnRows| rows.values().any(|row| is_erased(veil, uuid, row));
            if is_theirs(own) || tentative.is_some_and(is_theirs) {
                // Both leave out whom the veil hides.
                self.put_own_rows(&sink, instance, own)?;
                if let Some(tentative) = tentative {
                    self.put_tentative_rows(&sink, instance, tentative)?;
                }
                found = true;
            }
        }
        let overwrites: Vec<(i64, String, String)> = {
            let sql = "select overwrite_id, old, new from delivery_overwrite where instance_id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([instance], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (id, old, new) in overwrites {
            let row = |json: &str| serde_json::from_str::<ParticipantRow>(json).ok();
            if [row(&old), row(&new)].into_iter().flatten().any(|row| is_erased(veil, uuid, &row)) {
                self.connection.execute("delete from delivery_overwrite where overwrite_id = ?1", [id])?;
                found = true;
            }
        }
        Ok(found)
    }

    /// The rows of an instance that Moodle was given, of every sink.
    pub(crate) fn delivered_rows(&self, instance: i64) -> Result<Vec<ParticipantRow>> {
        let sql = "select own, tentative from delivery_rows where instance_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([instance])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            for column in 0..2 {
                let Some(blob) = row.get::<_, Option<Vec<u8>>>(column)? else { continue };
                let of: OwnRows = serde_json::from_str(&unpack(&blob)?)
                    .map_err(|error| unreadable("rows of a sink")(error.to_string()))?;
                all.extend(of.into_values());
            }
        }
        Ok(all)
    }

    /// As whom connections of an instance were delivered: `{user}.id` by Zoom's number of the connection.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn delivered_users(&self, instance: i64) -> Result<BTreeMap<String, i64>> {
        let rows = self.delivered_rows(instance)?.into_iter();
        Ok(rows.filter_map(|row| Some((row.zoomuserid, row.userid?))).collect())
    }

    /// Leaves out whom nothing may be kept of.
    pub(crate) fn without_erased(&self, instance: i64, rows: &OwnRows) -> Result<OwnRows> {
        let veil = self.veil()?;
        if veil.is_open() {
            return Ok(rows.clone());
        }
        let uuid = self.uuid_of(instance)?;
        let kept = rows.iter().filter(|(_, row)| !is_erased(&veil, &uuid, row));
        Ok(kept.map(|(id, row)| (*id, row.clone())).collect())
    }

    pub(crate) fn uuid_of(&self, instance: i64) -> Result<String> {
        let sql = "select uuid from instance where instance_id = ?1";
        let found =
            self.connection.prepare_cached(sql)?.query_row([instance], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or_default())
    }

    /// Takes somebody out of small tables and sentences, while it is still known who that is.
    pub(super) fn scrub(&mut self, of: &Portrait) -> Result<()> {
        for identifier in of.identifiers.keys() {
            let text = match identifier {
                Identifier::Email(text) => {
                    self.connection.execute("delete from linked_email where email = ?1", [text])?;
                    self.connection.execute("delete from host_name where name = ?1", [text])?;
                    self.connection.execute("delete from host_change where host = ?1", [text])?;
                    let sql = "update refresh_request set who = 'erased person' where lower(trim(who)) = ?1";
                    self.connection.execute(sql, [text])?;
                    text
                }
                Identifier::ZoomUser(text) => {
                    let sql = "delete from linked_email where kind = 'zoom' and id = ?1";
                    self.connection.execute(sql, [text])?;
                    self.connection.execute("delete from host_name where host = ?1", [text])?;
                    self.connection.execute("delete from host_change where host = ?1", [text])?;
                    text
                }
                Identifier::Registrant(text) => {
                    let sql = "delete from linked_email where kind = 'registrant' and id = ?1";
                    self.connection.execute(sql, [text])?;
                    text
                }
                Identifier::Moodle(user) => {
                    self.connection.execute("delete from grade_receipt where student = ?1", [user])?;
                    self.connection.execute("delete from person_correction where user_id = ?1", [user])?;
                    continue;
                }
                Identifier::Connection { .. } => continue,
                Identifier::Guest { name, .. } => name,
            };
            let key = format!("{}:{text}", identifier.kind());
            self.connection.execute("delete from person_correction where key = ?1", [&key])?;
            self.connection.execute("delete from person_reference where key = ?1", [&key])?;
            if !matches!(identifier, Identifier::Guest { .. }) {
                self.scrub_sentences(text)?;
            }
        }
        // A list of doubtful people remembers them by name; it is made anew each time somebody looks.
        self.connection.execute("delete from person_reference where key like 'name:%'", [])?;
        // A namesake's name in a sentence is not told apart, and a sentence without it says as much.
        for name in of.names.iter().filter(|name| name.trim().chars().count() >= NAME_LETTERS) {
            self.scrub_sentences(name)?;
        }
        Ok(())
    }

    fn scrub_sentences(&mut self, text: &str) -> Result<()> {
        for (table, column) in SENTENCES {
            let sql = format!(
                "update {table} set {column} = replace({column}, ?1, 'erased person') where instr({column}, ?1) > 0"
            );
            self.connection.prepare_cached(&sql)?.execute([text])?;
        }
        Ok(())
    }
}

/// Shorter names stand in other words too.
const NAME_LETTERS: usize = 5;

/// Where sentences stand that may name somebody.
const SENTENCES: [(&str, &str); 15] = [
    ("run", "command"),
    ("run", "summary"),
    ("run_note", "note"),
    ("instance", "reason"),
    ("instance", "topic"),
    ("known_number", "topic"),
    ("job", "reason"),
    ("quality", "reason"),
    ("delivery", "reason"),
    ("refresh_request", "reason"),
    ("grade_receipt", "answer"),
    ("audit", "subject"),
    ("audit", "detail"),
    ("command", "payload"),
    ("command", "outcome"),
];

fn is_erased(veil: &Veil, uuid: &str, row: &ParticipantRow) -> bool {
    veil.hide_erased(uuid, &mut [MoodleRow::from(row)]).found > 0
}

fn add(all: &mut Learned, more: Learned) {
    all.found += more.found;
    all.hidden += more.hidden;
    all.identifiers.extend(more.identifiers);
    all.is_wide |= more.is_wide;
}
