//! The connection to Moodle's database, made anew when it breaks.

use jiff::SignedDuration;
use rollbook_moodle::{DbSettings, Error, MoodleDb};
use tracing::info;

use crate::clock::Clock;

/// How often something is tried when the trouble is of the passing kind.
const TRIES: u32 = 5;
/// The pause after the first failure; it doubles with each. Together under eight seconds: a deadlock is over by then, and
/// a server that restarts often is as well.
const PAUSE: SignedDuration = SignedDuration::from_millis(500);

/// A connection to Moodle's database.
pub struct Link {
    settings: DbSettings,
    clock: Clock,
    open: Option<MoodleDb>,
}

impl Link {
    /// Not connected yet.
    pub fn new(settings: DbSettings, clock: Clock) -> Link {
        Link { settings, clock, open: None }
    }

    /// The connection, made if there is none.
    ///
    /// # Errors
    /// Why it could not be made, at the first try.
    pub async fn open(&mut self) -> Result<&mut MoodleDb, Error> {
        let db = match self.open.take() {
            Some(db) => db,
            None => MoodleDb::connect(&self.settings).await?,
        };
        Ok(self.open.insert(db))
    }

    /// Does some work, again and on a new connection after trouble that passes, at most five times.
    ///
    /// # Errors
    /// The last one.
    pub async fn patiently<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut MoodleDb) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut pause = PAUSE;
        let mut tries = 1;
        loop {
            let outcome = match self.open().await {
                Ok(db) => work(db).await,
                Err(error) => Err(error),
            };
            let error = match outcome {
                Err(error) if error.is_passing() => error,
                outcome => return outcome,
            };
            // It may be half-way through a statement.
            self.open = None;
            if tries == TRIES {
                return Err(error);
            }
            info!(%error, tries, "Moodle's database could not do it; trying again");
            self.clock.sleep_until(self.clock.now() + pause).await;
            tries += 1;
            pause *= 2;
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        if let Some(db) = self.open.take() {
            db.close().await;
        }
    }
}
