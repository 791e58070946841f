//! Reading one person's hour and one meeting's heat table out of a large store.

use std::time::{Duration, Instant};

use rollbook_core::quality::assess::minute_grades;
use rollbook_store::{Mode, Store};

use crate::campus::{MINUTES, Stay, name, settled_bytes, stays, store};
use crate::line::{Dice, Kind};

/// People of each instance; every hundredth has as many as a heat table shows.
const PEOPLE: u64 = 20;
const CROWD: u64 = 300;
/// Different series; larger stores hold them several times, under other names.
const POOL: usize = 4_000;
/// Questions for a figure.
const LOOKS: usize = 200;

pub fn run(samples: u64) {
    println!("## A store of {samples} samples");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.db");
    // 99 instances of PEOPLE and one of CROWD.
    let instances = (samples / MINUTES as u64 * 100).div_ceil(99 * PEOPLE + CROWD);
    let (mut large, ids) = store(&path, instances);
    let began = Instant::now();
    let stays = fill(&mut large, &ids);
    let bytes = settled_bytes(&path) as f64;
    println!(
        "  filled: {} instances, {stays} stays, {:.2} GB ({:.1} bytes a sample), {:.0} s",
        ids.len(),
        bytes / 1e9,
        bytes / (stays * MINUTES as u64) as f64,
        began.elapsed().as_secs_f64()
    );
    drop(large);
    looks(&Store::open(&path, Mode::Read).unwrap(), &ids);
    let mut large = Store::open(&path, Mode::Write).unwrap();
    let began = Instant::now();
    let gone =
        large.prune_samples(crate::campus::start() + jiff::SignedDuration::from_hours(2), 1_000).unwrap();
    println!("  {gone} oldest blocks forgotten in one step: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
}

fn fill(large: &mut Store, ids: &[i64]) -> u64 {
    let mut dice = Dice(11);
    let mut pool: Vec<Stay> = stays(Kind::Mixed, POOL / 2);
    pool.extend(stays(Kind::Full, POOL / 2));
    let mut kept = 0;
    for (place, id) in ids.iter().enumerate() {
        let people = if is_crowd(place) { CROWD } else { PEOPLE };
        large
            .atomically(|store| {
                for _ in 0..people {
                    let (row, quality) = &mut pool[dice.below(POOL as u64) as usize];
                    name(&mut dice, row);
                    store.put_quality_row(*id, row, quality)?;
                }
                Ok(())
            })
            .unwrap();
        kept += people;
    }
    kept
}

fn is_crowd(place: usize) -> bool {
    place % 100 == 50
}

fn looks(store: &Store, ids: &[i64]) {
    let mut dice = Dice(13);
    let crowds: Vec<i64> =
        ids.iter().enumerate().filter(|(place, _)| is_crowd(*place)).map(|(_, id)| *id).collect();
    let some = |of: &[i64], dice: &mut Dice| of[dice.below(of.len() as u64) as usize];
    let mut people = Vec::new();
    for _ in 0..LOOKS {
        let id = some(ids, &mut dice);
        let rows = store.quality_rows(id).unwrap();
        let (row, _) = &rows[dice.below(rows.len() as u64) as usize];
        people.push((id, row.user_id.clone(), row.joined_at));
    }
    // Another process, so that nothing is in its cache.
    timed(
        "one person's hour",
        people.iter().map(|(id, user_id, joined_at)| {
            let began = Instant::now();
            let row = store.quality_row(*id, user_id, *joined_at).unwrap().unwrap();
            assert_eq!(row.series.len(), MINUTES);
            began.elapsed()
        }),
    );
    timed(
        "one meeting's summaries, 300 people",
        (0..LOOKS).map(|_| {
            let id = some(&crowds, &mut dice);
            let began = Instant::now();
            assert_eq!(store.quality_rows(id).unwrap().len() as u64, CROWD);
            began.elapsed()
        }),
    );
    timed(
        "one meeting's samples, 300 people of 60 minutes",
        (0..LOOKS).map(|_| {
            let id = some(&crowds, &mut dice);
            let began = Instant::now();
            assert_eq!(store.quality_with_samples(id).unwrap().len() as u64, CROWD);
            began.elapsed()
        }),
    );
    timed(
        "one meeting's heat table, grades included",
        (0..LOOKS).map(|_| {
            let id = some(&crowds, &mut dice);
            let began = Instant::now();
            let rows = store.quality_with_samples(id).unwrap();
            let cells: usize = rows.iter().map(|(row, _)| minute_grades(&row.series).len()).sum();
            assert_eq!(cells as u64, CROWD * MINUTES as u64);
            began.elapsed()
        }),
    );
}

fn timed(name: &str, times: impl Iterator<Item = Duration>) {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(share * (times.len() - 1) as f64) as usize];
    println!("  {name:<50} median {:>8.3} ms, 99 of 100 within {:>8.3} ms", at(0.5), at(0.99));
}
