//! What pages put into the queue, done in its order.

use jiff::tz::TimeZone;
use rollbook_core::quality::policy::Policy;
use rollbook_core::request::Requester;
use rollbook_core::time::Window;
use rollbook_store::{CommandRecord, CommandState, RequestOutcome};

use super::collect::Outside;
use crate::cli::meeting::MeetingName;
use crate::collector::{Collector, discover};
use crate::commands::{BackfillOrder, Command, LookUpOrder, Order};
use crate::lookup::Meant;
use crate::{erasure, refresh};

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
        Ok(Some(Order::LookUp(order))) => look_up(collector, zone, command, &order).await,
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

/// Finds the meeting of a request, and puts looks at its runs before all other work.
async fn look_up(
    collector: &mut Collector,
    zone: &TimeZone,
    command: &CommandRecord,
    order: &LookUpOrder,
) -> Result<String, String> {
    let found = find(collector, zone, command, order).await;
    let now = collector.clock.now();
    match found {
        Ok(1) => Ok("1 run was found and is looked at".to_owned()),
        Ok(runs) => Ok(format!("{runs} runs were found and are looked at")),
        Err(error) => {
            let said = format!("{error:#}");
            let told = collector.store.answer_request(now, order.request, RequestOutcome::Failed, &said);
            told.map_err(|error| error.to_string())?;
            Err(said)
        }
    }
}

async fn find(
    collector: &mut Collector,
    zone: &TimeZone,
    command: &CommandRecord,
    order: &LookUpOrder,
) -> anyhow::Result<usize> {
    let meeting: MeetingName = order.meeting.parse()?;
    let requester = Requester::named(&command.who, command.role).map_err(anyhow::Error::msg)?;
    let day = order.date.map(|date| Window::of_day(date, zone));
    let runs = Meant { meeting: &meeting, all: false, day }.find(collector).await?;
    let now = collector.clock.now();
    let (store, accounts) = (&mut collector.store, &collector.accounts);
    refresh::add_runs(store, now, accounts, &requester, order.request, &runs)?;
    Ok(runs.len())
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
