use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::super::assess::assess;
use super::super::channel::{Column, Measure};
use super::super::series::Series;
use super::*;
use crate::family::Family;

/// Minutes, or minutes and seconds such as `5:30`, after ten o'clock.
fn at(text: &str) -> Timestamp {
    let (minutes, seconds) = text.split_once(':').unwrap_or((text, "0"));
    let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    start
        + SignedDuration::from_mins(minutes.parse().unwrap())
        + SignedDuration::from_secs(seconds.parse().unwrap())
}

/// `"0 20 loss 30"`: a stay from minute to minute, the loss of its audio in by minute from the end backwards. `bo` is a
/// stay in a breakout room, `wait` one in the waiting room, `-` an unknown leave, `untold` one without call quality.
fn stay(text: &str) -> (Stay, Option<StayQuality>) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (joined_at, left_at) = (at(words[0]), (words[1] != "-").then(|| at(words[1])));
    let is = |word: &str| words.contains(&word);
    let stay = Stay {
        user_id: words[0].to_owned(),
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: None,
        name: None,
        email: None,
        joined_at,
        left_at,
        status: if is("wait") { Status::InWaitingRoom } else { Status::InMeeting },
        is_breakout: is("bo").then_some(true),
        source: Family::PastMeetings,
        is_withdrawn: is("withdrawn"),
        evidence: BTreeMap::new(),
    };
    let losses: Vec<f64> = match words.iter().position(|word| *word == "loss") {
        Some(place) => words[place + 1..].iter().map(|loss| loss.parse().unwrap()).collect(),
        None => Vec::new(),
    };
    let mut series = Series::new();
    let minutes = left_at.map_or(0, |left_at| left_at.duration_since(joined_at).as_secs() / 60);
    for minute in 0..minutes {
        series.begin(joined_at + SignedDuration::from_mins(minute));
        let loss = usize::try_from(minutes - minute - 1).ok().and_then(|back| losses.get(back)).copied();
        series.set(Column::Stream(Channel::MAIN[0], Measure::AvgLoss), loss.unwrap_or(0.0));
        series.set(Column::Stream(Channel::MAIN[0], Measure::Bitrate), 60.0);
        series.set(Column::Stream(Channel::MAIN[1], Measure::Bitrate), 60.0);
    }
    let is_told = !is("wait") && !is("untold");
    let quality = is_told.then(|| assess(&series, joined_at, left_at));
    (stay, quality)
}

fn person(stays: &[&str]) -> PersonQuality {
    let stays: Vec<(Stay, Option<StayQuality>)> = stays.iter().map(|text| stay(text)).collect();
    let of: Vec<PersonStay<'_>> = stays
        .iter()
        .map(|(stay, quality)| PersonStay {
            stay,
            quality: quality.as_ref(),
            instance_ended_at: Some(at("60")),
        })
        .collect();
    person_quality(&of)
}

fn check(stays: &[&str], expected: Option<&str>) {
    assert_eq!(person(stays).sentence().as_deref(), expected, "{stays:?}");
}

#[test]
fn thrown_out_four_times_is_not_absent() {
    check(
        &["0 10 loss 30 30", "11 20 loss 30", "21 30 loss 30 30", "31 40 loss 30", "41 60"],
        Some("dropped 4 times, loss 30 % before; audio in bad in 6 of 56 min (loss)"),
    );
    // Away for most of it, and a good line while there.
    check(&["0 10", "50 60"], Some("no bad minutes in 20"));
    check(&["0 10 untold"], None);
    check(&["5 6 wait"], None);
}

#[test]
fn a_drop_is_a_connection_that_ends_early_and_comes_back() {
    let drops = |stays: &[&str]| (person(stays).drops, person(stays).bad_drops);
    assert_eq!(drops(&["0 10", "10:06 60"]), (1, 0));
    assert_eq!(drops(&["0 10", "20 60"]), (1, 0));
    // As close as endpoints round, or covered by a second device, it is no drop.
    assert_eq!(drops(&["0 10", "10:05 60"]), (0, 0));
    assert_eq!(drops(&["0 10", "5 60"]), (0, 0));
    assert_eq!(drops(&["0 60", "5 10", "20 30"]), (0, 0));
    // Away for long is a drop only after bad minutes.
    assert_eq!(drops(&["0 10", "20:01 60"]), (0, 0));
    assert_eq!(drops(&["0 10 loss 30", "20:01 60"]), (1, 1));
    // Who leaves with the end and comes into the next run of the class was not dropped.
    assert_eq!(drops(&["0 59:30 loss 30", "62 80"]), (0, 0));
    assert_eq!(drops(&["0 10", "11 60 withdrawn"]), (0, 0));
    assert_eq!(drops(&["0 10", "11 -"]), (1, 0));
}

