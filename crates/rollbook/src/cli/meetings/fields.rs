//! Zoom's fields on the command line.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rollbook_zoom::endpoint::change_meetings::MeetingFields;
use rollbook_zoom::word::MeetingKind;
use rollbook_zoom::{MeetingId, UserId};
use serde_json::{Map, Value};

use crate::cli::UsageError;
use crate::cli::meeting::MeetingName;

/// What can be said of a meeting.
#[derive(Debug, Clone, Default, Args)]
pub struct Fields {
    /// What it is called, up to 200 characters
    #[arg(long, value_name = "TEXT")]
    pub topic: Option<String>,
    /// When it starts, on the clock of ROLLBOOK_TIMEZONE (or --timezone): 2026-11-25T10:00
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// How long it is planned for, in minutes or as 1h30m
    #[arg(long, value_name = "LENGTH", value_parser = parse_minutes)]
    pub duration: Option<u64>,
    /// scheduled, recurring (without a schedule), recurring-fixed, instant, screen-share, or Zoom's number
    #[arg(long = "type", value_name = "TYPE", value_parser = parse_kind)]
    pub kind: Option<i64>,
    /// The zone that Zoom shows it in and repeats it by, as in Europe/Madrid
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// What it is about, up to 2,000 characters
    #[arg(long, value_name = "TEXT")]
    pub agenda: Option<String>,
    /// Passcode, up to 10 characters
    #[arg(long, value_name = "TEXT")]
    pub passcode: Option<String>,
    /// Any other field by Zoom's name, as in settings.waiting_room=true; the value is JSON, else text
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = parse_set)]
    pub set: Vec<(String, Value)>,
    /// A file with a JSON object of Zoom's fields (- for standard input); the other options win over it
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
}

impl Fields {
    /// The fields as they are sent. `zone` is the zone of a start without one.
    ///
    /// # Errors
    /// A sentence, when a field cannot be what it is given as.
    pub fn resolve(&self, zone: &TimeZone) -> anyhow::Result<MeetingFields> {
        let mut others = self.body.as_ref().map(read_object).transpose()?.unwrap_or_default();
        for (path, value) in &self.set {
            put(&mut others, path, value.clone())?;
        }
        let named = self.timezone.as_deref().map(parse_zone).transpose()?;
        let zone = named.as_ref().unwrap_or(zone);
        let fields = MeetingFields {
            topic: self.topic.clone(),
            agenda: self.agenda.clone(),
            kind: self.kind.map(MeetingKind),
            start_time: self.start.as_deref().map(|text| parse_start(text, zone)).transpose()?,
            duration: self.duration,
            timezone: self.timezone.clone(),
            password: self.passcode.clone(),
            others,
        };
        fields.check().map_err(UsageError)?;
        Ok(fields)
    }
}

/// A user on the command line.
///
/// # Errors
/// A sentence, when it is blank.
pub fn parse_user(text: &str) -> Result<UserId, String> {
    UserId::new(text.trim()).map_err(|_| "a user is named by e-mail address, Zoom's ID, or `me`".to_owned())
}

/// A meeting number, however it was grouped.
///
/// # Errors
/// A sentence, when it is none.
pub fn parse_number(text: &str) -> Result<MeetingId, String> {
    match text.parse() {
        Ok(MeetingName::Number(number)) => Ok(MeetingId(number)),
        _ => Err(format!("{text:?} is no meeting number: plans have numbers, runs have UUIDs")),
    }
}

fn parse_zone(name: &str) -> Result<TimeZone, UsageError> {
    TimeZone::get(name).map_err(|_| {
        UsageError(format!("--timezone {name:?} is not in the zone database; write it as Europe/Madrid"))
    })
}

/// A moment: with an offset as it is, without one on the clock of `zone`. Hours that the clock skips or has twice are asked
/// for with an offset.
fn parse_start(text: &str, zone: &TimeZone) -> Result<Timestamp, UsageError> {
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        return Ok(at);
    }
    let local: DateTime = text.trim().parse().map_err(|_| {
        UsageError(format!("--start {text:?} is not a time; write it as 2026-11-25T10:00, or with an offset as 2026-11-25T10:00Z"))
    })?;
    let name = zone.iana_name().unwrap_or("this zone");
    let at = zone.to_ambiguous_zoned(local).unambiguous().map_err(|_| {
        UsageError(format!(
            "--start {text}: the clock of {name} skips this hour or has it twice; add an offset, as in {text}+01:00"
        ))
    })?;
    Ok(at.timestamp())
}

fn parse_minutes(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no length; write it in minutes, or as 1h30m");
    if let Ok(minutes) = text.trim().parse() {
        return Ok(minutes);
    }
    let length: jiff::SignedDuration = text.trim().parse().map_err(|_| wrong())?;
    match u64::try_from(length.as_secs()) {
        Ok(seconds) if seconds % 60 == 0 => Ok(seconds / 60),
        _ => Err(wrong()),
    }
}

