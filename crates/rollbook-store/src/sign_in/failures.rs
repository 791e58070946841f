//! How often signing in failed lately, by name and by address.

use jiff::Timestamp;
use rollbook_core::sign_in::{FAILURES_FOR, Tried, next_try_at};
use rusqlite::OptionalExtension;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// Names and addresses remembered: whoever tries with ever new ones fills no disk. The oldest go first.
const REMEMBERED_MAX: i64 = 20_000;

impl Store {
    /// Begins a try to sign in: counts it as failed for the name and for the address, before anybody looks at the password,
    /// so that tries at the same moment count too. Or says when the next one may be made, and counts nothing.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn begin_sign_in(
        &mut self,
        now: Timestamp,
        name: &str,
        address: &str,
    ) -> Result<std::result::Result<(), Timestamp>> {
        let of = [(Tried::Name, key(Tried::Name, name)), (Tried::Address, key(Tried::Address, address))];
        self.connection
            .execute("delete from sign_in_failure where last_at <= ?1", [ms(now - FAILURES_FOR)])?;
        let mut may_at = now;
        for (tried, key) in &of {
            if let Some((failures, last_at)) = self.failures(key)? {
                may_at = may_at.max(next_try_at(*tried, failures, last_at));
            }
        }
        if may_at > now {
            return Ok(Err(may_at));
        }
        for (_, key) in &of {
            self.connection.execute(
                "insert into sign_in_failure (of, failures, last_at) values (?1, 1, ?2)
                 on conflict do update set failures = failures + 1, last_at = excluded.last_at",
                (key, ms(now)),
            )?;
        }
        self.connection.execute(
            "delete from sign_in_failure where of in
             (select of from sign_in_failure order by last_at desc limit -1 offset ?1)",
            [REMEMBERED_MAX],
        )?;
        Ok(Ok(()))
    }

    /// A try that was right after all: forgets the failures of the name, and of the address this one.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn sign_in_was_right(&mut self, name: &str, address: &str) -> Result<()> {
        self.forget_failures(name)?;
        self.connection.execute(
            "update sign_in_failure set failures = failures - 1 where of = ?1 and failures > 0",
            [key(Tried::Address, address)],
        )?;
        Ok(())
    }

    /// Forgets a name's failures: somebody at the shell vouches for it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn forget_failures(&mut self, name: &str) -> Result<()> {
        self.connection.execute("delete from sign_in_failure where of = ?1", [key(Tried::Name, name)])?;
        Ok(())
    }

    pub(super) fn failures(&self, key: &str) -> Result<Option<(u32, Timestamp)>> {
        let mut statement =
            self.connection.prepare_cached("select failures, last_at from sign_in_failure where of = ?1")?;
        Ok(statement.query_row([key], |row| Ok((row.get(0)?, from_ms(row.get(1)?)))).optional()?)
    }
}

fn key(tried: Tried, what: &str) -> String {
    match tried {
        Tried::Name => format!("name {what}"),
        Tried::Address => format!("address {what}"),
    }
}
