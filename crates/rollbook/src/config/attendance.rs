//! What counts as present, late and gone early in a course's roster view.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rollbook_core::course::{Basis, Rule};
use serde::Deserialize;

use super::{ConfigError, Environment, parse_switch, pick};

/// Longer than any class.
const MINUTES_MAX: i64 = 24 * 60;

/// `[attendance]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    late_after_minutes: Option<toml::Value>,
    left_early_minutes: Option<toml::Value>,
    present_share: Option<f64>,
    class_time: Option<String>,
    nameless_doubt: Option<bool>,
}

pub(super) fn load(
    file: Option<&File>,
    environment: &Environment,
    origins: &mut BTreeMap<String, &'static str>,
) -> Result<Rule, ConfigError> {
    let file = file.cloned().unwrap_or_default();
    let env = |name: &str| environment.get(name).map(str::to_owned);
    let mut text = |key: &str, variable: &str, file: Option<String>| {
        pick(origins, key, [("environment", env(variable)), ("file", file)])
    };
    let late = "ROLLBOOK_ATTENDANCE_LATE_AFTER_MINUTES";
    let early = "ROLLBOOK_ATTENDANCE_LEFT_EARLY_MINUTES";
    let late_after = text("attendance.late_after_minutes", late, plain(file.late_after_minutes));
    let left_early = text("attendance.left_early_minutes", early, plain(file.left_early_minutes));
    let share = text(
        "attendance.present_share",
        "ROLLBOOK_ATTENDANCE_PRESENT_SHARE",
        file.present_share.map(|share| share.to_string()),
    );
    let basis = text("attendance.class_time", "ROLLBOOK_ATTENDANCE_CLASS_TIME", file.class_time);
    let doubt = text(
        "attendance.nameless_doubt",
        "ROLLBOOK_ATTENDANCE_NAMELESS_DOUBT",
        file.nameless_doubt.map(|on| on.to_string()),
    );
    let usual = Rule::default();
    Ok(Rule {
        late_after: late_after.map_or(Ok(usual.late_after), |text| parse_minutes(late, &text))?,
        left_early_before: left_early
            .map_or(Ok(usual.left_early_before), |text| parse_minutes(early, &text))?,
        present_from_share: share.map_or(Ok(usual.present_from_share), |text| parse_share(&text))?,
        basis: basis.map_or(Ok(usual.basis), |text| parse_basis(&text))?,
        is_nameless_doubt: doubt.map_or(Ok(usual.is_nameless_doubt), |text| {
            parse_switch("ROLLBOOK_ATTENDANCE_NAMELESS_DOUBT", &text)
        })?,
    })
}

/// A number or a word, as the environment would have it.
fn plain(value: Option<toml::Value>) -> Option<String> {
    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// Whole minutes, or `never`.
fn parse_minutes(setting: &str, text: &str) -> Result<Option<SignedDuration>, ConfigError> {
    if text == "never" {
        return Ok(None);
    }
    let minutes = text.parse().ok().filter(|minutes| (0..=MINUTES_MAX).contains(minutes));
    minutes.map(|minutes| Some(SignedDuration::from_mins(minutes))).ok_or_else(|| {
        ConfigError(format!("{setting} is {text:?}; use whole minutes from 0 to {MINUTES_MAX}, or never"))
    })
}

fn parse_share(text: &str) -> Result<f64, ConfigError> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        ConfigError(format!(
            "ROLLBOOK_ATTENDANCE_PRESENT_SHARE is {text:?}; use the share of a class from 0 to 1, as in 0.5"
        ))
    })
}

fn parse_basis(text: &str) -> Result<Basis, ConfigError> {
    match text {
        "planned" => Ok(Basis::Planned),
        "held" => Ok(Basis::Held),
        other => Err(ConfigError(format!(
            "ROLLBOOK_ATTENDANCE_CLASS_TIME is {other:?}; use planned (what was held of the time planned) or held"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)]) -> Result<Rule, String> {
        let environment = Environment::of(pairs.iter().copied());
        load(None, &environment, &mut BTreeMap::new()).map_err(|error| error.0)
    }

    #[test]
    fn the_rule_is_cores_unless_told_otherwise() {
        assert_eq!(check(&[]).unwrap(), Rule::default());
        let set = check(&[
            ("ROLLBOOK_ATTENDANCE_LATE_AFTER_MINUTES", "5"),
            ("ROLLBOOK_ATTENDANCE_LEFT_EARLY_MINUTES", "never"),
            ("ROLLBOOK_ATTENDANCE_PRESENT_SHARE", "0.75"),
            ("ROLLBOOK_ATTENDANCE_CLASS_TIME", "held"),
            ("ROLLBOOK_ATTENDANCE_NAMELESS_DOUBT", "no"),
        ]);
        let expected = Rule {
            late_after: Some(SignedDuration::from_mins(5)),
            left_early_before: None,
            present_from_share: 0.75,
            basis: Basis::Held,
            is_nameless_doubt: false,
        };
        assert_eq!(set.unwrap(), expected);
    }

    #[test]
    fn the_file_takes_numbers_and_words() {
        let file: File = toml::from_str("late_after_minutes = 15\nleft_early_minutes = 'never'").unwrap();
        let rule = load(Some(&file), &Environment::of([]), &mut BTreeMap::new()).unwrap();
        assert_eq!(rule.late_after, Some(SignedDuration::from_mins(15)));
        assert_eq!(rule.left_early_before, None);
    }

    #[test]
    fn wrong_values_name_the_variable_and_what_is_right() {
        for (variable, value, right) in [
            ("ROLLBOOK_ATTENDANCE_LATE_AFTER_MINUTES", "-1", "never"),
            ("ROLLBOOK_ATTENDANCE_LEFT_EARLY_MINUTES", "10m", "whole minutes"),
            ("ROLLBOOK_ATTENDANCE_PRESENT_SHARE", "50", "0.5"),
            ("ROLLBOOK_ATTENDANCE_PRESENT_SHARE", "NaN", "0.5"),
            ("ROLLBOOK_ATTENDANCE_CLASS_TIME", "real", "planned"),
            ("ROLLBOOK_ATTENDANCE_NAMELESS_DOUBT", "maybe", "true or false"),
        ] {
            let said = check(&[(variable, value)]).unwrap_err();
            assert!(said.contains(variable) && said.contains(right), "{said}");
        }
    }
}
