//! How long each kind of data is kept, and whether names are kept at all.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{ConfigError, Environment, MoodleConfig, QosConfig, parse_switch, pick};

/// Days for which something is kept; none for ever.
pub type Days = Option<u32>;

/// What events saw is in a reading once a meeting is over; a month lets somebody look into what went wrong.
const EVENTS: Days = Some(30);
/// Who looked at what, for a year.
const AUDIT: Days = Some(365);
/// Readings are what instances are judged by: until they are settled, and past a second look, they are needed.
const READINGS_LEAST: u32 = 7;
/// Nobody keeps anything longer than this on purpose.
const DAYS_MAX: u32 = 36_500;

/// `[keep]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    samples_days: Option<u32>,
    attendance_days: Option<u32>,
    readings_days: Option<u32>,
    events_days: Option<u32>,
    audit_days: Option<u32>,
    runs_days: Option<u32>,
}

/// `[privacy]` in `rollbook.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivacyFile {
    masked: Option<bool>,
}

/// How long each kind of data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepConfig {
    /// Call quality minute by minute, from the instance's start. Summaries stay.
    pub samples: Days,
    /// Who was there, from the instance's start. How many stays.
    pub attendance: Days,
    /// The rows of readings, from when they were asked. What follows from them stays.
    pub readings: Days,
    /// Who came and left, as events told. What events prove of attendance stays.
    pub events: Days,
    /// Who looked at or asked for what.
    pub audit: Days,
    /// Reports of runs.
    pub runs: Days,
}

impl Default for KeepConfig {
    fn default() -> KeepConfig {
        let samples = QosConfig::default().keep_days;
        KeepConfig { samples, attendance: None, readings: None, events: EVENTS, audit: AUDIT, runs: None }
    }
}

impl KeepConfig {
    pub(super) fn load(
        file: Option<&File>,
        qos: &QosConfig,
        environment: &Environment,
        origins: &mut BTreeMap<String, &'static str>,
    ) -> Result<KeepConfig, ConfigError> {
        let file = file.cloned().unwrap_or_default();
        let usual = KeepConfig::default();
        let mut days = |key: &str, variable: &str, file: Option<u32>, usual: Days| {
            let told = environment.get(variable).map(str::to_owned);
            let file = file.map(|days| days.to_string());
            let text = pick(origins, &format!("keep.{key}"), [("environment", told), ("file", file)]);
            text.map_or(Ok(usual), |text| parse_days(variable, &text))
        };
        let keep = KeepConfig {
            samples: days("samples_days", "ROLLBOOK_KEEP_SAMPLES_DAYS", file.samples_days, qos.keep_days)?,
            attendance: days(
                "attendance_days",
                "ROLLBOOK_KEEP_ATTENDANCE_DAYS",
                file.attendance_days,
                usual.attendance,
            )?,
            readings: days(
                "readings_days",
                "ROLLBOOK_KEEP_READINGS_DAYS",
                file.readings_days,
                usual.readings,
            )?,
            events: days("events_days", "ROLLBOOK_KEEP_EVENTS_DAYS", file.events_days, usual.events)?,
            audit: days("audit_days", "ROLLBOOK_KEEP_AUDIT_DAYS", file.audit_days, usual.audit)?,
            runs: days("runs_days", "ROLLBOOK_KEEP_RUNS_DAYS", file.runs_days, usual.runs)?,
        };
        for (key, days) in [("READINGS", keep.readings), ("ATTENDANCE", keep.attendance)] {
            if days.is_some_and(|days| days < READINGS_LEAST) {
                return Err(ConfigError(format!(
                    "ROLLBOOK_KEEP_{key}_DAYS is less than {READINGS_LEAST}: for some days after a meeting Zoom corrects \
                     what it tells, and without what it told before nothing can be compared; use {READINGS_LEAST} or more, or 0 \
                     for ever"
                )));
            }
        }
        Ok(keep)
    }
}

/// The moment before which something is no longer kept; none if it is for ever.
pub fn keep_since(now: Timestamp, days: Days) -> Option<Timestamp> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days?))).ok()
}

