//! What a push brought about, for people and programs.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::identity::Confidence;
use rollbook_moodle::Receipt;
use rollbook_store::Record;
use serde::{Deserialize, Serialize};

use super::people::Seen;
use super::site::Task;

/// Sessions that a report names one by one; the rest are counted.
const NAMED_MAX: usize = 1_000;

/// Result of a push.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where Moodle's tables are.
    pub site: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Whether the plugin's own task writes there too.
    pub plugin_task: Task,
    /// How many.
    #[serde(flatten)]
    pub counts: Counts,
    /// Sessions told, or that would be.
    pub delivered_sessions: Vec<Told>,
    /// Sessions not told on purpose, and why.
    pub held_back_sessions: Vec<Line>,
    /// Sessions that Moodle refused, or could not take just now, and why.
    pub failed_sessions: Vec<Line>,
    /// What was left as it is and should be known.
    pub notes: Vec<String>,
    /// Why it ended before all was done.
    pub stopped: Option<String>,
    /// Somebody stopped it.
    #[serde(skip)]
    pub is_interrupted: bool,
    /// How long it took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: SignedDuration,
}

/// How many.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Sessions written to Moodle, or that would be.
    pub delivered: u64,
    /// Sessions that Moodle holds as they should be.
    pub unchanged: u64,
    /// Sessions not told on purpose.
    pub held_back: u64,
    /// Sessions that could not be told.
    pub failed: u64,
    /// Sessions that are still being collected.
    pub open: u64,
    /// Sessions that closed incomplete, which are told only with `moodle.incomplete`.
    pub closed: u64,
    /// Participants by what was done about them.
    pub rows: Rows,
    /// People of the sessions looked at, by how sure it is who they are.
    pub people: People,
}

/// Participants.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rows {
    /// That had no row.
    pub inserted: u64,
    /// Rows of ours that were wrong.
    pub corrected: u64,
    /// Rows of others whose leave time and duration were wrong.
    pub corrected_of_others: u64,
    /// Rows of ours that had to go.
    pub deleted: u64,
    /// Right already.
    pub kept: u64,
}

/// People by confidence.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct People {
    /// Beyond doubt.
    pub certain: u64,
    /// By a name that fits one only.
    pub likely: u64,
    /// Several fit.
    pub ambiguous: u64,
    /// Nobody fits.
    pub unknown: u64,
}

/// A session, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// Start, where it is known.
    pub started_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// A session that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// Start, where it is known.
    pub started_at: Option<Timestamp>,
    /// Moodle had nothing of it.
    pub is_new: bool,
    /// Its participants.
    pub rows: Rows,
}

impl Report {
    /// Of a push that has done nothing yet.
    pub fn new(site: String, dry_run: bool, plugin_task: Task) -> Report {
        Report {
            site,
            dry_run,
            plugin_task,
            counts: Counts::default(),
            delivered_sessions: Vec::new(),
            held_back_sessions: Vec::new(),
            failed_sessions: Vec::new(),
            notes: Vec::new(),
            stopped: None,
            is_interrupted: false,
            took: SignedDuration::ZERO,
        }
    }

    /// Whether all that could be told was.
    pub fn is_whole(&self) -> bool {
        self.counts.failed == 0 && self.stopped.is_none()
    }

    /// The push in one sentence.
    pub fn sentence(&self) -> String {
        let counts = &self.counts;
        let mut said = format!(
            "{} sessions delivered, {} as they should be, {} held back, {} failed",
            counts.delivered, counts.unchanged, counts.held_back, counts.failed
        );
        if let Some(reason) = &self.stopped {
            said.push_str("; stopped: ");
            said.push_str(reason);
        }
        said
    }

    pub(super) fn told(&mut self, record: &Record, receipt: &Receipt) {
        let rows = Rows::of(receipt);
        self.counts.delivered += 1;
        self.counts.rows.add(rows);
        for note in &receipt.notes {
            self.note(format!("{}: {note}", record.instance.uuid));
        }
        if self.delivered_sessions.len() < NAMED_MAX {
            self.delivered_sessions.push(Told {
                meeting_uuid: record.instance.uuid.clone(),
                meeting_id: record.instance.number,
                topic: record.instance.topic.clone(),
                started_at: record.instance.started_at,
                is_new: receipt.details_before.is_none(),
                rows,
            });
        }
    }

    pub(super) fn held_back(&mut self, record: &Record, reason: &str) {
        self.counts.held_back += 1;
        if self.held_back_sessions.len() < NAMED_MAX {
            self.held_back_sessions.push(Line::of(record, reason));
        }
    }

    pub(super) fn failed(&mut self, record: &Record, reason: &str) {
        self.counts.failed += 1;
        if self.failed_sessions.len() < NAMED_MAX {
            self.failed_sessions.push(Line::of(record, reason));
        }
    }

    pub(super) fn note(&mut self, note: String) {
        if self.notes.len() < NAMED_MAX {
            self.notes.push(note);
        }
    }

    pub(super) fn count_people(&mut self, seen: &[Seen]) {
        for person in seen {
            let count = match person.identity.confidence {
                Confidence::Certain => &mut self.counts.people.certain,
                Confidence::Likely => &mut self.counts.people.likely,
                Confidence::Ambiguous => &mut self.counts.people.ambiguous,
                Confidence::Unknown => &mut self.counts.people.unknown,
            };
            *count += 1;
        }
    }
}

impl Line {
    /// A session, and why.
    pub fn of(record: &Record, reason: &str) -> Line {
        Line {
            meeting_uuid: record.instance.uuid.clone(),
            meeting_id: record.instance.number,
            topic: record.instance.topic.clone(),
            started_at: record.instance.started_at,
            reason: reason.to_owned(),
        }
    }
}

impl Rows {
    fn of(receipt: &Receipt) -> Rows {
        let count = |rows: usize| rows as u64;
        Rows {
            inserted: count(receipt.inserted.len()),
            corrected: count(receipt.corrected.len()),
            corrected_of_others: count(receipt.overwritten.len()),
            deleted: count(receipt.deleted.len()),
            kept: count(receipt.kept),
        }
    }

    fn add(&mut self, other: Rows) {
        self.inserted += other.inserted;
        self.corrected += other.corrected;
        self.corrected_of_others += other.corrected_of_others;
        self.deleted += other.deleted;
        self.kept += other.kept;
    }
}

fn seconds<S: serde::Serializer>(took: &SignedDuration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(took.as_secs())
}
