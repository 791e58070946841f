//! Who is in a running instance, and what events alone prove of its attendance.
//!
//! Events come late, twice, out of order or never (quirks 69, 70, 75). So nothing is counted up or down: what was
//! seen is kept as a set of sightings, and everything is derived from the whole set. The order of arrival and
//! repetitions cannot matter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reading::{Row, Status};

/// What an event saw somebody do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// Came in.
    Joined,
    /// Began to wait at the door, or was put back there.
    Waits,
    /// Stopped waiting: gone, or about to come in.
    StoppedWaiting,
    /// Was put back into the waiting room: no longer in.
    PutOut,
    /// Came into a breakout room.
    JoinedRoom,
    /// Left a breakout room.
    LeftRoom,
    /// Left.
    Left,
    /// Waits for the host to begin.
    WaitsForHost,
    /// Waits for the host no longer.
    StoppedWaitingForHost,
    /// Is the same person as another connection.
    Bound,
    /// Has these devices and this network.
    Equipped,
}

impl Sight {
    /// All of them, in the order in which those of one moment are taken: coming before going.
    pub const ALL: [Sight; 11] = [
        Sight::Joined,
        Sight::Waits,
        Sight::StoppedWaiting,
        Sight::PutOut,
        Sight::JoinedRoom,
        Sight::LeftRoom,
        Sight::Left,
        Sight::WaitsForHost,
        Sight::StoppedWaitingForHost,
        Sight::Bound,
        Sight::Equipped,
    ];

    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Sight::Joined => "joined",
            Sight::Waits => "waits",
            Sight::StoppedWaiting => "stopped_waiting",
            Sight::PutOut => "put_out",
            Sight::JoinedRoom => "joined_room",
            Sight::LeftRoom => "left_room",
            Sight::Left => "left",
            Sight::WaitsForHost => "waits_for_host",
            Sight::StoppedWaitingForHost => "stopped_waiting_for_host",
            Sight::Bound => "bound",
            Sight::Equipped => "equipped",
        }
    }

    /// The sight of that [`Sight::name`].
    pub fn from_name(name: &str) -> Option<Sight> {
        Sight::ALL.into_iter().find(|sight| sight.name() == name)
    }
}

/// One thing an event saw. Equal sightings are one, however often they were told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    /// When it happened, by the time inside the event.
    pub at: Timestamp,
    /// What.
    pub sight: Sight,
    /// Zoom's number of the connection; empty where the event does not tell it.
    pub user_id: String,
    /// The connection.
    pub participant_uuid: Option<String>,
    /// The breakout room.
    pub room: Option<String>,
    /// The other connection of the same person: in the main room, or the one it was bound to.
    pub other_user_id: Option<String>,
    /// The Zoom user; blank for guests.
    pub zoom_user_id: Option<String>,
    /// The registration.
    pub registrant_id: Option<String>,
    /// The name as typed.
    pub name: Option<String>,
    /// Blank for people outside the account.
    pub email: Option<String>,
    /// Device, network and reason to leave, by Zoom's names.
    pub details: BTreeMap<String, String>,
}

impl Sighting {
    /// A sighting of which only the time, the kind and the connection are known.
    pub fn of(at: Timestamp, sight: Sight, user_id: &str) -> Sighting {
        Sighting {
            at,
            sight,
            user_id: user_id.to_owned(),
            participant_uuid: None,
            room: None,
            other_user_id: None,
            zoom_user_id: None,
            registrant_id: None,
            name: None,
            email: None,
            details: BTreeMap::new(),
        }
    }

    /// Whose it is: the connection's number, else its id, else who it is.
    fn connection(&self) -> &str {
        match (self.user_id.as_str(), &self.participant_uuid) {
            ("", Some(uuid)) => uuid,
            ("", None) => self.zoom_user_id.as_deref().or(self.name.as_deref()).unwrap_or(""),
            (user_id, _) => user_id,
        }
    }
}

/// Where somebody is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "place", content = "room")]
pub enum Place {
    /// In the main room.
    Meeting,
    /// In a breakout room, by its UUID; rooms' names are not told.
    Breakout(String),
    /// In the waiting room.
    WaitingRoom,
    /// In front of a meeting that the host has not begun.
    BeforeHost,
}

/// One connection in one place, from coming to going.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spell {
    place: Place,
    connection: String,
    /// None where nobody saw them come.
    from: Option<Timestamp>,
    /// None while they are there, or where nobody saw them go.
    to: Option<Timestamp>,
}

/// Somebody who is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Zoom's number of the connection.
    pub user_id: String,
    /// The connection.
    pub participant_uuid: Option<String>,
    /// The Zoom user; blank for guests.
    pub zoom_user_id: Option<String>,
    /// The registration.
    pub registrant_id: Option<String>,
    /// The name as typed.
    pub name: Option<String>,
    /// Blank for people outside the account.
    pub email: Option<String>,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Since when they are there.
    pub since: Timestamp,
    /// Other connections of the same person, such as their telephone, that are there too.
    pub also: Vec<String>,
}

