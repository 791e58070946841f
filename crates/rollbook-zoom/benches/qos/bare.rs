//! The same page as a bare typed parse holds it: every value as the text it came in.

use serde::Deserialize;

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct Page {
    next_page_token: String,
    page_count: u64,
    page_size: u64,
    total_records: u64,
    meeting_number: String,
    participants: Vec<Person>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Person {
    id: String,
    user_id: String,
    participant_uuid: String,
    user_name: String,
    email: String,
    device: String,
    ip_address: String,
    location: String,
    network_type: String,
    version: String,
    join_time: String,
    leave_time: String,
    user_qos: Vec<Sample>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Sample {
    date_time: String,
    audio_input: Option<Stream>,
    audio_output: Option<Stream>,
    video_input: Option<Stream>,
    video_output: Option<Stream>,
    as_input: Option<Stream>,
    as_output: Option<Stream>,
    audio_device_from_crc: Option<Stream>,
    audio_device_to_crc: Option<Stream>,
    video_device_from_crc: Option<Stream>,
    video_device_to_crc: Option<Stream>,
    as_device_from_crc: Option<Stream>,
    as_device_to_crc: Option<Stream>,
    audio_device_from_rwg: Option<Stream>,
    audio_device_to_rwg: Option<Stream>,
    video_device_from_rwg: Option<Stream>,
    video_device_to_rwg: Option<Stream>,
    as_device_from_rwg: Option<Stream>,
    as_device_to_rwg: Option<Stream>,
    cpu_usage: Option<Cpu>,
    wifi_rssi: Option<Wifi>,
}

#[derive(Deserialize)]
struct Stream {
    bitrate: String,
    latency: String,
    jitter: String,
    avg_loss: String,
    max_loss: String,
    resolution: Option<String>,
    frame_rate: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Cpu {
    zoom_min_cpu_usage: String,
    zoom_avg_cpu_usage: String,
    zoom_max_cpu_usage: String,
    system_max_cpu_usage: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Wifi {
    min_rssi: i64,
    avg_rssi: i64,
    max_rssi: i64,
    rssi_unit: String,
}

impl Page {
    /// How many values of streams the page holds.
    pub fn values(&self) -> usize {
        let samples = self.participants.iter().flat_map(|person| &person.user_qos);
        samples.flat_map(Sample::streams).map(Stream::values).sum()
    }
}

impl Sample {
    fn streams(&self) -> impl Iterator<Item = &Stream> {
        [
            &self.audio_input,
            &self.audio_output,
            &self.video_input,
            &self.video_output,
            &self.as_input,
            &self.as_output,
            &self.audio_device_from_crc,
            &self.audio_device_to_crc,
            &self.video_device_from_crc,
            &self.video_device_to_crc,
            &self.as_device_from_crc,
            &self.as_device_to_crc,
            &self.audio_device_from_rwg,
            &self.audio_device_to_rwg,
            &self.video_device_from_rwg,
            &self.video_device_to_rwg,
            &self.as_device_from_rwg,
            &self.as_device_to_rwg,
        ]
        .into_iter()
        .flatten()
    }
}

impl Stream {
    fn values(&self) -> usize {
        let always = [&self.bitrate, &self.latency, &self.jitter, &self.avg_loss, &self.max_loss];
        let pictures = [&self.resolution, &self.frame_rate].into_iter().flatten();
        always.into_iter().chain(pictures).filter(|text| !matches!(text.as_str(), "" | "0*0")).count()
    }
}
