//! Is this the database we think it is, and may we do there what we must, and no more?

mod catalogue;
mod compare;
mod expected;
mod rights;

use serde::Serialize;

use crate::MoodleDb;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::people::Identifier;
use crate::plugin::Plugin;

/// What a look at the database found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaReport {
    /// `PostgreSQL` or `MariaDB`.
    pub database: &'static str,
    /// The server's own version.
    pub server: String,
    /// The plugin's version; none where it is not installed or may not be read.
    pub plugin: Option<i64>,
    /// What is not as it should be, gravest first.
    pub findings: Vec<Finding>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How grave it is.
    pub weight: Weight,
    /// What it is, and what to do about it.
    pub what: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Nothing can be read or written.
    StopsReading,
    /// Sessions and participants cannot be written.
    StopsWriting,
    /// It works, but should not stay so.
    Warning,
    /// Worth knowing.
    Note,
}

impl SchemaReport {
    /// Whether courses, activities and rosters can be read.
    pub fn can_read(&self) -> bool {
        self.findings.iter().all(|finding| finding.weight > Weight::StopsReading)
    }

    /// Whether sessions and participants can be written.
    pub fn can_write(&self) -> bool {
        self.findings.iter().all(|finding| finding.weight > Weight::StopsWriting)
    }
}

impl Finding {
    fn new(weight: Weight, what: impl Into<String>) -> Finding {
        Finding { weight, what: what.into() }
    }
}

/// The versions of the plugin whose tables are known (`{config_plugins}`, plugin `mod_zoom`): 5.5.0.
const KNOWN_PLUGIN: i64 = 2_026_041_600;

/// How the server calls itself.
const VERSION: &str = "SELECT version()";

/// Set for a replica, for a server under repair, and for users who shall only read.
const POSTGRES_READ_ONLY: &str =
    "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'";
const MARIADB_READ_ONLY: &str =
    "SELECT @@global.read_only, @@global.innodb_read_only OR @@session.tx_read_only";

const POSTGRES_ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
const MARIADB_ENCRYPTED: &str =
    "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'";

impl MoodleDb {
    /// Looks whether tables, rights and server are as they must be. What is found wrong is in the report; an error is only
    /// what keeps it from looking.
    pub async fn check(&mut self) -> Result<SchemaReport, Error> {
        let server = self.connection.rows(VERSION, Vec::new()).await?;
        let server = server.first().map(|row| row.text(0)).transpose()?.unwrap_or_default();
        let catalogue = self.catalogue().await?;
        let mut findings = Vec::new();
        if catalogue.is_elsewhere() {
            findings.push(self.elsewhere().await?);
        } else {
            findings.extend(compare::tables(&catalogue, &self.connection.names, self.dialect()));
            findings.extend(rights::missing(&catalogue, &self.connection.names));
            findings.extend(self.excess().await?);
        }
        findings.extend(age(self.dialect(), &server));
        findings.extend(self.read_only().await?);
        findings.extend(self.in_the_clear().await?);
        let plugin = match self.plugin().await {
            Ok(plugin) => plugin,
            // Said above already.
            Err(Error::Denied(_) | Error::Schema(_)) => Plugin::default(),
            Err(error) => return Err(error),
        };
        findings.extend(self.unread_profile(&plugin.identifier).await?);
        let plugin = plugin.version;
        findings.extend(version(plugin).filter(|_| !catalogue.is_elsewhere()));
        findings.sort_by_key(|finding| finding.weight);
        Ok(SchemaReport { database: self.dialect().name(), server, plugin, findings })
    }

