//! A bar with rate and time left, on a terminal; nothing elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rollbook_core::completeness::words;

use crate::collector::Tick;

/// How often the bar is drawn.
const DRAWN_A_SECOND: u8 = 8;

/// Shows how a run gets on.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar on standard error if somebody looks at it.
    pub fn new(quiet: bool) -> Progress {
        if quiet || !std::io::stderr().is_terminal() {
            return Progress { bar: None };
        }
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} instances  {msg}  ETA {eta}");
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND))
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress { bar: Some(bar) }
    }

    /// Moves the bar.
    pub fn show(&mut self, tick: &Tick) {
        let Some(bar) = &self.bar else { return };
        if tick.instances > 0 {
            bar.set_length(tick.instances);
            bar.set_position(tick.settled);
        }
        let calls = tick.calls.total();
        bar.set_message(match (tick.sleeps_until, tick.now) {
            (Some(until), Some(now)) => {
                format!("{calls} calls, next look in {}", words(until.duration_since(now)))
            }
            _ => {
                let rate = calls as f64 / bar.elapsed().as_secs_f64().max(0.5);
                format!("{calls} calls, {rate:.0} a second")
            }
        });
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
