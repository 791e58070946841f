//! System: what the program does and how it is: runs, what Zoom says that we do not know, the store, the queue.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use rollbook_core::access::Capability;
use rollbook_store::{CommandRecord, Reader, Run, RunCall, UnknownField};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::input::{Asked, Nothing, Path};
use super::page::{Frame, Hindrance, hindrances, html, part};
use super::paging::{Page as Paged, PageAsk};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, Table, Tables, download};
use super::visitor::Visitor;
use crate::webhook::Webhooks;

mod events;
mod standing;

pub use events::{DelayView, EventsReport, HeardView, KindView};
pub use standing::{FailedCallsView, KeptView};

/// Lines of each list on the page; the API has the rest.
const SHOWN: u32 = 20;

/// Failed calls are of the last seven days.
const FAILED_HOURS: i64 = 7 * 24;

/// Lines in a file.
const FILED: u32 = 10_000;

pub(super) fn routes() -> Vec<Route> {
    let see = Needs::May(Capability::SeeSystem);
    vec![
        Route::get("/system", see, page),
        Route::get("/system/live", see, live),
        Route::get("/system/runs/{id}", see, run_page),
        Route::get("/api/v1/system", see, api),
        Route::get("/api/v1/runs", see, runs_api),
        Route::get("/api/v1/runs/{id}", see, run_api),
        Route::get("/api/v1/unknown-fields", see, fields_api),
        Route::get("/api/v1/commands", see, commands_api),
        Route::get("/api/v1/commands/{id}", see, command_api),
    ]
}

/// How the program and its store are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SystemView {
    /// The program's version.
    pub version: &'static str,
    /// When this was read.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// The zone that days and the clock on pages are of.
    pub zone: String,
    /// What stands in the way, and what to do; empty where all is well.
    pub troubles: Vec<Hindrance>,
    /// The store.
    pub store: StoreView,
    /// How long each kind of data is kept.
    pub kept: Vec<KeptView>,
    /// The latest runs, newest first.
    pub runs: Vec<RunView>,
    /// The latest commands from pages and programs, newest first.
    pub commands: Vec<CommandView>,
    /// Calls of the last seven days that Zoom did not answer as asked, most first.
    pub failed_calls: Vec<FailedCallsView>,
    /// What Zoom's events are like.
    pub events: EventsReport,
    /// Fields in Zoom's answers that rollbook does not know, the first of them.
    pub unknown_fields: Vec<FieldView>,
}

/// The store.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StoreView {
    /// Its size, in bytes.
    pub bytes: u64,
    /// Of these, unused.
    pub free_bytes: u64,
    /// Free on its disk, in bytes; absent where the system does not tell.
    pub disk_free_bytes: Option<u64>,
    /// The schema's number.
    pub schema: u32,
    /// Tables with about how many rows there ever were.
    pub tables: Vec<TableView>,
}

/// A table of the store.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableView {
    /// What it holds.
    pub table: &'static str,
    /// The number of its last row.
    pub rows: u64,
}

/// One run of a command, or of the server's collector.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RunView {
    /// Its number.
    pub id: i64,
    /// What was run.
    pub command: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When it ended; absent while it runs, or if it was killed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// How it ended: 0 done, 1 failed, 2 configuration, 3 instances still open, 4 stopped by the budget.
    pub exit_code: Option<i32>,
    /// Its result in a sentence.
    pub summary: Option<String>,
    /// Calls it spent.
    pub calls: u64,
}

/// A run with all that is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunReport {
    /// The run.
    pub run: RunView,
    /// What it spent, by operation and outcome.
    pub calls: Vec<RunCallView>,
    /// What it could not do, and other remarks.
    pub notes: Vec<NoteView>,
}

/// What a run spent on one operation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunCallView {
    /// The price class.
    pub label: &'static str,
    /// The endpoint.
    pub operation: String,
    /// How the calls ended.
    pub outcome: String,
    /// How many.
    pub calls: u64,
}

/// A remark.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoteView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub note: String,
}

/// A field in Zoom's answers that rollbook does not know.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldView {
    /// In answers to what.
    pub operation: String,
    /// Where in them.
    pub path: String,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen_at: Timestamp,
    /// Answers that had it.
    pub seen: u64,
}

/// A command for the collector.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CommandView {
    /// Its number.
    pub id: i64,
    /// What is to be done.
    #[schema(examples("backfill"))]
    pub kind: String,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// Who gave it.
    pub who: String,
    /// `pending`, `done` or `failed`.
    pub state: &'static str,
    /// What came of it; absent for those who may not see it, where it names a person.
    pub outcome: Option<String>,
    /// When it was done or had failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
}

impl From<Run> for RunView {
    fn from(run: Run) -> RunView {
        RunView {
            id: run.id,
            command: run.command,
            started_at: run.started_at,
            ended_at: run.ended_at,
            exit_code: run.exit_code,
            summary: run.summary,
            calls: run.calls,
        }
    }
}

