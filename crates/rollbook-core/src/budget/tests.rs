use super::*;
use crate::limits::Plan;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn budget() -> Budget {
    Budget { limits: Limits::of(Plan::Business), usage: Usage::default(), reserve: 0.2 }
}

#[test]
fn an_unused_budget_lets_a_whole_window_leave() {
    let now = at("2026-11-21T10:00:00Z");
    assert_eq!(budget().allowance(now, Label::Medium, Purpose::Collection), Allowance::Now { calls: 60 });
    assert_eq!(
        budget().allowance(now, Label::ResourceIntensive, Purpose::Collection),
        Allowance::Now { calls: 20 }
    );
}

#[test]
fn a_full_window_says_when_the_next_slot_is_free() {
    let now = at("2026-11-21T10:00:00Z");
    let mut budget = budget();
    let free: Vec<_> = (0..20).map(|i| now + SignedDuration::from_secs(5 + i)).collect();
    budget.usage.held.insert((Label::ResourceIntensive, 60), free);
    assert_eq!(
        budget.allowance(now, Label::ResourceIntensive, Purpose::Collection),
        Allowance::At { at: at("2026-11-21T10:00:05Z") }
    );
    let later = at("2026-11-21T10:00:06Z");
    assert_eq!(
        budget.allowance(later, Label::ResourceIntensive, Purpose::Collection),
        Allowance::Now { calls: 2 }
    );
}

#[test]
fn the_reserve_is_for_people_only() {
    let now = at("2026-11-21T10:00:00Z");
    let mut budget = budget();
    budget.usage.day.insert(DayBucket::Shared, 48_000);
    assert_eq!(
        budget.allowance(now, Label::Heavy, Purpose::Collection),
        Allowance::DayGone { bucket: DayBucket::Shared, until: at("2026-11-22T00:00:00Z") }
    );
    assert_eq!(budget.allowance(now, Label::Heavy, Purpose::Person), Allowance::Now { calls: 40 });
    // Light and Medium work goes on when the day's Heavy allowance is gone.
    assert_eq!(budget.allowance(now, Label::Medium, Purpose::Collection), Allowance::Now { calls: 60 });
}

#[test]
fn a_slot_is_held_for_the_excess_over_the_fastest_answer() {
    let mut trips = RoundTrips::default();
    let ms = SignedDuration::from_millis;
    assert_eq!(trips.excess(ms(300)), ms(300));
    (0..200).for_each(|i| trips.note(ms(300 - i / 2)));
    assert_eq!(trips.excess(ms(216)), ms(15));
}

#[test]
fn headers_touch_the_day_only_when_they_speak_of_it() {
    let limits = Limits::of(Plan::Business);
    let check =
        |daily, limit, remaining| day_spent_by_headers(&limits, Label::Heavy, daily, limit, remaining);
    assert_eq!(check(true, Some(60_000), Some(10_000)), Some((DayBucket::Shared, 50_000)));
    assert_eq!(check(false, Some(60_000), Some(59_000)), Some((DayBucket::Shared, 1_000)));
    assert_eq!(check(false, Some(40), Some(0)), None);
    assert_eq!(check(true, None, Some(0)), Some((DayBucket::Shared, 60_000)));
    // A daily limit below the configured one: less is left than we thought.
    assert_eq!(check(true, Some(30_000), Some(10_000)), Some((DayBucket::Shared, 50_000)));
    assert_eq!(check(false, None, Some(0)), None);
}

#[test]
fn refusals_lower_the_rate_once_a_window_and_answers_give_it_back() {
    let second = SignedDuration::from_secs(1);
    let mut throttle = Throttle::open();
    let now = at("2026-11-21T10:00:00Z");
    assert_eq!(throttle.apply(60), 60);
    (0..30).for_each(|_| throttle.cut(now, second));
    assert_eq!(throttle.apply(60), 45);
    throttle.cut(now + second, second);
    assert_eq!(throttle.apply(60), 33);
    (0..900).for_each(|_| throttle.regain());
    assert_eq!(throttle.apply(60), 60);
    (0..200).for_each(|n| throttle.cut(now + second * n, second));
    assert_eq!(throttle.apply(1), 1);
}
