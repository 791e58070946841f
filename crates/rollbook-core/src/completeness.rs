//! Is this all there is? The one place that decides whether an instance is verified, open or closed.
//!
//! `ended → fetched → verified → delivered`, or `open: reason, next look at T`, or `closed: reason`. The rule:
//! **verified** is one finished reading at least 6 h after the end whose listed count lies between the provably
//! different people and the rows in the meeting; or two equal readings at least 30 min apart that pass that test;
//! where it fails or no count exists, two equal readings, the last at least 24 h after the end. Nothing is closed
//! incomplete before 72 h.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::family::{Family, Offer};
use crate::instance::{Instance, Kind, TimesFrom};
use crate::reading::{Outcome, Reading, Rows};
use crate::time::{hours, minutes};

/// From here on one passing reading is enough.
pub const SINGLE_READING_AFTER: SignedDuration = hours(6);
/// Two equal readings prove something only when this far apart.
pub const READINGS_APART: SignedDuration = minutes(30);
/// Readings without (or against) a count are believed from here on.
pub const COUNTLESS_AFTER: SignedDuration = hours(24);
/// Nothing is given up before this.
pub const GIVE_UP_AFTER: SignedDuration = hours(72);
/// Zoom advises to leave it a minute or two after the end (quirk 42).
pub const FIRST_LOOK_AFTER: SignedDuration = minutes(5);
/// A running meeting is looked at this often.
pub const LIVE_LOOK_EVERY: SignedDuration = minutes(15);
/// One that events tell of is looked at this often, in case its end is lost: most classes cost nothing while they run.
pub const EVENT_LIVE_LOOK_EVERY: SignedDuration = hours(1);

/// Nothing runs longer than this after it was seen: Zoom ends meetings after 30 hours, and what no list of ended
/// meetings ever shows must not stay live for ever.
pub const LIVE_MAX: SignedDuration = hours(30);

/// Waits between looks at an instance that ended less than 6 h ago: minutes, then an hour, then at 6 h.
const YOUNG_WAITS: [SignedDuration; 3] = [minutes(5), minutes(55), hours(3)];
/// Waits between rounds over all families once 6 h have passed, and once 24 h have.
const ROUND_WAITS: [SignedDuration; 4] = [hours(1), hours(5), hours(12), hours(24)];
const LATE_ROUND_WAITS: [SignedDuration; 4] = [minutes(30), hours(1), hours(6), hours(24)];
/// Waits between asks for the times and count of an instance whose list line had none (quirk 1).
const DETAILS_WAITS: [SignedDuration; 3] = [minutes(10), hours(2), hours(24)];
/// Rounds after which readings that never agree are given up.
const ROUNDS_MAX: usize = 6;

/// All that is known of one instance when it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The instance.
    pub instance: &'a Instance,
    /// When it was first seen in a list.
    pub first_seen_at: Timestamp,
    /// Every reading so far, oldest first.
    pub readings: &'a [Reading],
    /// When its details (times and count) were asked for, oldest first.
    pub details_asked: &'a [Timestamp],
    /// What the account offers.
    pub offer: &'a Offer,
}

/// What to ask about one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Times and count.
    Details,
    /// Who was there.
    Participants(Family),
}

/// Where an instance stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Judgement {
    /// All there is; `why` says by which evidence.
    Verified {
        /// The evidence.
        why: String,
    },
    /// Not all, or not proved yet.
    Open {
        /// Why.
        reason: String,
        /// What to ask next.
        ask: Question,
        /// When.
        at: Timestamp,
    },
    /// It runs, as far as is known.
    Live {
        /// What to ask next.
        ask: Question,
        /// When.
        at: Timestamp,
    },
    /// Zoom can no longer answer, or the plan does not offer it.
    Closed {
        /// Why.
        reason: String,
    },
}

/// Judges one instance. What events told of who was there is no evidence here: they may be lost, so they never make
/// an instance verified.
pub fn judge(now: Timestamp, case: Case<'_>) -> Judgement {
    if case.readings.iter().any(|reading| reading.family == Family::Event) {
        let asked: Vec<Reading> =
            case.readings.iter().filter(|reading| reading.family != Family::Event).cloned().collect();
        return judge(now, Case { readings: &asked, ..case });
    }
    let live_until = case.first_seen_at + LIVE_MAX;
    if case.instance.is_live && now < live_until {
        return judge_live(now, &case, live_until);
    }
    let families = match reachable(now, &case) {
        Ok(families) => families,
        Err(reason) => return Judgement::Closed { reason },
    };
    if let Some(why) = verified(&case, &families) {
        return Judgement::Verified { why };
    }
    if let Some(reason) = given_up(now, &case, &families) {
        return Judgement::Closed { reason };
    }
    let (reason, family, at) = next_look(now, &case, &families);
    match details_due(now, &case) {
        Some(details_at) if details_at <= at => Judgement::Open {
            reason: "Zoom's list has no times or no count for it".to_owned(),
            ask: Question::Details,
            at: details_at,
        },
        _ => Judgement::Open { reason, ask: Question::Participants(family), at },
    }
}

