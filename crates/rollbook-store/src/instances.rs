//! Instances: what lists said of them and where they stand.

use jiff::Timestamp;
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::time::Window;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use crate::error::Result;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

/// Where an instance stands in `ended → fetched → verified`, or `closed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It runs.
    Live,
    /// It is over; nothing has been read.
    Ended,
    /// Read, not proved complete.
    Fetched,
    /// Proved complete.
    Verified,
    /// Zoom can no longer answer, or the plan does not offer it.
    Closed,
}

impl State {
    /// All of them, in order.
    pub const ALL: [State; 5] = [State::Live, State::Ended, State::Fetched, State::Verified, State::Closed];

    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Ended => "ended",
            State::Fetched => "fetched",
            State::Verified => "verified",
            State::Closed => "closed",
        }
    }

    pub(crate) fn from_name(name: &str) -> State {
        State::ALL.into_iter().find(|state| state.name() == name).unwrap_or(State::Ended)
    }

    /// Whether something is still to be asked.
    pub fn is_open(self) -> bool {
        matches!(self, State::Live | State::Ended | State::Fetched)
    }
}

/// An instance and its place in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Row number in this store.
    pub id: i64,
    /// Account.
    pub account: String,
    /// What Zoom said.
    #[serde(flatten)]
    pub instance: Instance,
    /// When a list first held it.
    pub first_seen_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Why it is open or closed, or the evidence that verified it.
    pub reason: Option<String>,
    /// When it is looked at again.
    pub next_look_at: Option<Timestamp>,
    /// Since when it stands there.
    pub state_since: Timestamp,
    /// What quality words of Zoom's say against its call, such as "audio was called poor".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_word: Option<String>,
}

/// The answer to "put this instance".
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The record as it is now.
    pub record: Record,
    /// It was not in the ledger before.
    pub is_new: bool,
    /// Something about it changed.
    pub is_changed: bool,
}

/// Which instances.
#[derive(Debug, Clone, Default)]
pub struct InstanceFilter {
    /// Only this account.
    pub account: Option<String>,
    /// Only those that start in this window. One whose start nobody has told may, so it counts.
    pub window: Option<Window>,
    /// Only those still open.
    pub open_only: bool,
    /// Only those closed.
    pub closed_only: bool,
}

/// How many instances stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// Where.
    pub state: State,
    /// How many.
    pub instances: u64,
}

pub(crate) const COLUMNS: &str = "instance_id, account, uuid, kind, number, topic, host_email, host_name, zoom_type, started_at,
    ended_at, times_from, listed_count, is_one_person, is_live, first_seen_at, state, reason, next_look_at, state_since,
    quality_word";

/// How many columns that is.
pub(crate) const COLUMN_COUNT: usize = 21;

/// The same, of a table that goes by a short name in a join.
pub(crate) fn columns_of(table: &str) -> String {
    COLUMNS.split(',').map(|column| format!("{table}.{}", column.trim())).collect::<Vec<_>>().join(", ")
}

const INSERT: &str = "insert into instance (account, uuid, kind, number, topic, host_email, host_name, zoom_type,
        started_at, ended_at, times_from, listed_count, is_one_person, is_live, first_seen_at, state, state_since)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?15)";
const UPDATE: &str = "update instance set kind = ?2, number = ?3, topic = ?4, host_email = ?5, host_name = ?6,
        zoom_type = ?7, started_at = ?8, ended_at = ?9, times_from = ?10, listed_count = ?11, is_one_person = ?12,
        is_live = ?13, changes = changes + 1 where instance_id = ?1";
const SET_STATE: &str = "update instance set
        state_since = case when state = ?2 then state_since else ?5 end, changes = changes + (state <> ?2),
        state = ?2, reason = ?3, next_look_at = ?4
    where instance_id = ?1";

const FILTER: &str = "(?1 is null or account = ?1)
    and (?2 is null or started_at is null or started_at >= ?2)
    and (?3 is null or started_at is null or started_at < ?3)
    and (?4 = 0 or state in ('live', 'ended', 'fetched'))
    and (?5 = 0 or state = 'closed')";
/// The same in words that name an index: of years, only the days that are meant are read.
const OPEN: &str = "state in ('live', 'ended', 'fetched') and ";
const WITHIN: &str = "instance_id in (
        select instance_id from instance where account in (select name from account)
            and started_at >= ?2 and started_at < ?3
        union all
        select instance_id from instance where account in (select name from account) and started_at is null
    ) and ";

