//! `rollbook runs`: what each command did, and what it spent.

use std::fmt::Write;

use clap::Args;
use jiff::Timestamp;
use rollbook_core::completeness::words;
use rollbook_store::{Run, RunCall, Store};
use serde::Serialize;

use super::context::Context;
use super::output::thousands;
use super::page::{Column, Page};
use super::{Exit, output};

/// Show what earlier runs did, what they skipped and why, and what they spent
///
/// Without ID: the latest runs. With ID: that run's calls and notes.
#[derive(Debug, Args)]
pub struct Runs {
    /// The run's number
    #[arg(value_name = "ID")]
    pub id: Option<i64>,
    /// How many runs to list
    #[arg(long, default_value_t = 20, value_name = "N", conflicts_with = "id", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub last: u32,
}

/// One run as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct RunLine {
    /// What the store holds.
    #[serde(flatten)]
    pub run: Run,
    /// How long it took.
    pub seconds: Option<i64>,
    /// How it stands: `ended`, `no end yet` (it runs, or was just killed), `no end recorded` (it was killed).
    pub end: &'static str,
}

/// One run with all that is known of it.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The run.
    #[serde(flatten)]
    pub line: RunLine,
    /// What it spent.
    pub calls_by_operation: Vec<RunCall>,
    /// What it could not do, and other remarks.
    pub notes: Vec<NoteLine>,
}

/// A remark.
#[derive(Debug, Clone, Serialize)]
pub struct NoteLine {
    /// When.
    pub at: Timestamp,
    /// What.
    pub note: String,
}

impl Runs {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let store = context.read_store()?;
        let page = context.page();
        match self.id {
            None => {
                let lines = latest(&store, self.last)?;
                if context.json {
                    output::json(&serde_json::json!({ "runs": lines }))?;
                } else {
                    output::text(&list_text(&page, &lines))?;
                }
            }
            Some(id) => {
                let report = one(&store, id)?;
                if context.json { output::json(&report)? } else { output::text(&report.text(&page))? }
            }
        }
        Ok(Exit::Done)
    }
}

/// The latest runs, newest first.
///
/// # Errors
/// If the store cannot be read.
pub fn latest(store: &Store, limit: u32) -> anyhow::Result<Vec<RunLine>> {
    let runs = store.runs(limit)?;
    let newest = runs.first().map_or(0, |run| run.id);
    Ok(runs.into_iter().map(|run| RunLine::of(run, newest)).collect())
}

/// One run with its calls and notes.
///
/// # Errors
/// If there is none with that number, or the store cannot be read.
pub fn one(store: &Store, id: i64) -> anyhow::Result<RunReport> {
    let newest = store.runs(1)?.first().map_or(0, |run| run.id);
    let Some(run) = store.run(id)? else {
        anyhow::bail!(
            "there is no run {id} in the store {}; `rollbook runs` lists them",
            store.path().display()
        );
    };
    let notes = store.run_notes(id)?.into_iter().map(|(at, note)| NoteLine { at, note }).collect();
    Ok(RunReport { line: RunLine::of(run, newest), calls_by_operation: store.run_calls(id)?, notes })
}

impl RunLine {
    fn of(run: Run, newest: i64) -> RunLine {
        let end = match run.ended_at {
            Some(_) => "ended",
            None if run.id == newest => "no end yet",
            None => "no end recorded",
        };
        let seconds = run.ended_at.map(|ended| ended.duration_since(run.started_at).as_secs());
        RunLine { run, seconds, end }
    }

    fn took(&self) -> String {
        match self.run.ended_at {
            Some(ended) => words(ended.duration_since(self.run.started_at)),
            None => "–".to_owned(),
        }
    }

    fn summary(&self) -> String {
        match (&self.run.summary, self.end) {
            (Some(summary), _) => summary.clone(),
            (None, "no end yet") => "no end yet: it still runs, or was killed".to_owned(),
            (None, _) => "no end recorded: it was killed; what it had committed is kept".to_owned(),
        }
    }

    fn exit(&self) -> String {
        self.run.exit_code.map_or_else(|| "–".to_owned(), |code| code.to_string())
    }
}

/// The list, for people.
pub fn list_text(page: &Page, lines: &[RunLine]) -> String {
    if lines.is_empty() {
        return "No runs yet; `rollbook sync` is the first to make one.\n".to_owned();
    }
    let rows = lines.iter().map(|line| {
        vec![
            line.run.id.to_string(),
            page.minute(line.run.started_at),
            line.took(),
            line.exit(),
            thousands(line.run.calls),
            line.run.command.clone(),
            line.summary(),
        ]
    });
    let columns = [
        Column::Number("run"),
        Column::Whole("started"),
        Column::Number("took"),
        Column::Number("exit"),
        Column::Number("calls"),
        Column::Text("command"),
        Column::Text("result"),
    ];
    page.table(&columns, rows.collect())
}

impl RunReport {
    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let run = &self.line.run;
        let mut out = page.field("Run", &format!("{}: {}", run.id, run.command));
        out += &page.field("Started", &format!("{} ({})", page.second(run.started_at), page.zone_name()));
        if let Some(ended) = run.ended_at {
            out += &page.field("Ended", &format!("{}, after {}", page.second(ended), self.line.took()));
        }
        if let Some(code) = run.exit_code {
            out += &page.field("Exit code", &format!("{code} ({})", exit_words(code)));
        }
        out += &page.field("Result", &self.line.summary());
        if self.calls_by_operation.is_empty() {
            out.push_str("\nIt made no calls to Zoom.\n");
        } else {
            let _ = writeln!(out, "\nCalls to Zoom ({}):", thousands(run.calls));
            let rows = self.calls_by_operation.iter().map(|line| {
                vec![
                    line.label.to_string(),
                    line.operation.clone(),
                    line.outcome.clone(),
                    thousands(line.calls),
                ]
            });
            let columns = [
                Column::Whole("label"),
                Column::Whole("operation"),
                Column::Text("answer"),
                Column::Number("calls"),
            ];
            out.push_str(&page.table(&columns, rows.collect()));
        }
        if !self.notes.is_empty() {
            out.push_str("\nNotes:\n");
            for line in &self.notes {
                out.push_str(&page.field(&page.clock(line.at), &line.note));
            }
        }
        out
    }
}

fn exit_words(code: i32) -> &'static str {
    match code {
        0 => "done",
        1 => "failed",
        2 => "usage or configuration",
        3 => "instances still open",
        4 => "stopped by the budget",
        130 => "interrupted",
        _ => "not one of ours",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_killed_says_that_no_end_is_recorded() {
        let mut store = Store::in_memory().unwrap();
        let at: Timestamp = "2026-11-20T03:00:00Z".parse().unwrap();
        for _ in 0..2 {
            store.start_run(at, "sync").unwrap();
        }
        let ends: Vec<&str> = latest(&store, 20).unwrap().iter().map(|line| line.end).collect();
        assert_eq!(ends, ["no end yet", "no end recorded"]);
    }

    #[test]
    fn an_unknown_run_says_how_to_list_them() {
        let error = one(&Store::in_memory().unwrap(), 7).unwrap_err();
        assert!(error.to_string().contains("`rollbook runs`"), "{error}");
    }
}
