//! Which sessions are looked at. Level-triggered: what counts is what Moodle was told and what is known now, not what
//! happened in between.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::roster::Activity;
use rollbook_core::time::Window;
use rollbook_store::{Candidate, DeliveryRecord, DeliveryState, State, Store};

use super::Site;

/// Sessions this young are compared with Moodle even where nothing is known to have changed: rosters change, and others
/// write there. Older ones only when their attendance changed, when asked for, or when somebody corrected a person.
pub const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Only sessions that start in there, and all of them.
    pub window: Option<Window>,
    /// Everything anew, whatever Moodle was told.
    pub again: bool,
    /// Sessions that are not proved complete too.
    pub incomplete: bool,
}

/// A session to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Its row in the store.
    pub instance: i64,
    /// Its meeting number.
    pub number: u64,
    /// Its end, where it is known.
    pub ended_at: Option<Timestamp>,
}

/// What there is to do, and what is left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// To be looked at: recent ones first, those of a course together.
    pub chosen: Vec<Chosen>,
    /// Told before, and nothing about them has changed.
    pub unchanged: u64,
    /// Still being collected.
    pub open: u64,
    /// Closed before they were complete.
    pub closed: u64,
}

/// What becomes of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Look,
    Unchanged,
    Open,
    Closed,
}

/// Chooses among all sessions that an activity shows.
///
/// # Errors
/// If the store cannot be read.
pub fn select(
    store: &Store,
    sink: &str,
    account: &str,
    site: &Site,
    now: Timestamp,
    asked: Asked,
) -> rollbook_store::Result<Selection> {
    let mut selection = Selection::default();
    let mut order: BTreeMap<(bool, i64, usize), Chosen> = BTreeMap::new();
    store.each_candidate(sink, account, asked.window, |candidate| {
        let number = candidate.record.instance.number.unwrap_or(0);
        let activities = site.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
        let Some(first) = activities.iter().find(|activity| activity.module.is_some()) else { return };
        match fate(&candidate, activities, now, asked) {
            Fate::Look => {
                let ended_at = candidate.record.instance.ended_at;
                let chosen = Chosen { instance: candidate.record.id, number, ended_at };
                order.insert((!is_recent(&candidate, now), first.course, order.len()), chosen);
            }
            Fate::Unchanged => selection.unchanged += 1,
            Fate::Open => selection.open += 1,
            Fate::Closed => selection.closed += 1,
        }
    })?;
    selection.chosen = order.into_values().collect();
    Ok(selection)
}

fn is_recent(candidate: &Candidate, now: Timestamp) -> bool {
    candidate.record.instance.started_at.is_none_or(|start| now.duration_since(start) < RECENT)
}

fn fate(candidate: &Candidate, activities: &[Activity], now: Timestamp, asked: Asked) -> Fate {
    match candidate.record.state {
        State::Verified => {}
        State::Fetched | State::Closed if asked.incomplete => {}
        State::Closed => return Fate::Closed,
        State::Live | State::Ended | State::Fetched => return Fate::Open,
    }
    let is_asked_for = asked.again || asked.window.is_some() || is_recent(candidate, now);
    match &candidate.delivery {
        None => Fate::Look,
        Some(line) if line.changes != candidate.changes => Fate::Look,
        Some(line) if matches!(line.state, DeliveryState::Due | DeliveryState::Failed) => Fate::Look,
        Some(_) if is_asked_for => Fate::Look,
        // Deleted and made anew, moved, or restored from a backup.
        Some(line) if line.state == DeliveryState::Done && is_elsewhere(line, activities) => Fate::Look,
        Some(_) => Fate::Unchanged,
    }
}

/// Whether it was told for an activity that no longer shows its meeting.
fn is_elsewhere(line: &DeliveryRecord, activities: &[Activity]) -> bool {
    let fits = |id: i64| activities.iter().any(|activity| activity.id == id && activity.module.is_some());
    line.activity.is_some_and(|id| !fits(id))
}

#[cfg(test)]
mod tests {
    use rollbook_core::instance::{Instance, Kind};
    use rollbook_store::Record;

    use super::*;

