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
