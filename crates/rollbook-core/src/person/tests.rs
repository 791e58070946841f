use super::*;
use crate::family::Family;
use crate::reading::Status;

/// `"name zoom-id email 09:00 10:00"`, `-` for blank.
fn stay(text: &str) -> Stay {
    let words: Vec<&str> = text.split_whitespace().collect();
    let some = |word: &str| (word != "-").then(|| word.to_owned());
    let at = |word: &str| format!("2026-11-20T{word}:00Z").parse::<Timestamp>().unwrap();
    Stay {
        user_id: text.to_owned(),
        participant_uuid: None,
        zoom_user_id: some(words[1]),
        registrant_id: None,
        name: some(words[0]),
        email: some(words[2]),
        joined_at: at(words[3]),
        left_at: Some(at(words[4])),
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::Report,
        is_withdrawn: false,
        evidence: BTreeMap::new(),
    }
}

fn check(stays: &[&str], expected: &[(&[usize], Rule)]) {
    let stays: Vec<Stay> = stays.iter().map(|text| stay(text)).collect();
    let found = people(&stays);
    let shown: Vec<(&[usize], Rule)> =
        found.iter().map(|person| (person.stays.as_slice(), person.rule)).collect();
    assert_eq!(shown, expected);
}

#[test]
fn a_rejoin_under_one_zoom_id_is_one_person_whatever_the_name() {
    check(&["ana z1 - 09:00 09:20", "iPad z1 - 09:21 10:00"], &[(&[0, 1], Rule::ZoomUser)]);
}

#[test]
fn an_e_mail_ties_whatever_its_case() {
    check(&["ana - A@x.edu 09:00 09:20", "anna - a@x.edu 09:21 10:00"], &[(&[0, 1], Rule::Email)]);
}

#[test]
fn namesakes_who_were_there_at_once_are_two_people() {
    check(&["ana - - 09:00 10:00", "ana - - 09:30 10:00"], &[(&[0], Rule::Alone), (&[1], Rule::Alone)]);
}

#[test]
fn the_same_name_one_after_the_other_is_one_person() {
    check(&["ana - - 09:00 09:30", "ana - - 09:31 10:00"], &[(&[0, 1], Rule::Name)]);
}

#[test]
fn different_zoom_ids_are_never_one_person() {
    check(&["ana z1 - 09:00 09:30", "ana z2 - 09:31 10:00"], &[(&[0], Rule::Alone), (&[1], Rule::Alone)]);
}

#[test]
fn withdrawn_stays_belong_to_nobody() {
    let mut gone = stay("ana z1 - 09:00 09:30");
    gone.is_withdrawn = true;
    assert!(people(&[gone]).is_empty());
}
