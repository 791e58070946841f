//! `rollbook meetings check`: Moodle's activities whose meeting is gone from Zoom, or is not what Moodle says of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use clap::Args;
use rollbook_core::planned::{Difference, differences};
use rollbook_core::roster::{Activity, Course};
use rollbook_moodle::MoodleDb;
use rollbook_zoom::endpoint::GetMeeting;
use rollbook_zoom::endpoint::user_meetings::{ListUserWebinars, PlannedMeeting};
use rollbook_zoom::{Advice, MeetingId, SkipReason, UserId};

use crate::cli::context::Context;
use crate::cli::desk::{Desk, ListError};
use crate::cli::moodle::database;
use crate::cli::{Exit, UsageError, output};
use crate::collector::once::OnceError;
use crate::collector::translate::{plan_of_lines, plan_of_meeting};
use crate::config::ConfigError;
use crate::sink::moodle::settings;

mod report;

use report::{Finding, Price, Report, Standing};

/// Find Moodle's activities whose meeting is gone from Zoom, or differs there
///
/// Compares topic, host, start, length and recurrence, and writes nothing, neither in Moodle nor at Zoom. Costs one Light call
/// for each meeting number and one Medium call for each host of webinars, of which Zoom documents no plan but the list of
/// their host's. Exit 0 whatever is found; with --strict 1 if something is gone or differs.
#[derive(Debug, Args)]
pub struct Check {
    /// Only the activities of this course, by its short name
    #[arg(long, value_name = "SHORTNAME")]
    pub course: Option<String>,
    /// Ask for those too that Moodle has marked as gone
    #[arg(long)]
    pub marked: bool,
    /// Exit 1 if a meeting is gone or differs
    #[arg(long)]
    pub strict: bool,
    /// Tell the price and ask Zoom nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What Moodle says.
struct Wanted {
    courses: BTreeMap<i64, Course>,
    activities: Vec<Activity>,
}

/// What Zoom said of one number.
#[derive(Debug, Clone)]
enum Said {
    Plan(Box<rollbook_core::planned::Plan>),
    Gone(String),
    /// A webinar where a meeting was asked for.
    IsWebinar,
    NotKnown(String),
}

impl Check {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let account = account(context)?;
        let wanted = self.read_moodle(context).await?;
        let (numbers, hosts) = (self.numbers(&wanted), self.webinar_hosts(&wanted));
        let price = Price { light: numbers.len() as u64, medium: hosts.len() as u64 };
        if self.dry_run {
            report::show_price(context, &wanted.activities, price)?;
            return Ok(Exit::Done);
        }
        let mut report = Report::new(Price { light: 0, medium: 0 });
        let mut said = BTreeMap::new();
        let mut outcome = Ok(());
        if !numbers.is_empty() || !hosts.is_empty() {
            let mut desk = Desk::open_as(context, account, "meetings check").await?;
            outcome = ask(&mut desk, &numbers, &hosts, &mut said).await;
            let summary =
                format!("{} numbers and {} hosts of webinars asked for", numbers.len(), hosts.len());
            let calls = desk.collector.calls();
            report.calls = Price { light: calls.light, medium: calls.medium };
            outcome = desk.close(outcome, &summary).await;
        }
        report.is_complete = outcome.is_ok();
        for activity in &wanted.activities {
            let course = wanted.courses.get(&activity.course);
            report.add(self.finding(activity, course, said.get(&(activity.number, activity.is_webinar))));
        }
        match context.json {
            true => output::json(&report)?,
            false => output::text(&report.text(&context.page()))?,
        }
        outcome?;
        Ok(if self.strict && report.has_trouble() { Exit::Failed } else { Exit::Done })
    }

    async fn read_moodle(&self, context: &Context<'_>) -> anyhow::Result<Wanted> {
        let mut moodle = MoodleDb::connect(&settings(database(context)?)).await?;
        let courses = moodle.courses().await?;
        let mut activities = moodle.activities().await?;
        moodle.close().await;
        // Nobody sees an activity whose page is gone, so nobody misses its meeting.
        activities.retain(|activity| activity.module.is_some());
        if let Some(name) = self.course.as_deref().map(str::trim) {
            let course = courses.iter().find(|course| course.short_name == name).ok_or_else(|| {
                UsageError(format!(
                    "Moodle has no course with the short name {name:?}; write it as Moodle does"
                ))
            })?;
            activities.retain(|activity| activity.course == course.id);
        }
        let courses = courses.into_iter().map(|course| (course.id, course)).collect();
        Ok(Wanted { courses, activities })
    }

    fn is_asked_for(&self, activity: &Activity) -> bool {
        activity.exists_on_zoom || self.marked
    }

    /// Numbers of meetings, each once however many activities share it.
    fn numbers(&self, wanted: &Wanted) -> BTreeSet<u64> {
        let meetings = wanted.activities.iter().filter(|activity| !activity.is_webinar);
        meetings.filter(|activity| self.is_asked_for(activity)).map(|activity| activity.number).collect()
    }

