//! A few readers of the store, shared by all requests.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rollbook_store::{Reader, Result};
use tokio::sync::Semaphore;

/// A pool of readers. Reading happens off the server's threads: a slow page holds up no other.
#[derive(Clone)]
pub struct Readers {
    idle: Arc<Mutex<Vec<Reader>>>,
    free: Arc<Semaphore>,
}

impl Readers {
    /// Opens `count` readers of the store.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn open(path: &Path, count: usize) -> Result<Readers> {
        let idle = (0..count).map(|_| Reader::open(path)).collect::<Result<Vec<_>>>()?;
        Ok(Readers { idle: Arc::new(Mutex::new(idle)), free: Arc::new(Semaphore::new(count)) })
    }

    /// Runs `look` with a reader, as soon as one is free.
    pub async fn read<T: Send + 'static>(&self, look: impl FnOnce(&Reader) -> T + Send + 'static) -> T {
        let permit = self.free.clone().acquire_owned().await.expect("the semaphore is never closed");
        let idle = self.idle.clone();
        let looked = tokio::task::spawn_blocking(move || {
            // Dropped in this order: the reader is back before the next one is let in.
            let _permit = permit;
            let borrowed = Borrowed::of(idle);
            look(borrowed.reader())
        });
        match looked.await {
            Ok(looked) => looked,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

/// A reader out of the pool, which goes back whatever happens.
struct Borrowed {
    reader: Option<Reader>,
    idle: Arc<Mutex<Vec<Reader>>>,
}

impl Borrowed {
    fn of(idle: Arc<Mutex<Vec<Reader>>>) -> Borrowed {
        let reader = idle.lock().expect("nobody panics with the pool in hand").pop();
        Borrowed { reader, idle }
    }

    fn reader(&self) -> &Reader {
        self.reader.as_ref().expect("there is a reader for each permit")
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let (Some(reader), Ok(mut idle)) = (self.reader.take(), self.idle.lock()) {
            idle.push(reader);
        }
    }
}
