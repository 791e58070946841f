//! Tokens of programs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rollbook_core::access::Capability;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::{Digest, read_scopes};
use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

/// A token as kept: not the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its name.
    pub name: String,
    /// What may be done with it.
    pub scopes: BTreeSet<Capability>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to some minutes.
    pub used_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its name.
    pub name: String,
    /// The SHA-256 of the secret.
    pub key: Digest,
    /// What may be done with it.
    pub scopes: BTreeSet<Capability>,
    /// Who makes it.
    pub created_by: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "name, scopes, created_at, created_by, expires_at, revoked_at, used_at";

impl Store {
    /// Makes a token. Whether the name was free.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_token(&mut self, now: Timestamp, token: &NewToken) -> Result<bool> {
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
        let added = self.connection.execute(
            "insert into api_token (name, key, scopes, created_at, created_by, expires_at)
             values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
            (&token.name, &token.key[..], scopes.join(" "), ms(now), &token.created_by, ms(token.expires_at)),
        )?;
        Ok(added > 0)
    }

    /// A token by the SHA-256 of its secret, good or not.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn token(&self, key: &Digest) -> Result<Option<Token>> {
        let sql = format!("select {COLUMNS} from api_token where key = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([&key[..]], read).optional()?)
    }

    /// Every token, by name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn tokens(&self) -> Result<Vec<Token>> {
        let sql = format!("select {COLUMNS} from api_token order by name");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Ends a token. Whether there is one of that name that was good until now.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn revoke_token(&mut self, now: Timestamp, name: &str) -> Result<bool> {
        let sql = "update api_token set revoked_at = ?2 where name = ?1 and revoked_at is null";
        Ok(self.connection.execute(sql, (name, ms(now)))? > 0)
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn touch_token(&mut self, now: Timestamp, key: &Digest) -> Result<()> {
        self.connection.execute("update api_token set used_at = ?2 where key = ?1", (&key[..], ms(now)))?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Token> {
    let scopes: String = row.get(1)?;
    Ok(Token {
        name: row.get(0)?,
        scopes: read_scopes(&scopes),
        created_at: from_ms(row.get(2)?),
        created_by: row.get(3)?,
        expires_at: from_ms(row.get(4)?),
        revoked_at: opt_from_ms(row.get(5)?),
        used_at: opt_from_ms(row.get(6)?),
    })
}
