//! `rollbook moodle status`: what Moodle was told.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Args;
use jiff::Timestamp;
use rollbook_core::time::Window;
use rollbook_store::{DeliveryState, Overwrite, Store};
use serde::Serialize;

use super::database;
use super::push::lines_text;
use crate::cli::context::Context;
use crate::cli::dates::Days;
use crate::cli::meeting::grouped;
use crate::cli::output::thousands;
use crate::cli::page::{Column, Page, count};
use crate::cli::{Exit, output};
use crate::sink::moodle::report::{Counts, Line};
use crate::sink::moodle::{place, sink_name};

/// Sessions of each state that an answer names.
const NAMED_MAX: u32 = 1_000;

/// Rows of others that people are shown.
const SHOWN_MAX: usize = 20;

/// Show what was delivered to Moodle, what is held back or failed and why, and which rows of others were corrected
///
/// Without dates: everything. Asks Moodle nothing.
#[derive(Debug, Args)]
pub struct Status {
    /// The days.
    #[command(flatten)]
    pub days: Days,
}

/// How delivering stands.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where Moodle's tables are.
    pub site: String,
    /// When Moodle was told last.
    pub last_push_at: Option<Timestamp>,
    /// What came of it.
    pub last_push: Option<serde_json::Value>,
    /// When somebody else was last seen to write sessions there.
    pub others_seen_at: Option<Timestamp>,
    /// Sessions by state.
    pub deliveries: BTreeMap<&'static str, u64>,
    /// Those to be told at the next push, latest first.
    pub due: Vec<Line>,
    /// Those not told on purpose.
    pub held_back: Vec<Line>,
    /// Those that Moodle refused.
    pub failed: Vec<Line>,
    /// Rows of others that were corrected.
    pub corrected_of_others: u64,
    /// The latest of these, with what stood there.
    pub corrections_of_others: Vec<Overwrite>,
}

impl Status {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let db = database(context)?;
        let page = context.page();
        let days = self.days.chosen(context.today(page.now))?;
        let window = days.map(|(from, to)| Window::of_days(from, to, &context.config.timezone));
        let store = context.read_store()?;
        let report = Report::look(&store, &sink_name(db), place(db), window)?;
        if context.json {
            output::json(&report)?
        } else {
            output::text(&report.text(&page))?
        }
        Ok(Exit::Done)
    }
}

impl Report {
    /// Asks the outbox.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn look(store: &Store, sink: &str, site: String, window: Option<Window>) -> anyhow::Result<Report> {
        let state = store.sink_state(sink)?;
        let counts = store.count_deliveries(sink, window)?;
        let lines = |state| -> anyhow::Result<Vec<Line>> {
            let found = store.deliveries(sink, state, window, NAMED_MAX)?;
            let line = |found: &rollbook_store::Delivered| {
                Line::of(&found.record, found.delivery.reason.as_deref().unwrap_or("not delivered yet"))
            };
            Ok(found.iter().map(line).collect())
        };
        let count_of = |wanted| counts.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, n)| *n);
        Ok(Report {
            site,
            last_push_at: state.told_at,
            last_push: state.said.and_then(|said| serde_json::from_str(&said).ok()),
            others_seen_at: state.others_seen_at,
            deliveries: DeliveryState::ALL.into_iter().map(|state| (state.name(), count_of(state))).collect(),
            due: lines(DeliveryState::Due)?,
            held_back: lines(DeliveryState::HeldBack)?,
            failed: lines(DeliveryState::Failed)?,
            corrected_of_others: store.count_overwrites(sink)?,
            corrections_of_others: store.overwrites(sink, NAMED_MAX)?,
        })
    }

    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = page.field("Moodle", &self.site);
        let of = |state: &str| self.deliveries.get(state).copied().unwrap_or(0);
        let said: Vec<String> =
            [("done", "delivered"), ("due", "due"), ("held_back", "held back"), ("failed", "failed")]
                .into_iter()
                .filter(|(state, _)| *state == "done" || of(state) > 0)
                .map(|(state, word)| format!("{} {word}", thousands(of(state))))
                .collect();
        out += &page.field("Sessions", &said.join(", "));
        let last = match self.last_push_at {
            None => "never; `rollbook moodle push` delivers".to_owned(),
            Some(at) => format!("{}{}", page.minute(at), self.last_words()),
        };
        out += &page.field("Last push", &last);
        if let Some(at) = self.others_seen_at {
            out += &page.field(
                "Others",
                &format!("somebody else wrote sessions there, last seen {}", page.minute(at)),
            );
        }
        lines_text(&mut out, page, "Due", &self.due, of("due"));
        lines_text(&mut out, page, "Held back", &self.held_back, of("held_back"));
        lines_text(&mut out, page, "Failed", &self.failed, of("failed"));
        self.others_text(&mut out, page);
        out
    }

    fn last_words(&self) -> String {
        let counts: Option<Counts> =
            self.last_push.clone().and_then(|said| serde_json::from_value(said).ok());
        counts.map_or_else(String::new, |counts| {
            format!(
                ": {} delivered, {} unchanged, {} held back, {} failed",
                thousands(counts.delivered),
                thousands(counts.unchanged),
                thousands(counts.held_back),
                thousands(counts.failed)
            )
        })
    }

    fn others_text(&self, out: &mut String, page: &Page) {
        if self.corrected_of_others == 0 {
            return;
        }
        let rows = count(self.corrected_of_others, "row", "rows");
        let _ = writeln!(out, "\nLeave time and duration corrected in rows of others ({rows}):");
        let leave = |second: i64| {
            Timestamp::from_second(second).map_or_else(|_| "?".to_owned(), |at| page.second(at))
        };
        let lines = self.corrections_of_others.iter().take(SHOWN_MAX).map(|line| {
            vec![
                page.minute(line.at),
                line.meeting_id.map_or_else(String::new, grouped),
                line.old.id.to_string(),
                line.old.row.name.clone(),
                format!("{}, {} s", leave(line.old.row.leave_time), line.old.row.duration),
                format!("{}, {} s", leave(line.new.row.leave_time), line.new.row.duration),
            ]
        });
        let columns = [
            Column::Whole("when"),
            Column::Whole("meeting"),
            Column::Number("row"),
            Column::Text("name"),
            Column::Text("left, was"),
            Column::Text("left, is"),
        ];
        out.push_str(&page.table(&columns, lines.collect()));
        let more = self.corrected_of_others.saturating_sub(SHOWN_MAX as u64);
        if more > 0 {
            let _ = writeln!(out, "… and {} more (--json names up to 1,000).", thousands(more));
        }
    }
}
