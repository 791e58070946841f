//! Stores that cannot be used: locked, full, read-only, somebody else's, newer, altered, damaged.

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use super::check;
use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

const DAY: [&str; 4] = ["--from", "2026-10-05", "--to", "2026-10-05"];
const LOOKS: [&[&str]; 3] = [&["status"], &["runs"], &["export", "attendance"]];

fn pretend() -> Pretend {
    Pretend::start(&["--plain", "--meetings", "60", "--scale", "10"])
}

fn sync(pretend: &Pretend, home: &Home) -> Ran {
    pretend.run(home, &[], &[&["sync", "--wait", "0"], &DAY[..]].concat())
}

fn export(pretend: &Pretend, home: &Home) -> String {
    pretend.expect(home, 0, &["export", "attendance"]).out
}

/// A store that a day was collected into.
fn collected(pretend: &Pretend) -> Home {
    let home = Home::new();
    let ran = sync(pretend, &home);
    assert_eq!(ran.code, 0, "{}", ran.err);
    home
}

/// Nobody may touch a file that is not ours to touch.
fn check_untouched(pretend: &Pretend, home: &Home, code: i32, words: &[&str]) {
    let before = std::fs::read(home.path().join("rollbook.db")).unwrap();
    let calls = pretend.calls();
    check(&sync(pretend, home), code, words);
    for arguments in LOOKS {
        check(&pretend.run(home, &[], arguments), code, words);
    }
    assert!(std::fs::read(home.path().join("rollbook.db")).unwrap() == before, "the file was changed");
    assert_eq!(pretend.calls(), calls, "Zoom was asked all the same");
}

#[test]
fn a_store_that_another_program_holds_is_told_and_nothing_is_lost() {
    let pretend = pretend();
    let home = collected(&pretend);
    let (before, calls) = (export(&pretend, &home), pretend.calls());
    let other = Connection::open(home.path().join("rollbook.db")).unwrap();
    other.execute_batch("begin exclusive").unwrap();
    check(&sync(&pretend, &home), 1, &["locked by another program for 10 s", "ROLLBOOK_STORE", "again"]);
    assert_eq!(pretend.calls(), calls);
    assert_eq!(export(&pretend, &home), before, "looking does not need the lock");
    other.execute_batch("rollback").unwrap();
    assert_eq!(sync(&pretend, &home).code, 0);
}

#[test]
fn another_programs_database_stays_as_it_is() {
    let (pretend, home) = (pretend(), Home::new());
    let other = Connection::open(home.path().join("rollbook.db")).unwrap();
    other.execute_batch("create table grades (mark integer); insert into grades values (1)").unwrap();
    drop(other);
    check_untouched(&pretend, &home, 2, &["not a rollbook store", "another program", "ROLLBOOK_STORE"]);
}

#[test]
fn a_file_that_is_no_database_stays_as_it_is() {
    let (pretend, home) = (pretend(), Home::new());
    home.write("rollbook.db", "Dear diary, today I was at every lecture.\n".repeat(40));
    check_untouched(
        &pretend,
        &home,
        2,
        &["not a rollbook store", "not an SQLite database", "ROLLBOOK_STORE"],
    );
}

#[test]
fn a_store_of_a_newer_version_says_to_update() {
    let pretend = pretend();
    let home = collected(&pretend);
    let store = Connection::open(home.path().join("rollbook.db")).unwrap();
    store.execute_batch("pragma user_version = 99").unwrap();
    drop(store);
    check_untouched(&pretend, &home, 2, &["newer rollbook", "99", "update rollbook"]);
}

#[test]
fn a_store_whose_schema_was_altered_is_told() {
    let pretend = pretend();
    let home = collected(&pretend);
    let store = Connection::open(home.path().join("rollbook.db")).unwrap();
    store.execute_batch("update migration set sha256 = 'other' where number = 1").unwrap();
    drop(store);
    check_untouched(&pretend, &home, 1, &["changed outside rollbook", "backup"]);
}

#[test]
fn a_damaged_store_is_told() {
    use std::io::{Seek, SeekFrom, Write};
    let pretend = pretend();
    let home = collected(&pretend);
    let mut file = std::fs::File::options().write(true).open(home.path().join("rollbook.db")).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0x5a; usize::try_from(length).unwrap() - 4096]).unwrap();
    drop(file);
    check(&sync(&pretend, &home), 1, &["damaged", "backup"]);
}

