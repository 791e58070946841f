use rollbook_core::delivery::{OwnRows, ParticipantRow};
use rollbook_core::family::Family;
use rollbook_core::instance::Kind;
use rollbook_core::person::people;
use rollbook_core::quality::{QualityRow, StayQuality};
use rollbook_core::stay::{Evidence, merge};

use super::*;
use crate::{CorrectionRecord, Mode};

const SINK: &str = "moodle postgres://db.example/moodle";

fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time:0>5}:00Z").parse().unwrap()
}

/// `"9:00-9:50 user|name|zoom|email"`, blanks empty.
fn row(text: &str) -> Row {
    let (times, who) = text.split_once(' ').unwrap();
    let (from, to) = times.split_once('-').unwrap();
    let told: Vec<Option<String>> =
        who.split('|').map(|word| (!word.is_empty()).then(|| word.to_owned())).collect();
    Row {
        user_id: told[0].clone().unwrap_or_default(),
        name: told[1].clone(),
        zoom_user_id: told[2].clone(),
        email: told[3].clone(),
        joined_at: Some(at(from)),
        left_at: Some(at(to)),
        ..Row::default()
    }
}

const LECTURE: [&str; 5] = [
    "9:00-9:20 16|Ana Díaz|zoomAna|ana@school.example",
    "9:30-9:50 17|Ana Díaz||",
    "9:05-9:50 18|Ana Díaz||",
    "9:00-9:50 19|Ana Díaz|zoomNamesake|other.ana@school.example",
    "9:00-9:50 20|Ben Ode|zoomBen|ben@school.example",
];

fn store_at(path: &std::path::Path) -> Store {
    let mut store = Store::open(path, Mode::Write).unwrap();
    store
        .put_account(
            "default",
            None,
            "default",
            &rollbook_core::family::Offer::of(rollbook_core::limits::Plan::Business, false),
        )
        .unwrap();
    store
}

fn instance(store: &mut Store, uuid: &str) -> i64 {
    let mut told = Instance::unknown(uuid.into(), Kind::Meeting);
    told.topic = Some("Algebra".into());
    told.host_email = Some("host@school.example".into());
    told.host_name = Some("Hanna Host".into());
    told.started_at = Some(at("9:00"));
    store.put_instance(at("10:00"), "default", told).unwrap().record.id
}

/// As the collector takes in a reading.
fn read(store: &mut Store, instance: i64, asked: &str, family: Family, texts: &[&str]) {
    let uuid = store.uuid_of(instance).unwrap();
    let mut rows: Vec<Row> = texts.iter().map(|text| row(text)).collect();
    let mut reading =
        Reading { family, asked_at: at(asked), outcome: Outcome::Rows(summarise(family, &rows)) };
    store.hide_reading(&uuid, &mut reading, &mut rows).unwrap();
    store.add_reading(instance, 1, 1, &reading, &rows).unwrap();
    store.put_stays(instance, &derived(store, instance)).unwrap();
    store.sweep_instance(instance).unwrap();
}

fn derived(store: &Store, instance: i64) -> Vec<rollbook_core::stay::Stay> {
    let evidence = store.evidence(instance).unwrap();
    let evidence: Vec<Evidence<'_>> = evidence
        .iter()
        .map(|(reading, rows)| Evidence {
            family: reading.family,
            asked_at: reading.asked_at,
            is_finished: true,
            is_passing: true,
            rows,
        })
        .collect();
    let mut stays = merge(&evidence);
    // The store keeps no evidence beside a stay.
    stays.iter_mut().for_each(|stay| stay.evidence.clear());
    stays
}

fn ana(store: &Store) -> Portrait {
    let typed = Identifier::email("Ana@school.example");
    store.portrait(&BTreeMap::from([(typed, "as typed".to_owned())])).unwrap()
}

fn erase(store: &mut Store) -> i64 {
    let portrait = ana(store);
    let id = store.atomically(|store| store.begin_erasure(at("12:00"), "dpo", &portrait)).unwrap();
    sweep_all(store);
    id
}

