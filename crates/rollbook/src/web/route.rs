//! A route: where, by which method, and who may.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use rollbook_core::access::Capability;

use super::App;

/// What a visitor must be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Open to everybody: signing in, assets, health.
    Nothing,
    /// Any visitor who is signed in.
    SignedIn,
    /// Whoever may do this.
    May(Capability),
}

/// One route of the server.
pub struct Route {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, as axum writes it.
    pub path: &'static str,
    /// Who may.
    pub needs: Needs,
    pub(super) handler: MethodRouter<App>,
}

impl Route {
    /// Whether it belongs to the JSON API.
    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    /// A page, a view or a download.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, needs: Needs, handler: H) -> Route {
        Route { method: Method::GET, path, needs, handler: get(handler) }
    }

    /// Something that is to be done. Guarded against requests that other sites make visitors send.
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, needs: Needs, handler: H) -> Route {
        Route { method: Method::POST, path, needs, handler: post(handler) }
    }
}
