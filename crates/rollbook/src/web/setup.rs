//! Making the first admin, by a link that only whoever started the program has seen.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use rollbook_core::request::Role;
use rollbook_core::sign_in::{SETUP_LINK_FOR, check_password, login_name};
use rollbook_store::{Digest, NewLogin, Store};
use serde::Deserialize;

use super::App;
use super::page::{Frame, html};
use super::problem::Problem;
use super::reached::Reached;
use super::route::{Needs, Route};
use super::sign_in::start_session;
use crate::secret;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/setup/{key}", Needs::Nothing, form), Route::post("/setup/{key}", Needs::Nothing, make)]
}

/// A new link for the first admin, good for a day, in place of all earlier ones; none where there is an admin. Only its
/// SHA-256 is kept, so that each start must print another one.
///
/// # Errors
/// If the store cannot be written.
pub fn link(store: &mut Store, now: Timestamp) -> rollbook_store::Result<Option<String>> {
    if store.has_admin()? {
        return Ok(None);
    }
    let key = secret::fresh();
    store.put_setup_link(&secret::digest(&key), now + SETUP_LINK_FOR)?;
    Ok(Some(format!("/setup/{key}")))
}

#[derive(Template)]
#[template(path = "setup.html")]
struct Page {
    frame: Frame,
    name: String,
    trouble: Option<String>,
}

fn gone() -> Problem {
    Problem::not_found(
        "This link is used up or too old. While there is no admin, each start of `rollbook serve` prints another; \
         `rollbook login add NAME --role admin` makes one too.",
    )
}

fn page(app: &App, name: &str, trouble: Option<String>) -> Result<Response, Problem> {
    let frame = Frame::of(app, None, "Make the first admin");
    Ok(html(&Page { frame, name: name.to_owned(), trouble })?.into_response())
}

async fn is_good(app: &App, key: Digest) -> Result<bool, Problem> {
    let now = app.clock.now();
    Ok(app.access.readers.read(move |reader| reader.is_setup_link(now, &key)).await?)
}

async fn form(State(app): State<App>, Path(key): Path<String>) -> Result<Response, Problem> {
    if is_good(&app, secret::digest(&key)).await? { page(&app, "", None) } else { Err(gone()) }
}

#[derive(Deserialize)]
struct Entered {
    name: String,
    password: String,
}

async fn make(
    State(app): State<App>,
    Path(key): Path<String>,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    Form(entered): Form<Entered>,
) -> Result<Response, Problem> {
    if !reached.is_private {
        return Err(Problem::unsafe_way());
    }
    // Before anything is hashed: nobody without the link makes us work.
    let key = secret::digest(&key);
    if !is_good(&app, key).await? {
        return Err(gone());
    }
    let checked =
        login_name(&entered.name).and_then(|name| check_password(&name, &entered.password).map(|()| name));
    let name = match checked {
        Ok(name) => name,
        Err(trouble) => return page(&app, &entered.name, Some(trouble)),
    };
    let hash = app.access.passwords.hash(entered.password).await;
    let hash = hash.map_err(|_| Problem::too_busy("try again in a moment"))?;
    let admin = NewLogin {
        name: name.clone(),
        role: Role::Admin,
        email: None,
        subject: None,
        courses: Default::default(),
        password: Some(hash),
        is_by_provider: false,
    };
    let now = app.clock.now();
    let made = app.clerk.write(move |store| {
        let made = store.use_setup_link(now, &key, &admin)?;
        Ok(if made.is_some() { store.login_named(&admin.name)? } else { None })
    });
    match made.await? {
        Some(login) => start_session(&app, &reached, &headers, &login, "setup link", "/").await,
        None if is_good(&app, key).await? => {
            page(&app, &name, Some("This name is taken; choose another.".to_owned()))
        }
        None => Err(gone()),
    }
}
