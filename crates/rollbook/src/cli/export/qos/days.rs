//! Call quality as Parquet: a file for each account and day.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::quality::QualityRow;
use rollbook_core::time::Window;
use rollbook_store::{Record, Store};

use super::{Written, each_connection};
use crate::cli::export::day::{DayFiles, Over};
use crate::cli::export::parquet::Samples;
use crate::cli::export::partition::Partitions;
use crate::cli::export::sample::in_order;
use crate::cli::export::{Stopped, accounts};

/// Writes every sample, by day of start in `zone`.
///
/// # Errors
/// If the store cannot be read or a file cannot be written. Days that were complete by then stay written.
pub fn write_days(
    store: &Store,
    account: Option<&str>,
    window: Window,
    zone: &TimeZone,
    partitions: &Partitions,
) -> anyhow::Result<Written> {
    let mut all = Written::default();
    for account in accounts(store, account)? {
        let (samples, fields) = Samples::new();
        let mut days = DayFiles::new(partitions, &account, zone, fields);
        let mut day = Written::default();
        store
            .each_with_quality(Some(&account), window, |record| -> Result<(), Stopped> {
                let started_at = record.instance.started_at.unwrap_or(Timestamp::MIN);
                if let Some(over) = days.turn_to(started_at).map_err(Stopped)? {
                    all.add(std::mem::take(&mut day), over);
                }
                each_connection(store, &record, &mut day, |rows| add(&mut days, &samples, &record, rows))?;
                if day.forgotten > 0 {
                    days.is_less();
                }
                Ok(())
            })
            .map_err(|Stopped(error)| error)?;
        all.add(day, days.finish()?);
    }
    Ok(all)
}

fn add(
    days: &mut DayFiles<'_>,
    samples: &Samples,
    record: &Record,
    rows: &[QualityRow],
) -> anyhow::Result<()> {
    let ordered = in_order(&record.instance.uuid, rows);
    let mut runs = ordered.chunk_by(|a, b| std::ptr::eq(a.row, b.row));
    runs.try_for_each(|run| days.add(|columns| samples.fill(columns, &record.instance, run)))
}

impl Written {
    /// Adds a day's.
    fn add(&mut self, day: Written, over: Over) {
        self.forgotten += day.forgotten;
        match over {
            Over::Left => self.days_left += 1,
            Over::Written => {
                self.samples += day.samples;
                self.stays += day.stays;
                self.instances += day.instances;
                self.unreadable += day.unreadable;
            }
        }
    }
}
