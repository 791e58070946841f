//! Has Zoom told the call quality of every stay? The one place that decides whether to ask, what, and when to stop.
//!
//! It waits for attendance, and 6 h after the end. Then one complete list reading; stays of which it has no row, or
//! whose samples end too early, are asked for again a day and three days after the end, then it is closed and says
//! how many are missing. Refusals are asked again sooner.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::reading::{QualityOutcome, QualityReading};
use super::series::QualityRow;
use crate::completeness::{SINGLE_READING_AFTER, words};
use crate::family::{Family, Offer};
use crate::reading::Status;
use crate::stay::{SAME_JOIN, Stay};
use crate::time::{hours, minutes};

/// People on a page of the call-quality list, at most; Zoom's default is 1 (quirk 47).
pub const PAGE: u32 = 10;

/// Samples that end this long before the leave are not all: there is about one a minute (quirk 53), and the last may
/// have fallen to a gap.
pub const TAIL: SignedDuration = minutes(3);

/// A stay shorter than this need not have a sample.
pub const BRIEF: SignedDuration = minutes(2);

/// Asks without an answer after which a stay is given up, and when the next is due: so long after the end of the
/// instance, but no sooner than so long after the last.
const TROUBLE_LOOKS: [Look; 3] = [
    Look { after_end: hours(6), apart: hours(1) },
    Look::SECOND,
    Look { after_end: hours(72), apart: hours(24) },
];

/// The same for answers that do not tell the stay.
const UNTOLD_LOOKS: [Look; 2] = [Look::SECOND, Look { after_end: hours(72), apart: hours(24) }];

/// From here on two answers without a stay are enough: nothing new is written that late.
const SETTLED_AFTER: SignedDuration = hours(72);

struct Look {
    after_end: SignedDuration,
    apart: SignedDuration,
}

impl Look {
    const SECOND: Look = Look { after_end: hours(24), apart: hours(6) };
}

/// The fewest calls that tell this many stays: ten on a page.
pub const fn least_calls(stays: u64) -> u64 {
    stays.div_ceil(PAGE as u64)
}

/// One stay in the meeting, not withdrawn, and what is held of its call quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityStay<'a> {
    /// Zoom's number of the connection; empty where Zoom left it out.
    pub user_id: &'a str,
    /// Join.
    pub joined_at: Timestamp,
    /// Leave; the end of the instance where unknown.
    pub left_at: Option<Timestamp>,
    /// Whether any row of it was seen.
    pub has_row: bool,
    /// Its last sample.
    pub last_sample_at: Option<Timestamp>,
    /// Events told every minute of it: nothing is left to ask.
    pub is_covered: bool,
}

/// What is known when an instance is judged.
#[derive(Debug, Clone, Copy)]
pub struct QualityCase<'a> {
    /// Start, where known.
    pub started_at: Option<Timestamp>,
    /// End, where known; else the last leave counts.
    pub ended_at: Option<Timestamp>,
    /// Listed among the runs that one person attended (quirk 3).
    pub is_one_person: bool,
    /// Its attendance is verified or closed.
    pub attendance_settled: bool,
    /// Its stays in the meeting, without those withdrawn.
    pub stays: &'a [QualityStay<'a>],
    /// What was asked so far, oldest first.
    pub readings: &'a [QualityReading],
    /// What the account offers.
    pub offer: &'a Offer,
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityQuestion {
    /// The whole list, ten rows a call.
    List,
    /// One connection, by its `user_id`: one call.
    Participant(String),
}

/// Where the call quality of an instance stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum QualityJudgement {
    /// Not yet to be asked about; what has to happen first brings it back here.
    Waiting {
        /// For what.
        reason: String,
    },
    /// To be asked about.
    Open {
        /// Why.
        reason: String,
        /// What.
        ask: QualityQuestion,
        /// When.
        at: Timestamp,
    },
    /// Every stay is told.
    Complete {
        /// By which evidence.
        why: String,
    },
    /// There is no more to be had.
    Closed {
        /// Why.
        reason: String,
    },
}

/// Judges the call quality of one instance that is wanted by policy.
pub fn judge(now: Timestamp, case: QualityCase<'_>) -> QualityJudgement {
    let closed = |reason: String| QualityJudgement::Closed { reason };
    if case.is_one_person {
        return closed("Zoom lists no call quality of runs that one person attended".to_owned());
    }
    if !case.attendance_settled {
        return QualityJudgement::Waiting { reason: "its attendance is not settled yet".to_owned() };
    }
    let Some(last_leave) = case.stays.iter().map(|stay| stay.left_at.unwrap_or(stay.joined_at)).max() else {
        return closed("nobody is known to have been in it".to_owned());
    };
    let end = case.ended_at.unwrap_or(last_leave);
    let untold: Vec<&QualityStay<'_>> =
        case.stays.iter().filter(|stay| !is_proved(&case, stay, end)).collect();
    if untold.is_empty() {
        return QualityJudgement::Complete { why: proof(&case, end) };
    }
    if let Some(reason) = out_of_reach(now, &case, end) {
        return closed(with_missing(reason, &case, untold.len()));
    }
    next_look(now, &case, end, &untold)
}

