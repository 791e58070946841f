//! A connection's samples as Zoom writes them, into columns of numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::quality::{Channel, Column, Flow, Measure, Media, QualityRow, Series};
use rollbook_zoom::Quantity;
use rollbook_zoom::endpoint::metrics_qos::{ParticipantQos, QosSample, StreamName, StreamQos};
use rollbook_zoom::quantity::Percent;
use rollbook_zoom::webhook::event::{EventParticipant, EventQos};
use rollbook_zoom::word::SignalUnit;

use super::some;

/// One connection of a call-quality answer.
pub fn quality_row(mut row: ParticipantQos) -> QualityRow {
    let mut samples = std::mem::take(&mut row.user_qos);
    samples.sort_by_key(|sample| sample.date_time);
    let joined_at = row.join_time;
    let mut series = Series::new();
    for sample in &samples {
        put_sample(&mut series, joined_at, sample);
    }
    QualityRow {
        user_id: row.user_id.take().unwrap_or_default(),
        participant_uuid: some(row.participant_uuid.take()),
        zoom_user_id: row.id.take().map(|id| id.as_str().to_owned()),
        name: some(row.user_name.take()),
        email: some(row.email.take()),
        joined_at,
        left_at: row.leave_time,
        details: details(row),
        series,
    }
}

/// One connection of an event: each stream of each moment is a row of its own there, in any order.
pub fn event_row(mut participant: EventParticipant) -> QualityRow {
    let mut rows = std::mem::take(&mut participant.qos);
    rows.sort_by_key(|row| row.date_time);
    let mut series = Series::new();
    for row in &rows {
        put_event_row(&mut series, row);
    }
    QualityRow {
        user_id: participant.connection().unwrap_or("").to_owned(),
        participant_uuid: some(participant.participant_uuid.clone()),
        zoom_user_id: participant.zoom_user().map(|user| user.as_str().to_owned()),
        name: some(participant.user_name.clone()),
        email: some(participant.email.clone()),
        joined_at: None,
        left_at: None,
        details: BTreeMap::new(),
        series,
    }
}

/// Which figures a row holds is told by its type; those of other types beside them are no part of it, as in the
/// documented sample that mixes several (WEBHOOKS.md).
fn put_event_row(series: &mut Series, row: &EventQos) {
    let (Some(at), Some(details)) = (row.date_time, &row.details) else { return };
    series.begin(at);
    match (row.stream(), row.kind.as_deref()) {
        (Some(name), _) => {
            let stream = StreamQos {
                bitrate: details.bitrate.clone(),
                latency: details.latency.clone(),
                jitter: details.jitter.clone(),
                avg_loss: details.avg_loss.clone(),
                max_loss: details.max_loss.clone(),
                resolution: details.resolution.clone(),
                frame_rate: details.frame_rate.clone(),
            };
            put_stream(series, at, channel(name), &stream);
        }
        (None, Some("cpu_usage")) => {
            for (column, quantity) in [
                (Column::CpuZoomMin, &details.zoom_min_cpu_usage),
                (Column::CpuZoomAvg, &details.zoom_avg_cpu_usage),
                (Column::CpuZoomMax, &details.zoom_max_cpu_usage),
                (Column::CpuSystemMax, &details.system_max_cpu_usage),
            ] {
                put(series, at, column, quantity, |percent| percent.0);
            }
        }
        // Words about quality have no place in the series; what the type of the radio's row is, nobody tells.
        (None, Some("audio_quality" | "video_quality" | "as_quality")) => {}
        (None, _) => {
            for (column, quantity) in [
                (Column::RssiMin, &details.min_rssi),
                (Column::RssiAvg, &details.avg_rssi),
                (Column::RssiMax, &details.max_rssi),
            ] {
                if is_dbm(&details.rssi_unit) {
                    put(series, at, column, quantity, |signal| signal.0);
                }
            }
        }
    }
}

/// In another unit the numbers would mean something else; Zoom documents this one alone.
fn is_dbm(unit: &Option<SignalUnit>) -> bool {
    unit.as_ref().is_none_or(|unit| unit.as_str().eq_ignore_ascii_case("dBm"))
}

