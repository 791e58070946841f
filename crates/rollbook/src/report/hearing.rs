//! Whether those of Zoom's events come that are expected.

use jiff::Timestamp;
use rollbook_core::completeness::words;
use rollbook_core::hearing::{Heard, Hearing, judge, window};
use rollbook_store::{Result, Store};

use crate::webhook::PATH;

/// What is to be said of an account's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What is so.
    pub said: String,
    /// What to do; none if all is well.
    pub advice: Option<String>,
}

/// Listens to one account's events: they are compared with the meetings that lists say ended.
///
/// # Errors
/// If the store cannot be read.
pub fn hear(store: &Store, now: Timestamp, account: &str) -> Result<Said> {
    let source = store.event_source(account)?;
    let (ended, untold) = store.count_ended_untold(account, window(now))?;
    let last = source.map_or_else(String::new, |source| words(now.duration_since(source.last_at)));
    let (said, advice) = match judge(Heard { last_at: source.map(|source| source.last_at), ended, untold }) {
        Hearing::Never => (
            "a webhook secret is set, but no event ever came".to_owned(),
            Some(format!(
                "subscribe to events in the app, with the address https://…{PATH}; see docs/operate/webhooks.md"
            )),
        ),
        Hearing::Well => (format!("the last one came {last} ago"), None),
        Hearing::Patchy => (
            format!("of {ended} meetings that ended within a day, events told the end of all but {untold}"),
            Some(
                "nothing is missing: lists tell them; but look whether the server was down or slow, or the app lacks an event"
                    .to_owned(),
            ),
        ),
        Hearing::Stopped => (
            format!(
                "events stopped coming: the last one came {last} ago, and {untold} of {ended} meetings ended within a day untold"
            ),
            Some(
                "lists tell them later; Zoom switches a subscription off after six failed validations: validate the address and toggle it in the app"
                    .to_owned(),
            ),
        ),
    };
    Ok(Said { said, advice })
}
