//! The only place that asks what time it is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The longest that is slept without a look at the system's clock.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Where `now` comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's clock.
    System,
    /// An instant that runs on from `epoch`, `scale` times as fast as tokio's clock, which can itself be paused.
    Simulated {
        /// What it was at `start`.
        epoch: Timestamp,
        /// Where tokio's clock stood then.
        start: tokio::time::Instant,
        /// Simulated seconds a second.
        scale: f64,
    },
}

impl Clock {
    /// A clock that shows `epoch` now and runs `scale` times as fast as tokio's.
    pub fn simulated(epoch: Timestamp, scale: f64) -> Clock {
        Clock::Simulated { epoch, start: tokio::time::Instant::now(), scale }
    }

    /// The time.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Simulated { epoch, start, scale } => {
                let passed = start.elapsed().as_secs_f64() * scale;
                *epoch + SignedDuration::from_micros((passed * 1e6).round() as i64)
            }
        }
    }

    /// Simulated seconds a second; 1 for the system's clock.
    pub fn scale(&self) -> f64 {
        match self {
            Clock::System => 1.0,
            Clock::Simulated { scale, .. } => *scale,
        }
    }

    /// Sleeps until the clock shows `until`. Rounded up, so that it is never early. The system's clock can be set, and goes
    /// on while the machine sleeps: it is looked at again every [`SLEEP_MAX`], so that at most that much is overslept.
    pub async fn sleep_until(&self, until: Timestamp) {
        loop {
            let left = until.duration_since(self.now()).as_secs_f64() / self.scale();
            if left <= 0.0 {
                return;
            }
            let most = match self {
                Clock::System => SLEEP_MAX.as_secs_f64(),
                // A year is for ever here, and keeps tokio's arithmetic in range.
                Clock::Simulated { .. } => 31_536_000.0,
            };
            let micros = (left.min(most) * 1e6).ceil() as u64;
            tokio::time::sleep(Duration::from_micros(micros)).await;
            if matches!(self, Clock::Simulated { .. }) {
                return;
            }
        }
    }
}
