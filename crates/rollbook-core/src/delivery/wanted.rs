//! The rows Moodle should hold of one instance, or why they must wait.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Delivery, DetailsRow, ParticipantRow};
use crate::attendance::{Span, union};
use crate::identity::stored_email;
use crate::instance::Instance;
use crate::person::people;
use crate::reading::Status;
use crate::stay::{SAME_JOIN, Stay};

/// Longest `{zoom_meeting_details}.uuid` and `{zoom_meeting_participants}.uuid`, in characters (MOODLE.md section 1).
const UUID_CHARACTERS: usize = 30;
/// Longest `zoomuserid`.
const USER_ID_CHARACTERS: usize = 35;
/// Longest `name`.
const NAME_CHARACTERS: usize = 255;
/// Longest `topic`.
const TOPIC_CHARACTERS: usize = 300;

/// Why an instance cannot be delivered yet, in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeldBack {
    /// Zoom told no meeting number.
    #[error("Zoom has not told its meeting number yet")]
    NumberUnknown,
    /// No start.
    #[error("Zoom has not told when it started; Moodle would show 1970")]
    StartUnknown,
    /// No end.
    #[error("Zoom has not told when it ended; Moodle would show 1970")]
    EndUnknown,
    /// The end is not after the start. Moodle's grading divides by the length (MOODLE.md section 2).
    #[error("Zoom says that it started at {start} and ended at {end}, which leaves no time to attend")]
    NoLength {
        /// The start told.
        start: Timestamp,
        /// The end told.
        end: Timestamp,
    },
    /// Stays without a leave time, or without a join that can be.
    #[error("Zoom has not told join and leave of {count} of its stays yet; Moodle would show 1970")]
    StaysOpen {
        /// How many.
        count: usize,
    },
    /// The UUID is the key in Moodle and cannot be cut.
    #[error("Moodle's column for the UUID takes 1 to 30 characters, and Zoom's {uuid:?} does not fit")]
    UuidDoesNotFit {
        /// As Zoom told it.
        uuid: String,
    },
}

/// The unit of `{zoom_meeting_details}.duration` (MOODLE.md section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// As documented.
    Seconds,
    /// Begun minutes, as the plugin stores them from the report API (quirk 9).
    Minutes,
}

/// What to do about stays that have no leave time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// The whole instance waits until they have.
    HoldBack,
    /// They are left out until they have: what is known is delivered, and corrected later.
    LeaveOut,
}

/// How deliveries are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The unit of the details row's duration.
    pub unit: LengthUnit,
    /// Stays without a leave time.
    pub unfinished: Unfinished,
}

/// Who a stay is written as; found by [`crate::identity`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// `{user}.id`; none when unsure.
    pub userid: Option<i64>,
    /// The name to store, of any length.
    pub name: String,
    /// That user's e-mail in Moodle, stored where Zoom gives none (MOODLE.md section 3).
    pub email: Option<String>,
}

/// Makes the rows of an instance for the activity `zoomid` (`{zoom}.id`). `named` says who the stay with an index is.
///
/// - Withdrawn and waiting-room stays are left out (quirk 24), and those of people who were erased.
/// - A stay in a breakout room counts only for time that its person's other stays do not cover (quirks 23, 25): with
///   nothing of its own it is left out; where it sticks out it is delivered with its own join and leave, and with the time
///   of its own as duration, so that the durations on Moodle's page add up. Where Zoom does not tell breakout rooms apart
///   (past meetings), rows are delivered as they are, as the plugin would.
/// - Names are cut to 255 characters and topics to 300. A participant id over 30 characters is stored as none, a user id
///   over 35 as empty: cut, they could be somebody else's. NUL, which PostgreSQL refuses, is dropped.
///
/// # Errors
/// If times are not known, which Moodle would show as 1970, or the UUID does not fit.
pub fn delivery(
    instance: &Instance,
    stays: &[Stay],
    named: impl Fn(usize) -> Named,
    zoomid: i64,
    settings: Settings,
) -> Result<Delivery, HeldBack> {
    let details = details(instance, zoomid, settings.unit)?;
    let own_time = breakout_time(stays);
    let mut delivery = Delivery { details, participants: Vec::new(), left_out: Vec::new() };
    let mut open = 0;
    for (index, stay) in stays.iter().enumerate() {
        let row = participant(stay, named(index), own_time.get(&index).copied());
        // Of somebody erased Moodle is told nothing more, and what it holds is left to Moodle. A pseudonym says nothing there.
        let is_presence = !stay.is_withdrawn && stay.status == Status::InMeeting && !stay.is_nameless();
        let is_covered = own_time.get(&index) == Some(&0);
        let is_open = row.leave_time < row.join_time || row.join_time <= 0;
        open += usize::from(is_presence && is_open);
        let rows = match is_presence && !is_covered && !is_open {
            true => &mut delivery.participants,
            false => &mut delivery.left_out,
        };
        rows.push(row);
    }
    if open > 0 && settings.unfinished == Unfinished::HoldBack {
        return Err(HeldBack::StaysOpen { count: open });
    }
    for rows in [&mut delivery.participants, &mut delivery.left_out] {
        rows.sort_by(|a, b| (a.join_time, a).cmp(&(b.join_time, b)));
    }
    Ok(delivery)
}