impl Store {
    /// Adds an instance, or takes over what a later answer knows better.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_instance(&mut self, now: Timestamp, account: &str, mut told: Instance) -> Result<Found> {
        let Some(mut record) = self.instance_by_uuid(account, &told.uuid)? else {
            self.hide_host(&mut told)?;
            let state = if told.is_live { State::Live } else { State::Ended };
            self.insert_instance(now, account, &told, state)?;
            let id = self.connection.last_insert_rowid();
            let record = Record {
                id,
                account: account.into(),
                instance: told,
                first_seen_at: now,
                state,
                reason: None,
                next_look_at: None,
                state_since: now,
                quality_word: None,
            };
            return Ok(Found { record, is_new: true, is_changed: true });
        };
        let before = record.instance.clone();
        record.instance.absorb(told);
        self.hide_host(&mut record.instance)?;
        let is_changed = record.instance != before;
        if is_changed {
            self.update_instance(record.id, &record.instance)?;
        }
        Ok(Found { record, is_new: false, is_changed })
    }

    fn insert_instance(&mut self, now: Timestamp, account: &str, i: &Instance, state: State) -> Result<()> {
        self.connection.prepare_cached(INSERT)?.execute(rusqlite::params![
            account,
            i.uuid,
            i.kind.name(),
            i.number,
            i.topic,
            i.host_email,
            i.host_name,
            i.zoom_type,
            opt_ms(i.started_at),
            opt_ms(i.ended_at),
            times_name(i.times_from),
            i.listed_count,
            i.is_one_person,
            i.is_live,
            ms(now),
            state.name(),
        ])?;
        Ok(())
    }

    /// Writes an instance's facts as they are.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn update_instance(&mut self, id: i64, i: &Instance) -> Result<()> {
        self.connection.prepare_cached(UPDATE)?.execute(rusqlite::params![
            id,
            i.kind.name(),
            i.number,
            i.topic,
            i.host_email,
            i.host_name,
            i.zoom_type,
            opt_ms(i.started_at),
            opt_ms(i.ended_at),
            times_name(i.times_from),
            i.listed_count,
            i.is_one_person,
            i.is_live,
        ])?;
        Ok(())
    }

    /// Moves an instance to a state.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn set_state(
        &mut self,
        now: Timestamp,
        id: i64,
        state: State,
        reason: Option<&str>,
        next_look_at: Option<Timestamp>,
    ) -> Result<()> {
        self.connection.prepare_cached(SET_STATE)?.execute((
            id,
            state.name(),
            reason,
            opt_ms(next_look_at),
            ms(now),
        ))?;
        Ok(())
    }

    /// Keeps what quality words say against the call of an instance, in place of what was kept.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn set_quality_word(&mut self, id: i64, word: Option<&str>) -> Result<()> {
        let sql = "update instance set quality_word = ?2 where instance_id = ?1";
        self.connection.prepare_cached(sql)?.execute((id, word))?;
        Ok(())
    }

    /// Takes an instance out of the ledger again: a list without times held it, and it turned out to belong to a day
    /// nobody asked for. Only possible while nothing was read of it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn drop_unread_instance(&mut self, id: i64) -> Result<()> {
        self.connection.execute("delete from job where instance_id = ?1", [id])?;
        self.connection.execute("delete from reading where instance_id = ?1", [id])?;
        self.connection.execute("delete from quality where instance_id = ?1", [id])?;
        for table in ["sighting", "quality_event", "event_instance"] {
            self.connection.execute(&format!("delete from {table} where instance_id = ?1"), [id])?;
        }
        // A look while it ran may have told of calls already.
        self.unsum_instance(id)?;
        self.connection.execute(
            "delete from quality_samples where quality_id in (select quality_id from quality_stay where instance_id = ?1)",
            [id],
        )?;
        // Nobody was told of it: without stays there is nothing to tell.
        self.connection.execute("delete from delivery where instance_id = ?1", [id])?;
        self.connection.execute("delete from delivery_rows where instance_id = ?1", [id])?;
        self.connection.execute("delete from quality_stay where instance_id = ?1", [id])?;
        self.connection.execute(
            "delete from instance where instance_id = ?1 and not exists (select 1 from stay where stay.instance_id = ?1)",
            [id],
        )?;
        Ok(())
    }

    /// One instance.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instance(&self, id: i64) -> Result<Option<Record>> {
        let sql = format!("select {COLUMNS} from instance where instance_id = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], record).optional()?)
    }

    /// The instance of that UUID in one account.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instance_by_uuid(&self, account: &str, uuid: &str) -> Result<Option<Record>> {
        let sql = format!("select {COLUMNS} from instance where uuid = ?1 and account = ?2");
        Ok(self.connection.prepare_cached(&sql)?.query_row((uuid, account), record).optional()?)
    }

    /// Every instance of a number, or the one of a UUID, in one account or all, by start.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instances_named(
        &self,
        account: Option<&str>,
        number: Option<u64>,
        uuid: &str,
    ) -> Result<Vec<Record>> {
        let sql = format!(
            "select {COLUMNS} from instance where (uuid = ?1 or number = ?2) and (?3 is null or account = ?3)
             order by account, coalesce(started_at, first_seen_at), uuid"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((uuid, number, account), record)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Visits instances in the order of their UUIDs, one at a time.
    ///
    /// # Errors
    /// If the store cannot be read, or what `visit` returns.
    pub fn each_instance<E: From<crate::Error>>(
        &self,
        filter: &InstanceFilter,
        mut visit: impl FnMut(Record) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql =
            format!("select {COLUMNS} from instance where {} order by uuid, account", condition(filter));
        let mut statement = self.connection.prepare_cached(&sql).map_err(crate::Error::from)?;
        let mut rows = statement.query(filter_params(filter)).map_err(crate::Error::from)?;
        while let Some(row) = rows.next().map_err(crate::Error::from)? {
            visit(record(row).map_err(crate::Error::from)?)?;
        }
        Ok(())
    }

    /// Instances by next look, then start; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instances(&self, filter: &InstanceFilter, limit: u32) -> Result<Vec<Record>> {
        let sql = format!(
            "select {COLUMNS} from instance where {}
             order by next_look_at is null, next_look_at, started_at, uuid limit {limit}",
            condition(filter)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(filter_params(filter), record)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many instances stand where.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_states(&self, filter: &InstanceFilter) -> Result<Vec<StateCount>> {
        let sql = format!("select state, count(*) from instance where {} group by state", condition(filter));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(filter_params(filter), |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut counts: Vec<StateCount> = rows
            .map(|row| {
                row.map(|(state, instances)| StateCount { state: State::from_name(&state), instances })
            })
            .collect::<rusqlite::Result<_>>()?;
        counts.sort_by_key(|count| count.state);
        Ok(counts)
    }

    /// Why instances are open or closed, most frequent first. An instance's own UUID in a reason is left out, so that
    /// equal reasons count together.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_reasons(&self, filter: &InstanceFilter) -> Result<Vec<(State, String, u64)>> {
        let sql = format!(
            "select state, replace(coalesce(reason, ''), uuid, '…') as why, count(*) from instance where {}
             group by state, why order by count(*) desc, why",
            condition(filter)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(filter_params(filter), |row| {
            Ok((State::from_name(&row.get::<_, String>(0)?), row.get(1)?, row.get(2)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Listed people and one-person runs of past days, for forecasts without asking Zoom: for each UTC day of the
    /// window, instances of two people or more and those of one.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn instances_a_day(&self, account: &str, window: Window) -> Result<Vec<(i64, u64, u64)>> {
        let sql = "select started_at / 86400000, sum(1 - is_one_person), sum(is_one_person) from instance
            where account = ?1 and started_at >= ?2 and started_at < ?3 group by 1 order by 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((account, ms(window.from), ms(window.to)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Which instances are meant, in SQL.
fn condition(filter: &InstanceFilter) -> String {
    let by_index = match (filter.open_only, filter.window) {
        (true, _) => OPEN,
        (false, Some(_)) => WITHIN,
        (false, None) => "",
    };
    format!("{by_index}{FILTER}")
}

fn filter_params(filter: &InstanceFilter) -> impl rusqlite::Params + use<> {
    (
        filter.account.clone(),
        filter.window.map(|window| ms(window.from)),
        filter.window.map(|window| ms(window.to)),
        filter.open_only,
        filter.closed_only,
    )
}

fn times_name(times: TimesFrom) -> &'static str {
    match times {
        TimesFrom::Nowhere => "nowhere",
        TimesFrom::Derived => "derived",
        TimesFrom::Event => "event",
        TimesFrom::List => "list",
        TimesFrom::Details => "details",
    }
}

pub(crate) fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let times_from = match row.get_ref(11)?.as_str()? {
        "details" => TimesFrom::Details,
        "list" => TimesFrom::List,
        "derived" => TimesFrom::Derived,
        "event" => TimesFrom::Event,
        _ => TimesFrom::Nowhere,
    };
    Ok(Record {
        id: row.get(0)?,
        account: row.get(1)?,
        instance: Instance {
            uuid: row.get(2)?,
            kind: if row.get_ref(3)?.as_str()? == "webinar" { Kind::Webinar } else { Kind::Meeting },
            number: row.get(4)?,
            topic: row.get(5)?,
            host_email: row.get(6)?,
            host_name: row.get(7)?,
            zoom_type: row.get(8)?,
            started_at: opt_from_ms(row.get(9)?),
            ended_at: opt_from_ms(row.get(10)?),
            times_from,
            listed_count: row.get(12)?,
            is_one_person: row.get(13)?,
            is_live: row.get(14)?,
        },
        first_seen_at: from_ms(row.get(15)?),
        state: State::from_name(row.get_ref(16)?.as_str()?),
        reason: row.get(17)?,
        next_look_at: opt_from_ms(row.get(18)?),
        state_since: from_ms(row.get(19)?),
        quality_word: row.get(20)?,
    })
}
