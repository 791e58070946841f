use super::*;
use crate::delivery::{DetailsRow, OwnRows};

mod props;

/// `"7 ANA 100-400"`: zoomuserid, name, join and leave. `~` is an empty zoomuserid.
fn row(text: &str) -> ParticipantRow {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (join, leave) = words[2].split_once('-').unwrap();
    let (join_time, leave_time) = (join.parse().unwrap(), leave.parse::<i64>().unwrap());
    ParticipantRow {
        zoomuserid: words[0].trim_matches('~').into(),
        join_time,
        leave_time,
        duration: leave_time - join_time,
        userid: None,
        uuid: None,
        user_email: None,
        name: words[1].into(),
    }
}

fn rows(text: &str) -> Vec<ParticipantRow> {
    text.split(',').map(str::trim).filter(|line| !line.is_empty()).map(row).collect()
}

fn wanted(participants: Vec<ParticipantRow>, left_out: Vec<ParticipantRow>) -> Delivery {
    let details = DetailsRow {
        uuid: "uuid".into(),
        meeting_id: 1,
        start_time: 1,
        end_time: 2,
        duration: 1,
        topic: String::new(),
        total_minutes: None,
        participants_count: None,
        zoomid: 1,
    };
    Delivery { details, participants, left_out }
}

/// Rows with ids from 1; those marked `own` are ours, and those marked `edited` were ours.
fn table(text: &str) -> (Vec<ExistingRow>, OwnRows) {
    let mut own = OwnRows::new();
    let lines = text.split(',').map(str::trim).filter(|line| !line.is_empty());
    let existing = lines.zip(1..).map(|(line, id)| {
        let there = row(line);
        if line.ends_with("own") {
            own.insert(id, there.clone());
        } else if line.ends_with("edited") {
            own.insert(id, ParticipantRow { name: "as we wrote it".into(), ..there.clone() });
        }
        ExistingRow { id, row: there }
    });
    (existing.collect(), own)
}

fn settled(own: &OwnRows) -> Ours<'_> {
    Ours { own, tentative: None }
}

fn shown(reconciled: &Reconciled) -> String {
    let row = |row: &ParticipantRow| {
        format!("{} {} {}-{}", row.zoomuserid, row.name, row.join_time, row.leave_time)
    };
    let mut lines: Vec<String> = reconciled
        .changes
        .iter()
        .map(|change| match change {
            Change::Insert(new) => format!("+ {}", row(new)),
            Change::CorrectOwn { id, new, .. } => format!("own {id}: {}", row(new)),
            Change::CorrectOthers { id, new, .. } => format!("{id}: {}", row(new)),
            Change::Delete { id, .. } => format!("- {id}"),
        })
        .collect();
    lines.extend(reconciled.notes.iter().map(|note| match note {
        Note::Duplicate { id, of } => format!("({id} doubles {of})"),
        Note::NotDeleted { id } => format!("({id} not deleted)"),
        Note::Edited { id } => format!("({id} edited)"),
    }));
    lines.join(", ")
}

fn check_with(there: &str, stays: &str, left_out: &str, deleting: Deleting, expected: &str) {
    let (existing, own) = table(there);
    let delivery = wanted(rows(stays), rows(left_out));
    assert_eq!(shown(&reconcile(&existing, &delivery, settled(&own), deleting)), expected);
}

fn check(there: &str, stays: &str, expected: &str) {
    check_with(there, stays, "", Deleting::Granted, expected);
}

#[test]
fn an_empty_table_gets_every_stay() {
    check("", "8 ben 120-300, 7 ana 100-400", "+ 7 ana 100-400, + 8 ben 120-300");
}

#[test]
fn what_is_there_already_stays_as_it_is() {
    check("7 ana 100-400 own, 8 BEN 120-300", "7 ana 100-400, 8 ben 120-300", "");
}

#[test]
fn our_own_row_is_corrected_in_every_column() {
    check("7 ana 100-400 own", "7 ANA 103-900", "own 1: 7 ANA 103-900");
}

#[test]
fn in_a_row_of_somebody_else_leave_and_duration_are_corrected_and_nothing_else() {
    let (existing, own) = table("7 ANA 102-400");
    let mut stay = row("7 ana 100-900");
    stay.userid = Some(5);
    let reconciled = reconcile(&existing, &wanted(vec![stay], vec![]), settled(&own), Deleting::Granted);
    let [Change::CorrectOthers { id: 1, old, new }] = reconciled.changes.as_slice() else {
        panic!("{reconciled:?}")
    };
    assert_eq!(*old, row("7 ANA 102-400"));
    assert_eq!(*new, ParticipantRow { leave_time: 900, duration: 800, ..row("7 ANA 102-400") });
}

#[test]
fn a_leave_that_was_missing_is_filled_in() {
    check("7 ANA 100-0", "7 ana 100-900", "1: 7 ANA 100-900");
}

#[test]
fn a_rounding_apart_is_no_correction_to_a_row_of_somebody_else() {
    check("7 ANA 100-400", "7 ana 102-405", "");
    check("7 ANA 100-400", "7 ana 102-406", "1: 7 ANA 100-406");
}

