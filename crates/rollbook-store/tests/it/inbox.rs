use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::presence::{Sight, Sighting};
use rollbook_core::privacy::Identifier;
use rollbook_core::time::Window;
use rollbook_store::{EventState, Mode, NewEvent, Store, Told};

use crate::ledger::{ACCOUNT, at, meeting, put};

fn event(body: &str, minute: i64) -> NewEvent {
    NewEvent::pack(ACCOUNT, "meeting.ended", Some("a=="), Some(at(minute)), at(minute), body.as_bytes())
        .unwrap()
}

fn bodies(store: &Store) -> Vec<String> {
    let text = |body: Vec<u8>| String::from_utf8(body).unwrap();
    store.new_events(9).unwrap().into_iter().map(|event| text(event.body)).collect()
}

#[test]
fn an_event_is_kept_once_and_in_the_order_of_arrival() {
    let mut store = Store::in_memory().unwrap();
    assert!(store.put_event(&event("second", 2)).unwrap());
    assert!(store.put_event(&event("first", 1)).unwrap());
    assert!(!store.put_event(&event("second", 3)).unwrap());
    assert_eq!(bodies(&store), ["second", "first"]);
    let source = store.event_source(ACCOUNT).unwrap().unwrap();
    assert_eq!((source.first_at, source.last_at, source.events), (at(2), at(3), 3));
    assert_eq!((store.event_source("other").unwrap(), store.last_event_at().unwrap()), (None, Some(at(3))));
    let [kind] = &store.event_kinds().unwrap()[..] else { panic!("one kind came") };
    assert_eq!((kind.name.as_str(), kind.source), ("meeting.ended", source));
}

#[test]
fn what_is_taken_over_loses_its_body_and_is_still_recognised() {
    let mut store = Store::in_memory().unwrap();
    store.put_event(&event("one", 1)).unwrap();
    let id = store.new_events(9).unwrap()[0].id;
    store.settle_event(at(2), id, EventState::Done, "taken over").unwrap();
    assert_eq!(bodies(&store), [""; 0]);
    assert!(!store.put_event(&event("one", 3)).unwrap());
    let count = store.count_events().unwrap();
    assert_eq!((count.new, count.held), (0, 0));
    let outcomes = store.event_outcomes(ACCOUNT).unwrap();
    assert_eq!(outcomes, [("meeting.ended".to_owned(), "taken over".to_owned(), 1)]);
}

#[test]
fn a_held_event_waits_for_its_instance_and_not_for_ever() {
    let mut store = Store::in_memory().unwrap();
    store.put_event(&event("one", 1)).unwrap();
    let id = store.new_events(9).unwrap()[0].id;
    store.settle_event(at(1), id, EventState::Held, "waits").unwrap();
    assert_eq!(bodies(&store), [""; 0]);
    assert_eq!(store.wake_events(ACCOUNT, "b==").unwrap(), 0);
    assert_eq!(store.wake_events(ACCOUNT, "a==").unwrap(), 1);
    assert_eq!(bodies(&store), ["one"]);
    store.settle_event(at(1), id, EventState::Held, "waits").unwrap();
    assert_eq!(store.expire_events(at(9), at(1), "nobody knows it").unwrap(), 0);
    assert_eq!(store.expire_events(at(9), at(2), "nobody knows it").unwrap(), 1);
    let given_up = ("meeting.ended".to_owned(), "nobody knows it".to_owned(), 1);
    assert_eq!(store.event_outcomes(ACCOUNT).unwrap(), [given_up]);
}

#[test]
fn old_events_are_forgotten_only_once_they_are_taken_over() {
    let mut store = Store::in_memory().unwrap();
    for minute in 1..=3 {
        store.put_event(&event(&minute.to_string(), minute)).unwrap();
    }
    let first = store.new_events(9).unwrap()[0].id;
    store.settle_event(at(4), first, EventState::Done, "taken over").unwrap();
    assert_eq!(store.prune_events(at(9), 9).unwrap(), 1);
    assert_eq!(bodies(&store), ["2", "3"]);
    // That they came at all is remembered.
    assert_eq!(store.event_source(ACCOUNT).unwrap().unwrap().events, 3);
}

#[test]
fn events_of_a_store_that_is_closed_are_there_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    Store::open(&path, Mode::Write).unwrap().put_event(&event("one", 1)).unwrap();
    assert_eq!(bodies(&Store::open(&path, Mode::Write).unwrap()), ["one"]);
}

fn seen(minute: i64, sight: Sight) -> Sighting {
    Sighting {
        name: Some("Ana".into()),
        details: [("device".to_owned(), "WIN".to_owned())].into(),
        room: Some("r".into()),
        ..Sighting::of(at(minute), sight, "16")
    }
}