    /// Webinars to look for, by host.
    fn webinar_hosts(&self, wanted: &Wanted) -> BTreeMap<String, BTreeSet<u64>> {
        let mut hosts: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        let webinars = wanted.activities.iter().filter(|activity| activity.is_webinar);
        for activity in webinars.filter(|activity| self.is_asked_for(activity)) {
            hosts.entry(activity.host_id.clone()).or_default().insert(activity.number);
        }
        hosts
    }

    fn finding(&self, activity: &Activity, course: Option<&Course>, said: Option<&Said>) -> Finding {
        let standing = match said {
            _ if !self.is_asked_for(activity) => Standing::MarkedGone,
            None => Standing::NotKnown { reason: "Zoom was not asked".to_owned() },
            Some(Said::Gone(said)) => Standing::Gone { said: said.clone() },
            Some(Said::NotKnown(reason)) => Standing::NotKnown { reason: reason.clone() },
            Some(Said::IsWebinar) => {
                Standing::of(vec![Difference::Webinar { moodle: activity.is_webinar, zoom: true }])
            }
            Some(Said::Plan(plan)) => Standing::of(differences(activity, plan)),
        };
        Finding::new(activity, course, standing)
    }
}

/// The account whose meetings Moodle's activities are.
fn account(context: &Context<'_>) -> anyhow::Result<usize> {
    let (accounts, wanted) = (&context.config.accounts, &context.config.moodle.account);
    if let [_] = accounts.as_slice() {
        return Ok(0);
    }
    let found = accounts.iter().position(|account| account.name == *wanted);
    found.with_context(|| format!("account {wanted:?} of Moodle's meetings is not configured")).map_err(
        |error| {
            ConfigError(format!("{error}; name it in ROLLBOOK_MOODLE_ACCOUNT, or choose with --account"))
                .into()
        },
    )
}

/// Asks Zoom for each number and host. What one of them is refused is kept; what all would be refused ends it.
async fn ask(
    desk: &mut Desk<'_>,
    numbers: &BTreeSet<u64>,
    hosts: &BTreeMap<String, BTreeSet<u64>>,
    said: &mut BTreeMap<(u64, bool), Said>,
) -> anyhow::Result<()> {
    for number in numbers {
        let request = GetMeeting { show_previous_occurrences: true, ..GetMeeting::new(MeetingId(*number)) };
        let told = match desk.try_ask(&request).await {
            Ok(told) => Said::Plan(Box::new(plan_of_meeting(&told.value))),
            Err(error) => refusal(desk, error)?,
        };
        said.insert((*number, false), told);
    }
    for (host, wanted) in hosts {
        let told = webinars(desk, host).await?;
        for number in wanted {
            let said_of_one = match &told {
                Ok(lines) => of_lines(*number, lines),
                Err(reason) => Said::NotKnown(reason.clone()),
            };
            said.insert((*number, true), said_of_one);
        }
    }
    Ok(())
}

/// A host's webinars, or why they are not known.
async fn webinars(desk: &mut Desk<'_>, host: &str) -> anyhow::Result<Result<Vec<PlannedMeeting>, String>> {
    let Ok(user) = UserId::new(host) else {
        return Ok(Err("Moodle does not say whose webinar it is".to_owned()));
    };
    match desk.try_list(&ListUserWebinars::new(user), "webinars").await {
        Ok(rows) => Ok(Ok(rows.into_iter().map(|(line, _)| line).collect())),
        Err(ListError::Once(error)) => match refusal(desk, error)? {
            Said::Gone(said) | Said::NotKnown(said) => Ok(Err(said)),
            Said::Plan(_) | Said::IsWebinar => Ok(Err("Zoom does not list this host's webinars".to_owned())),
        },
        Err(error) => Err(desk.explain_list(error)),
    }
}

/// Zoom documents no call for the plan of one webinar, and one that its host's list lacks may be over as well as gone.
fn of_lines(number: u64, lines: &[PlannedMeeting]) -> Said {
    let own: Vec<PlannedMeeting> =
        lines.iter().filter(|line| line.id == Some(MeetingId(number))).cloned().collect();
    match plan_of_lines(&own) {
        Some(plan) => Said::Plan(Box::new(plan)),
        None => Said::NotKnown(
            "not among the webinars that its host has scheduled: over, deleted, or another's".into(),
        ),
    }
}

/// What a refusal says of one number; an error if it would be the same for all.
fn refusal(desk: &Desk<'_>, error: OnceError) -> anyhow::Result<Said> {
    let OnceError::Zoom(zoom) = &error else { return Err(desk.explain(error)) };
    let words = zoom.message().map_or_else(|| zoom.to_string(), str::to_owned);
    match (zoom.advice(), zoom.code()) {
        (_, Some(3001)) => Ok(Said::Gone(words)),
        (_, Some(3000)) => Ok(Said::IsWebinar),
        (Advice::Skip(SkipReason::ScopeMissing { .. } | SkipReason::PlanTooLow { .. }), _) => {
            Err(desk.explain(error))
        }
        (Advice::Skip(_), Some(_)) => Ok(Said::NotKnown(words)),
        _ => Err(desk.explain(error)),
    }
}

#[cfg(test)]
mod tests;
