//! Decisions by hand about who somebody is: the shell and the collector make them alike.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use rollbook_core::identity::{Correction, PersonKey};
use rollbook_core::roster::{Activity, User};
use rollbook_moodle::{Error, MoodleDb};
use rollbook_store::{AuditEntry, CorrectionRecord, Reader, Store};

use super::{Link, Site, Trouble};
use crate::commands::{CorrectionOrder, Decision};
use crate::config::MoodleConfig;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum NotDecided {
    /// What was asked for cannot be.
    #[error("{0}")]
    Wrong(String),
    /// Moodle or the store.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<Error> for NotDecided {
    fn from(error: Error) -> NotDecided {
        NotDecided::Trouble(error.into())
    }
}

impl From<rollbook_store::Error> for NotDecided {
    fn from(error: rollbook_store::Error) -> NotDecided {
        NotDecided::Trouble(error.into())
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What stands now; none where it was forgotten.
    pub line: Option<CorrectionRecord>,
    /// Sessions with that person, which the next delivery looks at again.
    pub sessions_due: usize,
}

/// Does what a page or the shell asked for. `entry` is kept with it: that of a page was kept when it asked.
///
/// # Errors
/// Why nothing was decided.
pub async fn obey(
    link: &mut Link,
    store: &mut Store,
    moodle: &MoodleConfig,
    (now, who): (Timestamp, &str),
    order: &CorrectionOrder,
    entry: Option<&AuditEntry>,
) -> Result<Decided, NotDecided> {
    if order.decision == Decision::Forget && !store.corrections()?.contains_key(&order.key) {
        return Err(NotDecided::Wrong(format!(
            "nothing was decided about {}; `rollbook people corrections` lists the decisions",
            order.key
        )));
    }
    let site = link.patiently(async |db| Site::read(db, moodle.duration).await).await?;
    let user = match &order.decision {
        Decision::User(text) => Some(user_named(link.open().await?, text).await?),
        Decision::Nobody | Decision::Forget => None,
    };
    let affected = affected(store.path(), &site, &moodle.account, &order.key).await?;
    if order.decision == Decision::Forget {
        return forget(store, &order.key, &affected, entry);
    }
    let line = CorrectionRecord {
        key: order.key.clone(),
        correction: user.as_ref().map_or(Correction::Nobody, |user| Correction::User(user.id)),
        user_name: user.as_ref().map(User::full_name),
        note: order.note.clone(),
        set_by: who.to_owned(),
        set_at: now,
    };
    remember(store, line, &affected, entry)
}

/// Remembers a decision; sessions with that person are due again.
fn remember(
    store: &mut Store,
    line: CorrectionRecord,
    affected: &[i64],
    entry: Option<&AuditEntry>,
) -> Result<Decided, NotDecided> {
    store.atomically(|store| {
        store.put_correction(&line)?;
        entry.map_or(Ok(()), |entry| store.add_audit(entry))?;
        store.make_deliveries_due(affected, "somebody in it was corrected by hand")
    })?;
    Ok(Decided { line: Some(line), sessions_due: affected.len() })
}

/// Forgets what was decided; the rules decide again.
fn forget(
    store: &mut Store,
    key: &PersonKey,
    affected: &[i64],
    entry: Option<&AuditEntry>,
) -> Result<Decided, NotDecided> {
    store.atomically(|store| {
        store.drop_correction(key)?;
        entry.map_or(Ok(()), |entry| store.add_audit(entry))?;
        store.make_deliveries_due(affected, "a correction by hand was forgotten")
    })?;
    Ok(Decided { line: None, sessions_due: affected.len() })
}

impl Decided {
    /// What came of it, in a sentence.
    pub fn sentence(&self) -> String {
        let sessions = match self.sessions_due {
            1 => "1 session".to_owned(),
            many => format!("{many} sessions"),
        };
        match &self.line {
            Some(line) => {
                format!("it is {}; {sessions} with that person go to Moodle again", who_it_is(line))
            }
            None => format!("the rules decide again; {sessions} with that person go to Moodle again"),
        }
    }
}

/// Who somebody is, as decided.
pub fn who_it_is(line: &CorrectionRecord) -> String {
    match (line.correction, &line.user_name) {
        (Correction::Nobody, _) => "nobody of this site".to_owned(),
        (Correction::User(id), Some(name)) => format!("{name} ({id})"),
        (Correction::User(id), None) => format!("user {id}"),
    }
}

/// Sessions that Moodle's activities show and in which somebody was seen. Every stay of the store may have to be read for
/// it, seconds of work in a year's: it is done beside the caller's thread, which has others to look after.
async fn affected(
    store: &Path,
    site: &Site,
    account: &str,
    key: &PersonKey,
) -> rollbook_store::Result<Vec<i64>> {
    let is_shown = |activity: &Activity| match key {
        PersonKey::Name(course, _) => activity.course == *course,
        _ => true,
    };
    let numbers = site.by_number.iter().filter(|(_, activities)| activities.iter().any(is_shown));
    let numbers: BTreeSet<u64> = numbers.map(|(number, _)| *number).collect();
    let (store, account, key) = (store.to_owned(), account.to_owned(), key.clone());
    let look = move || {
        let store = Reader::open(&store)?;
        let mut affected = Vec::new();
        for instance in store.instances_with(&key)? {
            let Some(record) = store.instance(instance)? else { continue };
            let is_shown = record.instance.number.is_some_and(|number| numbers.contains(&number));
            if is_shown && record.account == account {
                affected.push(instance);
            }
        }
        Ok(affected)
    };
    match tokio::task::spawn_blocking(look).await {
        Ok(affected) => affected,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// The user that a text means: an id, e-mail or user name; `id:N` and `username:NAME` where a number could be either.
async fn user_named(db: &mut MoodleDb, text: &str) -> Result<User, NotDecided> {
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
    let wrong = match <[User; 1]>::try_from(found) {
        Ok([user]) => return Ok(user),
        Err(none) if none.is_empty() => format!(
            "Moodle has no user {text:?} (not deleted): give the number in the address of the profile page, the e-mail or the \
             user name"
        ),
        Err(several) => {
            let named: Vec<String> = several.iter().map(in_full).collect();
            format!("{text:?} means several users of Moodle; write one of {}", named.join("; "))
        }
    };
    Err(NotDecided::Wrong(wrong))
}

fn in_full(user: &User) -> String {
    format!("id:{} {} (username:{}, {})", user.id, user.full_name(), user.username, user.email)
}

async fn by_id(db: &mut MoodleDb, text: &str) -> Result<Vec<User>, Error> {
    match text.parse::<i64>() {
        Ok(id) => db.users_by_id(&[id]).await,
        Err(_) => Ok(Vec::new()),
    }
}
