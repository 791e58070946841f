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
    /// Minutes in which enough of it was measured to judge it.
    pub minutes: u32,
    /// Fair ones among them.
    pub fair_minutes: u32,
    /// Bad ones among them.
    pub bad_minutes: u32,
    /// 0 to 100 over those minutes; for sound the mean transmission rating R of ITU-T G.107.
    pub score: f64,
    /// Mean opinion score, 1 to 4.5, of that rating; of sound only.
    pub mos: Option<f64>,
    /// Mean of the values there are, kbps; so for the next three.
    pub bitrate_kbps: Option<f64>,
    /// Mean, ms; 0 is as good as none (quirk 52).
    pub latency_ms: Option<f64>,
    /// Mean, ms.
    pub jitter_ms: Option<f64>,
    /// Mean of the minutes' averages, percent.
    pub loss_pct: Option<f64>,
    /// Worst minute's average loss, percent.
    pub worst_loss_pct: Option<f64>,
    /// What was wrong in most of its bad minutes, or of its fair ones where none was bad.
    pub cause: Option<Cause>,
}

/// The last minutes before a leave: was the connection good when it ended?
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// Minutes that were measured, three at most, none of them older than five minutes at the leave.
    pub minutes: u32,
    /// Bad ones among them.
    pub bad_minutes: u32,
    /// Average loss of whichever stream lost most, percent: the mean over the bad minutes, or all where none was bad.
    pub loss_pct: Option<f64>,
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
    /// Minutes in which any stream could be judged.
    #[serde(default)]
    pub minutes: u32,
    /// 0 to 100: that of the worst stream that mattered; none where nothing was measured.
    pub score: Option<f64>,
    /// Minutes in which any stream was bad.
    pub bad_minutes: u32,
    /// The stream with the most bad minutes, or fair ones where none was bad; none where all was good.
    pub worst: Option<Channel>,
    /// What was wrong in most bad minutes, or fair ones where none was bad; [`Cause::Silence`] where nothing was heard
    /// of sound in either direction.
    pub cause: Option<Cause>,
    /// Input or output of sound that never flowed in a stay of some minutes: muted, or not working. Zoom does not tell
    /// which.
    #[serde(default)]
    pub silent: Vec<Channel>,
    /// Its last minutes, where its leave is known and they were measured.
    #[serde(default)]
    pub ending: Option<Ending>,
    /// Values that could not be read.
    pub odd: u32,
    /// Its streams, those that flowed.
    pub channels: Vec<ChannelQuality>,
}
