//! How long somebody stays signed in, how fast passwords may be tried, and what names and passwords may be.

use jiff::{SignedDuration, Timestamp};

use crate::time::minutes;

/// A session that nobody uses ends after a working day: a browser left open overnight shows nothing the next morning.
pub const IDLE_FOR_MAX: SignedDuration = minutes(8 * 60);

/// A session ends after a week however much it is used: what was stolen is worth nothing for ever.
pub const SIGNED_IN_FOR_MAX: SignedDuration = minutes(7 * 24 * 60);

/// A look is written down when the last one written is this old: not every page is a write.
pub const SEEN_EVERY: SignedDuration = minutes(5);

/// The link that makes the first admin is good for a day.
pub const SETUP_LINK_FOR: SignedDuration = minutes(24 * 60);

/// Failures this old are forgotten.
pub const FAILURES_FOR: SignedDuration = minutes(60);

/// The shortest password: NIST SP 800-63B asks for 15 characters where nothing else signs people in.
pub const PASSWORD_LEAST: usize = 15;

/// The longest: what is longer is a mistake, and hashing it would cost.
pub const PASSWORD_MOST: usize = 256;

/// Of what a try to sign in is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Tries for one name, from wherever.
    Name,
    /// Tries from one address, for whatever names.
    Address,
}

/// When a session ends if nobody uses it any more, and how long it could last at most.
pub fn session_ends_at(expires_at: Timestamp, seen_at: Timestamp) -> Timestamp {
    expires_at.min(seen_at + IDLE_FOR_MAX)
}

/// When the next try is let in after so many failures: at once for the first ones, then twice as late each time.
///
/// Whoever knows somebody's name can keep them out only as long as the longest wait for a name, five minutes; an address
/// is kept out longer, but has more tries, since a whole school may come from one.
pub fn next_try_at(tried: Tried, failures: u32, last_at: Timestamp) -> Timestamp {
    let (free, longest) = match tried {
        Tried::Name => (5, minutes(5)),
        Tried::Address => (20, minutes(15)),
    };
    match failures.checked_sub(free) {
        None => last_at,
        Some(beyond) => last_at + SignedDuration::from_secs(1 << beyond.min(16)).min(longest),
    }
}

/// The one way to write a login's name: small letters, no blanks. Parentheses in front mark what is no login.
///
/// # Errors
/// A sentence, when it cannot be one.
pub fn login_name(text: &str) -> Result<String, String> {
    let name = text.trim().to_lowercase();
    let is_odd = |one: char| one.is_control() || one.is_whitespace();
    if name.is_empty() || name.chars().count() > 100 || name.contains(is_odd) || name.starts_with('(') {
        return Err(format!(
            "{text:?} cannot be a name; use 1 to 100 characters without blanks, such as ana or ana@uni.example"
        ));
    }
    Ok(name)
}

/// Whether a password will do.
///
/// # Errors
/// A sentence, when it will not.
pub fn check_password(name: &str, password: &str) -> Result<(), String> {
    let length = password.chars().count();
    if !(PASSWORD_LEAST..=PASSWORD_MOST).contains(&length) {
        return Err(format!(
            "a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters; a few words in a row are easy to remember"
        ));
    }
    let folded = password.to_lowercase();
    let mut letters: Vec<char> = folded.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 || folded == name || folded.replace(name, "").chars().count() < 8 {
        return Err(
            "this password is too easy to guess; take a few words that have nothing to do with each \
                    other"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn check_wait(tried: Tried, failures: u32, expected: i64) {
        assert_eq!(next_try_at(tried, failures, at(0)), at(expected), "{tried:?} {failures}");
    }

    #[test]
    fn the_first_tries_are_free_and_then_each_waits_twice_as_long() {
        check_wait(Tried::Name, 0, 0);
        check_wait(Tried::Name, 4, 0);
        check_wait(Tried::Name, 5, 1);
        check_wait(Tried::Name, 8, 8);
        check_wait(Tried::Name, u32::MAX, 300);
        check_wait(Tried::Address, 19, 0);
        check_wait(Tried::Address, 21, 2);
        check_wait(Tried::Address, u32::MAX, 900);
    }

    #[test]
    fn a_session_ends_when_idle_or_old_whichever_is_first() {
        assert_eq!(session_ends_at(at(1_000_000), at(0)), at(8 * 3_600));
        assert_eq!(session_ends_at(at(60), at(0)), at(60));
    }

    #[test]
    fn a_name_is_written_in_one_way() {
        assert_eq!(login_name(" Ana@Uni.example "), Ok("ana@uni.example".to_owned()));
        for wrong in ["", "  ", "a b", "a\nb", "(shell)", &"x".repeat(101)] {
            assert!(login_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn passwords_are_long_and_not_the_name() {
        for wrong in ["short", "aaaaaaaaaaaaaaaa", "ana.lopez@uni.example", "ana.lopez@uni.example1"] {
            assert!(check_password("ana.lopez@uni.example", wrong).is_err(), "{wrong:?}");
        }
        assert!(check_password("ana", &"long enough".repeat(30)).is_err());
        assert_eq!(check_password("ana", "correct horse battery"), Ok(()));
    }
}
