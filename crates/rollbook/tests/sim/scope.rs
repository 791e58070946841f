//! Only what Moodle knows is collected, by its numbers: all of it, nothing else, and for nothing of the daily allowance
//! but the runs of one person.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::date;
use rollbook::config::Scope;
use rollbook_core::instance::Kind;
use rollbook_core::known::KnownNumber;
use rollbook_core::quality::policy::Policy;
use rollbook_sim::{Faults, Options, OtherApps, Plan, TrueInstance, Truth};
use rollbook_store::InstanceFilter;

use crate::play::{EVENING, Hours, LATER, MORNING, Moodle, Played, Scene, play};
use crate::worlds::{self, Dice};

/// How Moodle planned a number: some recur, some are planned for when they were held, some for another month.
fn known(instance: &TrueInstance) -> KnownNumber {
    let start = match instance.id % 4 {
        0 => Some(instance.start),
        1 => Some(instance.start + SignedDuration::from_hours(24 * 40)),
        2 => Some(instance.start - SignedDuration::from_hours(24 * 20)),
        _ => None,
    };
    KnownNumber {
        number: instance.id,
        kind: match instance.kind {
            rollbook_sim::Kind::Meeting => Kind::Meeting,
            rollbook_sim::Kind::Webinar => Kind::Webinar,
        },
        topic: instance.topic.clone(),
        courses: vec![1],
        planned_start: start,
        planned_end: start.map(|start| start + SignedDuration::from_mins(90)),
        is_recurring: start.is_none(),
    }
}

/// A number that Zoom does not know, and was never told to.
fn unknown(number: u64) -> KnownNumber {
    KnownNumber {
        number,
        kind: if number.is_multiple_of(2) { Kind::Meeting } else { Kind::Webinar },
        topic: "Deleted".into(),
        courses: vec![1],
        planned_start: None,
        planned_end: None,
        is_recurring: true,
    }
}

/// Every number that was ever used, and a few that Zoom does not know.
pub fn all(truth: &Truth) -> Vec<KnownNumber> {
    let mut seen = BTreeSet::new();
    let mut numbers: Vec<KnownNumber> =
        truth.instances.iter().filter(|instance| seen.insert(instance.id)).map(known).collect();
    numbers.extend([unknown(1_000_000_001), unknown(1_000_000_002)]);
    numbers
}

/// Two of three numbers.
fn some(truth: &Truth) -> Vec<KnownNumber> {
    all(truth).into_iter().filter(|known| known.number % 3 != 0).collect()
}

fn no_numbers(_: &Truth) -> Vec<KnownNumber> {
    Vec::new()
}

/// Call by call what drew on the daily allowance.
fn heavy(played: &Played) -> u64 {
    let of = |label| played.stats.by_label.get(&label).copied().unwrap_or(0);
    of(rollbook_sim::Label::Heavy) + of(rollbook_sim::Label::ResourceIntensive)
}

/// What Zoom has no cheap answer for stays blank: the host's e-mail of webinars, and of meetings whose details never
/// come. And a webinar's count is in its Heavy report alone, so that past webinars short for ever are not found out.
fn pardon(played: &mut Played, truth: &Truth) {
    played.verdict.wrong.retain(|wrong| !wrong.contains(" host: \"\""));
    let short: BTreeSet<&str> = truth
        .instances
        .iter()
        .filter(|instance| instance.kind == rollbook_sim::Kind::Webinar)
        .filter(|instance| instance.defects.iter().any(|said| said.starts_with("past_meetings shows only")))
        .map(|instance| instance.uuid.as_str())
        .collect();
    played.verdict.missing.retain(|line| !short.iter().any(|uuid| line.starts_with(uuid)));
}

fn scene(options: Options, begin: Hours, moodle: Moodle) -> Scene {
    Scene { moodle: Some(moodle), scope: Scope::Moodle, ..Scene::new(options, begin) }
}

fn check(what: &str, scene: &Scene) -> Played {
    let mut played = play(scene);
    let truth = played.stage.sim.truth();
    pardon(&mut played, &truth);
    if let Some(complaint) = played.complaint() {
        panic!("{what}: {complaint}\n{}", played.explain(&complaint));
    }
    for list in ["GET /metrics/meetings", "GET /metrics/webinars", "GET /report/users"] {
        assert_eq!(played.stats.by_operation.get(list), None, "{what}");
    }
    expect_heavy_only_for_cause(what, scene, &played);
    played
}

/// A Heavy list of an instance has a reason: one person, a family that was not whole when asked, or breakout rooms.
fn expect_heavy_only_for_cause(what: &str, scene: &Scene, played: &Played) {
    if scene.breakouts {
        return;
    }
    let visit = |record: rollbook_store::Record| -> rollbook_store::Result<()> {
        let truth = played.stage.sim.true_instance(&record.instance.uuid).unwrap();
        let readings = played.store.readings(record.id)?;
        let has_cause = truth.people <= 1
            || readings.iter().any(|one| one.family == "past_meetings" && one.outcome["outcome"] != "rows")
            || truth
                .defects
                .iter()
                .any(|said| said.starts_with("past_meetings") || said.contains("participants instead of"));
        let heavy: u32 = readings
            .iter()
            .filter(|reading| matches!(reading.family.as_str(), "report" | "metrics"))
            .map(|reading| reading.calls)
            .sum();
        assert!(heavy == 0 || has_cause, "{what}: {heavy} Heavy calls without a cause: {:?}", truth.defects);
        Ok(())
    };
    played.store.each_instance(&InstanceFilter::default(), visit).unwrap();
}

