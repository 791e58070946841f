//! `rollbook moodle push`: Moodle is told what it was not told yet.

use std::fmt::Write;

use clap::Args;
use rollbook_core::completeness::words;
use rollbook_core::time::Window;

use super::{grades, told_database};
use crate::cli::context::Context;
use crate::cli::dates::Days;
use crate::cli::meeting::grouped;
use crate::cli::output::thousands;
use crate::cli::page::{Column, Page, count, cut};
use crate::cli::{Exit, output};
use crate::sink::moodle::report::{Line, Report, Told};
use crate::sink::moodle::site::Task;
use crate::sink::moodle::{Push, push};
use crate::supervise::stop_on_signals;

/// Sessions of each list that people are shown.
const SHOWN_MAX: usize = 20;

/// Deliver verified sessions to Moodle, with their participants
///
/// Without dates: whatever is new, has changed, or was not delivered before, and the last seven days compared anew. Doing
/// it twice, or after being interrupted anywhere, comes to the same. Exit code 1 if something could not be delivered; what
/// is held back is listed with the reason.
#[derive(Debug, Args)]
pub struct PushCommand {
    /// The days.
    #[command(flatten)]
    pub days: Days,
    /// Only say what would be inserted and corrected; nothing is written anywhere
    #[arg(long)]
    pub dry_run: bool,
    /// Compare everything with Moodle again, whatever was delivered before: after Moodle was restored from a backup
    #[arg(long)]
    pub again: bool,
}

impl PushCommand {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let db = told_database(context)?;
        let clock = context.clock();
        let now = clock.now();
        let days = self.days.chosen(context.today(now))?;
        let window = days.map(|(from, to)| Window::of_days(from, to, &context.config.timezone));
        // A rehearsal writes nothing at all.
        let mut store = if self.dry_run { context.read_store()? } else { context.open_store()? };
        let run = if self.dry_run { None } else { Some(store.start_run(now, &self.command())?) };
        let told = push(Push {
            store: &mut store,
            clock,
            config: &context.config.moodle,
            db,
            window,
            again: self.again,
            dry_run: self.dry_run,
            stop: stop_on_signals(),
        })
        .await;
        let exit = match &told {
            Ok(report) if report.is_interrupted => Exit::Interrupted,
            Ok(report) if report.is_whole() => Exit::Done,
            _ => Exit::Failed,
        };
        if let Some(run) = run {
            let said = match &told {
                Ok(report) => report.sentence(),
                Err(error) => error.to_string(),
            };
            store.end_run(clock.now(), run, i32::from(exit.code()), &said)?;
        }
        let report = told?;
        if context.json {
            output::json(&report)?
        } else {
            output::text(&report.text(&context.page()))?
        }
        drop(store);
        let wants_grades = !self.dry_run && exit != Exit::Interrupted;
        let graded = if wants_grades { grades::after_delivery(context).await? } else { None };
        let Some(graded) = graded else { return Ok(exit) };
        for failure in &graded.failures {
            eprintln!("rollbook: {failure}");
        }
        if !context.json {
            output::text(&context.page().field("Grades", &graded.sentence))?;
        }
        Ok(exit.and(graded.exit))
    }

    fn command(&self) -> String {
        let day = |flag: &str, day: &Option<String>| {
            day.as_ref().map_or_else(String::new, |day| format!(" {flag} {day}"))
        };
        let again = if self.again { " --again" } else { "" };
        format!("moodle push{}{}{again}", day("--from", &self.days.from), day("--to", &self.days.to))
    }
}

