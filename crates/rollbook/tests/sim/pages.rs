//! Long lists: page tokens that die in the middle, rows that move, pages smaller than asked for.

use jiff::civil::date;
use rollbook_sim::{Faults, Options, People};

use crate::play::{EVENING, LATER, MORNING, Scene, play};

fn large(seed: u64) -> Options {
    let mut options = Options::campus(seed, date(2026, 10, 5), 8);
    options.people = People::Exactly(750);
    options.one_person = 0;
    options.neighbours = 1;
    options.faults = Faults::none();
    options.zoom.other_apps = rollbook_sim::OtherApps::default();
    options
}

#[test]
fn large_meetings_are_whole_although_pages_die_and_rows_move() {
    for (seed, breakouts, begin) in
        [(1, false, MORNING), (2, true, MORNING), (3, true, EVENING), (4, false, LATER)]
    {
        let mut options = large(seed);
        options.faults.small_pages = true;
        options.faults.dead_page_tokens = 0.1;
        options.faults.moving_rows = 0.5;
        options.faults.late_data = true;
        options.faults.growing = 1.0;
        options.faults.refused_mid_list = 0.05;
        let scene = Scene { breakouts, ..Scene::new(options, begin) };
        let played = play(&scene);
        played.expect_perfect(&format!("seed {seed}"));
        assert!(played.verdict.stays > 6_000, "{}", played.verdict.stays);
    }
}

#[test]
fn a_list_of_meetings_of_many_pages_is_whole() {
    let mut options = Options::campus(5, date(2026, 10, 5), 700);
    options.people = People::Exactly(2);
    options.faults = Faults::none();
    options.faults.dead_page_tokens = 0.3;
    options.faults.moving_rows = 0.5;
    options.faults.late_listing = 0.3;
    options.zoom.other_apps = rollbook_sim::OtherApps::default();
    for begin in [EVENING, LATER] {
        play(&Scene::new(options.clone(), begin)).expect_perfect(&format!("{begin:?}"));
    }
    let pro = options.on_plan(rollbook_sim::Plan::Pro);
    play(&Scene::new(pro, EVENING)).expect_perfect("on Pro");
}
