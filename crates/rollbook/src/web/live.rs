//! Who is in running meetings now, as far as Zoom's events told. Costs no call.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::completeness::words;
use rollbook_core::presence::{Headcount, Place, Present, headcount};
use rollbook_store::{Record, Result, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown;
use crate::collector::events::live_now;

/// How many people are in a running meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveCounts {
    /// In the main room.
    pub in_meeting: usize,
    /// In breakout rooms.
    pub in_rooms: usize,
    /// In the waiting room.
    pub waiting: usize,
    /// In front of a meeting that the host has not begun.
    pub before_host: usize,
    /// When what was told last happened.
    #[schema(value_type = String, format = DateTime)]
    pub told_until: Timestamp,
}

/// Somebody who is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PresentView {
    /// The name as typed.
    pub name: Option<String>,
    /// E-mail, where told.
    pub email: Option<String>,
    /// `meeting`, `breakout_room`, `waiting_room` or `before_host`.
    pub place: &'static str,
    /// Which breakout room, numbered as they were first entered; Zoom tells no names.
    pub room: Option<usize>,
    /// Since when they are there.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Whether they are there by telephone as well, or by another device.
    pub has_more_devices: bool,
}

/// Who is in a running meeting now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveView {
    /// How many; none where events told nothing of it.
    pub counts: Option<LiveCounts>,
    /// Who, those who came first first; none if the visitor may not see them.
    pub people: Option<Vec<PresentView>>,
    /// What Zoom's events have told at all.
    pub events: EventsView,
}

/// What Zoom's events have told at all: how fresh it is what follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventsView {
    /// When this was read.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// Whether a secret for them is set.
    pub is_set_up: bool,
    /// When the last one came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Timestamp>,
    /// Events that have come and are not taken over yet.
    pub waiting: u64,
    /// When the oldest of these came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_waiting_at: Option<Timestamp>,
}

impl EventsView {
    /// Reads it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(store: &Store, now: Timestamp, is_set_up: bool) -> Result<EventsView> {
        let count = store.count_events()?;
        Ok(EventsView {
            now,
            is_set_up,
            last_at: store.last_event_at()?,
            waiting: count.new,
            oldest_waiting_at: count.oldest_new_at,
        })
    }

    /// How fresh it is who is in, in a sentence.
    pub fn words(&self) -> String {
        match (self.last_at, self.is_set_up) {
            (None, false) => "Who is in right now is told by Zoom's events. They are not set up: the manual's page on webhooks says how.".to_owned(),
            (None, true) => "Who is in right now is told by Zoom's events. None has come yet: rollbook doctor says what may be wrong.".to_owned(),
            (Some(at), _) if self.waiting == 0 => {
                format!("By Zoom's events, the last one {}.", ago(self.now, at))
            }
            (Some(at), _) => format!(
                "By Zoom's events, the last one {}; {} not taken over yet, the oldest from {}.",
                ago(self.now, at),
                shown::count(self.waiting, "event is", "events are"),
                self.oldest_waiting_at.map_or_else(String::new, |at| ago(self.now, at)),
            ),
        }
    }
}

impl LiveCounts {
    fn of(told_until: Timestamp, present: &[Present]) -> LiveCounts {
        let Headcount { in_meeting, in_rooms, waiting, before_host } = headcount(present);
        LiveCounts { in_meeting, in_rooms, waiting, before_host, told_until }
    }

    /// `34 in, 3 of them in breakout rooms, 2 in the waiting room`.
    pub fn words(&self) -> String {
        let mut words = match self.in_meeting + self.in_rooms {
            0 => "nobody in".to_owned(),
            all => format!("{} in", shown::thousands(all as u64)),
        };
        for (count, place) in [
            (self.in_rooms, "of them in breakout rooms"),
            (self.waiting, "in the waiting room"),
            (self.before_host, "waiting for the host"),
        ] {
            if count > 0 {
                words += &format!(", {} {place}", shown::thousands(count as u64));
            }
        }
        words
    }
}

impl PresentView {
    /// Where, in words.
    pub fn place_words(&self) -> String {
        match (self.place, self.room) {
            ("breakout_room", Some(room)) => format!("breakout room {room}"),
            ("waiting_room", _) => "waiting room".to_owned(),
            ("before_host", _) => "waits for the host".to_owned(),
            _ => "in the meeting".to_owned(),
        }
    }
}

/// How many are in each of these, of those that run and of which events told.
///
/// # Errors
/// If the store cannot be read.
pub fn counts(store: &Store, running: &[&Record]) -> Result<BTreeMap<i64, LiveCounts>> {
    let live = live_now(store, running)?.into_iter();
    Ok(live.map(|(id, (until, present))| (id, LiveCounts::of(until, &present))).collect())
}

/// Who is in one of them now; none if it does not run.
///
/// # Errors
/// If the store cannot be read.
pub fn view(store: &Store, record: &Record, people: bool, events: EventsView) -> Result<Option<LiveView>> {
    if !record.instance.is_live {
        return Ok(None);
    }
    let told = live_now(store, &[record])?.remove(&record.id);
    let counts = told.as_ref().map(|(until, present)| LiveCounts::of(*until, present));
    let present = told.map_or_else(Vec::new, |(_, present)| present);
    Ok(Some(LiveView { counts, people: people.then(|| everybody(present)), events }))
}

fn everybody(present: Vec<Present>) -> Vec<PresentView> {
    let mut rooms: Vec<String> = Vec::new();
    let mut all = Vec::with_capacity(present.len());
    for one in present {
        let (place, room) = match one.place {
            Place::Meeting => ("meeting", None),
            Place::WaitingRoom => ("waiting_room", None),
            Place::BeforeHost => ("before_host", None),
            Place::Breakout(uuid) => {
                let known = rooms.iter().position(|one| *one == uuid);
                let place = known.unwrap_or_else(|| {
                    rooms.push(uuid);
                    rooms.len() - 1
                });
                ("breakout_room", Some(place + 1))
            }
        };
        let has_more_devices = !one.also.is_empty();
        all.push(PresentView {
            name: one.name,
            email: one.email,
            place,
            room,
            since: one.since,
            has_more_devices,
        });
    }
    all
}

/// `12s ago`; `just now` for what lies ahead by a clock that differs.
pub fn ago(now: Timestamp, at: Timestamp) -> String {
    let since = now.duration_since(at);
    if since < SignedDuration::from_secs(1) { "just now".to_owned() } else { format!("{} ago", words(since)) }
}

#[cfg(test)]
mod tests;
