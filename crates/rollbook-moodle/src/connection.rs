//! One connection, of either kind, and the way every statement takes.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _};

use crate::deadline::within;
use crate::dialect::{Dialect, Names};
use crate::error::Error;
use crate::value::{Row, Value};

/// A server that has not let us in by then will not.
const CONNECT_FOR: Duration = Duration::from_secs(15);

/// The longest a statement may take when the server no longer says anything. It ends its own statements sooner.
const ANSWER_FOR: Duration = Duration::from_secs(90);

/// Moodle's pages come first: who waits this long for a row that Moodle holds tries again later.
const POSTGRES_SESSION: &str = "SET statement_timeout = '60s'; SET lock_timeout = '15s'; \
     SET idle_in_transaction_session_timeout = '120s'; SET application_name = 'rollbook'";

/// Strict, whatever the server's default: a value that is too long must be an error, never cut silently. The second limit is
/// for tables that an upgrade of Moodle changes meanwhile; MariaDB's own is a day. A server may have `autocommit` off, and then a
/// mere look would hold Moodle's tables against upgrades until the next delivery.
const MARIADB_SESSION: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \
     SESSION innodb_lock_wait_timeout = 15, SESSION lock_wait_timeout = 15, SESSION autocommit = 1";

/// Moodle's own isolation. MariaDB's default, REPEATABLE READ, would show a transaction the rows as they were
/// before the other writer's commit that it waited for.
const MARIADB_ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// MySQL has no such thing.
const MARIADB_LIMIT: &str = "SET SESSION max_statement_time = 60";

/// MariaDB's number for a variable that it does not know.
const UNKNOWN_VARIABLE: &str = "1193";

/// Adds a value to a query of either database: their types have nothing in common that a function could name.
macro_rules! bind {
    () => {
        |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
        }
    };
}
/// A connection, and how the site's tables are called.
#[derive(Debug)]
pub(crate) struct Connection {
    link: Link,
    pub(crate) names: Names,
    /// Whether nothing leaves this machine on the way.
    pub(crate) is_local: bool,
}

#[derive(Debug)]
enum Link {
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
}

impl Connection {
    pub(crate) async fn open(url: &SecretString, names: Names) -> Result<Connection, Error> {
        let Address { dialect, place, is_local } = Address::read(url.expose_secret())?;
        let link = within(CONNECT_FOR, Link::open(dialect, url.expose_secret())).await;
        let link = link.ok_or_else(|| Error::silent(&place))?;
        let link = link.map_err(|error| Error::of_connecting(error, &place))?;
        let mut connection = Connection { link, names, is_local };
        connection.prepare_session().await?;
        Ok(connection)
    }

    async fn prepare_session(&mut self) -> Result<(), Error> {
        match self.dialect() {
            Dialect::Postgres => self.run(POSTGRES_SESSION).await,
            Dialect::MariaDb => {
                self.run(MARIADB_SESSION).await?;
                self.run(MARIADB_ISOLATION).await?;
                match self.run(MARIADB_LIMIT).await {
                    Err(Error::Refused { code, .. }) if code == UNKNOWN_VARIABLE => Ok(()),
                    outcome => outcome,
                }
            }
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.link {
            Link::Postgres(_) => Dialect::Postgres,
            Link::MariaDb(_) => Dialect::MariaDb,
        }
    }

    /// Runs a statement that has no values and gives no rows, such as `BEGIN`, as it is.
    pub(crate) async fn run(&mut self, sql: impl Into<Cow<'static, str>>) -> Result<(), Error> {
        let sql = AssertSqlSafe(sql.into());
        let work = async {
            match &mut self.link {
                Link::Postgres(link) => sqlx::raw_sql(sql).execute(link).await.map(drop),
                Link::MariaDb(link) => sqlx::raw_sql(sql).execute(link).await.map(drop),
            }
        };
        answered(within(ANSWER_FOR, work).await)
    }

    /// Runs a statement written as [`Names::sql`] says, and tells how many rows it touched. MariaDB counts the rows it found,
    /// not only those it changed, as PostgreSQL does.
    pub(crate) async fn execute(&mut self, template: &str, values: Vec<Value>) -> Result<u64, Error> {
        let sql = AssertSqlSafe(self.names.sql(self.dialect(), template));
        let work = async {
            match &mut self.link {
                Link::Postgres(link) => {
                    let query = values.into_iter().fold(sqlx::query(sql), bind!());
                    query.execute(link).await.map(|done| done.rows_affected())
                }
                Link::MariaDb(link) => {
                    let query = values.into_iter().fold(sqlx::query(sql), bind!());
                    query.execute(link).await.map(|done| done.rows_affected())
                }
            }
        };
        answered(within(ANSWER_FOR, work).await)
    }

    /// Runs a statement written as [`Names::sql`] says, and gives its rows.
    pub(crate) async fn rows(&mut self, template: &str, values: Vec<Value>) -> Result<Vec<Row>, Error> {
        let sql = AssertSqlSafe(self.names.sql(self.dialect(), template));
        let work = async {
            match &mut self.link {
                Link::Postgres(link) => {
                    let query = values.into_iter().fold(sqlx::query(sql), bind!());
                    let rows = query.fetch_all(link).await?;
                    Ok(rows.into_iter().map(Row::Postgres).collect())
                }
                Link::MariaDb(link) => {
                    let query = values.into_iter().fold(sqlx::query(sql), bind!());
                    let rows = query.fetch_all(link).await?;
                    Ok(rows.into_iter().map(Row::MariaDb).collect())
                }
            }
        };
        answered(within(ANSWER_FOR, work).await)
    }

    pub(crate) async fn close(self) {
        let goodbye = async {
            match self.link {
                Link::Postgres(link) => link.close().await,
                Link::MariaDb(link) => link.close().await,
            }
        };
        // A server that is gone already needs no goodbye.
        let _ = within(CONNECT_FOR, goodbye).await;
    }
}

fn answered<T>(outcome: Option<Result<T, sqlx::Error>>) -> Result<T, Error> {
    match outcome {
        Some(outcome) => outcome.map_err(Error::from),
        None => Err(Error::gone_silent()),
    }
}

impl Link {
    async fn open(dialect: Dialect, url: &str) -> Result<Link, sqlx::Error> {
        match dialect {
            Dialect::Postgres => {
                let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
                Ok(Link::Postgres(options.connect().await?))
            }
            Dialect::MariaDb => {
                let options = MySqlConnectOptions::from_str(url)?;
                let options = options.pipes_as_concat(false).no_engine_substitution(false).timezone(None);
                Ok(Link::MariaDb(options.disable_statement_logging().connect().await?))
            }
        }
    }
}

/// What an address says that may be shown.
struct Address {
    dialect: Dialect,
    /// Host and port.
    place: String,
    is_local: bool,
}

impl Address {
    fn read(url: &str) -> Result<Address, Error> {
        let parsed = url::Url::parse(url).map_err(|_| Error::address())?;
        let (dialect, port) = match parsed.scheme() {
            "postgres" | "postgresql" => (Dialect::Postgres, 5432),
            "mysql" | "mariadb" => (Dialect::MariaDb, 3306),
            _ => return Err(Error::address()),
        };
        let host = parsed.host_str().unwrap_or_default();
        // A socket is named by its path, which an address can only hold encoded.
        let is_local = matches!(host, "" | "localhost" | "127.0.0.1" | "[::1]") || host.starts_with("%2F");
        let host = if host.is_empty() { "this machine" } else { host };
        Ok(Address { dialect, place: format!("{host}:{}", parsed.port().unwrap_or(port)), is_local })
    }
}
