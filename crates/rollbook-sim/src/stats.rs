//! What the client did, as the pretend Zoom counted it.

mod ledger;

pub(crate) use ledger::{Ledger, Left, Refusal};

use std::collections::BTreeMap;

use serde::Serialize;

use crate::limit::{Label, Per};

/// Counts since the world began.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// Calls to the API, refused ones included.
    pub calls: u64,
    /// The same by label.
    pub by_label: BTreeMap<Label, u64>,
    /// The same by method and path.
    pub by_operation: BTreeMap<String, u64>,
    /// The same by HTTP status.
    pub by_status: BTreeMap<u16, u64>,
    /// Calls to the token endpoint.
    pub token_calls: u64,
    /// Calls refused with 429.
    pub refusals: Refusals,
    /// Each limit of the account against what this client did; other apps are left out.
    pub limits: Vec<LimitUse>,
    /// Heavy and resource-intensive calls of this client by UTC day.
    pub heavy_by_day: BTreeMap<String, u64>,
    /// Calls of other apps since the clock began.
    pub other_apps: BTreeMap<Label, u64>,
    /// Calls that are on their way now.
    pub in_flight: u64,
    /// Most calls that were on their way at the same time.
    pub max_concurrency: u64,
    /// Calls without a good token.
    pub unauthorized: u64,
    /// Lists begun again before their last page was read.
    pub page_restarts: u64,
    /// Connections broken on purpose.
    pub resets: u64,
    /// Changes to meetings that were made, by host and UTC day (`HOST 2026-10-05`).
    pub changes_by_host: BTreeMap<String, u32>,
}

/// Calls refused with 429, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Too many in a second.
    pub per_second: u64,
    /// Too many in a minute.
    pub per_minute: u64,
    /// Too many in a UTC day.
    pub daily: u64,
    /// For no reason (quirk 48).
    pub spurious: u64,
}

/// One limit and the most the client came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LimitUse {
    /// The label; for the shared day this is Heavy and means both.
    pub label: Label,
    /// The stretch of time.
    pub per: Per,
    /// Calls allowed in it.
    pub limit: u32,
    /// Most calls in one fixed window.
    pub max_fixed: u64,
    /// Most calls in one sliding window.
    pub max_sliding: u64,
    /// Calls above the limit, counted by fixed windows.
    pub exceeded_fixed: u64,
    /// Calls above the limit, counted by sliding windows.
    pub exceeded_sliding: u64,
}

impl Stats {
    /// Whether the client was ever above any limit, by any way of counting.
    pub fn ever_exceeded(&self) -> bool {
        self.limits.iter().any(|limit| limit.exceeded_fixed > 0 || limit.exceeded_sliding > 0)
    }
}
