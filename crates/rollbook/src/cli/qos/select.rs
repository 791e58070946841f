//! `PARTICIPANT` on the command line: a name, an e-mail or an id. Pure.

use rollbook_zoom::ParticipantId;

use crate::cli::UsageError;
use crate::cli::page::safe;
use crate::report::callers::{Caller, Connection};

/// How many people are named where a name fits several.
const NAMED_MAX: usize = 8;

/// Nobody, or too many people, are called that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOne {
    /// Nobody.
    #[error("nobody in this meeting is called {wanted:?}{}", hint(.known))]
    Nobody {
        /// What was asked for.
        wanted: String,
        /// Who was there.
        known: Vec<String>,
    },
    /// Several people.
    #[error(
        "{} people in this meeting fit {wanted:?}: {}; give an e-mail, or the id in brackets",
        fitting.len(), listed(.fitting)
    )]
    Several {
        /// What was asked for.
        wanted: String,
        /// Who fits.
        fitting: Vec<String>,
    },
}

fn hint(known: &[String]) -> String {
    match known {
        [] => "; nobody is known to have been there".to_owned(),
        some => format!("; there were {}", listed(some)),
    }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The person meant, as the command line asks for it: a name that fits several people cannot be obeyed (exit 2),
/// one that nobody bears can (exit 1).
///
/// # Errors
/// [`UsageError`] if several people fit, [`NotOne::Nobody`] if nobody does.
pub fn select<'a>(callers: &'a [Caller], wanted: &str) -> anyhow::Result<&'a Caller> {
    find(callers, wanted).map_err(|error| match error {
        NotOne::Several { .. } => UsageError(error.to_string()).into(),
        NotOne::Nobody { .. } => error.into(),
    })
}

/// The numbers of the connections of the person meant, by join, each once; none if nobody fits.
///
/// # Errors
/// [`UsageError`] if several people fit.
pub fn ids_of(callers: &[Caller], wanted: &str) -> anyhow::Result<Vec<ParticipantId>> {
    let caller = match find(callers, wanted) {
        Ok(caller) => caller,
        Err(NotOne::Nobody { .. }) => return Ok(Vec::new()),
        Err(error @ NotOne::Several { .. }) => return Err(UsageError(error.to_string()).into()),
    };
    let mut ids: Vec<ParticipantId> = Vec::new();
    for connection in &caller.connections {
        // Without a number there is nothing to ask for.
        let Ok(id) = ParticipantId::new(connection.stay.user_id.clone()) else { continue };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The person meant: by an id of one of their connections, else by e-mail, else by exact name, else by a name that
/// begins or contains it, in any case. A person whose connections go by different numbers is found by each of them.
///
/// # Errors
/// [`NotOne`] if nobody fits, or several people do.
pub fn find<'a>(callers: &'a [Caller], wanted: &str) -> Result<&'a Caller, NotOne> {
    let wanted = wanted.trim();
    let lower = wanted.to_lowercase();
    let is_called = |caller: &Caller, fits: &dyn Fn(&str) -> bool| {
        caller.connections.iter().any(|connection| {
            connection.stay.name.as_deref().is_some_and(|name| fits(&name.trim().to_lowercase()))
        })
    };
    let rules: [&dyn Fn(&Caller) -> bool; 4] = [
        &|caller| caller.connections.iter().any(|connection| has_id(connection, wanted)),
        &|caller| caller.connections.iter().any(|connection| has_email(connection, &lower)),
        &|caller| is_called(caller, &|name| name == lower),
        &|caller| is_called(caller, &|name| name.contains(&lower)),
    ];
    for rule in rules {
        let fitting: Vec<&Caller> = callers.iter().filter(|caller| rule(caller)).collect();
        match fitting.as_slice() {
            [] => {}
            [one] => return Ok(one),
            several => {
                let fitting = several.iter().map(|caller| named(caller)).collect();
                return Err(NotOne::Several { wanted: wanted.to_owned(), fitting });
            }
        }
    }
    Err(NotOne::Nobody {
        wanted: wanted.to_owned(),
        known: callers.iter().map(|one| safe(&one.name)).collect(),
    })
}

fn has_id(connection: &Connection, wanted: &str) -> bool {
    let stay = &connection.stay;
    let ids = [&stay.participant_uuid, &stay.zoom_user_id, &stay.registrant_id];
    stay.user_id == wanted || ids.into_iter().flatten().any(|id| id == wanted)
}

fn has_email(connection: &Connection, wanted: &str) -> bool {
    connection.stay.email.as_ref().is_some_and(|email| email.to_lowercase() == wanted)
}

fn named(caller: &Caller) -> String {
    let ids: Vec<&str> = caller.connections.iter().map(|one| one.stay.user_id.as_str()).collect();
    format!("{} ({})", safe(&caller.name), ids.join(", "))
}
