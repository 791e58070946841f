//! Erasing a person: what would go, then a command for the collector, and what came of it.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use rollbook_core::access::Capability;
use rollbook_store::{CommandRecord, ErasureRecord, Reader};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Asked, Body, Form};
use super::order::{self, QueuedView, queued};
use super::page::{Frame, html, part};
use super::paging::{Page as Paged, PageAsk};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, Table, Tables, download};
use super::visitor::Visitor;
use super::{App, audit};
use crate::commands::Command;
use crate::erasure::Wanted;

mod whom;

pub use whom::{Choice, ErasureAsk, ErasurePlan, KnownByView};
use whom::{Found, Trouble, find};

/// Commands that the page tells of.
const SHOWN: u32 = 20;

pub(super) fn routes() -> Vec<Route> {
    let may = Needs::May(Capability::Forget);
    vec![
        Route::get("/forget", may, page),
        Route::get("/forget/live", may, live),
        Route::post("/forget/look", may, look),
        Route::post("/forget", may, erase),
        Route::get("/api/v1/erasures", may, list_api),
        Route::post("/api/v1/erasures/plan", may, plan_api),
        Route::post("/api/v1/erasures", may, erase_api),
    ]
}

/// An erasure: when, by whom and how much, never whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErasureView {
    /// Its number.
    pub id: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// By how many keyed hashes they are recognised.
    pub identifiers: u64,
    /// Meetings that held something of them.
    pub meetings: u64,
    /// Connections that became nameless.
    pub stays: u64,
    /// Everything was looked through.
    pub is_done: bool,
    /// Since when they may be kept again, where it was lifted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undone_at: Option<Timestamp>,
}

impl From<ErasureRecord> for ErasureView {
    fn from(one: ErasureRecord) -> ErasureView {
        ErasureView {
            id: one.id,
            at: one.at,
            by: one.set_by,
            identifiers: one.identifiers,
            meetings: one.instances,
            stays: one.stays,
            is_done: one.is_done,
            undone_at: one.undone_at,
        }
    }
}

/// An erasure that somebody asked for on a page or by the API.
#[derive(Debug, Clone)]
struct Asking {
    id: i64,
    asked_at: Timestamp,
    who: String,
    state: &'static str,
    outcome: Option<String>,
}

impl From<CommandRecord> for Asking {
    fn from(record: CommandRecord) -> Asking {
        let (id, asked_at, state) = (record.id, record.asked_at, record.state.name());
        Asking { id, asked_at, who: record.who, state, outcome: record.outcome }
    }
}

/// What was asked for and what was done.
struct History {
    asked: Vec<Asking>,
    erasures: Vec<ErasureView>,
}

impl History {
    fn read(reader: &Reader) -> rollbook_store::Result<History> {
        let asked = reader.commands_before(Some(Wanted::KIND), None, SHOWN)?;
        Ok(History {
            asked: asked.into_iter().map(Asking::from).collect(),
            erasures: reader.erasures()?.into_iter().map(ErasureView::from).collect(),
        })
    }

    fn is_waiting(&self) -> bool {
        self.asked.iter().any(|one| one.state == "pending")
    }
}

impl Tables for History {
    const NAMES: &'static [&'static str] = &["erasures", "asked"];

    fn table(&self, name: &str) -> Table {
        if name == "asked" {
            let mut table = Table::new("erasures-asked", &["command", "asked_at", "by", "state", "outcome"]);
            for one in &self.asked {
                let (who, outcome) = (one.who.as_str().into(), one.outcome.clone().into());
                table.push([one.id.into(), one.asked_at.into(), who, one.state.into(), outcome]);
            }
            return table;
        }
        let columns = ["erasure", "at", "by", "identifiers", "meetings", "stays", "is_done", "undone_at"];
        let mut table = Table::new("erasures", &columns);
        for one in &self.erasures {
            table.push([
                one.id.into(),
                one.at.into(),
                one.by.as_str().into(),
                one.identifiers.into(),
                one.meetings.into(),
                one.stays.into(),
                one.is_done.into(),
                one.undone_at.into(),
            ]);
        }
        table
    }
}

/// What of the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// The meeting in which somebody was, to begin with.
    meeting: Option<String>,
    /// The command that was just given.
    asked: Option<i64>,
    format: Option<Format>,
    table: Option<String>,
}

/// The form as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filled {
    #[serde(default)]
    person: String,
    #[serde(default)]
    meeting: String,
    #[serde(default)]
    even_unknown: bool,
    /// The box that says "yes, for good".
    #[serde(default)]
    is_sure: bool,
}

impl Filled {
    fn ask(&self) -> ErasureAsk {
        let meeting = Some(self.meeting.clone()).filter(|meeting| !meeting.trim().is_empty());
        ErasureAsk { person: self.person.clone(), meeting, even_unknown: self.even_unknown }
    }
}

#[derive(Template)]
#[template(path = "forget.html")]
struct Page {
    frame: Frame,
    form: Filled,
    trouble: Option<Trouble>,
    plan: Option<ErasurePlan>,
    history: History,
    asked: Option<i64>,
}

/// What came of it, which changes while it is looked at.
#[derive(Template)]
#[template(path = "forget_live.html")]
struct Part {
    frame: Frame,
    history: History,
    asked: Option<i64>,
}

