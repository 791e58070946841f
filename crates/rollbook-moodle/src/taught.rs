//! Which courses somebody teaches, and the numbers of their Zoom meetings.

use std::collections::{BTreeMap, BTreeSet};

use crate::MoodleDb;
use crate::error::Error;
use crate::people::{BATCH, marks};
use crate::value::Value;

/// A course that somebody teaches, or that was named for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaughtCourse {
    /// Short name.
    pub short_name: String,
    /// Zoom's numbers of its activities.
    pub numbers: BTreeSet<u64>,
}

/// Courses in which users with an address hold a role that is made after Moodle's own for teachers, with or without the right
/// to edit. Whoever manages the site or a category teaches nothing by that.
const TAUGHT: &str = "SELECT DISTINCT x.instanceid
    FROM {user} u
    JOIN {role_assignments} ra ON ra.userid = u.id
    JOIN {role} r ON r.id = ra.roleid
    JOIN {context} x ON x.id = ra.contextid
    WHERE LOWER(u.email) = ? AND u.deleted = 0 AND u.suspended = 0
        AND x.contextlevel = 50 AND r.archetype IN ('editingteacher', 'teacher')
    ORDER BY x.instanceid";

const NAMED: &str = "SELECT id FROM {course} WHERE LOWER(shortname) IN ([values]) ORDER BY id";

/// One row for each activity; one without a number for a course that has none.
const NUMBERS: &str = "SELECT c.id, c.shortname, z.meeting_id
    FROM {course} c LEFT JOIN {zoom} z ON z.course = c.id AND z.meeting_id > 0
    WHERE c.id IN ([values]) ORDER BY c.id";

impl MoodleDb {
    /// The courses that users with this e-mail address teach, whatever its case, and those with one of these short names, by
    /// id.
    pub async fn taught(
        &mut self,
        email: Option<&str>,
        named: &BTreeSet<String>,
    ) -> Result<Vec<TaughtCourse>, Error> {
        let mut ids = BTreeSet::new();
        if let Some(email) = email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty())
        {
            for row in self.connection.rows(TAUGHT, vec![Value::from(email.as_str())]).await? {
                ids.insert(row.int(0)?);
            }
        }
        let named: Vec<String> = named.iter().map(|name| name.trim().to_lowercase()).collect();
        for batch in named.chunks(BATCH) {
            let values = batch.iter().map(|name| Value::from(name.as_str())).collect();
            for row in self.connection.rows(&NAMED.replace("[values]", &marks(batch.len())), values).await? {
                ids.insert(row.int(0)?);
            }
        }
        let mut courses: BTreeMap<i64, TaughtCourse> = BTreeMap::new();
        for batch in ids.into_iter().collect::<Vec<_>>().chunks(BATCH) {
            let values = batch.iter().map(|id| Value::from(*id)).collect();
            for row in self.connection.rows(&NUMBERS.replace("[values]", &marks(batch.len())), values).await?
            {
                let fresh = TaughtCourse { short_name: row.text(1)?, numbers: BTreeSet::new() };
                let course = courses.entry(row.int(0)?).or_insert(fresh);
                course.numbers.extend(row.maybe_int(2)?.map(i64::unsigned_abs));
            }
        }
        Ok(courses.into_values().collect())
    }
}
