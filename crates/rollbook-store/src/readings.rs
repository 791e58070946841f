//! The evidence: what each call said about an instance. Rows are only added.

use jiff::Timestamp;
use rollbook_core::family::Family;
use rollbook_core::quality::QualityReading;
use rollbook_core::reading::{Outcome, Reading, Row};
use rusqlite::OptionalExtension;
use serde::Serialize;

use crate::error::{Result, unreadable};
use crate::packed;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// The `family` of readings that tell times and count.
const DETAILS: &str = "details";

/// One reading as kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredReading {
    /// Row number.
    pub id: i64,
    /// `report`, `past_meetings`, `metrics`, `event`; `details` for times and count, `quality` for call quality.
    pub family: String,
    /// When its first page was asked for.
    pub asked_at: Timestamp,
    /// The run that asked.
    pub run: Option<i64>,
    /// Calls it cost.
    pub calls: u32,
    /// What it said: for participants an outcome, for details the times and count, for call quality a
    /// [`QualityReading`].
    pub outcome: serde_json::Value,
}

/// The `family` of readings of call quality.
const QUALITY: &str = "quality";

const ADD: &str =
    "insert into reading (instance_id, family, asked_at, run_id, calls, outcome, rows_same_as, rows_json)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const SAME: &str = "select coalesce(rows_same_as, reading_id) from reading
    where instance_id = ?1 and family = ?2 and outcome = ?3 and rows_json is not null order by reading_id limit 1";
const OF: &str = "select reading_id, family, asked_at, run_id, calls, outcome from reading
    where instance_id = ?1 order by asked_at, reading_id";
const ROWS: &str = "select r.family, r.asked_at, coalesce(r.rows_json, s.rows_json), r.outcome
    from reading r left join reading s on s.reading_id = r.rows_same_as
    where r.instance_id = ?1 and r.family not in ('details', 'quality') order by r.asked_at, r.reading_id";

impl Store {
    /// Adds what a family said of an instance's participants. Rows equal to those of an earlier reading are kept once.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_reading(
        &mut self,
        instance: i64,
        run: i64,
        calls: u32,
        reading: &Reading,
        rows: &[Row],
    ) -> Result<()> {
        self.add(instance, Some(run), calls, reading, rows)
    }

    /// Adds what events told of an instance's participants. No run asked for it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_event_reading(&mut self, instance: i64, reading: &Reading, rows: &[Row]) -> Result<()> {
        self.add(instance, None, 0, reading, rows)
    }

    fn add(
        &mut self,
        instance: i64,
        run: Option<i64>,
        calls: u32,
        reading: &Reading,
        rows: &[Row],
    ) -> Result<()> {
        let outcome = to_json("a reading", &reading.outcome)?;
        let same: Option<i64> = match rows.is_empty() {
            true => None,
            false => self
                .connection
                .prepare_cached(SAME)?
                .query_row((instance, reading.family.name(), &outcome), |row| row.get(0))
                .optional()?,
        };
        // Equal outcomes hold equal digests, but a digest leaves out what only dashboards tell.
        let same = match same {
            Some(id) if self.rows_of(id)? == rows => Some(id),
            _ => None,
        };
        let blob = if rows.is_empty() || same.is_some() {
            None
        } else {
            Some(packed::pack(&to_json("rows", rows)?)?)
        };
        let at = ms(reading.asked_at);
        self.connection.prepare_cached(ADD)?.execute((
            instance,
            reading.family.name(),
            at,
            run,
            calls,
            outcome,
            same,
            blob,
        ))?;
        Ok(())
    }

    /// Adds what was said of an instance's times and count.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_details_reading(
        &mut self,
        now: Timestamp,
        instance: i64,
        run: i64,
        said: &serde_json::Value,
    ) -> Result<()> {
        self.connection.prepare_cached(ADD)?.execute((
            instance,
            DETAILS,
            ms(now),
            run,
            1,
            said.to_string(),
            None::<i64>,
            None::<Vec<u8>>,
        ))?;
        Ok(())
    }

    /// Adds how an ask for call quality ended. What it told is kept by [`Store::put_quality_row`].
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_quality_reading(
        &mut self,
        instance: i64,
        run: i64,
        calls: u32,
        reading: &QualityReading,
    ) -> Result<()> {
        self.connection.prepare_cached(ADD)?.execute((
            instance,
            QUALITY,
            ms(reading.asked_at),
            run,
            calls,
            to_json("a reading", reading)?,
            None::<i64>,
            None::<Vec<u8>>,
        ))?;
        Ok(())
    }

    /// The readings of an instance's call quality, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_readings(&self, instance: i64) -> Result<Vec<QualityReading>> {
        let sql = "select outcome from reading where instance_id = ?1 and family = 'quality'
            order by asked_at, reading_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([instance])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let outcome = row.get_ref(0)?.as_str().unwrap_or("");
            all.push(serde_json::from_str(outcome).map_err(|e| unreadable("a reading")(e.to_string()))?);
        }
        Ok(all)
    }

    /// Every reading of an instance, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn readings(&self, instance: i64) -> Result<Vec<StoredReading>> {
        let mut statement = self.connection.prepare_cached(OF)?;
        let mut rows = statement.query([instance])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let outcome: String = row.get(5)?;
            all.push(StoredReading {
                id: row.get(0)?,
                family: row.get(1)?,
                asked_at: from_ms(row.get(2)?),
                run: row.get(3)?,
                calls: row.get(4)?,
                outcome: serde_json::from_str(&outcome)
                    .map_err(|e| unreadable("a reading")(e.to_string()))?,
            });
        }
        Ok(all)
    }

    /// The readings of participants with their rows, oldest first: what stays are derived from.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn evidence(&self, instance: i64) -> Result<Vec<(Reading, Vec<Row>)>> {
        let mut statement = self.connection.prepare_cached(ROWS)?;
        let mut rows = statement.query([instance])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(family) = Family::from_name(row.get_ref(0)?.as_str().unwrap_or("")) else { continue };
            let outcome: Outcome = serde_json::from_str(row.get_ref(3)?.as_str().unwrap_or(""))
                .map_err(|e| unreadable("a reading")(e.to_string()))?;
            let reading = Reading { family, asked_at: from_ms(row.get(1)?), outcome };
            all.push((reading, unpack(row.get::<_, Option<Vec<u8>>>(2)?)?));
        }
        Ok(all)
    }

    /// When an instance's times and count were asked for after it had stopped being live, oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn details_asked(&self, instance: i64) -> Result<Vec<Timestamp>> {
        let sql = "select asked_at from reading where instance_id = ?1 and family = 'details'
            and instr(outcome, '\"while_live\":true') = 0 order by asked_at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([instance], |row| Ok(from_ms(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn rows_of(&self, reading: i64) -> Result<Vec<Row>> {
        let sql = "select rows_json from reading where reading_id = ?1";
        unpack(self.connection.prepare_cached(sql)?.query_row([reading], |row| row.get(0))?)
    }
}

pub(crate) fn to_json<T: Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable(what)(error.to_string()))
}

pub(crate) fn unpack(blob: Option<Vec<u8>>) -> Result<Vec<Row>> {
    let Some(blob) = blob else { return Ok(Vec::new()) };
    serde_json::from_str(&packed::unpack(&blob)?).map_err(|e| unreadable("rows")(e.to_string()))
}
