//! Instants as the store keeps them: milliseconds since 1970 UTC.

use jiff::Timestamp;

pub(crate) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn opt_ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(ms)
}

/// Out-of-range values cannot be written by this crate; should one appear, it is clamped rather than fatal.
pub(crate) fn from_ms(value: i64) -> Timestamp {
    Timestamp::from_millisecond(value).unwrap_or(if value < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

pub(crate) fn opt_from_ms(value: Option<i64>) -> Option<Timestamp> {
    value.map(from_ms)
}