impl From<UnknownField> for FieldView {
    fn from(field: UnknownField) -> FieldView {
        FieldView {
            operation: field.operation,
            path: field.path,
            first_seen_at: field.first_seen_at,
            seen: field.seen,
        }
    }
}

impl CommandView {
    /// Commands about people say whose they are to those only who may decide about people.
    fn of(record: CommandRecord, visitor: &Visitor) -> CommandView {
        let is_shown = record.kind == "backfill" || visitor.may(Capability::DecidePeople);
        CommandView {
            id: record.id,
            kind: record.kind,
            asked_at: record.asked_at,
            who: record.who,
            state: record.state.name(),
            outcome: record.outcome.filter(|_| is_shown),
            done_at: record.done_at,
        }
    }
}

fn report(reader: &Reader, id: i64) -> rollbook_store::Result<Option<RunReport>> {
    let Some(run) = reader.run(id)? else { return Ok(None) };
    let call = |call: RunCall| RunCallView {
        label: call.label.name(),
        operation: call.operation,
        outcome: call.outcome,
        calls: call.calls,
    };
    let notes = reader.run_notes(id)?.into_iter().map(|(at, note)| NoteView { at, note });
    Ok(Some(RunReport {
        run: run.into(),
        calls: reader.run_calls(id)?.into_iter().map(call).collect(),
        notes: notes.collect(),
    }))
}

async fn view(app: &App, visitor: &Visitor, lines: u32) -> Result<SystemView, Problem> {
    let (now, zone) = (app.clock.now(), app.timezone.iana_name().unwrap_or("local").to_owned());
    let (visitor, troubles) = (visitor.clone(), hindrances(app, visitor));
    let (keep, cleared) = (app.keep, app.pulse.read().cleared);
    let expected = app.webhooks.as_ref().map(Webhooks::accounts).unwrap_or_default();
    let read = move |reader: &Reader| -> rollbook_store::Result<SystemView> {
        let holdings = reader.holdings()?;
        let commands = reader.commands_before(None, None, lines)?;
        let fields = reader.unknown_fields_after(None, lines)?;
        let week_ago = now - jiff::SignedDuration::from_hours(FAILED_HOURS);
        let failed = reader.failed_calls(week_ago, lines)?;
        Ok(SystemView {
            troubles,
            kept: standing::kept(&keep, &holdings, cleared),
            failed_calls: failed.into_iter().map(FailedCallsView::from).collect(),
            version: env!("CARGO_PKG_VERSION"),
            now,
            zone,
            store: StoreView {
                bytes: holdings.bytes,
                free_bytes: holdings.free_bytes,
                disk_free_bytes: standing::disk_free(reader.path()),
                schema: holdings.schema,
                tables: holdings.tables.into_iter().map(|(table, rows)| TableView { table, rows }).collect(),
            },
            runs: reader.runs_before(None, lines)?.into_iter().map(RunView::from).collect(),
            commands: commands.into_iter().map(|record| CommandView::of(record, &visitor)).collect(),
            events: EventsReport::read(reader, now, &expected)?,
            unknown_fields: fields.into_iter().map(FieldView::from).collect(),
        })
    };
    Ok(app.readers.read(read).await?)
}

async fn run(app: &App, id: i64) -> Result<RunReport, Problem> {
    let found = app.readers.read(move |reader| report(reader, id)).await?;
    found.ok_or_else(|| Problem::not_found(format!("There is no run {id}.")))
}

/// System
///
/// Version, store, and the latest runs, commands and unknown fields.
#[utoipa::path(get, path = "/api/v1/system", tag = "System", responses((status = 200, body = SystemView)))]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<SystemView>, Problem> {
    Ok(Json(view(&app, &visitor, SHOWN).await?))
}

/// Runs
///
/// What each command did and spent, newest first.
#[utoipa::path(
    get, path = "/api/v1/runs", tag = "System", params(PageAsk), responses((status = 200, body = Paged<RunView>))
)]
pub async fn runs_api(State(app): State<App>, Asked(ask): Asked<PageAsk>) -> Result<Response, Problem> {
    let (limit, before) = (ask.limit()?, ask.after::<i64>()?);
    let runs = app.readers.read(move |reader| reader.runs_before(before, limit + 1)).await?;
    let page = Paged::of(runs.into_iter().map(RunView::from).collect(), limit, |run| run.id);
    Ok(page.answer("/api/v1/runs", limit))
}

/// One run
///
/// With what it spent and its remarks.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}", tag = "System", params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, body = RunReport))
)]
pub async fn run_api(
    State(app): State<App>,
    Path(id): Path<i64>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<RunReport>, Problem> {
    Ok(Json(run(&app, id).await?))
}

/// Unknown fields
///
/// Fields in Zoom's answers that rollbook does not know, by operation and path.
#[utoipa::path(
    get, path = "/api/v1/unknown-fields", tag = "System", params(PageAsk),
    responses((status = 200, body = Paged<FieldView>))
)]
pub async fn fields_api(State(app): State<App>, Asked(ask): Asked<PageAsk>) -> Result<Response, Problem> {
    let (limit, after) = (ask.limit()?, ask.after::<(String, String)>()?);
    let fields = app.readers.read(move |reader| {
        let after = after.as_ref().map(|(operation, path)| (operation.as_str(), path.as_str()));
        reader.unknown_fields_after(after, limit + 1)
    });
    let fields = fields.await?.into_iter().map(FieldView::from).collect();
    let key = |field: &FieldView| (field.operation.clone(), field.path.clone());
    Ok(Paged::of(fields, limit, key).answer("/api/v1/unknown-fields", limit))
}

