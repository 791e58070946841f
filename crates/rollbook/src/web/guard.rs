//! Stands before every route: who are you, and may you?

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::problem::Problem;
use super::route::Needs;
use super::visitor::Visitor;

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
    let visitor = request.extensions().get::<Visitor>();
    let may = match (guarded.needs, visitor) {
        (Needs::Nothing, _) | (Needs::SignedIn, Some(_)) => Ok(()),
        (Needs::May(capability), Some(visitor)) if visitor.may(capability) => Ok(()),
        (Needs::May(capability), Some(visitor)) => Err(Problem::forbidden(visitor, capability)),
        (_, None) => Err(Problem::sign_in()),
    };
    match may {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}
