//! What is shown of one person's call.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::quality::assess::{PoorMinute, worst_minutes};
use rollbook_core::quality::words::verdict;
use rollbook_core::quality::{Cause, ChannelQuality, Grade};
use rollbook_store::Record;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::report::callers::{Caller, Connection};
use crate::report::calls::samples;
use crate::web::address;

/// Worst minutes that are named.
const WORST_MAX: usize = 10;

/// One person's call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonCallView {
    /// UUID of the run.
    pub meeting_uuid: String,
    /// The meeting's page.
    pub meeting_path: String,
    /// Its topic.
    pub topic: Option<String>,
    /// Its number.
    pub meeting_id: Option<u64>,
    /// What the person is called in addresses.
    pub reference: String,
    /// Their page.
    pub path: String,
    /// Name.
    pub name: String,
    /// E-mail, where known.
    pub email: Option<String>,
    /// By what their connections are held to be one person's.
    pub tied_by: &'static str,
    /// Start of the meeting.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// How the call went, in words.
    pub sentence: String,
    /// Score, 0 to 100.
    pub score: Option<f64>,
    /// Minutes measured.
    pub measured_minutes: u32,
    /// Those of them that were bad.
    pub bad_minutes: u32,
    /// Times the connection broke off and came back.
    pub drops: u32,
    /// The connection ended before the meeting did, after bad minutes, and did not come back.
    pub was_lost: bool,
    /// Each stream that flowed.
    pub streams: Vec<StreamView>,
    /// The worst minutes, worst first.
    pub worst_minutes: Vec<WorstView>,
    /// Their connections, by join.
    pub connections: Vec<ConnectionView>,
    /// Each measured minute: when, and 1 good, 2 fair, 3 bad, null for too little measured.
    #[schema(value_type = Vec<(String, Option<u8>)>)]
    pub minutes: Vec<(Timestamp, Option<u8>)>,
}

/// One stream.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamView {
    /// `audio_in` and so on.
    pub stream: &'static str,
    /// The same for people. Whether `in` is what the person sends or receives, Zoom does not state.
    pub words: String,
    /// Score, 0 to 100.
    pub score: f64,
    /// Minutes measured.
    pub minutes: u32,
    /// Those of them that were bad.
    pub bad_minutes: u32,
    /// Mean bitrate, kbps.
    pub bitrate_kbps: Option<f64>,
    /// Mean latency, ms.
    pub latency_ms: Option<f64>,
    /// Mean jitter, ms.
    pub jitter_ms: Option<f64>,
    /// Mean loss, percent.
    pub loss_pct: Option<f64>,
    /// Greatest loss of a minute, percent.
    pub worst_loss_pct: Option<f64>,
    /// What was wrong; none of a stream without bad minutes.
    pub cause: Option<&'static str>,
}

/// One minute that was not good.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorstView {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The worst stream of it.
    pub stream: String,
    /// `fair` or `bad`.
    pub grade: &'static str,
    /// What was wrong.
    pub cause: Option<&'static str>,
    /// Score, 0 to 100.
    pub score: f64,
    /// Loss, percent.
    pub loss_pct: Option<f64>,
    /// Latency, ms.
    pub latency_ms: Option<f64>,
    /// Jitter, ms.
    pub jitter_ms: Option<f64>,
    /// Pictures a second.
    pub frame_rate: Option<f64>,
    /// Most that everything on the computer took of its processor, percent.
    pub cpu_pct: Option<f64>,
}

/// One connection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionView {
    /// Zoom's number of it.
    pub user_id: String,
    /// Join.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    /// Leave.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub left_at: Option<Timestamp>,
    /// Device, network, versions, as Zoom told them.
    pub details: BTreeMap<String, String>,
    /// How it went, in words; none where Zoom has told nothing.
    pub verdict: Option<String>,
    /// One object a minute: `time`, and each figure that was told, by the names of `rollbook export qos`.
    #[schema(value_type = Vec<Object>)]
    pub samples: Vec<Value>,
}

