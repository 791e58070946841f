//! A course as its page shows it: as many students and sessions at once as a browser draws without thinking.

use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::course::Mark;

use super::standing;
use crate::report::course::{Cell, CourseReport, PersonRow, tenths};
use crate::web::address;
use crate::web::words::Count;

/// Students on a page.
const STUDENTS: usize = 100;

/// Sessions beside each other.
const SESSIONS: usize = 12;

/// A page of it.
pub struct Grid {
    /// The course's short name, as a path.
    pub path: String,
    /// What counts as present.
    pub rule: String,
    /// Zoom activities the course has.
    pub activities: usize,
    /// First day that was asked for.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// The sessions shown.
    pub heads: Vec<Head>,
    /// The students shown.
    pub students: Vec<Line>,
    /// Staff who were seen.
    pub staff: Vec<Line>,
    /// How many sessions there are.
    pub sessions_total: usize,
    /// How many students there are.
    pub students_total: usize,
    /// Which page of students, and of how many.
    pub page: (usize, usize),
    /// Which block of sessions, and of how many.
    pub block: (usize, usize),
}

/// A session above its column.
pub struct Head {
    /// Its place.
    pub no: usize,
    /// Start.
    pub started_at: Option<Timestamp>,
    /// The activity's name.
    pub name: String,
    /// Minutes of class.
    pub minutes: Option<f64>,
    /// How far it can be relied on.
    pub standing: &'static str,
    /// People whom nobody can name.
    pub unrecognised: usize,
    /// Known people who are not enrolled.
    pub not_enrolled: usize,
}

/// A member's row.
pub struct Line {
    /// Full name.
    pub name: String,
    /// The institution's own number.
    pub id_number: String,
    /// Whether the enrolment is in force.
    pub is_active: bool,
    /// Sessions at which they were, of all.
    pub present: usize,
    /// Sessions of which nobody can say.
    pub unknown: usize,
    /// Share of the time.
    pub share: Option<f64>,
    /// Those sessions that are shown.
    pub cells: Vec<Spot>,
}

/// A member in a session.
pub struct Spot {
    /// The mark's class in the style sheet.
    pub class: &'static str,
    /// The mark; blank for staff.
    pub word: &'static str,
    /// Minutes.
    pub minutes: f64,
    /// Why.
    pub reason: String,
}

impl Grid {
    /// The page of that number (the first) and the block of that number (the latest); beyond the last is the last.
    pub fn of(
        report: &CourseReport,
        (from, to): (Option<Date>, Option<Date>),
        page: Option<usize>,
        block: Option<usize>,
    ) -> Grid {
        let pages = report.students.len().div_ceil(STUDENTS).max(1);
        let blocks = report.sessions.len().div_ceil(SESSIONS).max(1);
        let page = page.unwrap_or(1).clamp(1, pages);
        let block = block.unwrap_or(blocks).clamp(1, blocks);
        let shown = (block - 1) * SESSIONS..(block * SESSIONS).min(report.sessions.len());
        let heads = report.sessions[shown.clone()].iter().map(|session| Head {
            no: session.no,
            started_at: session.started_at,
            name: session.name.clone(),
            minutes: session.class_seconds.map(tenths),
            standing: standing(session.standing),
            unrecognised: session.unrecognised,
            not_enrolled: session.not_enrolled,
        });
        let line = |row: &PersonRow| Line::of(row, &row.sessions[shown.clone()]);
        Grid {
            path: address::part(&report.course.short_name),
            rule: report.rule.clone(),
            activities: report.activities_total,
            from,
            to,
            heads: heads.collect(),
            students: report.students.iter().skip((page - 1) * STUDENTS).take(STUDENTS).map(line).collect(),
            staff: report.staff.iter().map(line).collect(),
            sessions_total: report.sessions.len(),
            students_total: report.students.len(),
            page: (page, pages),
            block: (block, blocks),
        }
    }

    /// The address of another page and block.
    pub fn turned(&self, page: impl Count, block: impl Count) -> String {
        let (page, block) = (page.count(), block.count());
        format!("/courses/{}?{}page={page}&block={block}", self.path, self.range())
    }

    /// The address of the file.
    pub fn file(&self, format: &str) -> String {
        format!("/courses/{}?{}format={format}", self.path, self.range())
    }

    fn range(&self) -> String {
        let day = |name: &str, day: Option<Date>| day.map(|day| format!("{name}={day}&")).unwrap_or_default();
        day("from", self.from) + &day("to", self.to)
    }
}

impl Line {
    fn of(row: &PersonRow, cells: &[Cell]) -> Line {
        let sum = row.summary;
        Line {
            name: row.name.clone(),
            id_number: row.id_number.clone(),
            is_active: row.is_active,
            present: sum.present + sum.late + sum.left_early + sum.late_and_left_early,
            unknown: sum.unknown,
            share: sum.share,
            cells: cells.iter().map(Spot::of).collect(),
        }
    }
}

impl Spot {
    fn of(cell: &Cell) -> Spot {
        let class = match cell.mark {
            None => "",
            Some(Mark::Present) => "state good",
            Some(Mark::Late | Mark::LeftEarly | Mark::LateAndLeftEarly) => "state fair",
            Some(Mark::Absent) => "state bad",
            Some(Mark::Unknown) => "state unknown",
        };
        let word = cell.mark.map_or("", Mark::name);
        Spot { class, word, minutes: cell.minutes, reason: cell.reason.clone() }
    }
}