/// A lively day without any fault.
fn quiet() -> Options {
    let mut options = Options::campus(23, date(2026, 10, 5), 60);
    options.faults = Faults::none();
    options.zoom.other_apps = OtherApps::default();
    options.one_person = 5;
    options
}

/// Runs of one person that are meetings, of the numbers that are known.
fn one_person_meetings(scene: &Scene, played: &Played) -> u64 {
    let truth = scene.truth(&played.stage);
    let window = scene.windows()[0];
    let is_alone = |one: &&TrueInstance| one.people == 1 && one.kind == rollbook_sim::Kind::Meeting;
    truth.instances.iter().filter(|one| window.contains(one.start)).filter(is_alone).count() as u64
}

#[test]
fn only_runs_of_one_person_cost_something_of_the_day() {
    for begin in [EVENING, MORNING, LATER] {
        for moodle in [all as Moodle, some] {
            let mut options = quiet();
            options.mix.webinars = 0.0;
            let scene = scene(options, begin, moodle);
            let played = check(&format!("{begin:?}"), &scene);
            let alone = one_person_meetings(&scene, &played);
            assert!(alone > 0);
            assert_eq!(heavy(&played), alone, "{begin:?}: {:#?}", played.stats);
        }
    }
}

#[test]
fn where_past_meetings_tell_one_person_nothing_of_the_day_is_spent() {
    let mut options = quiet();
    options.zoom.one_person_in_past = true;
    options.mix.webinars = 0.1;
    let played = check("told", &scene(options, MORNING, all));
    assert_eq!(heavy(&played), 0, "{:#?}", played.stats);
}

#[test]
fn webinars_with_an_audience_cost_nothing_of_the_day() {
    let mut options = quiet();
    options.mix.webinars = 0.3;
    options.one_person = 0;
    options.people = rollbook_sim::People::Exactly(8);
    for begin in [EVENING, LATER] {
        let played = check("webinars", &scene(options.clone(), begin, all));
        assert!(played.stats.by_operation["GET /past_webinars/{webinarId}/participants"] > 0);
        assert_eq!(heavy(&played), 0, "{:#?}", played.stats);
    }
}

#[test]
fn breakout_rooms_cost_one_report_for_each_run_of_several() {
    let mut options = quiet();
    options.mix.webinars = 0.0;
    let scene = Scene { breakouts: true, ..scene(options, LATER, all) };
    let played = check("breakouts", &scene);
    assert_eq!(heavy(&played), played.verdict.instances as u64, "{:#?}", played.stats);
}

#[test]
fn a_day_old_day_takes_one_call_a_number_and_two_a_run() {
    let mut options = quiet();
    options.mix.webinars = 0.0;
    options.one_person = 0;
    options.people = rollbook_sim::People::Exactly(8);
    let scene = scene(options, LATER, some);
    let played = check("least", &scene);
    let of = |operation: &str| played.stats.by_operation.get(operation).copied().unwrap_or(0);
    let runs = played.verdict.instances as u64;
    let meetings = some(&played.stage.sim.truth()).iter().filter(|one| one.kind == Kind::Meeting).count();
    assert_eq!(of("GET /past_meetings/{meetingId}/instances"), meetings as u64);
    assert_eq!(of("GET /past_meetings/{meetingId}"), runs);
    assert_eq!(of("GET /past_meetings/{meetingId}/participants"), runs);
}

#[test]
fn a_moodle_without_activities_asks_for_nothing() {
    let played = check("none", &scene(quiet(), MORNING, no_numbers));
    assert_eq!(played.stats.calls, 0);
}

#[test]
fn pro_needs_no_dashboards_for_what_moodle_knows() {
    let mut options = quiet().on_plan(Plan::Pro);
    options.one_person = 0;
    let played = check("pro", &scene(options, MORNING, all));
    assert!(played.verdict.verified > 0);
}

macro_rules! faults {
    ($($test:ident: |$faults:ident| $change:expr,)*) => {$(
        #[test]
        fn $test() {
            let mut options = quiet();
            options.mix.webinars = 0.1;
            let $faults = &mut options.faults;
            $change;
            for begin in [EVENING, MORNING, LATER] {
                check(&format!("{} from {begin:?}", stringify!($test)), &scene(options.clone(), begin, some));
            }
        }
    )*};
}

