//! Where the call quality of each instance stands.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use crate::error::Result;
use crate::instances::{InstanceFilter, Record};
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

/// Where it stands in `due → fetched → complete`, or `closed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityState {
    /// Wanted; nothing has been told.
    Due,
    /// Told, not of all stays.
    Fetched,
    /// Told of all stays.
    Complete,
    /// There is no more to be had.
    Closed,
}

impl QualityState {
    /// All of them, in order.
    pub const ALL: [QualityState; 4] =
        [QualityState::Due, QualityState::Fetched, QualityState::Complete, QualityState::Closed];

    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            QualityState::Due => "due",
            QualityState::Fetched => "fetched",
            QualityState::Complete => "complete",
            QualityState::Closed => "closed",
        }
    }

    pub(crate) fn from_name(name: &str) -> QualityState {
        QualityState::ALL.into_iter().find(|state| state.name() == name).unwrap_or(QualityState::Due)
    }

    /// Whether something is still to be asked.
    pub fn is_open(self) -> bool {
        matches!(self, QualityState::Due | QualityState::Fetched)
    }
}

/// What is to be kept of an instance's call quality as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityStanding {
    /// Where it stands.
    pub state: QualityState,
    /// By which policy, or by whom, it is wanted.
    pub wanted_because: Option<String>,
    /// Why it is open or closed, or by which evidence it is complete.
    pub reason: Option<String>,
    /// When it is asked again.
    pub next_look_at: Option<Timestamp>,
    /// Stays that should have call quality.
    pub stays: u32,
    /// Those of them that have.
    pub told_stays: u32,
    /// Samples of all of them.
    pub samples: u64,
    /// 0 to 100.
    pub score: Option<f64>,
    /// Bad minutes among all minutes, 0 to 1.
    pub bad_share: Option<f64>,
}

/// A standing as kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityRecord {
    /// What is kept.
    #[serde(flatten)]
    pub standing: QualityStanding,
    /// Since when it stands there.
    pub state_since: Timestamp,
}

const PUT: &str =
    "insert into quality (instance_id, state, wanted_because, reason, next_look_at, state_since, stays, told_stays,
        samples, score, bad_share, day)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
        (select started_at / 86400000 from instance where instance_id = ?1))
    on conflict (instance_id) do update set
        state_since = case when state = excluded.state then state_since else excluded.state_since end,
        state = excluded.state, wanted_because = excluded.wanted_because, reason = excluded.reason,
        next_look_at = excluded.next_look_at, stays = excluded.stays, told_stays = excluded.told_stays,
        samples = excluded.samples, score = excluded.score, bad_share = excluded.bad_share, day = excluded.day";
const COLUMNS: &str = "quality.state, quality.wanted_because, quality.reason, quality.next_look_at,
    quality.state_since, stays, told_stays, samples, score, bad_share";
const FILTER: &str = "(?1 is null or account = ?1)
    and (?2 is null or started_at is null or started_at >= ?2)
    and (?3 is null or started_at is null or started_at < ?3)";

impl Store {
    /// Writes where the call quality of an instance stands.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_quality_state(
        &mut self,
        now: Timestamp,
        instance: i64,
        standing: &QualityStanding,
    ) -> Result<()> {
        self.connection.prepare_cached(PUT)?.execute(params![
            instance,
            standing.state.name(),
            standing.wanted_because,
            standing.reason,
            opt_ms(standing.next_look_at),
            ms(now),
            standing.stays,
            standing.told_stays,
            standing.samples,
            standing.score,
            standing.bad_share,
        ])?;
        Ok(())
    }

    /// Where the call quality of an instance stands; `None` if nobody has wanted it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_state(&self, instance: i64) -> Result<Option<QualityRecord>> {
        let sql = format!("select {COLUMNS} from quality where instance_id = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([instance], |row| standing(row, 0)).optional()?)
    }

    /// How often somebody listed connects to a meeting, as far as verified instances that started since a moment tell;
    /// none if there are none.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn stays_each(&self, account: &str, since: Timestamp) -> Result<Option<f64>> {
        let sql = "select cast(sum(stays) as real) / sum(listed_count) from (
                select listed_count, (select count(*) from stay where stay.instance_id = instance.instance_id
                    and status = 'in_meeting' and is_withdrawn = 0) as stays
                from instance where account = ?1 and started_at >= ?2 and state = 'verified' and listed_count > 1
                order by started_at desc limit 2000)";
        Ok(self.connection.prepare_cached(sql)?.query_row((account, ms(since)), |row| row.get(0))?)
    }

    /// Forgets that anybody wanted the call quality of an instance. What was told of it stays.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn drop_quality_state(&mut self, instance: i64) -> Result<()> {
        self.connection.prepare_cached("delete from quality where instance_id = ?1")?.execute([instance])?;
        Ok(())
    }

    /// How many instances' call quality stands where. Of the filter, account and window count.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_quality_states(&self, filter: &InstanceFilter) -> Result<Vec<(QualityState, u64)>> {
        let sql = format!(
            "select quality.state, count(*) from quality join instance using (instance_id) where {FILTER}
             group by quality.state"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(filter_params(filter), |row| {
            Ok((QualityState::from_name(row.get_ref(0)?.as_str()?), row.get(1)?))
        })?;
        let mut counts = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        counts.sort_unstable();
        Ok(counts)
    }

    /// Instances whose call quality is still to be asked, by next look, then start; at most `limit`. Of the filter,
    /// account and window count.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn open_quality(&self, filter: &InstanceFilter, limit: u32) -> Result<Vec<(Record, QualityRecord)>> {
        self.quality_in("'due', 'fetched'", filter, limit)
    }

    /// Instances whose call quality was closed with a reason, by start. Of the filter, account and window count.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn closed_quality(
        &self,
        filter: &InstanceFilter,
        limit: u32,
    ) -> Result<Vec<(Record, QualityRecord)>> {
        self.quality_in("'closed'", filter, limit)
    }

    fn quality_in(
        &self,
        states: &str,
        filter: &InstanceFilter,
        limit: u32,
    ) -> Result<Vec<(Record, QualityRecord)>> {
        let sql = format!(
            "select instance_id, {COLUMNS} from quality join instance using (instance_id)
             where quality.state in ({states}) and {FILTER}
             order by quality.next_look_at is null, quality.next_look_at, started_at, uuid limit {limit}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(filter_params(filter), |row| Ok((row.get(0)?, standing(row, 1)?)))?;
        let mut open = Vec::new();
        for (instance, standing) in rows.collect::<rusqlite::Result<Vec<(i64, QualityRecord)>>>()? {
            open.extend(self.instance(instance)?.map(|record| (record, standing)));
        }
        Ok(open)
    }
}

fn filter_params(filter: &InstanceFilter) -> impl rusqlite::Params + use<> {
    (
        filter.account.clone(),
        filter.window.map(|window| ms(window.from)),
        filter.window.map(|window| ms(window.to)),
    )
}

fn standing(row: &Row<'_>, first: usize) -> rusqlite::Result<QualityRecord> {
    Ok(QualityRecord {
        standing: QualityStanding {
            state: QualityState::from_name(row.get_ref(first)?.as_str()?),
            wanted_because: row.get(first + 1)?,
            reason: row.get(first + 2)?,
            next_look_at: opt_from_ms(row.get(first + 3)?),
            stays: row.get(first + 5)?,
            told_stays: row.get(first + 6)?,
            samples: row.get(first + 7)?,
            score: row.get(first + 8)?,
            bad_share: row.get(first + 9)?,
        },
        state_since: from_ms(row.get(first + 4)?),
    })
}
