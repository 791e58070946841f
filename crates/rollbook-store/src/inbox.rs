//! The inbox: events as Zoom posted them, durable before they are answered, in the order of their arrival.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Row;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::packed;
use crate::sqlite::Store;
use crate::time::{from_ms, ms, opt_from_ms, opt_ms};

/// Bytes of a body's digest that are kept: enough to tell any two events apart.
const DIGEST_BYTES: usize = 16;

/// An event ready to be kept. Packing costs more than writing: make it before the writer's turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    account: String,
    digest: Vec<u8>,
    name: String,
    uuid: Option<String>,
    event_at: Option<Timestamp>,
    received_at: Timestamp,
    body: Vec<u8>,
}

impl NewEvent {
    /// Packs an event: Zoom's name of it, the instance's UUID and when it happened, where the body tells.
    ///
    /// # Errors
    /// None that this program can cause.
    pub fn pack(
        account: &str,
        name: &str,
        uuid: Option<&str>,
        event_at: Option<Timestamp>,
        received_at: Timestamp,
        body: &[u8],
    ) -> Result<NewEvent> {
        Ok(NewEvent {
            account: account.to_owned(),
            digest: Sha256::digest(body)[..DIGEST_BYTES].to_vec(),
            name: name.to_owned(),
            uuid: uuid.map(str::to_owned),
            event_at,
            received_at,
            body: packed::pack_bytes(body)?,
        })
    }
}

/// Where an event of the inbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Not looked at.
    New,
    /// Waits for its instance to become known.
    Held,
    /// Taken over, or of no use.
    Done,
}

impl EventState {
    fn name(self) -> &'static str {
        match self {
            EventState::New => "new",
            EventState::Held => "held",
            EventState::Done => "done",
        }
    }
}

/// One event of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// Its place in the order of arrival.
    pub id: i64,
    /// Whose.
    pub account: String,
    /// Zoom's name of it.
    pub name: String,
    /// When it came.
    pub received_at: Timestamp,
    /// As it came.
    pub body: Vec<u8>,
}

/// What is in the inbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct InboxCount {
    /// Not looked at.
    pub new: u64,
    /// Waiting for their instance.
    pub held: u64,
    /// When the oldest that was not looked at came.
    pub oldest_new_at: Option<Timestamp>,
}

/// Since when events of an account, or of one kind, come, and when the last one came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EventSource {
    /// The first one ever.
    pub first_at: Timestamp,
    /// The last one.
    pub last_at: Timestamp,
    /// How many.
    pub events: u64,
}

/// One kind of event of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventKindLine {
    /// Whose.
    pub account: String,
    /// Zoom's name of the kind.
    pub name: String,
    /// Since when they come.
    pub source: EventSource,
}

const ADD: &str = "insert into inbox (account, digest, name, uuid, event_at, received_at, body, state)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'new') on conflict do nothing";
const NOTE: &str = "insert into event_kind values (?1, ?2, ?3, ?3, 1)
    on conflict do update set last_at = max(last_at, excluded.last_at), events = events + 1";
const NEW: &str = "select event_id, account, name, received_at, body from inbox where state = 'new'
    order by event_id limit ?1";
const DONE: &str = "update inbox set state = ?2, applied_at = ?3, outcome = ?4,
        body = case when ?2 = 'held' then body end
    where event_id = ?1";
const WAKE: &str = "update inbox set state = 'new' where state = 'held' and account = ?1 and uuid = ?2";
const EXPIRE: &str = "update inbox set state = 'done', applied_at = ?1, outcome = ?3, body = null
    where state = 'held' and received_at < ?2";
const PRUNE: &str = "delete from inbox where event_id in
    (select event_id from inbox where received_at < ?1 and state = 'done' order by received_at limit ?2)";
const COUNT: &str = "select (select count(*) from inbox where state = 'new'),
        (select count(*) from inbox where state = 'held'),
        (select received_at from inbox where state = 'new' order by event_id limit 1)";
const SOURCE: &str = "select min(first_at), max(last_at), sum(events) from event_kind where account = ?1";
const LAST: &str = "select max(last_at) from event_kind";
const KINDS: &str =
    "select account, name, first_at, last_at, events from event_kind where name <> '' order by account, name";
const DELAYS: &str = "select received_at - event_at from inbox where event_at is not null
    order by event_id desc limit ?1";
const REFUSE: &str =
    "insert into webhook_refusal values (?1, ?2) on conflict do update set last_at = excluded.last_at";
const REFUSED: &str =
    "select reason, last_at from webhook_refusal where last_at >= ?1 order by last_at desc, reason";
const OUTCOMES: &str = "select name, coalesce(outcome, state), count(*) from inbox where account = ?1
    group by 1, 2 order by 3 desc, 1, 2";

