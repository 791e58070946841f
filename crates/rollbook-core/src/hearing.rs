//! Whether events still come that used to come: nobody tells when a subscription is switched off (WEBHOOKS.md, "URL
//! validation"; quirk 74).

use jiff::{SignedDuration, Timestamp};

use crate::time::{Window, hours};

/// Zoom's last retry comes 85 minutes after the first try; what ended longer ago than this has been told, or never is.
pub const TOLD_WITHIN: SignedDuration = hours(2);

/// Instances of so long a time are looked at: a whole day, so that a quiet night is no silence.
pub const LOOKED_BACK: SignedDuration = hours(24);

/// Fewer untold ends than this may be chance: single events are lost (quirk 70).
const UNTOLD_MIN: u64 = 3;

/// What is known of an account's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// When the last event came; none if none ever came.
    pub last_at: Option<Timestamp>,
    /// Instances that ended in the [`window`], by Zoom's lists and by events.
    pub ended: u64,
    /// Those of them whose end no event told.
    pub untold: u64,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// None ever came.
    Never,
    /// They come; or nothing has happened that they could tell.
    Well,
    /// Some are missing.
    Patchy,
    /// They came and come no longer: most of what ended was not told.
    Stopped,
}

/// The instances that should have been told by now: those that began and ended within it.
pub fn window(now: Timestamp) -> Window {
    Window { from: now - TOLD_WITHIN - LOOKED_BACK, to: now - TOLD_WITHIN }
}

/// Judges what was heard.
pub fn judge(heard: Heard) -> Hearing {
    let Heard { last_at, ended, untold } = heard;
    match last_at {
        None => Hearing::Never,
        Some(_) if untold < UNTOLD_MIN => Hearing::Well,
        Some(_) if untold * 2 > ended => Hearing::Stopped,
        Some(_) => Hearing::Patchy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_from_quiet_and_from_chance() {
        let check = |came: bool, ended, untold, expected| {
            let last_at = came.then_some(Timestamp::UNIX_EPOCH);
            assert_eq!(judge(Heard { last_at, ended, untold }), expected, "{came} {ended} {untold}");
        };
        check(false, 9, 9, Hearing::Never);
        check(true, 0, 0, Hearing::Well);
        check(true, 2, 2, Hearing::Well);
        check(true, 100, 2, Hearing::Well);
        check(true, 100, 15, Hearing::Patchy);
        check(true, 100, 51, Hearing::Stopped);
        check(true, 3, 3, Hearing::Stopped);
    }
}