/// A running meeting is looked at through its details, which are Light. Those of a webinar are a Heavy report, so it
/// waits for a list to show that it has ended.
fn judge_live(now: Timestamp, case: &Case<'_>, until: Timestamp) -> Judgement {
    match case.instance.kind {
        Kind::Meeting if case.offer.refusal(Family::PastMeetings).is_none() => {
            let every = match case.instance.times_from {
                TimesFrom::Event => EVENT_LIVE_LOOK_EVERY,
                _ => LIVE_LOOK_EVERY,
            };
            Judgement::Live { ask: Question::Details, at: (now + every).min(until) }
        }
        _ => Judgement::Live { ask: Question::Participants(Family::PastMeetings), at: until },
    }
}

/// The end, or the best that is known: nobody lists what has not ended, so the first sight is a bound.
fn end(case: &Case<'_>) -> Timestamp {
    case.instance.ended_at.unwrap_or(case.first_seen_at)
}

/// The families that can still answer, cheapest first, or why there are none.
fn reachable(now: Timestamp, case: &Case<'_>) -> Result<Vec<Family>, String> {
    let mut offered = case.offer.families(case.instance.is_one_person);
    if case.instance.listed_count == Some(1) {
        // Nobody is in a breakout room alone: the cheapest is asked first, although breakout rooms are wanted.
        offered.sort_by_key(|family| family.label());
    }
    if offered.is_empty() {
        return Err(no_family(case));
    }
    let since = case.instance.started_at.unwrap_or(case.first_seen_at);
    let reachable: Vec<Family> = offered
        .into_iter()
        .filter(|family| now.duration_since(since) <= hours(24 * family.look_back_days()))
        .filter(|family| {
            !case.readings.iter().any(|r| r.family == *family && matches!(r.outcome, Outcome::TooOld { .. }))
        })
        .collect();
    if reachable.is_empty() {
        return Err("Zoom no longer tells: older than its look-back limit".to_owned());
    }
    Ok(reachable)
}

fn no_family(case: &Case<'_>) -> String {
    let of = |family| case.offer.refusal(family);
    if case.instance.is_one_person {
        return format!(
            "only one person attended, and only dashboards tell those: {}",
            of(Family::Metrics).unwrap_or_else(|| "past meetings do not list them here".to_owned())
        );
    }
    of(Family::PastMeetings).unwrap_or_else(|| "no endpoint family is open to this account".to_owned())
}

/// Whether only one person took part, of an instance that no list of one-person runs has told: its details count one,
/// and the families that leave such runs out (quirk 3) have no row of it. The count alone is not believed (quirk 11).
pub fn was_one_person(instance: &Instance, readings: &[Reading]) -> bool {
    let leaves_out = |reading: &Reading| {
        matches!(reading.family, Family::PastMeetings | Family::Report) && reading.outcome == Outcome::Empty
    };
    instance.kind == Kind::Meeting
        && !instance.is_live
        && instance.times_from == TimesFrom::Details
        && instance.listed_count == Some(1)
        && readings.iter().any(leaves_out)
        && !readings.iter().any(|reading| reading.any_rows().is_some())
}

/// Whether a meeting of which nobody tells anything, not even how many came, is to be taken for a run of one person.
///
/// Dashboards list such runs apart (quirk 3), so a list without rows may only mean that the other one was meant: each
/// one without rows changes the mind, and both are asked in turn.
pub fn may_be_one_person(instance: &Instance, readings: &[Reading]) -> bool {
    let is_told =
        instance.listed_count.is_some() || readings.iter().any(|reading| reading.any_rows().is_some());
    let untold = |reading: &&Reading| {
        reading.family == Family::Metrics
            && matches!(reading.outcome, Outcome::Empty | Outcome::NotFound { .. })
    };
    instance.kind == Kind::Meeting && !is_told && readings.iter().filter(untold).count() % 2 == 1
}

/// Whether Zoom's own count fits these rows; none where there is no count.
pub fn count_fits(instance: &Instance, rows: &Rows) -> Option<bool> {
    let count = if instance.is_one_person { Some(1) } else { instance.listed_count };
    count.map(|count| rows.people_low <= count && count <= rows.in_meeting)
}

