//! Bytes a sample, and samples kept and read a second beside a bare insert of blobs of the same size.

use std::path::Path;
use std::time::Instant;

use rollbook_core::quality::{QualityOutcome, QualityReading};
use rollbook_store::{QualityStanding, QualityState, Store};

use crate::campus::{MINUTES, Stay, settled_bytes, start, stays, store};
use crate::line::Kind;

/// Stays kept for a figure; ten make a page of Zoom's, and one transaction.
const STAYS: usize = 8_000;
const PAGE: usize = 10;
/// Stays of one instance.
const PEOPLE: usize = 20;

/// The aim: four times what 40 Heavy calls a second can deliver.
const WANTED: f64 = 96_000.0;

pub fn run() {
    println!("## Call quality kept: stays of {MINUTES} samples, {PAGE} to a transaction");
    for (kind, name) in [
        (Kind::Full, "six streams all the time, processor, radio (45 figures)"),
        (Kind::Mixed, "streams that come and go, phones, half without radio"),
        (Kind::Noise, "worst case: 45 figures of noise"),
    ] {
        println!("  {name}");
        let folder = tempfile::tempdir().unwrap();
        one(folder.path(), &stays(kind, STAYS));
    }
}

fn one(folder: &Path, stays: &[Stay]) {
    let path = folder.join("kept.db");
    let (mut store, instances) = store(&path, (STAYS / PEOPLE) as u64);
    let before = settled_bytes(&path);
    let samples = (stays.len() * MINUTES) as f64;
    let rate = |name: &str, work: &mut dyn FnMut()| {
        let began = Instant::now();
        work();
        let rate = samples / began.elapsed().as_secs_f64();
        println!("    {name:<58} {rate:>12.0} samples a second");
        rate
    };
    let kept = rate("encoded and kept: summary, block, reading, standing", &mut || {
        keep(&mut store, &instances, stays)
    });
    let sizes = sizes(&path);
    let bare = rate("bare database: blobs of the same size", &mut || bare(&folder.join("bare.db"), &sizes));
    println!("    {:<58} {:>12.2}", "ratio to the bare database", kept / bare);
    println!("    {:<58} {:>12.2}", format!("ratio to the aim of {WANTED} a second"), kept / WANTED);
    rate("read and decoded, an instance at a time", &mut || {
        let read: usize = instances
            .iter()
            .map(|id| {
                store
                    .quality_with_samples(*id)
                    .unwrap()
                    .iter()
                    .map(|(row, _)| row.series.len())
                    .sum::<usize>()
            })
            .sum();
        assert_eq!(read, stays.len() * MINUTES);
    });
    let bytes = (settled_bytes(&path) - before) as f64 / samples;
    let block = sizes.iter().sum::<usize>() as f64 / samples;
    println!("    {:<58} {bytes:>12.1} bytes a sample (aim 40)", "the file, all in");
    println!("    {:<58} {block:>12.1} bytes a sample", "the blocks themselves");
}

/// With all that goes with it: a reading, and where the instance stands.
fn keep(store: &mut Store, instances: &[i64], stays: &[Stay]) {
    let run = store.start_run(start(), "sync").unwrap();
    for (instance, stays) in instances.iter().zip(stays.chunks(PEOPLE)) {
        for page in stays.chunks(PAGE) {
            let put = |store: &mut Store| {
                page.iter().try_for_each(|(row, quality)| store.put_quality_row(*instance, row, quality))
            };
            store.atomically(put).unwrap();
        }
        store.atomically(|store| finish(store, *instance, run)).unwrap();
    }
}

fn finish(store: &mut Store, instance: i64, run: i64) -> rollbook_store::Result<()> {
    let (rows, samples) = (PEOPLE as u32, (PEOPLE * MINUTES) as u64);
    let outcome = QualityOutcome::Rows { rows, samples, odd: 0, strangers: 0 };
    let reading = QualityReading { asked_at: start(), participant: None, while_live: false, outcome };
    store.add_quality_reading(instance, run, rows / PAGE as u32, &reading)?;
    let standing = QualityStanding {
        state: QualityState::Complete,
        wanted_because: Some("policy all".into()),
        reason: Some(format!("all of {rows} stays told, the list read 6 h 4 min after the end")),
        next_look_at: None,
        stays: rows,
        told_stays: rows,
        samples,
        score: Some(87.654_321),
        bad_share: Some(0.012_345),
    };
    store.put_quality_state(start(), instance, &standing)
}

fn sizes(path: &Path) -> Vec<usize> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement =
        connection.prepare("select length(block) from quality_samples order by quality_id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn bare(path: &Path, sizes: &[usize]) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = normal;
             create table bare (id integer primary key, block blob not null)",
        )
        .unwrap();
    let blob = vec![0xa5_u8; sizes.iter().copied().max().unwrap_or(0)];
    for page in sizes.chunks(PAGE) {
        let transaction = connection.transaction().unwrap();
        for size in page {
            let mut insert = transaction.prepare_cached("insert into bare (block) values (?1)").unwrap();
            insert.execute([&blob[..*size]]).unwrap();
        }
        transaction.commit().unwrap();
    }
}
