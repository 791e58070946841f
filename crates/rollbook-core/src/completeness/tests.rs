use super::*;
use crate::instance::TimesFrom;
use crate::limits::Plan;

const END: &str = "2026-11-20T10:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn after(text: &str) -> Timestamp {
    at(END) + text.parse::<SignedDuration>().unwrap()
}

fn instance(count: Option<u32>) -> Instance {
    Instance {
        uuid: "u".into(),
        kind: Kind::Meeting,
        number: Some(1),
        topic: None,
        host_email: None,
        host_name: None,
        zoom_type: None,
        started_at: Some(at("2026-11-20T09:00:00Z")),
        ended_at: Some(at(END)),
        times_from: TimesFrom::List,
        listed_count: count,
        is_one_person: false,
        is_live: false,
    }
}

fn rows(in_meeting: u32, low: u32) -> Outcome {
    Outcome::Rows(Rows {
        rows: in_meeting,
        in_meeting,
        people_low: low,
        half_made: 0,
        digest: format!("{in_meeting}"),
    })
}

fn reading(family: Family, asked: &str, outcome: Outcome) -> Reading {
    Reading { family, asked_at: after(asked), outcome }
}

fn verdict(now: &str, instance: &Instance, readings: &[Reading], offer: &Offer) -> String {
    let details = [after("1m")];
    let case = Case { instance, first_seen_at: after("1m"), readings, details_asked: &details, offer };
    match judge(after(now), case) {
        Judgement::Verified { why } => format!("verified: {why}"),
        Judgement::Closed { reason } => format!("closed: {reason}"),
        Judgement::Live { ask, at: next } => {
            format!("live, {ask:?} at {}", words(next.duration_since(at(END))))
        }
        Judgement::Open { reason, ask, at: next } => {
            format!("open, {ask:?} at {}: {reason}", words(next.duration_since(at(END))))
        }
    }
}

fn check(now: &str, count: Option<u32>, readings: &[Reading], expected: &str) {
    let shown = verdict(now, &instance(count), readings, &Offer::of(Plan::Business, false));
    assert!(shown.starts_with(expected), "{shown}\nexpected {expected}");
}

use Family::{Metrics, PastMeetings, Report};

#[test]
fn one_reading_six_hours_after_the_end_that_fits_the_count_is_enough() {
    check(
        "7h",
        Some(20),
        &[reading(PastMeetings, "6h", rows(25, 18))],
        "verified: one reading of past_meetings 6h",
    );
}

#[test]
fn an_early_reading_needs_a_second_equal_one() {
    let first = reading(PastMeetings, "10m", rows(25, 18));
    check("10m", Some(20), std::slice::from_ref(&first), "open, Participants(PastMeetings) at 40m");
    let second = reading(PastMeetings, "40m", rows(25, 18));
    check("40m", Some(20), &[first, second], "verified: two equal readings of past_meetings 30m apart");
}

#[test]
fn a_second_look_never_comes_later_than_the_one_that_suffices_alone() {
    check(
        "5h50m",
        Some(20),
        &[reading(PastMeetings, "5h50m", rows(25, 18))],
        "open, Participants(PastMeetings) at 6h",
    );
}

#[test]
fn quirk_43_a_growing_list_is_looked_at_again_in_minutes_then_an_hour() {
    let short = |asked| reading(PastMeetings, asked, rows(5, 5));
    check("10m", Some(20), &[short("10m")], "open, Participants(PastMeetings) at 15m");
    check("15m", Some(20), &[short("10m"), short("15m")], "open, Participants(PastMeetings) at 1h 10m");
}

#[test]
fn a_list_still_short_after_six_hours_sends_us_to_the_other_families() {
    let past = reading(PastMeetings, "7h", rows(5, 5));
    check("7h", Some(20), std::slice::from_ref(&past), "open, Participants(Report) at 7h");
    check("7h", Some(20), &[past, reading(Report, "7h", rows(22, 20))], "verified: one reading of report");
}

#[test]
fn empty_refused_and_unknown_are_not_answers() {
    let said = || "Meeting does not exist".to_owned();
    for outcome in [Outcome::Empty, Outcome::NotFound { said: said() }, Outcome::Failed { said: said() }] {
        check(
            "30h",
            Some(20),
            &[reading(PastMeetings, "30h", outcome)],
            "open, Participants(Report) at 1d 6h",
        );
    }
}

