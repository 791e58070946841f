//! `rollbook attendance --course`: students and sessions of a Moodle course.

use std::io::Write;

use clap::ValueEnum;
use rollbook_core::time::Window;

use crate::cli::context::Context;
use crate::cli::dates::Days;
use crate::cli::moodle::told_database;
use crate::cli::page::Page;
use crate::cli::{Exit, output};
use crate::report::course::{CourseReport, csv, label};
use crate::sink::moodle::course::{Reading, find, read_course};
use crate::sink::moodle::people::Addresses;
use crate::sink::moodle::{Link, Site, settings};

mod text;

/// What the answer is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line for each person and session.
    Csv,
    /// One object.
    Json,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The course, as somebody calls it.
    pub course: &'a str,
    /// The days.
    pub days: &'a Days,
    /// The form; none for a table on a terminal and JSON elsewhere.
    pub format: Option<Format>,
}

/// Answers the question.
pub async fn run(context: &Context<'_>, question: Question<'_>) -> anyhow::Result<Exit> {
    let page = context.page();
    let chosen = question.days.chosen(context.today(page.now))?;
    let zone = &context.config.timezone;
    let window = chosen.map(|(from, to)| Window::of_days(from, to, zone));
    let moodle = &context.config.moodle;
    let mut link = Link::new(settings(told_database(context)?), context.clock());
    let store = context.read_store()?;
    let site = link.patiently(async |db| Site::read(db, moodle.duration).await).await?;
    let course = find(&site, question.course)?;
    let rule = &context.config.attendance;
    let account = context.account.as_deref().unwrap_or(&moodle.account);
    let reading = Reading { account, window, basis: rule.basis, now: page.now };
    let mut addresses = Addresses::default();
    let named = |at| label(at, zone);
    let book = read_course(&mut link, &store, &site, course, reading, &mut addresses, named).await?;
    link.close().await;
    let Some(book) = book else {
        anyhow::bail!("the course {} was deleted from Moodle meanwhile", course.short_name);
    };
    let report = CourseReport::of(&book, rule);
    match question.format {
        Some(Format::Csv) => {
            let mut file = Vec::new();
            csv(&report, &mut file)?;
            std::io::stdout().lock().write_all(&file)?;
        }
        Some(Format::Json) => output::json(&report)?,
        None if context.json => output::json(&report)?,
        None => output::text(&report.text(&page))?,
    }
    Ok(Exit::Done)
}

impl CourseReport {
    /// For people: sessions, then students against sessions, in as many blocks as the page is too narrow for.
    pub fn text(&self, page: &Page) -> String {
        text::text(self, page)
    }
}
