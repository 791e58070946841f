//! Virtual time, so that a campus day can pass in a second or on demand.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Virtual time: an epoch plus what tokio's clock has run since, times a scale.
///
/// Under tokio's paused clock, with scale 1, `now` and every `sleep` agree exactly.
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    epoch: Timestamp,
    start: Instant,
    scale: f64,
}

impl SimClock {
    /// A clock that shows `epoch` now and runs `scale` times as fast as tokio's.
    ///
    /// Needs a tokio runtime only to sleep, not to be made. A scale that is not above zero counts as 1.
    pub fn new(epoch: Timestamp, scale: f64) -> SimClock {
        let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
        SimClock { epoch, start: Instant::now(), scale }
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        let run = self.start.elapsed();
        let run = if self.scale == 1.0 { run } else { run.mul_f64(self.scale) };
        let run = SignedDuration::try_from(run).unwrap_or(SignedDuration::MAX);
        self.epoch.checked_add(run).unwrap_or(Timestamp::MAX)
    }

    /// Waits until this much virtual time has passed.
    pub async fn sleep(&self, virtual_time: Duration) {
        if virtual_time.is_zero() {
            return;
        }
        let real = if self.scale == 1.0 { virtual_time } else { virtual_time.div_f64(self.scale) };
        tokio::time::sleep(real).await;
    }

    /// What the clock showed when it was made.
    pub fn epoch(&self) -> Timestamp {
        self.epoch
    }
}
