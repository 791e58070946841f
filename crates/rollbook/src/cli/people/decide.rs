//! Decisions made by hand: set, forgotten, listed.

use clap::{ArgGroup, Args};
use rollbook_core::identity::PersonKey;
use rollbook_store::CorrectionRecord;
use serde_json::json;

use super::{person, text, warn_of_matching};
use crate::cli::context::Context;
use crate::cli::moodle::told_database;
use crate::cli::page::count;
use crate::cli::{Exit, UsageError, audit, output};
use crate::commands::{CorrectionOrder, Decision};
use crate::sink::moodle::decide::{Decided, NotDecided, obey, who_it_is};
use crate::sink::moodle::doubts::reference;
use crate::sink::moodle::{Link, settings};

/// Decide who somebody is; remembered, and applied to past and future sessions
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("who").required(true).args(["user", "nobody"]))]
pub struct Set {
    /// Who: a reference as `rollbook people` lists it, or zoom:ID, email:ADDRESS, registrant:ID, name:COURSE_ID:NAME
    #[arg(value_name = "REF|KEY")]
    pub person: String,
    /// This user of Moodle: id, e-mail or user name; id:N and username:NAME where a number could be either
    #[arg(long, value_name = "ID|EMAIL|USERNAME")]
    pub user: Option<String>,
    /// Nobody of this site: a guest, a device in a room
    #[arg(long)]
    pub nobody: bool,
    /// Why, for those who come after
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Forget a decision, so that the rules decide again
#[derive(Debug, Args)]
pub struct Forget {
    /// About whom: a reference or a key
    #[arg(value_name = "REF|KEY")]
    pub person: String,
}

/// List the decisions made by hand
#[derive(Debug, Args)]
pub struct Corrections {}

impl Set {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let decision = self.user.map_or(Decision::Nobody, Decision::User);
        let (key, decided) = decide(context, &self.person, decision, self.note).await?;
        let line = decided.line.as_ref();
        let said = format!("Remembered: {key} is {}.", line.map(who_it_is).unwrap_or_default());
        tell(context, &said, line, &key, decided.sessions_due)?;
        warn_of_matching(context);
        Ok(Exit::Done)
    }
}

impl Forget {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let (key, decided) = decide(context, &self.person, Decision::Forget, None).await?;
        let said = format!("Forgotten: what was decided about {key}.");
        tell(context, &said, None, &key, decided.sessions_due)?;
        Ok(Exit::Done)
    }
}

async fn decide(
    context: &Context<'_>,
    who: &str,
    decision: Decision,
    note: Option<String>,
) -> anyhow::Result<(PersonKey, Decided)> {
    let db = told_database(context)?;
    let now = context.clock().now();
    let mut store = context.open_store()?;
    let key = person(&store, who)?;
    let order = CorrectionOrder { key: key.clone(), decision, note };
    let mut link = Link::new(settings(db), context.clock());
    let moodle = &context.config.moodle;
    let action = if order.decision == Decision::Forget { "people.forget" } else { "people.set" };
    let entry = audit::entry(context, action, &reference(&key), None);
    let decided = obey(&mut link, &mut store, moodle, (now, &context.whoami()), &order, Some(&entry)).await;
    link.close().await;
    match decided {
        Ok(decided) => Ok((key, decided)),
        Err(NotDecided::Wrong(wrong)) => Err(UsageError(wrong).into()),
        Err(NotDecided::Trouble(trouble)) => Err(trouble.into()),
    }
}

impl Corrections {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let all = context.read_store()?.correction_records()?;
        if context.json {
            output::json(&json!({ "corrections": all }))?;
        } else {
            output::text(&text::corrections(&context.page(), &all))?;
        }
        warn_of_matching(context);
        Ok(Exit::Done)
    }
}

fn tell(
    context: &Context<'_>,
    said: &str,
    line: Option<&CorrectionRecord>,
    key: &PersonKey,
    affected: usize,
) -> anyhow::Result<()> {
    if context.json {
        return output::json(&json!({
            "reference": reference(key),
            "key": key,
            "correction": line,
            "sessions_due": affected,
        }));
    }
    let sessions = count(affected as u64, "session", "sessions");
    let next = if context.config.moodle.after_sync { ", which also follows each sync" } else { "" };
    output::line(crate::cli::page::safe(said))?;
    output::line(format!("{sessions} with that person: due at the next `rollbook moodle push`{next}."))
}
