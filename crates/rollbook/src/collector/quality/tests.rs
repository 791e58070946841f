use rollbook_core::instance::Kind;
use rollbook_core::quality::{Channel, Column, Measure};

use super::*;

const LATENCY: Column = Column::Stream(Channel::MAIN[0], Measure::Latency);

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 / 60 * 60 + minute * 60).unwrap()
}

fn stay(user_id: &str, minute: i64, name: &str) -> Stay {
    Stay {
        user_id: user_id.to_owned(),
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: None,
        name: Some(name.to_owned()),
        email: None,
        joined_at: at(minute),
        left_at: Some(at(minute + 60)),
        status: Status::InMeeting,
        is_breakout: None,
        source: rollbook_core::family::Family::PastMeetings,
        is_withdrawn: false,
        evidence: BTreeMap::new(),
    }
}

/// `"5 10:00 ana 1,2,3"`: number (`-` for none), minute and second of the join (`?` for none), name, minutes with a
/// sample.
fn row(text: &str) -> QualityRow {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined_at = words[1].split_once(':').map(|(minute, second)| {
        at(minute.parse().unwrap()) + SignedDuration::from_secs(second.parse().unwrap())
    });
    let mut series = Series::new();
    for minute in words[3].split(',') {
        series.begin(at(minute.parse().unwrap()));
        series.set(LATENCY, minute.parse().unwrap());
    }
    QualityRow {
        user_id: words[0].trim_matches('-').to_owned(),
        name: Some(words[2].to_owned()),
        joined_at,
        series,
        ..QualityRow::default()
    }
}

/// Pages kept one after another beside stays; what is held then, as `number name samples`.
fn check(stays: &[Stay], pages: &[&[&str]], expected: &[&str]) {
    let mut store = Store::in_memory().unwrap();
    let offer = rollbook_core::family::Offer::of(rollbook_core::limits::Plan::Business, false);
    store.put_account("main", None, "main", &offer).unwrap();
    let instance = Instance::unknown("u==".into(), Kind::Meeting);
    let id = store.put_instance(at(0), "main", instance).unwrap().record.id;
    store.put_stays(id, stays).unwrap();
    for page in pages {
        keep_rows(&mut store, id, page.iter().map(|text| row(text)).collect()).unwrap();
    }
    let held: Vec<String> = store
        .quality_with_samples(id)
        .unwrap()
        .into_iter()
        .map(|(row, _)| {
            let minutes: Vec<String> = row
                .series
                .times()
                .iter()
                .map(|time| (time.duration_since(at(0)).as_secs() / 60).to_string())
                .collect();
            format!("{} {} {}", row.user_id, row.name.unwrap_or_default(), minutes.join(","))
        })
        .collect();
    assert_eq!(held, expected, "{pages:?}");
}

#[test]
fn the_same_page_twice_changes_nothing_and_a_later_one_adds() {
    let stays = [stay("5", 0, "ana")];
    check(&stays, &[&["5 0:00 ana 1,2"], &["5 0:00 ana 1,2"]], &["5 ana 1,2"]);
    check(&stays, &[&["5 0:00 ana 1,2"], &["5 0:02 ana 3"]], &["5 ana 1,2,3"]);
}

#[test]
fn two_rows_of_one_connection_on_one_page_are_added_up() {
    check(&[stay("5", 0, "ana")], &[&["5 0:00 ana 1,2", "5 0:01 ana 3"]], &["5 ana 1,2,3"]);
}

#[test]
fn a_second_connection_under_the_same_number_stays_one_of_its_own() {
    let stays = [stay("5", 0, "ana")];
    check(&stays, &[&["5 0:00 ana 1,2", "5 30:00 ana 31"]], &["5 ana 1,2", "5 ana 31"]);
}

#[test]
fn what_was_read_while_it_ran_is_not_kept_twice() {
    // Read live before attendance was; then attendance knows the join half a minute earlier.
    check(&[], &[&["5 0:30 ana 1,2"], &["5 0:30 ana 1,2,3"]], &["5 ana 1,2,3"]);
    check(&[stay("5", 0, "ana")], &[&["5 0:30 ana 1,2"], &["5 0:30 ana 1,2,3"]], &["5 ana 1,2,3"]);
    check(&[stay("5", 0, "ana")], &[&["5 ? ana 1"], &["5 0:03 ana 2"]], &["5 ana 1,2"]);
}

#[test]
fn people_without_a_number_are_told_apart() {
    let page: &[&str] = &["- 0:00 ana 1", "- 0:00 ben 2", "- ? eve 3", "- ? eve 4"];
    check(&[], &[page, page], &[" eve 3,4", " ana 1", " ben 2"]);
}
