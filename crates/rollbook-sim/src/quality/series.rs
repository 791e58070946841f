//! The samples of one stay, one after the other: smooth from minute to minute, with steps where something happens.

mod strain;

use super::line::{Connector, Line, LineKind, breaks_off};
use super::minute::{Cpu, Flow, Media, Minute, STREAMS, Shown, Wifi};
use super::noise;
use super::odd::Odd;
use super::scene::Scene;
use crate::chance::Dice;
use crate::day::{Instance, Stay};
use crate::options::{IdleForms, QualityText};
use crate::world::{World, row_index};

use strain::{Burst, Strain, Weather};

/// Sizes of pictures and the kbps they like, from large to small.
const PICTURES: [(u32, u32, f64); 4] =
    [(1920, 1080, 2_400.0), (1280, 720, 1_150.0), (640, 360, 480.0), (320, 180, 160.0)];
/// The same for shared screens.
const SCREENS: [(u32, u32, f64); 3] = [(1920, 1080, 260.0), (1280, 720, 150.0), (960, 540, 80.0)];
/// Seconds before a break in which next to nothing gets through.
const BREAKS_FOR: i64 = 180;

/// The samples of one stay, up to an instant.
pub(crate) struct Series<'a> {
    world: &'a World,
    scene: &'a Scene,
    line: &'a Line,
    stay: &'a Stay,
    has_company: bool,
    breaks_off: bool,
    connector: Connector,
    dice: Dice,
    blemishes: Dice,
    weather: Weather,
    burst: Burst,
    /// The usual picture, as a place on the ladder; changes now and then.
    picture: u8,
    at: i64,
    until: i64,
}