fn frame(app: &App, visitor: &Visitor) -> Frame {
    Frame::of(app, Some(visitor), "Erase a person").at("/people")
}

async fn page(State(app): State<App>, visitor: Visitor, Asked(ask): Asked<Ask>) -> Result<Response, Problem> {
    let history = app.readers.read(History::read).await?;
    if let Some(format) = ask.format {
        return download(&history, ask.table.as_deref(), format);
    }
    let form = Filled { meeting: ask.meeting.unwrap_or_default(), ..Filled::default() };
    let frame = frame(&app, &visitor);
    Ok(html(&Page { frame, form, trouble: None, plan: None, history, asked: ask.asked })?.into_response())
}

async fn live(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<Ask>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let history = app.readers.read(History::read).await?;
    part(&headers, &Part { frame: frame(&app, &visitor), history, asked: ask.asked })
}

/// The page with the form as it was sent, and what would go or what is wrong with it.
async fn shown(
    app: &App,
    visitor: &Visitor,
    form: Filled,
    found: Result<ErasurePlan, Trouble>,
    not_sure: Option<Trouble>,
) -> Result<Response, Problem> {
    let history = app.readers.read(History::read).await?;
    let (plan, trouble) = match found {
        Ok(plan) => (Some(plan), not_sure),
        Err(trouble) => (None, Some(trouble)),
    };
    let status = if trouble.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page { frame: frame(app, visitor), form, trouble, plan, history, asked: None };
    Ok((status, html(&page)?).into_response())
}

/// What would go.
async fn look(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Filled>,
) -> Result<Response, Problem> {
    let found = seen(&app, &visitor, form.ask()).await?.map(|found| found.plan);
    shown(&app, &visitor, form, found, None).await
}

/// Looks somebody up, which is a look at personal data.
async fn seen(app: &App, visitor: &Visitor, ask: ErasureAsk) -> Result<Result<Found, Trouble>, Problem> {
    let about = if ask.meeting.is_some() { "somebody in one meeting" } else { "somebody" };
    audit::audit(app, visitor, "erasure.plan", about, None);
    Ok(app.readers.read(move |reader| find(reader, &ask)).await?)
}

/// Has the collector erase them. The record of it names nobody: what the command said is cleared once it is done.
async fn put(app: &App, visitor: &Visitor, wanted: Wanted) -> Result<i64, Problem> {
    order::put(app, visitor, audit::entry(app, visitor, "erasure.put", "", None), wanted, |_| Ok(())).await
}

async fn erase(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Filled>,
) -> Result<Response, Problem> {
    let found = seen(&app, &visitor, form.ask()).await?;
    match found {
        Ok(found) if form.is_sure => {
            let command = put(&app, &visitor, found.wanted).await?;
            Ok(Redirect::to(&format!("/forget?asked={command}")).into_response())
        }
        found => {
            let not_sure = Trouble::said("nothing was erased: tick the box that says you are sure");
            shown(&app, &visitor, form, found.map(|found| found.plan), Some(not_sure)).await
        }
    }
}

/// Erasures
///
/// When somebody was erased, by whom and how much; never who.
#[utoipa::path(
    get, path = "/api/v1/erasures", tag = "People", params(PageAsk),
    responses((status = 200, body = Paged<ErasureView>))
)]
pub async fn list_api(State(app): State<App>, Asked(ask): Asked<PageAsk>) -> Result<Response, Problem> {
    let (limit, before) = (ask.limit()?, ask.after::<i64>()?);
    let mut all = app.readers.read(|reader| reader.erasures()).await?;
    all.retain(|one| before.is_none_or(|before| one.id < before));
    let views = all.into_iter().map(ErasureView::from).collect();
    Ok(Paged::of(views, limit, |one: &ErasureView| one.id).answer("/api/v1/erasures", limit))
}

/// What erasing somebody would take
///
/// Who is meant and what is kept of them. Changes nothing.
#[utoipa::path(
    post, path = "/api/v1/erasures/plan", tag = "People", request_body = ErasureAsk,
    responses(
        (status = 200, body = ErasurePlan),
        (status = 404, description = "Nothing is kept of them, or there is no such meeting",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn plan_api(
    State(app): State<App>,
    visitor: Visitor,
    Body(ask): Body<ErasureAsk>,
) -> Result<Json<ErasurePlan>, Problem> {
    Ok(Json(seen(&app, &visitor, ask).await?.map_err(Trouble::problem)?.plan))
}

/// Erase a person
///
/// Puts a command into the queue. It cannot be taken back: look at what `/api/v1/erasures/plan` tells first. What comes of
/// it tells `/api/v1/commands/{id}`, without naming anybody.
#[utoipa::path(
    post, path = "/api/v1/erasures", tag = "People", request_body = ErasureAsk,
    responses(
        (status = 202, description = "It is in the queue", body = QueuedView),
        (status = 404, description = "Nothing is kept of them, or there is no such meeting",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn erase_api(
    State(app): State<App>,
    visitor: Visitor,
    Body(ask): Body<ErasureAsk>,
) -> Result<Response, Problem> {
    let found = seen(&app, &visitor, ask).await?.map_err(Trouble::problem)?;
    Ok(queued(put(&app, &visitor, found.wanted).await?))
}

#[cfg(test)]
mod tests;
