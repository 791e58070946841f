//! What is remembered of the samples: enough to search, sort and tell in a sentence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channel::Channel;

/// How a minute was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Nothing to complain of.
    Good,
    /// Noticed.
    Fair,
    /// Hard to follow.
    Bad,
}

/// Why a call was bad, as far as the figures tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Packets were lost.
    Loss,
    /// They came unevenly.
    Jitter,
    /// They came late.
    Latency,
    /// The computer was busy.
    Cpu,
    /// Nothing was sent or received.
    Silence,
}

/// One stream of one stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelQuality {
    /// Which.
    pub channel: Channel,
    /// Minutes in which anything of it was measured.
    pub minutes: u32,
    /// Fair ones among them.
    pub fair_minutes: u32,
    /// Bad ones among them.
    pub bad_minutes: u32,
    /// 0 to 100 over those minutes; for sound the mean transmission rating R of ITU-T G.107.
    pub score: f64,
    /// Mean opinion score, 1 to 4.5; of sound only.
    pub mos: Option<f64>,
    /// Mean, kbps.
    pub bitrate_kbps: Option<f64>,
    /// Mean, ms.
    pub latency_ms: Option<f64>,
    /// Mean, ms.
    pub jitter_ms: Option<f64>,
    /// Mean of the minutes' averages, percent.
    pub loss_pct: Option<f64>,
    /// Worst minute's average loss, percent.
    pub worst_loss_pct: Option<f64>,
    /// What was wrong in most of its bad minutes.
    pub cause: Option<Cause>,
}

/// How one connection went.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StayQuality {
    /// Samples, one a minute.
    pub samples: u32,
    /// The first of them.
    pub first_at: Option<Timestamp>,
    /// The last of them.
    pub last_at: Option<Timestamp>,
    /// 0 to 100: that of the worst stream that mattered; none where nothing was measured.
    pub score: Option<f64>,
    /// Minutes in which any stream was bad.
    pub bad_minutes: u32,
    /// The stream with the most bad minutes.
    pub worst: Option<Channel>,
    /// Why; none where nothing was bad.
    pub cause: Option<Cause>,
    /// Values that could not be read.
    pub odd: u32,
    /// Its streams, those that flowed.
    pub channels: Vec<ChannelQuality>,
}
