//! Moodle's database, as far as Zoom attendance needs it: what is read there, and the two tables that are written.
//!
//! The only place with SQL about Moodle's tables; rollbook's own store is another crate. It decides nothing: which rows
//! to write, and what to do about rows that are there already, is decided by [`rollbook_core::delivery`].
//!
//! PostgreSQL and MariaDB are one to the reader: a statement is written once, with `{table}` for Moodle's tables and `?` for
//! values, and each database gets it in its own spelling. Where they differ in what they do, not only in how it is written,
//! the difference stands where it matters.

mod check;
mod connection;
mod courses;
mod deadline;
mod deliver;
mod dialect;
mod error;
mod lookups;
mod people;
mod plugin;
mod sessions;
mod taught;
#[cfg(feature = "testing")]
pub mod testing;
mod value;

use rollbook_core::delivery::Deleting;
use secrecy::SecretString;

pub use check::{Finding, SchemaReport, Weight};
pub use deliver::Receipt;
pub use dialect::Dialect;
pub use error::Error;
pub use plugin::Plugin;
pub use sessions::Details;
pub use taught::TaughtCourse;

use connection::Connection;
use dialect::Names;
use people::Identifier;

/// Where Moodle's tables are.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// `postgres://…`, or `mysql://…` for MariaDB and MySQL. Holds the password.
    pub url: SecretString,
    /// `$CFG->prefix`; may be empty.
    pub prefix: String,
    /// PostgreSQL's schema (`$CFG->dboptions['dbschema']`). MariaDB has none and ignores it.
    pub schema: String,
}

/// One connection to Moodle's database.
///
/// After an error that [is passing](Error::is_passing) the connection may be half-way through a statement: drop it and
/// connect again.
#[derive(Debug)]
pub struct MoodleDb {
    connection: Connection,
    /// What identifies a user to Zoom, once it was asked for.
    identifier: Option<Identifier>,
    /// Whether we may delete participants; asked before the first delivery.
    deleting: Option<Deleting>,
}

impl MoodleDb {
    /// Connects. Nothing is read of Moodle's tables yet.
    pub async fn connect(settings: &DbSettings) -> Result<MoodleDb, Error> {
        let names = Names::new(&settings.schema, &settings.prefix);
        let connection = Connection::open(&settings.url, names).await?;
        Ok(MoodleDb { connection, identifier: None, deleting: None })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// Says goodbye to the server. Dropping the connection does as well, less politely.
    pub async fn close(self) {
        self.connection.close().await;
    }
}
