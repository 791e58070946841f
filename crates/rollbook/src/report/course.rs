//! Students and sessions of a Moodle course: who was there, by the rule.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::course::{Mark, Rule, Standing, Verdict, intersection, mark, seconds};
use rollbook_core::roster::Member;
use serde::Serialize;

use crate::sink::moodle::course::{CourseBook, Held};

mod file;

pub use file::{HEADER, csv};

/// Students and sessions of a course.
#[derive(Debug, Clone, Serialize)]
pub struct CourseReport {
    /// The course.
    pub course: CourseLine,
    /// What counts as present, in words.
    pub rule: String,
    /// Its sessions, by start.
    pub sessions: Vec<SessionLine>,
    /// Its students, by name; inactive ones only if they were seen.
    pub students: Vec<PersonRow>,
    /// Members who are no students, as far as they were seen.
    pub staff: Vec<PersonRow>,
    /// Zoom activities the course has.
    pub activities_total: usize,
}

/// A course.
#[derive(Debug, Clone, Serialize)]
pub struct CourseLine {
    /// `{course}.id`.
    pub id: i64,
    /// Short name.
    pub short_name: String,
    /// Full name.
    pub full_name: String,
}

/// A session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionLine {
    /// Its place, from 1.
    pub no: usize,
    /// Zoom's number.
    pub meeting_id: u64,
    /// The activity's name.
    pub name: String,
    /// `{course_modules}.id` of the activities it belongs to.
    pub modules: Vec<i64>,
    /// First start.
    pub started_at: Option<Timestamp>,
    /// Last end.
    pub ended_at: Option<Timestamp>,
    /// How long the class took, by the rule.
    pub class_seconds: Option<i64>,
    /// How far it can be relied on.
    pub standing: Standing,
    /// Its instances.
    pub meeting_uuids: Vec<String>,
    /// People who were seen and whom nobody can name.
    pub unrecognised: usize,
    /// People who are known and not enrolled.
    pub not_enrolled: usize,
    /// Other courses whose meeting it is too.
    pub also_in: Vec<String>,
}

/// A member and all sessions.
#[derive(Debug, Clone, Serialize)]
pub struct PersonRow {
    /// `{user}.id`.
    pub user_id: i64,
    /// Full name.
    pub name: String,
    /// The institution's own number.
    pub id_number: String,
    /// E-mail.
    pub email: String,
    /// Whether the enrolment is in force.
    pub is_active: bool,
    /// One for each session, in their order.
    pub sessions: Vec<Cell>,
    /// All of them together.
    pub summary: Summary,
}

/// A member in a session.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// The mark; none for staff, of whom nothing is expected.
    pub mark: Option<Mark>,
    /// Seconds of the class attended.
    pub seconds: i64,
    /// The same in minutes, to a tenth.
    pub minutes: f64,
    /// Share of the class.
    pub share: Option<f64>,
    /// Why.
    pub reason: String,
}

/// A member over all sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Sessions with this mark.
    pub present: usize,
    /// The same.
    pub late: usize,
    /// The same.
    pub left_early: usize,
    /// The same.
    pub late_and_left_early: usize,
    /// The same.
    pub absent: usize,
    /// The same.
    pub unknown: usize,
    /// Seconds attended.
    pub seconds: i64,
    /// Share of the time of all sessions whose length is known.
    pub share: Option<f64>,
}

/// What a session is called in reasons.
pub fn label(started_at: Option<Timestamp>, zone: &TimeZone) -> String {
    let named = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    started_at.map_or_else(|| "an unknown day".to_owned(), named)
}

impl CourseReport {
    /// Marks everybody in every session.
    pub fn of(book: &CourseBook, rule: &Rule) -> CourseReport {
        let was_seen = |member: &&Member| {
            let user = Some(member.user.id);
            book.sessions.iter().any(|held| held.session.people.iter().any(|seen| seen.identity.user == user))
        };
        let is_shown = |member: &&Member| match member.is_student() {
            true => (member.is_active && !member.user.is_suspended) || was_seen(member),
            false => was_seen(member),
        };
        let mut members: Vec<&Member> = book.roster.members.iter().filter(is_shown).collect();
        members.sort_by_cached_key(|member| {
            (member.user.last_name.to_lowercase(), member.user.first_name.to_lowercase(), member.user.id)
        });
        let rows = |students: bool| {
            let of_kind = members.iter().filter(|member| member.is_student() == students);
            of_kind.map(|member| row(member, &book.sessions, rule)).collect()
        };
        let course = &book.roster.course;
        CourseReport {
            course: CourseLine {
                id: course.id,
                short_name: course.short_name.clone(),
                full_name: course.full_name.clone(),
            },
            rule: in_words(rule),
            sessions: book
                .sessions
                .iter()
                .enumerate()
                .map(|(at, held)| session(book, at + 1, held))
                .collect(),
            students: rows(true),
            staff: rows(false),
            activities_total: book.activities.len(),
        }
    }
}

