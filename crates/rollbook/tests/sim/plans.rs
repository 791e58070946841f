//! Plans, scopes and settings: what can be collected is, and what cannot says why.

use jiff::civil::date;
use rollbook::collector::Ending;
use rollbook_sim::{Faults, Options, OtherApps, Plan};
use rollbook_store::{InstanceFilter, State};

use crate::play::{LATER, MORNING, Played, Scene, play};

/// Every scope a token can have but those that begin with one of these.
fn scopes_without(missing: &[&str]) -> String {
    const ALL: &[&str] = &[
        "dashboard_meetings:read:admin",
        "dashboard_webinars:read:admin",
        "report:read:admin",
        "meeting:read:admin",
        "webinar:read:admin",
        "user:read:admin",
        "account:read:admin",
    ];
    let kept = ALL.iter().filter(|scope| !missing.iter().any(|start| scope.starts_with(start)));
    kept.copied().collect::<Vec<_>>().join(" ")
}

fn options(seed: u64) -> Options {
    let mut options = Options::campus(seed, date(2026, 10, 5), 40);
    options.one_person = 6;
    options.mix.webinars = 0.15;
    options.faults.errors_in_ok = 0.0;
    options.zoom.other_apps = OtherApps::default();
    options
}

/// Reasons of all closed instances of the day.
fn reasons(played: &Played, scene: &Scene) -> Vec<String> {
    let filter = InstanceFilter { window: Some(scene.windows()[0]), ..InstanceFilter::default() };
    let mut reasons = Vec::new();
    played
        .store
        .each_instance(&filter, |record| -> rollbook_store::Result<()> {
            if record.state == State::Closed {
                reasons.push(record.reason.unwrap_or_default());
            }
            Ok(())
        })
        .unwrap();
    reasons
}

fn asked(played: &Played, part: &str) -> u64 {
    played.stats.by_operation.iter().filter(|(path, _)| path.contains(part)).map(|(_, calls)| calls).sum()
}

#[test]
fn pro_takes_the_history_report_and_tells_why_one_person_runs_are_closed() {
    for seed in 1..=10 {
        let scene = Scene::new(options(seed).on_plan(Plan::Pro), MORNING);
        let played = play(&scene);
        played.expect_perfect(&format!("seed {seed}"));
        assert_eq!(asked(&played, "/metrics/"), 0);
        assert!(asked(&played, "/report/history_meetings") > 0);
        assert_eq!(played.verdict.unobtainable, 6, "seed {seed}");
        for reason in reasons(&played, &scene) {
            assert!(reason.contains("pro") || reason.contains("no participants"), "seed {seed}: {reason}");
        }
    }
}

#[test]
fn pro_collects_one_person_runs_where_the_account_shows_them() {
    for seed in 1..=5 {
        let mut options = options(seed).on_plan(Plan::Pro);
        options.zoom.one_person_in_past = true;
        let played = play(&Scene::new(options, MORNING));
        played.expect_perfect(&format!("seed {seed}"));
        assert_eq!(played.verdict.unobtainable, 0, "seed {seed}");
    }
}

#[test]
fn without_the_history_report_hosts_are_listed_one_by_one() {
    for seed in 1..=5 {
        let mut options = options(seed).on_plan(Plan::Pro);
        options.credentials.scopes =
            "report:read:list_meeting_participants:admin report:read:list_users:admin report:read:user_meetings:admin report:read:user:admin report:read:list_webinar_participants:admin report:read:webinar:admin report:read:meeting:admin meeting:read:admin webinar:read:admin user:read:admin".into();
        let scene = Scene::new(options, LATER);
        let played = play(&scene);
        played.expect_perfect(&format!("seed {seed}"));
        assert!(asked(&played, "/report/users/{userId}/meetings") > 0, "{:#?}", played.stats.by_operation);
        assert_eq!(asked(&played, "/report/history_meetings"), 1);
    }
}

#[test]
fn free_collects_nothing_says_why_and_asks_nothing() {
    let played = play(&Scene::new(options(1).on_plan(Plan::Free), MORNING));
    assert_eq!(played.ending, Ending::Failed);
    let failure = played.failure.unwrap();
    assert!(failure.contains("plan free"), "{failure}");
    assert_eq!(played.stats.calls, 0);
}