fn passes(case: &Case<'_>, reading: &Reading) -> bool {
    reading.finished_rows().is_some_and(|rows| count_fits(case.instance, rows) == Some(true))
}

fn verified(case: &Case<'_>, families: &[Family]) -> Option<String> {
    let end = end(case);
    let single =
        case.readings.iter().rev().find(|r| passes(case, r) && r.asked_at >= end + SINGLE_READING_AFTER);
    if let (Some(reading), true) = (single, case.instance.ended_at.is_some()) {
        return Some(format!(
            "one reading of {} {} after the end; {}",
            reading.family.name(),
            words(reading.asked_at.duration_since(end)),
            count_words(case.instance, reading),
        ));
    }
    let (first, last) = equal_pair(case, |reading| reading.finished_rows().is_some())?;
    let apart = words(last.asked_at.duration_since(first.asked_at));
    if passes(case, last) {
        return Some(format!(
            "two equal readings of {} {apart} apart; {}",
            last.family.name(),
            count_words(case.instance, last)
        ));
    }
    let has_count = last.finished_rows().and_then(|rows| count_fits(case.instance, rows)).is_some();
    // A family that was asked while its data were still being made has not contradicted anything.
    let believed = end + COUNTLESS_AFTER;
    let others_asked = families.iter().all(|family| asked_since(case, *family, believed).next().is_some());
    let is_largest = families.iter().all(|family| stays_of(case, *family) <= stays_of(case, last.family));
    if last.asked_at >= believed && is_largest && (!has_count || others_asked) {
        return Some(format!(
            "two equal readings of {} {apart} apart, the last {} after the end; {}",
            last.family.name(),
            words(last.asked_at.duration_since(end)),
            count_words(case.instance, last),
        ));
    }
    None
}

/// Stays in the latest finished list of a family.
fn stays_of(case: &Case<'_>, family: Family) -> u32 {
    let mut of = case.readings.iter().rev().filter(|reading| reading.family == family);
    of.find_map(Reading::finished_rows).map_or(0, |rows| rows.in_meeting)
}

/// The earliest and latest of equal readings of one family, far enough apart, the latest of that family being one.
fn equal_pair<'a>(case: &Case<'a>, counts: impl Fn(&Reading) -> bool) -> Option<(&'a Reading, &'a Reading)> {
    let mut pairs: Vec<(&Reading, &Reading)> = Vec::new();
    for family in [Family::Report, Family::PastMeetings, Family::Metrics] {
        let of: Vec<&Reading> =
            case.readings.iter().filter(|r| r.family == family && r.any_rows().is_some()).collect();
        let Some(last) = of.last().filter(|last| counts(last)) else { continue };
        let digest = |reading: &Reading| reading.any_rows().map(|rows| rows.digest.clone());
        let equal = of.iter().filter(|r| digest(r) == digest(last) && counts(r));
        let first = equal.min_by_key(|reading| reading.asked_at);
        if let Some(first) =
            first.filter(|first| last.asked_at.duration_since(first.asked_at) >= READINGS_APART)
        {
            pairs.push((first, last));
        }
    }
    // A pair that fits the count is better evidence than one that does not, then the one with more stays, then the
    // one that was confirmed last.
    pairs.into_iter().max_by_key(|(_, last)| {
        (passes(case, last), last.any_rows().map_or(0, |rows| rows.in_meeting), last.asked_at)
    })
}

fn asked_since<'a>(case: &Case<'a>, family: Family, since: Timestamp) -> impl Iterator<Item = &'a Reading> {
    case.readings.iter().filter(move |reading| reading.family == family && reading.asked_at >= since)
}

/// Why nothing more is to be had, once 72 h have passed and every family was asked again and again.
fn given_up(now: Timestamp, case: &Case<'_>, families: &[Family]) -> Option<String> {
    let end = end(case);
    if now < end + GIVE_UP_AFTER {
        return None;
    }
    let settled = end + SINGLE_READING_AFTER;
    let rounds = |family| asked_since(case, family, settled).count();
    let spread = |family| {
        let mut asked = asked_since(case, family, settled).map(|reading| reading.asked_at);
        let first = asked.next();
        first.zip(asked.last()).is_some_and(|(first, last)| last.duration_since(first) >= READINGS_APART)
    };
    let best = case.readings.iter().filter_map(Reading::any_rows).max_by_key(|rows| rows.in_meeting);
    match best {
        None => families
            .iter()
            .all(|family| spread(*family))
            .then(|| format!("Zoom tells no participants: {}", outcomes(case))),
        Some(rows) if families.iter().any(|family| rounds(*family) >= ROUNDS_MAX) => Some(format!(
            "incomplete: readings still differ {} after the end; the best has {} stays",
            words(now.duration_since(end)),
            rows.in_meeting
        )),
        Some(rows)
            if rows.half_made > 0
                && equal_pair(case, |_| true)
                    .is_some_and(|(_, last)| last.asked_at >= end + GIVE_UP_AFTER) =>
        {
            Some(format!("incomplete: Zoom never finished {} of {} rows", rows.half_made, rows.rows))
        }
        Some(_) => None,
    }
}

