//! The process dies at any moment and its successor goes on from the file: the same rows, hardly a call more.

use rollbook_sim::OtherApps;

use crate::play::{EVENING, Kill, LATER, MORNING, Scene, play};
use crate::worlds::{self, Dice};

/// A world without trouble on the way, so that calls can be counted; data defects and all.
fn steady(seed: u64, meetings_max: u32) -> Scene {
    let mut scene = worlds::campus(seed, meetings_max);
    scene.options.zoom.other_apps = OtherApps::default();
    let faults = &mut scene.options.faults;
    for share in [
        &mut faults.resets,
        &mut faults.server_errors,
        &mut faults.slow_answers,
        &mut faults.truncated,
        &mut faults.trailing_text,
        &mut faults.errors_in_ok,
        &mut faults.refused_mid_list,
        &mut faults.dead_page_tokens,
        &mut faults.moving_rows,
        &mut faults.early_token_death,
        &mut faults.token_resets,
    ] {
        *share = 0.0;
    }
    scene
}

#[test]
fn what_a_kill_costs_is_the_calls_on_their_way() {
    for seed in 400..430 {
        let dice = Dice::of(seed ^ 0x6b69);
        let whole = Scene { begin: LATER, ..steady(seed, 60) };
        let unkilled = play(&whole);
        unkilled.expect_perfect(&format!("seed {seed}"));
        let most = unkilled.stats.calls as i64;
        let kills = (0..4)
            .map(|life| match dice.hit(&format!("kind {life}"), 0.5) {
                true => Kill::Answers(dice.between(&format!("answers {life}"), 1, most / 3 + 1) as u64),
                false => Kill::Millis(dice.between(&format!("millis {life}"), 0, 1_500) as u64),
            })
            .collect();
        let killed = play(&Scene { kills, ..whole.clone() });
        killed.expect_perfect(&format!("seed {seed} killed"));
        let window = whole.windows()[0];
        assert_eq!(killed.rows(window), unkilled.rows(window), "seed {seed}");
        let repeated: u64 = killed.in_flight_at_kills.iter().sum();
        assert!(
            killed.stats.calls <= unkilled.stats.calls + repeated,
            "seed {seed}: {} calls, {} unkilled, {:?} on their way at the kills",
            killed.stats.calls,
            unkilled.stats.calls,
            killed.in_flight_at_kills
        );
    }
}

#[test]
fn killed_at_any_call_the_rows_are_the_same() {
    // Every answer is once the last one of its life.
    let whole = Scene { begin: LATER, ..steady(440, 24) };
    let unkilled = play(&whole);
    let window = whole.windows()[0];
    for answers in 1..=unkilled.stats.calls {
        let killed = play(&Scene { kills: vec![Kill::Answers(answers)], ..whole.clone() });
        killed.expect_perfect(&format!("killed after {answers}"));
        assert_eq!(killed.rows(window), unkilled.rows(window), "killed after {answers}");
    }
}

#[test]
fn killed_in_the_worst_of_weeks_nothing_is_lost() {
    for seed in 500..540 {
        let dice = Dice::of(seed ^ 0x6b69);
        let mut scene = worlds::any_plan(seed, 40);
        scene.begin = dice.pick("begin", &[EVENING, MORNING, scene.begin]);
        scene.kills = worlds::kills(&dice);
        play(&scene).expect_perfect(&format!("seed {seed} killed {:?}", scene.kills));
    }
}
