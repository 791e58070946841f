//! The answers as JSON, and what the text is written from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::instance::Instance;
use rollbook_core::person::Rule;
use rollbook_core::quality::assess::{PoorMinute, worst_minutes};
use rollbook_core::quality::person::{InstanceQuality, PersonQuality, bad_together, instance_quality};
use rollbook_core::quality::words::verdict;
use rollbook_core::quality::{Column, Grade, Odd, QualityRow, StayQuality};
use rollbook_store::{Record, Store};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::callers::{Caller, Connection, Known};

/// Worst minutes that an answer names.
const WORST_MAX: usize = 10;

/// Where figures come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Source {
    /// The store.
    Store {
        /// When Zoom was last asked.
        read_at: Option<Timestamp>,
    },
    /// Zoom, just now.
    Zoom {
        /// Heavy calls it took.
        calls: u32,
        /// `live` or `past`.
        kind: &'static str,
        /// Whether the store has them now.
        is_kept: bool,
    },
}

/// `qos MEETING`.
#[derive(Debug, Clone, Serialize)]
pub struct MeetingReport {
    /// Number.
    pub meeting_id: Option<u64>,
    /// UUIDs of the instances shown.
    pub meeting_uuids: Vec<String>,
    /// Topic.
    pub topic: Option<String>,
    /// First start.
    pub started_at: Option<Timestamp>,
    /// Last end; none while it runs, or where nobody told it.
    pub ended_at: Option<Timestamp>,
    /// Where the figures come from.
    pub source: Source,
    /// What is collected of it, and what is not.
    pub states: Vec<String>,
    /// All in all.
    pub quality: InstanceQuality,
    /// Minutes that were bad for a third or more at once.
    pub together: Vec<Timestamp>,
    /// Everybody, worst call first.
    pub people: Vec<PersonLine>,
}

/// One person of a meeting.
#[derive(Debug, Clone, Serialize)]
pub struct PersonLine {
    /// The name shown.
    pub name: String,
    /// E-mail, where known.
    pub email: Option<String>,
    /// Which rule ties the connections together.
    pub rule: Rule,
    /// Zoom's numbers of their connections, by join: what a single answer is asked by.
    pub user_ids: Vec<String>,
    /// In words.
    pub sentence: Option<String>,
    /// In figures.
    #[serde(flatten)]
    pub quality: PersonQuality,
    /// Each measured minute; null where too little was measured to judge it.
    pub minutes_graded: Vec<Minute>,
}

/// One minute.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Minute {
    /// When it began.
    pub at: Timestamp,
    /// How it was.
    pub grade: Option<Grade>,
}

/// `qos MEETING PARTICIPANT`.
#[derive(Debug, Clone, Serialize)]
pub struct PersonReport {
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// Where the figures come from.
    pub source: Source,
    /// The name shown.
    pub name: String,
    /// E-mail, where known.
    pub email: Option<String>,
    /// Which rule ties the connections together.
    pub rule: Rule,
    /// In words.
    pub sentence: Option<String>,
    /// In figures.
    pub quality: PersonQuality,
    /// The worst minutes of all, worst first.
    pub worst_minutes: Vec<PoorMinute>,
    /// By join.
    pub connections: Vec<ConnectionLine>,
}

/// One connection.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionLine {
    /// UUID of the instance.
    pub meeting_uuid: String,
    /// Zoom's number of the connection.
    pub user_id: String,
    /// Join.
    pub join_time: Timestamp,
    /// Leave.
    pub leave_time: Option<Timestamp>,
    /// Device, network, versions, as Zoom told them.
    pub details: BTreeMap<String, String>,
    /// In words; none where Zoom has told nothing.
    pub verdict: Option<String>,
    /// In figures.
    pub quality: Option<StayQuality>,
    /// One object a minute: `time`, and each figure that was told, by the names of `export qos`.
    pub samples: Vec<Value>,
    /// Values that could not be read.
    pub unreadable: Vec<Odd>,
}

/// What the store holds of these instances' calls, samples included.
///
/// # Errors
/// If the store cannot be read.
pub fn known_of(store: &Store, records: &[Record]) -> rollbook_store::Result<Vec<Known>> {
    let known = |record: &Record| {
        Ok(Known {
            instance: record.instance.clone(),
            stays: store.stays(record.id)?,
            rows: store.quality_with_samples(record.id)?,
        })
    };
    records.iter().map(known).collect()
}

