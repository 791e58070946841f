//! What is read of a Moodle site once, before its sessions are looked at.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::delivery::LengthUnit;
use rollbook_core::roster::{Activity, Course};
use rollbook_moodle::{Error, MoodleDb, Plugin};

use crate::config::DurationUnit;

/// A plugin whose report task came this far lately is switched on: it runs every six hours.
const TASK_LATELY: SignedDuration = SignedDuration::from_hours(48);

/// The site as far as sessions need it.
#[derive(Debug)]
pub struct Site {
    /// The plugin's settings.
    pub plugin: Plugin,
    /// Courses by id.
    pub courses: BTreeMap<i64, Course>,
    /// Activities by Zoom's meeting number, by id. Those whose module is gone are among them.
    pub by_number: BTreeMap<u64, Vec<Activity>>,
    /// The unit of the details rows' duration.
    pub unit: LengthUnit,
}

/// Whether the plugin's own report task fills the tables as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// It is switched off, or has not run lately.
    Off,
    /// It is switched on.
    On,
    /// Nothing tells whether it is, but it ran lately.
    RanLately,
}

impl Site {
    /// Reads it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn read(db: &mut MoodleDb, unit: DurationUnit) -> Result<Site, Error> {
        let plugin = db.plugin().await?;
        let courses = db.courses().await?.into_iter().map(|course| (course.id, course)).collect();
        let mut by_number: BTreeMap<u64, Vec<Activity>> = BTreeMap::new();
        for activity in db.activities().await? {
            by_number.entry(activity.number).or_default().push(activity);
        }
        let unit = match unit {
            DurationUnit::Seconds => LengthUnit::Seconds,
            DurationUnit::Minutes => LengthUnit::Minutes,
            DurationUnit::Auto if db.writes_minutes().await? == Some(true) => LengthUnit::Minutes,
            DurationUnit::Auto => LengthUnit::Seconds,
        };
        Ok(Site { plugin, courses, by_number, unit })
    }

    /// Whether the plugin's own report task fills the tables as well.
    pub fn task(&self, now: Timestamp) -> Task {
        let ran_lately = self.plugin.last_call_made_at.is_some_and(|at| now.duration_since(at) < TASK_LATELY);
        match self.plugin.is_task_enabled {
            Some(true) => Task::On,
            Some(false) => Task::Off,
            None if ran_lately => Task::RanLately,
            None => Task::Off,
        }
    }

    /// Every activity with a number.
    pub fn activities(&self) -> impl Iterator<Item = &Activity> {
        self.by_number.values().flatten()
    }

    /// An activity by its id.
    pub fn activity(&self, number: u64, id: i64) -> Option<&Activity> {
        self.by_number.get(&number)?.iter().find(|activity| activity.id == id)
    }
}
