//! Stretches of time in the four forms Zoom gives them, as types that cannot be mixed up.
//!
//! | Zoom sends | where | type |
//! |---|---|---|
//! | `"00:56"`, `"01:02:21"` | dashboards | [`ClockDuration`] |
//! | whole minutes, rounded up | reports, past meetings | [`RoundedMinutes`] |
//! | seconds | rows of participants | [`Seconds`] |
//! | planned minutes | scheduled meetings | [`PlannedMinutes`] |
//!
//! Sums over participants are yet another thing: [`PersonMinutes`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::FromScalar;

/// A year of seconds. Anything longer is not the length of a meeting but a broken value.
const SECONDS_MAX: u64 = 366 * 86_400;

macro_rules! quantity {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);
    };
}

quantity! {
    /// Exact seconds, as rows of participants give them, for that row only.
    ///
    /// 0 may mean that Zoom has not worked it out yet.
    Seconds
}
quantity! {
    /// Whole minutes, rounded up: 5 min 27 s is 6.
    RoundedMinutes
}
quantity! {
    /// Minutes that were planned, whatever happened.
    PlannedMinutes
}
quantity! {
    /// Minutes summed over all participants, so often more than the meeting lasted.
    PersonMinutes
}
quantity! {
    /// Seconds that came as a clock shows them: `MM:SS` or `HH:MM:SS`.
    ClockDuration
}

impl RoundedMinutes {
    /// The longest stretch that is rounded to this number of minutes.
    #[must_use]
    pub fn seconds_max(self) -> u64 {
        self.0.saturating_mul(60)
    }

    /// The shortest stretch that is rounded to this number of minutes.
    #[must_use]
    pub fn seconds_min(self) -> u64 {
        self.0.saturating_sub(1).saturating_mul(60).saturating_add(u64::from(self.0 > 0))
    }
}

impl ClockDuration {
    /// The stretch in seconds.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// Reads `MM:SS` or `HH:MM:SS`. Minutes and hours may pass 59 and 23, seconds may not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(':').map(digits);
        let (first, second) = (parts.next()??, parts.next()??);
        let (hours, minutes, seconds) = match parts.next() {
            None => (0, first, second),
            Some(third) => (first, second, third?),
        };
        if parts.next().is_some() || seconds > 59 || (hours > 0 && minutes > 59) {
            return None;
        }
        let total = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
        (total <= SECONDS_MAX).then_some(ClockDuration(total))
    }
}

impl fmt::Display for ClockDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        if hours > 0 {
            write!(f, "{hours:02}:{minutes:02}:{seconds:02}")
        } else {
            write!(f, "{minutes:02}:{seconds:02}")
        }
    }
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// Plain numbers have no unit of their own, so one in place of a clock's text cannot be read.
impl FromScalar for ClockDuration {
    fn from_text(text: &str) -> Option<Self> {
        ClockDuration::parse(text)
    }
}

impl FromScalar for Seconds {
    fn from_text(text: &str) -> Option<Self> {
        ClockDuration::parse(text)
            .map(|clock| clock.0)
            .or_else(|| u64::from_text(text))
            .and_then(Self::from_u64)
    }
    fn from_u64(number: u64) -> Option<Self> {
        (number <= SECONDS_MAX).then_some(Seconds(number))
    }
}

impl FromScalar for RoundedMinutes {
    fn from_text(text: &str) -> Option<Self> {
        let clock = ClockDuration::parse(text).map(|clock| clock.0.div_ceil(60));
        clock.or_else(|| u64::from_text(text)).and_then(Self::from_u64)
    }
    fn from_u64(number: u64) -> Option<Self> {
        (number <= SECONDS_MAX / 60).then_some(RoundedMinutes(number))
    }
}

impl FromScalar for PlannedMinutes {
    fn from_text(text: &str) -> Option<Self> {
        u64::from_text(text).map(PlannedMinutes)
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(PlannedMinutes(number))
    }
}

impl FromScalar for PersonMinutes {
    fn from_text(text: &str) -> Option<Self> {
        u64::from_text(text).map(PersonMinutes)
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(PersonMinutes(number))
    }
}
