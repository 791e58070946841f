//! What one person's connection and machine are like in one instance.

use serde::Serialize;

use super::person_index;
use super::scene::Room;
use crate::day::{Device, Instance, Stay, Who};
use crate::world::World;

/// Seconds within which somebody who broke off is back.
const BACK_WITHIN: i64 = 600;
/// Share of those who broke off and came back whose wireless network was the cause.
const BAD_WIFI_OF_RETURNED: f64 = 0.85;

/// What can be the matter with one person's line alone, the commonest more than once.
const TROUBLES: [LineKind; 5] =
    [LineKind::BadWifi, LineKind::BadWifi, LineKind::BusyCpu, LineKind::SaturatedUplink, LineKind::Silent];

/// What is the matter with a line. The figures of a stay follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Nothing: loss well below 1 %.
    Good,
    /// Bursts of loss and jitter in both directions, a weak signal, falling bitrate and picture size. A connection that
    /// broke off had 20 to 40 % loss in its last three minutes.
    BadWifi,
    /// The system at 90 to 100 % and few frames a second, while the network is fine.
    BusyCpu,
    /// Output streams with latency, jitter and loss, and little bitrate; input streams are fine.
    SaturatedUplink,
    /// Loss in the same minutes as other people of the instance, both directions.
    LossyRoom,
    /// A telephone: audio only, latency above 180 ms, little loss.
    RelayedPhone,
    /// Nothing was sent: output streams have no values from beginning to end. The rest is fine.
    Silent,
}

/// A line with everything that lasts as long as the instance.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) kind: LineKind,
    /// How bad it is, from 0 to 1. Says nothing of good lines.
    pub(crate) severity: f64,
    /// Milliseconds to Zoom and back on a quiet day.
    pub(super) latency_ms: f64,
    /// Bitrate against what the codec would like.
    pub(super) rate: f64,
    pub(super) has_camera: bool,
    pub(crate) has_wifi: bool,
    /// Whether the client tells `cpu_pressure_level`, known since June 2026.
    pub(super) has_pressure: bool,
    /// Place of the usual picture on the ladder of sizes.
    pub(super) picture: u8,
    /// What Zoom takes of the processor, in per cent.
    pub(super) cpu_pct: f64,
    pub(super) signal_dbm: f64,
    /// Whether the browser's samples tell of the web gateway.
    tells_gateway: bool,
}

/// Through what a connection reaches Zoom besides the usual, and so which further streams it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Connector {
    None,
    /// The room connector, `crc`.
    Room,
    /// The web gateway, `rwg`.
    Web,
}

impl Line {
    /// The line of whoever has this stay. `room` is the lossy room of the instance, if it has one.
    pub(crate) fn of(world: &World, instance: &Instance, room: Option<&Room>, stay: &Stay) -> Line {
        let mix = &world.options.mix;
        let mut dice = world.quality.lines.at(person_index(instance, stay.who));
        let is_troubled = dice.hit(mix.troubled_lines);
        let trouble = TROUBLES[dice.below(TROUBLES.len() as u64) as usize];
        let is_in_room = dice.hit(0.5) && room.is_some();
        let blames_wifi = dice.hit(BAD_WIFI_OF_RETURNED);
        let kind = match stay.device {
            Device::Phone => LineKind::RelayedPhone,
            _ if blames_wifi && came_back(instance, stay.who) => LineKind::BadWifi,
            _ if is_in_room => LineKind::LossyRoom,
            _ if is_troubled => trouble,
            _ => LineKind::Good,
        };
        Line {
            kind,
            severity: dice.share(),
            latency_ms: 12.0 + 60.0 * dice.share() * dice.share(),
            rate: 0.75 + 0.25 * dice.share(),
            has_camera: dice.hit(0.65),
            has_wifi: (dice.hit(0.5) || kind == LineKind::BadWifi) && kind != LineKind::RelayedPhone,
            has_pressure: dice.hit(0.5) && !matches!(kind, LineKind::BusyCpu | LineKind::RelayedPhone),
            picture: 1 + u8::from(dice.hit(0.4)),
            cpu_pct: 4.0 + 18.0 * dice.share(),
            signal_dbm: -62.0 + 16.0 * dice.share(),
            tells_gateway: dice.hit(0.5),
        }
    }

    /// Through what this connection of the line reaches Zoom.
    pub(super) fn connector(&self, stay: &Stay) -> Connector {
        match stay.device {
            _ if self.kind == LineKind::Silent => Connector::None,
            Device::Room => Connector::Room,
            Device::Browser if self.tells_gateway => Connector::Web,
            _ => Connector::None,
        }
    }
}

fn came_back(instance: &Instance, who: Who) -> bool {
    instance.stays.iter().any(|stay| stay.who == who && breaks_off(instance, stay))
}

/// Whether this connection broke off: the same person is back soon, and no breakout room explains the gap.
pub(crate) fn breaks_off(instance: &Instance, stay: &Stay) -> bool {
    if stay.is_waiting || stay.breakout.is_some() {
        return false;
    }
    let mut is_back = false;
    for other in instance.stays.iter().filter(|other| other.who == stay.who && !other.is_waiting) {
        let gap = other.join - stay.leave;
        if other.breakout.is_some() && gap <= 0 && stay.leave <= other.leave {
            return false;
        }
        is_back |= other.breakout.is_none() && (1..=BACK_WITHIN).contains(&gap);
    }
    is_back
}
