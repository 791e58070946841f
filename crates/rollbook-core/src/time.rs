//! Windows of time: a quota day is UTC, a school day has a zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A half-open stretch of time, `from <= t < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Window {
    /// Whether `at` lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The window of one day in `zone`.
    pub fn of_day(day: Date, zone: &TimeZone) -> Window {
        Window { from: day_start(day, zone), to: day_start(day.tomorrow().unwrap_or(day), zone) }
    }

    /// The window of the days `from ..= to` in `zone`.
    pub fn of_days(from: Date, to: Date, zone: &TimeZone) -> Window {
        Window { from: Window::of_day(from, zone).from, to: Window::of_day(to, zone).to }
    }
}

fn day_start(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned(zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The UTC day that Zoom's daily allowances count (RATE-LIMITS.md: resets at 00:00 UTC).
pub fn quota_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// When the daily allowances in force at `at` are filled again.
pub fn quota_resets_at(at: Timestamp) -> Timestamp {
    Window::of_day(quota_day(at), &TimeZone::UTC).to
}

/// Hours as a duration.
pub const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Minutes as a duration.
pub const fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_day_follows_its_zone_through_a_clock_change() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let window = Window::of_day(jiff::civil::date(2026, 3, 29), &zone);
        assert_eq!(window.to.duration_since(window.from), hours(23));
        assert_eq!(window.from.to_string(), "2026-03-28T23:00:00Z");
    }

    #[test]
    fn the_quota_day_is_utc() {
        let late: Timestamp = "2026-11-21T23:59:59Z".parse().unwrap();
        assert_eq!(quota_resets_at(late).to_string(), "2026-11-22T00:00:00Z");
    }
}
