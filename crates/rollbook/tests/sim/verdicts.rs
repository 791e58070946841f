//! What is said of a call is what was the matter with it: verdicts beside the truth of the pretend campus.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::date;
use rollbook_core::quality::assess::assess;
use rollbook_core::quality::{Cause, Channel, Column, Ending, Flow, Measure, Series, StayQuality};
use rollbook_sim::{Faults, LineKind, Options, People, Sim, SimClock, TrueQuality, TrueSample};

/// The samples of a stay as they are kept.
fn series(samples: &[TrueSample]) -> Series {
    let mut series = Series::new();
    for sample in samples {
        series.begin(sample.at);
        for (name, stream) in &sample.streams {
            let channel = Channel::from_zoom_name(name).unwrap();
            let figures = [
                (Measure::Bitrate, stream.bitrate_kbps),
                (Measure::Latency, stream.latency_ms),
                (Measure::Jitter, stream.jitter_ms),
                (Measure::AvgLoss, stream.avg_loss_pct),
                (Measure::FrameRate, stream.fps),
            ];
            for (measure, figure) in figures {
                figure.into_iter().for_each(|figure| series.set(Column::Stream(channel, measure), figure));
            }
        }
        if let Some(cpu) = sample.cpu {
            series.set(Column::CpuSystemMax, cpu.system_max_pct);
        }
    }
    series
}

/// Stays of ten minutes or more on many days without gaps, by kind of line, with their verdicts.
fn judged() -> BTreeMap<LineKind, Vec<(TrueQuality, StayQuality)>> {
    let mut all = BTreeMap::<LineKind, Vec<(TrueQuality, StayQuality)>>::new();
    for seed in 0..30 {
        let mut options = Options::campus(seed, date(2026, 10, 5), 4);
        options.faults = Faults::none();
        options.people = People::Exactly(12);
        options.mix.troubled_lines = 0.5;
        options.mix.lossy_rooms = 0.3;
        options.mix.phones = 0.1;
        options.mix.rejoins = 0.2;
        let sim = Sim::new(options, SimClock::new("2026-10-07T00:00:00Z".parse().unwrap(), 1.0));
        for instance in sim.truth().instances {
            let told = sim.true_quality(&instance.uuid).unwrap();
            for (truth, stay) in
                told.into_iter().zip(instance.stays.iter().filter(|s| s.status == "in_meeting"))
            {
                if truth.samples.len() >= 10 {
                    let quality = assess(&series(&truth.samples), truth.join, Some(stay.leave));
                    all.entry(truth.line).or_default().push((truth, quality));
                }
            }
        }
    }
    all
}

static JUDGED: LazyLock<BTreeMap<LineKind, Vec<(TrueQuality, StayQuality)>>> = LazyLock::new(judged);

/// Of the stays with such a line, the share of which this is true.
fn share(kind: LineKind, is_so: impl Fn(&StayQuality) -> bool) -> f64 {
    let stays = &JUDGED[&kind];
    assert!(stays.len() > 100, "{kind:?} {}", stays.len());
    stays.iter().filter(|(_, quality)| is_so(quality)).count() as f64 / stays.len() as f64
}

fn is_of(cause: Cause) -> impl Fn(&StayQuality) -> bool {
    move |quality| quality.cause == Some(cause)
}

#[tokio::test(start_paused = true)]
async fn who_had_a_good_line_is_left_alone() {
    let is_fine = |quality: &StayQuality| {
        quality.bad_minutes == 0 && quality.cause.is_none() && quality.score.is_some_and(|score| score > 90.0)
    };
    assert!(share(LineKind::Good, is_fine) >= 1.0);
    assert!(share(LineKind::Silent, is_fine) >= 1.0);
}

#[tokio::test(start_paused = true)]
async fn the_cause_is_the_line_that_somebody_had() {
    assert!(share(LineKind::BadWifi, is_of(Cause::Loss)) > 0.97);
    assert!(share(LineKind::BadWifi, |quality| quality.bad_minutes > 0) > 0.9);
    assert!(share(LineKind::LossyRoom, is_of(Cause::Loss)) > 0.95);
    assert!(share(LineKind::BusyCpu, is_of(Cause::Cpu)) >= 1.0);
    let is_late_or_lossy =
        |quality: &StayQuality| matches!(quality.cause, Some(Cause::Latency | Cause::Loss));
    assert!(share(LineKind::SaturatedUplink, is_late_or_lossy) >= 1.0);
    assert!(
        share(LineKind::RelayedPhone, |quality| quality.cause.is_none_or(|cause| cause == Cause::Latency))
            >= 1.0
    );
}

#[tokio::test(start_paused = true)]
async fn a_saturated_uplink_is_found_in_the_streams_it_spoils() {
    let is_outward = |quality: &StayQuality| {
        quality.worst.is_some_and(|worst| {
            matches!(worst.flow, Flow::Output | Flow::ToRoomConnector | Flow::ToWebGateway)
        })
    };
    assert!(share(LineKind::SaturatedUplink, is_outward) >= 1.0);
}

#[tokio::test(start_paused = true)]
async fn nothing_in_audio_out_is_said_of_the_silent_and_of_nobody_else() {
    let is_silent_out = |quality: &StayQuality| quality.silent == [Channel::MAIN[1]];
    assert!(share(LineKind::Silent, is_silent_out) >= 1.0);
    for kind in JUDGED.keys().filter(|kind| **kind != LineKind::Silent) {
        assert!(share(*kind, |quality| quality.silent.is_empty()) >= 1.0, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_broke_off_ended_in_loss_and_others_did_not() {
    let endings = |kind: LineKind, broke_off: bool| -> Vec<Ending> {
        let stays = JUDGED[&kind].iter().filter(|(truth, _)| truth.breaks_off == broke_off);
        stays.filter_map(|(_, quality)| quality.ending).collect()
    };
    let broken = endings(LineKind::BadWifi, true);
    let is_lossy = |ending: &Ending| {
        ending.bad_minutes == ending.minutes
            && ending.loss_pct.is_some_and(|loss| (20.0..=40.0).contains(&loss))
    };
    assert!(broken.len() > 100 && broken.iter().all(is_lossy), "{broken:?}");
    let left = endings(LineKind::Good, true);
    assert!(left.len() > 10 && left.iter().all(|ending| ending.bad_minutes == 0), "{left:?}");
}
