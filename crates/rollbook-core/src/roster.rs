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
