//! `rollbook export`: files for others.

use std::io;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use rollbook_core::time::Window;
use rollbook_store::{LeftOut, Store};

use super::context::Context;
use super::dates::Days;
use super::page::count;
use super::{Exit, UsageError};

pub mod attendance;
mod day;
mod file;
mod format;
pub mod parquet;
mod partition;
pub mod qos;
mod row;
pub mod sample;

pub use format::Format;
pub use row::{HEADER, Row};

/// Write files for others: CSV, JSON or Parquet
#[derive(Debug, Args)]
pub struct Export {
    /// What to write.
    #[command(subcommand)]
    pub what: What,
}

/// What can be written.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum What {
    Attendance(attendance::Attendance),
    Qos(qos::Qos),
}

impl Export {
    /// Runs it. `json` is what `--json` says, for everything that has no `--format` of its own.
    pub fn run(self, context: &Context<'_>, json: bool) -> anyhow::Result<Exit> {
        let default = json.then_some(Format::Json);
        match self.what {
            What::Attendance(attendance) => attendance.run(context, default),
            What::Qos(qos) => qos.run(context, default),
        }
    }
}

const CANNOT: &str =
    "the export cannot be written; see that there is room and access, or name another place with --out";

/// Why a visit ended early.
struct Stopped(anyhow::Error);

impl From<rollbook_store::Error> for Stopped {
    fn from(error: rollbook_store::Error) -> Stopped {
        Stopped(error.into())
    }
}

/// The days as a window of time; without dates, all there is.
fn window(days: &Days, context: &Context<'_>) -> Result<Window, UsageError> {
    let days = days.chosen(context.today(context.clock().now()))?;
    Ok(days.map_or(Window { from: Timestamp::MIN, to: Timestamp::MAX }, |(from, to)| {
        Window::of_days(from, to, &context.config.timezone)
    }))
}

/// The accounts that are gone over, one after the other.
fn accounts(store: &Store, account: Option<&str>) -> anyhow::Result<Vec<String>> {
    Ok(match account {
        Some(account) => vec![account.to_owned()],
        None => store.account_pools()?.into_iter().map(|(name, _)| name).collect(),
    })
}

/// What to say of instances that belong to no day yet.
fn without_start(left_out: LeftOut) -> Option<String> {
    (left_out.without_start > 0).then(|| {
        format!(
            "{} left out, because nobody has told when they started; `rollbook status` lists what is open",
            count(left_out.without_start, "instance", "instances")
        )
    })
}

/// The system's own error, so that a closed pipe is recognised as one.
fn as_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
