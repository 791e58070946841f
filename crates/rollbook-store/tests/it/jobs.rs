use rollbook_core::family::Family;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::label::Label;
use rollbook_store::{JobSpec, Store};

use crate::ledger::{ACCOUNT, at, meeting, put};

fn spec(ask: Ask, urgency: Urgency) -> JobSpec {
    JobSpec {
        account: ACCOUNT.into(),
        pool: ACCOUNT.into(),
        ask,
        label: Label::Heavy,
        urgency: urgency.rank(),
        is_person: false,
        due_at: at(500),
        reason: "due".into(),
    }
}

/// One meeting whose attendance and whose call quality wait to be asked for.
fn waiting() -> (Store, i64) {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    let attendance = Ask::Participants { instance, family: Family::Report };
    store.put_job(&spec(attendance, Urgency::Attendance)).unwrap();
    store.put_job(&spec(Ask::Quality { instance, participant: None }, Urgency::Quality)).unwrap();
    (store, instance)
}

#[test]
fn attendance_and_call_quality_wait_side_by_side() {
    let (store, instance) = waiting();
    assert_eq!(store.due_jobs(at(500), ACCOUNT, Label::Heavy, false, 9).unwrap().len(), 2);
    let asks = (store.instance_job(instance).unwrap(), store.quality_job(instance).unwrap());
    assert_eq!(asks.0.unwrap().spec.ask, Ask::Participants { instance, family: Family::Report });
    assert_eq!(asks.1.unwrap().spec.ask, Ask::Quality { instance, participant: None });
}

#[test]
fn each_is_finished_by_itself() {
    let (mut store, instance) = waiting();
    store.finish_instance_job(instance).unwrap();
    assert_eq!(store.instance_job(instance).unwrap(), None);
    assert!(store.quality_job(instance).unwrap().is_some());

    let (mut store, instance) = waiting();
    store.finish_quality_job(instance).unwrap();
    assert_eq!(store.quality_job(instance).unwrap(), None);
    assert!(store.instance_job(instance).unwrap().is_some());
}

#[test]
fn attendance_is_hurried_without_call_quality() {
    let (mut store, instance) = waiting();
    let before = store.quality_job(instance).unwrap();
    store.hurry_job(at(20), instance).unwrap();
    assert!(store.instance_job(instance).unwrap().unwrap().spec.is_person);
    assert_eq!(store.quality_job(instance).unwrap(), before);
}

#[test]
fn a_meeting_has_one_job_for_its_call_quality() {
    let (mut store, instance) = waiting();
    let one = Ask::Quality { instance, participant: Some("16778240".into()) };
    store.put_job(&spec(one.clone(), Urgency::Person)).unwrap();
    assert_eq!(store.quality_job(instance).unwrap().unwrap().spec.ask, one);
    assert_eq!(store.due_jobs(at(500), ACCOUNT, Label::Heavy, false, 9).unwrap().len(), 2);
}

#[test]
fn the_most_urgent_come_first_and_then_those_due_longest() {
    let (mut store, _) = waiting();
    let window = rollbook_core::time::Window { from: at(0), to: at(1_440) };
    for (number, urgency, minute) in [
        (1, Urgency::History, 1),
        (2, Urgency::Discovery, 400),
        (3, Urgency::Discovery, 300),
        (4, Urgency::OpenList, 500),
        (5, Urgency::Discovery, 501),
    ] {
        let ask = Ask::Instances { number, kind: rollbook_core::instance::Kind::Meeting, window };
        store.put_job(&JobSpec { due_at: at(minute), ..spec(ask, urgency) }).unwrap();
    }
    let asks = |limit| -> Vec<String> {
        let due = store.due_jobs(at(500), ACCOUNT, Label::Heavy, false, limit).unwrap();
        let ask = |job: i64| match store.job(job).unwrap().unwrap().spec.ask {
            Ask::Instances { number, .. } => number.to_string(),
            Ask::Quality { .. } => "quality".to_owned(),
            _ => "attendance".to_owned(),
        };
        due.into_iter().map(|candidate| ask(candidate.job)).collect()
    };
    assert_eq!(asks(9), ["4", "3", "2", "attendance", "quality", "1"]);
    assert_eq!(asks(3), ["4", "3", "2"]);
}