#[test]
fn sightings_are_kept_once_and_read_back_as_they_were() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [meeting("a==", 0)]);
    let told = [seen(1, Sight::Joined), seen(5, Sight::Left)];
    for seen in [&told[1], &told[0], &told[1]] {
        store.put_sighting(id, seen).unwrap();
    }
    assert_eq!(store.sightings(id).unwrap(), told);
    assert!(!store.has_unread_sightings(id).unwrap());
    store.note_told(at(5), id, Told { sightings: true, ..Told::default() }).unwrap();
    store.note_told(at(6), id, Told { end: true, ..Told::default() }).unwrap();
    assert!(store.has_unread_sightings(id).unwrap());
    assert_eq!(store.prune_sightings(at(9), 9).unwrap(), 0);
    store.note_sightings_read(id).unwrap();
    assert_eq!(store.prune_sightings(at(6), 9).unwrap(), 0);
    assert_eq!(store.prune_sightings(at(9), 9).unwrap(), 1);
    assert_eq!(store.prune_sightings(at(9), 9).unwrap(), 0);
    assert_eq!(store.sightings(id).unwrap(), []);
}

#[test]
fn instances_that_no_event_told_to_have_ended_are_counted() {
    let mut store = Store::in_memory().unwrap();
    let [one, _two] = put(&mut store, [meeting("a==", 0), meeting("b==", 0)]);
    let window = Window { from: Timestamp::UNIX_EPOCH, to: at(10_000) };
    assert_eq!(store.count_ended_untold(ACCOUNT, window).unwrap(), (2, 2));
    store.note_told(at(1), one, Told { start: true, ..Told::default() }).unwrap();
    assert_eq!(store.count_ended_untold(ACCOUNT, window).unwrap(), (2, 2));
    store.note_told(at(1), one, Told { end: true, ..Told::default() }).unwrap();
    assert_eq!(store.count_ended_untold(ACCOUNT, window).unwrap(), (2, 1));
}

#[test]
fn minutes_that_events_told_are_added_up() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [meeting("a==", 0)]);
    store.cover_quality(id, "16", &[at(1), at(3)]).unwrap();
    let covers = |store: &Store| {
        let all = store.quality_coverage(id).unwrap();
        all["16"].covers(at(1), at(3) + SignedDuration::from_secs(30))
    };
    assert!(!covers(&store));
    store.cover_quality(id, "16", &[at(2)]).unwrap();
    assert!(covers(&store));
}

#[test]
fn an_instance_that_is_dropped_takes_along_what_events_told_of_it() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [meeting("a==", 0)]);
    store.put_sighting(id, &seen(1, Sight::Joined)).unwrap();
    store.note_told(at(1), id, Told { sightings: true, ..Told::default() }).unwrap();
    store.cover_quality(id, "16", &[at(1)]).unwrap();
    store.drop_unread_instance(id).unwrap();
    assert_eq!(store.sightings(id).unwrap(), []);
    assert!(store.quality_coverage(id).unwrap().is_empty());
}

#[test]
fn refusals_are_remembered_by_reason() {
    let mut store = Store::in_memory().unwrap();
    for (minute, reason) in [(1, "unsigned"), (2, "wrong signature"), (3, "unsigned")] {
        store.note_webhook_refusal(at(minute), reason).unwrap();
    }
    let all = [("unsigned".to_owned(), at(3)), ("wrong signature".to_owned(), at(2))];
    assert_eq!(store.webhook_refusals(at(0)).unwrap(), all);
    assert_eq!(store.webhook_refusals(at(3)).unwrap(), all[..1]);
}

#[test]
fn whoever_was_erased_is_not_brought_back_by_an_event() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [meeting("a==", 0)]);
    let ana = |minute, sight| Sighting {
        name: Some("Ana Díaz".into()),
        email: Some("ana@school.example".into()),
        ..Sighting::of(at(minute), sight, "16")
    };
    store.put_sighting(id, &ana(1, Sight::Joined)).unwrap();
    let mut machine = Sighting::of(at(2), Sight::Equipped, "16");
    machine.details = [("pc_name".to_owned(), "Ana's machine".to_owned())].into();
    store.put_sighting(id, &machine).unwrap();
    store.put_event(&event("of somebody", 1)).unwrap();
    let held = store.new_events(9).unwrap()[0].id;
    store.settle_event(at(1), held, EventState::Held, "waits").unwrap();

    let typed = BTreeMap::from([(Identifier::email("ana@school.example"), "as typed".to_owned())]);
    let portrait = store.portrait(&typed).unwrap();
    store.atomically(|store| store.begin_erasure(at(5), "dpo", &portrait)).unwrap();
    while !store.atomically(|store| store.sweep(500)).unwrap().is_done {}
    let check = |store: &Store, sightings: usize| {
        let seen = store.sightings(id).unwrap();
        let text = format!("{seen:?}");
        assert_eq!(seen.len(), sightings);
        assert!(!["Ana", "ana@"].iter().any(|word| text.contains(word)), "{text}");
    };
    check(&store, 2);
    assert_eq!(store.count_events().unwrap().held, 0);
    store.put_sighting(id, &ana(9, Sight::Left)).unwrap();
    // What says no more than the number of the connection is theirs too.
    store.put_sighting(id, &Sighting { name: Some("Ana D.".into()), ..machine.clone() }).unwrap();
    store.put_sighting(id, &Sighting { name: Some("Ana D.".into()), at: at(10), ..machine }).unwrap();
    check(&store, 4);
}
