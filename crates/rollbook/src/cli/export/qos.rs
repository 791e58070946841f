//! `rollbook export qos`: one line per sample of the ended instances of a range of days.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use rollbook_core::quality::QualityRow;
use rollbook_core::time::Window;
use rollbook_store::{Record, Store};

use super::file::write_whole;
use super::partition::{Partitions, folder};
use super::sample::{CsvFile, JsonFile, Sample, in_order};
use super::{CANNOT, Format, Stopped, window};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::dates::Days;

mod days;
mod remarks;

pub use days::write_days;
pub use remarks::Standings;

/// The name of every Parquet file.
const FILE: &str = "qos.parquet";

/// Write call quality, one line per sample
///
/// Samples, about one a minute for each connection, of ended instances that started on these days (in the school's time
/// zone, both ends included); without dates, all. Sorted by meeting_uuid, user_id (as text) and time. What Zoom did not
/// measure is empty, never 0. What is not in it, and why, goes to standard error.
///
/// JSON is an array of objects with the columns of CSV as keys and null for gaps; and, where there are any, the figures
/// of room connectors and web gateways (audio_from_crc_latency_ms), of the radio (wifi_rssi_avg_dbm), the pressure on
/// the processor (cpu_pressure_max, a word), and `unreadable`: what Zoom wrote where a figure should have been.
///
/// Parquet has all of these as typed columns with their units, and needs --out FOLDER: each account and day is a file
/// FOLDER/account=NAME/day=DATE/qos.parquet, which replaces an earlier one; other files stay.
#[derive(Debug, Args)]
pub struct Qos {
    /// The days.
    #[command(flatten)]
    pub days: Days,
    /// The form (default: what the file's name ends with, json with --json, else csv)
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The file (default: standard output), or the folder for Parquet. What is there is replaced when all is written,
    /// not before
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

/// What an export held, and what it could not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Lines.
    pub samples: u64,
    /// Connections that have any.
    pub stays: u64,
    /// Instances that have any.
    pub instances: u64,
    /// Values that could not be read.
    pub unreadable: u64,
    /// Connections that had samples, which are not kept any more.
    pub forgotten: u64,
    /// Days whose Parquet file was left as it was, because samples of them are not kept any more.
    pub days_left: u64,
}

impl Qos {
    /// Runs it.
    pub fn run(self, context: &Context<'_>, default: Option<Format>) -> anyhow::Result<Exit> {
        let out = self.out.as_deref();
        let format = Format::chosen(self.format.or(default), out)?;
        let window = window(&self.days, context)?;
        let store = context.read_store()?;
        let account = context.account.as_deref();
        let written = if format == Format::Parquet {
            let partitions = Partitions::open(folder(out)?, FILE)?;
            write_days(&store, account, window, &context.config.timezone, &partitions).context(CANNOT)?
        } else {
            write_whole(out, |out| write(&store, account, window, format, out))?
        };
        let standings = Standings::of(&store, account, window)?;
        let left_out = store.left_out(account, window)?;
        for sentence in remarks::remarks(written, standings, left_out, out) {
            eprintln!("rollbook: {sentence}");
        }
        Ok(Exit::Done)
    }
}

/// Writes every line as CSV or JSON. Nothing is held but the samples of one connection, so memory does not grow with
/// the range.
///
/// # Errors
/// If the store cannot be read or `out` cannot be written.
pub fn write(
    store: &Store,
    account: Option<&str>,
    window: Window,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Written> {
    if format == Format::Json {
        let mut file = JsonFile::begin(out);
        let written = each_sample(store, account, window, |sample| Ok(file.write(sample)?))?;
        file.finish()?;
        return Ok(written);
    }
    let mut file = CsvFile::begin(out)?;
    let written = each_sample(store, account, window, |sample| Ok(file.write(sample)?))?;
    file.finish()?;
    Ok(written)
}

fn each_sample(
    store: &Store,
    account: Option<&str>,
    window: Window,
    mut visit: impl FnMut(&Sample<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Written> {
    let mut written = Written::default();
    store
        .each_ended(account, window, |record| {
            each_connection(store, &record, &mut written, |rows| {
                in_order(&record.instance.uuid, rows).iter().try_for_each(&mut visit)
            })
        })
        .map_err(|Stopped(error)| error)?;
    Ok(written)
}

/// Visits the rows of each `user_id` that has samples, by `user_id`. As a rule that is one row.
fn each_connection(
    store: &Store,
    record: &Record,
    written: &mut Written,
    mut visit: impl FnMut(&[QualityRow]) -> anyhow::Result<()>,
) -> Result<(), Stopped> {
    let before = written.samples;
    let mut same_user: Vec<QualityRow> = Vec::new();
    store.each_quality_with_samples(record.id, |row, quality| -> Result<(), Stopped> {
        if row.series.is_empty() {
            written.forgotten += u64::from(quality.samples > 0);
            return Ok(());
        }
        written.stays += 1;
        written.samples += row.series.len() as u64;
        written.unreadable += row.series.odd().len() as u64;
        if same_user.first().is_some_and(|first| first.user_id != row.user_id) {
            visit(&same_user).map_err(Stopped)?;
            same_user.clear();
        }
        same_user.push(row);
        Ok(())
    })?;
    written.instances += u64::from(written.samples > before);
    visit(&same_user).map_err(Stopped)
}
