use super::*;
use crate::family::Family;
use crate::time::minutes;

fn at(word: &str) -> Timestamp {
    format!("2026-11-20T{word}:00Z").parse().unwrap()
}

/// `"ana 09:00 10:00"`, with `w` behind for the waiting room.
fn stay(text: &str) -> Stay {
    let words: Vec<&str> = text.split_whitespace().collect();
    Stay {
        user_id: text.to_owned(),
        participant_uuid: None,
        zoom_user_id: Some(words[0].to_owned()),
        registrant_id: None,
        name: Some(words[0].to_owned()),
        email: None,
        joined_at: at(words[1]),
        left_at: (words[2] != "-").then(|| at(words[2])),
        status: if words.len() > 3 { Status::InWaitingRoom } else { Status::InMeeting },
        is_breakout: None,
        source: Family::Report,
        is_withdrawn: false,
        evidence: std::collections::BTreeMap::new(),
    }
}

fn check(stays: &[&str], minutes_present: i64, share: f64) {
    let stays: Vec<Stay> = stays.iter().map(|text| stay(text)).collect();
    let all = presences(&stays, Some(minutes(60)));
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].seconds, minutes_present * 60);
    assert!((all[0].share.unwrap() - share).abs() < 1e-9);
}

#[test]
fn overlapping_stays_count_once() {
    check(&["ana 09:00 09:40", "ana 09:20 10:00"], 60, 1.0);
}

#[test]
fn the_waiting_room_is_not_attendance() {
    check(&["ana 09:00 09:15 w", "ana 09:15 10:00"], 45, 0.75);
}

#[test]
fn a_stay_that_has_not_ended_counts_nothing_yet_and_says_so() {
    let all = presences(&[stay("ana 09:00 -")], None);
    assert_eq!((all[0].seconds, all[0].open_since, all[0].share), (0, Some(at("09:00")), None));
}

#[test]
fn a_restart_within_the_gap_is_one_session_but_never_in_a_personal_room() {
    let check = |later, personal| is_restart(at("10:00"), at(later), minutes(5), personal);
    assert!(check("10:04", false));
    assert!(!check("10:06", false));
    assert!(!check("10:04", true));
}
