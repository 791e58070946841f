//! What has to change in Moodle's table so that every stay is there once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Delivery, ExistingRow, Ours, ParticipantRow};
use crate::stay::SAME_JOIN;

/// Endpoints round differently, so times this close are the same time (DESIGN section 7, quirk 26).
const ROUNDING: u64 = SAME_JOIN.as_secs().unsigned_abs();

/// Whether rollbook may delete rows of its own: a grant of its own (MOODLE.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleting {
    /// It may.
    Granted,
    /// It may not: such rows stay, and are named.
    Refused,
}

/// One thing to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A stay that has no row.
    Insert(ParticipantRow),
    /// A row of ours: every column.
    CorrectOwn {
        /// `{zoom_meeting_participants}.id`.
        id: i64,
        /// As it is.
        old: ParticipantRow,
        /// As it should be.
        new: ParticipantRow,
    },
    /// A row of somebody else: leave and duration, nothing more.
    CorrectOthers {
        /// `{zoom_meeting_participants}.id`.
        id: i64,
        /// As it is, for the log.
        old: ParticipantRow,
        /// As it should be.
        new: ParticipantRow,
    },
    /// A row of ours whose stay is withdrawn, or has a row of somebody else as well.
    Delete {
        /// `{zoom_meeting_participants}.id`.
        id: i64,
        /// As it is.
        old: ParticipantRow,
    },
}

/// Something that is left as it is and should be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A second row of somebody else for one stay, such as the plugin leaves when Zoom corrects a leave time.
    Duplicate {
        /// Its id.
        id: i64,
        /// The row that is kept right.
        of: i64,
    },
    /// Ours, for a stay that is withdrawn or has another row, but DELETE is not granted.
    NotDeleted {
        /// Its id.
        id: i64,
    },
    /// Once ours, edited by somebody since, and of no stay that Zoom still tells of.
    Edited {
        /// Its id.
        id: i64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Duplicate { id, of } => {
                write!(
                    f,
                    "participant row {id} is a second one, by somebody else, for the stay of row {of}; left as it is"
                )
            }
            Note::NotDeleted { id } => {
                write!(
                    f,
                    "participant row {id} is ours and no longer wanted, but DELETE is not granted; left as it is"
                )
            }
            Note::Edited { id } => write!(
                f,
                "participant row {id} was ours and has been edited in Moodle; Zoom no longer tells of its stay; left as it is"
            ),
        }
    }
}

/// What to change, and what is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Corrections and deletions by id, then insertions by join.
    pub changes: Vec<Change>,
    /// What is left and should be known, by id.
    pub notes: Vec<Note>,
}

