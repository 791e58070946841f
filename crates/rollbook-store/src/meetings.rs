//! Meetings as people look for them: by words, day, host, course, state and call quality, latest first, page by page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::time::Window;
use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use crate::deliveries::{self, DeliveryRecord};
use crate::error::Result;
use crate::instances::{COLUMN_COUNT, Record, State, StateCount, columns_of, record};
use crate::quality::QualityState;
use crate::sqlite::Store;
use crate::time::{from_ms, ms};

/// Instances with the words looked for that are looked through, the latest of them: more would make people wait, and who
/// finds so many has to say more anyway.
pub const WORDS_MAX: usize = 2_000;

/// Instances that are counted one by one.
pub const COUNT_MAX: u64 = 1_000;

/// Parts of words that the index knows.
const GRAM: usize = 3;

/// Which meetings.
#[derive(Debug, Clone, Default)]
pub struct MeetingSearch {
    /// Words that topic, host's name or e-mail all hold, in any case.
    pub words: Vec<String>,
    /// Whether the words are looked for among the instances of the window rather than in the index: better where the
    /// window is short, and complete.
    pub scans_window: bool,
    /// A number.
    pub number: Option<u64>,
    /// A UUID.
    pub uuid: Option<String>,
    /// Those that started then.
    pub window: Option<Window>,
    /// A host's e-mail, in any case.
    pub host: Option<String>,
    /// One of these states; empty for all.
    pub states: Vec<State>,
    /// How the calls went.
    pub quality: Option<QualityWanted>,
    /// Numbers that Moodle has in one of these courses, by their ids; none for all.
    pub courses: Option<Vec<i64>>,
    /// Only this account's; none for all.
    pub account: Option<String>,
    /// Only these numbers; none for all.
    pub numbers: Option<Vec<u64>>,
    /// Only these instances; none for all.
    pub ids: Option<Vec<i64>>,
    /// Behind this place.
    pub after: Option<Place>,
}

/// How calls went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QualityWanted {
    /// The share of bad minutes lies in this range, both ends included.
    BadShare(f64, f64),
    /// Nothing was measured.
    Unknown,
}

/// A place in the order of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Start, or when it was first seen, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Row number.
    pub id: i64,
}

/// A page of meetings, and how many there are on all pages.
#[derive(Debug, Clone, PartialEq)]
pub struct MeetingPage {
    /// The meetings of the page, latest first.
    pub meetings: Vec<MeetingFound>,
    /// Meetings on all pages, counted up to [`COUNT_MAX`]: one more than that means more.
    pub count: u64,
    /// Only the latest [`WORDS_MAX`] instances with the words were looked through.
    pub is_cut: bool,
}

/// One meeting found.
#[derive(Debug, Clone, PartialEq)]
pub struct MeetingFound {
    /// The instance.
    pub record: Record,
    /// Connections in the meeting that are known.
    pub stays: u64,
    /// Where its call quality stands; none if nobody wanted it.
    pub quality: Option<QualityState>,
    /// Its score, 0 to 100.
    pub score: Option<f64>,
    /// Bad minutes over all minutes, 0 to 1.
    pub bad_share: Option<f64>,
}

impl MeetingFound {
    /// Its place in the order.
    pub fn place(&self) -> Place {
        let at = self.record.instance.started_at.unwrap_or(self.record.first_seen_at);
        Place { at: ms(at), id: self.record.id }
    }
}

const OPEN: &str = "instance.state in ('live', 'ended', 'fetched')";
/// What is told of an instance beside its columns.
const CALLS: &str = "quality.state, quality.score, quality.bad_share, (select count(*) from stay
    where stay.instance_id = instance.instance_id and status = 'in_meeting' and is_withdrawn = 0)";
const AT: &str = "coalesce(instance.started_at, instance.first_seen_at)";

/// Conditions with their values, in the order of the question marks.
#[derive(Default)]
struct Conditions {
    text: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, text: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        self.text.push(text.into());
        self.values.extend(values);
    }

    fn sql(&self) -> String {
        if self.text.is_empty() { "true".to_owned() } else { self.text.join(" and ") }
    }
}

