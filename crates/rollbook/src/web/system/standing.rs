//! How the program stands: what each kind of data is kept for and when it was last cleared, and the room left for it.

use std::path::Path;

use jiff::Timestamp;
use rollbook_store::{FailedCalls, Holdings};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::{Days, KeepConfig};
use crate::retention::Report;
use crate::serve::pulse::Cleared;
use crate::web::page::Hindrance;
use crate::web::table::Table;

/// One kind of data: how long it is kept, how much there is, when it was last cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptView {
    /// What it is.
    pub kind: &'static str,
    /// The setting that says how long, as an environment variable.
    pub setting: &'static str,
    /// Days for which it is kept; absent: for ever.
    pub days: Option<u32>,
    /// About how many there ever were: connections, meetings, readings, events, entries, runs.
    pub held: u64,
    /// When what is older was last cleared; absent where nothing is ever cleared, or this process has not come to it yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cleared_at: Option<Timestamp>,
    /// How many went then.
    pub cleared: u64,
}

/// Calls to one endpoint that Zoom did not answer as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedCallsView {
    /// The endpoint.
    pub operation: String,
    /// How they ended: HTTP status, Zoom's code, or `no answer`.
    pub outcome: String,
    /// How many.
    pub calls: u64,
    /// The run that met it last.
    pub run: i64,
    /// When that run began.
    #[schema(value_type = String, format = DateTime)]
    pub run_started_at: Timestamp,
}

impl From<FailedCalls> for FailedCallsView {
    fn from(one: FailedCalls) -> FailedCallsView {
        FailedCallsView {
            operation: one.operation,
            outcome: one.outcome,
            calls: one.calls,
            run: one.run,
            run_started_at: one.run_started_at,
        }
    }
}

/// Each kind of data.
pub fn kept(keep: &KeepConfig, holdings: &Holdings, cleared: Option<Cleared>) -> Vec<KeptView> {
    let held =
        |name: &str| holdings.tables.iter().find(|(table, _)| *table == name).map_or(0, |(_, rows)| *rows);
    let report = cleared.map(|cleared| cleared.report).unwrap_or_default();
    let Report { samples, instances, readings, links, audit, runs, events, erased_stays: _ } = report;
    let kind = |kind, setting, days: Days, held, gone| KeptView {
        kind,
        setting,
        days,
        held,
        cleared_at: cleared.filter(|_| days.is_some()).map(|cleared| cleared.at),
        cleared: gone,
    };
    vec![
        kind(
            "call quality minute by minute",
            "ROLLBOOK_KEEP_SAMPLES_DAYS",
            keep.samples,
            held("connections with call quality"),
            samples,
        ),
        kind(
            "who was there",
            "ROLLBOOK_KEEP_ATTENDANCE_DAYS",
            keep.attendance,
            held("instances"),
            instances + links,
        ),
        kind(
            "what Zoom answered, row by row",
            "ROLLBOOK_KEEP_READINGS_DAYS",
            keep.readings,
            held("readings"),
            readings,
        ),
        kind("events", "ROLLBOOK_KEEP_EVENTS_DAYS", keep.events, held("events"), events),
        kind(
            "who looked at or asked for what",
            "ROLLBOOK_KEEP_AUDIT_DAYS",
            keep.audit,
            held("audit entries"),
            audit,
        ),
        kind("reports of runs", "ROLLBOOK_KEEP_RUNS_DAYS", keep.runs, held("runs"), runs),
    ]
}

/// What stands in the way, as a file.
pub fn trouble_table(troubles: &[Hindrance]) -> Table {
    let mut table = Table::new("troubles", &["concerns", "since", "said", "is_grave"]);
    for one in troubles {
        let (concerns, said) = (one.concerns.as_str().into(), one.said.as_str().into());
        table.push([concerns, one.since.into(), said, one.is_grave.into()]);
    }
    table
}

/// Failed calls as a file.
pub fn failed_table(failed: &[FailedCallsView]) -> Table {
    let mut table = Table::new("failed-calls", &["operation", "outcome", "calls", "run", "run_started_at"]);
    for one in failed {
        let (operation, outcome) = (one.operation.as_str().into(), one.outcome.as_str().into());
        table.push([operation, outcome, one.calls.into(), one.run.into(), one.run_started_at.into()]);
    }
    table
}

/// What is kept how long, as a file.
pub fn kept_table(kept: &[KeptView]) -> Table {
    let mut table = Table::new("kept", &["kind", "setting", "days", "held", "cleared_at", "cleared"]);
    for one in kept {
        let (held, cleared) = (one.held.into(), one.cleared.into());
        table.push([
            one.kind.into(),
            one.setting.into(),
            one.days.into(),
            held,
            one.cleared_at.into(),
            cleared,
        ]);
    }
    table
}

/// Bytes that are free for us where the store is; none where the system does not tell.
pub fn disk_free(store: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let told = rustix::fs::statvfs(store).ok()?;
        Some(told.f_bavail.saturating_mul(told.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = store;
        None
    }
}
