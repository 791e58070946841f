//! Stays: what follows from the readings, one row for each connection.

use jiff::Timestamp;
use rollbook_core::family::Family;
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

/// A stay as kept.
pub type StayRow = Stay;

const CLEAR: &str = "delete from stay where instance_id = ?1";
const ADD: &str =
    "insert into stay (instance_id, joined_at, user_id, ordinal, participant_uuid, zoom_user_id,
        registrant_id, name, email, left_at, status, is_breakout, source, is_withdrawn)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
const OF: &str =
    "select joined_at, user_id, participant_uuid, zoom_user_id, registrant_id, name, email, left_at, status,
        is_breakout, source, is_withdrawn
    from stay where instance_id = ?1 order by joined_at, user_id, ordinal";
const CHANGED: &str = "update instance set changes = changes + 1, is_forgotten = 0 where instance_id = ?1";
const COUNT: &str = "select count(*) from stay where is_withdrawn = 0";

impl Store {
    /// Replaces the stays of an instance by what its readings now say.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_stays(&mut self, instance: i64, stays: &[Stay]) -> Result<()> {
        self.connection.prepare_cached(CLEAR)?.execute([instance])?;
        let mut add = self.connection.prepare_cached(ADD)?;
        for (ordinal, stay) in stays.iter().enumerate() {
            add.execute(rusqlite::params![
                instance,
                ms(stay.joined_at),
                stay.user_id,
                ordinal,
                stay.participant_uuid,
                stay.zoom_user_id,
                stay.registrant_id,
                stay.name,
                stay.email,
                opt_ms(stay.left_at),
                stay.status.name(),
                stay.is_breakout,
                stay.source.name(),
                stay.is_withdrawn,
            ])?;
        }
        drop(add);
        self.connection.prepare_cached(CHANGED)?.execute([instance])?;
        self.link_emails(stays)
    }

    /// The stays of an instance by join, withdrawn ones too.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn stays(&self, instance: i64) -> Result<Vec<Stay>> {
        let mut statement = self.connection.prepare_cached(OF)?;
        let rows = statement.query_map([instance], |row| {
            let status = match row.get_ref(8)?.as_str()? {
                "in_waiting_room" => Status::InWaitingRoom,
                _ => Status::InMeeting,
            };
            Ok(Stay {
                joined_at: from_ms(row.get(0)?),
                user_id: row.get(1)?,
                participant_uuid: row.get(2)?,
                zoom_user_id: row.get(3)?,
                registrant_id: row.get(4)?,
                name: row.get(5)?,
                email: row.get(6)?,
                left_at: opt_from_ms(row.get(7)?),
                status,
                is_breakout: row.get(9)?,
                source: Family::from_name(row.get_ref(10)?.as_str()?).unwrap_or(Family::Event),
                is_withdrawn: row.get(11)?,
                evidence: std::collections::BTreeMap::new(),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Stays kept and not withdrawn, over all accounts.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_stays(&self) -> Result<u64> {
        Ok(self.connection.query_row(COUNT, [], |row| row.get(0))?)
    }

    /// First join and last leave of an instance's stays in the meeting, for instances whose times nobody tells.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn span_of_stays(&self, instance: i64) -> Result<Option<(Timestamp, Option<Timestamp>)>> {
        let sql = "select min(joined_at), max(left_at) from stay where instance_id = ?1 and is_withdrawn = 0";
        let (first, last): (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached(sql)?
            .query_row([instance], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.map(|first| (from_ms(first), opt_from_ms(last))))
    }
}
