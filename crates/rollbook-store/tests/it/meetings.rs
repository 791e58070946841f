use std::collections::BTreeSet;

use rollbook_core::instance::{Instance, Kind};
use rollbook_core::time::Window;
use rollbook_store::{MeetingSearch, Purchase, State, Store, WORDS_MAX};

use crate::ledger::{ACCOUNT, at, put};

/// `"topic | host | number"`, an hour later each.
fn store(lines: &[&str]) -> Store {
    let mut store = Store::in_memory().unwrap();
    put(&mut store, []);
    for (place, line) in lines.iter().enumerate() {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let mut instance = Instance::unknown(format!("uuid-{place}="), Kind::Meeting);
        instance.topic = Some(parts[0].to_owned());
        instance.host_email = Some(parts[1].to_owned());
        instance.number = parts[2].parse().ok();
        instance.started_at = Some(at(60 * place as i64));
        store.put_instance(at(0), ACCOUNT, instance).unwrap();
    }
    store
}

const CAMPUS: [&str; 4] = [
    "Algebra I | ana@uni.example | 91000000001",
    "algebra II | bo@uni.example | 91000000002",
    "100% \"quoted\" C | Ana@uni.example | 91000000003",
    "Geometry | cy@uni.example | 91000000001",
];

fn topics(store: &Store, search: &MeetingSearch) -> Vec<String> {
    let found = store.search_meetings(search, 50).unwrap();
    let topics: Vec<String> = found.into_iter().map(|one| one.record.instance.topic.unwrap()).collect();
    let page = store.find_meetings(search, 2).unwrap();
    assert_eq!((page.count, page.is_cut), (topics.len() as u64, false));
    let first: Vec<String> =
        page.meetings.into_iter().map(|one| one.record.instance.topic.unwrap()).collect();
    assert_eq!(first, topics[..topics.len().min(2)]);
    topics
}

fn words(text: &str) -> MeetingSearch {
    MeetingSearch { words: text.split_whitespace().map(str::to_owned).collect(), ..MeetingSearch::default() }
}

#[track_caller]
fn check(search: &MeetingSearch, expected: &[&str]) {
    let store = store(&CAMPUS);
    assert_eq!(topics(&store, search), expected);
    // Looking through the window instead of the index finds the same.
    assert_eq!(topics(&store, &MeetingSearch { scans_window: true, ..search.clone() }), expected);
}

#[test]
fn words_are_found_in_topic_and_host_in_any_case_latest_first() {
    check(&words("ALGEBRA"), &["algebra II", "Algebra I"]);
    check(&words("gebra bo@uni"), &["algebra II"]);
    check(&words("ana@"), &["100% \"quoted\" C", "Algebra I"]);
    check(&words("\"quoted\""), &["100% \"quoted\" C"]);
    check(&words("0%"), &["100% \"quoted\" C"]);
    check(&words("_"), &[]);
    check(&words("nothing"), &[]);
}

#[test]
fn a_number_a_uuid_and_a_host_are_exact() {
    let all = MeetingSearch::default();
    check(&MeetingSearch { number: Some(91_000_000_001), ..all.clone() }, &["Geometry", "Algebra I"]);
    check(&MeetingSearch { uuid: Some("uuid-1=".into()), ..all.clone() }, &["algebra II"]);
    check(
        &MeetingSearch { host: Some("ANA@uni.example".into()), ..all.clone() },
        &["100% \"quoted\" C", "Algebra I"],
    );
    check(&MeetingSearch { numbers: Some(vec![]), ..all.clone() }, &[]);
    check(&MeetingSearch { courses: Some(vec![7]), ..all }, &[]);
}

#[test]
fn each_page_goes_on_where_the_last_one_ended() {
    let store = store(&CAMPUS);
    let mut search = MeetingSearch { states: vec![State::Ended], ..MeetingSearch::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.find_meetings(&search, 3).unwrap();
        assert_eq!((page.count, &page.meetings), (4, &store.search_meetings(&search, 3).unwrap()));
        let page = page.meetings;
        let Some(last) = page.last() else { break };
        search.after = Some(last.place());
        seen.extend(page.into_iter().map(|one| one.record.id));
    }
    assert_eq!(seen, [4, 3, 2, 1]);
}