/// What each family last said, in words.
fn outcomes(case: &Case<'_>) -> String {
    let mut last = std::collections::BTreeMap::new();
    for reading in case.readings {
        last.insert(reading.family, outcome_words(reading));
    }
    last.iter().map(|(family, said)| format!("{} {said}", family.name())).collect::<Vec<_>>().join(", ")
}

fn outcome_words(reading: &Reading) -> String {
    match &reading.outcome {
        Outcome::Rows(rows) if rows.half_made > 0 => {
            format!("has {} unfinished of {} rows", rows.half_made, rows.rows)
        }
        Outcome::Rows(rows) => format!("has {} stays", rows.in_meeting),
        Outcome::Empty => "is empty".to_owned(),
        Outcome::NotFound { said } | Outcome::TooOld { said } | Outcome::Failed { said } => {
            format!("says {said:?}")
        }
    }
}

fn count_words(instance: &Instance, reading: &Reading) -> String {
    let rows = reading.any_rows();
    let (low, high) = rows.map_or((0, 0), |rows| (rows.people_low, rows.in_meeting));
    match (instance.is_one_person, instance.listed_count) {
        (true, _) => format!("one person listed, {high} stays"),
        (false, Some(count)) => format!("{count} listed, at least {low} people in {high} stays"),
        (false, None) => format!("no count listed, at least {low} people in {high} stays"),
    }
}

/// Which family to ask next, when, and why.
fn next_look(now: Timestamp, case: &Case<'_>, families: &[Family]) -> (String, Family, Timestamp) {
    let end = end(case);
    let cheapest = families[0];
    let Some(last) = case.readings.last() else {
        // One person's attendance is nobody's hurry, and often costs a Heavy call: one late reading is enough.
        let wait = if case.instance.is_one_person { SINGLE_READING_AFTER } else { FIRST_LOOK_AFTER };
        let at = case.instance.ended_at.map_or(now, |end| end + wait);
        return ("not read yet".to_owned(), cheapest, at.max(now));
    };
    if let Some((reason, family, at)) = second_look(case, families) {
        return (reason, family, at.max(now));
    }
    if now < end + SINGLE_READING_AFTER && case.instance.is_one_person {
        return (trouble(case, last), cheapest, end + SINGLE_READING_AFTER);
    }
    if now < end + SINGLE_READING_AFTER {
        let tries =
            case.readings.iter().filter(|reading| reading.asked_at < end + SINGLE_READING_AFTER).count();
        let wait = YOUNG_WAITS[(tries.max(1) - 1).min(YOUNG_WAITS.len() - 1)];
        let at = (last.asked_at + wait).min(end + SINGLE_READING_AFTER);
        return (trouble(case, last), cheapest, at.max(now));
    }
    next_round(now, case, families, last)
}

/// The second look that will prove a reading that passes, unless that family has since failed to repeat it for so long
/// that the others must be asked as well.
fn second_look(case: &Case<'_>, families: &[Family]) -> Option<(String, Family, Timestamp)> {
    let place = case
        .readings
        .iter()
        .rposition(|reading| families.contains(&reading.family) && passes(case, reading))?;
    let passing = &case.readings[place];
    let reason = "read once; a second look will prove it".to_owned();
    let mut failed = case.readings[place + 1..].iter().filter(|reading| reading.family == passing.family);
    let Some(last) = failed.next_back() else {
        let soon = passing.asked_at + READINGS_APART;
        let settled = end(case) + SINGLE_READING_AFTER;
        let at = if case.instance.ended_at.is_some() { soon.min(settled) } else { soon };
        return Some((reason, passing.family, at));
    };
    let wait = YOUNG_WAITS.get(failed.count())?;
    Some((format!("{reason}; since then {}", trouble(case, last)), passing.family, last.asked_at + *wait))
}

