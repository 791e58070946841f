//! Call quality: what a page of samples becomes, and what follows from a reading. All in the caller's transaction.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::instance::Instance;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::person::{Person, people};
use rollbook_core::privacy::is_erased_text;
use rollbook_core::quality::assess::assess;
use rollbook_core::quality::completeness::{
    QualityCase, QualityJudgement, QualityQuestion, QualityStay, judge, ties,
};
use rollbook_core::quality::person::{InstanceQuality, PersonStay, instance_quality, person_quality};
use rollbook_core::quality::policy::{Facts, Policy, complaint, wants};
use rollbook_core::quality::{Coverage, QualityOutcome, QualityReading, QualityRow, Series, StayQuality};
use rollbook_core::reading::{Row, Status};
use rollbook_core::stay::{SAME_JOIN, Stay};
use rollbook_core::time::minutes;
use rollbook_store::{
    Job, JobSpec, QualityKey, QualityStanding, QualityState, Record, Result, SAMPLES_MAX, Store,
};
use rollbook_zoom::ParticipantId;
use rollbook_zoom::endpoint::metrics_qos::QosType;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::ask::Request;

/// Meetings chosen by number are read this often while they run.
const LIVE_EVERY: SignedDuration = minutes(10);

/// What the pages of one asking told so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    rows: u32,
    samples: u64,
    odd: u32,
    strangers: u32,
}

impl Counted {
    /// Adds a page.
    pub fn add(&mut self, page: Counted) {
        self.rows += page.rows;
        self.samples += page.samples;
        self.odd += page.odd;
        self.strangers += page.strangers;
    }

    /// What the whole asking said; `endless` if its pages did not end.
    pub fn outcome(self, endless: Option<String>) -> QualityOutcome {
        let Counted { rows, samples, odd, strangers } = self;
        match endless {
            Some(said) => QualityOutcome::Failed { said },
            None if rows == 0 => QualityOutcome::Empty,
            None => QualityOutcome::Rows { rows, samples, odd, strangers },
        }
    }
}

/// How something was asked.
pub struct Asked {
    /// When its first page was.
    pub at: Timestamp,
    /// One connection, or all.
    pub participant: Option<String>,
    /// Of a live instance.
    pub while_live: bool,
    /// Calls it cost.
    pub calls: u32,
}

impl Asked {
    /// The reading it became, and its cost.
    pub fn said(self, outcome: QualityOutcome) -> (QualityReading, u32) {
        let Asked { at: asked_at, participant, while_live, calls } = self;
        (QualityReading { asked_at, participant, while_live, outcome }, calls)
    }
}

/// Keeps the connections of one page, each beside its stay. What was held of one already is added to: the same page
/// twice changes nothing.
///
/// # Errors
/// If the store cannot be used.
pub fn keep_rows(store: &mut Store, instance: i64, mut rows: Vec<QualityRow>) -> Result<Counted> {
    let stays = store.stays(instance)?;
    if let Some(record) = store.instance(instance)? {
        store.hide(&record.instance.uuid, &mut rows)?;
    }
    let mut held = store.quality_keys(instance)?;
    let mut counted = Counted::default();
    for mut row in rows {
        counted.rows += 1;
        counted.samples += row.series.len() as u64;
        counted.odd += u32::try_from(row.series.odd().len()).unwrap_or(u32::MAX);
        match ties(&stays, &row).map(|index| &stays[index]) {
            None => counted.strangers += 1,
            // Readings round joins differently; the stay's is the one to go by.
            Some(stay) if row.joined_at.is_none() || is_same_join(Some(stay.joined_at), row.joined_at) => {
                row.joined_at = Some(stay.joined_at);
                row.left_at = row.left_at.or(stay.left_at);
            }
            // Another connection under the same number, which attendance does not know.
            Some(_) => {}
        }
        match held.iter().find(|key| is_same_connection(key, &row)) {
            Some(key) => {
                if let Some(earlier) = store.quality_row(instance, &key.user_id, key.joined_at)? {
                    row = merged(earlier, row);
                }
            }
            None => {
                make_distinct(&mut row, &held);
                held.push(key_of(&row));
            }
        }
        row.series.truncate(SAMPLES_MAX);
        let quality = judged(&row);
        if is_erased(&row) {
            // How the call went is kept of nobody in particular, its minutes of nobody at all.
            row.series = Series::new();
        }
        store.put_quality_row(instance, &row, &quality)?;
    }
    Ok(counted)
}

