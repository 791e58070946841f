//! Grades by time attended, for activities whose grading method is `period` (MOODLE.md section 6).
//!
//! The plugin grades each occurrence on its own, and the last one processed stays. Here the grade is the full mark times
//! the share attended of all sessions of the activity ([`Combine`]). A session counts only when it is verified, and as
//! long as one may still become so, nothing is graded: a grade on half the sessions might have to be lowered later.
//! Whoever was not seen at all gets no grade rather than zero, as with the plugin.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::attendance::union;
use crate::course::{Basis, Session, Standing, intersection, planned, seconds};
use crate::identity::Confidence;
use crate::roster::{Activity, Member, Roster};

/// How grades are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which of several sessions count.
    pub combine: Combine,
    /// Whether a grade may become lower.
    pub may_lower: bool,
    /// The least sure identity that earns a grade.
    pub confidence: Confidence,
    /// Which time a class took. By the plan, of an activity that is held once, only the sessions within it count (a
    /// host's trial the day before does not), unless there are none.
    pub basis: Basis,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            combine: Combine::Overall,
            may_lower: false,
            confidence: Confidence::Likely,
            basis: Basis::default(),
        }
    }
}

/// Which of an activity's sessions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Time attended over the time of all sessions. It may fall from week to week, so for activities that repeat either
    /// grade once at the end, or allow lowering.
    #[default]
    Overall,
    /// The best session. It never falls.
    Best,
    /// The latest session, as the plugin leaves it.
    Latest,
}

/// The grade a student has now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurrentGrade {
    /// Points; none where there is no grade yet.
    pub points: Option<f64>,
    /// Locked or overridden by a teacher: not to be touched.
    pub is_fixed: bool,
}

/// A grade to be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grade {
    /// `{user}.id`.
    pub user: i64,
    /// Points, rounded to the five places that Moodle keeps.
    pub points: f64,
    /// Share attended, 0 to 1.
    pub share: f64,
    /// What it replaces.
    pub replaces: Option<f64>,
}

/// A student who gets no grade now, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ungraded {
    /// `{user}.id`.
    pub user: i64,
    /// Why, in a few words.
    pub reason: String,
}

/// Who gets which grade, and who none. Every member of the course stands in exactly one of the lists.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Decision {
    /// Grades to be written, by user.
    pub grades: Vec<Grade>,
    /// The others, by user.
    pub ungraded: Vec<Ungraded>,
}

/// Decides the grades of one activity. `sessions` are all of its sessions, in order; `current` holds the grades there
/// are now, all of them: who is missing has none. `shared_with` names other courses whose activities have the same
/// meeting: of an activity that repeats nobody can tell then whose class a session was, so nobody is graded by it.
pub fn decide(
    activity: &Activity,
    shared_with: &[String],
    roster: &Roster,
    sessions: &[Session],
    current: &BTreeMap<i64, CurrentGrade>,
    policy: &Policy,
) -> Decision {
    let sessions = &in_plan(activity, sessions, policy.basis);
    let refusal = of_shared(activity, shared_with).or_else(|| of_activity(activity, sessions, policy));
    // Who holds no role here may hold one in the category; only where nobody has a role, everybody enrolled is a student.
    let has_students = roster.members.iter().any(|member| !member.roles.is_empty() && member.is_student());
    let mut decision = Decision::default();
    for member in &roster.members {
        let user = member.user.id;
        let graded = match &refusal {
            Some(reason) => Err(reason.clone()),
            None if has_students && member.roles.is_empty() => Err("holds no role in the course".to_owned()),
            None => grade(member, activity, sessions, current.get(&user), policy),
        };
        match graded {
            Ok(grade) => decision.grades.push(grade),
            Err(reason) => decision.ungraded.push(Ungraded { user, reason }),
        }
    }
    decision.grades.sort_by_key(|grade| grade.user);
    decision.ungraded.sort_by_key(|ungraded| ungraded.user);
    decision
}

fn in_plan<'a>(activity: &Activity, sessions: &'a [Session], basis: Basis) -> Vec<&'a Session> {
    let all: Vec<&Session> = sessions.iter().collect();
    let Some(plan) = planned(activity).filter(|_| basis == Basis::Planned) else { return all };
    let is_within = |session: &&&Session| {
        session.class_time.as_deref().is_some_and(|class| seconds(&intersection(class, &[plan])) > 0)
    };
    let within: Vec<&Session> = all.iter().filter(is_within).copied().collect();
    // One whose times are not known may be the one that was planned.
    let is_unclear = all.iter().any(|session| session.class_time.is_none());
    if within.is_empty() || is_unclear { all } else { within }
}

