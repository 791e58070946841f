//! Courses as files.

use super::{CourseLine, standing};
use crate::report::course::{Cell, CourseReport, HEADER, PersonRow, SessionLine, tenths};
use crate::web::table::Table;

/// The list of courses.
pub fn courses(courses: &[CourseLine]) -> Table {
    let mut table = Table::new("courses", &["id", "short_name", "full_name", "activities"]);
    for one in courses {
        let (short, full) = (one.short_name.as_str(), one.full_name.as_str());
        table.push([one.id.into(), short.into(), full.into(), one.activities.into()]);
    }
    table
}

/// A line for each person and session, in the columns of `rollbook attendance --course --format csv`.
pub fn course(report: &CourseReport) -> Table {
    let short_name = &report.course.short_name;
    let mut table = Table::new(format!("course-{short_name}"), &HEADER);
    for (role, rows) in [("student", &report.students), ("staff", &report.staff)] {
        for row in rows {
            for (session, cell) in report.sessions.iter().zip(&row.sessions) {
                push(&mut table, (short_name, role), row, session, cell);
            }
        }
    }
    table
}

fn push(
    table: &mut Table,
    (course, role): (&str, &str),
    row: &PersonRow,
    session: &SessionLine,
    cell: &Cell,
) {
    table.push([
        course.into(),
        role.into(),
        row.user_id.into(),
        row.id_number.as_str().into(),
        row.name.as_str().into(),
        row.email.as_str().into(),
        row.is_active.into(),
        session.no.into(),
        session.meeting_id.into(),
        session.name.as_str().into(),
        session.started_at.into(),
        session.ended_at.into(),
        standing(session.standing).into(),
        session.class_seconds.map(tenths).into(),
        cell.minutes.into(),
        cell.share.map(|share| (share * 10_000.0).round() / 10_000.0).into(),
        cell.mark.map(|mark| mark.name()).into(),
        cell.reason.as_str().into(),
        session.unrecognised.into(),
    ]);
}
