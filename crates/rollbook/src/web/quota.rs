//! Quota: what was spent on what, what is left, what waits; and collecting days of the past, with its price beforehand.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, ToSpan};
use rollbook_core::access::Capability;
use rollbook_core::label::PerLabel;
use rollbook_core::time::quota_day;
use rollbook_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::input::{Asked, Nothing};
use super::page::{Frame, html};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, Table, Tables, download};
use super::visitor::Visitor;
use crate::report::quota::{PoolLine, pools};

pub mod backfill;

use backfill::{Earlier, Filled};

/// Days of which spending is told.
const DAYS_BACK: i64 = 14;

pub(super) fn routes() -> Vec<Route> {
    let see = Needs::May(Capability::SeeQuota);
    let backfill = Needs::May(Capability::Backfill);
    vec![
        Route::get("/quota", see, page),
        Route::get("/quota/live", see, live),
        Route::post("/quota/backfill", backfill, backfill::backfill_page),
        Route::get("/api/v1/quota", see, api),
        Route::get("/api/v1/backfills/forecast", backfill, backfill::forecast_api),
        Route::post("/api/v1/backfills", backfill, backfill::backfill_api),
    ]
}

/// What may be asked of Zoom, and what was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuotaView {
    /// The quotas, by name.
    pub pools: Vec<PoolView>,
}

/// One quota, that one or more accounts draw on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PoolView {
    /// Its name.
    #[schema(examples("default"))]
    pub pool: String,
    /// The accounts that draw on it.
    pub accounts: Vec<String>,
    /// When the daily allowances are filled again.
    #[schema(value_type = String, format = DateTime)]
    pub resets_at: Timestamp,
    /// Each daily allowance of the plan.
    pub allowances: Vec<AllowanceView>,
    /// Today's calls (UTC day) by what was asked.
    pub operations: Vec<OperationView>,
    /// Of these, refused by Zoom for their rate.
    pub refused_today: u64,
    /// What waits, by label.
    pub jobs: Vec<WaitingView>,
    /// Labels that Zoom told us to leave alone.
    pub paused: Vec<PausedView>,
    /// Calls of the last fourteen UTC days.
    pub days: Vec<SpentDayView>,
}

/// One daily allowance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllowanceView {
    /// Which: a label, or `shared` for Heavy and Resource-intensive together.
    pub allowance: &'static str,
    /// What Zoom allows.
    pub limit: u32,
    /// What rollbook spent of it.
    pub spent: u32,
    /// What others on the account were seen to spend; absent where nothing tells.
    pub spent_by_others: Option<u32>,
    /// What is kept for others and for people who wait.
    pub reserve: u32,
    /// What collection may still spend.
    pub left: u32,
    /// Until when Zoom says it is gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub gone_until: Option<Timestamp>,
}

/// Calls of one operation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OperationView {
    /// The price class.
    pub label: &'static str,
    /// The endpoint.
    pub operation: String,
    /// Calls.
    pub calls: u64,
    /// Of these, refused for their rate.
    pub refused: u64,
}

/// Jobs of one label.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WaitingView {
    /// The price class.
    pub label: &'static str,
    /// Jobs whose time has come.
    pub due: u64,
    /// Of these, parked: a daily allowance is gone, or Zoom asked to wait.
    pub parked: u64,
    /// Until when those are parked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub parked_until: Option<Timestamp>,
    /// Jobs for later.
    pub later: u64,
    /// When the first of the later ones is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
}

/// A label that Zoom told us to leave alone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PausedView {
    /// The price class.
    pub label: &'static str,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// Calls of one UTC day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SpentDayView {
    /// The day.
    pub day: String,
    /// Calls by label.
    pub calls: CallsView,
    /// Calls refused for their rate.
    pub refused: u64,
}

/// Calls by label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallsView {
    /// Light.
    pub light: u64,
    /// Medium.
    pub medium: u64,
    /// Heavy.
    pub heavy: u64,
    /// Resource-intensive.
    pub resource_intensive: u64,
}

impl From<PerLabel<u64>> for CallsView {
    fn from(calls: PerLabel<u64>) -> CallsView {
        CallsView {
            light: calls.light,
            medium: calls.medium,
            heavy: calls.heavy,
            resource_intensive: calls.resource_intensive,
        }
    }
}

/// What of the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// First day of a backfill.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Its call-quality policy.
    quality: Option<String>,
    /// One account only.
    account: Option<String>,
    /// As a file.
    format: Option<Format>,
    /// Which table.
    table: Option<String>,
}

impl From<(String, PoolLine)> for PoolView {
    fn from((pool, line): (String, PoolLine)) -> PoolView {
        let allowances = line.allowances.iter().map(|one| AllowanceView {
            allowance: one.allowance.name(),
            limit: one.limit,
            spent: one.spent,
            spent_by_others: one.spent_by_others,
            reserve: one.reserve,
            left: one.left,
            gone_until: one.gone_until,
        });
        let operations = line.operations.into_iter().map(|one| OperationView {
            label: one.label.name(),
            operation: one.operation,
            calls: one.calls,
            refused: one.refused,
        });
        let jobs = line.jobs.into_iter().map(|one| WaitingView {
            label: one.label.name(),
            due: one.due,
            parked: one.parked,
            parked_until: one.parked_until,
            later: one.later,
            next_at: one.next_at,
        });
        PoolView {
            pool,
            accounts: line.accounts,
            resets_at: line.resets_at,
            allowances: allowances.collect(),
            operations: operations.collect(),
            refused_today: line.refused_today,
            jobs: jobs.collect(),
            paused: line.paused.into_iter().map(|(label, until)| PausedView { label, until }).collect(),
            days: Vec::new(),
        }
    }
}

