//! The running day: live meetings become ended ones, midnight is crossed, and rooms are used by many in turn.

use rollbook_sim::OtherApps;

use crate::play::{Hours, Scene, play};
use crate::worlds;

fn scene(seed: u64, hour: f64) -> Scene {
    let mut scene = worlds::campus(seed, 40);
    scene.options.zoom.other_apps = OtherApps::default();
    scene.options.mix.over_midnight = 0.3;
    scene.options.mix.personal_rooms = 0.3;
    scene.options.mix.webinars = 0.2;
    scene.options.one_person = 6;
    scene.options.neighbours = 20;
    scene.begin = Hours(hour);
    scene
}

#[test]
fn a_day_begun_at_any_hour_is_complete_in_the_end() {
    for (seed, hour) in (700..730)
        .zip([0.0, 7.5, 9.1, 10.4, 11.9, 13.2, 15.0, 17.7, 19.9, 22.9, 23.7, 23.99].into_iter().cycle())
    {
        play(&scene(seed, hour)).expect_perfect(&format!("seed {seed} from {hour}"));
    }
}

#[test]
fn several_days_are_listed_together() {
    for seed in 730..736 {
        let mut scene = scene(seed, 20.0 + 24.0 * (seed % 4) as f64);
        scene.options.days = 3;
        scene.days = 3;
        scene.options.meetings = 15;
        play(&scene).expect_perfect(&format!("seed {seed}"));
    }
}
