//! Refresh on request: somebody wants a meeting looked at again now. Decided, kept and put before all other work in one
//! transaction, so that several processes never let anybody have more than their ration.
//!
//! Commands and pages ask through [`put`]; whoever collects answers what waits ([`answer_looked_at`]).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::completeness::Question;
use rollbook_core::instance::TimesFrom;
use rollbook_core::label::PerLabel;
use rollbook_core::request::{self, Decision, PENDING_MAX, Requester, Rules, Wanted};
use rollbook_core::time::Window;
use rollbook_store::{NewRequest, Record, RequestOutcome, Result, State, Store};

use crate::collector::account::Account;
use crate::collector::reconsider;

/// What somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The site's rules.
    pub rules: &'a Rules,
    /// Who asks.
    pub requester: &'a Requester,
    /// The school's zone: a ration is of its day.
    pub zone: &'a TimeZone,
    /// The meeting as named: digits of its number, or a UUID.
    pub meeting: &'a str,
    /// All runs of the number.
    pub all: bool,
}

/// A request that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// Its number.
    pub request: i64,
    /// What became of it.
    pub decision: Decision,
}

/// What a refresh of these runs will cost, by label. Nothing is asked or kept.
pub fn price(accounts: &[Account], runs: &[Record]) -> PerLabel<u64> {
    let mut calls = PerLabel::default();
    for account in accounts {
        let of_account = runs.iter().filter(|run| run.account == account.name).map(|run| &run.instance);
        let own = request::price(&account.offer, of_account);
        for label in rollbook_core::label::Label::ALL {
            calls[label] += own[label];
        }
    }
    calls
}

/// What would become of a request now. Nothing is kept.
///
/// # Errors
/// If the store cannot be read.
pub fn decide(store: &Store, now: Timestamp, asked: &Asked<'_>, runs: &[Record]) -> Result<Decision> {
    let day = now.to_zoned(asked.zone.clone()).date();
    let day_ends_at = Window::of_day(day, asked.zone).to;
    let earlier = store.joinable_requests(now - PENDING_MAX)?;
    let used = store.requests_used(asked.requester.who(), day)?;
    let wanted = wanted(asked, runs);
    Ok(request::decide(now, asked.rules, asked.requester, &wanted, &earlier, used, day_ends_at))
}

/// Puts a request: decides, keeps it with what became of it, and if it is let in, puts the jobs of its runs before all
/// others. `runs` are those meant, as far as the store knows them; [`add_runs`] adds those that were looked up.
///
/// # Errors
/// If the store cannot be written.
pub fn put(
    store: &mut Store,
    now: Timestamp,
    accounts: &[Account],
    asked: &Asked<'_>,
    runs: &[Record],
) -> Result<Put> {
    store.atomically(|store| {
        answer_looked_at(store, now)?;
        let decision = decide(store, now, asked, runs)?;
        let (outcome, joined, reason) = match &decision {
            Decision::Ask { .. } => (RequestOutcome::Pending, None, None),
            Decision::Join { request, answered_at: None } => (RequestOutcome::Pending, Some(*request), None),
            Decision::Join { request, answered_at: Some(_) } => (
                RequestOutcome::Answered,
                Some(*request),
                store.request(*request)?.and_then(|one| one.reason),
            ),
            Decision::Refused(refusal) => (RequestOutcome::Refused, None, Some(refusal.to_string())),
        };
        let new = NewRequest {
            requester: asked.requester,
            wanted: &wanted(asked, runs),
            day: now.to_zoned(asked.zone.clone()).date(),
            joined,
            outcome,
            reason: reason.as_deref(),
            answered_at: (outcome != RequestOutcome::Pending).then_some(now),
        };
        let request = store.add_request(now, &new)?;
        if matches!(decision, Decision::Ask { .. }) {
            ask_now(store, now, accounts, asked.requester, runs)?;
        }
        Ok(Put { request, decision })
    })
}

/// Adds runs that a request turned out to be about, and puts their jobs before all others, unless the request was
/// answered meanwhile or somebody waits for them already.
///
/// # Errors
/// If the store cannot be written.
pub fn add_runs(
    store: &mut Store,
    now: Timestamp,
    accounts: &[Account],
    requester: &Requester,
    request: i64,
    runs: &[Record],
) -> Result<()> {
    store.atomically(|store| {
        store.add_request_runs(request, runs.iter().map(|run| run.id))?;
        let waits = store.request(request)?.is_some_and(|one| one.outcome == RequestOutcome::Pending);
        let mut unasked = Vec::new();
        for run in runs {
            if waits && store.instance_job(run.id)?.is_none_or(|job| !job.spec.is_person) {
                unasked.push(run.clone());
            }
        }
        ask_now(store, now, accounts, requester, &unasked)
    })
}

/// Says of every request whose runs were looked at what came of it, and gives up those that nobody can look up any more.
///
/// # Errors
/// If the store cannot be written.
pub fn answer_looked_at(store: &mut Store, now: Timestamp) -> Result<()> {
    for request in store.requests_without_runs(now - PENDING_MAX)? {
        let why = "whoever was to look the meeting up is gone; ask again";
        store.answer_request(now, request, RequestOutcome::Failed, why)?;
    }
    for request in store.requests_looked_at()? {
        let mut runs = Vec::new();
        for id in store.request_runs(request)? {
            runs.extend(store.instance(id)?);
        }
        store.answer_request(now, request, RequestOutcome::Answered, &in_words(&runs))?;
    }
    Ok(())
}

/// Where runs stand, in a sentence.
fn in_words(runs: &[Record]) -> String {
    if let [only] = runs {
        let reason = only.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return format!("{}{reason}", only.state.name());
    }
    let states = State::ALL.into_iter().filter_map(|state| {
        let count = runs.iter().filter(|run| run.state == state).count();
        (count > 0).then(|| format!("{count} {}", state.name()))
    });
    format!("{} runs looked at: {}", runs.len(), states.collect::<Vec<_>>().join(", "))
}

fn wanted(asked: &Asked<'_>, runs: &[Record]) -> Wanted {
    let instances = runs.iter().map(|run| run.id).collect();
    Wanted { meeting: asked.meeting.to_owned(), all: asked.all, instances }
}

/// Puts the jobs of runs before all others: their times if they are missing, else their participants.
fn ask_now(
    store: &mut Store,
    now: Timestamp,
    accounts: &[Account],
    requester: &Requester,
    runs: &[Record],
) -> Result<()> {
    for run in runs {
        let Some(account) = accounts.iter().find(|account| account.name == run.account) else { continue };
        let blank = run.instance.is_live || run.instance.times_from < TimesFrom::List;
        let family = account.offer.families(run.instance.is_one_person).first().copied();
        let question = match family {
            Some(family) if !blank => Question::Participants(family),
            Some(_) => Question::Details,
            None => {
                reconsider::reconsider(store, now, account, run.clone(), None)?;
                continue;
            }
        };
        let reason = format!("asked for by {requester}");
        let spec = reconsider::instance_job(now, account, run, question, now, reason);
        store.put_job(&spec)?;
        store.hurry_job(now, run.id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
