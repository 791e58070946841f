//! `rollbook moodle check`: whether sessions can be delivered, and which.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use clap::Args;
use jiff::Timestamp;
use rollbook_core::completeness::words;
use rollbook_core::delivery::{LengthUnit, choose_activity};
use rollbook_core::roster::Activity;
use rollbook_moodle::{MoodleDb, SchemaReport, Weight};
use serde::Serialize;

use super::database;
use crate::cli::context::Context;
use crate::cli::meeting::grouped;
use crate::cli::output::thousands;
use crate::cli::page::{Column, Page, count, cut};
use crate::cli::{Exit, output};
use crate::sink::moodle::site::Task;
use crate::sink::moodle::{Site, place, settings, sink_name};

/// Numbers of several activities that people are shown.
const SHOWN_MAX: usize = 20;

/// Check Moodle's database: connection, tables, rights, the plugin, and which meetings its activities show
#[derive(Debug, Args)]
pub struct Check {}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where Moodle's tables are.
    pub site: String,
    /// Server, tables and rights.
    #[serde(flatten)]
    pub schema: SchemaReport,
    /// Whether sessions can be read.
    pub can_read: bool,
    /// Whether sessions can be delivered.
    pub can_write: bool,
    /// What its activities are; none where they cannot be read.
    pub activities: Option<Activities>,
}

/// What a site's activities are.
#[derive(Debug, Serialize)]
pub struct Activities {
    /// Whether the plugin's own report task fills the tables too.
    pub plugin_task: Task,
    /// How far that came.
    pub plugin_last_call_made_at: Option<Timestamp>,
    /// It does nothing until then.
    pub plugin_retry_after: Option<Timestamp>,
    /// What Zoom calls users by.
    pub identifier: String,
    /// The unit in which lengths of sessions are written.
    pub duration_unit: &'static str,
    /// Courses.
    pub courses: usize,
    /// Activities with a meeting number.
    pub activities: usize,
    /// Of these, those that are being deleted; they get nothing.
    pub vanishing: usize,
    /// Of these, those whose meeting Zoom has deleted, as far as the plugin knows.
    pub gone_from_zoom: usize,
    /// Different meeting numbers.
    pub meetings: usize,
    /// Of these, those that rollbook has sessions of; none without a store.
    pub meetings_known_to_both: Option<usize>,
    /// Numbers of several activities.
    pub shared: Vec<Shared>,
}

/// A meeting number that several activities show.
#[derive(Debug, Serialize)]
pub struct Shared {
    /// The number.
    pub meeting_id: u64,
    /// Who gets its sessions.
    pub served: ActivityLine,
    /// Why.
    pub because: &'static str,
    /// Who gets none in Moodle: its table takes a session once. `rollbook attendance --course` serves them.
    pub others: Vec<ActivityLine>,
}

/// An activity.
#[derive(Debug, Serialize)]
pub struct ActivityLine {
    /// `{zoom}.id`.
    pub id: i64,
    /// The number in its page's address.
    pub module: Option<i64>,
    /// Short name of the course.
    pub course: String,
    /// Its name.
    pub name: String,
}

impl Check {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let report = Report::look(context).await?;
        if context.json {
            output::json(&report)?
        } else {
            output::text(&report.text(&context.page()))?
        }
        Ok(if report.can_write { Exit::Done } else { Exit::Failed })
    }
}

impl Report {
    /// Asks Moodle, and our store if there is one.
    ///
    /// # Errors
    /// If Moodle's database cannot be reached.
    pub async fn look(context: &Context<'_>) -> anyhow::Result<Report> {
        let db = database(context)?;
        let mut moodle = MoodleDb::connect(&settings(db)).await?;
        let schema = moodle.check().await?;
        let activities = match schema.can_read() {
            true => Some(Activities::look(context, &mut moodle).await?),
            false => None,
        };
        moodle.close().await;
        let (can_read, can_write) = (schema.can_read(), schema.can_write());
        Ok(Report { site: place(db), schema, can_read, can_write, activities })
    }

    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = page.field("Moodle", &self.site);
        // PostgreSQL says its name itself, MariaDB only its version.
        let server = match self.schema.server.starts_with(self.schema.database) {
            true => self.schema.server.clone(),
            false => format!("{} {}", self.schema.database, self.schema.server),
        };
        out += &page.field("Server", &server);
        for finding in &self.schema.findings {
            let label = match finding.weight {
                Weight::StopsReading | Weight::StopsWriting => "PROBLEM",
                Weight::Warning => "Warning",
                Weight::Note => "Note",
            };
            out += &page.field(label, &finding.what);
        }
        if let Some(activities) = &self.activities {
            let version =
                self.schema.plugin.map_or_else(|| "not known".to_owned(), |version| version.to_string());
            out += &page.field("Plugin", &format!("version {version}; {}", activities.task_words(page)));
            activities.text(&mut out, page);
        }
        out.push_str(match (self.can_read, self.can_write) {
            (true, true) => "\nSessions can be delivered; `rollbook moodle push --dry-run` shows which.\n",
            (true, false) => "\nSessions can be read, not delivered: see PROBLEM above.\n",
            (false, _) => "\nNothing can be done there yet: see PROBLEM above.\n",
        });
        out
    }
}

