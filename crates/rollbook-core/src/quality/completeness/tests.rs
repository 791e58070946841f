use proptest::prelude::*;

use super::*;
use crate::family::OnePerson;
use crate::limits::Plan;

/// The instance runs for an hour and ends here.
const END: &str = "2026-11-20T10:00:00Z";

fn after(text: &str) -> Timestamp {
    END.parse::<Timestamp>().unwrap() + text.parse::<SignedDuration>().unwrap()
}

/// `"a -60 -0 -0"`: `user_id`, join, leave and last sample, in minutes before the end; `?` for none, `row` for a row
/// without samples, and an `e` behind where events told every minute.
fn stay(text: &str) -> QualityStay<'_> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let minute = |word: &str| Some(after("0s") + minutes(word.parse().ok()?));
    QualityStay {
        user_id: if words[0] == "?" { "" } else { words[0] },
        joined_at: minute(words[1]).unwrap(),
        left_at: minute(words[2]),
        has_row: words[3] != "?",
        last_sample_at: minute(words[3]),
        is_covered: words.get(4) == Some(&"e"),
    }
}

/// `"6h rows 20"`, `"7h notfound"`, `"25h one a notfound"`, `"1h live rows 3"`.
fn reading(text: &str) -> QualityReading {
    let mut words = text.split_whitespace().peekable();
    let asked_at = after(words.next().unwrap());
    let while_live = words.next_if_eq(&"live").is_some();
    let participant = words.next_if_eq(&"one").and_then(|_| words.next()).map(str::to_owned);
    let said = || "no".to_owned();
    let outcome = match words.next().unwrap() {
        "rows" => rows(words.next().unwrap().parse().unwrap()),
        "empty" => QualityOutcome::Empty,
        "notfound" => QualityOutcome::NotFound { said: said() },
        "tooold" => QualityOutcome::TooOld { said: said() },
        other => panic!("{other}"),
    };
    QualityReading { asked_at, participant, while_live, outcome }
}

fn rows(rows: u32) -> QualityOutcome {
    QualityOutcome::Rows { rows, samples: u64::from(rows) * 60, odd: 0, strangers: 0 }
}

fn case<'a>(
    stays: &'a [QualityStay<'a>],
    readings: &'a [QualityReading],
    offer: &'a Offer,
) -> QualityCase<'a> {
    QualityCase {
        started_at: Some(after("-1h")),
        ended_at: Some(after("0s")),
        is_one_person: false,
        attendance_settled: true,
        stays,
        readings,
        offer,
    }
}

fn shown(judgement: &QualityJudgement) -> String {
    match judgement {
        QualityJudgement::Waiting { reason } => format!("waiting: {reason}"),
        QualityJudgement::Complete { why } => format!("complete: {why}"),
        QualityJudgement::Closed { reason } => format!("closed: {reason}"),
        QualityJudgement::Open { reason, ask, at } => {
            let asked = match ask {
                QualityQuestion::List => "list".to_owned(),
                QualityQuestion::Participant(user_id) => format!("one {user_id}"),
            };
            format!("open, {asked} at {}: {reason}", words(at.duration_since(after("0s"))))
        }
    }
}

fn check(now: &str, stays: &[&str], readings: &[&str], expected: &str) {
    let stays: Vec<QualityStay<'_>> = stays.iter().map(|text| stay(text)).collect();
    let readings: Vec<QualityReading> = readings.iter().map(|text| reading(text)).collect();
    let offer = Offer::of(Plan::Business, false);
    assert_eq!(shown(&judge(after(now), case(&stays, &readings, &offer))), expected);
}

const TOLD: &str = "a -60 -0 -1";
const UNTOLD: &str = "b -60 -0 ?";

#[test]
fn one_list_six_hours_after_the_end_is_all_if_it_tells_every_stay() {
    check("1h", &[UNTOLD], &[], "open, list at 6h: not read yet");
    check("9h", &[UNTOLD], &[], "open, list at 9h: not read yet");
    check(
        "7h",
        &[TOLD],
        &["6h1m rows 1"],
        "complete: all of 1 stays told, the list read 6h 1m after the end",
    );
}

#[test]
fn what_was_read_live_or_too_early_proves_nothing() {
    check("6h", &[TOLD], &["-30m live rows 1"], "open, list at 6h: not read yet");
    check("6h", &[TOLD], &["1h rows 1"], "open, list at 6h: not read yet");
    check("9h", &[UNTOLD], &["8h live rows 1"], "open, list at 9h: not read yet");
}

