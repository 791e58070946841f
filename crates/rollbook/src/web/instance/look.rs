//! Having a meeting looked at again now: the price beforehand, the site's rule, and what came of it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use rollbook_core::access::Capability;
use rollbook_core::request::{Decision, Requester, Role};
use rollbook_store::{Record, RefreshRequest, RequestOutcome, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::record;
use crate::collector::account::Account;
use crate::refresh;
use crate::report::account::AccountSettings;
use crate::web::input::{Asked, Form, Nothing, Path};
use crate::web::problem::Problem;
use crate::web::route::{Needs, Route};
use crate::web::visitor::Visitor;
use crate::web::{App, address, shown};

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::Refresh);
    vec![
        Route::post("/meetings/{meeting}/refresh", needs, look),
        Route::get("/api/v1/meetings/{meeting}/refresh", needs, offer_api),
        Route::post("/api/v1/meetings/{meeting}/refresh", needs, look_api),
    ]
}

/// What a look would cost, and whether the visitor may have one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Offered {
    /// Whether it would be let in.
    pub is_allowed: bool,
    /// What it would cost, in words.
    pub price: String,
    /// What would become of it.
    pub says: String,
    /// Where to ask.
    #[serde(skip)]
    pub action: String,
}

/// What became of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Requested {
    /// Its number.
    pub request: i64,
    /// `pending`, `answered`, `refused` or `failed`.
    pub outcome: &'static str,
    /// In words.
    pub says: String,
    /// Whether it is still waited for.
    pub is_pending: bool,
}

/// In whose name a visitor asks.
pub(in crate::web) fn requester(visitor: &Visitor) -> Result<Requester, Problem> {
    // A token with this scope was made by an admin for just this; its ration is its own.
    let role = visitor.role.unwrap_or(Role::Admin);
    Requester::named(&visitor.who, role).map_err(Problem::bad_request)
}

fn accounts(
    store: &Store,
    now: Timestamp,
    settings: &[AccountSettings],
    record: &Record,
) -> rollbook_store::Result<Vec<Account>> {
    let own = settings.iter().filter(|account| account.name == record.account);
    own.map(|account| account.silent(store, now)).collect()
}

/// What a visitor who may ask at all is offered.
pub(super) async fn offered(
    app: &App,
    visitor: &Visitor,
    record: &Record,
) -> Result<Option<Offered>, Problem> {
    if !visitor.may(Capability::Refresh) {
        return Ok(None);
    }
    let (app_, requester, record) = (app.clone(), requester(visitor)?, record.clone());
    let read = app.readers.read(move |reader| -> rollbook_store::Result<_> {
        let now = app_.clock.now();
        let accounts = accounts(reader, now, &app_.settings, &record)?;
        let runs = std::slice::from_ref(&record);
        let asked = asked_for(&app_, &requester, &record);
        let decision = refresh::decide(reader, now, &asked, runs)?;
        let price = refresh::price(&accounts, runs);
        let is_possible = price.total() > 0;
        Ok(Offered {
            is_allowed: is_possible && !matches!(decision, Decision::Refused(_)),
            says: if is_possible { says(&decision) } else { IMPOSSIBLE.to_owned() },
            price: shown::calls(&price),
            action: format!("{}/refresh", address::meeting(&record.instance.uuid)),
        })
    });
    Ok(Some(read.await?))
}

/// Why a look is no use.
const IMPOSSIBLE: &str = "Nothing can be asked of Zoom about this run: the plan offers no endpoint for it, or its account is no longer \
                          configured.";

fn asked_for<'a>(app: &'a App, requester: &'a Requester, record: &'a Record) -> refresh::Asked<'a> {
    refresh::Asked {
        rules: &app.refresh,
        requester,
        zone: &app.timezone,
        meeting: &record.instance.uuid,
        all: false,
    }
}

pub(in crate::web) fn says(decision: &Decision) -> String {
    match decision {
        Decision::Ask { left: None } => "It goes before all other work.".to_owned(),
        Decision::Ask { left: Some(left) } => format!(
            "It goes before all other work. After it you have {} left today.",
            shown::count(u64::from(*left), "request", "requests")
        ),
        Decision::Join { answered_at: None, .. } => {
            "Somebody waits for this already; joining costs nothing.".to_owned()
        }
        Decision::Join { answered_at: Some(_), .. } => {
            "It was looked at a moment ago; asking costs nothing and shows that answer.".to_owned()
        }
        Decision::Refused(refusal) => format!("Not now: {refusal}."),
    }
}

