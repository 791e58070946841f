//! The outbox of sinks, the rows that are ours, and decisions about people.

use jiff::SignedDuration;
use rollbook_core::delivery::{ExistingRow, OwnRows, ParticipantRow};
use rollbook_core::family::Family;
use rollbook_core::identity::{Correction, PersonKey};
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_store::{
    Candidate, CorrectionRecord, DeliveryRecord, DeliveryState, LinkKind, SinkState, State, Store,
};

use crate::ledger::{ACCOUNT, at, meeting, put};

const SINK: &str = "moodle here";

fn numbered(uuid: &str, minute: i64) -> rollbook_core::instance::Instance {
    rollbook_core::instance::Instance { number: Some(91), ..meeting(uuid, minute) }
}

fn stay(name: &str, email: Option<&str>, zoom: Option<&str>, registrant: Option<&str>) -> Stay {
    Stay {
        user_id: name.into(),
        participant_uuid: None,
        zoom_user_id: zoom.map(Into::into),
        registrant_id: registrant.map(Into::into),
        name: Some(name.into()),
        email: email.map(Into::into),
        joined_at: at(0),
        left_at: Some(at(60)),
        status: Status::InMeeting,
        is_breakout: None,
        source: Family::Report,
        is_withdrawn: false,
        evidence: Default::default(),
    }
}

fn candidates(store: &Store, sink: &str, window: Option<Window>) -> Vec<Candidate> {
    let mut all = Vec::new();
    store.each_candidate(sink, ACCOUNT, window, |candidate| all.push(candidate)).unwrap();
    all
}

fn row(user: &str, leave: i64) -> ParticipantRow {
    ParticipantRow {
        zoomuserid: user.into(),
        join_time: 1_000,
        leave_time: leave,
        duration: leave - 1_000,
        userid: Some(7),
        uuid: None,
        user_email: None,
        name: "ANA LOPEZ".into(),
    }
}

#[test]
fn only_instances_with_a_number_in_the_window_are_candidates_by_start() {
    let mut store = Store::in_memory().unwrap();
    put(&mut store, [numbered("b==", 60), numbered("a==", 0), meeting("nameless==", 10)]);
    let uuids = |window| {
        let found = candidates(&store, SINK, window);
        found.into_iter().map(|candidate| candidate.record.instance.uuid).collect::<Vec<_>>()
    };
    assert_eq!(uuids(None), ["a==", "b=="]);
    assert_eq!(uuids(Some(Window { from: at(30), to: at(90) })), ["b=="]);
}

#[test]
fn a_line_of_the_outbox_comes_back_as_it_was_put_and_belongs_to_one_sink() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [numbered("a==", 0)]);
    let line = DeliveryRecord {
        state: DeliveryState::Failed,
        reason: Some("lock timeout".into()),
        digest: Some("d1".into()),
        delivered_at: Some(at(700)),
        activity: Some(4),
        details_id: Some(12),
        rows: 25,
        tries: 3,
        ..DeliveryRecord::new(at(701), 2)
    };
    store.put_delivery(SINK, id, &line).unwrap();
    assert_eq!(store.delivery(SINK, id).unwrap(), Some(line.clone()));
    assert_eq!(candidates(&store, SINK, None)[0].delivery, Some(line));
    assert_eq!(candidates(&store, "moodle elsewhere", None)[0].delivery, None);
    assert_eq!(store.count_deliveries(SINK, None).unwrap(), [(DeliveryState::Failed, 1)]);
    assert_eq!(store.count_deliveries("moodle elsewhere", None).unwrap(), []);
    let failed = store.deliveries(SINK, DeliveryState::Failed, None, 10).unwrap();
    assert_eq!(failed[0].record.instance.uuid, "a==");
    let changes = candidates(&store, SINK, None)[0].changes;
    assert_eq!(store.make_deliveries_due(&[id, 99], "corrected").unwrap(), 1);
    // Who looked at it before, and writes its line only now, does not make that undone.
    assert!(candidates(&store, SINK, None)[0].changes > changes);
    let due = store.delivery(SINK, id).unwrap().unwrap();
    assert_eq!((due.state, due.tries), (DeliveryState::Due, 0));
    assert_eq!(due.digest.as_deref(), Some("d1"));
}