/// Who is there now, by what events told, sorted by the moment they came. Nobody is told twice: somebody in a
/// breakout room is not in the main room as well, and a telephone belongs to the computer it was bound to.
pub fn present(sightings: &[Sighting]) -> Vec<Present> {
    let open: Vec<Spell> = spells(sightings).into_iter().filter(|spell| spell.to.is_none()).collect();
    let known = Known::of(sightings);
    let of = |connection: &str| known.connection(connection);
    let in_rooms: BTreeSet<String> = open
        .iter()
        .filter(|spell| matches!(spell.place, Place::Breakout(_)))
        .filter_map(|spell| of(&spell.connection).other_user_id)
        .collect();
    let in_meeting: BTreeMap<&str, Option<Timestamp>> = open
        .iter()
        .filter(|spell| spell.place == Place::Meeting)
        .map(|spell| (spell.connection.as_str(), spell.from))
        .collect();
    let is_elsewhere = |spell: &Spell| match spell.place {
        Place::Meeting => in_rooms.contains(&spell.connection),
        // Whoever is in has stopped waiting, although nobody said so.
        Place::WaitingRoom | Place::BeforeHost => {
            in_meeting.get(spell.connection.as_str()).is_some_and(|from| *from >= spell.from)
        }
        Place::Breakout(_) => false,
    };
    let mut all: Vec<Present> = open
        .iter()
        .filter(|spell| !is_elsewhere(spell))
        .filter_map(|spell| {
            let known = of(&spell.connection);
            Some(Present {
                user_id: known.user_id,
                participant_uuid: known.participant_uuid,
                zoom_user_id: known.zoom_user_id,
                registrant_id: known.registrant_id,
                name: known.name,
                email: known.email,
                place: spell.place.clone(),
                since: spell.from?,
                also: Vec::new(),
            })
        })
        .collect();
    all.sort_by(|a, b| (a.since, &a.user_id, &a.place).cmp(&(b.since, &b.user_id, &b.place)));
    gather_bound(sightings, all)
}

/// How many people are in each place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Headcount {
    /// In the main room.
    pub in_meeting: usize,
    /// In breakout rooms.
    pub in_rooms: usize,
    /// In the waiting room.
    pub waiting: usize,
    /// In front of a meeting that the host has not begun.
    pub before_host: usize,
}

/// Counts who is there now.
pub fn headcount(present: &[Present]) -> Headcount {
    let mut count = Headcount::default();
    for one in present {
        match one.place {
            Place::Meeting => count.in_meeting += 1,
            Place::Breakout(_) => count.in_rooms += 1,
            Place::WaitingRoom => count.waiting += 1,
            Place::BeforeHost => count.before_host += 1,
        }
    }
    count
}

/// Puts bound connections under the one that came first.
fn gather_bound(sightings: &[Sighting], all: Vec<Present>) -> Vec<Present> {
    let bound: Vec<&Sighting> = sightings.iter().filter(|seen| seen.sight == Sight::Bound).collect();
    if bound.is_empty() {
        return all;
    }
    let mut gathered: Vec<Present> = Vec::with_capacity(all.len());
    for one in all {
        let is_bound = |held: &&mut Present| {
            bound.iter().any(|seen| {
                let pair = (seen.user_id.as_str(), seen.other_user_id.as_deref().unwrap_or(""));
                pair == (&held.user_id, &one.user_id) || pair == (&one.user_id, &held.user_id)
            })
        };
        match gathered.iter_mut().find(is_bound) {
            Some(held) => held.also.push(one.user_id),
            None => gathered.push(one),
        }
    }
    gathered
}

/// What events told of an instance as rows of a participants list: the same terms as every other family's.
///
/// With `ended_at`, whoever nobody saw leave left then (quirk 75).
pub fn rows(sightings: &[Sighting], ended_at: Option<Timestamp>) -> Vec<Row> {
    let all = Known::of(sightings);
    let mut rows: Vec<Row> = spells(sightings)
        .into_iter()
        // Time before the host is no time in the meeting, nor in its waiting room.
        .filter(|spell| spell.place != Place::BeforeHost)
        .map(|spell| {
            let known = all.connection(&spell.connection);
            let to = spell.to.or(ended_at.filter(|end| spell.from.is_none_or(|from| *end >= from)));
            Row {
                user_id: known.user_id,
                participant_uuid: known.participant_uuid,
                zoom_user_id: known.zoom_user_id,
                registrant_id: known.registrant_id,
                name: known.name,
                email: known.email,
                joined_at: spell.from,
                left_at: to,
                duration_seconds: None,
                status: match spell.place {
                    Place::WaitingRoom => Status::InWaitingRoom,
                    _ => Status::InMeeting,
                },
                is_breakout: match spell.place {
                    Place::Meeting => Some(false),
                    Place::Breakout(_) => Some(true),
                    Place::WaitingRoom | Place::BeforeHost => None,
                },
                details: known.details,
            }
        })
        .collect();
    rows.sort_by(|a, b| (a.joined_at, &a.user_id, a.left_at).cmp(&(b.joined_at, &b.user_id, b.left_at)));
    rows
}