    async fn read_only(&mut self) -> Result<Option<Finding>, Error> {
        let (sql, replica) = match self.dialect() {
            Dialect::Postgres => (POSTGRES_READ_ONLY, "a replica"),
            Dialect::MariaDb => (MARIADB_READ_ONLY, "a replica, or switched to read only"),
        };
        let rows = self.connection.rows(sql, Vec::new()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let what = match (row.is(0)?, row.is(1)?) {
            (true, _) => format!("this server is {replica}: deliver to the primary server"),
            (_, true) => {
                "this user's transactions are read only: take that setting away from the user".to_owned()
            }
            _ => return Ok(None),
        };
        Ok(Some(Finding::new(Weight::StopsWriting, what)))
    }

    /// People may be identified by a field that may not be read.
    async fn unread_profile(&mut self, identifier: &str) -> Result<Option<Finding>, Error> {
        let Identifier::Profile(field) = Identifier::parse(identifier) else { return Ok(None) };
        // Whose does not matter.
        let is_read = self.profile(&field, &[0]).await?.is_some();
        let names = &self.connection.names;
        let (fields, data) = (names.bare("user_info_field"), names.bare("user_info_data"));
        Ok((!is_read).then(|| {
            Finding::new(
                Weight::Warning,
                format!(
                    "the plugin identifies people by their profile field {field}, which may not be read, so that only their \
                     e-mail is compared: grant SELECT on {fields} and {data}"
                ),
            )
        }))
    }

    async fn in_the_clear(&mut self) -> Result<Option<Finding>, Error> {
        if self.connection.is_local {
            return Ok(None);
        }
        let (sql, option) = match self.dialect() {
            Dialect::Postgres => (POSTGRES_ENCRYPTED, "sslmode=require"),
            Dialect::MariaDb => (MARIADB_ENCRYPTED, "ssl-mode=REQUIRED"),
        };
        let rows = self.connection.rows(sql, Vec::new()).await?;
        if rows.first().map(|row| row.is(0)).transpose()? == Some(true) {
            return Ok(None);
        }
        Ok(Some(Finding::new(
            Weight::Warning,
            format!(
                "the connection is not encrypted: names and e-mail addresses can be read on the way; write {option} \
                 behind the ? of the database's address"
            ),
        )))
    }
}

/// Rows are written with `INSERT … RETURNING`, which MariaDB has since 10.5 and MySQL has not. Every PostgreSQL that Moodle 5
/// runs on has it.
const MARIADB_SINCE: (u32, u32) = (10, 5);

fn age(dialect: Dialect, server: &str) -> Option<Finding> {
    let mut numbers = server.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let what = match dialect {
        Dialect::Postgres => return None,
        Dialect::MariaDb if !server.to_lowercase().contains("mariadb") => {
            format!(
                "this is MySQL {server}: it can be read, but rollbook writes to PostgreSQL and MariaDB only"
            )
        }
        Dialect::MariaDb if version < MARIADB_SINCE => {
            format!("this is MariaDB {server}: it can be read, but rollbook writes to 10.5 and later only")
        }
        Dialect::MariaDb => return None,
    };
    Some(Finding::new(Weight::StopsWriting, what))
}

fn version(plugin: Option<i64>) -> Option<Finding> {
    let what = match plugin {
        Some(KNOWN_PLUGIN) => return None,
        None => "the version of mod_zoom cannot be read: is the plugin installed on this site?".to_owned(),
        Some(older) if older < KNOWN_PLUGIN => {
            format!(
                "mod_zoom is of version {older}, older than {KNOWN_PLUGIN}, which rollbook was made for: update it"
            )
        }
        Some(newer) => format!(
            "mod_zoom is of version {newer}, newer than {KNOWN_PLUGIN}, which rollbook was made for: look for a newer \
             rollbook"
        ),
    };
    Some(Finding::new(Weight::Warning, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(server: &str, expected: Option<&str>) {
        let found = age(Dialect::MariaDb, server);
        assert_eq!(found.is_some(), expected.is_some(), "{server}");
        assert!(found.is_none_or(|found| found.what.contains(expected.unwrap_or_default())), "{server}");
    }

    #[test]
    fn servers_that_cannot_be_written_to_are_known_by_their_version() {
        check("10.11.14-MariaDB-0+deb12u2", None);
        check("11.4.2-MariaDB", None);
        check("10.4.32-MariaDB-log", Some("10.5 and later"));
        check("8.0.36", Some("this is MySQL 8.0.36"));
        assert_eq!(age(Dialect::Postgres, "PostgreSQL 15.18 (Debian) on x86_64"), None);
    }
}
