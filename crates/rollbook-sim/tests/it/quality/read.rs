//! Reads samples as a client would, from their texts alone.

use std::collections::BTreeMap;

use rollbook_sim::{OddKind, Sim, TrueCpu, TrueOdd, TrueSample, TrueStream, TrueWifi};
use serde_json::{Map, Value};

use crate::client::get;

const STREAMS: [&str; 18] = [
    "audio_input",
    "audio_output",
    "video_input",
    "video_output",
    "as_input",
    "as_output",
    "audio_device_from_crc",
    "audio_device_to_crc",
    "video_device_from_crc",
    "video_device_to_crc",
    "as_device_from_crc",
    "as_device_to_crc",
    "audio_device_from_rwg",
    "audio_device_to_rwg",
    "video_device_from_rwg",
    "video_device_to_rwg",
    "as_device_from_rwg",
    "as_device_to_rwg",
];
const REST: [&str; 4] = ["date_time", "cpu_usage", "cpu_pressure_level", "wifi_rssi"];

/// All rows of a list of call quality, ten a page; `None` where the answer is an error.
pub async fn pages(sim: &Sim, list: &str) -> Option<Vec<Value>> {
    let join = if list.contains('?') { '&' } else { '?' };
    let total = get(sim, &format!("{list}{join}page_size=10")).await.json["total_records"].take();
    let rows = pages_without_count(sim, list).await?;
    assert_eq!(total.as_u64(), Some(rows.len() as u64));
    Some(rows)
}

/// The same of lists that tell no count.
pub async fn pages_without_count(sim: &Sim, list: &str) -> Option<Vec<Value>> {
    let join = if list.contains('?') { '&' } else { '?' };
    let mut rows = Vec::new();
    let mut token = String::new();
    loop {
        let answer = get(sim, &format!("{list}{join}page_size=10&next_page_token={token}")).await;
        if answer.status != 200 {
            return None;
        }
        rows.extend(answer.json["participants"].as_array().unwrap().iter().cloned());
        token = answer.json["next_page_token"].as_str().unwrap().to_owned();
        if token.is_empty() {
            return Some(rows);
        }
    }
}

/// The samples of one row.
pub fn read_samples(row: &Value) -> Vec<TrueSample> {
    row["user_qos"].as_array().unwrap().iter().map(read_sample).collect()
}

fn read_sample(value: &Value) -> TrueSample {
    let mut odd = Vec::new();
    let members = value.as_object().unwrap();
    let mut streams = BTreeMap::new();
    for name in STREAMS {
        let Some(texts) = members.get(name) else { continue };
        let stream = read_stream(name, texts.as_object().unwrap(), &mut odd);
        if stream != TrueStream::default() {
            streams.insert(name, stream);
        }
    }
    for (name, text) in members {
        if !STREAMS.contains(&name.as_str()) && !REST.contains(&name.as_str()) {
            odd.push(TrueOdd {
                kind: OddKind::UnknownMember,
                stream: None,
                member: "haptics_output",
                text: text.as_str().unwrap().to_owned(),
            });
            assert_eq!(name, "haptics_output");
        }
    }
    let percent = |name: &str| number(value["cpu_usage"][name].as_str().unwrap(), "%").unwrap();
    let cpu = members.contains_key("cpu_usage").then(|| TrueCpu {
        zoom_min_pct: percent("zoom_min_cpu_usage"),
        zoom_avg_pct: percent("zoom_avg_cpu_usage"),
        zoom_max_pct: percent("zoom_max_cpu_usage"),
        system_max_pct: percent("system_max_cpu_usage"),
    });
    let level = |name: &str| value["wifi_rssi"][name].as_i64().unwrap() as f64;
    let wifi = members.contains_key("wifi_rssi").then(|| TrueWifi {
        min_dbm: level("min_rssi"),
        avg_dbm: level("avg_rssi"),
        max_dbm: level("max_rssi"),
    });
    let at = value["date_time"].as_str().unwrap().parse().unwrap();
    let cpu_pressure = members.contains_key("cpu_pressure_level").then_some("normal");
    TrueSample { at, streams, cpu, cpu_pressure, wifi, odd }
}

fn read_stream(name: &'static str, texts: &Map<String, Value>, odd: &mut Vec<TrueOdd>) -> TrueStream {
    let mut figure = |member: &'static str, unit: &str| match texts.get(member) {
        Some(Value::String(text)) if !text.is_empty() => {
            let value = number(text, unit);
            if value.is_none() {
                let text = text.clone();
                odd.push(TrueOdd { kind: OddKind::Unreadable, stream: Some(name), member, text });
            }
            value
        }
        Some(Value::Number(bare)) => {
            let text = format!("{:.2}", bare.as_f64().unwrap());
            odd.push(TrueOdd { kind: OddKind::BareNumber, stream: Some(name), member, text });
            None
        }
        _ => None,
    };
    TrueStream {
        bitrate_kbps: figure("bitrate", "kbps"),
        latency_ms: figure("latency", "ms"),
        jitter_ms: figure("jitter", "ms"),
        avg_loss_pct: figure("avg_loss", "%"),
        max_loss_pct: figure("max_loss", "%"),
        fps: figure("frame_rate", "fps"),
        resolution: texts.get("resolution").and_then(Value::as_str).and_then(|text| {
            let (width, height) = text.split_once('*')?;
            Some((width.parse().ok()?, height.parse().ok()?)).filter(|size| *size != (0, 0))
        }),
    }
}

fn number(text: &str, unit: &str) -> Option<f64> {
    text.strip_suffix(unit)?.trim_end().parse().ok()
}
