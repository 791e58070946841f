//! `rollbook moodle grades`: grades by time attended, through Moodle's web service.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use rollbook_core::grade::Policy;
use rollbook_core::roster::Course;
use rollbook_core::time::Window;
use rollbook_store::{GradeOutcome, Store};
use serde::Serialize;

use super::told_database;
use crate::cli::context::Context;
use crate::cli::dates::Days;
use crate::cli::page::count;
use crate::cli::{Exit, output};
use crate::config::ConfigError;
use crate::report::course::label;
use crate::sink::moodle::course::{CourseBook, Reading, find, read_course};
use crate::sink::moodle::grades::{ActivityGrades, decide_course, send};
use crate::sink::moodle::people::Addresses;
use crate::sink::moodle::service::{MoodleService, ServiceError, ServiceErrorKind};
use crate::sink::moodle::site::Task;
use crate::sink::moodle::{Link, Site, settings};

mod text;

/// Write grades by time attended, for activities that grade so
///
/// For Zoom activities whose grading method is the time attended: full marks times the share of the sessions attended, of
/// enrolled students only and of verified sessions only. Written through Moodle's web service (ROLLBOOK_MOODLE_URL and
/// ROLLBOOK_MOODLE_TOKEN), which cannot be asked which grades there are: that no grade becomes lower goes by what rollbook
/// has sent before. Every grade leaves a receipt, and the same is not sent twice.
#[derive(Debug, Args)]
pub struct Grades {
    /// This course only: its short name, ID number or id
    #[arg(long, value_name = "COURSE")]
    pub course: Option<String>,
    /// Grades from the sessions of these days only.
    #[command(flatten)]
    pub days: Days,
    /// Show what would be sent, and why somebody gets none; nothing is sent
    #[arg(long)]
    pub dry_run: bool,
    /// Let a grade become lower than the one sent before
    #[arg(long)]
    pub allow_lower: bool,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub struct GradesReport {
    /// Whether nothing was to be sent.
    pub dry_run: bool,
    /// Every activity that grades by time attended.
    pub activities: Vec<ActivityGrades>,
    /// What went wrong: of single activities, and what ended it all.
    pub failures: Vec<String>,
    /// What cannot be seen from here, and other remarks.
    pub notes: Vec<String>,
    /// Grades that Moodle took.
    pub taken: usize,
    /// Grades that would be sent, or were to be and were not taken.
    pub to_send: usize,
    /// Members who get none now.
    pub ungraded: usize,
    #[serde(skip)]
    exit: Option<Exit>,
}

/// What cannot be known.
const UNSEEN: &str = "Moodle's web service does not tell which grades there are: what a teacher or the plugin gave cannot be \
    seen from here, and is not protected by the rule that no grade becomes lower";

const PLUGIN_GRADES: &str = "the plugin's own report task is enabled, or ran lately, and grades too, by other rules: what it gives and what \
    rollbook gives replace each other; switch one of them off";

impl Grades {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let report = self.report(context).await?;
        if context.json {
            output::json(&report)?;
        } else {
            output::text(&text::text(&report, &context.page()))?;
        }
        for failure in &report.failures {
            eprintln!("rollbook: {failure}");
        }
        Ok(report.exit.unwrap_or(Exit::Done))
    }

    /// Decides, and sends unless it is a dry run.
    async fn report(&self, context: &Context<'_>) -> anyhow::Result<GradesReport> {
        let service = self.service(context)?;
        let moodle = &context.config.moodle;
        let mut link = Link::new(settings(told_database(context)?), context.clock());
        let mut store = if self.dry_run { context.read_store()? } else { context.open_store()? };
        let site = link.patiently(async |db| Site::read(db, moodle.duration).await).await?;
        let mut report = GradesReport { dry_run: self.dry_run, ..GradesReport::default() };
        report.notes.push(UNSEEN.to_owned());
        if site.task(context.clock().now()) != Task::Off {
            report.notes.push(PLUGIN_GRADES.to_owned());
        }
        let mut addresses = Addresses::default();
        for course in self.courses(&site)? {
            let book = self.read(context, &mut link, &store, &site, course, &mut addresses).await?;
            let Some(book) = book else {
                let gone = format!("the course {} was deleted from Moodle meanwhile", course.short_name);
                report.fail(gone, Exit::Failed);
                continue;
            };
            let policy = self.policy(context);
            let told = service.as_ref().map(MoodleService::site).unwrap_or_default();
            for graded in decide_course(&store, &told, &book, &policy)? {
                report.activities.push(graded);
                let sender = service.as_ref().filter(|_| !self.dry_run);
                let Some(sender) = sender else { continue };
                if !self.send(context, &mut store, sender, course.id, &mut report).await? {
                    report.count();
                    return Ok(report);
                }
            }
        }
        link.close().await;
        report.count();
        Ok(report)
    }

