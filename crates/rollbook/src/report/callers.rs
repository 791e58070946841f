//! Stays and their samples, gathered into people. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::family::Family;
use rollbook_core::instance::Instance;
use rollbook_core::person::{Rule, people};
use rollbook_core::quality::assess::minute_grades;
use rollbook_core::quality::completeness::ties;
use rollbook_core::quality::person::{PersonQuality, PersonStay, person_quality};
use rollbook_core::quality::{Grade, QualityRow, StayQuality};
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;

/// What is known of one instance's calls.
#[derive(Debug, Clone)]
pub struct Known {
    /// The instance.
    pub instance: Instance,
    /// Its stays, as far as attendance has been collected.
    pub stays: Vec<Stay>,
    /// Its connections with their samples.
    pub rows: Vec<(QualityRow, StayQuality)>,
}

/// One connection of somebody.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The instance it belongs to.
    pub meeting_uuid: String,
    /// When the instance ended, where known.
    pub instance_ended_at: Option<Timestamp>,
    /// The stay.
    pub stay: Stay,
    /// What Zoom told of its call, if it did.
    pub told: Option<(QualityRow, StayQuality)>,
}

/// A person with all their connections.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The name shown: that of the latest stay which has one.
    pub name: String,
    /// E-mail, where known.
    pub email: Option<String>,
    /// Which rule ties the stays together.
    pub rule: Rule,
    /// By join.
    pub connections: Vec<Connection>,
    /// How their call went.
    pub quality: PersonQuality,
}

impl Caller {
    /// The grade of each measured minute, over all connections; `None` where nothing could be judged.
    pub fn grades(&self) -> Vec<(Timestamp, Option<Grade>)> {
        let told = self.connections.iter().filter_map(|connection| connection.told.as_ref());
        told.flat_map(|(row, _)| minute_grades(&row.series)).collect()
    }
}

impl Caller {
    /// The same with each minute once: of two connections at once the worse one counts.
    pub fn minutes(&self) -> BTreeMap<Timestamp, Option<Grade>> {
        let mut minutes: BTreeMap<Timestamp, Option<Grade>> = BTreeMap::new();
        for (at, grade) in self.grades() {
            let held = minutes.entry(at).or_default();
            *held = (*held).max(grade);
        }
        minutes
    }
}

/// Everybody, worst call first; those of whom nothing was measured last. Who only waited at the door is left out.
pub fn callers(known: Vec<Known>) -> Vec<Caller> {
    let mut connections: Vec<Connection> = known.into_iter().flat_map(connections_of).collect();
    connections.sort_by(|a, b| (a.stay.joined_at, &a.stay.user_id).cmp(&(b.stay.joined_at, &b.stay.user_id)));
    let stays: Vec<Stay> = connections.iter().map(|connection| connection.stay.clone()).collect();
    let mut all: Vec<Caller> = people(&stays)
        .into_iter()
        .map(|person| {
            caller(person.rule, person.stays.iter().map(|index| connections[*index].clone()).collect())
        })
        .collect();
    all.sort_by(worst_first);
    all
}

fn connections_of(known: Known) -> Vec<Connection> {
    let Known { instance, stays, rows } = known;
    let stays: Vec<Stay> =
        stays.into_iter().filter(|stay| !stay.is_withdrawn && stay.status == Status::InMeeting).collect();
    let connection = |stay, told| Connection {
        meeting_uuid: instance.uuid.clone(),
        instance_ended_at: instance.ended_at,
        stay,
        told,
    };
    let mut told: Vec<Option<(QualityRow, StayQuality)>> = vec![None; stays.len()];
    let mut strangers = Vec::new();
    for (row, quality) in rows {
        match ties(&stays, &row) {
            Some(index) if told[index].is_none() => told[index] = Some((row, quality)),
            _ => strangers.push(connection(stay_of(&row), Some((row, quality)))),
        }
    }
    let mut all: Vec<Connection> =
        stays.into_iter().zip(told).map(|(stay, told)| connection(stay, told)).collect();
    all.extend(strangers);
    all
}

/// A connection that attendance does not know (yet) is a stay all the same.
fn stay_of(row: &QualityRow) -> Stay {
    let first = row.series.times().first().copied();
    Stay {
        user_id: row.user_id.clone(),
        participant_uuid: row.participant_uuid.clone(),
        zoom_user_id: row.zoom_user_id.clone(),
        registrant_id: None,
        name: row.name.clone(),
        email: row.email.clone(),
        joined_at: row.joined_at.or(first).unwrap_or(Timestamp::UNIX_EPOCH),
        left_at: row.left_at,
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::Metrics,
        is_withdrawn: false,
        evidence: BTreeMap::new(),
    }
}

fn caller(rule: Rule, connections: Vec<Connection>) -> Caller {
    let stays: Vec<PersonStay<'_>> = connections
        .iter()
        .map(|connection| PersonStay {
            stay: &connection.stay,
            quality: connection.told.as_ref().map(|(_, quality)| quality),
            instance_ended_at: connection.instance_ended_at,
        })
        .collect();
    let quality = person_quality(&stays);
    let latest = |field: fn(&Stay) -> Option<&String>| {
        connections.iter().rev().find_map(|connection| field(&connection.stay)).cloned()
    };
    Caller {
        name: latest(|stay| stay.name.as_ref()).unwrap_or_else(|| "(no name)".to_owned()),
        email: latest(|stay| stay.email.as_ref()),
        rule,
        quality,
        connections,
    }
}

fn worst_first(a: &Caller, b: &Caller) -> std::cmp::Ordering {
    let score = |caller: &Caller| caller.quality.score.unwrap_or(f64::INFINITY);
    let share = |caller: &Caller| caller.quality.bad_share.unwrap_or(0.0);
    score(a).total_cmp(&score(b)).then(share(b).total_cmp(&share(a))).then_with(|| a.name.cmp(&b.name))
}

impl Caller {
    /// Whether there is something to say of this call beyond that it was good.
    pub fn is_troubled(&self) -> bool {
        let quality = &self.quality;
        quality.bad_minutes > 0 || quality.drops > 0 || quality.was_lost || quality.cause.is_some()
    }
}

impl Caller {
    /// What the person is called in addresses: an id of the first connection of theirs that has one.
    pub fn reference(&self) -> String {
        let ids = self.connections.iter().map(|connection| &connection.stay.user_id);
        match ids.clone().find(|id| !id.is_empty()) {
            Some(id) => id.clone(),
            // Rows without a number are told apart by when they joined.
            None => self.connections.first().map_or_else(String::new, |first| joined(&first.stay)),
        }
    }

    /// Whether an address means this person: it may name any of their connections.
    pub fn is_meant_by(&self, reference: &str) -> bool {
        let is_meant = |stay: &Stay| stay.user_id == reference || joined(stay) == reference;
        !reference.is_empty() && self.connections.iter().any(|connection| is_meant(&connection.stay))
    }
}

fn joined(stay: &Stay) -> String {
    format!("at{}", stay.joined_at.as_millisecond())
}
