//! What can go wrong with a store, each with its remedy.

use std::path::PathBuf;

use crate::sqlite::BUSY_FOR;

/// The result of every store operation.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program holds the write lock longer than we are willing to wait.
    #[error("the store {0} has been locked by another program for {1} s; wait for that program to finish and run the same command again, or point ROLLBOOK_STORE elsewhere", path.display(), BUSY_FOR.as_secs())]
    Locked {
        /// The database file.
        path: PathBuf,
    },
    /// The disk has no room.
    #[error(
        "the disk holding the store {0} is full; free some space and run the same command again (nothing committed is lost)",
        path.display()
    )]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// The system cannot write or read the file, for a reason that may be room as well.
    #[error(
        "the disk holding the store {0} gives an error ({reason}); check its free space, quota and health, then run the same command again (nothing committed is lost)",
        path.display()
    )]
    Disk {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file or its folder cannot be written.
    #[error("the store {0} is read-only; give this user write access to the file and its folder, or set ROLLBOOK_STORE", path.display())]
    ReadOnly {
        /// The database file.
        path: PathBuf,
    },
    /// The file cannot be opened at all.
    #[error("cannot open the store {0}: {reason}; check the path in ROLLBOOK_STORE, and that its folder exists and may be written to", path.display())]
    CannotOpen {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// It is some other program's file.
    #[error("{0} is not a rollbook store ({what}); set ROLLBOOK_STORE to another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// A newer rollbook wrote it.
    #[error(
        "the store {0} was written by a newer rollbook (schema {found}, this one knows {known}); update rollbook, or set ROLLBOOK_STORE to another file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// An older rollbook wrote it, and who only looks may not change it.
    #[error(
        "the store {0} was last used by an older rollbook and must be brought up to date once; run any `rollbook` command as a user with write access to the file and its folder",
        path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
    },
    /// Applied steps differ from this program's.
    #[error("the store {0} was changed outside rollbook: {what}; restore it from a backup", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// A reader was opened where nothing was collected yet.
    #[error("there is no store at {0} yet; run `rollbook sync` first, or set ROLLBOOK_STORE", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A stored value that this program cannot have written.
    #[error("the store holds {what} that cannot be read: {reason}; restore it from a backup")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// A newer rollbook wrote some of it.
    #[error("the store holds {what} in form {found}, which this rollbook does not know; update rollbook")]
    NewerForm {
        /// Which values.
        what: &'static str,
        /// The number of their form.
        found: u8,
    },
    /// More than can be kept.
    #[error("{what}, which is more than the store can keep")]
    TooMuch {
        /// How much of what.
        what: String,
    },
    /// Anything else SQLite reports.
    #[error("the store failed")]
    Sqlite(#[from] rusqlite::Error),
}

impl Error {
    /// Gives SQLite's common failures their own words and remedy.
    pub(crate) fn at(self, path: &std::path::Path) -> Error {
        use rusqlite::ErrorCode;
        let path = path.to_path_buf();
        match self {
            Error::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { path },
                Some(ErrorCode::DiskFull) => Error::DiskFull { path },
                Some(ErrorCode::SystemIoFailure) => Error::Disk { path, reason: error.to_string() },
                Some(ErrorCode::ReadOnly) => Error::ReadOnly { path },
                Some(ErrorCode::NotADatabase) => {
                    Error::Foreign { path, what: "not an SQLite database".into() }
                }
                Some(ErrorCode::DatabaseCorrupt) => {
                    Error::Altered { path, what: "SQLite finds it damaged".into() }
                }
                // What is there and cannot be opened lies on a disk, or below a folder, that cannot be written.
                Some(ErrorCode::CannotOpen) if path.is_file() => Error::ReadOnly { path },
                Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    Error::CannotOpen { path, reason: error.to_string() }
                }
                _ => Error::Sqlite(error),
            },
            other => other,
        }
    }

    /// Whether the remedy is a setting rather than patience.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Error::Foreign { .. }
                | Error::Newer { .. }
                | Error::Older { .. }
                | Error::CannotOpen { .. }
                | Error::ReadOnly { .. }
                | Error::Missing { .. }
        )
    }
}

pub(crate) fn unreadable(what: &'static str) -> impl Fn(String) -> Error {
    move |reason| Error::Unreadable { what, reason }
}
