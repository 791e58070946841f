//! Values no document has: what nobody can read must stop nobody.

use serde::Serialize;

use super::minute::{Minute, Shown};

/// What is odd about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OddKind {
    /// A text that is no number with its unit.
    Unreadable,
    /// A member of the sample that no document names.
    UnknownMember,
    /// A number where a text with a unit should be.
    BareNumber,
}

/// One odd value of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Odd {
    pub(crate) kind: OddKind,
    /// Place of the stream it stands in.
    pub(crate) stream: usize,
    /// Which of the stream's members.
    pub(crate) member: &'static str,
    pub(crate) text: OddText,
}

/// What stands there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum OddText {
    /// In quotes.
    Text(&'static str),
    /// Hundredths, without quotes.
    Number(u32),
}

/// Texts that are no number with the unit that belongs there.
const UNREADABLE: [&str; 4] = ["12,5.3 kbps", "1O ms", "seven per cent", "40 parsecs"];

/// The member nobody knows.
const UNKNOWN: (&str, &str) = ("haptics_output", "3 taps");

impl Odd {
    /// Puts an odd value in a sample; `bits` say which.
    pub(super) fn choose(minute: &Minute, bits: u64) -> Odd {
        let place = (bits >> 8) as usize % 6;
        let whole = (0..6).map(|step| (place + step) % 6).find_map(|at| match minute.streams[at] {
            Shown::Whole(flow) => Some((at, flow)),
            _ => None,
        });
        let Some((stream, flow)) = whole.filter(|_| !bits.is_multiple_of(3)) else {
            let (member, text) = UNKNOWN;
            return Odd { kind: OddKind::UnknownMember, stream: 0, member, text: OddText::Text(text) };
        };
        let (member, number) = match bits >> 16 & 3 {
            0 => ("bitrate", flow.bitrate),
            1 => ("latency", flow.latency_ms * 100),
            2 => ("jitter", flow.jitter_ms * 100),
            _ => ("avg_loss", flow.avg_loss),
        };
        if bits % 3 == 1 {
            return Odd { kind: OddKind::BareNumber, stream, member, text: OddText::Number(number) };
        }
        let text = OddText::Text(UNREADABLE[(bits >> 24) as usize % UNREADABLE.len()]);
        Odd { kind: OddKind::Unreadable, stream, member, text }
    }
}
