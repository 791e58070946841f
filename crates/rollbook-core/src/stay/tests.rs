use super::*;

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

/// `"7 ana 09:00:00 10:00:00"`: user_id, name, join, leave (`-` for none).
fn rows(text: &str) -> Vec<Row> {
    text.split(',')
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            Row {
                user_id: words[0].into(),
                name: Some(words[1].into()),
                joined_at: Some(at(words[2])),
                left_at: (words[3] != "-").then(|| at(words[3])),
                ..Row::default()
            }
        })
        .collect()
}

fn merged(readings: &[(Family, &str, Vec<Row>)]) -> Vec<Stay> {
    let evidence: Vec<Evidence<'_>> = readings
        .iter()
        .map(|(family, asked, rows)| Evidence {
            family: *family,
            asked_at: at(asked),
            is_finished: true,
            is_passing: false,
            rows,
        })
        .collect();
    merge(&evidence)
}

fn check(readings: &[(Family, &str, &str)], expected: &str) {
    let readings: Vec<_> =
        readings.iter().map(|(family, asked, text)| (*family, *asked, rows(text))).collect();
    let shown: Vec<String> = merged(&readings)
        .iter()
        .map(|stay| {
            let left = stay.left_at.map_or("-".to_owned(), |left| left.to_string()[11..19].to_owned());
            let withdrawn = if stay.is_withdrawn { " withdrawn" } else { "" };
            format!(
                "{} {} {} {left} {}{withdrawn}",
                stay.user_id,
                stay.name.as_deref().unwrap_or("-"),
                &stay.joined_at.to_string()[11..19],
                stay.source.name()
            )
        })
        .collect();
    assert_eq!(shown.join(", "), expected);
}

#[test]
fn one_connection_seen_by_two_families_is_one_stay() {
    check(
        &[
            (Family::PastMeetings, "12:00:00", "7 ana 09:00:03 10:00:00"),
            (Family::Report, "13:00:00", "7 ana 09:00:00 10:00:02"),
        ],
        "7 ana 09:00:00 10:00:02 report",
    );
}

#[test]
fn the_more_trusted_family_wins_whenever_it_came() {
    check(
        &[
            (Family::Report, "12:00:00", "7 ana 09:00:00 10:00:02"),
            (Family::Metrics, "13:00:00", "7 anna 09:00:02 09:59:00"),
        ],
        "7 ana 09:00:00 10:00:02 report",
    );
}

#[test]
fn a_later_reading_of_the_same_family_corrects() {
    check(
        &[
            (Family::PastMeetings, "12:00:00", "7 ana 09:00:00 -"),
            (Family::PastMeetings, "13:00:00", "7 ana 09:00:00 10:00:00"),
        ],
        "7 ana 09:00:00 10:00:00 past_meetings",
    );
}

#[test]
fn a_blank_never_replaces_a_value() {
    check(
        &[
            (Family::PastMeetings, "12:00:00", "7 ana 09:00:00 10:00:00"),
            (Family::Report, "13:00:00", "7 ana 09:00:00 -"),
        ],
        "7 ana 09:00:00 10:00:00 report",
    );
}

#[test]
fn quirk_27_repeated_lines_are_one_stay_and_rejoins_are_not() {
    check(
        &[(
            Family::Report,
            "12:00:00",
            "7 ana 09:00:00 10:00:00, 7 ana 09:00:04 10:00:00, 7 ana 09:30:00 10:00:00",
        )],
        "7 ana 09:00:00 10:00:00 report, 7 ana 09:30:00 10:00:00 report",
    );
}

#[test]
fn a_stay_absent_from_two_later_complete_readings_is_withdrawn() {
    let once = (Family::PastMeetings, "12:00:00", "7 ana 09:00:00 10:00:00, 8 bo 09:00:00 10:00:00");
    let without = "7 ana 09:00:00 10:00:00";
    check(
        &[once, (Family::PastMeetings, "13:00:00", without)],
        "7 ana 09:00:00 10:00:00 past_meetings, 8 bo 09:00:00 10:00:00 past_meetings",
    );
    check(
        &[once, (Family::PastMeetings, "13:00:00", without), (Family::PastMeetings, "14:00:00", without)],
        "7 ana 09:00:00 10:00:00 past_meetings, 8 bo 09:00:00 10:00:00 past_meetings withdrawn",
    );
}

#[test]
fn a_short_list_of_another_family_withdraws_nothing() {
    let once = (Family::PastMeetings, "12:00:00", "7 ana 09:00:00 10:00:00, 8 bo 09:00:00 10:00:00");
    let short = "7 ana 09:00:00 10:00:00";
    check(
        &[once, (Family::Report, "13:00:00", short), (Family::Report, "14:00:00", short)],
        "7 ana 09:00:00 10:00:00 report, 8 bo 09:00:00 10:00:00 past_meetings",
    );
}

