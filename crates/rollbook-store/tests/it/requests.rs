use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use rollbook_core::family::Family;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::label::Label;
use rollbook_core::request::{Requester, Role, Wanted};
use rollbook_store::{JobSpec, NewRequest, RequestOutcome, Store};

use crate::ledger::{ACCOUNT, at, meeting, put};

const DAY: Date = date(2026, 11, 20);

fn who(name: &str) -> Requester {
    Requester::named(name, Role::Teacher).unwrap()
}

fn wanted(instances: &[i64]) -> Wanted {
    Wanted { meeting: "9".into(), all: false, instances: instances.iter().copied().collect() }
}

fn ask(store: &mut Store, name: &str, instances: &[i64], joined: Option<i64>) -> i64 {
    let new = NewRequest {
        requester: &who(name),
        wanted: &wanted(instances),
        day: DAY,
        joined,
        outcome: RequestOutcome::Pending,
        reason: None,
        answered_at: None,
    };
    store.add_request(at(10), &new).unwrap()
}

fn outcome(store: &Store, id: i64) -> RequestOutcome {
    store.request(id).unwrap().unwrap().outcome
}

#[test]
fn what_was_refused_or_joined_costs_no_ration() {
    let mut store = Store::in_memory().unwrap();
    let first = ask(&mut store, "ana", &[], None);
    ask(&mut store, "ana", &[], Some(first));
    let refused = NewRequest {
        requester: &who("ana"),
        wanted: &wanted(&[]),
        day: DAY,
        joined: None,
        outcome: RequestOutcome::Refused,
        reason: Some("no"),
        answered_at: Some(at(10)),
    };
    store.add_request(at(10), &refused).unwrap();
    assert_eq!(store.requests_used("ana", DAY).unwrap(), 1);
    assert_eq!(store.requests_used("ana", DAY.tomorrow().unwrap()).unwrap(), 0);
    assert_eq!(store.rations_used(DAY).unwrap().get("ana"), Some(&1));
    assert_eq!(store.requests(9).unwrap().len(), 3);
}

#[test]
fn an_answer_is_the_answer_of_all_that_joined() {
    let mut store = Store::in_memory().unwrap();
    let first = ask(&mut store, "ana", &[], None);
    let second = ask(&mut store, "ben", &[], Some(first));
    let other = ask(&mut store, "eve", &[], None);
    store.answer_request(at(11), first, RequestOutcome::Answered, "verified").unwrap();
    assert_eq!(outcome(&store, first), RequestOutcome::Answered);
    assert_eq!(outcome(&store, second), RequestOutcome::Answered);
    assert_eq!(outcome(&store, other), RequestOutcome::Pending);
    store.answer_request(at(12), first, RequestOutcome::Failed, "later").unwrap();
    assert_eq!(store.request(first).unwrap().unwrap().reason.as_deref(), Some("verified"));
}

#[test]
fn whoever_joined_does_not_answer_for_the_first() {
    let mut store = Store::in_memory().unwrap();
    let first = ask(&mut store, "ana", &[], None);
    let second = ask(&mut store, "ben", &[], Some(first));
    store.answer_request(at(11), second, RequestOutcome::Failed, "could not sign in").unwrap();
    assert_eq!(outcome(&store, first), RequestOutcome::Pending);
    assert_eq!(outcome(&store, second), RequestOutcome::Failed);
}

#[test]
fn requests_that_may_be_joined_name_their_runs() {
    let mut store = Store::in_memory().unwrap();
    let [run] = put(&mut store, [meeting("a", 0)]);
    let first = ask(&mut store, "ana", &[run], None);
    ask(&mut store, "ben", &[run], Some(first));
    let earlier = store.joinable_requests(at(5)).unwrap();
    assert_eq!(earlier.len(), 1);
    assert_eq!((earlier[0].id, &earlier[0].wanted.instances), (first, &BTreeSet::from([run])));
    assert!(store.joinable_requests(at(11)).unwrap().is_empty());
}

#[test]
fn a_request_is_looked_at_once_nobody_waits_for_its_runs() {
    let mut store = Store::in_memory().unwrap();
    let [run] = put(&mut store, [meeting("a", 0)]);
    let spec = JobSpec {
        account: ACCOUNT.into(),
        pool: ACCOUNT.into(),
        ask: Ask::Participants { instance: run, family: Family::PastMeetings },
        label: Label::Medium,
        urgency: Urgency::Attendance.rank(),
        is_person: false,
        due_at: at(0),
        reason: "due".into(),
    };
    store.put_job(&spec).unwrap();
    store.hurry_job(at(0), run).unwrap();
    let unknown = ask(&mut store, "ana", &[], None);
    let known = ask(&mut store, "ana", &[run], None);
    assert!(store.requests_looked_at().unwrap().is_empty());
    store.finish_instance_job(run).unwrap();
    assert_eq!(store.requests_looked_at().unwrap(), [known]);
    store.add_request_runs(unknown, [run, run]).unwrap();
    assert_eq!(store.requests_looked_at().unwrap(), [unknown, known]);
}

#[test]
fn an_instance_can_leave_the_ledger_although_it_was_asked_for() {
    let mut store = Store::in_memory().unwrap();
    let [run] = put(&mut store, [meeting("a", 0)]);
    let id = ask(&mut store, "ana", &[run], None);
    store.drop_unread_instance(run).unwrap();
    assert!(store.request_runs(id).unwrap().is_empty());
    assert!(store.request(id).unwrap().is_some());
}
