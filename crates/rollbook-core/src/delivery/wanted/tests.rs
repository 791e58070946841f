use super::*;
use crate::family::Family;
use crate::instance::{Kind, TimesFrom};

const SETTINGS: Settings = Settings { unit: LengthUnit::Seconds, unfinished: Unfinished::HoldBack };

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn lecture() -> Instance {
    Instance {
        number: Some(85_746_065),
        topic: Some("Algebra".into()),
        started_at: Some(at("09:00:00")),
        ended_at: Some(at("10:00:30")),
        times_from: TimesFrom::List,
        listed_count: Some(3),
        ..Instance::unknown("4444AAAiAAAAAiAiAiiAii==".into(), Kind::Meeting)
    }
}

/// `"7 ana 09:00:00 10:00:00 room"`: user_id, name, join, leave (`-` for none), and what is special.
fn stays(text: &str) -> Vec<Stay> {
    let lines = text.split(',').map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let marks = &words[4..];
            Stay {
                user_id: words[0].into(),
                participant_uuid: None,
                zoom_user_id: None,
                registrant_id: None,
                name: Some(words[1].into()),
                email: None,
                joined_at: at(words[2]),
                left_at: (words[3] != "-").then(|| at(words[3])),
                status: if marks.contains(&"waiting") { Status::InWaitingRoom } else { Status::InMeeting },
                is_breakout: marks.contains(&"room").then_some(true),
                source: Family::Report,
                is_withdrawn: marks.contains(&"withdrawn"),
                evidence: BTreeMap::new(),
            }
        })
        .collect()
}

fn deliver(instance: &Instance, stays: &[Stay], settings: Settings) -> Result<Delivery, HeldBack> {
    let named = |index: usize| Named {
        userid: None,
        name: stays[index].name.clone().unwrap_or_default(),
        email: None,
    };
    delivery(instance, stays, named, 12, settings)
}

/// Shows the rows as `user_id minutes`, those left out in brackets.
fn check(text: &str, expected: &str) {
    let delivery = deliver(&lecture(), &stays(text), SETTINGS).unwrap();
    let row =
        |row: &ParticipantRow| format!("{} {}m{}", row.zoomuserid, row.duration / 60, row.duration % 60);
    let mut shown: Vec<String> = delivery.participants.iter().map(row).collect();
    shown.extend(delivery.left_out.iter().map(|left| format!("({})", left.zoomuserid)));
    assert_eq!(shown.join(", "), expected);
}

fn held_back(instance: &Instance, text: &str) -> String {
    deliver(instance, &stays(text), SETTINGS).unwrap_err().to_string()
}

#[test]
fn an_instance_becomes_a_details_row_and_a_row_for_each_stay() {
    let delivery = deliver(&lecture(), &stays("7 ana 09:00:05 10:00:30"), SETTINGS).unwrap();
    assert_eq!(
        delivery.details,
        DetailsRow {
            uuid: "4444AAAiAAAAAiAiAiiAii==".into(),
            meeting_id: 85_746_065,
            start_time: 1_795_165_200,
            end_time: 1_795_168_830,
            duration: 3630,
            topic: "Algebra".into(),
            total_minutes: None,
            participants_count: Some(3),
            zoomid: 12,
        }
    );
    let row = &delivery.participants[0];
    assert_eq!((row.join_time, row.leave_time, row.duration), (1_795_165_205, 1_795_168_830, 3625));
    assert_eq!(
        (row.zoomuserid.as_str(), row.name.as_str(), &row.uuid, &row.user_email),
        ("7", "ana", &None, &None)
    );
}

#[test]
fn minutes_are_begun_ones_as_the_report_gives_them() {
    let settings = Settings { unit: LengthUnit::Minutes, ..SETTINGS };
    assert_eq!(deliver(&lecture(), &[], settings).unwrap().details.duration, 61);
}

