//! The web server: pages for people, the same views as JSON for programs.
//!
//! Pages read through [`readers`] and write nothing but commands for the collector and the server's own sign-in tables,
//! through [`crate::clerk`]. Every route says who may use it ([`route`]); nothing is reachable without.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::serve::ListenerExt as _;
use jiff::tz::TimeZone;
use rollbook_core::course::Rule;
use rollbook_core::request::Rules;
use tokio::sync::Notify;
use tower_http::timeout::TimeoutLayer;

use crate::clerk::Clerk;
use crate::clock::Clock;
use crate::config::KeepConfig;
use crate::metrics::Metrics;
use crate::metrics::look::Quota;
use crate::report::account::AccountSettings;
use crate::serve::pulse::Pulse;
use crate::webhook::{self, Webhooks};

pub mod access;
pub mod account;
pub mod address;
pub mod assets;
pub mod audit;
pub mod chart;
pub mod connections;
pub mod cookie;
pub mod courses;
pub mod etag;
pub mod forget;
pub mod guard;
pub mod headers;
pub mod health;
pub mod input;
pub mod instance;
pub mod live;
pub mod look_up;
#[allow(unused_qualifications, reason = "utoipa's macro writes one")]
pub mod meetings;
pub mod metrics;
pub mod openapi;
pub mod order;
pub mod own;
pub mod page;
pub mod paging;
pub mod people;
pub mod person;
pub mod problem;
pub mod provider;
pub mod quality;
pub mod quota;
pub mod rate;
pub mod reached;
pub mod readers;
pub mod request_log;
pub mod route;
pub mod school;
pub mod setup;
pub mod shown;
pub mod sign_in;
pub mod system;
pub mod table;
pub mod teaching;
pub mod tls;
pub mod today;
pub mod visitor;
pub mod who;
pub mod words;

use access::Access;
use rate::Rate;
use readers::Readers;
use route::Route;
use school::School;
use tls::TlsListener;

/// A form arrives and a page is drawn within seconds. Who sends a body for longer than this holds a connection and nothing else.
const ANSWERED_FOR: Duration = Duration::from_secs(120);

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
    /// How the collector is.
    pub pulse: Pulse,
    /// Numbers for monitoring.
    pub metrics: Arc<Metrics>,
    /// What may be spent, for those numbers.
    pub quotas: Vec<Quota>,
    /// How long each kind of data is kept.
    pub keep: KeepConfig,
    /// What counts as present.
    pub attendance: Rule,
    /// Who may have a meeting looked at again now.
    pub refresh: Rules,
    /// The accounts, by name.
    pub accounts: Vec<String>,
    /// What signing in needs.
    pub access: Access,
    /// Zoom's events, where a secret for them is set.
    pub webhooks: Option<Webhooks>,
    /// Their settings, without credentials.
    pub settings: Arc<[AccountSettings]>,
    /// Moodle, if there is one.
    pub school: School,
    /// Who has asked the API how often.
    pub rate: Rate,
    /// Sums of call quality, as far as they were read.
    pub sums: quality::Sums,
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
    let all = [
        account::routes(),
        assets::routes(),
        audit::routes(),
        health::routes(),
        metrics::routes(),
        courses::routes(),
        forget::routes(),
        instance::routes(),
        look_up::routes(),
        meetings::routes(),
        openapi::routes(),
        people::routes(),
        person::routes(),
        provider::routes(),
        quality::routes(),
        quota::routes(),
        setup::routes(),
        sign_in::routes(),
        system::routes(),
        today::routes(),
    ];
    all.into_iter().flatten().collect()
}

/// The whole server, without a socket.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let is_api = route.is_api();
        let guarded = guard::Guarded { app: app.clone(), needs: route.needs };
        let mut handler = route.handler;
        if is_api {
            handler = handler.layer(from_fn(etag::tag));
        }
        handler = handler.layer(from_fn_with_state(guarded, guard::check));
        if is_api {
            handler = handler.layer(from_fn_with_state(app.clone(), rate::check));
        }
        router = router.route(route.path, handler);
    }
    // Who signs is let in: events pass no guard but their own.
    let events = app.webhooks.clone().map(webhook::router).unwrap_or_default();
    router
        .fallback(problem::nothing_here)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWERED_FOR))
        .layer(from_fn_with_state(app.clone(), problem::dress))
        .layer(from_fn(headers::protect))
        .layer(from_fn_with_state(app.clone(), who::who_is))
        .layer(from_fn_with_state(app.clone(), request_log::watch))
        .with_state(app)
        .merge(events)
}

/// Answers on `listener`, by TLS where a certificate is configured, until `stop` is asked for, then lets what is under way come to its end.
///
/// # Errors
/// If TLS cannot be set up.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: App,
    stop: crate::supervise::Stop,
) -> std::io::Result<()> {
    let certificates = app.access.certificates.clone();
    tokio::spawn(quality::catch_up(app.clone()));
    let router = router(app);
    match certificates {
        None => {
            // An answer is small and nothing follows it: it must not wait for more to send.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            connections::answer(listener, router, false, stop).await;
        }
        Some(certificates) => {
            let listener = TlsListener::new(listener, certificates.clone()).map_err(std::io::Error::other)?;
            tokio::join!(
                connections::answer(listener, router, true, stop.clone()),
                certificates.keep_fresh(stop)
            );
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
