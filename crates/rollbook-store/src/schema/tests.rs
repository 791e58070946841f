use super::*;
use crate::{LinkKind, Mode, Store};

/// A store as the first version left it, with an instance, a reading and a job in it.
fn first_version(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("pragma journal_mode = wal").unwrap();
    apply(&connection, 1, STEPS[0].0, STEPS[0].1).unwrap();
    connection
        .execute_batch(
            "insert into account values ('default', null, 'default', 'business', '{}');
             insert into instance values (7, 'default', 'a==', 'meeting', 1, 'Algebra', null, null, null, 1000, 2000,
                'list', 3, 0, 0, 3000, 'fetched', 'short', 4000, 3000);
             insert into stay values (7, 1000, '16778240', 0, null, 'zmA', 'regA', 'Ana', 'Ana@School.example', 2000,
                'in_meeting', null, 'metrics', 0);
             insert into reading values (1, 7, 'metrics', 3000, 1, 1, '{\"outcome\":\"empty\"}', null, null);
             insert into job values (1, 'default', 'default', 'instance 7', '{\"ask\":\"details\",\"instance\":7}', 7,
                'light', 3, 0, 4000, 'short', 0, null, null, null);",
        )
        .unwrap();
}

fn check_brought_up(store: &Store) {
    let record = store.instance(7).unwrap().unwrap();
    assert_eq!((record.instance.topic.as_deref(), record.quality_word), (Some("Algebra"), None));
    assert_eq!(store.evidence(7).unwrap().len(), 1);
    assert!(store.instance_job(7).unwrap().is_some());
    assert_eq!(store.quality_rows(7).unwrap(), []);
    assert_eq!(store.quality_state(7).unwrap(), None);
    let linked = |kind, id| store.linked_emails(kind, id).unwrap();
    assert_eq!(linked(LinkKind::ZoomUser, "zmA"), ["ana@school.example"]);
    assert_eq!(linked(LinkKind::Registrant, "regA"), ["ana@school.example"]);
}

#[test]
fn a_store_of_the_first_version_goes_on_with_all_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    first_version(&path);
    check_brought_up(&Store::open(&path, Mode::Write).unwrap());
    check_brought_up(&Store::open(&path, Mode::Write).unwrap());
}

#[test]
fn looking_brings_an_older_store_up_to_date_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    first_version(&path);
    check_brought_up(&Store::open(&path, Mode::Read).unwrap());
}

#[test]
fn an_older_store_that_cannot_be_written_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    first_version(&path);
    // As it is opened where nothing can be written: by root too.
    let sealed = format!("file:{}?immutable=1", path.display());
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(sealed, flags).unwrap();
    assert!(matches!(migrate(&connection, &path), Err(Error::Older { .. })));
}

#[test]
fn a_step_that_was_released_is_never_edited() {
    let released = ["848579b4679caebccea795b4d07a6686a53c0ceb404282d65c3fef32859359e5"];
    let prints: Vec<String> = STEPS.iter().map(|(_, sql)| fingerprint(sql)).collect();
    assert_eq!(prints[..released.len()], released);
}