/// Coming and going, paired. One who comes twice without going in between came once; one who goes without having
/// come was there since nobody knows when.
fn spells(sightings: &[Sighting]) -> Vec<Spell> {
    let mut marks: BTreeMap<(Place, String), Vec<(Timestamp, bool)>> = BTreeMap::new();
    for seen in sightings {
        let room = || Place::Breakout(seen.room.clone().unwrap_or_default());
        let told: &[(Place, bool)] = match seen.sight {
            Sight::Joined => &[(Place::Meeting, true)],
            Sight::Left => &[(Place::Meeting, false)],
            Sight::Waits => &[(Place::WaitingRoom, true)],
            Sight::StoppedWaiting => &[(Place::WaitingRoom, false)],
            Sight::PutOut => &[(Place::WaitingRoom, true), (Place::Meeting, false)],
            Sight::WaitsForHost => &[(Place::BeforeHost, true)],
            Sight::StoppedWaitingForHost => &[(Place::BeforeHost, false)],
            Sight::JoinedRoom => &[(room(), true)],
            Sight::LeftRoom => &[(room(), false)],
            Sight::Bound | Sight::Equipped => &[],
        };
        for (place, comes) in told {
            let of = marks.entry((place.clone(), seen.connection().to_owned())).or_default();
            of.push((seen.at, *comes));
        }
    }
    marks.into_iter().flat_map(|((place, connection), marks)| paired(&place, &connection, marks)).collect()
}

fn paired(place: &Place, connection: &str, mut marks: Vec<(Timestamp, bool)>) -> Vec<Spell> {
    // Of one moment, coming goes before going.
    marks.sort_by_key(|(at, comes)| (*at, !*comes));
    marks.dedup();
    let spell = |from, to| Spell { place: place.clone(), connection: connection.to_owned(), from, to };
    let (mut spells, mut since): (Vec<Spell>, Option<Timestamp>) = (Vec::new(), None);
    for (at, comes) in marks {
        match (comes, since) {
            (true, None) => since = Some(at),
            (true, Some(_)) => {}
            (false, Some(from)) => {
                spells.push(spell(Some(from), Some(at)));
                since = None;
            }
            // Going twice is going once.
            (false, None) if spells.is_empty() => spells.push(spell(None, Some(at))),
            (false, None) => {}
        }
    }
    spells.extend(since.map(|from| spell(Some(from), None)));
    spells
}

/// Sightings by connection.
struct Known<'a> {
    by_connection: BTreeMap<&'a str, Vec<&'a Sighting>>,
    /// Those that tie two connections together, by either of them.
    bound: BTreeMap<&'a str, &'a Sighting>,
}

impl<'a> Known<'a> {
    fn of(sightings: &'a [Sighting]) -> Known<'a> {
        let mut known = Known { by_connection: BTreeMap::new(), bound: BTreeMap::new() };
        let mut sorted: Vec<&Sighting> = sightings.iter().collect();
        sorted.sort();
        for seen in sorted {
            known.by_connection.entry(seen.connection()).or_default().push(seen);
            if let (Sight::Bound, Some(other)) = (seen.sight, &seen.other_user_id) {
                known.bound.insert(other, seen);
                known.bound.insert(seen.connection(), seen);
            }
        }
        known
    }

    /// All that is known of a connection: what was told last counts, a blank takes nothing away. What was told of
    /// one that it was bound to fills what is blank.
    fn connection(&self, connection: &str) -> Sighting {
        let mut known = Sighting::of(Timestamp::UNIX_EPOCH, Sight::Joined, "");
        for seen in self.by_connection.get(connection).into_iter().flatten() {
            known.absorb(seen);
        }
        if let Some(bound) = self.bound.get(connection) {
            let bound = (*bound).clone();
            known.zoom_user_id = known.zoom_user_id.or(bound.zoom_user_id);
            known.registrant_id = known.registrant_id.or(bound.registrant_id);
            known.name = known.name.or(bound.name);
            known.email = known.email.or(bound.email);
        }
        known
    }
}

impl Sighting {
    fn absorb(&mut self, later: &Sighting) {
        if !later.user_id.is_empty() {
            self.user_id.clone_from(&later.user_id);
        }
        let told = [
            (&later.participant_uuid, &mut self.participant_uuid),
            (&later.other_user_id, &mut self.other_user_id),
            (&later.zoom_user_id, &mut self.zoom_user_id),
            (&later.registrant_id, &mut self.registrant_id),
            (&later.name, &mut self.name),
            (&later.email, &mut self.email),
        ];
        for (told, held) in told {
            if told.is_some() {
                held.clone_from(told);
            }
        }
        self.details.extend(later.details.clone());
    }
}

#[cfg(test)]
mod tests;
