//! Each kind of line shows its marks, over many seeds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rollbook_sim::{LineKind, People, Sim, TrueQuality, TrueStream};

use super::clean;
use crate::client::world;

/// All stays of many seeds, by kind of line.
static STAYS: LazyLock<BTreeMap<LineKind, Vec<TrueQuality>>> = LazyLock::new(|| {
    let mut stays: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for seed in 0..40 {
        let mut options = clean(seed, 4);
        options.people = People::Exactly(12);
        options.mix.troubled_lines = 0.5;
        options.mix.lossy_rooms = 0.3;
        options.mix.phones = 0.1;
        for stay in all(&world(options, "2026-10-06T00:00:00Z")) {
            stays.entry(stay.line).or_default().push(stay);
        }
    }
    stays
});

fn all(sim: &Sim) -> Vec<TrueQuality> {
    sim.truth().instances.iter().flat_map(|one| sim.true_quality(&one.uuid).unwrap()).collect()
}

/// Every value of a figure in streams whose name ends like this.
fn figures(stays: &[TrueQuality], end: &str, figure: fn(&TrueStream) -> Option<f64>) -> Vec<f64> {
    let samples = stays.iter().flat_map(|stay| &stay.samples);
    let streams = samples.flat_map(|sample| &sample.streams);
    let mut values: Vec<_> =
        streams.filter(|(name, _)| name.ends_with(end)).filter_map(|(_, stream)| figure(stream)).collect();
    values.sort_by(f64::total_cmp);
    assert!(!values.is_empty());
    values
}

/// The value below which this share lies.
fn at(values: &[f64], share: f64) -> f64 {
    values[((values.len() - 1) as f64 * share) as usize]
}

