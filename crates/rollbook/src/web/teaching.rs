//! Which courses a teacher sees: those named for their login, and those in which Moodle calls the user with the same e-mail
//! address a teacher. What Moodle said holds for some minutes; while it does not answer, what it said last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::time::minutes;
use rollbook_moodle::{DbSettings, Error, MoodleDb, TaughtCourse};
use rollbook_store::Login;
use tokio::sync::Semaphore;

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

/// Connections to Moodle's database at once: at eight in the morning all teachers come.
const ASKED_AT_ONCE: usize = 4;

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
pub struct Teaching(Option<Asking>);

struct Asking {
    settings: DbSettings,
    account: String,
    turns: Semaphore,
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

/// What is known without asking.
enum Standing {
    /// It holds.
    Holds(Arc<Taught>),
    /// It holds only while Moodle does not answer.
    Old(Arc<Taught>),
}

impl Known {
    fn standing(&self, now: Timestamp, login: &Login) -> Standing {
        // Not that of a login whom an admin has changed since.
        let is_of = |entry: &&Entry| entry.email == login.email && entry.named == login.courses;
        let kept = self.of.get(&login.id).filter(is_of);
        match kept.map(|entry| (now.duration_since(entry.at), &entry.taught)) {
            Some((age, taught)) if age < KNOWN_FOR => Standing::Holds(taught.clone()),
            kept => {
                let old = kept.filter(|(age, _)| *age < KEPT_FOR).map(|(_, taught)| taught.clone());
                let old = old.unwrap_or_else(|| Arc::new(named(login)));
                let is_silent = self.not_before.is_some_and(|at| now < at);
                if is_silent { Standing::Holds(old) } else { Standing::Old(old) }
            }
        }
    }
}

impl Teaching {
    /// By the Moodle that is configured, if one is.
    pub fn new(config: &Config) -> Teaching {
        match &config.moodle.db {
            Some(db) => Teaching::at(settings(db), config.moodle.account.clone()),
            None => Teaching(None),
        }
    }

    /// By a Moodle whose activities are the meetings of this account.
    pub fn at(settings: DbSettings, account: String) -> Teaching {
        let turns = Semaphore::new(ASKED_AT_ONCE);
        Teaching(Some(Asking { settings, account, turns, known: Mutex::default() }))
    }

    /// What this login's teacher sees.
    pub async fn of(&self, now: Timestamp, login: &Login) -> Arc<Taught> {
        match &self.0 {
            Some(asking) => asking.of(now, login).await,
            None => Arc::new(named(login)),
        }
    }
}

impl Asking {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nobody panics with it in hand")
    }

    async fn of(&self, now: Timestamp, login: &Login) -> Arc<Taught> {
        if let Standing::Holds(taught) = self.known().standing(now, login) {
            return taught;
        }
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        // Somebody else may have asked while we waited.
        let old = match self.known().standing(now, login) {
            Standing::Holds(taught) => return taught,
            Standing::Old(taught) => taught,
        };
        let why = match tokio::time::timeout(ASK_FOR_MAX, ask(&self.settings, login)).await {
            Ok(Ok(courses)) => return self.keep(now, login, courses),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", ASK_FOR_MAX.as_secs()),
        };
        tracing::warn!(
            "Moodle cannot be asked which courses teachers have; what it said last goes on to hold: {why}"
        );
        self.known().not_before = Some(now + PAUSE);
        old
    }

    fn keep(&self, now: Timestamp, login: &Login, courses: Vec<TaughtCourse>) -> Arc<Taught> {
        let taught = Arc::new(taught(&self.account, courses));
        let entry = Entry {
            at: now,
            email: login.email.clone(),
            named: login.courses.clone(),
            taught: taught.clone(),
        };
        let mut known = self.known();
        known.not_before = None;
        known.of.insert(login.id, entry);
        taught
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
