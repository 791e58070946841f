//! Moodle for pages: read on a thread of its own over one connection, and remembered for a while, so that a busy page does
//! not become Moodle's burden.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook_core::course::Rule;
use rollbook_core::time::Window;
use rollbook_moodle::DbSettings;
use rollbook_store::{CommandState, Reader};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::problem::Problem;
use crate::clock::Clock;
use crate::config::{Config, DurationUnit, MoodleConfig};
use crate::report::course::{CourseReport, label};
use crate::sink::moodle::course::{Reading, read_course};
use crate::sink::moodle::doubts::{Doubt, Wanted, doubts};
use crate::sink::moodle::people::Addresses;
use crate::sink::moodle::{Link, Site, Trouble, settings};

/// How long an answer is good: a course that is being looked at by a whole class is read once a minute.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(60);

/// How long it is left alone after it did not answer.
const LEFT_ALONE_FOR: SignedDuration = SignedDuration::from_secs(10);

/// Answers that are remembered. A course of 1,000 students and 60 sessions takes some 10 MB.
const KEPT_MAX: usize = 64;

/// Questions that may wait for their turn.
const WAITING_MAX: usize = 64;

/// How long a page waits. What was asked for is read all the same, and there when the page is loaded again.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why something was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// There is no Moodle here.
    NotConfigured,
    /// Too many ask at once, or it takes long.
    Busy,
    /// The store keeps no names, so that nobody can be told from anybody.
    NoNames,
    /// It does not answer, or not as it should.
    Failed(String),
}

impl From<NotRead> for Problem {
    fn from(why: NotRead) -> Problem {
        match why {
            NotRead::NotConfigured | NotRead::NoNames => Problem::not_configured(why.to_string()),
            NotRead::Busy | NotRead::Failed(_) => Problem::unavailable(why.to_string()),
        }
    }
}

impl std::fmt::Display for NotRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotRead::NotConfigured => f.write_str(
                "no Moodle is configured: whoever runs rollbook sets ROLLBOOK_MOODLE_DB, the address of its database",
            ),
            NotRead::NoNames => f.write_str("this store keeps no names, so that nobody can be found in Moodle's courses"),
            NotRead::Busy => f.write_str("Moodle is still being read; load the page again in a moment"),
            NotRead::Failed(said) => write!(f, "Moodle's database could not be read: {said}"),
        }
    }
}

/// A course that has Zoom activities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseEntry {
    /// `{course}.id`.
    pub id: i64,
    /// Short name.
    pub short_name: String,
    /// Full name.
    pub full_name: String,
    /// Zoom activities it has.
    pub activities: usize,
    /// These activities.
    pub held: Vec<ActivityEntry>,
}

/// A Zoom activity of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEntry {
    /// `{zoom}.id`.
    pub id: i64,
    /// `{course_modules}.id`.
    pub module: Option<i64>,
    /// Its name.
    pub name: String,
    /// Zoom's number.
    pub number: u64,
}

/// What is asked for, and what an answer is remembered under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Courses,
    Course(i64, Option<(Date, Date)>),
    Doubts((Date, Date), bool),
}

/// An answer, cheap to clone.
#[derive(Clone)]
enum Told {
    Courses(Arc<Vec<CourseEntry>>),
    Course(Option<Arc<CourseReport>>),
    Doubts(Arc<Vec<Doubt>>),
}

type Answer = Result<Told, NotRead>;
type Kept = Arc<Mutex<BTreeMap<Question, (Timestamp, Answer)>>>;

/// A way to ask from anywhere.
pub struct School {
    thread: Result<mpsc::SyncSender<(Question, oneshot::Sender<Answer>)>, NotRead>,
    kept: Kept,
    /// When the list of courses was last asked for without waiting for it.
    listed_at: Mutex<Option<Timestamp>>,
    /// The latest decision about a person that was known when something was read.
    decided: Mutex<Option<(i64, CommandState)>>,
    clock: Clock,
}

impl School {
    /// Where there is none.
    pub fn none(why: NotRead) -> School {
        School {
            thread: Err(why),
            kept: Kept::default(),
            listed_at: Mutex::default(),
            decided: Mutex::default(),
            clock: Clock::System,
        }
    }

    /// For the Moodle of the configuration, if there is one. The thread ends with the last way to ask.
    ///
    /// # Errors
    /// If the store cannot be read, or the thread cannot be set up.
    pub fn open(config: &Config, clock: Clock) -> anyhow::Result<School> {
        if config.is_masked == Some(true) {
            return Ok(School::none(NotRead::NoNames));
        }
        let (store, rule) = (Reader::open(&config.store)?, config.attendance.clone());
        School::of(&config.moodle, store, rule, config.timezone.clone(), clock)
    }

