//! Moments as Zoom writes them.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::wire::FromScalar;

/// From here on a plain number is milliseconds since 1970, below it seconds: as seconds it would be
/// the year 5138, as milliseconds the year 1973, and Zoom was founded in 2011.
const MILLIS_FROM: i64 = 100_000_000_000;

impl FromScalar for Timestamp {
    /// RFC 3339 with any fraction; a moment without a zone is UTC; digits are seconds or
    /// milliseconds since 1970.
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().or_else(|| {
            if let Ok(number) = text.parse() {
                return Self::from_i64(number);
            }
            let civil: DateTime = text.parse().ok()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        })
    }
    fn from_u64(number: u64) -> Option<Self> {
        Self::from_i64(number.try_into().ok()?)
    }
    /// Zero and below is no moment of a meeting.
    fn from_i64(number: i64) -> Option<Self> {
        match number {
            ..=0 => None,
            MILLIS_FROM.. => Timestamp::from_millisecond(number).ok(),
            _ => Timestamp::from_second(number).ok(),
        }
    }
}

/// A wall-clock time whose zone Zoom does not tell, such as `12/22/2021 16:20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(pub DateTime);

impl FromScalar for LocalTime {
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let american = || DateTime::strptime("%m/%d/%Y %H:%M", text).ok();
        let with_seconds = || DateTime::strptime("%m/%d/%Y %H:%M:%S", text).ok();
        american().or_else(with_seconds).or_else(|| text.parse().ok()).map(LocalTime)
    }
}