impl Store {
    /// Keeps an event; says whether it is new. One that was kept before is not kept again.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_event(&mut self, event: &NewEvent) -> Result<bool> {
        let received_at = ms(event.received_at);
        let added = self.connection.prepare_cached(ADD)?.execute((
            &event.account,
            &event.digest,
            &event.name,
            &event.uuid,
            opt_ms(event.event_at),
            received_at,
            &event.body,
        ))?;
        self.connection.prepare_cached(NOTE)?.execute((&event.account, &event.name, received_at))?;
        Ok(added > 0)
    }

    /// Events that nobody looked at, in the order of their arrival; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn new_events(&self, limit: u32) -> Result<Vec<InboxEvent>> {
        let mut statement = self.connection.prepare_cached(NEW)?;
        let rows = statement.query_map([limit], raw)?;
        rows.map(|row| {
            let (event, body) = row?;
            Ok(InboxEvent { body: body.map_or(Ok(Vec::new()), |body| packed::unpack_bytes(&body))?, ..event })
        })
        .collect()
    }

    /// Says what became of an event. Once it is taken over its body is gone, and the personal data in it; what
    /// recognises a repetition stays.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn settle_event(&mut self, now: Timestamp, id: i64, state: EventState, outcome: &str) -> Result<()> {
        let applied_at = Some(ms(now)).filter(|_| state == EventState::Done);
        self.connection.prepare_cached(DONE)?.execute((id, state.name(), applied_at, outcome))?;
        Ok(())
    }

    /// Events that waited for an instance are new again.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn wake_events(&mut self, account: &str, uuid: &str) -> Result<u64> {
        Ok(self.connection.prepare_cached(WAKE)?.execute((account, uuid))? as u64)
    }

    /// Events that came before a moment and still wait for their instance wait no longer.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn expire_events(&mut self, now: Timestamp, before: Timestamp, outcome: &str) -> Result<u64> {
        Ok(self.connection.prepare_cached(EXPIRE)?.execute((ms(now), ms(before), outcome))? as u64)
    }

    /// Drops events that wait for their instance, bodies and all: who they are about is not looked into.
    pub(crate) fn drop_held_events(&mut self, now: Timestamp, outcome: &str) -> Result<()> {
        self.expire_events(now, Timestamp::MAX, outcome).map(drop)
    }

    /// Forgets events that came before a moment and were taken over, the oldest first and so many at most; says how
    /// many. What is forgotten would be kept anew if it came again, so keep it for longer than anything comes again.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn prune_events(&mut self, before: Timestamp, at_most: u32) -> Result<u64> {
        Ok(self.connection.prepare_cached(PRUNE)?.execute((ms(before), at_most))? as u64)
    }

    /// How many events of all accounts wait in the inbox. Costs what waits, however many are kept.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn count_events(&self) -> Result<InboxCount> {
        Ok(self.connection.prepare_cached(COUNT)?.query_row([], |row| {
            Ok(InboxCount { new: row.get(0)?, held: row.get(1)?, oldest_new_at: opt_from_ms(row.get(2)?) })
        })?)
    }

    /// Since when events of an account come; none if none ever came.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn event_source(&self, account: &str) -> Result<Option<EventSource>> {
        let source = |row: &Row<'_>| {
            let Some(first_at) = row.get::<_, Option<i64>>(0)? else { return Ok(None) };
            let (last_at, events) = (from_ms(row.get(1)?), row.get(2)?);
            Ok(Some(EventSource { first_at: from_ms(first_at), last_at, events }))
        };
        Ok(self.connection.prepare_cached(SOURCE)?.query_row([account], source)?)
    }

    /// When the last event of any account came.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn last_event_at(&self) -> Result<Option<Timestamp>> {
        Ok(self.connection.prepare_cached(LAST)?.query_row([], |row| Ok(opt_from_ms(row.get(0)?)))?)
    }

    /// Since when events of each kind come, and when the last one came, by account and kind.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn event_kinds(&self) -> Result<Vec<EventKindLine>> {
        let mut statement = self.connection.prepare_cached(KINDS)?;
        let rows = statement.query_map([], |row| {
            let (first_at, last_at) = (from_ms(row.get(2)?), from_ms(row.get(3)?));
            let source = EventSource { first_at, last_at, events: row.get(4)? };
            Ok(EventKindLine { account: row.get(0)?, name: row.get(1)?, source })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How long after they happened the last events came, so many at most; the shortest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn event_delays(&self, of_last: u32) -> Result<Vec<SignedDuration>> {
        let mut statement = self.connection.prepare_cached(DELAYS)?;
        let rows = statement.query_map([of_last], |row| Ok(SignedDuration::from_millis(row.get(0)?)))?;
        let mut delays = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        delays.sort_unstable();
        Ok(delays)
    }

    /// Notes why a request was not believed to be Zoom's.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn note_webhook_refusal(&mut self, now: Timestamp, reason: &str) -> Result<()> {
        self.connection.prepare_cached(REFUSE)?.execute((reason, ms(now)))?;
        Ok(())
    }

    /// Why requests were not believed to be Zoom's since a moment, the latest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn webhook_refusals(&self, since: Timestamp) -> Result<Vec<(String, Timestamp)>> {
        let mut statement = self.connection.prepare_cached(REFUSED)?;
        let rows = statement.query_map([ms(since)], |row| Ok((row.get(0)?, from_ms(row.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What became of an account's events that are still kept: name, outcome, how many; most frequent first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn event_outcomes(&self, account: &str) -> Result<Vec<(String, String, u64)>> {
        let mut statement = self.connection.prepare_cached(OUTCOMES)?;
        let rows = statement.query_map([account], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn raw(row: &Row<'_>) -> rusqlite::Result<(InboxEvent, Option<Vec<u8>>)> {
    let event = InboxEvent {
        id: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        received_at: from_ms(row.get(3)?),
        body: Vec::new(),
    };
    Ok((event, row.get(4)?))
}
