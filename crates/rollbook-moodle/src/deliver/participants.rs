//! Its participants: read under lock, corrected, deleted, inserted.

use rollbook_core::delivery::{ExistingRow, ParticipantRow};

use crate::MoodleDb;
use crate::error::Error;
use crate::value::{Row, Value};

/// Rows a statement. Nine values each: far below the 65,535 of both databases, and a few hundred kilobytes at most.
const ROWS_A_STATEMENT: usize = 500;

/// Locked, so that nobody edits a row between our look and our correction. New rows of others are not held up.
const READ: &str = "SELECT id, zoomuserid, join_time, leave_time, duration, userid, uuid, user_email, name
    FROM {zoom_meeting_participants} WHERE detailsid = ? ORDER BY id FOR UPDATE";

/// Deletes nothing: the databases only plan it, for which they ask for the right.
const EXPLAIN_DELETE: &str = "EXPLAIN DELETE FROM {zoom_meeting_participants} WHERE id = 0";

const COUNT: &str = "SELECT COUNT(*) FROM {zoom_meeting_participants} WHERE detailsid = ?";

const CORRECT: &str =
    "UPDATE {zoom_meeting_participants} SET zoomuserid = ?, join_time = ?, leave_time = ?, duration = ?,
    userid = ?, uuid = ?, user_email = ?, name = ? WHERE id = ? AND detailsid = ?";

const INSERT: &str = "INSERT INTO {zoom_meeting_participants}
    (zoomuserid, join_time, leave_time, duration, userid, uuid, user_email, name, detailsid) VALUES ";

const RETURNING: &str =
    " RETURNING id, zoomuserid, join_time, leave_time, duration, userid, uuid, user_email, name";

impl MoodleDb {
    /// Denied if we may not delete.
    pub(super) async fn explain_delete(&mut self) -> Result<(), Error> {
        self.connection.rows(EXPLAIN_DELETE, Vec::new()).await.map(drop)
    }

    pub(super) async fn participants(&mut self, details: i64) -> Result<Vec<ExistingRow>, Error> {
        self.connection.rows(READ, vec![details.into()]).await?.iter().map(existing).collect()
    }

    pub(super) async fn count_participants(&mut self, details: i64) -> Result<usize, Error> {
        let rows = self.connection.rows(COUNT, vec![details.into()]).await?;
        let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    pub(super) async fn correct_participant(&mut self, details: i64, row: &ExistingRow) -> Result<(), Error> {
        let mut values = columns(&row.row);
        values.extend([row.id.into(), details.into()]);
        self.connection.execute(CORRECT, values).await?;
        Ok(())
    }

    pub(super) async fn delete_participants(
        &mut self,
        details: i64,
        rows: &[ExistingRow],
    ) -> Result<(), Error> {
        for some in rows.chunks(ROWS_A_STATEMENT) {
            let marks = vec!["?"; some.len()].join(", ");
            let sql =
                format!("DELETE FROM {{zoom_meeting_participants}} WHERE detailsid = ? AND id IN ({marks})");
            let values = [details].into_iter().chain(some.iter().map(|row| row.id)).map(Value::from);
            self.connection.execute(&sql, values.collect()).await?;
        }
        Ok(())
    }

    /// Gives the rows back as they stand there, with the ids that the database chose.
    pub(super) async fn insert_participants(
        &mut self,
        details: i64,
        rows: &[ParticipantRow],
    ) -> Result<Vec<ExistingRow>, Error> {
        let mut inserted = Vec::with_capacity(rows.len());
        for some in rows.chunks(ROWS_A_STATEMENT) {
            let marks = vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?)"; some.len()].join(", ");
            let mut values = Vec::with_capacity(some.len() * 9);
            for row in some {
                values.extend(columns(row));
                values.push(details.into());
            }
            let back = self.connection.rows(&format!("{INSERT}{marks}{RETURNING}"), values).await?;
            for row in &back {
                inserted.push(existing(row)?);
            }
        }
        Ok(inserted)
    }
}

fn columns(row: &ParticipantRow) -> Vec<Value> {
    vec![
        row.zoomuserid.clone().into(),
        row.join_time.into(),
        row.leave_time.into(),
        row.duration.into(),
        row.userid.into(),
        row.uuid.clone().into(),
        row.user_email.clone().into(),
        row.name.clone().into(),
    ]
}

pub(super) fn existing(row: &Row) -> Result<ExistingRow, Error> {
    let participant = ParticipantRow {
        zoomuserid: row.text(1)?,
        join_time: row.int(2)?,
        leave_time: row.int(3)?,
        duration: row.int(4)?,
        userid: row.maybe_int(5)?,
        uuid: row.maybe_text(6)?,
        user_email: row.maybe_text(7)?,
        name: row.text(8)?,
    };
    Ok(ExistingRow { id: row.int(0)?, row: participant })
}