impl MeetingSearch {
    fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        self.words_looked_for(&mut all);
        if let Some(number) = self.number {
            all.add("instance.number = ?", [integer(number)]);
        }
        if let Some(uuid) = &self.uuid {
            all.add("instance.uuid = ?", [Value::from(uuid.clone())]);
        }
        if let Some(window) = self.window {
            let (from, to) = (ms(window.from), ms(window.to));
            all.add(format!("{AT} >= ? and {AT} < ?"), [Value::from(from), Value::from(to)]);
        }
        if let Some(host) = &self.host {
            all.add("instance.host_email = ? collate nocase", [Value::from(host.clone())]);
        }
        if !self.states.is_empty() {
            let marks = vec!["?"; self.states.len()].join(", ");
            let names = self.states.iter().map(|state| Value::from(state.name().to_owned()));
            all.add(format!("instance.state in ({marks})"), names);
        }
        match self.quality {
            Some(QualityWanted::BadShare(from, to)) => {
                all.add("quality.bad_share between ? and ?", [Value::from(from), Value::from(to)]);
            }
            Some(QualityWanted::Unknown) => all.add("quality.score is null", []),
            None => {}
        }
        if let Some(courses) = &self.courses {
            let ids = serde_json::json!(courses).to_string();
            all.add(
                "instance.number in (select known_number.number from known_number, json_each(known_number.courses) as course
                 where course.value in (select value from json_each(?)))",
                [Value::from(ids)],
            );
        }
        if let Some(account) = &self.account {
            all.add("instance.account = ?", [Value::from(account.clone())]);
        }
        if let Some(numbers) = &self.numbers {
            let numbers = serde_json::json!(numbers).to_string();
            all.add("instance.number in (select value from json_each(?))", [Value::from(numbers)]);
        }
        all
    }

    fn words_looked_for(&self, all: &mut Conditions) {
        let (long, short) = self.words_by_length();
        if let Some(ids) = &self.ids {
            let ids = Value::from(serde_json::json!(ids).to_string());
            all.add("instance.instance_id in (select value from json_each(?))", [ids]);
        } else if !long.is_empty() {
            all.add(
                format!(
                    "instance.instance_id in (select rowid from instance_words where instance_words match ?
                     order by rowid desc limit {WORDS_MAX})"
                ),
                [Value::from(matching(&long))],
            );
        }
        for word in short {
            let pattern = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = Value::from(format!("%{pattern}%"));
            all.add(
                "(instance.topic like ? escape '\\' or instance.host_name like ? escape '\\'
                  or instance.host_email like ? escape '\\')",
                [pattern.clone(), pattern.clone(), pattern],
            );
        }
    }
}

impl MeetingSearch {
    /// Words that the index is asked for, and those that are compared.
    fn words_by_length(&self) -> (Vec<&String>, Vec<&String>) {
        self.words.iter().partition(|word| !self.scans_window && word.chars().count() >= GRAM)
    }
}

/// All these words, as the index is asked for them.
fn matching(words: &[&String]) -> String {
    words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect::<Vec<_>>().join(" AND ")
}

fn integer(number: u64) -> Value {
    Value::from(i64::try_from(number).unwrap_or(i64::MAX))
}

