//! One line of `export attendance`: one stay.

use jiff::Timestamp;
use rollbook_core::stay::Stay;
use rollbook_store::Record;
use serde::Serialize;

/// The columns, in the order others rely on.
pub const HEADER: [&str; 18] = [
    "meeting_uuid",
    "meeting_id",
    "topic",
    "host",
    "session_start",
    "session_end",
    "user_id",
    "participant_uuid",
    "registrant_id",
    "name",
    "email",
    "join_time",
    "leave_time",
    "duration_seconds",
    "status",
    "source",
    "account",
    "breakout",
];

/// One stay with its instance. What is unknown is empty in CSV and null in JSON; what people typed stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row<'a> {
    /// UUID of the instance.
    pub meeting_uuid: &'a str,
    /// Its number.
    pub meeting_id: Option<u64>,
    /// Its topic.
    pub topic: Option<&'a str>,
    /// The host's e-mail.
    pub host: Option<&'a str>,
    /// When the instance started.
    pub session_start: Option<Timestamp>,
    /// When it ended.
    pub session_end: Option<Timestamp>,
    /// Zoom's number of the connection.
    pub user_id: Option<&'a str>,
    /// Per-connection id.
    pub participant_uuid: Option<&'a str>,
    /// The registration.
    pub registrant_id: Option<&'a str>,
    /// The name as Zoom gave it.
    pub name: Option<&'a str>,
    /// The e-mail.
    pub email: Option<&'a str>,
    /// Join.
    pub join_time: Timestamp,
    /// Leave.
    pub leave_time: Option<Timestamp>,
    /// Leave less join.
    pub duration_seconds: Option<i64>,
    /// `in_meeting` or `in_waiting_room`.
    pub status: &'static str,
    /// The most trusted family that holds it.
    pub source: &'static str,
    /// Account.
    pub account: &'a str,
    /// `yes` or `no`.
    pub breakout: Option<&'static str>,
}

impl<'a> Row<'a> {
    /// The line of one stay.
    pub fn of(record: &'a Record, stay: &'a Stay) -> Row<'a> {
        let instance = &record.instance;
        Row {
            meeting_uuid: &instance.uuid,
            meeting_id: instance.number,
            topic: instance.topic.as_deref(),
            host: instance.host_email.as_deref(),
            session_start: instance.started_at,
            session_end: instance.ended_at,
            user_id: Some(stay.user_id.as_str()).filter(|id| !id.is_empty()),
            participant_uuid: stay.participant_uuid.as_deref(),
            registrant_id: stay.registrant_id.as_deref(),
            name: stay.name.as_deref(),
            email: stay.email.as_deref(),
            join_time: stay.joined_at,
            leave_time: stay.left_at,
            duration_seconds: stay.left_at.map(|left| left.duration_since(stay.joined_at).as_secs()),
            status: stay.status.name(),
            source: stay.source.name(),
            account: &record.account,
            breakout: stay.is_breakout.map(|is| if is { "yes" } else { "no" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keys_are_the_columns_in_their_order() {
        let row = Row {
            meeting_uuid: "u",
            meeting_id: None,
            topic: None,
            host: None,
            session_start: None,
            session_end: None,
            user_id: None,
            participant_uuid: None,
            registrant_id: None,
            name: None,
            email: None,
            join_time: Timestamp::UNIX_EPOCH,
            leave_time: None,
            duration_seconds: None,
            status: "in_meeting",
            source: "report",
            account: "default",
            breakout: None,
        };
        let json = serde_json::to_string(&row).unwrap();
        let places: Vec<Option<usize>> =
            HEADER.iter().map(|name| json.find(&format!("\"{name}\":"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{json}");
        assert_eq!(json.matches("\":").count(), HEADER.len());
    }
}
