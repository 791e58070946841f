//! Samples as calls have them: what a line suffers drifts from minute to minute, and some lines are bad.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::quality::{Channel, Column, Measure, Media, Series};

/// Chance from a seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// Evenly from 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn hit(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// Around 0, with a standard deviation of 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// How regular the figures are.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// All six streams flow all the time, figures drift, one line in seven is bad.
    Full,
    /// The same, but streams come and go: cameras, shared screens, phones, mute.
    Mixed,
    /// All six streams, and every figure is drawn evenly from a wide range without regard to the minute before: the
    /// worst there is.
    Noise,
}

/// Something that drifts around 0, hardly ever beyond 3 or -3.
struct Drift(f64);

impl Drift {
    fn new(dice: &mut Dice) -> Drift {
        Drift(dice.normal())
    }

    fn pass(&mut self, dice: &mut Dice) -> f64 {
        self.0 = 0.85 * self.0 + 0.53 * dice.normal();
        self.0
    }
}

/// Sizes of pictures and the kbps they like.
const PICTURES: [(u32, u32, f64); 3] = [(1280, 720, 1_150.0), (640, 360, 480.0), (320, 180, 160.0)];
const SCREENS: [(u32, u32, f64); 3] = [(1920, 1080, 260.0), (1280, 720, 150.0), (960, 540, 80.0)];

/// The samples of one stay.
pub fn series(dice: &mut Dice, kind: Kind, start: Timestamp, minutes: usize) -> Series {
    match kind {
        Kind::Noise => noise(dice, start, minutes),
        Kind::Full | Kind::Mixed => Line::new(dice, kind).series(dice, start, minutes),
    }
}

struct Line {
    latency_ms: f64,
    rate: f64,
    cpu_pct: f64,
    signal_dbm: f64,
    /// From 0 to 1, of bad lines.
    trouble: Option<f64>,
    /// Bad minutes left, and how bad.
    burst: (u64, f64),
    drifts: [Drift; 6],
    pictures: [u64; 6],
    flows: [bool; 6],
    has_wifi: bool,
    kind: Kind,
}

impl Line {
    fn new(dice: &mut Dice, kind: Kind) -> Line {
        let is_full = kind == Kind::Full;
        let is_phone = !is_full && dice.hit(0.05);
        let [camera, watches] = [dice.hit(0.65), dice.hit(0.9)].map(|flows| (flows || is_full) && !is_phone);
        let screen = is_full || (dice.hit(0.5) && !is_phone);
        Line {
            latency_ms: 12.0 + 60.0 * dice.share() * dice.share(),
            rate: 0.75 + 0.25 * dice.share(),
            cpu_pct: 4.0 + 18.0 * dice.share(),
            signal_dbm: -62.0 + 16.0 * dice.share(),
            trouble: dice.hit(0.15).then(|| dice.share()),
            burst: (0, 0.0),
            drifts: std::array::from_fn(|_| Drift::new(dice)),
            pictures: [0, 0, dice.below(2), dice.below(2), 0, 0],
            flows: [true, true, watches, camera, screen, is_full],
            has_wifi: is_full || (dice.hit(0.5) && !is_phone),
            kind,
        }
    }

    fn series(&mut self, dice: &mut Dice, start: Timestamp, minutes: usize) -> Series {
        let mut series = Series::new();
        for minute in 0..minutes {
            series.begin(start + SignedDuration::from_mins(minute as i64));
            self.minute(dice, &mut series);
        }
        series
    }

    fn minute(&mut self, dice: &mut Dice, series: &mut Series) {
        let [latency, jitter, loss, rate, cpu, signal] = {
            let mut passed = [0.0; 6];
            passed.iter_mut().zip(&mut self.drifts).for_each(|(value, drift)| *value = drift.pass(dice));
            passed
        };
        let severity = self.trouble.unwrap_or(0.0);
        self.burst = match self.burst {
            (left @ 1.., level) => (left - 1, level),
            _ if self.trouble.is_some() && dice.hit(0.12 + 0.12 * severity) => {
                (dice.below(4), 0.4 + 0.6 * dice.share())
            }
            _ => (0, 0.0),
        };
        let burst = self.burst.1;
        let (mut lost, mut uneven, mut late) = (0.02 + 0.06 * loss, 3.0 + 2.0 * jitter, 5.0 + 4.0 * latency);
        if self.trouble.is_some() {
            lost = 0.5 + 0.8 * severity + 0.35 * loss + burst * (6.0 + 14.0 * severity);
            uneven = 13.0 + 8.0 * severity + 4.0 * jitter + burst * (40.0 + 70.0 * severity);
            late += burst * (60.0 + 180.0 * severity);
        }
        for place in 0..6 {
            if self.kind == Kind::Mixed && dice.hit(0.03) && place != 0 {
                self.flows[place] = !self.flows[place] && self.flows[2];
            }
            if self.flows[place] {
                self.stream(dice, series, place, [lost, uneven, late, rate, burst]);
            }
        }
        let zoom = (self.cpu_pct + 3.0 * cpu).max(1.0).floor();
        let most = zoom + 2.0 + dice.below(6) as f64;
        series.set(Column::CpuZoomMin, (zoom - 1.0 - dice.below(4) as f64).max(0.0));
        series.set(Column::CpuZoomAvg, zoom);
        series.set(Column::CpuZoomMax, most);
        series.set(Column::CpuSystemMax, (most + 6.0 + dice.below(20) as f64).min(100.0));
        if self.has_wifi {
            let usual = (self.signal_dbm + 2.0 * signal - 4.0 * burst).floor();
            series.set(Column::RssiMin, usual - 1.0 - dice.below(6) as f64);
            series.set(Column::RssiAvg, usual);
            series.set(Column::RssiMax, usual + 1.0 + dice.below(4) as f64);
        }
    }

