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
    /// Instances known so far; none while only lists are read.
    total: u64,
    /// How far call quality is.
    quality: String,
}

impl Progress {
    /// A bar on standard error if somebody looks at it.
    pub fn new(quiet: bool) -> Progress {
        if quiet || !std::io::stderr().is_terminal() {
            return Progress { bar: None, total: 0, quality: String::new() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND));
        bar.set_style(style("{spinner} {msg}"));
        Progress { bar: Some(bar), total: 0, quality: String::new() }
    }

    /// Moves the bar.
    pub fn show(&mut self, tick: &Tick) {
        let Some(bar) = &self.bar else { return };
        if tick.instances > 0 {
            if self.total == 0 {
                bar.set_style(style("{bar:24} {pos}/{len} instances  {msg}"));
            }
            self.total = tick.instances;
            bar.set_length(tick.instances);
            bar.set_position(tick.settled);
        }
        let calls = tick.calls.total();
        let rate = calls as f64 / bar.elapsed().as_secs_f64().max(0.5);
        if tick.quality_instances > 0 {
            self.quality = format!("call quality {}/{}  ", tick.quality_settled, tick.quality_instances);
        }
        let paced = format!("{}{calls} calls, {rate:.0} a second", self.quality);
        bar.set_message(match (tick.sleeps_until, tick.now) {
            // What waits for a due time is not slow, so no time left is guessed from it.
            (Some(until), Some(now)) => {
                format!("{}{calls} calls, next look in {}", self.quality, words(until.duration_since(now)))
            }
            _ if self.total == 0 => format!("reading the lists: {paced}"),
            // Call quality goes on when the bar is full.
            _ if bar.position() == 0 || !self.quality.is_empty() => paced,
            _ => format!("{paced}, ETA {}s", bar.eta().as_secs()),
        });
        bar.tick();
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