fn put_sample(series: &mut Series, joined_at: Option<Timestamp>, sample: &QosSample) {
    let Some(at) = sample.date_time else {
        // Without its minute it has no place. When the join is missing too, any instant will do to count it.
        series.note_odd(joined_at.unwrap_or(Timestamp::UNIX_EPOCH), "date_time".to_owned(), String::new());
        return;
    };
    // The same minute twice in one answer: what comes later adds and corrects.
    series.begin(at);
    for (name, stream) in sample.streams.iter() {
        put_stream(series, at, channel(name), stream);
    }
    let mut percent = |column, quantity: &Quantity<Percent>| {
        put(series, at, column, quantity, |percent| percent.0);
    };
    if let Some(cpu) = &sample.cpu_usage {
        percent(Column::CpuZoomMin, &cpu.zoom_min_cpu_usage);
        percent(Column::CpuZoomAvg, &cpu.zoom_avg_cpu_usage);
        percent(Column::CpuZoomMax, &cpu.zoom_max_cpu_usage);
        percent(Column::CpuSystemMax, &cpu.system_max_cpu_usage);
    }
    if let Some(wifi) = sample.wifi_rssi.as_ref().filter(|wifi| is_dbm(&wifi.rssi_unit)) {
        put(series, at, Column::RssiMin, &wifi.min_rssi, |signal| signal.0);
        put(series, at, Column::RssiAvg, &wifi.avg_rssi, |signal| signal.0);
        put(series, at, Column::RssiMax, &wifi.max_rssi, |signal| signal.0);
    }
    if let Some(pressure) = &sample.cpu_pressure_level {
        for (column, word) in [
            (Column::PressureMin, &pressure.system_min_cpu_pressure_level),
            (Column::PressureAvg, &pressure.system_avg_cpu_pressure_level),
            (Column::PressureMax, &pressure.system_max_cpu_pressure_level),
        ] {
            if let Some(word) = word {
                series.set_word(column, word.as_str());
            }
        }
    }
}

fn put_stream(series: &mut Series, at: Timestamp, channel: Channel, stream: &StreamQos) {
    let column = |measure| Column::Stream(channel, measure);
    put(series, at, column(Measure::Bitrate), &stream.bitrate, |rate| rate.0);
    put(series, at, column(Measure::Latency), &stream.latency, |time| time.0);
    put(series, at, column(Measure::Jitter), &stream.jitter, |time| time.0);
    put(series, at, column(Measure::AvgLoss), &stream.avg_loss, |loss| loss.0);
    put(series, at, column(Measure::MaxLoss), &stream.max_loss, |loss| loss.0);
    put(series, at, column(Measure::FrameRate), &stream.frame_rate, |rate| rate.0);
    put(series, at, column(Measure::Width), &stream.resolution, |size| f64::from(size.width));
    if let Some(size) = stream.resolution.value() {
        series.set(column(Measure::Height), f64::from(size.height));
    }
}

fn put<T: rollbook_zoom::quantity::Measure>(
    series: &mut Series,
    at: Timestamp,
    column: Column,
    quantity: &Quantity<T>,
    number: impl Fn(T) -> f64,
) {
    match quantity {
        Quantity::Gap => {}
        Quantity::Value(value) => series.set(column, number(*value)),
        Quantity::Unreadable(kept) => series.note_odd(at, column.name(), kept.as_str().to_owned()),
    }
}

fn channel(name: StreamName) -> Channel {
    use StreamName as Z;
    let (media, flow) = match name {
        Z::AudioInput => (Media::Audio, Flow::Input),
        Z::AudioOutput => (Media::Audio, Flow::Output),
        Z::VideoInput => (Media::Video, Flow::Input),
        Z::VideoOutput => (Media::Video, Flow::Output),
        Z::AsInput => (Media::Share, Flow::Input),
        Z::AsOutput => (Media::Share, Flow::Output),
        Z::AudioDeviceFromCrc => (Media::Audio, Flow::FromRoomConnector),
        Z::AudioDeviceToCrc => (Media::Audio, Flow::ToRoomConnector),
        Z::VideoDeviceFromCrc => (Media::Video, Flow::FromRoomConnector),
        Z::VideoDeviceToCrc => (Media::Video, Flow::ToRoomConnector),
        Z::AsDeviceFromCrc => (Media::Share, Flow::FromRoomConnector),
        Z::AsDeviceToCrc => (Media::Share, Flow::ToRoomConnector),
        Z::AudioDeviceFromRwg => (Media::Audio, Flow::FromWebGateway),
        Z::AudioDeviceToRwg => (Media::Audio, Flow::ToWebGateway),
        Z::VideoDeviceFromRwg => (Media::Video, Flow::FromWebGateway),
        Z::VideoDeviceToRwg => (Media::Video, Flow::ToWebGateway),
        Z::AsDeviceFromRwg => (Media::Share, Flow::FromWebGateway),
        Z::AsDeviceToRwg => (Media::Share, Flow::ToWebGateway),
    };
    Channel { media, flow }
}

