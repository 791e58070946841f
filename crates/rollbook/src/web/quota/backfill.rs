//! Collecting days of the past, with its price beforehand.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use axum::Json;
use axum::extract::State;
use axum::response::{Redirect, Response};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rollbook_core::listing::LOOK_BACK_DAYS;
use rollbook_core::quality::policy::{Policy, UnknownPolicy};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Ask, CallsView};
use crate::collector::discover;
use crate::commands::{self, BackfillOrder, Command};
use crate::forecast::{AccountPlan, offline};
use crate::web::App;
use crate::web::audit;
use crate::web::input::{Asked, Body, Form, parse_day};
use crate::web::order::{self, QueuedView, queued};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// Days that one backfill takes at most: its forecast compares each with the same weekday of eight weeks.
const DAYS_MAX: i64 = 31;

/// Commands that the page shows.
const BACKFILLS: u32 = 10;

/// Days of the past that are to be collected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BackfillAsk {
    /// First day, on the school's calendar; `today` and `yesterday` too.
    #[schema(examples("2026-09-01"))]
    #[param(example = "2026-09-01")]
    pub from: String,
    /// Last day, included.
    #[schema(examples("2026-09-07"))]
    #[param(example = "2026-09-07")]
    pub to: String,
    /// Of which of their meetings call quality is collected: `none`, `flagged`, `large:N`, `sample:SHARE`, `courses` or
    /// `all`. Absent: by the policy in force.
    #[schema(examples("large:20"))]
    #[param(example = "large:20")]
    pub quality: Option<String>,
    /// Of this account; absent: of all.
    pub account: Option<String>,
}

/// What collecting days of the past will cost, by the store's own history: Zoom is not asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ForecastView {
    /// First day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// By account.
    pub accounts: Vec<AccountForecast>,
}

/// One account's share of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountForecast {
    /// The account.
    pub account: String,
    /// Calls that are to be expected.
    pub calls: CallsView,
    /// At least so many; absent where nothing bounds it.
    pub at_least: Option<CallsView>,
    /// At most so many.
    pub at_most: Option<CallsView>,
    /// Of the Heavy calls, those for call quality.
    pub quality_calls: u64,
    /// Of which meetings call quality is collected.
    pub policy: String,
    /// Seconds until the last call is answered, waits for daily resets included.
    pub seconds: u64,
    /// What does not fit today's allowance.
    pub waits: Vec<WaitView>,
    /// Why the true cost may be higher.
    pub caveats: Vec<String>,
}

/// Calls that do not fit the day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WaitView {
    /// The allowance that is too small.
    pub allowance: &'static str,
    /// Calls that wait.
    pub calls: u64,
    /// Until when, at least.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Days until the last of them fits.
    pub days: u64,
}

impl BackfillAsk {
    /// What is asked for as a command, if it can be done.
    fn order(&self, app: &App) -> Result<BackfillOrder, Problem> {
        let today = app.clock.now().to_zoned(app.timezone.clone()).date();
        let day = |text: &str, name: &str| match text {
            "today" => Ok(today),
            "yesterday" => Ok(today.yesterday().unwrap_or(today)),
            _ => parse_day(text).ok_or_else(|| {
                Problem::bad_request(format!(
                    "{name} is {text:?}; write a day as {today}, today or yesterday"
                ))
            }),
        };
        let (from, to) = (day(&self.from, "from")?, day(&self.to, "to")?);
        let oldest = today.checked_sub(LOOK_BACK_DAYS.days()).unwrap_or(today);
        let length = from.until(to).map(|span| i64::from(span.get_days()) + 1).unwrap_or(0);
        let wrong = match () {
            () if from > to => Some(format!("from {from} is after to {to}; swap them")),
            () if to > today => Some(format!("to {to} is in the future; today is {today}")),
            () if from < oldest => {
                Some(format!("from {from} is beyond what Zoom still lists; the oldest day is {oldest}"))
            }
            () if length > DAYS_MAX => {
                Some(format!("{length} days at once; {DAYS_MAX} at most, then the next"))
            }
            () => None,
        };
        if let Some(wrong) = wrong {
            return Err(Problem::bad_request(wrong));
        }
        if let Some(policy) = &self.quality {
            let wrong = |wrong: UnknownPolicy| Problem::bad_request(wrong.to_string());
            let policy: Policy = policy.parse().map_err(wrong)?;
            if policy == Policy::Courses && !app.school.is_configured() {
                return Err(Problem::bad_request(
                    "the policy courses goes by Moodle, which is not configured",
                ));
            }
        }
        if let Some(account) = self.account.as_ref().filter(|name| !app.accounts.contains(name)) {
            return Err(Problem::bad_request(format!(
                "there is no account {account:?}; use {}",
                app.accounts.join(", ")
            )));
        }
        Ok(BackfillOrder { account: self.account.clone(), from, to, quality: self.quality.clone() })
    }
}

