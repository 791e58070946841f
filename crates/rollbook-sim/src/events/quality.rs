//! Events of the paid add-on: call quality minute by minute, and devices.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{envelope, family, second};
use crate::truth::{TrueInstance, TrueQuality, TrueSample, TrueStream, true_quality};
use crate::world::World;

/// One event for each connection and minute, and one for the device when it comes. Each names the run by its UUID
/// alone, and the connection by a member of another name.
pub(super) fn of_instance(world: &World, at: usize, instance: &TrueInstance) -> Vec<(Timestamp, Value)> {
    let family = family(instance);
    let mut told = Vec::new();
    for quality in true_quality(world, at) {
        let data = json!({ "participant_id": quality.user_id, "data": [{ "device": "WIN", "network_type": "Wired" }] });
        let object = json!({ "uuid": instance.uuid, "participant": data });
        told.push(envelope(world, &format!("{family}.participant_data"), quality.join, object));
        for sample in &quality.samples {
            let object = json!({ "uuid": instance.uuid, "participant": participant(&quality, sample) });
            told.push(envelope(world, &format!("{family}.participant_qos"), sample.at, object));
        }
    }
    told
}

fn participant(quality: &TrueQuality, sample: &TrueSample) -> Value {
    let row = |kind: &str, details: Value| json!({ "date_time": second(sample.at), "type": kind, "details": details });
    let mut rows: Vec<Value> =
        sample.streams.iter().map(|(name, stream)| row(name, stream_details(stream))).collect();
    if let Some(cpu) = &sample.cpu {
        let details = json!({
            "zoom_min_cpu_usage": percent(cpu.zoom_min_pct), "zoom_avg_cpu_usage": percent(cpu.zoom_avg_pct),
            "zoom_max_cpu_usage": percent(cpu.zoom_max_pct), "system_max_cpu_usage": percent(cpu.system_max_pct),
        });
        rows.push(row("cpu_usage", details));
    }
    if let Some(wifi) = &sample.wifi {
        let details = json!({
            "min_rssi": wifi.min_dbm, "avg_rssi": wifi.avg_dbm, "max_rssi": wifi.max_dbm, "rssi_unit": "dBm",
        });
        rows.push(row("wifi_rssi", details));
    }
    if rows.is_empty() {
        // A minute in which nothing flowed is a minute all the same.
        rows.push(row("audio_input", json!({ "bitrate": "" })));
    }
    json!({ "user_id": quality.user_id, "qos": rows })
}

fn stream_details(stream: &TrueStream) -> Value {
    let mut details = Map::new();
    let mut put = |name: &str, text: Option<String>| {
        details.insert(name.to_owned(), json!(text.unwrap_or_default()));
    };
    put("bitrate", stream.bitrate_kbps.map(|value| format!("{value} kbps")));
    put("latency", stream.latency_ms.map(|value| format!("{value} ms")));
    put("jitter", stream.jitter_ms.map(|value| format!("{value} ms")));
    put("avg_loss", stream.avg_loss_pct.map(percent));
    put("max_loss", stream.max_loss_pct.map(percent));
    if stream.resolution.is_some() || stream.fps.is_some() {
        put("resolution", stream.resolution.map(|(width, height)| format!("{width}*{height}")));
        put("frame_rate", stream.fps.map(|value| format!("{value} fps")));
    }
    Value::Object(details)
}

fn percent(value: f64) -> String {
    format!("{value}%")
}
