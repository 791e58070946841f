//! What goes wrong, told alike to people and programs: a page, or a problem document (RFC 9457).

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use rollbook_core::access::Capability;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::page::Frame;
use super::visitor::Visitor;
use crate::clerk::ClerkError;

const SIGN_IN: &str = "/problems/sign-in";

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
            SIGN_IN,
            "Sign in first",
            StatusCode::UNAUTHORIZED,
            "This is shown to people who are signed in, and to programs with a token (Authorization: Bearer …).",
        )
    }

    /// Somebody showed a token or came with a name that is not good.
    pub fn bad_sign_in(what: impl Into<String>) -> Problem {
        Problem::new("/problems/bad-sign-in", "Not recognised", StatusCode::UNAUTHORIZED, what)
    }

    /// The sign-in provider did not say, or not well enough, who somebody is.
    pub fn not_signed_in(what: impl Into<String>) -> Problem {
        Problem::new("/problems/not-signed-in", "Not signed in", StatusCode::UNAUTHORIZED, what)
    }

    /// Somebody whom we must ask does not answer as they should.
    pub fn bad_gateway(what: impl Into<String>) -> Problem {
        Problem::new("/problems/elsewhere", "It went wrong elsewhere", StatusCode::BAD_GATEWAY, what)
    }

    /// Others could listen on the way.
    pub fn unsafe_way() -> Problem {
        Problem::new(
            "/problems/unsafe-way",
            "Not over this connection",
            StatusCode::FORBIDDEN,
            "others could listen on the way: use the https address; whoever runs rollbook: this request came past \
             the proxies that ROLLBOOK_PROXIES names",
        )
    }

    /// It was asked for under a name that is not known to be ours.
    pub fn foreign_name() -> Problem {
        Problem::new(
            "/problems/foreign-name",
            "Not under this name",
            StatusCode::MISDIRECTED_REQUEST,
            "this server does not know itself by the name in the address bar; whoever runs rollbook: set \
             ROLLBOOK_PUBLIC_URL, and have the proxy hand on the Host header",
        )
    }

    /// A request that another site may have made the visitor's browser send.
    pub fn not_meant(why: impl std::fmt::Display) -> Problem {
        let detail = format!("nothing was done: {why}");
        Problem::new("/problems/not-meant", "Not sent from here", StatusCode::FORBIDDEN, detail)
    }

    /// Too much is under way.
    pub fn too_busy(what: impl Into<String>) -> Problem {
        Problem::new("/problems/too-busy", "Too much at once", StatusCode::SERVICE_UNAVAILABLE, what)
    }

    /// They may not.
    pub fn forbidden(visitor: &Visitor, capability: Capability) -> Problem {
        let as_what = visitor.role.map_or("this token".to_owned(), |role| format!("the role {role}"));
        Problem::new(
            "/problems/forbidden",
            "Not allowed",
            StatusCode::FORBIDDEN,
            format!(
                "{as_what} does not allow {capability} ({}); ask whoever runs rollbook here",
                capability.words().to_lowercase()
            ),
        )
    }

    /// They may, but see their own courses only, and this is about all.
    pub fn own_courses_only(what: impl Into<String>) -> Problem {
        Problem::new("/problems/own-courses-only", "Not for your courses alone", StatusCode::FORBIDDEN, what)
    }

    /// It is not there, or the visitor may not know that it is.
    pub fn not_found(what: impl Into<String>) -> Problem {
        Problem::new("/problems/not-found", "Nothing here", StatusCode::NOT_FOUND, what)
    }

    /// It would be there if something were set up that is not.
    pub fn not_configured(what: impl Into<String>) -> Problem {
        Problem::new("/problems/not-configured", "Not set up here", StatusCode::NOT_FOUND, what)
    }

    /// The request cannot be obeyed as it is.
    pub fn bad_request(what: impl Into<String>) -> Problem {
        Problem::new("/problems/bad-request", "Cannot be understood", StatusCode::BAD_REQUEST, what)
    }

    /// The path is right, the method is not.
    pub fn wrong_method() -> Problem {
        Problem::new(
            "/problems/wrong-method",
            "Not in this way",
            StatusCode::METHOD_NOT_ALLOWED,
            "this path does not take that method; the header Allow names those it takes",
        )
    }

    /// The body is of another kind than is read here.
    pub fn wrong_kind(wanted: &str) -> Problem {
        Problem::new(
            "/problems/wrong-kind",
            "Sent in another form",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("send it as {wanted}, and say so in Content-Type"),
        )
    }

    /// More than is read.
    pub fn too_large() -> Problem {
        Problem::new(
            "/problems/too-large",
            "Too large",
            StatusCode::PAYLOAD_TOO_LARGE,
            "more was sent than is read here",
        )
    }

    /// Somebody asks too often.
    pub fn too_often(what: impl Into<String>) -> Problem {
        Problem::new("/problems/too-often", "Too often", StatusCode::TOO_MANY_REQUESTS, what)
    }

    /// Something that we depend on does not answer, or is not set up.
    pub fn unavailable(what: impl Into<String>) -> Problem {
        Problem::new("/problems/unavailable", "Not available", StatusCode::SERVICE_UNAVAILABLE, what)
    }

    /// An answer of somebody else's making that tells of an error.
    fn of_status(status: StatusCode) -> Problem {
        match status {
            StatusCode::METHOD_NOT_ALLOWED => Problem::wrong_method(),
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
            StatusCode::NOT_FOUND => Problem::not_found("There is nothing here."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::wrong_kind("the documentation says"),
            _ if status.is_client_error() => {
                let why = status.canonical_reason().unwrap_or("the request cannot be obeyed as it is");
                Problem { status: status.as_u16(), ..Problem::bad_request(why) }
            }
            _ => Problem {
                status: status.as_u16(),
                ..Problem::internal(status.canonical_reason().unwrap_or("it went wrong here"))
            },
        }
    }

    /// Our own doing.
    pub fn internal(what: impl Into<String>) -> Problem {
        Problem::new("/problems/internal", "It went wrong here", StatusCode::INTERNAL_SERVER_ERROR, what)
    }
}

