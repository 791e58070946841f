//! What a line suffers in one minute, by its kind.

use super::{Line, LineKind, noise};

/// What drifts slowly from minute to minute, each around 0, hardly ever beyond 1 or below -1.
#[derive(Default)]
pub(super) struct Weather {
    latency: f64,
    jitter: f64,
    loss: f64,
    pub(super) rate: f64,
    pub(super) cpu: f64,
    pub(super) signal: f64,
}

impl Weather {
    /// One minute passes.
    pub(super) fn pass(&mut self, first: u64, second: u64) {
        let drift = |value: &mut f64, bits| *value = 0.85 * *value + 0.35 * noise(bits);
        drift(&mut self.latency, first);
        drift(&mut self.jitter, first >> 16);
        drift(&mut self.loss, first >> 32);
        drift(&mut self.rate, first >> 48);
        drift(&mut self.cpu, second);
        drift(&mut self.signal, second >> 16);
    }
}

/// Bad minutes of a wireless line: they come at once and stay for some minutes.
#[derive(Default)]
pub(super) struct Burst {
    /// From 0 to 1.
    pub(super) level: f64,
    left: u64,
}

impl Burst {
    /// One minute passes.
    pub(super) fn pass(&mut self, line: &Line, bits: u64) {
        if line.kind != LineKind::BadWifi {
            return;
        }
        let starts = (bits & 0xffff) as f64 / 65_536.0 < 0.12 + 0.12 * line.severity;
        if self.left > 0 {
            self.left -= 1;
        } else if starts {
            self.left = bits >> 16 & 3;
            self.level = 0.7 + 0.3 * noise(bits >> 32);
        } else {
            self.level = 0.0;
        }
    }
}

/// What the streams of one direction suffer in one minute.
#[derive(Clone, Copy)]
pub(super) struct Strain {
    pub(super) loss_pct: f64,
    pub(super) jitter_ms: f64,
    /// Above what the line has anyway.
    pub(super) latency_ms: f64,
    /// Bitrate against what is usual.
    pub(super) rate: f64,
    /// Frames a second against what is usual.
    pub(super) frames: f64,
    /// Steps by which pictures are smaller.
    pub(super) smaller: u8,
}

impl Strain {
    /// Input and output.
    pub(super) fn both(
        line: &Line,
        weather: &Weather,
        burst: f64,
        is_breaking: bool,
        room_loss: f64,
    ) -> [Strain; 2] {
        let calm = Strain::calm(weather);
        match line.kind {
            LineKind::Good | LineKind::Silent => [calm, calm],
            LineKind::BadWifi if is_breaking => [Strain::breaking(weather); 2],
            LineKind::BadWifi => [Strain::bad_wifi(line.severity, weather, burst); 2],
            LineKind::BusyCpu => {
                let frames = 0.28 - 0.12 * line.severity + 0.03 * weather.cpu;
                [Strain { frames, ..calm }, Strain { frames, rate: 0.7, smaller: 1, ..calm }]
            }
            LineKind::SaturatedUplink => [calm, Strain::saturated(line.severity, weather)],
            LineKind::LossyRoom => [Strain::lossy_room(room_loss, calm); 2],
            LineKind::RelayedPhone => {
                [Strain {
                    loss_pct: (0.25 + 0.3 * weather.loss).max(0.0),
                    jitter_ms: 8.0 + 5.0 * weather.jitter,
                    latency_ms: 190.0 + 110.0 * line.severity + 15.0 * weather.latency,
                    ..calm
                }; 2]
            }
        }
    }

    /// Nothing is the matter.
    fn calm(weather: &Weather) -> Strain {
        Strain {
            loss_pct: (0.05 + 0.12 * weather.loss).max(0.0),
            jitter_ms: (3.0 + 3.5 * weather.jitter).max(0.0),
            latency_ms: 5.0 + 6.0 * weather.latency,
            rate: 1.0,
            frames: 1.0,
            smaller: 0,
        }
    }

    fn bad_wifi(severity: f64, weather: &Weather, burst: f64) -> Strain {
        Strain {
            loss_pct: (0.5 + 0.8 * severity + 0.5 * weather.loss).max(0.0) + burst * (6.0 + 14.0 * severity),
            jitter_ms: 13.0 + 8.0 * severity + 6.0 * weather.jitter + burst * (40.0 + 70.0 * severity),
            latency_ms: 12.0 + 10.0 * weather.latency + burst * (60.0 + 180.0 * severity),
            rate: (0.9 + 0.08 * weather.rate) * (1.0 - 0.7 * burst),
            frames: 1.0 - 0.5 * burst,
            smaller: u8::from(burst > 0.3) + u8::from(burst > 0.7),
        }
    }

    /// The last minutes before a connection breaks.
    fn breaking(weather: &Weather) -> Strain {
        Strain {
            loss_pct: (29.0 + 4.0 * weather.loss).clamp(25.0, 33.0),
            jitter_ms: 130.0 + 40.0 * weather.jitter,
            latency_ms: 320.0 + 80.0 * weather.latency,
            rate: 0.2,
            frames: 0.3,
            smaller: 2,
        }
    }

    fn saturated(severity: f64, weather: &Weather) -> Strain {
        Strain {
            loss_pct: (3.0 + 5.0 * severity + 1.5 * weather.loss).max(1.0),
            jitter_ms: 35.0 + 45.0 * severity + 12.0 * weather.jitter,
            latency_ms: 240.0 + 350.0 * severity + 50.0 * weather.latency,
            rate: 0.35 - 0.15 * severity + 0.05 * weather.rate,
            frames: 0.55,
            smaller: 2,
        }
    }

    fn lossy_room(loss: f64, calm: Strain) -> Strain {
        Strain {
            loss_pct: calm.loss_pct + loss,
            jitter_ms: calm.jitter_ms + 2.0 * loss,
            latency_ms: calm.latency_ms + 4.0 * loss,
            rate: 1.0 - 0.03 * loss,
            frames: 1.0 - 0.02 * loss,
            smaller: u8::from(loss > 8.0),
        }
    }
}