#[test]
fn business_without_dashboards_falls_back_to_reports() {
    for seed in 1..=10 {
        let mut options = options(seed);
        options.zoom.dashboards = false;
        let scene = Scene::new(options, MORNING);
        let played = play(&scene);
        played.expect_perfect(&format!("seed {seed}"));
        assert!(asked(&played, "/metrics/") <= 3, "{:#?}", played.stats.by_operation);
        for reason in reasons(&played, &scene) {
            assert!(
                reason.contains("Dashboard") || reason.contains("no participants"),
                "seed {seed}: {reason}"
            );
        }
    }
}

#[test]
fn without_the_scope_for_past_meetings_reports_tell_who_was_there() {
    let mut options = options(1);
    options.faults = Faults::none();
    options.credentials.scopes = scopes_without(&["meeting:", "webinar:"]);
    let played = play(&Scene::new(options, MORNING));
    played.expect_perfect("no past meetings");
    assert!(asked(&played, "/report/meetings/{meetingId}/participants") >= 20);
    assert!(asked(&played, "/past_meetings/") <= 64, "{:#?}", played.stats.by_operation);
}

#[test]
fn without_the_scope_for_reports_the_rest_is_enough() {
    let mut options = options(2);
    options.faults = Faults::none();
    options.faults.wrong_count = 0.3;
    options.credentials.scopes = scopes_without(&["report:"]);
    play(&Scene::new(options, MORNING)).expect_perfect("no reports");
}

#[test]
fn without_the_scope_for_dashboards_reports_list_the_day() {
    for status in [400, 401] {
        let mut options = options(3);
        options.zoom.scope_status = status;
        options.credentials.scopes = scopes_without(&["dashboard"]);
        let scene = Scene::new(options, MORNING);
        let played = play(&scene);
        assert_eq!(played.ending, Ending::Done);
        // The truth knows plans and settings, not scopes: to it dashboards could tell one-person runs.
        assert_eq!(played.verdict.closed.len(), 6, "{:#?}", played.verdict);
        assert!(played.verdict.closed.iter().all(|closed| closed.contains("scope")), "{:#?}", played.verdict);
        assert!(played.verdict.open.is_empty() && played.verdict.extra.is_empty());
        assert_eq!(played.verdict.missing.len(), 6, "{:#?}", played.verdict);
    }
}

#[test]
fn without_the_scope_for_webinars_meetings_are_collected_all_the_same() {
    for seed in 1..=20 {
        let mut options = options(seed);
        options.faults = Faults::none();
        options.zoom.jitter_ms = 80;
        options.credentials.scopes = scopes_without(&["dashboard_webinars"]);
        let played = play(&Scene::new(options, LATER));
        assert_eq!(played.ending, Ending::Done);
        let verdict = &played.verdict;
        assert!(verdict.closed.is_empty() && verdict.extra.is_empty() && verdict.wrong.is_empty());
        // Only webinars are not known at all.
        let truth = played.stage.sim.truth();
        let webinars = truth.instances.iter().filter(|real| real.kind == rollbook_sim::Kind::Webinar);
        let webinars: Vec<&str> = webinars.map(|real| real.uuid.as_str()).collect();
        for missing in &verdict.missing {
            assert!(webinars.iter().any(|uuid| missing.contains(uuid)), "seed {seed}: {missing}");
        }
    }
}

#[test]
fn breakout_rooms_are_told_apart_where_wanted() {
    let mut options = options(4);
    options.mix.breakouts = 1.0;
    options.faults = Faults::none();
    let scene = Scene { breakouts: true, ..Scene::new(options, MORNING) };
    let played = play(&scene);
    played.expect_perfect("breakouts");
    let filter = InstanceFilter { window: Some(scene.windows()[0]), ..InstanceFilter::default() };
    let (mut yes, mut no, mut unknown) = (0, 0, 0);
    played
        .store
        .each_instance(&filter, |record| -> rollbook_store::Result<()> {
            for stay in played.store.stays(record.id)? {
                match stay.is_breakout {
                    Some(true) => yes += 1,
                    Some(false) => no += 1,
                    None => unknown += 1,
                }
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(unknown, 0);
    assert!(yes > 50 && no > yes, "{yes} {no}");
}
