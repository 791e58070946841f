//! Which courses a teacher sees: those named for their login, and those in which Moodle calls the user with the same e-mail
//! address a teacher. What Moodle said holds for some minutes; while it does not answer, what it said last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::time::minutes;
use rollbook_moodle::{DbSettings, Error, MoodleDb, TaughtCourse};
use rollbook_store::Login;
use tokio::sync::Mutex;

use super::visitor::Own;
use crate::config::Config;
use crate::sink::moodle::settings;

/// A teacher who is new in a course waits at most this long to see it, one who left sees it as long.
const KNOWN_FOR: SignedDuration = minutes(10);

/// While Moodle does not answer, what it said earlier holds a day, so that teachers see their courses through an outage.
const KEPT_FOR: SignedDuration = minutes(24 * 60);

/// After a failure nobody asks for a minute: no page waits for a database that is down.
const PAUSE: SignedDuration = minutes(1);

/// A page waits no longer for Moodle.
const ASK_FOR_MAX: Duration = Duration::from_secs(3);

/// What a teacher sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taught {
    /// Courses, by short name.
    pub courses: BTreeSet<String>,
    /// Their meetings.
    pub own: Arc<Own>,
}

/// Knows it, as long as Moodle said it lately. Without Moodle's database: only the names of courses, and no meetings.
#[derive(Default)]
pub struct Teaching {
    moodle: Option<(DbSettings, String)>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    of: BTreeMap<i64, Entry>,
    not_before: Option<Timestamp>,
}

struct Entry {
    at: Timestamp,
    email: Option<String>,
    named: BTreeSet<String>,
    taught: Arc<Taught>,
}

impl Entry {
    /// Whether it speaks of the login as it is now: an admin may have changed it.
    fn is_of(&self, login: &Login) -> bool {
        self.email == login.email && self.named == login.courses
    }
}

impl Teaching {
    /// By the Moodle that is configured, if one is.
    pub fn new(config: &Config) -> Teaching {
        let moodle = config.moodle.db.as_ref().map(|db| (settings(db), config.moodle.account.clone()));
        Teaching { moodle, known: Mutex::default() }
    }

    /// What this login's teacher sees.
    pub async fn of(&self, now: Timestamp, login: &Login) -> Arc<Taught> {
        let Some((settings, account)) = &self.moodle else { return Arc::new(named(login)) };
        let mut known = self.known.lock().await;
        let kept = known.of.get(&login.id).filter(|entry| entry.is_of(login));
        let age = kept.map(|entry| (now.duration_since(entry.at), entry.taught.clone()));
        if let Some((_, taught)) = age.as_ref().filter(|(age, _)| *age < KNOWN_FOR) {
            return taught.clone();
        }
        let kept = age.filter(|(age, _)| *age < KEPT_FOR).map(|(_, taught)| taught);
        let last = |login| kept.unwrap_or_else(|| Arc::new(named(login)));
        if known.not_before.is_some_and(|at| now < at) {
            return last(login);
        }
        match tokio::time::timeout(ASK_FOR_MAX, ask(settings, login)).await {
            Ok(Ok(courses)) => {
                let taught = Arc::new(taught(account, courses));
                let (email, named) = (login.email.clone(), login.courses.clone());
                known.not_before = None;
                known.of.insert(login.id, Entry { at: now, email, named, taught: taught.clone() });
                taught
            }
            failed => {
                let why = match failed {
                    Ok(Err(error)) => error.to_string(),
                    _ => format!("no answer within {} s", ASK_FOR_MAX.as_secs()),
                };
                tracing::warn!(
                    "which courses teachers have cannot be asked of Moodle, who knew goes by that: {why}"
                );
                known.not_before = Some(now + PAUSE);
                last(login)
            }
        }
    }
}

async fn ask(settings: &DbSettings, login: &Login) -> Result<Vec<TaughtCourse>, Error> {
    let mut moodle = MoodleDb::connect(settings).await?;
    let courses = moodle.taught(login.email.as_deref(), &login.courses).await?;
    moodle.close().await;
    Ok(courses)
}

fn named(login: &Login) -> Taught {
    Taught { courses: login.courses.clone(), own: Arc::default() }
}

fn taught(account: &str, courses: Vec<TaughtCourse>) -> Taught {
    let numbers = courses.iter().flat_map(|course| course.numbers.iter().copied()).collect();
    Taught {
        courses: courses.into_iter().map(|course| course.short_name).collect(),
        own: Arc::new(Own { account: account.to_owned(), numbers }),
    }
}

#[cfg(test)]
mod tests;
