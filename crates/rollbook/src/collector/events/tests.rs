use rollbook_core::family::Offer;
use rollbook_core::known::KnownNumber;
use rollbook_core::limits::{Limits, Plan};
use rollbook_core::presence::Place;
use rollbook_core::reading::Status;
use rollbook_store::{NewEvent, State};
use rollbook_zoom::{Client, Credentials};

use super::*;
use crate::simulation::transport::InProcess;

/// A minute of the morning that the tests play on.
fn at(minute: i64) -> Timestamp {
    "2026-11-20T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

struct Ledger {
    store: Store,
    accounts: Vec<Account>,
    told: u32,
}

impl Ledger {
    fn new() -> Ledger {
        let client = Client::new(
            std::sync::Arc::new(InProcess::new(axum::Router::new())),
            "http://127.0.0.1/v2".parse().unwrap(),
            Credentials::AccessToken("t".to_owned().into()),
        );
        let offer = Offer::of(Plan::Business, false);
        let mut store = Store::in_memory().unwrap();
        store.put_account("default", None, "default", &offer).unwrap();
        let name = || "default".to_owned();
        let mut account = Account::new(name(), name(), client, Limits::of(Plan::Business), 0.2, offer);
        account.qos.policy = Policy::All;
        Ledger { store, accounts: vec![account], told: 0 }
    }

    /// `tell("joined", "16", 3)`: an event of run `a==` about a connection, at a minute.
    fn tell(&mut self, what: &str, user_id: &str, minute: i64) {
        let when = at(minute);
        let (name, times) = match what {
            "started" => ("meeting.started", String::new()),
            "ended" => ("meeting.ended", format!(r#","end_time":"{when}""#)),
            "joined" => ("meeting.participant_joined", format!(r#""join_time":"{when}""#)),
            "left" => ("meeting.participant_left", format!(r#""leave_time":"{when}""#)),
            "waits" => ("meeting.participant_joined_waiting_room", format!(r#""date_time":"{when}""#)),
            "qos" => (
                "meeting.participant_qos",
                format!(
                    r#""qos":[{{"date_time":"{when}","type":"audio_input","details":{{"bitrate":"60 kbps"}}}}]"#
                ),
            ),
            "data" => ("meeting.participant_data", r#""data":[{"device":"WIN"}]"#.to_owned()),
            other => panic!("{other}"),
        };
        let (of_object, participant) = match user_id {
            "" => (times, String::new()),
            _ => (
                String::new(),
                format!(r#","participant":{{"user_id":"{user_id}","user_name":"P{user_id}",{times}}}"#),
            ),
        };
        let is_quality = matches!(what, "qos" | "data");
        let about =
            if is_quality { "" } else { r#","id":9,"topic":"Algebra","start_time":"2026-11-20T09:00:00Z""# };
        let body = format!(
            r#"{{"event":"{name}","event_ts":{},"payload":{{"account_id":"A","object":
                {{"uuid":"a=="{about}{of_object}{participant}}}}}}}"#,
            when.as_millisecond()
        );
        self.post(name, &body, minute);
    }

    fn post(&mut self, name: &str, body: &str, minute: i64) {
        self.told += 1;
        let event = NewEvent::pack("default", name, Some("a=="), None, at(minute), body.as_bytes()).unwrap();
        self.store.put_event(&event).unwrap();
    }

    fn apply(&mut self, minute: i64) {
        while apply_due(&mut self.store, at(minute), &self.accounts).unwrap() > 0 {}
    }

    fn record(&self) -> Record {
        self.store.instance_by_uuid("default", "a==").unwrap().unwrap()
    }

    fn there(&self) -> Vec<String> {
        self.present().into_iter().map(|one| one.user_id).collect()
    }

    fn present(&self) -> Vec<Present> {
        let record = self.record();
        live_now(&self.store, &[&record])
            .unwrap()
            .remove(&record.id)
            .map_or_else(Vec::new, |(_, there)| there)
    }

    fn outcomes(&self) -> Vec<String> {
        self.store.event_outcomes("default").unwrap().into_iter().map(|(_, outcome, _)| outcome).collect()
    }
}

#[test]
fn a_running_meeting_and_who_is_in_it_are_known_without_a_call() {
    let mut ledger = Ledger::new();
    for (what, user, minute) in
        [("started", "", 0), ("joined", "16", 0), ("joined", "17", 3), ("left", "16", 9)]
    {
        ledger.tell(what, user, minute);
    }
    ledger.apply(10);
    let record = ledger.record();
    assert_eq!((record.state, record.instance.number), (State::Live, Some(9)));
    assert_eq!(ledger.there(), ["17"]);
    let [one] = &ledger.present()[..] else { panic!() };
    assert_eq!((one.since, &one.place, one.name.as_deref()), (at(3), &Place::Meeting, Some("P17")));
}

#[test]
fn the_end_makes_a_reading_and_a_look_and_verifies_nothing() {
    let mut ledger = Ledger::new();
    for (what, user, minute) in
        [("joined", "16", 0), ("waits", "18", 1), ("joined", "17", 3), ("left", "16", 9)]
    {
        ledger.tell(what, user, minute);
    }
    ledger.tell("ended", "", 60);
    ledger.apply(60);
    let record = ledger.record();
    assert_eq!((record.state, record.next_look_at), (State::Ended, Some(at(65))));
    let stays = ledger.store.stays(record.id).unwrap();
    let shown: Vec<_> = stays.iter().map(|stay| (stay.user_id.as_str(), stay.left_at, stay.status)).collect();
    let (inside, waiting) = (Status::InMeeting, Status::InWaitingRoom);
    let expected = [("16", Some(at(9)), inside), ("18", Some(at(60)), waiting), ("17", Some(at(60)), inside)];
    assert_eq!(shown, expected);
    assert_eq!(ledger.there(), [""; 0]);
    let readings = ledger.store.readings(record.id).unwrap();
    assert_eq!((readings.len(), readings[0].family.as_str(), readings[0].calls), (1, "event", 0));
}

#[test]
fn quirk_69_order_and_repetition_change_nothing() {
    let told =
        [("started", "", 0), ("joined", "16", 0), ("left", "16", 9), ("joined", "17", 3), ("ended", "", 60)];
    let play = |order: &[usize]| {
        let mut ledger = Ledger::new();
        for at in order {
            let (what, user, minute) = told[*at];
            ledger.tell(what, user, minute);
            ledger.apply(70);
        }
        let record = ledger.record();
        (record.instance, record.state, ledger.store.stays(record.id).unwrap())
    };
    let usual = play(&[0, 1, 3, 2, 4]);
    assert_eq!(play(&[4, 3, 2, 1, 0]), usual);
    assert_eq!(play(&[2, 4, 0, 4, 1, 1, 2, 3]), usual);
}

#[test]
fn call_quality_waits_for_the_join_it_belongs_to() {
    let mut ledger = Ledger::new();
    ledger.tell("qos", "16", 4);
    ledger.apply(5);
    assert_eq!(ledger.outcomes(), ["its meeting is not known yet"]);
    ledger.tell("started", "", 0);
    ledger.apply(5);
    assert!(ledger.outcomes().contains(&"its connection is not known yet".to_owned()));
    ledger.tell("joined", "16", 3);
    ledger.tell("data", "16", 3);
    ledger.apply(6);
    let rows = ledger.store.quality_with_samples(ledger.record().id).unwrap();
    let [(row, _)] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.joined_at, row.series.times()), (Some(at(3)), &[at(4)][..]));
    // Its samples are kept once, however often they are told.
    ledger.tell("qos", "16", 4);
    ledger.tell("qos", "16", 5);
    ledger.tell("data", "16", 7);
    ledger.apply(8);
    let rows = ledger.store.quality_with_samples(ledger.record().id).unwrap();
    let [(row, _)] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row.series.times(), [at(4), at(5)]);
    assert_eq!(row.details["device"], "WIN");
    let coverage = ledger.store.quality_coverage(ledger.record().id).unwrap();
    assert!(coverage["16"].covers(at(3), at(6)) && !coverage["16"].covers(at(3), at(9)));
}

#[test]
fn call_quality_is_left_alone_where_none_is_wanted() {
    let mut ledger = Ledger::new();
    ledger.accounts[0].qos.policy = Policy::None;
    for (what, user, minute) in [("joined", "16", 3), ("qos", "16", 4)] {
        ledger.tell(what, user, minute);
    }
    ledger.apply(5);
    assert!(ledger.store.quality_rows(ledger.record().id).unwrap().is_empty());
}

#[test]
fn where_only_moodles_meetings_are_collected_others_leave_no_trace() {
    let mut ledger = Ledger::new();
    ledger.accounts[0].set_scope(Scope::Moodle);
    for (what, user, minute) in [("started", "", 0), ("joined", "16", 3), ("ended", "", 60)] {
        ledger.tell(what, user, minute);
    }
    ledger.apply(61);
    assert_eq!(ledger.store.instance_by_uuid("default", "a==").unwrap(), None);
    assert_eq!(ledger.outcomes(), ["none of Moodle's meetings"; 3]);
    let known = KnownNumber {
        number: 9,
        kind: Kind::Meeting,
        topic: "Algebra".into(),
        courses: Vec::new(),
        planned_start: None,
        planned_end: None,
        is_recurring: false,
    };
    ledger.store.put_known_numbers(at(0), "default", &[known]).unwrap();
    ledger.tell("joined", "17", 4);
    ledger.apply(61);
    assert_eq!(ledger.there(), ["17"]);
}

#[test]
fn odd_events_are_settled_and_hold_up_nothing() {
    let mut ledger = Ledger::new();
    ledger.post("x", "no json", 0);
    ledger.post("meeting.created", r#"{"event":"meeting.created","payload":{"object":{"uuid":"a=="}}}"#, 0);
    ledger.tell("joined", "16", 3);
    ledger.apply(5);
    assert_eq!(ledger.there(), ["16"]);
    assert_eq!(ledger.store.count_events().unwrap().new, 0);
    ledger.accounts.clear();
    ledger.tell("joined", "17", 4);
    ledger.apply(5);
}

#[test]
fn what_waits_in_vain_is_given_up_and_forgotten() {
    let mut ledger = Ledger::new();
    ledger.tell("qos", "16", 4);
    ledger.apply(5);
    assert_eq!(forget_old(&mut ledger.store, at(6), None).unwrap(), 0);
    assert_eq!(ledger.store.count_events().unwrap().held, 1);
    assert_eq!(forget_old(&mut ledger.store, at(4 * 24 * 60), None).unwrap(), 1);
    assert_eq!(ledger.store.event_outcomes("default").unwrap(), []);
}

#[test]
fn an_end_that_was_lost_does_not_keep_a_meeting_alive_for_ever() {
    let mut ledger = Ledger::new();
    ledger.tell("joined", "16", 3);
    ledger.apply(4);
    let record = ledger.record();
    let later = at(31 * 60);
    let account = &ledger.accounts[0];
    ledger.store.atomically(|store| reconsider(store, later, account, record, None)).unwrap();
    let stays = ledger.store.stays(ledger.record().id).unwrap();
    assert_eq!((stays.len(), stays[0].left_at), (1, None));
}

#[test]
fn a_store_that_keeps_no_names_learns_none_from_events() {
    let mut ledger = Ledger::new();
    ledger.store.set_masked(at(0), true).unwrap();
    for (what, user, minute) in [("joined", "16", 0), ("joined", "17", 3), ("left", "16", 9)] {
        ledger.tell(what, user, minute);
    }
    ledger.apply(10);
    let there = ledger.present();
    assert_eq!((there.len(), there[0].user_id.as_str()), (1, "17"));
    ledger.tell("ended", "", 60);
    ledger.apply(60);
    let stays = ledger.store.stays(ledger.record().id).unwrap();
    assert_eq!(stays.len(), 2);
    let kept = format!("{there:?} {stays:?} {:?}", ledger.store.evidence(ledger.record().id).unwrap());
    assert!(!kept.contains("P16") && !kept.contains("P17"), "{kept}");
}
