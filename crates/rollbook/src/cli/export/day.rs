//! Parquet files of one account, a day after the other.

use std::fs::File;
use std::io::BufWriter;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::parquet::{Column, Field, ParquetFile};
use super::partition::{Part, Partitions};

/// The files of one account. An instance belongs to the day on which it started; a day without rows gets no file.
pub struct DayFiles<'a> {
    partitions: &'a Partitions,
    account: &'a str,
    zone: &'a TimeZone,
    fields: Vec<Field>,
    date: Option<Date>,
    file: Option<(ParquetFile<BufWriter<File>>, Part)>,
    is_less: bool,
}

/// How a day ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Its rows, if there are any, are written.
    Written,
    /// Its file stayed as an earlier export wrote it, from more than is kept by now.
    Left,
}

impl<'a> DayFiles<'a> {
    /// None yet.
    pub fn new(
        partitions: &'a Partitions,
        account: &'a str,
        zone: &'a TimeZone,
        fields: Vec<Field>,
    ) -> DayFiles<'a> {
        DayFiles { partitions, account, zone, fields, date: None, file: None, is_less: false }
    }

    /// Turns to the day of an instance. Instances come by start: when another day begins, the one before is completed.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn turn_to(&mut self, started_at: Timestamp) -> anyhow::Result<Option<Over>> {
        let date = Some(started_at.to_zoned(self.zone.clone()).date());
        if self.date == date {
            return Ok(None);
        }
        let over = self.complete()?;
        self.date = date;
        Ok(Some(over))
    }

    /// Says that not all there was of the day is kept any more: a file from an earlier time holds more.
    pub fn is_less(&mut self) {
        self.is_less = true;
    }

    /// Adds rows to the day.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn add(&mut self, fill: impl FnOnce(&mut [Column])) -> anyhow::Result<()> {
        let file = match &mut self.file {
            Some((file, _)) => file,
            None => {
                let (out, part) = self.partitions.begin(self.account, self.date.unwrap_or_default())?;
                &mut self.file.insert((ParquetFile::begin(out, self.fields.clone())?, part)).0
            }
        };
        Ok(file.add(fill)?)
    }

    /// Completes the last day.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> anyhow::Result<Over> {
        self.complete()
    }

    fn complete(&mut self) -> anyhow::Result<Over> {
        let is_less = std::mem::take(&mut self.is_less);
        match self.file.take() {
            Some((_, part)) if is_less && part.is_there() => return Ok(Over::Left),
            Some((file, part)) => part.finish(file.finish()?)?,
            None => {}
        }
        Ok(Over::Written)
    }
}
