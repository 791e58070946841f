//! The book in which calls are counted, and by which they are refused.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{LimitUse, Stats};
use crate::limit::{Label, Limits, Meter, Per, limits_of, others_between};
use crate::options::{Switches, Window};

/// Counts calls and refuses those above a limit.
pub(crate) struct Ledger {
    limits: Limits,
    /// What counts for refusing.
    enforced: BTreeMap<(Label, Per), Meter>,
    /// What the client did, refused or not.
    observed: BTreeMap<(Label, Per), (Meter, LimitUse)>,
    pub(crate) stats: Stats,
    pub(crate) in_flight: u64,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) per: Per,
    pub(crate) limit: u32,
}

/// What is left of the limit that headers speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) per: Per,
    pub(crate) limit: u32,
    pub(crate) remaining: u64,
}

/// The shared day is one limit under two labels.
fn key(label: Label, per: Per) -> (Label, Per) {
    if per == Per::SharedDay { (Label::Heavy, per) } else { (label, per) }
}

impl Ledger {
    /// An empty book for these limits.
    pub(crate) fn new(limits: Limits) -> Ledger {
        let mut ledger = Ledger {
            limits,
            enforced: BTreeMap::new(),
            observed: BTreeMap::new(),
            stats: Stats::default(),
            in_flight: 0,
        };
        for label in Label::ALL {
            for (per, limit) in limits_of(&limits, label) {
                let (of, per) = key(label, per);
                let none = LimitUse {
                    label: of,
                    per,
                    limit,
                    max_fixed: 0,
                    max_sliding: 0,
                    exceeded_fixed: 0,
                    exceeded_sliding: 0,
                };
                ledger.enforced.insert((of, per), Meter::new(per));
                ledger.observed.insert((of, per), (Meter::new(per), none));
            }
        }
        ledger
    }

    /// Counts a call that has arrived, and says which limit refuses it, if any.
    pub(crate) fn arrive(&mut self, now: Timestamp, label: Label, zoom: &Switches) -> Option<Refusal> {
        let at = now.as_microsecond();
        self.observe(at, label);
        let limits = limits_of(&self.limits, label);
        let refusal = limits
            .iter()
            .find(|(per, limit)| self.spent(at, label, *per, zoom) >= u64::from(*limit))
            .map(|(per, limit)| Refusal { per: *per, limit: *limit });
        if refusal.is_none() || zoom.refused_calls_count {
            for (per, _) in limits {
                // A refused call never counts against the day, or a day could not be used up exactly.
                if refusal.is_some() && per.is_day() {
                    continue;
                }
                self.enforced.entry(key(label, per)).or_insert_with(|| Meter::new(per)).add(at);
            }
        }
        refusal
    }

    /// What has been spent of a limit, by the client and by other apps.
    fn spent(&mut self, at: i64, label: Label, per: Per, zoom: &Switches) -> u64 {
        let apps = &zoom.other_apps;
        let both = [Label::Heavy, Label::ResourceIntensive];
        let labels: &[Label] = if per == Per::SharedDay { &both } else { &[label] };
        let others = |from| labels.iter().map(|label| others_between(apps, *label, from, at)).sum::<u64>();
        let meter = self.enforced.entry(key(label, per)).or_insert_with(|| Meter::new(per));
        let fixed = meter.fixed(at) + others(meter.window_start(at) - 1);
        if per.is_day() {
            return fixed;
        }
        let sliding = meter.sliding(at) + others(at - per.micros());
        match zoom.window {
            Window::Fixed => fixed,
            Window::Sliding => sliding,
            Window::Both => fixed.max(sliding),
        }
    }

    fn observe(&mut self, at: i64, label: Label) {
        for (per, limit) in limits_of(&self.limits, label) {
            let Some((meter, seen)) = self.observed.get_mut(&key(label, per)) else { continue };
            meter.add(at);
            let (fixed, sliding) = (meter.fixed(at), meter.sliding(at));
            seen.max_fixed = seen.max_fixed.max(fixed);
            seen.max_sliding = seen.max_sliding.max(sliding);
            seen.exceeded_fixed += u64::from(fixed > u64::from(limit));
            seen.exceeded_sliding += u64::from(sliding > u64::from(limit));
        }
    }

    /// What is left of the day where the label has one, else of the second or minute.
    pub(crate) fn left(&mut self, now: Timestamp, label: Label, zoom: &Switches) -> Option<Left> {
        let (per, limit) = *limits_of(&self.limits, label).first()?;
        let spent = self.spent(now.as_microsecond(), label, per, zoom);
        Some(Left { per, limit, remaining: u64::from(limit).saturating_sub(spent) })
    }

    /// The stats so far.
    pub(crate) fn report(&self, epoch: Timestamp, now: Timestamp, zoom: &Switches) -> Stats {
        let mut stats = self.stats.clone();
        stats.in_flight = self.in_flight;
        stats.limits = self.observed.values().map(|(_, seen)| *seen).collect();
        for label in Label::ALL {
            let (from, until) = (epoch.as_microsecond(), now.as_microsecond());
            stats.other_apps.insert(label, others_between(&zoom.other_apps, label, from, until));
        }
        stats
    }
}
