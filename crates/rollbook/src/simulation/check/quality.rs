//! Sample by sample: the call quality that the store holds against what it really was.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rollbook_core::quality::{Channel, Column, Measure, QualityRow};
use rollbook_core::time::Window;
use rollbook_sim::{OddKind, Sim, TrueQuality, TrueSample};
use rollbook_store::{InstanceFilter, QualityState, Record, Result, Store};
use serde::Serialize;

/// The comparison of one account's window with the truth, over instances that the ledger wants call quality of.
#[derive(Debug, Default, Clone, Serialize)]
pub struct QualityVerdict {
    /// Instances wanted.
    pub instances: usize,
    /// Of these, complete.
    pub complete: usize,
    /// Of these, closed with a reason.
    pub closed: usize,
    /// Samples that Zoom ever tells of them.
    pub samples: u64,
    /// Connections or samples that the store lacks.
    pub missing: Vec<String>,
    /// Connections or samples that the store has and that never were.
    pub extra: Vec<String>,
    /// Figures that differ; a figure in place of a gap, too.
    pub wrong: Vec<String>,
    /// Instances still open.
    pub open: Vec<String>,
}

impl QualityVerdict {
    /// Nothing missing, nothing extra, nothing wrong, nothing open.
    pub fn is_perfect(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.wrong.is_empty() && self.open.is_empty()
    }
}

/// Compares all that started in `window`.
///
/// # Errors
/// If the store cannot be read.
pub fn compare_quality(store: &Store, account: &str, sim: &Sim, window: Window) -> Result<QualityVerdict> {
    let mut verdict = QualityVerdict::default();
    let filter =
        InstanceFilter { account: Some(account.into()), window: Some(window), ..InstanceFilter::default() };
    store.each_instance(&filter, |record| -> Result<()> {
        let Some(ledger) = store.quality_state(record.id)? else { return Ok(()) };
        verdict.instances += 1;
        match ledger.standing.state {
            QualityState::Complete => verdict.complete += 1,
            QualityState::Closed => verdict.closed += 1,
            _ => verdict.open.push(format!(
                "{}: {}",
                record.instance.uuid,
                ledger.standing.reason.unwrap_or_default()
            )),
        }
        let held: Vec<QualityRow> =
            store.quality_with_samples(record.id)?.into_iter().map(|(row, _)| row).collect();
        let real = sim.true_quality(&record.instance.uuid).unwrap_or_default();
        // What Zoom no longer tells, or never told, cannot be missing.
        let is_tellable =
            sim.true_instance(&record.instance.uuid).is_some_and(|instance| instance.obtainable)
                && !record.instance.is_one_person;
        compare_rows(&mut verdict, &record, &held, if is_tellable { &real } else { &[] });
        Ok(())
    })?;
    Ok(verdict)
}

fn compare_rows(verdict: &mut QualityVerdict, record: &Record, held: &[QualityRow], real: &[TrueQuality]) {
    let mut left: Vec<&QualityRow> = held.iter().collect();
    for truth in real.iter().filter(|truth| truth.has_row) {
        verdict.samples += truth.samples.len() as u64;
        let is_it = |row: &&QualityRow| {
            row.user_id == truth.user_id
                && row.joined_at.is_some_and(|joined_at| {
                    joined_at.duration_since(truth.join).abs() <= SignedDuration::from_secs(5)
                })
        };
        match left.iter().position(is_it) {
            Some(place) => compare_samples(verdict, record, truth, left.swap_remove(place)),
            None => verdict.missing.push(format!("{} {}", record.instance.uuid, truth.user_id)),
        }
    }
    for row in left {
        verdict.extra.push(format!("{} {}", record.instance.uuid, row.user_id));
    }
}

fn compare_samples(verdict: &mut QualityVerdict, record: &Record, truth: &TrueQuality, row: &QualityRow) {
    let held: BTreeMap<Timestamp, usize> =
        row.series.times().iter().enumerate().map(|(index, at)| (*at, index)).collect();
    let name = |at: Timestamp| format!("{} {} {at}", record.instance.uuid, truth.user_id);
    for sample in &truth.samples {
        match held.get(&sample.at) {
            None => verdict.missing.push(name(sample.at)),
            Some(index) => {
                for wrong in differences(sample, row, *index) {
                    verdict.wrong.push(format!("{} {wrong}", name(sample.at)));
                }
            }
        }
    }
    let real: BTreeSet<Timestamp> = truth.samples.iter().map(|sample| sample.at).collect();
    for at in held.keys().filter(|at| !real.contains(at)) {
        verdict.extra.push(name(*at));
    }
}

/// Every column is looked at, so that a figure in place of a gap is found too.
fn differences(sample: &TrueSample, row: &QualityRow, index: usize) -> Vec<String> {
    let mut expected = figures(sample);
    for odd in &sample.odd {
        // A bare number is read in the unit that the documents give the member; other odd values are gaps.
        if let (OddKind::BareNumber, Some(stream)) = (odd.kind, odd.stream)
            && let (Some(column), Ok(value)) = (column(stream, odd.member), odd.text.parse())
        {
            expected.insert(column, value);
        }
    }
    (0..Column::COUNT)
        .filter_map(Column::from_code)
        .filter(|column| !matches!(column, Column::PressureMin | Column::PressureAvg | Column::PressureMax))
        .filter_map(|column| {
            let (held, real) = (row.series.value(column, index), expected.get(&column).copied());
            (held != real).then(|| format!("{}: {held:?}, really {real:?}", column.name()))
        })
        .collect()
}

fn column(stream: &str, member: &str) -> Option<Column> {
    let measure = match member {
        "bitrate" => Measure::Bitrate,
        "latency" => Measure::Latency,
        "jitter" => Measure::Jitter,
        "avg_loss" => Measure::AvgLoss,
        "max_loss" => Measure::MaxLoss,
        "frame_rate" => Measure::FrameRate,
        _ => return None,
    };
    Some(Column::Stream(Channel::from_zoom_name(stream)?, measure))
}

fn figures(sample: &TrueSample) -> BTreeMap<Column, f64> {
    let mut figures = BTreeMap::new();
    let mut put = |column, value: Option<f64>| {
        if let Some(value) = value {
            figures.insert(column, value);
        }
    };
    for (name, stream) in &sample.streams {
        let channel = Channel::from_zoom_name(name).expect("the pretend Zoom writes Zoom's names");
        let of = |measure| Column::Stream(channel, measure);
        put(of(Measure::Bitrate), stream.bitrate_kbps);
        put(of(Measure::Latency), stream.latency_ms);
        put(of(Measure::Jitter), stream.jitter_ms);
        put(of(Measure::AvgLoss), stream.avg_loss_pct);
        put(of(Measure::MaxLoss), stream.max_loss_pct);
        put(of(Measure::Width), stream.resolution.map(|(width, _)| f64::from(width)));
        put(of(Measure::Height), stream.resolution.map(|(_, height)| f64::from(height)));
        put(of(Measure::FrameRate), stream.fps);
    }
    if let Some(cpu) = &sample.cpu {
        put(Column::CpuZoomMin, Some(cpu.zoom_min_pct));
        put(Column::CpuZoomAvg, Some(cpu.zoom_avg_pct));
        put(Column::CpuZoomMax, Some(cpu.zoom_max_pct));
        put(Column::CpuSystemMax, Some(cpu.system_max_pct));
    }
    if let Some(wifi) = &sample.wifi {
        put(Column::RssiMin, Some(wifi.min_dbm));
        put(Column::RssiAvg, Some(wifi.avg_dbm));
        put(Column::RssiMax, Some(wifi.max_dbm));
    }
    figures
}
