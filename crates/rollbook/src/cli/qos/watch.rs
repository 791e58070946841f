//! `--watch`: a running meeting, looked at again and again at a price that is told first.

use std::collections::{BTreeSet, VecDeque};

use jiff::SignedDuration;
use rollbook_core::budget::Purpose;
use rollbook_core::label::Label;
use rollbook_core::quality::completeness::least_calls;
use rollbook_core::reading::Status;
use rollbook_store::Record;
use rollbook_zoom::ParticipantId;
use rollbook_zoom::endpoint::metrics_qos::QosType;

use super::ask::{self, Wanted};
use super::select::{NotOne, find};
use super::{
    Known, Qos, Target, callers, ids_of, is_user_id, judged, known_callers, known_of, person, refuse_closed,
};
use crate::cli::context::Context;
use crate::cli::meeting::as_argument;
use crate::cli::output::{self, thousands};
use crate::cli::page::{count, safe};
use crate::cli::{Exit, UsageError};
use crate::collector::Collector;
use crate::collector::account::Failure;
use crate::report::callers::{Caller, Connection};
use crate::report::calls::{MeetingReport, PersonReport, Source};
use crate::supervise::{Stop, stop_on_signals};

/// Looks in a row that Zoom may refuse without an end to the watching.
const REFUSED_MAX: u32 = 3;

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
    let target = command.targets(collector, records)?.pop();
    let target = target.expect("what the store does not know is a target as it was typed");
    refuse_closed(collector, &target)?;
    eprintln!("rollbook: {}", price(command, collector, &target)?);
    let (mut gone, mut refused) = (BTreeSet::new(), 0);
    for look in 0u32.. {
        let now = collector.clock.now();
        match look_once(command, collector, &target, &mut gone).await {
            Ok(seen) => {
                refused = 0;
                show(command, context, collector, &target, seen)?;
            }
            // It was there at the first look: it has ended.
            Err(error) if look > 0 && is_gone(&error) => {
                eprintln!(
                    "rollbook: the meeting has ended; `rollbook qos {}` shows it",
                    as_argument(&command.meeting)
                );
                return Ok(Exit::Done);
            }
            Err(error) if look > 0 && refused < REFUSED_MAX && may_pass(&error) => {
                refused += 1;
                eprintln!(
                    "rollbook: this look came to nothing, the next may: {}",
                    safe(&format!("{error:#}"))
                );
            }
            Err(error) => return Err(error),
        }
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
fn price(command: &Qos, collector: &Collector, target: &Target) -> anyhow::Result<String> {
    let now = collector.clock.now();
    let asks = to_ask(command, &known_callers(collector, target)?, &BTreeSet::new())?;
    let a_look = if asks.iter().all(Option::is_some) {
        Price::Connections(asks.len() as u64)
    } else {
        match people(collector, target)? {
            0 => Price::Unknown,
            some => Price::List(least_calls(some)),
        }
    };
    let account = &collector.accounts[target.account];
    let budget = account.budget(collector.store.usage(now, &account.pool)?);
    let left = budget.day_left(now, Label::Heavy, Purpose::Person);
    Ok(a_look.in_words(command.every, left.map(u64::from)))
}

/// How many are in it, as far as the store knows: connections attendance holds, or what a list counted.
fn people(collector: &Collector, target: &Target) -> anyhow::Result<u64> {
    let Some(record) = &target.record else { return Ok(0) };
    let stays = collector.store.stays(record.id)?;
    let is_in = |stay: &&rollbook_core::stay::Stay| !stay.is_withdrawn && stay.status == Status::InMeeting;
    let stays = stays.iter().filter(is_in).count() as u64;
    Ok(stays.max(u64::from(record.instance.listed_count.unwrap_or(0))))
}

/// What one look costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Price {
    /// The whole list of a meeting of unknown size.
    Unknown,
    /// So many calls for the whole list.
    List(u64),
    /// So many for as many connections.
    Connections(u64),
}

impl Price {
    /// `left` are the day's Heavy calls; none without such a limit.
    fn in_words(self, every: SignedDuration, left: Option<u64>) -> String {
        let looks_an_hour = SignedDuration::from_hours(1).as_secs() / every.as_secs().max(1);
        let heavy = |calls| count(calls, "Heavy call", "Heavy calls");
        let (a_look, an_hour) = match self {
            Price::Unknown => ("one Heavy call for every ten people".to_owned(), None),
            Price::List(calls) => {
                (format!("about {} (one for every ten people)", heavy(calls)), Some(("about ", calls)))
            }
            Price::Connections(calls) => {
                (format!("{} (one for each connection)", heavy(calls)), Some(("", calls)))
            }
        };
        let an_hour = an_hour.map_or_else(String::new, |(about, calls)| {
            format!(": {about}{} an hour", heavy(calls * looks_an_hour.unsigned_abs()))
        });
        let left =
            left.map_or_else(String::new, |left| format!("; {} Heavy calls are left today", thousands(left)));
        format!(
            "each look costs {a_look}, {looks_an_hour} looks an hour{an_hour}{left}. Stop it with Ctrl-C."
        )
    }
}