#[test]
fn whatever_changes_about_an_instance_can_be_told_from_its_count_of_changes() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [numbered("a==", 0)]);
    let changes = |store: &Store| candidates(store, SINK, None)[0].changes;
    let mut before = changes(&store);
    let mut grew = |store: &Store| {
        let now = changes(store);
        std::mem::replace(&mut before, now) < now
    };
    store.put_stays(id, &[stay("Ana", None, None, None)]).unwrap();
    assert!(grew(&store), "its stays");
    store.set_state(at(600), id, State::Verified, Some("equal readings"), None).unwrap();
    assert!(grew(&store), "its state");
    store.set_state(at(700), id, State::Verified, Some("equal readings"), None).unwrap();
    assert!(!grew(&store), "nothing");
    let longer = rollbook_core::instance::Instance { ended_at: Some(at(70)), ..numbered("a==", 0) };
    store.put_instance(at(700), ACCOUNT, longer.clone()).unwrap();
    assert!(grew(&store), "its times");
    store.put_instance(at(700), ACCOUNT, longer).unwrap();
    assert!(!grew(&store), "nothing");
}

#[test]
fn rows_are_ours_for_certain_only_after_the_sink_has_committed() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [numbered("a==", 0)]);
    let first = OwnRows::from([(1, row("16778240", 2_000))]);
    let second = OwnRows::from([(1, row("16778240", 3_000)), (2, row("16779264", 2_000))]);
    store.put_tentative_rows(SINK, id, &first).unwrap();
    let held = store.held_rows(SINK, id).unwrap();
    assert_eq!((held.own, held.tentative), (OwnRows::new(), Some(first.clone())));
    store.put_own_rows(SINK, id, &first).unwrap();
    store.put_tentative_rows(SINK, id, &second).unwrap();
    let held = store.held_rows(SINK, id).unwrap();
    assert_eq!((held.own, held.tentative), (first, Some(second)));
    assert_eq!(store.held_rows("moodle elsewhere", id).unwrap(), Default::default());
}

#[test]
fn what_stood_in_rows_of_others_is_kept() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [numbered("a==", 0)]);
    let (old, new) =
        (ExistingRow { id: 5, row: row("1", 2_000) }, ExistingRow { id: 5, row: row("1", 3_000) });
    store.add_overwrite(at(700), SINK, id, &old, &new).unwrap();
    let kept = store.overwrites(SINK, 10).unwrap();
    assert_eq!((&kept[0].old, &kept[0].new, kept[0].at), (&old, &new, at(700)));
    assert_eq!((kept[0].meeting_uuid.as_str(), kept[0].meeting_id), ("a==", Some(91)));
    assert_eq!(store.count_overwrites(SINK).unwrap(), 1);
    assert_eq!(store.count_overwrites("moodle elsewhere").unwrap(), 0);
}

#[test]
fn the_last_time_a_sink_was_told_is_kept() {
    let mut store = Store::in_memory().unwrap();
    assert_eq!(store.sink_state(SINK).unwrap(), SinkState::default());
    let state = SinkState { told_at: Some(at(1)), said: Some("{}".into()), others_seen_at: Some(at(0)) };
    store.put_sink_state(SINK, &state).unwrap();
    assert_eq!(store.sink_state(SINK).unwrap(), state);
}

#[test]
fn emails_told_beside_a_zoom_user_or_a_registration_are_remembered_for_other_instances() {
    let mut store = Store::in_memory().unwrap();
    let [first, second] = put(&mut store, [numbered("a==", 0), numbered("b==", 60)]);
    store.put_stays(first, &[stay("Ana", Some("Ana@S.example"), Some("zA"), Some("rA"))]).unwrap();
    store
        .put_stays(
            second,
            &[
                stay("Ana", Some("ana@home.example"), Some("zA"), None),
                stay("Ben", Some(""), Some("zB"), None),
            ],
        )
        .unwrap();
    assert_eq!(store.linked_emails(LinkKind::ZoomUser, "zA").unwrap(), ["ana@home.example", "ana@s.example"]);
    assert_eq!(store.linked_emails(LinkKind::Registrant, "rA").unwrap(), ["ana@s.example"]);
    assert!(store.linked_emails(LinkKind::ZoomUser, "zB").unwrap().is_empty());
}

