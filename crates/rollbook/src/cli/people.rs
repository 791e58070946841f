//! `rollbook people`: whom nobody can name for certain, and decisions about them.

use clap::{Args, Subcommand};
use rollbook_core::identity::PersonKey;
use rollbook_core::time::Window;
use rollbook_store::Store;
use serde_json::json;

use super::context::Context;
use super::dates::Days;
use super::{Exit, UsageError, output};
use crate::config::Matching;
use crate::sink::moodle::doubts::{Doubt, Wanted, doubts};
use crate::sink::moodle::{Link, Site, settings};

mod decide;
mod text;

/// List the people whom nobody can name for certain, and decide who they are
///
/// Without dates: the last three days and today. A decision is remembered and applies to past and future sessions from the
/// next `rollbook moodle push` on.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct People {
    /// The days.
    #[command(flatten)]
    pub days: Days,
    /// Only of the course with this short name
    #[arg(long, value_name = "SHORTNAME")]
    pub course: Option<String>,
    /// Those with a likely user too
    #[arg(long)]
    pub all: bool,
    /// Or decide.
    #[command(subcommand)]
    pub command: Option<PeopleCommand>,
}

/// What can be done. Each variant is documented by its own arguments, which is also its help.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    Set(decide::Set),
    Forget(decide::Forget),
    Corrections(decide::Corrections),
}

impl People {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        match self.command {
            None => self.list(&context).await,
            Some(PeopleCommand::Set(set)) => set.run(&context).await,
            Some(PeopleCommand::Forget(forget)) => forget.run(&context).await,
            Some(PeopleCommand::Corrections(corrections)) => corrections.run(&context),
        }
    }

    async fn list(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let db = super::moodle::told_database(context)?;
        let page = context.page();
        let (from, to) = self.days.range(context.today(page.now))?;
        let store = context.read_store()?;
        let mut link = Link::new(settings(db), context.clock());
        let unit = context.config.moodle.duration;
        let site = link.patiently(async |db| Site::read(db, unit).await).await?;
        let wanted = Wanted {
            window: Window::of_days(from, to, &context.config.timezone),
            course: self.course.as_deref().map(|name| course_named(&site, name)).transpose()?,
            likely: self.all,
        };
        let account = context.config.moodle.account.as_str();
        let found = doubts(&mut link, &store, &site, account, page.now, wanted).await?;
        link.close().await;
        drop(store);
        remember(context, &page.now, &found);
        if context.json {
            output::json(&json!({ "from": from, "to": to, "people": found }))?;
        } else {
            output::text(&text::list(&page, (from, to), &found, self.all))?;
        }
        Ok(Exit::Done)
    }
}

/// The course of a short name, whatever its case.
fn course_named(site: &Site, name: &str) -> Result<i64, UsageError> {
    let wanted = name.trim().to_lowercase();
    let found = site.courses.values().find(|course| course.short_name.trim().to_lowercase() == wanted);
    found.map(|course| course.id).ok_or_else(|| {
        UsageError(format!(
            "Moodle has no course with the short name {name:?}; it stands in the course's settings"
        ))
    })
}

/// So that `people set REF` knows whom it means. Where the store may only be read, the key itself still can be used.
fn remember(context: &Context<'_>, now: &jiff::Timestamp, found: &[Doubt]) {
    if found.is_empty() {
        return;
    }
    let kept = context.open_store().and_then(|mut store| {
        store.atomically(|store: &mut Store| {
            found.iter().try_for_each(|doubt| store.put_reference(*now, &doubt.reference, &doubt.key))
        })?;
        Ok(())
    });
    if let Err(error) = kept {
        eprintln!("rollbook: warning: the references cannot be kept, use the keys instead: {error:#}");
    }
}

/// `k3x9w2m`, as the list shows it, or `email:ana@school.example`.
///
/// # Errors
/// A sentence with the forms there are.
fn person(store: &Store, text: &str) -> anyhow::Result<PersonKey> {
    let text = text.trim();
    if text.contains(':') {
        return Ok(text.parse().map_err(UsageError)?);
    }
    let found = store.reference(&text.to_lowercase())?;
    found.ok_or_else(|| {
        let wrong = format!(
            "nobody was listed as {text:?}; `rollbook people` lists the references (--from and --to choose the days), or \
             write zoom:ID, email:ADDRESS, registrant:ID or name:COURSE_ID:NAME"
        );
        UsageError(wrong).into()
    })
}

/// Said wherever a decision is made that would change nothing.
fn warn_of_matching(context: &Context<'_>) {
    if context.config.moodle.matching == Matching::Plugin {
        eprintln!(
            "rollbook: warning: ROLLBOOK_MOODLE_MATCHING is plugin: people are named by the plugin's rules to the letter, \
             which know no decisions by hand"
        );
    }
}
