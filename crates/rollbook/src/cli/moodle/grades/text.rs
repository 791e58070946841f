//! What came of the grades, for people.

use std::fmt::Write;

use rollbook_store::GradeOutcome;

use super::GradesReport;
use crate::cli::page::{Column, Page, count, safe};
use crate::sink::moodle::grades::ActivityGrades;

/// The whole answer.
pub fn text(report: &GradesReport, page: &Page) -> String {
    let mut out = String::new();
    if report.activities.is_empty() {
        out.push_str(
            "No Zoom activity there grades by time attended (grading method: attendance duration).\n",
        );
    }
    for activity in &report.activities {
        activity_text(&mut out, activity, page);
    }
    out += &page.field("Grades", &report.sentence());
    for note in &report.notes {
        out += &page.field("Note", note);
    }
    out
}

fn activity_text(out: &mut String, activity: &ActivityGrades, page: &Page) {
    let module = activity.module.map_or_else(|| "gone".to_owned(), |module| format!("activity {module}"));
    let _ = writeln!(
        out,
        "{} · {} ({module}), {} points, {}",
        safe(&activity.course),
        safe(&activity.name),
        activity.grade_max,
        count(activity.sessions as u64, "session", "sessions")
    );
    if !activity.grades.is_empty() {
        let rows = activity.grades.iter().map(|one| {
            vec![
                one.student.clone(),
                one.grade.user.to_string(),
                format!("{:.2}", one.grade.points),
                format!("{:.0}%", one.grade.share * 100.0),
                one.grade.replaces.map_or_else(|| "–".to_owned(), |points| format!("{points:.2}")),
                outcome(one.outcome).to_owned(),
            ]
        });
        let columns = [
            Column::Text("student"),
            Column::Number("user"),
            Column::Number("points"),
            Column::Number("share"),
            Column::Number("sent before"),
            Column::Whole("now"),
        ];
        out.push_str(&page.table(&columns, rows.collect()));
    }
    if !activity.ungraded.is_empty() {
        let rows = activity
            .ungraded
            .iter()
            .map(|one| vec![one.student.clone(), one.user.to_string(), one.reason.clone()]);
        let columns = [Column::Text("no grade"), Column::Number("user"), Column::Text("because")];
        out.push_str(&page.table(&columns, rows.collect()));
    }
    out.push('\n');
}

fn outcome(outcome: Option<GradeOutcome>) -> &'static str {
    match outcome {
        None => "to be sent",
        Some(GradeOutcome::Sent) => "no answer",
        Some(GradeOutcome::Taken) => "taken",
        Some(GradeOutcome::Refused) => "refused",
    }
}
