//! `rollbook export`: files for others.

use clap::{Args, Subcommand};

use super::Exit;
use super::context::Context;

pub mod attendance;
mod file;
mod format;
mod row;

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
}

impl Export {
    /// Runs it. `json` is what `--json` says, for everything that has no `--format` of its own.
    pub fn run(self, context: &Context<'_>, json: bool) -> anyhow::Result<Exit> {
        let default = json.then_some(Format::Json);
        match self.what {
            What::Attendance(attendance) => attendance.run(context, default),
        }
    }
}
