//! Courses, and their Zoom activities.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::roster::{Activity, Course};

use crate::MoodleDb;
use crate::error::Error;
use crate::value::Row;

const COURSES: &str = "SELECT id, shortname, fullname, idnumber, visible FROM {course} ORDER BY id";

/// Those without a number are copies that were restored while Zoom could not be asked (MOODLE.md section 1). A module that is
/// about to be deleted is as good as gone.
const ACTIVITIES: &str =
    "SELECT z.id, m.id, z.course, z.meeting_id, z.host_id, z.name, z.start_time, z.duration,
        z.recurring, z.webinar, z.grade, z.grading_method, z.exists_on_zoom, m.visible
    FROM {zoom} z
    LEFT JOIN (SELECT cm.id, cm.course, cm.instance, cm.visible
        FROM {course_modules} cm JOIN {modules} mo ON mo.id = cm.module
        WHERE mo.name = 'zoom' AND cm.deletioninprogress = 0) m ON m.instance = z.id AND m.course = z.course
    WHERE z.meeting_id > 0
    ORDER BY z.id, m.id";

impl MoodleDb {
    /// Every course of the site, by id; the front page is one of them.
    pub async fn courses(&mut self) -> Result<Vec<Course>, Error> {
        let rows = self.connection.rows(COURSES, Vec::new()).await?;
        rows.iter().map(course).collect()
    }

    /// Every Zoom activity that has a meeting number, by id: also those whose page is gone, which are told by their lack of a
    /// module.
    pub async fn activities(&mut self) -> Result<Vec<Activity>, Error> {
        let rows = self.connection.rows(ACTIVITIES, Vec::new()).await?;
        let mut activities: Vec<Activity> = rows.iter().map(activity).collect::<Result<_, Error>>()?;
        // One activity is one page; should a broken site have two, the older one is it.
        activities.dedup_by_key(|activity| activity.id);
        Ok(activities)
    }
}

/// Columns as in `COURSES`.
pub(crate) fn course(row: &Row) -> Result<Course, Error> {
    Ok(Course {
        id: row.int(0)?,
        short_name: row.text(1)?,
        full_name: row.text(2)?,
        id_number: row.text(3)?,
        is_visible: row.is(4)?,
    })
}

fn activity(row: &Row) -> Result<Activity, Error> {
    Ok(Activity {
        id: row.int(0)?,
        module: row.maybe_int(1)?,
        course: row.int(2)?,
        number: row.int(3)?.unsigned_abs(),
        host_id: row.text(4)?,
        name: row.text(5)?,
        planned_start: row
            .maybe_int(6)?
            .filter(|second| *second > 0)
            .and_then(|second| Timestamp::from_second(second).ok()),
        planned_length: SignedDuration::from_secs(row.maybe_int(7)?.unwrap_or(0)),
        is_recurring: row.is(8)?,
        is_webinar: row.is(9)?,
        grade_max: row.maybe_int(10)?.unwrap_or(0),
        grading_method: row.maybe_text(11)?,
        exists_on_zoom: row.is(12)?,
        is_visible: row.is(13)?,
    })
}
