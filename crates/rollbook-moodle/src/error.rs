//! What can go wrong with Moodle's database, sorted by what can be done about it.

use std::borrow::Cow;
use std::io::ErrorKind;

use sqlx::mysql::MySqlDatabaseError;

/// What went wrong. No message holds a password, or anything of the address but host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The settings do not fit the server: address, user, password, database, TLS.
    #[error("{0}")]
    Settings(String),
    /// The server cannot be reached. It may be starting again, or the address may be wrong.
    #[error("{0}")]
    Unreachable(String),
    /// The database user lacks a right.
    #[error("{0}")]
    Denied(String),
    /// This server, or this user, may only read.
    #[error("{0}")]
    ReadOnly(String),
    /// A table or column is not as expected.
    #[error("{0}")]
    Schema(String),
    /// What should be written to is no longer there: the activity or its course was deleted.
    #[error("{0}")]
    Gone(String),
    /// MariaDB takes two UUIDs for one, as it compares them without case and accents; Zoom's are of one case only by accident.
    #[error(
        "Moodle's database takes its UUID {wanted} for {there}, which another session has: MariaDB compares without case, and \
         its key on the column allows only one of the two; held back, nothing was written"
    )]
    Collides {
        /// The UUID that was to be delivered.
        wanted: String,
        /// The one that is there.
        there: String,
    },
    /// The caller could not keep which rows are its own, so they were not written.
    #[error("nothing was written to Moodle, as rollbook's own store could not keep which rows are ours: {0}")]
    NotKept(String),
    /// Trouble that ends by itself, such as a lost connection, a deadlock or a server that restarts.
    #[error("{0}")]
    Passing(String),
    /// Anything else the server refused.
    #[error("Moodle's database refused: {message} ({code})")]
    Refused {
        /// PostgreSQL's SQLSTATE, or MariaDB's error number.
        code: String,
        /// In the server's words.
        message: String,
    },
}

impl Error {
    /// Whether the same may work a little later, on a new connection.
    pub fn is_passing(&self) -> bool {
        matches!(self, Error::Unreachable(_) | Error::Passing(_))
    }

    /// An address that is none.
    pub(crate) fn address() -> Error {
        Error::Settings(
            "this is no address of a database: write postgres://USER:PASSWORD@HOST/DATABASE or \
             mysql://USER:PASSWORD@HOST/DATABASE (also for MariaDB)"
                .to_owned(),
        )
    }

    /// A server that says nothing at all.
    pub(crate) fn silent(place: &str) -> Error {
        Error::Unreachable(format!(
            "nothing answers at {place}: check host and port, and whether a firewall is in between"
        ))
    }

    /// A server that stopped answering.
    pub(crate) fn gone_silent() -> Error {
        Error::Passing("Moodle's database stopped answering in the middle of a statement".to_owned())
    }

    /// A value that is not of the type its column should have.
    pub(crate) fn unreadable(error: sqlx::Error) -> Error {
        Error::Schema(format!("a column of Moodle's tables has another type than expected: {error}"))
    }

    /// A null where there can be none.
    pub(crate) fn null(column: usize) -> Error {
        Error::Schema(format!("column {column} of an answer is null, which Moodle does not allow there"))
    }

    /// An error while connecting, where there is more to say than later.
    pub(crate) fn of_connecting(error: sqlx::Error, place: &str) -> Error {
        match error {
            // TLS runs above the socket, and so do its complaints.
            sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                Error::Settings(tls_refused(&error.to_string()))
            }
            // No network says this.
            sqlx::Error::Io(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) =>
            {
                Error::Settings(format!(
                    "a file that the database's address names cannot be read ({error}): look at sslrootcert, sslcert and \
                     sslkey (PostgreSQL), ssl-ca, ssl-cert and ssl-key (MariaDB), or at the socket"
                ))
            }
            sqlx::Error::Io(error) => Error::Unreachable(format!(
                "cannot reach Moodle's database at {place} ({error}): check host and port, and whether the server runs"
            )),
            sqlx::Error::Tls(error) => Error::Settings(tls_refused(&error.to_string())),
            // The words of this error may repeat parts of the address.
            sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_) => Error::Settings(
                "an option behind the ? of the database's address has no value that is known; for TLS write \
                 sslmode=require or sslmode=verify-full&sslrootcert=FILE (PostgreSQL), ssl-mode=REQUIRED or \
                 ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE (MariaDB)"
                    .to_owned(),
            ),
            other => Error::from(other),
        }
    }
}

