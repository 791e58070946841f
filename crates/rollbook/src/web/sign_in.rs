//! Signing in with a password, and out.

use std::net::{IpAddr, Ipv6Addr};

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use rollbook_core::sign_in::{IDLE_FOR_MAX, PASSWORD_MOST, SIGNED_IN_FOR_MAX, login_name};
use rollbook_store::{Login, NewSession};
use serde::Deserialize;

use super::App;
use super::cookie::Cookie;
use super::page::{Frame, html};
use super::problem::Problem;
use super::reached::Reached;
use super::route::{Needs, Route};
use super::visitor::Visitor;
use crate::secret;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Needs::Nothing, form),
        Route::post("/sign-in", Needs::Nothing, sign_in),
        Route::post("/sign-out", Needs::SignedIn, sign_out),
    ]
}

/// Where to sign in, to go on to an address afterwards.
pub fn path_back_to(from: &Uri) -> String {
    with_way_back("/sign-in", from.path_and_query().map_or("/", |path| path.as_str()))
}

fn with_way_back(path: &str, to: &str) -> String {
    match to {
        "/" => path.to_owned(),
        to => {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
            format!("{path}?{query}")
        }
    }
}

/// A path of this server; anything else leads to the start. Browsers take `//host` and `/\host` for other hosts.
pub(super) fn safe_path(to: Option<&str>) -> &str {
    let is_own = |to: &&str| {
        let rest = to.strip_prefix('/');
        rest.is_some_and(|rest| !rest.starts_with(['/', '\\'])) && !to.contains(|one: char| one.is_control())
    };
    to.filter(is_own).unwrap_or("/")
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    to: String,
    name: String,
    trouble: Option<String>,
    /// Where the provider's sign-in begins, where there is one.
    provider: Option<String>,
    /// Where the provider signs out whom it signed in, just after they signed out here.
    sign_out: Option<String>,
}

fn page(
    app: &App,
    to: &str,
    name: &str,
    trouble: Option<String>,
    sign_out: Option<String>,
) -> Result<Response, Problem> {
    let page = Page {
        frame: Frame::of(app, None, "Sign in"),
        to: to.to_owned(),
        name: name.to_owned(),
        trouble,
        provider: app.access.provider.as_ref().map(|_| with_way_back("/sign-in/provider", to)),
        sign_out,
    };
    Ok(html(&page)?.into_response())
}

#[derive(Debug, Deserialize)]
struct Asked {
    to: Option<String>,
    /// Somebody whom the provider signed in has just signed out here.
    #[serde(default)]
    out: bool,
}

async fn form(
    State(app): State<App>,
    visitor: Option<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let to = safe_path(asked.to.as_deref());
    match visitor {
        Some(_) => Ok(Redirect::to(to).into_response()),
        None => {
            let sign_out = match app.access.provider.as_ref().filter(|_| asked.out) {
                Some(provider) => provider.sign_out_url().await,
                None => None,
            };
            page(&app, to, "", None, sign_out.map(String::from))
        }
    }
}

#[derive(Deserialize)]
struct Entered {
    name: String,
    password: String,
    #[serde(default)]
    to: Option<String>,
}