    async fn read(
        &self,
        context: &Context<'_>,
        link: &mut Link,
        store: &Store,
        site: &Site,
        course: &Course,
        addresses: &mut Addresses,
    ) -> anyhow::Result<Option<CourseBook>> {
        let now = context.clock().now();
        let zone = &context.config.timezone;
        let chosen = self.days.chosen(context.today(now))?;
        let window = chosen.map(|(from, to)| Window::of_days(from, to, zone));
        let account = context.account.as_deref().unwrap_or(&context.config.moodle.account);
        let reading = Reading { account, window, basis: context.config.attendance.basis, now };
        Ok(read_course(link, store, site, course, reading, addresses, |at| label(at, zone)).await?)
    }

    /// Sends the grades of the activity decided last; false when nothing more need be tried.
    async fn send(
        &self,
        context: &Context<'_>,
        store: &mut Store,
        service: &MoodleService,
        course: i64,
        report: &mut GradesReport,
    ) -> anyhow::Result<bool> {
        let (clock, chance) = (context.clock(), context.chance(context.clock().now()));
        let Some(graded) = report.activities.last_mut() else { return Ok(true) };
        let place = format!("{}, {} (activity {})", graded.course, graded.name, graded.module.unwrap_or(0));
        match send(store, service, clock, &chance, course, graded).await {
            Ok(None) => Ok(true),
            Ok(Some(refused)) => {
                report.fail(format!("{place}: {refused}"), Exit::Failed);
                Ok(true)
            }
            Err(error) => match error.downcast::<ServiceError>() {
                Ok(error) => {
                    let is_setting = error.kind == ServiceErrorKind::Configuration;
                    let exit = if is_setting { Exit::Usage } else { Exit::Failed };
                    report.fail(format!("{place}: {error}; nothing more was sent"), exit);
                    Ok(false)
                }
                Err(error) => Err(error),
            },
        }
    }

    fn policy(&self, context: &Context<'_>) -> Policy {
        Policy { combine: context.config.moodle.grade_from, may_lower: self.allow_lower, ..Policy::default() }
    }

    /// The courses meant: the one named, or all that have an activity which grades by time attended.
    fn courses<'a>(&self, site: &'a Site) -> anyhow::Result<Vec<&'a Course>> {
        if let Some(text) = &self.course {
            return Ok(vec![find(site, text)?]);
        }
        let graded: BTreeSet<i64> =
            site.activities().filter(|activity| activity.grades_by_time()).map(|one| one.course).collect();
        Ok(site.courses.values().filter(|course| graded.contains(&course.id)).collect())
    }

    /// The web service; none only where a dry run can do without.
    fn service(&self, context: &Context<'_>) -> anyhow::Result<Option<MoodleService>> {
        let Some(config) = &context.config.moodle.service else {
            if self.dry_run {
                return Ok(None);
            }
            return Err(ConfigError(
                "Moodle's web service is not known: set ROLLBOOK_MOODLE_URL to the site's address ($CFG->wwwroot) and \
                 ROLLBOOK_MOODLE_TOKEN (or …_TOKEN_FILE) to a token of an external service that holds \
                 core_grades_update_grades"
                    .to_owned(),
            )
            .into());
        };
        let transport = rollbook_zoom::reqwest::Reqwest::new().context("the network cannot be set up")?;
        Ok(Some(MoodleService::new(Arc::new(transport), config)))
    }
}

/// What came of grades after a delivery.
#[derive(Debug)]
pub struct Graded {
    /// How it ended.
    pub exit: Exit,
    /// In a sentence.
    pub sentence: String,
    /// What went wrong.
    pub failures: Vec<String>,
}

/// Sends what is new after sessions were delivered, where that is configured.
///
/// # Errors
/// Those of `moodle grades`.
pub async fn after_delivery(context: &Context<'_>) -> anyhow::Result<Option<Graded>> {
    if !context.config.moodle.grades {
        return Ok(None);
    }
    let everything = Days { from: None, to: None };
    let all = Grades { course: None, days: everything, dry_run: false, allow_lower: false };
    let report = all.report(context).await?;
    let (exit, sentence) = (report.exit.unwrap_or(Exit::Done), report.sentence());
    Ok(Some(Graded { exit, sentence, failures: report.failures }))
}

impl GradesReport {
    /// In a sentence.
    fn sentence(&self) -> String {
        let grades = |number: usize| count(number as u64, "grade", "grades");
        let none = count(self.ungraded as u64, "member gets none now", "members get none now");
        match (self.dry_run, self.to_send) {
            (true, number) => {
                format!("{} would be sent; {none}. Nothing was sent (--dry-run).", grades(number))
            }
            (false, 0) => format!("{} taken by Moodle; {none}.", grades(self.taken)),
            (false, number) => {
                format!("{} taken by Moodle, {} not taken; {none}.", grades(self.taken), grades(number))
            }
        }
    }

    fn fail(&mut self, what: String, exit: Exit) {
        self.failures.push(what);
        self.exit = Some(self.exit.unwrap_or(Exit::Done).and(exit));
    }

    fn count(&mut self) {
        let grades = || self.activities.iter().flat_map(|activity| &activity.grades);
        let taken = grades().filter(|one| one.outcome == Some(GradeOutcome::Taken)).count();
        let to_send = grades().count() - taken;
        let ungraded = self.activities.iter().map(|activity| activity.ungraded.len()).sum();
        (self.taken, self.to_send, self.ungraded) = (taken, to_send, ungraded);
    }
}
