//! What a collector that is left running does beside asking Zoom, and when each chore is due.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::time::{hours, minutes};

/// One of them, in the order in which they are done when several are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chore {
    /// A new run report is begun: one a school day.
    Report,
    /// An account that could not be worked on is tried again.
    Revive,
    /// Moodle's meeting numbers are read.
    Numbers,
    /// The jobs of a new day are put.
    Discover,
    /// What is kept too long is dropped.
    Retention,
    /// Moodle is told.
    Deliver,
}

impl Chore {
    /// All of them, in order.
    pub const ALL: [Chore; 6] =
        [Chore::Report, Chore::Revive, Chore::Numbers, Chore::Discover, Chore::Retention, Chore::Deliver];

    /// The name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Chore::Report => "report",
            Chore::Revive => "revive",
            Chore::Numbers => "numbers",
            Chore::Discover => "discover",
            Chore::Retention => "retention",
            Chore::Deliver => "deliver",
        }
    }
}

/// How a chore went lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// When it was last done or tried; none if this process never did it.
    pub at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
}

impl Done {
    /// It was done.
    pub fn well(&mut self, now: Timestamp) {
        *self = Done { at: Some(now), failures: 0 };
    }

    /// It was tried.
    pub fn badly(&mut self, now: Timestamp) {
        *self = Done { at: Some(now), failures: self.failures.saturating_add(1) };
    }
}

/// When chores are done.
#[derive(Debug, Clone)]
pub struct Rhythm {
    /// The school's zone.
    pub zone: TimeZone,
    /// Moodle is told of changes no sooner than this after the last time.
    pub deliver_every: SignedDuration,
}

/// Moodle's numbers are read this often: an activity made in the morning is collected in the afternoon.
const NUMBERS_EVERY: SignedDuration = hours(1);

/// Moodle is told this often although nothing changed here: something may have changed there.
const DELIVER_AT_LEAST_EVERY: SignedDuration = hours(6);

/// Retention is applied at this hour, when few look and the next morning's work has not begun.
const NIGHT: Time = Time::constant(2, 30, 0, 0);

/// Waits after one, two, … failures in a row. Whoever mends a setting restarts anyway; what passes by itself does so
/// within minutes, or takes hours.
const WAITS: [SignedDuration; 6] = [minutes(1), minutes(2), minutes(5), minutes(15), minutes(30), hours(1)];

/// How long to leave alone what failed so many times in a row.
pub fn wait_after(failures: u32) -> SignedDuration {
    let place = usize::try_from(failures).unwrap_or(usize::MAX).saturating_sub(1);
    WAITS[place.min(WAITS.len() - 1)]
}

/// When a chore is due that was last done so; `is_wanted` tells of [`Chore::Deliver`] that something changed and of
/// [`Chore::Revive`] that an account failed. None: not before something happens.
pub fn due_at(chore: Chore, done: Done, is_wanted: bool, rhythm: &Rhythm) -> Option<Timestamp> {
    let Some(last) = done.at else {
        // A process that has just begun does everything once, except what only follows from something else.
        return (is_wanted || chore != Chore::Revive).then_some(Timestamp::MIN);
    };
    if chore == Chore::Revive {
        return is_wanted.then(|| last + wait_after(done.failures));
    }
    if done.failures > 0 {
        let wait = wait_after(done.failures);
        return Some(last + if chore == Chore::Deliver { wait.max(rhythm.deliver_every) } else { wait });
    }
    let zone = &rhythm.zone;
    Some(match chore {
        Chore::Report | Chore::Discover => midnight_after(last, zone),
        Chore::Retention => night_after(last, zone),
        Chore::Numbers => last + NUMBERS_EVERY,
        Chore::Deliver if is_wanted => last + rhythm.deliver_every,
        Chore::Deliver | Chore::Revive => last + DELIVER_AT_LEAST_EVERY,
    })
}

