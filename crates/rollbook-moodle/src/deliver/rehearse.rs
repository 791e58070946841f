//! What a delivery would do, without doing it: for a look before the first one.

use rollbook_core::delivery::{Delivery, DetailsRow, ExistingRow, Ours, correct_details};

use super::Receipt;
use super::details::{FITS, Put, details, gone};
use super::participants::existing;
use crate::MoodleDb;
use crate::error::Error;

const DETAILS: &str = "SELECT id, uuid, meeting_id, start_time, end_time, duration, topic, total_minutes, participants_count, zoomid
    FROM {zoom_meeting_details} WHERE uuid = ?";

const PARTICIPANTS: &str =
    "SELECT id, zoomuserid, join_time, leave_time, duration, userid, uuid, user_email, name
    FROM {zoom_meeting_participants} WHERE detailsid = ? ORDER BY id";

impl MoodleDb {
    /// What [`MoodleDb::deliver`] would do now. Only SELECT is needed, and nobody is held up; ids of rows to insert, and of a
    /// session to make, are 0.
    ///
    /// # Errors
    /// As delivering would, as far as reading can tell.
    pub async fn rehearse(&mut self, delivery: &Delivery, ours: Ours<'_>) -> Result<Receipt, Error> {
        let wanted = &delivery.details;
        let deleting = self.deleting().await?;
        let there = self.details_there(wanted).await?;
        let rows = match &there {
            Some((id, _)) => self.connection.rows(PARTICIPANTS, vec![(*id).into()]).await?,
            None => Vec::new(),
        };
        let found: Vec<ExistingRow> = rows.iter().map(existing).collect::<Result<_, Error>>()?;
        let (details_id, before) = there.unzip();
        let details = match &before {
            Some(there) => {
                let holder = self.holder(there, wanted).await?;
                correct_details(there, wanted, holder).unwrap_or_else(|| there.clone())
            }
            None => wanted.clone(),
        };
        let put = Put { id: details_id.unwrap_or(0), now: details, before };
        let (mut receipt, inserts) = Receipt::of(put, &found, delivery, ours, deleting);
        receipt.inserted = inserts.into_iter().map(|row| ExistingRow { id: 0, row }).collect();
        Ok(receipt)
    }

    /// The session's row as it is, if it is there.
    async fn details_there(&mut self, wanted: &DetailsRow) -> Result<Option<(i64, DetailsRow)>, Error> {
        let rows = self.connection.rows(DETAILS, vec![wanted.uuid.as_str().into()]).await?;
        let Some(row) = rows.first() else {
            let shown =
                self.connection.rows(FITS, vec![wanted.zoomid.into(), wanted.meeting_id.into()]).await?;
            return if shown.is_empty() { Err(gone(wanted)) } else { Ok(None) };
        };
        let (id, there) = (row.int(0)?, details(row)?);
        if there.uuid != wanted.uuid {
            return Err(Error::Collides { wanted: wanted.uuid.clone(), there: there.uuid });
        }
        Ok(Some((id, there)))
    }
}
