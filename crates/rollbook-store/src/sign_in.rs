//! Who may sign in and who is signed in. No secret is kept: sessions, tokens and links by their SHA-256, passwords by
//! their argon2 hash.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rollbook_core::access::Capability;
use rollbook_core::request::Role;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

mod failures;
mod tokens;

pub use tokens::{NewToken, Token};

/// The SHA-256 of a secret.
pub type Digest = [u8; 32];

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Login {
    /// Row number.
    #[serde(skip)]
    pub id: i64,
    /// The name, as `login_name` of core writes it.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// E-mail address, in small letters: finds a teacher's courses, and the login of whom a provider names.
    pub email: Option<String>,
    /// Who they are to the OpenID provider: issuer and subject.
    pub subject: Option<String>,
    /// Courses they may see, by Moodle's short name, beside those they teach in Moodle.
    pub courses: BTreeSet<String>,
    /// Whether the OpenID provider made it: then its claims alone decide about the role.
    pub is_by_provider: bool,
    /// Whether there is a password.
    pub has_password: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when they may no longer.
    pub disabled_at: Option<Timestamp>,
    /// When they last signed in.
    pub seen_at: Option<Timestamp>,
}

/// A login to be made.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// E-mail address, in small letters.
    pub email: Option<String>,
    /// Issuer and subject.
    pub subject: Option<String>,
    /// Courses, by short name.
    pub courses: BTreeSet<String>,
    /// The argon2 hash of a password.
    pub password: Option<String>,
    /// Whether the OpenID provider makes it.
    pub is_by_provider: bool,
}

/// A session to be made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The SHA-256 of what the cookie holds.
    pub key: Digest,
    /// Whose.
    pub login: i64,
    /// What forms carry.
    pub csrf: String,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who. Possibly disabled.
    pub login: Login,
    /// What forms carry.
    pub csrf: String,
    /// When it was last used, to some minutes.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "login.login_id, login.name, login.role, login.email, login.subject, login.courses,
    login.password is not null, login.created_at, login.disabled_at, login.seen_at, login.is_by_provider";