impl MeetingReport {
    /// Puts it together. `instances` are those of one session.
    pub fn make(
        instances: &[&Instance],
        states: Vec<String>,
        callers: &[Caller],
        source: Source,
    ) -> MeetingReport {
        let latest = |field: fn(&Instance) -> Option<String>| {
            instances.iter().rev().find_map(|instance| field(instance))
        };
        let ends: Option<Vec<Timestamp>> = instances.iter().map(|instance| instance.ended_at).collect();
        let people: Vec<PersonQuality> = callers.iter().map(|caller| caller.quality.clone()).collect();
        let grades: Vec<_> = callers.iter().map(Caller::grades).collect();
        MeetingReport {
            meeting_id: instances.iter().find_map(|instance| instance.number),
            meeting_uuids: instances
                .iter()
                .map(|instance| instance.uuid.clone())
                .filter(|uuid| !uuid.is_empty())
                .collect(),
            topic: latest(|instance| instance.topic.clone()),
            started_at: instances.iter().filter_map(|instance| instance.started_at).min(),
            ended_at: ends.and_then(|ends| ends.into_iter().max()),
            source,
            states,
            quality: instance_quality(&people),
            together: bad_together(&grades),
            people: callers
                .iter()
                .zip(grades)
                .map(|(caller, grades)| PersonLine::of(caller, grades))
                .collect(),
        }
    }

    /// The time that the table spans: the meeting's own, and where that is unknown, that of the minutes.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let minutes = || self.people.iter().flat_map(|person| &person.minutes_graded).map(|minute| minute.at);
        let from = self.started_at.or_else(|| minutes().min())?;
        let to = self.ended_at.or_else(|| minutes().max())?;
        (to > from).then_some((from, to))
    }
}

impl PersonLine {
    fn of(caller: &Caller, grades: Vec<(Timestamp, Option<Grade>)>) -> PersonLine {
        PersonLine {
            name: caller.name.clone(),
            email: caller.email.clone(),
            rule: caller.rule,
            user_ids: caller.connections.iter().map(|one| one.stay.user_id.clone()).collect(),
            sentence: caller.quality.sentence(),
            quality: caller.quality.clone(),
            minutes_graded: grades.into_iter().map(|(at, grade)| Minute { at, grade }).collect(),
        }
    }
}

impl PersonReport {
    /// Puts it together.
    pub fn make(meeting: &MeetingReport, caller: &Caller) -> PersonReport {
        let told = || caller.connections.iter().filter_map(|connection| connection.told.as_ref());
        let mut worst: Vec<PoorMinute> =
            told().flat_map(|(row, _)| worst_minutes(&row.series, WORST_MAX)).collect();
        worst.sort_by(|a, b| a.verdict.score.total_cmp(&b.verdict.score).then(a.at.cmp(&b.at)));
        worst.truncate(WORST_MAX);
        PersonReport {
            meeting_id: meeting.meeting_id,
            topic: meeting.topic.clone(),
            source: meeting.source.clone(),
            name: caller.name.clone(),
            email: caller.email.clone(),
            rule: caller.rule,
            sentence: caller.quality.sentence(),
            quality: caller.quality.clone(),
            worst_minutes: worst,
            connections: caller.connections.iter().map(ConnectionLine::of).collect(),
        }
    }
}

impl ConnectionLine {
    fn of(connection: &Connection) -> ConnectionLine {
        let row = connection.told.as_ref().map(|(row, _)| row);
        let quality = connection.told.as_ref().map(|(_, quality)| quality);
        ConnectionLine {
            meeting_uuid: connection.meeting_uuid.clone(),
            user_id: connection.stay.user_id.clone(),
            join_time: connection.stay.joined_at,
            leave_time: connection.stay.left_at,
            details: row.map(|row| row.details.clone()).unwrap_or_default(),
            verdict: quality.map(verdict),
            quality: quality.cloned(),
            samples: row.map(samples).unwrap_or_default(),
            unreadable: row.map(|row| row.series.odd().to_vec()).unwrap_or_default(),
        }
    }
}

/// Samples as objects, one a minute: `time`, and each figure by the name of exports. A gap is left out, as Zoom does.
pub fn samples(row: &QualityRow) -> Vec<Value> {
    let series = &row.series;
    let columns: Vec<(Column, String)> = series.columns().map(|column| (column, column.name())).collect();
    let sample = |at: usize| {
        let mut object = Map::new();
        object.insert("time".to_owned(), json!(series.times()[at]));
        for (column, name) in &columns {
            let value = match column {
                Column::PressureMin | Column::PressureAvg | Column::PressureMax => {
                    series.word(*column, at).map(Value::from)
                }
                _ => series.value(*column, at).map(Value::from),
            };
            object.extend(value.map(|value| (name.clone(), value)));
        }
        Value::Object(object)
    };
    (0..series.len()).map(sample).collect()
}
