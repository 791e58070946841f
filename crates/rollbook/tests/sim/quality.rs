//! Call quality of whole days: every sample that Zoom ever tells, gaps as gaps, inside the same limits.

use jiff::civil::date;
use rollbook::collector::{Ending, Wait};
use rollbook::simulation::least::least_quality_calls;
use rollbook_core::quality::policy::Policy;
use rollbook_sim::{Options, Plan};
use rollbook_store::{InstanceFilter, QualityState};

use crate::play::{Kill, LATER, MORNING, Played, Scene, play};
use crate::worlds;

fn plain(meetings: u32, people: u32) -> Scene {
    Scene {
        quality: Policy::All,
        ..Scene::new(Options::plain(1, date(2026, 10, 5), meetings, people), LATER)
    }
}

/// Every sample of a day, figure by figure, in a form that can be compared between runs.
fn samples(played: &Played) -> Vec<String> {
    let mut all = Vec::new();
    played
        .store
        .each_instance(&InstanceFilter::default(), |record| -> rollbook_store::Result<()> {
            for (row, quality) in played.store.quality_with_samples(record.id)? {
                all.push(format!(
                    "{} {} {:?} {quality:?} {row:?}",
                    record.instance.uuid, row.user_id, row.joined_at
                ));
            }
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn a_plain_day_costs_one_call_for_ten_people() {
    for (people, pages) in [(9, 1), (10, 1), (11, 2), (20, 2), (35, 4)] {
        let scene = plain(20, people);
        let played = play(&scene);
        played.expect_perfect(&format!("{people} people"));
        assert_eq!(played.quality.complete, 20);
        assert!(played.quality.samples > 20 * u64::from(people), "{}", played.quality.samples);
        assert_eq!(played.stats.calls, 3 + 20 + 20 * pages, "{people} people: {:#?}", played.stats);
        let least = least_quality_calls(&played.stage.sim.truth(), scene.windows()[0]);
        assert_eq!(least, 20 * pages);
    }
}

#[test]
fn campus_days_with_every_fault_lack_no_sample() {
    let mut bad = Vec::new();
    for seed in 5_000..5_012 {
        let scene = Scene { quality: Policy::All, ..worlds::campus(seed, 20) };
        let played = play(&scene);
        if let Some(complaint) = played.complaint() {
            bad.push(format!("seed {seed}: {complaint}"));
        }
    }
    assert!(bad.is_empty(), "{} days failed: {}", bad.len(), bad.join("\n"));
}

#[test]
fn killed_at_any_call_the_samples_are_the_same() {
    let whole = plain(4, 23);
    let unkilled = play(&whole);
    unkilled.expect_perfect("not killed");
    let expected = samples(&unkilled);
    for answers in 1..=unkilled.stats.calls {
        let killed = play(&Scene { kills: vec![Kill::Answers(answers)], ..whole.clone() });
        killed.expect_perfect(&format!("killed after {answers}"));
        assert_eq!(samples(&killed), expected, "killed after {answers}");
        // What was half read goes on where it was: only the calls on their way were paid for in vain.
        let repeated: u64 = killed.in_flight_at_kills.iter().sum();
        assert!(
            killed.stats.calls <= unkilled.stats.calls + repeated,
            "killed after {answers}: {} calls, {} unkilled, {repeated} on their way",
            killed.stats.calls,
            unkilled.stats.calls
        );
    }
}

#[test]
fn what_does_not_fit_the_day_waits_for_the_reset_and_attendance_does_not() {
    let mut scene = plain(40, 20);
    scene.limits = "heavy_day=60".to_owned();
    scene.reserve = 0.0;
    scene.wait = Wait::AtMost(jiff::SignedDuration::from_mins(2));
    let stopped = play(&scene);
    assert!(matches!(stopped.ending, Ending::BudgetGone { .. }), "{:?}", stopped.ending);
    assert!(stopped.verdict.is_perfect(), "{:#?}", stopped.verdict);
    assert_eq!(stopped.verdict.verified, 40);
    // What is under way when the day is gone stays half read.
    assert!((10..=30).contains(&stopped.quality.complete), "{}", stopped.quality.complete);
    assert_eq!(stopped.quality.open.len(), 40 - stopped.quality.complete);
    // The three list calls draw on the same allowance.
    assert_eq!(stopped.stats.calls, 40 + 60);
    // The next day it goes on, and begins again what was half read: its page tokens have died (quirk 45).
    scene.wait = Wait::UntilDone;
    let done = play(&scene);
    done.expect_perfect("until done");
    assert_eq!(done.quality.complete, 40);
    let half_read = 57 - 2 * stopped.quality.complete as u64;
    assert_eq!(done.stats.calls, 3 + 40 + 80 + half_read);
}

#[test]
fn policies_choose() {
    let of = |policy: &str| {
        let played = play(&Scene { quality: policy.parse().unwrap(), ..worlds::campus(5_100, 30) });
        played.expect_perfect(policy);
        played.quality.complete + played.quality.closed
    };
    let (none, all) = (of("none"), of("all"));
    assert_eq!(none, 0);
    let (large, sample) = (of("large:10"), of("sample:0.3"));
    assert!(0 < large && large < all, "{large} of {all}");
    assert!(0 < sample && sample < all / 2, "{sample} of {all}");
}

#[test]
fn flagged_goes_by_quality_words_where_the_account_sends_them() {
    let of = |words: bool| {
        let mut scene = Scene { quality: Policy::Flagged, ..worlds::campus(5_101, 30) };
        scene.options.zoom.quality_words = words;
        scene.options.mix.troubled_lines = 0.8;
        let played = play(&scene);
        played.expect_perfect("flagged");
        played.quality.instances
    };
    assert_eq!(of(false), 0);
    assert!(of(true) > 0);
}

#[test]
fn a_plan_without_dashboards_closes_call_quality_with_the_reason() {
    let scene = Scene {
        quality: Policy::All,
        ..Scene::new(Options::plain(3, date(2026, 10, 5), 10, 5).on_plan(Plan::Pro), LATER)
    };
    let played = play(&scene);
    played.expect_perfect("pro");
    assert_eq!((played.quality.closed, played.quality.complete), (10, 0));
    let filter = InstanceFilter::default();
    for record in played.store.instances(&filter, 100).unwrap() {
        let ledger = played.store.quality_state(record.id).unwrap().unwrap().standing;
        assert_eq!(ledger.state, QualityState::Closed);
        assert!(ledger.reason.unwrap().contains("dashboards"));
    }
}

#[test]
fn a_missing_scope_closes_call_quality_alone() {
    let mut scene = plain(10, 5);
    scene.options.credentials.scopes =
        "dashboard:read:list_meetings:admin dashboard:read:list_webinars:admin \
        meeting:read:list_past_participants:admin webinar:read:list_past_participants:admin \
        meeting:read:past_meeting:admin dashboard:read:list_meeting_participants:admin"
            .to_owned();
    let played = play(&scene);
    assert!(played.verdict.is_perfect(), "{:#?}", played.verdict);
    assert_eq!(played.verdict.verified, 10);
    assert_eq!(played.quality.closed, 10, "{:#?}", played.quality);
}

#[test]
fn a_policy_set_later_fetches_what_is_settled_already() {
    let scene = Scene { begin: MORNING, ..plain(8, 12) };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    let first = crate::play::play_with(&Scene { quality: Policy::None, ..scene.clone() }, Some(&path));
    assert_eq!(first.quality.instances, 0);
    drop(first);
    let later = crate::play::play_with(&Scene { begin: LATER, ..scene }, Some(&path));
    later.expect_perfect("policy all");
    assert_eq!(later.quality.complete, 8);
    // The lists are settled; each of the two lives has counters of its own.
    assert_eq!(later.stats.calls, 16, "{:#?}", later.stats);
}