impl Report {
    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let counts = &self.counts;
        let mut out = page.field("Moodle", &self.site);
        let verb = if self.dry_run { "would be delivered" } else { "delivered" };
        let mut sessions = vec![
            format!("{} {verb}", thousands(counts.delivered)),
            format!("{} unchanged", thousands(counts.unchanged)),
        ];
        for (number, what) in [
            (counts.held_back, "held back"),
            (counts.failed, "failed"),
            (counts.open, "still being collected"),
            (
                counts.closed,
                "closed incomplete, not delivered (moodle.incomplete = true delivers what is known)",
            ),
        ] {
            if number > 0 {
                sessions.push(format!("{} {what}", thousands(number)));
            }
        }
        out += &page.field("Sessions", &sessions.join(", "));
        let rows = &counts.rows;
        if counts.delivered > 0 {
            out += &page.field("Stays", &rows_words(rows, self.dry_run));
        }
        let people = &counts.people;
        if people.certain + people.likely + people.ambiguous + people.unknown > 0 {
            let said = format!(
                "{} certain, {} likely, {} ambiguous, {} unknown; `rollbook people` lists the doubtful",
                thousands(people.certain),
                thousands(people.likely),
                thousands(people.ambiguous),
                thousands(people.unknown)
            );
            out += &page.field("People", &said);
        }
        out += &page.field("Took", &words(self.took));
        if self.dry_run {
            told_text(&mut out, page, &self.delivered_sessions, counts.delivered);
        }
        lines_text(&mut out, page, "Held back", &self.held_back_sessions, counts.held_back);
        lines_text(&mut out, page, "Failed", &self.failed_sessions, counts.failed);
        for note in self.notes.iter().take(SHOWN_MAX) {
            out += &page.field("Note", note);
        }
        if self.notes.len() > SHOWN_MAX {
            let _ = writeln!(out, "… and {} more notes (--json).", self.notes.len() - SHOWN_MAX);
        }
        if self.plugin_task != Task::Off {
            out += &page.field("Note", PLUGIN_WRITES);
        }
        if let Some(reason) = &self.stopped {
            out += &page.field("Stopped", reason);
        }
        if self.dry_run {
            out.push_str("\nNothing was written.\n");
        }
        out
    }
}

const PLUGIN_WRITES: &str = "the plugin's own report task writes there too; rollbook keeps the rows apart, but better switch it \
    off: php admin/cli/scheduled_task.php --disable='\\mod_zoom\\task\\get_meeting_reports'";

fn rows_words(rows: &crate::sink::moodle::report::Rows, dry_run: bool) -> String {
    let would = if dry_run { "to be " } else { "" };
    let mut said = vec![format!("{} {would}inserted", thousands(rows.inserted))];
    for (number, what) in [
        (rows.corrected, "corrected"),
        (rows.corrected_of_others, "of others corrected (leave time and duration only)"),
        (rows.deleted, "deleted (rollbook's own only)"),
    ] {
        if number > 0 {
            said.push(format!("{} {would}{what}", thousands(number)));
        }
    }
    said.push(format!("{} right already", thousands(rows.kept)));
    said.join(", ")
}

fn told_text(out: &mut String, page: &Page, told: &[Told], total: u64) {
    if told.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nTo be delivered ({}):", count(total, "session", "sessions"));
    let rows = told.iter().take(SHOWN_MAX).map(|line| {
        vec![
            line.meeting_id.map_or_else(String::new, grouped),
            line.started_at.map_or_else(String::new, |at| page.minute(at)),
            cut(line.topic.as_deref().unwrap_or(""), 40),
            if line.is_new { "new" } else { "corrected" }.to_owned(),
            rows_words(&line.rows, true),
        ]
    });
    let columns = [
        Column::Whole("meeting"),
        Column::Whole("started"),
        Column::Text("topic"),
        Column::Whole("session"),
        Column::Text("stays"),
    ];
    out.push_str(&page.table(&columns, rows.collect()));
    more(out, told.len(), total);
}

/// Sessions with a reason.
pub fn lines_text(out: &mut String, page: &Page, title: &str, lines: &[Line], total: u64) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title} ({}):", count(total, "session", "sessions"));
    let rows = lines.iter().take(SHOWN_MAX).map(|line| {
        vec![
            line.meeting_id.map_or_else(String::new, grouped),
            line.started_at.map_or_else(|| "not known".to_owned(), |at| page.minute(at)),
            line.meeting_uuid.clone(),
            cut(line.topic.as_deref().unwrap_or(""), 40),
            line.reason.clone(),
        ]
    });
    let columns = [
        Column::Whole("meeting"),
        Column::Whole("started"),
        Column::Whole("uuid"),
        Column::Text("topic"),
        Column::Text("why"),
    ];
    out.push_str(&page.table(&columns, rows.collect()));
    more(out, lines.len(), total);
}

fn more(out: &mut String, named: usize, total: u64) {
    let left = total.saturating_sub(named.min(SHOWN_MAX) as u64);
    if left > 0 {
        let _ = writeln!(out, "… and {} more (--json names up to 1,000).", thousands(left));
    }
}