impl From<rollbook_store::Error> for Problem {
    fn from(error: rollbook_store::Error) -> Problem {
        tracing::error!("a page could not read the store: {:#}", anyhow::Error::new(error));
        Problem::internal(
            "rollbook could not read its store; the cause is in its log. Try again in a moment.",
        )
    }
}

impl From<ClerkError> for Problem {
    fn from(error: ClerkError) -> Problem {
        tracing::error!("a page could not write to the store: {error:?}");
        match error {
            ClerkError::Stopping => Problem::unavailable(error.to_string()),
            ClerkError::Store(_) => Problem::internal(
                "rollbook could not write to its store, and nothing was done; the cause is in its log. Try again in a moment.",
            ),
        }
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

/// Makes a page of a problem where a person is asking; to sign in, the page that does it.
pub async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    let wants_page = wants_page(&request);
    let from = (request.method() == Method::GET).then(|| request.uri().clone());
    let response = told(next.run(request).await);
    let Some(problem) = response.extensions().get::<Problem>().filter(|_| wants_page).cloned() else {
        return response;
    };
    if let Some(from) = from.filter(|_| problem.kind == SIGN_IN) {
        return Redirect::to(&super::sign_in::path_back_to(&from)).into_response();
    }
    let status = response.status();
    let page = ProblemPage { frame: Frame::of(&app, visitor.as_ref(), problem.title), problem };
    match super::page::html(&page) {
        Ok(page) => (status, page).into_response(),
        Err(_) => response,
    }
}

/// An error that says nothing but plain words, such as an extractor's own, becomes a problem like all others.
fn told(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_plain = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    if !is_error || !is_plain || response.extensions().get::<Problem>().is_some() {
        return response;
    }
    let mut problem = Problem::of_status(status).into_response();
    if let Some(methods) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, methods.clone());
    }
    problem
}

fn wants_page(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    !request.uri().path().starts_with("/api/") && accepts.contains("text/html")
}
