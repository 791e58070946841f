//! `rollbook forget`: erasing a person, and what was erased.

use std::io::{BufRead, IsTerminal, Write};

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::meeting::MeetingName;
use super::page::count;
use super::{Exit, UsageError, audit, output};
use crate::erasure::{self, Done, Plan, Refusal, Wanted};

mod text;

/// Erase a person, for good
///
/// Shows first what would go and asks. Their stays become nameless, so that headcounts and what was verified stay right;
/// nothing of them comes in again, whatever later syncs and events bring. What Moodle was given is Moodle's to erase.
#[derive(Debug, Args)]
pub struct Forget {
    /// Whom: an e-mail, a Zoom user id, a registrant id, moodle:ID; of a guest the name as typed, with --instance
    #[arg(value_name = "PERSON", required_unless_present_any = ["list", "undo", "compact"])]
    pub person: Option<String>,
    /// The meeting in which a guest was who is known by a name alone: a UUID, or a number that ran once
    #[arg(long, value_name = "MEETING", requires = "person")]
    pub instance: Option<MeetingName>,
    /// Only show what would be erased
    #[arg(long, requires = "person")]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// List the erasures: when, by whom, how much; never whose
    #[arg(long, conflicts_with_all = ["person", "undo", "compact"])]
    pub list: bool,
    /// Let the people of an erasure be kept again from now on; what was erased stays so
    #[arg(long, value_name = "ID", conflicts_with_all = ["person", "compact"])]
    pub undo: Option<i64>,
    /// Write the whole file anew, so that nothing an earlier version deleted is left in it
    #[arg(long, conflicts_with = "person")]
    pub compact: bool,
}

impl Forget {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        if self.list {
            return list(context);
        }
        if let Some(id) = self.undo {
            return undo(context, id);
        }
        if self.compact {
            return compact(context);
        }
        self.erase(context)
    }

    fn erase(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let Some(person) = self.person.clone() else { return Ok(Exit::Usage) };
        // Who only looks changes nothing, and nobody's store is made by asking for somebody in it.
        let store = context.read_store()?;
        let instance = match &self.instance {
            Some(meeting) => Some(one_run(meeting, meeting.find(&store, context.account.as_deref())?)?),
            None => None,
        };
        let wanted = Wanted { person, instance, even_unknown: self.yes };
        let plan = erasure::plan(&store, &wanted).map_err(usage)?;
        if self.dry_run {
            match context.json {
                true => output::json(&json!({ "dry_run": true, "plan": plan }))?,
                false => output::text(&text::plan(&plan))?,
            }
            return Ok(Exit::Done);
        }
        if !self.yes && !asked(&plan)? {
            return Ok(Exit::Usage);
        }
        drop(store);
        let mut store = context.open_store()?;
        let now = context.clock().now();
        let mut done = erasure::apply(&mut store, now, &context.whoami(), &wanted).map_err(usage)?;
        store.add_audit(&audit::entry(context, "erasure.do", &format!("erasure {}", done.erasure), None))?;
        if done.has_residue {
            eprintln!(
                "rollbook: an earlier version wrote this store and left what it deleted; writing the file anew takes a while"
            );
            store.compact()?;
            (done.has_residue, done.is_log_empty) = (false, store.empty_log()?);
        }
        tell(context, &plan, &done)?;
        Ok(Exit::Done)
    }
}

/// Asks on a terminal; elsewhere `--yes` is needed.
fn asked(plan: &Plan) -> anyhow::Result<bool> {
    eprint!("{}", text::plan(plan));
    if !std::io::stdin().is_terminal() {
        return Err(UsageError(
            "erasing cannot be taken back: look at what --dry-run shows, then add --yes".to_owned(),
        )
        .into());
    }
    eprint!("\nErase this? It cannot be taken back. [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    let is_yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !is_yes {
        eprintln!("rollbook: nothing was erased");
    }
    Ok(is_yes)
}

fn tell(context: &Context<'_>, plan: &Plan, done: &Done) -> anyhow::Result<()> {
    match context.json {
        true => output::json(&json!({ "erased": done })),
        false => output::text(&text::done(plan, done)),
    }
}

fn list(context: &Context<'_>) -> anyhow::Result<Exit> {
    let store = context.read_store()?;
    let erasures = store.erasures()?;
    match context.json {
        true => output::json(&json!({ "erasures": erasures, "masked_since": store.masked_since()? }))?,
        false => output::text(&text::list(&context.page(), &erasures))?,
    }
    Ok(Exit::Done)
}

fn undo(context: &Context<'_>, id: i64) -> anyhow::Result<Exit> {
    drop(context.read_store()?);
    let mut store = context.open_store()?;
    let now = context.clock().now();
    let entry = audit::entry(context, "erasure.undo", &format!("erasure {id}"), None);
    let is_undone = store.atomically(|store| {
        let is_undone = store.undo_erasure(now, id)?;
        if is_undone {
            store.add_audit(&entry)?;
        }
        Ok(is_undone)
    })?;
    if !is_undone {
        return Err(UsageError(format!(
            "there is no erasure {id} that could be undone; `rollbook forget --list` lists them"
        ))
        .into());
    }
    match context.json {
        true => output::json(&json!({ "undone": id }))?,
        false => output::line(format!(
            "From now on rollbook keeps again what it is told of the people of erasure {id}. What was erased stays so; \
             what Zoom still tells comes back as meetings are looked at again."
        ))?,
    }
    Ok(Exit::Done)
}

fn compact(context: &Context<'_>) -> anyhow::Result<Exit> {
    drop(context.read_store()?);
    let mut store = context.open_store()?;
    let before = store.size_bytes()?;
    store.compact()?;
    let after = store.size_bytes()?;
    match context.json {
        true => output::json(&json!({ "bytes_before": before, "bytes": after }))?,
        false => output::line(format!(
            "The store was written anew: {} bytes, {} before.",
            output::thousands(after),
            output::thousands(before)
        ))?,
    }
    Ok(Exit::Done)
}

fn one_run(meeting: &MeetingName, runs: Vec<rollbook_store::Record>) -> Result<i64, UsageError> {
    match runs.as_slice() {
        [only] => Ok(only.id),
        several => {
            let uuids: Vec<String> = several
                .iter()
                .take(5)
                .map(|run| {
                    let start = run.instance.started_at.map_or_else(String::new, |at| format!(" ({at})"));
                    format!("{}{start}", run.instance.uuid)
                })
                .collect();
            Err(UsageError(format!(
                "meeting {meeting} ran {}; say which run is meant: {}",
                count(several.len() as u64, "time", "times"),
                uuids.join(", ")
            )))
        }
    }
}

fn usage(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Store(error) => error.into(),
        other => UsageError(other.to_string()).into(),
    }
}
