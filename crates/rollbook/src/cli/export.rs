//! `rollbook export`: files for others.

use std::io;

use clap::{Args, Subcommand};
use rollbook_store::LeftOut;

use super::Exit;
use super::context::Context;
use super::page::count;

pub mod attendance;
mod file;
mod format;
pub mod qos;
mod row;
pub mod sample;

pub use format::Format;
pub use row::{HEADER, Row};

/// Write files for others: CSV or JSON
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
