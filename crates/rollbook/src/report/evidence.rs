//! What is known of an instance, and by which evidence: every reading, where each value comes from, what is asked next.

use jiff::Timestamp;
use rollbook_core::family::Family;
use rollbook_core::instance::TimesFrom;
use rollbook_core::job::Ask;
use rollbook_core::label::Label;
use rollbook_core::quality::{QualityOutcome, QualityReading};
use rollbook_core::reading::{Outcome, Status};
use rollbook_core::stay::Stay;
use rollbook_store::{Job, KnownRecord, QualityRecord, Record, Store, StoredReading};
use serde::Serialize;

use crate::cli::page::count;
use crate::collector::reconsider::derive_stays;

/// Of which stays the evidence is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// None.
    Counts,
    /// Those of one `user_id`.
    One(&'a str),
    /// All.
    All,
}

/// What is known of one instance, and how.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// Its facts and its place in the ledger.
    #[serde(flatten)]
    pub record: Record,
    /// Where start and end come from, in words.
    pub times_told_by: &'static str,
    /// Every reading, oldest first.
    pub readings: Vec<ReadingLine>,
    /// What is asked next.
    pub job: Option<JobLine>,
    /// What is known of its number from Moodle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moodle: Option<KnownRecord>,
    /// Where its call quality stands; none if nobody wants it.
    pub quality: Option<QualityRecord>,
    /// What is asked next of its call quality.
    pub quality_job: Option<JobLine>,
    /// Stays by kind.
    pub stays: StayCounts,
    /// Which reading each value of a stay comes from, where wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay_evidence: Option<Vec<StayEvidence>>,
}

/// One reading.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingLine {
    /// Its place among the instance's readings, from 1.
    pub number: usize,
    /// What the store holds.
    #[serde(flatten)]
    pub reading: StoredReading,
    /// What it said, in words.
    pub said: String,
}

/// The job of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct JobLine {
    /// Its number.
    pub id: i64,
    /// What it asks, in words.
    pub asks: String,
    /// Its price.
    pub label: Label,
    /// When it is due.
    pub due_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Passing failures in a row.
    pub tries: u32,
    /// Whether a person waits for it.
    pub is_person: bool,
    /// Whether some pages are read already.
    pub is_begun: bool,
}

/// Stays by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StayCounts {
    /// In the meeting.
    pub in_meeting: usize,
    /// In the waiting room.
    pub in_waiting_room: usize,
    /// No longer held by later complete readings.
    pub withdrawn: usize,
}

/// One stay, value by value.
#[derive(Debug, Clone, Serialize)]
pub struct StayEvidence {
    /// Zoom's number of the connection.
    pub user_id: String,
    /// Join.
    pub join_time: Timestamp,
    /// Whether it is withdrawn.
    pub withdrawn: bool,
    /// Each value with its reading.
    pub values: Vec<ValueLine>,
}

/// One value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueLine {
    /// Which.
    pub field: &'static str,
    /// The value; none if no reading told it.
    pub value: Option<String>,
    /// The reading's place among the instance's readings, from 1.
    pub reading: Option<usize>,
    /// Its family.
    pub family: Option<Family>,
}

/// All instances of a name: the latest in full, earlier ones as they stand in the ledger.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Earlier ones.
    pub earlier: Vec<Record>,
    /// The latest, by start.
    pub full: Vec<Told>,
}

/// Tells about these instances, the last `full_max` of them in full.
///
/// # Errors
/// If the store cannot be read.
pub fn tell(
    store: &Store,
    mut records: Vec<Record>,
    wanted: Wanted<'_>,
    full_max: usize,
) -> anyhow::Result<Answer> {
    let latest = records.split_off(records.len().saturating_sub(full_max));
    let full = latest.into_iter().map(|record| Told::of(store, record, wanted));
    Ok(Answer { earlier: records, full: full.collect::<rollbook_store::Result<_>>()? })
}

