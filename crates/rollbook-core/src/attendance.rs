//! A person's presence in an instance: the union of stays, minutes, share of the meeting.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::person::{Person, Rule, people};
use crate::reading::Status;
use crate::stay::Stay;

/// One person's presence in one instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Presence {
    /// The name shown: that of the latest stay which has one.
    pub name: String,
    /// E-mail, where known.
    pub email: Option<String>,
    /// Which rule ties the stays together.
    pub rule: Rule,
    /// Stretches of presence, merged, in order. Waiting-room time is not presence (quirk 24).
    pub spans: Vec<Span>,
    /// Seconds present: overlapping stays (breakout rooms, second devices) count once (quirk 23).
    pub seconds: i64,
    /// Seconds present over the meeting's length; none while either is unknown.
    pub share: Option<f64>,
    /// Number of stays in the meeting.
    pub stays: usize,
    /// Seconds in the waiting room.
    pub waited_seconds: i64,
    /// Join of the first stay in the meeting that has no leave yet; from there on the minutes are a lower bound.
    pub open_since: Option<Timestamp>,
    /// Which of the stays given are this person's, by join.
    #[serde(skip)]
    pub members: Vec<usize>,
}

/// A merged stretch of presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// First instant present.
    pub from: Timestamp,
    /// First instant away.
    pub to: Timestamp,
}

/// Everyone's presence, longest first. `length` is how long the instance or session ran, where known.
pub fn presences(stays: &[Stay], length: Option<SignedDuration>) -> Vec<Presence> {
    let mut all: Vec<Presence> = people(stays).iter().map(|person| presence(person, stays, length)).collect();
    all.sort_by(|a, b| b.seconds.cmp(&a.seconds).then_with(|| a.name.cmp(&b.name)));
    all
}

fn presence(person: &Person, stays: &[Stay], length: Option<SignedDuration>) -> Presence {
    let of =
        |status| person.stays.iter().map(|index| &stays[*index]).filter(move |stay| stay.status == status);
    let spans = union(of(Status::InMeeting).filter_map(span));
    let seconds = total(&spans);
    let latest = |field: fn(&Stay) -> Option<&String>| {
        person.stays.iter().rev().find_map(|index| field(&stays[*index])).cloned()
    };
    let share = length.map(|length| length.as_secs_f64()).filter(|length| *length > 0.0);
    Presence {
        name: latest(|stay| stay.name.as_ref()).unwrap_or_else(|| "(no name)".to_owned()),
        email: latest(|stay| stay.email.as_ref()),
        rule: person.rule,
        seconds,
        // Listed times are rounded, so a full stay may come out a second above the whole.
        #[allow(clippy::cast_precision_loss)]
        share: share.map(|length| (seconds as f64 / length).min(1.0)),
        stays: of(Status::InMeeting).count(),
        waited_seconds: total(&union(of(Status::InWaitingRoom).filter_map(span))),
        open_since: of(Status::InMeeting).find(|stay| stay.left_at.is_none()).map(|stay| stay.joined_at),
        spans,
        members: person.stays.clone(),
    }
}

fn span(stay: &Stay) -> Option<Span> {
    Some(Span { from: stay.joined_at, to: stay.left_at? })
}

fn total(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.to.duration_since(span.from)).sum::<SignedDuration>().as_secs()
}

/// Overlapping and touching stretches become one.
pub fn union(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.filter(|span| span.to >= span.from).collect();
    sorted.sort_by_key(|span| (span.from, span.to));
    let mut merged: Vec<Span> = Vec::new();
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

/// Whether two instances of one number are shown as one session: a restart within `gap` (quirk 18), never in a
/// personal room, whose number says nothing about who meets there (quirk 22).
pub fn is_restart(
    earlier_end: Timestamp,
    later_start: Timestamp,
    gap: SignedDuration,
    is_personal_room: bool,
) -> bool {
    !is_personal_room && later_start >= earlier_end && later_start.duration_since(earlier_end) <= gap
}

#[cfg(test)]
mod tests;