    /// The same, from its parts.
    ///
    /// # Errors
    /// If the thread cannot be set up.
    pub fn of(
        moodle: &MoodleConfig,
        store: Reader,
        rule: Rule,
        timezone: TimeZone,
        clock: Clock,
    ) -> anyhow::Result<School> {
        let Some(db) = &moodle.db else { return Ok(School::none(NotRead::NotConfigured)) };
        let kept = Kept::default();
        let mut desk = Desk {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            link: Link::new(settings(db), clock),
            site: None,
            store,
            settings: settings(db),
            duration: moodle.duration,
            account: moodle.account.clone(),
            rule,
            timezone,
            clock,
        };
        let (sender, receiver) = mpsc::sync_channel::<(Question, oneshot::Sender<Answer>)>(WAITING_MAX);
        let own = kept.clone();
        std::thread::spawn(move || {
            while let Ok((question, tell)) = receiver.recv() {
                // Others may have asked the same meanwhile.
                let answer = match recall(&own, &question, desk.clock.now()) {
                    Some(answer) => answer,
                    None => desk.answer(&own, &question),
                };
                // Whoever asked may have gone; the answer is kept for the next.
                let _ = tell.send(answer);
            }
        });
        Ok(School { thread: Ok(sender), kept, listed_at: Mutex::default(), decided: Mutex::default(), clock })
    }

    /// Whether there is a Moodle.
    pub fn is_configured(&self) -> bool {
        self.thread.is_ok()
    }

    /// The same, with the reason.
    ///
    /// # Errors
    /// Why there is none.
    pub fn check(&self) -> Result<(), NotRead> {
        self.thread.as_ref().map(|_| ()).map_err(NotRead::clone)
    }

    /// Courses with Zoom activities, by short name.
    ///
    /// # Errors
    /// Why it was not read.
    pub async fn courses(&self) -> Result<Arc<Vec<CourseEntry>>, NotRead> {
        match self.ask(Question::Courses).await? {
            Told::Courses(courses) => Ok(courses),
            Told::Course(_) | Told::Doubts(_) => Err(NotRead::Busy),
        }
    }

    /// The same as far as it was read, however long ago that was; where it was not lately, it is read for the next who ask,
    /// and nobody waits.
    pub fn courses_known(&self) -> Arc<Vec<CourseEntry>> {
        let Ok(thread) = &self.thread else { return Arc::default() };
        let now = self.clock.now();
        let held = self
            .kept
            .lock()
            .expect("nobody panics with the answers in hand")
            .get(&Question::Courses)
            .cloned();
        let is_fresh = held.as_ref().is_some_and(|(at, _)| now.duration_since(*at).abs() < KEPT_FOR);
        if !is_fresh {
            let mut asked_at = self.listed_at.lock().expect("nobody panics with a time in hand");
            if asked_at.is_none_or(|at| now.duration_since(at).abs() >= LEFT_ALONE_FOR) {
                *asked_at = Some(now);
                // A full queue means that others wait; the next page asks again.
                let _ = thread.try_send((Question::Courses, oneshot::channel().0));
            }
        }
        match held {
            Some((_, Ok(Told::Courses(courses)))) => courses,
            _ => Arc::default(),
        }
    }

    /// A course and its sessions, of some days or all; none if it is gone.
    ///
    /// # Errors
    /// Why it was not read.
    pub async fn course(
        &self,
        id: i64,
        days: Option<(Date, Date)>,
    ) -> Result<Option<Arc<CourseReport>>, NotRead> {
        match self.ask(Question::Course(id, days)).await? {
            Told::Course(course) => Ok(course),
            Told::Courses(_) | Told::Doubts(_) => Err(NotRead::Busy),
        }
    }

    /// People whom nobody can name for certain, over the sessions of some days, those with most time first.
    ///
    /// # Errors
    /// Why it was not read.
    pub async fn doubts(&self, days: (Date, Date), likely: bool) -> Result<Arc<Vec<Doubt>>, NotRead> {
        match self.ask(Question::Doubts(days, likely)).await? {
            Told::Doubts(doubts) => Ok(doubts),
            Told::Courses(_) | Told::Course(_) => Err(NotRead::Busy),
        }
    }

    /// Forgets what was read before the latest decision about a person: its number, and how far it is.
    pub fn know(&self, decision: Option<(i64, CommandState)>) {
        let mut decided = self.decided.lock().expect("nobody panics with a number in hand");
        if *decided != decision {
            *decided = decision;
            self.kept.lock().expect("nobody panics with the answers in hand").clear();
        }
    }