#[test]
fn what_is_changed_or_gone_is_not_found_by_its_old_words() {
    let mut store = store(&CAMPUS);
    let mut renamed = store.instance(1).unwrap().unwrap().instance;
    renamed.topic = Some("Topology".into());
    store.update_instance(1, &renamed).unwrap();
    store.drop_unread_instance(2).unwrap();
    assert_eq!(topics(&store, &words("algebra")), Vec::<String>::new());
    assert_eq!(topics(&store, &words("topol")), ["Topology"]);
}

#[test]
fn of_more_meetings_than_are_counted_every_page_can_be_seen() {
    let mut store = store(&CAMPUS);
    for place in 0..=WORDS_MAX {
        let mut instance = Instance::unknown(format!("many-{place}"), Kind::Meeting);
        instance.topic = Some("Office hour".into());
        store.put_instance(at(0), ACCOUNT, instance).unwrap();
    }
    let find = |search: &MeetingSearch| store.find_meetings(search, 700).unwrap();
    assert!(find(&words("office")).is_cut);
    assert!(!find(&words("algebra")).is_cut && !find(&words("of")).is_cut);
    for (mut search, expected) in [(MeetingSearch::default(), WORDS_MAX + 5), (words("office"), WORDS_MAX)] {
        let mut seen = BTreeSet::new();
        loop {
            let page = find(&search);
            assert_eq!(page.count, rollbook_store::COUNT_MAX + 1);
            assert_eq!(page.meetings, store.search_meetings(&search, 700).unwrap());
            let Some(last) = page.meetings.last() else { break };
            search.after = Some(last.place());
            seen.extend(page.meetings.iter().map(|one| one.record.id));
        }
        assert_eq!(seen.len(), expected);
    }
}

#[test]
fn what_is_open_is_counted_by_day_and_by_kind_of_reason() {
    let mut store = store(&CAMPUS);
    store.set_state(at(0), 1, State::Verified, Some("two equal readings"), None).unwrap();
    store.set_state(at(0), 2, State::Fetched, Some("3 of 5 listed"), Some(at(90))).unwrap();
    store.set_state(at(0), 3, State::Fetched, Some("4 of 9 listed"), Some(at(30))).unwrap();
    let window = |from, to| Window { from: at(from), to: at(to) };
    let counts = |window| {
        let counts = store.count_window(window).unwrap();
        counts.into_iter().map(|count| (count.state, count.instances)).collect::<Vec<_>>()
    };
    assert_eq!(counts(window(0, 120)), [(State::Fetched, 1), (State::Verified, 1)]);
    assert_eq!(counts(window(180, 240)), [(State::Ended, 1)]);
    assert_eq!(store.count_open().unwrap(), (3, Some(at(90))));
    assert_eq!(store.open_reasons(9).unwrap(), [("… of … listed".to_owned(), 2), (String::new(), 1)]);
    let next: Vec<i64> = store.open_meetings(9).unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(next, [3, 2, 4]);
}

#[test]
fn calls_are_counted_by_the_hour_in_which_they_were_sent() {
    use rollbook_core::label::Label;
    use rollbook_core::limits::{Limits, Plan};
    let mut store = store(&[]);
    let limits = Limits::of(Plan::Business);
    for minute in [0, 59, 60] {
        let purchase = Purchase {
            pool: ACCOUNT,
            limits: &limits,
            label: Label::Heavy,
            operation: "report",
            run: 1,
            timeout: jiff::SignedDuration::from_secs(60),
        };
        store.pay(at(minute), &purchase).unwrap();
    }
    let hours = store.spent_by_hour(ACCOUNT, at(0), at(120)).unwrap();
    assert_eq!(hours.iter().map(|hour| (hour.at, hour.calls)).collect::<Vec<_>>(), [(at(0), 2), (at(60), 1)]);
    assert_eq!(store.spent_by_hour(ACCOUNT, at(60), at(120)).unwrap().len(), 1);
}
