//! What the call quality of an instance truly was, and what of it Zoom ever tells.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::day::{Instance, Stay, instant};
use crate::quality::{
    Flow, Line, LineKind, Minute, OddKind, OddText, Scene, Series, Shown, complete_at, stream_name,
};
use crate::world::World;

/// The call quality of one stay outside the waiting room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrueQuality {
    /// Zoom's number of the connection within the meeting, as in [`crate::TrueStay`].
    pub user_id: String,
    /// When it began.
    pub join: Timestamp,
    /// What the person's line was like.
    pub line: LineKind,
    /// Whether the connection broke off: the person is back soon, and no breakout room explains the gap.
    pub breaks_off: bool,
    /// Whether lists of the ended instance ever show a row of this stay with all its samples, on this plan and with
    /// these settings and defects. Where not, the row is missing for ever.
    pub has_row: bool,
    /// From when they do.
    pub complete_from: Option<Timestamp>,
    /// One a full minute, while the stay lasted; none for a stay that saw no full minute.
    pub samples: Vec<TrueSample>,
}

/// One sample: exactly the figures its texts carry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrueSample {
    /// A full minute.
    pub at: Timestamp,
    /// By Zoom's name of the member; streams without any value are left out, however Zoom says it (quirk 50).
    pub streams: BTreeMap<&'static str, TrueStream>,
    /// `cpu_usage`; telephones have none.
    pub cpu: Option<TrueCpu>,
    /// The one word of `cpu_pressure_level`, if it is there.
    pub cpu_pressure: Option<&'static str>,
    /// `wifi_rssi`; only of wireless lines.
    pub wifi: Option<TrueWifi>,
    /// Values no document has. The figure such a value stands for is a gap in `streams`.
    pub odd: Vec<TrueOdd>,
}

/// The figures of one stream; none is a gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TrueStream {
    /// kbps.
    pub bitrate_kbps: Option<f64>,
    /// Milliseconds; 0 where Zoom wrote `0 ms` although the stream flowed (quirk 52).
    pub latency_ms: Option<f64>,
    /// Milliseconds.
    pub jitter_ms: Option<f64>,
    /// Per cent.
    pub avg_loss_pct: Option<f64>,
    /// Per cent.
    pub max_loss_pct: Option<f64>,
    /// Width and height; never of audio.
    pub resolution: Option<(u32, u32)>,
    /// Frames a second; never of audio.
    pub fps: Option<f64>,
}

/// `cpu_usage`, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrueCpu {
    /// `zoom_min_cpu_usage`
    pub zoom_min_pct: f64,
    /// `zoom_avg_cpu_usage`
    pub zoom_avg_pct: f64,
    /// `zoom_max_cpu_usage`
    pub zoom_max_pct: f64,
    /// `system_max_cpu_usage`
    pub system_max_pct: f64,
}

/// `wifi_rssi`, in dBm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrueWifi {
    /// `min_rssi`
    pub min_dbm: f64,
    /// `avg_rssi`
    pub avg_dbm: f64,
    /// `max_rssi`
    pub max_dbm: f64,
}

/// A value no document has. Whoever takes a bare number for a figure in the usual unit reads it from `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrueOdd {
    /// What is odd about it.
    pub kind: OddKind,
    /// The stream it stands in; none for a member of the sample itself.
    pub stream: Option<&'static str>,
    /// The member it is the value of.
    pub member: &'static str,
    /// What stands there.
    pub text: String,
}

/// The truth about the stays outside the waiting room, by join and number.
pub(crate) fn of(world: &World, at: usize) -> Vec<TrueQuality> {
    let instance = &world.days.instances[at];
    let scene = Scene::of(world, instance);
    let complete = complete_at(world, at);
    let stays = instance.stays.iter().zip(complete).filter(|(stay, _)| !stay.is_waiting);
    stays.map(|(stay, complete)| of_stay(world, instance, &scene, stay, complete)).collect()
}

fn of_stay(
    world: &World,
    instance: &Instance,
    scene: &Scene,
    stay: &Stay,
    complete: Option<i64>,
) -> TrueQuality {
    let line = Line::of(world, instance, scene.room.as_ref(), stay);
    let series = Series::of(world, instance, scene, &line, stay, i64::MAX);
    TrueQuality {
        user_id: stay.user_id.to_string(),
        join: instant(stay.join),
        line: line.kind,
        breaks_off: crate::quality::breaks_off(instance, stay),
        has_row: complete.is_some(),
        complete_from: complete.map(instant),
        samples: series.map(|minute| TrueSample::of(&minute)).collect(),
    }
}

impl TrueSample {
    fn of(minute: &Minute) -> TrueSample {
        let mut streams = BTreeMap::new();
        for (place, shown) in minute.streams.iter().enumerate() {
            let stream = match shown {
                Shown::Absent | Shown::Blank { .. } => continue,
                Shown::Whole(flow) => TrueStream::of(flow),
                Shown::WithoutPicture(flow) => {
                    TrueStream { resolution: None, fps: None, ..TrueStream::of(flow) }
                }
            };
            streams.insert(stream_name(place, minute.connector), stream);
        }
        let mut sample = TrueSample {
            at: instant(minute.at),
            streams,
            cpu: minute.cpu.map(|cpu| TrueCpu {
                zoom_min_pct: cpu.zoom_min.into(),
                zoom_avg_pct: cpu.zoom_avg.into(),
                zoom_max_pct: cpu.zoom_max.into(),
                system_max_pct: cpu.system_max.into(),
            }),
            cpu_pressure: minute.has_pressure.then_some("normal"),
            wifi: minute.wifi.map(|wifi| TrueWifi {
                min_dbm: wifi.min.into(),
                avg_dbm: wifi.avg.into(),
                max_dbm: wifi.max.into(),
            }),
            odd: Vec::new(),
        };
        sample.spoil(minute);
        sample
    }

    /// Takes out the figure in whose place something odd stands.
    fn spoil(&mut self, minute: &Minute) {
        let Some(odd) = minute.odd else { return };
        let name = stream_name(odd.stream, minute.connector);
        let stream = (odd.kind != OddKind::UnknownMember).then_some(name);
        let text = match odd.text {
            OddText::Text(text) => text.to_owned(),
            OddText::Number(hundredths) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        };
        if let Some(figures) = stream.and_then(|stream| self.streams.get_mut(stream)) {
            match odd.member {
                "bitrate" => figures.bitrate_kbps = None,
                "latency" => figures.latency_ms = None,
                "jitter" => figures.jitter_ms = None,
                _ => figures.avg_loss_pct = None,
            }
        }
        self.odd.push(TrueOdd { kind: odd.kind, stream, member: odd.member, text });
    }
}

impl TrueStream {
    fn of(flow: &Flow) -> TrueStream {
        // A quotient of whole numbers is the nearest there is to the decimal text, as is a text when it is read.
        let hundredths = |value: u32| Some(f64::from(value) / 100.0);
        TrueStream {
            bitrate_kbps: hundredths(flow.bitrate),
            latency_ms: Some(flow.latency_ms.into()),
            jitter_ms: Some(flow.jitter_ms.into()),
            avg_loss_pct: hundredths(flow.avg_loss),
            max_loss_pct: hundredths(flow.max_loss),
            resolution: flow.picture.map(|(width, height, _)| (width, height)),
            fps: flow.picture.map(|(_, _, fps)| fps.into()),
        }
    }
}
