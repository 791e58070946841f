//! A Moodle site for tests: a database of its own on a real server, with Moodle's tables and as many people as a test needs.
//!
//! The servers are started by `cargo xtask test`, or by `cargo xtask servers` for one's own shell. Tests that need them stand in
//! modules named `on_postgres` and `on_mariadb`, which [`on_both!`](crate::on_both) makes: where a server is lacking,
//! `cargo xtask test` leaves these modules out by name, and counts them as skipped.

mod client;
mod people;
mod rights;
#[path = "../../rollbook-sim/src/moodle.rs"]
mod tables;
mod task;

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::connection::Connection;
use crate::dialect::{Dialect, Names};
use crate::{DbSettings, MoodleDb};

pub use crate::value::Value;
pub use client::Client;
pub use people::{MOD_ZOOM_VERSION, PluginStay};
pub use task::{PluginTask, TaskSession, TaskStay};

/// A Moodle site, seen by the owner of its database.
#[derive(Debug)]
pub struct TestSite {
    /// How rollbook is told where it is: as the owner, who may do anything.
    pub settings: DbSettings,
    connection: Connection,
}

/// Makes tests of functions `async fn name(site: TestSite)`, one on each database, each with a site of its own.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            $(#[test] fn $name() { $crate::testing::run($crate::Dialect::Postgres, super::$name) })*
        }
        mod on_mariadb {
            $(#[test] fn $name() { $crate::testing::run($crate::Dialect::MariaDb, super::$name) })*
        }
    };
}

/// Runs a test on a fresh site. The database of a test that failed stays, to be looked at.
pub fn run<T: Future<Output = ()>>(dialect: Dialect, test: impl FnOnce(TestSite) -> T) {
    run_as(dialect, "public", "mdl_", test);
}

/// The same, for a site with a schema (PostgreSQL only) and a prefix of its own.
pub fn run_as<T: Future<Output = ()>>(
    dialect: Dialect,
    schema: &str,
    prefix: &str,
    test: impl FnOnce(TestSite) -> T,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(async {
        let site = TestSite::create_as(dialect, schema, prefix).await;
        let database = site.database();
        test(site).await;
        drop_database(dialect, &database).await;
    });
}

impl TestSite {
    /// A site as most are: prefix `mdl_`, schema `public`.
    pub async fn create(dialect: Dialect) -> TestSite {
        TestSite::create_as(dialect, "public", "mdl_").await
    }

    /// A site with a schema (PostgreSQL only) and a prefix of its own.
    pub async fn create_as(dialect: Dialect, schema: &str, prefix: &str) -> TestSite {
        TestSite::create_on(server(dialect), dialect, schema, prefix).await
    }

    /// A site on MariaDB as a replica is: to be read only, except by those who may administrate it, and reached by TLS only.
    pub async fn create_on_replica() -> TestSite {
        TestSite::create_on(address("ROLLBOOK_TEST_MARIADB_REPLICA"), Dialect::MariaDb, "public", "mdl_")
            .await
    }

    /// PostgreSQL as a replica is. There is no site on it, as nobody can write there.
    pub fn settings_of_replica() -> DbSettings {
        settings(&address("ROLLBOOK_TEST_POSTGRES_REPLICA"), "public", "mdl_")
    }

    async fn create_on(server: Url, dialect: Dialect, schema: &str, prefix: &str) -> TestSite {
        static SITES: AtomicU32 = AtomicU32::new(0);
        let number = SITES.fetch_add(1, Ordering::Relaxed);
        let database = format!("rollbook_test_{}_{number}", std::process::id());
        let mut admin = connect(&server, "public", "").await;
        // Of an earlier process of the same number, whose test failed.
        execute(&mut admin, &drop_statement(dialect, &database)).await;
        execute(&mut admin, &format!("CREATE DATABASE {database}")).await;
        admin.close().await;
        let url = on(&server, &database);
        let mut connection = connect(&url, schema, prefix).await;
        if dialect == Dialect::Postgres && schema != "public" {
            execute(&mut connection, &format!("CREATE SCHEMA {schema}")).await;
        }
        let statements = match dialect {
            Dialect::Postgres => tables::postgres(schema, prefix),
            Dialect::MariaDb => tables::mariadb(prefix),
        };
        execute(&mut connection, &statements.join("; ")).await;
        let mut site = TestSite { settings: settings(&url, schema, prefix), connection };
        site.install().await;
        site
    }

    /// Which database it is on.
    pub fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// A new connection, as rollbook makes it.
    pub async fn connect(&self) -> MoodleDb {
        MoodleDb::connect(&self.settings).await.expect("a test's site lets its owner in")
    }

    /// Runs a statement with `{table}` for Moodle's tables; as anybody with a client might.
    pub async fn execute(&mut self, sql: &str) {
        let sql = self.connection.names.sql(self.dialect(), sql);
        execute(&mut self.connection, &sql).await;
    }

    /// The first column of a query's rows as numbers.
    pub async fn numbers(&mut self, sql: &str) -> Vec<i64> {
        let rows = self.connection.rows(sql, Vec::new()).await.expect("a test's query works");
        rows.iter().map(|row| row.int(0).expect("the first column is a number")).collect()
    }