/// Compares the rows of one meeting with those it should have.
///
/// A row and a stay belong together when `zoomuserid` is equal and the joins are within 5 s; the nearest go together,
/// one to one, rows of others before ours. Rows of stays that are left out (`wanted.left_out`) take part, so that nobody
/// else's waiting-room row is taken for the stay that followed it. Where Zoom gave no `zoomuserid`, participant id, name
/// or e-mail have to agree as well.
///
/// - A row of somebody else is never deleted; its leave and duration are corrected where they are wrong by more than
///   rounding. A correction by a second would gain nothing and let the plugin, which compares leave times exactly, add
///   the row again.
/// - Of two rows for one stay, ours and somebody else's (the plugin's task ran at the same time), ours is deleted.
/// - Rows of ours are corrected in all columns, also into a stay of the same person that Zoom now tells with another join
///   or `zoomuserid`, and deleted when nobody's stay needs them. Without the grant they become any stay that lacks a row,
///   so that none is there twice.
///
/// The order of the inputs does not matter, and what the changes lead to needs no further change.
pub fn reconcile(
    existing: &[ExistingRow],
    wanted: &Delivery,
    ours: Ours<'_>,
    deleting: Deleting,
) -> Reconciled {
    let mut rows: Vec<&ExistingRow> = existing.iter().collect();
    rows.sort_by_key(|row| row.id);
    let (own, others): (Vec<&ExistingRow>, Vec<&ExistingRow>) =
        rows.into_iter().partition(|row| ours.holds(row));
    let mut stays: Vec<&ParticipantRow> = wanted.participants.iter().collect();
    stays.sort();
    let mut left_out: Vec<&ParticipantRow> = wanted.left_out.iter().collect();
    left_out.sort();
    let known: Vec<&ParticipantRow> = stays.iter().copied().chain(left_out).collect();

    let by_others = pair(&known, &others);
    let without_row: Vec<&ParticipantRow> =
        (0..stays.len()).filter(|at| !by_others.contains_key(at)).map(|at| stays[at]).collect();
    let mut by_us = pair(&without_row, &own);
    by_us.extend(reuse(&without_row, &own, &by_us, deleting));

    let mut changes = Vec::new();
    for (stay, row) in by_others.iter().filter(|(stay, _)| **stay < stays.len()) {
        changes.extend(correct_others(others[*row], stays[*stay]));
    }
    for (stay, row) in &by_us {
        changes.extend(correct_own(own[*row], without_row[*stay]));
    }
    let mut notes = notes_on_others(&known, stays.len(), &others, &by_others, ours);
    let kept: BTreeSet<usize> = by_us.values().copied().collect();
    for row in (0..own.len()).filter(|row| !kept.contains(row)).map(|row| own[row]) {
        match deleting {
            Deleting::Granted => changes.push(Change::Delete { id: row.id, old: row.row.clone() }),
            Deleting::Refused => notes.push(Note::NotDeleted { id: row.id }),
        }
    }
    changes.sort_by_key(Change::id);
    notes.sort_by_key(Note::id);
    let inserted = (0..without_row.len()).filter(|stay| !by_us.contains_key(stay));
    let mut inserted: Vec<&ParticipantRow> = inserted.map(|stay| without_row[stay]).collect();
    inserted.sort_by_key(|row| (row.join_time, *row));
    changes.extend(inserted.into_iter().map(|row| Change::Insert(row.clone())));
    Reconciled { changes, notes }
}

impl Change {
    /// The row it is about; none for one that is to be inserted.
    fn id(&self) -> Option<i64> {
        match self {
            Change::Insert(_) => None,
            Change::CorrectOwn { id, .. } | Change::CorrectOthers { id, .. } | Change::Delete { id, .. } => {
                Some(*id)
            }
        }
    }
}

impl Note {
    fn id(&self) -> i64 {
        match self {
            Note::Duplicate { id, .. } | Note::NotDeleted { id } | Note::Edited { id } => *id,
        }
    }
}

fn correct_others(row: &ExistingRow, stay: &ParticipantRow) -> Option<Change> {
    let is_right = row.row.leave_time.abs_diff(stay.leave_time) <= ROUNDING
        && row.row.duration.abs_diff(stay.duration) <= ROUNDING;
    let new = ParticipantRow { leave_time: stay.leave_time, duration: stay.duration, ..row.row.clone() };
    (!is_right).then(|| Change::CorrectOthers { id: row.id, old: row.row.clone(), new })
}

fn correct_own(row: &ExistingRow, stay: &ParticipantRow) -> Option<Change> {
    let correct = || Change::CorrectOwn { id: row.id, old: row.row.clone(), new: stay.clone() };
    (row.row != *stay).then(correct)
}

/// Pairs stays and rows one to one, the nearest joins first: position of the stay to position of the row.
fn pair(stays: &[&ParticipantRow], rows: &[&ExistingRow]) -> BTreeMap<usize, usize> {
    let mut by_user: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        by_user.entry(&row.row.zoomuserid).or_default().push(at);
    }
    let mut candidates = Vec::new();
    for (stay, wanted) in stays.iter().enumerate() {
        for row in by_user.get(wanted.zoomuserid.as_str()).into_iter().flatten().copied() {
            let there = &rows[row].row;
            if is_same_stay(wanted, there) {
                let apart = wanted.join_time.abs_diff(there.join_time);
                let leaves_apart = wanted.leave_time.abs_diff(there.leave_time);
                candidates.push(((apart, leaves_apart, *wanted != there), stay, row));
            }
        }
    }
    one_to_one(candidates)
}