/// Commands
///
/// What pages and programs asked the collector to do, newest first.
#[utoipa::path(
    get, path = "/api/v1/commands", tag = "System", params(PageAsk),
    responses((status = 200, body = Paged<CommandView>))
)]
pub async fn commands_api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<PageAsk>,
) -> Result<Response, Problem> {
    let (limit, before) = (ask.limit()?, ask.after::<i64>()?);
    let records = app.readers.read(move |reader| reader.commands_before(None, before, limit + 1)).await?;
    let views = records.into_iter().map(|record| CommandView::of(record, &visitor)).collect();
    Ok(Paged::of(views, limit, |one: &CommandView| one.id).answer("/api/v1/commands", limit))
}

/// One command
///
/// How far it is and what came of it.
#[utoipa::path(
    get, path = "/api/v1/commands/{id}", tag = "System", params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, body = CommandView))
)]
pub async fn command_api(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<CommandView>, Problem> {
    let found = app.readers.read(move |reader| reader.command(id)).await?;
    let record = found.ok_or_else(|| Problem::not_found(format!("There is no command {id}.")))?;
    Ok(Json(CommandView::of(record, &visitor)))
}

/// What of the page is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    format: Option<Format>,
    table: Option<String>,
}

#[derive(Template)]
#[template(path = "system.html")]
struct Page {
    frame: Frame,
    view: SystemView,
}

#[derive(Template)]
#[template(path = "system_live.html")]
struct Part {
    frame: Frame,
    view: SystemView,
}

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage {
    frame: Frame,
    view: RunReport,
}

async fn page(State(app): State<App>, visitor: Visitor, Asked(ask): Asked<Ask>) -> Result<Response, Problem> {
    if let Some(format) = ask.format {
        return download(&view(&app, &visitor, FILED).await?, ask.table.as_deref(), format);
    }
    let view = view(&app, &visitor, SHOWN).await?;
    let frame = Frame::of(&app, Some(&visitor), "System").at("/system");
    Ok(html(&Page { frame, view })?.into_response())
}

async fn live(State(app): State<App>, visitor: Visitor, headers: HeaderMap) -> Result<Response, Problem> {
    let view = view(&app, &visitor, SHOWN).await?;
    part(&headers, &Part { frame: Frame::of(&app, Some(&visitor), "System"), view })
}

async fn run_page(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let view = run(&app, id).await?;
    let frame = Frame::of(&app, Some(&visitor), &format!("Run {id}")).at("/system");
    Ok(html(&RunPage { frame, view })?.into_response())
}

impl Tables for SystemView {
    const NAMES: &'static [&'static str] =
        &["runs", "commands", "events", "unknown-fields", "troubles", "failed-calls", "kept", "tables"];

    fn table(&self, name: &str) -> Table {
        match name {
            "commands" => {
                let columns = ["id", "kind", "asked_at", "who", "state", "outcome", "done_at"];
                let mut table = Table::new("commands", &columns);
                for one in &self.commands {
                    table.push([
                        one.id.into(),
                        one.kind.as_str().into(),
                        one.asked_at.into(),
                        one.who.as_str().into(),
                        one.state.into(),
                        one.outcome.clone().into(),
                        one.done_at.into(),
                    ]);
                }
                table
            }
            "events" => self.events.table(),
            "unknown-fields" => {
                let mut table = Table::new("unknown-fields", &["operation", "path", "first_seen_at", "seen"]);
                for one in &self.unknown_fields {
                    let (operation, path) = (one.operation.as_str(), one.path.as_str());
                    table.push([operation.into(), path.into(), one.first_seen_at.into(), one.seen.into()]);
                }
                table
            }
            "troubles" => standing::trouble_table(&self.troubles),
            "failed-calls" => standing::failed_table(&self.failed_calls),
            "kept" => standing::kept_table(&self.kept),
            "tables" => {
                let mut table = Table::new("store-tables", &["table", "rows"]);
                self.store.tables.iter().for_each(|one| table.push([one.table.into(), one.rows.into()]));
                table
            }
            _ => {
                let columns = ["id", "command", "started_at", "ended_at", "exit_code", "calls", "summary"];
                let mut table = Table::new("runs", &columns);
                for run in &self.runs {
                    table.push([
                        run.id.into(),
                        run.command.as_str().into(),
                        run.started_at.into(),
                        run.ended_at.into(),
                        run.exit_code.into(),
                        run.calls.into(),
                        run.summary.clone().into(),
                    ]);
                }
                table
            }
        }
    }
}