async fn sign_in(
    State(app): State<App>,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    Form(entered): Form<Entered>,
) -> Result<Response, Problem> {
    if !reached.is_private {
        return Err(Problem::unsafe_way());
    }
    let to = safe_path(entered.to.as_deref());
    match verified(&app, &reached, &entered.name, &entered.password).await? {
        Verdict::In(login) => start_session(&app, &reached, &headers, &login, "password", to).await,
        Verdict::Wrong => {
            // The same words and the same time whether the name or the password is wrong, or the login disabled.
            let trouble = "Name or password is wrong.".to_owned();
            let page = page(&app, to, &entered.name, Some(trouble), None)?;
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Verdict::Wait(until) => {
            let wait = until.duration_since(app.clock.now()).as_secs().max(0) + 1;
            let trouble = format!("Too many tries. The next one is looked at in {wait} s.");
            let page = page(&app, to, &entered.name, Some(trouble), None)?;
            let retry = [(header::RETRY_AFTER, wait.to_string())];
            Ok((StatusCode::TOO_MANY_REQUESTS, retry, page).into_response())
        }
    }
}

/// What came of a name and a password.
pub(super) enum Verdict {
    /// They belong together.
    In(Login),
    /// They do not, or the login is disabled.
    Wrong,
    /// Nobody looks at them before.
    Wait(Timestamp),
}

/// Looks at a name and a password, as one of the tries that are counted.
pub(super) async fn verified(
    app: &App,
    reached: &Reached,
    name: &str,
    password: &str,
) -> Result<Verdict, Problem> {
    let now = app.clock.now();
    // What can be no name is tried like one that nobody has.
    let name = login_name(name).unwrap_or_else(|_| "(none)".to_owned());
    let address = source(reached.address);
    let begun = {
        let (name, address) = (name.clone(), address.clone());
        app.clerk.write(move |store| store.begin_sign_in(now, &name, &address)).await?
    };
    if let Err(until) = begun {
        return Ok(Verdict::Wait(until));
    }
    let wanted = name.clone();
    let (login, hash) = app
        .access
        .readers
        .read(move |reader| -> rollbook_store::Result<_> {
            Ok((reader.login_named(&wanted)?, reader.password_hash(&wanted)?))
        })
        .await?;
    let password = password.chars().take(PASSWORD_MOST + 1).collect();
    let is_right = app.access.passwords.is_right(password, hash).await;
    let is_right =
        is_right.map_err(|_| Problem::too_busy("many people sign in right now; try again in a moment"))?;
    match login.filter(|login| is_right && login.disabled_at.is_none()) {
        Some(login) => {
            app.clerk.write(move |store| store.sign_in_was_right(&name, &address)).await?;
            Ok(Verdict::In(login))
        }
        None => {
            tracing::info!(address = %address, "signing in failed");
            Ok(Verdict::Wrong)
        }
    }
}

/// The address tries are counted by. Whoever has one of IPv6 has its whole network of 64 bits.
fn source(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// Signs somebody in under a new secret, whatever the browser had before, and leads on.
pub(super) async fn start_session(
    app: &App,
    reached: &Reached,
    headers: &HeaderMap,
    login: &Login,
    how: &str,
    to: &str,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let cookie = secret::fresh();
    let session = NewSession {
        key: secret::digest(&cookie),
        login: login.id,
        csrf: secret::fresh(),
        expires_at: now + SIGNED_IN_FOR_MAX,
    };
    let before = Cookie::Session.read(headers, reached.is_secure).map(secret::digest);
    let entry = rollbook_store::AuditEntry {
        at: now,
        who: login.name.clone(),
        role: Some(login.role),
        action: "sign_in".to_owned(),
        subject: login.name.clone(),
        detail: Some(how.to_owned()),
        address: Some(reached.address.to_string()),
    };
    app.clerk
        .write(move |store| {
            if let Some(before) = before {
                store.end_session(&before)?;
            }
            store.prune_sessions(now, now - IDLE_FOR_MAX)?;
            store.add_session(now, &session)?;
            store.add_audit(&entry)
        })
        .await?;
    let cookie = Cookie::Session.set(&cookie, reached.is_secure, None);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(safe_path(Some(to)))).into_response())
}

async fn sign_out(
    State(app): State<App>,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut to = "/sign-in";
    if let Some(key) = Cookie::Session.read(&headers, reached.is_secure).map(secret::digest) {
        let session = app.access.readers.read(move |reader| reader.session(&key)).await?;
        if session.is_some_and(|session| session.login.subject.is_some()) {
            // The next one at this machine is not to be signed in by what the provider still remembers.
            to = "/sign-in?out=true";
        }
        app.clerk.write(move |store| store.end_session(&key)).await?;
    }
    let gone = Cookie::Session.clear(reached.is_secure);
    Ok(([(header::SET_COOKIE, gone)], Redirect::to(to)).into_response())
}

#[cfg(test)]
mod tests;
