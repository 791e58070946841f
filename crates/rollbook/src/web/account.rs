//! Whoever is signed in: what they may do, and another password.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rollbook_core::sign_in::check_password;
use rollbook_store::Login;
use serde::Deserialize;

use super::App;
use super::audit;
use super::cookie::Cookie;
use super::page::{Frame, html};
use super::problem::Problem;
use super::reached::Reached;
use super::route::{Needs, Route};
use super::sign_in::{Verdict, start_session, verified};
use super::visitor::{Sees, Visitor};
use crate::secret;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/account", Needs::SignedIn, form),
        Route::post("/account", Needs::SignedIn, change_password),
        Route::post("/account/sign-out-everywhere", Needs::SignedIn, sign_out_everywhere),
    ]
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    frame: Frame,
    capabilities: Vec<&'static str>,
    /// A teacher's courses; none for those who see all.
    courses: Option<Vec<String>>,
    has_password: bool,
    /// Whether they signed in here, and not each time anew by a token or a proxy.
    has_session: bool,
    trouble: Option<String>,
}

/// The login behind the visitor's own session, and the session's key; none for tokens and whom a proxy signed in.
async fn own_login(app: &App, reached: &Reached, headers: &HeaderMap) -> Result<Option<Login>, Problem> {
    let Some(key) = Cookie::Session.read(headers, reached.is_secure).map(secret::digest) else {
        return Ok(None);
    };
    let session = app.access.readers.read(move |reader| reader.session(&key)).await?;
    Ok(session.map(|session| session.login))
}

fn page(
    app: &App,
    visitor: &Visitor,
    login: Option<&Login>,
    trouble: Option<String>,
) -> Result<Response, Problem> {
    let page = Page {
        frame: Frame::of(app, Some(visitor), "Your account"),
        capabilities: visitor.capabilities.iter().map(|capability| capability.words()).collect(),
        courses: match &visitor.sees {
            Sees::Everything => None,
            Sees::Courses(courses) => Some(courses.iter().cloned().collect()),
        },
        has_password: login.is_some_and(|login| login.has_password && login.name == visitor.who),
        has_session: login.is_some(),
        trouble,
    };
    Ok(html(&page)?.into_response())
}

async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let login = own_login(&app, &reached, &headers).await?;
    page(&app, &visitor, login.as_ref(), None)
}

#[derive(Deserialize)]
struct Entered {
    password: String,
    new_password: String,
}

async fn change_password(
    State(app): State<App>,
    visitor: Visitor,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    Form(entered): Form<Entered>,
) -> Result<Response, Problem> {
    let login = own_login(&app, &reached, &headers).await?;
    let Some(login) = login.filter(|login| login.has_password && login.name == visitor.who) else {
        return Err(Problem::bad_request("there is no password to change: another place signs you in"));
    };
    let refused = |status: StatusCode, trouble: String| {
        Ok((status, page(&app, &visitor, Some(&login), Some(trouble))?).into_response())
    };
    if let Err(trouble) = check_password(&login.name, &entered.new_password) {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, trouble);
    }
    // Whoever finds a browser left open must not be able to take the login over, nor to try passwords as they like.
    match verified(&app, &reached, &login.name, &entered.password).await? {
        Verdict::In(_) => {}
        Verdict::Wrong => {
            return refused(StatusCode::UNPROCESSABLE_ENTITY, "The present password is wrong.".to_owned());
        }
        Verdict::Wait(_) => {
            return refused(StatusCode::TOO_MANY_REQUESTS, "Too many tries; wait some minutes.".to_owned());
        }
    }
    let hash = app.access.passwords.hash(entered.new_password).await;
    let hash = hash.map_err(|_| Problem::too_busy("try again in a moment"))?;
    let entry = audit::entry(&app, &visitor, "login.password", login.name.clone(), None);
    let name = login.name.clone();
    app.clerk
        .write(move |store| {
            store.set_password(&name, &hash)?;
            store.add_audit(&entry)
        })
        .await?;
    start_session(&app, &reached, &headers, &login, "new password", "/account").await
}

/// Ends all sessions of whoever asks, on this device and all others.
async fn sign_out_everywhere(
    State(app): State<App>,
    visitor: Visitor,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(login) = own_login(&app, &reached, &headers).await? else {
        return Err(Problem::bad_request("there is no sign-in to end: each request brings its own"));
    };
    let entry = audit::entry(&app, &visitor, "sign_out_everywhere", login.name.clone(), None);
    app.clerk
        .write(move |store| {
            store.end_sessions_of(&login.name)?;
            store.add_audit(&entry)
        })
        .await?;
    let gone = Cookie::Session.clear(reached.is_secure);
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response())
}
