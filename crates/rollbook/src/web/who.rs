//! Who is asking: a session's cookie, a program's token, or a name that a proxy vouches for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use rollbook_core::request::Role;
use rollbook_core::sign_in::{SEEN_EVERY, login_name, session_ends_at};
use rollbook_store::Login;

use super::App;
use super::cookie::Cookie;
use super::problem::Problem;
use super::reached::Reached;
use super::visitor::{Sees, Visitor};
use crate::secret;

/// What all tokens begin with, so that they are told from others and found where they do not belong.
pub const TOKEN_PREFIX: &str = "rollbook_";

/// Said in place of "sign in first" where somebody showed something that is not good.
#[derive(Clone)]
pub struct Unrecognized(pub Problem);

/// Puts how the request came and who asks into its extensions. What may be done is for the guard of each route.
pub async fn who_is(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let reached = Reached::of(&app.access.settings, &parts);
    // A request from the network carries none: only tests in this process sign in by hand.
    if parts.extensions.get::<Visitor>().is_none() {
        match find(&app, &reached, &parts.headers).await {
            Ok(Some(visitor)) => drop(parts.extensions.insert(visitor)),
            Ok(None) => {}
            Err(problem) => drop(parts.extensions.insert(Unrecognized(problem))),
        }
    }
    parts.extensions.insert(reached);
    next.run(Request::from_parts(parts, body)).await
}

async fn find(app: &App, reached: &Reached, headers: &HeaderMap) -> Result<Option<Visitor>, Problem> {
    if let Some(name) = named_by_proxy(app, reached, headers)? {
        return by_name(app, reached, &name).await.map(Some);
    }
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or("");
        let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else {
            return Err(Problem::bad_sign_in("only tokens are taken: Authorization: Bearer rollbook_…"));
        };
        return by_token(app, reached, token.trim()).await.map(Some);
    }
    by_session(app, reached, headers).await
}

fn named_by_proxy(app: &App, reached: &Reached, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let settings = &app.access.settings;
    let Some(header) = settings.proxy_user_header.as_ref().filter(|_| reached.by_proxy) else {
        return Ok(None);
    };
    let mut named = headers.get_all(header).iter();
    let (Some(value), None) = (named.next(), named.next()) else {
        return match headers.contains_key(header) {
            true => Err(Problem::bad_sign_in("the proxy named several users")),
            false => Ok(None),
        };
    };
    let name = value.to_str().map_err(|_| Problem::bad_sign_in("the proxy's user name cannot be read"))?;
    match name.trim() {
        "" => Ok(None),
        name => login_name(name).map(Some).map_err(Problem::bad_sign_in),
    }
}

async fn by_name(app: &App, reached: &Reached, name: &str) -> Result<Visitor, Problem> {
    let wanted = name.to_owned();
    let login = app.access.readers.read(move |reader| reader.login_named(&wanted)).await?;
    let login = login.filter(|login| login.disabled_at.is_none()).ok_or_else(|| {
        Problem::bad_sign_in(format!(
            "the proxy signed you in as {name}, who has no login here; ask whoever runs rollbook for one"
        ))
    })?;
    let csrf = app.access.csrf_of(&login.name);
    Ok(visitor(app, reached, &login, csrf).await)
}

async fn by_token(app: &App, reached: &Reached, token: &str) -> Result<Visitor, Problem> {
    let key = secret::digest(token);
    let found = app.access.readers.read(move |reader| reader.token(&key)).await?;
    let token = found.ok_or_else(|| Problem::bad_sign_in("there is no such token"))?;
    let now = app.clock.now();
    if token.revoked_at.is_some() {
        return Err(Problem::bad_sign_in("this token was revoked"));
    }
    if now >= token.expires_at {
        return Err(Problem::bad_sign_in("this token has expired; `rollbook token add` makes another"));
    }
    if token.used_at.is_none_or(|at| now.duration_since(at) >= SEEN_EVERY) {
        app.clerk.write(move |store| store.touch_token(now, &key)).await?;
    }
    Ok(Visitor {
        // No login's name has a blank: nobody is taken for a token, nor the other way round.
        who: format!("token {}", token.name),
        role: None,
        capabilities: token.scopes,
        sees: Sees::Everything,
        own: Arc::default(),
        csrf: None,
        address: Some(reached.address.to_string()),
    })
}

async fn by_session(app: &App, reached: &Reached, headers: &HeaderMap) -> Result<Option<Visitor>, Problem> {
    let Some(cookie) = Cookie::Session.read(headers, reached.is_secure) else { return Ok(None) };
    let key = secret::digest(cookie);
    let session = app.access.readers.read(move |reader| reader.session(&key)).await?;
    let now = app.clock.now();
    let is_good = |session: &rollbook_store::Session| {
        session.login.disabled_at.is_none() && now < session_ends_at(session.expires_at, session.seen_at)
    };
    let Some(session) = session.filter(is_good) else { return Ok(None) };
    // Parts of a page that load by themselves keep nobody signed in.
    let is_person = headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    if is_person && now.duration_since(session.seen_at) >= SEEN_EVERY {
        app.clerk.write(move |store| store.touch_session(now, &key)).await?;
    }
    Ok(Some(visitor(app, reached, &session.login, session.csrf).await))
}

async fn visitor(app: &App, reached: &Reached, login: &Login, csrf: String) -> Visitor {
    let (sees, own) = match login.role {
        Role::Teacher => {
            let taught = app.access.teaching.of(app.clock.now(), login).await;
            (Sees::Courses(taught.courses.clone()), taught.own.clone())
        }
        Role::Admin | Role::Analyst | Role::Viewer => (Sees::Everything, Arc::default()),
    };
    Visitor {
        who: login.name.clone(),
        role: Some(login.role),
        capabilities: login.role.capabilities(),
        sees,
        own,
        csrf: Some(csrf),
        address: Some(reached.address.to_string()),
    }
}
