//! `MEETING` on the command line: a number, which can name many instances, or the UUID of one.

use std::fmt;
use std::str::FromStr;

use rollbook_store::{Record, Store};

use super::UsageError;

/// What a user calls a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeetingName {
    /// Zoom's number, however it was grouped.
    Number(u64),
    /// The UUID of one instance.
    Uuid(String),
}

impl FromStr for MeetingName {
    type Err = UsageError;

    /// Digits with spaces or dashes between them are a number (`912 3456 7890`); everything else is a UUID.
    fn from_str(text: &str) -> Result<MeetingName, UsageError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UsageError("a meeting number or the UUID of a run is needed".to_owned()));
        }
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        Ok(match digits.parse() {
            Ok(number) if digits.bytes().all(|byte| byte.is_ascii_digit()) => MeetingName::Number(number),
            _ => MeetingName::Uuid(text.to_owned()),
        })
    }
}

impl fmt::Display for MeetingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MeetingName::Number(number) => f.write_str(&grouped(*number)),
            MeetingName::Uuid(uuid) => f.write_str(uuid),
        }
    }
}

/// A meeting that the store does not hold.
#[derive(Debug, thiserror::Error)]
#[error(
    "the store {store} holds no run of meeting {meeting}: check the {}; `rollbook sync --from DATE --to DATE` \
     collects the day it took place; `rollbook refresh {}` asks Zoom for it alone",
    match meeting { MeetingName::Number(_) => "number", MeetingName::Uuid(_) => "UUID (copy all of it, `=` and `/` too)" },
    as_argument(meeting)
)]
pub struct UnknownMeeting {
    /// What was asked for.
    pub meeting: MeetingName,
    /// Where.
    pub store: String,
}

impl MeetingName {
    /// Every instance that bears this name, by account and start.
    ///
    /// # Errors
    /// [`UnknownMeeting`] if there is none, or if the store cannot be read.
    pub fn find(&self, store: &Store, account: Option<&str>) -> anyhow::Result<Vec<Record>> {
        let found = match self {
            MeetingName::Number(number) => {
                store.instances_named(account, Some(*number), &number.to_string())?
            }
            MeetingName::Uuid(uuid) => store.instances_named(account, None, uuid)?,
        };
        if found.is_empty() {
            let store = store.path().display().to_string();
            return Err(UnknownMeeting { meeting: self.clone(), store }.into());
        }
        Ok(found)
    }
}

/// The name as the next command line takes it.
pub fn as_argument(meeting: &MeetingName) -> String {
    match meeting {
        MeetingName::Number(number) => number.to_string(),
        MeetingName::Uuid(uuid) => format!("'{uuid}'"),
    }
}

/// A number as Zoom shows it: `912 3456 7890`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    match digits.len() {
        9 | 10 => format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..]),
        11 => format!("{} {} {}", &digits[..3], &digits[3..7], &digits[7..]),
        _ => digits,
    }
}

/// What to call an instance that may have no number.
pub fn name_of(record: &Record) -> String {
    record.instance.number.map_or_else(|| record.instance.uuid.clone(), grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: MeetingName) {
        assert_eq!(text.parse::<MeetingName>().unwrap(), expected);
    }

    #[test]
    fn a_number_may_be_written_as_zoom_shows_it() {
        check("91234567890", MeetingName::Number(91_234_567_890));
        check("912 3456 7890", MeetingName::Number(91_234_567_890));
        check(" 912-3456-7890 ", MeetingName::Number(91_234_567_890));
    }

    #[test]
    fn everything_else_is_a_uuid() {
        for uuid in
            ["/ajXp112QmuoKj4854875==", "4444AAAiAAAAAiAiAiiAii==", "+1", "12a", "99999999999999999999999"]
        {
            check(uuid, MeetingName::Uuid(uuid.to_owned()));
        }
    }

    #[test]
    fn numbers_are_shown_as_zoom_groups_them() {
        for (number, text) in [(91_234_567_890, "912 3456 7890"), (9_123_456_789, "912 345 6789"), (77, "77")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
