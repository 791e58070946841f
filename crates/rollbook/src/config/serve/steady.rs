//! How `rollbook serve` collects by itself.

use jiff::SignedDuration;
use jiff::civil::Date;
use rollbook_core::completeness::{FIRST_LOOK_AFTER, words};
use rollbook_core::pace::Steady;
use rollbook_core::time::{hours, minutes};

use crate::config::ConfigError;

/// A running day is not listed more often than this: each list costs calls of the daily allowance.
const LIST_LEAST: SignedDuration = minutes(10);

/// How soon after the last time Moodle is told of changes: a push that finds little to tell takes it a second.
const DELIVER_EVERY: SignedDuration = minutes(10);
const DELIVER_LEAST: SignedDuration = minutes(1);

/// Keys of `[serve]` in `rollbook.toml`.
#[derive(Debug, Default, Clone)]
pub(in crate::config) struct File {
    pub from: Option<String>,
    pub list_every: Option<String>,
    pub first_look: Option<String>,
    pub deliver_every: Option<String>,
}

/// How it collects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SteadyConfig {
    /// The first day to collect; none for yesterday, the first time.
    pub from: Option<Date>,
    /// How often it looks by itself.
    pub pace: Steady,
    /// Moodle is told of changes no sooner than this after the last time.
    pub deliver_every: SignedDuration,
}

impl Default for SteadyConfig {
    fn default() -> SteadyConfig {
        SteadyConfig { from: None, pace: Steady::default(), deliver_every: DELIVER_EVERY }
    }
}

impl SteadyConfig {
    /// Reads it; `text` picks one setting out of environment and file.
    pub(in crate::config) fn load(
        file: File,
        text: &mut impl FnMut(&str, &str, Option<String>) -> Option<String>,
    ) -> Result<SteadyConfig, ConfigError> {
        let from = text("serve.from", "ROLLBOOK_SERVE_FROM", file.from);
        let list_every = text("serve.list_every", LIST_EVERY, file.list_every);
        let first_look = text("serve.first_look", FIRST_LOOK, file.first_look);
        let deliver_every = text("serve.deliver_every", DELIVER, file.deliver_every);
        let usual = SteadyConfig::default();
        Ok(SteadyConfig {
            from: from.as_deref().map(parse_from).transpose()?,
            pace: Steady {
                list_every: parse_length(LIST_EVERY, list_every, LIST_LEAST, usual.pace.list_every)?,
                first_look_after: parse_length(
                    FIRST_LOOK,
                    first_look,
                    FIRST_LOOK_AFTER,
                    usual.pace.first_look_after,
                )?,
            },
            deliver_every: parse_length(DELIVER, deliver_every, DELIVER_LEAST, usual.deliver_every)?,
        })
    }
}

const LIST_EVERY: &str = "ROLLBOOK_SERVE_LIST_EVERY";
const FIRST_LOOK: &str = "ROLLBOOK_SERVE_FIRST_LOOK";
const DELIVER: &str = "ROLLBOOK_SERVE_DELIVER_EVERY";

fn parse_from(text: &str) -> Result<Date, ConfigError> {
    let wrong = || ConfigError(format!("ROLLBOOK_SERVE_FROM is {text:?}; write a date, as in 2026-09-01"));
    text.trim().parse().map_err(|_| wrong())
}

fn parse_length(
    setting: &str,
    text: Option<String>,
    least: SignedDuration,
    usual: SignedDuration,
) -> Result<SignedDuration, ConfigError> {
    let Some(text) = text else { return Ok(usual) };
    let wrong = || {
        let least = words(least);
        ConfigError(format!("{setting} is {text:?}; write a length from {least} to 24h, as in 30m or 6h"))
    };
    let length: SignedDuration = text.trim().parse().map_err(|_| wrong())?;
    // A day at most: what is looked at less often than that is not collected by itself.
    if length < least || length > hours(24) { Err(wrong()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(name: &str, value: &str) -> Result<SteadyConfig, ConfigError> {
        let mut text = |_: &str, variable: &str, _| (variable == name).then(|| value.to_owned());
        SteadyConfig::load(File::default(), &mut text)
    }

    #[test]
    fn lengths_have_bounds_and_a_first_day_is_a_date() {
        assert_eq!(load("", "").unwrap(), SteadyConfig::default());
        assert_eq!(load(FIRST_LOOK, "5m").unwrap().pace.first_look_after, minutes(5));
        assert_eq!(
            load("ROLLBOOK_SERVE_FROM", "2026-09-01").unwrap().from.unwrap().to_string(),
            "2026-09-01"
        );
        for (name, wrong) in
            [(LIST_EVERY, "1m"), (DELIVER, "48h"), (FIRST_LOOK, "soon"), ("ROLLBOOK_SERVE_FROM", "September")]
        {
            assert!(load(name, wrong).unwrap_err().0.contains(name), "{name}");
        }
    }
}
