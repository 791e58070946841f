//! Numbers known beforehand: which Moodle has an activity for, and when each must be asked for its instances.
//!
//! `/past_meetings/{number}/instances` (Medium, nothing of the daily allowance) tells every ended run of a number in the
//! last 15 months at once (API.md), so one answer serves every day that was over for long enough when it was given.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::instance::Kind;
use crate::listing::{Due, SETTLED_AFTER};
use crate::roster::Activity;
use crate::time::{Window, hours};

/// A meeting or webinar number that Moodle has an activity for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownNumber {
    /// Zoom's number.
    pub number: u64,
    /// Meeting or webinar: they have endpoints of their own.
    pub kind: Kind,
    /// The activity's name, which is the meeting's topic.
    pub topic: String,
    /// Moodle's courses that have an activity with it (`{course}.id`), in order.
    pub courses: Vec<i64>,
    /// When it was planned to begin, for the last time that is planned.
    pub planned_start: Option<Timestamp>,
    /// When it was planned to end.
    pub planned_end: Option<Timestamp>,
    /// Repeats, on a schedule or without one.
    pub is_recurring: bool,
}

/// What Zoom last said of a number's instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Instances told, in the last answer that told any.
    pub runs: u32,
    /// The latest start among them.
    pub latest_run_at: Option<Timestamp>,
    /// Times in a row that Zoom knew no such number (code 3001: never started, deleted, or wrong, quirk 21).
    pub not_found: u32,
}

/// Two answers of one number are at least this far apart while its day still runs.
pub const AGAIN_AFTER: SignedDuration = hours(1);

/// A number that is used once expires 30 days after its planned or its last run (quirk 20, "not used for 30 days");
/// twice that is waited, since the exact day is not documented.
pub const EXPIRED_AFTER: SignedDuration = hours(24 * 60);

/// Somebody may begin this long before or after the planned time and still mean it.
const ABOUT: SignedDuration = hours(24);

/// When a number must be asked (again) for one day.
///
/// The rule, number by number: an answer given 24 h or more after the day's end settles it, as with lists. Before that
/// a number is asked at once if it never was, and again once the day is over. While the day still runs, only numbers
/// that are expected to be used about then are asked again, an hour after their last answer. A number that has been
/// told to exist and is suddenly unknown is asked once more after an hour, before that is believed. One that is used
/// once and has expired is not asked any more.
pub fn due(now: Timestamp, known: &KnownNumber, answer: Option<&Answer>, day: Window) -> Due {
    let Some(answer) = answer else { return from(now, now.max(day.from)) };
    let at = if answer.runs > 0 && answer.not_found == 1 {
        answer.asked_at + AGAIN_AFTER
    } else if answer.asked_at >= day.to + SETTLED_AFTER || has_expired(known, answer, day) {
        return Due::Settled;
    } else if answer.asked_at >= day.to {
        day.to + SETTLED_AFTER
    } else if answer.asked_at >= day.from && !is_expected(known, day) {
        day.to
    } else {
        (answer.asked_at + AGAIN_AFTER).max(day.from)
    };
    from(now, at)
}

fn from(now: Timestamp, at: Timestamp) -> Due {
    if at <= now { Due::Now } else { Due::At(at) }
}

/// Whether a number is planned to be used about a day. Of one that recurs nobody knows.
fn is_expected(known: &KnownNumber, day: Window) -> bool {
    let about = Window { from: day.from - ABOUT, to: day.to + ABOUT };
    known.is_recurring || known.planned_start.is_some_and(|start| about.contains(start))
}

/// Whether a number that is used once could no longer be started on that day, nor since its last answer.
fn has_expired(known: &KnownNumber, answer: &Answer, day: Window) -> bool {
    let Some(planned) = known.planned_end.filter(|_| !known.is_recurring) else { return false };
    let expired_at = planned.max(answer.latest_run_at.unwrap_or(planned)) + EXPIRED_AFTER;
    expired_at <= day.from && expired_at <= answer.asked_at
}