/// The connections to ask for at a look; a single `None` is everybody. Somebody's own are asked for while they last
/// and take fewer calls than the list; who has left may have come back under another number, which only the list
/// tells.
fn to_ask(
    command: &Qos,
    known: &[Caller],
    gone: &BTreeSet<String>,
) -> anyhow::Result<VecDeque<Option<ParticipantId>>> {
    let everybody = || Ok(VecDeque::from([None]));
    let Some(wanted) = command.participant.as_deref() else { return everybody() };
    let mut ids = ids_of(known, wanted)?;
    if ids.is_empty() && is_user_id(wanted) {
        ids.extend(ParticipantId::new(wanted.trim()));
    }
    let connections = || known.iter().flat_map(|caller| &caller.connections);
    let is_over = |one: &Connection| {
        one.stay.left_at.is_some() || one.told.as_ref().is_some_and(|(row, _)| row.left_at.is_some())
    };
    let has_left = |id: &ParticipantId| {
        gone.contains(id.as_str()) || connections().any(|one| one.stay.user_id == id.as_str() && is_over(one))
    };
    ids.retain(|id| !has_left(id));
    let is_cheaper = match connections().count() as u64 {
        0 => true,
        some => (ids.len() as u64) < least_calls(some),
    };
    if ids.is_empty() || !is_cheaper { everybody() } else { Ok(ids.into_iter().map(Some).collect()) }
}

/// What one look told, and the calls it took.
type Seen = (Vec<Known>, u32);

/// `gone` are connections that are known to have ended, or that Zoom did not find.
async fn look_once(
    command: &Qos,
    collector: &mut Collector,
    target: &Target,
    gone: &mut BTreeSet<String>,
) -> anyhow::Result<Seen> {
    let (mut rows, mut calls) = (Vec::new(), 0);
    let mut asks = to_ask(command, &known_callers(collector, target)?, gone)?;
    while let Some(participant) = asks.pop_front() {
        let wanted = Wanted {
            account: target.account,
            instance: &target.instance,
            record: target.record.as_ref(),
            participant,
        };
        let answered = match (ask::ask(collector, &wanted, QosType::Live, false).await, &wanted.participant) {
            (Ok(answered), _) => answered,
            // Zoom has one answer for "no such connection" and for "the meeting is over": the list tells which.
            (Err(error), Some(one)) if is_gone(&error) => {
                gone.insert(one.as_str().to_owned());
                calls += 1;
                asks = VecDeque::from([None]);
                continue;
            }
            (Err(error), _) => return Err(error),
        };
        calls += answered.calls;
        gone.extend(answered.rows.iter().filter(|row| row.left_at.is_some()).map(|row| row.user_id.clone()));
        rows.extend(answered.rows.into_iter().map(|row| (row.clone(), judged(&row))));
    }
    let known = match &target.record {
        Some(record) => known_of(&collector.store, std::slice::from_ref(record))?,
        None => vec![Known { instance: target.instance.clone(), stays: Vec::new(), rows }],
    };
    Ok((known, calls))
}

fn show(
    command: &Qos,
    context: &Context<'_>,
    collector: &Collector,
    target: &Target,
    (known, calls): Seen,
) -> anyhow::Result<()> {
    let mut page = context.page();
    page.now = collector.clock.now();
    let source = Source::Zoom { calls, kind: QosType::Live.as_str(), is_kept: target.record.is_some() };
    let all = callers(known);
    let report = MeetingReport::make(&[&target.instance], Vec::new(), &all, source);
    let caller = match command.participant.as_deref().map(|wanted| find(&all, wanted)).transpose() {
        Ok(caller) => caller,
        Err(nobody @ NotOne::Nobody { .. }) => {
            eprintln!("rollbook: not seen at this look: {nobody}");
            return Ok(());
        }
        Err(several @ NotOne::Several { .. }) => return Err(UsageError(several.to_string()).into()),
    };
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

/// Zoom said that it has no such meeting under way.
fn is_gone(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<ask::NotFound>().is_some_and(|found| found.is_certain))
}

/// Asking again may help: a wordless refusal, or trouble that no setting mends.
fn may_pass(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<ask::NotFound>().is_some_and(|found| !found.is_certain)
            || cause.downcast_ref::<Failure>().is_some_and(|failure| !failure.is_configuration)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(price: Price, left: Option<u64>, expected: &str) {
        assert_eq!(price.in_words(SignedDuration::from_mins(1), left), expected);
    }

    #[test]
    fn the_price_is_told_by_the_look_and_by_the_hour() {
        check(
            Price::List(3),
            Some(29_500),
            "each look costs about 3 Heavy calls (one for every ten people), 60 looks an hour: about 180 Heavy calls \
             an hour; 29,500 Heavy calls are left today. Stop it with Ctrl-C.",
        );
        check(
            Price::Connections(1),
            None,
            "each look costs 1 Heavy call (one for each connection), 60 looks an hour: 60 Heavy calls an hour. Stop \
             it with Ctrl-C.",
        );
        check(
            Price::Unknown,
            None,
            "each look costs one Heavy call for every ten people, 60 looks an hour. Stop it with Ctrl-C.",
        );
    }

    #[test]
    fn trouble_that_may_pass_does_not_end_the_watching() {
        let failure = |is_configuration| Failure { message: "busy".to_owned(), is_configuration };
        assert!(may_pass(&failure(false).into()) && !is_gone(&failure(false).into()));
        assert!(!may_pass(&failure(true).into()));
        assert!(!may_pass(&UsageError("two people".to_owned()).into()));
    }
}