    async fn ask(&self, question: Question) -> Answer {
        let thread = self.thread.as_ref().map_err(NotRead::clone)?;
        if let Some(answer) = recall(&self.kept, &question, self.clock.now()) {
            return answer;
        }
        let (tell, told) = oneshot::channel();
        thread.try_send((question, tell)).map_err(|_| NotRead::Busy)?;
        match tokio::time::timeout(PATIENCE, told).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(NotRead::Busy),
        }
    }
}

fn recall(kept: &Kept, question: &Question, now: Timestamp) -> Option<Answer> {
    let kept = kept.lock().expect("nobody panics with the answers in hand");
    let (at, answer) = kept.get(question)?;
    let good_for = if answer.is_ok() { KEPT_FOR } else { LEFT_ALONE_FOR };
    (now.duration_since(*at).abs() < good_for).then(|| answer.clone())
}

/// What the thread works with.
struct Desk {
    runtime: Runtime,
    link: Link,
    site: Option<(Timestamp, Site)>,
    store: Reader,
    settings: DbSettings,
    duration: DurationUnit,
    account: String,
    rule: Rule,
    timezone: TimeZone,
    clock: Clock,
}

impl Desk {
    fn answer(&mut self, kept: &Kept, question: &Question) -> Answer {
        let answer = self.read(question).map_err(|trouble| {
            tracing::warn!("Moodle could not be read for a page: {trouble}");
            NotRead::Failed(trouble.to_string())
        });
        let now = self.clock.now();
        let mut kept = kept.lock().expect("nobody panics with the answers in hand");
        // An old list of courses is better than none for who only chooses from it.
        let is_good = |question: &Question, at| {
            *question == Question::Courses || now.duration_since(at).abs() < KEPT_FOR
        };
        kept.retain(|question, (at, _)| is_good(question, *at));
        if kept.len() >= KEPT_MAX {
            let oldest = kept.iter().min_by_key(|(_, (at, _))| *at).map(|(question, _)| question.clone());
            oldest.and_then(|oldest| kept.remove(&oldest));
        }
        kept.insert(question.clone(), (now, answer.clone()));
        answer
    }

    fn read(&mut self, question: &Question) -> Result<Told, Trouble> {
        let now = self.clock.now();
        if self.site.as_ref().is_none_or(|(at, _)| now.duration_since(*at).abs() >= KEPT_FOR) {
            self.site = None;
            let unit = self.duration;
            let site = self.runtime.block_on(async { Site::read(self.link.open().await?, unit).await });
            if site.is_err() {
                // The connection may be half-way through a statement.
                self.link = Link::new(self.settings.clone(), self.clock);
            }
            self.site = Some((now, site?));
        }
        let Some((_, site)) = &self.site else { return Ok(Told::Courses(Arc::default())) };
        let account = self.account.as_str();
        match question {
            Question::Courses => Ok(Told::Courses(Arc::new(courses(site)))),
            Question::Course(id, days) => {
                let Some(course) = site.courses.get(id) else { return Ok(Told::Course(None)) };
                let window = days.map(|(from, to)| Window::of_days(from, to, &self.timezone));
                let reading = Reading { account, window, basis: self.rule.basis, now };
                let mut addresses = Addresses::default();
                let named = |at| label(at, &self.timezone);
                let work =
                    read_course(&mut self.link, &self.store, site, course, reading, &mut addresses, named);
                let book = self.runtime.block_on(work)?;
                Ok(Told::Course(book.map(|book| Arc::new(CourseReport::of(&book, &self.rule)))))
            }
            Question::Doubts((from, to), likely) => {
                let window = Window::of_days(*from, *to, &self.timezone);
                let wanted = Wanted { window, course: None, likely: *likely };
                let work = doubts(&mut self.link, &self.store, site, account, now, wanted);
                Ok(Told::Doubts(Arc::new(self.runtime.block_on(work)?)))
            }
        }
    }
}

fn courses(site: &Site) -> Vec<CourseEntry> {
    let mut activities: BTreeMap<i64, Vec<ActivityEntry>> = BTreeMap::new();
    for activity in site.activities().filter(|activity| activity.module.is_some()) {
        activities.entry(activity.course).or_default().push(ActivityEntry {
            id: activity.id,
            module: activity.module,
            name: activity.name.clone(),
            number: activity.number,
        });
    }
    let entry = |(id, held): (i64, Vec<ActivityEntry>)| {
        let course = site.courses.get(&id)?;
        let (short_name, full_name) = (course.short_name.clone(), course.full_name.clone());
        Some(CourseEntry { id, short_name, full_name, activities: held.len(), held })
    };
    let mut entries: Vec<CourseEntry> = activities.into_iter().filter_map(entry).collect();
    entries.sort_by(|a, b| (&a.short_name, a.id).cmp(&(&b.short_name, b.id)));
    entries
}