fn session(book: &CourseBook, no: usize, held: &Held) -> SessionLine {
    let own = |id: &i64| book.activities.iter().find(|activity| activity.id == *id);
    let first = held.activities.first().and_then(own);
    let topic = held.runs.iter().rev().find_map(|run| run.instance.topic.clone());
    let people = &held.session.people;
    let is_named = |user: Option<i64>| user.is_some();
    SessionLine {
        no,
        meeting_id: held.number,
        name: first.map(|activity| activity.name.clone()).or(topic).unwrap_or_default(),
        modules: held.activities.iter().filter_map(own).filter_map(|activity| activity.module).collect(),
        started_at: held.started_at,
        ended_at: held.ended_at,
        class_seconds: held.session.class_time.as_deref().map(seconds),
        standing: held.session.standing,
        meeting_uuids: held.runs.iter().map(|run| run.instance.uuid.clone()).collect(),
        unrecognised: people.iter().filter(|seen| seen.identity.is_doubtful()).count(),
        not_enrolled: people
            .iter()
            .filter(|seen| !seen.identity.is_doubtful())
            .filter(|seen| {
                !is_named(seen.identity.user.and_then(|user| book.roster.member(user)).map(|m| m.user.id))
            })
            .count(),
        also_in: book.elsewhere.get(&held.number).cloned().unwrap_or_default(),
    }
}

fn row(member: &Member, sessions: &[Held], rule: &Rule) -> PersonRow {
    let is_student = member.is_student();
    let verdicts: Vec<Verdict> =
        sessions.iter().map(|held| mark(member.user.id, &held.session, rule)).collect();
    let cells: Vec<Cell> = verdicts.into_iter().map(|verdict| cell(verdict, is_student)).collect();
    PersonRow {
        user_id: member.user.id,
        name: member.user.full_name(),
        id_number: member.user.id_number.clone(),
        email: member.user.email.clone(),
        is_active: member.is_active && !member.user.is_suspended,
        summary: summary(&cells, sessions),
        sessions: cells,
    }
}

fn cell(verdict: Verdict, is_student: bool) -> Cell {
    Cell {
        mark: is_student.then_some(verdict.mark),
        seconds: verdict.seconds,
        minutes: tenths(verdict.seconds),
        share: verdict.share,
        reason: verdict.reason,
    }
}

/// Minutes to a tenth; the exact figure stands beside it.
#[allow(clippy::cast_precision_loss)]
pub fn tenths(seconds: i64) -> f64 {
    (seconds as f64 / 6.0).round() / 10.0
}

fn summary(cells: &[Cell], sessions: &[Held]) -> Summary {
    let mut sum = Summary::default();
    let mut length = 0;
    for (cell, held) in cells.iter().zip(sessions) {
        let count = match cell.mark {
            None => None,
            Some(Mark::Present) => Some(&mut sum.present),
            Some(Mark::Late) => Some(&mut sum.late),
            Some(Mark::LeftEarly) => Some(&mut sum.left_early),
            Some(Mark::LateAndLeftEarly) => Some(&mut sum.late_and_left_early),
            Some(Mark::Absent) => Some(&mut sum.absent),
            Some(Mark::Unknown) => Some(&mut sum.unknown),
        };
        if let Some(count) = count {
            *count += 1;
        }
        sum.seconds += cell.seconds;
        if let Some(class) = &held.session.class_time {
            length += seconds(&intersection(class, class));
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let share = (length > 0).then(|| (sum.seconds as f64 / length as f64).min(1.0));
    // Sessions of unknown length add minutes and no time, so there is no share with them.
    sum.share = share.filter(|_| sessions.iter().all(|held| held.session.class_time.is_some()));
    sum
}

/// The rule in a sentence.
pub fn in_words(rule: &Rule) -> String {
    let after = |length: Option<jiff::SignedDuration>, words: &str| match length {
        Some(length) => format!("{} min {words}", length.as_mins()),
        None => format!("never {words}"),
    };
    let class = match rule.basis {
        rollbook_core::course::Basis::Planned => "as held within the time planned",
        rollbook_core::course::Basis::Held => "as held",
    };
    format!(
        "present from {:.0} % of the class ({class}); late: joined more than {}; left early: gone more than {}",
        rule.present_from_share * 100.0,
        after(rule.late_after, "after its beginning"),
        after(rule.left_early_before, "before its end"),
    )
}
