//! Of which instances call quality is collected: it costs one Heavy call for every ten stays.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// What may be set as call-quality policy.
const ALLOWED: &str = "none, flagged, large:N (N stays or more), sample:SHARE (0 < SHARE <= 1, such as sample:0.1), \
                       courses or all";

/// Which instances are worth asking about.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Policy {
    /// None, save those chosen by hand.
    None,
    /// Those of which something we already have says that the call was poor or bad ([`complaint`]).
    #[default]
    Flagged,
    /// Those with this many stays or more.
    Large(u32),
    /// This share of them, 0 to 1, drawn by the UUID: the same instance always falls the same way.
    Sample(f64),
    /// Those that belong to a course.
    Courses,
    /// All.
    All,
}

/// A policy nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no call-quality policy: {wrong}; allowed are {ALLOWED}")]
pub struct UnknownPolicy {
    given: String,
    wrong: &'static str,
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Policy, UnknownPolicy> {
        let given = text.trim().to_lowercase();
        let (word, figure) =
            given.split_once(':').map_or((given.as_str(), None), |(w, f)| (w, Some(f.trim())));
        let number = |figure: Option<&str>| figure.and_then(|figure| figure.parse().ok()).filter(|n| *n > 0);
        let share = |figure: Option<&str>| {
            let share = figure.and_then(|figure| figure.parse().ok());
            share.filter(|share: &f64| *share > 0.0 && *share <= 1.0)
        };
        let policy = match (word, figure) {
            ("none", None) => Ok(Policy::None),
            ("flagged", None) => Ok(Policy::Flagged),
            ("courses", None) => Ok(Policy::Courses),
            ("all", None) => Ok(Policy::All),
            ("large", figure) => number(figure).map(Policy::Large).ok_or("large needs a number above 0"),
            ("sample", figure) => {
                share(figure).map(Policy::Sample).ok_or("sample needs a share above 0 and up to 1")
            }
            ("none" | "flagged" | "courses" | "all", Some(_)) => Err("it takes no figure"),
            _ => Err("there is none of that name"),
        };
        policy.map_err(|wrong| UnknownPolicy { given: text.to_owned(), wrong })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Policy::None => f.write_str("none"),
            Policy::Flagged => f.write_str("flagged"),
            Policy::Large(stays) => write!(f, "large:{stays}"),
            Policy::Sample(share) => write!(f, "sample:{share}"),
            Policy::Courses => f.write_str("courses"),
            Policy::All => f.write_str("all"),
        }
    }
}

/// What is known of an instance when a policy decides about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts<'a> {
    /// Its UUID.
    pub uuid: &'a str,
    /// Its stays in the meeting, or the people listed where no stay is known yet; none where neither is.
    pub stays: Option<u32>,
    /// What was said against its call in data we already have, such as "audio was called poor" ([`complaint`]).
    pub flagged: Option<&'a str>,
    /// It belongs to a course.
    pub is_course: bool,
    /// Somebody asked for this very instance; that overrides every policy.
    pub is_chosen: bool,
}

/// Why call quality of this instance is wanted; `None` if it is not.
pub fn wants(policy: &Policy, facts: &Facts<'_>) -> Option<String> {
    if facts.is_chosen {
        return Some("chosen by hand".to_owned());
    }
    let is_wanted = match policy {
        Policy::None => false,
        Policy::Flagged => return facts.flagged.map(str::to_owned),
        Policy::Large(least) => facts.stays.is_some_and(|stays| stays >= *least),
        Policy::Sample(share) => place_of(facts.uuid) < *share,
        Policy::Courses => facts.is_course,
        Policy::All => true,
    };
    is_wanted.then(|| match (policy, facts.stays) {
        (Policy::Large(_), Some(stays)) => format!("policy {policy}: {stays} stays"),
        _ => format!("policy {policy}"),
    })
}

/// What dashboards' quality words (quirk 56) say against a call, such as "audio was called poor"; the worst word
/// counts. `details` are those of a participants row, or the same three members of a list of meetings.
pub fn complaint<'a>(details: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let said = details.into_iter().filter_map(|(name, word)| {
        let what = match name {
            "audio_quality" => "audio",
            "video_quality" => "video",
            "share_quality" | "screen_share_quality" => "shared screen",
            _ => return None,
        };
        let word = word.trim().to_lowercase();
        // Alphabetical order happens to be that of gravity: bad before poor.
        matches!(word.as_str(), "poor" | "bad").then_some((word, what))
    });
    said.min().map(|(word, what)| format!("{what} was called {word}"))
}