fn details(instance: &Instance, zoomid: i64, unit: LengthUnit) -> Result<DetailsRow, HeldBack> {
    let uuid = fitting(&instance.uuid, UUID_CHARACTERS)
        .ok_or_else(|| HeldBack::UuidDoesNotFit { uuid: instance.uuid.clone() })?;
    let number = instance.number.and_then(|number| i64::try_from(number).ok()).filter(|number| *number > 0);
    let told = |at: Option<Timestamp>| at.filter(|at| at.as_second() > 0);
    let start = told(instance.started_at).ok_or(HeldBack::StartUnknown)?;
    let end = told(instance.ended_at).ok_or(HeldBack::EndUnknown)?;
    let seconds = end.as_second() - start.as_second();
    if seconds <= 0 {
        return Err(HeldBack::NoLength { start, end });
    }
    Ok(DetailsRow {
        uuid,
        meeting_id: number.ok_or(HeldBack::NumberUnknown)?,
        start_time: start.as_second(),
        end_time: end.as_second(),
        duration: match unit {
            LengthUnit::Seconds => seconds,
            LengthUnit::Minutes => (seconds + 59) / 60,
        },
        topic: cut(instance.topic.as_deref().unwrap_or_default(), TOPIC_CHARACTERS),
        total_minutes: None,
        participants_count: instance.listed_count.map(|count| i16::try_from(count).unwrap_or(i16::MAX)),
        zoomid,
    })
}

/// A stay's row. While Zoom has not told a leave it is 0, as the plugin stores it; such a row is never delivered.
fn participant(stay: &Stay, named: Named, own_seconds: Option<i64>) -> ParticipantRow {
    let join_time = stay.joined_at.as_second();
    let leave_time = stay.left_at.map_or(0, Timestamp::as_second);
    let email = stored_email(stay.email.as_deref(), named.email.as_deref());
    ParticipantRow {
        zoomuserid: fitting(&stay.user_id, USER_ID_CHARACTERS).unwrap_or_default(),
        join_time,
        leave_time,
        duration: own_seconds.unwrap_or_else(|| (leave_time - join_time).max(0)),
        userid: named.userid,
        uuid: stay.zoom_user_id.as_deref().and_then(|id| fitting(id, UUID_CHARACTERS)),
        user_email: email.map(|email| cut(&email, usize::MAX)),
        name: cut(&named.name, NAME_CHARACTERS),
    }
}

/// An id as it is, if the column takes it.
fn fitting(id: &str, characters: usize) -> Option<String> {
    let fits = !id.is_empty() && !id.contains('\0') && id.chars().count() <= characters;
    fits.then(|| id.to_owned())
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().filter(|symbol| *symbol != '\0').take(characters).collect()
}

/// For each stay in a breakout room, by index: the seconds that its person's other stays do not cover. Sticking out by
/// no more than rounding is nothing.
fn breakout_time(stays: &[Stay]) -> BTreeMap<usize, i64> {
    let span = |index: usize| Some(Span { from: stays[index].joined_at, to: stays[index].left_at? });
    let mut own_time = BTreeMap::new();
    for person in people(stays) {
        let present = person.stays.iter().copied().filter(|index| stays[*index].status == Status::InMeeting);
        let (rooms, main): (Vec<usize>, Vec<usize>) =
            present.partition(|index| stays[*index].is_breakout == Some(true));
        let mut covered = union(main.into_iter().filter_map(span));
        for (index, room) in rooms.into_iter().filter_map(|index| Some((index, span(index)?))) {
            let with_room = union(covered.iter().copied().chain([room]));
            let own = total(&with_room) - total(&covered);
            let is_rounding = own <= SAME_JOIN && own < room.to.duration_since(room.from);
            own_time.insert(index, if is_rounding { 0 } else { own.as_secs() });
            covered = with_room;
        }
    }
    own_time
}

fn total(spans: &[Span]) -> SignedDuration {
    spans.iter().map(|span| span.to.duration_since(span.from)).sum()
}

#[cfg(test)]
mod tests;
