//! One student and one session of a course: present, late, gone early, absent, or not known.
//!
//! The rule is about the class, not about the connection: what counts is the time in which the class was held. What is
//! not known is never called absent. Not every unknown matters, though:
//!
//! - Presence is proved by what was seen, and more answers only add to it. So somebody who was seen for long enough is
//!   present even while the session is still being checked; everybody else is unknown until it is verified.
//! - A person of whom nobody knows who it is matters to the students who may be meant: the candidates of an ambiguous
//!   name; and, for those who would be absent, anybody without a name (a device, a telephone, a room). Somebody with a
//!   full name of their own that is nothing like the student's is a guest and puts nobody in doubt.
//! - It matters only if it would change the mark: two minutes of an unnamed device make nobody present.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::attendance::{Span, union};
use crate::identity::{Confidence, Identity};
use crate::instance::Instance;
use crate::roster::Activity;
use crate::time::minutes;

/// What counts as present, late and gone early.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Joining more than this after the class began is late; none: nobody is late.
    pub late_after: Option<SignedDuration>,
    /// Being gone for good more than this before the class ended is leaving early; none: nobody leaves early.
    pub left_early_before: Option<SignedDuration>,
    /// Less than this share of the class (0 to 1) is absent. Of 0, any second counts as present.
    pub present_from_share: f64,
    /// Which time the class took.
    pub basis: Basis,
    /// Whether people without a name put those in doubt who would be absent.
    pub is_nameless_doubt: bool,
}

impl Default for Rule {
    fn default() -> Rule {
        Rule {
            late_after: Some(minutes(10)),
            left_early_before: Some(minutes(10)),
            present_from_share: 0.5,
            basis: Basis::Planned,
            is_nameless_doubt: true,
        }
    }
}

/// Which time a class took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// As held, without what lies outside the time planned: a room opened early or left open is no class. Where
    /// nothing is planned, or the plan is of another day, as held.
    #[default]
    Planned,
    /// As held, from start to end.
    Held,
}

/// How far the record of a session can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// All of its instances are verified.
    Verified,
    /// Some are still being asked for.
    Open,
    /// Some were given up, with a reason: it will never be complete.
    Closed,
}

/// One class: one instance, or several of one number stitched together ([`crate::session`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// What it is called in reasons, such as its date.
    pub label: String,
    /// How far it can be relied on.
    pub standing: Standing,
    /// The stretches in which the class was held, from [`class_time`]; none while they are not known.
    pub class_time: Option<Vec<Span>>,
    /// Everybody who was seen.
    pub people: Vec<Seen>,
}

/// Somebody who was seen in a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Who.
    pub identity: Identity,
    /// When, merged.
    pub spans: Vec<Span>,
    /// Join of a stay that has no leave yet; from there on `spans` are a lower bound.
    pub open_since: Option<Timestamp>,
}

/// What a student is marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// There from about the beginning to about the end.
    Present,
    /// There for long enough, but not from the beginning.
    Late,
    /// There for long enough, but not to the end.
    LeftEarly,
    /// There for long enough, but neither from the beginning nor to the end.
    LateAndLeftEarly,
    /// Not there, or not for long enough.
    Absent,
    /// Nobody can say.
    Unknown,
}

impl Mark {
    /// For people and files.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Present => "present",
            Mark::Late => "late",
            Mark::LeftEarly => "left early",
            Mark::LateAndLeftEarly => "late and left early",
            Mark::Absent => "absent",
            Mark::Unknown => "unknown",
        }
    }
}

/// A mark with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The mark.
    pub mark: Mark,
    /// Seconds of the class attended, as far as known; of the whole record while the class's times are not known.
    pub seconds: i64,
    /// Share of the class attended, 0 to 1; none while its length is not known, or zero.
    pub share: Option<f64>,
    /// Why, in a sentence.
    pub reason: String,
}

/// The stretches in which a class was held. None if a start or end is not known, or it still runs.
pub fn class_time(instances: &[&Instance], activity: Option<&Activity>, basis: Basis) -> Option<Vec<Span>> {
    let run = |instance: &&Instance| -> Option<Span> {
        let (from, to) = (instance.started_at?, instance.ended_at.filter(|_| !instance.is_live)?);
        Some(Span { from, to })
    };
    let held = union(instances.iter().map(run).collect::<Option<Vec<Span>>>()?.into_iter());
    let plan = activity.filter(|_| basis == Basis::Planned).and_then(planned);
    let within = plan.map(|plan| intersection(&held, &[plan]));
    // A class that was moved is the class all the same.
    Some(within.filter(|spans| seconds(spans) > 0).unwrap_or(held))
}

/// The time planned for an activity that is held once. Moodle keeps only one date of those that repeat.
pub fn planned(activity: &Activity) -> Option<Span> {
    let from = activity.planned_start.filter(|_| !activity.is_recurring)?;
    let to = from.checked_add(activity.planned_length).ok()?;
    (to > from).then_some(Span { from, to })
}

