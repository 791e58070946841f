use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::{Limits, Plan};
use rollbook_core::request::Role;
use rollbook_store::Mode;
use rollbook_zoom::{Client, Credentials};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn account() -> Account {
    let transport = crate::simulation::transport::InProcess::new(axum::Router::new());
    let nobody = Credentials::AccessToken(String::new().into());
    let url = "http://127.0.0.1:9/v2".parse().unwrap();
    let client = Client::new(std::sync::Arc::new(transport), url, nobody);
    let offer = Offer::of(Plan::Business, false);
    Account::new("default".into(), "default".into(), client, Limits::of(Plan::Business), 0.2, offer)
}

fn ended(store: &mut Store, uuid: &str) -> Record {
    let account = account();
    store.put_account(&account.name, None, &account.pool, &account.offer).unwrap();
    let mut instance = Instance::unknown(uuid.into(), Kind::Meeting);
    instance.number = Some(9);
    instance.started_at = Some(at("2026-11-20T08:00:00Z"));
    instance.ended_at = Some(at("2026-11-20T09:00:00Z"));
    instance.times_from = TimesFrom::List;
    store.put_instance(at("2026-11-20T10:00:00Z"), "default", instance).unwrap().record
}

fn rules(ration: u32) -> Rules {
    Rules { roles: [Role::Teacher].into(), ration }
}

fn ask(store: &mut Store, now: &str, who: &str, meeting: &str, rules: &Rules, runs: &[Record]) -> Put {
    let (requester, zone) = (Requester::named(who, Role::Teacher).unwrap(), berlin());
    let asked = Asked { rules, requester: &requester, zone: &zone, meeting, all: false };
    put(store, at(now), &[account()], &asked, runs).unwrap()
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

#[test]
fn a_request_that_is_let_in_goes_before_all_other_work_in_its_name() {
    let mut store = Store::in_memory().unwrap();
    let run = ended(&mut store, "a==");
    let put = ask(&mut store, "2026-11-20T12:00:00Z", "Ana", "9", &rules(2), std::slice::from_ref(&run));
    assert_eq!(put.decision, Decision::Ask { left: Some(1) });
    let job = store.instance_job(run.id).unwrap().unwrap();
    assert!(job.spec.is_person);
    assert_eq!(job.spec.reason, "asked for by ana (teacher)");
    store.finish_instance_job(run.id).unwrap();
    answer_looked_at(&mut store, at("2026-11-20T12:01:00Z")).unwrap();
    let kept = store.request(put.request).unwrap().unwrap();
    assert_eq!((kept.outcome, kept.reason.as_deref()), (RequestOutcome::Answered, Some("ended")));
}

#[test]
fn the_ration_is_of_the_school_day() {
    let mut store = Store::in_memory().unwrap();
    let asks = |store: &mut Store, now: &str, meeting: &str| {
        matches!(ask(store, now, "ana", meeting, &rules(1), &[]).decision, Decision::Ask { .. })
    };
    assert!(asks(&mut store, "2026-11-20T22:30:00Z", "1"));
    // Still the 20th in UTC, but the 21st at school.
    assert!(asks(&mut store, "2026-11-20T23:30:00Z", "2"));
    assert!(!asks(&mut store, "2026-11-21T22:30:00Z", "3"));
    assert!(asks(&mut store, "2026-11-21T23:00:00Z", "4"));
}

#[test]
fn a_refused_request_is_kept_with_its_reason_and_puts_no_job() {
    let mut store = Store::in_memory().unwrap();
    let run = ended(&mut store, "a==");
    let nobody = Rules { roles: [].into(), ration: 5 };
    let put = ask(&mut store, "2026-11-20T12:00:00Z", "ana", "9", &nobody, std::slice::from_ref(&run));
    assert!(matches!(put.decision, Decision::Refused(_)));
    assert!(store.instance_job(run.id).unwrap().is_none());
    let kept = store.request(put.request).unwrap().unwrap();
    assert_eq!(kept.outcome, RequestOutcome::Refused);
    assert!(kept.reason.unwrap().contains("teacher"));
}

#[test]
fn two_requests_for_one_run_are_one() {
    let mut store = Store::in_memory().unwrap();
    let run = ended(&mut store, "a==");
    let runs = std::slice::from_ref(&run);
    let first = ask(&mut store, "2026-11-20T12:00:00Z", "ana", "9", &rules(1), runs);
    let second = ask(&mut store, "2026-11-20T12:00:10Z", "ben", "a==", &rules(1), runs);
    let joined = Decision::Join { request: first.request, answered_at: None };
    assert_eq!(second.decision, joined);
    store.finish_instance_job(run.id).unwrap();
    let third = ask(&mut store, "2026-11-20T12:00:20Z", "eve", "9", &rules(1), runs);
    let at_once = at("2026-11-20T12:00:20Z");
    assert_eq!(third.decision, Decision::Join { request: first.request, answered_at: Some(at_once) });
    for put in [first, second, third] {
        assert_eq!(store.request(put.request).unwrap().unwrap().outcome, RequestOutcome::Answered);
    }
}

#[test]
fn several_processes_together_never_exceed_a_ration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollbook.db");
    drop(Store::open(&path, Mode::Write).unwrap());
    let asks = |thread: usize| {
        let mut store = Store::open(&path, Mode::Write).unwrap();
        let let_in = (0..5).filter(|one| {
            let meeting = format!("{thread}{one}");
            let put = ask(&mut store, "2026-11-20T12:00:00Z", "ana", &meeting, &rules(7), &[]);
            matches!(put.decision, Decision::Ask { .. })
        });
        let_in.count()
    };
    let let_in: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=4).map(|thread| scope.spawn(move || asks(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(let_in, 7);
}

#[test]
fn a_request_whose_meeting_was_never_looked_up_is_given_up() {
    let mut store = Store::in_memory().unwrap();
    let put = ask(&mut store, "2026-11-20T12:00:00Z", "ana", "9", &rules(5), &[]);
    let outcome = |store: &Store| store.request(put.request).unwrap().unwrap().outcome;
    answer_looked_at(&mut store, at("2026-11-20T12:09:00Z")).unwrap();
    assert_eq!(outcome(&store), RequestOutcome::Pending);
    answer_looked_at(&mut store, at("2026-11-20T12:11:00Z")).unwrap();
    assert_eq!(outcome(&store), RequestOutcome::Failed);
}

#[test]
fn the_price_is_that_of_the_runs_of_the_accounts() {
    let mut store = Store::in_memory().unwrap();
    let run = ended(&mut store, "a==");
    assert_eq!(price(&[account()], std::slice::from_ref(&run)).medium, 1);
    assert_eq!(price(&[], &[run]), PerLabel::default());
}
