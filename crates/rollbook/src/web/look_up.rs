//! Having a meeting looked at that the store does not know yet: by its number, or the UUID of a run. The price beforehand,
//! the site's rule, and what came of it.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::access::Capability;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::request::{self, Decision, Requester};
use rollbook_store::{Reader, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::input::{Asked, Body, Form, Nothing, Path, day, parse_day};
use super::instance::look::{self, Requested};
use super::own::{may_see_instance, own_numbers};
use super::page::{Frame, html, part};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::visitor::Visitor;
use super::{App, address, audit, shown};
use crate::cli::meeting::MeetingName;
use crate::collector::account::Account;
use crate::commands::{self, LookUpOrder};
use crate::{lookup, refresh};

/// Runs that are offered where the store knows some.
const RUNS_SHOWN: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    let may = Needs::May(Capability::Refresh);
    vec![
        Route::get("/refresh", may, page),
        Route::get("/refresh/live", may, live),
        Route::post("/refresh", may, look),
        Route::get("/api/v1/refreshes/offer", may, offer_api),
        Route::post("/api/v1/refreshes", may, look_api),
        Route::get("/api/v1/refreshes/{id}", may, asked_api),
    ]
}

/// Which meeting is to be looked at.
#[derive(Debug, Clone, Default, Deserialize, Serialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookUpAsk {
    /// A number, as Zoom shows it, or the UUID of one run.
    #[schema(examples("91234567890"))]
    #[param(example = "91234567890")]
    pub meeting: String,
    /// Of a number, only the runs of this day, on the school's calendar.
    #[serde(default, deserialize_with = "day")]
    #[schema(value_type = Option<String>, format = Date)]
    #[param(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
}

/// What looking a meeting up would cost, and whether it would be let in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookUpOffer {
    /// Runs of it that the store knows: each is looked at again from its own page.
    pub known: Vec<KnownRun>,
    /// Whether it would be let in; it is not where runs are known.
    pub is_allowed: bool,
    /// What it would cost, in words.
    pub price: String,
    /// What would become of it.
    pub says: String,
}

/// A run that the store knows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KnownRun {
    /// Its page.
    pub path: String,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Topic.
    pub topic: Option<String>,
    /// Where it stands.
    pub state: &'static str,
}

/// What became of a request, with what was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookedUp {
    /// The meeting as it was named.
    pub meeting: String,
    /// The request.
    #[serde(flatten)]
    pub request: Requested,
    /// Runs that it turned out to be about.
    pub runs: Vec<KnownRun>,
}

/// What is meant, once it is read.
#[derive(Debug, Clone)]
struct Meant {
    name: MeetingName,
    date: Option<Date>,
}

impl Meant {
    fn of(ask: &LookUpAsk, visitor: &Visitor) -> Result<Meant, Problem> {
        let name: MeetingName = ask
            .meeting
            .parse()
            .map_err(|_| Problem::bad_request("write the meeting's number, or the UUID of a run"))?;
        match (&name, own_numbers(visitor)) {
            (MeetingName::Number(number), _) if *number < 100_000_000 => {
                return Err(Problem::bad_request(format!(
                    "{number} is no meeting number: those have 9 to 11 digits"
                )));
            }
            (MeetingName::Uuid(text), _) if !is_uuid(text) => {
                return Err(Problem::bad_request(format!(
                    "{text:?} is neither a meeting number nor the UUID of a run; copy all of it, `=` and `/` too"
                )));
            }
            (MeetingName::Number(number), Some((_, own))) if !own.contains(number) => {
                return Err(Problem::own_courses_only(
                    "that number is of none of your courses; ask whoever runs rollbook here",
                ));
            }
            (MeetingName::Uuid(_), Some(_)) => {
                return Err(Problem::own_courses_only(
                    "of whose course a run is cannot be told by its UUID; give the meeting's number and the date",
                ));
            }
            _ => {}
        }
        let date = ask.date.filter(|_| matches!(name, MeetingName::Number(_)));
        Ok(Meant { name, date })
    }

    /// The number without spaces, or the UUID.
    fn plain(&self) -> String {
        match &self.name {
            MeetingName::Number(number) => number.to_string(),
            MeetingName::Uuid(uuid) => uuid.clone(),
        }
    }

    /// As a request is kept: requests of the same name are joined.
    fn words(&self) -> String {
        self.date.map_or_else(|| self.plain(), |date| format!("{} on {date}", self.plain()))
    }

    fn lookup<'a>(&'a self, app: &App) -> lookup::Meant<'a> {
        let day = self.date.map(|date| rollbook_core::time::Window::of_day(date, &app.timezone));
        lookup::Meant { meeting: &self.name, all: true, day }
    }
}