#[test]
fn a_stay_is_told_by_samples_up_to_its_leave_or_by_any_row_if_it_was_brief() {
    let read = ["6h rows 1"];
    let complete = "complete: all of 1 stays told, the list read 6h after the end";
    let open = "open, list at 1d: no call quality of 1 of 1 stays";
    check("7h", &["a -60 -20 -23"], &read, complete);
    check("7h", &["a -60 -20 -24"], &read, open);
    check("7h", &["a -60 -20 row"], &read, open);
    check("7h", &["a -21 -20 row"], &read, complete);
    check("7h", &["a -22 -20 row"], &read, open);
    check("7h", &["a -21 -20 ?"], &read, open);
    // Without a leave it lasted to the end.
    check("7h", &["a -60 ? -3"], &read, complete);
    check("7h", &["a -60 ? -4"], &read, open);
}

#[test]
fn stays_that_are_not_told_are_asked_for_after_a_day_and_three_and_then_closed() {
    let stays = [TOLD, UNTOLD];
    let untold = "no call quality of 1 of 2 stays";
    check("7h", &stays, &["6h rows 1"], &format!("open, list at 1d: {untold}"));
    check("30h", &stays, &["6h rows 1", "24h rows 1"], &format!("open, list at 3d: {untold}"));
    check(
        "80h",
        &stays,
        &["6h rows 1", "24h rows 1", "72h rows 1"],
        "closed: Zoom has told no call quality of 1 of 2 stays",
    );
}

#[test]
fn a_few_are_asked_for_one_by_one_where_that_costs_less_than_the_list() {
    let one = ["c -60 -0 ?"];
    let two = ["d -60 -0 ?", "c -60 -0 ?"];
    check("7h", &one, &["6h rows 10"], "open, list at 1d: no call quality of 1 of 1 stays");
    check("7h", &one, &["6h rows 11"], "open, one c at 1d: no call quality of 1 of 1 stays");
    check("7h", &two, &["6h rows 20"], "open, list at 1d: no call quality of 2 of 2 stays");
    check("7h", &two, &["6h rows 21"], "open, one c at 1d: no call quality of 2 of 2 stays");
    check(
        "25h",
        &two,
        &["6h rows 21", "24h one c rows 1"],
        "open, one d at 1d 1h: no call quality of 2 of 2 stays",
    );
    // Two connections under one number are one call; one without a number can only be listed.
    check(
        "7h",
        &["c -60 -30 ?", "c -29 -0 ?"],
        &["6h rows 11"],
        "open, one c at 1d: no call quality of 2 of 2 stays",
    );
    check("7h", &["? -60 -0 ?"], &["6h rows 30"], "open, list at 1d: no call quality of 1 of 1 stays");
}

#[test]
fn not_found_about_one_connection_is_an_answer() {
    let asks = ["6h rows 30", "24h one b notfound", "72h one b notfound"];
    let untold = "no call quality of 1 of 2 stays";
    check("24h", &[TOLD, UNTOLD], &asks[..2], &format!("open, one b at 3d: {untold}"));
    check("72h", &[TOLD, UNTOLD], &asks, "closed: Zoom has told no call quality of 1 of 2 stays");
}

#[test]
fn refusals_and_empty_lists_are_reasons_to_look_again() {
    let asks = ["6h notfound", "7h empty", "24h notfound", "72h notfound"];
    check("6h", &[UNTOLD], &asks[..1], "open, list at 7h: Zoom says \"no\"");
    check("7h", &[UNTOLD], &asks[..2], "open, list at 1d: the list is empty");
    check("24h", &[UNTOLD], &asks[..3], "open, list at 3d: Zoom says \"no\"");
    check("72h", &[UNTOLD], &asks, "closed: Zoom has told no call quality of 1 of 1 stays; Zoom says \"no\"");
}

#[test]
fn what_is_collected_late_is_confirmed_once() {
    let untold = "no call quality of 1 of 1 stays";
    check("200h", &[UNTOLD], &["200h rows 0"], &format!("open, list at 8d 14h: {untold}"));
    check("206h", &[UNTOLD], &["200h rows 0", "206h rows 0"], &format!("closed: Zoom has told {untold}"));
    check("200h", &[UNTOLD], &["200h empty"], "open, list at 8d 9h: the list is empty");
    check("201h", &[UNTOLD], &["200h empty", "201h empty"], "open, list at 8d 15h: the list is empty");
}

