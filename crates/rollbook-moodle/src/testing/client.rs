//! Anybody else's connection, and what the server knows of connections.

use super::TestSite;
use crate::MoodleDb;
use crate::connection::Connection;
use crate::dialect::Dialect;
use crate::error::Error;

/// A connection of the site's owner, beside that of the test.
pub struct Client {
    pub(super) connection: Connection,
}

impl TestSite {
    /// Another connection to the same site.
    pub async fn client(&self) -> Client {
        let names = self.connection.names.clone();
        let connection = Connection::open(&self.settings.url, names).await;
        Client { connection: connection.expect("a site that let us in does so again") }
    }
}

impl Client {
    /// Runs a statement with `{table}` for Moodle's tables.
    pub async fn execute(&mut self, sql: &str) -> Result<(), Error> {
        let sql = self.connection.names.sql(self.connection.dialect(), sql);
        self.connection.run(sql).await
    }

    /// The server's number of this connection.
    pub async fn number(&mut self) -> i64 {
        number(&mut self.connection).await
    }

    /// Whether a connection waits for a lock that another holds.
    pub async fn is_waiting(&mut self, number: i64) -> bool {
        if self.connection.dialect() == Dialect::Postgres {
            let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = ? AND wait_event_type = 'Lock'";
            return self.count(sql, number).await > 0;
        }
        // The table of transactions is a copy that is not renewed while it is being read all the time.
        let rows = self.connection.rows("SHOW ENGINE INNODB STATUS", Vec::new()).await;
        let status = rows.expect("the server can be asked")[0].text(2).expect("the status is a text");
        let own = format!("thread id {number},");
        status.split("---TRANSACTION").any(|part| part.contains(&own) && part.contains("LOCK WAIT"))
    }

    /// Ends a connection, as a restart of the server would, and waits until it is gone.
    pub async fn end(&mut self, number: i64) {
        let (end, lives) = match self.connection.dialect() {
            Dialect::Postgres => (
                format!("SELECT pg_terminate_backend({number})"),
                "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = ?",
            ),
            Dialect::MariaDb => {
                (format!("KILL {number}"), "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?")
            }
        };
        self.execute(&end).await.expect("the owner may end connections");
        while self.count(lives, number).await > 0 {}
    }

    async fn count(&mut self, sql: &str, number: i64) -> i64 {
        let rows = self.connection.rows(sql, vec![number.into()]).await.expect("the server can be asked");
        rows[0].int(0).expect("a count is a number")
    }
}

impl MoodleDb {
    /// The server's number of this connection, for tests that end it or wait for it.
    pub async fn number(&mut self) -> i64 {
        number(&mut self.connection).await
    }
}

async fn number(connection: &mut Connection) -> i64 {
    let sql = match connection.dialect() {
        Dialect::Postgres => "SELECT pg_backend_pid()",
        Dialect::MariaDb => "SELECT CONNECTION_ID()",
    };
    let rows = connection.rows(sql, Vec::new()).await.expect("the connection lives");
    rows[0].int(0).expect("a connection has a number")
}