impl Activities {
    async fn look(context: &Context<'_>, moodle: &mut MoodleDb) -> anyhow::Result<Activities> {
        let config = &context.config.moodle;
        let now = context.clock().now();
        let site = Site::read(moodle, config.duration).await?;
        let shared: Vec<u64> =
            site.by_number.iter().filter(|(_, all)| all.len() > 1).map(|(number, _)| *number).collect();
        let earlier = moodle.session_counts(&shared).await?;
        let shared = shared.iter().filter_map(|number| Shared::of(&site, *number, &earlier)).collect();
        let count_of = |is_it: fn(&Activity) -> bool| site.activities().filter(|one| is_it(one)).count();
        Ok(Activities {
            plugin_task: site.task(now),
            plugin_last_call_made_at: site.plugin.last_call_made_at,
            plugin_retry_after: site.plugin.retry_after,
            identifier: site.plugin.identifier.clone(),
            duration_unit: match site.unit {
                LengthUnit::Seconds => "seconds",
                LengthUnit::Minutes => "minutes",
            },
            courses: site.courses.len(),
            activities: site.activities().count(),
            vanishing: count_of(|activity| activity.module.is_none()),
            gone_from_zoom: count_of(|activity| !activity.exists_on_zoom),
            meetings: site.by_number.len(),
            meetings_known_to_both: known_to_both(context, &site)?,
            shared,
        })
    }

    fn task_words(&self, page: &Page) -> String {
        let came = self
            .plugin_last_call_made_at
            .map_or_else(|| "never".to_owned(), |at| format!("{} ago", words(page.now.duration_since(at))));
        match self.plugin_task {
            Task::Off => {
                "its report task is off, or has not run lately, so that rollbook writes alone".to_owned()
            }
            Task::On => format!(
                "its report task is ON (ran last: {came}) and writes the same tables; rollbook keeps the rows apart, but \
                 better switch it off: php admin/cli/scheduled_task.php --disable='\\mod_zoom\\task\\get_meeting_reports'"
            ),
            Task::RanLately => format!(
                "its report task ran {came} and seems to be on; it writes the same tables; rollbook keeps the rows apart, \
                 but better switch it off: php admin/cli/scheduled_task.php \
                 --disable='\\mod_zoom\\task\\get_meeting_reports'"
            ),
        }
    }

    fn text(&self, out: &mut String, page: &Page) {
        let of_these = |number: usize, what: &str| match number {
            0 => String::new(),
            number => format!(", {} {what}", thousands(number as u64)),
        };
        let said = format!(
            "{} in {}{}{}",
            count(self.activities as u64, "activity", "activities"),
            count(self.courses as u64, "course", "courses"),
            of_these(self.vanishing, "being deleted"),
            of_these(self.gone_from_zoom, "whose meeting is gone from Zoom"),
        );
        *out += &page.field("Activities", &said);
        let known = match self.meetings_known_to_both {
            None => "; there is no store yet: run `rollbook sync`".to_owned(),
            Some(known) => format!(", {} with sessions in rollbook's store", thousands(known as u64)),
        };
        *out +=
            &page.field("Meetings", &format!("{} different numbers{known}", thousands(self.meetings as u64)));
        *out += &page.field("Lengths", &format!("written in {}", self.duration_unit));
        *out += &page.field("Identifier", &format!("users are known to Zoom by {}", self.identifier));
        if self.shared.is_empty() {
            return;
        }
        let numbers = count(self.shared.len() as u64, "number", "numbers");
        let _ = writeln!(
            out,
            "\nMeetings that several activities show ({numbers}). Moodle's table takes a session once, so one activity gets \
             it;\n`rollbook attendance --course` shows it for the others:"
        );
        let line = |activity: &ActivityLine| {
            let module = activity.module.map_or_else(|| "vanishing".to_owned(), |id| format!("cmid {id}"));
            format!("{} ({module}) {}", activity.course, cut(&activity.name, 30))
        };
        let rows = self.shared.iter().take(SHOWN_MAX).map(|shared| {
            vec![
                grouped(shared.meeting_id),
                format!("{}: {}", line(&shared.served), shared.because),
                shared.others.iter().map(line).collect::<Vec<_>>().join("; "),
            ]
        });
        let columns =
            [Column::Whole("meeting"), Column::Text("gets the sessions"), Column::Text("gets none")];
        out.push_str(&page.table(&columns, rows.collect()));
        let more = self.shared.len().saturating_sub(SHOWN_MAX);
        if more > 0 {
            let _ = writeln!(out, "… and {} more (--json names all).", thousands(more as u64));
        }
    }
}

impl Shared {
    /// None where only one of the activities is there to stay.
    fn of(site: &Site, number: u64, earlier: &BTreeMap<i64, u64>) -> Option<Shared> {
        let activities = site.by_number.get(&number)?;
        let choice = choose_activity(activities, number, None, earlier)?;
        let line = |activity: &Activity| ActivityLine {
            id: activity.id,
            module: activity.module,
            course: site
                .courses
                .get(&activity.course)
                .map_or_else(String::new, |course| course.short_name.clone()),
            name: activity.name.clone(),
        };
        (!choice.others.is_empty()).then(|| Shared {
            meeting_id: number,
            served: line(choice.activity),
            because: choice.because,
            others: choice.others.iter().map(|activity| line(activity)).collect(),
        })
    }
}

/// Meetings of the site's activities that our store has sessions of; none without a store.
fn known_to_both(context: &Context<'_>, site: &Site) -> anyhow::Result<Option<usize>> {
    if !context.config.store.exists() {
        return Ok(None);
    }
    let store = context.read_store()?;
    let mut known = BTreeSet::new();
    let sink = sink_name(database(context)?);
    store.each_candidate(&sink, &context.config.moodle.account, None, |candidate| {
        known.extend(candidate.record.instance.number.filter(|number| site.by_number.contains_key(number)));
    })?;
    Ok(Some(known.len()))
}
