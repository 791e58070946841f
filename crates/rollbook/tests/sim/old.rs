//! Days long past: what Zoom still tells is collected, what it no longer tells is closed with that reason.

use jiff::civil::date;
use rollbook::collector::Ending;
use rollbook_sim::{Faults, Options, OtherApps, Plan};

use crate::play::{Hours, Scene, play};

fn scene(days_ago: f64) -> Scene {
    let mut options = Options::campus(6, date(2026, 3, 2), 20);
    options.one_person = 3;
    options.faults = Faults::none();
    options.zoom.other_apps = OtherApps::default();
    Scene::new(options, Hours(days_ago * 24.0 + 5.0))
}

#[test]
fn a_day_five_months_old_is_complete() {
    for plan in [Plan::Business, Plan::Pro] {
        let mut scene = scene(150.0);
        scene.options = scene.options.on_plan(plan);
        play(&scene).expect_perfect("five months ago");
    }
}

#[test]
fn a_day_too_old_to_be_listed_says_so_and_holds_up_nobody() {
    let mut scene = scene(186.0);
    // The first of these days is beyond Zoom's six months, the last is not.
    scene.options.days = 12;
    scene.options.meetings = 5;
    scene.options.one_person = 1;
    scene.days = 12;
    let played = play(&scene);
    assert_eq!(played.ending, Ending::Done, "{:?}", played.failure);
    assert!(played.verdict.verified >= 10, "{:#?}", played.verdict);
    assert!(
        played.verdict.open.is_empty() && played.verdict.extra.is_empty() && played.verdict.wrong.is_empty()
    );
    let listings =
        played.store.listings("default", rollbook::collector::window_of(&scene.windows()).unwrap());
    let closed: Vec<String> = listings.unwrap().into_iter().filter_map(|(_, _, reason)| reason).collect();
    assert!(!closed.is_empty() && closed.iter().all(|reason| reason.contains("six months")), "{closed:?}");
}