#[test]
fn waiting_room_and_withdrawn_stays_are_left_out() {
    check(
        "7 ana 09:00:00 09:05:00 waiting, 8 ana 09:05:00 10:00:00, 9 ben 09:10:00 09:20:00 withdrawn",
        "8 55m0, (7), (9)",
    );
}

#[test]
fn a_breakout_room_within_the_main_rooms_time_adds_nothing() {
    check("7 ana 09:00:00 10:00:00, 8 ana 09:10:00 09:40:00 room", "7 60m0, (8)");
    check("7 ana 09:00:00 10:00:00, 8 ana 09:40:00 10:00:05 room", "7 60m0, (8)");
}

#[test]
fn a_breakout_room_between_two_stays_in_the_main_room_is_presence() {
    check(
        "7 ana 09:00:00 09:10:00, 8 ana 09:10:00 09:40:00 room, 9 ana 09:40:00 10:00:00",
        "7 10m0, 8 30m0, 9 20m0",
    );
    check("8 ana 09:10:00 09:10:03 room", "8 0m3");
}

#[test]
fn a_breakout_room_that_sticks_out_counts_for_what_sticks_out_and_keeps_its_times() {
    let rooms = stays("7 ana 09:00:00 09:30:00, 8 ana 09:20:00 09:50:00 room, 9 ana 09:40:00 09:55:00 room");
    let delivery = deliver(&lecture(), &rooms, SETTINGS).unwrap();
    let shown: Vec<(i64, i64)> =
        delivery.participants.iter().map(|row| (row.leave_time - row.join_time, row.duration)).collect();
    assert_eq!(shown, [(1800, 1800), (1800, 1200), (900, 300)]);
}

#[test]
fn somebody_elses_main_room_says_nothing_about_a_breakout_room() {
    check("7 ana 09:00:00 10:00:00, 8 ben 09:10:00 09:40:00 room", "7 60m0, 8 30m0");
}

#[test]
fn where_nobody_tells_breakout_rooms_apart_rows_are_delivered_as_they_are() {
    check("7 ana 09:00:00 10:00:00, 8 ana 09:10:00 09:40:00", "7 60m0, 8 30m0");
}

#[test]
fn unknown_times_hold_an_instance_back_and_are_never_1970() {
    let known = lecture();
    let epoch = Some(Timestamp::UNIX_EPOCH);
    for start in [None, epoch] {
        let said = held_back(&Instance { started_at: start, ..known.clone() }, "");
        assert!(said.contains("when it started"), "{said}");
    }
    for end in [None, epoch] {
        let said = held_back(&Instance { ended_at: end, ..known.clone() }, "");
        assert!(said.contains("when it ended"), "{said}");
    }
    let said = held_back(&known, "7 ana 09:00:00 -, 8 ben 09:00:00 10:00:00, 9 cyd 09:01:00 -");
    assert!(said.contains("2 of its stays"), "{said}");
}

#[test]
fn stays_without_a_leave_wait_alone_where_incomplete_instances_are_wanted() {
    let settings = Settings { unfinished: Unfinished::LeaveOut, ..SETTINGS };
    let stays = stays("7 ana 09:00:00 -, 8 ben 09:00:00 10:00:00");
    let delivery = deliver(&lecture(), &stays, settings).unwrap();
    assert_eq!((delivery.participants[0].zoomuserid.as_str(), delivery.participants.len()), ("8", 1));
    assert_eq!((delivery.left_out[0].zoomuserid.as_str(), delivery.left_out[0].leave_time), ("7", 0));
}

#[test]
fn an_open_stay_in_the_waiting_room_holds_nothing_back() {
    check("7 ana 09:00:00 - waiting, 8 ben 09:00:00 09:10:00", "8 10m0, (7)");
}

#[test]
fn a_meeting_without_length_never_reaches_moodles_division_by_it() {
    for end in ["09:00:00", "08:59:00"] {
        let said = held_back(&Instance { ended_at: Some(at(end)), ..lecture() }, "");
        assert!(said.contains("no time to attend"), "{said}");
    }
}