/// Zoom's UUIDs are 16 bytes in base64.
fn is_uuid(text: &str) -> bool {
    text.len() == 24 && text.ends_with("==")
}

fn accounts(app: &App, store: &Store, now: Timestamp) -> rollbook_store::Result<Vec<Account>> {
    app.settings.iter().map(|account| account.silent(store, now)).collect()
}

fn asked_for<'a>(app: &'a App, requester: &'a Requester, words: &'a str) -> refresh::Asked<'a> {
    refresh::Asked { rules: &app.refresh, requester, zone: &app.timezone, meeting: words, all: false }
}

fn run(record: &rollbook_store::Record) -> KnownRun {
    KnownRun {
        path: address::meeting(&record.instance.uuid),
        started_at: record.instance.started_at,
        topic: record.instance.topic.clone(),
        state: record.state.name(),
    }
}

/// What a visitor who may ask at all is offered.
async fn offered(app: &App, visitor: &Visitor, meant: &Meant) -> Result<LookUpOffer, Problem> {
    let (own, requester, meant) = (app.clone(), look::requester(visitor)?, meant.clone());
    let (may_see, visitor) = (visitor.may(Capability::SeeMeetings), visitor.clone());
    let read = move |reader: &Reader| -> rollbook_store::Result<LookUpOffer> {
        let now = own.clock.now();
        let accounts = accounts(&own, reader, now)?;
        let mut known = meant.lookup(&own).known(reader, &accounts)?;
        known.retain(|record| may_see && may_see_instance(&visitor, record));
        known.sort_by_key(|record| std::cmp::Reverse(record.instance.started_at));
        let known: Vec<KnownRun> = known.iter().take(RUNS_SHOWN).map(run).collect();
        let mut price = lookup::price(&accounts, &meant.name);
        let unknown = Instance::unknown(String::new(), Kind::Meeting);
        if let Some(account) = accounts.first() {
            let own = request::price(&account.offer, [&unknown]);
            rollbook_core::label::Label::ALL.into_iter().for_each(|label| price[label] += own[label]);
        }
        let words = meant.words();
        let decision = refresh::decide(reader, now, &asked_for(&own, &requester, &words), &[])?;
        let is_allowed = known.is_empty() && !matches!(decision, Decision::Refused(_));
        let says = match known.is_empty() {
            true => look::says(&decision),
            false => "The store knows it: look at a run again from its page, or give the day of another."
                .to_owned(),
        };
        Ok(LookUpOffer { known, is_allowed, price: shown::calls(&price), says })
    };
    Ok(app.readers.read(read).await?)
}

async fn put(app: &App, visitor: &Visitor, meant: Meant) -> Result<i64, Problem> {
    let (requester, own, now) = (look::requester(visitor)?, app.clone(), app.clock.now());
    let entry = audit::entry(app, visitor, "refresh.put", meant.words(), None);
    let role = visitor.role;
    let put = app.clerk.write(move |store| {
        let words = meant.words();
        let put = refresh::put(store, now, &[], &asked_for(&own, &requester, &words), &[])?;
        if matches!(put.decision, Decision::Ask { .. }) {
            let order = LookUpOrder { request: put.request, meeting: meant.plain(), date: meant.date };
            commands::put(store, now, requester.who(), role, &order)?;
            store.add_audit(&entry)?;
        }
        Ok(put)
    });
    let put = put.await?;
    app.wake.notify_one();
    Ok(put.request)
}

/// What became of a request of the visitor's own.
async fn asked(app: &App, visitor: &Visitor, id: i64) -> Result<Option<LookedUp>, Problem> {
    let (who, visitor) = (look::requester(visitor)?, visitor.clone());
    let read = move |reader: &Reader| -> rollbook_store::Result<Option<LookedUp>> {
        let Some(request) = reader.request(id)?.filter(|request| request.who == who.who()) else {
            return Ok(None);
        };
        let mut runs = Vec::new();
        for instance in reader.request_runs(request.joined.unwrap_or(id))? {
            let record = reader.instance(instance)?;
            runs.extend(record.filter(|record| may_see_instance(&visitor, record)).as_ref().map(run));
        }
        if !visitor.may(Capability::SeeMeetings) {
            runs.clear();
        }
        Ok(Some(LookedUp { meeting: request.meeting.clone(), request: request.into(), runs }))
    };
    Ok(app.readers.read(read).await?)
}

/// What of the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(default)]
    meeting: String,
    #[serde(default)]
    date: String,
    /// A request whose outcome is shown.
    asked: Option<i64>,
}

