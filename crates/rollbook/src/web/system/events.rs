//! What Zoom's events are like: which come, how late, and whether some stay away.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::completeness::words;
use rollbook_store::{EventKindLine, Result, Store};
use serde::Serialize;
use utoipa::ToSchema;

use crate::report::hearing;
use crate::web::live::EventsView;
use crate::web::table::Table;

/// The latest events whose delay is looked at.
const LATEST: u32 = 1_000;

/// What Zoom's events are like.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventsReport {
    /// How many wait, and when the last one came.
    pub inbox: EventsView,
    /// Whether expected ones come, for each account with a secret or with events.
    pub accounts: Vec<HeardView>,
    /// Each kind that ever came.
    pub kinds: Vec<KindView>,
    /// How late the latest thousand came; none where none is kept.
    pub delay: Option<DelayView>,
}

/// One account's events.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeardView {
    /// Which.
    pub account: String,
    /// Whether those come that are expected.
    pub is_well: bool,
    /// What is so.
    pub says: String,
    /// What to do.
    pub advice: Option<String>,
}

/// One kind of event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KindView {
    /// Whose.
    pub account: String,
    /// Zoom's name of it.
    pub event: String,
    /// When the last one came.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// How many ever came, repetitions included.
    pub events: u64,
}

/// How long after they happened events came.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DelayView {
    /// How many were looked at.
    pub events: usize,
    /// Half of them came within this, in milliseconds.
    pub median_ms: i64,
    /// 99 of 100 came within this, in milliseconds.
    pub p99_ms: i64,
}

impl EventsReport {
    /// Reads it; `expected` are the accounts with a secret.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(store: &Store, now: Timestamp, expected: &[String]) -> Result<EventsReport> {
        let kinds = store.event_kinds()?;
        let mut accounts: Vec<&String> =
            expected.iter().chain(kinds.iter().map(|kind| &kind.account)).collect();
        accounts.sort();
        accounts.dedup();
        let heard = |account: &String| -> Result<HeardView> {
            let said = hearing::hear(store, now, account)?;
            Ok(HeardView {
                account: account.clone(),
                is_well: said.advice.is_none(),
                says: said.said,
                advice: said.advice,
            })
        };
        Ok(EventsReport {
            inbox: EventsView::read(store, now, !expected.is_empty())?,
            accounts: accounts.into_iter().map(heard).collect::<Result<_>>()?,
            delay: DelayView::of(&store.event_delays(LATEST)?),
            kinds: kinds.into_iter().map(KindView::from).collect(),
        })
    }

    /// The kinds as a file.
    pub fn table(&self) -> Table {
        let mut table = Table::new("events", &["account", "event", "last_at", "events"]);
        for one in &self.kinds {
            let (account, event) = (one.account.as_str(), one.event.as_str());
            table.push([account.into(), event.into(), one.last_at.into(), one.events.into()]);
        }
        table
    }
}

impl From<EventKindLine> for KindView {
    fn from(line: EventKindLine) -> KindView {
        KindView {
            account: line.account,
            event: line.name,
            last_at: line.source.last_at,
            events: line.source.events,
        }
    }
}

impl DelayView {
    /// Of delays, the shortest first.
    fn of(delays: &[SignedDuration]) -> Option<DelayView> {
        let at = |percent: usize| delays.get((delays.len().saturating_sub(1)) * percent / 100);
        let ms = |delay: &SignedDuration| i64::try_from(delay.as_millis()).unwrap_or(i64::MAX).max(0);
        Some(DelayView { events: delays.len(), median_ms: ms(at(50)?), p99_ms: ms(at(99)?) })
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        format!(
            "Of the last {} half came within {} of what they tell, 99 of 100 within {}.",
            self.events,
            short(self.median_ms),
            short(self.p99_ms)
        )
    }
}

/// Tenths of seconds below a minute.
fn short(ms: i64) -> String {
    #[allow(clippy::cast_precision_loss)]
    match ms {
        ms if ms < 60_000 => format!("{:.1}s", ms as f64 / 1e3),
        ms => words(SignedDuration::from_millis(ms)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use rollbook_core::request::Role;
    use rollbook_store::NewEvent;

    use crate::web::tests::site::{NOW, Site};

    #[tokio::test]
    async fn each_kind_is_told_with_its_last_one_what_waits_and_how_late_they_come() {
        let site = Site::new();
        let empty = site.get_as(Role::Admin, "/system").await.body;
        assert!(empty.contains("They are not set up"), "{empty}");
        let mut store = site.store();
        let now: jiff::Timestamp = NOW.parse().unwrap();
        for (name, late) in [("meeting.started", 2), ("meeting.ended", 3), ("meeting.ended", 90)] {
            let (happened, came) =
                (now - SignedDuration::from_secs(late + 60), now - SignedDuration::from_secs(60));
            let body = format!("{name} {late}");
            let event = NewEvent::pack("default", name, None, Some(happened), came, body.as_bytes());
            store.put_event(&event.unwrap()).unwrap();
        }
        let events = site.get_as(Role::Admin, "/api/v1/system").await.json()["events"].clone();
        assert_eq!(events["inbox"]["waiting"], 3);
        assert_eq!(events["accounts"][0]["says"], "the last one came 1m ago");
        let kinds: Vec<(&str, u64)> = events["kinds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["event"].as_str().unwrap(), one["events"].as_u64().unwrap()))
            .collect();
        assert_eq!(kinds, [("meeting.ended", 2), ("meeting.started", 1)]);
        let page = site.get_as(Role::Admin, "/system").await.body;
        for words in ["half came within 3.0s", "3 events are not taken over yet", "meeting.started"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let file = site.get_as(Role::Admin, "/system?table=events&format=csv").await.body;
        assert!(file.starts_with("account,event,last_at,events\r\n"), "{file}");
    }
}
