//! Where an instance goes when several activities show its meeting.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::roster::Activity;

/// The activity that gets an instance, and those that show the same meeting and get nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<'a> {
    /// Where it goes.
    pub activity: &'a Activity,
    /// Why there, in a few words.
    pub because: &'static str,
    /// The others, best first. They have to be named: Moodle's unique key on `uuid` allows one activity only.
    pub others: Vec<&'a Activity>,
}

/// Chooses among the activities of a meeting number: the one that already holds the instance's details row
/// (`holder`, a `{zoom}.id`), else the one with most earlier sessions of that number (`earlier`, by `{zoom}.id`), else
/// one that students see before a hidden one, one that still exists on Zoom, the oldest.
///
/// The plugin gives it to an arbitrary one (MOODLE.md section 2). Activities without a course module are about to vanish
/// and get nothing; number 0 is a copy that has no meeting (section 1).
pub fn choose_activity<'a>(
    activities: &'a [Activity],
    number: u64,
    holder: Option<i64>,
    earlier: &BTreeMap<i64, u64>,
) -> Option<Choice<'a>> {
    let sessions = |activity: &Activity| earlier.get(&activity.id).copied().unwrap_or(0);
    let mut fit: Vec<&Activity> = activities
        .iter()
        .filter(|activity| number != 0 && activity.number == number && activity.module.is_some())
        .collect();
    fit.sort_by_key(|activity| {
        (
            holder != Some(activity.id),
            Reverse(sessions(activity)),
            !activity.is_visible,
            !activity.exists_on_zoom,
            activity.id,
        )
    });
    let (first, others) = fit.split_first()?;
    Some(Choice {
        activity: first,
        because: because(first, others, holder, sessions),
        others: others.to_vec(),
    })
}

fn because(
    first: &Activity,
    others: &[&Activity],
    holder: Option<i64>,
    sessions: impl Fn(&Activity) -> u64,
) -> &'static str {
    let Some(second) = others.first() else { return "the only activity of this meeting" };
    if holder == Some(first.id) {
        "the session is there already"
    } else if sessions(first) > sessions(second) {
        "most earlier sessions of this meeting are there"
    } else if first.is_visible != second.is_visible {
        "students see it"
    } else if first.exists_on_zoom != second.exists_on_zoom {
        "its meeting still exists on Zoom"
    } else {
        "the oldest of the activities of this meeting"
    }
}

#[cfg(test)]
mod tests;
