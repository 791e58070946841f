//! Campus days with everything that goes wrong, collected from any hour on: complete to the last row.

use jiff::civil::date;
use rollbook_sim::Options;

use crate::play::{LATER, Scene, play};
use crate::worlds;

fn check(seeds: std::ops::RangeInclusive<u64>) {
    let mut bad = Vec::new();
    for seed in seeds {
        let scene = worlds::campus(seed, 60);
        if let Some(complaint) = play(&scene).complaint() {
            bad.push(format!("seed {seed}: {complaint}"));
        }
    }
    assert!(bad.is_empty(), "{} days failed: {}", bad.len(), bad.join("\n"));
}

#[test]
fn a_plain_day_is_complete_at_the_least_price() {
    let played = play(&Scene::new(Options::plain(1, date(2026, 10, 5), 50, 20), LATER));
    played.expect_perfect("plain day");
    assert_eq!(played.verdict.verified, 50);
    // Three lists and 50 participants lists.
    assert_eq!(played.stats.calls, 3 + 50, "{:#?}", played.stats);
}

#[test]
fn campus_days_are_complete_1() {
    check(1..=50);
}

#[test]
fn campus_days_are_complete_2() {
    check(51..=100);
}

#[test]
fn campus_days_are_complete_3() {
    check(101..=150);
}

#[test]
fn campus_days_are_complete_4() {
    check(151..=200);
}