/// Whether no names are kept; none where nobody says. That they are not delivered either has to be said, lest somebody waits for it.
pub(super) fn load_masked(
    file: Option<&PrivacyFile>,
    moodle: &MoodleConfig,
    environment: &Environment,
    origins: &mut BTreeMap<String, &'static str>,
) -> Result<Option<bool>, ConfigError> {
    let told = environment.get("ROLLBOOK_MASKED").map(str::to_owned);
    let file = file.and_then(|file| file.masked).map(|on| on.to_string());
    let text = pick(origins, "privacy.masked", [("environment", told), ("file", file)]);
    let Some(text) = text else { return Ok(None) };
    let is_masked = parse_switch("ROLLBOOK_MASKED", &text)?;
    if is_masked && moodle.db.is_some() && moodle.after_sync {
        return Err(ConfigError(
            "ROLLBOOK_MASKED keeps no names, so that nobody can be delivered to Moodle; set \
             ROLLBOOK_MOODLE_AFTER_SYNC=false (Moodle is then only asked which meetings it has), or leave ROLLBOOK_MASKED out"
                .to_owned(),
        ));
    }
    if is_masked && moodle.grades {
        return Err(ConfigError(
            "ROLLBOOK_MASKED keeps no names, so that there is nobody to grade; leave ROLLBOOK_MOODLE_GRADES or \
             ROLLBOOK_MASKED out"
                .to_owned(),
        ));
    }
    Ok(Some(is_masked))
}

fn parse_days(variable: &str, text: &str) -> Result<Days, ConfigError> {
    match text.parse::<u32>() {
        Ok(0) => Ok(None),
        Ok(days) if days <= DAYS_MAX => Ok(Some(days)),
        _ => Err(ConfigError(format!(
            "{variable} is {text:?}; use a number of days up to {DAYS_MAX}, or 0 for ever"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<KeepConfig, String> {
        let environment = Environment::of(pairs.iter().copied());
        let qos = QosConfig { keep_days: Some(30), ..QosConfig::default() };
        KeepConfig::load(None, &qos, &environment, &mut BTreeMap::new()).map_err(|error| error.0)
    }

    #[test]
    fn samples_go_by_the_older_name_unless_the_newer_one_is_set() {
        assert_eq!(load(&[]).unwrap(), KeepConfig { samples: Some(30), ..KeepConfig::default() });
        let set = load(&[
            ("ROLLBOOK_KEEP_SAMPLES_DAYS", "10"),
            ("ROLLBOOK_KEEP_ATTENDANCE_DAYS", "400"),
            ("ROLLBOOK_KEEP_READINGS_DAYS", "30"),
            ("ROLLBOOK_KEEP_EVENTS_DAYS", "0"),
            ("ROLLBOOK_KEEP_AUDIT_DAYS", "90"),
            ("ROLLBOOK_KEEP_RUNS_DAYS", "60"),
        ]);
        let expected = KeepConfig {
            samples: Some(10),
            attendance: Some(400),
            readings: Some(30),
            events: None,
            audit: Some(90),
            runs: Some(60),
        };
        assert_eq!(set.unwrap(), expected);
    }

    #[test]
    fn wrong_values_name_the_variable_and_what_is_right() {
        for (variable, value, right) in [
            ("ROLLBOOK_KEEP_ATTENDANCE_DAYS", "a year", "0 for ever"),
            ("ROLLBOOK_KEEP_AUDIT_DAYS", "99999", "36500"),
            ("ROLLBOOK_KEEP_READINGS_DAYS", "6", "7 or more"),
            ("ROLLBOOK_KEEP_ATTENDANCE_DAYS", "1", "7 or more"),
        ] {
            let said = load(&[(variable, value)]).unwrap_err();
            assert!(said.contains(variable) && said.contains(right), "{said}");
        }
    }

    #[test]
    fn a_store_without_names_delivers_nothing_to_moodle_and_says_so() {
        let check = |pairs: &[(&str, &str)], expected: Result<Option<bool>, &str>| {
            let environment = Environment::of(pairs.iter().copied());
            let mut origins = BTreeMap::new();
            let moodle = MoodleConfig::load(None, &environment, &mut origins).unwrap();
            let masked = load_masked(None, &moodle, &environment, &mut origins);
            match expected {
                Ok(expected) => assert_eq!(masked.unwrap(), expected),
                Err(part) => assert!(masked.unwrap_err().0.contains(part)),
            }
        };
        let db = ("ROLLBOOK_MOODLE_DB", "postgres://moodle:secret@db.example/moodle");
        check(&[], Ok(None));
        check(&[("ROLLBOOK_MASKED", "false")], Ok(Some(false)));
        check(&[("ROLLBOOK_MASKED", "true")], Ok(Some(true)));
        check(&[("ROLLBOOK_MASKED", "maybe")], Err("true or false"));
        check(&[("ROLLBOOK_MASKED", "true"), db], Err("ROLLBOOK_MOODLE_AFTER_SYNC=false"));
        check(&[("ROLLBOOK_MASKED", "true"), db, ("ROLLBOOK_MOODLE_AFTER_SYNC", "false")], Ok(Some(true)));
    }
}
