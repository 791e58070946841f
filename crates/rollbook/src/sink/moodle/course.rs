//! A course as it was held: its sessions, everybody who was seen in them, and who that is.
//!
//! For marks and grades people are always told apart by rollbook's own rules, whatever rows are written for the plugin's
//! sake: its rules name some wrongly (MOODLE.md section 3).

use std::collections::BTreeSet;

use jiff::Timestamp;
use rollbook_core::attendance::{Span, presences};
use rollbook_core::course::{Basis, Seen, Session, Standing, class_time, planned};
use rollbook_core::identity::{Identity, Known, sighting, who};
use rollbook_core::instance::Instance;
use rollbook_core::roster::Activity;
use rollbook_core::session::{RESTART_GAP, sessions};
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_store::{Record, State, Store};

mod read;

pub use read::{CourseBook, NoCourse, Reading, find, read_course};

/// One session of a course.
#[derive(Debug, Clone)]
pub struct Held {
    /// `{zoom}.id` of the course's activities it belongs to, the one it fits best first.
    pub activities: Vec<i64>,
    /// Zoom's meeting number.
    pub number: u64,
    /// Its instances, by start.
    pub runs: Vec<Record>,
    /// First start.
    pub started_at: Option<Timestamp>,
    /// Last end; none while one is not known.
    pub ended_at: Option<Timestamp>,
    /// The stretches in which it was held, and everybody in it.
    pub session: Session,
    /// What each of them is called, in the same order.
    pub names: Vec<String>,
}

/// What the store holds of a course's meetings, before anybody is named.
#[derive(Debug, Clone, Default)]
pub struct Meetings {
    /// Sessions by start; those whose start nobody has told come last.
    sessions: Vec<Meeting>,
}

#[derive(Debug, Clone)]
struct Meeting {
    number: u64,
    runs: Vec<Record>,
    stays: Vec<Stay>,
}

impl Meetings {
    /// Reads the sessions of these meeting numbers that began in the window; those whose start nobody knows may have.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(
        store: &Store,
        account: &str,
        numbers: &BTreeSet<u64>,
        window: Option<Window>,
    ) -> rollbook_store::Result<Meetings> {
        let mut meetings = Meetings::default();
        for number in numbers {
            let records = store.instances_named(Some(account), Some(*number), &number.to_string())?;
            let instances: Vec<Instance> = records.iter().map(|record| record.instance.clone()).collect();
            for session in sessions(&instances, RESTART_GAP) {
                let runs: Vec<Record> = session.into_iter().map(|index| records[index].clone()).collect();
                let start = runs.first().and_then(|run| run.instance.started_at);
                if window.zip(start).is_some_and(|(window, start)| !window.contains(start)) {
                    continue;
                }
                let mut stays = Vec::new();
                for run in &runs {
                    stays.extend(store.stays(run.id)?);
                }
                meetings.sessions.push(Meeting { number: *number, runs, stays });
            }
        }
        meetings.sessions.sort_by_key(|meeting| {
            let first = &meeting.runs[0].instance;
            (first.started_at.unwrap_or(Timestamp::MAX), meeting.number, first.uuid.clone())
        });
        Ok(meetings)
    }

    /// The stays of every session.
    pub fn stays(&self) -> impl Iterator<Item = &[Stay]> {
        self.sessions.iter().map(|meeting| meeting.stays.as_slice())
    }

    /// Names everybody by what is known. `activities` are the course's own.
    pub fn held(
        &self,
        known: &Known<'_>,
        activities: &[Activity],
        basis: Basis,
        label: impl Fn(Option<Timestamp>) -> String,
    ) -> Vec<Held> {
        self.sessions.iter().map(|meeting| meeting.held(known, activities, basis, &label)).collect()
    }
}

impl Meeting {
    fn held(
        &self,
        known: &Known<'_>,
        activities: &[Activity],
        basis: Basis,
        label: impl Fn(Option<Timestamp>) -> String,
    ) -> Held {
        let instances: Vec<&Instance> = self.runs.iter().map(|run| &run.instance).collect();
        let own = owners(activities, self.number, &instances);
        let class_time = class_time(&instances, own.first().copied(), basis);
        let (people, names) = self.people(known);
        let started_at = instances.first().and_then(|instance| instance.started_at);
        let ends = instances.iter().map(|instance| instance.ended_at);
        Held {
            activities: own.iter().map(|activity| activity.id).collect(),
            number: self.number,
            runs: self.runs.clone(),
            started_at,
            ended_at: ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max()),
            session: Session { label: label(started_at), standing: standing(&self.runs), class_time, people },
            names,
        }
    }

    /// Everybody who was in the meeting itself, with the name shown.
    fn people(&self, known: &Known<'_>) -> (Vec<Seen>, Vec<String>) {
        let there = presences(&self.stays, None).into_iter().filter(|presence| presence.stays > 0);
        // Who was erased is none of those whom a device without a name may have been.
        let is_erased = |index: &usize| self.stays[*index].is_nameless();
        there
            .filter(|presence| !presence.members.iter().any(is_erased))
            .map(|presence| {
                let stays: Vec<&Stay> = presence.members.iter().map(|index| &self.stays[*index]).collect();
                let identity: Identity = who(&sighting(&stays), known);
                let seen = Seen { identity, spans: presence.spans, open_since: presence.open_since };
                (seen, presence.name)
            })
            .unzip()
    }
}

fn standing(runs: &[Record]) -> Standing {
    if runs.iter().any(|run| run.state.is_open()) {
        Standing::Open
    } else if runs.iter().any(|run| run.state == State::Closed) {
        Standing::Closed
    } else {
        Standing::Verified
    }
}

/// The activities of a course that a session of a number belongs to. One planned for its time takes it from those planned
/// for another time; one that repeats takes any. What nobody's plan fits belongs to all: a class that was moved.
fn owners<'a>(activities: &'a [Activity], number: u64, instances: &[&Instance]) -> Vec<&'a Activity> {
    let of_number =
        || activities.iter().filter(|activity| activity.number == number && activity.module.is_some());
    let held: Vec<Span> = instances
        .iter()
        .filter_map(|instance| Some(Span { from: instance.started_at?, to: instance.ended_at? }))
        .collect();
    let is_planned = |activity: &Activity| {
        planned(activity).is_some_and(|plan| held.iter().any(|run| run.from < plan.to && plan.from < run.to))
    };
    let rank = |activity: &Activity| match (is_planned(activity), planned(activity)) {
        (true, _) => 0,
        (false, None) => 1,
        (false, Some(_)) => 2,
    };
    let best = of_number().map(rank).min().unwrap_or(0);
    // With a plan that fits, an activity that repeats has it too.
    let mut own: Vec<&Activity> = of_number().filter(|activity| rank(activity) <= best.max(1)).collect();
    own.sort_by_key(|activity| (rank(activity), activity.id));
    own
}

/// Meeting numbers of activities that a page shows.
pub fn numbers<'a>(activities: impl IntoIterator<Item = &'a Activity>) -> BTreeSet<u64> {
    let shown = activities.into_iter().filter(|activity| activity.module.is_some() && activity.number != 0);
    shown.map(|activity| activity.number).collect()
}

#[cfg(test)]
mod tests;
