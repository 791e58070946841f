//! Which minutes of a connection events told: whether its call quality need not be asked for.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Samples this far apart have a minute between them that nobody told: there is one a minute or more (WEBHOOKS.md,
/// "QSS events"), and half a minute is for those that come late.
pub const GAP_MAX: SignedDuration = SignedDuration::from_secs(90);

/// Stretches of time in which samples are never further apart than [`GAP_MAX`], in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coverage(Vec<(Timestamp, Timestamp)>);

impl Coverage {
    /// Adds a sample; the order in which they come does not matter.
    pub fn add(&mut self, at: Timestamp) {
        let is_near = |(from, to): &(Timestamp, Timestamp)| *from <= at + GAP_MAX && at <= *to + GAP_MAX;
        let first = self.0.iter().position(is_near);
        match first {
            None => {
                let place = self.0.partition_point(|(from, _)| *from < at);
                self.0.insert(place, (at, at));
            }
            Some(first) => {
                // One sample can close the gap between two stretches, never more.
                let both = self.0.get(first + 1).is_some_and(is_near);
                let to = if both { self.0.remove(first + 1).1 } else { self.0[first].1 };
                self.0[first] = (self.0[first].0.min(at), to.max(at));
            }
        }
    }

    /// Whether there was a sample for every minute from a join to a leave.
    pub fn covers(&self, joined_at: Timestamp, left_at: Timestamp) -> bool {
        self.0.iter().any(|(from, to)| *from <= joined_at + GAP_MAX && left_at <= *to + GAP_MAX)
    }

    /// The stretches, in order.
    pub fn spans(&self) -> &[(Timestamp, Timestamp)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn of(seconds: &[i64]) -> Coverage {
        let mut coverage = Coverage::default();
        seconds.iter().for_each(|seconds| coverage.add(at(*seconds)));
        coverage
    }

    fn check(seconds: &[i64], joined: i64, left: i64, expected: bool) {
        assert_eq!(of(seconds).covers(at(joined), at(left)), expected, "{seconds:?} {joined}-{left}");
    }

    #[test]
    fn one_sample_a_minute_covers_and_a_lost_one_does_not() {
        check(&[60, 120, 180, 240], 30, 270, true);
        check(&[60, 120, 240], 30, 270, false);
        check(&[60, 120, 180], 30, 271, false);
        check(&[125, 180, 240], 30, 270, false);
        check(&[60], 0, 100, true);
        check(&[], 0, 10, false);
    }

    #[test]
    fn a_late_sample_closes_its_gap() {
        let mut coverage = of(&[60, 120, 240, 300]);
        assert_eq!(coverage.spans(), [(at(60), at(120)), (at(240), at(300))]);
        coverage.add(at(180));
        assert_eq!(coverage.spans(), [(at(60), at(300))]);
    }

    proptest! {
        #[test]
        fn the_order_of_samples_does_not_matter(mut seconds in prop::collection::vec(0i64..2_000, 0..40)) {
            let coverage = of(&seconds);
            seconds.sort_unstable();
            prop_assert_eq!(&coverage, &of(&seconds));
            seconds.dedup();
            // As counted by hand: a stretch begins wherever the one before is too far away.
            let begins = seconds.windows(2).filter(|pair| pair[1] - pair[0] > GAP_MAX.as_secs()).count();
            prop_assert_eq!(coverage.spans().len(), begins + usize::from(!seconds.is_empty()));
        }
    }
}
