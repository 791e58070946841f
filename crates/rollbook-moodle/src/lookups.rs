//! Single questions: users by id or name, what earlier rows say of somebody, where earlier sessions went.

use std::collections::BTreeMap;

use rollbook_core::identity::plugin::{Earlier, EarlierRow};
use rollbook_core::roster::User;

use crate::MoodleDb;
use crate::error::Error;
use crate::people::{BATCH, marks, user};
use crate::value::Value;

const BY_ID: &str = "SELECT id, username, idnumber, firstname, lastname, alternatename, email, suspended
    FROM {user} WHERE deleted = 0 AND id IN ";

/// Moodle keeps user names in lower case.
const BY_USERNAME: &str =
    "SELECT id, username, idnumber, firstname, lastname, alternatename, email, suspended
    FROM {user} WHERE deleted = 0 AND username = ? ORDER BY id";

/// The earliest row of each that has a user, as the plugin finds it.
const EARLIER: &str = "SELECT p.uuid, p.userid, p.name FROM {zoom_meeting_participants} p
    WHERE p.id IN (SELECT MIN(q.id) FROM {zoom_meeting_participants} q
        WHERE q.userid IS NOT NULL AND q.userid <> 0 AND q.uuid IN ([values]) GROUP BY q.uuid)";

/// By way of the activities: the table of sessions, which is the large one, has an index on `zoomid` and none on
/// `meeting_id` (MOODLE.md section 1).
const SESSIONS: &str = "SELECT d.zoomid, COUNT(*) FROM {zoom} z
    JOIN {zoom_meeting_details} d ON d.zoomid = z.id AND d.meeting_id = z.meeting_id
    WHERE z.meeting_id IN ([values]) GROUP BY d.zoomid";

impl MoodleDb {
    /// Users of the site with these ids, suspended or not, by id; those who are deleted or never were are left out.
    pub async fn users_by_id(&mut self, ids: &[i64]) -> Result<Vec<User>, Error> {
        let mut users = Vec::new();
        for batch in ids.chunks(BATCH) {
            let values = batch.iter().map(|id| Value::from(*id)).collect();
            let sql = format!("{BY_ID}({})", marks(batch.len()));
            for row in self.connection.rows(&sql, values).await? {
                users.push(user(&row)?);
            }
        }
        users.sort_by_key(|user| user.id);
        self.identify(users.iter_mut().collect()).await?;
        Ok(users)
    }

    /// The user who signs in by this name; several only where a site has users of other sites.
    pub async fn users_by_username(&mut self, username: &str) -> Result<Vec<User>, Error> {
        let values = vec![Value::from(username.to_lowercase().as_str())];
        let mut users = Vec::new();
        for row in self.connection.rows(BY_USERNAME, values).await? {
            users.push(user(&row)?);
        }
        self.identify(users.iter_mut().collect()).await?;
        Ok(users)
    }

    /// What earlier rows say of these Zoom users, for the plugin's second rule (MOODLE.md section 3).
    pub async fn earlier(&mut self, zoom_user_ids: &[String]) -> Result<Earlier, Error> {
        let mut earlier = Earlier::new();
        for batch in zoom_user_ids.chunks(BATCH) {
            let values = batch.iter().map(|id| Value::from(id.as_str())).collect();
            let sql = EARLIER.replace("[values]", &marks(batch.len()));
            for row in self.connection.rows(&sql, values).await? {
                earlier.insert(row.text(0)?, EarlierRow { userid: row.int(1)?, name: row.text(2)? });
            }
        }
        Ok(earlier)
    }

    /// How many sessions of its meeting each activity with one of these numbers has, by `{zoom}.id`.
    pub async fn session_counts(&mut self, numbers: &[u64]) -> Result<BTreeMap<i64, u64>, Error> {
        let mut counts = BTreeMap::new();
        for batch in numbers.chunks(BATCH) {
            let values = batch.iter().map(|number| Value::from(number.cast_signed())).collect();
            let sql = SESSIONS.replace("[values]", &marks(batch.len()));
            for row in self.connection.rows(&sql, values).await? {
                *counts.entry(row.int(0)?).or_default() += row.int(1)?.unsigned_abs();
            }
        }
        Ok(counts)
    }
}