#[test]
fn people_are_found_in_instances_by_each_kind_of_key() {
    let mut store = Store::in_memory().unwrap();
    let [first, second] = put(&mut store, [numbered("a==", 0), numbered("b==", 60)]);
    store.put_stays(first, &[stay("Ana", Some("Ana@S.example"), Some("zA"), None)]).unwrap();
    store.put_stays(second, &[stay("Ana", None, Some("zA"), Some("rA"))]).unwrap();
    let check = |key: &str, expected: &[i64]| {
        assert_eq!(store.instances_with(&key.parse().unwrap()).unwrap(), expected, "{key}");
    };
    check("zoom:zA", &[first, second]);
    check("email:ana@s.example", &[first]);
    check("registrant:rA", &[second]);
    check("name:3:Ana", &[first, second]);
    check("name:3:Ben", &[]);
}

#[test]
fn people_are_found_whatever_blanks_and_letters_there_are() {
    let mut store = Store::in_memory().unwrap();
    let [id] = put(&mut store, [numbered("a==", 0)]);
    let told = stay("\u{a0}\u{c9}lo Ruiz\u{2003}", Some("\u{a0}\u{c9}LO@s.example"), None, None);
    store.put_stays(id, &[told.clone(), Stay { user_id: "2".into(), joined_at: at(5), ..told }]).unwrap();
    for key in ["email:\u{e9}lo@s.example", "name:3:\u{c9}lo Ruiz"] {
        assert_eq!(store.instances_with(&key.parse().unwrap()).unwrap(), [id], "{key}");
    }
    assert!(store.instances_with(&"email:elo@s.example".parse().unwrap()).unwrap().is_empty());
}

#[test]
fn one_at_a_time_tells_a_sink_until_its_lease_runs_out() {
    let mut store = Store::in_memory().unwrap();
    assert_eq!(store.take_sink(at(0), SINK, "first", at(2)).unwrap(), None);
    assert_eq!(store.take_sink(at(1), SINK, "second", at(3)).unwrap(), Some(at(0)));
    assert_eq!(store.take_sink(at(1), "moodle elsewhere", "second", at(3)).unwrap(), None);
    assert!(store.keep_sink(SINK, "first", at(5)).unwrap());
    assert_eq!(store.take_sink(at(4), SINK, "second", at(6)).unwrap(), Some(at(0)));
    // Killed: nobody renews it.
    assert_eq!(store.take_sink(at(5), SINK, "second", at(7)).unwrap(), None);
    assert!(!store.keep_sink(SINK, "first", at(9)).unwrap());
    store.leave_sink(SINK, "first").unwrap();
    assert_eq!(store.take_sink(at(6), SINK, "third", at(8)).unwrap(), Some(at(5)));
    store.leave_sink(SINK, "second").unwrap();
    assert_eq!(store.take_sink(at(6), SINK, "third", at(8)).unwrap(), None);
}

#[test]
fn a_decision_about_somebody_is_kept_until_it_is_forgotten() {
    let mut store = Store::in_memory().unwrap();
    let ana: PersonKey = "email:ana@s.example".parse().unwrap();
    let decided = |correction, minutes| CorrectionRecord {
        key: ana.clone(),
        correction,
        user_name: Some("Ana Lopez".into()),
        note: Some("asked her".into()),
        set_by: "root".into(),
        set_at: at(0) + SignedDuration::from_mins(minutes),
    };
    store.put_correction(&decided(Correction::User(7), 0)).unwrap();
    store.put_correction(&decided(Correction::Nobody, 5)).unwrap();
    assert_eq!(store.correction_records().unwrap(), [decided(Correction::Nobody, 5)]);
    assert_eq!(store.corrections().unwrap().get(&ana), Some(&Correction::Nobody));
    store.put_reference(at(0), "k3x9", &ana).unwrap();
    assert_eq!(store.reference("k3x9").unwrap().as_ref(), Some(&ana));
    assert_eq!(store.reference("none").unwrap(), None);
    assert!(store.drop_correction(&ana).unwrap() && !store.drop_correction(&ana).unwrap());
    assert!(store.corrections().unwrap().is_empty());
}
