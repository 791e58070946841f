//! One thread that writes to the store for many who ask at once: all that wait go into one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use rollbook_store::{Mode, Result, Store};
use tokio::sync::oneshot;

/// Pieces of work in one transaction. Others who write wait for its end, some milliseconds.
const TOGETHER_MAX: usize = 1_000;

/// What a commit has survived when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Any death of the process.
    Process,
    /// A power cut too: each transaction waits for the disk.
    Disk,
}

/// Why a piece of work was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClerkError {
    /// The store refused it, or the whole transaction.
    #[error("{0}")]
    Store(Arc<rollbook_store::Error>),
    /// The program is ending.
    #[error("the server is stopping; try again when it is back")]
    Stopping,
}

type Work = Box<dyn FnOnce(&mut Store) -> Answer + Send>;
type Answer = Box<dyn FnOnce(std::result::Result<(), Arc<rollbook_store::Error>>) + Send>;

/// A way to write to the store from anywhere. Cheap to clone; the thread ends with the last one.
#[derive(Clone)]
pub struct Clerk(To);

#[derive(Clone)]
enum To {
    Thread(mpsc::Sender<Work>),
    /// At once, on the caller's thread: for simulations, where there is only one.
    Inline(Arc<Mutex<Store>>),
}

impl Clerk {
    /// Opens the store and starts the thread.
    ///
    /// # Errors
    /// If the store cannot be opened to write.
    pub fn open(path: &Path, durability: Durability) -> Result<Clerk> {
        let store = Clerk::store(path, durability)?;
        let (sender, receiver) = mpsc::channel();
        let path = path.to_owned();
        std::thread::spawn(move || serve(store, &receiver, || Clerk::store(&path, durability)));
        Ok(Clerk(To::Thread(sender)))
    }

    fn store(path: &Path, durability: Durability) -> Result<Store> {
        let mut store = Store::open(path, Mode::Write)?;
        if durability == Durability::Disk {
            store.wait_for_the_disk()?;
        }
        Ok(store)
    }

    /// One that works on the caller's own thread.
    pub fn inline(store: Store) -> Clerk {
        Clerk(To::Inline(Arc::new(Mutex::new(store))))
    }

    /// Does `work` in a transaction, together with what others ask for at the same time, and answers when it is kept. Work
    /// that fails leaves nothing behind and harms no other.
    ///
    /// # Errors
    /// Those of `work`, of the commit, and if the program is ending.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ClerkError> {
        let (tell, told) = oneshot::channel();
        // Whoever asked may have gone; what was asked for is done all the same.
        self.hand_in(work, move |kept| drop(tell.send(kept)));
        told.await.map_err(|_| ClerkError::Stopping)?
    }

    /// As [`Clerk::write`], without waiting: `told` is called once it is kept or cannot be, and dropped uncalled where the
    /// program is ending.
    pub fn hand_in<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
        told: impl FnOnce(std::result::Result<T, ClerkError>) + Send + 'static,
    ) {
        let work: Work = Box::new(move |store| {
            let result = store.atomically(work);
            Box::new(move |committed| {
                let all = committed.and_then(|()| result.map_err(Arc::new));
                told(all.map_err(ClerkError::Store));
            })
        });
        match &self.0 {
            To::Thread(sender) => drop(sender.send(work)),
            To::Inline(store) => {
                let mut store = store.lock().expect("nobody panics with the store in hand");
                together(&mut store, vec![work]);
            }
        }
    }
}

fn serve(store: Store, asked: &mpsc::Receiver<Work>, open: impl Fn() -> Result<Store>) {
    let mut store = Some(store);
    while let Ok(first) = asked.recv() {
        let mut works = vec![first];
        works.extend(asked.try_iter().take(TOGETHER_MAX - 1));
        // Work that is dropped here is answered as if the program were ending: it may be asked for again.
        let Some(open_store) = store.as_mut() else {
            store = open().inspect_err(|error| tracing::error!("nothing can be written: {error}")).ok();
            continue;
        };
        // Work that panics is a fault of ours. It must not leave a transaction open in which all that follows is kept from
        // the file; so the store is closed, which undoes it, and opened anew.
        if catch_unwind(AssertUnwindSafe(|| together(open_store, works))).is_err() {
            drop(store.take());
            store = open().inspect_err(|error| tracing::error!("nothing can be written: {error}")).ok();
        }
    }
}

fn together(store: &mut Store, works: Vec<Work>) {
    let mut answers = Vec::with_capacity(works.len());
    let committed = store.atomically(|store| {
        answers.extend(works.into_iter().map(|work| work(store)));
        Ok(())
    });
    let committed = committed.map_err(Arc::new);
    for answer in answers {
        answer(committed.clone());
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rollbook_core::request::Role;
    use rollbook_store::Reader;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[tokio::test]
    async fn work_that_panics_undoes_what_was_together_with_it_and_stops_nobody_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let clerk = Clerk::open(&path, Durability::Disk).unwrap();
        let put =
            || clerk.write(|store| store.put_command(NOW, "ana", Role::Admin, "backfill", "{}").map(drop));
        let panics = clerk.write(|_| -> Result<()> { panic!("on purpose") });
        assert!(matches!(panics.await, Err(ClerkError::Stopping)));
        assert!(put().await.is_ok() && put().await.is_ok());
        assert_eq!(Reader::open(&path).unwrap().commands(9).unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_was_answered_is_kept_and_what_failed_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let clerk = Clerk::open(&path, Durability::Disk).unwrap();
        let put = |kind: &'static str| {
            clerk.write(move |store| store.put_command(NOW, "ana", Role::Admin, kind, "{}"))
        };
        let spoilt = clerk.write(|store| {
            store.put_command(NOW, "ana", Role::Admin, "spoilt", "{}")?;
            Err::<(), _>(rollbook_store::Error::TooMuch { what: "one too many".into() })
        });
        let (one, failed, two) = tokio::join!(put("one"), spoilt, put("two"));
        assert!(one.is_ok() && two.is_ok());
        assert!(failed.unwrap_err().to_string().contains("more than the store can keep"));
        let kinds: Vec<String> =
            Reader::open(&path).unwrap().commands(9).unwrap().into_iter().map(|one| one.kind).collect();
        assert_eq!(kinds, ["two", "one"]);
    }
}