impl<'a> Series<'a> {
    /// The samples this stay has by `now`.
    pub(crate) fn of(
        world: &'a World,
        instance: &'a Instance,
        scene: &'a Scene,
        line: &'a Line,
        stay: &'a Stay,
        now: i64,
    ) -> Series<'a> {
        let index = row_index(instance, stay);
        Series {
            world,
            scene,
            line,
            stay,
            has_company: instance.people > 1,
            breaks_off: line.kind == LineKind::BadWifi && breaks_off(instance, stay),
            connector: line.connector(stay),
            dice: world.quality.samples.at(index),
            blemishes: world.quality.blemishes.at(index),
            weather: Weather::default(),
            burst: Burst::default(),
            picture: line.picture,
            at: stay.join.div_euclid(60) * 60 + 60,
            until: stay.leave.min(now),
        }
    }

    /// How many samples are still to come.
    pub(crate) fn left(&self) -> usize {
        usize::try_from((self.until - self.at).div_euclid(60) + 1).unwrap_or(0)
    }

    fn minute(&mut self) -> Minute {
        self.weather.pass(self.dice.bits(), self.dice.bits());
        let step = self.dice.bits();
        self.burst.pass(self.line, step);
        if step >> 48 < 65_536 / 80 {
            self.picture = 1 + self.picture % 2;
        }
        let is_breaking = self.breaks_off && self.at > self.stay.leave - BREAKS_FOR;
        let room_loss = self.scene.room.as_ref().map_or(0.0, |room| room.loss(self.at));
        let strains = Strain::both(self.line, &self.weather, self.burst.level, is_breaking, room_loss);
        let mut streams = [Shown::Absent; STREAMS];
        let places = if self.connector == Connector::None { 6 } else { STREAMS };
        for (place, shown) in streams.iter_mut().enumerate().take(places) {
            if self.flows(place) {
                *shown = Shown::Whole(self.flow(place, &strains[place % 2]));
            }
        }
        let is_phone = self.line.kind == LineKind::RelayedPhone;
        Minute {
            at: self.at,
            streams,
            connector: self.connector,
            cpu: (!is_phone).then(|| self.cpu()),
            has_pressure: self.line.has_pressure,
            wifi: self.line.has_wifi.then(|| self.wifi()),
            odd: None,
            tight: 0,
        }
    }

    /// Whether anything goes through the stream at this place.
    fn flows(&self, place: usize) -> bool {
        let is_output = place % 2 == 1;
        let kind = self.line.kind;
        let sharer = || self.scene.sharer(self.at);
        match Media::at(place) {
            _ if is_output && kind == LineKind::Silent => false,
            _ if !is_output && !self.has_company => false,
            Media::Audio => true,
            _ if kind == LineKind::RelayedPhone => false,
            Media::Video => !is_output || self.line.has_camera,
            Media::Share if is_output => sharer() == Some(self.stay.user_id),
            Media::Share => {
                self.stay.breakout.is_none() && sharer().is_some_and(|sharer| sharer != self.stay.user_id)
            }
        }
    }

    /// The figures of a stream under this strain.
    fn flow(&mut self, place: usize, strain: &Strain) -> Flow {
        let bits = self.dice.bits();
        let [first, second, third, fourth] =
            [noise(bits), noise(bits >> 16), noise(bits >> 32), noise(bits >> 48)];
        let (likes, picture) = self.picture(place, strain, first);
        let rate = likes * self.line.rate * strain.rate * (1.0 + 0.06 * second + 0.08 * self.weather.rate);
        let loss = (strain.loss_pct * (1.0 + 0.15 * third)).clamp(0.0, 40.0);
        let most = loss * (1.45 + 0.4 * fourth) + 0.2 * (1.0 + fourth);
        let latency = self.line.latency_ms + strain.latency_ms;
        Flow {
            bitrate: (rate.max(4.0) * 100.0) as u32,
            latency_ms: (latency * (1.0 + 0.05 * second)).max(1.0) as u32,
            jitter_ms: (strain.jitter_ms * (1.0 + 0.2 * third)).max(0.0) as u32,
            avg_loss: (loss * 100.0) as u32,
            max_loss: (most * 100.0).min(10_000.0) as u32,
            picture,
        }
    }

    /// What the stream would like to send, in kbps, and its picture.
    fn picture(&self, place: usize, strain: &Strain, noise: f64) -> (f64, Option<(u32, u32, u32)>) {
        let usual = usize::from(self.picture + strain.smaller);
        let frames = |most: f64| ((most + 2.0 * noise) * strain.frames).max(1.0) as u32;
        match Media::at(place) {
            Media::Audio => (62.0, None),
            Media::Video => {
                let (width, height, kbps) = PICTURES[usual.min(PICTURES.len() - 1)];
                (kbps, Some((width, height, frames(26.0))))
            }
            Media::Share => {
                let (width, height, kbps) = SCREENS[usize::from(strain.smaller).min(SCREENS.len() - 1)];
                (kbps, Some((width, height, frames(12.0))))
            }
        }
    }

    fn cpu(&mut self) -> Cpu {
        let bits = self.dice.bits();
        let above = (bits & 0xff) as u32;
        let is_busy = self.line.kind == LineKind::BusyCpu;
        let usual = if is_busy { 38.0 + 24.0 * self.line.severity } else { self.line.cpu_pct };
        let zoom_avg = (usual + 4.0 * self.weather.cpu).max(1.0) as u32;
        let zoom_max = zoom_avg + 2 + above % 9;
        let system_max = if is_busy { 90 + above % 11 } else { (zoom_max + 6 + above % 31).min(86) };
        Cpu { zoom_min: zoom_avg.saturating_sub(1 + (bits >> 8) as u32 % 4), zoom_avg, zoom_max, system_max }
    }

    fn wifi(&mut self) -> Wifi {
        let bits = self.dice.bits();
        let is_bad = self.line.kind == LineKind::BadWifi;
        let usual = if is_bad { -75.0 - 8.0 * self.line.severity } else { self.line.signal_dbm };
        let avg = (usual + 3.0 * self.weather.signal - 4.0 * self.burst.level) as i32;
        Wifi { min: avg - 1 - (bits & 7) as i32, avg, max: avg + 1 + (bits >> 8 & 3) as i32 }
    }

    /// What Zoom makes of the figures. Draws the same whatever is switched on, from dice of its own.
    fn blemish(&mut self, minute: &mut Minute) {
        let faults = &self.world.options.faults;
        let zoom = &self.world.options.zoom;
        let forms = self.blemishes.bits();
        let places = if self.connector == Connector::None { 6 } else { STREAMS };
        for place in 0..places {
            let bits = self.blemishes.bits();
            let share = (bits >> 32) as f64 / (1_u64 << 32) as f64;
            let has_picture = Media::at(place) != Media::Audio;
            let blank = Shown::Blank { has_picture };
            let shown = &mut minute.streams[place];
            match *shown {
                Shown::Whole(flow) if share < faults.idle_streams => {
                    *shown = match bits % 3 {
                        0 => blank,
                        1 if has_picture => Shown::WithoutPicture(flow),
                        _ => Shown::Absent,
                    };
                }
                Shown::Whole(ref mut flow) if share < faults.idle_streams + faults.zero_latency => {
                    flow.latency_ms = 0;
                }
                Shown::Absent if zoom.idle_forms == IdleForms::Mixed && bits & 1 == 0 => {
                    *shown = if self.line.kind == LineKind::RelayedPhone { Shown::Absent } else { blank };
                }
                _ => {}
            }
        }
        let is_odd = (forms >> 48) as f64 / 65_536.0 < faults.odd_quality_values;
        let odd_bits = self.blemishes.bits();
        minute.odd = is_odd.then(|| Odd::choose(minute, odd_bits));
        minute.tight = match zoom.quality_text {
            QualityText::Spaced => 0,
            QualityText::Tight => u64::MAX,
            QualityText::Mixed => forms,
        };
    }
}

impl Iterator for Series<'_> {
    type Item = Minute;

    fn next(&mut self) -> Option<Minute> {
        if self.at > self.until {
            return None;
        }
        let mut minute = self.minute();
        self.blemish(&mut minute);
        self.at += 60;
        Some(minute)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}
