//! What goes wrong, told alike to people and programs: a page, or a problem document (RFC 9457).

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rollbook_core::access::Capability;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::page::Frame;
use super::visitor::Visitor;
use crate::clerk::ClerkError;

/// Something that could not be answered, in the form of RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem, for programs: it does not change.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time and what to do next.
    pub detail: String,
}

impl Problem {
    fn new(
        kind: &'static str,
        title: &'static str,
        status: StatusCode,
        detail: impl Into<String>,
    ) -> Problem {
        Problem { kind, title, status: status.as_u16(), detail: detail.into() }
    }

    /// Nobody knows who is asking.
    pub fn sign_in() -> Problem {
        Problem::new(
            "/problems/sign-in",
            "Sign in first",
            StatusCode::UNAUTHORIZED,
            "This is shown to people who are signed in, and to programs with a token (Authorization: Bearer …).",
        )
    }

    /// They may not.
    pub fn forbidden(visitor: &Visitor, capability: Capability) -> Problem {
        let as_what = visitor.role.map_or("this token".to_owned(), |role| format!("the role {role}"));
        Problem::new(
            "/problems/forbidden",
            "Not allowed",
            StatusCode::FORBIDDEN,
            format!("{as_what} does not allow {capability}; ask whoever runs rollbook here"),
        )
    }

    /// It is not there, or the visitor may not know that it is.
    pub fn not_found(what: impl Into<String>) -> Problem {
        Problem::new("/problems/not-found", "Nothing here", StatusCode::NOT_FOUND, what)
    }

    /// The request cannot be obeyed as it is.
    pub fn bad_request(what: impl Into<String>) -> Problem {
        Problem::new("/problems/bad-request", "Cannot be understood", StatusCode::BAD_REQUEST, what)
    }

    /// Our own doing.
    pub fn internal(what: impl Into<String>) -> Problem {
        Problem::new("/problems/internal", "It went wrong here", StatusCode::INTERNAL_SERVER_ERROR, what)
    }
}

impl From<rollbook_store::Error> for Problem {
    fn from(error: rollbook_store::Error) -> Problem {
        tracing::error!("a page could not read the store: {error}");
        Problem::internal(error.to_string())
    }
}

impl From<ClerkError> for Problem {
    fn from(error: ClerkError) -> Problem {
        tracing::error!("a page could not write to the store: {error}");
        Problem::internal(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.extensions_mut().insert(self);
        response
    }
}

/// No such path.
pub async fn nothing_here() -> Problem {
    Problem::not_found("There is no such page; the navigation lists those there are.")
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    problem: Problem,
}

/// Makes a page of a problem where a person is asking.
pub async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    let wants_page = wants_page(&request);
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().filter(|_| wants_page).cloned() else {
        return response;
    };
    let status = response.status();
    let page = ProblemPage { frame: Frame::of(&app, visitor.as_ref(), problem.title), problem };
    match super::page::html(&page) {
        Ok(page) => (status, page).into_response(),
        Err(_) => response,
    }
}

fn wants_page(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    !request.uri().path().starts_with("/api/") && accepts.contains("text/html")
}
