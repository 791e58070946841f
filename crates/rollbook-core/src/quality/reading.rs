//! What one asking for call quality said: the evidence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an ask for call quality ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum QualityOutcome {
    /// All pages came.
    Rows {
        /// Connections in the answer.
        rows: u32,
        /// Their samples.
        samples: u64,
        /// Values among them that could not be read.
        odd: u32,
        /// Connections that belong to no stay we know.
        strangers: u32,
    },
    /// Nobody was in it.
    Empty,
    /// 3001: unknown, not ended yet, or of another type (quirk 21).
    NotFound {
        /// Zoom's words.
        said: String,
    },
    /// Too long ago (12702).
    TooOld {
        /// Zoom's words.
        said: String,
    },
    /// Refused, or broken on the way; asking again later may help.
    Failed {
        /// What was said.
        said: String,
    },
}

/// One asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityReading {
    /// When its first page was asked for.
    pub asked_at: Timestamp,
    /// Only this connection (`user_id`) was asked for; none for the whole list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<String>,
    /// While the instance was live: it says nothing about what is complete.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub while_live: bool,
    /// What it said.
    #[serde(flatten)]
    pub outcome: QualityOutcome,
}