    /// The first column of a query's rows as texts.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows = self.connection.rows(sql, Vec::new()).await.expect("a test's query works");
        rows.iter().map(|row| row.text(0).expect("the first column is a text")).collect()
    }

    /// Adds a row and tells its `id`. What is not named has Moodle's default.
    pub async fn insert(&mut self, table: &str, columns: &[(&str, Value)]) -> i64 {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO {{{table}}} ({}) VALUES ({marks}) RETURNING id", names.join(", "));
        let values = columns.iter().map(|(_, value)| value.clone()).collect();
        let rows = self.connection.rows(&sql, values).await.expect("a test's row fits its table");
        rows[0].int(0).expect("an id is a number")
    }

    /// All of a table, a line for each row, by `id`: to be compared before and after.
    pub async fn table(&mut self, table: &str) -> Vec<String> {
        let columns = match self.dialect() {
            Dialect::Postgres => "CAST(t AS text)".to_owned(),
            Dialect::MariaDb => {
                let sql = "SELECT column_name FROM information_schema.columns \
                           WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position";
                let values = vec![self.connection.names.bare(table).into()];
                let rows = self.connection.rows(sql, values).await.expect("the catalogue can be read");
                let quoted = rows.iter().map(|row| format!("QUOTE(t.`{}`)", row.text(0).expect("a name")));
                format!("CONCAT_WS(',', {})", quoted.collect::<Vec<_>>().join(", "))
            }
        };
        let sql = format!("SELECT {columns} FROM {{{table}}} t ORDER BY t.id");
        let rows = self.connection.rows(&sql, Vec::new()).await.expect("a table can be read");
        rows.iter().map(|row| row.text(0).expect("a row can be written as text")).collect()
    }

    /// Ends a connection at the server, as a restart would.
    pub async fn kill(&mut self, victim: &mut MoodleDb) {
        let number = match self.dialect() {
            Dialect::Postgres => "SELECT pg_backend_pid()",
            Dialect::MariaDb => "SELECT CONNECTION_ID()",
        };
        let rows = victim.connection.rows(number, Vec::new()).await.expect("the victim still lives");
        self.end(rows[0].int(0).expect("a connection has a number")).await;
    }

    /// Locks a table against everybody else, until [`TestSite::unlock`], as an upgrade of Moodle does.
    pub async fn lock(&mut self, table: &str) {
        match self.dialect() {
            Dialect::Postgres => self.execute(&format!("BEGIN; LOCK TABLE {{{table}}}")).await,
            Dialect::MariaDb => self.execute(&format!("LOCK TABLES {{{table}}} WRITE")).await,
        }
    }

    /// Gives back what [`TestSite::lock`] took.
    pub async fn unlock(&mut self) {
        match self.dialect() {
            Dialect::Postgres => self.execute("COMMIT").await,
            Dialect::MariaDb => self.execute("UNLOCK TABLES").await,
        }
    }

    /// Waits until a connection waits for a lock, and tells its number.
    pub async fn waiting(&mut self) -> i64 {
        let waiting = match self.dialect() {
            Dialect::Postgres => {
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            }
            Dialect::MariaDb => {
                "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND state LIKE 'Waiting for %lock%'"
            }
        };
        loop {
            if let Some(connection) = self.numbers(waiting).await.first() {
                return *connection;
            }
        }
    }

    /// Ends a connection at the server, by its number.
    pub async fn end(&mut self, connection: i64) {
        match self.dialect() {
            Dialect::Postgres => {
                execute(&mut self.connection, &format!("SELECT pg_terminate_backend({connection})")).await
            }
            Dialect::MariaDb => execute(&mut self.connection, &format!("KILL {connection}")).await,
        }
    }

    fn database(&self) -> String {
        let url = Url::parse(self.settings.url.expose_secret()).expect("it was put together as an address");
        url.path().trim_start_matches('/').to_owned()
    }
}

fn server(dialect: Dialect) -> Url {
    match dialect {
        Dialect::Postgres => address("ROLLBOOK_TEST_POSTGRES"),
        Dialect::MariaDb => address("ROLLBOOK_TEST_MARIADB"),
    }
}

/// Tests have no configuration; this is all they are told.
#[allow(clippy::disallowed_methods)]
fn address(variable: &str) -> Url {
    let url = std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: this test needs a database server; `cargo xtask test` starts it, as does `cargo xtask servers`")
    });
    Url::parse(&url).unwrap_or_else(|error| panic!("{variable} is no address: {error}"))
}

fn on(server: &Url, database: &str) -> Url {
    let mut url = server.clone();
    url.set_path(database);
    url
}

fn settings(url: &Url, schema: &str, prefix: &str) -> DbSettings {
    let url = SecretString::from(url.as_str());
    DbSettings { url, prefix: prefix.to_owned(), schema: schema.to_owned() }
}

async fn connect(url: &Url, schema: &str, prefix: &str) -> Connection {
    let names = Names::new(schema, prefix);
    Connection::open(&SecretString::from(url.as_str()), names)
        .await
        .expect("the tests' server lets the tests in")
}

async fn execute(connection: &mut Connection, sql: &str) {
    connection.run(sql.to_owned()).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
}

async fn drop_database(dialect: Dialect, database: &str) {
    let mut admin = connect(&server(dialect), "public", "").await;
    execute(&mut admin, &drop_statement(dialect, database)).await;
    admin.close().await;
}

fn drop_statement(dialect: Dialect, database: &str) -> String {
    let force = if dialect == Dialect::Postgres { " WITH (FORCE)" } else { "" };
    format!("DROP DATABASE IF EXISTS {database}{force}")
}
