//! The session's own row: made or found by its UUID, and locked.

use rollbook_core::delivery::{DetailsRow, Holder, correct_details};

use crate::MoodleDb;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::value::{Row, Value};

/// Whatever the role or database has as default: whoever waited for another writer must see what that one wrote.
const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// MariaDB has its isolation from the connection's beginning, and has to be told of the variable that [`PUT_MARIADB`] notes an id in: one that is new in a statement reads as null
/// there.
const BEGIN_MARIADB: &str = "SET @rollbook_found = 0; BEGIN";

/// Finds a row by its UUID, or makes it if the activity still shows the meeting and is not being deleted, and locks it
/// either way. Nothing of a row that is there changes yet, as MariaDB may take another session's UUID for ours.
const PUT_POSTGRES: &str = "INSERT INTO {zoom_meeting_details} AS d
        (uuid, meeting_id, start_time, end_time, duration, topic, total_minutes, participants_count, zoomid)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (
        SELECT 1 FROM {zoom} z JOIN {course_modules} cm ON cm.instance = z.id JOIN {modules} m ON m.id = cm.module
        WHERE z.id = ? AND z.meeting_id = ? AND m.name = 'zoom' AND cm.deletioninprogress = 0)
    ON CONFLICT (uuid) DO UPDATE SET uuid = excluded.uuid
    RETURNING d.id, d.uuid, d.meeting_id, d.start_time, d.end_time, d.duration, d.topic, d.total_minutes,
        d.participants_count, d.zoomid, CASE WHEN d.xmax = 0 THEN 1 ELSE 0 END";

/// MariaDB does not tell whether the row was made or found, so the statement notes the id of one that it found.
const PUT_MARIADB: &str = "INSERT INTO {zoom_meeting_details}
        (uuid, meeting_id, start_time, end_time, duration, topic, total_minutes, participants_count, zoomid)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? FROM DUAL WHERE EXISTS (
        SELECT 1 FROM {zoom} z JOIN {course_modules} cm ON cm.instance = z.id JOIN {modules} m ON m.id = cm.module
        WHERE z.id = ? AND z.meeting_id = ? AND m.name = 'zoom' AND cm.deletioninprogress = 0)
    ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(@rollbook_found := {zoom_meeting_details}.id)
    RETURNING id, uuid, meeting_id, start_time, end_time, duration, topic, total_minutes, participants_count, zoomid,
        CASE WHEN @rollbook_found <=> id THEN 0 ELSE 1 END";

pub(super) const FITS: &str = "SELECT 1 FROM {zoom} z JOIN {course_modules} cm ON cm.instance = z.id JOIN {modules} m ON m.id = cm.module
    WHERE z.id = ? AND z.meeting_id = ? AND m.name = 'zoom' AND cm.deletioninprogress = 0";

const CORRECT: &str =
    "UPDATE {zoom_meeting_details} SET meeting_id = ?, start_time = ?, end_time = ?, duration = ?, topic = ?,
    total_minutes = ?, participants_count = ?, zoomid = ? WHERE id = ?";

/// A details row as it is now, with its id.
pub(super) struct Put {
    pub(super) id: i64,
    pub(super) now: DetailsRow,
    pub(super) before: Option<DetailsRow>,
}

impl MoodleDb {
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        match self.dialect() {
            Dialect::Postgres => self.connection.run(BEGIN_POSTGRES).await,
            Dialect::MariaDb => self.connection.run(BEGIN_MARIADB).await,
        }
    }

    /// The session's row as it should be, locked until the transaction ends.
    pub(super) async fn put_details(&mut self, wanted: &DetailsRow) -> Result<Put, Error> {
        let put = match self.dialect() {
            Dialect::Postgres => PUT_POSTGRES,
            Dialect::MariaDb => PUT_MARIADB,
        };
        let mut values = vec![wanted.uuid.clone().into()];
        values.extend(columns(wanted));
        values.extend([wanted.zoomid.into(), wanted.meeting_id.into()]);
        let rows = self.connection.rows(put, values).await?;
        let Some(row) = rows.first() else {
            return Err(gone(wanted));
        };
        let (id, there) = (row.int(0)?, details(row)?);
        if row.is(10)? {
            return Ok(Put { id, now: there, before: None });
        }
        if there.uuid != wanted.uuid {
            return Err(Error::Collides { wanted: wanted.uuid.clone(), there: there.uuid });
        }
        let holder = self.holder(&there, wanted).await?;
        let corrected = correct_details(&there, wanted, holder);
        if let Some(new) = &corrected {
            let mut values = columns(new);
            values.push(id.into());
            self.connection.execute(CORRECT, values).await?;
        }
        Ok(Put { id, now: corrected.unwrap_or_else(|| there.clone()), before: Some(there) })
    }

    pub(super) async fn holder(&mut self, there: &DetailsRow, wanted: &DetailsRow) -> Result<Holder, Error> {
        if there.zoomid == wanted.zoomid {
            return Ok(Holder::Fits);
        }
        let values = vec![there.zoomid.into(), wanted.meeting_id.into()];
        let fits = self.connection.rows(FITS, values).await?;
        Ok(if fits.is_empty() { Holder::Unfit } else { Holder::Fits })
    }
}

pub(super) fn gone(wanted: &DetailsRow) -> Error {
    Error::Gone(format!(
        "the activity (zoom.id {}) is gone, is being deleted, or shows another meeting than {} by now",
        wanted.zoomid, wanted.meeting_id
    ))
}

/// All but `uuid`.
fn columns(row: &DetailsRow) -> Vec<Value> {
    vec![
        row.meeting_id.into(),
        row.start_time.into(),
        row.end_time.into(),
        row.duration.into(),
        row.topic.clone().into(),
        row.total_minutes.into(),
        row.participants_count.map(i64::from).into(),
        row.zoomid.into(),
    ]
}

pub(super) fn details(row: &Row) -> Result<DetailsRow, Error> {
    Ok(DetailsRow {
        uuid: row.text(1)?,
        meeting_id: row.int(2)?,
        start_time: row.int(3)?,
        end_time: row.int(4)?,
        duration: row.int(5)?,
        topic: row.text(6)?,
        total_minutes: row.maybe_int(7)?,
        // The column is a smallint in both databases.
        participants_count: row.maybe_int(8)?.and_then(|count| i16::try_from(count).ok()),
        zoomid: row.int(9)?,
    })
}
