//! Zoom's events: whether those come that are expected.

use jiff::Timestamp;
use rollbook_core::completeness::words;
use rollbook_core::hearing::LOOKED_BACK;
use rollbook_store::Store;

use super::Checks;
use crate::cli::context::Context;
use crate::report::hearing::hear;
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
    let heard = hear(store, now, account)?;
    match heard.advice {
        None => checks.ok("events", heard.said),
        Some(advice) => checks.warning("events", heard.said, advice),
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
