//! `rollbook export`: files for others.

use clap::{Args, Subcommand, ValueEnum};

use super::Exit;
use super::context::Context;

pub mod attendance;
mod file;
mod row;

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

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header line (RFC 4180).
    Csv,
    /// An array of objects with the same keys; null where a value is unknown.
    Json,
}

impl Export {
    /// Runs it. CSV unless `--format` or `--json` says otherwise.
    pub fn run(self, context: &Context<'_>, default: Format) -> anyhow::Result<Exit> {
        match self.what {
            What::Attendance(attendance) => attendance.run(context, default),
        }
    }
}