#[test]
fn a_wrong_count_is_overruled_by_two_equal_readings_a_day_later_once_all_were_asked() {
    let readings = [
        reading(PastMeetings, "30h", rows(19, 19)),
        reading(Report, "30h", rows(19, 19)),
        reading(Metrics, "30h", rows(19, 19)),
    ];
    check("30h", Some(25), &readings, "open, Participants(PastMeetings) at 1d 6h");
    let mut later = readings.to_vec();
    later.push(reading(PastMeetings, "30h30m", rows(19, 19)));
    check("30h30m", Some(25), &later, "verified: two equal readings of past_meetings 30m apart");
}

#[test]
fn without_a_count_two_equal_readings_a_day_after_the_end_suffice() {
    let first = reading(PastMeetings, "7h", rows(19, 19));
    check("7h", None, std::slice::from_ref(&first), "open, Details");
    let case = |readings: &[Reading], now: &str| {
        let details = [after("1m"), after("2m"), after("3m"), after("4m")];
        let instance = instance(None);
        let offer = Offer::of(Plan::Business, false);
        judge(
            after(now),
            Case {
                instance: &instance,
                first_seen_at: after("1m"),
                readings,
                details_asked: &details,
                offer: &offer,
            },
        )
    };
    let Judgement::Open { ask, at: next, .. } = case(std::slice::from_ref(&first), "7h") else { panic!() };
    assert_eq!((ask, next), (Question::Participants(PastMeetings), after("8h")));
    let second = reading(PastMeetings, "24h", rows(19, 19));
    assert!(matches!(case(&[first, second], "24h"), Judgement::Verified { .. }));
}

#[test]
fn nothing_is_closed_incomplete_before_seventy_two_hours() {
    let empty = |family, asked| reading(family, asked, Outcome::Empty);
    let round =
        |asked: &'static str| [PastMeetings, Report, Metrics].map(|family| empty(family, asked)).to_vec();
    let two = [round("30h"), round("31h")].concat();
    check("71h", Some(20), &two, "open, Participants");
    check(
        "73h",
        Some(20),
        &two,
        "closed: Zoom tells no participants: metrics is empty, past_meetings is empty",
    );
}

#[test]
fn plans_close_what_they_cannot_offer_with_that_reason() {
    let mut alone = instance(Some(1));
    alone.is_one_person = true;
    let mut pro = Offer::of(Plan::Pro, false);
    (0..3).for_each(|_| pro.learn_one_person(false));
    let shown = verdict("7h", &alone, &[], &pro);
    assert!(
        shown.starts_with("closed: only one person attended, and only dashboards tell those: plan pro"),
        "{shown}"
    );
    let shown = verdict("7h", &instance(Some(3)), &[], &Offer::of(Plan::Free, false));
    assert!(shown.starts_with("closed: plan free has no past meetings and reports"), "{shown}");
}

#[test]
fn what_zoom_no_longer_tells_is_closed() {
    check("9000h", Some(20), &[], "closed: Zoom no longer tells");
}

#[test]
fn quirk_1_missing_times_are_asked_for_first() {
    let mut blank = instance(None);
    blank.started_at = None;
    blank.ended_at = None;
    blank.times_from = TimesFrom::Nowhere;
    let offer = Offer::of(Plan::Business, false);
    let case =
        Case { instance: &blank, first_seen_at: at(END), readings: &[], details_asked: &[], offer: &offer };
    assert!(matches!(judge(after("1m"), case), Judgement::Open { ask: Question::Details, .. }));
}

#[test]
fn a_live_meeting_is_open_and_looked_at_through_its_details() {
    let mut live = instance(None);
    live.is_live = true;
    live.ended_at = None;
    let shown = verdict("5m", &live, &[], &Offer::of(Plan::Business, false));
    assert_eq!(shown, "live, Details at 20m");
    let shown = verdict("31h", &live, &[], &Offer::of(Plan::Business, false));
    assert!(shown.starts_with("open, "), "nothing runs for ever: {shown}");
}