    fn at(day: i64) -> Timestamp {
        let first: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        first + SignedDuration::from_hours(24 * day)
    }

    /// A session of day 0 in that state; the outbox's line, if any, was written when it had changed twice.
    fn session(state: State, line: Option<DeliveryState>, changes: i64) -> Candidate {
        let mut instance = Instance::unknown("a==".into(), Kind::Meeting);
        instance.started_at = Some(at(0));
        let record = Record {
            id: 1,
            account: "default".into(),
            instance,
            first_seen_at: at(0),
            state,
            reason: None,
            next_look_at: None,
            state_since: at(0),
            quality_word: None,
        };
        let delivery = line.map(|state| DeliveryRecord { state, ..DeliveryRecord::new(at(0), 2) });
        Candidate { record, changes, delivery }
    }

    fn check(candidate: &Candidate, day: i64, asked: Asked, expected: Fate) {
        assert_eq!(fate(candidate, &[], at(day), asked), expected, "{candidate:?}");
    }

    #[test]
    fn a_session_of_an_activity_that_is_gone_is_looked_at_again() {
        let mut told = session(State::Verified, Some(DeliveryState::Done), 2);
        told.delivery.as_mut().unwrap().activity = Some(4);
        let activity = |id, module| Activity {
            id,
            module,
            course: 3,
            number: 91,
            host_id: String::new(),
            name: String::new(),
            planned_start: None,
            planned_length: SignedDuration::ZERO,
            is_recurring: false,
            is_webinar: false,
            grade_max: 0,
            grading_method: None,
            exists_on_zoom: true,
            is_visible: true,
        };
        let of = |activities: &[Activity]| fate(&told, activities, at(30), Asked::default());
        assert_eq!(of(&[activity(4, Some(40))]), Fate::Unchanged);
        assert_eq!(of(&[activity(4, Some(40)), activity(5, Some(50))]), Fate::Unchanged);
        assert_eq!(of(&[activity(5, Some(50))]), Fate::Look);
        assert_eq!(of(&[activity(4, None), activity(5, Some(50))]), Fate::Look);
    }

    #[test]
    fn only_complete_sessions_are_told_unless_incomplete_ones_are_wanted() {
        let anything = Asked::default();
        let incomplete = Asked { incomplete: true, ..Asked::default() };
        for (state, usually, if_wanted) in [
            (State::Verified, Fate::Look, Fate::Look),
            (State::Fetched, Fate::Open, Fate::Look),
            (State::Closed, Fate::Closed, Fate::Look),
            (State::Live, Fate::Open, Fate::Open),
            (State::Ended, Fate::Open, Fate::Open),
        ] {
            check(&session(state, None, 2), 1, anything, usually);
            check(&session(state, None, 2), 1, incomplete, if_wanted);
        }
    }

    #[test]
    fn an_old_session_is_looked_at_again_only_for_a_reason() {
        let told = |line, changes| session(State::Verified, Some(line), changes);
        let anything = Asked::default();
        check(&told(DeliveryState::Done, 2), 30, anything, Fate::Unchanged);
        check(&told(DeliveryState::HeldBack, 2), 30, anything, Fate::Unchanged);
        check(&told(DeliveryState::Done, 3), 30, anything, Fate::Look);
        check(&told(DeliveryState::HeldBack, 3), 30, anything, Fate::Look);
        check(&told(DeliveryState::Due, 2), 30, anything, Fate::Look);
        check(&told(DeliveryState::Failed, 2), 30, anything, Fate::Look);
        check(&told(DeliveryState::Done, 2), 30, Asked { again: true, ..anything }, Fate::Look);
        let window = Some(Window { from: at(0), to: at(1) });
        check(&told(DeliveryState::Done, 2), 30, Asked { window, ..anything }, Fate::Look);
    }

    #[test]
    fn a_recent_session_is_always_looked_at() {
        check(&session(State::Verified, Some(DeliveryState::Done), 2), 6, Asked::default(), Fate::Look);
        let mut timeless = session(State::Verified, Some(DeliveryState::HeldBack), 2);
        timeless.record.instance.started_at = None;
        check(&timeless, 30, Asked::default(), Fate::Look);
    }
}
