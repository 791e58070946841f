use proptest::prelude::*;
use rand::seq::SliceRandom;

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_763_625_600 + minute * 60).unwrap()
}

/// `"0 joined 16"`, and `"5 joined_room 17 <16 @A"`: minute, sight, connection, the other one, the room.
fn sightings(text: &str) -> Vec<Sighting> {
    text.split(", ")
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut words = line.split(' ');
            let minute: i64 = words.next().unwrap().parse().unwrap();
            let sight = Sight::from_name(words.next().unwrap()).unwrap();
            let mut seen = Sighting::of(at(minute), sight, words.next().unwrap());
            for word in words {
                match word.split_at(1) {
                    ("<", other) => seen.other_user_id = Some(other.to_owned()),
                    ("@", room) => seen.room = Some(room.to_owned()),
                    ("=", name) => seen.name = Some(name.to_owned()),
                    odd => panic!("{odd:?}"),
                }
            }
            seen
        })
        .collect()
}

fn minute(at: Timestamp) -> i64 {
    (at.as_second() - 1_763_625_600) / 60
}

fn check_present(told: &str, expected: &[&str]) {
    let there: Vec<String> = present(&sightings(told))
        .iter()
        .map(|one| {
            let place = match &one.place {
                Place::Meeting => "in".to_owned(),
                Place::Breakout(room) => format!("@{room}"),
                Place::WaitingRoom => "waiting".to_owned(),
                Place::BeforeHost => "early".to_owned(),
            };
            let also: String = one.also.iter().map(|also| format!("+{also}")).collect();
            format!("{}{also} {place} {}", one.user_id, minute(one.since))
        })
        .collect();
    assert_eq!(there, expected, "{told}");
}

fn check_rows(told: &str, ended: Option<i64>, expected: &[&str]) {
    let show = |at: Option<Timestamp>| at.map_or("?".to_owned(), |at| minute(at).to_string());
    let rows: Vec<String> = rows(&sightings(told), ended.map(at))
        .iter()
        .map(|row| {
            let kind = match (row.status, row.is_breakout) {
                (Status::InWaitingRoom, _) => "w",
                (_, Some(true)) => "b",
                _ => "m",
            };
            format!("{}{kind} {}-{}", row.user_id, show(row.joined_at), show(row.left_at))
        })
        .collect();
    assert_eq!(rows, expected, "{told}");
}

#[test]
fn who_came_and_did_not_go_is_there() {
    check_present("0 joined 16", &["16 in 0"]);
    check_present("0 joined 16, 1 joined 17, 5 left 16", &["17 in 1"]);
    check_present("0 joined 16, 5 left 16, 6 joined 16", &["16 in 6"]);
    check_present("", &[]);
}

#[test]
fn quirk_69_what_comes_out_of_order_tells_the_same() {
    check_present("5 left 16, 0 joined 16", &[]);
    check_rows("5 left 16, 0 joined 16", None, &["16m 0-5"]);
    check_rows("0 joined 16, 0 joined 16, 5 left 16, 5 left 16", None, &["16m 0-5"]);
}

#[test]
fn quirk_75_the_end_closes_what_nobody_saw_leave() {
    check_rows("0 joined 16, 5 joined 17, 9 left 17", Some(60), &["16m 0-60", "17m 5-9"]);
    check_rows("0 joined 16", None, &["16m 0-?"]);
    // An end that was told of another clock is no end of what came after it.
    check_rows("70 joined 16", Some(60), &["16m 70-?"]);
}

#[test]
fn a_lost_join_is_not_made_up() {
    check_rows("9 left 16", Some(60), &["16m ?-9"]);
    check_present("9 left 16", &[]);
}

#[test]
fn waiting_is_not_being_in() {
    check_present("0 waits 16", &["16 waiting 0"]);
    check_present("0 waits 16, 2 stopped_waiting 16, 2 joined 16", &["16 in 2"]);
    // The end of the waiting was lost.
    check_present("0 waits 16, 2 joined 16", &["16 in 2"]);
    check_present("0 joined 16, 9 put_out 16", &["16 waiting 9"]);
    check_rows(
        "0 waits 16, 2 stopped_waiting 16, 2 joined 16, 9 put_out 16",
        Some(20),
        &["16w 0-2", "16m 2-9", "16w 9-20"],
    );
    check_present("0 waits_for_host 16", &["16 early 0"]);
    check_present("0 waits_for_host 16, 3 stopped_waiting_for_host 16", &[]);
    check_rows("0 waits_for_host 16", Some(20), &[]);
}

#[test]
fn who_is_in_a_breakout_room_is_not_in_the_main_room_as_well() {
    let told = "0 joined 16, 5 joined_room 31 <16 @A";
    check_present(told, &["31 @A 5"]);
    check_present(&format!("{told}, 9 left_room 31 <16 @A"), &["16 in 0"]);
    check_rows(&format!("{told}, 9 left_room 31 <16 @A"), Some(20), &["16m 0-20", "31b 5-9"]);
    check_present(&format!("{told}, 9 left_room 31 <16 @A, 9 joined_room 32 <16 @B"), &["32 @B 9"]);
}

#[test]
fn a_telephone_belongs_to_whom_it_was_bound_to() {
    let told = "0 joined 16 =Ana, 1 joined 17, 2 bound 17 <16 =Ana";
    check_present(told, &["16+17 in 0"]);
    let rows = rows(&sightings(told), None);
    assert!(rows.iter().all(|row| row.name.as_deref() == Some("Ana")));
    check_present("0 joined 16, 1 joined 17, 2 bound 17 <18", &["16 in 0", "17 in 1"]);
}

#[test]
fn what_is_told_last_counts_and_a_blank_takes_nothing_away() {
    let told = "0 joined 16 =Ana, 3 equipped 16 =Anna, 5 left 16";
    assert_eq!(rows(&sightings(told), None)[0].name.as_deref(), Some("Anna"));
}

proptest! {
    #[test]
    fn the_order_of_arrival_and_repetitions_do_not_matter(
        picks in prop::collection::vec((0i64..30, 0usize..Sight::ALL.len(), 0u8..4, 0u8..4), 0..24),
        seed in any::<u64>(),
    ) {
        let told: Vec<Sighting> = picks
            .into_iter()
            .map(|(minute, sight, user, other)| Sighting {
                other_user_id: (other > 0).then(|| other.to_string()),
                room: Some("A".to_owned()),
                ..Sighting::of(at(minute), Sight::ALL[sight], &user.to_string())
            })
            .collect();
        let mut shuffled: Vec<Sighting> = told.iter().chain(told.iter().step_by(2)).cloned().collect();
        shuffled.shuffle(&mut <rand_chacha::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(seed));
        let fields = |sightings: &[Sighting]| (rows(sightings, Some(at(40))).len(), spans(sightings));
        prop_assert_eq!(fields(&told), fields(&shuffled));
        let there = |sightings: &[Sighting]| -> Vec<(String, Place, Timestamp)> {
            present(sightings).into_iter().map(|one| (one.user_id, one.place, one.since)).collect()
        };
        prop_assert_eq!(there(&told), there(&shuffled));
    }
}

fn spans(sightings: &[Sighting]) -> Vec<(String, Option<Timestamp>, Option<Timestamp>, Status)> {
    let rows = rows(sightings, Some(at(40)));
    rows.into_iter().map(|row| (row.user_id, row.joined_at, row.left_at, row.status)).collect()
}
