//! What stands in the table of sessions already, whoever wrote it.

use serde::Serialize;

use crate::MoodleDb;
use crate::error::Error;
use crate::value::Value;

/// A session that Moodle has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Details {
    /// `{zoom_meeting_details}.id`.
    pub id: i64,
    /// Zoom's UUID.
    pub uuid: String,
    /// The activity that it belongs to (`{zoom}.id`).
    pub zoomid: i64,
    /// How many stays it has.
    pub participants: i64,
}

/// UUIDs of one statement.
const BATCH: usize = 1_000;

const DETAILS: &str = "SELECT d.id, d.uuid, d.zoomid,
        (SELECT COUNT(*) FROM {zoom_meeting_participants} p WHERE p.detailsid = d.id)
    FROM {zoom_meeting_details} d WHERE d.uuid IN ";

/// The newest rows that tell: of a few minutes both units are about as short.
const LENGTHS: &str = "SELECT duration, end_time - start_time FROM {zoom_meeting_details}
    WHERE start_time > 0 AND end_time - start_time > 300 AND duration > 0
    ORDER BY id DESC LIMIT 101";

impl MoodleDb {
    /// The sessions with these UUIDs that Moodle has, by id.
    pub async fn details(&mut self, uuids: &[String]) -> Result<Vec<Details>, Error> {
        let mut found = Vec::new();
        for batch in uuids.chunks(BATCH) {
            let values = batch.iter().map(|uuid| Value::from(uuid.as_str())).collect();
            let sql = format!("{DETAILS}({})", vec!["?"; batch.len()].join(", "));
            for row in self.connection.rows(&sql, values).await? {
                let uuid = row.text(1)?;
                // MariaDB finds others as well, that differ in case only.
                if batch.contains(&uuid) {
                    found.push(Details {
                        id: row.int(0)?,
                        uuid,
                        zoomid: row.int(2)?,
                        participants: row.int(3)?,
                    });
                }
            }
        }
        found.sort_by_key(|details| details.id);
        Ok(found)
    }

    /// Whether the sessions there tell their length in minutes, as a site has them whose plugin uses the report API, rather
    /// than in seconds (MOODLE.md section 5). None where there are no sessions that tell.
    pub async fn writes_minutes(&mut self) -> Result<Option<bool>, Error> {
        let rows = self.connection.rows(LENGTHS, Vec::new()).await?;
        let lengths: Vec<(i64, i64)> =
            rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect::<Result<_, Error>>()?;
        Ok(are_minutes(&lengths))
    }
}

/// Decides by the majority of lengths, each told beside its seconds from start to end. Sixty times too small is minutes;
/// where the line between is drawn hardly matters.
fn are_minutes(lengths: &[(i64, i64)]) -> Option<bool> {
    let minutes = lengths.iter().filter(|(told, seconds)| told.saturating_mul(8) < *seconds).count();
    (!lengths.is_empty()).then_some(minutes * 2 > lengths.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lengths: &[(i64, i64)], expected: Option<bool>) {
        assert_eq!(are_minutes(lengths), expected, "{lengths:?}");
    }

    #[test]
    fn the_unit_is_that_of_most_rows() {
        check(&[], None);
        check(&[(60, 3_600)], Some(true));
        check(&[(3_600, 3_600)], Some(false));
        // Rounded up, or a planned length that was overrun twice over.
        check(&[(61, 3_600), (30, 3_600), (90, 5_399)], Some(true));
        check(&[(3_550, 3_600), (1_800, 3_600), (90, 5_399)], Some(false));
        // What cannot be told apart counts as what the column is meant for.
        check(&[(60, 3_600), (3_600, 3_600)], Some(false));
    }
}
