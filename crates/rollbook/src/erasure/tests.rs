use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan as ZoomPlan;
use rollbook_core::reading::{Outcome, Reading, Row};
use rollbook_core::stay::{Evidence, merge, summarise};

use super::*;

fn at(minute: i64) -> Timestamp {
    let first: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    first + jiff::SignedDuration::from_mins(minute)
}

/// Number, name, Zoom user, registration, from and to in minutes.
type Told<'a> = (&'a str, &'a str, &'a str, &'a str, i64, i64);

/// A store with one meeting.
fn store(told: &[Told<'_>]) -> (Store, i64) {
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(ZoomPlan::Business, false)).unwrap();
    let instance = Instance::unknown("a==".into(), Kind::Meeting);
    let id = store.put_instance(at(0), "default", instance).unwrap().record.id;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let rows: Vec<Row> = told
        .iter()
        .map(|(user_id, name, zoom, registrant, from, to)| Row {
            user_id: (*user_id).to_owned(),
            name: some(name),
            zoom_user_id: some(zoom),
            registrant_id: some(registrant),
            joined_at: Some(at(*from)),
            left_at: Some(at(*to)),
            ..Row::default()
        })
        .collect();
    let outcome = Outcome::Rows(summarise(Family::Report, &rows));
    let reading = Reading { family: Family::Report, asked_at: at(60), outcome };
    store.add_reading(id, 1, 1, &reading, &rows).unwrap();
    let evidence = Evidence {
        family: Family::Report,
        asked_at: at(60),
        is_finished: true,
        is_passing: true,
        rows: &rows,
    };
    store.put_stays(id, &merge(&[evidence])).unwrap();
    (store, id)
}

const LECTURE: [Told<'_>; 6] = [
    ("1", "Ana", "zAna", "", 0, 10),
    ("2", "Ben", "", "rBen", 0, 10),
    ("3", "Guest", "", "", 0, 10),
    ("4", "Guest", "", "", 20, 30),
    ("5", "Twin", "", "", 0, 10),
    ("6", "Twin", "", "", 5, 15),
];

fn wanted(person: &str, instance: Option<i64>) -> Wanted {
    Wanted { person: person.to_owned(), instance, even_unknown: false }
}

fn erased(store: &Store, instance: i64) -> Vec<String> {
    let stays = store.stays(instance).unwrap();
    stays.into_iter().filter(Stay::is_erased).map(|stay| stay.user_id).collect()
}

#[test]
fn whoever_is_meant_goes_and_nobody_else() {
    let check = |person: &str, is_guest: bool, expected: &[&str]| {
        let (mut store, instance) = store(&LECTURE);
        let wanted = wanted(person, is_guest.then_some(instance));
        let planned = plan(&store, &wanted).unwrap();
        assert!(erased(&store, instance).is_empty(), "looking changes nothing");
        let done = apply(&mut store, at(90), "dpo", &wanted).unwrap();
        assert_eq!(erased(&store, instance), expected, "{person}");
        assert_eq!((done.stays, planned.portrait.stays), (expected.len() as u64, expected.len() as u64));
        assert!(!done.sentence().contains(person), "{}", done.sentence());
    };
    check("zoom:zAna", false, &["1"]);
    check("zAna", false, &["1"]);
    check("registrant:rBen", false, &["2"]);
    check(" rBen ", false, &["2"]);
    check("Guest", true, &["3", "4"]);
    check("connection:6", true, &["6"]);
}

#[test]
fn what_cannot_be_meant_says_what_can() {
    let check = |person: &str, is_guest: bool, words: &[&str]| {
        let (store, instance) = store(&LECTURE);
        let said = plan(&store, &wanted(person, is_guest.then_some(instance))).unwrap_err().to_string();
        for word in words {
            assert!(said.contains(word), "{word} is missing in: {said}");
        }
    };
    check("", false, &["whom?"]);
    check("zoom:", false, &["whom?"]);
    check("moodle:ana", false, &["moodle:1234"]);
    check("Guest", false, &["--instance"]);
    check("nobody@school.example", false, &["--yes"]);
    check("Cleo", true, &["rollbook attendance"]);
    check("Twin", true, &["2 people", "connection:5", "connection:6"]);
    check("Ana", true, &["zoom:zAna", "without --instance"]);
    check("connection:2", true, &["registrant:rBen"]);
    check("connection:9", true, &["nobody"]);
}

#[test]
fn whom_nothing_is_kept_of_can_be_kept_away() {
    let (mut store, instance) = store(&LECTURE);
    let wanted = Wanted { even_unknown: true, ..wanted("cleo@school.example", None) };
    let done = apply(&mut store, at(90), "dpo", &wanted).unwrap();
    assert_eq!((done.stays, done.instances), (0, 0));
    let mut row = [Row { email: Some("Cleo@School.example".into()), ..Row::default() }];
    assert_eq!(store.hide("b==", &mut row).unwrap().found, 1);
    assert!(erased(&store, instance).is_empty());
}

#[test]
fn a_command_is_obeyed_and_then_names_nobody() {
    let check = |payload: &str, state: CommandState, word: &str| {
        let (mut store, _) = store(&LECTURE);
        let role = rollbook_core::request::Role::Admin;
        let id = store.put_command(at(80), "dpo", role, "forget", payload).unwrap();
        let command = store.next_command().unwrap().unwrap();
        obey(&mut store, at(90), &command).unwrap();
        let kept = store.command(id).unwrap().unwrap();
        assert_eq!((kept.state, kept.payload.as_str()), (state, "{}"));
        let said = kept.outcome.unwrap();
        assert!(said.contains(word) && !said.contains("zAna") && !said.contains("zNobody"), "{said}");
    };
    check(
        r#"{"person":"zoom:zAna"}"#,
        CommandState::Done,
        "stays made nameless: 1; instances that held something: 1",
    );
    check(r#"{"person":"zoom:zNobody"}"#, CommandState::Failed, "nothing is kept");
    check("zAna", CommandState::Failed, "cannot be read");
}
