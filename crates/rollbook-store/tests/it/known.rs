use rollbook_core::instance::Kind;
use rollbook_core::job::{Ask, Urgency};
use rollbook_core::known::{Answer, KnownNumber};
use rollbook_core::time::Window;
use rollbook_store::{JobSpec, KnownChange, Store};

use crate::ledger::{ACCOUNT, at, put};

fn known(number: u64) -> KnownNumber {
    KnownNumber {
        number,
        kind: if number.is_multiple_of(2) { Kind::Meeting } else { Kind::Webinar },
        topic: format!("Topic {number}"),
        courses: vec![3, 5],
        planned_start: Some(at(60)),
        planned_end: Some(at(120)),
        is_recurring: false,
    }
}

fn store() -> Store {
    let mut store = Store::in_memory().unwrap();
    let [] = put(&mut store, []);
    store
}

fn numbers(store: &Store) -> Vec<u64> {
    let all = store.known_numbers_after(ACCOUNT, None, 100).unwrap();
    all.into_iter().map(|record| record.known.number).collect()
}

#[test]
fn what_moodle_no_longer_has_is_gone_until_it_comes_back() {
    let mut store = store();
    let change = store.put_known_numbers(at(0), ACCOUNT, &[known(2), known(3), known(4)]).unwrap();
    assert_eq!(change, KnownChange { new: 3, gone: 0 });
    let answer = Answer { asked_at: at(5), runs: 7, latest_run_at: Some(at(1)), not_found: 0 };
    store.note_known_asked(ACCOUNT, 3, Kind::Webinar, &answer).unwrap();
    let renamed = KnownNumber { topic: "Renamed".into(), ..known(2) };
    let change = store.put_known_numbers(at(10), ACCOUNT, &[renamed.clone(), known(4)]).unwrap();
    assert_eq!((change, numbers(&store)), (KnownChange { new: 0, gone: 1 }, vec![2, 4]));
    assert!(store.has_activity(ACCOUNT, 2).unwrap() && !store.has_activity(ACCOUNT, 3).unwrap());
    let held = store.known_number(ACCOUNT, 2, Kind::Meeting).unwrap().unwrap();
    assert_eq!((held.known, held.read_at, held.gone_at), (renamed, at(10), None));
    let gone = store.known_number(ACCOUNT, 3, Kind::Webinar).unwrap().unwrap();
    assert_eq!((gone.gone_at, gone.answer), (Some(at(10)), Some(answer)));
    let count = store.count_known(ACCOUNT).unwrap();
    assert_eq!((count.numbers, count.webinars, count.gone, count.unasked), (2, 0, 1, 2));
    // What Zoom said is remembered when it comes back.
    let change = store.put_known_numbers(at(20), ACCOUNT, &[known(3), known(4)]).unwrap();
    assert_eq!(change, KnownChange { new: 1, gone: 1 });
    assert_eq!(store.known_number(ACCOUNT, 3, Kind::Webinar).unwrap().unwrap().answer, Some(answer));
}

#[test]
fn numbers_are_read_in_bounded_steps() {
    let mut store = store();
    let all: Vec<KnownNumber> = (1..=25).map(known).collect();
    store.put_known_numbers(at(0), ACCOUNT, &all).unwrap();
    let (mut read, mut last) = (Vec::new(), None);
    loop {
        let step = store.known_numbers_after(ACCOUNT, last.as_ref(), 10).unwrap();
        assert!(step.len() <= 10);
        let Some(end) = step.last() else { break };
        last = Some(end.known.clone());
        read.extend(step.into_iter().map(|record| record.known));
    }
    assert_eq!(read, all);
}

#[test]
fn a_day_is_wanted_from_its_first_instant_to_its_last() {
    let mut store = store();
    let day = Window { from: at(0), to: at(1_440) };
    assert!(!store.is_wanted_time(ACCOUNT, at(0)).unwrap());
    store.want_day(ACCOUNT, day).unwrap();
    store.want_day(ACCOUNT, day).unwrap();
    for (minute, wanted) in [(-1, false), (0, true), (1_439, true), (1_440, false)] {
        assert_eq!(store.is_wanted_time(ACCOUNT, at(minute)).unwrap(), wanted, "{minute}");
        assert_eq!(store.is_listed_time(ACCOUNT, at(minute)).unwrap(), wanted, "{minute}");
    }
    assert_eq!(store.wanted_days(ACCOUNT, Window { from: at(1_439), to: at(2_000) }).unwrap(), [day]);
    assert!(store.wanted_days(ACCOUNT, Window { from: at(1_440), to: at(2_000) }).unwrap().is_empty());
}

fn spec(number: u64, window: Window) -> JobSpec {
    let ask = Ask::Instances { number, kind: Kind::Meeting, window };
    JobSpec {
        account: ACCOUNT.into(),
        pool: ACCOUNT.into(),
        label: ask.label(Kind::Meeting),
        ask,
        urgency: Urgency::Discovery.rank(),
        is_person: false,
        due_at: at(9),
        reason: "due".into(),
    }
}

#[test]
fn each_number_has_one_job_and_those_under_way_are_left_alone() {
    let mut store = store();
    let (first, second) = (Window { from: at(0), to: at(1_440) }, Window { from: at(1_440), to: at(2_880) });
    store.put_job(&spec(2, first)).unwrap();
    store.put_job(&spec(2, second)).unwrap();
    store.put_job(&spec(4, second)).unwrap();
    let due = store.due_jobs(at(9), ACCOUNT, spec(2, first).label, false, 9).unwrap();
    assert_eq!(due.len(), 2);
    assert!(!store.has_instances_job(ACCOUNT, first).unwrap());
    assert!(store.has_instances_job(ACCOUNT, second).unwrap());
    assert!(store.list_jobs(ACCOUNT).unwrap().is_empty());
    let run = store.start_run(at(0), "test").unwrap();
    store.lease_job(due[0].job, run, at(9), jiff::SignedDuration::from_mins(1)).unwrap();
    store.drop_instances_jobs(at(9), ACCOUNT).unwrap();
    assert!(store.job(due[0].job).unwrap().is_some());
    assert_eq!(store.job(due[1].job).unwrap(), None);
}
