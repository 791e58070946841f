//! A person's call as files.

use std::collections::BTreeSet;

use super::view::PersonCallView;
use crate::web::table::{Table, Tables, Value};

/// Figures of samples, in the order of exports; other streams than the main ones follow only where they flowed.
fn columns() -> Vec<&'static str> {
    use std::sync::OnceLock;

    use rollbook_core::quality::Column;
    static NAMES: OnceLock<Vec<String>> = OnceLock::new();
    let names =
        NAMES.get_or_init(|| (0..Column::COUNT).filter_map(Column::from_code).map(Column::name).collect());
    names.iter().map(String::as_str).collect()
}

impl Tables for PersonCallView {
    const NAMES: &'static [&'static str] = &["samples", "streams", "worst"];

    fn table(&self, name: &str) -> Table {
        match name {
            "streams" => streams(self),
            "worst" => worst(self),
            _ => samples(self),
        }
    }
}

fn real(value: Option<f64>) -> Value {
    value.map_or(Value::Nothing, Value::Real)
}

fn samples(view: &PersonCallView) -> Table {
    let all = || view.connections.iter().flat_map(|one| one.samples.iter().map(move |sample| (one, sample)));
    let told: BTreeSet<&str> = all()
        .filter_map(|(_, sample)| sample.as_object())
        .flat_map(|sample| sample.keys().map(String::as_str))
        .collect();
    let figures: Vec<&'static str> = columns().into_iter().filter(|name| told.contains(name)).collect();
    let names: Vec<&'static str> = ["user_id", "time"].into_iter().chain(figures.iter().copied()).collect();
    let mut table = Table::new("samples", &names);
    for (connection, sample) in all() {
        let text =
            |name: &str| sample.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let mut cells = vec![Value::Text(connection.user_id.clone()), Value::Text(text("time"))];
        cells.extend(figures.iter().map(|name| match sample.get(*name) {
            Some(serde_json::Value::String(word)) => Value::Text(word.clone()),
            Some(value) => real(value.as_f64()),
            None => Value::Nothing,
        }));
        table.push_all(cells);
    }
    table
}

fn streams(view: &PersonCallView) -> Table {
    let names = [
        "stream",
        "score",
        "minutes",
        "bad_minutes",
        "bitrate_kbps",
        "latency_ms",
        "jitter_ms",
        "loss_pct",
        "worst_loss_pct",
        "cause",
    ];
    let mut table = Table::new("streams", &names);
    for one in &view.streams {
        table.push([
            Value::Text(one.stream.to_owned()),
            Value::Real(one.score),
            Value::Whole(i64::from(one.minutes)),
            Value::Whole(i64::from(one.bad_minutes)),
            real(one.bitrate_kbps),
            real(one.latency_ms),
            real(one.jitter_ms),
            real(one.loss_pct),
            real(one.worst_loss_pct),
            one.cause.map_or(Value::Nothing, |cause| Value::Text(cause.to_owned())),
        ]);
    }
    table
}

fn worst(view: &PersonCallView) -> Table {
    let names =
        ["at", "stream", "grade", "cause", "score", "loss_pct", "latency_ms", "jitter_ms", "fps", "cpu_pct"];
    let mut table = Table::new("worst-minutes", &names);
    for one in &view.worst_minutes {
        table.push([
            Value::At(one.at),
            Value::Text(one.stream.clone()),
            Value::Text(one.grade.to_owned()),
            one.cause.map_or(Value::Nothing, |cause| Value::Text(cause.to_owned())),
            Value::Real(one.score),
            real(one.loss_pct),
            real(one.latency_ms),
            real(one.jitter_ms),
            real(one.frame_rate),
            real(one.cpu_pct),
        ]);
    }
    table
}
