//! Names: what is shown, what is documented, and what dashboard and rules ask for are the same.

use std::collections::BTreeSet;

use super::*;

fn full() -> Metrics {
    let metrics = Metrics::default();
    metrics.call(Label::Heavy, "ReportParticipants", "ok", SignedDuration::from_millis(120));
    metrics.chore(Chore::Deliver, false);
    metrics.quality(Some(88.0), Some(0.03));
    metrics.webhook("kept");
    metrics.webhook_delay(SignedDuration::from_secs(1));
    metrics.request("GET", "/", 200, std::time::Duration::from_millis(3));
    metrics
}

fn snapshot() -> Snapshot {
    let figure = |name: &Name| {
        let labels = name.labels.iter().map(|label| (*label, "x".to_owned())).collect();
        look::Figure { name: *name, labels, value: 1.5 }
    };
    Snapshot { figures: names::GAUGES.iter().map(figure).collect() }
}

fn file(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words that begin like our metrics.
fn asked_for(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("rollbook_")).map(str::to_owned).collect()
}

#[test]
fn every_metric_is_shown_with_its_labels() {
    let text = full().text(Timestamp::UNIX_EPOCH, Some(&snapshot()));
    for name in names::COUNTED.iter().chain(&names::GAUGES) {
        assert!(text.contains(&format!("# TYPE {} {}\n", name.name, name.kind)), "{}: {text}", name.name);
        for label in name.labels {
            assert!(text.contains(&format!("{label}=\"")), "{} has no label {label}", name.name);
        }
        for series in name.series() {
            assert!(text.lines().any(|line| line.starts_with(&series)), "{series}: {text}");
        }
    }
}

#[test]
fn gauges_that_are_gone_are_no_longer_shown() {
    let metrics = full();
    let now = Timestamp::UNIX_EPOCH;
    assert!(metrics.is_stale(now));
    assert!(metrics.text(now, Some(&snapshot())).contains("rollbook_trouble{concerns=\"x\"} 1.5"));
    assert!(!metrics.is_stale(now));
    assert!(metrics.text(now, None).contains("rollbook_trouble{"));
    assert!(!metrics.text(now, Some(&Snapshot::default())).contains("rollbook_trouble{"));
}

#[test]
fn the_manual_lists_them_all() {
    let manual = file("docs/operate/metrics.md");
    assert!(manual.contains(&names::table()), "put this into docs/operate/metrics.md:\n{}", names::table());
}

#[test]
fn dashboard_and_rules_ask_for_what_there_is() {
    let known: BTreeSet<String> =
        names::COUNTED.iter().chain(&names::GAUGES).flat_map(Name::series).collect();
    for path in ["deploy/grafana/rollbook.json", "deploy/prometheus/rollbook.rules.yml"] {
        let asked = asked_for(&file(path));
        assert!(asked.len() > 8, "{path} asks for {asked:?}");
        let unknown: Vec<&String> = asked.difference(&known).collect();
        assert!(unknown.is_empty(), "{path} asks for {unknown:?}");
    }
}
