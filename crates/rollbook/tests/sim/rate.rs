//! The allowed rate is used, and never more than that.

use jiff::civil::date;
use rollbook_sim::{Label, Options, Per, Window};

use crate::play::{LATER, Played, Scene, play};

fn crowded(seed: u64, meetings: u32, latency_ms: u64, jitter_ms: u64) -> Scene {
    let mut options = Options::plain(seed, date(2026, 10, 5), meetings, 20);
    options.zoom.window = Window::Both;
    options.zoom.refused_calls_count = true;
    options.zoom.latency_ms = latency_ms;
    options.zoom.jitter_ms = jitter_ms;
    Scene::new(options, LATER)
}

fn most_in_a_second(played: &Played) -> u64 {
    let medium = |limit: &&rollbook_sim::LimitUse| limit.label == Label::Medium && limit.per == Per::Second;
    played.stats.limits.iter().find(medium).unwrap().max_sliding
}

#[test]
fn a_crowded_day_takes_as_long_as_the_limits_make_it() {
    let played = play(&crowded(1, 1_500, 60, 20));
    played.expect_perfect("1,500 meetings");
    let medium = played.stats.by_label[&Label::Medium];
    assert_eq!(medium, 1_500);
    // The first windowful leaves at once; the rest follows at 60 a second.
    let least = (1_500.0 - 60.0) / 60.0;
    let took = played.took.as_secs_f64();
    assert!(took <= 1.08 * 1_500.0 / 60.0, "{took} s, {least} s at the least");
    let rate = (1_500.0 - 60.0) / took;
    assert!(rate >= 0.95 * 60.0, "{rate:.1} calls a second");
    assert!(most_in_a_second(&played) <= 60);
}

#[test]
fn more_jitter_makes_it_slower_and_never_refused() {
    for jitter in [50, 200, 800] {
        let played = play(&crowded(2, 400, 60, jitter));
        played.expect_perfect(&format!("{jitter} ms of jitter"));
        assert!(most_in_a_second(&played) <= 60, "{jitter} ms");
    }
}