/// Whether all that Zoom has of a stay is held: samples nearly up to its leave, or any row of a brief one.
fn is_told(stay: &QualityStay<'_>, end: Timestamp) -> bool {
    let left_at = stay.left_at.unwrap_or(end);
    let is_brief = left_at.duration_since(stay.joined_at) < BRIEF;
    stay.has_row && (is_brief || stay.last_sample_at.is_some_and(|last| left_at.duration_since(last) <= TAIL))
}

/// Whether nothing is left to ask about a stay: events told every minute, or it was asked about when Zoom had finished.
fn is_proved(case: &QualityCase<'_>, stay: &QualityStay<'_>, end: Timestamp) -> bool {
    let is_about = |reading: &QualityReading| {
        matches!(reading.outcome, QualityOutcome::Rows { .. })
            && reading.participant.as_deref().is_none_or(|participant| participant == stay.user_id)
    };
    stay.is_covered || (is_told(stay, end) && counting(case, end).any(is_about))
}

/// The evidence that every stay is told.
fn proof(case: &QualityCase<'_>, end: Timestamp) -> String {
    let (stays, covered) = (case.stays.len(), case.stays.iter().filter(|stay| stay.is_covered).count());
    match list_reading(case, end) {
        Some(list) => {
            let after = words(list.asked_at.duration_since(end));
            format!("all of {stays} stays told, the list read {after} after the end")
        }
        None if covered == stays => format!("events told every minute of all {stays} stays"),
        None => {
            format!("events told every minute of {covered} of {stays} stays, and the others were asked for")
        }
    }
}

/// Readings that count: what was asked of a live meeting, or sooner than Zoom has finished, proves nothing missing.
fn counting<'a>(case: &QualityCase<'a>, end: Timestamp) -> impl Iterator<Item = &'a QualityReading> {
    let since = end + SINGLE_READING_AFTER;
    case.readings.iter().filter(move |reading| !reading.while_live && reading.asked_at >= since)
}

/// The latest complete reading of the whole list.
fn list_reading<'a>(case: &QualityCase<'a>, end: Timestamp) -> Option<&'a QualityReading> {
    let is_list = |reading: &&QualityReading| {
        reading.participant.is_none() && matches!(reading.outcome, QualityOutcome::Rows { .. })
    };
    counting(case, end).filter(is_list).last()
}

fn out_of_reach(now: Timestamp, case: &QualityCase<'_>, end: Timestamp) -> Option<String> {
    if let Some(refusal) = case.offer.quality_refusal() {
        return Some(refusal);
    }
    let since = case.started_at.unwrap_or(end);
    let is_past = now.duration_since(since) > hours(24 * Family::Metrics.look_back_days());
    let too_old = case.readings.iter().any(|r| matches!(r.outcome, QualityOutcome::TooOld { .. }));
    (is_past || too_old).then(|| "Zoom no longer tells: older than its look-back limit".to_owned())
}

fn with_missing(reason: String, case: &QualityCase<'_>, untold: usize) -> String {
    match case.stays.len() {
        stays if stays == untold => reason,
        stays => format!("{reason}; no call quality of {untold} of {stays} stays"),
    }
}

/// The stay that is due first decides; those due by then are asked for together, the cheapest way.
fn next_look(
    now: Timestamp,
    case: &QualityCase<'_>,
    end: Timestamp,
    untold: &[&QualityStay<'_>],
) -> QualityJudgement {
    let list = list_reading(case, end);
    // What events left open may be cheaper to ask for one by one.
    let are_few = !untold.iter().any(|stay| stay.user_id.is_empty())
        && (untold.len() as u64) < least_calls(case.stays.len() as u64);
    if list.is_none() && !are_few {
        let asks: Vec<&QualityReading> = counting(case, end).filter(|r| r.participant.is_none()).collect();
        return match due(end, &asks) {
            Some(at) => QualityJudgement::Open {
                reason: asks.last().map_or("not read yet".to_owned(), |last| trouble(last)),
                ask: QualityQuestion::List,
                at: at.max(now),
            },
            None => given_up(case, untold, asks.last().copied()),
        };
    }
    let of_stay = |stay: &QualityStay<'_>| -> Vec<&QualityReading> {
        let is_about = |reading: &&QualityReading| {
            reading.participant.as_deref().is_none_or(|participant| participant == stay.user_id)
        };
        counting(case, end).filter(is_about).collect()
    };
    let dues: Vec<(Timestamp, &str)> =
        untold.iter().filter_map(|stay| Some((due(end, &of_stay(stay))?, stay.user_id))).collect();
    let Some(at) = dues.iter().map(|(at, _)| (*at).max(now)).min() else {
        return given_up(case, untold, None);
    };
    let mut together: Vec<&str> =
        dues.iter().filter(|(due, _)| *due <= at).map(|(_, user_id)| *user_id).collect();
    together.sort_unstable();
    together.dedup();
    let rows = match list.map(|list| &list.outcome) {
        Some(QualityOutcome::Rows { rows, .. }) => u64::from(*rows),
        _ => case.stays.len() as u64,
    };
    let by_one = (together.len() as u64) < least_calls(rows) && !together.contains(&"");
    let ask = match together.first() {
        Some(user_id) if by_one => QualityQuestion::Participant((*user_id).to_owned()),
        _ => QualityQuestion::List,
    };
    let reason = format!("no call quality of {} of {} stays", untold.len(), case.stays.len());
    QualityJudgement::Open { reason, ask, at }
}

