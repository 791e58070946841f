//! `rollbook moodle`: sessions and participants in the school's Moodle.

use clap::{Args, Subcommand};

use super::Exit;
use super::context::Context;
use crate::config::{ConfigError, MoodleDbConfig};

pub mod check;
pub mod grades;
pub mod push;
pub mod status;

/// Deliver sessions and participants to Moodle, and see how that stands
///
/// Needs Moodle's database (ROLLBOOK_MOODLE_DB); `moodle check` says which rights there.
#[derive(Debug, Args)]
pub struct Moodle {
    /// What to do.
    #[command(subcommand)]
    pub command: MoodleCommand,
}

/// The commands. Each variant is documented by its own arguments, which is also its help.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum MoodleCommand {
    Check(check::Check),
    Push(push::PushCommand),
    Grades(grades::Grades),
    Status(status::Status),
}

impl Moodle {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        match self.command {
            MoodleCommand::Check(check) => check.run(&context).await,
            MoodleCommand::Push(push) => push.run(&context).await,
            MoodleCommand::Grades(grades) => grades.run(&context).await,
            MoodleCommand::Status(status) => status.run(&context),
        }
    }
}

/// Moodle's database, for telling it who was where.
///
/// # Errors
/// If it is not known, or the store keeps no names.
pub fn told_database<'a>(context: &'a Context<'_>) -> Result<&'a MoodleDbConfig, ConfigError> {
    if context.config.is_masked == Some(true) {
        return Err(ConfigError(
            "ROLLBOOK_MASKED keeps no names, so that nobody can be named to Moodle; leave it out, and collect into a store that \
             keeps names"
                .to_owned(),
        ));
    }
    database(context)
}

/// Where Moodle's database is.
///
/// # Errors
/// If no setting tells.
pub fn database<'a>(context: &'a Context<'_>) -> Result<&'a MoodleDbConfig, ConfigError> {
    context.config.moodle.db.as_ref().ok_or_else(|| {
        ConfigError(
            "Moodle's database is not known: set ROLLBOOK_MOODLE_DB to postgres://USER:PASSWORD@HOST/DATABASE or \
             mysql://USER:PASSWORD@HOST/DATABASE (also for MariaDB), and ROLLBOOK_MOODLE_PREFIX unless it is mdl_"
                .to_owned(),
        )
    })
}