/// What is known of the machine and its network, by Zoom's names.
fn details(row: ParticipantQos) -> BTreeMap<String, String> {
    let yes = |is: Option<bool>| is.map(|is| if is { "yes" } else { "no" }.to_owned());
    let list = |all: Vec<String>| Some(all.join(", "));
    [
        ("device", row.device),
        ("device_name", row.device_name),
        ("os", row.os),
        ("os_version", row.os_version),
        ("browser_name", row.browser_name),
        ("browser_version", row.browser_version),
        ("client", row.client),
        ("version", row.version),
        ("zoom_thin_client_plugin_version", row.zoom_thin_client_plugin_version),
        ("pc_name", row.pc_name),
        ("domain", row.domain),
        ("mac_addr", row.mac_addr),
        ("harddisk_id", row.harddisk_id),
        ("camera", row.camera),
        ("microphone", row.microphone),
        ("speaker", row.speaker),
        ("network_type", row.network_type),
        ("ip_address", row.ip_address),
        ("internal_ip_addresses", list(row.internal_ip_addresses)),
        ("location", row.location),
        ("connection_type", row.connection_type),
        ("video_connection_type", row.video_connection_type),
        ("as_connection_type", row.as_connection_type),
        ("data_center", row.data_center),
        ("full_data_center", row.full_data_center),
        ("health", row.health),
        ("issue_list", list(row.issue_list)),
        ("share_application", yes(row.share_application)),
        ("share_desktop", yes(row.share_desktop)),
        ("share_whiteboard", yes(row.share_whiteboard)),
        ("recording", yes(row.recording)),
        ("has_archiving", yes(row.has_archiving)),
        ("optional_archiving", row.optional_archiving),
        ("groupId", row.group_id),
        ("total_jointime_cost", row.total_jointime_cost.map(|seconds| seconds.to_string())),
        ("rc_reason", row.rc_reason.filter(|reason| !reason.is_null()).map(|reason| reason.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), some(value)?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use rollbook_zoom::decode;

    use super::*;

    fn row(json: &str) -> QualityRow {
        quality_row(decode::<ParticipantQos>(json.as_bytes()).unwrap().value)
    }

    const AUDIO_RATE: Column =
        Column::Stream(Channel { media: Media::Audio, flow: Flow::Input }, Measure::Bitrate);

    #[test]
    fn every_stream_of_zooms_is_one_of_ours() {
        for name in StreamName::ALL {
            assert_eq!(channel(name).zoom_name(), name.as_str());
        }
    }

    #[test]
    fn figures_are_numbers_gaps_are_gaps_and_the_unreadable_is_kept() {
        let row = row(r#"{"user_id": "16", "user_qos": [
            {"date_time": "2026-11-20T10:02:00Z", "audio_input": {"bitrate": "lots"}},
            {"date_time": "2026-11-20T10:01:00Z", "audio_input": {"bitrate": "27.15kbps", "latency": ""},
             "as_output": {"resolution": "0*0"}, "video_output": {"resolution": "1280*720", "frame_rate": "12 fps"},
             "cpu_usage": {"system_max_cpu_usage": "11%"}, "wifi_rssi": {"avg_rssi": -69, "rssi_unit": "dBm"},
             "cpu_pressure_level": {"system_max_cpu_pressure_level": "normal"}}]}"#);
        let series = &row.series;
        assert_eq!(series.len(), 2);
        assert_eq!((series.value(AUDIO_RATE, 0), series.value(AUDIO_RATE, 1)), (Some(27.15), None));
        let names: Vec<String> = series.columns().map(Column::name).collect();
        let expected = [
            "audio_in_bitrate_kbps",
            "video_out_width",
            "video_out_height",
            "video_out_fps",
            "cpu_system_max_pct",
            "wifi_rssi_avg_dbm",
            "cpu_pressure_max",
        ];
        assert_eq!(names, expected);
        assert_eq!(series.word(Column::PressureMax, 0), Some("normal"));
        let [odd] = series.odd() else { panic!("{:?}", series.odd()) };
        assert_eq!((odd.column.as_str(), odd.text.as_str()), ("audio_in_bitrate_kbps", "lots"));
    }

    #[test]
    fn a_minute_that_comes_twice_is_one_sample() {
        let row = row(r#"{"user_qos": [
            {"date_time": "2026-11-20T10:01:00Z", "audio_input": {"bitrate": "1 kbps", "latency": "5 ms"}},
            {"date_time": "2026-11-20T10:01:00Z", "audio_input": {"bitrate": "2 kbps"}},
            {"audio_input": {"bitrate": "3 kbps"}}]}"#);
        assert_eq!(row.series.len(), 1);
        assert_eq!(row.series.value(AUDIO_RATE, 0), Some(2.0));
        assert_eq!(row.series.odd().len(), 1);
    }
}
