//! One sample: the figures of one minute, in the smallest steps that Zoom's texts have.

use super::line::Connector;
use super::odd::Odd;

/// How many streams a sample can have: six, and six more through a connector.
pub(crate) const STREAMS: usize = 12;

/// Names of the streams: the plain six, then those of the room connector, then those of the web gateway.
const NAMES: [&str; 18] = [
    "audio_input",
    "audio_output",
    "video_input",
    "video_output",
    "as_input",
    "as_output",
    "audio_device_from_crc",
    "audio_device_to_crc",
    "video_device_from_crc",
    "video_device_to_crc",
    "as_device_from_crc",
    "as_device_to_crc",
    "audio_device_from_rwg",
    "audio_device_to_rwg",
    "video_device_from_rwg",
    "video_device_to_rwg",
    "as_device_from_rwg",
    "as_device_to_rwg",
];

/// Zoom's name of the stream at this place of a sample.
pub(crate) fn stream_name(place: usize, connector: Connector) -> &'static str {
    match connector {
        Connector::Web if place >= 6 => NAMES[place + 6],
        _ => NAMES[place],
    }
}

/// What a stream is, by its place in a sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Media {
    Audio,
    Video,
    Share,
}

impl Media {
    /// Of the stream at this place.
    pub(super) fn at(place: usize) -> Media {
        [Media::Audio, Media::Video, Media::Share][place % 6 / 2]
    }
}

/// The figures of a stream that flowed.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Flow {
    /// Hundredths of a kbps.
    pub(crate) bitrate: u32,
    pub(crate) latency_ms: u32,
    pub(crate) jitter_ms: u32,
    /// Hundredths of a per cent.
    pub(crate) avg_loss: u32,
    /// Hundredths of a per cent.
    pub(crate) max_loss: u32,
    /// Width, height and frames a second; none for audio.
    pub(crate) picture: Option<(u32, u32, u32)>,
}

/// What a sample shows of one stream.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) enum Shown {
    /// No object at all.
    #[default]
    Absent,
    /// Blank texts; with picture or without.
    Blank { has_picture: bool },
    /// All its figures.
    Whole(Flow),
    /// `0*0` and no frame rate beside a good bitrate (quirk 51).
    WithoutPicture(Flow),
}

/// What a sample shows of the processor, in per cent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Cpu {
    pub(crate) zoom_min: u32,
    pub(crate) zoom_avg: u32,
    pub(crate) zoom_max: u32,
    pub(crate) system_max: u32,
}

/// What a sample shows of the wireless signal, in dBm.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Wifi {
    pub(crate) min: i32,
    pub(crate) avg: i32,
    pub(crate) max: i32,
}

/// One sample.
#[derive(Clone, Debug)]
pub(crate) struct Minute {
    /// Unix seconds, a full minute.
    pub(crate) at: i64,
    pub(crate) streams: [Shown; STREAMS],
    pub(crate) connector: Connector,
    pub(crate) cpu: Option<Cpu>,
    pub(crate) has_pressure: bool,
    pub(crate) wifi: Option<Wifi>,
    pub(crate) odd: Option<Odd>,
    /// For each stream four bits: which values stand without a space before the unit (quirk 49).
    pub(crate) tight: u64,
}
