//! A course's attendance for people.

use std::fmt::Write;

use rollbook_core::course::{Mark, Standing};
use unicode_width::UnicodeWidthStr;

use crate::cli::meeting::grouped;
use crate::cli::page::{Column, Page, count, cut, minutes, pad, pad_left, safe};
use crate::report::course::{Cell, CourseReport, PersonRow, SessionLine};

/// A name takes no more room than this.
const NAME_MAX: usize = 26;
/// `share`, and the sessions a student was at of all: `12/15`.
const SUMMARY: usize = 14;

/// The whole answer.
pub fn text(report: &CourseReport, page: &Page) -> String {
    let course = &report.course;
    let mut out = format!("{} · {}\n", safe(&course.short_name), safe(&course.full_name));
    out += &page.field("Rule", &report.rule);
    if report.sessions.is_empty() {
        let why = match report.activities_total {
            0 => "The course has no Zoom activity.".to_owned(),
            total => format!(
                "No session of its {} is in the store; `rollbook sync` collects them.",
                count(total as u64, "Zoom activity", "Zoom activities")
            ),
        };
        let _ = writeln!(out, "\n{why}");
        return out;
    }
    out.push('\n');
    out += &sessions(report, page);
    let strangers = report.sessions.iter().any(|session| session.unrecognised + session.not_enrolled > 0);
    if strangers {
        out.push_str("unknown: people whom nobody can name; guests: people who are not enrolled\n");
    }
    let students = count(report.students.len() as u64, "student", "students");
    let _ = writeln!(out, "\n{students} (P present, L late, E left early, B both, A absent, ? unknown)");
    grid(&mut out, page, &report.students, report.sessions.len());
    if !report.staff.is_empty() {
        let _ = writeln!(out, "\nStaff who were there ({}); minutes", report.staff.len());
        grid(&mut out, page, &report.staff, report.sessions.len());
    }
    notes(&mut out, report, page);
    out
}

fn sessions(report: &CourseReport, page: &Page) -> String {
    let rows = report.sessions.iter().map(|session| {
        vec![
            session.no.to_string(),
            session.started_at.map_or_else(|| "not known".to_owned(), |at| page.minute(at)),
            session.ended_at.map_or_else(|| "?".to_owned(), |at| page.clock(at)),
            session.class_seconds.map_or_else(|| "?".to_owned(), minutes),
            standing(session).to_owned(),
            session.unrecognised.to_string(),
            session.not_enrolled.to_string(),
            session.name.clone(),
        ]
    });
    let columns = [
        Column::Number("no"),
        Column::Whole("started"),
        Column::Whole("ended"),
        Column::Number("min"),
        Column::Whole("state"),
        Column::Number("unknown"),
        Column::Number("guests"),
        Column::Text("activity"),
    ];
    page.table(&columns, rows.collect())
}

fn standing(session: &SessionLine) -> &'static str {
    match session.standing {
        Standing::Verified => "verified",
        Standing::Open => "NOT YET",
        Standing::Closed => "CLOSED",
    }
}

/// People against sessions. What does not fit beside each other stands below each other, with the names repeated.
fn grid(out: &mut String, page: &Page, rows: &[PersonRow], sessions: usize) {
    let names: Vec<String> = rows
        .iter()
        .map(|row| {
            let inactive = if row.is_active { "" } else { " (inactive)" };
            format!("{}{inactive}", cut(&row.name, NAME_MAX))
        })
        .collect();
    let name_width = names.iter().map(|name| name.width()).max().unwrap_or(0).max(4);
    let figures: Vec<Vec<String>> =
        rows.iter().map(|row| row.sessions.iter().map(figure).collect()).collect();
    let width = |at: usize| {
        let widest = figures.iter().map(|row| row[at].width()).max().unwrap_or(0);
        1 + widest.max((at + 1).to_string().width())
    };
    let room = page.width.saturating_sub(name_width + SUMMARY).max(8);
    for block in blocks(&(0..sessions).map(width).collect::<Vec<_>>(), room) {
        let is_last = block.end == sessions;
        let mut head = pad("name", name_width);
        block.clone().for_each(|at| head += &pad_left(&(at + 1).to_string(), width(at)));
        if is_last {
            let _ = write!(head, "{}{}", pad_left("share", 7), pad_left("at", 7));
        }
        let _ = writeln!(out, "{}\n{}", head, "─".repeat(head.width()));
        for ((name, row), figures) in names.iter().zip(rows).zip(&figures) {
            let mut line = pad(name, name_width);
            block.clone().for_each(|at| line += &pad_left(&figures[at], width(at)));
            if is_last {
                line += &summary(row, sessions);
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
        if !is_last {
            out.push('\n');
        }
    }
}

/// Columns that fit beside each other, at least one at a time.
fn blocks(widths: &[usize], room: usize) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let (mut from, mut used) = (0, 0);
    for (at, width) in widths.iter().enumerate() {
        if at > from && used + width > room {
            blocks.push(from..at);
            (from, used) = (at, 0);
        }
        used += width;
    }
    blocks.push(from..widths.len());
    blocks
}

/// Minutes with the mark behind; nothing for staff who were not there.
fn figure(cell: &Cell) -> String {
    let told = if cell.seconds > 0 { minutes(cell.seconds) } else { String::new() };
    let letter = match cell.mark {
        None => "",
        Some(Mark::Present) => "P",
        Some(Mark::Late) => "L",
        Some(Mark::LeftEarly) => "E",
        Some(Mark::LateAndLeftEarly) => "B",
        Some(Mark::Absent) => "A",
        Some(Mark::Unknown) => "?",
    };
    match (cell.mark, told.is_empty()) {
        (None, true) => "–".to_owned(),
        _ => format!("{told}{letter}"),
    }
}

/// Share of all sessions, and at how many of those that are known.
fn summary(row: &PersonRow, sessions: usize) -> String {
    let sum = &row.summary;
    let share = sum.share.map_or_else(|| "?".to_owned(), |share| format!("{:.0}%", share * 100.0));
    // While marks are unknown the share is the least it can be.
    let share = if sum.unknown > 0 && sum.share.is_some() { format!("≥{share}") } else { share };
    let there = match row.sessions.first().map(|cell| cell.mark.is_some()) {
        Some(true) => sum.present + sum.late + sum.left_early + sum.late_and_left_early,
        _ => row.sessions.iter().filter(|cell| cell.seconds > 0).count(),
    };
    let known = sessions - sum.unknown;
    format!("{}{}", pad_left(&share, 7), pad_left(&format!("{there}/{known}"), 7))
}

fn notes(out: &mut String, report: &CourseReport, page: &Page) {
    let mut lines: Vec<String> = Vec::new();
    let mut told: Vec<u64> = Vec::new();
    for session in report.sessions.iter().filter(|session| !session.also_in.is_empty()) {
        if !told.contains(&session.meeting_id) {
            told.push(session.meeting_id);
            let number = grouped(session.meeting_id);
            lines.push(format!("meeting {number} is also one of {}", session.also_in.join(", ")));
        }
    }
    let unknown: usize = report.students.iter().map(|row| row.summary.unknown).sum();
    if unknown > 0 {
        lines.push(format!(
            "{} not known: --format json tells each reason, `rollbook people` who might be meant",
            count(unknown as u64, "mark is", "marks are")
        ));
    }
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        out.push_str(&page.field("Note", &line));
    }
}