/// When a stay is asked for again, given all that was asked for it, oldest first; never, once that was enough.
fn due(end: Timestamp, asks: &[&QualityReading]) -> Option<Timestamp> {
    let Some(last) = asks.last() else { return Some(end + SINGLE_READING_AFTER) };
    // Of a single connection "not found" says that there is no row of it, as its absence from the list did.
    let is_answer = |reading: &QualityReading| match reading.outcome {
        QualityOutcome::Rows { .. } => true,
        QualityOutcome::NotFound { .. } | QualityOutcome::Empty => reading.participant.is_some(),
        QualityOutcome::TooOld { .. } | QualityOutcome::Failed { .. } => false,
    };
    let answers = asks.iter().filter(|reading| is_answer(reading)).count();
    let troubles = asks.len() - answers;
    let is_settled = answers >= 2 && last.asked_at >= end + SETTLED_AFTER;
    if is_settled || answers > UNTOLD_LOOKS.len() || troubles > TROUBLE_LOOKS.len() {
        return None;
    }
    let look = if is_answer(last) { &UNTOLD_LOOKS[answers - 1] } else { &TROUBLE_LOOKS[troubles - 1] };
    Some((end + look.after_end).max(last.asked_at + look.apart))
}

fn given_up(
    case: &QualityCase<'_>,
    untold: &[&QualityStay<'_>],
    last: Option<&QualityReading>,
) -> QualityJudgement {
    let said = last.map_or(String::new(), |last| format!("; {}", trouble(last)));
    let reason =
        format!("Zoom has told no call quality of {} of {} stays{said}", untold.len(), case.stays.len());
    QualityJudgement::Closed { reason }
}

/// Why a reading was not an answer.
fn trouble(reading: &QualityReading) -> String {
    match &reading.outcome {
        QualityOutcome::Rows { rows, .. } => format!("the list has {rows} rows"),
        QualityOutcome::Empty => "the list is empty".to_owned(),
        QualityOutcome::NotFound { said }
        | QualityOutcome::TooOld { said }
        | QualityOutcome::Failed { said } => format!("Zoom says {said:?}"),
    }
}

/// The stay that a row is about: the same `user_id` and join, else the same connection id, else the only stay of that
/// `user_id`. `None` is a stranger, which is kept all the same.
///
/// Stays in the meeting go before others: only who is let in has a call, and time at the door may share its number.
pub fn ties(stays: &[Stay], row: &QualityRow) -> Option<usize> {
    let is_in = |stay: &Stay| stay.status == Status::InMeeting && !stay.is_withdrawn;
    tie_among(stays, row, is_in).or_else(|| tie_among(stays, row, |stay| !is_in(stay)))
}

fn tie_among(stays: &[Stay], row: &QualityRow, among: impl Fn(&Stay) -> bool) -> Option<usize> {
    let all = || stays.iter().enumerate().filter(|(_, stay)| among(stay));
    let same_user = || all().filter(|(_, stay)| !row.user_id.is_empty() && stay.user_id == row.user_id);
    let by_join = row.joined_at.and_then(|joined_at| {
        let apart = |stay: &Stay| stay.joined_at.duration_since(joined_at).abs();
        same_user().filter(|(_, stay)| apart(stay) <= SAME_JOIN).min_by_key(|(_, stay)| apart(stay))
    });
    let by_uuid = || {
        let uuid = row.participant_uuid.as_ref()?;
        all().find(|(_, stay)| stay.participant_uuid.as_ref() == Some(uuid))
    };
    let only = || same_user().next().filter(|_| same_user().count() == 1);
    by_join.or_else(by_uuid).or_else(only).map(|(index, _)| index)
}

#[cfg(test)]
mod tests;
