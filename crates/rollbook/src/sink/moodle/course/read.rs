//! Reading a course from Moodle's database and from the store together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollbook_core::course::Basis;
use rollbook_core::roster::{Activity, Course, Roster, find_course};
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_store::Store;

use super::{Held, Meetings, numbers};
use crate::sink::moodle::people::{Addresses, Batch};
use crate::sink::moodle::{Link, Site, Trouble};

/// A course with all that is known of its sessions.
#[derive(Debug, Clone)]
pub struct CourseBook {
    /// The course and its members.
    pub roster: Roster,
    /// Its Zoom activities.
    pub activities: Vec<Activity>,
    /// Short names of other courses that have an activity with the same meeting number.
    pub elsewhere: BTreeMap<u64, Vec<String>>,
    /// Its sessions, by start.
    pub sessions: Vec<Held>,
}

/// How a course is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The account whose meetings Moodle's activities are.
    pub account: &'a str,
    /// Only sessions that began in it; none for all.
    pub window: Option<Window>,
    /// Which time a class took.
    pub basis: Basis,
    /// Now, for enrolments that begin or end.
    pub now: Timestamp,
}

/// No course has that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCourse {
    text: String,
    near: Vec<String>,
}

impl std::error::Error for NoCourse {}

impl std::fmt::Display for NoCourse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Moodle has no course {:?}", self.text)?;
        match self.near.as_slice() {
            [] => f.write_str("; write its short name, its ID number or its id"),
            [only] => write!(f, "; did you mean {only}?"),
            several => write!(f, "; those that come near: {}", several.join(", ")),
        }
    }
}

/// The course that somebody means.
///
/// # Errors
/// A sentence that names those that come near.
pub fn find<'a>(site: &'a Site, text: &str) -> Result<&'a Course, NoCourse> {
    find_course(site.courses.values(), text).map_err(|near| NoCourse {
        text: text.to_owned(),
        near: near.into_iter().map(|course| course.short_name.clone()).collect(),
    })
}

/// Reads a course and its sessions; none if the course is gone.
///
/// # Errors
/// If one of the two databases cannot be read.
pub async fn read_course(
    link: &mut Link,
    store: &Store,
    site: &Site,
    course: &Course,
    reading: Reading<'_>,
    addresses: &mut Addresses,
    label: impl Fn(Option<Timestamp>) -> String,
) -> Result<Option<CourseBook>, Trouble> {
    let activities: Vec<Activity> =
        site.activities().filter(|activity| activity.course == course.id).cloned().collect();
    let meetings = Meetings::read(store, reading.account, &numbers(&activities), reading.window)?;
    // The roster is wanted even where nobody was seen.
    let nobody: &[Stay] = &[];
    let stays: Vec<(i64, &[Stay])> =
        std::iter::once(nobody).chain(meetings.stays()).map(|stays| (course.id, stays)).collect();
    let corrections = store.corrections()?;
    let batch = Batch::gather(link, store, reading.now, &stays, &corrections, addresses).await?;
    let Some(known) = batch.known(course.id, &corrections) else { return Ok(None) };
    let sessions = meetings.held(&known, &activities, reading.basis, label);
    let elsewhere = elsewhere(site, course, &activities);
    let mut roster = known.roster.clone();
    // Of somebody erased nothing is known any more: they are neither present nor absent, and get no grade.
    let mut kept = Vec::with_capacity(roster.members.len());
    for member in roster.members {
        if !store.is_erased_user(member.user.id, &member.user.email)? {
            kept.push(member);
        }
    }
    roster.members = kept;
    Ok(Some(CourseBook { roster, activities, elsewhere, sessions }))
}

/// Other courses that have an activity of one of a course's numbers.
fn elsewhere(site: &Site, course: &Course, own: &[Activity]) -> BTreeMap<u64, Vec<String>> {
    let mut elsewhere: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for number in numbers(own) {
        let of_number = site.by_number.get(&number).into_iter().flatten();
        let others = of_number.filter(|activity| activity.course != course.id && activity.module.is_some());
        let names: BTreeSet<String> = others
            .filter_map(|activity| site.courses.get(&activity.course))
            .map(|course| course.short_name.clone())
            .collect();
        if !names.is_empty() {
            elsewhere.insert(number, names.into_iter().collect());
        }
    }
    elsewhere
}
