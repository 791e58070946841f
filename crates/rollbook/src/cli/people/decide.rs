//! Decisions made by hand: set, forgotten, listed.

use clap::{ArgGroup, Args};
use rollbook_core::identity::{Correction, PersonKey};
use rollbook_core::roster::User;
use rollbook_moodle::MoodleDb;
use rollbook_store::{CorrectionRecord, Store};
use serde_json::json;

use super::{person, text, warn_of_matching};
use crate::cli::context::Context;
use crate::cli::moodle::told_database;
use crate::cli::page::count;
use crate::cli::{Exit, UsageError, audit, output};
use crate::sink::moodle::doubts::reference;
use crate::sink::moodle::{Link, Site, settings};

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
        let db = told_database(context)?;
        let now = context.clock().now();
        let mut store = context.open_store()?;
        let key = person(&store, &self.person)?;
        let mut link = Link::new(settings(db), context.clock());
        let unit = context.config.moodle.duration;
        let site = link.patiently(async |db| Site::read(db, unit).await).await?;
        let user = match &self.user {
            Some(text) => Some(user_named(link.open().await?, text).await?),
            None => None,
        };
        link.close().await;
        let line = CorrectionRecord {
            key,
            correction: user.as_ref().map_or(Correction::Nobody, |user| Correction::User(user.id)),
            user_name: user.as_ref().map(User::full_name),
            note: self.note.clone(),
            set_by: context.whoami(),
            set_at: now,
        };
        let affected = affected(&store, context, &site, &line.key)?;
        let entry = audit::entry(context, "people.set", &reference(&line.key), None);
        store.atomically(|store| {
            store.put_correction(&line)?;
            store.add_audit(&entry)?;
            store.make_deliveries_due(&affected, "somebody in it was corrected by hand")
        })?;
        let said = format!("Remembered: {} is {}.", line.key, words(&line));
        tell(context, &said, Some(&line), &line.key, affected.len())?;
        warn_of_matching(context);
        Ok(Exit::Done)
    }
}

impl Forget {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let db = told_database(context)?;
        let mut store = context.open_store()?;
        let key = person(&store, &self.person)?;
        if !store.corrections()?.contains_key(&key) {
            let wrong =
                format!("nothing was decided about {key}; `rollbook people corrections` lists the decisions");
            return Err(UsageError(wrong).into());
        }
        let mut link = Link::new(settings(db), context.clock());
        let unit = context.config.moodle.duration;
        let site = link.patiently(async |db| Site::read(db, unit).await).await?;
        link.close().await;
        let affected = affected(&store, context, &site, &key)?;
        let entry = audit::entry(context, "people.forget", &reference(&key), None);
        store.atomically(|store| {
            store.drop_correction(&key)?;
            store.add_audit(&entry)?;
            store.make_deliveries_due(&affected, "a correction by hand was forgotten")
        })?;
        tell(context, &format!("Forgotten: what was decided about {key}."), None, &key, affected.len())?;
        Ok(Exit::Done)
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

/// Who somebody is, as decided.
pub(super) fn words(line: &CorrectionRecord) -> String {
    match (line.correction, &line.user_name) {
        (Correction::Nobody, _) => "nobody of this site".to_owned(),
        (Correction::User(id), Some(name)) => format!("{name} ({id})"),
        (Correction::User(id), None) => format!("user {id}"),
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

/// Sessions that Moodle's activities show and in which somebody was seen.
fn affected(store: &Store, context: &Context<'_>, site: &Site, key: &PersonKey) -> anyhow::Result<Vec<i64>> {
    let mut affected = Vec::new();
    for instance in store.instances_with(key)? {
        let Some(record) = store.instance(instance)? else { continue };
        let activities = record.instance.number.and_then(|number| site.by_number.get(&number));
        let is_shown = activities.into_iter().flatten().any(|activity| match key {
            PersonKey::Name(course, _) => activity.course == *course,
            _ => true,
        });
        if is_shown && record.account == context.config.moodle.account {
            affected.push(instance);
        }
    }
    Ok(affected)
}

/// The user that a text means.
async fn user_named(db: &mut MoodleDb, text: &str) -> anyhow::Result<User> {
    let text = text.trim();
    let found = match text.split_once(':') {
        Some(("id", id)) => by_id(db, id).await?,
        Some(("username", name)) => db.users_by_username(name).await?,
        Some(("email", email)) => db.users_by_email(&[email.to_owned()]).await?,
        _ if text.contains('@') => {
            let by_email = db.users_by_email(&[text.to_owned()]).await?;
            if by_email.is_empty() { db.users_by_username(text).await? } else { by_email }
        }
        _ => {
            let mut either = db.users_by_username(text).await?;
            either.extend(by_id(db, text).await?);
            either
        }
    };
    let mut found: Vec<User> = found;
    found.sort_by_key(|user| user.id);
    found.dedup_by_key(|user| user.id);
    match <[User; 1]>::try_from(found) {
        Ok([user]) => Ok(user),
        Err(none) if none.is_empty() => {
            let wrong = format!(
                "Moodle has no user {text:?} (not deleted): give the number in the address of the profile page, the e-mail or \
                 the user name"
            );
            Err(UsageError(wrong).into())
        }
        Err(several) => {
            let named: Vec<String> = several
                .iter()
                .map(|user| {
                    format!(
                        "id:{} {} (username:{}, {})",
                        user.id,
                        user.full_name(),
                        user.username,
                        user.email
                    )
                })
                .collect();
            Err(UsageError(format!(
                "{text:?} means several users of Moodle; write one of {}",
                named.join("; ")
            ))
            .into())
        }
    }
}

async fn by_id(db: &mut MoodleDb, text: &str) -> anyhow::Result<Vec<User>> {
    match text.parse::<i64>() {
        Ok(id) => Ok(db.users_by_id(&[id]).await?),
        Err(_) => Ok(Vec::new()),
    }
}
