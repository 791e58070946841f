//! Which days were listed, and when.

use jiff::Timestamp;
use rollbook_core::listing::{List, Listing};
use rollbook_core::time::Window;
use rusqlite::OptionalExtension;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms};

const ONE: &str = "select listed_at, first_listed_after_at, closed_reason from listing
    where account = ?1 and list = ?2 and from_at = ?3 and to_at = ?4";
const ENSURE: &str =
    "insert into listing (account, list, from_at, to_at) values (?1, ?2, ?3, ?4) on conflict do nothing";
const LISTED: &str = "update listing set listed_at = ?5, closed_reason = null,
        first_listed_after_at = case when first_listed_after_at is null and ?5 >= to_at then ?5 else first_listed_after_at end
    where account = ?1 and list = ?2 and from_at >= ?3 and to_at <= ?4";
const CLOSE: &str = "update listing set closed_reason = ?5
    where account = ?1 and list = ?2 and from_at >= ?3 and to_at <= ?4";
const WITHIN: &str =
    "select list, from_at, to_at, listed_at, first_listed_after_at, closed_reason from listing
    where account = ?1 and from_at >= ?2 and to_at <= ?3 order by list, from_at";

impl Store {
    /// Makes sure a window is in the ledger and returns it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn ensure_listing(&mut self, account: &str, list: List, window: Window) -> Result<Listing> {
        let key = (account, list.name(), ms(window.from), ms(window.to));
        self.connection.prepare_cached(ENSURE)?.execute(key)?;
        let (listed, first): (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached(ONE)?
            .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or_default();
        Ok(Listing { window, listed_at: opt_from_ms(listed), first_listed_after_at: opt_from_ms(first) })
    }

    /// Notes that every window inside `window` was listed to the end, by a list begun at `began_at`.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_listed(
        &mut self,
        account: &str,
        list: List,
        window: Window,
        began_at: Timestamp,
    ) -> Result<()> {
        let key = (account, list.name(), ms(window.from), ms(window.to), ms(began_at));
        self.connection.prepare_cached(LISTED)?.execute(key)?;
        Ok(())
    }

    /// Notes why every window inside `window` cannot be listed this way.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn close_listing(&mut self, account: &str, list: List, window: Window, reason: &str) -> Result<()> {
        let key = (account, list.name(), ms(window.from), ms(window.to), reason);
        self.connection.prepare_cached(CLOSE)?.execute(key)?;
        Ok(())
    }

    /// The listings inside a window, each with the reason why it is closed, if it is.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn listings(&self, account: &str, window: Window) -> Result<Vec<(List, Listing, Option<String>)>> {
        let mut statement = self.connection.prepare_cached(WITHIN)?;
        let rows = statement.query_map((account, ms(window.from), ms(window.to)), |row| {
            let window = Window { from: from_ms(row.get(1)?), to: from_ms(row.get(2)?) };
            let listing = Listing {
                window,
                listed_at: opt_from_ms(row.get(3)?),
                first_listed_after_at: opt_from_ms(row.get(4)?),
            };
            Ok((List::from_name(&row.get::<_, String>(0)?), listing, row.get(5)?))
        })?;
        let all = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(all.into_iter().filter_map(|(list, listing, reason)| Some((list?, listing, reason))).collect())
    }

    /// Whether a listing of the account, or a wanted day, covers this instant, so that instances starting then are wanted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_listed_time(&self, account: &str, at: Timestamp) -> Result<bool> {
        let sql = "select exists (select 1 from listing where account = ?1 and from_at <= ?2 and to_at > ?2)";
        let is_listed: bool =
            self.connection.prepare_cached(sql)?.query_row((account, ms(at)), |row| row.get(0))?;
        Ok(is_listed || self.is_wanted_time(account, at)?)
    }
}
