//! A page of call quality as Zoom would send it.

use serde_json::{Map, Value, json};

/// Connections on the page: as many as Zoom gives.
pub const PEOPLE: u64 = 10;

/// Minutes each of them was there.
pub const SAMPLES: u64 = 60;

/// The streams of somebody at a computer.
pub const USUAL: [&str; 6] =
    ["as_input", "as_output", "audio_input", "audio_output", "video_input", "video_output"];

/// All there are, in the order of Zoom's sample.
pub const ALL: [&str; 18] = [
    "as_device_from_crc",
    "as_device_to_crc",
    "as_input",
    "as_output",
    "audio_device_from_crc",
    "audio_device_to_crc",
    "audio_input",
    "audio_output",
    "video_device_from_crc",
    "video_device_to_crc",
    "video_input",
    "video_output",
    "as_device_from_rwg",
    "as_device_to_rwg",
    "audio_device_from_rwg",
    "audio_device_to_rwg",
    "video_device_from_rwg",
    "video_device_to_rwg",
];

/// Samples on the page.
pub fn samples() -> u64 {
    PEOPLE * SAMPLES
}

/// The page with these streams in every sample.
pub fn of(streams: &[&str]) -> Vec<u8> {
    let people: Vec<Value> = (0..PEOPLE).map(|person| connection(person, streams)).collect();
    let page = json!({
        "next_page_token": "y20RGLOiO2jTy3CMfnNRORmB51kAuhMy0e2", "page_count": 30, "page_size": PEOPLE,
        "total_records": 300, "meeting_number": "93201235621", "participants": people,
    });
    serde_json::to_vec(&page).unwrap()
}

fn connection(person: u64, streams: &[&str]) -> Value {
    let samples: Vec<Value> = (0..SAMPLES).map(|minute| sample(person * SAMPLES + minute, streams)).collect();
    json!({
        "id": "_f08HhPJS82MIVLuuFaJPg", "user_id": (16_778_240 + person * 1024).to_string(),
        "participant_uuid": "D444CD06-2ABB-2FCC-019B-39E41D8DADF7", "user_name": format!("Student Number {person}"),
        "email": format!("student{person}@example.edu"), "device": "Windows", "ip_address": "192.0.2.1",
        "location": "United States", "network_type": "Wifi", "version": "5.9.1.2581",
        "join_time": "2022-03-01T10:15:14Z", "leave_time": "2022-03-01T11:15:14Z", "user_qos": samples,
    })
}

/// Values that vary from sample to sample, every eighth stream a gap, as of somebody whose camera is off.
fn sample(number: u64, streams: &[&str]) -> Value {
    let mut sample = Map::new();
    sample.insert("date_time".to_owned(), format!("2022-03-01T10:{:02}:00Z", number % 60).into());
    for (place, name) in streams.iter().enumerate() {
        let seed = (number * 31 + place as u64 * 17) * 2_654_435_761 % 100_003;
        sample.insert((*name).to_owned(), stream(name, seed));
    }
    sample.insert(
        "cpu_usage".to_owned(),
        json!({
            "system_max_cpu_usage": format!("{}%", 11 + number % 60), "zoom_avg_cpu_usage": "4%",
            "zoom_max_cpu_usage": format!("{}%", 5 + number % 20), "zoom_min_cpu_usage": "0%",
        }),
    );
    sample.insert(
        "wifi_rssi".to_owned(),
        json!({ "max_rssi": -75, "avg_rssi": -69, "min_rssi": -35, "rssi_unit": "dBm" }),
    );
    Value::Object(sample)
}

fn stream(name: &str, seed: u64) -> Value {
    let has_pictures = !name.starts_with("audio");
    if seed.is_multiple_of(8) && has_pictures {
        return json!({
            "avg_loss": "", "bitrate": "", "jitter": "", "latency": "", "max_loss": "", "frame_rate": "",
            "resolution": "0*0",
        });
    }
    let mut stream = json!({
        "avg_loss": format!("{}.{:02}%", seed % 3, seed % 97), "bitrate": format!("{}.{:02} kbps", 20 + seed % 1500, seed % 89),
        "jitter": format!("{} ms", seed % 40), "latency": format!("{} ms", 20 + seed % 180),
        "max_loss": format!("{}.{}%", seed % 9, seed % 7),
    });
    if has_pictures {
        stream["frame_rate"] = format!("{} fps", 5 + seed % 25).into();
        stream["resolution"] = if seed.is_multiple_of(2) { "1280*720" } else { "640*360" }.into();
    }
    stream
}
