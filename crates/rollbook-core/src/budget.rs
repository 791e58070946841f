//! What may be spent now, and when more may be.
//!
//! A call holds a **slot** of its label's window from the moment it is paid for until the window in which the
//! server may have counted it has surely passed ([`slot_free_at`]). At most `limit` slots are ever held, so the
//! limit holds under a fixed and a sliding window alike, whatever the network does in between: slower, never refused.

pub mod host;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::label::Label;
use crate::limits::{DayBucket, Limits};
use crate::time::quota_resets_at;

/// Longest that a call may be on its way; a slot whose call never came back is free this long after, plus the window.
pub const CALL_TIMEOUT: SignedDuration = SignedDuration::from_secs(45);

/// Added to every slot: two machines' clocks run at slightly different speeds, and both are read in milliseconds.
const SLOT_GUARD: SignedDuration = SignedDuration::from_millis(5);

/// How many answers must have been timed before their smallest time is believed ([`RoundTrips`]). The first calls of a
/// process open connections, so even the fastest of them is slow; these many span several windows of any label.
const ROUND_TRIPS_TRUSTED: u32 = 200;

/// A label is never left alone longer than this on refusals that do not say until when.
const REST_MAX: SignedDuration = SignedDuration::from_mins(15);

/// What a call is for. Ordinary collection leaves the reserve alone; a person who waits may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Collection that nobody is watching.
    Collection,
    /// Somebody asked for it and waits (`refresh`).
    Person,
}

/// What a pool has spent, as the ledger knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// For each label and window length in seconds: when the slots held are free again, soonest first.
    pub held: BTreeMap<(Label, i64), Vec<Timestamp>>,
    /// Calls of the running UTC day by allowance.
    pub day: BTreeMap<DayBucket, u32>,
    /// Labels that Zoom told us to leave alone until then (per-second and per-minute refusals).
    pub paused: BTreeMap<Label, Timestamp>,
    /// Daily allowances that Zoom says are gone until then.
    pub day_gone: BTreeMap<DayBucket, Timestamp>,
}

/// The answer to "may I call?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "allowance")]
pub enum Allowance {
    /// This many calls may leave now.
    Now {
        /// Calls.
        calls: u32,
    },
    /// A window is full or Zoom asked us to wait; look again then.
    At {
        /// When.
        at: Timestamp,
    },
    /// A daily allowance (less the reserve) is gone until the reset.
    DayGone {
        /// Which one.
        bucket: DayBucket,
        /// The reset.
        until: Timestamp,
    },
}

/// Limits, usage and reserve of one pool at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// What Zoom allows.
    pub limits: Limits,
    /// What is spent.
    pub usage: Usage,
    /// Share of each daily allowance kept for other apps and for people, 0 to 1.
    pub reserve: f64,
}

impl Budget {
    /// Whether, and how many, calls of `label` may leave at `now`.
    pub fn allowance(&self, now: Timestamp, label: Label, purpose: Purpose) -> Allowance {
        if let Some(gone) = self.day_gone(now, label, purpose) {
            return gone;
        }
        if let Some(at) = self.usage.paused.get(&label).filter(|at| **at > now) {
            return Allowance::At { at: *at };
        }
        let mut calls = self.day_left(now, label, purpose).unwrap_or(u32::MAX);
        for (length, limit) in self.limits.windows(label) {
            let none = Vec::new();
            let held = self.usage.held.get(&(label, length.as_secs())).unwrap_or(&none);
            let used = held.iter().filter(|free_at| **free_at > now).count();
            let free = (limit as usize).saturating_sub(used);
            if free == 0 {
                // The slot that must come free is the one that brings the count under the limit.
                let at = held[held.len() - limit as usize];
                return Allowance::At { at };
            }
            calls = calls.min(u32::try_from(free).unwrap_or(u32::MAX));
        }
        Allowance::Now { calls }
    }

    /// When the next slot of `label` that is held now comes free.
    pub fn next_slot_at(&self, now: Timestamp, label: Label) -> Option<Timestamp> {
        let held = self
            .limits
            .windows(label)
            .filter_map(|(length, _)| self.usage.held.get(&(label, length.as_secs())));
        held.flatten().copied().filter(|free_at| *free_at > now).min()
    }

    /// Calls of `label` left in the day for this purpose; none if the plan has no daily allowance for it.
    pub fn day_left(&self, now: Timestamp, label: Label, purpose: Purpose) -> Option<u32> {
        self.limits.days(label).map(|(bucket, limit)| self.bucket_left(now, bucket, limit, purpose)).min()
    }

    /// The part of `limit` that ordinary collection may spend.
    pub fn usable(&self, limit: u32, purpose: Purpose) -> u32 {
        match purpose {
            Purpose::Person => limit,
            // Truncation is wanted: the reserve is rounded in favour of the others.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Purpose::Collection => (f64::from(limit) * (1.0 - self.reserve.clamp(0.0, 1.0))) as u32,
        }
    }

    fn bucket_left(&self, now: Timestamp, bucket: DayBucket, limit: u32, purpose: Purpose) -> u32 {
        if self.usage.day_gone.get(&bucket).is_some_and(|until| *until > now) {
            return 0;
        }
        self.usable(limit, purpose).saturating_sub(self.usage.day.get(&bucket).copied().unwrap_or(0))
    }