fn sweep_all(store: &mut Store) {
    while !store.atomically(|store| store.sweep(2)).unwrap().is_done {}
}

fn names(store: &Store, instance: i64) -> Vec<String> {
    let mut names: Vec<String> =
        store.stays(instance).unwrap().into_iter().filter_map(|stay| stay.name).collect();
    names.sort();
    names
}

/// All bytes of the store's files once the log is written back, and everything packed in them.
fn bytes(store: Store) -> String {
    let path = store.path().to_path_buf();
    store.connection.execute_batch("pragma wal_checkpoint(truncate)").unwrap();
    let mut all = Vec::new();
    let blobs = [
        ("reading", "rows_json"),
        ("delivery_rows", "own"),
        ("delivery_rows", "tentative"),
        ("job", "progress"),
    ];
    for (table, column) in blobs {
        let sql = format!("select {column} from {table} where {column} is not null");
        let mut statement = store.connection.prepare(&sql).unwrap();
        let held: Vec<Vec<u8>> =
            statement.query_map([], |row| row.get(0)).unwrap().map(|blob| blob.unwrap()).collect();
        for blob in held {
            all.extend(crate::packed::unpack(&blob).map_or(blob, String::into_bytes));
        }
    }
    for record in store.instances(&crate::InstanceFilter::default(), 100).unwrap() {
        all.extend(format!("{:?}", store.quality_with_samples(record.id).unwrap()).into_bytes());
    }
    drop(store);
    all.extend(std::fs::read(&path).unwrap());
    let mut log = path.into_os_string();
    log.push("-wal");
    all.extend(std::fs::read(log).unwrap_or_default());
    String::from_utf8_lossy(&all).to_lowercase()
}

