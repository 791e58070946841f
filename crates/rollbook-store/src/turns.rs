//! Writers of one process take turns.
//!
//! SQLite lets whoever asks first after a commit write next, and has all others look again after growing waits. A collector
//! that goes from one transaction to the next would so keep out, for seconds, who keeps Zoom's events or a sign-in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};

use parking_lot::Mutex;

/// The turns of one file. Held while a transaction writes.
pub(crate) type Turns = Arc<Mutex<()>>;

static FILES: LazyLock<Mutex<BTreeMap<PathBuf, Weak<Mutex<()>>>>> = LazyLock::new(Mutex::default);

/// The turns of a file that is there, the same for everybody in this process.
pub(crate) fn turns_of(path: &Path) -> Turns {
    // By whatever way it was named; a file that cannot be asked has turns of its own.
    let Ok(path) = path.canonicalize() else { return Turns::default() };
    let mut files = FILES.lock();
    files.retain(|_, turns| turns.strong_count() > 0);
    if let Some(turns) = files.get(&path).and_then(Weak::upgrade) {
        return turns;
    }
    let turns = Turns::default();
    files.insert(path, Arc::downgrade(&turns));
    turns
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use jiff::Timestamp;
    use rollbook_core::request::Role;

    use crate::{Mode, Store};

    fn write(store: &mut Store, kind: &str, within: impl FnOnce()) {
        let put = |store: &mut Store| {
            within();
            // As much as a batch of the collector's.
            for _ in 0..1_000 {
                store.put_command(Timestamp::UNIX_EPOCH, "ana", Role::Admin, kind, "{}")?;
            }
            Ok(())
        };
        store.atomically(put).unwrap();
    }

    #[test]
    fn who_waits_comes_before_who_has_just_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let mut tireless = Store::open(&path, Mode::Write).unwrap();
        let mut patient = Store::open(&path, Mode::Write).unwrap();
        let (written, is_done) = (AtomicU64::new(0), AtomicBool::new(false));
        let waited = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::SeqCst) {
                    write(&mut tireless, "one", || {});
                    written.fetch_add(1, Ordering::SeqCst);
                }
            });
            let one = |_| {
                // The other one is at it again.
                let seen = written.load(Ordering::SeqCst);
                while written.load(Ordering::SeqCst) == seen {
                    std::thread::yield_now();
                }
                let before = written.load(Ordering::SeqCst);
                let mut after = before;
                write(&mut patient, "two", || after = written.load(Ordering::SeqCst));
                after - before
            };
            let waited: Vec<u64> = (0..10).map(one).collect();
            is_done.store(true, Ordering::SeqCst);
            waited
        });
        // One each time, and some where this thread was put aside before it asked; SQLite alone lets thousands pass.
        assert!(waited.iter().sum::<u64>() < 100, "{waited:?}");
    }
}
