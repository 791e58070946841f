//! The school's Moodle: its users, courses, enrolments and Zoom activities, as rows of Moodle's tables.
//!
//! Written as a Moodle site has them, oddities included: a meeting in two activities, a copy without a meeting, an
//! activity that is being deleted, people who came without being enrolled. The two tables of what took place are empty:
//! filling them is what is tried here.

mod sql;

use crate::campus::{Campus, CourseKind, Person};
use crate::chance::{Chance, Dice};
use crate::day::instant;
use crate::world::World;

pub use sql::{Dialect, statements};

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteValue {
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
}

impl From<i64> for SiteValue {
    fn from(number: i64) -> SiteValue {
        SiteValue::Int(number)
    }
}

impl From<&str> for SiteValue {
    fn from(text: &str) -> SiteValue {
        SiteValue::Text(text.to_owned())
    }
}

/// A row of one of Moodle's tables; columns that are left out have their default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRow {
    /// The table, without the prefix.
    pub table: &'static str,
    /// Its columns, `id` first.
    pub columns: Vec<(&'static str, SiteValue)>,
}

impl SiteRow {
    /// A column of it; none where it was left out.
    pub fn get(&self, column: &str) -> Option<&SiteValue> {
        self.columns.iter().find(|(name, _)| *name == column).map(|(_, value)| value)
    }

    /// The same, where it is a number; 0 where it is not.
    pub fn int(&self, column: &str) -> i64 {
        match self.get(column) {
            Some(SiteValue::Int(number)) => *number,
            _ => 0,
        }
    }

    /// The same, where it is text; empty where it is not.
    pub fn text(&self, column: &str) -> &str {
        match self.get(column) {
            Some(SiteValue::Text(text)) => text,
            _ => "",
        }
    }
}

const MANAGER: i64 = 1;
const EDITING_TEACHER: i64 = 3;
const STUDENT: i64 = 5;
/// `{modules}.id` of the plugin.
const ZOOM: i64 = 25;
/// `{context}.contextlevel` of a course, and of an activity in it.
const COURSE_LEVEL: i64 = 50;
const MODULE_LEVEL: i64 = 70;
/// Ids of people begin here: the ones below are the guest, the admin and people long gone.
const FIRST_USER: i64 = 1_001;

/// Share of numbered meetings that a course shows.
const WITH_ACTIVITY: f64 = 0.85;
/// Share of those that a second course shows as well.
const SHARED: f64 = 0.04;
/// Share of people who come without being enrolled.
const NOT_ENROLLED: f64 = 0.04;
/// Share of activities that grade by time attended.
const GRADED: f64 = 0.3;

/// The rows of the whole site, in an order in which they can be put.
pub(crate) fn rows(world: &World) -> Vec<SiteRow> {
    let mut site = Site { rows: Vec::new(), counts: Counts::default(), campus: &world.campus };
    site.put_frame();
    for (index, person) in world.campus.people.iter().enumerate() {
        site.put_person(FIRST_USER + index as i64, person);
    }
    let chance = Chance::named(world.options.seed, "moodle");
    let starts = |number: u64| {
        let first = world.by_number.get(&number).and_then(|runs| runs.first());
        first.map_or(0, |at| instant(world.days.instances[*at].scheduled).as_second())
    };
    for index in 0..world.campus.courses.len() {
        let mut dice = chance.at(index as u64);
        let number = world.campus.courses[index].number;
        if dice.hit(WITH_ACTIVITY) {
            site.put_course(index, starts(number), &mut dice);
        }
    }
    site.rows
}

#[derive(Default)]
struct Counts {
    courses: i64,
    activities: i64,
    contexts: i64,
    enrolments: i64,
    assignments: i64,
}

/// What is put into `{zoom}` and `{course_modules}`.
struct Shown {
    course: i64,
    meeting: i64,
    is_vanishing: bool,
    is_visible: bool,
}

struct Site<'a> {
    rows: Vec<SiteRow>,
    counts: Counts,
    campus: &'a Campus,
}

