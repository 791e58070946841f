//! Grades by time attended, told to Moodle's web service: decided by core, sent in batches, each with a receipt.
//!
//! The web service cannot be asked what grades there are (MOODLE.md section 9), and {grade_grades} is none of the tables
//! that are read. So "the same is not sent again" and "never lower" go by receipts of what was sent from here; what a
//! teacher or the plugin gave cannot be seen.

use std::collections::BTreeMap;

use rollbook_core::backoff;
use rollbook_core::chance::Chance;
use rollbook_core::course::Session;
use rollbook_core::grade::{CurrentGrade, Decision, Grade, Policy, Ungraded, decide};
use rollbook_core::roster::Activity;
use rollbook_store::{GradeOutcome, GradedActivity, Store, ToldGrade};
use serde::Serialize;

use super::course::CourseBook;
use super::service::{GradeUpdate, MoodleService, STUDENTS_A_CALL, ServiceError, ServiceErrorKind};
use crate::clock::Clock;

/// Tries of one call when the site cannot answer in passing: the second after a second, the third after four.
const TRIES: u32 = 3;

/// What became of one activity's grades.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivityGrades {
    /// The course's short name.
    pub course: String,
    /// `{zoom}.id`.
    pub activity: i64,
    /// `{course_modules}.id`, the number in the page's address.
    pub module: Option<i64>,
    /// The activity's name.
    pub name: String,
    /// Full marks.
    pub grade_max: i64,
    /// Sessions it had in these days.
    pub sessions: usize,
    /// Grades to be sent, with what became of them.
    pub grades: Vec<SentGrade>,
    /// Members who get none now, and why.
    pub ungraded: Vec<NoGrade>,
}

/// A student's grade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SentGrade {
    /// The grade.
    #[serde(flatten)]
    pub grade: Grade,
    /// Whose: the full name.
    pub student: String,
    /// What became of it: none in a dry run, and where sending stopped before.
    pub outcome: Option<GradeOutcome>,
}

/// Somebody who gets none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoGrade {
    /// `{user}.id`.
    pub user: i64,
    /// The full name.
    pub student: String,
    /// Why.
    pub reason: String,
}

/// Decides the grades of every activity of a course that grades by time attended. `site` names where receipts are of.
///
/// # Errors
/// If the store cannot be read.
pub fn decide_course(
    store: &Store,
    site: &str,
    book: &CourseBook,
    policy: &Policy,
) -> rollbook_store::Result<Vec<ActivityGrades>> {
    let graded = book.activities.iter().filter(|activity| activity.grades_by_time());
    graded.map(|activity| decide_activity(store, site, book, activity, policy)).collect()
}

fn decide_activity(
    store: &Store,
    site: &str,
    book: &CourseBook,
    activity: &Activity,
    policy: &Policy,
) -> rollbook_store::Result<ActivityGrades> {
    let own = book.sessions.iter().filter(|held| held.activities.contains(&activity.id));
    let sessions: Vec<Session> = own.map(|held| held.session.clone()).collect();
    let told = match activity.module {
        Some(module) => store.grades_told(site, module)?,
        None => BTreeMap::new(),
    };
    let current =
        told.iter().map(|(user, told)| (*user, CurrentGrade { points: told.taken, is_fixed: false }));
    let shared_with = book.elsewhere.get(&activity.number).map_or(&[][..], Vec::as_slice);
    let decision = decide(activity, shared_with, &book.roster, &sessions, &current.collect(), policy);
    let decision = heed_unanswered(decision, &told, policy);
    let name = |user: i64| book.roster.member(user).map(|member| member.user.full_name()).unwrap_or_default();
    let grades = decision.grades.into_iter();
    let ungraded = decision.ungraded.into_iter();
    Ok(ActivityGrades {
        course: book.roster.course.short_name.clone(),
        activity: activity.id,
        module: activity.module,
        name: activity.name.clone(),
        grade_max: activity.grade_max,
        sessions: sessions.len(),
        grades: grades.map(|grade| SentGrade { student: name(grade.user), grade, outcome: None }).collect(),
        ungraded: ungraded
            .map(|one| NoGrade { student: name(one.user), user: one.user, reason: one.reason })
            .collect(),
    })
}

