//! `rollbook users`: the account's users, and new ones.

use clap::{Args, Subcommand};

use super::Exit;
use super::context::Context;

mod create;
mod list;
mod show;

/// List, show and create users of the Zoom account
#[derive(Debug, Args)]
pub struct Users {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with users.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum Command {
    List(list::List),
    Show(show::Show),
    Create(Box<create::Create>),
}

impl Users {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        match self.command {
            Command::List(list) => list.run(&context).await,
            Command::Show(show) => show.run(&context).await,
            Command::Create(create) => create.run(&context).await,
        }
    }
}

/// Zoom's number for a licence, in a word.
fn licence_word(licence: Option<i64>) -> String {
    match licence {
        None => String::new(),
        Some(1) => "basic".to_owned(),
        Some(2) => "licensed".to_owned(),
        Some(4) => "unassigned".to_owned(),
        Some(99) => "none".to_owned(),
        Some(other) => format!("type {other}"),
    }
}
