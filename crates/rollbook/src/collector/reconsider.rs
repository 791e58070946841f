//! What follows from a reading: stays, state, and the next job. All in the caller's transaction.

use jiff::Timestamp;
use rollbook_core::completeness::{
    Case, Judgement, Question, count_fits, judge, may_be_one_person, was_one_person,
};
use rollbook_core::family::Family;
use rollbook_core::instance::TimesFrom;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::reading::{Reading, Row, Status};
use rollbook_core::stay::{Evidence, Stay, merge};
use rollbook_core::time::hours;
use rollbook_store::{JobSpec, Record, Result, State, Store};

use super::account::Account;
use super::events;
use super::quality;
use crate::config::Scope;

/// Instances this close to Zoom's look-back limit of six months go before others.
const EXPIRING_AFTER_DAYS: i64 = 160;

/// A reading that has just come.
pub struct Fresh {
    /// What it said.
    pub reading: Reading,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Calls it cost.
    pub calls: u32,
    /// The run that asked; none where events told it.
    pub run: Option<i64>,
}

/// Judges an instance anew, keeps what follows, and puts its next job.
///
/// # Errors
/// If the store cannot be used.
pub fn reconsider(
    store: &mut Store,
    now: Timestamp,
    account: &Account,
    mut record: Record,
    fresh: Option<Fresh>,
) -> Result<State> {
    // A new instance has nothing to look up.
    let mut evidence = match record.state {
        State::Ended if fresh.is_none() && record.next_look_at.is_none() => Vec::new(),
        _ => store.evidence(record.id)?,
    };
    let details_asked = store.details_asked(record.id)?;
    let seen = events::reading(store, now, &record)?;
    for fresh in seen.into_iter().chain(fresh) {
        let stays = take_in(store, &record, &mut evidence, fresh)?;
        derive_times(store, &mut record, &stays)?;
    }
    // Events that came before anything was known of what they are about.
    store.wake_events(&account.name, &record.instance.uuid)?;
    // What events told is no evidence of completeness.
    let readings: Vec<Reading> =
        evidence.into_iter().map(|(reading, _)| reading).filter(|r| r.family != Family::Event).collect();
    note_one_person(store, account, &mut record, &readings)?;
    let case = Case {
        instance: &record.instance,
        first_seen_at: record.first_seen_at,
        readings: &readings,
        details_asked: &details_asked,
        offer: &account.offer,
    };
    let judgement = judge(now, case);
    let state = match &judgement {
        Judgement::Verified { .. } => State::Verified,
        Judgement::Closed { .. } => State::Closed,
        Judgement::Live { .. } => State::Live,
        Judgement::Open { .. } if readings.iter().any(|reading| reading.any_rows().is_some()) => {
            State::Fetched
        }
        Judgement::Open { .. } => State::Ended,
    };
    match judgement {
        Judgement::Verified { why: reason } | Judgement::Closed { reason } => {
            store.set_state(now, record.id, state, Some(&reason), None)?;
            store.finish_instance_job(record.id)?;
        }
        Judgement::Live { ask, at } => {
            store.set_state(now, record.id, state, Some("live"), Some(at))?;
            store.put_job(&instance_job(now, account, &record, ask, at, "live".to_owned()))?;
        }
        Judgement::Open { reason, ask, at } => {
            store.set_state(now, record.id, state, Some(&reason), Some(at))?;
            store.put_job(&instance_job(now, account, &record, ask, at, reason))?;
        }
    }
    record.state = state;
    // Who was there comes first: call quality is asked for once that is settled, or while a chosen meeting runs.
    if !state.is_open() || state == State::Live {
        quality::reconsider(store, now, account, &record)?;
    }
    Ok(state)
}

