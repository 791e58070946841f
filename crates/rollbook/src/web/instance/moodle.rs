//! What Moodle has of an instance: the courses whose meeting it is, what each was told, and the grades of those who were there.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::ToldView;
use crate::web::address;
use crate::web::school::CourseEntry;

/// Where the telling of one course stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CourseToldView {
    /// The course's short name.
    pub course: String,
    /// Its full name.
    pub full_name: String,
    /// Its page.
    pub path: String,
    /// The name of the activity there.
    pub activity: String,
    /// `due`, `done`, `held_back`, `failed`; `elsewhere` where another activity was told of it, `not_yet` where none was.
    pub state: &'static str,
    /// The same in words, with why.
    pub says: String,
}

/// A grade as Moodle was told it last.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GradeView {
    /// The course's short name.
    pub course: String,
    /// Points.
    pub points: f64,
    /// `taken`, `refused`, or `sent` where nobody knows whether Moodle took it.
    pub outcome: &'static str,
    /// When it was told.
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
}

/// A graded activity of the meeting's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    course: String,
    module: i64,
}

/// The activities of a number that can be graded.
pub fn graded(courses: &[CourseEntry], number: Option<u64>) -> Vec<Graded> {
    let of = |course: &CourseEntry| {
        let own = course.held.iter().filter(|one| Some(one.number) == number).filter_map(|one| one.module);
        own.map(|module| Graded { course: course.short_name.clone(), module }).collect::<Vec<_>>()
    };
    courses.iter().flat_map(of).collect()
}

/// What each course of a number was told.
pub fn told(courses: &[CourseEntry], number: Option<u64>, deliveries: &[ToldView]) -> Vec<CourseToldView> {
    let held = courses.iter().flat_map(|course| course.held.iter().map(move |activity| (course, activity)));
    held.filter(|(_, activity)| Some(activity.number) == number)
        .map(|(course, activity)| {
            let (state, says) = state_of(activity.id, deliveries);
            CourseToldView {
                course: course.short_name.clone(),
                full_name: course.full_name.clone(),
                path: address::course(&course.short_name),
                activity: activity.name.clone(),
                state,
                says,
            }
        })
        .collect()
}

fn state_of(activity: i64, deliveries: &[ToldView]) -> (&'static str, String) {
    let of_it = deliveries.iter().find(|line| line.activity == Some(activity));
    let of_none = deliveries.iter().find(|line| line.activity.is_none());
    match (of_it.or(of_none), deliveries.is_empty()) {
        (Some(line), _) => {
            let why = line.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            (line.state, format!("{}{why}", words(line.state)))
        }
        (None, false) => (
            "elsewhere",
            "told for another activity with the same number; Moodle keeps a session once".to_owned(),
        ),
        (None, true) => ("not_yet", "not told yet".to_owned()),
    }
}

fn words(state: &str) -> &'static str {
    match state {
        "done" => "told",
        "held_back" => "held back",
        "failed" => "refused",
        _ => "to be told",
    }
}

/// The grades of a user that Moodle was told last, in each of these activities.
///
/// # Errors
/// If the store cannot be read.
pub fn grades(store: &Store, graded: &[Graded], user: i64) -> rollbook_store::Result<Vec<GradeView>> {
    let mut grades = Vec::new();
    for activity in graded {
        let receipt = store.latest_grade(activity.module, user)?;
        grades.extend(receipt.map(|receipt| GradeView {
            course: activity.course.clone(),
            points: receipt.points,
            outcome: receipt.outcome.name(),
            sent_at: receipt.sent_at,
        }));
    }
    Ok(grades)
}

/// What is known in Moodle of those who were there, by Zoom's number of a connection.
#[derive(Debug, Clone, Default)]
pub struct Known {
    users: BTreeMap<String, i64>,
    grades: BTreeMap<i64, Vec<GradeView>>,
}

impl Known {
    /// Reads it: as whom connections were delivered, and what these users were told to have earned.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(store: &Store, instance: i64, graded: &[Graded]) -> rollbook_store::Result<Known> {
        let mut known = Known { users: store.delivered_users(instance)?, ..Known::default() };
        for user in known.users.values() {
            if !known.grades.contains_key(user) {
                known.grades.insert(*user, grades(store, graded, *user)?);
            }
        }
        Ok(known)
    }

    /// Who somebody with these connections is in Moodle, and their grades.
    pub fn of<'a>(&self, mut connections: impl Iterator<Item = &'a str>) -> (Option<i64>, Vec<GradeView>) {
        let user = connections.find_map(|connection| self.users.get(connection)).copied();
        let grades = user.and_then(|user| self.grades.get(&user)).cloned().unwrap_or_default();
        (user, grades)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::school::ActivityEntry;

    fn course(short_name: &str, activity: i64, number: u64) -> CourseEntry {
        let held =
            vec![ActivityEntry { id: activity, module: Some(activity + 100), name: "Class".into(), number }];
        CourseEntry {
            id: activity,
            short_name: short_name.into(),
            full_name: "Course".into(),
            activities: 1,
            held,
        }
    }

    fn line(state: &'static str, activity: Option<i64>) -> ToldView {
        let reason = (state == "held_back").then(|| "somebody is in doubt".to_owned());
        ToldView { sink: "moodle".into(), state, reason, delivered_at: None, rows: 3, activity }
    }

    fn check(deliveries: &[ToldView], expected: [&str; 2]) {
        let courses = [course("A", 1, 77), course("B", 2, 77), course("C", 3, 78)];
        let told = told(&courses, Some(77), deliveries);
        assert_eq!(told.iter().map(|one| one.state).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_course_of_the_number_is_told_by_itself() {
        check(&[], ["not_yet", "not_yet"]);
        check(&[line("done", Some(2))], ["elsewhere", "done"]);
        check(&[line("held_back", None)], ["held_back", "held_back"]);
        let courses = [course("A", 1, 77)];
        assert_eq!(
            told(&courses, Some(77), &[line("held_back", None)])[0].says,
            "held back: somebody is in doubt"
        );
        assert_eq!(graded(&courses, Some(77)), [Graded { course: "A".into(), module: 101 }]);
        assert_eq!(told(&courses, None, &[]), []);
    }
}
