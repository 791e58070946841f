use rollbook_core::delivery::{OwnRows, ParticipantRow};
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::reading::{Outcome, Reading, Row};
use rollbook_core::stay::{Evidence, merge, summarise};

use super::*;
use crate::{DeliveryRecord, DeliveryState, State};

const SINK: &str = "moodle postgres://db.example/moodle";

fn at(day: i64, hour: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    first + jiff::SignedDuration::from_hours(24 * day + hour)
}

/// A lecture of that day that two people attended, one of them twice, verified and delivered.
fn lecture(store: &mut Store, day: i64) -> i64 {
    let mut told = Instance::unknown(format!("day{day}=="), Kind::Meeting);
    told.number = Some(91);
    told.topic = Some("Ana Host's Zoom Meeting".into());
    (told.host_name, told.host_email) = (Some("Ana Host".into()), Some("ana@school.example".into()));
    told.started_at = Some(at(day, 9));
    let id = store.put_instance(at(day, 20), "default", told).unwrap().record.id;
    let row = |user_id: &str, name: &str, from: i64| Row {
        user_id: user_id.into(),
        name: Some(name.into()),
        zoom_user_id: Some(format!("zoom {name}")),
        email: Some(format!("{name}@school.example")),
        joined_at: Some(at(day, from)),
        left_at: Some(at(day, from + 1)),
        ..Row::default()
    };
    let rows = [row("1", "Ben", 9), row("2", "Ben", 11), row("3", "Cleo", 9)];
    for asked_at in [at(day, 20), at(day, 21)] {
        let outcome = Outcome::Rows(summarise(Family::Report, &rows));
        let reading = Reading { family: Family::Report, asked_at, outcome };
        store.add_reading(id, 1, 1, &reading, &rows).unwrap();
    }
    let evidence = Evidence {
        family: Family::Report,
        asked_at: at(day, 20),
        is_finished: true,
        is_passing: true,
        rows: &rows,
    };
    store.put_stays(id, &merge(&[evidence])).unwrap();
    store.set_state(at(day, 21), id, State::Verified, None, None).unwrap();
    let changes = store.candidate(SINK, id).unwrap().unwrap().changes;
    let line = DeliveryRecord {
        state: DeliveryState::Done,
        digest: Some("told".into()),
        ..DeliveryRecord::new(at(day, 22), changes)
    };
    store.put_delivery(SINK, id, &line).unwrap();
    let own = ParticipantRow {
        zoomuserid: "1".into(),
        join_time: 1,
        leave_time: 2,
        duration: 1,
        userid: None,
        uuid: None,
        user_email: None,
        name: "Ben".into(),
    };
    store.put_own_rows(SINK, id, &OwnRows::from([(1, own)])).unwrap();
    id
}

fn store() -> Store {
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    store
}

fn candidates(store: &Store) -> Vec<i64> {
    let mut all = Vec::new();
    store.each_candidate(SINK, "default", None, |candidate| all.push(candidate.record.id)).unwrap();
    all
}

#[test]
fn people_go_counts_stay_and_moodle_is_not_told_that_nobody_was_there() {
    let mut store = store();
    let (old, new) = (lecture(&mut store, 0), lecture(&mut store, 30));
    let open = lecture(&mut store, 1);
    store.set_state(at(1, 21), open, State::Fetched, None, None).unwrap();
    let line = store.delivery(SINK, old).unwrap();
    assert_eq!(store.forget_attendance(at(40, 0), at(20, 0), 10).unwrap(), 1);
    assert_eq!(store.forget_attendance(at(41, 0), at(20, 0), 10).unwrap(), 0);
    let kept = store.kept_count(old).unwrap().unwrap();
    assert_eq!((kept.people, kept.stays, kept.seconds, kept.forgotten_at), (2, 3, 3 * 3600, at(40, 0)));
    assert!(store.stays(old).unwrap().is_empty() && store.held_rows(SINK, old).unwrap().own.is_empty());
    assert!(store.evidence(old).unwrap().iter().all(|(reading, rows)| {
        rows.is_empty() && reading.any_rows().is_some_and(|rows| rows.in_meeting == 3)
    }));
    let instance = store.instance(old).unwrap().unwrap().instance;
    assert_eq!((instance.topic, instance.host_name, instance.host_email), (None, None, None));
    // Moodle keeps what it was told: the session is no longer one to tell.
    assert_eq!(candidates(&store), [open, new]);
    assert_eq!(store.delivery(SINK, old).unwrap(), line);
    for id in [open, new] {
        assert_eq!((store.stays(id).unwrap().len(), store.kept_count(id).unwrap()), (3, None));
    }
}

#[test]
fn an_old_meeting_that_is_read_again_is_forgotten_again() {
    let mut store = store();
    let old = lecture(&mut store, 0);
    store.forget_attendance(at(40, 0), at(20, 0), 10).unwrap();
    lecture(&mut store, 0);
    assert_eq!((store.stays(old).unwrap().len(), store.kept_count(old).unwrap()), (3, None));
    assert_eq!(store.forget_attendance(at(50, 0), at(20, 0), 10).unwrap(), 1);
    assert!(store.stays(old).unwrap().is_empty());
    assert_eq!(store.kept_count(old).unwrap().unwrap().forgotten_at, at(50, 0));
}

#[test]
fn evidence_goes_and_what_follows_from_it_stays() {
    let mut store = store();
    let old = lecture(&mut store, 0);
    let stays = store.stays(old).unwrap();
    assert_eq!(store.prune_readings(at(0, 20), 10).unwrap(), 0);
    // The second reading said the same, so that its rows are kept once.
    assert_eq!(store.prune_readings(at(1, 0), 10).unwrap(), 1);
    assert!(store.evidence(old).unwrap().iter().all(|(_, rows)| rows.is_empty()));
    assert_eq!(store.stays(old).unwrap(), stays);
}

#[test]
fn links_runs_requests_and_references_go_by_their_own_age() {
    let mut store = store();
    lecture(&mut store, 0);
    lecture(&mut store, 30);
    let zoom = crate::LinkKind::ZoomUser;
    assert_eq!(store.linked_emails(zoom, "zoom Ben").unwrap(), ["ben@school.example"]);
    assert_eq!(store.prune_people(at(30, 0), 10).unwrap(), 0, "seen again since");
    assert_eq!(store.prune_people(at(31, 0), 10).unwrap(), 2);
    let run = store.start_run(at(0, 0), "sync").unwrap();
    store.note_run(at(0, 0), run, "a note").unwrap();
    assert_eq!(store.prune_runs(at(1, 0), 10).unwrap(), 0, "it goes on");
    store.end_run(at(0, 1), run, 0, "done").unwrap();
    assert_eq!(store.prune_runs(at(1, 0), 10).unwrap(), 1);
    assert!(store.runs(10).unwrap().is_empty());
}
