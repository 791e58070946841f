//! Call quality: what people's lines were like, minute by minute, and when Zoom tells it.
//!
//! Everything here is drawn when it is asked for, from streams of chance of its own: a day of many people costs
//! nothing until somebody looks, and what happened on the day stays the same whatever is changed here.

mod feedback;
mod line;
mod minute;
mod odd;
mod ready;
mod scene;
mod series;
mod words;

pub(crate) use feedback::Feedback;
pub use line::LineKind;
pub(crate) use line::{Line, breaks_off};
pub(crate) use minute::{Cpu, Flow, Minute, STREAMS, Shown, Wifi, stream_name};
pub use odd::OddKind;
pub(crate) use odd::{Odd, OddText};
pub(crate) use ready::{Before, Ready, appears, complete_at};
pub(crate) use scene::{Room, Scene, Share};
pub(crate) use series::Series;
pub(crate) use words::Words;

use crate::chance::Chance;
use crate::day::{Instance, Who};

/// The streams of chance that call quality is drawn from.
pub(crate) struct QualityChance {
    /// What a person's line is like.
    lines: Chance,
    /// What all people of an instance share: who shows a screen when, and bad minutes of a room.
    scenes: Chance,
    /// The figures, minute by minute.
    samples: Chance,
    /// What Zoom does to the figures: gaps, forms of text, texts nobody can read.
    blemishes: Chance,
    /// When rows come.
    lateness: Chance,
    /// What people answer when they are asked how it was.
    feedback: Chance,
}

impl QualityChance {
    /// The streams of this seed.
    pub(crate) fn of(seed: u64) -> QualityChance {
        QualityChance {
            lines: Chance::named(seed, "lines"),
            scenes: Chance::named(seed, "scenes"),
            samples: Chance::named(seed, "samples"),
            blemishes: Chance::named(seed, "blemishes"),
            lateness: Chance::named(seed, "quality lateness"),
            feedback: Chance::named(seed, "feedback"),
        }
    }
}

/// An index of its own for each person of each instance.
pub(crate) fn person_index(instance: &Instance, who: Who) -> u64 {
    let place = match who {
        Who::Person(place) => u64::from(place),
        Who::Caller(place) => u64::from(place) | 1 << 23,
    };
    instance.key << 24 | place
}

/// A number in `-1.0..1.0` from 16 bits.
fn noise(bits: u64) -> f64 {
    f64::from(bits as u16) / 32_768.0 - 1.0
}