#[test]
fn a_join_more_than_five_seconds_apart_is_another_stay() {
    check("7 ANA 100-400", "7 ana 105-400", "");
    check("7 ANA 100-400", "7 ana 106-400", "+ 7 ana 106-400");
    check("7 ANA 100-400", "8 ana 100-400", "+ 8 ana 100-400");
}

#[test]
fn our_row_beside_one_of_somebody_else_goes_and_theirs_is_corrected() {
    check("7 ana 100-900 own, 7 ANA 100-400", "7 ana 100-900", "- 1, 2: 7 ANA 100-900");
}

#[test]
fn without_the_grant_nothing_is_deleted_and_it_is_said() {
    check_with(
        "7 ana 100-900 own, 7 ANA 100-900, 8 ben 50-90 own",
        "7 ana 100-900",
        "",
        Deleting::Refused,
        "(1 not deleted), (3 not deleted)",
    );
}

#[test]
fn our_row_of_a_withdrawn_stay_goes_unless_somebody_edited_it() {
    check("7 ana 100-400 own", "", "- 1");
    check("7 ana 100-400 edited", "", "(1 edited)");
    check_with("7 ana 100-400 edited", "", "7 ana 100-400", Deleting::Granted, "(1 edited)");
}

#[test]
fn a_row_that_somebody_edited_is_somebody_elses() {
    check("7 Edited 100-400 edited", "7 ana 100-900", "1: 7 Edited 100-900");
}

#[test]
fn a_row_is_ours_whichever_side_of_a_lost_commit_it_stands_on() {
    let existing = [ExistingRow { id: 1, row: row("7 before 100-400") }];
    let before = OwnRows::from([(1, row("7 before 100-400"))]);
    let after = OwnRows::from([(1, row("7 after 100-900"))]);
    let delivery = wanted(rows("7 later 100-900"), vec![]);
    for (own, tentative) in [(&before, &after), (&after, &before)] {
        let reconciled =
            reconcile(&existing, &delivery, Ours { own, tentative: Some(tentative) }, Deleting::Granted);
        assert_eq!(shown(&reconciled), "own 1: 7 later 100-900");
    }
}

#[test]
fn of_a_stale_row_and_its_corrected_one_neither_is_touched_and_the_stale_one_is_named() {
    check("7 ANA 100-400, 7 ANA 100-900", "7 ana 100-900", "(1 doubles 2)");
    check("7 ANA 100-400, 7 ANA 100-700", "7 ana 100-900", "2: 7 ANA 100-900, (1 doubles 2)");
}

#[test]
fn a_waiting_room_row_of_somebody_else_is_not_taken_for_the_stay_that_followed() {
    check_with("7 ANA 100-103", "7 ana 103-900", "7 ana 100-103", Deleting::Granted, "+ 7 ana 103-900");
    check_with("7 ANA 100-103, 7 ANA 103-900", "7 ana 103-900", "7 ana 100-103", Deleting::Granted, "");
}

#[test]
fn rows_of_others_for_stays_that_zoom_does_not_tell_of_stay() {
    check("9 CYD 100-400, 9 CYD 500-600", "7 ana 100-400", "+ 7 ana 100-400");
}

#[test]
fn without_zoomuserid_the_person_has_to_agree() {
    check("~ ANA 100-400", "~ ana 100-900", "1:  ANA 100-900");
    check("~ ANA 100-400", "~ ben 100-900", "+  ben 100-900");
    let (mut existing, own) = table("~ ANA 100-400");
    existing[0].row.uuid = Some("someone".into());
    let mut stay = row("~ ana 100-400");
    stay.uuid = Some("someone else".into());
    let reconciled = reconcile(&existing, &wanted(vec![stay], vec![]), settled(&own), Deleting::Granted);
    assert_eq!(shown(&reconciled), "+  ana 100-400");
}

#[test]
fn the_nearest_joins_go_together() {
    check("7 A 104-500, 7 A 100-500", "7 a 100-500, 7 a 106-500", "");
}

#[test]
fn a_stay_with_another_join_or_user_id_keeps_its_row() {
    for deleting in [Deleting::Granted, Deleting::Refused] {
        check_with("7 ana 100-400 own", "7 anna 200-400", "", deleting, "own 1: 7 anna 200-400");
        check_with("7 ana 100-400 own", "9 ANA 100-400", "", deleting, "own 1: 9 ANA 100-400");
        check_with(
            "7 ana 100-400 own",
            "9 ana 100-400, 7 x 101-400",
            "",
            deleting,
            "own 1: 7 x 101-400, + 9 ana 100-400",
        );
        let there = "7 ana 100-400 own, 8 ana 500-900 own";
        let expected = "own 1: 17 ana 120-400, own 2: 18 ana 480-900";
        check_with(there, "18 ana 480-900, 17 ana 120-400", "", deleting, expected);
    }
}

#[test]
fn a_row_that_cannot_be_deleted_becomes_the_same_persons_stay_before_anothers() {
    let (there, stays) = ("7 ana 100-400 own, 8 ben 200-400 own", "17 ben 100-400, 18 cyd 300-400");
    check_with(there, stays, "", Deleting::Refused, "own 1: 18 cyd 300-400, own 2: 17 ben 100-400");
    check_with(there, stays, "", Deleting::Granted, "- 1, own 2: 17 ben 100-400, + 18 cyd 300-400");
}
