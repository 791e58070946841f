//! Whether what is planned at Zoom is still what a Moodle activity says of it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::roster::Activity;

/// Characters of a topic that Zoom keeps (its documents); Moodle's names may be longer.
const TOPIC_MAX: usize = 200;

/// How a meeting recurs at Zoom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// It is planned once.
    Once,
    /// It has a schedule, and so occurrences.
    OnSchedule,
    /// It may be held whenever its host likes, so it has neither start nor length.
    AtAnyTime,
}

/// One planned run of a meeting that recurs on a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Planned start.
    pub start: Timestamp,
    /// Planned length, where Zoom told one.
    pub length: Option<SignedDuration>,
}

/// What is planned at Zoom under one number. None where Zoom told nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is called.
    pub topic: Option<String>,
    /// Zoom's user ID of the host.
    pub host_id: Option<String>,
    /// How it recurs; none for a kind that nobody announced, and for personal rooms, whose plan says nothing.
    pub recurrence: Option<Recurrence>,
    /// Planned start; of a schedule, the first one.
    pub start: Option<Timestamp>,
    /// Planned length.
    pub length: Option<SignedDuration>,
    /// Runs that were not called off, of a meeting that recurs on a schedule.
    pub occurrences: Vec<Occurrence>,
}

/// Something that is not the same in Moodle and at Zoom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Difference {
    /// What it is called.
    Topic {
        /// In Moodle.
        moodle: String,
        /// At Zoom.
        zoom: String,
    },
    /// When it begins. Of a schedule, `zoom` is the occurrence closest to Moodle's time.
    Start {
        /// In Moodle.
        moodle: Timestamp,
        /// At Zoom; none where it has no fixed time there.
        zoom: Option<Timestamp>,
    },
    /// How long it is planned for, in seconds.
    Length {
        /// In Moodle.
        moodle: i64,
        /// At Zoom.
        zoom: i64,
    },
    /// Whose it is.
    Host {
        /// In Moodle.
        moodle: String,
        /// At Zoom.
        zoom: String,
    },
    /// Whether it is held more than once.
    Recurs {
        /// In Moodle.
        moodle: bool,
        /// At Zoom.
        zoom: bool,
    },
    /// Meeting or webinar.
    Webinar {
        /// In Moodle.
        moodle: bool,
        /// At Zoom.
        zoom: bool,
    },
}

/// What differs between an activity and the plan at Zoom. What either side does not tell is not compared.
///
/// An activity of a schedule holds one of its times, and not always the first: the plugin moves it on. So it is the same if
/// that time is any of the occurrences. One that recurs without a schedule has no times to compare.
pub fn differences(activity: &Activity, plan: &Plan) -> Vec<Difference> {
    let mut found = Vec::new();
    let zoom = plan.topic.as_deref().map(plain);
    if let Some(zoom) = zoom.filter(|zoom| *zoom != clipped(&plain(&activity.name))) {
        found.push(Difference::Topic { moodle: plain(&activity.name), zoom });
    }
    found.extend(host(activity, plan));
    let recurs = plan.recurrence.map(|recurrence| recurrence != Recurrence::Once);
    match (plan.recurrence, recurs) {
        (_, Some(zoom)) if zoom != activity.is_recurring => {
            found.push(Difference::Recurs { moodle: activity.is_recurring, zoom });
        }
        (Some(Recurrence::Once), _) => found.extend(times(activity, plan.start, plan.length)),
        (Some(Recurrence::OnSchedule), _) => found.extend(scheduled(activity, plan)),
        _ => {}
    }
    found
}

fn host(activity: &Activity, plan: &Plan) -> Option<Difference> {
    let zoom = plan.host_id.as_ref().filter(|zoom| !zoom.is_empty() && **zoom != activity.host_id)?;
    (!activity.host_id.is_empty())
        .then(|| Difference::Host { moodle: activity.host_id.clone(), zoom: zoom.clone() })
}

/// Start and length of something that is planned once.
fn times(activity: &Activity, start: Option<Timestamp>, length: Option<SignedDuration>) -> Vec<Difference> {
    let mut found = Vec::new();
    if let Some(moodle) =
        activity.planned_start.filter(|moodle| !start.is_some_and(|start| is_same(*moodle, start)))
    {
        found.push(Difference::Start { moodle, zoom: start });
    }
    let moodle = activity.planned_length;
    if let Some(zoom) = length.filter(|zoom| !moodle.is_zero() && *zoom != moodle) {
        found.push(Difference::Length { moodle: moodle.as_secs(), zoom: zoom.as_secs() });
    }
    found
}

/// Start and length against the occurrence that the activity means.
fn scheduled(activity: &Activity, plan: &Plan) -> Vec<Difference> {
    let Some(moodle) = activity.planned_start else { return times(activity, None, plan.length) };
    let apart = |one: &&Occurrence| (one.start.duration_since(moodle).abs(), one.start);
    match plan.occurrences.iter().min_by_key(apart) {
        Some(nearest) => times(activity, Some(nearest.start), nearest.length.or(plan.length)),
        None => times(activity, plan.start, plan.length),
    }
}

/// Both sides plan in minutes.
fn is_same(one: Timestamp, other: Timestamp) -> bool {
    one.as_second().div_euclid(60) == other.as_second().div_euclid(60)
}

/// A name without the blanks that forms and databases add and take away.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clipped(name: &str) -> String {
    name.chars().take(TOPIC_MAX).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests;
