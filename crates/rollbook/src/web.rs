//! The web server: pages for people, the same views as JSON for programs.
//!
//! Pages read through [`readers`] and write nothing but commands for the collector and the server's own sign-in tables,
//! through [`crate::clerk`]. Every route says who may use it ([`route`]); nothing is reachable without.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use jiff::tz::TimeZone;
use rollbook_core::course::Rule;
use rollbook_core::request::Rules;
use tokio::sync::Notify;

use crate::clerk::Clerk;
use crate::clock::Clock;

pub mod assets;
pub mod chart;
pub mod guard;
pub mod page;
pub mod problem;
pub mod readers;
pub mod route;
pub mod today;
pub mod visitor;

use readers::Readers;
use route::Route;

/// What every handler is given. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// Time.
    pub clock: Clock,
    /// What a day means, and the clock on pages.
    pub timezone: TimeZone,
    /// Reads.
    pub readers: Readers,
    /// Writes.
    pub clerk: Clerk,
    /// Wakes the collector: there is something in the queue.
    pub wake: Arc<Notify>,
    /// What counts as present.
    pub attendance: Rule,
    /// Who may have a meeting looked at again now.
    pub refresh: Rules,
    /// The accounts, by name.
    pub accounts: Vec<String>,
    /// Whether visitors reach us by https, so that cookies may say so.
    pub is_secure: bool,
}

impl App {
    /// Puts it together.
    pub fn new(parts: Parts) -> App {
        App(Arc::new(parts))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Every route there is, with who may use it.
pub fn routes() -> Vec<Route> {
    [assets::routes(), today::routes()].into_iter().flatten().collect()
}

/// The whole server, without a socket.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guarded = guard::Guarded { app: app.clone(), needs: route.needs };
        router = router.route(route.path, route.handler.layer(from_fn_with_state(guarded, guard::check)));
    }
    router
        .fallback(problem::nothing_here)
        .layer(from_fn_with_state(app.clone(), problem::dress))
        .with_state(app)
}

/// Answers on `listener` until `stop` is asked for, then lets what is under way come to its end.
///
/// # Errors
/// If the socket fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: App,
    mut stop: crate::supervise::Stop,
) -> std::io::Result<()> {
    axum::serve(listener, router(app).into_make_service_with_connect_info::<std::net::SocketAddr>())
        .with_graceful_shutdown(async move { stop.asked().await })
        .await
}

#[cfg(test)]
pub(crate) mod tests;
