//! What is measured: eighteen streams with eight figures each, the processor, the radio.

use serde::{Deserialize, Serialize};

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// Sound.
    Audio,
    /// The camera's picture.
    Video,
    /// A shared screen; Zoom calls it `as`.
    Share,
}

/// Which way, and between whom (API.md, "participants/qos").
///
/// Zoom does not say whether `input` is what the participant sends or receives: we say input and output, as Zoom does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Zoom's `input`.
    Input,
    /// Zoom's `output`.
    Output,
    /// From the room connector (`device_from_crc`).
    FromRoomConnector,
    /// To the room connector (`device_to_crc`).
    ToRoomConnector,
    /// From the web gateway (`device_from_rwg`).
    FromWebGateway,
    /// To the web gateway (`device_to_rwg`).
    ToWebGateway,
}

/// One of the eighteen streams that a sample may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Channel {
    /// What it carries.
    pub media: Media,
    /// Which way.
    pub flow: Flow,
}

const MEDIA: [Media; 3] = [Media::Audio, Media::Video, Media::Share];
const FLOWS: [Flow; 6] = [
    Flow::Input,
    Flow::Output,
    Flow::FromRoomConnector,
    Flow::ToRoomConnector,
    Flow::FromWebGateway,
    Flow::ToWebGateway,
];

/// Our name and Zoom's, in the order of [`Channel::ALL`].
const NAMES: [(&str, &str); 18] = [
    ("audio_in", "audio_input"),
    ("audio_out", "audio_output"),
    ("audio_from_crc", "audio_device_from_crc"),
    ("audio_to_crc", "audio_device_to_crc"),
    ("audio_from_rwg", "audio_device_from_rwg"),
    ("audio_to_rwg", "audio_device_to_rwg"),
    ("video_in", "video_input"),
    ("video_out", "video_output"),
    ("video_from_crc", "video_device_from_crc"),
    ("video_to_crc", "video_device_to_crc"),
    ("video_from_rwg", "video_device_from_rwg"),
    ("video_to_rwg", "video_device_to_rwg"),
    ("share_in", "as_input"),
    ("share_out", "as_output"),
    ("share_from_crc", "as_device_from_crc"),
    ("share_to_crc", "as_device_to_crc"),
    ("share_from_rwg", "as_device_from_rwg"),
    ("share_to_rwg", "as_device_to_rwg"),
];

impl Channel {
    /// Audio, video, share; of each input, output, room connector, web gateway.
    pub const ALL: [Channel; 18] = {
        let mut all = [Channel { media: Media::Audio, flow: Flow::Input }; 18];
        let mut at = 0;
        while at < 18 {
            all[at] = Channel { media: MEDIA[at / 6], flow: FLOWS[at % 6] };
            at += 1;
        }
        all
    };

    /// Input and output of sound, picture and shared screen: those that exports write.
    pub const MAIN: [Channel; 6] = [
        Channel { media: Media::Audio, flow: Flow::Input },
        Channel { media: Media::Audio, flow: Flow::Output },
        Channel { media: Media::Video, flow: Flow::Input },
        Channel { media: Media::Video, flow: Flow::Output },
        Channel { media: Media::Share, flow: Flow::Input },
        Channel { media: Media::Share, flow: Flow::Output },
    ];

    /// Its place in [`Channel::ALL`].
    pub fn index(self) -> usize {
        self.media as usize * 6 + self.flow as usize
    }

    /// `audio_in`, as exports write it.
    pub fn name(self) -> &'static str {
        NAMES[self.index()].0
    }

    /// `audio_input`, as Zoom writes it.
    pub fn zoom_name(self) -> &'static str {
        NAMES[self.index()].1
    }

    /// The channel of that [`Channel::name`].
    pub fn from_name(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// The channel of that [`Channel::zoom_name`].
    pub fn from_zoom_name(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.zoom_name() == name)
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> String {
        channel.name().to_owned()
    }
}

impl TryFrom<String> for Channel {
    type Error = String;
    fn try_from(name: String) -> Result<Channel, String> {
        Channel::from_name(&name).ok_or_else(|| format!("no channel is called {name:?}"))
    }
}

/// One figure of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// kbit/s.
    Bitrate,
    /// ms, an average over five seconds with the application's own time in it (quirk 53).
    Latency,
    /// ms.
    Jitter,
    /// Percent.
    AvgLoss,
    /// Percent.
    MaxLoss,
    /// Pixels; of pictures only.
    Width,
    /// Pixels; of pictures only.
    Height,
    /// Pictures a second; of pictures only.
    FrameRate,
}

impl Measure {
    /// All, in the order of exports.
    pub const ALL: [Measure; 8] = [
        Measure::Bitrate,
        Measure::Latency,
        Measure::Jitter,
        Measure::AvgLoss,
        Measure::MaxLoss,
        Measure::Width,
        Measure::Height,
        Measure::FrameRate,
    ];