#[test]
fn a_line_that_no_answer_can_come_from_is_closed_with_the_reason() {
    let told = [stay(TOLD), stay(UNTOLD)];
    let check =
        |now: &str, offer: &Offer, readings: &[&str], alter: fn(&mut QualityCase<'_>), expected: &str| {
            let readings: Vec<QualityReading> = readings.iter().map(|text| reading(text)).collect();
            let mut case = case(&told, &readings, offer);
            alter(&mut case);
            let shown = shown(&judge(after(now), case));
            assert!(shown.starts_with(expected), "{shown}\nexpected {expected}");
        };
    let business = Offer::of(Plan::Business, false);
    check(
        "7h",
        &business,
        &[],
        |case| case.is_one_person = true,
        "closed: Zoom lists no call quality of runs",
    );
    check("7h", &business, &[], |case| case.attendance_settled = false, "waiting: its attendance");
    check("7h", &business, &[], |case| case.stays = &[], "closed: nobody is known");
    check("7h", &Offer::of(Plan::Pro, false), &[], |_| (), "closed: plan pro has no dashboards");
    let refused = Offer { quality_refused: Some("no scope".to_owned()), ..business.clone() };
    check("7h", &refused, &[], |_| (), "closed: no scope");
    let elsewhere =
        Offer { metrics_refused: Some("no scope for participants".to_owned()), ..business.clone() };
    check("7h", &elsewhere, &[], |_| (), "open, list at 7h");
    let old = "closed: Zoom no longer tells: older than its look-back limit";
    check("4321h", &business, &[], |_| (), old);
    check("7h", &business, &["6h tooold"], |_| (), old);
    let partly =
        "closed: Zoom no longer tells: older than its look-back limit; no call quality of 1 of 2 stays";
    check("30h", &business, &["6h rows 2", "24h tooold"], |_| (), partly);
    // Without a listed end the last leave is the end.
    check("7h", &business, &[], |case| case.ended_at = None, "open, list at 7h");
}

#[test]
fn what_is_complete_stays_complete_when_zoom_forgets_it() {
    let complete = "complete: all of 1 stays told, the list read 6h after the end";
    check("4321h", &[TOLD], &["6h rows 1"], complete);
}

#[test]
fn the_least_is_a_call_for_ten() {
    for (stays, calls) in [(0, 0), (1, 1), (10, 1), (11, 2), (300, 30)] {
        assert_eq!(least_calls(stays), calls);
    }
}

/// A stay as attendance knows it: `"a 09:00 10:00"`, with `waiting`, `withdrawn` or a connection id behind.
fn known(text: &str) -> Stay {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = |word: &str| format!("2026-11-20T{word}Z").parse().unwrap();
    let uuid = words.get(3).filter(|word| **word != "waiting" && **word != "withdrawn");
    Stay {
        user_id: words[0].to_owned(),
        participant_uuid: uuid.map(|uuid| (*uuid).to_owned()),
        zoom_user_id: None,
        registrant_id: None,
        name: None,
        email: None,
        joined_at: at(words[1]),
        left_at: Some(at(words[2])),
        status: if text.contains("waiting") { Status::InWaitingRoom } else { Status::InMeeting },
        is_breakout: None,
        source: Family::PastMeetings,
        is_withdrawn: text.contains("withdrawn"),
        evidence: std::collections::BTreeMap::new(),
    }
}

#[test]
fn rows_are_tied_to_stays() {
    let check = |row: &str, expected: Option<usize>, stays: &[&str]| {
        let stays: Vec<Stay> = stays.iter().map(|text| known(text)).collect();
        let row = known(row);
        let row = QualityRow {
            user_id: row.user_id,
            participant_uuid: row.participant_uuid,
            joined_at: Some(row.joined_at),
            left_at: row.left_at,
            ..QualityRow::default()
        };
        assert_eq!(ties(&stays, &row), expected, "{row:?}");
    };
    let (first, second) = ("a 09:00:00 09:30:00 X", "a 09:00:04 10:00:00 Y");
    // The join decides, then the connection, then that there is but one.
    check("a 09:00:05 10:00:00", Some(1), &[first, second]);
    check("a 09:00:01 10:00:00", Some(0), &[first, second]);
    check("a 09:20:00 10:00:00", None, &[first, second]);
    check("a 09:20:00 10:00:00 Y", Some(1), &[first, second]);
    check("a 09:20:00 10:00:00", Some(0), &[first, "b 09:20:00 10:00:00"]);
    check("c 09:00:00 10:00:00", None, &[first, second]);
    // Who waited under the same number is not who was in.
    check("a 09:00:00 10:00:00", Some(1), &["a 09:00:00 09:02:00 waiting", "a 09:02:00 10:00:00"]);
    check("a 09:00:00 10:00:00", Some(1), &["a 09:00:00 10:00:00 withdrawn", "a 09:02:00 10:00:00"]);
    check("a 09:00:00 09:02:00", Some(0), &["a 09:00:00 09:02:00 waiting", "b 09:02:00 10:00:00"]);
}