impl Site<'_> {
    fn put<const N: usize>(&mut self, table: &'static str, columns: [(&'static str, SiteValue); N]) {
        self.rows.push(SiteRow { table, columns: columns.into() });
    }

    /// What every site has.
    fn put_frame(&mut self) {
        self.put("modules", [("id", ZOOM.into()), ("name", "zoom".into())]);
        for (id, name, archetype) in [
            (MANAGER, "manager", "manager"),
            (EDITING_TEACHER, "editingteacher", "editingteacher"),
            (4, "teacher", "teacher"),
            (STUDENT, "student", "student"),
        ] {
            let columns = [
                ("id", id.into()),
                ("shortname", name.into()),
                ("description", "".into()),
                ("sortorder", id.into()),
                ("archetype", archetype.into()),
            ];
            self.put("role", columns);
        }
        for (id, plugin, name, value) in [
            (1, "mod_zoom", "version", "2026041600"),
            (2, "zoom", "last_call_made_at", "0"),
            (3, "zoom", "apiidentifier", ""),
        ] {
            let columns = [
                ("id", id.into()),
                ("plugin", plugin.into()),
                ("name", name.into()),
                ("value", value.into()),
            ];
            self.put("config_plugins", columns);
        }
    }

    /// Everybody has an address of the school here, whatever account they use at Zoom.
    fn put_person(&mut self, id: i64, person: &Person) {
        let columns = [
            ("id", id.into()),
            ("confirmed", 1.into()),
            ("mnethostid", 1.into()),
            ("username", person.key.as_str().into()),
            ("idnumber", (&person.key[1..]).into()),
            ("firstname", person.first.into()),
            ("lastname", person.last.into()),
            ("email", format!("{}@school.example", person.key).as_str().into()),
        ];
        self.put("user", columns);
    }

    /// A course for one numbered meeting; now and then with a copy that has none, or with a second course beside it.
    fn put_course(&mut self, index: usize, start: i64, dice: &mut Dice) {
        let meeting = self.campus.courses[index].number.cast_signed();
        let course = self.put_empty_course(index, dice);
        let is_visible = !dice.hit(0.03);
        self.put_activity(index, start, &Shown { course, meeting, is_vanishing: false, is_visible }, dice);
        if dice.hit(0.02) {
            self.put_activity(
                index,
                start,
                &Shown { course, meeting: 0, is_vanishing: false, is_visible },
                dice,
            );
        }
        if dice.hit(0.02) {
            self.put_activity(index, start, &Shown { course, meeting, is_vanishing: true, is_visible }, dice);
        }
        if dice.hit(SHARED) {
            let course = self.put_empty_course(index, dice);
            self.put_activity(
                index,
                start,
                &Shown { course, meeting, is_vanishing: false, is_visible },
                dice,
            );
        }
    }

    /// A course with its people.
    fn put_empty_course(&mut self, index: usize, dice: &mut Dice) -> i64 {
        let taught = &self.campus.courses[index];
        self.counts.courses += 1;
        let course = 1 + self.counts.courses;
        let columns = [
            ("id", course.into()),
            ("fullname", taught.topic.as_str().into()),
            ("shortname", format!("C{course}").as_str().into()),
        ];
        self.put("course", columns);
        let context = self.put_context(COURSE_LEVEL, course);
        self.put("enrol", [("id", course.into()), ("enrol", "manual".into()), ("courseid", course.into())]);
        let hosts = u64::from(self.campus.hosts);
        let students = self.campus.people.len() as u64 - hosts;
        self.enrol(course, context, u64::from(taught.host), EDITING_TEACHER);
        // The same neighbours as come to the meeting, the host being the first of them.
        for place in 1..u64::from(taught.size).min(students) {
            if !dice.hit(NOT_ENROLLED) {
                self.enrol(
                    course,
                    context,
                    hosts + (taught.members_from % students + place) % students,
                    STUDENT,
                );
            }
        }
        course
    }

    fn enrol(&mut self, course: i64, context: i64, place: u64, role: i64) {
        let user = FIRST_USER + place.cast_signed();
        self.counts.enrolments += 1;
        let id = self.counts.enrolments;
        let columns =
            [("id", id.into()), ("enrolid", course.into()), ("userid", user.into()), ("timeend", 0.into())];
        self.put("user_enrolments", columns);
        self.counts.assignments += 1;
        let id = self.counts.assignments;
        let columns = [
            ("id", id.into()),
            ("roleid", role.into()),
            ("contextid", context.into()),
            ("userid", user.into()),
        ];
        self.put("role_assignments", columns);
    }

    fn put_activity(&mut self, index: usize, start: i64, shown: &Shown, dice: &mut Dice) {
        let taught = &self.campus.courses[index];
        let host = self.campus.host(taught.host);
        let is_graded = dice.hit(GRADED);
        self.counts.activities += 1;
        let (zoom, module) = (self.counts.activities, 10_000 + self.counts.activities);
        let columns = [
            ("id", zoom.into()),
            ("course", shown.course.into()),
            ("grade", i64::from(is_graded).wrapping_mul(100).into()),
            ("grading_method", if is_graded { "period" } else { "entry" }.into()),
            ("meeting_id", shown.meeting.into()),
            ("host_id", host.zoom_id.as_str().into()),
            ("name", taught.topic.as_str().into()),
            ("start_time", start.into()),
            ("recurring", i64::from(matches!(taught.zoom_type, 3 | 8 | 6 | 9)).into()),
            ("webinar", i64::from(taught.kind == CourseKind::Webinar).into()),
            ("duration", 3_600.into()),
        ];
        self.put("zoom", columns);
        let columns = [
            ("id", module.into()),
            ("course", shown.course.into()),
            ("module", ZOOM.into()),
            ("instance", zoom.into()),
            ("visible", i64::from(shown.is_visible).into()),
            ("deletioninprogress", i64::from(shown.is_vanishing).into()),
        ];
        self.put("course_modules", columns);
        self.put_context(MODULE_LEVEL, module);
    }

    fn put_context(&mut self, level: i64, of: i64) -> i64 {
        self.counts.contexts += 1;
        let id = 100 + self.counts.contexts;
        let path = format!("/1/{id}");
        let columns = [
            ("id", id.into()),
            ("contextlevel", level.into()),
            ("instanceid", of.into()),
            ("path", path.as_str().into()),
            ("depth", 2.into()),
        ];
        self.put("context", columns);
        id
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::Options;

    fn site(seed: u64) -> Vec<SiteRow> {
        rows(&World::build(Options::campus(seed, date(2026, 10, 5), 400)))
    }

    fn of<'a>(rows: &'a [SiteRow], table: &'a str) -> impl Iterator<Item = &'a SiteRow> {
        rows.iter().filter(move |row| row.table == table)
    }

    #[test]
    fn the_same_seed_has_the_same_moodle_and_another_has_another() {
        assert_eq!(site(1), site(1));
        assert_ne!(site(1), site(2));
    }

    #[test]
    fn every_id_is_there_once_and_every_relation_leads_somewhere() {
        let rows = site(1);
        let ids = |table| of(&rows, table).map(|row| row.int("id")).collect::<BTreeSet<_>>();
        for table in ["user", "course", "zoom", "course_modules", "context", "user_enrolments"] {
            assert_eq!(ids(table).len(), of(&rows, table).count(), "{table}");
        }
        assert!(of(&rows, "user_enrolments").all(|row| ids("user").contains(&row.int("userid"))));
        assert!(of(&rows, "zoom").all(|row| ids("course").contains(&row.int("course"))));
        let pairs: BTreeSet<_> =
            of(&rows, "user_enrolments").map(|row| (row.int("enrolid"), row.int("userid"))).collect();
        assert_eq!(pairs.len(), of(&rows, "user_enrolments").count(), "nobody is enrolled twice");
    }

    #[test]
    fn the_oddities_of_real_sites_are_there() {
        let rows = site(1);
        let numbers: Vec<i64> = of(&rows, "zoom").map(|row| row.int("meeting_id")).collect();
        let different: BTreeSet<i64> = numbers.iter().copied().collect();
        assert!(numbers.contains(&0), "a copy without a meeting");
        assert!(different.len() < numbers.len(), "a meeting in two activities");
        assert!(of(&rows, "course_modules").any(|row| row.int("deletioninprogress") == 1));
        assert!(of(&rows, "course_modules").any(|row| row.int("visible") == 0));
    }
}
