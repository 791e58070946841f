//! `rollbook why`: the evidence, instance by instance.

use clap::Args;

use super::context::Context;
use super::meeting::MeetingName;
use super::{Exit, output};
use crate::report::evidence::{Answer, Told, Wanted, tell};

mod text;

/// Instances that are told in full to people; earlier ones of a number get a line each.
const FULL_MAX: usize = 5;

/// Show why a meeting stands where it stands: every reading, the evidence, the next look
///
/// A number can name many runs (restarts, recurring meetings, personal rooms): each is shown.
#[derive(Debug, Args)]
pub struct Why {
    /// A meeting number (912 3456 7890) or the UUID of one run
    pub meeting: MeetingName,
    /// Show which reading each value of this connection comes from
    #[arg(long, value_name = "USER_ID", allow_hyphen_values = true)]
    pub stay: Option<String>,
    /// The same for every connection
    #[arg(long, conflicts_with = "stay")]
    pub stays: bool,
}

impl Why {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let page = context.page();
        let store = context.read_store()?;
        let wanted = match (&self.stay, self.stays) {
            (Some(user_id), _) => Wanted::One(user_id),
            (None, true) => Wanted::All,
            (None, false) => Wanted::Counts,
        };
        let records = self.meeting.find(&store, context.account.as_deref())?;
        let told = tell(&store, records, wanted, if context.json { usize::MAX } else { FULL_MAX })?;
        if let (Wanted::One(user_id), true) = (wanted, told.full.iter().all(Told::has_no_stay_evidence)) {
            anyhow::bail!(
                "meeting {} has no connection with the user_id {user_id:?}; `rollbook attendance {} --by stay --all` \
                 lists them",
                self.meeting,
                told.full.first().map_or("MEETING", |instance| instance.record.instance.uuid.as_str()),
            );
        }
        if context.json {
            output::json(&serde_json::json!({ "instances": told.full }))?;
        } else {
            output::text(&text(&page, &self.meeting, &told))?;
        }
        Ok(Exit::Done)
    }
}

/// The evidence for people.
pub fn text(page: &super::page::Page, meeting: &MeetingName, told: &Answer) -> String {
    text::text(page, meeting, told)
}
