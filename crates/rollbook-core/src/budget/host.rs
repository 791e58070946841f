//! The changes of a day to one host's meetings: an allowance beside those of the labels.
//!
//! Zoom lets 100 meetings and webinars be created or updated a UTC day for each host, over all of that host's numbers
//! and all apps of the account (RATE-LIMITS.md, "User level and resource level limits").

use jiff::Timestamp;
use serde::Serialize;

use crate::time::quota_resets_at;

/// Changes a day that Zoom's documents allow for one host.
pub const CHANGES_A_DAY: u32 = 100;

/// What is known of one host's day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostUsage {
    /// Changes that were paid for in the running UTC day.
    pub changes: u32,
    /// Until when Zoom says that the host's allowance is gone. Others may have spent it.
    pub gone_until: Option<Timestamp>,
}

/// Whether a host's meetings may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "allowance")]
pub enum HostAllowance {
    /// This many changes are left in the day, as far as rollbook knows.
    Left {
        /// Changes.
        changes: u32,
    },
    /// The day's changes are gone until then.
    Gone {
        /// The reset.
        until: Timestamp,
    },
}

impl HostUsage {
    /// What is left at `now` of `limit` changes a day.
    pub fn allowance(&self, now: Timestamp, limit: u32) -> HostAllowance {
        match (self.gone_until.filter(|until| *until > now), limit.saturating_sub(self.changes)) {
            (Some(until), _) => HostAllowance::Gone { until },
            (None, 0) => HostAllowance::Gone { until: quota_resets_at(now) },
            (None, changes) => HostAllowance::Left { changes },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(changes: u32, gone_until: Option<&str>, expected: HostAllowance) {
        let usage = HostUsage { changes, gone_until: gone_until.map(|until| until.parse().unwrap()) };
        assert_eq!(usage.allowance("2026-11-20T10:00:00Z".parse().unwrap(), CHANGES_A_DAY), expected);
    }

    #[test]
    fn a_hosts_day_ends_with_the_last_change_or_with_zooms_word() {
        let gone = |until: &str| HostAllowance::Gone { until: until.parse().unwrap() };
        check(0, None, HostAllowance::Left { changes: 100 });
        check(99, None, HostAllowance::Left { changes: 1 });
        check(100, None, gone("2026-11-21T00:00:00Z"));
        check(107, None, gone("2026-11-21T00:00:00Z"));
        check(3, Some("2026-11-20T10:01:00Z"), gone("2026-11-20T10:01:00Z"));
        check(3, Some("2026-11-20T10:00:00Z"), HostAllowance::Left { changes: 97 });
    }
}