#[test]
fn an_erased_person_is_nowhere_in_the_file_and_everybody_else_is_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = store_at(&path);
    let lecture = instance(&mut store, "lecture==");
    let other = instance(&mut store, "other==");
    // The dashboard told the connection without an address; the report tells whose it was.
    read(&mut store, lecture, "10:00", Family::Metrics, &["9:00-9:20 16|Ana Díaz||"]);
    read(&mut store, lecture, "16:00", Family::Report, &LECTURE);
    read(&mut store, other, "16:00", Family::Report, &["9:00-9:20 5|Anita|zoomAna|", LECTURE[4]]);
    let quality = QualityRow {
        user_id: "16".into(),
        joined_at: Some(at("9:00")),
        name: Some("Ana Díaz".into()),
        details: BTreeMap::from([("pc_name".into(), "ANAS-LAPTOP".into()), ("device".into(), "Mac".into())]),
        ..QualityRow::default()
    };
    store.put_quality_row(lecture, &quality, &StayQuality { samples: 20, ..StayQuality::default() }).unwrap();
    let moodle_row = |user_id: &str, name: &str, userid| ParticipantRow {
        zoomuserid: user_id.into(),
        join_time: 1,
        leave_time: 2,
        duration: 1,
        userid: Some(userid),
        uuid: None,
        user_email: None,
        name: name.into(),
    };
    let own = OwnRows::from([(1, moodle_row("16", "Ana Díaz", 7)), (2, moodle_row("20", "Ben Ode", 8))]);
    store.put_own_rows(SINK, lecture, &own).unwrap();
    let key = rollbook_core::identity::PersonKey::Email("ana@school.example".into());
    let correction = CorrectionRecord {
        key,
        correction: rollbook_core::identity::Correction::User(7),
        user_name: Some("Ana Díaz".into()),
        note: None,
        set_by: "dpo".into(),
        set_at: at("11:00"),
    };
    store.put_correction(&correction).unwrap();
    let before: Vec<_> = [lecture, other]
        .map(|id| {
            let stays = store.stays(id).unwrap();
            (stays.len(), people(&stays).len(), store.readings(id).unwrap().len())
        })
        .into();
    let bens: Vec<_> =
        store.stays(lecture).unwrap().into_iter().filter(|stay| stay.user_id == "20").collect();

    let portrait = ana(&store);
    assert_eq!((portrait.stays, portrait.stays_by_name, portrait.instances.len()), (3, 1, 2));
    assert_eq!((portrait.call_quality, portrait.delivered), (1, 1));
    assert!(portrait.identifiers.contains_key(&Identifier::Moodle(7)));
    assert_eq!(portrait.names, BTreeSet::from(["Ana Díaz".to_owned(), "Anita".to_owned()]));
    erase(&mut store);

    let after: Vec<_> = [lecture, other]
        .map(|id| {
            let stays = store.stays(id).unwrap();
            assert_eq!(stays, derived(&store, id), "stays follow from readings");
            (stays.len(), people(&stays).len(), store.readings(id).unwrap().len())
        })
        .into();
    assert_eq!(after, before);
    let left = names(&store, lecture);
    assert_eq!(left.iter().filter(|name| *name == "Ana Díaz").count(), 2, "two namesakes: {left:?}");
    assert_eq!(
        store.stays(lecture).unwrap().into_iter().filter(|stay| stay.user_id == "20").collect::<Vec<_>>(),
        bens
    );
    assert_eq!(store.held_rows(SINK, lecture).unwrap().own.keys().collect::<Vec<_>>(), [&2]);
    assert!(store.correction_records().unwrap().is_empty());
    assert!(store.is_erased_user(7, "").unwrap() && store.is_erased_user(9, "ANA@school.example").unwrap());
    assert!(!store.is_erased_user(8, "ben@school.example").unwrap());
    let told = &store.erasures().unwrap()[0];
    assert!(told.is_done && told.stays == 3 && told.instances == 2 && told.set_by == "dpo", "{told:?}");
    let quality = &store.quality_rows(lecture).unwrap()[0];
    assert_eq!((quality.1.samples, quality.0.details.len()), (20, 1));
    let bytes = bytes(store);
    assert!(bytes.contains("ben@school.example"));
    for gone in ["\nana@school", " ana@school", "zoomana", "anas-laptop", "anita", "\"ana@school"] {
        assert!(!bytes.contains(gone), "{gone}");
    }
    assert_eq!(
        bytes.matches("ana@school.example").count(),
        bytes.matches("other.ana@school.example").count()
    );
}

#[test]
fn nobody_comes_back_by_whatever_name_a_later_answer_knows_them() {
    let mut store = Store::in_memory().unwrap();
    store
        .put_account(
            "default",
            None,
            "default",
            &rollbook_core::family::Offer::of(rollbook_core::limits::Plan::Business, false),
        )
        .unwrap();
    let lecture = instance(&mut store, "lecture==");
    read(&mut store, lecture, "10:00", Family::Report, &["9:00-9:20 16|Ana Díaz||ana@school.example"]);
    erase(&mut store);
    // A dashboard leaves out the address; then the account is told beside it, and alone in another meeting held before.
    let other = instance(&mut store, "other==");
    read(&mut store, other, "11:00", Family::Metrics, &["9:00-9:20 5|Ana Díaz|zoomAna|", LECTURE[4]]);
    assert_eq!(names(&store, other), ["Ana Díaz", "Ben Ode"]);
    read(&mut store, lecture, "16:00", Family::Metrics, &["9:00-9:20 16|Ana Díaz|zoomAna|"]);
    assert!(!names(&store, lecture).contains(&"Ana Díaz".to_owned()));
    assert!(!store.is_sweep_pending().unwrap(), "a number of a connection proves nothing elsewhere");
    read(&mut store, lecture, "17:00", Family::Report, &LECTURE[..1]);
    assert!(store.is_sweep_pending().unwrap());
    sweep_all(&mut store);
    assert_eq!(names(&store, other).iter().filter(|name| *name == "Ana Díaz").count(), 0);
    assert_eq!(people(&store.stays(other).unwrap()).len(), 2);
    // Once undone, what comes is kept again, and what was erased stays so.
    let id = store.erasures().unwrap()[0].id;
    assert!(store.undo_erasure(at("18:00"), id).unwrap() && !store.undo_erasure(at("18:00"), id).unwrap());
    let third = instance(&mut store, "third==");
    read(&mut store, third, "19:00", Family::Report, &LECTURE[..1]);
    assert_eq!(names(&store, third), ["Ana Díaz"]);
    assert!(!names(&store, other).contains(&"Ana Díaz".to_owned()));
    assert!(store.erasures().unwrap()[0].undone_at.is_some());
}