    /// `bitrate_kbps`, as exports write it behind the channel's name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Bitrate => "bitrate_kbps",
            Measure::Latency => "latency_ms",
            Measure::Jitter => "jitter_ms",
            Measure::AvgLoss => "avg_loss_pct",
            Measure::MaxLoss => "max_loss_pct",
            Measure::Width => "width",
            Measure::Height => "height",
            Measure::FrameRate => "fps",
        }
    }

    /// `kbps`, `ms`, `%`, `px` or `fps`.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Bitrate => "kbps",
            Measure::Latency | Measure::Jitter => "ms",
            Measure::AvgLoss | Measure::MaxLoss => "%",
            Measure::Width | Measure::Height => "px",
            Measure::FrameRate => "fps",
        }
    }

    /// Whether streams of this kind have it.
    pub fn is_of(self, media: Media) -> bool {
        media != Media::Audio || !matches!(self, Measure::Width | Measure::Height | Measure::FrameRate)
    }
}

/// One column of a [`super::Series`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// A figure of a stream.
    Stream(Channel, Measure),
    /// Least share of the processor that Zoom took, percent.
    CpuZoomMin,
    /// Average of the same.
    CpuZoomAvg,
    /// Most of the same.
    CpuZoomMax,
    /// Most that everything together took, percent.
    CpuSystemMax,
    /// Signal of the wireless network, dBm: what Zoom calls the least. Its own sample has them the other way round.
    RssiMin,
    /// Average of the same.
    RssiAvg,
    /// What Zoom calls the most.
    RssiMax,
    /// Least pressure on the processor: a word, kept as its place in [`super::Series::words`].
    PressureMin,
    /// Average of the same.
    PressureAvg,
    /// Most of the same.
    PressureMax,
}

const OTHERS: [(Column, &str, &str); 10] = [
    (Column::CpuZoomMin, "cpu_zoom_min_pct", "%"),
    (Column::CpuZoomAvg, "cpu_zoom_avg_pct", "%"),
    (Column::CpuZoomMax, "cpu_zoom_max_pct", "%"),
    (Column::CpuSystemMax, "cpu_system_max_pct", "%"),
    (Column::RssiMin, "wifi_rssi_min_dbm", "dBm"),
    (Column::RssiAvg, "wifi_rssi_avg_dbm", "dBm"),
    (Column::RssiMax, "wifi_rssi_max_dbm", "dBm"),
    (Column::PressureMin, "cpu_pressure_min", "word"),
    (Column::PressureAvg, "cpu_pressure_avg", "word"),
    (Column::PressureMax, "cpu_pressure_max", "word"),
];

const STREAM_COLUMNS: usize = 18 * 8;

impl Column {
    /// How many there are.
    pub const COUNT: usize = STREAM_COLUMNS + OTHERS.len();

    /// The stored number: below [`Column::COUNT`], the same for ever.
    pub fn code(self) -> usize {
        match self {
            Column::Stream(channel, measure) => channel.index() * 8 + measure as usize,
            other => {
                let place = OTHERS.iter().position(|(column, ..)| *column == other);
                STREAM_COLUMNS + place.expect("the table holds all columns that are no stream's")
            }
        }
    }

    /// The column of that [`Column::code`].
    pub fn from_code(code: usize) -> Option<Column> {
        match code.checked_sub(STREAM_COLUMNS) {
            None => Some(Column::Stream(Channel::ALL[code / 8], Measure::ALL[code % 8])),
            Some(other) => OTHERS.get(other).map(|(column, ..)| *column),
        }
    }

    /// `audio_in_bitrate_kbps`, `cpu_system_max_pct`, as exports write it.
    pub fn name(self) -> String {
        match self {
            Column::Stream(channel, measure) => format!("{}_{}", channel.name(), measure.name()),
            other => OTHERS[other.code() - STREAM_COLUMNS].1.to_owned(),
        }
    }

    /// Its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Column::Stream(_, measure) => measure.unit(),
            other => OTHERS[other.code() - STREAM_COLUMNS].2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_name_each_column_once() {
        for code in 0..Column::COUNT {
            assert_eq!(Column::from_code(code).map(Column::code), Some(code));
        }
        assert_eq!(Column::from_code(Column::COUNT), None);
    }

    #[test]
    fn names_are_zooms_and_ours() {
        for channel in Channel::ALL {
            assert_eq!(Channel::from_name(channel.name()), Some(channel));
            assert_eq!(Channel::from_zoom_name(channel.zoom_name()), Some(channel));
        }
        let share = Channel::from_zoom_name("as_output").unwrap();
        assert_eq!((share.media, share.flow), (Media::Share, Flow::Output));
        assert_eq!(Column::Stream(share, Measure::FrameRate).name(), "share_out_fps");
    }
}