/// What became of the request that the address names, if it is about this run and this visitor's.
pub(super) async fn asked(
    app: &App,
    visitor: &Visitor,
    request: Option<i64>,
    record: &Record,
) -> Result<Option<Requested>, Problem> {
    let Some(id) = request else { return Ok(None) };
    let (who, record) = (requester(visitor)?, record.id);
    let read = app.readers.read(move |reader| -> rollbook_store::Result<_> {
        let Some(request) = reader.request(id)?.filter(|request| request.who == who.who()) else {
            return Ok(None);
        };
        // Who joined waits for the other request's answer.
        let about = reader.request_runs(request.joined.unwrap_or(id))?;
        Ok((about.contains(&record)).then_some(request))
    });
    Ok(read.await?.map(Requested::from))
}

impl From<RefreshRequest> for Requested {
    fn from(request: RefreshRequest) -> Requested {
        Requested {
            request: request.id,
            outcome: request.outcome.name(),
            is_pending: request.outcome == RequestOutcome::Pending,
            says: match (request.outcome, request.reason) {
                (RequestOutcome::Pending, _) => "Asked; waiting for Zoom's answer.".to_owned(),
                (RequestOutcome::Answered, Some(reason)) => format!("Looked at: {reason}."),
                (RequestOutcome::Answered, None) => "Looked at.".to_owned(),
                (RequestOutcome::Refused, reason) => format!("Refused: {}.", reason.unwrap_or_default()),
                (RequestOutcome::Failed, reason) => {
                    format!("It could not be done: {}.", reason.unwrap_or_default())
                }
            },
        }
    }
}

async fn put(app: &App, visitor: &Visitor, meeting: &str) -> Result<(Record, refresh::Put), Problem> {
    let record = record(app, visitor, meeting).await?;
    let (requester, own, now) = (requester(visitor)?, app.clone(), app.clock.now());
    let run = record.clone();
    let put = app.clerk.write(move |store| {
        let accounts = accounts(store, now, &own.settings, &run)?;
        let asked = asked_for(&own, &requester, &run);
        refresh::put(store, now, &accounts, &asked, std::slice::from_ref(&run))
    });
    let put = put.await?;
    app.wake.notify_one();
    Ok((record, put))
}

async fn look(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let (record, put) = put(&app, &visitor, &meeting).await?;
    let path = format!("{}?asked={}#standing", address::meeting(&record.instance.uuid), put.request);
    Ok(Redirect::to(&path).into_response())
}

/// The price of a look
///
/// What having a meeting looked at again now would cost, and whether it would be let in. Nothing is asked or kept.
#[utoipa::path(
    get, path = "/api/v1/meetings/{meeting}/refresh", tag = "Meetings",
    params(("meeting" = String, Path, description = "The UUID, with `_` for `/`, `-` for `+` and `.` for `=`")),
    responses((status = 200, body = Offered))
)]
pub async fn offer_api(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<Offered>, Problem> {
    let record = record(&app, &visitor, &meeting).await?;
    let offered = offered(&app, &visitor, &record).await?;
    offered.map(Json).ok_or_else(|| Problem::forbidden(&visitor, Capability::Refresh))
}

/// Look again
///
/// Has a meeting looked at again now, before all other work, by the site's rule. The answer says what became of the request.
#[utoipa::path(
    post, path = "/api/v1/meetings/{meeting}/refresh", tag = "Meetings",
    params(("meeting" = String, Path, description = "The UUID, with `_` for `/`, `-` for `+` and `.` for `=`")),
    responses((status = 200, body = Requested))
)]
pub async fn look_api(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<Requested>, Problem> {
    let (record, put) = put(&app, &visitor, &meeting).await?;
    let refused = match &put.decision {
        Decision::Refused(refusal) => Some(format!("Refused: {refusal}.")),
        _ => None,
    };
    let known = asked(&app, &visitor, Some(put.request), &record).await?;
    Ok(Json(known.unwrap_or_else(|| Requested {
        request: put.request,
        outcome: if refused.is_some() { "refused" } else { "pending" },
        is_pending: refused.is_none(),
        says: refused.unwrap_or_else(|| says(&put.decision)),
    })))
}