/// Six hours after the end every family is asked in turn, a day after the end once more, then the best one in growing
/// intervals.
fn next_round(
    now: Timestamp,
    case: &Case<'_>,
    families: &[Family],
    last: &Reading,
) -> (String, Family, Timestamp) {
    let end = end(case);
    let settled = end + SINGLE_READING_AFTER;
    let rounds = |family: Family| asked_since(case, family, settled).count();
    let count_exists = case.instance.is_one_person || case.instance.listed_count.is_some();
    let with_rows = families.iter().copied().filter(|family| {
        asked_since(case, *family, settled).last().is_some_and(|reading| reading.finished_rows().is_some())
    });
    // Without a count nothing says that the first family with rows is short, so the others are not paid for.
    let enough = if count_exists { None } else { with_rows.clone().next() };
    let believed = end + COUNTLESS_AFTER;
    let since = if now >= believed { believed } else { settled };
    let unasked = families.iter().copied().find(|family| asked_since(case, *family, since).next().is_none());
    if let (Some(family), None) = (unasked, enough) {
        return (trouble(case, last), family, now);
    }
    let best = with_rows.max_by_key(|family| {
        let rows = asked_since(case, *family, settled).last().and_then(Reading::any_rows);
        (rows.map_or(0, |rows| rows.in_meeting), std::cmp::Reverse(families.iter().position(|f| f == family)))
    });
    let fewest = families.iter().copied().min_by_key(|family| rounds(*family)).unwrap_or(families[0]);
    let family = best.unwrap_or(fewest);
    let asked = asked_since(case, family, settled).last().map_or(last.asked_at, |reading| reading.asked_at);
    let waits = if asked >= end + COUNTLESS_AFTER { LATE_ROUND_WAITS } else { ROUND_WAITS };
    let round = rounds(family).max(1) - 1;
    let mut at = asked + waits[round.min(waits.len() - 1)];
    // The first look that can be believed without a count comes no later than it may.
    if asked < end + COUNTLESS_AFTER && at > end + COUNTLESS_AFTER {
        at = (end + COUNTLESS_AFTER).max(asked + READINGS_APART);
    }
    (trouble(case, last), family, at.max(now))
}

/// Why the last reading was not an answer.
fn trouble(case: &Case<'_>, last: &Reading) -> String {
    let said = outcome_words(last);
    match (&last.outcome, case.instance.listed_count) {
        (Outcome::Rows(rows), Some(count)) if rows.half_made == 0 && count > rows.in_meeting => {
            format!("{} {said}, {count} people listed: short", last.family.name())
        }
        (Outcome::Rows(rows), Some(count)) if rows.half_made == 0 => {
            format!("{} has at least {} people, only {count} listed", last.family.name(), rows.people_low)
        }
        (Outcome::Rows(rows), None) if rows.half_made == 0 => {
            format!("{} {said}; no count to compare with", last.family.name())
        }
        _ => format!("{} {said}", last.family.name()),
    }
}

/// When to ask for times and count, if they are missing and the account may ask. A webinar's details are a Heavy
/// report, so they are asked for once only.
fn details_due(now: Timestamp, case: &Case<'_>) -> Option<Timestamp> {
    let missing = case.instance.ended_at.is_none()
        || (case.instance.listed_count.is_none() && !case.instance.is_one_person)
        || case.instance.times_from < TimesFrom::List;
    let asked = case.details_asked.len();
    let (family, tries) = match case.instance.kind {
        Kind::Meeting => (Family::PastMeetings, DETAILS_WAITS.len() + 1),
        Kind::Webinar => (Family::Report, usize::from(case.offer.webinar_reports)),
    };
    if !missing || asked >= tries || case.offer.refusal(family).is_some() {
        return None;
    }
    // An event tells the end at once; the rest is not there for some minutes (quirk 42).
    let first = match (case.instance.times_from, case.instance.ended_at) {
        (TimesFrom::Event, Some(ended_at)) => ended_at + FIRST_LOOK_AFTER,
        _ => now,
    };
    let at = case
        .details_asked
        .last()
        .map_or(first, |last| *last + DETAILS_WAITS[(asked - 1).min(DETAILS_WAITS.len() - 1)]);
    Some(at.max(now))
}

/// A duration for people: `45s`, `30m`, `6h 12m`, `2d 3h`.
pub fn words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, m) => format!("{m}m"),
        (0, h, 0) => format!("{h}h"),
        (0, h, m) => format!("{h}h {m}m"),
        (d, 0, _) => format!("{d}d"),
        (d, h, _) => format!("{d}d {h}h"),
    }
}

#[cfg(test)]
mod tests;