#[tokio::test(start_paused = true)]
async fn figures_are_sound() {
    for stay in STAYS.values().flatten() {
        for sample in &stay.samples {
            for (name, stream) in &sample.streams {
                let max_loss = stream.max_loss_pct.unwrap();
                assert!((stream.avg_loss_pct.unwrap()..=100.0).contains(&max_loss), "{name} {stream:?}");
                assert!(stream.bitrate_kbps.unwrap() >= 1.0 && stream.latency_ms.unwrap() < 2_000.0);
                assert!(stream.fps.is_none_or(|fps| (1.0..=30.0).contains(&fps)), "{name} {stream:?}");
            }
            if let Some(cpu) = sample.cpu {
                assert!(cpu.zoom_min_pct <= cpu.zoom_avg_pct && cpu.zoom_avg_pct <= cpu.zoom_max_pct);
                assert!(cpu.zoom_max_pct <= cpu.system_max_pct && cpu.system_max_pct <= 100.0, "{cpu:?}");
            }
            if let Some(wifi) = sample.wifi {
                assert!(-100.0 < wifi.min_dbm && wifi.min_dbm < wifi.avg_dbm && wifi.avg_dbm < wifi.max_dbm);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn good_lines_are_good_and_telephones_have_audio_alone() {
    let good = &STAYS[&LineKind::Good];
    assert!(at(&figures(good, "put", |stream| stream.avg_loss_pct), 1.0) < 0.6);
    assert!(at(&figures(good, "put", |stream| stream.latency_ms), 1.0) < 120.0);
    assert!(at(&figures(good, "put", |stream| stream.jitter_ms), 1.0) < 20.0);
    assert!(
        good.iter().flat_map(|stay| &stay.samples).all(|sample| sample.cpu.unwrap().system_max_pct < 90.0)
    );
    let phones = &STAYS[&LineKind::RelayedPhone];
    let names = phones.iter().flat_map(|stay| &stay.samples).flat_map(|sample| sample.streams.keys());
    assert!(names.copied().all(|name| name == "audio_input" || name == "audio_output"));
    assert!(at(&figures(phones, "put", |stream| stream.latency_ms), 0.05) > 180.0);
    assert!(at(&figures(phones, "put", |stream| stream.avg_loss_pct), 0.95) < 1.0);
    assert!(phones.iter().flat_map(|stay| &stay.samples).all(|one| one.cpu.is_none() && one.wifi.is_none()));
}

#[tokio::test(start_paused = true)]
async fn bad_wifi_comes_in_bursts_with_a_weak_signal() {
    let bad = &STAYS[&LineKind::BadWifi];
    let loss = figures(bad, "put", |stream| stream.avg_loss_pct);
    assert!(at(&loss, 0.4) < 2.5 && at(&loss, 0.9) > 6.0, "{} {}", at(&loss, 0.4), at(&loss, 0.9));
    let jitter = figures(bad, "put", |stream| stream.jitter_ms);
    assert!(at(&jitter, 0.4) < 30.0 && at(&jitter, 0.9) > 45.0);
    let samples = || bad.iter().flat_map(|stay| &stay.samples);
    assert!(samples().all(|sample| sample.wifi.unwrap().avg_dbm < -65.0));
    // In bad minutes there is less rate and a smaller picture than in good ones.
    let rates = |is_bad: bool| {
        let videos = samples().filter_map(|sample| sample.streams.get("video_input"));
        let rates = videos
            .filter(|video| (video.avg_loss_pct.unwrap() > 8.0) == is_bad)
            .map(|video| (video.bitrate_kbps.unwrap(), f64::from(video.resolution.unwrap().0)));
        let (rate, width, count) =
            rates.fold((0.0, 0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + 1.0));
        (rate / count, width / count)
    };
    let ((calm, wide), (poor, narrow)) = (rates(false), rates(true));
    assert!(poor < calm / 2.0 && narrow < wide * 0.7, "{calm} {poor} {wide} {narrow}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_processor_drops_frames_and_no_packets() {
    let busy = &STAYS[&LineKind::BusyCpu];
    assert!(
        busy.iter().flat_map(|stay| &stay.samples).all(|sample| sample.cpu.unwrap().system_max_pct >= 90.0)
    );
    assert!(at(&figures(busy, "video_output", |stream| stream.fps), 0.95) <= 9.0);
    assert!(at(&figures(busy, "put", |stream| stream.avg_loss_pct), 1.0) < 0.6);
    assert!(at(&figures(busy, "put", |stream| stream.latency_ms), 1.0) < 120.0);
}

#[tokio::test(start_paused = true)]
async fn a_saturated_uplink_spoils_output_alone() {
    let stays = &STAYS[&LineKind::SaturatedUplink];
    assert!(at(&figures(stays, "_output", |stream| stream.avg_loss_pct), 0.1) > 1.0);
    assert!(at(&figures(stays, "_output", |stream| stream.latency_ms), 0.1) > 200.0);
    assert!(at(&figures(stays, "video_output", |stream| stream.bitrate_kbps), 0.9) < 120.0);
    assert!(at(&figures(stays, "_input", |stream| stream.avg_loss_pct), 1.0) < 0.6);
    assert!(at(&figures(stays, "_input", |stream| stream.latency_ms), 1.0) < 120.0);
}

#[tokio::test(start_paused = true)]
async fn the_silent_send_nothing_from_beginning_to_end() {
    let silent = &STAYS[&LineKind::Silent];
    let samples = || silent.iter().flat_map(|stay| &stay.samples);
    assert!(samples().flat_map(|sample| sample.streams.keys()).all(|name| name.ends_with("_input")));
    assert!(samples().all(|sample| sample.streams.contains_key("audio_input")));
}

#[tokio::test(start_paused = true)]
async fn people_of_a_lossy_room_suffer_in_the_same_minutes() {
    let (mut rooms, mut together, mut minutes) = (0, 0, 0);
    for seed in 0..30 {
        let mut options = clean(seed, 4);
        options.people = People::Exactly(12);
        options.mix.lossy_rooms = 1.0;
        let sim = world(options, "2026-10-06T00:00:00Z");
        for one in sim.truth().instances {
            let quality = sim.true_quality(&one.uuid).unwrap();
            let of_room: Vec<_> = quality.iter().filter(|stay| stay.line == LineKind::LossyRoom).collect();
            rooms += usize::from(of_room.len() > 1);
            let mut losses: BTreeMap<_, Vec<bool>> = BTreeMap::new();
            for sample in of_room.iter().flat_map(|stay| &stay.samples) {
                let loss = sample.streams["audio_input"].avg_loss_pct.unwrap();
                losses.entry(sample.at).or_default().push(loss > 2.0);
            }
            for bad in losses.values().filter(|bad| bad.len() > 1 && bad.contains(&true)) {
                minutes += 1;
                together += usize::from(bad.iter().all(|bad| *bad));
            }
        }
    }
    assert!(rooms > 80 && minutes > 400 && together == minutes, "{rooms} {minutes} {together}");
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_off_were_lossy_before() {
    let (mut broken, mut wifi) = (0, 0);
    for seed in 0..40 {
        let mut options = clean(seed, 5);
        options.people = People::Exactly(12);
        options.mix.rejoins = 0.4;
        options.mix.troubled_lines = 0.0;
        for stay in all(&world(options, "2026-10-06T00:00:00Z")) {
            if !stay.breaks_off || stay.line == LineKind::RelayedPhone {
                continue;
            }
            broken += 1;
            if stay.line != LineKind::BadWifi {
                continue;
            }
            wifi += 1;
            for sample in stay.samples.iter().rev().take(2) {
                let loss = sample.streams["audio_input"].avg_loss_pct.unwrap();
                assert!((20.0..=40.0).contains(&loss), "{sample:?}");
            }
        }
    }
    assert!(broken > 300 && wifi * 100 > broken * 75, "{wifi} of {broken}");
}

#[tokio::test(start_paused = true)]
async fn figures_are_smooth_from_minute_to_minute() {
    let good = &STAYS[&LineKind::Good];
    let latencies = |stay: &TrueQuality| {
        let audio = stay.samples.iter().map(|sample| sample.streams["audio_output"].latency_ms.unwrap());
        audio.collect::<Vec<_>>()
    };
    let (mut steps, mut spread, mut changes, mut count) = (0.0, 0.0, 0, 0);
    for stay in good.iter().filter(|stay| stay.samples.len() > 20) {
        let values = latencies(stay);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        steps += values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f64>();
        spread += values.iter().map(|value| 2.0 * (value - mean).powi(2)).sum::<f64>();
        let sizes: Vec<_> =
            stay.samples.iter().filter_map(|sample| sample.streams.get("video_input")).collect();
        changes += sizes.windows(2).filter(|pair| pair[0].resolution != pair[1].resolution).count();
        count += sizes.len();
    }
    // Numbers without a memory would have steps as large as their spread.
    assert!(steps < 0.8 * spread, "{steps} {spread}");
    assert!(changes > 0 && changes * 30 < count, "{changes} of {count}");
}
