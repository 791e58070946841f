//! People who were erased, and what keeps them away: keyed hashes that every way into the store looks at.

mod portrait;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rollbook_core::instance::Instance;
use rollbook_core::privacy::{Fingerprint, Identifier, Key, Learned, Personal, Veil};
use rollbook_core::reading::{Outcome, Reading, Row};
use rollbook_core::stay::summarise;
use serde::Serialize;

pub use portrait::Portrait;
pub use sweep::Swept;

use crate::error::{Error, Result};
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

/// One erasure, without anything of whom it was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasureRecord {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub set_by: String,
    /// How many things they are recognised by.
    pub identifiers: u64,
    /// Instances that held something of them.
    pub instances: u64,
    /// Stays that became nameless.
    pub stays: u64,
    /// Everything was looked through; while not, the next sync or `forget` goes on.
    pub is_done: bool,
    /// Since when they may be kept again.
    pub undone_at: Option<Timestamp>,
}

const ADD_PRINT: &str = "insert or ignore into erased (fingerprint, erasure_id) values (?1, ?2)";
const CHANGED: &str = "update privacy set changes = changes + 1";
const ERASURES: &str = "select erasure_id, at, set_by,
        (select count(*) from erased where erased.erasure_id = erasure.erasure_id),
        instances, stays, swept_to is null, undone_at
    from erasure order by erasure_id desc";

impl Store {
    /// What is hidden of people now.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn veil(&self) -> Result<Arc<Veil>> {
        let sql = "select changes, is_masked, key from privacy";
        let (changes, masks, key): (i64, bool, Option<Vec<u8>>) = self
            .connection
            .prepare_cached(sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        if let Some((of, veil)) = self.veil.borrow().as_ref()
            && *of == changes
        {
            return Ok(veil.clone());
        }
        let key = key.as_deref().map(key_of).transpose()?;
        let veil = Arc::new(match key {
            None => Veil::default(),
            Some(key) => Veil::new(key, self.erased()?, masks),
        });
        self.veil.replace(Some((changes, veil.clone())));
        Ok(veil)
    }

    fn erased(&self) -> Result<BTreeMap<Fingerprint, i64>> {
        let mut statement = self.connection.prepare_cached("select fingerprint, erasure_id from erased")?;
        let rows = statement.query_map([], |row| Ok((Fingerprint(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The store's own secret, made when it is first needed.
    pub(crate) fn privacy_key(&mut self) -> Result<Key> {
        let held: Option<Vec<u8>> =
            self.connection.query_row("select key from privacy", [], |row| row.get(0))?;
        if let Some(held) = held {
            return key_of(&held);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::CannotOpen { path: self.path().into(), reason: error.to_string() })?;
        self.connection.execute("update privacy set key = ?1, changes = changes + 1", [&bytes[..]])?;
        Ok(Key::new(&bytes))
    }

    /// From now on the store keeps no names, or does again. What it keeps already stays as it is. Tells whether that is a
    /// change.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn set_masked(&mut self, now: Timestamp, is_masked: bool) -> Result<bool> {
        if is_masked {
            self.privacy_key()?;
        }
        let sql = "update privacy set is_masked = ?1, masked_since = case when ?1 then ?2 end, changes = changes + 1
            where is_masked <> ?1";
        Ok(self.connection.execute(sql, (is_masked, ms(now)))? > 0)
    }

    /// Whether anything was collected yet.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn holds_instances(&self) -> Result<bool> {
        Ok(self.connection.query_row("select exists (select 1 from instance)", [], |row| row.get(0))?)
    }

    /// Since when the store keeps no names; none while it does.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn masked_since(&self) -> Result<Option<Timestamp>> {
        Ok(self
            .connection
            .query_row("select masked_since from privacy", [], |row| Ok(opt_from_ms(row.get(0)?)))?)
    }

    /// Hides what must not be kept of rows of one instance, and remembers what they tell of erased people. Every row that
    /// comes in passes here, whoever sends it. Tells how many rows are of erased people, and whether anything new was
    /// learned of them, so that the instance has to be swept.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn hide<T: Personal>(&mut self, uuid: &str, rows: &mut [T]) -> Result<Learned> {
        let learned = self.veil()?.hide(uuid, rows);
        self.remember(&learned)?;
        Ok(learned)
    }

    /// The same of a reading, whose digest follows its rows.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn hide_reading(&mut self, uuid: &str, reading: &mut Reading, rows: &mut [Row]) -> Result<Learned> {
        let is_hidden = self.veil()?.masks();
        let learned = self.hide(uuid, rows)?;
        if is_hidden || learned.found > 0 {
            renew_digest(reading, rows);
        }
        Ok(learned)
    }

