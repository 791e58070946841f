//! Erasing a person: who is meant, what would go, and doing it. For the shell and for commands from the pages alike.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use rollbook_core::privacy::Identifier;
use rollbook_core::stay::Stay;
use rollbook_store::{CommandRecord, CommandState, Portrait, Result, Store};
use serde::{Deserialize, Serialize};

use crate::commands::Command;

/// Instances looked through in one transaction.
const STEP: u32 = 500;

/// Whom somebody wants erased, as typed; also the payload of the command `forget` in the collector's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// An e-mail, a Zoom user id, a registrant id, `moodle:ID`; with an instance a name, or `connection:NUMBER`.
    pub person: String,
    /// The store's row number of the one instance in which a guest was seen.
    #[serde(default)]
    pub instance: Option<i64>,
    /// Keep them away from now on although nothing is kept of them.
    #[serde(default)]
    pub even_unknown: bool,
}

impl Command for Wanted {
    const KIND: &'static str = "forget";
}

/// What would be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// All that means them, each with how we know.
    pub known_by: Vec<KnownBy>,
    /// What is kept of them.
    #[serde(flatten)]
    pub portrait: Portrait,
}

/// One thing that means somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownBy {
    /// As `rollbook forget` takes it.
    pub identifier: String,
    /// How we know that it means them.
    pub because: String,
}

impl Plan {
    /// Whether the store holds nothing of them.
    pub fn is_empty(&self) -> bool {
        let of = &self.portrait;
        of.stays == 0 && of.hosted == 0 && of.delivered == 0 && self.known_by.len() <= 2
    }
}

/// Why it cannot be said who is meant.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing was typed.
    #[error("whom? write an e-mail, a Zoom user id, a registrant id or moodle:ID")]
    Nobody,
    /// The number of a Moodle user is no number.
    #[error("{0:?} is no Moodle user; write moodle: and the number of the user, as in moodle:1234")]
    NotAMoodleUser(String),
    /// A name means a person only within an instance.
    #[error(
        "{0:?} is neither an e-mail nor an id that the store knows; of a guest, say in which meeting they were: \
         --instance with the UUID of the run"
    )]
    NameAlone(String),
    /// Nobody there has that name.
    #[error(
        "nobody called {0:?} was in that meeting; `rollbook attendance` lists who was, as they wrote themselves"
    )]
    NobodyOfThatName(String),
    /// More than one person there has that name.
    #[error(
        "{name:?} were {} people in that meeting; say which connection is meant: {}",
        choices.len(), choices.iter().map(Choice::to_string).collect::<Vec<_>>().join(", ")
    )]
    Several {
        /// The name.
        name: String,
        /// Those who bear it.
        choices: Vec<Choice>,
    },
    /// More is known of them than a name.
    #[error(
        "{name:?} is known by more than a name, and was perhaps in other meetings too; erase {identifier} instead, without \
         --instance"
    )]
    KnownBetter {
        /// The name.
        name: String,
        /// What to write instead.
        identifier: String,
    },
    /// Nothing is kept of them.
    #[error("nothing is kept of {0:?}; to keep them away from now on all the same, add --yes")]
    Unknown(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] rollbook_store::Error),
}

/// One of several who bear the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How they are named instead.
    pub identifier: String,
    /// When they joined.
    pub joined_at: Timestamp,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (joined {})", self.identifier, self.joined_at)
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Its number, for `rollbook forget --undo`.
    pub erasure: i64,
    /// Instances that held something.
    pub instances: u64,
    /// Stays that became nameless.
    pub stays: u64,
    /// Rows that Moodle holds, which are its own to erase.
    pub delivered: u64,
    /// Whether nothing is left in the log beside the file.
    pub is_log_empty: bool,
    /// Whether the file was written by a version that left what it deleted, and has to be written anew.
    pub has_residue: bool,
}

impl Done {
    /// What came of it, for the command's outcome; without a name.
    pub fn sentence(&self) -> String {
        format!(
            "erasure {}: stays made nameless: {}; instances that held something: {}{}",
            self.erasure,
            self.stays,
            self.instances,
            if self.has_residue { "; `rollbook forget --compact` has to be run once" } else { "" }
        )
    }
}