/// Why nobody is graded by a meeting that other courses use as well.
fn of_shared(activity: &Activity, shared_with: &[String]) -> Option<String> {
    let is_shared = !shared_with.is_empty() && planned(activity).is_none();
    is_shared.then(|| {
        format!(
            "the meeting is also that of {}; whose class a session was cannot be told",
            shared_with.join(", ")
        )
    })
}

/// Why nobody is graded here.
fn of_activity(activity: &Activity, sessions: &[&Session], policy: &Policy) -> Option<String> {
    if !activity.grades_by_time() {
        return Some("the activity does not grade by time attended".to_owned());
    }
    if activity.module.is_none() {
        return Some("the activity is gone or being deleted".to_owned());
    }
    let open = sessions.iter().find(|session| session.standing == Standing::Open);
    if let Some(session) = open.filter(|_| policy.combine != Combine::Best) {
        return Some(format!("the session of {} is still being checked", session.label));
    }
    let mut verified = sessions.iter().filter(|session| session.standing == Standing::Verified).peekable();
    if verified.peek().is_none() {
        return Some("no session of the activity is verified".to_owned());
    }
    if verified.all(|session| length(session) == 0) {
        return Some("the length of the sessions is not known, or zero".to_owned());
    }
    None
}

fn grade(
    member: &Member,
    activity: &Activity,
    sessions: &[&Session],
    current: Option<&CurrentGrade>,
    policy: &Policy,
) -> Result<Grade, String> {
    if !member.is_student() {
        return Err("is no student of the course".to_owned());
    }
    if !member.is_active || member.user.is_suspended {
        return Err("the enrolment is not active".to_owned());
    }
    let share = share(member.user.id, sessions, policy).ok_or("was not seen in the sessions that count")?;
    #[allow(clippy::cast_precision_loss)]
    let points = (share * activity.grade_max as f64 * 100_000.0).round() / 100_000.0;
    if current.is_some_and(|grade| grade.is_fixed) {
        return Err("the grade is locked or overridden".to_owned());
    }
    let replaces = current.and_then(|grade| grade.points);
    match replaces {
        Some(held) if (held - points).abs() < SAME_POINTS => {
            Err(format!("has these {points} points already"))
        }
        Some(held) if points < held && !policy.may_lower => {
            Err(format!("{points} points would be less than the {held} there are"))
        }
        _ => Ok(Grade { user: member.user.id, points, share, replaces }),
    }
}

/// Moodle keeps five places.
const SAME_POINTS: f64 = 0.000_005;

/// The share that counts; none for whoever was not seen.
fn share(user: i64, sessions: &[&Session], policy: &Policy) -> Option<f64> {
    let counted = sessions.iter().filter(|s| s.standing == Standing::Verified && length(s) > 0);
    let times: Vec<(i64, i64)> =
        counted.map(|session| (attended(user, session, policy.confidence), length(session))).collect();
    #[allow(clippy::cast_precision_loss)]
    let ratio = |(attended, length): (i64, i64)| attended as f64 / length as f64;
    let share = match policy.combine {
        Combine::Overall => {
            let sum = times.iter().fold((0, 0), |sum, time| (sum.0 + time.0, sum.1 + time.1));
            (sum.1 > 0).then(|| ratio(sum))
        }
        Combine::Best => times.into_iter().map(ratio).max_by(f64::total_cmp),
        Combine::Latest => times.last().copied().map(ratio),
    };
    share.filter(|share| *share > 0.0).map(|share| share.min(1.0))
}

fn attended(user: i64, session: &Session, least: Confidence) -> i64 {
    // Confidence orders from sure to unsure.
    let is_counted =
        |identity: &crate::identity::Identity| identity.user == Some(user) && identity.confidence <= least;
    let people = session.people.iter().filter(|seen| is_counted(&seen.identity));
    let spans = union(people.flat_map(|seen| seen.spans.iter().copied()));
    session.class_time.as_deref().map_or(0, |class| seconds(&intersection(&spans, class)))
}

fn length(session: &Session) -> i64 {
    session.class_time.as_deref().map_or(0, seconds)
}

#[cfg(test)]
mod tests;
