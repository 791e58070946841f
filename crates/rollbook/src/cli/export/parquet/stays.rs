//! Attendance as Parquet: one row for each stay.

use jiff::Timestamp;

use super::{Column, Field, Kind};
use crate::cli::export::row::Row;

/// The columns: those of CSV, but the account, which is in the folder's name.
pub fn stay_fields() -> Vec<Field> {
    let text = |name, what| Field::new(name, Kind::Text, what);
    let instant = |name, what| Field::new(name, Kind::Instant, what);
    let required = |field| Field { is_required: true, ..field };
    vec![
        required(text("meeting_uuid", "UUID of the meeting's instance")),
        Field::new("meeting_id", Kind::Whole, "number of the meeting"),
        text("topic", "topic of the meeting"),
        text("host", "e-mail of the host"),
        instant("session_start", "when the instance started"),
        instant("session_end", "when the instance ended"),
        text("user_id", "Zoom's number of the connection within the instance"),
        text("participant_uuid", "Zoom's id of the connection"),
        text("registrant_id", "the registration"),
        text("name", "name as Zoom gave it"),
        text("email", "e-mail, where Zoom told it"),
        required(instant("join_time", "when they came")),
        instant("leave_time", "when they left"),
        Field { unit: Some("s"), ..Field::new("duration_seconds", Kind::Whole, "leave less join") },
        required(text("status", "in_meeting or in_waiting_room")),
        required(text("source", "where it is from: report, past_meetings, metrics or event")),
        text("breakout", "whether it was in a breakout room: yes, no or unknown (null)"),
    ]
}

/// Fills in one stay.
pub fn fill_stay(columns: &mut [Column], row: &Row<'_>) {
    let mut columns = columns.iter_mut();
    let mut next = || columns.next().expect("there are as many columns as fields");
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    next().add_text(Some(row.meeting_uuid), 1);
    next().add_whole(row.meeting_id.and_then(|number| i64::try_from(number).ok()), 1);
    next().add_text(row.topic, 1);
    next().add_text(row.host, 1);
    next().add_whole(ms(row.session_start), 1);
    next().add_whole(ms(row.session_end), 1);
    for text in [row.user_id, row.participant_uuid, row.registrant_id, row.name, row.email] {
        next().add_text(text, 1);
    }
    next().add_whole(ms(Some(row.join_time)), 1);
    next().add_whole(ms(row.leave_time), 1);
    next().add_whole(row.duration_seconds, 1);
    for text in [Some(row.status), Some(row.source), row.breakout] {
        next().add_text(text, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::row::HEADER;

    #[test]
    fn the_columns_are_those_of_csv_without_the_account() {
        let names: Vec<String> = stay_fields().into_iter().map(|field| field.name).collect();
        let expected: Vec<&str> = HEADER.into_iter().filter(|name| *name != "account").collect();
        assert_eq!(names, expected);
    }
}