/// What would be erased: everything that means the person, and what is kept of them. Changes nothing.
///
/// # Errors
/// If it cannot be said who is meant, or the store cannot be read.
pub fn plan(store: &Store, wanted: &Wanted) -> std::result::Result<Plan, Refusal> {
    let mut start = match wanted.instance {
        Some(instance) => guest(store, instance, &wanted.person)?,
        None => identifiers(&wanted.person)?,
    };
    let veil = store.veil()?;
    let masked: Vec<Identifier> = start.keys().filter_map(|one| veil.masked(one)).collect();
    start.extend(masked.into_iter().map(|one| (one, "as it stands in this store".to_owned())));
    let is_bare = wanted.instance.is_none() && start.len() > 1 && !wanted.person.contains(':');
    let mut portrait = store.portrait(&start)?;
    if is_bare {
        // Typed without its kind: only the kind that the store knows is meant.
        narrow(store, &mut portrait, &start)?;
    }
    let known_by = portrait
        .identifiers
        .iter()
        .filter(|(identifier, _)| !matches!(identifier, Identifier::Connection { .. }))
        .map(|(identifier, because)| KnownBy { identifier: identifier.to_string(), because: because.clone() })
        .collect();
    let plan = Plan { known_by, portrait };
    if plan.is_empty() && !wanted.even_unknown {
        return Err(match is_bare {
            true => Refusal::NameAlone(wanted.person.clone()),
            false => Refusal::Unknown(wanted.person.clone()),
        });
    }
    Ok(plan)
}

/// Erases a person: whoever comes with something of theirs from now on brings nothing in, and what is kept goes, some
/// hundred instances at a time. A death in between is made good by the next `sync`, `forget` or `serve`.
///
/// # Errors
/// As [`plan`], or if the store cannot be written.
pub fn apply(
    store: &mut Store,
    now: Timestamp,
    by: &str,
    wanted: &Wanted,
) -> std::result::Result<Done, Refusal> {
    let plan = plan(store, wanted)?;
    let erasure = store.atomically(|store| store.begin_erasure(now, by, &plan.portrait))?;
    sweep(store)?;
    let record = store.erasures()?.into_iter().find(|one| one.id == erasure);
    let (instances, stays) = record.map_or((0, 0), |record| (record.instances, record.stays));
    Ok(Done {
        erasure,
        instances,
        stays,
        delivered: plan.portrait.delivered,
        is_log_empty: store.empty_log()?,
        has_residue: store.has_residue()?,
    })
}

/// Obeys a command `forget` of the collector's queue, whose payload is a [`Wanted`]: does it, says what came of it without
/// anybody's name, and forgets whom the command named.
///
/// # Errors
/// If the store cannot be written; the command is pending still.
pub fn obey(store: &mut Store, now: Timestamp, command: &CommandRecord) -> Result<()> {
    let wanted: std::result::Result<Wanted, _> = serde_json::from_str(&command.payload);
    let (state, outcome) = match wanted {
        Err(error) => (CommandState::Failed, format!("the command cannot be read: {error}")),
        Ok(wanted) => match apply(store, now, &command.who, &wanted) {
            Ok(done) => (CommandState::Done, done.sentence()),
            Err(Refusal::Store(error)) => return Err(error),
            Err(refusal) => {
                let said = refusal.to_string();
                (CommandState::Failed, said.replace(wanted.person.trim(), "that person"))
            }
        },
    };
    store.atomically(|store| {
        store.answer_command(now, command.id, state, &outcome)?;
        store.clear_command(command.id)
    })
}

/// Carries every erasure to its end.
///
/// # Errors
/// If the store cannot be written.
pub fn sweep(store: &mut Store) -> Result<()> {
    while !store.atomically(|store| store.sweep(STEP))?.is_done {}
    Ok(())
}