/// The numbers of Moodle's activities, each once, in order.
///
/// Activities whose course module is gone or being deleted do not count. Several activities can share a number (a copy
/// of a course, MOODLE.md section 1): it is planned for the latest of their times, and recurs if one of them does.
pub fn known_numbers(activities: &[Activity]) -> Vec<KnownNumber> {
    let mut known: BTreeMap<(u64, Kind), KnownNumber> = BTreeMap::new();
    for activity in activities.iter().filter(|activity| activity.module.is_some()) {
        let kind = if activity.is_webinar { Kind::Webinar } else { Kind::Meeting };
        let planned_end = activity.planned_start.map(|start| start + activity.planned_length);
        let one = known.entry((activity.number, kind)).or_insert_with(|| KnownNumber {
            number: activity.number,
            kind,
            topic: activity.name.clone(),
            courses: Vec::new(),
            planned_start: activity.planned_start,
            planned_end,
            is_recurring: activity.is_recurring,
        });
        one.is_recurring |= activity.is_recurring;
        one.planned_start = one.planned_start.max(activity.planned_start);
        one.planned_end = one.planned_end.max(planned_end);
        if let Err(place) = one.courses.binary_search(&activity.course) {
            one.courses.insert(place, activity.course);
        }
    }
    known.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day() -> Window {
        Window { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-21T00:00:00Z") }
    }

    fn recurring() -> KnownNumber {
        KnownNumber {
            number: 91_234_567_890,
            kind: Kind::Meeting,
            topic: "Algebra".into(),
            courses: vec![7],
            planned_start: None,
            planned_end: None,
            is_recurring: true,
        }
    }

    fn once(start: &str) -> KnownNumber {
        let start = at(start);
        KnownNumber {
            planned_start: Some(start),
            planned_end: Some(start + hours(1)),
            is_recurring: false,
            ..recurring()
        }
    }

    fn asked(text: &str) -> Answer {
        Answer { asked_at: at(text), runs: 3, latest_run_at: Some(at("2026-11-20T09:00:00Z")), not_found: 0 }
    }

    fn check(now: &str, known: &KnownNumber, answer: Option<Answer>, expected: &str) {
        let said = match due(at(now), known, answer.as_ref(), day()) {
            Due::Now => "now".to_owned(),
            Due::At(at) => at.to_string(),
            Due::Settled => "settled".to_owned(),
        };
        assert_eq!(said, expected, "{now} {known:?} {answer:?}");
    }

    #[test]
    fn an_answer_a_day_after_the_end_settles_a_day() {
        check("2026-11-21T03:00:00Z", &recurring(), None, "now");
        let soon = asked("2026-11-21T03:00:00Z");
        check("2026-11-21T03:01:00Z", &recurring(), Some(soon), "2026-11-22T00:00:00Z");
        check("2026-11-22T00:00:00Z", &recurring(), Some(soon), "now");
        check("2026-11-22T03:00:00Z", &recurring(), Some(asked("2026-11-22T00:00:00Z")), "settled");
    }

    #[test]
    fn while_a_day_runs_nobody_is_asked_twice_within_an_hour() {
        let noon = Some(asked("2026-11-20T12:00:00Z"));
        check("2026-11-20T12:10:00Z", &recurring(), noon, "2026-11-20T13:00:00Z");
        check("2026-11-20T12:10:00Z", &once("2026-11-20T15:00:00Z"), noon, "2026-11-20T13:00:00Z");
        // Not planned for that day: somebody may begin it all the same, which is found once the day is over.
        check("2026-11-20T12:10:00Z", &once("2026-12-24T15:00:00Z"), noon, "2026-11-21T00:00:00Z");
        check("2026-11-21T00:00:00Z", &once("2026-12-24T15:00:00Z"), noon, "now");
        check("2026-11-20T12:10:00Z", &once("2026-12-24T15:00:00Z"), None, "now");
    }

    #[test]
    fn an_answer_from_before_the_day_does_not_serve_it() {
        check(
            "2026-11-20T00:10:00Z",
            &recurring(),
            Some(asked("2026-11-19T23:30:00Z")),
            "2026-11-20T00:30:00Z",
        );
        let once = once("2026-12-24T15:00:00Z");
        check("2026-11-20T02:00:00Z", &once, Some(asked("2026-11-19T03:00:00Z")), "now");
        check("2026-11-18T02:00:00Z", &once, None, "2026-11-20T00:00:00Z");
    }

    #[test]
    fn a_number_that_is_suddenly_unknown_is_asked_once_more() {
        let missing = |times, runs| {
            let answer = asked("2026-11-22T03:00:00Z");
            Some(Answer { not_found: times, runs, ..answer })
        };
        check("2026-11-22T03:10:00Z", &recurring(), missing(1, 3), "2026-11-22T04:00:00Z");
        check("2026-11-22T03:10:00Z", &recurring(), missing(2, 3), "settled");
        check("2026-11-22T03:10:00Z", &recurring(), missing(1, 0), "settled");
    }

    #[test]
    fn a_number_used_once_is_not_asked_after_it_has_expired() {
        let old = once("2026-03-01T09:00:00Z");
        let unused = |asked_at: &str| Some(Answer { latest_run_at: None, ..asked(asked_at) });
        check("2026-11-20T12:00:00Z", &old, None, "now");
        check("2026-11-20T12:00:00Z", &old, unused("2026-03-02T00:00:00Z"), "now");
        check("2026-11-20T12:00:00Z", &old, unused("2026-06-01T00:00:00Z"), "settled");
        // Used again since, so it lives on.
        let used =
            Some(Answer { latest_run_at: Some(at("2026-10-20T09:00:00Z")), ..asked("2026-11-01T00:00:00Z") });
        check("2026-11-20T12:00:00Z", &old, used, "now");
        let recurring = KnownNumber { is_recurring: true, ..old };
        check("2026-11-20T12:00:00Z", &recurring, unused("2026-06-01T00:00:00Z"), "now");
    }

    fn activity(id: i64, course: i64, number: u64) -> Activity {
        Activity {
            id,
            module: Some(id),
            course,
            number,
            host_id: "h".into(),
            name: format!("Activity {id}"),
            planned_start: Some(at("2026-11-20T09:00:00Z")),
            planned_length: hours(1),
            is_recurring: false,
            is_webinar: false,
            grade_max: 0,
            grading_method: None,
            exists_on_zoom: true,
            is_visible: true,
        }
    }

    #[test]
    fn activities_that_share_a_number_are_one() {
        let later = Activity { planned_start: Some(at("2027-01-20T09:00:00Z")), ..activity(2, 5, 900) };
        let gone = Activity { module: None, ..activity(3, 9, 901) };
        let webinar = Activity { is_webinar: true, ..activity(4, 5, 902) };
        let again = Activity { is_recurring: true, ..activity(5, 8, 900) };
        let known = known_numbers(&[activity(1, 8, 900), later, gone, webinar, again]);
        assert_eq!(known.len(), 2);
        assert_eq!((known[0].number, known[0].courses.as_slice()), (900, [5, 8].as_slice()));
        assert_eq!((known[0].topic.as_str(), known[0].is_recurring), ("Activity 1", true));
        assert_eq!(known[0].planned_end, Some(at("2027-01-20T10:00:00Z")));
        assert_eq!((known[1].number, known[1].kind), (902, Kind::Webinar));
    }
}
