//! What Moodle should hold of one instance, and what has to change there to hold it.
//!
//! [`delivery`] makes the rows from what is known of the instance, or says why they must wait; [`choose_activity`] says
//! where they go when several activities show one meeting; [`reconcile`] compares them with the rows that are there.
//!
//! Times are Unix seconds, as in Moodle's tables (MOODLE.md section 1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod choose;
mod details;
mod reconcile;
mod wanted;

pub use choose::{Choice, choose_activity};
pub use details::{Holder, correct_details};
pub use reconcile::{Change, Deleting, Note, Reconciled, reconcile};
pub use wanted::{HeldBack, LengthUnit, Named, Settings, Unfinished, delivery};

/// The row of `{zoom_meeting_details}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsRow {
    /// Zoom's UUID, as given.
    pub uuid: String,
    /// Zoom's meeting number.
    pub meeting_id: i64,
    /// Start; never 0.
    pub start_time: i64,
    /// End; never 0.
    pub end_time: i64,
    /// Seconds or whole minutes: see `ROLLBOOK_MOODLE_DURATION` (MOODLE.md section 5).
    pub duration: i64,
    /// Topic, at most 300 characters.
    pub topic: String,
    /// Minutes summed over participants, where Zoom told; none leaves what is there.
    pub total_minutes: Option<i64>,
    /// As Zoom counts, at most 32,767; none leaves what is there.
    pub participants_count: Option<i16>,
    /// `{zoom}.id` of the activity it is delivered to.
    pub zoomid: i64,
}

/// One stay, as a row of `{zoom_meeting_participants}` without `id` and `detailsid`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParticipantRow {
    /// Zoom's `user_id` in that instance, at most 35 characters.
    pub zoomuserid: String,
    /// Join.
    pub join_time: i64,
    /// Leave.
    pub leave_time: i64,
    /// Seconds.
    pub duration: i64,
    /// `{user}.id`; none when not recognised.
    pub userid: Option<i64>,
    /// Zoom's participant id, at most 30 characters; none when empty.
    pub uuid: Option<String>,
    /// E-mail.
    pub user_email: Option<String>,
    /// The name shown, at most 255 characters.
    pub name: String,
}

/// All that Moodle should hold of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The details row.
    pub details: DetailsRow,
    /// The stays, by join.
    pub participants: Vec<ParticipantRow>,
    /// Rows that somebody else may have written for stays that are no presence of their own (waiting room, breakout rooms
    /// within the main room's time, withdrawn, still open, of somebody erased). Never written; known so that none is taken for another stay.
    #[serde(default)]
    pub left_out: Vec<ParticipantRow>,
}

/// A row of the table as it is: `id` and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExistingRow {
    /// `{zoom_meeting_participants}.id`.
    pub id: i64,
    /// Its columns.
    pub row: ParticipantRow,
}

/// The rows that rollbook itself wrote, by `id`, with what it wrote. Anything else in the table is somebody else's.
pub type OwnRows = BTreeMap<i64, ParticipantRow>;

/// What we know of our own rows. After a crash nobody can say whether the last commit went through, so both sides of it
/// count as ours.
#[derive(Debug, Clone, Copy)]
pub struct Ours<'a> {
    /// Known to have been committed.
    pub own: &'a OwnRows,
    /// About to be committed when we last heard of it.
    pub tentative: Option<&'a OwnRows>,
}

impl Ours<'_> {
    /// Whether a row is ours: known by its id, and still what we wrote. One that somebody edited is somebody else's.
    pub fn holds(&self, row: &ExistingRow) -> bool {
        self.versions(row.id).any(|version| *version == row.row)
    }

    /// Whether a row was ours, whatever became of it.
    fn knew(&self, id: i64) -> bool {
        self.versions(id).next().is_some()
    }

    fn versions(&self, id: i64) -> impl Iterator<Item = &ParticipantRow> {
        [Some(self.own), self.tentative].into_iter().flatten().filter_map(move |rows| rows.get(&id))
    }
}
