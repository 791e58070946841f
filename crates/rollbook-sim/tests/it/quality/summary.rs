//! Summaries of ended meetings agree with their samples.

use rollbook_sim::{TrueQuality, TrueStream};
use serde_json::Value;

use super::read::pages_without_count;
use super::{clean, path, wait_for_all};
use crate::client::{get, world};

fn number(details: &Value, name: &str) -> Option<f64> {
    let text = details[name].as_str()?;
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || "% ".contains(letter));
    digits.parse().ok()
}

/// Least, mean and most of a figure as Zoom would write them, with this many decimals.
fn span(
    stay: &TrueQuality,
    name: &str,
    figure: fn(&TrueStream) -> Option<f64>,
    steps: f64,
) -> Option<[f64; 3]> {
    let streams = stay.samples.iter().filter_map(|sample| sample.streams.get(name));
    let values: Vec<f64> = streams.filter_map(figure).collect();
    let least = values.iter().copied().reduce(f64::min)?;
    let most = values.iter().copied().reduce(f64::max)?;
    let sum: f64 = values.iter().map(|value| (value * steps).round()).sum();
    Some([least, (sum / values.len() as f64).floor() / steps, most])
}

fn check_stream(stay: &TrueQuality, entry: &Value) {
    let name = entry["type"].as_str().unwrap();
    let details = &entry["details"];
    let told = |what: &str| ["min", "avg", "max"].map(|which| number(details, &format!("{which}_{what}")));
    let expect = |figure, steps| span(stay, name, figure, steps).unwrap().map(Some);
    assert_eq!(told("bitrate"), expect(|stream| stream.bitrate_kbps, 100.0), "{name}");
    assert_eq!(told("latency"), expect(|stream| stream.latency_ms, 1.0), "{name}");
    assert_eq!(told("jitter"), expect(|stream| stream.jitter_ms, 1.0), "{name}");
    let [least, mean, _] = expect(|stream| stream.avg_loss_pct, 100.0);
    let [_, _, most] = expect(|stream| stream.max_loss_pct, 100.0);
    assert_eq!(told("loss"), [least, mean, most], "{name}");
    match span(stay, name, |stream| stream.fps, 1.0) {
        Some(fps) => assert_eq!(told("frame_rate"), fps.map(Some), "{name}"),
        None if name.starts_with("audio") => assert!(details.get("resolution").is_none()),
        None => assert_eq!((&details["resolution"], told("frame_rate")), (&Value::from(""), [Some(0.0); 3])),
    }
}

#[tokio::test(start_paused = true)]
async fn summaries_are_those_of_the_samples() {
    let mut options = clean(10, 8);
    options.zoom.qss_addon = true;
    options.faults.idle_streams = 0.1;
    let sim = world(options, "2026-10-05T00:00:00Z");
    wait_for_all(&sim).await;
    let mut stream_count = 0;
    for one in sim.truth().instances.iter().filter(|one| one.people > 1) {
        let list = format!("{}/participants/qos_summary", path(one));
        let rows = pages_without_count(&sim, &list).await.unwrap();
        let truth = sim.true_quality(&one.uuid).unwrap();
        assert_eq!(rows.len(), truth.len());
        for (stay, row) in truth.iter().zip(&rows) {
            assert_eq!(row["participant_id"], stay.user_id.as_str());
            let entries = row["qos"].as_array().unwrap();
            let mut names: Vec<_> =
                stay.samples.iter().flat_map(|sample| sample.streams.keys().copied()).collect();
            names.sort_unstable();
            names.dedup();
            let streams = entries.iter().filter(|entry| entry["type"] != "cpu_usage");
            let mut told: Vec<_> = streams.clone().map(|entry| entry["type"].as_str().unwrap()).collect();
            told.sort_unstable();
            assert_eq!(told, names);
            streams.for_each(|entry| check_stream(stay, entry));
            stream_count += told.len();
            let most = stay.samples.iter().filter_map(|sample| sample.cpu).map(|cpu| cpu.system_max_pct);
            let cpu = entries.iter().find(|entry| entry["type"] == "cpu_usage");
            let told = cpu.and_then(|cpu| number(&cpu["details"], "system_max_cpu_usage"));
            assert_eq!(told, most.reduce(f64::max));
        }
    }
    assert!(stream_count > 300, "{stream_count}");
}

#[tokio::test(start_paused = true)]
async fn without_the_add_on_summaries_are_empty_and_no_error() {
    let sim = world(clean(10, 8), "2026-10-07T00:00:00Z");
    let one = sim.truth().instances.into_iter().find(|one| one.people > 1).unwrap();
    let answer = get(&sim, &format!("{}/participants/qos_summary", path(&one))).await;
    assert_eq!(answer.text, r#"{"next_page_token":"","page_size":1,"participants":[]}"#);
}