/// Marks one student (`{user}.id`) in one session.
pub fn mark(student: i64, session: &Session, rule: &Rule) -> Verdict {
    let own: Vec<&Seen> = session.people.iter().filter(|seen| seen.identity.user == Some(student)).collect();
    let seen = union(own.iter().flat_map(|seen| seen.spans.iter().copied()));
    let Some(class) = session.class_time.as_deref() else {
        return unknown(seconds(&seen), None, "start or end of the session is not known".to_owned());
    };
    let length = seconds(class);
    if length <= 0 {
        return unknown(seconds(&seen), None, "the session has no length".to_owned());
    }
    let there = intersection(&seen, class);
    let judged = judge(&there, class, rule);
    let doubt =
        if judged.mark == Mark::Present { None } else { doubt(student, session, rule, &own, &seen, &judged) };
    match doubt {
        Some(why) => unknown(judged.seconds, judged.share, why),
        None => judged,
    }
}

/// Why a mark other than present may be wrong.
fn doubt(
    student: i64,
    session: &Session,
    rule: &Rule,
    own: &[&Seen],
    seen: &[Span],
    judged: &Verdict,
) -> Option<String> {
    match session.standing {
        Standing::Verified => {}
        Standing::Open => return Some("the session is still being checked".to_owned()),
        Standing::Closed => return Some("the session's record is incomplete".to_owned()),
    }
    if own.iter().any(|seen| seen.open_since.is_some()) {
        return Some("when the student left is not known".to_owned());
    }
    let class = session.class_time.as_deref()?;
    let may_be = |other: &&Seen| {
        may_be(student, &other.identity, rule.is_nameless_doubt && judged.mark == Mark::Absent)
    };
    let others: Vec<&Seen> = session.people.iter().filter(may_be).collect();
    // With all the time that might be theirs.
    let end = class.last()?.to;
    let spans = others.iter().flat_map(|other| {
        let open = other.open_since.map(|from| Span { from, to: end });
        other.spans.iter().copied().chain(open)
    });
    let most = intersection(&union(seen.iter().copied().chain(spans)), class);
    let is_changed = judge(&most, class, rule).mark != judged.mark;
    is_changed.then(|| {
        let count = others.len();
        let people = if count == 1 { "person" } else { "people" };
        format!("{count} {people} whose identity is not known may be this student")
    })
}

/// Whether somebody of whom nobody is sure may be this student.
fn may_be(student: i64, identity: &Identity, nameless_too: bool) -> bool {
    match identity.confidence {
        Confidence::Certain | Confidence::Likely => false,
        Confidence::Ambiguous | Confidence::Unknown => {
            identity.candidates.iter().any(|candidate| candidate.user == student)
                || (nameless_too && identity.is_nameless())
        }
    }
}

/// The mark by the rule, of what is known to have been attended.
fn judge(there: &[Span], class: &[Span], rule: &Rule) -> Verdict {
    let (attended, length) = (seconds(there), seconds(class));
    #[allow(clippy::cast_precision_loss)]
    let share = attended as f64 / length as f64;
    let whole = |seconds: i64| seconds / 60;
    let verdict = |mark, reason| Verdict { mark, seconds: attended, share: Some(share), reason };
    let (Some(first), Some(last), Some(begin), Some(end)) =
        (there.first(), there.last(), class.first(), class.last())
    else {
        return verdict(Mark::Absent, "not seen in the session".to_owned());
    };
    let told = format!("{} of {} minutes", whole(attended), whole(length));
    if attended == 0 || share < rule.present_from_share {
        let least = rule.present_from_share * 100.0;
        return verdict(Mark::Absent, format!("{told}, less than {least:.0} %"));
    }
    let late_for = first.from.duration_since(begin.from);
    let early_for = end.to.duration_since(last.to);
    let is_late = rule.late_after.is_some_and(|most| late_for > most);
    let is_early = rule.left_early_before.is_some_and(|most| early_for > most);
    let joined = format!("joined {} minutes after the beginning", whole(late_for.as_secs()));
    let left = format!("left {} minutes before the end", whole(early_for.as_secs()));
    match (is_late, is_early) {
        (false, false) => verdict(Mark::Present, told),
        (true, false) => verdict(Mark::Late, format!("{told}; {joined}")),
        (false, true) => verdict(Mark::LeftEarly, format!("{told}; {left}")),
        (true, true) => verdict(Mark::LateAndLeftEarly, format!("{told}; {joined}, {left}")),
    }
}

fn unknown(seconds: i64, share: Option<f64>, reason: String) -> Verdict {
    Verdict { mark: Mark::Unknown, seconds, share, reason }
}

/// What two lists of merged stretches have in common.
pub fn intersection(a: &[Span], b: &[Span]) -> Vec<Span> {
    let pairs = a.iter().flat_map(|one| b.iter().map(move |other| (one, other)));
    let common = pairs.map(|(one, other)| Span { from: one.from.max(other.from), to: one.to.min(other.to) });
    common.filter(|span| span.from < span.to).collect()
}

/// Seconds of merged stretches.
pub fn seconds(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.to.duration_since(span.from)).sum::<SignedDuration>().as_secs()
}

#[cfg(test)]
mod tests;
