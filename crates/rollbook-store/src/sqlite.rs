//! One SQLite file: opening, pragmas, transactions, and who else is using it.

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;
use rollbook_core::privacy::Veil;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};
use crate::schema::{self, Shape};
use crate::turns::{Turns, turns_of};

/// How long a writer waits for another one. Transactions here take milliseconds, so this is another program's doing.
pub(crate) const BUSY_FOR: Duration = Duration::from_secs(10);

/// How often that writer looks again where SQLite does not do it for us.
const BUSY_STEP: Duration = Duration::from_millis(20);

/// SQLite's page cache: enough for the indices of a busy day, the same for any size of account.
const CACHE_KIB: i64 = 8 * 1024;

/// Bytes of a page in new files: blocks of samples take a quarter of that, and what is left over in each page is lost.
const PAGE: u32 = 8 * 1024;

/// What the store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Collecting: created and migrated when needed.
    Write,
    /// Looking: must exist.
    Read,
}

/// The store.
pub struct Store {
    pub(crate) connection: Connection,
    path: PathBuf,
    turns: Turns,
    /// Held for as long as this store is open to write, so that others can tell the living from the dead.
    presence: Option<File>,
    /// What is hidden of people, as of the store's count of changes to that.
    pub(crate) veil: RefCell<Option<(i64, Arc<Veil>)>>,
}

impl Store {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// One for each state a file can be in: see [`Error`].
    pub fn open(path: &Path, mode: Mode) -> Result<Store> {
        Store::open_inner(path, mode).map_err(|error| error.at(path))
    }

    fn open_inner(path: &Path, mode: Mode) -> Result<Store> {
        if path.is_dir() {
            return Err(Error::CannotOpen { path: path.into(), reason: "it is a folder".into() });
        }
        let (connection, shape) = match (connect(path, mode), mode) {
            // On a disk that cannot be written SQLite reads only what it is told that nobody changes.
            (Err(Error::Sqlite(error)), Mode::Read) if is_sealed(&error) => connect_sealed(path)?,
            (connected, _) => connected?,
        };
        let mut store = Store {
            connection,
            path: path.into(),
            turns: Turns::default(),
            presence: None,
            veil: RefCell::default(),
        };
        match mode {
            Mode::Write => {
                // Counts for a new file; one that has tables keeps its own.
                store.connection.execute_batch(&format!("pragma page_size = {PAGE}"))?;
                store.pragmas()?;
                schema::migrate(&store.connection, path)?;
                store.check_writable()?;
            }
            Mode::Read => {
                if matches!(shape, Shape::Empty) {
                    return Err(Error::Missing { path: path.into() });
                }
                // Before anybody may only look: an older store has to be brought up to date first.
                schema::migrate(&store.connection, path)?;
                store
                    .connection
                    .execute_batch(&format!("pragma cache_size = -{CACHE_KIB}; pragma query_only = on"))?;
            }
        }
        // Only now is a new file there, by whose place its turns are known.
        store.turns = turns_of(path);
        Ok(store)
    }

    /// A store that lives as long as the value: for simulations that do not reopen it.
    ///
    /// # Errors
    /// Only if SQLite itself cannot run.
    pub fn in_memory() -> Result<Store> {
        let connection = Connection::open_in_memory()?;
        let store = Store {
            connection,
            path: ":memory:".into(),
            turns: Turns::default(),
            presence: None,
            veil: RefCell::default(),
        };
        store.pragmas()?;
        schema::migrate(&store.connection, &store.path)?;
        Ok(store)
    }

