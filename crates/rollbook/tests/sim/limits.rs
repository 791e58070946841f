//! Daily allowances: too small ones, and those that other apps use up.

use jiff::civil::date;
use rollbook::collector::{Ending, Wait};
use rollbook_core::limits::DayBucket;
use rollbook_sim::{Faults, Headers, Label, Options, OtherApps, RefusalBody, RetryAfter};

use crate::play::{LATER, Scene, play};

/// A day of which 40 one-person runs need Heavy calls and 60 meetings need Medium ones.
fn scene() -> Scene {
    let mut options = Options::plain(3, date(2026, 10, 5), 100, 5);
    options.one_person = 40;
    options.limits.shared_day = Some(30);
    Scene { limits: "heavy_day=30".into(), ..Scene::new(options, LATER) }
}

fn reset() -> jiff::Timestamp {
    "2026-10-09T00:00:00Z".parse().unwrap()
}

#[test]
fn a_tiny_allowance_ends_the_run_with_the_time_of_the_reset() {
    let played = play(&Scene { wait: Wait::AtMost(jiff::SignedDuration::from_mins(2)), ..scene() });
    assert_eq!(played.ending, Ending::BudgetGone { bucket: DayBucket::Shared, until: reset() });
    // Work under other labels went on: every meeting of two or more is there.
    assert_eq!(played.stats.by_label[&Label::Medium], 60 + 3, "{:#?}", played.stats.by_operation);
    assert!(played.verdict.verified >= 60, "{:#?}", played.verdict);
    let shared: u64 = played.stats.heavy_by_day.values().sum();
    assert_eq!(shared, 24, "a fifth is left to others");
    assert!(!played.stats.ever_exceeded());
}

#[test]
fn what_did_not_fit_the_day_is_collected_after_the_reset() {
    let played = play(&scene());
    played.expect_perfect("tiny allowance");
    assert_eq!(played.verdict.verified, 100);
    assert!(played.stats.heavy_by_day.values().all(|calls| *calls <= 24), "{:?}", played.stats.heavy_by_day);
    assert_eq!(played.stats.heavy_by_day.len(), 2);
}

#[test]
fn a_reserve_of_nothing_uses_the_whole_allowance() {
    let played = play(&Scene { reserve: 0.0, ..scene() });
    played.expect_perfect("no reserve");
    assert_eq!(played.stats.heavy_by_day["2026-10-08"], 30);
}

/// Other apps leave nothing of the day's 3,000 calls from six in the morning on; collecting begins at eight.
fn crowded_out(headers: Headers, body: RefusalBody, retry_after: RetryAfter) -> Scene {
    let mut options = Options::plain(4, date(2026, 10, 5), 60, 5);
    options.one_person = 20;
    options.limits.shared_day = Some(3_000);
    options.faults = Faults::none();
    options.zoom.headers = headers;
    options.zoom.refusal_body = body;
    options.zoom.retry_after = retry_after;
    options.zoom.refused_calls_count = true;
    options.zoom.other_apps = OtherApps { heavy: 3_000, from_hour: 6, to_hour: 8, ..OtherApps::default() };
    let begin = crate::play::Hours(3.0 * 24.0 + 8.5);
    Scene { limits: "heavy_day=3000".into(), ..Scene::new(options, begin) }
}

#[test]
fn a_day_used_up_by_others_is_waited_for_whatever_form_the_time_has() {
    for headers in [Headers::None, Headers::CategoryOnly, Headers::Full, Headers::Odd] {
        for form in [RetryAfter::Iso, RetryAfter::Seconds, RetryAfter::HttpDate, RetryAfter::Absent] {
            let what = format!("{headers:?} {form:?}");
            let played = play(&crowded_out(headers, RefusalBody::Documented, form));
            played.expect_perfect(&what);
            let refused = played.stats.refusals.daily;
            // Three lists leave together; the first refusal parks the allowance until the reset.
            assert!((1..=3).contains(&refused), "{what}: {refused} refusals");
        }
    }
}

#[test]
fn a_day_used_up_by_others_is_waited_for_when_nothing_is_said() {
    // Neither headers nor body: nobody can tell the day from the second, so what is bounded is how often it is tried.
    for headers in [Headers::None, Headers::CategoryOnly, Headers::Odd] {
        let played = play(&crowded_out(headers, RefusalBody::Empty, RetryAfter::Absent));
        played.expect_perfect(&format!("{headers:?}"));
        let refused = played.stats.refusals.daily;
        assert!(refused <= 200, "{headers:?}: {refused} refusals in sixteen hours");
    }
}

#[test]
fn headers_that_speak_of_the_day_save_the_refusals() {
    let played = play(&crowded_out(Headers::Full, RefusalBody::Empty, RetryAfter::Iso));
    played.expect_perfect("full headers");
    assert!(played.stats.refusals.daily <= 3, "{:?}", played.stats.refusals);
}

#[test]
fn when_everything_fails_retries_slow_down() {
    let mut options = Options::campus(9, date(2026, 10, 5), 40);
    options.faults.server_errors = 0.9;
    options.zoom.other_apps = OtherApps::default();
    let played = play(&Scene::new(options.clone(), crate::play::EVENING));
    played.expect_perfect("nine of ten calls fail");
    let mut calm = options;
    calm.faults.server_errors = 0.0;
    let calm = play(&Scene::new(calm, crate::play::EVENING));
    // Ten times the calls would be each one repeated until it comes.
    assert!(
        played.stats.calls < 20 * calm.stats.calls,
        "{} calls against {}",
        played.stats.calls,
        calm.stats.calls
    );
}
