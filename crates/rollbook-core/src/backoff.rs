//! How long to wait before trying again what failed in passing.

use jiff::SignedDuration;

/// First wait; doubled twice over on every further try.
const FIRST: SignedDuration = SignedDuration::from_secs(1);
/// Longest wait between two tries.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// The wait before try number `tries` (1 is the first retry), spread by `chance` in `[0, 1)` so that many failures at
/// once do not come back at once.
pub fn wait(tries: u32, chance: f64) -> SignedDuration {
    let grown = FIRST.saturating_mul(4_i32.saturating_pow(tries.saturating_sub(1)));
    let bounded = grown.min(LONGEST);
    let half = bounded / 2;
    half + SignedDuration::from_secs_f64(half.as_secs_f64() * chance)
}

/// Retries have a budget of their own, so that a failing Zoom is not asked twice as often as a healthy one.
#[derive(Debug, Clone, Copy)]
pub struct RetryBudget {
    tenths: u32,
}

impl RetryBudget {
    /// Retries that may be saved up.
    const MOST: u32 = 20 * RetryBudget::ONE;
    /// One retry is earned by this many answers.
    const ONE: u32 = 10;
    /// What a retry waits at least once the budget is gone.
    pub const WHEN_SPENT: SignedDuration = SignedDuration::from_secs(30);

    /// A full budget.
    pub fn full() -> RetryBudget {
        RetryBudget { tenths: RetryBudget::MOST }
    }

    /// An answer came.
    pub fn earn(&mut self) {
        self.tenths = (self.tenths + 1).min(RetryBudget::MOST);
    }

    /// Takes one retry; the wait grows when there is none left.
    pub fn spend(&mut self, wait: SignedDuration) -> SignedDuration {
        if self.tenths >= RetryBudget::ONE {
            self.tenths -= RetryBudget::ONE;
            wait
        } else {
            wait.max(RetryBudget::WHEN_SPENT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        assert_eq!(wait(1, 0.0), SignedDuration::from_millis(500));
        assert!(wait(3, 0.5) > wait(2, 0.5));
        assert!(wait(40, 0.99) <= LONGEST);
    }

    #[test]
    fn when_everything_fails_retries_slow_down() {
        let mut budget = RetryBudget::full();
        (0..20).for_each(|_| assert_eq!(budget.spend(FIRST), FIRST));
        assert_eq!(budget.spend(FIRST), RetryBudget::WHEN_SPENT);
        (0..10).for_each(|_| budget.earn());
        assert_eq!(budget.spend(FIRST), FIRST);
    }
}
