//! One sample of call quality: what one connection was like at one moment.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserializer, MapAccess};

use crate::quantity::{Dbm, Fps, Kbps, Milliseconds, Percent, Quantity, Resolution};
use crate::wire::{Lenient, Members, next, rows, wire};
use crate::word::{PressureLevel, SignalUnit};

/// What a connection was like at one moment: not an average, but the state when Zoom last heard of it
/// (quirk 53).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QosSample {
    /// The moment, UTC; about one a minute.
    pub date_time: Option<Timestamp>,
    /// The streams Zoom told of.
    pub streams: Streams,
    /// How busy the processor was.
    pub cpu_usage: Option<CpuUsage>,
    /// How strong the radio signal was, for people on Wi-Fi.
    pub wifi_rssi: Option<WifiSignal>,
    /// Zoom's judgement of how hard pressed the processor was.
    pub cpu_pressure_level: Option<CpuPressure>,
}

/// The streams of a sample, in the order of [`StreamName`], each at most once.
///
/// A stream that did not flow may be missing, or there with gaps for values (quirk 50).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Streams(Vec<(StreamName, StreamQos)>);

impl Streams {
    /// The streams that were told of.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (StreamName, &StreamQos)> {
        self.0.iter().map(|(name, stream)| (*name, stream))
    }

    /// One of the streams, if it was told of.
    #[must_use]
    pub fn get(&self, name: StreamName) -> Option<&StreamQos> {
        self.iter().find(|(told, _)| *told == name).map(|(_, stream)| stream)
    }

    /// Whether no stream was told of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a stream in its place; a stream that is told twice keeps what was told last.
    fn put(&mut self, name: StreamName, stream: Option<StreamQos>) {
        let place = self.0.binary_search_by_key(&name, |(told, _)| *told);
        match (place, stream) {
            (Ok(at), Some(stream)) => self.0[at].1 = stream,
            (Ok(at), None) => drop(self.0.remove(at)),
            (Err(at), Some(stream)) => self.0.insert(at, (name, stream)),
            (Err(_), None) => {}
        }
    }
}

