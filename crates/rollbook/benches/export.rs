//! What exporting call quality costs, in samples a second, beside a bare write of the same columns, in one run.
//!
//! `cargo bench -p rollbook --bench export`; a number behind `--` is that of the instances.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use parquet::basic::{Compression, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use rollbook::cli::export::sample::{main_columns, other_columns};
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::quality::{Channel, Column, Measure, QualityRow, Series, StayQuality};
use rollbook_store::{InstanceFilter, Mode, Store};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rollbook");
const INSTANCES: usize = 500;
const PEOPLE: usize = 20;
const MINUTES: usize = 60;
/// Instances that are in memory at a time.
const CHUNK: usize = 50;

fn main() {
    let number = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let instances: usize = number.unwrap_or(INSTANCES);
    let folder = tempfile::tempdir().unwrap();
    fill(&folder.path().join("rollbook.db"), instances);
    let samples = (instances * PEOPLE * MINUTES) as f64;
    println!("## Samples exported, {instances} instances of {PEOPLE} people and {MINUTES} minutes");
    let report = |name: &str, took: Duration, bytes: u64, peak_kib: Option<u32>| {
        let rate = samples / took.as_secs_f64();
        let peak = peak_kib.map_or(String::new(), |kib| format!("  peak {:.1} MiB", f64::from(kib) / 1024.0));
        println!("  {name:<44} {rate:>11.0} a second {:>7.1} bytes each{peak}", bytes as f64 / samples);
        rate
    };
    let began = Instant::now();
    let read = read(&folder.path().join("rollbook.db"));
    assert_eq!(read as f64, samples);
    report("read from the store, nothing written", began.elapsed(), 0, None);
    let timed = |name: &str, work: &dyn Fn(&Path) -> Duration| {
        let path = folder.path().join("bare");
        let took = work(&path);
        let bytes = std::fs::metadata(&path).unwrap().len();
        report(name, took, bytes, None)
    };
    let csv = timed("bare CSV: write! of figures in memory", &|path| bare_csv(path, instances));
    let parquet = timed("bare Parquet: ready columns", &|path| bare_parquet(path, instances));
    for (format, bare) in [("csv", Some(csv)), ("json", None), ("parquet", Some(parquet))] {
        let out = folder.path().join(format!("out.{format}"));
        let (took, peak) = export(folder.path(), &out);
        let ours = report(&format!("rollbook export qos --format {format}"), took, size(&out), Some(peak));
        if let Some(bare) = bare {
            println!("    ratio to the bare write: {:.2}", ours / bare);
        }
    }
}