fn parse_kind(text: &str) -> Result<i64, String> {
    let names =
        [("instant", 1), ("scheduled", 2), ("recurring", 3), ("recurring-fixed", 8), ("screen-share", 10)];
    let named = names.into_iter().find(|(name, _)| *name == text).map(|(_, number)| number);
    named.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!("{text:?} is none of {} and no number of Zoom's", names.map(|(name, _)| name).join(", "))
    })
}

/// Fields that are text to Zoom even where their value looks like a number.
const TEXTS: [&str; 10] = [
    "topic",
    "agenda",
    "password",
    "timezone",
    "start_time",
    "weekly_days",
    "display_name",
    "first_name",
    "last_name",
    "plan_united_type",
];

/// `settings.waiting_room=true`
///
/// # Errors
/// A sentence, when there is no field or no value.
pub fn parse_set(text: &str) -> Result<(String, Value), String> {
    let (path, value) = text.split_once('=').unwrap_or((text, ""));
    let path = path.trim();
    if path.is_empty() || path.split('.').any(str::is_empty) || !text.contains('=') {
        return Err(format!("{text:?} is not FIELD=VALUE, as in settings.waiting_room=true"));
    }
    let is_text = path.rsplit('.').next().is_some_and(|name| TEXTS.contains(&name));
    let json = serde_json::from_str(value).ok().filter(|json: &Value| !is_text || json.is_string());
    Ok((path.to_owned(), json.unwrap_or_else(|| value.into())))
}

/// Puts a value at a path such as `settings.waiting_room`, with the objects on the way.
///
/// # Errors
/// A sentence, when something on the way is no object.
pub fn put(into: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), UsageError> {
    let Some((first, rest)) = path.split_once('.') else {
        into.insert(path.to_owned(), value);
        return Ok(());
    };
    match into.entry(first).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => put(inner, rest, value),
        other => Err(UsageError(format!("--set {path}: {first} is {other}, which has no fields"))),
    }
}

fn read_object(path: &PathBuf) -> anyhow::Result<Map<String, Value>> {
    let text = match path.to_str() {
        Some("-") => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(path),
    };
    let text = text.with_context(|| format!("--body {} cannot be read", path.display()))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(UsageError(format!("--body {} holds no JSON object", path.display())).into()),
        Err(error) => Err(UsageError(format!("--body {} is not JSON: {error}", path.display())).into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn madrid() -> TimeZone {
        TimeZone::get("Europe/Madrid").unwrap()
    }

    #[test]
    fn a_start_is_on_the_schools_clock_unless_it_says_otherwise() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse_start(text, &madrid()).unwrap().to_string(), expected, "{text}");
        };
        check("2026-11-25T10:00", "2026-11-25T09:00:00Z");
        check("2026-07-25 10:00", "2026-07-25T08:00:00Z");
        check("2026-11-25T10:00Z", "2026-11-25T10:00:00Z");
        check("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z");
        for (text, word) in
            [("2026-10-25T02:30", "has it twice"), ("2026-03-29T02:30", "skips"), ("soon", "is not a time")]
        {
            let told = parse_start(text, &madrid()).unwrap_err().0;
            assert!(told.contains(word), "{told}");
        }
    }

    #[test]
    fn lengths_and_kinds_have_names() {
        for (text, minutes) in [("90", 90), ("1h30m", 90), ("2h", 120)] {
            assert_eq!(parse_minutes(text), Ok(minutes));
        }
        for text in ["", "long", "90s", "-5"] {
            assert!(parse_minutes(text).is_err(), "{text}");
        }
        assert_eq!((parse_kind("recurring-fixed"), parse_kind("2")), (Ok(8), Ok(2)));
        assert!(parse_kind("webinar").unwrap_err().contains("screen-share"));
    }

    #[test]
    fn any_field_of_zooms_can_be_set() {
        let mut fields = Map::new();
        for text in [
            "settings.waiting_room=true",
            "settings.alternative_hosts=a@b.example;c@d.example",
            "recurrence.weekly_days=2",
            "password=123456",
            r#"tracking_fields=[{"field":"course","value":"x=y"}]"#,
        ] {
            let (path, value) = parse_set(text).unwrap();
            put(&mut fields, &path, value).unwrap();
        }
        assert_eq!(
            Value::Object(fields.clone()),
            json!({
                "settings": {"waiting_room": true, "alternative_hosts": "a@b.example;c@d.example"},
                "recurrence": {"weekly_days": "2"}, "password": "123456",
                "tracking_fields": [{"field": "course", "value": "x=y"}],
            })
        );
        assert!(put(&mut fields, "password.first", json!(1)).unwrap_err().0.contains("has no fields"));
        for wrong in ["settings", "=1", "a..b=1", ".=1"] {
            assert!(parse_set(wrong).is_err(), "{wrong}");
        }
    }
}
