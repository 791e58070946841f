//! Call quality: one row for each connection with what is searched for, its samples beside it.

mod days;
mod ledger;
mod packed;
mod phrases;

use jiff::Timestamp;
use rollbook_core::quality::{Cause, Channel, QualityRow, Series, StayQuality};
use rusqlite::{OptionalExtension, Row, params};

pub use days::{Facet, QualityDay, QualitySum, Worst};
pub use ledger::{QualityRecord, QualityStanding, QualityState};

use crate::error::Result;
use crate::samples;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

const PUT: &str = "insert into quality_stay (instance_id, user_id, joined_at, zoom_user_id, name, email, left_at,
        samples, first_at, last_at, minutes, score, bad_minutes, worst, cause, odd, packed)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
    on conflict (instance_id, user_id, joined_at) do update set
        zoom_user_id = excluded.zoom_user_id, name = excluded.name, email = excluded.email, left_at = excluded.left_at,
        samples = excluded.samples, first_at = excluded.first_at, last_at = excluded.last_at,
        minutes = excluded.minutes, score = excluded.score, bad_minutes = excluded.bad_minutes,
        worst = excluded.worst, cause = excluded.cause, odd = excluded.odd, packed = excluded.packed
    returning quality_id";
const COLUMNS: &str = "user_id, joined_at, zoom_user_id, name, email, left_at, samples, first_at,
    last_at, minutes, score, bad_minutes, worst, cause, odd, packed";

/// Which connection a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityKey {
    /// Zoom's number of the connection; empty where Zoom left it out.
    pub user_id: String,
    /// Join.
    pub joined_at: Option<Timestamp>,
    /// The name, which tells apart those without a number.
    pub name: Option<String>,
    /// The e-mail, likewise.
    pub email: Option<String>,
}

impl Store {
    /// Keeps what is known of one connection's call quality, in place of what was kept of it (the same instance,
    /// `user_id` and join). Figures of its streams are kept to the hundredth.
    ///
    /// Samples are those of `row`: to add some, merge them with those of [`Store::quality_row`] first.
    ///
    /// # Errors
    /// If the store cannot be written, or more samples are given than any stay can have.
    pub fn put_quality_row(&mut self, instance: i64, row: &QualityRow, quality: &StayQuality) -> Result<()> {
        let summed = self.summed_part(instance, row)?;
        let id: i64 = self.connection.prepare_cached(PUT)?.query_row(
            params![
                instance,
                row.user_id,
                row.joined_at.map_or(0, ms),
                row.zoom_user_id,
                row.name,
                row.email,
                opt_ms(row.left_at),
                quality.samples,
                opt_ms(quality.first_at),
                opt_ms(quality.last_at),
                quality.minutes,
                quality.score,
                quality.bad_minutes,
                quality.worst.map(Channel::name),
                quality.cause.map(cause_name),
                quality.odd,
                packed::pack(row, quality),
            ],
            |row| row.get(0),
        )?;
        if self.is_summed(id)? {
            self.replace_part(summed, days::Part::of(row, quality))?;
        }
        self.put_samples(id, instance, &row.series)
    }

