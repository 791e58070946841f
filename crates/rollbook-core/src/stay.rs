//! Rows of several readings become stays: one connection of one participant each.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::family::Family;
use crate::reading::{Row, Rows, Status};

/// Joins of one `user_id` this close together are one stay: endpoints round differently, and page reloads
/// repeat lines (quirks 26, 27).
pub const SAME_JOIN: SignedDuration = SignedDuration::from_secs(5);

/// A stay is withdrawn when this many later complete readings no longer hold it.
pub const ABSENT_READINGS: usize = 2;

/// One connection of one participant to one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// Zoom's number of the connection within the instance.
    pub user_id: String,
    /// Per-connection id, where metrics or events told it.
    pub participant_uuid: Option<String>,
    /// The Zoom user.
    pub zoom_user_id: Option<String>,
    /// The registration.
    pub registrant_id: Option<String>,
    /// The name as Zoom gave it.
    pub name: Option<String>,
    /// The e-mail.
    pub email: Option<String>,
    /// Join.
    pub joined_at: Timestamp,
    /// Leave; unknown while live.
    pub left_at: Option<Timestamp>,
    /// In the meeting or waiting.
    pub status: Status,
    /// Breakout room yes, no or unknown.
    pub is_breakout: Option<bool>,
    /// The most trusted family that holds it.
    pub source: Family,
    /// Kept but not shown or exported: later complete readings no longer hold it.
    pub is_withdrawn: bool,
    /// For each field, which reading its value comes from (index into the readings given to [`merge`]).
    #[serde(skip)]
    pub evidence: BTreeMap<&'static str, usize>,
}

/// One reading as [`merge`] takes it.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Which family.
    pub family: Family,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Whether all of its rows are finished.
    pub is_finished: bool,
    /// Whether its rows are finished and pass the count test, so that it may speak for other families' stays.
    pub is_passing: bool,
    /// Its rows.
    pub rows: &'a [Row],
}