    fn day_gone(&self, now: Timestamp, label: Label, purpose: Purpose) -> Option<Allowance> {
        self.limits
            .days(label)
            .find(|(bucket, limit)| self.bucket_left(now, *bucket, *limit, purpose) == 0)
            .map(|(bucket, _)| Allowance::DayGone {
                bucket,
                until: self
                    .usage
                    .day_gone
                    .get(&bucket)
                    .copied()
                    .filter(|at| *at > now)
                    .unwrap_or(quota_resets_at(now)),
            })
    }
}

/// The smallest time that answers of one label took in this process.
///
/// A server counts a call somewhere between its departure and its answer. What never varies (distance, the server's
/// own work) shifts all calls alike and cannot push two of them together; only what a call took **longer** than
/// the fastest one can. So the slot need only be held for that excess, and the allowed rate is kept at any distance.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoundTrips {
    fastest: Option<SignedDuration>,
    seen: u32,
}

impl RoundTrips {
    /// Takes note of one answer.
    pub fn note(&mut self, took: SignedDuration) {
        self.seen = self.seen.saturating_add(1);
        self.fastest = Some(self.fastest.map_or(took, |fastest| fastest.min(took)));
    }

    /// How much longer than the fastest answer this one took. Until enough were timed, all of it.
    pub fn excess(&self, took: SignedDuration) -> SignedDuration {
        match self.fastest {
            Some(fastest) if self.seen >= ROUND_TRIPS_TRUSTED => (took - fastest).max(SignedDuration::ZERO),
            _ => took,
        }
    }
}

/// How much of a label's rate is used, after Zoom refused calls that should have fitted.
///
/// The plan may be configured too high, or other apps may be busy on the account. Each window with a refusal
/// takes a quarter off; answers give it back slowly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    share: f64,
    cut_at: Option<Timestamp>,
    /// Windows with a refusal since the last answer.
    refused: u32,
}

impl Throttle {
    const CUT: f64 = 0.75;
    const LEAST: f64 = 0.05;
    const REGAINED: f64 = 0.0005;

    /// The whole rate.
    pub fn open() -> Throttle {
        Throttle { share: 1.0, cut_at: None, refused: 0 }
    }

    /// A call was refused. Refusals of the same window count once.
    pub fn cut(&mut self, now: Timestamp, window: SignedDuration) {
        if self.cut_at.is_none_or(|at| now >= at + window) {
            self.share = (self.share * Throttle::CUT).max(Throttle::LEAST);
            self.cut_at = Some(now);
            self.refused = self.refused.saturating_add(1);
        }
    }

    /// How long to leave the label alone: `first` after one refusal, twice as long after each further one that no
    /// answer came between. A refusal that says nothing may well mean the whole day.
    pub fn rest(&self, first: SignedDuration) -> SignedDuration {
        let doubled = 2_i32.saturating_pow(self.refused.saturating_sub(1));
        first.saturating_mul(doubled).min(REST_MAX.max(first))
    }

    /// A call was answered.
    pub fn regain(&mut self) {
        self.share = (self.share + Throttle::REGAINED).min(1.0);
        self.refused = 0;
    }

    /// A limit under this throttle, never below one call.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn apply(&self, limit: u32) -> u32 {
        ((f64::from(limit) * self.share) as u32).max(1)
    }
}

/// When the slot of a call that was answered is free: the window after the latest moment the server can have counted it.
pub fn slot_free_at(sent_at: Timestamp, excess: SignedDuration, window: SignedDuration) -> Timestamp {
    sent_at + excess + window + SLOT_GUARD
}

/// When the slot of a call is free if its answer never comes.
pub fn slot_free_at_unanswered(
    sent_at: Timestamp,
    timeout: SignedDuration,
    window: SignedDuration,
) -> Timestamp {
    sent_at + timeout + window
}

/// What a `Remaining` header may lower: Zoom's word on how much is left of a figure it names.
///
/// Headers may only lower what is left, and only what they speak of (RATE-LIMITS.md, "What is uncertain about
/// headers"): `Daily-limit`, or a limit equal to a daily figure, touches that day. Anything else touches nothing.
pub fn day_spent_by_headers(
    limits: &Limits,
    label: Label,
    says_daily: bool,
    limit: Option<u32>,
    remaining: Option<u32>,
) -> Option<(DayBucket, u32)> {
    let remaining = remaining?;
    let mut days = limits.days(label);
    let (bucket, allowed) = match limit {
        Some(limit) => days.find(|(_, allowed)| *allowed == limit).or_else(|| {
            // A daily figure other than the configured one: the plan or an exception is configured wrongly. The
            // smaller of the two is believed.
            limits
                .days(label)
                .next()
                .filter(|_| says_daily)
                .map(|(bucket, allowed)| (bucket, allowed.max(limit)))
        })?,
        None => days.next().filter(|_| says_daily)?,
    };
    Some((bucket, allowed.saturating_sub(remaining)))
}

#[cfg(test)]
mod tests;
