//! What holds for any body that is read as a page of call quality. The fuzz target `qos_page` throws bytes at
//! [`check`]; here it gets what is odd by hand.

use rollbook_zoom::endpoint::metrics_qos::{ParticipantQos, ParticipantsQos, QosSample};
use rollbook_zoom::endpoint::metrics_qos_summary::QosSummaries;
use rollbook_zoom::endpoint::metrics_satisfaction::Satisfactions;
use rollbook_zoom::endpoint::metrics_sharing::Sharings;
use rollbook_zoom::quantity::Measure;
use rollbook_zoom::{Quantity, decode};

/// Reads the body in every way there is. Panics where something does not hold.
pub fn check(body: &[u8]) {
    if let Ok(page) = decode::<ParticipantsQos>(body) {
        let again = decode::<ParticipantsQos>(body).expect("it could be read before");
        assert_eq!(page, again, "reading twice gives the same");
        let samples = page.value.participants.iter().flat_map(|person| &person.user_qos);
        let kept: u32 = samples.map(check_sample).sum();
        assert!(kept <= page.unreadable, "what is kept unread is counted");
    }
    if let Ok(person) = decode::<ParticipantQos>(body) {
        let kept: u32 = person.value.user_qos.iter().map(check_sample).sum();
        assert!(kept <= person.unreadable, "what is kept unread is counted");
    }
    let _ = decode::<QosSummaries>(body);
    let _ = decode::<Satisfactions>(body);
    let _ = decode::<Sharings>(body);
}

/// Gives the number of values that could not be read.
fn check_sample(sample: &QosSample) -> u32 {
    let names: Vec<_> = sample.streams.iter().map(|(name, _)| name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "streams are in order, each once");
    let mut kept = 0;
    for (_, stream) in sample.streams.iter() {
        kept += check_value(&stream.bitrate) + check_value(&stream.latency) + check_value(&stream.jitter);
        kept += check_value(&stream.avg_loss) + check_value(&stream.max_loss);
        kept += check_value(&stream.resolution) + check_value(&stream.frame_rate);
        let numbers = [stream.bitrate.value().map(|rate| rate.0), stream.avg_loss.value().map(|loss| loss.0)];
        assert!(numbers.into_iter().flatten().all(|number| number.is_finite() && number.is_sign_positive()));
    }
    if let Some(cpu) = &sample.cpu_usage {
        kept += check_value(&cpu.zoom_min_cpu_usage) + check_value(&cpu.zoom_avg_cpu_usage);
        kept += check_value(&cpu.zoom_max_cpu_usage) + check_value(&cpu.system_max_cpu_usage);
    }
    if let Some(wifi) = &sample.wifi_rssi {
        kept += check_value(&wifi.min_rssi) + check_value(&wifi.avg_rssi) + check_value(&wifi.max_rssi);
    }
    kept
}

fn check_value<T: Measure + PartialEq + std::fmt::Display>(quantity: &Quantity<T>) -> u32 {
    if let Some(value) = quantity.value() {
        let read = Quantity::parse(&quantity.to_string());
        assert!(read.value() == Some(value), "{quantity} is read as it is written");
    }
    u32::from(quantity.unreadable().is_some())
}