/// Merges readings into stays, sorted by join, then `user_id`.
///
/// Per field the more trusted family wins (report > past_meetings > metrics > event), and within one family the
/// later reading; a blank never replaces a value. A stay that two later readings no longer hold is withdrawn, if
/// those are of its own family or pass the count test; one that only events told, see [`is_withdrawn`].
pub fn merge(readings: &[Evidence<'_>]) -> Vec<Stay> {
    let mut order: Vec<usize> = (0..readings.len()).collect();
    // Events come last: what polling tells becomes the same stays with them as without.
    order.sort_by_key(|index| {
        let reading = &readings[*index];
        (reading.family == Family::Event, reading.asked_at, *index)
    });
    let mut merger = Merger::default();
    for index in order {
        merger.take(index, &readings[index]);
    }
    merger.finish(readings)
}

/// Summarises one list of rows for [`crate::completeness`].
pub fn summarise(family: Family, rows: &[Row]) -> Rows {
    let evidence =
        Evidence { family, asked_at: Timestamp::UNIX_EPOCH, is_finished: false, is_passing: false, rows };
    let stays = merge(&[evidence]);
    let in_meeting: Vec<&Stay> = stays.iter().filter(|stay| stay.status == Status::InMeeting).collect();
    Rows {
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        in_meeting: u32::try_from(in_meeting.len()).unwrap_or(u32::MAX),
        people_low: people_low(&in_meeting),
        half_made: u32::try_from(rows.iter().filter(|row| row.is_half_made()).count()).unwrap_or(u32::MAX),
        digest: digest(&stays),
    }
}

/// People who are provably different: distinct Zoom ids, registrations or e-mails, whichever proves most.
fn people_low(stays: &[&Stay]) -> u32 {
    let distinct = |field: fn(&Stay) -> Option<&String>| {
        stays.iter().filter_map(|stay| field(stay)).collect::<std::collections::BTreeSet<_>>().len()
    };
    let proved = distinct(|stay| stay.zoom_user_id.as_ref())
        .max(distinct(|stay| stay.registrant_id.as_ref()))
        .max(distinct(|stay| stay.email.as_ref()));
    u32::try_from(proved.max(usize::from(!stays.is_empty()))).unwrap_or(u32::MAX)
}

/// Equal for lists that say the same stays, whatever their order.
fn digest(stays: &[Stay]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for stay in stays {
        let left = stay.left_at.map_or(0, Timestamp::as_millisecond);
        let _ = writeln!(
            text,
            "{}|{}|{left}|{}|{}|{}",
            stay.user_id,
            stay.joined_at.as_millisecond(),
            stay.status.name(),
            stay.name.as_deref().unwrap_or(""),
            stay.email.as_deref().unwrap_or("")
        );
    }
    Sha256::digest(text).iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[derive(Default)]
struct Merger {
    stays: Vec<Building>,
    by_user: BTreeMap<String, Vec<usize>>,
}

struct Building {
    stay: Stay,
    /// For each field: trust and order of the reading its value came from.
    field_rank: BTreeMap<&'static str, (Family, Timestamp)>,
    seen_in: Vec<usize>,
    first_join: Timestamp,
}

impl Merger {
    fn take(&mut self, index: usize, reading: &Evidence<'_>) {
        for row in reading.rows {
            // A row without a join has no place yet; it makes its reading half-made, so the list is asked for again.
            let Some(joined_at) = row.joined_at.or_else(|| derived_join(row)) else { continue };
            let key = identity_key(row);
            let place = match self.find(&key, joined_at) {
                Some(place) => place,
                None => self.add(key, row, joined_at, reading.family),
            };
            self.stays[place].absorb(index, reading, row, joined_at);
        }
    }

    fn find(&self, key: &str, joined_at: Timestamp) -> Option<usize> {
        self.by_user.get(key)?.iter().copied().find(|place| {
            let join = self.stays[*place].first_join;
            join.duration_since(joined_at).abs() <= SAME_JOIN
        })
    }

    fn add(&mut self, key: String, row: &Row, joined_at: Timestamp, family: Family) -> usize {
        let place = self.stays.len();
        self.by_user.entry(key).or_default().push(place);
        self.stays.push(Building {
            stay: Stay {
                user_id: row.user_id.clone(),
                participant_uuid: None,
                zoom_user_id: None,
                registrant_id: None,
                name: None,
                email: None,
                joined_at,
                left_at: None,
                status: row.status,
                is_breakout: None,
                source: family,
                is_withdrawn: false,
                evidence: BTreeMap::new(),
            },
            field_rank: BTreeMap::new(),
            seen_in: Vec::new(),
            first_join: joined_at,
        });
        place
    }

    fn finish(self, readings: &[Evidence<'_>]) -> Vec<Stay> {
        let mut stays: Vec<Stay> = self
            .stays
            .into_iter()
            .map(|mut building| {
                building.stay.is_withdrawn = is_withdrawn(&building, readings);
                building.stay
            })
            .collect();
        stays.sort_by(|a, b| (a.joined_at, &a.user_id).cmp(&(b.joined_at, &b.user_id)));
        stays
    }
}

impl Building {
    fn absorb(&mut self, index: usize, reading: &Evidence<'_>, row: &Row, joined_at: Timestamp) {
        let repeats_line = self.seen_in.last() == Some(&index);
        if !repeats_line {
            self.seen_in.push(index);
        }
        let stay = &mut self.stay;
        stay.source = stay.source.max(reading.family);
        let mut field = Field { ranks: &mut self.field_rank, evidence: &mut stay.evidence, reading, index };
        if !repeats_line && field.wins("join_time", true) {
            stay.joined_at = joined_at;
        }
        // Lines repeated within one list (quirk 27) are one stay until the last of their leaves.
        let left_at = if repeats_line { row.left_at.max(stay.left_at) } else { row.left_at };
        if field.wins("leave_time", left_at.is_some()) {
            stay.left_at = left_at.map(|left| left.max(joined_at));
        }
        if field.wins("status", true) {
            stay.status = row.status;
        }
        if field.wins("breakout", row.is_breakout.is_some()) {
            stay.is_breakout = row.is_breakout;
        }
        let texts = [
            ("participant_uuid", &row.participant_uuid, &mut stay.participant_uuid),
            ("zoom_user_id", &row.zoom_user_id, &mut stay.zoom_user_id),
            ("registrant_id", &row.registrant_id, &mut stay.registrant_id),
            ("name", &row.name, &mut stay.name),
            ("email", &row.email, &mut stay.email),
        ];
        for (name, told, held) in texts {
            if field.wins(name, told.is_some()) {
                held.clone_from(told);
            }
        }
    }
}

/// Decides, field by field, whether the row at hand knows better than what is held.
struct Field<'a> {
    ranks: &'a mut BTreeMap<&'static str, (Family, Timestamp)>,
    evidence: &'a mut BTreeMap<&'static str, usize>,
    reading: &'a Evidence<'a>,
    index: usize,
}

impl Field<'_> {
    fn wins(&mut self, name: &'static str, is_told: bool) -> bool {
        let rank = (self.reading.family, self.reading.asked_at);
        let better = is_told && self.ranks.get(name).is_none_or(|held| rank >= *held);
        if better {
            self.ranks.insert(name, rank);
            self.evidence.insert(name, self.index);
        }
        better
    }
}

/// A stay that only events told is withdrawn by one list that has as many people as Zoom counted, or by two finished
/// ones, taken after its join: verified attendance is what Zoom's lists say, whichever events came.
fn is_withdrawn(building: &Building, readings: &[Evidence<'_>]) -> bool {
    let polled: Vec<usize> =
        building.seen_in.iter().copied().filter(|index| readings[*index].family != Family::Event).collect();
    if !polled.is_empty() {
        return is_withdrawn_by_lists(&polled, readings);
    }
    let without = || {
        readings.iter().filter(|reading| {
            reading.family != Family::Event
                && reading.is_finished
                && !reading.rows.is_empty()
                && reading.asked_at >= building.first_join
        })
    };
    without().any(|reading| reading.is_passing) || without().count() >= ABSENT_READINGS
}

fn is_withdrawn_by_lists(seen_in: &[usize], readings: &[Evidence<'_>]) -> bool {
    let last_seen = seen_in.iter().map(|index| readings[*index].asked_at).max();
    let families: Vec<Family> = seen_in.iter().map(|index| readings[*index].family).collect();
    let absent = readings
        .iter()
        .filter(|reading| reading.family != Family::Event)
        .filter(|reading| {
            Some(reading.asked_at) > last_seen && reading.is_finished && !reading.rows.is_empty()
        })
        .filter(|reading| reading.is_passing || families.contains(&reading.family))
        // Dashboards list fewer rows than the others (quirk 26), so they withdraw only what they alone have said.
        .filter(|reading| {
            reading.family != Family::Metrics || families.iter().all(|family| *family == Family::Metrics)
        })
        .count();
    absent >= ABSENT_READINGS
}

/// Blank `user_id`s are told apart by who they are.
fn identity_key(row: &Row) -> String {
    if row.user_id.is_empty() {
        format!("?{}|{}", row.name.as_deref().unwrap_or(""), row.email.as_deref().unwrap_or(""))
    } else {
        row.user_id.clone()
    }
}

fn derived_join(row: &Row) -> Option<Timestamp> {
    let seconds = row.duration_seconds.filter(|seconds| *seconds > 0)?;
    Some(row.left_at? - SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests;
