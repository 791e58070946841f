//! What pages put into the queue, done in its order.

use jiff::tz::TimeZone;
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::Window;
use rollbook_store::{CommandRecord, CommandState};

use super::collect::Outside;
use crate::collector::{Collector, discover};
use crate::commands::{BackfillOrder, Command, Order};
use crate::erasure;

/// Days of a backfill; Zoom lists no more than six months back.
const BACKFILL_DAYS_MAX: i64 = 200;

/// Commands looked through for backfills when the program begins.
const REMEMBERED_MAX: u32 = 1_000;

/// Does one command and keeps what came of it.
///
/// # Errors
/// If the store cannot be written: the command stays in the queue.
pub async fn obey(
    collector: &mut Collector,
    outside: &impl Outside,
    zone: &TimeZone,
    command: &CommandRecord,
) -> anyhow::Result<()> {
    let now = collector.clock.now();
    if command.kind == erasure::Wanted::KIND {
        // It answers by itself: not even its outcome may name whom it was about.
        return Ok(erasure::obey(&mut collector.store, now, command)?);
    }
    let outcome = match Order::read(command) {
        Ok(Some(Order::Correction(order))) => outside.decide(&mut collector.store, command, &order).await,
        Ok(Some(Order::Backfill(order))) => backfill(collector, zone, &order),
        Ok(None) => Err(format!("this version does not know the command {:?}", command.kind)),
        Err(unreadable) => Err(unreadable),
    };
    let (state, said) = match outcome {
        Ok(said) => (CommandState::Done, said),
        Err(said) => (CommandState::Failed, said),
    };
    tracing::info!(command = command.id, kind = command.kind, state = state.name(), "a command was taken");
    collector.store.answer_command(now, command.id, state, &said)?;
    Ok(())
}

/// The days of a backfill, and the call-quality policy for them.
fn days_of(order: &BackfillOrder, zone: &TimeZone) -> Result<(Vec<Window>, Option<Policy>), String> {
    let length = order.to.duration_since(order.from).as_hours() / 24;
    if !(0..BACKFILL_DAYS_MAX).contains(&length) {
        return Err(format!(
            "the days from {} to {} are no range of at most {BACKFILL_DAYS_MAX} days",
            order.from, order.to
        ));
    }
    let policy = order.quality.as_deref().map(crate::config::parse_policy).transpose()?;
    Ok((discover::days(order.from, order.to, zone), policy))
}

fn backfill(collector: &mut Collector, zone: &TimeZone, order: &BackfillOrder) -> Result<String, String> {
    let (days, policy) = days_of(order, zone)?;
    take_policy(collector, order, &days, policy);
    collector.discover_for(order.account.as_deref(), &days).map_err(|error| error.to_string())?;
    Ok(match days.len() {
        1 => "1 day is being collected".to_owned(),
        many => format!("{many} days are being collected"),
    })
}

fn take_policy(collector: &mut Collector, order: &BackfillOrder, days: &[Window], policy: Option<Policy>) {
    let (Some(window), Some(policy)) = (crate::collector::window_of(days), policy) else { return };
    let is_meant = |name: &str| order.account.as_deref().is_none_or(|wanted| wanted == name);
    for account in collector.accounts.iter_mut().filter(|account| is_meant(&account.name)) {
        account.qos.days.push((window, policy));
    }
}

/// Takes note again of the policies of backfills that an earlier process began.
///
/// # Errors
/// If the store cannot be read.
pub fn remember(collector: &mut Collector, zone: &TimeZone) -> rollbook_store::Result<()> {
    let earlier = collector.store.commands(REMEMBERED_MAX)?;
    for command in earlier.iter().rev().filter(|command| command.state == CommandState::Done) {
        if let Ok(Some(Order::Backfill(order))) = Order::read(command)
            && let Ok((days, policy)) = days_of(&order, zone)
        {
            take_policy(collector, &order, &days, policy);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backfill_has_an_end() {
        let check = |from: &str, to: &str, quality: Option<&str>| {
            let order = BackfillOrder {
                account: None,
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
                quality: quality.map(str::to_owned),
            };
            days_of(&order, &TimeZone::UTC).map(|(days, policy)| (days.len(), policy))
        };
        assert_eq!(check("2026-11-01", "2026-11-03", Some("all")), Ok((3, Some(Policy::All))));
        assert!(check("2026-11-03", "2026-11-01", None).unwrap_err().contains("no range"));
        assert!(check("2025-11-03", "2026-11-01", None).unwrap_err().contains("no range"));
        assert!(check("2026-11-01", "2026-11-01", Some("some")).unwrap_err().contains("policy"));
    }
}
