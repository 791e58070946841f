//! Counting calls in windows, fixed and sliding at once.

use std::collections::{BTreeMap, VecDeque};

use super::Per;

/// Counts the calls of one limit.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    per: Per,
    fixed: BTreeMap<i64, u64>,
    recent: VecDeque<i64>,
}

impl Meter {
    /// A meter that has counted nothing.
    pub(crate) fn new(per: Per) -> Meter {
        Meter { per, fixed: BTreeMap::new(), recent: VecDeque::new() }
    }

    /// Start of the fixed window that holds this instant.
    pub(crate) fn window_start(&self, at: i64) -> i64 {
        at - at.rem_euclid(self.per.micros())
    }

    /// Calls counted in the fixed window that holds this instant.
    pub(crate) fn fixed(&self, at: i64) -> u64 {
        self.fixed.get(&self.window_start(at)).copied().unwrap_or(0)
    }

    /// Calls counted in the window that ends at this instant: later than one length ago. Days do not slide.
    pub(crate) fn sliding(&mut self, at: i64) -> u64 {
        if self.per.is_day() {
            return self.fixed(at);
        }
        while self.recent.front().is_some_and(|call| *call <= at - self.per.micros()) {
            self.recent.pop_front();
        }
        self.recent.len() as u64
    }

    /// Counts a call.
    pub(crate) fn add(&mut self, at: i64) {
        let start = self.window_start(at);
        *self.fixed.entry(start).or_default() += 1;
        if self.per.is_day() {
            return;
        }
        self.recent.push_back(at);
        // Only the current window is ever asked for.
        while self.fixed.len() > 2 {
            self.fixed.pop_first();
        }
    }
}