impl PersonCallView {
    /// Puts it together.
    pub fn of(record: &Record, caller: &Caller) -> PersonCallView {
        let (instance, quality, reference) = (&record.instance, &caller.quality, caller.reference());
        let told = || caller.connections.iter().filter_map(|connection| connection.told.as_ref());
        let mut worst: Vec<PoorMinute> =
            told().flat_map(|(row, _)| worst_minutes(&row.series, WORST_MAX)).collect();
        worst.sort_by(|a, b| a.verdict.score.total_cmp(&b.verdict.score).then(a.at.cmp(&b.at)));
        worst.truncate(WORST_MAX);
        let verdicts: Vec<String> = told().map(|(_, quality)| verdict(quality)).collect();
        let sentence = match (quality.sentence(), verdicts.as_slice()) {
            (_, []) => "Zoom has told nothing of this call".to_owned(),
            (_, [only]) => only.clone(),
            (sentence, _) => sentence.unwrap_or_else(|| "nothing was measured".to_owned()),
        };
        PersonCallView {
            meeting_uuid: instance.uuid.clone(),
            meeting_path: address::meeting(&instance.uuid),
            topic: instance.topic.clone(),
            meeting_id: instance.number,
            path: address::person(&instance.uuid, &reference),
            reference,
            name: caller.name.clone(),
            email: caller.email.clone(),
            tied_by: caller.rule.name(),
            started_at: instance.started_at,
            ended_at: instance.ended_at,
            sentence,
            score: quality.score,
            measured_minutes: quality.minutes,
            bad_minutes: quality.bad_minutes,
            drops: quality.drops,
            was_lost: quality.was_lost,
            streams: quality.channels.iter().map(stream).collect(),
            worst_minutes: worst.iter().map(poor).collect(),
            connections: caller.connections.iter().map(connection).collect(),
            minutes: caller.minutes().into_iter().map(|(at, grade)| (at, grade.map(step))).collect(),
        }
    }

    /// The time that everything is drawn along: the meeting's own, and where that is unknown, that of the connections.
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let joins = || self.connections.iter().map(|one| one.joined_at);
        let ends = self.connections.iter().map(|one| one.left_at.unwrap_or(one.joined_at));
        let last = ends.chain(self.minutes.iter().map(|(at, _)| *at)).max();
        let from = self.started_at.into_iter().chain(joins()).min()?;
        let to = self.ended_at.into_iter().chain(last).max()?;
        (to > from).then_some((from, to))
    }

    /// How the call went, in a word.
    pub fn grade(&self) -> Option<&'static str> {
        crate::web::shown::grade(self.score, self.measured_minutes, self.bad_minutes)
    }
}

/// A grade as a step: 1 good, 2 fair, 3 bad.
pub fn step(grade: Grade) -> u8 {
    match grade {
        Grade::Good => 1,
        Grade::Fair => 2,
        Grade::Bad => 3,
    }
}

fn stream(channel: &ChannelQuality) -> StreamView {
    StreamView {
        stream: channel.channel.name(),
        words: channel.channel.words(),
        score: channel.score,
        minutes: channel.minutes,
        bad_minutes: channel.bad_minutes,
        bitrate_kbps: channel.bitrate_kbps,
        latency_ms: channel.latency_ms,
        jitter_ms: channel.jitter_ms,
        loss_pct: channel.loss_pct,
        worst_loss_pct: channel.worst_loss_pct,
        cause: channel.cause.filter(|_| channel.bad_minutes > 0).map(Cause::words),
    }
}

fn poor(minute: &PoorMinute) -> WorstView {
    WorstView {
        at: minute.at,
        stream: minute.channel.words(),
        grade: if minute.verdict.grade == Grade::Bad { "bad" } else { "fair" },
        cause: minute.verdict.cause.map(Cause::words),
        score: minute.verdict.score,
        loss_pct: minute.figures.loss_pct,
        latency_ms: minute.figures.latency_ms,
        jitter_ms: minute.figures.jitter_ms,
        frame_rate: minute.figures.frame_rate,
        cpu_pct: minute.cpu_pct,
    }
}

fn connection(connection: &Connection) -> ConnectionView {
    let told = connection.told.as_ref();
    ConnectionView {
        user_id: connection.stay.user_id.clone(),
        joined_at: connection.stay.joined_at,
        left_at: connection.stay.left_at,
        details: told.map(|(row, _)| row.details.clone()).unwrap_or_default(),
        verdict: told.map(|(_, quality)| verdict(quality)),
        samples: told.map(|(row, _)| samples(row)).unwrap_or_default(),
    }
}
