//! Samples: the columns of each stay as one block, forgotten after a while.

pub(crate) mod bits;
mod block;
mod column;
mod numbers;

use jiff::Timestamp;
use rollbook_core::quality::Series;

use crate::error::{Error, Result};
use crate::sqlite::Store;
use crate::time::{ms, opt_ms};
use bits::Broken;
pub use block::SAMPLES_MAX;

/// Where nobody has told the instance's start, the first sample counts.
const PUT: &str = "insert into quality_samples (quality_id, started_at, block)
    values (?1, coalesce((select started_at from instance where instance_id = ?2), ?3, 0), ?4)
    on conflict (quality_id) do update set started_at = excluded.started_at, block = excluded.block";
const DROP: &str = "delete from quality_samples where quality_id = ?1";
const PRUNE: &str = "delete from quality_samples where quality_id in
    (select quality_id from quality_samples where started_at < ?1 order by started_at limit ?2)";

impl Store {
    /// Keeps the samples of one row of `quality_stay`, in place of those that were kept.
    pub(crate) fn put_samples(&mut self, id: i64, instance: i64, series: &Series) -> Result<()> {
        if series.is_empty() && series.odd().is_empty() {
            self.connection.prepare_cached(DROP)?.execute([id])?;
            return Ok(());
        }
        let block = block::encode(series)
            .ok_or_else(|| Error::TooMuch { what: format!("{} samples of one stay", series.len()) })?;
        let first_at = opt_ms(series.times().first().copied());
        self.connection.prepare_cached(PUT)?.execute((id, instance, first_at, block))?;
        Ok(())
    }

    /// Forgets samples of instances that started before a moment, the oldest first and so many connections' at most;
    /// says how many. Summaries stay. One such step is quick: call it again, each time in a transaction of its own,
    /// until nothing is left.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_samples(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        Ok(self.connection.prepare_cached(PRUNE)?.execute((ms(before), at_most))? as u64)
    }
}

pub(crate) fn read(block: &[u8]) -> Result<Series> {
    block::decode(block).map_err(said("samples"))
}

/// What is to be told of bytes that cannot be read.
pub(crate) fn said(what: &'static str) -> impl Fn(Broken) -> Error {
    move |broken| match broken {
        Broken::Version(found) => Error::NewerForm { what, found },
        Broken::Damaged(reason) => Error::Unreadable { what, reason: reason.into() },
    }
}
