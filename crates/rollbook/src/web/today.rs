//! Today: how complete yesterday and today are, what is open and why, what was spent, when it will be done.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use rollbook_core::access::Capability;
use rollbook_store::{MeetingSearch, State as Stands};
use serde::Deserialize;

use super::App;
use super::chart::Chart;
use super::input::{Asked, Nothing};
use super::live::EventsView;
use super::page::{Frame, html, part};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, Table, Tables, Value, download};
use super::visitor::{Sees, Visitor};

mod spending;
mod view;

pub use view::{Day, DeliveryView, OpenLine, ReasonView, SpendingView, StateLine, TodayView};

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::SeeOverview);
    vec![Route::get("/", needs, page), Route::get("/api/v1/today", needs, api)]
}

/// What of the page is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// The live part alone.
    part: Option<String>,
    /// A table as a file.
    table: Option<String>,
    format: Option<Format>,
}

async fn view(app: &App, visitor: &Visitor) -> Result<TodayView, Problem> {
    let own = app.clone();
    // Figures are for all who see this page; which meetings, only for those who see meetings.
    let names = visitor.may(Capability::SeeMeetings) && visitor.sees == Sees::Everything;
    let read = app.readers.read(move |reader| {
        reader.at_one_moment(|store| {
            let live = MeetingSearch { states: vec![Stands::Live], ..MeetingSearch::default() };
            let live = store.search_meetings(&live, view::LIVE_MAX)?;
            let events = EventsView::read(store, own.clock.now(), own.webhooks.is_some())?;
            TodayView::read(store, &own.timezone, &own.settings, live, events, names)
        })
    });
    Ok(read.await?)
}

#[derive(Template)]
#[template(path = "today.html")]
struct Page {
    frame: Frame,
    view: TodayView,
    charts: Vec<Chart>,
}

/// What changes while somebody looks.
#[derive(Template)]
#[template(path = "today.html", block = "now")]
struct Now {
    frame: Frame,
    view: TodayView,
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<Ask>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = view(&app, &visitor).await?;
    if let Some(format) = ask.format {
        return download(&view, ask.table.as_deref(), format);
    }
    let frame = Frame::of(&app, Some(&visitor), "Today").at("/");
    if ask.part.is_some() {
        return part(&headers, &Now { frame, view });
    }
    let charts = charts(&view, &app.timezone);
    let frame = if charts.is_empty() { frame } else { frame.with_charts() };
    Ok(html(&Page { frame, view, charts })?.into_response())
}

fn charts(view: &TodayView, zone: &TimeZone) -> Vec<Chart> {
    view.spending
        .iter()
        .enumerate()
        .map(|(place, pool)| spending::chart(place, pool, view.now, zone))
        .collect()
}

/// Today
///
/// How complete yesterday and today are, what is open and why, and what was spent.
#[utoipa::path(get, path = "/api/v1/today", tag = "Overview", responses((status = 200, body = TodayView)))]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<TodayView>, Problem> {
    Ok(Json(view(&app, &visitor).await?))
}

impl Tables for TodayView {
    const NAMES: &'static [&'static str] = &["open", "days"];

    fn table(&self, name: &str) -> Table {
        if name == "days" {
            let mut table = Table::new("days", &["day", "state", "instances"]);
            for day in &self.days {
                for line in &day.states {
                    let count = i64::try_from(line.instances).unwrap_or(i64::MAX);
                    table.push([
                        Value::Text(day.day.to_string()),
                        Value::Text(line.state.to_owned()),
                        Value::Whole(count),
                    ]);
                }
            }
            return table;
        }
        let names = ["meeting_uuid", "topic", "started_at", "state", "reason", "next_look_at"];
        let mut table = Table::new("open", &names);
        let text = |text: &Option<String>| text.clone().map_or(Value::Nothing, Value::Text);
        for one in &self.open {
            table.push([
                text(&one.meeting_uuid),
                text(&one.topic),
                one.started_at.map_or(Value::Nothing, Value::At),
                Value::Text(one.state.to_owned()),
                text(&one.reason),
                one.next_look_at.map_or(Value::Nothing, Value::At),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests;