/// Keeps a reading and the stays that now follow. Whatever tells who was there comes by here, so nobody who was erased
/// gets past.
fn take_in(
    store: &mut Store,
    record: &Record,
    evidence: &mut Vec<(Reading, Vec<Row>)>,
    mut fresh: Fresh,
) -> Result<Vec<Stay>> {
    let uuid = &record.instance.uuid;
    let learned = store.hide_reading(uuid, &mut fresh.reading, &mut fresh.rows)?;
    match fresh.run {
        Some(run) => store.add_reading(record.id, run, fresh.calls, &fresh.reading, &fresh.rows)?,
        None => store.add_event_reading(record.id, &fresh.reading, &fresh.rows)?,
    }
    evidence.push((fresh.reading, fresh.rows));
    let stays = derive_stays(record, evidence);
    store.put_stays(record.id, &stays)?;
    let is_theirs_too = !store.veil()?.kin(uuid, &stays).is_empty();
    if learned.identifiers.is_empty() && !is_theirs_too {
        return Ok(stays);
    }
    // Earlier readings may hold them by what has only now been told.
    store.sweep_instance(record.id)?;
    *evidence = store.evidence(record.id)?;
    let stays = derive_stays(record, evidence);
    store.put_stays(record.id, &stays)?;
    Ok(stays)
}

/// What no list of one-person runs tells, of instances found by their number.
fn note_one_person(
    store: &mut Store,
    account: &Account,
    record: &mut Record,
    readings: &[Reading],
) -> Result<()> {
    let is_guess = account.scope() == Scope::Moodle
        && record.instance.listed_count.is_none()
        && !readings.iter().any(|reading| reading.any_rows().is_some());
    let is_one_person = match is_guess {
        true => may_be_one_person(&record.instance, readings),
        false => record.instance.is_one_person || was_one_person(&record.instance, readings),
    };
    if record.instance.is_one_person != is_one_person {
        record.instance.is_one_person = is_one_person;
        store.update_instance(record.id, &record.instance)?;
    }
    Ok(())
}

/// Stays are always derived from readings alone, so they can be dropped and rebuilt.
pub fn derive_stays(record: &Record, evidence: &[(Reading, Vec<Row>)]) -> Vec<Stay> {
    let evidence: Vec<Evidence<'_>> = evidence
        .iter()
        .map(|(reading, rows)| Evidence {
            family: reading.family,
            asked_at: reading.asked_at,
            is_finished: reading.finished_rows().is_some(),
            is_passing: reading
                .finished_rows()
                .is_some_and(|rows| count_fits(&record.instance, rows) == Some(true)),
            rows,
        })
        .collect();
    merge(&evidence)
}

/// Times that nobody tells are those of the first join and the last leave, marked as derived.
fn derive_times(store: &mut Store, record: &mut Record, stays: &[Stay]) -> Result<()> {
    if record.instance.times_from > TimesFrom::Derived || record.instance.is_live {
        return Ok(());
    }
    let shown = || stays.iter().filter(|stay| !stay.is_withdrawn && stay.status == Status::InMeeting);
    let (Some(first), true) =
        (shown().map(|stay| stay.joined_at).min(), shown().all(|stay| stay.left_at.is_some()))
    else {
        return Ok(());
    };
    record.instance.started_at = record.instance.started_at.or(Some(first)).min(Some(first));
    record.instance.ended_at = shown().filter_map(|stay| stay.left_at).max();
    record.instance.times_from = TimesFrom::Derived;
    store.update_instance(record.id, &record.instance)
}

/// The job that asks about one instance.
pub fn instance_job(
    now: Timestamp,
    account: &Account,
    record: &Record,
    question: Question,
    due_at: Timestamp,
    reason: String,
) -> JobSpec {
    let ask = match question {
        Question::Details => Ask::Details { instance: record.id },
        Question::Participants(family) => Ask::Participants { instance: record.id, family },
    };
    let since = record.instance.started_at.unwrap_or(record.first_seen_at);
    let expiring = now.duration_since(since) > hours(24 * EXPIRING_AFTER_DAYS);
    JobSpec {
        account: account.name.clone(),
        pool: account.pool.clone(),
        label: ask.label(record.instance.kind),
        ask,
        urgency: if expiring { Urgency::Expiring } else { Urgency::Attendance }.rank(),
        is_person: false,
        due_at,
        reason,
    }
}
