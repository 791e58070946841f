//! Who looked at personal data or changed it, and when.

use jiff::Timestamp;
use rollbook_core::request::Role;
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// One look or change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: a login's or token's name.
    pub who: String,
    /// In which role; none for programs.
    pub role: Option<Role>,
    /// What was done: a word such as `attendance.look`.
    pub action: String,
    /// To what: an instance, a course, a reference to a person. Never a person's name.
    pub subject: String,
    /// More, where there is more.
    pub detail: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

impl Store {
    /// Adds an entry.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn add_audit(&mut self, entry: &AuditEntry) -> Result<()> {
        self.connection
            .prepare_cached(
                "insert into audit (at, who, role, action, subject, detail, address)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute((
                ms(entry.at),
                &entry.who,
                entry.role.map(Role::name),
                &entry.action,
                &entry.subject,
                &entry.detail,
                &entry.address,
            ))?;
        Ok(())
    }

    /// The latest entries before number `before`, newest first, with their numbers.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<(i64, AuditEntry)>> {
        let mut statement = self.connection.prepare_cached(
            "select audit_id, at, who, role, action, subject, detail, address from audit
             where audit_id < ?1 order by audit_id desc limit ?2",
        )?;
        let entries = statement.query_map((before.unwrap_or(i64::MAX), limit), |row| {
            let role: Option<String> = row.get(3)?;
            let entry = AuditEntry {
                at: from_ms(row.get(1)?),
                who: row.get(2)?,
                role: role.and_then(|role| role.parse().ok()),
                action: row.get(4)?,
                subject: row.get(5)?,
                detail: row.get(6)?,
                address: row.get(7)?,
            };
            Ok((row.get(0)?, entry))
        })?;
        Ok(entries.collect::<rusqlite::Result<_>>()?)
    }

    /// Drops entries older than `before`, at most so many; how many went.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_audit(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        let gone = self.connection.execute(
            "delete from audit where audit_id in
             (select audit_id from audit where at < ?1 order by at limit ?2)",
            (ms(before), at_most),
        )?;
        Ok(gone as u64)
    }
}