fn is_erased(row: &QualityRow) -> bool {
    [&row.name, &row.zoom_user_id, &row.email].into_iter().flatten().any(|text| is_erased_text(text))
}

fn key_of(row: &QualityRow) -> QualityKey {
    QualityKey {
        user_id: row.user_id.clone(),
        joined_at: row.joined_at,
        name: row.name.clone(),
        email: row.email.clone(),
    }
}

/// Those without a number are told apart by who they are.
fn is_same_connection(key: &QualityKey, row: &QualityRow) -> bool {
    key.user_id == row.user_id
        && is_same_join(key.joined_at, row.joined_at)
        && (!row.user_id.is_empty() || (&key.name, &key.email) == (&row.name, &row.email))
}

/// Two people without a number who joined in the same second are kept a millisecond apart.
fn make_distinct(row: &mut QualityRow, held: &[QualityKey]) {
    while held.iter().any(|key| key.user_id == row.user_id && key.joined_at == row.joined_at) {
        let joined_at = row.joined_at.unwrap_or(Timestamp::UNIX_EPOCH);
        row.joined_at = Some(joined_at + SignedDuration::from_millis(1));
    }
}

/// How a connection went. Without a join it begins with its first sample.
pub fn judged(row: &QualityRow) -> StayQuality {
    let first = row.series.times().first().copied();
    let joined_at = row.joined_at.or(first).unwrap_or(Timestamp::UNIX_EPOCH);
    assess(&row.series, joined_at, row.left_at)
}

fn is_same_join(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.duration_since(other).abs() <= SAME_JOIN,
        (one, other) => one == other,
    }
}

/// What two readings of one connection say together; a blank takes nothing away.
fn merged(mut earlier: QualityRow, later: QualityRow) -> QualityRow {
    earlier.series.merge(&later.series);
    earlier.details.extend(later.details);
    QualityRow {
        user_id: earlier.user_id,
        joined_at: earlier.joined_at,
        participant_uuid: later.participant_uuid.or(earlier.participant_uuid),
        zoom_user_id: later.zoom_user_id.or(earlier.zoom_user_id),
        name: later.name.or(earlier.name),
        email: later.email.or(earlier.email),
        left_at: later.left_at.or(earlier.left_at),
        details: earlier.details,
        series: earlier.series,
    }
}

/// The request of a quality job; `None` where call quality is closed to the account.
pub fn request(account: &Account, instance: Instance, participant: Option<&String>) -> Option<Request> {
    if account.offer.quality_refusal().is_some() {
        return None;
    }
    let kind = if instance.is_live { QosType::Live } else { QosType::Past };
    // A blank number cannot be asked for; the whole list tells it too.
    let participant = participant.and_then(|user_id| ParticipantId::new(user_id.clone()).ok());
    Some(Request::Quality(Box::new(instance), participant, kind))
}

/// Judges the call quality of an instance anew, if it is wanted, and puts its next job.
///
/// # Errors
/// If the store cannot be used.
pub fn reconsider(store: &mut Store, now: Timestamp, account: &Account, record: &Record) -> Result<()> {
    let Some(because) = wanted(store, account, record)?.or(still_wanted(store, account, record)?) else {
        return Ok(());
    };
    let stays: Vec<Stay> = store.stays(record.id)?.into_iter().filter(is_in_meeting).collect();
    let rows = store.quality_rows(record.id)?;
    let coverage = store.quality_coverage(record.id)?;
    let told = told(&stays, &rows, &coverage, record.instance.ended_at);
    let case = QualityCase {
        started_at: record.instance.started_at,
        ended_at: record.instance.ended_at,
        is_one_person: record.instance.is_one_person,
        attendance_settled: !record.state.is_open(),
        stays: &told,
        readings: &store.quality_readings(record.id)?,
        offer: &account.offer,
    };
    let judgement = match account.qos.is_chosen(&record.instance) && record.instance.is_live {
        true => live(now, account, case.readings),
        false => judge(now, case),
    };
    let standing = standing(&judgement, because, &stays, &told, &rows);
    store.put_quality_state(now, record.id, &standing)?;
    match judgement {
        QualityJudgement::Waiting { .. } => Ok(()),
        QualityJudgement::Complete { .. } | QualityJudgement::Closed { .. } => {
            store.finish_quality_job(record.id)
        }
        QualityJudgement::Open { reason, ask, at } => {
            let spec = job(account, record, ask, at, reason);
            // A list that is half read goes on where it was, and a refused one keeps its pauses.
            let is_begun = |held: &Job| held.progress.is_some() || held.tries > 0;
            match store.quality_job(record.id)? {
                Some(held) if held.spec.ask == spec.ask && is_begun(&held) => Ok(()),
                _ => store.put_job(&spec),
            }
        }
    }
}