/// A grade of which nobody knows whether Moodle took it may be there: nothing lower replaces it.
fn heed_unanswered(decision: Decision, told: &BTreeMap<i64, ToldGrade>, policy: &Policy) -> Decision {
    let perhaps = |grade: &Grade| told.get(&grade.user).and_then(|told| told.perhaps);
    let is_lower =
        |grade: &Grade| !policy.may_lower && perhaps(grade).is_some_and(|held| grade.points < held);
    let (lower, grades): (Vec<Grade>, Vec<Grade>) = decision.grades.into_iter().partition(is_lower);
    let refused = lower.into_iter().map(|grade| {
        let held = perhaps(&grade).unwrap_or_default();
        let reason = format!("{} points would be less than the {held} that may be there", grade.points);
        Ungraded { user: grade.user, reason }
    });
    let mut ungraded: Vec<Ungraded> = decision.ungraded.into_iter().chain(refused).collect();
    ungraded.sort_by_key(|one| one.user);
    Decision { grades, ungraded }
}

/// Sends what was decided for one activity, and notes what became of it. Every call leaves its receipts before it is sent.
///
/// What Moodle refuses is noted, and the next batch is sent all the same.
///
/// # Errors
/// The store's as they are; of the web service those after which nothing else need be tried now.
pub async fn send(
    store: &mut Store,
    service: &MoodleService,
    clock: Clock,
    chance: &Chance,
    course: i64,
    graded: &mut ActivityGrades,
) -> anyhow::Result<Option<ServiceError>> {
    let Some(module) = graded.module else { return Ok(None) };
    let site = service.site();
    let mut refused = None;
    for batch in graded.grades.chunks_mut(STUDENTS_A_CALL) {
        let grades: Vec<(i64, f64)> = batch.iter().map(|one| (one.grade.user, one.grade.points)).collect();
        let activity = GradedActivity { site: &site, course, module };
        let receipts = store.start_grades(clock.now(), activity, &grades)?;
        batch.iter_mut().for_each(|one| one.outcome = Some(GradeOutcome::Sent));
        let update = GradeUpdate { course, module, grades };
        let (outcome, answer) = match patiently(service, &update, clock, chance).await {
            Ok(()) => (GradeOutcome::Taken, None),
            // Nobody knows whether it was taken, so the receipts stay as they are.
            Err(Ended { error, is_unsure: true }) => return Err(error.into()),
            Err(Ended { error, is_unsure: false }) => (GradeOutcome::Refused, Some(error)),
        };
        let words = answer.as_ref().map_or_else(|| "0".to_owned(), |error| error.message.clone());
        store.finish_grades(&receipts, outcome, Some(&words))?;
        batch.iter_mut().for_each(|one| one.outcome = Some(outcome));
        match answer {
            Some(error) if error.kind == ServiceErrorKind::Refused => refused = Some(error),
            Some(error) => return Err(error.into()),
            None => {}
        }
    }
    Ok(refused)
}

/// How a call ended that did not succeed.
struct Ended {
    error: ServiceError,
    /// Whether one of its tries may have been taken all the same.
    is_unsure: bool,
}

/// Asks again what failed in passing: the same grades twice are the same grades.
async fn patiently(
    service: &MoodleService,
    update: &GradeUpdate,
    clock: Clock,
    chance: &Chance,
) -> Result<(), Ended> {
    for tries in 1.. {
        match service.update_grades(update).await {
            Ok(()) => return Ok(()),
            Err(error) if error.kind == ServiceErrorKind::Passing && tries < TRIES => {
                let wait = backoff::wait(tries, chance.roll("grades", u64::from(tries)));
                tracing::info!(%error, "Moodle is asked again");
                clock.sleep_until(clock.now() + wait).await;
            }
            Err(error) => {
                let is_unsure = tries > 1 || error.kind == ServiceErrorKind::Passing;
                return Err(Ended { error, is_unsure });
            }
        }
    }
    unreachable!("the last try returns")
}

#[cfg(test)]
mod tests;