/// A store as collecting leaves it.
fn fill(path: &Path, instances: usize) {
    let mut store = Store::open(path, Mode::Write).unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    for first in (0..instances).step_by(CHUNK) {
        store
            .atomically(|store| {
                for number in first..instances.min(first + CHUNK) {
                    let (told, rows) = instance(number);
                    let id = store.put_instance(Timestamp::UNIX_EPOCH, "default", told)?.record.id;
                    for row in &rows {
                        let quality = StayQuality { samples: MINUTES as u32, ..StayQuality::default() };
                        store.put_quality_row(id, row, &quality)?;
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

fn read(path: &Path) -> usize {
    let store = Store::open(path, Mode::Read).unwrap();
    let mut samples = 0;
    store
        .each_instance(&InstanceFilter::default(), |record| {
            store.each_quality_with_samples(record.id, |row, _| -> rollbook_store::Result<()> {
                samples += row.series.len();
                Ok(())
            })
        })
        .unwrap();
    samples
}

/// The program in a process of its own: how long, and the most memory it took.
fn export(folder: &Path, out: &Path) -> (Duration, u32) {
    let began = Instant::now();
    let mut program = Command::new(PROGRAM)
        .args(["export", "qos", "--out", out.to_str().unwrap()])
        .env_clear()
        .env("ROLLBOOK_STORE", folder.join("rollbook.db"))
        .current_dir(folder)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while program.try_wait().unwrap().is_none() {
        peak = peak.max(high_water_kib(program.id()));
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = began.elapsed();
    assert!(program.wait().unwrap().success());
    (took, peak)
}

/// Linux tells the high-water mark of another process; elsewhere there is nothing to show.
fn high_water_kib(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn size(path: &Path) -> u64 {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().map(|entry| size(&entry.unwrap().path())).sum()
    } else {
        std::fs::metadata(path).unwrap().len()
    }
}

/// The figures of CSV from memory, without a thought for quotes or order.
fn bare_csv(path: &Path, instances: usize) -> Duration {
    let columns = main_columns();
    let mut out = BufWriter::new(File::create(path).unwrap());
    let mut took = Duration::ZERO;
    for number in 0..instances {
        let (instance, rows) = instance(number);
        let began = Instant::now();
        for row in &rows {
            let figures: Vec<Option<&[f64]>> =
                columns.iter().map(|column| row.series.column(*column)).collect();
            let name = row.name.as_deref().unwrap_or_default();
            for (place, at) in row.series.times().iter().enumerate() {
                write!(out, "{},{},{name},{at}", instance.uuid, row.user_id).unwrap();
                for values in &figures {
                    match values.map(|values| values[place]).filter(|value| !value.is_nan()) {
                        Some(value) => write!(out, ",{value}").unwrap(),
                        None => out.write_all(b",").unwrap(),
                    }
                }
                out.write_all(b"\n").unwrap();
            }
        }
        took += began.elapsed();
    }
    let began = Instant::now();
    out.flush().unwrap();
    took + began.elapsed()
}

/// Three texts, the time and all figures, ready in memory, handed to the same library in row groups of a chunk.
fn bare_parquet(path: &Path, instances: usize) -> Duration {
    let columns = [main_columns(), other_columns()].concat();
    let optional = |name: &str, physical| {
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        Arc::new(builder.build().unwrap())
    };
    let texts = ["meeting_uuid", "user_id", "name", "time"].map(|name| optional(name, Physical::BYTE_ARRAY));
    let figures = columns.iter().map(|column| optional(&column.name(), Physical::DOUBLE));
    let schema = Type::group_type_builder("schema").with_fields(texts.into_iter().chain(figures).collect());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let file = BufWriter::new(File::create(path).unwrap());
    let schema = Arc::new(schema.build().unwrap());
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    let mut took = Duration::ZERO;
    for first in (0..instances).step_by(CHUNK) {
        let chunk: Vec<_> = (first..instances.min(first + CHUNK)).map(instance).collect();
        let rows: Vec<(&Instance, &QualityRow)> =
            chunk.iter().flat_map(|(instance, rows)| rows.iter().map(move |row| (instance, row))).collect();
        let text = |of: &dyn Fn(&(&Instance, &QualityRow), usize) -> String| -> Vec<ByteArray> {
            let all = rows.iter().flat_map(|row| (0..row.1.series.len()).map(move |place| of(row, place)));
            all.map(|text| ByteArray::from(text.into_bytes())).collect()
        };
        let texts = [
            text(&|(instance, _), _| instance.uuid.clone()),
            text(&|(_, row), _| row.user_id.clone()),
            text(&|(_, row), _| row.name.clone().unwrap()),
            text(&|(_, row), place| row.series.times()[place].to_string()),
        ];
        let figures: Vec<(Vec<f64>, Vec<i16>)> = columns
            .iter()
            .map(|column| {
                let all = rows
                    .iter()
                    .flat_map(|(_, row)| (0..row.series.len()).map(|place| row.series.value(*column, place)));
                let all: Vec<Option<f64>> = all.collect();
                (
                    all.iter().copied().flatten().collect(),
                    all.iter().map(|one| one.is_some().into()).collect(),
                )
            })
            .collect();
        let began = Instant::now();
        let mut group = writer.next_row_group().unwrap();
        for values in &texts {
            let mut column = group.next_column().unwrap().unwrap();
            let levels = vec![1; values.len()];
            column.typed::<ByteArrayType>().write_batch(values, Some(&levels), None).unwrap();
            column.close().unwrap();
        }
        for (values, levels) in &figures {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<DoubleType>().write_batch(values, Some(levels), None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        took += began.elapsed();
    }
    let began = Instant::now();
    writer.close().unwrap();
    took + began.elapsed()
}

/// A lecture: everyone hears and sees, half show themselves, one shares a screen; a third have a radio.
fn instance(number: usize) -> (Instance, Vec<QualityRow>) {
    let mut instance = Instance::unknown(format!("uuid-{number:04}=="), Kind::Meeting);
    instance.number = Some(91_000_000_000 + number as u64);
    instance.topic = Some(format!("Lecture {number}"));
    instance.host_email = Some(format!("host{number}@example.edu"));
    let start: Timestamp = "2026-10-05T08:00:00Z".parse().unwrap();
    instance.started_at = Some(start);
    let mut chance = Chance(number as u64 + 1);
    let rows = (0..PEOPLE).map(|person| QualityRow {
        user_id: (16_778_240 + person * 1024).to_string(),
        name: Some(format!("Student Number {person}")),
        email: Some(format!("student{person}@example.edu")),
        joined_at: Some(start),
        series: series(start, person, &mut chance),
        ..QualityRow::default()
    });
    let rows = rows.collect();
    (instance, rows)
}

fn series(start: Timestamp, person: usize, chance: &mut Chance) -> Series {
    let mut series = Series::new();
    for minute in 0..MINUTES {
        series.begin(start + SignedDuration::from_secs(60 * minute as i64 + 13));
        for channel in Channel::MAIN {
            let flows = match channel.name() {
                "audio_out" => chance.below(4) == 0,
                "video_out" => person.is_multiple_of(2),
                "share_out" => person == 0,
                _ => true,
            };
            for measure in Measure::ALL.into_iter().filter(|one| flows && one.is_of(channel.media)) {
                let value = match measure {
                    Measure::Bitrate => 20.0 + chance.below(150_000) as f64 / 100.0,
                    Measure::Latency => 20.0 + chance.below(120) as f64,
                    Measure::Jitter => chance.below(40) as f64,
                    Measure::AvgLoss => chance.below(200) as f64 / 100.0,
                    Measure::MaxLoss => chance.below(900) as f64 / 100.0,
                    Measure::Width => 1280.0,
                    Measure::Height => 720.0,
                    Measure::FrameRate => 12.0 + chance.below(18) as f64,
                };
                series.set(Column::Stream(channel, measure), value);
            }
        }
        for column in [Column::CpuZoomMin, Column::CpuZoomAvg, Column::CpuZoomMax, Column::CpuSystemMax] {
            series.set(column, chance.below(100) as f64);
        }
        if person.is_multiple_of(3) {
            series.set(Column::RssiAvg, -40.0 - chance.below(45) as f64);
        }
        series.set_word(Column::PressureAvg, "normal");
    }
    series
}

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
