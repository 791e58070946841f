//! `rollbook export attendance`: one line per stay of the ended instances of a range of days.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::time::Window;
use rollbook_store::{Record, Store};

use super::day::DayFiles;
use super::file::write_whole;
use super::parquet::{fill_stay, stay_fields};
use super::partition::{Partitions, folder};
use super::row::{HEADER, Row};
use super::{CANNOT, Format, Stopped, accounts, as_io, window, without_start};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::dates::Days;
use crate::cli::page::count;

/// The name of every Parquet file.
const FILE: &str = "attendance.parquet";

/// Write attendance, one line per stay
///
/// Ended instances that started on these days (in the school's time zone, both ends included); without dates, all.
/// Sorted by meeting_uuid, join_time and user_id. Instances still open are written as far as they are known; their
/// number goes to standard error.
///
/// Parquet has the same columns, typed, and needs --out FOLDER: each account and day is a file
/// FOLDER/account=NAME/day=DATE/attendance.parquet, which replaces an earlier one; other files stay.
#[derive(Debug, Args)]
pub struct Attendance {
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

/// What an export held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Instances gone over.
    pub instances: u64,
    /// Of these, still open.
    pub open: u64,
    /// Lines.
    pub stays: u64,
}

impl Attendance {
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
        let left_out = store.left_out(account, window)?;
        for sentence in remarks(written, left_out, out) {
            eprintln!("rollbook: {sentence}");
        }
        Ok(Exit::Done)
    }
}

/// What goes to standard error: how much was written, and what is not in it.
fn remarks(
    written: Written,
    left_out: rollbook_store::LeftOut,
    out: Option<&std::path::Path>,
) -> Vec<String> {
    let instances = |number| count(number, "instance", "instances");
    let place = out.map_or_else(String::new, |out| format!(" written to {}", out.display()));
    let mut all =
        vec![format!("{} of {}{place}", count(written.stays, "stay", "stays"), instances(written.instances))];
    let open = written.open + left_out.live;
    if open > 0 {
        let live = if left_out.live > 0 {
            format!(" ({} of them live and left out)", left_out.live)
        } else {
            String::new()
        };
        all.push(format!(
            "{} still open{live}: written as far as known; `rollbook sync` goes on, `rollbook status` says why",
            instances(open)
        ));
    }
    all.extend(without_start(left_out));
    all
}

/// Writes every line as CSV or JSON. Nothing is held but the stays of one instance, so memory does not grow with the
/// range.
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
        let mut between = "[\n";
        let written = each_row(store, account, window, |row| {
            out.write_all(between.as_bytes())?;
            between = ",\n";
            Ok(serde_json::to_writer(&mut *out, row).map_err(io::Error::from)?)
        })?;
        out.write_all(if written.stays == 0 { b"[]\n" } else { b"\n]\n" })?;
        return Ok(written);
    }
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    csv.write_record(HEADER).map_err(as_io)?;
    let written = each_row(store, account, window, |row| Ok(csv.serialize(row).map_err(as_io)?))?;
    csv.flush()?;
    Ok(written)
}

/// Writes every stay as Parquet, by day of start in `zone`.
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
    let mut written = Written::default();
    for account in accounts(store, account)? {
        let mut days = DayFiles::new(partitions, &account, zone, stay_fields());
        store
            .each_ended_by_start(Some(&account), window, |record| -> Result<(), Stopped> {
                days.turn_to(record.instance.started_at.unwrap_or(Timestamp::MIN)).map_err(Stopped)?;
                rows_of(store, &record, &mut written, |row| days.add(|columns| fill_stay(columns, row)))
            })
            .map_err(|Stopped(error)| error)?;
        days.finish()?;
    }
    Ok(written)
}

fn each_row(
    store: &Store,
    account: Option<&str>,
    window: Window,
    mut visit: impl FnMut(&Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Written> {
    let mut written = Written::default();
    store
        .each_ended(account, window, |record| rows_of(store, &record, &mut written, &mut visit))
        .map_err(|Stopped(error)| error)?;
    Ok(written)
}

fn rows_of(
    store: &Store,
    record: &Record,
    written: &mut Written,
    mut visit: impl FnMut(&Row<'_>) -> anyhow::Result<()>,
) -> Result<(), Stopped> {
    written.instances += 1;
    written.open += u64::from(record.state.is_open());
    for stay in store.stays(record.id)?.iter().filter(|stay| !stay.is_withdrawn) {
        written.stays += 1;
        visit(&Row::of(record, stay)).map_err(Stopped)?;
    }
    Ok(())
}