#[test]
fn a_family_that_was_closed_meanwhile_is_never_asked() {
    let passing = reading(PastMeetings, "10m", rows(25, 18));
    let mut offer = Offer::of(Plan::Business, false);
    offer.past_refused = Some("scope missing".into());
    let shown = verdict("11m", &instance(Some(20)), std::slice::from_ref(&passing), &offer);
    assert!(shown.starts_with("open, Participants(Report)"), "{shown}");
}

#[test]
fn a_reading_that_cannot_be_repeated_is_not_asked_for_without_a_pause() {
    let fits = reading(PastMeetings, "1h", rows(9, 8));
    let gone = |asked| reading(PastMeetings, asked, Outcome::NotFound { said: "3001".into() });
    check("1h", Some(9), std::slice::from_ref(&fits), "open, Participants(PastMeetings) at 1h 30m");
    check("91m", Some(9), &[fits.clone(), gone("90m")], "open, Participants(PastMeetings) at 1h 35m");
    let since = [fits.clone(), gone("90m"), gone("6h"), gone("7h")];
    check("7h", Some(9), &since, "open, Participants(PastMeetings) at 10h");
    let since = [fits, gone("90m"), gone("6h"), gone("7h"), gone("10h"), gone("11h")];
    check("11h", Some(9), &since, "open, Participants(Report) at 11h");
}

#[test]
fn a_family_asked_before_its_data_were_made_contradicts_nothing() {
    let short = |asked| reading(PastMeetings, asked, rows(5, 5));
    let readings = [
        short("7h"),
        reading(Report, "7h", Outcome::NotFound { said: "3001".into() }),
        reading(Metrics, "7h", Outcome::Empty),
        short("24h"),
    ];
    check("24h", Some(9), &readings, "open, Participants(Report) at 1d");
}

#[test]
fn the_pair_confirmed_last_is_the_one_believed() {
    let past = |asked| reading(PastMeetings, asked, rows(5, 5));
    let report = |asked| reading(Report, asked, rows(5, 5));
    let refused = reading(PastMeetings, "24h", Outcome::Failed { said: "No permission.".into() });
    let empty = reading(Metrics, "24h", Outcome::Empty);
    let readings = [past("6h"), report("6h"), past("12h"), refused, report("24h"), empty];
    check("24h", Some(9), &readings, "verified: two equal readings of report 18h apart");
}

#[test]
fn fewer_rows_are_not_believed_while_another_family_has_more() {
    let past = |asked| reading(PastMeetings, asked, rows(5, 5));
    let report = |asked| reading(Report, asked, rows(7, 5));
    let empty = reading(Metrics, "24h", Outcome::Empty);
    let mut readings = vec![past("7h"), past("24h"), report("24h"), empty];
    check("24h", Some(9), &readings, "open, Participants(Report) at 1d");
    readings.push(report("25h"));
    check("25h", Some(9), &readings, "verified: two equal readings of report");
}

/// Found by its number: start known, then its details, which count one person.
fn counted_one() -> Instance {
    Instance { times_from: TimesFrom::Details, ..instance(Some(1)) }
}

#[test]
fn one_person_is_believed_when_details_and_an_empty_list_agree() {
    let empty = |family| reading(family, "7h", Outcome::Empty);
    let check = |instance: &Instance, readings: &[Reading], expected| {
        assert_eq!(was_one_person(instance, readings), expected, "{instance:?} {readings:?}");
    };
    check(&counted_one(), &[], false);
    check(&counted_one(), &[empty(PastMeetings)], true);
    check(&counted_one(), &[empty(Report)], true);
    check(&counted_one(), &[empty(Metrics)], false);
    check(&counted_one(), &[reading(PastMeetings, "6h", rows(3, 3)), empty(PastMeetings)], false);
    check(&Instance { times_from: TimesFrom::List, ..counted_one() }, &[empty(PastMeetings)], false);
    check(&Instance { listed_count: Some(2), ..counted_one() }, &[empty(PastMeetings)], false);
    check(&Instance { kind: Kind::Webinar, ..counted_one() }, &[empty(PastMeetings)], false);
}

#[test]
fn one_person_is_nobodys_hurry() {
    let alone = Instance { is_one_person: true, ..counted_one() };
    let mut offer = Offer::of(Plan::Business, false);
    offer.one_person = crate::family::OnePerson::Untold;
    let early = reading(PastMeetings, "10m", Outcome::Empty);
    let shown = verdict("10m", &alone, std::slice::from_ref(&early), &offer);
    assert!(shown.starts_with("open, Participants(Metrics) at 6h"), "{shown}");
}