faults! {
    meetings_told_late: |faults| faults.late_listing = 1.0,
    data_that_come_late: |faults| { faults.late_data = true; faults.growing = 1.0; },
    durations_that_are_zero_at_first: |faults| { faults.late_data = true; faults.zero_duration = 1.0; },
    counts_that_are_wrong_for_ever: |faults| faults.wrong_count = 1.0,
    an_answer_taken_back_for_a_while: |faults| faults.wrong_not_found = 1.0,
    one_family_short_for_ever: |faults| faults.short_forever = 1.0,
    one_family_empty_for_ever: |faults| faults.empty_forever = 1.0,
    one_family_without_the_meeting_for_ever: |faults| faults.missing_forever = 1.0,
    connections_that_break: |faults| { faults.resets = 0.3; faults.server_errors = 0.2; },
    answers_cut_short: |faults| { faults.truncated = 0.3; faults.trailing_text = 1.0; },
    errors_that_say_ok: |faults| faults.errors_in_ok = 0.1,
    access_tokens_that_die_early: |faults| faults.early_token_death = 1.0,
    numbers_that_have_expired: |faults| faults.expired_numbers = 1.0,
}

#[test]
fn in_the_worst_of_weeks_nothing_is_lost_and_nothing_is_extra() {
    for seed in 900..960 {
        let dice = Dice::of(seed ^ 0x5c0e);
        let mut scene = worlds::anything(seed, 40);
        scene.scope = Scope::Moodle;
        scene.moodle = Some(if dice.hit("some", 0.5) { some } else { all });
        if dice.hit("killed too", 0.3) {
            scene.kills = worlds::kills(&dice);
        }
        check(&format!("seed {seed}"), &scene);
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 960..966 {
        let scene = Scene { moodle: Some(all), scope: Scope::Moodle, ..worlds::campus(seed, 40) };
        assert_eq!(play(&scene).digest, play(&scene).digest, "seed {seed}");
    }
}

#[test]
fn call_quality_of_courses_is_that_of_numbers_with_an_activity() {
    for scope in [Scope::Account, Scope::Moodle] {
        let mut options = quiet();
        options.people = rollbook_sim::People::Exactly(4);
        options.meetings = 24;
        options.zoom.headers = rollbook_sim::Headers::None;
        let scene = Scene { quality: Policy::Courses, scope, ..scene(options, LATER, some) };
        let mut played = play(&scene);
        let truth = played.stage.sim.truth();
        pardon(&mut played, &truth);
        played.expect_perfect(scope.name());
        let known: BTreeSet<u64> = some(&truth).into_iter().map(|known| known.number).collect();
        let mut others = 0;
        let visit = |record: rollbook_store::Record| -> rollbook_store::Result<()> {
            let is_known = known.contains(&record.instance.number.unwrap());
            others += u64::from(!is_known);
            assert_eq!(played.store.quality_state(record.id)?.is_some(), is_known, "{record:?}");
            Ok(())
        };
        played.store.each_instance(&InstanceFilter::default(), visit).unwrap();
        assert_eq!(others > 0, scope == Scope::Account);
    }
}

#[test]
fn what_moodle_no_longer_has_is_brought_to_its_end_and_not_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    let evening = scene(quiet(), EVENING, all);
    let wait = rollbook::collector::Wait::AtMost(SignedDuration::from_mins(2));
    let begun = crate::play::play_with(&Scene { wait, ..evening.clone() }, Some(&path));
    assert!(!begun.verdict.open.is_empty());
    drop(begun);
    let gone = Scene { begin: LATER, moodle: Some(no_numbers), ..evening };
    let played = crate::play::play_with(&gone, Some(&path));
    assert_eq!(played.ending, rollbook::collector::Ending::Done);
    let of = |operation: &str| played.stats.by_operation.get(operation).copied().unwrap_or(0);
    assert_eq!(of("GET /past_meetings/{meetingId}/instances"), 0);
    let states = played.store.count_states(&InstanceFilter::default()).unwrap();
    let verified = states.iter().find(|count| count.state == rollbook_store::State::Verified).unwrap();
    assert!(states.iter().all(|count| !count.state.is_open()) && verified.instances > 0, "{states:?}");
}

#[test]
fn from_lists_to_numbers_and_back_nothing_that_was_planned_is_left_lying() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    let wait = rollbook::collector::Wait::AtMost(SignedDuration::from_mins(2));
    let evening = Scene { wait, ..scene(quiet(), EVENING, all) };
    drop(crate::play::play_with(&Scene { scope: Scope::Account, ..evening.clone() }, Some(&path)));
    let by_number = crate::play::play_with(&Scene { begin: Hours(21.0), ..evening.clone() }, Some(&path));
    for list in ["GET /metrics/meetings", "GET /metrics/webinars"] {
        assert_eq!(by_number.stats.by_operation.get(list), None);
    }
    drop(by_number);
    let listed = Scene { begin: LATER, scope: Scope::Account, ..scene(quiet(), LATER, all) };
    let played = crate::play::play_with(&listed, Some(&path));
    played.expect_perfect("listed again");
    assert_eq!(played.stats.by_operation.get("GET /past_meetings/{meetingId}/instances"), None);
}
