//! Taking over what Zoom's events tell, from the inbox, in the order in which they came.
//!
//! An event is a hint: a reading of the least trusted family, and a reason to look. Everything that follows from events
//! is derived from a set of sightings (`core/presence.rs`), so that repeated, late and disordered ones change nothing;
//! what is lost, Zoom's lists tell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::completeness::LIVE_MAX;
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::presence::{Present, Sight, Sighting, present, rows};
use rollbook_core::quality::QualityRow;
use rollbook_core::quality::policy::Policy;
use rollbook_core::reading::{Outcome, Reading};
use rollbook_core::stay::summarise;
use rollbook_core::time::hours;
use rollbook_store::{EventState, InboxEvent, Record, Result, Store, Told};
use rollbook_zoom::webhook::Event;

use super::account::Account;
use super::quality;
use super::reconsider::{Fresh, reconsider};
use super::translate::{Happening, happening};
use crate::config::Scope;

/// Events in one transaction: some milliseconds, for which those that arrive have to wait.
pub const BATCH: u32 = 16;

/// An event whose instance nobody has heard of by then is given up: lists are settled a day later.
const HELD_FOR: SignedDuration = hours(72);

/// What was taken over is recognised this long if it comes again: Zoom's last retry comes after 85 minutes, and
/// signatures hold for two hours (`webhook::AGE_LIMIT`).
pub const INBOX_KEPT_FOR: SignedDuration = hours(3 * 24);

/// Rows forgotten in one step.
const FORGET_STEP: u32 = 500;

/// Takes over the next events of the inbox, [`BATCH`] at most; says how many there were. Call it until it says none.
///
/// # Errors
/// If the store cannot be used.
pub fn apply_due(store: &mut Store, now: Timestamp, accounts: &[Account]) -> Result<usize> {
    let events = store.new_events(BATCH)?;
    if events.is_empty() {
        return Ok(0);
    }
    let taken = events.len();
    store.atomically(|store| {
        let mut batch = Batch { now, touched: BTreeMap::new(), rows: BTreeMap::new() };
        for event in events {
            let account = accounts.iter().find(|account| account.name == event.account);
            let (id, verdict) = (event.id, batch.apply(store, account, event)?);
            let (state, outcome) = match verdict {
                Verdict::Taken => (EventState::Done, "taken over"),
                Verdict::Useless(why) => (EventState::Done, why),
                Verdict::Waits(why) => (EventState::Held, why),
            };
            store.settle_event(now, id, state, outcome)?;
        }
        batch.finish(store, accounts)
    })?;
    Ok(taken)
}

/// Gives up events that wait in vain and forgets what was kept for long enough; a step of it, quick. Who came and left goes
/// where nothing was told of an instance since `seen_before`; its readings hold what follows.
///
/// # Errors
/// If the store cannot be written.
pub fn forget_old(store: &mut Store, now: Timestamp, seen_before: Option<Timestamp>) -> Result<u64> {
    store.atomically(|store| {
        store.expire_events(now, now - HELD_FOR, "its meeting or connection never became known")?;
        let sightings = match seen_before {
            Some(before) => store.prune_sightings(before, FORGET_STEP)?,
            None => 0,
        };
        Ok(store.prune_events(now - INBOX_KEPT_FOR, FORGET_STEP)? + sightings)
    })
}

