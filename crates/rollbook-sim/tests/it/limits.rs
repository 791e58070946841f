//! Limits refuse exactly the call that is one too many.

use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Headers, Limit, Limits, Options, OtherApps, Plan, RefusalBody, RetryAfter, Sim, Window};

use crate::client::{get, world};

const HEAVY: &str = "/report/users?from=2026-10-05&to=2026-10-05";
const INTENSIVE: &str = "/metrics/meetings?type=past&from=2026-10-05&to=2026-10-05";

fn options(window: Window) -> Options {
    let mut options = Options::plain(1, date(2026, 10, 5), 20, 3);
    options.zoom.window = window;
    options.zoom.latency_ms = 0;
    options
}

/// How many of `calls` in a row, at one instant, are answered.
async fn answered(sim: &Sim, path: &str, calls: usize) -> usize {
    let mut good = 0;
    for _ in 0..calls {
        good += usize::from(get(sim, path).await.status == 200);
    }
    good
}

async fn wait(sim: &Sim, milliseconds: u64) {
    sim.clock().sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test(start_paused = true)]
async fn the_call_after_the_last_allowed_one_is_refused() {
    for window in [Window::Fixed, Window::Sliding, Window::Both] {
        for (plan, path, limit) in [
            (Plan::Business, HEAVY, 40),
            (Plan::Pro, HEAVY, 10),
            (Plan::Business, INTENSIVE, 20),
            (Plan::Business, "/users", 60),
            (Plan::Business, "/users/me", 80),
        ] {
            let sim = world(options(window).on_plan(plan), "2026-10-06T12:00:00Z");
            assert_eq!(answered(&sim, path, limit + 5).await, limit, "{plan:?} {path} {window:?}");
            assert_eq!(sim.stats().by_status[&429], 5);
            assert!(sim.stats().ever_exceeded());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_second_opens_a_fixed_window_but_not_a_sliding_one() {
    for (window, expected) in [(Window::Fixed, 40), (Window::Sliding, 0), (Window::Both, 0)] {
        let sim = world(options(window), "2026-10-06T12:00:00Z");
        wait(&sim, 900).await;
        assert_eq!(answered(&sim, HEAVY, 40).await, 40);
        wait(&sim, 200).await;
        assert_eq!(answered(&sim, HEAVY, 40).await, expected, "{window:?}");
        wait(&sim, 1_000).await;
        assert_eq!(answered(&sim, HEAVY, 40).await, 40, "{window:?}");
        let heavy = sim.stats().limits.into_iter().find(|seen| seen.limit == 40).unwrap();
        assert_eq!((heavy.max_fixed, heavy.max_sliding), (40, 80), "{window:?}");
        assert_eq!((heavy.exceeded_fixed, heavy.exceeded_sliding), (0, 40), "{window:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn refused_calls_can_count() {
    for (counts, expected) in [(false, 40), (true, 0)] {
        let mut options = options(Window::Sliding);
        options.zoom.refused_calls_count = counts;
        let sim = world(options, "2026-10-06T12:00:00Z");
        answered(&sim, HEAVY, 40).await;
        wait(&sim, 500).await;
        assert_eq!(answered(&sim, HEAVY, 40).await, 0);
        wait(&sim, 600).await;
        assert_eq!(answered(&sim, HEAVY, 40).await, expected, "{counts}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_day_ends_at_midnight_utc_and_the_refusal_says_so() {
    let mut options = options(Window::Fixed);
    options.limits = Limits { shared_day: Some(5), ..Limits::none() };
    let sim = world(options, "2026-10-06T23:59:00Z");
    assert_eq!(answered(&sim, HEAVY, 3).await, 3);
    assert_eq!(answered(&sim, INTENSIVE, 3).await, 2);
    let refused = get(&sim, HEAVY).await;
    let header = |name: &str| refused.headers[name].to_str().unwrap();
    assert_eq!(refused.status, 429);
    assert_eq!(header("retry-after"), "2026-10-07T00:00:00Z");
    assert_eq!(header("x-ratelimit-type"), "Daily-limit");
    assert_eq!((header("x-ratelimit-limit"), header("x-ratelimit-remaining")), ("5", "0"));
    assert_eq!(sim.stats().refusals.daily, 2);
    wait(&sim, 59_999).await;
    assert_eq!(get(&sim, HEAVY).await.status, 429);
    wait(&sim, 1).await;
    assert_eq!(get(&sim, HEAVY).await.status, 200);
    assert_eq!(sim.stats().heavy_by_day.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn other_apps_spend_the_same_day_and_are_not_blamed_on_the_client() {
    let mut options = options(Window::Fixed);
    options.limits = Limits { shared_day: Some(100), ..Limits::none() };
    options.zoom.other_apps = OtherApps { heavy: 90, from_hour: 0, to_hour: 12, ..OtherApps::default() };
    let sim = world(options, "2026-10-06T06:00:00Z");
    wait(&sim, 6 * 3_600 * 1_000).await;
    assert_eq!(answered(&sim, HEAVY, 20).await, 10);
    let stats = sim.stats();
    assert_eq!(stats.other_apps[&rollbook_sim::Label::Heavy], 45);
    assert!(!stats.ever_exceeded());
}

#[tokio::test(start_paused = true)]
async fn a_free_plan_has_a_day_for_every_label() {
    let mut options = options(Window::Fixed).on_plan(Plan::Free);
    options.limits.light = Limit { per_day: Some(7), ..Limit::default() };
    let sim = world(options, "2026-10-06T12:00:00Z");
    assert_eq!(answered(&sim, "/users/me", 9).await, 7);
}

#[tokio::test(start_paused = true)]
async fn headers_come_in_every_form() {
    for (form, expected) in
        [(Headers::None, 0), (Headers::CategoryOnly, 1), (Headers::Odd, 3), (Headers::Full, 4)]
    {
        let mut options = options(Window::Fixed);
        options.zoom.headers = form;
        let sim = world(options, "2026-10-06T12:00:00Z");
        let answer = get(&sim, HEAVY).await;
        let count = answer.headers.keys().filter(|name| name.as_str().starts_with("x-ratelimit")).count();
        assert_eq!(count, expected, "{form:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_daily_refusal_says_when_in_every_form() {
    for (form, expected) in [
        (RetryAfter::Iso, Some("2026-10-07T00:00:00Z")),
        (RetryAfter::Seconds, Some("43200")),
        (RetryAfter::HttpDate, Some("Wed, 07 Oct 2026 00:00:00 GMT")),
        (RetryAfter::Absent, None),
    ] {
        let mut options = options(Window::Fixed);
        options.zoom.retry_after = form;
        options.limits = Limits { shared_day: Some(0), ..Limits::none() };
        let sim = world(options, "2026-10-06T12:00:00Z");
        let answer = get(&sim, HEAVY).await;
        let told = answer.headers.get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(told, expected, "{form:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_has_its_body_or_none() {
    for (body, code, expected) in [
        (RefusalBody::Documented, 429, r#"{"code":429,"message":"You have reached the maximum per-second"#),
        (RefusalBody::Documented, 4001, r#"{"code":4001,"message":"You have reached the maximum per-second"#),
        (RefusalBody::Empty, 429, ""),
    ] {
        let mut options = options(Window::Fixed);
        options.zoom.refusal_body = body;
        options.zoom.refusal_code = code;
        options.limits.heavy = Limit { per_second: Some(0), ..Limit::default() };
        let sim = world(options, "2026-10-06T12:00:00Z");
        let answer = get(&sim, HEAVY).await;
        assert_eq!(answer.status, 429);
        assert!(answer.text.starts_with(expected) && answer.text.is_empty() == expected.is_empty());
    }
}