/// A UUID's place between 0 and 1, evenly spread and the same for ever.
fn place_of(uuid: &str) -> f64 {
    let digest = Sha256::digest(uuid.as_bytes());
    let head = digest.iter().take(4).fold(0_u32, |head, byte| head << 8 | u32::from(*byte));
    f64::from(head) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_and_written() {
        for text in ["none", "flagged", "large:100", "sample:0.1", "courses", "all"] {
            assert_eq!(text.parse::<Policy>().unwrap().to_string(), text);
        }
        assert_eq!(" Large: 20 ".parse::<Policy>(), Ok(Policy::Large(20)));
        assert_eq!("sample:1".parse::<Policy>(), Ok(Policy::Sample(1.0)));
    }

    #[test]
    fn what_is_no_policy_is_told_what_is_allowed() {
        let check = |text: &str, wrong: &str| {
            let error = text.parse::<Policy>().unwrap_err().to_string();
            let expected =
                format!("{text:?} is no call-quality policy: {wrong}; allowed are none, flagged, large:N");
            assert!(error.starts_with(&expected), "{error}");
        };
        check("some", "there is none of that name");
        check("", "there is none of that name");
        check("all:3", "it takes no figure");
        check("large", "large needs a number above 0");
        check("large:0", "large needs a number above 0");
        check("large:many", "large needs a number above 0");
        check("sample:0", "sample needs a share above 0 and up to 1");
        check("sample:10", "sample needs a share above 0 and up to 1");
        check("sample:NaN", "sample needs a share above 0 and up to 1");
    }

    fn check(policy: &str, facts: Facts<'_>, expected: Option<&str>) {
        assert_eq!(wants(&policy.parse().unwrap(), &facts).as_deref(), expected, "{policy} {facts:?}");
    }

    #[test]
    fn each_policy_says_why() {
        let facts = Facts { uuid: "u", stays: Some(20), ..Facts::default() };
        check("none", facts, None);
        check("all", facts, Some("policy all"));
        check("large:20", facts, Some("policy large:20: 20 stays"));
        check("large:21", facts, None);
        check("large:1", Facts { stays: None, ..facts }, None);
        check("courses", facts, None);
        check("courses", Facts { is_course: true, ..facts }, Some("policy courses"));
        check("flagged", facts, None);
        check(
            "flagged",
            Facts { flagged: Some("audio was called bad"), ..facts },
            Some("audio was called bad"),
        );
        check("none", Facts { is_chosen: true, ..facts }, Some("chosen by hand"));
    }

    #[test]
    fn a_sample_holds_its_share_and_never_changes() {
        let uuids: Vec<String> = (0..10_000).map(|n| format!("uuid-{n}==")).collect();
        let drawn = |share: &str| -> Vec<bool> {
            let policy: Policy = format!("sample:{share}").parse().unwrap();
            uuids.iter().map(|uuid| wants(&policy, &Facts { uuid, ..Facts::default() }).is_some()).collect()
        };
        let tenth = drawn("0.1");
        let count = tenth.iter().filter(|is_in| **is_in).count();
        assert!((900..=1_100).contains(&count), "{count}");
        // Who is in a smaller sample is in every larger one, and everybody is in the whole.
        assert!(tenth.iter().zip(drawn("0.3")).all(|(small, large)| large || !small));
        assert!(drawn("1").iter().all(|is_in| *is_in));
        // Its SHA-256 begins with 0x5374406d, as sha256sum(1) says; the place must never move.
        assert!((place_of("4444AAAiAAAAAiAiAiiAii==") - 0.325_992_61).abs() < 1e-8);
    }

    #[test]
    fn quirk_56_poor_and_bad_are_complaints_in_any_case() {
        let check = |words: &[(&str, &str)], expected: Option<&str>| {
            assert_eq!(complaint(words.iter().copied()).as_deref(), expected, "{words:?}");
        };
        check(&[("audio_quality", "Poor")], Some("audio was called poor"));
        check(&[("audio_quality", "poor"), ("video_quality", "BAD")], Some("video was called bad"));
        check(&[("share_quality", "bad"), ("device", "poor")], Some("shared screen was called bad"));
        check(&[("audio_quality", "good"), ("video_quality", "fair"), ("share_quality", "")], None);
        check(&[], None);
    }
}
