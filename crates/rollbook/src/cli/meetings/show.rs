//! `rollbook meetings show`

use clap::Args;
use rollbook_zoom::MeetingId;
use rollbook_zoom::endpoint::GetMeeting;

use super::text::meeting_text;
use crate::cli::context::Context;
use crate::cli::desk::{Desk, shown};
use crate::cli::{Exit, output};

/// Show one meeting's plan
///
/// Costs one Light call. The address that lets anyone in as host is never shown.
#[derive(Debug, Args)]
pub struct Show {
    /// Meeting number
    #[arg(value_name = "NUMBER", value_parser = super::parse_number)]
    pub meeting: MeetingId,
    /// One occurrence of a recurring meeting, by its ID
    #[arg(long, value_name = "ID")]
    pub occurrence: Option<String>,
    /// Occurrences that are over, too
    #[arg(long)]
    pub previous: bool,
}

impl Show {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let request = GetMeeting {
            meeting: self.meeting,
            occurrence_id: self.occurrence,
            show_previous_occurrences: self.previous,
        };
        let mut desk = Desk::open(context, &format!("meetings show {}", self.meeting)).await?;
        let told = desk.ask(&request).await;
        let told = desk.close(told, "1 plan").await?;
        match context.json {
            true => output::json(&shown(told.body))?,
            false => output::text(&meeting_text(&context.page(), &told.value))?,
        }
        Ok(Exit::Done)
    }
}