#[test]
fn a_meeting_without_a_number_waits() {
    for number in [None, Some(0), Some(u64::MAX)] {
        assert!(held_back(&Instance { number, ..lecture() }, "").contains("meeting number"));
    }
}

#[test]
fn a_uuid_that_does_not_fit_is_refused_and_not_cut() {
    for uuid in ["", "a\0b", "1234567890123456789012345678901"] {
        let said = held_back(&Instance { uuid: uuid.into(), ..lecture() }, "");
        assert!(said.contains("1 to 30 characters"), "{said}");
    }
    let longest = Instance { uuid: "123456789012345678901234567890".into(), ..lecture() };
    assert!(deliver(&longest, &[], SETTINGS).is_ok());
}

#[test]
fn one_id_that_does_not_fit_is_left_empty_and_stops_nobody() {
    let mut stays = stays("7 ana 09:00:00 10:00:00, 8 ben 09:00:00 10:00:00");
    stays[0].zoom_user_id = Some("1234567890123456789012345678901".into());
    stays[1].zoom_user_id = Some("123456789012345678901234567890".into());
    stays[1].user_id = "123456789012345678901234567890123456".into();
    let rows = deliver(&lecture(), &stays, SETTINGS).unwrap().participants;
    let shown: Vec<_> = rows.iter().map(|row| (row.zoomuserid.as_str(), row.uuid.as_deref())).collect();
    assert_eq!(shown, [("", Some("123456789012345678901234567890")), ("7", None)]);
}

#[test]
fn texts_are_cut_by_characters_and_lose_nul() {
    let mut stays = stays("7 x 09:00:00 10:00:00");
    stays[0].name = Some(format!("\0{}", "é😀".repeat(200)));
    stays[0].email = Some("a\0@b".into());
    let instance = Instance { topic: Some(format!("{}\0", "ü".repeat(301))), ..lecture() };
    let delivery = deliver(&instance, &stays, SETTINGS).unwrap();
    let row = &delivery.participants[0];
    assert_eq!(row.name, format!("{}é", "é😀".repeat(127)));
    assert_eq!(row.user_email.as_deref(), Some("a@b"));
    assert_eq!(delivery.details.topic, "ü".repeat(300));
}

#[test]
fn the_e_mail_is_zooms_else_that_of_the_matched_user() {
    let mut stays = stays("7 ana 09:00:00 10:00:00, 8 ben 09:00:00 10:00:00");
    stays[0].email = Some("ana@zoom.example".into());
    let named = |_| Named { userid: Some(4), name: "X".into(), email: Some("x@moodle.example".into()) };
    let rows = delivery(&lecture(), &stays, named, 12, SETTINGS).unwrap().participants;
    let emails: Vec<_> = rows.iter().filter_map(|row| row.user_email.as_deref()).collect();
    assert_eq!(emails, ["ana@zoom.example", "x@moodle.example"]);
}

#[test]
fn a_count_beyond_the_column_is_its_largest_and_an_unknown_one_is_none() {
    let counted = |listed_count| {
        let instance = Instance { listed_count, ..lecture() };
        deliver(&instance, &[], SETTINGS).unwrap().details.participants_count
    };
    assert_eq!(
        [counted(Some(50_000)), counted(Some(32_767)), counted(None)],
        [Some(32_767), Some(32_767), None]
    );
}

#[test]
fn an_email_told_as_blank_is_filled_from_the_user() {
    let mut stays = stays("7 ana 09:00:00 10:00:00");
    stays[0].email = Some(String::new());
    let named = |_| Named { userid: Some(5), name: "Ana".into(), email: Some("ana@school.example".into()) };
    let delivery = delivery(&lecture(), &stays, named, 12, SETTINGS).unwrap();
    assert_eq!(delivery.participants[0].user_email.as_deref(), Some("ana@school.example"));
}
