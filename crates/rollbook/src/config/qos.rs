//! Call quality: of which meetings it is collected, and how long samples are kept.

use std::collections::{BTreeMap, BTreeSet};

use rollbook_core::instance::Instance;
use rollbook_core::quality::policy::{Policy, UnknownPolicy};
use rollbook_core::time::Window;
use serde::Deserialize;

use super::{ConfigError, Environment, MoodleConfig, pick};

/// Samples are kept this long unless told otherwise (DESIGN section 8).
const KEEP_DAYS: u32 = 90;

/// `[qos]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    policy: Option<String>,
    meetings: Option<Vec<u64>>,
    keep_days: Option<u32>,
}

/// What is wanted of call quality, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct QosConfig {
    /// Which instances are worth asking about.
    pub policy: Policy,
    /// Meetings chosen by number: collected whatever the policy, and while they run.
    pub meetings: BTreeSet<u64>,
    /// Days after an instance's start for which its samples are kept; none for ever. Summaries stay.
    pub keep_days: Option<u32>,
    /// Days collected with another policy because somebody asked for them so; the last that fits counts.
    pub days: Vec<(Window, Policy)>,
}

impl Default for QosConfig {
    fn default() -> QosConfig {
        QosConfig {
            policy: Policy::default(),
            meetings: BTreeSet::new(),
            keep_days: Some(KEEP_DAYS),
            days: Vec::new(),
        }
    }
}

impl QosConfig {
    pub(super) fn load(
        file: Option<&File>,
        environment: &Environment,
        origins: &mut BTreeMap<String, &'static str>,
    ) -> Result<QosConfig, ConfigError> {
        let file = file.cloned().unwrap_or_default();
        let env = |name: &str| environment.get(name).map(str::to_owned);
        let mut text = |key: &str, variable: &str, file: Option<String>| {
            pick(origins, key, [("environment", env(variable)), ("file", file)])
        };
        let policy = text("qos.policy", "ROLLBOOK_QOS_POLICY", file.policy);
        let listed =
            file.meetings.map(|numbers| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
        let meetings = text("qos.meetings", "ROLLBOOK_QOS_MEETINGS", listed);
        let keep_days =
            text("qos.keep_days", "ROLLBOOK_QOS_KEEP_DAYS", file.keep_days.map(|days| days.to_string()));
        Ok(QosConfig {
            policy: policy.map_or(Ok(Policy::default()), |text| {
                parse_policy(&text).map_err(|wrong| ConfigError(format!("ROLLBOOK_QOS_POLICY: {wrong}")))
            })?,
            meetings: parse_meetings(meetings.as_deref().unwrap_or(""))?,
            keep_days: keep_days.map_or(Ok(Some(KEEP_DAYS)), |text| parse_keep_days(&text))?,
            days: Vec::new(),
        })
    }

    /// Which policy an instance falls under.
    pub fn policy_of(&self, instance: &Instance) -> Policy {
        let own = self
            .days
            .iter()
            .rev()
            .find(|(window, _)| instance.started_at.is_some_and(|start| window.contains(start)));
        own.map_or(self.policy, |(_, policy)| *policy)
    }

    /// Whether an instance's meeting was chosen by number.
    pub fn is_chosen(&self, instance: &Instance) -> bool {
        instance.number.is_some_and(|number| self.meetings.contains(&number))
    }
}

/// A call-quality policy.
///
/// # Errors
/// A sentence with the policies there are.
pub fn parse_policy(text: &str) -> Result<Policy, String> {
    text.parse().map_err(|unknown: UnknownPolicy| unknown.to_string())
}

/// Whether a policy can be followed with what is configured: `courses` goes by Moodle's activities.
///
/// # Errors
/// If Moodle's database is not configured and would have to be.
pub fn check_policy(policy: Policy, moodle: &MoodleConfig) -> Result<(), ConfigError> {
    if policy != Policy::Courses || moodle.db.is_some() {
        return Ok(());
    }
    Err(ConfigError(
        "the call-quality policy courses goes by the meetings that Moodle has activities for, but no Moodle is \
         configured; set ROLLBOOK_MOODLE_DB, or use large:N, or choose meetings by number with ROLLBOOK_QOS_MEETINGS"
            .to_owned(),
    ))
}

fn parse_meetings(text: &str) -> Result<BTreeSet<u64>, ConfigError> {
    let number = |word: &str| -> Result<u64, ConfigError> {
        let digits: String = word.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        digits.parse().map_err(|_| {
            ConfigError(format!(
                "ROLLBOOK_QOS_MEETINGS holds {:?}, which is no meeting number; write 91234567890,934 5678 9012",
                word.trim()
            ))
        })
    };
    text.split(',').filter(|word| !word.trim().is_empty()).map(number).collect()
}

fn parse_keep_days(text: &str) -> Result<Option<u32>, ConfigError> {
    match text.parse::<u32>() {
        Ok(0) => Ok(None),
        Ok(days) => Ok(Some(days)),
        Err(_) => Err(ConfigError(format!(
            "ROLLBOOK_QOS_KEEP_DAYS is {text:?}; use a number of days, or 0 to keep samples for ever"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<QosConfig, String> {
        let environment = Environment::of(pairs.iter().copied());
        QosConfig::load(None, &environment, &mut BTreeMap::new()).map_err(|error| error.0)
    }

    #[test]
    fn flagged_and_ninety_days_unless_told_otherwise() {
        assert_eq!(load(&[]).unwrap(), QosConfig::default());
        assert_eq!(QosConfig::default().policy, Policy::Flagged);
        let set = load(&[
            ("ROLLBOOK_QOS_POLICY", "sample:0.5"),
            ("ROLLBOOK_QOS_MEETINGS", "912 3456 7890, 93-4"),
            ("ROLLBOOK_QOS_KEEP_DAYS", "0"),
        ]);
        let meetings = BTreeSet::from([91_234_567_890, 934]);
        assert_eq!(
            set.unwrap(),
            QosConfig { policy: Policy::Sample(0.5), meetings, keep_days: None, days: Vec::new() }
        );
    }

    #[test]
    fn wrong_values_name_the_variable_and_what_is_right() {
        for (variable, value, right) in [
            ("ROLLBOOK_QOS_POLICY", "some", "large:N"),
            ("ROLLBOOK_QOS_MEETINGS", "maths", "91234567890"),
            ("ROLLBOOK_QOS_KEEP_DAYS", "-1", "for ever"),
        ] {
            let said = load(&[(variable, value)]).unwrap_err();
            assert!(said.contains(variable) && said.contains(right), "{said}");
        }
    }
}
