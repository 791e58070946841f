//! One person in a meeting: how their call went, stream by stream, minute by minute, and why.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use rollbook_core::access::Capability;
use rollbook_core::privacy::is_erased_text;
use serde::Deserialize;

use super::chart::Chart;
use super::input::{Asked, Nothing, Path};
use super::page::{Frame, html};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, download};
use super::visitor::Visitor;
use super::{App, address, audit, instance};
use crate::erasure;
use crate::report::callers::{Caller, callers};
use crate::report::calls::known_of;

mod charts;
mod table;
mod view;

pub(super) use view::step;
pub use view::{ConnectionView, PersonCallView, StreamView, WorstView};

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::SeeQuality);
    vec![
        Route::get("/meetings/{meeting}/people/{person}", needs, page),
        Route::get("/api/v1/meetings/{meeting}/people/{person}", needs, api),
    ]
}

/// What of the page is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// A table as a file.
    table: Option<String>,
    format: Option<Format>,
}

#[derive(Template)]
#[template(path = "person.html")]
struct Page {
    frame: Frame,
    view: PersonCallView,
    charts: Vec<Chart>,
    /// What they are erased by, for who may: the person, and of a guest the meeting.
    erase: Option<(String, String)>,
}

impl Page {
    /// Each measured minute as a mark between start and end: grade, left edge, width, in percent.
    fn strip(&self) -> Vec<(&'static str, f64, f64)> {
        let Some((from, to)) = self.view.extent() else { return Vec::new() };
        let minute = jiff::SignedDuration::from_mins(1);
        let mark = |(at, grade): &(Timestamp, Option<u8>)| {
            let (left, right) =
                (super::shown::place(*at, from, to), super::shown::place(*at + minute, from, to));
            (["gap", "good", "fair", "bad"][usize::from(grade.unwrap_or(0))], left, right - left)
        };
        self.view.minutes.iter().map(mark).collect()
    }
}

/// What is shown of somebody.
struct Seen {
    view: PersonCallView,
    charts: Vec<Chart>,
    erase: (String, String),
}

/// How a person is named where somebody is to be erased.
fn named(caller: &Caller, uuid: &str) -> (String, String) {
    let stays = caller.connections.iter().map(|connection| &connection.stay);
    match erasure::known_by(stays) {
        Some(identifier) => (identifier, String::new()),
        None => (caller.name.clone(), uuid.to_owned()),
    }
}

/// The view, and the charts of it.
async fn read(app: &App, visitor: &Visitor, meeting: &str, person: &str) -> Result<Seen, Problem> {
    let nothing = || {
        Problem::not_found(
            "Nobody of that name in this meeting is known. Who was there is on the meeting's page.",
        )
    };
    let record = instance::record(app, visitor, meeting).await?;
    let reference = address::named(person).ok_or_else(nothing)?;
    let (uuid, zone, may_see) =
        (record.instance.uuid.clone(), app.timezone.clone(), visitor.may(Capability::SeeAttendance));
    let read = app.readers.read(move |reader| -> rollbook_store::Result<_> {
        let all = callers(known_of(reader, std::slice::from_ref(&record))?);
        let caller = all.iter().find(|caller| caller.is_meant_by(&reference));
        Ok(caller.map(|caller| {
            let view = PersonCallView::of(&record, caller);
            let charts = charts::charts(caller, view.extent(), &zone);
            Seen { view, charts, erase: named(caller, &record.instance.uuid) }
        }))
    });
    let found = read.await?.filter(|_| may_see).ok_or_else(nothing)?;
    audit::audit(app, visitor, "quality.look", uuid, Some(format!("connection {}", found.view.reference)));
    Ok(found)
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path((meeting, person)): Path<(String, String)>,
    Asked(ask): Asked<Ask>,
) -> Result<Response, Problem> {
    let Seen { view, charts, erase } = read(&app, &visitor, &meeting, &person).await?;
    if let Some(format) = ask.format {
        return download(&view, ask.table.as_deref(), format);
    }
    let frame = Frame::of(&app, Some(&visitor), &view.name).at("/meetings");
    let frame = if charts.is_empty() { frame } else { frame.with_charts() };
    let may_erase = visitor.may(Capability::Forget) && !is_erased_text(&view.name);
    let erase = may_erase.then_some(erase);
    Ok(html(&Page { frame, view, charts, erase })?.into_response())
}

/// A person in a meeting
///
/// How their call went: each stream, the worst minutes, every sample.
#[utoipa::path(
    get, path = "/api/v1/meetings/{meeting}/people/{person}", tag = "Meetings",
    params(
        ("meeting" = String, Path, description = "The UUID, with `_` for `/`, `-` for `+` and `.` for `=`"),
        ("person" = String, Path, description = "As in the `path` of the meeting's people"),
    ),
    responses((status = 200, body = PersonCallView))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Path((meeting, person)): Path<(String, String)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<PersonCallView>, Problem> {
    Ok(Json(read(&app, &visitor, &meeting, &person).await?.view))
}

#[cfg(test)]
mod tests;
