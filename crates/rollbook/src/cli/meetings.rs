//! `rollbook meetings`: what is planned at Zoom, and changes to it.

use clap::{Args, Subcommand};

use super::Exit;
use super::context::Context;

mod check;
mod create;
mod fields;
mod list;
mod show;
mod text;
mod update;

/// List, show, create and update meetings at Zoom, and check them against Moodle
///
/// Plans, not what happened: for that, see `attendance` and `why`. Changes count against the 100 a day (UTC) that Zoom allows
/// for each host, whoever makes them; --dry-run shows what would be sent and what is left.
#[derive(Debug, Args)]
pub struct Meetings {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with plans.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum Command {
    List(list::List),
    Show(show::Show),
    Create(Box<create::Create>),
    Update(Box<update::Update>),
    Check(check::Check),
}

impl Meetings {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        match self.command {
            Command::List(list) => list.run(&context).await,
            Command::Show(show) => show.run(&context).await,
            Command::Create(create) => create.run(&context).await,
            Command::Update(update) => update.run(&context).await,
            Command::Check(check) => check.run(&context).await,
        }
    }
}

use fields::parse_number;
pub(super) use fields::{parse_set, parse_user, put};