/// An answer of any kind: 0 to 3 are no answers, the rest tell each untold stay by a bit of the number.
fn answer(kind: u16, untold: &mut [bool]) -> QualityOutcome {
    let said = || "no".to_owned();
    match kind % 8 {
        0 => QualityOutcome::Empty,
        1 => QualityOutcome::NotFound { said: said() },
        2 => QualityOutcome::Failed { said: said() },
        3 if kind > 60_000 => QualityOutcome::TooOld { said: said() },
        _ => {
            untold
                .iter_mut()
                .enumerate()
                .for_each(|(place, untold)| *untold &= kind >> (place % 13 + 3) & 1 == 0);
            rows(u32::try_from(untold.len()).unwrap())
        }
    }
}

proptest! {
    #[test]
    fn every_instance_comes_to_an_end_without_an_ask_too_soon_or_too_many(
        people in 1_usize..40,
        late_hours in 0_i64..5_000,
        refused_at in prop::option::weighted(0.2, 0_usize..8),
        answers in prop::collection::vec(any::<u16>(), 400),
    ) {
        let names: Vec<String> = (0..people).map(|place| format!("user-{place}")).collect();
        let mut untold = vec![true; people];
        let mut offer = Offer::of(Plan::Business, false);
        offer.one_person = OnePerson::Told;
        let mut readings: Vec<QualityReading> = Vec::new();
        let mut now = after("0s") + hours(late_hours);
        for asks in 0.. {
            prop_assert!(asks < answers.len(), "it never ends");
            if refused_at == Some(asks) {
                offer.quality_refused = Some("no dashboards".to_owned());
            }
            let stays: Vec<QualityStay<'_>> = names.iter().zip(&untold).map(|(name, untold)| QualityStay {
                user_id: name,
                joined_at: after("-1h"),
                left_at: Some(after("0s")),
                has_row: !untold,
                last_sample_at: Some(after("0s")).filter(|_| !untold),
                is_covered: false,
            }).collect();
            let judgement = judge(now, case(&stays, &readings, &offer));
            let QualityJudgement::Open { ask, at, .. } = judgement else {
                let is_complete = matches!(judgement, QualityJudgement::Complete { .. });
                prop_assert!(!is_complete || untold.iter().all(|untold| !untold));
                break;
            };
            prop_assert!(at >= now && at >= after("6h"));
            prop_assert!(offer.quality_refused.is_none(), "a closed family is asked");
            now = at;
            let outcome = match &ask {
                QualityQuestion::List => answer(answers[asks], &mut untold),
                QualityQuestion::Participant(user_id) => {
                    let place = names.iter().position(|name| name == user_id).unwrap();
                    prop_assert!(untold[place], "{user_id} is told already");
                    answer(answers[asks], &mut untold[place..=place])
                }
            };
            let participant = match ask {
                QualityQuestion::List => None,
                QualityQuestion::Participant(user_id) => Some(user_id),
            };
            readings.push(QualityReading { asked_at: now, participant, while_live: false, outcome });
        }
        let asked = |wanted: Option<&str>| {
            readings.iter().filter(|reading| reading.participant.as_deref() == wanted).count()
        };
        prop_assert!(asked(None) <= 6);
        prop_assert!(names.iter().all(|name| asked(None) + asked(Some(name)) <= 7));
        prop_assert!(now <= (after("0s") + hours(late_hours)).max(after("6h")) + hours(24 * 7));
    }
}

const COVERED: &str = "c -60 -0 -1 e";

#[test]
fn what_events_told_every_minute_of_is_not_asked_for() {
    check("1h", &[COVERED, COVERED], &[], "complete: events told every minute of all 2 stays");
    // A minute is missing: samples up to the leave are not enough.
    check("7h", &[TOLD], &[], "open, list at 7h: not read yet");
    check("7h", &[COVERED, TOLD], &[], "open, list at 7h: not read yet");
}

#[test]
fn the_few_that_events_left_open_are_asked_for_one_by_one() {
    let mut stays = vec![COVERED; 20];
    stays.push(TOLD);
    check("7h", &stays, &[], "open, one a at 7h: no call quality of 1 of 21 stays");
    check(
        "9h",
        &stays,
        &["7h one a rows 1"],
        "complete: events told every minute of 20 of 21 stays, and the others were asked for",
    );
    // Three calls tell them all, whoever they are.
    stays.extend(["b -60 -0 ?", "d -60 -0 ?"]);
    check("7h", &stays, &[], "open, list at 7h: not read yet");
}