/// The days that a collector looks at when it begins, or when a new day does: today, yesterday, and all since the last
/// one on which it worked. `from` is where it is to begin, while that has not been begun.
pub fn days_from(now: Timestamp, zone: &TimeZone, worked_at: Option<Timestamp>, from: Option<Date>) -> Date {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let before = |date: Date| date.yesterday().unwrap_or(date);
    let today = day(now);
    // The day before the one on which it stopped was not settled either.
    let away = worked_at.map_or(before(today), |at| before(day(at)).min(before(today)));
    match (worked_at, from) {
        (None, Some(from)) => from.min(today),
        (Some(_), Some(from)) => from.min(away),
        (_, None) => away,
    }
}

fn midnight_after(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let day = at.to_zoned(zone.clone()).date();
    crate::time::Window::of_day(day, zone).to
}

fn night_after(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let local = at.to_zoned(zone.clone());
    let day =
        if local.time() < NIGHT { local.date() } else { local.date().tomorrow().unwrap_or(local.date()) };
    day.to_datetime(NIGHT).to_zoned(zone.clone()).map_or(Timestamp::MAX, |night| night.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin() -> Rhythm {
        Rhythm { zone: TimeZone::get("Europe/Berlin").unwrap(), deliver_every: minutes(10) }
    }

    const NOON: &str = "2026-11-20T11:00:00Z";

    fn check(chore: Chore, failures: u32, is_wanted: bool, expected: &str) {
        let done = Done { at: Some(at(NOON)), failures };
        let due = due_at(chore, done, is_wanted, &berlin());
        assert_eq!(due.map_or("never".to_owned(), |at| at.to_string()), expected, "{chore:?} {failures}");
    }

    #[test]
    fn a_process_that_begins_does_everything_but_mend_what_is_whole() {
        let due = |chore| due_at(chore, Done::default(), false, &berlin()).is_some();
        assert_eq!(Chore::ALL.map(due), [true, false, true, true, true, true]);
    }

    #[test]
    fn days_begin_at_the_schools_midnight() {
        check(Chore::Report, 0, false, "2026-11-20T23:00:00Z");
        check(Chore::Discover, 0, false, "2026-11-20T23:00:00Z");
        check(Chore::Retention, 0, false, "2026-11-21T01:30:00Z");
        let night = Done { at: Some(at("2026-11-21T00:10:00Z")), failures: 0 };
        let due = due_at(Chore::Retention, night, false, &berlin());
        assert_eq!(
            due,
            Some(at("2026-11-21T01:30:00Z")),
            "begun at night, it waits for the same night's hour"
        );
    }

    #[test]
    fn moodle_is_told_soon_of_changes_and_seldom_of_none() {
        check(Chore::Deliver, 0, true, "2026-11-20T11:10:00Z");
        check(Chore::Deliver, 0, false, "2026-11-20T17:00:00Z");
        check(Chore::Numbers, 0, false, "2026-11-20T12:00:00Z");
    }

    #[test]
    fn what_failed_is_tried_again_after_growing_waits() {
        check(Chore::Numbers, 1, false, "2026-11-20T11:01:00Z");
        check(Chore::Numbers, 2, false, "2026-11-20T11:02:00Z");
        check(Chore::Numbers, 99, false, "2026-11-20T12:00:00Z");
        check(Chore::Deliver, 1, true, "2026-11-20T11:10:00Z");
        check(Chore::Deliver, 4, true, "2026-11-20T11:15:00Z");
        check(Chore::Revive, 1, true, "2026-11-20T11:01:00Z");
        check(Chore::Revive, 1, false, "never");
    }

    #[test]
    fn a_collector_takes_up_the_days_it_was_away() {
        let zone = TimeZone::UTC;
        let day = |text: &str| -> Date { text.parse().unwrap() };
        let from = |worked: Option<&str>, setting: Option<&str>| {
            days_from(at(NOON), &zone, worked.map(at), setting.map(day))
        };
        assert_eq!(from(None, None), day("2026-11-19"));
        assert_eq!(from(None, Some("2026-09-01")), day("2026-09-01"));
        assert_eq!(from(Some("2026-11-20T09:00:00Z"), Some("2026-09-01")), day("2026-09-01"));
        assert_eq!(from(Some("2026-11-20T09:00:00Z"), None), day("2026-11-19"));
        assert_eq!(from(Some("2026-11-10T09:00:00Z"), None), day("2026-11-09"));
    }
}
