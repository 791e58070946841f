//! `rollbook meetings list`

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use rollbook_zoom::UserId;
use rollbook_zoom::endpoint::user_meetings::{
    ListUserMeetings, ListUserWebinars, PlannedMeeting, PlannedType,
};
use serde_json::{Value, json};

use super::text::{kind_word, minutes};
use crate::cli::context::Context;
use crate::cli::desk::{Desk, shown};
use crate::cli::meeting::grouped;
use crate::cli::page::{Column, Page};
use crate::cli::{Exit, dates, output};

/// List what a host has planned
///
/// Costs one Medium call for 300 lines. Zoom lists no instant meetings and none that have expired; one that recurs on a
/// schedule may have a line for each occurrence.
#[derive(Debug, Args)]
pub struct List {
    /// Whose: e-mail address, Zoom's user ID, or `me`
    #[arg(long, value_name = "USER", value_parser = super::parse_user)]
    pub host: UserId,
    /// Which of them
    #[arg(long = "type", value_enum, default_value_t = Type::Scheduled, value_name = "TYPE")]
    pub kind: Type,
    /// Webinars in place of meetings
    #[arg(long)]
    pub webinars: bool,
    /// First day, YYYY-MM-DD, `today` or `yesterday`
    #[arg(long, value_name = "DATE", conflicts_with = "webinars")]
    pub from: Option<String>,
    /// Last day, included
    #[arg(long, value_name = "DATE", conflicts_with = "webinars")]
    pub to: Option<String>,
}

/// Zoom's types of plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Type {
    /// All that are planned and have not expired
    Scheduled,
    /// Running now
    Live,
    /// Still to come or running
    Upcoming,
    /// Still to come
    UpcomingMeetings,
    /// Over, six months back at most
    Previous,
}

impl Type {
    fn zoom(self) -> PlannedType {
        match self {
            Type::Scheduled => PlannedType::Scheduled,
            Type::Live => PlannedType::Live,
            Type::Upcoming => PlannedType::Upcoming,
            Type::UpcomingMeetings => PlannedType::UpcomingMeetings,
            Type::Previous => PlannedType::Previous,
        }
    }
}

impl List {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let request = self.request(context)?;
        let mut desk = Desk::open(context, &format!("meetings list --host {}", self.host)).await?;
        let rows = match self.webinars {
            true => desk.list(&self.webinars(), "webinars").await,
            false => desk.list(&request, "meetings").await,
        };
        let summary = rows.as_ref().map_or(String::new(), |rows| format!("{} lines", rows.len()));
        let rows = once_each(desk.close(rows, &summary).await?);
        let page = context.page();
        if context.json {
            let kind = if self.webinars { "webinars" } else { self.kind.zoom().as_str() };
            let plans: Vec<Value> = rows.into_iter().map(|(_, body)| shown(body)).collect();
            output::json(&json!({ "host": self.host, "type": kind, "meetings": plans }))?;
        } else {
            let mut plans: Vec<PlannedMeeting> = rows.into_iter().map(|(plan, _)| plan).collect();
            plans.sort_by_key(|plan| (plan.start_time.is_none(), plan.start_time, plan.id));
            output::text(&text(&page, &plans))?;
        }
        Ok(Exit::Done)
    }

    fn request(&self, context: &Context<'_>) -> anyhow::Result<ListUserMeetings> {
        let today = context.today(context.clock().now());
        let day = |text: &Option<String>| text.as_deref().map(|text| dates::parse(text, today)).transpose();
        let mut request = ListUserMeetings::new(self.host.clone(), self.kind.zoom());
        (request.from, request.to) = (day(&self.from)?, day(&self.to)?);
        if request.from.is_some() || request.to.is_some() {
            request.timezone = context.config.timezone.iana_name().map(str::to_owned);
        }
        Ok(request)
    }

    fn webinars(&self) -> ListUserWebinars {
        let is_upcoming_only = matches!(self.kind, Type::Upcoming | Type::UpcomingMeetings);
        ListUserWebinars { is_upcoming_only, ..ListUserWebinars::new(self.host.clone()) }
    }
}

/// Rows may move between pages while a list is read: the same line twice is one (quirk 45).
fn once_each(rows: Vec<(PlannedMeeting, Value)>) -> Vec<(PlannedMeeting, Value)> {
    let mut seen = BTreeSet::new();
    rows.into_iter()
        .filter(|(plan, _)| plan.id.is_none() || seen.insert((plan.id, plan.start_time)))
        .collect()
}

fn text(page: &Page, plans: &[PlannedMeeting]) -> String {
    if plans.is_empty() {
        return "Zoom lists none.\n".to_owned();
    }
    let rows = plans.iter().map(|plan| {
        vec![
            plan.start_time.map_or_else(|| "no fixed time".to_owned(), |at| page.minute(at)),
            minutes(plan.duration),
            plan.id.map_or_else(String::new, |id| grouped(id.0)),
            plan.topic.clone().unwrap_or_default(),
            kind_word(plan.kind),
        ]
    });
    let start = format!("start ({})", page.zone_name());
    let columns = [
        Column::Whole(&start),
        Column::Number("minutes"),
        Column::Whole("number"),
        Column::Text("topic"),
        Column::Text("type"),
    ];
    page.table(&columns, rows.collect())
}

#[cfg(test)]
mod tests {
    use rollbook_zoom::MeetingId;

    use super::*;

    #[test]
    fn a_line_that_moved_between_pages_is_listed_once() {
        let line = |id: u64, start: &str| {
            let start_time = Some(start.parse().unwrap());
            (PlannedMeeting { id: Some(MeetingId(id)), start_time, ..PlannedMeeting::default() }, Value::Null)
        };
        let (monday, friday) = ("2026-11-23T09:00:00Z", "2026-11-27T09:00:00Z");
        let nameless = (PlannedMeeting::default(), Value::Null);
        let rows = vec![line(1, monday), line(1, friday), line(1, monday), nameless.clone(), nameless];
        assert_eq!(once_each(rows).len(), 4, "occurrences and lines without a number stay");
    }
}