#[test]
fn who_was_alone_is_asked_for_cheaply_first_although_breakout_rooms_are_wanted() {
    let check = |count, family: &str| {
        let shown = verdict("7h", &instance(Some(count)), &[], &Offer::of(Plan::Business, true));
        assert!(shown.starts_with(&format!("open, Participants({family}) at 7h")), "{shown}");
    };
    check(1, "PastMeetings");
    check(2, "Report");
}

#[test]
fn a_webinars_report_is_left_alone_where_the_daily_allowance_is_spared() {
    let mut webinar = Instance { kind: Kind::Webinar, ended_at: None, ..instance(None) };
    webinar.times_from = TimesFrom::Nowhere;
    let mut offer = Offer::of(Plan::Business, false);
    let asks = |offer: &Offer| {
        let case =
            Case { instance: &webinar, first_seen_at: at(END), readings: &[], details_asked: &[], offer };
        match judge(after("7h"), case) {
            Judgement::Open { ask, .. } => ask,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asks(&offer), Question::Details);
    offer.webinar_reports = false;
    assert_eq!(asks(&offer), Question::Participants(PastMeetings));
}

#[test]
fn a_meeting_nobody_tells_anything_of_is_looked_for_among_those_of_one_person_too() {
    let untold = Instance { times_from: TimesFrom::Nowhere, ended_at: None, ..instance(None) };
    let gone = |family| reading(family, "7h", Outcome::NotFound { said: "3001".into() });
    let check = |instance: &Instance, readings: &[Reading], expected| {
        assert_eq!(may_be_one_person(instance, readings), expected, "{instance:?} {readings:?}");
    };
    check(&untold, &[gone(PastMeetings), gone(Report)], false);
    check(&untold, &[gone(PastMeetings), gone(Report), gone(Metrics)], true);
    check(&untold, &[gone(PastMeetings), gone(Metrics), gone(Metrics)], false);
    check(&untold, &[gone(Metrics), reading(Report, "8h", rows(3, 3))], false);
    check(&instance(Some(3)), &[gone(PastMeetings), gone(Metrics)], false);
    check(&Instance { kind: Kind::Webinar, ..untold }, &[gone(Metrics)], false);
}

#[test]
fn an_event_alone_never_verifies() {
    let told = |asked: &str| reading(Family::Event, asked, rows(3, 3));
    let alone = [told("1m"), told("7h"), told("25h")];
    let open = [told("1m"), reading(PastMeetings, "7h", Outcome::Empty), told("8h")];
    for (count, readings) in [(Some(3), alone.as_slice()), (None, &alone), (Some(3), &open)] {
        for now in ["7h", "26h", "80h"] {
            let shown = verdict(now, &instance(count), readings, &Offer::of(Plan::Business, false));
            assert!(!shown.starts_with("verified"), "{shown}");
        }
    }
    check(
        "7h",
        Some(3),
        &[told("6h"), reading(PastMeetings, "6h", rows(3, 3)), told("7h")],
        "verified: one reading",
    );
}

#[test]
fn the_end_that_an_event_told_is_looked_at_some_minutes_later() {
    let told = Instance { times_from: TimesFrom::Event, ..instance(None) };
    let offer = Offer::of(Plan::Business, false);
    let first = Case {
        instance: &told,
        first_seen_at: after("0m"),
        readings: &[],
        details_asked: &[],
        offer: &offer,
    };
    let Judgement::Open { ask, at, .. } = judge(after("1s"), first) else { panic!() };
    assert_eq!((ask, at), (Question::Details, after("5m")));
}

#[test]
fn a_running_meeting_that_events_tell_of_is_seldom_looked_at() {
    let check = |times_from, expected: &str| {
        let live = Instance { is_live: true, ended_at: None, times_from, ..instance(None) };
        let shown = verdict("2m", &live, &[], &Offer::of(Plan::Business, false));
        assert_eq!(shown, expected);
    };
    check(TimesFrom::List, "live, Details at 17m");
    check(TimesFrom::Event, "live, Details at 1h 2m");
}