#[test]
fn moves_between_rooms_and_the_waiting_room_are_no_drops() {
    let drops = |stays: &[&str]| person(stays).drops;
    assert_eq!(drops(&["0 10", "11 30 bo", "31 60"]), 0);
    assert_eq!(drops(&["0 10", "11:01 30 bo", "31 60"]), 1);
    assert_eq!(drops(&["0 2 wait", "3 60"]), 0);
    assert_eq!(drops(&["0 10", "10 12 wait", "13 60"]), 0);
    // Out, in front of the door again, and in: once.
    assert_eq!(drops(&["0 10", "11 12 wait", "13 60"]), 1);
}

#[test]
fn who_does_not_come_back_after_bad_minutes_was_lost() {
    check(
        &["0 20 loss 30 30 30"],
        Some("did not come back, loss 30 % before; audio in bad in 3 of 20 min (loss)"),
    );
    check(&["0 56 loss 30 30 30"], Some("audio in bad in 3 of 56 min (loss)"));
    check(&["0 20"], Some("no bad minutes in 20"));
}

#[test]
fn returns_without_a_known_reason_are_told_as_such() {
    check(&["0 10", "11 20", "21 60"], Some("left and came back twice"));
    check(&["0 10 untold", "11 60 untold"], Some("left and came back once"));
    check(
        &["0 10 loss 20 20 20", "11 20", "21 60"],
        Some(
            "dropped once, loss 20 % before; left and came back another once; audio in bad in 3 of 58 min (loss)",
        ),
    );
}

#[test]
fn stays_are_weighed_by_their_minutes() {
    let person = person(&["0 10 loss 25.1 25.1 25.1 25.1 25.1 25.1 25.1 25.1 25.1 25.1", "20 50"]);
    assert_eq!((person.stays, person.measured_stays, person.minutes, person.bad_minutes), (2, 2, 40, 10));
    assert_eq!(person.bad_share, Some(0.25));
    // 10 minutes of 93.2 - 47.5 and 30 of 93.2.
    assert!((person.score.unwrap() - 81.325).abs() < 1e-9, "{:?}", person.score);
    assert!((person.channels[0].loss_pct.unwrap() - 6.275).abs() < 1e-9);
}

#[test]
fn an_instance_is_the_middle_and_the_worst_of_its_people() {
    let people = [
        person(&["0 60"]),
        person(&["0 60 loss 30 30 30 30 30 30"]),
        person(&["0 60 loss 30 30 30 30 30"]),
        person(&["0 60 untold"]),
    ];
    let instance = instance_quality(&people);
    assert_eq!((instance.people, instance.minutes, instance.troubled_people), (3, 180, 1));
    assert_eq!(instance.bad_share, Some(11.0 / 180.0));
    assert_eq!(instance.worst_score, people[1].score);
    assert_eq!(instance.median_score, people[2].score);
    assert_eq!((instance.worst.map(Channel::name), instance.cause), (Some("audio_in"), Some(Cause::Loss)));
    assert_eq!(instance_quality(&people[2..]).median_score, people[2].score);
    assert_eq!(instance_quality(&people[3..]), InstanceQuality::default());
}

#[test]
fn minutes_that_are_bad_for_a_third_point_to_the_room() {
    let heat = |grades: &[&str]| -> Vec<Timestamp> {
        let people: Vec<Vec<(Timestamp, Option<Grade>)>> = grades
            .iter()
            .map(|line| {
                let grade = |mark| match mark {
                    '.' => Some(Grade::Good),
                    '-' => Some(Grade::Fair),
                    '#' => Some(Grade::Bad),
                    _ => None,
                };
                let minute = |place: usize| at(&place.to_string());
                line.chars().enumerate().map(|(place, mark)| (minute(place), grade(mark))).collect()
            })
            .collect();
        bad_together(&people)
    };
    assert_eq!(heat(&["#..#", ".-.#", "...#"]), [at("0"), at("3")]);
    assert_eq!(heat(&["#.", "..", "..", ".."]), []);
    // Two people are not many; who was not measured is not counted.
    assert_eq!(heat(&["#", "#"]), []);
    assert_eq!(heat(&["#", "#", " "]), []);
    assert_eq!(heat(&["#", ".", ".", " "]), [at("0")]);
    // Two stays of one person in a minute are one person.
    let twice = vec![(at("0"), Some(Grade::Bad)), (at("0"), Some(Grade::Good))];
    let good = vec![(at("0"), Some(Grade::Good))];
    assert_eq!(bad_together(&[twice, good.clone(), good]), [at("0")]);
}