#[test]
fn rows_without_a_user_id_are_told_apart_by_name() {
    let mut ana = rows("x ana 09:00:00 10:00:00, x bo 09:00:00 10:00:00");
    ana.iter_mut().for_each(|row| row.user_id.clear());
    assert_eq!(merged(&[(Family::Report, "12:00:00", ana)]).len(), 2);
}

#[test]
fn half_made_rows_are_recognised() {
    let mut row = rows("7 ana 09:00:00 10:00:00").remove(0);
    assert!(!row.is_half_made());
    row.duration_seconds = Some(0);
    assert!(row.is_half_made());
    row.left_at = row.joined_at;
    assert!(!row.is_half_made(), "a stay of no length is whole");
    row.left_at = None;
    assert!(row.is_half_made());
}

#[test]
fn the_order_of_rows_does_not_change_the_digest() {
    let forth = rows("7 ana 09:00:00 10:00:00, 8 bo 09:00:00 10:00:00");
    let mut back = forth.clone();
    back.reverse();
    assert_eq!(summarise(Family::Report, &forth), summarise(Family::Report, &back));
    assert_ne!(summarise(Family::Report, &forth).digest, summarise(Family::Report, &forth[..1]).digest);
}

/// Like [`check`], where the second reading has as many people as Zoom counted.
fn check_passing(passing: &str, readings: &[(Family, &str, &str)], expected: &[&str]) {
    let readings: Vec<_> =
        readings.iter().map(|(family, asked, text)| (*family, *asked, rows(text))).collect();
    let evidence: Vec<Evidence<'_>> = readings
        .iter()
        .map(|(family, asked, rows)| Evidence {
            family: *family,
            asked_at: at(asked),
            is_finished: true,
            is_passing: *asked == passing,
            rows,
        })
        .collect();
    let shown: Vec<String> = merge(&evidence)
        .iter()
        .filter(|stay| !stay.is_withdrawn)
        .map(|stay| format!("{} {}", stay.user_id, stay.source.name()))
        .collect();
    assert_eq!(shown, expected);
}

const TOLD: &str = "7 ana 09:00:00 10:00:00, 8 ben 09:10:00 10:00:00";
const LISTED: &str = "7 Ana 09:00:01 10:00:02";

#[test]
fn what_only_events_told_counts_until_a_list_that_fits_or_two_say_otherwise() {
    let event = (Family::Event, "10:01:00", TOLD);
    let list = |asked| (Family::PastMeetings, asked, LISTED);
    check_passing("", &[event], &["7 event", "8 event"]);
    check_passing("", &[event, list("10:10:00")], &["7 past_meetings", "8 event"]);
    check_passing("10:10:00", &[event, list("10:10:00")], &["7 past_meetings"]);
    check_passing("", &[event, list("10:10:00"), list("11:10:00")], &["7 past_meetings"]);
    // However late the event was told.
    let late = (Family::Event, "12:00:00", TOLD);
    check_passing("10:10:00", &[list("10:10:00"), late], &["7 past_meetings"]);
    // Somebody who came after the list was taken is no reason to doubt either.
    check_passing("09:05:00", &[(Family::Metrics, "09:05:00", LISTED), event], &["7 metrics", "8 event"]);
}

#[test]
fn events_fill_gaps_of_lists_and_correct_nothing() {
    let mut listed = rows(LISTED);
    listed[0].left_at = None;
    let mut told = rows("7 other 09:00:00 10:00:00");
    told[0].participant_uuid = Some("A".into());
    told[0].email = Some("ana@school.example".into());
    told[0].status = Status::InWaitingRoom;
    for order in [[0, 1], [1, 0]] {
        let both =
            [(Family::PastMeetings, "10:10:00", listed.clone()), (Family::Event, "10:20:00", told.clone())];
        let [stay] = &merged(&order.map(|at| both[at].clone()))[..] else { panic!() };
        assert_eq!((stay.name.as_deref(), stay.joined_at), (Some("Ana"), at("09:00:01")));
        assert_eq!((stay.status, stay.source), (Status::InMeeting, Family::PastMeetings));
        assert_eq!((stay.left_at, stay.participant_uuid.as_deref()), (Some(at("10:00:00")), Some("A")));
        assert_eq!(stay.email.as_deref(), Some("ana@school.example"));
    }
}

#[test]
fn events_do_not_bring_back_what_lists_withdrew() {
    let list = |asked, text| (Family::PastMeetings, asked, text);
    check_passing(
        "",
        &[
            list("10:10:00", TOLD),
            list("10:40:00", LISTED),
            list("11:10:00", LISTED),
            (Family::Event, "12:00:00", TOLD),
        ],
        &["7 past_meetings"],
    );
}