impl Store {
    /// Makes a login; its number, or none where the name or subject is taken.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_login(&mut self, now: Timestamp, login: &NewLogin) -> Result<Option<i64>> {
        let added = self.connection.execute(
            "insert into login (name, role, password, email, subject, courses, created_at, is_by_provider)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing",
            (
                &login.name,
                login.role.name(),
                &login.password,
                &login.email,
                &login.subject,
                words(&login.courses),
                ms(now),
                login.is_by_provider,
            ),
        )?;
        Ok((added > 0).then(|| self.connection.last_insert_rowid()))
    }

    /// A login by its name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn login_named(&self, name: &str) -> Result<Option<Login>> {
        self.login_where("name = ?1", name)
    }

    /// A login by issuer and subject.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn login_of_subject(&self, subject: &str) -> Result<Option<Login>> {
        self.login_where("subject = ?1", subject)
    }

    fn login_where(&self, condition: &'static str, value: &str) -> Result<Option<Login>> {
        let sql = format!("select {COLUMNS} from login where {condition}");
        Ok(self.connection.prepare_cached(&sql)?.query_row([value], read_login).optional()?)
    }

    /// Logins with an e-mail address, in small letters.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn logins_of_email(&self, email: &str) -> Result<Vec<Login>> {
        let sql = format!("select {COLUMNS} from login where email = ?1 order by login_id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_map([email], read_login)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Every login, by name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn logins(&self) -> Result<Vec<Login>> {
        let mut statement =
            self.connection.prepare_cached(&format!("select {COLUMNS} from login order by name"))?;
        Ok(statement.query_map([], read_login)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The hash of a login's password, where it has one.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn password_hash(&self, name: &str) -> Result<Option<String>> {
        let mut statement = self.connection.prepare_cached("select password from login where name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?.flatten())
    }

    /// Whether anybody can sign in as admin.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_admin(&self) -> Result<bool> {
        let sql = "select exists (select 1 from login where role = 'admin' and disabled_at is null)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Writes what may change of a login: role, e-mail, subject and courses.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn update_login(&mut self, login: &Login) -> Result<()> {
        self.connection.execute(
            "update login set role = ?2, email = ?3, subject = ?4, courses = ?5 where login_id = ?1",
            (login.id, login.role.name(), &login.email, &login.subject, words(&login.courses)),
        )?;
        Ok(())
    }

    /// Gives a login another password and ends its sessions. Whether there is such a login.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn set_password(&mut self, name: &str, hash: &str) -> Result<bool> {
        let set =
            self.connection.execute("update login set password = ?2 where name = ?1", (name, hash))? > 0;
        self.end_sessions_of(name)?;
        Ok(set)
    }

    /// Lets a login sign in no longer, and ends its sessions; or lets it again. Whether there is such a login.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn set_disabled(&mut self, name: &str, disabled_at: Option<Timestamp>) -> Result<bool> {
        let set = self
            .connection
            .execute("update login set disabled_at = ?2 where name = ?1", (name, disabled_at.map(ms)))?;
        if disabled_at.is_some() {
            self.end_sessions_of(name)?;
        }
        Ok(set > 0)
    }

    /// Ends all sessions of a login.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn end_sessions_of(&mut self, name: &str) -> Result<()> {
        self.connection.execute(
            "delete from session where login_id in (select login_id from login where name = ?1)",
            [name],
        )?;
        Ok(())
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_session(&mut self, now: Timestamp, session: &NewSession) -> Result<()> {
        self.connection.execute(
            "insert into session (key, login_id, csrf, created_at, seen_at, expires_at)
             values (?1, ?2, ?3, ?4, ?4, ?5)",
            (&session.key[..], session.login, &session.csrf, ms(now), ms(session.expires_at)),
        )?;
        self.connection
            .execute("update login set seen_at = ?2 where login_id = ?1", (session.login, ms(now)))?;
        Ok(())
    }

    /// A session by the SHA-256 of its cookie, over or not.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn session(&self, key: &Digest) -> Result<Option<Session>> {
        let sql = format!(
            "select {COLUMNS}, session.csrf, session.seen_at, session.expires_at
             from session join login using (login_id) where session.key = ?1"
        );
        let read = |row: &Row<'_>| {
            Ok(Session {
                login: read_login(row)?,
                csrf: row.get(11)?,
                seen_at: from_ms(row.get(12)?),
                expires_at: from_ms(row.get(13)?),
            })
        };
        Ok(self.connection.prepare_cached(&sql)?.query_row([&key[..]], read).optional()?)
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn touch_session(&mut self, now: Timestamp, key: &Digest) -> Result<()> {
        self.connection.execute("update session set seen_at = ?2 where key = ?1", (&key[..], ms(now)))?;
        Ok(())
    }

    /// Signs somebody out.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn end_session(&mut self, key: &Digest) -> Result<()> {
        self.connection.execute("delete from session where key = ?1", [&key[..]])?;
        Ok(())
    }

    /// Drops sessions that are over: too old at `now`, or not used since `idle_since`.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_sessions(&mut self, now: Timestamp, idle_since: Timestamp) -> Result<()> {
        self.connection.execute(
            "delete from session where expires_at <= ?1 or seen_at <= ?2",
            (ms(now), ms(idle_since)),
        )?;
        Ok(())
    }

    /// Makes this the only link by which the first admin can be made.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_setup_link(&mut self, key: &Digest, expires_at: Timestamp) -> Result<()> {
        self.connection.execute("delete from setup_link", [])?;
        self.connection.execute(
            "insert into setup_link (key, expires_at) values (?1, ?2)",
            (&key[..], ms(expires_at)),
        )?;
        Ok(())
    }

    /// Whether a link can still make the first admin.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_setup_link(&self, now: Timestamp, key: &Digest) -> Result<bool> {
        let sql = "select exists (select 1 from setup_link where key = ?1 and expires_at > ?2)";
        let is_known: bool = self.connection.query_row(sql, (&key[..], ms(now)), |row| row.get(0))?;
        Ok(is_known && !self.has_admin()?)
    }

    /// Makes the first admin, by a link that is good for it, once. The login's number; none where the link is not good any
    /// more, or the name is taken.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn use_setup_link(&mut self, now: Timestamp, key: &Digest, admin: &NewLogin) -> Result<Option<i64>> {
        if !self.is_setup_link(now, key)? {
            return Ok(None);
        }
        let added = self.add_login(now, admin)?;
        if added.is_some() {
            self.connection.execute("delete from setup_link", [])?;
        }
        Ok(added)
    }
}

fn words(courses: &BTreeSet<String>) -> String {
    serde_json::to_string(courses).expect("texts are always JSON")
}

fn read_login(row: &Row<'_>) -> rusqlite::Result<Login> {
    let (role, courses): (String, String) = (row.get(2)?, row.get(5)?);
    Ok(Login {
        id: row.get(0)?,
        name: row.get(1)?,
        role: role.parse().map_err(|_| unreadable(2, "a role"))?,
        email: row.get(3)?,
        subject: row.get(4)?,
        courses: serde_json::from_str(&courses).map_err(|_| unreadable(5, "courses"))?,
        has_password: row.get(6)?,
        created_at: from_ms(row.get(7)?),
        disabled_at: opt_from_ms(row.get(8)?),
        seen_at: opt_from_ms(row.get(9)?),
        is_by_provider: row.get(10)?,
    })
}

/// Whoever cannot be read gets in nowhere.
fn unreadable(column: usize, what: &str) -> rusqlite::Error {
    let what = format!("this is not {what}");
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

/// Scopes that this program does not know are dropped: a token never gains by it.
fn read_scopes(text: &str) -> BTreeSet<Capability> {
    text.split(' ').filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
