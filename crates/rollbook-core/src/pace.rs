//! How often a collector looks by itself: a command looks as soon as it may, one that is left running as seldom as
//! is enough.
//!
//! Left running, a day costs what a command of the next morning would spend on it: attendance is read once, when one
//! reading proves it, and what is bought by the hour is only the list of the running day.

use jiff::{SignedDuration, Timestamp};

use crate::completeness::{Case, FIRST_LOOK_AFTER, SINGLE_READING_AFTER};
use crate::known::{self, Answer, KnownNumber};
use crate::label::Label;
use crate::listing::{self, Due, List, Listing};
use crate::time::{Window, hours};

/// A day that is over is listed this long after its end: what ran over midnight has ended by then.
const AFTER_MIDNIGHT: SignedDuration = hours(3);

/// Lists without times are mostly whole two hours later (quirk 1).
const DETAILS_AFTER: SignedDuration = hours(2);

/// Who decides when to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Somebody ran a command, and wants what can be had now.
    #[default]
    Asked,
    /// Nobody waits: the collector is left running.
    Steady(Steady),
}

/// The pace of a collector that is left running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steady {
    /// A day that still runs is listed again after this. Lists that cost Heavy calls wait for the day's end.
    pub list_every: SignedDuration,
    /// Attendance is looked at this long after a meeting's end. From 6 h on one reading is enough.
    pub first_look_after: SignedDuration,
}

impl Default for Steady {
    fn default() -> Steady {
        Steady { list_every: hours(1), first_look_after: SINGLE_READING_AFTER }
    }
}

impl Pace {
    /// Whether a collector at this pace is left running.
    pub fn is_steady(self) -> bool {
        matches!(self, Pace::Steady(_))
    }

    /// When a list of a day must be taken (again).
    pub fn listing(self, now: Timestamp, list: List, listing: &Listing) -> Due {
        let Pace::Steady(steady) = self else { return listing::due(now, listing) };
        let day = listing.window;
        if listing.first_listed_after_at.is_some() {
            return listing::due(now, listing);
        }
        // Never taken of a day long over: now. Else an hour into the day, and hour by hour until its end.
        let after_end = day.to + AFTER_MIDNIGHT;
        let next = listing.listed_at.unwrap_or(day.from) + steady.list_every;
        let at = if next < day.to && list.label() != Label::Heavy { next } else { after_end };
        from(now, at)
    }

    /// When a number must be asked (again) for its instances of a day. While the day runs nobody asks for what its end
    /// will tell.
    pub fn number(self, now: Timestamp, known: &KnownNumber, answer: Option<&Answer>, day: Window) -> Due {
        let due = known::due(now, known, answer, day);
        let is_doubted = answer.is_some_and(|answer| answer.runs > 0 && answer.not_found == 1);
        match (self, answer) {
            (Pace::Steady(_), Some(answer)) if !is_doubted && answer.asked_at < day.to => match due {
                Due::Settled => Due::Settled,
                Due::Now | Due::At(_) => from(now, day.to + AFTER_MIDNIGHT),
            },
            _ => due,
        }
    }

    /// When attendance is looked at that is due `at`.
    pub fn attendance(self, at: Timestamp, case: &Case<'_>) -> Timestamp {
        match self {
            Pace::Steady(steady) if case.readings.is_empty() => {
                let ended_at = case.instance.ended_at.unwrap_or(case.first_seen_at);
                at.max(ended_at + steady.first_look_after.max(FIRST_LOOK_AFTER))
            }
            Pace::Steady(_) | Pace::Asked => at,
        }
    }

    /// When times and count are asked for that a list did not tell. The next lists may tell them for nothing.
    pub fn details(self, at: Timestamp, case: &Case<'_>) -> Timestamp {
        match self {
            Pace::Steady(steady) if case.details_asked.is_empty() => {
                at.max(case.first_seen_at + DETAILS_AFTER.min(steady.first_look_after))
            }
            Pace::Steady(_) | Pace::Asked => at,
        }
    }
}

