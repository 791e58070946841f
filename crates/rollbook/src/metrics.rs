//! Numbers for monitoring, in the words of OpenMetrics: what this process counted, and what the store holds just now.
//!
//! Counters live here and are counted by whoever does the work. Gauges are read from the store when somebody asks
//! ([`look`]). Nothing in them names a person or a meeting. docs/operate/metrics.md lists them.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::EncodeMetric;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use rollbook_core::chores::Chore;
use rollbook_core::label::Label;

pub mod look;
pub mod names;

use look::Snapshot;
use names::Name;

type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter>;
type Gauges = Family<Labels, Gauge<f64, std::sync::atomic::AtomicU64>>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// Figures of the store are read anew at most this often, however many ask.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(5);

/// All that is counted, and the gauges as they were last read.
pub struct Metrics {
    /// Gauges are set and read by one at a time, so that an answer shows one moment.
    registry: Mutex<(Registry, Option<Timestamp>)>,
    zoom_calls: Counters,
    zoom_seconds: Histograms,
    chores: Counters,
    quality_score: Histogram,
    quality_bad_share: Histogram,
    webhook_events: Counters,
    webhook_delay: Histogram,
    web_requests: Counters,
    web_seconds: Histograms,
    gauges: Vec<(Name, Gauges)>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::default();
        let metrics = Metrics {
            zoom_calls: register(&mut registry, names::ZOOM_CALLS, Counters::default()),
            zoom_seconds: register(&mut registry, names::ZOOM_SECONDS, of(seconds)),
            chores: register(&mut registry, names::CHORES, Counters::default()),
            quality_score: register(&mut registry, names::QUALITY_SCORE, scores()),
            quality_bad_share: register(&mut registry, names::QUALITY_BAD_SHARE, shares()),
            webhook_events: register(&mut registry, names::WEBHOOK_EVENTS, Counters::default()),
            webhook_delay: register(&mut registry, names::WEBHOOK_DELAY, delays()),
            web_requests: register(&mut registry, names::WEB_REQUESTS, Counters::default()),
            web_seconds: register(&mut registry, names::WEB_SECONDS, of(seconds)),
            gauges: names::GAUGES
                .iter()
                .map(|name| (*name, register(&mut registry, *name, Gauges::default())))
                .collect(),
            registry: Mutex::new((Registry::default(), None)),
        };
        Metrics { registry: Mutex::new((registry, None)), ..metrics }
    }
}

impl Metrics {
    /// A call to Zoom came back. `outcome` is `ok`, or Zoom's status and code.
    pub fn call(&self, label: Label, operation: &str, outcome: &str, took: SignedDuration) {
        let labels = vec![
            ("label", label.name().to_owned()),
            ("operation", operation.to_owned()),
            ("outcome", outcome.to_owned()),
        ];
        self.zoom_calls.get_or_create(&labels).inc();
        let labels = vec![("label", label.name().to_owned())];
        self.zoom_seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A chore was done, or tried.
    pub fn chore(&self, chore: Chore, went_well: bool) {
        let outcome = if went_well { "ok" } else { "failed" };
        let labels = vec![("chore", chore.name().to_owned()), ("outcome", outcome.to_owned())];
        self.chores.get_or_create(&labels).inc();
    }

    /// The call quality of an instance is complete: its score, 0 to 100, and its share of bad minutes, 0 to 1.
    pub fn quality(&self, score: Option<f64>, bad_share: Option<f64>) {
        score.into_iter().for_each(|score| self.quality_score.observe(score));
        bad_share.into_iter().for_each(|share| self.quality_bad_share.observe(share));
    }

    /// A request to the address for events: it was `kept`, `repeated`, `refused` or `put_off`.
    pub fn webhook(&self, outcome: &str) {
        let labels = vec![("outcome", outcome.to_owned())];
        self.webhook_events.get_or_create(&labels).inc();
    }

    /// How long after it happened an event came.
    pub fn webhook_delay(&self, delay: SignedDuration) {
        self.webhook_delay.observe(delay.as_secs_f64().max(0.0));
    }

    /// A page was asked for. `route` is the route's pattern, never the path itself.
    pub fn request(&self, method: &str, route: &str, status: u16, took: std::time::Duration) {
        let labels =
            vec![("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        self.web_requests.get_or_create(&labels).inc();
        let labels = vec![("route", route.to_owned())];
        self.web_seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Whether the gauges are so old that the store is to be read again.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let (_, read_at) = &*self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        read_at.is_none_or(|at| now.duration_since(at).abs() > KEPT_FOR)
    }

    /// All of them as text; `snapshot`, if there is a new one, replaces what the gauges showed.
    pub fn text(&self, now: Timestamp, snapshot: Option<&Snapshot>) -> String {
        let (registry, read_at) = &mut *self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = snapshot {
            for (name, gauges) in &self.gauges {
                gauges.clear();
                for figure in snapshot.figures.iter().filter(|figure| figure.name == *name) {
                    gauges.get_or_create(&figure.labels).set(figure.value);
                }
            }
            *read_at = Some(now);
        }
        let mut text = String::new();
        encode(&mut text, registry).expect("text can be written into memory");
        text
    }
}

fn register<M: Metric + EncodeMetric + Clone>(registry: &mut Registry, name: Name, metric: M) -> M {
    registry.register(name.name, name.about, metric.clone());
    metric
}

fn of(make: fn() -> Histogram) -> Histograms {
    Family::new_with_constructor(make)
}

/// From a page out of memory to Zoom's slowest answers.
fn seconds() -> Histogram {
    Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
}

/// Events come within seconds, or after Zoom's retries: 5, 30 and 90 minutes (WEBHOOKS.md).
fn delays() -> Histogram {
    Histogram::new([0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 5_400.0, 21_600.0])
}

fn scores() -> Histogram {
    Histogram::new([10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 100.0])
}

fn shares() -> Histogram {
    Histogram::new([0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0])
}

#[cfg(test)]
mod tests;
