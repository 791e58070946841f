//! `rollbook export qos`: one line per sample of the ended instances of a range of days.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use rollbook_core::quality::QualityRow;
use rollbook_core::time::Window;
use rollbook_store::{QualityState, Record, Store};

use super::file::Destination;
use super::sample::{CsvFile, JsonFile, in_order};
use super::{CANNOT, Format, Stopped, without_start};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::dates::Days;
use crate::cli::page::count;

/// Write call quality, one line per sample
///
/// Samples, about one a minute for each connection, of ended instances that started on these days (in the school's time
/// zone, both ends included); without dates, all. Sorted by meeting_uuid, user_id (as text) and time. What Zoom did not
/// measure is empty, never 0. What is not in it, and why, goes to standard error.
///
/// JSON is an array of objects with the columns of CSV as keys and null for gaps; and, where there are any, the figures
/// of room connectors and web gateways (audio_from_crc_latency_ms), of the radio (wifi_rssi_avg_dbm), the pressure on
/// the processor (cpu_pressure_max, a word), and `unreadable`: what Zoom wrote where a figure should have been.
#[derive(Debug, Args)]
pub struct Qos {
    /// The days.
    #[command(flatten)]
    pub days: Days,
    /// The form (default: what the file's name ends with, json with --json, else csv)
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The file (default: standard output). It is replaced when all is written, not before
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
    /// Connections whose samples were kept long enough, and are gone.
    pub forgotten: u64,
    /// Instances whose call quality is still to be asked.
    pub open: u64,
    /// Instances of which Zoom tells no more.
    pub closed: u64,
    /// Instances whose call quality nobody has wanted.
    pub not_wanted: u64,
}

impl Qos {
    /// Runs it.
    pub fn run(self, context: &Context<'_>, default: Option<Format>) -> anyhow::Result<Exit> {
        let format = Format::chosen(self.format.or(default), self.out.as_deref())?;
        let days = self.days.chosen(context.today(context.clock().now()))?;
        let window = days.map_or(Window { from: Timestamp::MIN, to: Timestamp::MAX }, |(from, to)| {
            Window::of_days(from, to, &context.config.timezone)
        });
        let store = context.read_store()?;
        let account = context.account.as_deref();
        let mut out = Destination::open(self.out.as_deref())?;
        let written = match write(&store, account, window, format, &mut out) {
            Ok(written) => written,
            Err(error) => {
                out.give_up();
                return Err(error.context(CANNOT));
            }
        };
        out.finish().context(CANNOT)?;
        let left_out = store.left_out(account, window)?;
        for sentence in remarks(written, left_out, self.out.as_deref()) {
            eprintln!("rollbook: {sentence}");
        }
        Ok(Exit::Done)
    }
}

/// What goes to standard error: how much was written, and what is not in it.
fn remarks(written: Written, left_out: rollbook_store::LeftOut, out: Option<&Path>) -> Vec<String> {
    let instances = |number| count(number, "instance", "instances");
    let stays = |number| count(number, "stay", "stays");
    let place = out.map_or_else(String::new, |out| format!(" written to {}", out.display()));
    let mut all = vec![format!(
        "{} of {} in {}{place}",
        count(written.samples, "sample", "samples"),
        stays(written.stays),
        instances(written.instances)
    )];
    let mut remark = |number: u64, sentence: &dyn Fn() -> String| {
        if number > 0 {
            all.push(sentence());
        }
    };
    remark(written.open, &|| {
        format!(
            "call quality of {} still open: written as far as known; `rollbook sync` goes on",
            instances(written.open)
        )
    });
    remark(written.closed, &|| {
        format!(
            "call quality of {} closed, as Zoom tells no more of it; `rollbook why MEETING` says why",
            instances(written.closed)
        )
    });
    remark(written.not_wanted, &|| {
        format!(
            "call quality of {} not collected, as the policy in force did not want it (ROLLBOOK_QOS_POLICY, \
             `sync --qos POLICY`)",
            instances(written.not_wanted)
        )
    });
    remark(written.forgotten, &|| {
        format!("samples of {} left out, because they are not kept any more", stays(written.forgotten))
    });
    remark(written.unreadable, &|| {
        format!(
            "{} could not be read and left empty; JSON holds what Zoom wrote",
            count(written.unreadable, "value", "values")
        )
    });
    remark(left_out.live, &|| format!("{} live and left out", instances(left_out.live)));
    all.extend(without_start(left_out));
    all
}

/// Writes every line. Nothing is held but the samples of one connection, so memory does not grow with the range.
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
    match format {
        Format::Csv => {
            let mut file = CsvFile::begin(out)?;
            let written = each_connection(store, account, window, |record, rows| {
                let samples = in_order(&record.instance.uuid, rows);
                Ok(samples.iter().try_for_each(|sample| file.write(sample))?)
            })?;
            file.finish()?;
            Ok(written)
        }
        Format::Json => {
            let mut file = JsonFile::begin(out);
            let written = each_connection(store, account, window, |record, rows| {
                let samples = in_order(&record.instance.uuid, rows);
                Ok(samples.iter().try_for_each(|sample| file.write(sample))?)
            })?;
            file.finish()?;
            Ok(written)
        }
    }
}

/// Visits the rows of each `user_id` that has samples; as a rule that is one.
fn each_connection(
    store: &Store,
    account: Option<&str>,
    window: Window,
    mut visit: impl FnMut(&Record, &[QualityRow]) -> anyhow::Result<()>,
) -> anyhow::Result<Written> {
    let mut written = Written::default();
    store
        .each_ended(account, window, |record| -> Result<(), Stopped> {
            match store.quality_state(record.id)?.map(|record| record.standing.state) {
                None => written.not_wanted += 1,
                Some(QualityState::Due | QualityState::Fetched) => written.open += 1,
                Some(QualityState::Closed) => written.closed += 1,
                Some(QualityState::Complete) => {}
            }
            let before = written.samples;
            let mut same_user: Vec<QualityRow> = Vec::new();
            store.each_quality_with_samples(record.id, |row, quality| -> Result<(), Stopped> {
                written.forgotten += u64::from(quality.samples > 0 && row.series.is_empty());
                if row.series.is_empty() {
                    return Ok(());
                }
                written.stays += 1;
                written.samples += row.series.len() as u64;
                written.unreadable += row.series.odd().len() as u64;
                if same_user.first().is_some_and(|first| first.user_id != row.user_id) {
                    visit(&record, &same_user).map_err(Stopped)?;
                    same_user.clear();
                }
                same_user.push(row);
                Ok(())
            })?;
            written.instances += u64::from(written.samples > before);
            visit(&record, &same_user).map_err(Stopped)
        })
        .map_err(|Stopped(error)| error)?;
    Ok(written)
}