/// What was wanted once is brought to its end, whatever the policy of the command that happens to look: only the policy
/// `none` lets it go. What was told stays in any case.
fn still_wanted(store: &mut Store, account: &Account, record: &Record) -> Result<Option<String>> {
    let Some(ledger) = store.quality_state(record.id)? else { return Ok(None) };
    if account.qos.policy != Policy::None {
        return Ok(ledger.standing.wanted_because);
    }
    if ledger.standing.state.is_open() {
        store.finish_quality_job(record.id)?;
        store.drop_quality_state(record.id)?;
    }
    Ok(None)
}

/// What the ledger says of a judgement.
fn standing(
    judgement: &QualityJudgement,
    because: String,
    stays: &[Stay],
    told: &[QualityStay<'_>],
    rows: &[(QualityRow, StayQuality)],
) -> QualityStanding {
    let (state, reason, next_look_at) = match judgement {
        QualityJudgement::Waiting { reason } => (QualityState::Due, reason, None),
        QualityJudgement::Open { reason, at, .. } if rows.is_empty() => {
            (QualityState::Due, reason, Some(*at))
        }
        QualityJudgement::Open { reason, at, .. } => (QualityState::Fetched, reason, Some(*at)),
        QualityJudgement::Complete { why } => (QualityState::Complete, why, None),
        QualityJudgement::Closed { reason } => (QualityState::Closed, reason, None),
    };
    let overall = overall(stays, rows);
    QualityStanding {
        state,
        wanted_because: Some(because),
        reason: Some(reason.clone()),
        next_look_at,
        stays: u32::try_from(stays.len()).unwrap_or(u32::MAX),
        told_stays: u32::try_from(told.iter().filter(|stay| stay.has_row).count()).unwrap_or(u32::MAX),
        samples: rows.iter().map(|(_, quality)| u64::from(quality.samples)).sum(),
        score: overall.median_score,
        bad_share: overall.bad_share,
    }
}

/// How the instance's calls went, person by person.
fn overall(stays: &[Stay], rows: &[(QualityRow, StayQuality)]) -> InstanceQuality {
    if rows.is_empty() {
        return InstanceQuality::default();
    }
    let mut of_stay: Vec<Option<&StayQuality>> = vec![None; stays.len()];
    for (row, quality) in rows {
        if let Some(index) = ties(stays, row) {
            of_stay[index] = Some(quality);
        }
    }
    let person = |person: &Person| {
        let stays: Vec<PersonStay<'_>> = person
            .stays
            .iter()
            .map(|index| PersonStay {
                stay: &stays[*index],
                quality: of_stay[*index],
                instance_ended_at: None,
            })
            .collect();
        person_quality(&stays)
    };
    instance_quality(&people(stays).iter().map(person).collect::<Vec<_>>())
}

fn job(
    account: &Account,
    record: &Record,
    ask: QualityQuestion,
    due_at: Timestamp,
    reason: String,
) -> JobSpec {
    let participant = match ask {
        QualityQuestion::List => None,
        QualityQuestion::Participant(user_id) => Some(user_id),
    };
    let ask = Ask::Quality { instance: record.id, participant };
    JobSpec {
        account: account.name.clone(),
        pool: account.pool.clone(),
        label: ask.label(record.instance.kind),
        ask,
        urgency: Urgency::Quality.rank(),
        is_person: false,
        due_at,
        reason,
    }
}

/// Looks at a chosen meeting while it runs.
fn live(now: Timestamp, account: &Account, readings: &[QualityReading]) -> QualityJudgement {
    if let Some(reason) = account.offer.quality_refusal() {
        return QualityJudgement::Closed { reason };
    }
    let last = readings.iter().filter(|reading| reading.while_live).map(|reading| reading.asked_at).max();
    let at = last.map_or(now, |last| (last + LIVE_EVERY).max(now));
    QualityJudgement::Open { reason: "it runs and was chosen".to_owned(), ask: QualityQuestion::List, at }
}

/// Why its call quality is wanted, if it is.
fn wanted(store: &Store, account: &Account, record: &Record) -> Result<Option<String>> {
    let policy = &account.qos.policy;
    let stays = match policy {
        Policy::Large(_) => {
            let stays = store.stays(record.id)?.iter().filter(|stay| is_in_meeting(stay)).count();
            u32::try_from(stays).ok().filter(|stays| *stays > 0).or(record.instance.listed_count)
        }
        _ => record.instance.listed_count,
    };
    let facts = Facts {
        uuid: &record.instance.uuid,
        stays,
        flagged: record.quality_word.as_deref(),
        is_course: is_course(store, account, &record.instance)?,
        is_chosen: account.qos.is_chosen(&record.instance),
    };
    Ok(wants(policy, &facts))
}

/// Whether an instance's number belongs to an activity of Moodle's; looked up only where the policy goes by it.
///
/// # Errors
/// If the store cannot be read.
pub fn is_course(store: &Store, account: &Account, instance: &Instance) -> Result<bool> {
    match instance.number.filter(|_| account.qos.policy == Policy::Courses) {
        Some(number) => store.has_activity(&account.name, number),
        None => Ok(false),
    }
}

fn is_in_meeting(stay: &Stay) -> bool {
    stay.status == Status::InMeeting && !stay.is_withdrawn
}

/// Keeps what a list's quality words say against instances, for the policy that goes by them.
///
/// # Errors
/// If the store cannot be used.
pub fn keep_complaints(
    store: &mut Store,
    now: Timestamp,
    account: &Account,
    complaints: &BTreeMap<String, String>,
) -> Result<()> {
    for (uuid, words) in complaints {
        let Some(mut record) = store.instance_by_uuid(&account.name, uuid)? else { continue };
        if record.quality_word.as_ref() == Some(words) {
            continue;
        }
        store.set_quality_word(record.id, Some(words))?;
        record.quality_word = Some(words.clone());
        // What is settled is not looked at again by itself.
        if !record.state.is_open() {
            reconsider(store, now, account, &record)?;
        }
    }
    Ok(())
}

/// The same of a dashboard's participants; a list's word stays.
///
/// # Errors
/// If the store cannot be used.
pub fn keep_complaint_of_rows(store: &mut Store, instance: i64, rows: &[Row]) -> Result<()> {
    let details = rows.iter().flat_map(|row| &row.details);
    let Some(words) = complaint(details.map(|(name, word)| (name.as_str(), word.as_str()))) else {
        return Ok(());
    };
    match store.instance(instance)? {
        Some(record) if record.quality_word.is_none() => store.set_quality_word(instance, Some(&words)),
        _ => Ok(()),
    }
}

/// What is held of each stay's call quality, and which of them events told without a gap.
fn told<'a>(
    stays: &'a [Stay],
    rows: &[(QualityRow, StayQuality)],
    coverage: &BTreeMap<String, Coverage>,
    ended_at: Option<Timestamp>,
) -> Vec<QualityStay<'a>> {
    let is_covered = |stay: &Stay| {
        let covers = |coverage: &Coverage| {
            stay.left_at.or(ended_at).is_some_and(|left_at| coverage.covers(stay.joined_at, left_at))
        };
        !stay.user_id.is_empty() && coverage.get(&stay.user_id).is_some_and(covers)
    };
    let untold = |stay: &'a Stay| QualityStay {
        user_id: &stay.user_id,
        joined_at: stay.joined_at,
        left_at: stay.left_at,
        has_row: false,
        last_sample_at: None,
        is_covered: is_covered(stay),
    };
    let mut all: Vec<QualityStay<'a>> = stays.iter().map(untold).collect();
    for (row, quality) in rows {
        if let Some(index) = ties(stays, row) {
            all[index].has_row = true;
            all[index].last_sample_at = all[index].last_sample_at.max(quality.last_at);
        }
    }
    all
}

#[cfg(test)]
mod tests;
