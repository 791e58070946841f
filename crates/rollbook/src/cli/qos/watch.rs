//! `--watch`: a running meeting, looked at again and again at a price that is told first.

use jiff::SignedDuration;
use rollbook_core::budget::Purpose;
use rollbook_core::label::Label;
use rollbook_core::quality::completeness::least_calls;
use rollbook_store::Record;
use rollbook_zoom::endpoint::metrics_qos::QosType;

use super::ask::{self, Wanted};
use super::report::{MeetingReport, PersonReport, Source};
use super::{Known, Qos, callers, judged, known_of, person, select};
use crate::cli::context::Context;
use crate::cli::output::{self, thousands};
use crate::cli::{Exit, UsageError};
use crate::collector::Collector;
use crate::supervise::{Stop, stop_on_signals};

/// Clears the screen and starts at its top.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// Follows the meeting until it ends, time is up, the budget is gone or somebody stops it.
pub async fn run(command: &Qos, context: &Context<'_>, records: Vec<Record>) -> anyhow::Result<Exit> {
    if command.kind == Some(super::Type::Past) {
        return Err(UsageError("--watch follows a running meeting; leave --type past out".to_owned()).into());
    }
    // Only the latest run can be running.
    let records: Vec<Record> = records.into_iter().next_back().into_iter().collect();
    let mut collector = command.start(context).await?;
    let mut stop = stop_on_signals();
    let outcome = follow(command, context, &mut collector, &records, &mut stop).await;
    let code = outcome.as_ref().map_or_else(crate::cli::exit_of, |exit| *exit);
    collector.finish(i32::from(code.code()), "watched")?;
    context.keep_tokens(&collector.accounts).await;
    outcome
}

async fn follow(
    command: &Qos,
    context: &Context<'_>,
    collector: &mut Collector,
    records: &[Record],
    stop: &mut Stop,
) -> anyhow::Result<Exit> {
    let began = collector.clock.now();
    eprintln!("rollbook: {}", price(command, collector, records)?);
    for look in 0u32.. {
        let now = collector.clock.now();
        let answered = match look_once(command, collector, records).await {
            Ok(answered) => answered,
            // It was there at the last look: it has ended.
            Err(error) if look > 0 && is_gone(&error) => {
                eprintln!("rollbook: the meeting has ended; `rollbook qos {}` shows it", command.meeting);
                return Ok(Exit::Done);
            }
            Err(error) => return Err(error),
        };
        show(command, context, collector, records, answered)?;
        let next = now + command.every;
        if command.watch_for.is_some_and(|most| next.duration_since(began) > most) {
            return Ok(Exit::Done);
        }
        tokio::select! {
            biased;
            () = stop.asked() => return Ok(Exit::Interrupted),
            () = collector.clock.sleep_until(next) => {}
        }
    }
    Ok(Exit::Done)
}

/// What following costs, before anything is spent.
fn price(command: &Qos, collector: &Collector, records: &[Record]) -> anyhow::Result<String> {
    let now = collector.clock.now();
    let mut connections = 0;
    for record in records {
        let stays = collector.store.stays(record.id)?.len() as u64;
        connections += stays.max(u64::from(record.instance.listed_count.unwrap_or(0)));
    }
    let a_look = match connections {
        0 => "one Heavy call for every ten people".to_owned(),
        some => format!("about {} (one for every ten people)", calls(least_calls(some))),
    };
    let looks_an_hour = SignedDuration::from_hours(1).as_secs() / command.every.as_secs().max(1);
    let account = &collector.accounts[0];
    let budget = account.budget(collector.store.usage(now, &account.pool)?);
    let left = budget.day_left(now, Label::Heavy, Purpose::Person);
    let left = left.map_or_else(String::new, |left| {
        format!("; {} Heavy calls are left today", thousands(u64::from(left)))
    });
    Ok(format!(
        "each look costs {a_look}, {looks_an_hour} looks an hour{}{left}. Stop it with Ctrl-C.",
        match connections {
            0 => String::new(),
            some => format!(": about {} an hour", calls(least_calls(some) * looks_an_hour.unsigned_abs())),
        }
    ))
}

fn calls(calls: u64) -> String {
    crate::cli::page::count(calls, "Heavy call", "Heavy calls")
}

async fn look_once(
    command: &Qos,
    collector: &mut Collector,
    records: &[Record],
) -> anyhow::Result<(Vec<Known>, u32)> {
    let mut known = Vec::new();
    let mut calls = 0;
    for target in command.targets(collector, records)? {
        super::refuse_closed(collector, &target)?;
        let wanted = Wanted {
            account: target.account,
            instance: &target.instance,
            record: target.record.as_ref(),
            participant: None,
        };
        let answered = ask::ask(collector, &wanted, QosType::Live, false).await?;
        calls += answered.calls;
        let rows = answered.rows.into_iter().map(|row| (row.clone(), judged(&row))).collect();
        known.push(Known { instance: target.instance, stays: Vec::new(), rows });
    }
    if !records.is_empty() {
        known = known_of(&collector.store, records)?;
    }
    Ok((known, calls))
}

fn show(
    command: &Qos,
    context: &Context<'_>,
    collector: &Collector,
    records: &[Record],
    (known, calls): (Vec<Known>, u32),
) -> anyhow::Result<()> {
    let mut page = context.page();
    page.now = collector.clock.now();
    let instances: Vec<_> = known.iter().map(|known| known.instance.clone()).collect();
    let instances: Vec<_> = instances.iter().collect();
    let source = Source::Zoom { calls, kind: QosType::Live.as_str(), is_kept: !records.is_empty() };
    let all = callers(known);
    let report = MeetingReport::make(&instances, Vec::new(), &all, source);
    let caller = command.participant.as_ref().map(|wanted| select(&all, wanted)).transpose()?;
    match (caller, context.json) {
        // One line for each look, for programs.
        (None, true) => output::line(serde_json::to_string(&report)?),
        (Some(caller), true) => output::line(serde_json::to_string(&PersonReport::make(&report, caller))?),
        (None, false) => output::text(&format!("{CLEAR}{}", report.text(&page, &all, command.all))),
        (Some(caller), false) => {
            let person = PersonReport::make(&report, caller);
            output::text(&format!("{CLEAR}{}", person::text(&report, &person, caller, &page)))
        }
    }
}

fn is_gone(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<ask::NotFound>())
}
