//! What each number is called. The dashboard, the alert rules and docs/operate/metrics.md are held against this.

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// As it is asked for; counters end in `_total` beyond that.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it is, in a sentence without its point.
    pub about: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], about: &'static str) -> Name {
    Name { name, kind: "counter", labels, about }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], about: &'static str) -> Name {
    Name { name, kind: "gauge", labels, about }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], about: &'static str) -> Name {
    Name { name, kind: "histogram", labels, about }
}

/// Calls to Zoom.
pub const ZOOM_CALLS: Name = counter(
    "rollbook_zoom_calls",
    &["label", "operation", "outcome"],
    "Calls to Zoom that came back, with Zoom's status and code where they failed",
);
/// How long they took.
pub const ZOOM_SECONDS: Name =
    histogram("rollbook_zoom_call_seconds", &["label"], "How long calls to Zoom took");
/// Chores of the collector.
pub const CHORES: Name = counter(
    "rollbook_chores",
    &["chore", "outcome"],
    "What the collector did beside asking Zoom: report, revive, numbers, discover, retention, deliver",
);
/// Scores of complete instances.
pub const QUALITY_SCORE: Name = histogram(
    "rollbook_quality_score",
    &[],
    "Call-quality scores (0 to 100) of instances whose call quality became complete",
);
/// Their bad minutes.
pub const QUALITY_BAD_SHARE: Name = histogram(
    "rollbook_quality_bad_share",
    &[],
    "Shares of bad minutes (0 to 1) of instances whose call quality became complete",
);
/// Events.
pub const WEBHOOK_EVENTS: Name = counter(
    "rollbook_webhook_events",
    &["outcome"],
    "Requests to the address for events: kept, repeated, refused, put_off",
);
/// How late they came.
pub const WEBHOOK_DELAY: Name =
    histogram("rollbook_webhook_delay_seconds", &[], "How long after they happened events came");
/// Pages and views.
pub const WEB_REQUESTS: Name =
    counter("rollbook_web_requests", &["method", "route", "status"], "Requests that were answered");
/// How long they took.
pub const WEB_SECONDS: Name =
    histogram("rollbook_web_request_seconds", &["route"], "How long requests took to answer");

/// What Zoom allows a day.
pub const BUDGET_LIMIT: Name =
    gauge("rollbook_budget_limit_calls", &["pool", "allowance"], "Calls that Zoom allows a UTC day");
/// What is gone of it.
pub const BUDGET_SPENT: Name = gauge(
    "rollbook_budget_spent_calls",
    &["pool", "allowance"],
    "Calls of the running UTC day, with what others on the account were seen to spend",
);
/// What is kept for others and for people who wait.
pub const BUDGET_RESERVE: Name =
    gauge("rollbook_budget_reserve_calls", &["pool", "allowance"], "Calls that collection leaves to others");
/// What collection may still spend.
pub const BUDGET_LEFT: Name = gauge(
    "rollbook_budget_left_calls",
    &["pool", "allowance"],
    "Calls that collection may still spend in the running UTC day",
);
/// Instances that are not verified.
pub const OPEN_INSTANCES: Name = gauge(
    "rollbook_open_instances",
    &["account", "state", "reason", "age"],
    "Instances that are neither verified nor closed, by reason and time since their end",
);
/// Freshness.
pub const OLDEST_UNVERIFIED: Name = gauge(
    "rollbook_oldest_unverified_seconds",
    &["account"],
    "Time since the end of the instance that has waited longest to be verified; 0 if none waits",
);
/// Jobs.
pub const JOBS: Name = gauge("rollbook_jobs", &["pool", "label", "when"], "Jobs that are due, and for later");
/// Deliveries that are not done.
pub const DELIVERIES: Name =
    gauge("rollbook_open_deliveries", &["state"], "Sessions that Moodle was not told of, or not all of");
/// Their age.
pub const OLDEST_DELIVERY: Name = gauge(
    "rollbook_oldest_delivery_seconds",
    &["state"],
    "Time since the delivery that has waited longest was last looked at",
);
/// The last push.
pub const TOLD_AT: Name =
    gauge("rollbook_moodle_told_timestamp_seconds", &[], "When Moodle was last brought up to date");
/// Commands.
pub const COMMANDS: Name =
    gauge("rollbook_pending_commands", &[], "Commands of pages that wait for the collector");
/// Events that wait.
pub const WEBHOOK_WAITING: Name =
    gauge("rollbook_webhook_waiting_events", &[], "Events that were kept and are not taken over yet");
/// How long they wait.
pub const WEBHOOK_OLDEST: Name =
    gauge("rollbook_webhook_oldest_waiting_seconds", &[], "How long ago the oldest of these came");
/// The last one.
pub const WEBHOOK_LAST_AT: Name =
    gauge("rollbook_webhook_last_event_timestamp_seconds", &[], "When the last event came");
/// The store's file.
pub const STORE_BYTES: Name =
    gauge("rollbook_store_bytes", &[], "Bytes in the store's file, without its log");
/// The collector's loop.
pub const BEAT: Name =
    gauge("rollbook_collector_beat_timestamp_seconds", &[], "When the collector last looked around");
/// What stands in the way.
pub const TROUBLE: Name = gauge(
    "rollbook_trouble",
    &["concerns"],
    "1 for each thing that stands in the collector's way; /health/ready says it in words",
);
/// The program.
pub const BUILD: Name = gauge("rollbook_build_info", &["version"], "Always 1, with the program's version");

/// Those read from the store and the collector's pulse when somebody asks.
pub const GAUGES: [Name; 18] = [
    BUDGET_LIMIT,
    BUDGET_SPENT,
    BUDGET_RESERVE,
    BUDGET_LEFT,
    OPEN_INSTANCES,
    OLDEST_UNVERIFIED,
    JOBS,
    DELIVERIES,
    OLDEST_DELIVERY,
    TOLD_AT,
    COMMANDS,
    WEBHOOK_WAITING,
    WEBHOOK_OLDEST,
    WEBHOOK_LAST_AT,
    STORE_BYTES,
    BEAT,
    TROUBLE,
    BUILD,
];

/// Those counted while the process runs.
pub const COUNTED: [Name; 9] = [
    ZOOM_CALLS,
    ZOOM_SECONDS,
    CHORES,
    QUALITY_SCORE,
    QUALITY_BAD_SHARE,
    WEBHOOK_EVENTS,
    WEBHOOK_DELAY,
    WEB_REQUESTS,
    WEB_SECONDS,
];

impl Name {
    /// The names under which a monitoring system keeps it.
    pub fn series(&self) -> Vec<String> {
        match self.kind {
            "counter" => vec![format!("{}_total", self.name)],
            "histogram" => ["bucket", "sum", "count"].map(|part| format!("{}_{part}", self.name)).to_vec(),
            _ => vec![self.name.to_owned()],
        }
    }
}

/// The table in docs/operate/metrics.md.
pub fn table() -> String {
    let mut table = "| name | kind | labels | what it is |\n|---|---|---|---|\n".to_owned();
    for name in COUNTED.iter().chain(&GAUGES) {
        let labels: Vec<String> = name.labels.iter().map(|label| format!("`{label}`")).collect();
        let shown =
            if name.kind == "counter" { format!("{}_total", name.name) } else { name.name.to_owned() };
        table += &format!("| `{shown}` | {} | {} | {} |\n", name.kind, labels.join(", "), name.about);
    }
    table
}