#[test]
fn a_place_where_no_store_can_be_is_told() {
    let (pretend, home) = (pretend(), Home::new());
    std::fs::create_dir(home.path().join("folder")).unwrap();
    for store in ["missing/rollbook.db", "folder"] {
        let arguments = [&["sync", "--store", store], &DAY[..]].concat();
        check(&pretend.run(&home, &[], &arguments), 2, &[store, "ROLLBOOK_STORE"]);
    }
}

/// SQLite's own limit: what it says when the disk is full, anywhere and for any user.
#[test]
fn a_full_store_is_told_and_goes_on_when_there_is_room() {
    let (pretend, home) = (pretend(), Home::new());
    // Files may not grow beyond this, as under a quota; the signal that goes with it is ignored, as in many services.
    let limit = |blocks: u32| -> Ran {
        let command = pretend.command(&home, &[&["sync", "--wait", "0"], &DAY[..]].concat());
        let binary = command.get_program().to_owned();
        let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(binary).args(command.get_args()).current_dir(home.path());
        shell.env_clear();
        for (name, value) in command.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        shell.output().unwrap().into()
    };
    let ran = limit(3_000);
    check(&ran, 1, &["the disk holding the store", "space", "again"]);
    assert!(pretend.calls() > 0, "it came as far as asking");
    assert_eq!(sync(&pretend, &home).code, 0);
    let fresh = collected(&pretend);
    assert_eq!(export(&pretend, &home), export(&pretend, &fresh));
}

/// A small file system of its own, which only the superuser can make; false if this user cannot.
pub fn mount(arguments: &[&str], place: &Path) -> bool {
    std::fs::create_dir_all(place).unwrap();
    Command::new("mount").args(arguments).arg(place).output().is_ok_and(|output| output.status.success())
}

/// Takes a mount away again, whatever becomes of the test.
pub struct Mounted<'a>(pub &'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).output();
    }
}

#[test]
fn a_full_disk_is_told_and_goes_on_when_there_is_room() {
    let (pretend, home) = (pretend(), Home::new());
    let place = home.path().join("small");
    if !mount(&["-t", "tmpfs", "-o", "size=800k", "rollbook-test"], &place) {
        eprintln!(
            "not tried: this user cannot mount a small disk; a file limit stands in for it in the test above"
        );
        return;
    }
    let mounted = Mounted(&place);
    let arguments = [&["sync", "--wait", "0", "--store", "small/rollbook.db"], &DAY[..]].concat();
    let ran = pretend.run(&home, &[], &arguments);
    check(&ran, 1, &["small/rollbook.db is full", "free some space", "nothing committed is lost"]);
    let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&place).output().unwrap();
    assert!(grown.status.success());
    pretend.expect(&home, 0, &arguments);
    let told = pretend.expect(&home, 0, &["export", "attendance", "--store", "small/rollbook.db"]).out;
    assert_eq!(told, export(&pretend, &collected(&pretend)));
    drop(mounted);
}

#[test]
fn a_read_only_disk_is_told_and_can_still_be_looked_at() {
    let pretend = pretend();
    let home = collected(&pretend);
    let before = export(&pretend, &home);
    let place = home.path().join("sealed");
    std::fs::create_dir(&place).unwrap();
    std::fs::copy(home.path().join("rollbook.db"), place.join("rollbook.db")).unwrap();
    let folder = place.to_string_lossy().into_owned();
    let is_mounted = mount(&["--bind", &folder], &place);
    let mounted = is_mounted.then(|| Mounted(&place));
    if is_mounted {
        let sealed = Command::new("mount").args(["-o", "remount,bind,ro"]).arg(&place).output().unwrap();
        assert!(sealed.status.success());
    } else {
        // Without the superuser's rights permissions count.
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(place.join("rollbook.db"), PermissionsExt::from_mode(0o444)).unwrap();
        std::fs::set_permissions(&place, PermissionsExt::from_mode(0o555)).unwrap();
    }
    let arguments = [&["sync", "--wait", "0", "--store", "sealed/rollbook.db"], &DAY[..]].concat();
    check(&pretend.run(&home, &[], &arguments), 2, &["sealed/rollbook.db is read-only", "write access"]);
    let arguments = [&["sync", "--wait", "0", "--store", "sealed/new.db"], &DAY[..]].concat();
    check(&pretend.run(&home, &[], &arguments), 2, &["sealed/new.db", "may be written"]);
    let told = pretend.expect(&home, 0, &["export", "attendance", "--store", "sealed/rollbook.db"]).out;
    assert_eq!(told, before);
    if !is_mounted {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&place, PermissionsExt::from_mode(0o755)).unwrap();
    }
    drop(mounted);
}
