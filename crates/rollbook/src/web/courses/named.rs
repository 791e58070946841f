//! Courses by what people call them: an id, a short or full name, a part of either.

use rollbook_core::access::Capability;

use super::visible;
use crate::web::App;
use crate::web::own::may_see_course;
use crate::web::problem::Problem;
use crate::web::school::{CourseEntry, NotRead};
use crate::web::visitor::Visitor;

/// Courses that come near and are named in an error.
const NAMED_MAX: usize = 5;

/// Those meant: whoever bears the name or id itself, else all of whose names it is a part. Capitals do not count.
pub fn meant<'a>(courses: &'a [CourseEntry], text: &str) -> Vec<&'a CourseEntry> {
    let wanted = text.trim().to_lowercase();
    let is = |name: &str| name.trim().to_lowercase() == wanted;
    let own: Vec<&CourseEntry> = courses.iter().filter(|one| is(&one.short_name)).collect();
    if !own.is_empty() {
        return own;
    }
    let id: Option<i64> = wanted.parse().ok();
    let exact: Vec<&CourseEntry> =
        courses.iter().filter(|one| is(&one.full_name) || id == Some(one.id)).collect();
    if !exact.is_empty() {
        return exact;
    }
    let holds = |name: &str| name.to_lowercase().contains(&wanted);
    courses.iter().filter(|one| holds(&one.short_name) || holds(&one.full_name)).collect()
}

/// The ids of the courses that somebody typed, among those the visitor may see; none where nothing was typed.
///
/// # Errors
/// If there is no such course, or Moodle, which knows, cannot be asked.
pub async fn ids(app: &App, visitor: &Visitor, text: &str) -> Result<Option<Vec<i64>>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let courses = match visible(app, visitor).await {
        Ok(courses) => courses,
        // An id needs no Moodle: the store knows which numbers are whose.
        Err(why) => return text.parse().map(|id| Some(vec![id])).map_err(|_| not_known(text, why)),
    };
    let ids: Vec<i64> = meant(&courses, text).into_iter().map(|course| course.id).collect();
    if ids.is_empty() {
        let near: Vec<&str> = courses.iter().take(NAMED_MAX).map(|one| one.short_name.as_str()).collect();
        return Err(Problem::bad_request(format!(
            "course: there is no course {text:?} with Zoom activities here; write a short name, a full name or a part of one{}",
            if near.is_empty() { String::new() } else { format!(", such as {}", near.join(", ")) }
        )));
    }
    Ok(Some(ids))
}

fn not_known(text: &str, why: NotRead) -> Problem {
    match why {
        NotRead::NotConfigured | NotRead::NoNames => {
            Problem::bad_request(format!("course: {text:?} is no id of a Moodle course, and {why}"))
        }
        NotRead::Busy | NotRead::Failed(_) => why.into(),
    }
}

/// The courses to choose from, as far as they are known at once: no page waits for Moodle to offer them.
pub fn choices(app: &App, visitor: &Visitor) -> Vec<CourseEntry> {
    if !visitor.may(Capability::SeeMeetings) {
        return Vec::new();
    }
    let known = app.school.courses_known();
    known.iter().filter(|course| may_see_course(visitor, &course.short_name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ids: &[i64]) {
        let course = |id, short: &str, full: &str| CourseEntry {
            id,
            short_name: short.to_owned(),
            full_name: full.to_owned(),
            activities: 1,
            held: Vec::new(),
        };
        let all = [
            course(7, "ALG1", "Algebra I"),
            course(8, "ALG2", "Algebra II"),
            course(9, "8", "Number eight"),
            course(10, "GEO", "Geometry"),
        ];
        assert_eq!(meant(&all, text).iter().map(|one| one.id).collect::<Vec<_>>(), ids, "{text}");
    }

    #[test]
    fn a_course_is_meant_by_its_name_its_id_or_a_part_of_its_name() {
        check(" alg1 ", &[7]);
        check("algebra i", &[7]);
        check("Algebra", &[7, 8]);
        check("10", &[10]);
        // A short name goes before somebody else's id.
        check("8", &[9]);
        check("biology", &[]);
    }
}
