//! Moodle's side of the story: courses, their Zoom activities, and who is enrolled. Read there, never written.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Course {
    /// `{course}.id`.
    pub id: i64,
    /// Short name, unique on the site by Moodle's own rule.
    pub short_name: String,
    /// Full name.
    pub full_name: String,
    /// The institution's own number, often empty.
    pub id_number: String,
    /// Whether students see it.
    pub is_visible: bool,
}

/// One Zoom activity of a course: a row of `{zoom}` with the course module that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// `{zoom}.id`.
    pub id: i64,
    /// `{course_modules}.id`, the number in the page's address. None: the module is gone or being deleted, and nothing is
    /// delivered there.
    pub module: Option<i64>,
    /// `{course}.id`.
    pub course: i64,
    /// Zoom's meeting number. Never 0: a copy restored without Zoom has none yet and is left out (MOODLE.md section 1).
    pub number: u64,
    /// Zoom's user id of the host.
    pub host_id: String,
    /// The activity's name, which is the meeting's topic.
    pub name: String,
    /// Planned start, where there is one.
    pub planned_start: Option<Timestamp>,
    /// Planned length; zero where none is planned.
    pub planned_length: SignedDuration,
    /// Repeats, on a schedule or without one.
    pub is_recurring: bool,
    /// Webinar rather than meeting.
    pub is_webinar: bool,
    /// Full marks; 0 is ungraded, below 0 a scale.
    pub grade_max: i64,
    /// `entry`, `period` or empty, which means `entry` (MOODLE.md section 6).
    pub grading_method: Option<String>,
    /// False once the plugin saw that Zoom has deleted it.
    pub exists_on_zoom: bool,
    /// Whether students see it.
    pub is_visible: bool,
}

impl Activity {
    /// Whether it gives marks by time attended.
    pub fn grades_by_time(&self) -> bool {
        self.grade_max > 0 && self.grading_method.as_deref() == Some("period")
    }
}

/// A user of the site who is not deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct User {
    /// `{user}.id`.
    pub id: i64,
    /// Login name.
    pub username: String,
    /// The institution's own number, often the student number; may be empty.
    pub id_number: String,
    /// Given names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
    /// Another name the user goes by; may be empty.
    pub alternate_name: String,
    /// E-mail.
    pub email: String,
    /// What Zoom should call the user: the field named by `zoom/apiidentifier`, else the e-mail.
    pub identifier: String,
    /// May not sign in.
    pub is_suspended: bool,
}

impl User {
    /// The name as Moodle's default full-name format gives it.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// A user's place in a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Who.
    pub user: User,
    /// Whether an enabled enrolment is in force now. The plugin's roster does not ask (MOODLE.md section 3).
    pub is_active: bool,
    /// Short names of the roles held in the course, such as `student` or `editingteacher`.
    pub roles: Vec<String>,
}

impl Member {
    /// Whether attendance is expected of this member: holds the role `student`, or none at all.
    pub fn is_student(&self) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|role| role == "student")
    }
}

/// Everybody enrolled in a course, in Moodle's order (by user id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Roster {
    /// The course.
    pub course: Course,
    /// Its members.
    pub members: Vec<Member>,
}

impl Roster {
    /// The member with a user id.
    pub fn member(&self, user: i64) -> Option<&Member> {
        self.members.iter().find(|member| member.user.id == user)
    }
}

/// Courses that are named when one is not found.
const NEAR_MAX: usize = 5;

/// Names less alike than this are not worth naming.
const NEAR_LEAST: f64 = 0.75;

/// The course somebody means: by short name, exactly or but for its case; else by id number; else by id. Where none or
/// several fit, the ones that come near, nearest first.
///
/// # Errors
/// The nearest ones.
pub fn find_course<'a>(
    courses: impl IntoIterator<Item = &'a Course>,
    text: &str,
) -> Result<&'a Course, Vec<&'a Course>> {
    let courses: Vec<&Course> = courses.into_iter().collect();
    let text = text.trim();
    let folded = text.to_lowercase();
    let id = text.parse().ok();
    let rules: [&dyn Fn(&Course) -> bool; 4] = [
        &|course| course.short_name == text,
        &|course| course.short_name.to_lowercase() == folded,
        &|course| !course.id_number.is_empty() && course.id_number == text,
        &|course| Some(course.id) == id,
    ];
    for rule in rules {
        let fitting: Vec<&Course> = courses.iter().copied().filter(|course| rule(course)).collect();
        match fitting.as_slice() {
            [] => {}
            [only] => return Ok(only),
            _ => return Err(fitting.into_iter().take(NEAR_MAX).collect()),
        }
    }
    Err(near(&courses, &folded))
}

fn near<'a>(courses: &[&'a Course], folded: &str) -> Vec<&'a Course> {
    let likeness = |course: &Course| {
        let names = [&course.short_name, &course.id_number, &course.full_name];
        let alike = names.into_iter().filter(|name| !name.is_empty()).map(|name| {
            let name = name.to_lowercase();
            let is_part = folded.chars().count() >= 3 && name.contains(folded);
            if is_part { 1.0 } else { strsim::jaro_winkler(&name, folded) }
        });
        alike.fold(0.0, f64::max)
    };
    let mut found: Vec<(f64, &Course)> = courses.iter().map(|course| (likeness(course), *course)).collect();
    found.retain(|(alike, _)| *alike >= NEAR_LEAST);
    found.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.short_name.cmp(&other.short_name)));
    found.into_iter().take(NEAR_MAX).map(|(_, course)| course).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"7 ALG1 4711 Linear Algebra"`: id, short name, id number, full name.
    fn courses(lines: &[&str]) -> Vec<Course> {
        let course = |line: &&str| {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            Course {
                id: words[0].parse().unwrap(),
                short_name: words[1].to_owned(),
                full_name: words[3].to_owned(),
                id_number: words[2].replace('-', ""),
                is_visible: true,
            }
        };
        lines.iter().map(course).collect()
    }

    fn check(text: &str, expected: Result<i64, &[i64]>) {
        let all = courses(&[
            "3 ALG1 4711 Linear Algebra",
            "4 alg2 - Linear Algebra II",
            "5 HIST101 3 Modern History",
            "6 4 - A course called four",
        ]);
        let found = find_course(&all, text);
        let near: Result<i64, Vec<i64>> =
            found.map(|course| course.id).map_err(|near| near.iter().map(|course| course.id).collect());
        assert_eq!(near, expected.map_err(<[i64]>::to_vec), "{text}");
    }

    #[test]
    fn a_course_is_found_by_short_name_then_id_number_then_id() {
        check("ALG1", Ok(3));
        check("ALG2", Ok(4));
        check("4711", Ok(3));
        check("4", Ok(6));
        check("3", Ok(5));
        check("6", Ok(6));
    }

    #[test]
    fn an_unknown_course_is_told_with_those_that_come_near() {
        check("ALGI", Err(&[3, 4]));
        check("algebra", Err(&[3, 4]));
        check("HIST110", Err(&[5]));
        check("zzz", Err(&[]));
        check("", Err(&[]));
    }

    #[test]
    fn two_that_differ_by_case_only_are_both_named() {
        let all = courses(&["1 Alg - x", "2 ALG - y"]);
        assert_eq!(find_course(&all, "alg").unwrap_err().len(), 2);
        assert_eq!(find_course(&all, "ALG").unwrap().id, 2);
    }
}