#[test]
fn rows_given_to_moodle_by_a_push_that_began_before_are_not_remembered_after() {
    let mut store = Store::in_memory().unwrap();
    store
        .put_account(
            "default",
            None,
            "default",
            &rollbook_core::family::Offer::of(rollbook_core::limits::Plan::Business, false),
        )
        .unwrap();
    let lecture = instance(&mut store, "lecture==");
    read(&mut store, lecture, "10:00", Family::Report, &LECTURE);
    erase(&mut store);
    let row = ParticipantRow {
        zoomuserid: "16".into(),
        join_time: 1,
        leave_time: 2,
        duration: 1,
        userid: Some(7),
        uuid: None,
        user_email: None,
        name: "Ana Díaz".into(),
    };
    let rows = OwnRows::from([(1, row.clone())]);
    store.put_tentative_rows(SINK, lecture, &rows).unwrap();
    store.put_own_rows(SINK, lecture, &rows).unwrap();
    assert!(store.held_rows(SINK, lecture).unwrap().own.is_empty());
    let existing = rollbook_core::delivery::ExistingRow { id: 1, row };
    store.add_overwrite(at("12:00"), SINK, lecture, &existing, &existing).unwrap();
    assert_eq!(store.count_overwrites(SINK).unwrap(), 0);
}

#[test]
fn a_masked_store_holds_no_name_and_forgets_whom_it_never_knew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = store_at(&path);
    assert!(store.set_masked(at("8:00"), true).unwrap() && !store.set_masked(at("8:01"), true).unwrap());
    assert_eq!(store.masked_since().unwrap(), Some(at("8:00")));
    let lecture = instance(&mut store, "lecture==");
    read(&mut store, lecture, "10:00", Family::Report, &LECTURE);
    assert_eq!(people(&store.stays(lecture).unwrap()).len(), 4);
    let typed = Identifier::email("ana@school.example");
    let masked = store.veil().unwrap().masked(&typed).unwrap();
    let portrait =
        store.portrait(&BTreeMap::from([(typed, String::new()), (masked, String::new())])).unwrap();
    assert_eq!((portrait.stays, portrait.stays_by_name), (2, 1));
    store.begin_erasure(at("12:00"), "dpo", &portrait).unwrap();
    sweep_all(&mut store);
    assert_eq!(store.erasures().unwrap()[0].stays, 2);
    let bytes = bytes(store);
    for gone in ["díaz", "zoomana", "school.example", "ben ode", "algebra", "hanna"] {
        assert!(!bytes.contains(gone), "{gone}");
    }
}

#[test]
fn what_a_rolled_back_transaction_hid_is_not_hidden() {
    let mut store = Store::in_memory().unwrap();
    let portrait = Portrait {
        identifiers: BTreeMap::from([(Identifier::email("ana@school.example"), String::new())]),
        ..Portrait::default()
    };
    let failed: Result<()> = store.atomically(|store| {
        store.begin_erasure(at("12:00"), "dpo", &portrait)?;
        assert!(!store.veil()?.is_open());
        Err(Error::TooMuch { what: "one too many".into() })
    });
    assert!(failed.is_err());
    assert!(store.veil().unwrap().is_open());
    assert!(!store.is_sweep_pending().unwrap());
}
