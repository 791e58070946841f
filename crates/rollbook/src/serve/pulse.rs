//! Whether the collector is alive, and what stands in its way: written by its loop, read by health and pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::retention;

/// A loop that has not looked around for this long hangs. It does so every 15 s, also while it waits for others' servers.
const STILL_ALIVE: SignedDuration = SignedDuration::from_mins(3);

/// Something that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What, and what to do about it.
    pub said: String,
    /// Whether work waits for it. What only narrows what can be asked, such as a scope that lacks, is told to people but
    /// makes nobody restart anything.
    pub is_grave: bool,
}

/// When all that is older than it is to be kept was last cleared, and what went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cleared {
    /// When.
    pub at: Timestamp,
    /// What went.
    pub report: retention::Report,
}

/// What the loop last said of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Beat {
    /// When it last looked around; none before it began.
    pub beat_at: Option<Timestamp>,
    /// What stands in its way, by what it concerns: `zoom ACCOUNT`, `scopes ACCOUNT`, `store`, `moodle` …
    pub troubles: BTreeMap<String, Trouble>,
    /// The last clearing; none before the first of this process.
    pub cleared: Option<Cleared>,
}

impl Beat {
    /// Whether the loop goes round.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.beat_at.is_some_and(|at| now.duration_since(at) < STILL_ALIVE)
    }

    /// What work waits for, by what it concerns.
    pub fn grave(&self) -> impl Iterator<Item = &String> {
        self.troubles.iter().filter(|(_, trouble)| trouble.is_grave).map(|(what, _)| what)
    }
}

/// The pulse of a collector that is left running. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<Beat>>);

impl Pulse {
    /// What was last said.
    pub fn read(&self) -> Beat {
        self.lock().clone()
    }

    /// The loop goes round.
    pub fn beat(&self, now: Timestamp) {
        self.lock().beat_at = Some(now);
    }

    /// What is older than it is to be kept was cleared.
    pub fn cleared(&self, at: Timestamp, report: retention::Report) {
        self.lock().cleared = Some(Cleared { at, report });
    }

    /// How something is that work waits for: `said` is what stands in the way, nothing that it is well. Each change is
    /// logged once.
    pub fn tell(&self, now: Timestamp, what: &str, said: Option<&str>) {
        self.note(now, what, said, true);
    }

    /// The same of something without which less can be asked.
    pub fn remark(&self, now: Timestamp, what: &str, said: Option<&str>) {
        self.note(now, what, said, false);
    }

    fn note(&self, now: Timestamp, what: &str, said: Option<&str>, is_grave: bool) {
        let troubles = &mut self.lock().troubles;
        match (said, troubles.get_mut(what)) {
            (None, None) => {}
            (None, Some(_)) => {
                troubles.remove(what);
                tracing::info!(concerns = what, "all is well again");
            }
            (Some(said), Some(trouble)) if trouble.said == said => trouble.is_grave = is_grave,
            (Some(said), Some(trouble)) => {
                said.clone_into(&mut trouble.said);
                trouble.is_grave = is_grave;
                tracing::warn!(concerns = what, "{said}");
            }
            (Some(said), None) => {
                troubles.insert(what.to_owned(), Trouble { since: now, said: said.to_owned(), is_grave });
                tracing::warn!(concerns = what, "{said}");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Beat> {
        // What is in there is whole whoever panicked: health must answer all the same.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_has_a_beginning_and_an_end() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (noon, later) = (at("2026-11-20T12:00:00Z"), at("2026-11-20T12:01:00Z"));
        let pulse = Pulse::default();
        assert!(!pulse.read().is_alive(noon));
        pulse.beat(noon);
        assert!(pulse.read().is_alive(later) && !pulse.read().is_alive(at("2026-11-20T12:04:00Z")));
        pulse.tell(noon, "store", Some("the disk is full"));
        pulse.tell(later, "store", Some("the disk is still full"));
        let trouble = pulse.read().troubles["store"].clone();
        assert_eq!((trouble.since, trouble.said.as_str()), (noon, "the disk is still full"));
        pulse.tell(later, "store", None);
        assert!(pulse.read().troubles.is_empty());
        pulse.remark(later, "scopes default", Some("the app lacks a scope"));
        assert_eq!((pulse.read().grave().count(), pulse.read().troubles.len()), (0, 1));
    }
}