async fn forecast(app: &App, order: &BackfillOrder) -> Result<ForecastView, Problem> {
    let (now, settings, zone) = (app.clock.now(), app.settings.clone(), app.timezone.clone());
    let wanted = order.clone();
    let policy = order.quality.as_deref().and_then(|text| text.parse::<Policy>().ok());
    let plans = app.readers.read(move |reader| -> anyhow::Result<Vec<AccountPlan>> {
        let days = discover::days(wanted.from, wanted.to, &zone);
        let of = settings.iter().filter(|one| wanted.account.as_ref().is_none_or(|name| *name == one.name));
        of.map(|settings| {
            let mut account = settings.silent(reader, now)?;
            account.qos.policy = policy.unwrap_or(account.qos.policy);
            let looked = offline(reader, now, &account, &days)?;
            Ok(AccountPlan::of(reader, now, &account, looked)?)
        })
        .collect()
    });
    let plans = plans.await.map_err(|error| match error.downcast::<rollbook_store::Error>() {
        Ok(error) => Problem::from(error),
        Err(why) => Problem::unavailable(format!("{why:#}")),
    })?;
    let accounts = plans.into_iter().map(AccountForecast::from).collect();
    Ok(ForecastView { from: order.from, to: order.to, accounts })
}

impl From<AccountPlan> for AccountForecast {
    fn from(plan: AccountPlan) -> AccountForecast {
        let (at_least, at_most) = plan.interval.unzip();
        let waits = plan.forecast.waits.iter().map(|wait| WaitView {
            allowance: wait.bucket.name(),
            calls: wait.calls,
            until: wait.until,
            days: wait.days,
        });
        AccountForecast {
            account: plan.account,
            calls: plan.forecast.calls.into(),
            at_least: at_least.map(CallsView::from),
            at_most: at_most.map(CallsView::from),
            quality_calls: plan.forecast.quality_calls,
            policy: plan.policy.to_string(),
            seconds: plan.forecast.seconds,
            waits: waits.collect(),
            caveats: plan
                .caveats
                .iter()
                .map(|said| said.replace("; leave --offline out to ask Zoom", ""))
                .collect(),
        }
    }
}

async fn put(app: &App, visitor: &Visitor, order: BackfillOrder) -> Result<i64, Problem> {
    let days = format!("{} to {}", order.from, order.to);
    let entry = audit::entry(app, visitor, "backfill.put", days, order.quality.clone());
    order::put(app, visitor, entry, order, |_| Ok(())).await
}

/// What a backfill will cost
///
/// By the store's own history: nothing is asked of Zoom, nothing is spent.
#[utoipa::path(
    get, path = "/api/v1/backfills/forecast", tag = "Quota", params(BackfillAsk),
    responses((status = 200, body = ForecastView))
)]
pub async fn forecast_api(
    State(app): State<App>,
    Asked(ask): Asked<BackfillAsk>,
) -> Result<Json<ForecastView>, Problem> {
    Ok(Json(forecast(&app, &ask.order(&app)?).await?))
}

/// Collect days of the past
///
/// Puts a command into the queue; the collector takes it as the budget allows.
#[utoipa::path(
    post, path = "/api/v1/backfills", tag = "Quota", request_body = BackfillAsk,
    responses((status = 202, description = "It is in the queue", body = QueuedView))
)]
pub async fn backfill_api(
    State(app): State<App>,
    visitor: Visitor,
    Body(ask): Body<BackfillAsk>,
) -> Result<Response, Problem> {
    Ok(queued(put(&app, &visitor, ask.order(&app)?).await?))
}

/// A backfill that was asked for before.
pub(super) struct Earlier {
    pub days: String,
    pub asked_at: Timestamp,
    pub who: String,
    pub state: &'static str,
    pub outcome: Option<String>,
}

/// The backfill form, and its price once its fields are filled.
pub(super) struct Filled {
    pub from: String,
    pub to: String,
    pub quality: String,
    pub wrong: Option<String>,
    pub price: Option<ForecastView>,
}

pub(super) async fn filled(app: &App, ask: &Ask) -> Result<Filled, Problem> {
    let mut form = Filled {
        from: ask.from.clone().unwrap_or_default(),
        to: ask.to.clone().unwrap_or_default(),
        quality: ask.quality.clone().unwrap_or_default(),
        wrong: None,
        price: None,
    };
    if form.from.is_empty() && form.to.is_empty() {
        return Ok(form);
    }
    let (from, to) =
        (form.from.clone(), if form.to.is_empty() { form.from.clone() } else { form.to.clone() });
    let wanted = BackfillAsk { from, to, quality: ask.quality.clone(), account: ask.account.clone() };
    match wanted.order(app) {
        Ok(order) => match forecast(app, &order).await {
            Ok(price) => form.price = Some(price),
            Err(problem) if problem.status == 503 => form.wrong = Some(problem.detail),
            Err(problem) => return Err(problem),
        },
        Err(problem) => form.wrong = Some(problem.detail),
    }
    Ok(form)
}

pub(super) async fn earlier(app: &App) -> Result<Vec<Earlier>, Problem> {
    let kind = BackfillOrder::KIND;
    let records = app.readers.read(move |reader| reader.commands_before(Some(kind), None, BACKFILLS)).await?;
    let line = |record: rollbook_store::CommandRecord| {
        let order: Option<BackfillOrder> = commands::payload(&record).ok();
        Earlier {
            days: order.map_or_else(String::new, |order| format!("{} to {}", order.from, order.to)),
            asked_at: record.asked_at,
            who: record.who,
            state: record.state.name(),
            outcome: record.outcome,
        }
    };
    Ok(records.into_iter().map(line).collect())
}

pub(super) async fn backfill_page(
    State(app): State<App>,
    visitor: Visitor,
    Form(ask): Form<BackfillAsk>,
) -> Result<Redirect, Problem> {
    put(&app, &visitor, ask.order(&app)?).await?;
    Ok(Redirect::to("/quota#backfills"))
}
