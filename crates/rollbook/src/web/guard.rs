//! Stands before every route: who are you, may you, and do you mean it?

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::problem::Problem;
use super::reached::{Origin, Reached};
use super::route::Needs;
use super::visitor::Visitor;
use super::who::Unrecognized;
use crate::secret;

/// The largest form. Pages have a few fields.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What a guard knows of the route it stands before.
#[derive(Clone)]
pub struct Guarded {
    /// The server.
    pub app: App,
    /// Who may.
    pub needs: Needs,
}

/// Lets a request through to its handler, with its [`Visitor`], or answers it.
pub async fn check(State(guarded): State<Guarded>, request: Request, next: Next) -> Response {
    let passed = match may(guarded.needs, &request) {
        Ok(()) => is_meant(guarded.needs, request).await,
        Err(problem) => Err(problem),
    };
    match passed {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Whether this visitor may, on this way.
fn may(needs: Needs, request: &Request) -> Result<(), Problem> {
    if needs == Needs::Nothing {
        return Ok(());
    }
    let reached = request.extensions().get::<Reached>();
    if reached.is_some_and(|reached| !reached.is_private) {
        return Err(Problem::unsafe_way());
    }
    let Some(visitor) = request.extensions().get::<Visitor>() else {
        let shown = request.extensions().get::<Unrecognized>().cloned();
        return Err(shown.map_or_else(Problem::sign_in, |Unrecognized(problem)| problem));
    };
    // A token in hand is meant for us, whatever we are called. A browser brings what it has to every name.
    if visitor.csrf.is_some() && reached.is_some_and(|reached| !reached.is_own_name) {
        return Err(Problem::foreign_name());
    }
    match needs {
        Needs::May(capability) if !visitor.may(capability) => Err(Problem::forbidden(visitor, capability)),
        _ => Ok(()),
    }
}

/// Whether something that is to be done is meant by the visitor, and not by another site's page in their browser: such a
/// request has neither our origin nor what our forms carry. Where nobody needs to be signed in, nothing is done in the
/// visitor's name, and the origin is enough.
async fn is_meant(needs: Needs, request: Request) -> Result<Request, Problem> {
    if request.method() != Method::POST {
        return Ok(request);
    }
    let origin = request.extensions().get::<Reached>().map_or(Origin::Unknown, |reached| reached.origin);
    if origin == Origin::Foreign {
        return Err(Problem::not_meant("it comes from a page of another site"));
    }
    let csrf = request.extensions().get::<Visitor>().and_then(|visitor| visitor.csrf.clone());
    let Some(csrf) = csrf.filter(|_| needs != Needs::Nothing) else { return Ok(request) };
    if origin == Origin::Unknown {
        return Err(Problem::not_meant("the browser does not say from which page it comes"));
    }
    let (carried, request) = carried(request).await?;
    match carried {
        Some(carried) if secret::is_same(&carried, &csrf) => Ok(request),
        _ => Err(Problem::not_meant("the form is not of this session: load the page again, then send it")),
    }
}

/// What a request carries to show that it is meant: the header `x-csrf-token`, or the form's field `csrf`.
async fn carried(request: Request) -> Result<(Option<String>, Request), Problem> {
    if let Some(value) = request.headers().get("x-csrf-token") {
        let carried = value.to_str().ok().map(str::to_owned);
        return Ok((carried, request));
    }
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Ok((None, request));
    }
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, FORM_BYTES_MAX)
        .await
        .map_err(|_| Problem::bad_request("the form is too large, or was cut off on its way"))?;
    let mut fields = url::form_urlencoded::parse(&body);
    let carried = fields.find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned());
    Ok((carried, Request::from_parts(parts, Body::from(body))))
}
