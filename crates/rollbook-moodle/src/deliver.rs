//! One session's rows, written in one transaction (MOODLE.md section 10).

mod details;
mod participants;
mod rehearse;

use rollbook_core::delivery::{
    Change, Deleting, Delivery, DetailsRow, ExistingRow, Note, Ours, OwnRows, ParticipantRow, reconcile,
};

use crate::MoodleDb;
use crate::error::Error;
use details::Put;

/// What a delivery did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// `{zoom_meeting_details}.id`.
    pub details_id: i64,
    /// The details row as it stands there now. Its activity may be another one than was wanted, which had it before.
    pub details: DetailsRow,
    /// The details row as it was; none where there was none.
    pub details_before: Option<DetailsRow>,
    /// Participants that had no row.
    pub inserted: Vec<ExistingRow>,
    /// Rows of ours that were wrong: before and after.
    pub corrected: Vec<(ExistingRow, ExistingRow)>,
    /// Rows of others whose leave and duration were wrong: before and after.
    pub overwritten: Vec<(ExistingRow, ExistingRow)>,
    /// Rows of ours that had to go.
    pub deleted: Vec<ExistingRow>,
    /// Rows that stay as they are, whosever they are.
    pub kept: usize,
    /// What was left as it is and should be known.
    pub notes: Vec<Note>,
    /// Our rows as they were before, as far as they were still ours.
    pub own_before: OwnRows,
    /// Our rows as they are after the commit. Until it is known that the commit went through, those of `own_before` are
    /// ours too ([`Ours::tentative`]).
    pub own: OwnRows,
    /// Somebody else added or removed rows of this session at the same time, or the connection broke before that could be
    /// seen: it should be delivered again, which mends it.
    pub look_again: bool,
}

impl Receipt {
    /// How many participants the session has now.
    pub fn rows(&self) -> usize {
        self.kept + self.inserted.len() + self.corrected.len() + self.overwritten.len()
    }
}

impl MoodleDb {
    /// Brings one session's rows in line with `delivery`, in one transaction, so that delivering twice equals once.
    ///
    /// `ours` says which rows rollbook wrote; all others are never deleted, and only their leave and duration corrected.
    /// `before_commit` gets the receipt while everything can still be undone: it keeps [`Receipt::own_before`] and
    /// [`Receipt::own`] durably, so that a crash never makes us forget a row that is ours. If it fails, nothing is written.
    ///
    /// The activity's row cannot be locked with the rights that rollbook has; one that Moodle begins to delete within the
    /// few milliseconds of the transaction may leave the session behind.
    ///
    /// # Errors
    /// [`Error::Gone`] if the activity is gone or about to vanish; [`Error::Collides`]; [passing](Error::is_passing) ones
    /// such as deadlocks, after which the connection is to be dropped and the delivery tried again. Nothing is written
    /// then, except where the connection breaks during the commit: nobody can know, and delivering again settles it.
    pub async fn deliver(
        &mut self,
        delivery: &Delivery,
        ours: Ours<'_>,
        before_commit: &mut dyn FnMut(&Receipt) -> Result<(), String>,
    ) -> Result<Receipt, Error> {
        let deleting = self.deleting().await?;
        self.begin().await?;
        let written = self.write(delivery, ours, deleting).await;
        let kept =
            written.and_then(|receipt| before_commit(&receipt).map(|()| receipt).map_err(Error::NotKept));
        match kept {
            Ok(mut receipt) => {
                self.connection.run("COMMIT").await?;
                // Nobody can have added to a session before it was there to be seen.
                if receipt.details_before.is_some() {
                    let found = self.count_participants(receipt.details_id).await;
                    receipt.look_again = found != Ok(receipt.rows());
                }
                Ok(receipt)
            }
            // The connection is about to be dropped, and the transaction with it.
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                // If even this fails, the server undoes it with the connection; what matters is what came first.
                let _ = self.connection.run("ROLLBACK").await;
                Err(error)
            }
        }
    }

    /// DELETE is a right that rollbook can do without.
    async fn deleting(&mut self) -> Result<Deleting, Error> {
        if let Some(known) = self.deleting {
            return Ok(known);
        }
        let known = match self.explain_delete().await {
            Ok(()) => Deleting::Granted,
            Err(Error::Denied(_)) => Deleting::Refused,
            Err(error) => return Err(error),
        };
        self.deleting = Some(known);
        Ok(known)
    }

    async fn write(
        &mut self,
        delivery: &Delivery,
        ours: Ours<'_>,
        deleting: Deleting,
    ) -> Result<Receipt, Error> {
        let put = self.put_details(&delivery.details).await?;
        let existing = match put.before {
            Some(_) => self.participants(put.id).await?,
            // Nobody else has seen a row that is not committed yet, let alone added to it.
            None => Vec::new(),
        };
        let id = put.id;
        let (mut receipt, inserts) = Receipt::of(put, &existing, delivery, ours, deleting);
        for (_, new) in receipt.corrected.iter().chain(&receipt.overwritten) {
            self.correct_participant(id, new).await?;
        }
        self.delete_participants(id, &receipt.deleted).await?;
        receipt.inserted = self.insert_participants(id, &inserts).await?;
        receipt.own.extend(receipt.inserted.iter().map(|row| (row.id, row.row.clone())));
        Ok(receipt)
    }
}

impl Receipt {
    /// What is to be done with the rows there are, and the rows to insert, which are not taken down yet.
    fn of(
        put: Put,
        existing: &[ExistingRow],
        delivery: &Delivery,
        ours: Ours<'_>,
        deleting: Deleting,
    ) -> (Receipt, Vec<ParticipantRow>) {
        let reconciled = reconcile(existing, delivery, ours, deleting);
        let own_before: OwnRows =
            existing.iter().filter(|row| ours.holds(row)).map(|row| (row.id, row.row.clone())).collect();
        let mut receipt = Receipt {
            details_id: put.id,
            details: put.now,
            details_before: put.before,
            inserted: Vec::new(),
            corrected: Vec::new(),
            overwritten: Vec::new(),
            deleted: Vec::new(),
            kept: 0,
            notes: reconciled.notes,
            own: own_before.clone(),
            own_before,
            look_again: false,
        };
        let inserts = receipt.sort(reconciled.changes);
        // Each row there is changed once at most.
        let changed = receipt.corrected.len() + receipt.overwritten.len() + receipt.deleted.len();
        receipt.kept = existing.len() - changed;
        (receipt, inserts)
    }

    /// Takes down what is to be done with rows that are there, and gives back the rows to insert.
    fn sort(&mut self, changes: Vec<Change>) -> Vec<ParticipantRow> {
        let at = |id, row| ExistingRow { id, row };
        let mut inserts = Vec::new();
        for change in changes {
            match change {
                Change::Insert(row) => inserts.push(row),
                Change::CorrectOwn { id, old, new } => {
                    self.own.insert(id, new.clone());
                    self.corrected.push((at(id, old), at(id, new)));
                }
                Change::CorrectOthers { id, old, new } => self.overwritten.push((at(id, old), at(id, new))),
                Change::Delete { id, old } => {
                    self.own.remove(&id);
                    self.deleted.push(at(id, old));
                }
            }
        }
        inserts
    }
}
