//! Zoom's words for quality: good, fair, poor, bad or nothing (quirk 56).

use super::line::{Line, LineKind};
use super::scene::Room;
use crate::day::{Device, Instance};
use crate::world::World;

/// One word for each kind of stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) audio: &'static str,
    pub(crate) video: &'static str,
    pub(crate) share: &'static str,
}

/// Share of an instance's people who have it poor before the instance is called poor.
const CONSIDERABLE: f64 = 0.3;
/// The same before it is called fair.
const NOTICEABLE: f64 = 0.12;

impl Words {
    /// What Zoom calls this line.
    pub(crate) fn of(line: &Line) -> Words {
        let worse = if line.severity < 0.5 { "poor" } else { "bad" };
        let [audio, video, share] = match line.kind {
            LineKind::Good | LineKind::Silent if line.severity > 0.9 => ["fair", "good", "good"],
            LineKind::Good | LineKind::Silent => ["good", "good", "good"],
            LineKind::BadWifi | LineKind::LossyRoom => [worse, worse, "fair"],
            LineKind::BusyCpu => ["fair", worse, "fair"],
            LineKind::SaturatedUplink => ["poor", worse, worse],
            LineKind::RelayedPhone => ["fair", "", ""],
        };
        Words { audio, video, share }
    }

    /// What Zoom calls an instance: poor or bad only where a considerable share of its people had it so.
    pub(crate) fn of_instance(world: &World, instance: &Instance) -> Words {
        let room = Room::of(world, instance);
        let mut counts = [Counts::default(); 3];
        for stay in instance.stays.iter().filter(|stay| !stay.is_waiting && stay.device != Device::Phone) {
            let words = Words::of(&Line::of(world, instance, room.as_ref(), stay));
            for (count, word) in counts.iter_mut().zip([words.audio, words.video, words.share]) {
                count.add(word);
            }
        }
        let [audio, video, share] = counts.map(|count| count.word());
        Words { audio, video, share }
    }
}

/// How many connections have which word.
#[derive(Clone, Copy, Default)]
struct Counts {
    all: u32,
    poor: u32,
    bad: u32,
}

impl Counts {
    fn add(&mut self, word: &str) {
        self.all += 1;
        self.poor += u32::from(word == "poor");
        self.bad += u32::from(word == "bad");
    }

    fn word(self) -> &'static str {
        let share = |count: u32| f64::from(count) / f64::from(self.all.max(1));
        match self {
            _ if share(self.bad) >= CONSIDERABLE => "bad",
            _ if share(self.poor + self.bad) >= CONSIDERABLE => "poor",
            _ if share(self.poor + self.bad) >= NOTICEABLE => "fair",
            _ => "good",
        }
    }
}