impl Told {
    fn of(store: &Store, record: Record, wanted: Wanted<'_>) -> rollbook_store::Result<Told> {
        let readings: Vec<ReadingLine> = store
            .readings(record.id)?
            .into_iter()
            .enumerate()
            .map(|(place, reading)| ReadingLine { number: place + 1, said: said(&reading), reading })
            .collect();
        let stay_evidence = match wanted {
            Wanted::Counts => None,
            Wanted::One(_) | Wanted::All => Some(evidence(store, &record, &readings, wanted)?),
        };
        Ok(Told {
            times_told_by: times_told_by(record.instance.times_from),
            job: store.instance_job(record.id)?.map(job_line),
            moodle: match record.instance.number {
                Some(number) => store.known_number(&record.account, number, record.instance.kind)?,
                None => None,
            },
            quality: store.quality_state(record.id)?,
            quality_job: store.quality_job(record.id)?.map(job_line),
            stays: stay_counts(&store.stays(record.id)?),
            record,
            readings,
            stay_evidence,
        })
    }

    /// Whether no stay's evidence was found.
    pub fn has_no_stay_evidence(&self) -> bool {
        self.stay_evidence.as_ref().is_none_or(Vec::is_empty)
    }
}

fn times_told_by(times_from: TimesFrom) -> &'static str {
    match times_from {
        TimesFrom::Nowhere => "nobody yet",
        TimesFrom::Derived => "first join and last leave of its stays",
        TimesFrom::Event => "events Zoom sent",
        TimesFrom::List => "Zoom's list of the day",
        TimesFrom::Details => "Zoom, asked for this one alone",
    }
}

fn job_line(job: Job) -> JobLine {
    JobLine {
        id: job.id,
        asks: match &job.spec.ask {
            Ask::Participants { family, .. } => format!("who was there, from {}", family.name()),
            Ask::Details { .. } => "its times and count".to_owned(),
            Ask::Quality { participant: None, .. } => "everybody's call quality".to_owned(),
            Ask::Quality { participant: Some(user_id), .. } => format!("the call quality of {user_id}"),
            Ask::List { .. } | Ask::UserMeetings { .. } => "a list".to_owned(),
            Ask::Instances { .. } => "the runs of its number".to_owned(),
        },
        label: job.spec.label,
        due_at: job.spec.due_at,
        reason: job.spec.reason,
        tries: job.tries,
        is_person: job.spec.is_person,
        is_begun: job.progress.is_some(),
    }
}

fn stay_counts(stays: &[Stay]) -> StayCounts {
    let mut counts = StayCounts::default();
    for stay in stays {
        match (stay.is_withdrawn, stay.status) {
            (true, _) => counts.withdrawn += 1,
            (false, Status::InMeeting) => counts.in_meeting += 1,
            (false, Status::InWaitingRoom) => counts.in_waiting_room += 1,
        }
    }
    counts
}

/// What a reading said, for people.
fn said(reading: &StoredReading) -> String {
    if let Ok(quality) = serde_json::from_value::<QualityReading>(reading.outcome.clone()) {
        return quality_said(&quality);
    }
    let Ok(outcome) = serde_json::from_value::<Outcome>(reading.outcome.clone()) else {
        return details_said(&reading.outcome);
    };
    match outcome {
        Outcome::Rows(rows) => {
            let of = |number: u32, one, many| count(u64::from(number), one, many);
            let mut text = format!(
                "{}: {} in the meeting, at least {}",
                of(rows.rows, "row", "rows"),
                of(rows.in_meeting, "stay", "stays"),
                of(rows.people_low, "person", "people"),
            );
            if rows.half_made > 0 {
                text += &format!("; {} unfinished", of(rows.half_made, "row", "rows"));
            }
            text
        }
        Outcome::Empty => "an empty list".to_owned(),
        Outcome::NotFound { said } => format!("not found: {said:?}"),
        Outcome::TooOld { said } => format!("too old: {said:?}"),
        Outcome::Failed { said } => format!("refused: {said:?}"),
    }
}

