//! Database users other than the owner.

use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::TestSite;
use crate::DbSettings;
use crate::dialect::Dialect;

/// Of a test's user; with characters that an address has to encode.
const PASSWORD: &str = "a/b@c:%?'é";

/// Tables that are read, beside `{user}`.
const READ: [&str; 10] = [
    "zoom",
    "course",
    "course_modules",
    "modules",
    "context",
    "enrol",
    "user_enrolments",
    "role",
    "role_assignments",
    "config_plugins",
];

/// Tables that are written.
const WRITTEN: [&str; 2] = ["zoom_meeting_details", "zoom_meeting_participants"];

impl TestSite {
    /// A user with the least rights that rollbook can do with.
    pub async fn least(&mut self) -> DbSettings {
        let mut rights: Vec<String> = READ.iter().map(|table| format!("SELECT ON {{{table}}}")).collect();
        rights.push(
            "SELECT (id, username, idnumber, firstname, lastname, alternatename, email, suspended, deleted) ON {user}"
                .to_owned(),
        );
        for table in WRITTEN {
            rights.push(format!("SELECT, INSERT, UPDATE ON {{{table}}}"));
            if self.dialect() == Dialect::Postgres {
                rights.push(format!("USAGE ON SEQUENCE {{{table}_id_seq}}"));
            }
        }
        if self.dialect() == Dialect::Postgres {
            rights.push(format!("USAGE ON SCHEMA {}", self.settings.schema));
        }
        let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
        self.user_with(&rights).await
    }

    /// A user with these rights, written as `SELECT ON {course}`.
    pub async fn user_with(&mut self, rights: &[&str]) -> DbSettings {
        static USERS: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}_{}", self.database(), USERS.fetch_add(1, Ordering::Relaxed));
        let password = PASSWORD.replace('\'', "''");
        let create = match self.dialect() {
            Dialect::Postgres => {
                format!("DROP ROLE IF EXISTS {name}; CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            }
            Dialect::MariaDb => format!("CREATE OR REPLACE USER {name}@'%' IDENTIFIED BY '{password}'"),
        };
        super::execute(&mut self.connection, &create).await;
        let settings = self.settings_of(&name, PASSWORD);
        for right in rights {
            self.grant(&settings, right).await;
        }
        settings
    }

    /// Grants a right, written as `SELECT ON {course}`.
    pub async fn grant(&mut self, user: &DbSettings, right: &str) {
        let grantee = self.grantee(user);
        self.execute(&format!("GRANT {right} TO {grantee}")).await;
    }

    /// Takes a right away.
    pub async fn revoke(&mut self, user: &DbSettings, right: &str) {
        let grantee = self.grantee(user);
        self.execute(&format!("REVOKE {right} FROM {grantee}")).await;
    }

    /// A user as statements name it.
    pub fn grantee(&self, user: &DbSettings) -> String {
        let url = Url::parse(user.url.expose_secret()).expect("it was put together as an address");
        match self.dialect() {
            Dialect::Postgres => url.username().to_owned(),
            Dialect::MariaDb => format!("{}@'%'", url.username()),
        }
    }

    /// Settings for this site with another user and password.
    pub fn settings_of(&self, name: &str, password: &str) -> DbSettings {
        let mut url =
            Url::parse(self.settings.url.expose_secret()).expect("it was put together as an address");
        url.set_username(name)
            .and_then(|()| url.set_password(Some(password)))
            .expect("the address has a host");
        DbSettings { url: SecretString::from(url.as_str()), ..self.settings.clone() }
    }
}
