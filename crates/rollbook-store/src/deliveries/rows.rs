//! Which rows of a sink are ours, and which of others' we have corrected.

use jiff::Timestamp;
use rollbook_core::delivery::{ExistingRow, Ours, OwnRows};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, unreadable};
use crate::packed::{pack, unpack};
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// The rows of one instance that are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldRows {
    /// Those that the sink committed.
    pub own: OwnRows,
    /// Those that it was about to commit when we last heard of it: they are ours if it did.
    pub tentative: Option<OwnRows>,
}

impl HeldRows {
    /// As the rules take them.
    pub fn ours(&self) -> Ours<'_> {
        Ours { own: &self.own, tentative: self.tentative.as_ref() }
    }
}

/// A row of somebody else that was corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overwrite {
    /// When.
    pub at: Timestamp,
    /// The instance's UUID.
    pub meeting_uuid: String,
    /// The instance's number.
    pub meeting_id: Option<u64>,
    /// What stood there.
    pub old: ExistingRow,
    /// What stands there now.
    pub new: ExistingRow,
}

const SET_TENTATIVE: &str = "insert into delivery_rows (sink, instance_id, tentative) values (?1, ?2, ?3)
    on conflict (sink, instance_id) do update set tentative = excluded.tentative";
const SET_OWN: &str = "insert into delivery_rows (sink, instance_id, own) values (?1, ?2, ?3)
    on conflict (sink, instance_id) do update set own = excluded.own, tentative = null";
const OVERWRITES: &str = "select o.at, i.uuid, i.number, o.row_id, o.old, o.new
    from delivery_overwrite o join instance i on i.instance_id = o.instance_id
    where o.sink = ?1 order by o.overwrite_id desc limit ?2";

impl Store {
    /// The rows of an instance that are ours.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn held_rows(&self, sink: &str, instance: i64) -> Result<HeldRows> {
        let sql = "select own, tentative from delivery_rows where sink = ?1 and instance_id = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = statement.query((sink, instance))?;
        let Some(row) = found.next()? else { return Ok(HeldRows::default()) };
        let unpacked = |column| -> Result<Option<OwnRows>> {
            let blob: Option<Vec<u8>> = row.get(column)?;
            blob.map(|blob| from_json(&unpack(&blob)?)).transpose()
        };
        Ok(HeldRows { own: unpacked(0)?.unwrap_or_default(), tentative: unpacked(1)? })
    }

    /// Keeps the rows that will be ours once the sink commits.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_tentative_rows(&mut self, sink: &str, instance: i64, rows: &OwnRows) -> Result<()> {
        let blob = pack(&to_json(&self.without_erased(instance, rows)?)?)?;
        self.connection.prepare_cached(SET_TENTATIVE)?.execute((sink, instance, blob))?;
        Ok(())
    }

    /// Keeps the rows that are ours now; what was tentative is settled.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_own_rows(&mut self, sink: &str, instance: i64, rows: &OwnRows) -> Result<()> {
        let blob = pack(&to_json(&self.without_erased(instance, rows)?)?)?;
        self.connection.prepare_cached(SET_OWN)?.execute((sink, instance, blob))?;
        Ok(())
    }

    /// Keeps what stood in a row of somebody else before it was corrected. Once, however often it is tried.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_overwrite(
        &mut self,
        now: Timestamp,
        sink: &str,
        instance: i64,
        old: &ExistingRow,
        new: &ExistingRow,
    ) -> Result<()> {
        let sql = "insert into delivery_overwrite (sink, instance_id, at, row_id, old, new)
            select ?1, ?2, ?3, ?4, ?5, ?6 where not exists (select 1 from delivery_overwrite
                where sink = ?1 and instance_id = ?2 and row_id = ?4 and old = ?5 and new = ?6)";
        let both = OwnRows::from([(0, old.row.clone()), (1, new.row.clone())]);
        if self.without_erased(instance, &both)?.len() < both.len() {
            return Ok(());
        }
        let (before, after) = (to_json(&old.row)?, to_json(&new.row)?);
        self.connection.prepare_cached(sql)?.execute((sink, instance, ms(now), old.id, before, after))?;
        Ok(())
    }

    /// How many rows of others were corrected.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_overwrites(&self, sink: &str) -> Result<u64> {
        let sql = "select count(*) from delivery_overwrite where sink = ?1";
        Ok(self.connection.query_row(sql, [sink], |row| row.get(0))?)
    }

    /// Rows of others that were corrected, latest first; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn overwrites(&self, sink: &str, limit: u32) -> Result<Vec<Overwrite>> {
        let mut statement = self.connection.prepare_cached(OVERWRITES)?;
        let mut rows = statement.query((sink, limit))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get(3)?;
            all.push(Overwrite {
                at: from_ms(row.get(0)?),
                meeting_uuid: row.get(1)?,
                meeting_id: row.get(2)?,
                old: ExistingRow { id, row: from_json(row.get_ref(4)?.as_str().unwrap_or(""))? },
                new: ExistingRow { id, row: from_json(row.get_ref(5)?.as_str().unwrap_or(""))? },
            });
        }
        Ok(all)
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable("rows of a sink")(error.to_string()))
}

fn from_json<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| unreadable("rows of a sink")(error.to_string()))
}