fn quality_said(reading: &QualityReading) -> String {
    let of_whom =
        reading.participant.as_ref().map_or(String::new(), |user_id| format!(" (of {user_id} alone)"));
    let live = if reading.while_live { ", while it ran" } else { "" };
    let said = match &reading.outcome {
        QualityOutcome::Rows { rows, samples, odd, strangers } => {
            let mut said = format!("{} of {} connections", count(*samples, "sample", "samples"), rows);
            if *odd > 0 {
                said += &format!(", {} that cannot be read", count(u64::from(*odd), "value", "values"));
            }
            if *strangers > 0 {
                said += &format!(", {strangers} of no stay we know");
            }
            said
        }
        QualityOutcome::Empty => "an empty list".to_owned(),
        QualityOutcome::NotFound { said } => format!("not found: {said:?}"),
        QualityOutcome::TooOld { said } => format!("too long ago: {said:?}"),
        QualityOutcome::Failed { said } => format!("failed: {said:?}"),
    };
    format!("{said}{of_whom}{live}")
}

fn details_said(outcome: &serde_json::Value) -> String {
    let text = |key: &str| match outcome.get(key) {
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(said) = text("said") {
        return format!("no details: {said:?}");
    }
    let known = [
        text("started_at").map(|at| format!("started {at}")),
        text("ended_at").map(|at| format!("ended {at}")),
        text("listed_count").map(|count| format!("{count} people")),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if known.is_empty() { "no times and no count".to_owned() } else { known.join(", ") }
}

/// Derives the stays anew and says of each value which reading it comes from.
fn evidence(
    store: &Store,
    record: &Record,
    readings: &[ReadingLine],
    wanted: Wanted<'_>,
) -> rollbook_store::Result<Vec<StayEvidence>> {
    let held = store.evidence(record.id)?;
    // Readings of times and count hold no rows, so they are not among those that stays are derived from.
    let of_rows: Vec<&ReadingLine> =
        readings.iter().filter(|line| Family::from_name(&line.reading.family).is_some()).collect();
    let is_wanted = |stay: &Stay| match wanted {
        Wanted::Counts => false,
        Wanted::One(user_id) => stay.user_id == user_id,
        Wanted::All => true,
    };
    let stays = derive_stays(record, &held);
    Ok(stays
        .iter()
        .filter(|stay| is_wanted(stay))
        .map(|stay| StayEvidence {
            user_id: stay.user_id.clone(),
            join_time: stay.joined_at,
            withdrawn: stay.is_withdrawn,
            values: values(stay)
                .into_iter()
                .map(|(field, value)| {
                    let from = stay.evidence.get(field).and_then(|index| of_rows.get(*index));
                    ValueLine {
                        field,
                        value,
                        reading: from.map(|line| line.number),
                        family: from.and_then(|line| Family::from_name(&line.reading.family)),
                    }
                })
                .collect(),
        })
        .collect())
}

fn values(stay: &Stay) -> [(&'static str, Option<String>); 9] {
    [
        ("name", stay.name.clone()),
        ("email", stay.email.clone()),
        ("join_time", Some(stay.joined_at.to_string())),
        ("leave_time", stay.left_at.map(|at| at.to_string())),
        ("status", Some(stay.status.name().to_owned())),
        ("breakout", stay.is_breakout.map(|is| if is { "yes" } else { "no" }.to_owned())),
        ("zoom_user_id", stay.zoom_user_id.clone()),
        ("registrant_id", stay.registrant_id.clone()),
        ("participant_uuid", stay.participant_uuid.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(outcome: serde_json::Value, expected: &str) {
        let at = Timestamp::UNIX_EPOCH;
        let reading =
            StoredReading { id: 1, family: "report".into(), asked_at: at, run: None, calls: 1, outcome };
        assert_eq!(said(&reading), expected);
    }

    #[test]
    fn what_a_reading_said_is_told_in_words() {
        check(serde_json::json!({ "outcome": "empty" }), "an empty list");
        check(serde_json::json!({ "outcome": "not_found", "said": "no such" }), "not found: \"no such\"");
        check(
            serde_json::json!({ "started_at": "2026-11-20T09:00:00Z", "ended_at": null, "listed_count": 3 }),
            "started 2026-11-20T09:00:00Z, 3 people",
        );
        check(serde_json::json!({ "started_at": null }), "no times and no count");
    }
}