    /// What is kept of one connection, with its samples.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_row(
        &self,
        instance: i64,
        user_id: &str,
        joined_at: Option<Timestamp>,
    ) -> Result<Option<QualityRow>> {
        let sql = format!(
            "select {COLUMNS}, block from quality_stay left join quality_samples using (quality_id)
             where instance_id = ?1 and user_id = ?2 and joined_at = ?3"
        );
        let key = (instance, user_id, joined_at.map_or(0, ms));
        let raw = self.connection.prepare_cached(&sql)?.query_row(key, raw_with_samples).optional()?;
        Ok(raw.map(Raw::read).transpose()?.map(|(row, _)| row))
    }

    /// Everybody's call quality in an instance by join, without samples: no block is touched.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_rows(&self, instance: i64) -> Result<Vec<(QualityRow, StayQuality)>> {
        let sql =
            format!("select {COLUMNS} from quality_stay where instance_id = ?1 order by joined_at, user_id");
        self.quality_query(&sql, instance, raw)
    }

    /// Which connections of an instance have call quality: whose they are, and when they began.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_keys(&self, instance: i64) -> Result<Vec<QualityKey>> {
        let sql = "select user_id, joined_at, name, email from quality_stay where instance_id = ?1
            order by joined_at, user_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let keys = statement.query_map([instance], |row| {
            let joined_at: i64 = row.get(1)?;
            let joined_at = (joined_at != 0).then(|| from_ms(joined_at));
            Ok(QualityKey { user_id: row.get(0)?, joined_at, name: row.get(2)?, email: row.get(3)? })
        })?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }

    /// Everybody's call quality in an instance by join, with the samples as far as they are still kept.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_with_samples(&self, instance: i64) -> Result<Vec<(QualityRow, StayQuality)>> {
        let sql = format!(
            "select {COLUMNS}, block from quality_stay left join quality_samples using (quality_id)
             where instance_id = ?1 order by joined_at, user_id"
        );
        self.quality_query(&sql, instance, raw_with_samples)
    }

    /// Visits everybody's call quality in an instance by `user_id` and join, with the samples as far as they are still
    /// kept: one connection at a time, so that memory does not grow with the instance.
    ///
    /// # Errors
    /// If the store cannot be read, or what `visit` returns.
    pub fn each_quality_with_samples<E: From<crate::Error>>(
        &self,
        instance: i64,
        mut visit: impl FnMut(QualityRow, StayQuality) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = format!(
            "select {COLUMNS}, block from quality_stay left join quality_samples using (quality_id)
             where instance_id = ?1 order by user_id, joined_at"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(crate::Error::from)?;
        let mut rows = statement.query([instance]).map_err(crate::Error::from)?;
        while let Some(row) = rows.next().map_err(crate::Error::from)? {
            let (row, quality) = raw_with_samples(row).map_err(crate::Error::from)?.read()?;
            visit(row, quality)?;
        }
        Ok(())
    }

    fn quality_query(
        &self,
        sql: &str,
        instance: i64,
        raw: fn(&Row<'_>) -> rusqlite::Result<Raw>,
    ) -> Result<Vec<(QualityRow, StayQuality)>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([instance], raw)?;
        rows.map(|raw| raw.map_err(crate::Error::from).and_then(Raw::read)).collect()
    }
}

/// A row whose bytes are not read yet.
struct Raw {
    row: QualityRow,
    quality: StayQuality,
    packed: Vec<u8>,
    block: Option<Vec<u8>>,
}

impl Raw {
    fn read(mut self) -> Result<(QualityRow, StayQuality)> {
        packed::unpack(&self.packed, &mut self.row, &mut self.quality)?;
        self.row.series = self.block.map_or(Ok(Series::new()), |block| samples::read(&block))?;
        Ok((self.row, self.quality))
    }
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let joined_at: i64 = row.get(1)?;
    Ok(Raw {
        row: QualityRow {
            user_id: row.get(0)?,
            zoom_user_id: row.get(2)?,
            name: row.get(3)?,
            email: row.get(4)?,
            joined_at: (joined_at != 0).then(|| from_ms(joined_at)),
            left_at: opt_from_ms(row.get(5)?),
            ..QualityRow::default()
        },
        quality: StayQuality {
            samples: row.get(6)?,
            first_at: opt_from_ms(row.get(7)?),
            last_at: opt_from_ms(row.get(8)?),
            minutes: row.get(9)?,
            score: row.get(10)?,
            bad_minutes: row.get(11)?,
            worst: row.get_ref(12)?.as_str_or_null()?.and_then(Channel::from_name),
            cause: row.get_ref(13)?.as_str_or_null()?.and_then(cause_of_name),
            odd: row.get(14)?,
            ..StayQuality::default()
        },
        packed: row.get(15)?,
        block: None,
    })
}

fn raw_with_samples(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw { block: row.get(16)?, ..raw(row)? })
}

/// Causes by their names in the store; their places are those of packed streams.
const CAUSES: [(Cause, &str); 5] = [
    (Cause::Loss, "loss"),
    (Cause::Jitter, "jitter"),
    (Cause::Latency, "latency"),
    (Cause::Cpu, "cpu"),
    (Cause::Silence, "silence"),
];

fn cause_name(cause: Cause) -> &'static str {
    CAUSES.iter().find(|(one, _)| *one == cause).map_or("", |(_, name)| name)
}

fn cause_of_name(name: &str) -> Option<Cause> {
    CAUSES.iter().find(|(_, one)| *one == name).map(|(cause, _)| *cause)
}
