//! Accounts and what was learned of them.

use rollbook_core::family::Offer;
use rusqlite::OptionalExtension;

use crate::error::{Result, unreadable};
use crate::sqlite::Store;

const PUT: &str = "insert into account (name, zoom_account_id, pool, plan, offer) values (?1, ?2, ?3, ?4, ?5)
    on conflict (name) do update set zoom_account_id = coalesce(excluded.zoom_account_id, account.zoom_account_id),
        pool = excluded.pool, plan = excluded.plan, offer = excluded.offer";
const OFFER: &str = "select offer from account where name = ?1";
const NAMES: &str = "select name, pool from account order by name";

impl Store {
    /// Writes an account and what it offers.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_account(
        &mut self,
        name: &str,
        zoom_id: Option<&str>,
        pool: &str,
        offer: &Offer,
    ) -> Result<()> {
        let json = serde_json::to_string(offer).map_err(|e| unreadable("an offer")(e.to_string()))?;
        self.connection.prepare_cached(PUT)?.execute((name, zoom_id, pool, offer.plan.name(), json))?;
        Ok(())
    }

    /// What was learned of an account, if it was ever used.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn offer(&self, name: &str) -> Result<Option<Offer>> {
        let json: Option<String> =
            self.connection.prepare_cached(OFFER)?.query_row([name], |row| row.get(0)).optional()?;
        json.map(|json| serde_json::from_str(&json).map_err(|e| unreadable("an offer")(e.to_string())))
            .transpose()
    }

    /// All accounts with their pools, by name.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn account_pools(&self) -> Result<Vec<(String, String)>> {
        let mut statement = self.connection.prepare_cached(NAMES)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