macro_rules! stream_names {
    ($($(#[$meta:meta])* $name:ident = $word:literal,)*) => {
        /// A stream of a connection, by Zoom's name.
        ///
        /// `as` is the shared screen, `crc` the connector for room systems and telephones, `rwg` the gateway
        /// for browsers. Whether `input` is what a person sends or what they receive, Zoom does not say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StreamName {
            $($(#[$meta])* $name,)*
        }

        impl StreamName {
            /// Every stream, in order.
            pub const ALL: [StreamName; 18] = [$(StreamName::$name,)*];

            /// Zoom's name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(StreamName::$name => $word,)*
                }
            }

            /// The stream of this name; `None` for what is no stream.
            #[must_use]
            pub fn parse(name: &str) -> Option<StreamName> {
                match name {
                    $($word => Some(StreamName::$name),)*
                    _ => None,
                }
            }
        }
    };
}

stream_names! {
    /// Sound, called input.
    AudioInput = "audio_input",
    /// Sound, called output.
    AudioOutput = "audio_output",
    /// Pictures, called input.
    VideoInput = "video_input",
    /// Pictures, called output.
    VideoOutput = "video_output",
    /// The shared screen, called input.
    AsInput = "as_input",
    /// The shared screen, called output.
    AsOutput = "as_output",
    /// Sound from the room connector.
    AudioDeviceFromCrc = "audio_device_from_crc",
    /// Sound to the room connector.
    AudioDeviceToCrc = "audio_device_to_crc",
    /// Pictures from the room connector.
    VideoDeviceFromCrc = "video_device_from_crc",
    /// Pictures to the room connector.
    VideoDeviceToCrc = "video_device_to_crc",
    /// The shared screen from the room connector.
    AsDeviceFromCrc = "as_device_from_crc",
    /// The shared screen to the room connector.
    AsDeviceToCrc = "as_device_to_crc",
    /// Sound from the web gateway.
    AudioDeviceFromRwg = "audio_device_from_rwg",
    /// Sound to the web gateway.
    AudioDeviceToRwg = "audio_device_to_rwg",
    /// Pictures from the web gateway.
    VideoDeviceFromRwg = "video_device_from_rwg",
    /// Pictures to the web gateway.
    VideoDeviceToRwg = "video_device_to_rwg",
    /// The shared screen from the web gateway.
    AsDeviceFromRwg = "as_device_from_rwg",
    /// The shared screen to the web gateway.
    AsDeviceToRwg = "as_device_to_rwg",
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

wire! {
    /// What one stream was like.
    pub struct StreamQos {
        /// Data rate.
        pub bitrate: Quantity<Kbps>,
        /// Delay, an average of five seconds that includes Zoom's own processing (quirk 53). 0 may mean
        /// that it was not measured (quirk 52).
        pub latency: Quantity<Milliseconds>,
        /// How much the delay varied.
        pub jitter: Quantity<Milliseconds>,
        /// Packets lost, on average.
        pub avg_loss: Quantity<Percent>,
        /// Packets lost, at worst.
        pub max_loss: Quantity<Percent>,
        /// Size of the picture. Sound has none.
        pub resolution: Quantity<Resolution>,
        /// Pictures a second. Sound has none.
        pub frame_rate: Quantity<Fps>,
    }

    /// How busy the processor was.
    pub struct CpuUsage {
        /// Zoom's share, at least.
        pub zoom_min_cpu_usage: Quantity<Percent>,
        /// Zoom's share, on average.
        pub zoom_avg_cpu_usage: Quantity<Percent>,
        /// Zoom's share, at most.
        pub zoom_max_cpu_usage: Quantity<Percent>,
        /// The share of everything on the machine, at most.
        pub system_max_cpu_usage: Quantity<Percent>,
    }

    /// How strong the radio signal was. Plain numbers beside their unit, unlike all else (quirk 55).
    ///
    /// In Zoom's sample the "maximum" is the weakest, so the names say nothing about which end is better.
    pub struct WifiSignal {
        /// What Zoom calls the least.
        pub min_rssi: Quantity<Dbm>,
        /// On average.
        pub avg_rssi: Quantity<Dbm>,
        /// What Zoom calls the most.
        pub max_rssi: Quantity<Dbm>,
        /// The unit Zoom names. The numbers mean nothing in any other than `dBm`.
        pub rssi_unit: Option<SignalUnit>,
    }

    /// Zoom's judgement of how hard pressed the processor was, in words.
    pub struct CpuPressure {
        /// At least.
        pub system_min_cpu_pressure_level: Option<PressureLevel>,
        /// On average.
        pub system_avg_cpu_pressure_level: Option<PressureLevel>,
        /// At most.
        pub system_max_cpu_pressure_level: Option<PressureLevel>,
    }
}

impl StreamQos {
    /// Whether nothing at all was told of it: nothing flowed (quirk 50).
    #[must_use]
    pub fn is_gap(&self) -> bool {
        let StreamQos { bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate } = self;
        bitrate.is_gap()
            && latency.is_gap()
            && jitter.is_gap()
            && avg_loss.is_gap()
            && max_loss.is_gap()
            && resolution.is_gap()
            && frame_rate.is_gap()
    }
}

impl Members for QosSample {
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "date_time" => self.date_time = next(map, "date_time")?,
            "cpu_usage" => self.cpu_usage = next(map, "cpu_usage")?,
            "wifi_rssi" => self.wifi_rssi = next(map, "wifi_rssi")?,
            "cpu_pressure_level" => self.cpu_pressure_level = next(map, "cpu_pressure_level")?,
            _ => {
                let Some(name) = StreamName::parse(key) else { return Ok(false) };
                self.streams.put(name, next(map, name.as_str())?);
            }
        }
        Ok(true)
    }
}

impl Lenient for Vec<QosSample> {
    fn read<'de, D: Deserializer<'de>>(name: &'static str, de: D) -> Result<Self, D::Error> {
        rows(name, de)
    }
}