fn identifiers(text: &str) -> std::result::Result<BTreeMap<Identifier, String>, Refusal> {
    let text = text.trim();
    let (kind, rest) = match text.split_once(':') {
        Some((kind, rest)) if matches!(kind, "email" | "zoom" | "registrant" | "moodle") => {
            (kind, rest.trim())
        }
        _ if text.contains('@') => ("email", text),
        _ => ("", text),
    };
    if rest.is_empty() {
        return Err(Refusal::Nobody);
    }
    let found = match kind {
        "email" => vec![Identifier::email(rest)],
        "zoom" => vec![Identifier::ZoomUser(rest.to_owned())],
        "registrant" => vec![Identifier::Registrant(rest.to_owned())],
        "moodle" => {
            let id = rest.parse().map_err(|_| Refusal::NotAMoodleUser(text.to_owned()))?;
            vec![Identifier::Moodle(id)]
        }
        _ => vec![Identifier::ZoomUser(rest.to_owned()), Identifier::Registrant(rest.to_owned())],
    };
    Ok(found.into_iter().map(|one| (one, "as typed".to_owned())).collect())
}

/// Leaves out the kind of id that nobody has, of one that was typed without its kind.
fn narrow(store: &Store, portrait: &mut Portrait, start: &BTreeMap<Identifier, String>) -> Result<()> {
    for (identifier, because) in start {
        let alone = BTreeMap::from([(identifier.clone(), because.clone())]);
        let of = store.portrait(&alone)?;
        if of.stays == 0 && of.identifiers.len() <= 1 && portrait.identifiers.len() > 1 {
            portrait.identifiers.remove(identifier);
        }
    }
    Ok(())
}

fn guest(
    store: &Store,
    instance: i64,
    text: &str,
) -> std::result::Result<BTreeMap<Identifier, String>, Refusal> {
    let name = text.trim();
    let Some(record) = store.instance(instance)? else {
        return Err(Refusal::NobodyOfThatName(name.to_owned()));
    };
    let uuid = record.instance.uuid;
    if let Some(number) = name.strip_prefix("connection:") {
        let stays = store.stays(instance)?;
        let Some(stay) = stays.iter().find(|stay| stay.user_id == number.trim()) else {
            return Err(Refusal::NobodyOfThatName(name.to_owned()));
        };
        not_known_better(name, std::slice::from_ref(stay))?;
        let connection = Identifier::Connection { uuid, user_id: number.trim().to_owned() };
        return Ok(BTreeMap::from([(connection, "as typed".to_owned())]));
    }
    // In a store that keeps no names the name is looked for as it stands there.
    let typed = Identifier::Guest { uuid: uuid.clone(), name: name.to_owned() };
    let stands_as = match store.veil()?.masked(&typed) {
        Some(Identifier::Guest { name, .. }) => name,
        _ => name.to_owned(),
    };
    let mut named = store.people_named(instance, &stands_as)?;
    match named.len() {
        0 => Err(Refusal::NobodyOfThatName(name.to_owned())),
        1 => {
            let stays = named.remove(0).0;
            not_known_better(name, &stays)?;
            let connections = stays.iter().filter(|stay| !stay.user_id.is_empty()).map(|stay| {
                let connection = Identifier::Connection { uuid: uuid.clone(), user_id: stay.user_id.clone() };
                (connection, "one of their stays".to_owned())
            });
            Ok(connections.chain([(typed.clone(), "as typed".to_owned())]).collect())
        }
        _ => {
            let choice = |(stays, _): &(Vec<Stay>, bool)| Choice {
                identifier: format!("connection:{}", stays[0].user_id),
                joined_at: stays[0].joined_at,
            };
            Err(Refusal::Several { name: name.to_owned(), choices: named.iter().map(choice).collect() })
        }
    }
}

/// What the person of these stays is known by beyond a name, as [`Wanted::person`] takes it; none of a guest.
pub fn known_by<'a>(stays: impl IntoIterator<Item = &'a Stay>) -> Option<String> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    stays.into_iter().find_map(|stay| {
        filled(&stay.email)
            .or_else(|| filled(&stay.zoom_user_id).map(|id| format!("zoom:{id}")))
            .or_else(|| filled(&stay.registrant_id).map(|id| format!("registrant:{id}")))
    })
}

fn not_known_better(name: &str, stays: &[Stay]) -> std::result::Result<(), Refusal> {
    match known_by(stays) {
        Some(identifier) => Err(Refusal::KnownBetter { name: name.to_owned(), identifier }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