fn days(store: &Store, now: Timestamp, pool: &str) -> rollbook_store::Result<Vec<SpentDayView>> {
    let today = quota_day(now);
    let first = today.checked_sub(DAYS_BACK.days()).unwrap_or(today);
    let mut days: Vec<SpentDayView> = Vec::new();
    let mut calls = PerLabel::<u64>::default();
    for line in store.spent(pool, &first.to_string(), &today.to_string())? {
        if days.last().is_none_or(|day| day.day != line.day) {
            calls = PerLabel::default();
            days.push(SpentDayView { day: line.day.clone(), calls: calls.into(), refused: 0 });
        }
        calls[line.label] += line.calls;
        if let Some(day) = days.last_mut() {
            day.calls = calls.into();
            day.refused += line.refused;
        }
    }
    Ok(days)
}

async fn view(app: &App) -> Result<QuotaView, Problem> {
    let (now, settings) = (app.clock.now(), app.settings.clone());
    let read = move |store: &Store| {
        let mut views = Vec::new();
        for (pool, line) in pools(store, now, None, &settings)? {
            let days = days(store, now, &pool)?;
            views.push(PoolView { days, ..PoolView::from((pool, line)) });
        }
        Ok(QuotaView { pools: views })
    };
    Ok(app.readers.read(move |reader| reader.at_one_moment(read)).await?)
}

/// Quota
///
/// What was spent on what, what is left of each allowance, what waits and until when.
#[utoipa::path(get, path = "/api/v1/quota", tag = "Quota", responses((status = 200, body = QuotaView)))]
pub async fn api(
    State(app): State<App>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<QuotaView>, Problem> {
    Ok(Json(view(&app).await?))
}

#[derive(Template)]
#[template(path = "quota.html")]
struct Page {
    frame: Frame,
    view: QuotaView,
    form: Option<Filled>,
    earlier: Vec<Earlier>,
}

#[derive(Template)]
#[template(path = "quota_live.html")]
struct Part {
    frame: Frame,
    view: QuotaView,
}

async fn page(State(app): State<App>, visitor: Visitor, Asked(ask): Asked<Ask>) -> Result<Response, Problem> {
    let view = view(&app).await?;
    if let Some(format) = ask.format {
        return download(&view, ask.table.as_deref(), format);
    }
    let form =
        if visitor.may(Capability::Backfill) { Some(backfill::filled(&app, &ask).await?) } else { None };
    let earlier = backfill::earlier(&app).await?;
    let frame = Frame::of(&app, Some(&visitor), "Quota").at("/quota").with_charts();
    Ok(html(&Page { frame, view, form, earlier })?.into_response())
}

async fn live(State(app): State<App>, visitor: Visitor, headers: HeaderMap) -> Result<Response, Problem> {
    let frame = Frame::of(&app, Some(&visitor), "Quota");
    super::page::part(&headers, &Part { frame, view: view(&app).await? })
}

impl Tables for QuotaView {
    const NAMES: &'static [&'static str] = &["operations", "allowances", "waiting", "days"];

    fn table(&self, name: &str) -> Table {
        match name {
            "allowances" => {
                let columns = [
                    "pool",
                    "allowance",
                    "limit",
                    "spent",
                    "spent_by_others",
                    "reserve",
                    "left",
                    "gone_until",
                ];
                let mut table = Table::new("quota-allowances", &columns);
                for (pool, one) in self.each(|pool| &pool.allowances) {
                    table.push([
                        pool.into(),
                        one.allowance.into(),
                        one.limit.into(),
                        one.spent.into(),
                        one.spent_by_others.into(),
                        one.reserve.into(),
                        one.left.into(),
                        one.gone_until.into(),
                    ]);
                }
                table
            }
            "waiting" => {
                let columns = ["pool", "label", "due", "parked", "parked_until", "later", "next_at"];
                let mut table = Table::new("quota-waiting", &columns);
                for (pool, one) in self.each(|pool| &pool.jobs) {
                    table.push([
                        pool.into(),
                        one.label.into(),
                        one.due.into(),
                        one.parked.into(),
                        one.parked_until.into(),
                        one.later.into(),
                        one.next_at.into(),
                    ]);
                }
                table
            }
            "days" => {
                let columns = ["pool", "day", "light", "medium", "heavy", "resource_intensive", "refused"];
                let mut table = Table::new("quota-days", &columns);
                for (pool, one) in self.each(|pool| &pool.days) {
                    table.push([
                        pool.into(),
                        one.day.as_str().into(),
                        one.calls.light.into(),
                        one.calls.medium.into(),
                        one.calls.heavy.into(),
                        one.calls.resource_intensive.into(),
                        one.refused.into(),
                    ]);
                }
                table
            }
            _ => {
                let mut table =
                    Table::new("quota-operations", &["pool", "label", "operation", "calls", "refused"]);
                for (pool, one) in self.each(|pool| &pool.operations) {
                    table.push([
                        pool.into(),
                        one.label.into(),
                        one.operation.as_str().into(),
                        one.calls.into(),
                        one.refused.into(),
                    ]);
                }
                table
            }
        }
    }
}

impl QuotaView {
    /// Lines of all pools, each with its pool's name.
    fn each<'a, T: 'a>(
        &'a self,
        lines: impl Fn(&'a PoolView) -> &'a Vec<T>,
    ) -> impl Iterator<Item = (&'a str, &'a T)> {
        let named = move |pool: &'a PoolView| {
            let name = pool.pool.as_str();
            lines(pool).iter().map(move |line| (name, line))
        };
        self.pools.iter().flat_map(named)
    }
}
