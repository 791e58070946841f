//! What one call (or event) said about an instance: the evidence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::family::Family;

/// Whether a row is time in the meeting or in front of its door (quirk 24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In the meeting.
    #[default]
    InMeeting,
    /// In the waiting room: kept, not counted.
    InWaitingRoom,
}

impl Status {
    /// `in_meeting` or `in_waiting_room`.
    pub fn name(self) -> &'static str {
        match self {
            Status::InMeeting => "in_meeting",
            Status::InWaitingRoom => "in_waiting_room",
        }
    }
}

/// One row of a participants list, in our terms; a blank is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Row {
    /// Zoom's number within the instance, a new one on every connection (quirk 34); empty if Zoom left it out.
    #[serde(rename = "u")]
    pub user_id: String,
    /// Per connection; only metrics and events tell it.
    #[serde(rename = "pu", default, skip_serializing_if = "Option::is_none")]
    pub participant_uuid: Option<String>,
    /// The Zoom user; blank for guests (quirk 28).
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub zoom_user_id: Option<String>,
    /// The registration.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub registrant_id: Option<String>,
    /// The name as typed (quirks 32, 33).
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Blank for people outside the account (quirk 29).
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Join.
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
    /// Leave; missing while still in a live meeting (quirk 39).
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    /// Seconds as Zoom counted them; 0 while data are being made (quirk 43).
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
    /// In the meeting or waiting.
    #[serde(rename = "s", default)]
    pub status: Status,
    /// Breakout room yes or no; unknown from past meetings (quirk 25).
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub is_breakout: Option<bool>,
    /// What only dashboards tell: device, network, version, leave reason and quality words, as Zoom wrote them.
    #[serde(rename = "x", default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub details: std::collections::BTreeMap<String, String>,
}

impl Row {
    /// Whether Zoom has not finished this row: no join, or an ended stay without leave or duration (quirk 43).
    pub fn is_half_made(&self) -> bool {
        match (self.joined_at, self.left_at) {
            (Some(joined), Some(left)) => {
                self.duration_seconds == Some(0) && left.duration_since(joined).as_secs() >= 1
            }
            _ => true,
        }
    }
}

/// How an ask for participants ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// All pages came.
    Rows(Rows),
    /// The list was empty.
    Empty,
    /// 3001: unknown, expired, not ended yet, or not in this family (quirk 21).
    NotFound {
        /// Zoom's words.
        said: String,
    },
    /// Zoom says it is too long ago (12702).
    TooOld {
        /// Zoom's words.
        said: String,
    },
    /// Something about this instance alone is refused; asking again later may help.
    Failed {
        /// Zoom's words.
        said: String,
    },
}

/// What is remembered of a list of rows for judging it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Rows in the answer.
    pub rows: u32,
    /// Stays in the meeting (repeated lines counted once).
    pub in_meeting: u32,
    /// People who are provably different among those.
    pub people_low: u32,
    /// Rows that Zoom has not finished.
    pub half_made: u32,
    /// Equal digests mean equal stays.
    pub digest: String,
}

/// One reading without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which family said it.
    pub family: Family,
    /// When its first page was asked for.
    pub asked_at: Timestamp,
    /// What it said.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Reading {
    /// The rows' summary of a complete list without half-made rows.
    pub fn finished_rows(&self) -> Option<&Rows> {
        self.any_rows().filter(|rows| rows.half_made == 0)
    }

    /// The rows' summary, half-made or not.
    pub fn any_rows(&self) -> Option<&Rows> {
        match &self.outcome {
            Outcome::Rows(rows) => Some(rows),
            _ => None,
        }
    }
}