    fn stream(&mut self, dice: &mut Dice, series: &mut Series, place: usize, strain: [f64; 5]) {
        let [lost, uneven, late, rate, burst] = strain;
        let channel = Channel::MAIN[place];
        if dice.hit(1.0 / 80.0) {
            self.pictures[place] = 1 - self.pictures[place];
        }
        let size = self.pictures[place] as usize + usize::from(burst > 0.3);
        let (likes, picture) = match channel.media {
            Media::Audio => (62.0, None),
            Media::Video => (PICTURES[size].2, Some((PICTURES[size], 26.0))),
            Media::Share => (SCREENS[size].2, Some((SCREENS[size], 12.0))),
        };
        let mut set = |measure, value: f64| series.set(Column::Stream(channel, measure), value);
        let kbps = likes * self.rate * (1.0 - 0.7 * burst) * (1.0 + 0.05 * dice.normal() + 0.05 * rate);
        let loss = (lost * (1.0 + 0.12 * dice.normal())).max(0.0);
        let more = if dice.hit(0.5) { 0.2 * dice.share() } else { 0.0 };
        set(Measure::Bitrate, hundredths(kbps.max(4.0)));
        set(Measure::Latency, ((self.latency_ms + late) * (1.0 + 0.04 * dice.normal())).max(1.0).floor());
        set(Measure::Jitter, (uneven * (1.0 + 0.15 * dice.normal())).max(0.0).floor());
        set(Measure::AvgLoss, hundredths(loss));
        set(Measure::MaxLoss, hundredths(loss * (1.45 + 0.3 * dice.normal().abs()) + more));
        if let Some(((width, height, _), frames)) = picture {
            set(Measure::Width, f64::from(width));
            set(Measure::Height, f64::from(height));
            set(Measure::FrameRate, ((frames + 1.5 * dice.normal()) * (1.0 - 0.5 * burst)).round());
        }
    }
}

fn noise(dice: &mut Dice, start: Timestamp, minutes: usize) -> Series {
    let mut series = Series::new();
    for minute in 0..minutes {
        series.begin(start + SignedDuration::from_mins(minute as i64));
        for (channel, kbps) in Channel::MAIN.into_iter().zip([60, 65, 1_100, 900, 250, 240]) {
            let size = PICTURES[dice.below(2) as usize];
            let mut set = |measure: Measure, value: f64| {
                if measure.is_of(channel.media) {
                    series.set(Column::Stream(channel, measure), value);
                }
            };
            let loss = dice.below(60);
            set(Measure::Bitrate, hundredths((kbps / 3 + dice.below(kbps * 2 / 3)) as f64 + dice.share()));
            set(Measure::Latency, (8 + dice.below(82)) as f64);
            set(Measure::Jitter, dice.below(12) as f64);
            set(Measure::AvgLoss, loss as f64 / 100.0);
            set(Measure::MaxLoss, (loss + dice.below(90)) as f64 / 100.0);
            set(Measure::Width, f64::from(size.0));
            set(Measure::Height, f64::from(size.1));
            set(Measure::FrameRate, (10 + dice.below(20)) as f64);
        }
        for (column, least, range) in [
            (Column::CpuZoomMin, 0, 15),
            (Column::CpuZoomAvg, 2, 30),
            (Column::CpuZoomMax, 10, 40),
            (Column::CpuSystemMax, 5, 90),
        ] {
            series.set(column, (least + dice.below(range)) as f64);
        }
        for column in [Column::RssiMin, Column::RssiAvg, Column::RssiMax] {
            series.set(column, -85.0 + dice.below(45) as f64);
        }
    }
    series
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).floor() / 100.0
}