    /// The same of a host and a topic.
    pub(crate) fn hide_host(&self, instance: &mut Instance) -> Result<bool> {
        Ok(self.veil()?.hide_host(instance))
    }

    /// Remembers what else erased people are known by.
    pub(crate) fn remember(&mut self, learned: &Learned) -> Result<()> {
        if learned.identifiers.is_empty() {
            return Ok(());
        }
        for (print, erasure) in &learned.identifiers {
            self.connection.prepare_cached(ADD_PRINT)?.execute((&print.0[..], erasure))?;
            if learned.is_wide {
                // Other instances may know them by this alone.
                let sql = "update erasure set swept_to = 0 where erasure_id = ?1";
                self.connection.prepare_cached(sql)?.execute([erasure])?;
            }
        }
        self.connection.execute(CHANGED, [])?;
        Ok(())
    }

    /// Begins an erasure: from here on nothing of the person comes in. What is kept of them goes as [`Store::sweep`] is
    /// called until it is done. Give the identifiers of a [`Portrait`].
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn begin_erasure(&mut self, now: Timestamp, set_by: &str, of: &Portrait) -> Result<i64> {
        let key = self.privacy_key()?;
        let sql = "insert into erasure (at, set_by, instances, stays, swept_to) values (?1, ?2, 0, 0, 0)";
        self.connection.execute(sql, (ms(now), set_by))?;
        let id = self.connection.last_insert_rowid();
        let prints: BTreeSet<Fingerprint> =
            of.identifiers.keys().flat_map(|one| Veil::fingerprints(&key, one)).collect();
        let mut add = self.connection.prepare_cached(
            "insert into erased (fingerprint, erasure_id) values (?1, ?2)
             on conflict (fingerprint) do update set erasure_id = excluded.erasure_id",
        )?;
        for print in prints {
            add.execute((&print.0[..], id))?;
        }
        drop(add);
        self.connection.execute(CHANGED, [])?;
        self.scrub(of)?;
        self.drop_held_events(now, "dropped, since somebody was erased whom it may be about")?;
        Ok(id)
    }

    /// Every erasure, the latest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn erasures(&self) -> Result<Vec<ErasureRecord>> {
        let mut statement = self.connection.prepare_cached(ERASURES)?;
        let rows = statement.query_map([], |row| {
            Ok(ErasureRecord {
                id: row.get(0)?,
                at: from_ms(row.get(1)?),
                set_by: row.get(2)?,
                identifiers: row.get(3)?,
                instances: row.get(4)?,
                stays: row.get(5)?,
                is_done: row.get(6)?,
                undone_at: opt_from_ms(row.get(7)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Lets the people of an erasure be kept again from now on; what was erased stays so. Tells whether there was one.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn undo_erasure(&mut self, now: Timestamp, id: i64) -> Result<bool> {
        let sql =
            "update erasure set undone_at = ?2, swept_to = null where erasure_id = ?1 and undone_at is null";
        if self.connection.execute(sql, (id, ms(now)))? == 0 {
            return Ok(false);
        }
        self.connection.execute("delete from erased where erasure_id = ?1", [id])?;
        self.connection.execute(CHANGED, [])?;
        Ok(true)
    }

    /// Whether a Moodle user was erased, by their number or their address.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_erased_user(&self, id: i64, email: &str) -> Result<bool> {
        let veil = self.veil()?;
        let by_email = || veil.erasure_of(&Identifier::email(email)).is_some();
        Ok(veil.erasure_of(&Identifier::Moodle(id)).is_some() || (!email.is_empty() && by_email()))
    }
}

/// Equal digests mean equal stays: one made of hidden rows is equal to that of the next reading, which is hidden too.
fn renew_digest(reading: &mut Reading, rows: &[Row]) {
    if let Outcome::Rows(of) = &mut reading.outcome {
        of.digest = summarise(reading.family, rows).digest;
    }
}

fn key_of(bytes: &[u8]) -> Result<Key> {
    let bytes = bytes.try_into().map_err(|_| Error::Unreadable {
        what: "the store's own secret",
        reason: format!("it has {} bytes in place of 32", bytes.len()),
    })?;
    Ok(Key::new(bytes))
}

#[cfg(test)]
mod tests;
