//! Zoom's events: whether those come that are expected.

use jiff::Timestamp;
use rollbook_core::completeness::words;
use rollbook_core::hearing::{Heard, Hearing, LOOKED_BACK, judge, window};
use rollbook_store::Store;

use super::Checks;
use crate::cli::context::Context;
use crate::webhook::PATH;

/// Looks at what came, for each account whose events are expected.
pub(super) fn check(checks: &mut Checks, context: &Context<'_>, store: &Store) -> rollbook_store::Result<()> {
    let now = context.clock().now();
    let expected: Vec<&str> = context
        .config
        .accounts
        .iter()
        .filter(|account| account.webhook_secret.is_some())
        .map(|account| account.name.as_str())
        .collect();
    for account in &expected {
        checks.account = Some((*account).to_owned());
        check_account(checks, store, now, account)?;
    }
    checks.account = None;
    if !expected.is_empty() {
        for (reason, last_at) in store.webhook_refusals(now - LOOKED_BACK)? {
            let said = format!(
                "{PATH} refused requests, the last one {} ago: {reason}",
                words(now.duration_since(last_at))
            );
            checks.warning(
                "events",
                said,
                "compare ROLLBOOK_WEBHOOK_SECRET with the app's secret token; strangers are refused like this too",
            );
        }
    }
    Ok(())
}

fn check_account(
    checks: &mut Checks,
    store: &Store,
    now: Timestamp,
    account: &str,
) -> rollbook_store::Result<()> {
    let source = store.event_source(account)?;
    let (ended, untold) = store.count_ended_untold(account, window(now))?;
    let last = source.map_or_else(String::new, |source| words(now.duration_since(source.last_at)));
    match judge(Heard { last_at: source.map(|source| source.last_at), ended, untold }) {
        Hearing::Never => checks.warning(
            "events",
            "a webhook secret is set, but no event ever came",
            format!("subscribe to events in the app, with the address https://…{PATH}; see docs/operate/webhooks.md"),
        ),
        Hearing::Well => checks.ok("events", format!("the last one came {last} ago")),
        Hearing::Patchy => checks.warning(
            "events",
            format!("of {ended} meetings that ended within a day, events told the end of all but {untold}"),
            "nothing is missing: lists tell them; but look whether the server was down or slow, or the app lacks an event",
        ),
        Hearing::Stopped => checks.warning(
            "events",
            format!(
                "events stopped coming: the last one came {last} ago, and {untold} of {ended} meetings ended within a day untold"
            ),
            "lists tell them later; Zoom switches a subscription off after six failed validations: validate the address and toggle it in the app",
        ),
    }
    let count = store.count_events()?;
    if let Some(oldest) = count.oldest_new_at.filter(|oldest| now.duration_since(*oldest).as_mins() >= 5) {
        let said = format!(
            "{} events wait to be taken over, the oldest for {}",
            count.new,
            words(now.duration_since(oldest))
        );
        checks.warning("events", said, "they are taken over while `rollbook serve` or `rollbook sync` runs");
    }
    Ok(())
}
