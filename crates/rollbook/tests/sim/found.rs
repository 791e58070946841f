//! Worlds in which something once went wrong, by what they showed.

use crate::play::play;
use crate::worlds;

fn check(seed: u64) {
    play(&worlds::anything(seed, 60)).expect_perfect(&format!("seed {seed}"));
}

/// The second list of the day brought the count that verified an instance whose report was just being asked for.
#[test]
fn an_answer_that_comes_late_settles_no_other_job() {
    check(10_324);
}

/// Past meetings and report agreed against a wrong count; the one confirmed first was held against the other.
#[test]
fn two_families_that_agree_do_not_stand_in_each_others_way() {
    check(12_316);
    check(13_312);
}

/// A neighbouring day's one-person run that no endpoint ever placed.
#[test]
fn a_run_that_nobody_ever_places_belongs_to_no_day() {
    check(1_378);
}

/// The first token died early, and the next one did not come at once: every call waited for it and failed with it.
#[test]
fn one_failure_to_renew_the_token_counts_once_however_many_calls_waited() {
    check(30_402);
}