impl Store {
    /// Meetings, latest first, at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn search_meetings(&self, search: &MeetingSearch, limit: u32) -> Result<Vec<MeetingFound>> {
        let mut conditions = search.conditions();
        if let Some(Place { at, id }) = search.after {
            conditions.add(format!("({AT}, instance.instance_id) < (?, ?)"), [at.into(), id.into()]);
        }
        // First which, then what of them: the columns of those that are left out are not read.
        let sql = format!(
            "with found as materialized (
                select instance.instance_id as found_id from instance left join quality using (instance_id)
                where {} order by {AT} desc, instance.instance_id desc limit {limit}
             )
             select {}, {CALLS}
             from found join instance on instance.instance_id = found_id left join quality using (instance_id)
             order by {AT} desc, instance.instance_id desc",
            conditions.sql(),
            columns_of("instance"),
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(conditions.values), found)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A page of meetings, latest first, at most `limit`, with their number on all pages. Whatever is looked for is looked
    /// for once.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn find_meetings(&self, search: &MeetingSearch, limit: u32) -> Result<MeetingPage> {
        let mut search = search.clone();
        let (long, _) = search.words_by_length();
        let mut is_cut = false;
        if !long.is_empty() {
            let mut ids = self.with_words(&matching(&long))?;
            is_cut = ids.len() > WORDS_MAX;
            ids.truncate(WORDS_MAX);
            search.ids = Some(ids);
        }
        let places = self.places(&search)?;
        let count = places.len() as u64;
        let is_behind =
            |place: &Place| search.after.is_none_or(|after| (place.at, place.id) < (after.at, after.id));
        let page: Vec<i64> = places
            .iter()
            .filter(|place| is_behind(place))
            .take(limit as usize)
            .map(|place| place.id)
            .collect();
        // Those that were not counted may stand on the page too.
        let meetings = match count > COUNT_MAX && page.len() < limit as usize {
            true => self.search_meetings(&search, limit)?,
            false => self.meetings_of(&page)?,
        };
        Ok(MeetingPage { meetings, count, is_cut })
    }

    /// The latest instances that hold these words, one more than are looked through.
    fn with_words(&self, matching: &str) -> Result<Vec<i64>> {
        let sql = format!(
            "select rowid from instance_words where instance_words match ?1 order by rowid desc limit {}",
            WORDS_MAX + 1
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([matching], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The places of what is looked for, wherever a page begins, as far as they are counted.
    fn places(&self, search: &MeetingSearch) -> Result<Vec<Place>> {
        let conditions = search.conditions();
        let sql = format!(
            "select {AT}, instance.instance_id from instance left join quality using (instance_id)
             where {} order by {AT} desc, instance.instance_id desc limit {}",
            conditions.sql(),
            COUNT_MAX + 1,
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(conditions.values), |row| {
            Ok(Place { at: row.get(0)?, id: row.get(1)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// These, latest first.
    fn meetings_of(&self, ids: &[i64]) -> Result<Vec<MeetingFound>> {
        let sql = format!(
            "select {}, {CALLS} from json_each(?1) as found join instance on instance.instance_id = found.value
                left join quality using (instance_id)
             order by {AT} desc, instance.instance_id desc",
            columns_of("instance"),
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([serde_json::json!(ids).to_string()], found)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many instances of a window stand where; those without a start count where they were first seen.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_window(&self, window: Window) -> Result<Vec<StateCount>> {
        // One state after another: then the index by state and time alone tells, and no instance is read.
        let sql = format!("select count(*) from instance where state = ?1 and {AT} >= ?2 and {AT} < ?3");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut counts = Vec::new();
        for state in State::ALL {
            let key = (state.name(), ms(window.from), ms(window.to));
            let instances: u64 = statement.query_row(key, |row| row.get(0))?;
            if instances > 0 {
                counts.push(StateCount { state, instances });
            }
        }
        Ok(counts)
    }

    /// Open instances by next look, at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn open_meetings(&self, limit: u32) -> Result<Vec<Record>> {
        let sql = format!(
            "select {} from instance where {OPEN} order by next_look_at is null, next_look_at, instance_id limit {limit}",
            columns_of("instance")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], record)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many instances are open, and when the last of them is looked at as far as that is planned.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_open(&self) -> Result<(u64, Option<Timestamp>)> {
        let sql = format!("select count(*), max(next_look_at) from instance where {OPEN}");
        let (count, last) = self
            .connection
            .prepare_cached(&sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?)))?;
        Ok((count, last.map(from_ms)))
    }

    /// Why instances are open, most frequent first, at most `limit` reasons. Figures in a reason are left out of it, so that
    /// equal reasons count together.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn open_reasons(&self, limit: usize) -> Result<Vec<(String, u64)>> {
        let sql = format!(
            "select replace(coalesce(reason, ''), uuid, '…') as why, count(*) from instance where {OPEN} group by why"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (reason, count): (String, u64) = (row.get(0)?, row.get(1)?);
            *counts.entry(kind_of(&reason)).or_default() += count;
        }
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.truncate(limit);
        Ok(counts)
    }

    /// What sinks were told of an instance, by sink.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn deliveries_of(&self, instance: i64) -> Result<Vec<(String, DeliveryRecord)>> {
        let sql = format!(
            "select d.sink, {} from delivery d where d.instance_id = ?1 order by d.sink",
            deliveries::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement
            .query_map([instance], |row| Ok((row.get::<_, String>(0)?, deliveries::delivery(row, 1)?)))?;
        let all = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(all.into_iter().filter_map(|(sink, line)| Some((sink, line?))).collect())
    }

    /// The latest deliveries to any sink: when, to which, of what.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn last_deliveries(&self, limit: u32) -> Result<Vec<(Timestamp, String, Record)>> {
        let sql = format!(
            "select {}, delivery.sink, delivery.delivered_at from delivery join instance using (instance_id)
             where delivered_at is not null order by delivered_at desc limit {limit}",
            columns_of("instance"),
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok((from_ms(row.get(COLUMN_COUNT + 1)?), row.get(COLUMN_COUNT)?, record(row)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Sinks that were ever told anything.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn sinks(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached("select sink from sink order by sink")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// A reason up to where it becomes that of one instance: figures become `…`.
fn kind_of(reason: &str) -> String {
    let words =
        reason.split(' ').map(|word| if word.starts_with(|c: char| c.is_ascii_digit()) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn found(row: &Row<'_>) -> rusqlite::Result<MeetingFound> {
    let quality: Option<String> = row.get(COLUMN_COUNT)?;
    Ok(MeetingFound {
        record: record(row)?,
        quality: quality.as_deref().map(QualityState::from_name),
        score: row.get(COLUMN_COUNT + 1)?,
        bad_share: row.get(COLUMN_COUNT + 2)?,
        stays: row.get(COLUMN_COUNT + 3)?,
    })
}