/// Pairs stays that have no row with rows of ours that have no stay: the same person's first, then the nearest joins.
///
/// A stay whose join or `zoomuserid` Zoom told differently keeps its row so. Rows of another person are taken only where
/// they could not be deleted: left there, they would be counted beside the stays that are right.
fn reuse(
    stays: &[&ParticipantRow],
    own: &[&ExistingRow],
    paired: &BTreeMap<usize, usize>,
    deleting: Deleting,
) -> BTreeMap<usize, usize> {
    let kept: BTreeSet<usize> = paired.values().copied().collect();
    let spare: Vec<usize> = (0..own.len()).filter(|row| !kept.contains(row)).collect();
    let mut candidates = Vec::new();
    for stay in (0..stays.len()).filter(|stay| !paired.contains_key(stay)) {
        for row in spare.iter().copied() {
            let (wanted, there) = (stays[stay], &own[row].row);
            let is_same_connection = !wanted.zoomuserid.is_empty() && wanted.zoomuserid == there.zoomuserid;
            let is_stranger = !is_same_connection && !is_same_person(wanted, there);
            if !is_stranger || deleting == Deleting::Refused {
                candidates.push(((is_stranger, wanted.join_time.abs_diff(there.join_time)), stay, row));
            }
        }
    }
    one_to_one(candidates)
}

/// Takes pairs of stay and row in the order of their distance, each stay and each row once.
fn one_to_one<D: Ord>(mut candidates: Vec<(D, usize, usize)>) -> BTreeMap<usize, usize> {
    // Positions follow content and id, so that ties end the same way whatever the order of the inputs.
    candidates.sort_unstable();
    let mut pairs = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, stay, row) in candidates {
        if !pairs.contains_key(&stay) && taken.insert(row) {
            pairs.insert(stay, row);
        }
    }
    pairs
}

fn is_same_stay(a: &ParticipantRow, b: &ParticipantRow) -> bool {
    a.zoomuserid == b.zoomuserid
        && a.join_time.abs_diff(b.join_time) <= ROUNDING
        && (!a.zoomuserid.is_empty() || is_same_person(a, b))
}

/// For rows without `zoomuserid`, by the strongest thing that both tell.
fn is_same_person(a: &ParticipantRow, b: &ParticipantRow) -> bool {
    if let (Some(a), Some(b)) = (&a.uuid, &b.uuid) {
        return a == b;
    }
    let is_same_email =
        matches!((&a.user_email, &b.user_email), (Some(a), Some(b)) if a.to_lowercase() == b.to_lowercase());
    is_same_email || a.name.to_lowercase() == b.name.to_lowercase()
}

/// `known` are the wanted stays, then those that are left out.
fn notes_on_others(
    known: &[&ParticipantRow],
    wanted_count: usize,
    others: &[&ExistingRow],
    by_others: &BTreeMap<usize, usize>,
    ours: Ours<'_>,
) -> Vec<Note> {
    let stay_of: BTreeMap<usize, usize> = by_others.iter().map(|(stay, row)| (*row, *stay)).collect();
    let mut notes = Vec::new();
    for (at, row) in others.iter().enumerate() {
        let is_of_wanted = stay_of.get(&at).is_some_and(|stay| *stay < wanted_count);
        let is_unpaired = !stay_of.contains_key(&at);
        let first = by_others.iter().find(|(stay, _)| is_unpaired && is_same_stay(known[**stay], &row.row));
        match first {
            Some((_, first)) => notes.push(Note::Duplicate { id: row.id, of: others[*first].id }),
            None if !is_of_wanted && ours.knew(row.id) => notes.push(Note::Edited { id: row.id }),
            None => {}
        }
    }
    notes
}

#[cfg(test)]
mod tests;