    /// Two first starts at once: SQLite refuses the change of mode instead of waiting for the other one.
    #[allow(clippy::disallowed_methods)]
    fn switch_to_wal(&self) -> Result<()> {
        let tries = BUSY_FOR.as_millis() / BUSY_STEP.as_millis();
        for _ in 0..tries {
            match self.connection.execute_batch("pragma journal_mode = wal") {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    std::thread::sleep(BUSY_STEP);
                }
                result => return Ok(result?),
            }
        }
        Ok(self.connection.execute_batch("pragma journal_mode = wal")?)
    }

    fn pragmas(&self) -> Result<()> {
        self.switch_to_wal()?;
        // WAL with NORMAL: a commit survives any death of the process. After a power cut the last commits may be
        // missing, never torn: calls are then at worst counted a few too low, which the reserve covers.
        // What is deleted or replaced is overwritten, so that an erased name is not found in what the file no longer uses.
        self.connection.execute_batch(&format!(
            "pragma synchronous = normal; pragma foreign_keys = on; pragma cache_size = -{CACHE_KIB};
             pragma secure_delete = on"
        ))?;
        Ok(())
    }

    /// Finds out now, not after an hour's collecting, that nothing can be written.
    fn check_writable(&self) -> Result<()> {
        self.connection.execute_batch("begin immediate; update call_number set next = next; commit")?;
        Ok(())
    }

    /// Marks this process as a user of the store, and tells whether it is the only one.
    ///
    /// When it is, whatever leases and unanswered calls the store holds belong to processes that are gone.
    ///
    /// # Errors
    /// If the lock file beside the store cannot be made.
    pub fn enter(&mut self) -> Result<bool> {
        if self.path.as_os_str() == ":memory:" {
            return Ok(true);
        }
        let mut name = self.path.clone().into_os_string();
        name.push("-users");
        let cannot =
            |error: std::io::Error| Error::CannotOpen { path: self.path.clone(), reason: error.to_string() };
        let file = File::options().create(true).append(true).open(PathBuf::from(name)).map_err(cannot)?;
        // Kept exclusively until `settle_in`, so that nobody else starts while what the dead left is taken up.
        let alone = file.try_lock().is_ok();
        if !alone {
            file.lock_shared().map_err(cannot)?;
        }
        self.presence = Some(file);
        Ok(alone)
    }

    /// Lets other processes in, once what dead ones left has been taken up.
    ///
    /// # Errors
    /// If the lock file beside the store fails.
    pub fn settle_in(&mut self) -> Result<()> {
        let Some(file) = &self.presence else { return Ok(()) };
        let cannot =
            |error: std::io::Error| Error::CannotOpen { path: self.path.clone(), reason: error.to_string() };
        file.unlock().and_then(|()| file.lock_shared()).map_err(cannot)
    }

    /// Runs `work` in one transaction: all of it is kept, or none. Within another one it is kept with that one, or not at
    /// all.
    ///
    /// # Errors
    /// Those of `work`, and of the commit.
    pub fn atomically<T>(&mut self, work: impl FnOnce(&mut Store) -> Result<T>) -> Result<T> {
        if !self.connection.is_autocommit() {
            return self.within("savepoint part", "release part", "rollback to part; release part", work);
        }
        let turns = self.turns.clone();
        let Some(turn) = turns.try_lock_for(BUSY_FOR) else {
            return Err(Error::Locked { path: self.path.clone() });
        };
        let done = self.within("begin immediate", "commit", "rollback", work);
        // To whoever waits longest, not to whoever comes next.
        MutexGuard::unlock_fair(turn);
        done
    }

    fn within<T>(
        &mut self,
        begin: &str,
        commit: &str,
        rollback: &str,
        work: impl FnOnce(&mut Store) -> Result<T>,
    ) -> Result<T> {
        let path = self.path.clone();
        let in_words = |error: rusqlite::Error| Error::from(error).at(&path);
        self.connection.execute_batch(begin).map_err(in_words)?;
        match work(self) {
            Ok(value) => {
                self.connection.execute_batch(commit).map_err(|error| {
                    let _ = self.connection.execute_batch(rollback);
                    in_words(error)
                })?;
                Ok(value)
            }
            Err(error) => {
                // SQLite may have rolled back by itself (disk full); the first error is the one to tell.
                let _ = self.connection.execute_batch(rollback);
                // What it hid is no more, and the next change may get the same number.
                self.veil.take();
                Err(error.at(&path))
            }
        }
    }

    /// Runs `work` on one state of the store, whatever others write meanwhile.
    ///
    /// # Errors
    /// Those of `work`, and if the store cannot be read.
    pub fn at_one_moment<T>(&self, work: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        let transaction = self.connection.unchecked_transaction()?;
        let value = work(self)?;
        transaction.finish()?;
        Ok(value)
    }

    /// A number that is another one whenever somebody else has committed since it was last asked for here. Costs next to
    /// nothing, so that one can look often whether there is something to look at.
    ///
    /// # Errors
    /// If SQLite cannot tell.
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.connection.query_row("pragma data_version", [], |row| row.get(0))?)
    }

    /// How much of the file this one keeps in memory, in KiB: more than usual is of use to who writes a great deal at once.
    ///
    /// # Errors
    /// If SQLite refuses.
    pub fn hold_in_memory(&self, kib: u32) -> Result<()> {
        Ok(self.connection.execute_batch(&format!("pragma cache_size = -{kib}"))?)
    }

    /// From now on a commit also survives a power cut: it waits for the disk.
    ///
    /// # Errors
    /// If SQLite refuses.
    pub fn wait_for_the_disk(&mut self) -> Result<()> {
        Ok(self.connection.execute_batch("pragma synchronous = full")?)
    }

    /// Writes the log back into the file and empties it, so that nothing deleted is left beside the file either. Tells
    /// whether it could: somebody who reads for long keeps the log.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn empty_log(&mut self) -> Result<bool> {
        let busy: i64 = self.connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// Whether the file was written by a version that did not overwrite what it deleted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_residue(&self) -> Result<bool> {
        Ok(self.connection.query_row("select has_residue from privacy", [], |row| row.get(0))?)
    }

    /// Writes the whole file anew without what was deleted. Needs room for a second one beside it, and keeps others who
    /// write waiting.
    ///
    /// # Errors
    /// If there is no room, or others use the file.
    pub fn compact(&mut self) -> Result<()> {
        let path = self.path.clone();
        let done = self.connection.execute_batch("vacuum; update privacy set has_residue = 0");
        done.map_err(|error| Error::from(error).at(&path))?;
        self.empty_log().map(drop)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes in the file, without its log.
    ///
    /// # Errors
    /// If SQLite cannot tell.
    pub fn size_bytes(&self) -> Result<u64> {
        let size: i64 = self.connection.query_row(
            "select page_count * page_size from pragma_page_count(), pragma_page_size()",
            [],
            |row| row.get(0),
        )?;
        Ok(u64::try_from(size).unwrap_or(0))
    }
}

/// Opens the file and looks before touching: another program's database must stay as it is.
fn connect(path: &Path, mode: Mode) -> Result<(Connection, Shape)> {
    let flags = match mode {
        Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Mode::Read if !path.exists() => return Err(Error::Missing { path: path.into() }),
        Mode::Read => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_FOR)?;
    let shape = schema::look(&connection, path)?;
    Ok((connection, shape))
}

fn is_sealed(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Opens a file that neither we nor, as far as can be seen, anybody else can write. A log beside it would not be read.
fn connect_sealed(path: &Path) -> Result<(Connection, Shape)> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(PathBuf::from(log)).is_ok_and(|log| log.len() > 0) {
        return Err(Error::ReadOnly { path: path.into() });
    }
    let place = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{place}?immutable=1"), flags)?;
    let shape = schema::look(&connection, path)?;
    Ok((connection, shape))
}
