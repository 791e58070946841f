//! Whom nobody can name for certain, over the sessions of some days.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollbook_core::identity::{Candidate, Confidence, PersonKey};
use rollbook_core::stay::Stay;
use rollbook_core::time::Window;
use rollbook_store::{Record, Store};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::people::{Addresses, Batch, Corrections, Seen, everyone};
use super::{Link, Site, Trouble};

/// Sessions that are looked at together.
const BATCH: usize = 400;

/// Sessions that a person names; the rest are counted.
const SESSIONS_MAX: usize = 50;

/// Letters and digits that cannot be taken for each other.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Seven of them are 35 bits: a campus of 100,000 doubtful people meets no two of one reference but once in ten.
const REFERENCE_LETTERS: usize = 7;

/// Somebody who may not be who they seem.
#[derive(Debug, Clone, Serialize)]
pub struct Doubt {
    /// Short and always the same for this person in this course.
    pub reference: String,
    /// What a correction is remembered under.
    pub key: PersonKey,
    /// Short name of the course.
    pub course: String,
    /// Names shown, as typed.
    pub names: Vec<String>,
    /// How sure.
    pub confidence: Confidence,
    /// Who it is taken for.
    pub user: Option<i64>,
    /// The rule that decided.
    pub rule: &'static str,
    /// What it rests on.
    pub evidence: String,
    /// Who might be meant.
    pub candidates: Vec<Candidate>,
    /// Seconds in the meeting over all sessions.
    pub seconds: i64,
    /// How many sessions.
    pub session_count: usize,
    /// The first of them.
    pub sessions: Vec<SeenIn>,
}

/// A session in which somebody was seen.
#[derive(Debug, Clone, Serialize)]
pub struct SeenIn {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Start.
    pub started_at: Option<Timestamp>,
    /// Seconds in the meeting.
    pub seconds: i64,
}

/// Which people.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Sessions that start in there.
    pub window: Window,
    /// Only of this course.
    pub course: Option<i64>,
    /// Those with a likely user too.
    pub likely: bool,
}

/// Looks for doubtful people, those with most time first.
///
/// # Errors
/// If Moodle or the store cannot be read.
pub async fn doubts(
    link: &mut Link,
    store: &Store,
    site: &Site,
    account: &str,
    now: Timestamp,
    wanted: Wanted,
) -> Result<Vec<Doubt>, Trouble> {
    let corrections = store.corrections()?;
    let mut addresses = Addresses::default();
    let mut found: BTreeMap<(i64, PersonKey), Doubt> = BTreeMap::new();
    let sessions = sessions(store, site, account, wanted)?;
    for some in sessions.chunks(BATCH) {
        let mut with_stays: Vec<(&Record, Vec<Stay>, &BTreeSet<i64>)> = Vec::with_capacity(some.len());
        for (record, courses) in some {
            with_stays.push((record, store.stays(record.id)?, courses));
        }
        let asked: Vec<(i64, &[Stay])> = with_stays
            .iter()
            .flat_map(|(_, stays, courses)| courses.iter().map(|course| (*course, stays.as_slice())))
            .collect();
        let batch = Batch::gather(link, store, now, &asked, &corrections, &mut addresses).await?;
        for course in asked.iter().map(|(course, _)| *course).collect::<BTreeSet<i64>>() {
            let of_course = with_stays.iter().filter(|(_, _, courses)| courses.contains(&course));
            let of_course = of_course.map(|(record, stays, _)| (*record, stays.as_slice()));
            look(&mut found, site, &batch, course, of_course, &corrections, wanted.likely);
        }
    }
    let mut all: Vec<Doubt> = found.into_values().collect();
    all.sort_by(|a, b| b.seconds.cmp(&a.seconds).then_with(|| a.reference.cmp(&b.reference)));
    Ok(all)
}

/// Sessions of the window that activities show, each with the courses of these.
fn sessions(
    store: &Store,
    site: &Site,
    account: &str,
    wanted: Wanted,
) -> Result<Vec<(Record, BTreeSet<i64>)>, Trouble> {
    let mut all = Vec::new();
    store.each_candidate("", account, Some(wanted.window), |candidate| {
        let number = candidate.record.instance.number.unwrap_or(0);
        let activities = site.by_number.get(&number).into_iter().flatten();
        let courses: BTreeSet<i64> = activities
            .filter(|activity| activity.module.is_some())
            .map(|activity| activity.course)
            .filter(|course| wanted.course.is_none_or(|only| only == *course))
            .collect();
        if !courses.is_empty() {
            all.push((candidate.record, courses));
        }
    })?;
    Ok(all)
}

/// Adds the doubtful people of a course's sessions.
fn look<'a>(
    found: &mut BTreeMap<(i64, PersonKey), Doubt>,
    site: &Site,
    batch: &Batch,
    course: i64,
    sessions: impl Iterator<Item = (&'a Record, &'a [Stay])>,
    corrections: &Corrections,
    likely: bool,
) {
    let Some(known) = batch.known(course, corrections) else { return };
    for (record, stays) in sessions {
        for seen in everyone(stays, course, &known) {
            let is_wanted = match seen.identity.confidence {
                Confidence::Certain => false,
                // A likely nobody was decided by hand.
                Confidence::Likely => likely,
                Confidence::Ambiguous | Confidence::Unknown => true,
            };
            let (true, Some(key)) = (is_wanted && seen.seconds > 0, seen.keys.first().cloned()) else {
                continue;
            };
            let short_name = site.courses.get(&course).map_or_else(String::new, |c| c.short_name.clone());
            let doubt =
                found.entry((course, key.clone())).or_insert_with(|| Doubt::new(key, short_name, &seen));
            doubt.add(record, &seen);
        }
    }
}

impl Doubt {
    fn new(key: PersonKey, course: String, seen: &Seen) -> Doubt {
        Doubt {
            reference: reference(&key),
            key,
            course,
            names: Vec::new(),
            confidence: seen.identity.confidence,
            user: seen.identity.user,
            rule: seen.identity.rule,
            evidence: seen.identity.evidence.clone(),
            candidates: seen.identity.candidates.clone(),
            seconds: 0,
            session_count: 0,
            sessions: Vec::new(),
        }
    }

    fn add(&mut self, record: &Record, seen: &Seen) {
        for name in &seen.sighting.names {
            if !self.names.contains(name) {
                self.names.push(name.clone());
            }
        }
        self.seconds += seen.seconds;
        self.session_count += 1;
        if self.sessions.len() < SESSIONS_MAX {
            self.sessions.push(SeenIn {
                meeting_uuid: record.instance.uuid.clone(),
                meeting_id: record.instance.number,
                started_at: record.instance.started_at,
                seconds: seen.seconds,
            });
        }
    }
}

/// Short for a person: the same wherever it is computed.
pub fn reference(key: &PersonKey) -> String {
    let hash = Sha256::digest(key.to_string());
    let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let letter = |place: usize| char::from(ALPHABET[(number >> (place * 5) & 31) as usize]);
    (0..REFERENCE_LETTERS).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_short_and_the_same_for_a_person() {
        let ana: PersonKey = "name:3:Ana Lopez".parse().unwrap();
        let elsewhere: PersonKey = "name:4:Ana Lopez".parse().unwrap();
        assert_eq!(reference(&ana), reference(&ana));
        assert_eq!(reference(&ana).len(), 7);
        assert_ne!(reference(&ana), reference(&elsewhere));
    }
}
