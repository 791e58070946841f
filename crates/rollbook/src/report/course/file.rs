//! A course's attendance as CSV: a line for each person and session.

use std::io::Write;

use super::{Cell, CourseReport, PersonRow, SessionLine};

/// The columns of a course's attendance, in every form it is given.
pub const HEADER: [&str; 19] = [
    "course",
    "role",
    "user_id",
    "id_number",
    "name",
    "email",
    "active",
    "session",
    "meeting_id",
    "session_name",
    "session_start",
    "session_end",
    "session_state",
    "class_minutes",
    "minutes",
    "share",
    "mark",
    "reason",
    "unrecognised",
];

/// Writes it. Empty where unknown.
///
/// # Errors
/// If `out` cannot be written.
pub fn csv(report: &CourseReport, out: impl Write) -> anyhow::Result<()> {
    let mut file = csv::Writer::from_writer(out);
    file.write_record(HEADER)?;
    let people = [("student", &report.students), ("staff", &report.staff)];
    for (role, rows) in people {
        for row in rows {
            for (session, cell) in report.sessions.iter().zip(&row.sessions) {
                file.write_record(line(&report.course.short_name, role, row, session, cell))?;
            }
        }
    }
    file.flush()?;
    Ok(())
}

fn line(course: &str, role: &str, row: &PersonRow, session: &SessionLine, cell: &Cell) -> [String; 19] {
    let instant = |at: Option<jiff::Timestamp>| at.map(crate::cli::output::instant).unwrap_or_default();
    let state = match session.standing {
        rollbook_core::course::Standing::Verified => "verified",
        rollbook_core::course::Standing::Open => "open",
        rollbook_core::course::Standing::Closed => "closed",
    };
    [
        course.to_owned(),
        role.to_owned(),
        row.user_id.to_string(),
        row.id_number.clone(),
        row.name.clone(),
        row.email.clone(),
        if row.is_active { "yes" } else { "no" }.to_owned(),
        session.no.to_string(),
        session.meeting_id.to_string(),
        session.name.clone(),
        instant(session.started_at),
        instant(session.ended_at),
        state.to_owned(),
        session.class_seconds.map(|seconds| super::tenths(seconds).to_string()).unwrap_or_default(),
        cell.minutes.to_string(),
        cell.share.map(|share| format!("{share:.4}")).unwrap_or_default(),
        cell.mark.map(|mark| mark.name().to_owned()).unwrap_or_default(),
        cell.reason.clone(),
        session.unrecognised.to_string(),
    ]
}