fn from(now: Timestamp, at: Timestamp) -> Due {
    if at <= now { Due::Now } else { Due::At(at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Offer;
    use crate::instance::{Instance, Kind};
    use crate::limits::Plan;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn day() -> Window {
        Window { from: at("20T00:00:00"), to: at("21T00:00:00") }
    }

    fn words(due: Due) -> String {
        match due {
            Due::Now => "now".to_owned(),
            Due::At(at) => at.strftime("%d %H:%M").to_string(),
            Due::Settled => "settled".to_owned(),
        }
    }

    fn check_list(list: List, now: &str, listed: Option<&str>, first_after: Option<&str>, expected: &str) {
        let listing =
            Listing { window: day(), listed_at: listed.map(at), first_listed_after_at: first_after.map(at) };
        let steady = Pace::Steady(Steady::default());
        assert_eq!(words(steady.listing(at(now), list, &listing)), expected, "{listing:?} at {now}");
    }

    #[test]
    fn a_running_day_is_listed_by_the_hour_and_three_hours_after_its_end() {
        check_list(List::MeetingsPast, "20T00:00:00", None, None, "20 01:00");
        check_list(List::MeetingsPast, "20T09:20:00", None, None, "now");
        check_list(List::MeetingsPast, "20T09:20:01", Some("20T09:20:00"), None, "20 10:20");
        check_list(List::MeetingsPast, "20T23:20:01", Some("20T23:20:00"), None, "21 03:00");
        check_list(List::MeetingsPast, "21T03:00:01", Some("21T03:00:00"), Some("21T03:00:00"), "22 03:00");
        check_list(List::MeetingsPast, "22T03:00:01", Some("22T03:00:00"), Some("21T03:00:00"), "settled");
    }

    #[test]
    fn a_list_of_heavy_calls_is_taken_when_the_day_is_over() {
        check_list(List::ReportUsers, "20T09:00:00", None, None, "21 03:00");
        check_list(List::History, "21T03:00:00", None, None, "now");
    }

    #[test]
    fn a_day_long_over_is_listed_at_once() {
        check_list(List::MeetingsPast, "25T00:00:00", None, None, "now");
    }

    #[test]
    fn numbers_are_asked_when_the_day_is_over_and_a_day_later() {
        let known = KnownNumber {
            number: 91_234_567_890,
            kind: Kind::Meeting,
            topic: "Algebra".into(),
            courses: vec![7],
            planned_start: None,
            planned_end: None,
            is_recurring: true,
        };
        let check = |now: &str, asked: Option<&str>, expected: &str| {
            let answer = asked.map(|asked| Answer { asked_at: at(asked), runs: 3, ..Answer::default() });
            let steady = Pace::Steady(Steady::default());
            assert_eq!(words(steady.number(at(now), &known, answer.as_ref(), day())), expected, "{now}");
        };
        check("20T09:00:00", None, "now");
        check("20T09:00:00", Some("19T05:00:00"), "21 03:00");
        check("21T03:00:00", Some("20T09:00:00"), "now");
        check("21T03:01:00", Some("21T03:00:00"), "22 00:00");
        check("22T00:01:00", Some("22T00:00:00"), "settled");
    }

    #[test]
    fn attendance_is_read_once_it_can_be_proved() {
        let mut instance = Instance::unknown("a==".into(), Kind::Meeting);
        let offer = Offer::of(Plan::Business, false);
        let steady = Pace::Steady(Steady::default());
        let prompt = Pace::Steady(Steady { first_look_after: SignedDuration::ZERO, ..Steady::default() });
        let soon = at("20T10:05:00");
        let mut check = |pace: Pace, ended: Option<&str>, attendance: &str, details: &str| {
            instance.ended_at = ended.map(at);
            let case = Case {
                instance: &instance,
                first_seen_at: at("20T10:02:00"),
                readings: &[],
                details_asked: &[],
                offer: &offer,
            };
            assert_eq!(pace.attendance(soon, &case), at(attendance), "{pace:?} {ended:?}");
            assert_eq!(pace.details(soon, &case), at(details), "{pace:?} {ended:?}");
        };
        check(steady, Some("20T10:00:00"), "20T16:00:00", "20T12:02:00");
        check(steady, None, "20T16:02:00", "20T12:02:00");
        check(prompt, Some("20T10:00:00"), "20T10:05:00", "20T10:05:00");
        check(Pace::Asked, Some("20T10:00:00"), "20T10:05:00", "20T10:05:00");
    }
}