impl Ask {
    /// What is meant, once something was typed.
    fn meant(&self, visitor: &Visitor) -> Result<Option<Meant>, Problem> {
        if self.meeting.trim().is_empty() {
            return Ok(None);
        }
        let date = match self.date.trim() {
            "" => None,
            text => Some(parse_day(text).ok_or_else(|| {
                Problem::bad_request(format!("{text:?} is no day; write it as 2026-10-06"))
            })?),
        };
        Meant::of(&LookUpAsk { meeting: self.meeting.clone(), date }, visitor).map(Some)
    }
}

#[derive(Template)]
#[template(path = "refresh.html")]
struct Page {
    frame: Frame,
    form: Ask,
    wrong: Option<String>,
    offer: Option<LookUpOffer>,
    asked: Option<LookedUp>,
}

/// What came of it, which changes while it is looked at.
#[derive(Template)]
#[template(path = "refresh_live.html")]
struct Part {
    frame: Frame,
    asked: Option<LookedUp>,
}

fn frame(app: &App, visitor: &Visitor) -> Frame {
    Frame::of(app, Some(visitor), "Look a meeting up at Zoom").at("/meetings")
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Asked(form): Asked<Ask>,
) -> Result<Response, Problem> {
    drawn(&app, &visitor, form).await
}

/// The page with the form as it was sent.
async fn drawn(app: &App, visitor: &Visitor, form: Ask) -> Result<Response, Problem> {
    let (offer, wrong) = match form.meant(visitor) {
        Ok(Some(meant)) => (Some(offered(app, visitor, &meant).await?), None),
        Ok(None) => (None, None),
        Err(problem) => (None, Some(problem.detail)),
    };
    let asked = match form.asked {
        Some(id) => asked(app, visitor, id).await?,
        None => None,
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page { frame: frame(app, visitor), form, wrong, offer, asked };
    Ok((status, html(&page)?).into_response())
}

async fn live(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<Ask>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = match ask.asked {
        Some(id) => asked(&app, &visitor, id).await?,
        None => None,
    };
    part(&headers, &Part { frame: frame(&app, &visitor), asked })
}

async fn look(State(app): State<App>, visitor: Visitor, Form(form): Form<Ask>) -> Result<Response, Problem> {
    let Ok(Some(meant)) = form.meant(&visitor) else { return drawn(&app, &visitor, form).await };
    if !offered(&app, &visitor, &meant).await?.known.is_empty() {
        return drawn(&app, &visitor, form).await;
    }
    let request = put(&app, &visitor, meant).await?;
    Ok(Redirect::to(&format!("/refresh?asked={request}")).into_response())
}

/// The price of looking a meeting up
///
/// What finding a meeting at Zoom that the store does not know would cost, and whether it would be let in. Nothing is asked or
/// kept.
#[utoipa::path(
    get, path = "/api/v1/refreshes/offer", tag = "Meetings", params(LookUpAsk),
    responses((status = 200, body = LookUpOffer))
)]
pub async fn offer_api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<LookUpAsk>,
) -> Result<Json<LookUpOffer>, Problem> {
    Ok(Json(offered(&app, &visitor, &Meant::of(&ask, &visitor)?).await?))
}

/// Look a meeting up
///
/// Has a meeting that the store does not know found at Zoom and looked at now, before all other work, by the site's rule.
/// `/api/v1/refreshes/{id}` tells what became of the request.
#[utoipa::path(
    post, path = "/api/v1/refreshes", tag = "Meetings", request_body = LookUpAsk,
    responses((status = 202, description = "It is in the queue, or was refused", body = LookedUp))
)]
pub async fn look_api(
    State(app): State<App>,
    visitor: Visitor,
    Body(ask): Body<LookUpAsk>,
) -> Result<Response, Problem> {
    let meant = Meant::of(&ask, &visitor)?;
    let offer = offered(&app, &visitor, &meant).await?;
    if let Some(run) = offer.known.first() {
        let path = &run.path;
        return Err(Problem::bad_request(format!(
            "the store knows it: POST /api/v1{path}/refresh looks at it again"
        )));
    }
    let id = put(&app, &visitor, meant).await?;
    let asked = asked(&app, &visitor, id).await?;
    let asked = asked.ok_or_else(|| Problem::internal("the request was not kept"))?;
    Ok((StatusCode::ACCEPTED, Json(asked)).into_response())
}

/// What came of looking a meeting up
///
/// The visitor's own requests only.
#[utoipa::path(
    get, path = "/api/v1/refreshes/{id}", tag = "Meetings", params(("id" = i64, Path, description = "The request")),
    responses((status = 200, body = LookedUp))
)]
pub async fn asked_api(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<LookedUp>, Problem> {
    let asked = asked(&app, &visitor, id).await?;
    asked.map(Json).ok_or_else(|| Problem::not_found("There is no such request of yours."))
}

#[cfg(test)]
mod tests;