/// Who is in running instances now, as far as events told: by instance, with the moment of what was told last. Those of
/// which nothing was told are left out. One look at the store, however many they are; costs no call.
///
/// # Errors
/// If the store cannot be read.
pub fn live_now(store: &Store, running: &[&Record]) -> Result<BTreeMap<i64, (Timestamp, Vec<Present>)>> {
    let ids: Vec<i64> =
        running.iter().filter(|record| record.instance.is_live).map(|record| record.id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let seen = store.sightings_of(&ids)?.into_iter();
    Ok(seen.filter_map(|(id, seen)| Some((id, (seen.last()?.at, present(&seen))))).collect())
}

/// What events saw of an instance that is over, as a reading, if no reading holds it yet.
pub(super) fn reading(store: &mut Store, now: Timestamp, record: &Record) -> Result<Option<Fresh>> {
    let is_over = !record.instance.is_live || now >= record.first_seen_at + LIVE_MAX;
    if !is_over || !store.has_unread_sightings(record.id)? {
        return Ok(None);
    }
    store.note_sightings_read(record.id)?;
    let rows = rows(&store.sightings(record.id)?, record.instance.ended_at);
    if rows.is_empty() {
        return Ok(None);
    }
    let outcome = Outcome::Rows(summarise(Family::Event, &rows));
    let reading = Reading { family: Family::Event, asked_at: now, outcome };
    Ok(Some(Fresh { reading, rows, calls: 0, run: None }))
}

/// What is to become of an event.
enum Verdict {
    Taken,
    /// And why.
    Useless(&'static str),
    /// For what.
    Waits(&'static str),
}

const NO_MEETING: Verdict = Verdict::Waits("its meeting is not known yet");

/// The events of one transaction. What follows from them is worked out once for each instance.
struct Batch {
    now: Timestamp,
    /// Instances to be judged anew, with the account.
    touched: BTreeMap<i64, String>,
    /// Call quality by instance.
    rows: BTreeMap<i64, Vec<QualityRow>>,
}

impl Batch {
    fn apply(&mut self, store: &mut Store, account: Option<&Account>, event: InboxEvent) -> Result<Verdict> {
        let Some(account) = account else { return Ok(Verdict::Useless("its account is not configured")) };
        let Ok(read) = Event::read(&event.body) else {
            return Ok(Verdict::Useless("it cannot be read"));
        };
        for path in &read.unknown_fields {
            store.note_unknown_field(self.now, &event.name, path)?;
        }
        match happening(read.value) {
            Happening::Nothing(why) => Ok(Verdict::Useless(why)),
            Happening::Started(instance) => {
                self.run(store, account, instance, Told { start: true, ..Told::default() })
            }
            Happening::Ended(instance) => {
                self.run(store, account, instance, Told { end: true, ..Told::default() })
            }
            Happening::Seen(instance, seen) => self.seen(store, account, instance, &seen),
            Happening::SeenBefore { uuid, seen } => {
                let Some(record) = store.instance_by_uuid(&account.name, &uuid)? else {
                    return Ok(NO_MEETING);
                };
                self.keep(store, &record, &seen)?;
                Ok(Verdict::Taken)
            }
            Happening::Quality { uuid, seen, row } => self.quality(store, account, &uuid, seen, *row),
        }
    }

    /// A run that began or ended.
    fn run(
        &mut self,
        store: &mut Store,
        account: &Account,
        instance: Instance,
        told: Told,
    ) -> Result<Verdict> {
        let Some(record) = self.put(store, account, instance)? else { return Ok(OUT_OF_SCOPE) };
        store.note_told(self.now, record.id, told)?;
        Ok(Verdict::Taken)
    }

    /// Somebody who came or went.
    fn seen(
        &mut self,
        store: &mut Store,
        account: &Account,
        mut instance: Instance,
        seen: &Sighting,
    ) -> Result<Verdict> {
        if let Some(held) = store.instance_by_uuid(&account.name, &instance.uuid)? {
            // Only what tells the start and the end themselves may correct them.
            if held.instance.started_at.is_some() {
                instance.started_at = None;
            }
        }
        let Some(record) = self.put(store, account, instance)? else { return Ok(OUT_OF_SCOPE) };
        self.keep(store, &record, seen)?;
        Ok(Verdict::Taken)
    }

    fn keep(&mut self, store: &mut Store, record: &Record, seen: &Sighting) -> Result<()> {
        if !store.put_sighting(record.id, seen)? {
            return Ok(());
        }
        store.note_told(self.now, record.id, Told { sightings: true, ..Told::default() })?;
        if !record.instance.is_live {
            self.touched.insert(record.id, record.account.clone());
        } else if matches!(seen.sight, Sight::Joined | Sight::JoinedRoom) {
            // Call quality may have come before the join it belongs to.
            store.wake_events(&record.account, &record.instance.uuid)?;
        }
        Ok(())
    }

    /// Puts an instance into the ledger, if it is one of those that are collected.
    fn put(&mut self, store: &mut Store, account: &Account, instance: Instance) -> Result<Option<Record>> {
        if !is_in_scope(store, account, &instance)? {
            return Ok(None);
        }
        let found = store.put_instance(self.now, &account.name, instance)?;
        if found.is_changed {
            self.touched.insert(found.record.id, account.name.clone());
        }
        Ok(Some(found.record))
    }

    /// Call quality: only the run's UUID and the connection's number are told, so both must be known.
    fn quality(
        &mut self,
        store: &mut Store,
        account: &Account,
        uuid: &str,
        seen: Option<Sighting>,
        mut row: QualityRow,
    ) -> Result<Verdict> {
        let Some(record) = store.instance_by_uuid(&account.name, uuid)? else { return Ok(NO_MEETING) };
        if let Some(seen) = &seen {
            self.keep(store, &record, seen)?;
        }
        if account.qos.policy == Policy::None {
            return Ok(Verdict::Useless("call quality is not collected"));
        }
        let Some(first_at) = row.series.times().first().copied().or(seen.as_ref().map(|seen| seen.at)) else {
            return Ok(Verdict::Useless("it holds no samples"));
        };
        row.joined_at = joined_at(store, &record, &row.user_id, first_at)?;
        if row.joined_at.is_none() && record.state.is_open() {
            return Ok(Verdict::Waits("its connection is not known yet"));
        }
        let samples = row.series.times();
        if samples.is_empty() {
            // A device alone is no call quality: it is told with the first samples.
            let held = store.quality_row(record.id, &row.user_id, row.joined_at)?;
            if held.is_none() {
                return Ok(Verdict::Taken);
            }
        } else {
            store.cover_quality(record.id, &row.user_id, samples)?;
        }
        self.rows.entry(record.id).or_default().push(row);
        Ok(Verdict::Taken)
    }

    /// Works out what follows, once for each instance.
    fn finish(self, store: &mut Store, accounts: &[Account]) -> Result<()> {
        for (instance, mut rows) in self.rows {
            equip(store, instance, &mut rows)?;
            quality::keep_rows(store, instance, rows)?;
        }
        for (instance, account) in self.touched {
            let account = accounts.iter().find(|one| one.name == account);
            if let (Some(account), Some(record)) = (account, store.instance(instance)?) {
                reconsider(store, self.now, account, record, None)?;
            }
        }
        Ok(())
    }
}

const OUT_OF_SCOPE: Verdict = Verdict::Useless("none of Moodle's meetings");

/// Whether an instance is among those that are collected: all, or those whose number Moodle has.
fn is_in_scope(store: &Store, account: &Account, instance: &Instance) -> Result<bool> {
    if account.scope() == Scope::Account {
        return Ok(true);
    }
    if store.instance_by_uuid(&account.name, &instance.uuid)?.is_some() {
        return Ok(true);
    }
    let Some(number) = instance.number else { return Ok(false) };
    let is_known = |kind: Kind| -> Result<bool> {
        let known = store.known_number(&account.name, number, kind)?;
        Ok(known.is_some_and(|known| known.gone_at.is_none()))
    };
    is_known(instance.kind)
}

/// When the connection that a sample is of was made: by the stays there are, else by what events saw.
fn joined_at(store: &Store, record: &Record, user_id: &str, at: Timestamp) -> Result<Option<Timestamp>> {
    let began_before = |joined_at: &Timestamp| *joined_at <= at + rollbook_core::stay::SAME_JOIN;
    let stays = store.stays(record.id)?;
    let of = stays.iter().filter(|stay| stay.user_id == user_id).map(|stay| stay.joined_at);
    if let Some(joined_at) = of.filter(began_before).max() {
        return Ok(Some(joined_at));
    }
    let comes =
        |seen: &&Sighting| seen.user_id == user_id && matches!(seen.sight, Sight::Joined | Sight::JoinedRoom);
    let sightings = store.sightings(record.id)?;
    Ok(sightings.iter().filter(comes).map(|seen| seen.at).filter(began_before).max())
}

/// Gives connections of which nothing was held the devices that an earlier event told.
fn equip(store: &Store, instance: i64, rows: &mut [QualityRow]) -> Result<()> {
    let held = store.quality_keys(instance)?;
    let is_new = |row: &QualityRow| !held.iter().any(|key| key.user_id == row.user_id);
    if !rows.iter().any(is_new) {
        return Ok(());
    }
    let sightings = store.sightings(instance)?;
    for row in rows.iter_mut().filter(|row| is_new(row)) {
        let equipped =
            sightings.iter().filter(|seen| seen.sight == Sight::Equipped && seen.user_id == row.user_id);
        for seen in equipped {
            for (name, value) in &seen.details {
                // The dashboard's participants call the network what call quality calls its type.
                let name = if name == "network" { "network_type" } else { name };
                row.details.entry(name.to_owned()).or_insert_with(|| value.clone());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