fn tls_refused(error: &str) -> String {
    if error.contains("not support") {
        return "the address asks for TLS, but the server has none: have it switched on there, or leave sslmode out \
                where the network between can be trusted"
            .to_owned();
    }
    format!(
        "TLS with the database server failed ({error}): name the authority that signed its certificate, with \
         sslmode=verify-full&sslrootcert=FILE (PostgreSQL) or ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE (MariaDB); \
         sslmode=require encrypts without checking who answers"
    )
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<MySqlDatabaseError>() {
                Some(error) => of_mariadb(error.number(), error.message()),
                None => of_postgres(&error.code().unwrap_or(Cow::Borrowed("")), error.message()),
            },
            sqlx::Error::Io(error) => {
                Error::Passing(format!("the connection to Moodle's database broke: {error}"))
            }
            sqlx::Error::Protocol(error) => {
                Error::Passing(format!("the connection to Moodle's database broke: {error}"))
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Error::unreadable(error),
            other => Error::Refused { code: "-".to_owned(), message: other.to_string() },
        }
    }
}

/// By SQLSTATE.
fn of_postgres(code: &str, message: &str) -> Error {
    let with = |advice: &str| format!("{message}: {advice}");
    match code {
        "28000" if message.contains("no encryption") || message.contains("SSL off") => Error::Settings(with(
            "the server lets this user in only with TLS; leave sslmode out of the address or write sslmode=require",
        )),
        "28P01" | "28000" => Error::Settings(with(
            "check user and password in ROLLBOOK_MOODLE_DB, and that the server's pg_hba.conf lets this machine in",
        )),
        "3D000" => Error::Settings(with("check the database's name in ROLLBOOK_MOODLE_DB ($CFG->dbname)")),
        "42501" => Error::Denied(with("`rollbook moodle check` lists what must be granted")),
        "25006" => Error::ReadOnly(with(
            "this is a replica, or the user may only read; connect to the primary server",
        )),
        "42P01" | "42703" | "3F000" => {
            Error::Schema(with("`rollbook moodle check` compares the tables with what is expected"))
        }
        // Serialisation, deadlock, lock timeout, statement timeout, shutdown, starting, idle too long.
        "40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "25P03" => passing(message),
        // Connection lost; out of connections, memory or disk.
        _ if code.starts_with("08") || code.starts_with("53") => passing(message),
        _ => Error::Refused { code: code.to_owned(), message: message.to_owned() },
    }
}

/// By error number.
fn of_mariadb(number: u16, message: &str) -> Error {
    let with = |advice: &str| format!("{message}: {advice}");
    match number {
        1045 | 1698 => Error::Settings(with(
            "check user and password in ROLLBOOK_MOODLE_DB, that the user may come from this machine, and whether it must \
             use TLS (ssl-mode=REQUIRED)",
        )),
        1130 => Error::Settings(with(
            "the server lets nobody in from this machine: create the user for this host",
        )),
        1129 => Error::Settings(with("the server has blocked this machine; have FLUSH HOSTS run there")),
        3159 | 4166 => Error::Settings(with(
            "the server lets in only with TLS; leave ssl-mode out of the address or write ssl-mode=REQUIRED",
        )),
        1049 => Error::Settings(with("check the database's name in ROLLBOOK_MOODLE_DB ($CFG->dbname)")),
        1044 => Error::Denied(with(
            "check the database's name in ROLLBOOK_MOODLE_DB ($CFG->dbname), else grant the user rights there",
        )),
        1142 | 1143 | 1227 | 1370 => {
            Error::Denied(with("`rollbook moodle check` lists what must be granted"))
        }
        1290 | 1792 | 1836 => {
            Error::ReadOnly(with("this is a replica, or may only be read now; connect to the primary server"))
        }
        1146 | 1054 => {
            Error::Schema(with("`rollbook moodle check` compares the tables with what is expected"))
        }
        // Lock timeout, deadlock, changed since read; statement timeout, interrupted, killed; shutdown, too many connections,
        // lost, disk or table full.
        1205
        | 1213
        | 1020
        | 1969
        | 1317
        | 1927
        | 1053
        | 1040
        | 1203
        | 1226
        | 1152..=1161
        | 2006
        | 2013
        | 1021
        | 1114 => passing(message),
        _ => Error::Refused { code: number.to_string(), message: message.to_owned() },
    }
}

fn passing(message: &str) -> Error {
    Error::Passing(format!("Moodle's database could not do it just now: {message}"))
}
