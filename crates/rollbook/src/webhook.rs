//! `POST /webhooks/zoom`: events are checked, kept on disk, answered. What they mean is found out later, by the
//! collector (`collector/events.rs`).
//!
//! Zoom waits three seconds, and tries again only after an answer of 500 and above or none: so whatever is our own
//! trouble is a 503, and 4xx is for requests that are not Zoom's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::SignedDuration;
use rollbook_store::NewEvent;
use rollbook_zoom::webhook::{self as zoom, Event, EventKind, Refusal};
use secrecy::SecretString;
use tokio::sync::{Notify, Semaphore};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clerk::{Clerk, Durability};
use crate::clock::Clock;
use crate::config::{Config, CredentialsConfig};
use crate::metrics::Metrics;
use crate::serve::pulse::Pulse;

/// Where Zoom posts.
pub const PATH: &str = "/webhooks/zoom";

/// An event is one meeting, or one participant with some rows: a few kilobytes. The largest is not documented.
const BODY_MAX: usize = 1024 * 1024;

/// A URL validation has 130 bytes. Nothing larger is read from somebody who did not sign.
const UNSIGNED_MAX: usize = 4 * 1024;

/// A request that has not arrived by then is nobody's that Zoom would still wait for.
const ARRIVES_FOR: Duration = Duration::from_secs(10);

/// Zoom gives up after three seconds and comes again; by then it must know that the event is not safe yet.
const KEPT_FOR: Duration = Duration::from_millis(2_500);

/// Events that wait for the disk at once. More are told to come again, so that memory has a bound.
const WAITING_MAX: usize = 4_096;

/// Refusals are noted for `doctor` this often at most, in milliseconds: anybody can cause them.
const NOTE_EVERY_MS: i64 = 60_000;

/// What health and pages call trouble with keeping events.
const CONCERNS: &str = "events";

/// One account that events may be about.
#[derive(Clone)]
pub struct Source {
    /// Our name of the account.
    pub account: String,
    /// Zoom's, where it is configured.
    pub zoom_account_id: Option<String>,
    /// What its events are signed with.
    pub secret: SecretString,
}

/// Takes Zoom's events. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    sources: Vec<Source>,
    clerk: Clerk,
    clock: Clock,
    wake: Arc<Notify>,
    room: Semaphore,
    counts: Counts,
    watch: Option<Watch>,
    /// Whether the last event could not be kept.
    is_failing: AtomicBool,
    noted_at: AtomicI64,
}

/// Who is told how it goes.
struct Watch {
    metrics: Arc<Metrics>,
    pulse: Pulse,
}

#[derive(Default)]
struct Counts {
    kept: AtomicU64,
    repeated: AtomicU64,
    validations: AtomicU64,
    refused: AtomicU64,
    put_off: AtomicU64,
    delay_ms: AtomicU64,
}

/// What became of requests since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WebhookCounts {
    /// Events kept.
    pub kept: u64,
    /// Events that had been kept before.
    pub repeated: u64,
    /// URL validations answered.
    pub validations: u64,
    /// Requests that were not Zoom's, or too odd.
    pub refused: u64,
    /// Events that could not be kept; Zoom was told to come again.
    pub put_off: u64,
    /// Milliseconds between what happened and its event's arrival, summed over the events kept.
    pub delay_ms: u64,
}

impl Webhooks {
    /// What the settings say; none where no account has a secret.
    ///
    /// # Errors
    /// If the store cannot be opened to write.
    pub fn open(
        config: &Config,
        clock: Clock,
        wake: Arc<Notify>,
        metrics: Arc<Metrics>,
        pulse: Pulse,
    ) -> rollbook_store::Result<Option<Webhooks>> {
        let sources: Vec<Source> = config
            .accounts
            .iter()
            .filter_map(|account| {
                let zoom_account_id = match &account.credentials {
                    Some(CredentialsConfig::App { account_id, .. }) => Some(account_id.clone()),
                    _ => None,
                };
                let secret = account.webhook_secret.clone()?;
                Some(Source { account: account.name.clone(), zoom_account_id, secret })
            })
            .collect();
        if sources.is_empty() {
            return Ok(None);
        }
        // Its own writer: answers wait for the disk here, and nowhere else.
        let clerk = Clerk::open(&config.store, Durability::Disk)?;
        Ok(Some(Webhooks::watched(sources, clerk, clock, wake, Some(Watch { metrics, pulse }))))
    }

    /// Takes events of these accounts; `wake` is told of each.
    pub fn new(sources: Vec<Source>, clerk: Clerk, clock: Clock, wake: Arc<Notify>) -> Webhooks {
        Webhooks::watched(sources, clerk, clock, wake, None)
    }

    fn watched(
        sources: Vec<Source>,
        clerk: Clerk,
        clock: Clock,
        wake: Arc<Notify>,
        watch: Option<Watch>,
    ) -> Webhooks {
        Webhooks(Arc::new(Inner {
            sources,
            clerk,
            clock,
            wake,
            room: Semaphore::new(WAITING_MAX),
            counts: Counts::default(),
            watch,
            is_failing: AtomicBool::new(false),
            noted_at: AtomicI64::new(i64::MIN),
        }))
    }

    /// Counts a request for monitoring.
    fn note(&self, outcome: &str) {
        if let Some(watch) = &self.0.watch {
            watch.metrics.webhook(outcome);
        }
    }

    /// The accounts whose events are expected.
    pub fn accounts(&self) -> Vec<String> {
        self.0.sources.iter().map(|source| source.account.clone()).collect()
    }

    /// What became of requests since the start.
    pub fn counts(&self) -> WebhookCounts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.0.counts;
        WebhookCounts {
            kept: of(&counts.kept),
            repeated: of(&counts.repeated),
            validations: of(&counts.validations),
            refused: of(&counts.refused),
            put_off: of(&counts.put_off),
            delay_ms: of(&counts.delay_ms),
        }
    }

    /// Deals with one request.
    pub async fn take(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        match self.verified(headers, body) {
            Ok(signed) => self.signed(&signed, body).await,
            Err(Refusal::Unsigned) if body.len() <= UNSIGNED_MAX => match Event::read(body) {
                Ok(event) if event.value.kind() == EventKind::UrlValidation => {
                    self.validated(&event.value, self.only_secret())
                }
                _ => self.refused(Refusal::Unsigned).await,
            },
            Err(refusal) => self.refused(refusal).await,
        }
    }

    /// The accounts whose secret the request was signed with.
    fn verified(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<&Source>, Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (timestamp, signature) = (text(zoom::TIMESTAMP_HEADER), text(zoom::SIGNATURE_HEADER));
        let now = self.0.clock.now();
        let mut refusal = Refusal::Unsigned;
        let mut signed = Vec::new();
        for source in &self.0.sources {
            match zoom::verify(&source.secret, now, timestamp, signature, body) {
                Ok(_) => signed.push(source),
                // That the secret fits and the age does not says more than that another secret does not fit.
                Err(worse) if !matches!(refusal, Refusal::TooOld(_)) => refusal = worse,
                Err(_) => {}
            }
        }
        if signed.is_empty() { Err(refusal) } else { Ok(signed) }
    }

    /// A validation names no account; unsigned, it can be answered only where there is no choice.
    fn only_secret(&self) -> Option<&Source> {
        self.0.sources.first().filter(|_| self.0.sources.len() == 1)
    }

    async fn signed(&self, signed: &[&Source], body: &[u8]) -> Response {
        let Ok(event) = Event::read(body) else {
            self.0.counts.refused.fetch_add(1, Ordering::Relaxed);
            self.note("refused");
            return (StatusCode::BAD_REQUEST, "the body is no JSON object\n").into_response();
        };
        let event = event.value;
        if event.kind() == EventKind::UrlValidation {
            return self.validated(&event, signed.first().copied());
        }
        let Some(name) = &event.name else {
            self.0.counts.refused.fetch_add(1, Ordering::Relaxed);
            self.note("refused");
            return (StatusCode::BAD_REQUEST, "the body names no event\n").into_response();
        };
        let is_named = |source: &&&Source| {
            source.zoom_account_id.is_some() && source.zoom_account_id.as_deref() == event.account_id()
        };
        let source = signed.iter().find(is_named).unwrap_or(&signed[0]);
        let uuid = event.object().and_then(|object| object.uuid.as_ref()).map(|uuid| uuid.as_str());
        let now = self.0.clock.now();
        match NewEvent::pack(&source.account, name, uuid, event.event_ts, now, body) {
            Ok(packed) => {
                let delay = event.event_ts.map_or(0, |at| now.duration_since(at).as_millis().max(0));
                self.keep(packed, u64::try_from(delay).unwrap_or(u64::MAX)).await
            }
            Err(error) => self.put_off(&error),
        }
    }

    /// Answers 200 once the event is on disk.
    async fn keep(&self, event: NewEvent, delay_ms: u64) -> Response {
        let Ok(_place) = self.0.room.try_acquire() else {
            return self.put_off(&"too many events wait for the disk");
        };
        let kept = self.0.clerk.write(move |store| store.put_event(&event));
        let counts = &self.0.counts;
        match tokio::time::timeout(KEPT_FOR, kept).await {
            Ok(Ok(true)) => {
                counts.kept.fetch_add(1, Ordering::Relaxed);
                self.note("kept");
                counts.delay_ms.fetch_add(delay_ms, Ordering::Relaxed);
                if let Some(watch) = &self.0.watch {
                    let delay = i64::try_from(delay_ms).unwrap_or(i64::MAX);
                    watch.metrics.webhook_delay(SignedDuration::from_millis(delay));
                }
                self.went_well();
                self.0.wake.notify_one();
                StatusCode::OK.into_response()
            }
            Ok(Ok(false)) => {
                counts.repeated.fetch_add(1, Ordering::Relaxed);
                self.note("repeated");
                self.went_well();
                StatusCode::OK.into_response()
            }
            Ok(Err(error)) => self.put_off(&error),
            Err(_) => self.put_off(&"the disk is too slow"),
        }
    }

    /// An event is on the disk: whatever stood in the way is gone.
    fn went_well(&self) {
        if self.0.is_failing.swap(false, Ordering::Relaxed)
            && let Some(watch) = &self.0.watch
        {
            watch.pulse.tell(self.0.clock.now(), CONCERNS, None);
        }
    }

    fn put_off(&self, why: &dyn std::fmt::Display) -> Response {
        self.0.counts.put_off.fetch_add(1, Ordering::Relaxed);
        self.note("put_off");
        self.0.is_failing.store(true, Ordering::Relaxed);
        if let Some(watch) = &self.0.watch {
            // Said once, however many come: the log may be on the disk that is full.
            let said = format!("events of Zoom's cannot be kept, and Zoom is told to send them again: {why}");
            watch.pulse.tell(self.0.clock.now(), CONCERNS, Some(&said));
        }
        (StatusCode::SERVICE_UNAVAILABLE, "the event could not be kept; send it again\n").into_response()
    }

    fn validated(&self, event: &Event, source: Option<&Source>) -> Response {
        let answer = source.zip(event.plain_token()).and_then(|(source, plain)| {
            let encrypted = zoom::encrypted_token(&source.secret, plain)?;
            Some(serde_json::json!({ "plainToken": plain, "encryptedToken": encrypted }).to_string())
        });
        match answer {
            Some(body) => {
                self.0.counts.validations.fetch_add(1, Ordering::Relaxed);
                ([(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
            None => {
                self.0.counts.refused.fetch_add(1, Ordering::Relaxed);
                self.note("refused");
                (StatusCode::BAD_REQUEST, "no validation that can be answered\n").into_response()
            }
        }
    }

    async fn refused(&self, refusal: Refusal) -> Response {
        let (now, noted_at) = (self.0.clock.now(), &self.0.noted_at);
        self.note("refused");
        let before = self.0.counts.refused.fetch_add(1, Ordering::Relaxed);
        let last = noted_at.load(Ordering::Relaxed);
        let is_due = now.as_millisecond() >= last.saturating_add(NOTE_EVERY_MS);
        let is_ours = || {
            let (order, to) = (Ordering::Relaxed, now.as_millisecond());
            noted_at.compare_exchange(last, to, order, order).is_ok()
        };
        if is_due && is_ours() {
            tracing::warn!(%refusal, before, "a request to {PATH} was refused");
            let said = match refusal {
                // How long ago differs each time, and reasons are kept by their words.
                Refusal::TooOld(_) => {
                    "the request was signed too long ago, or by a clock that is ahead".to_owned()
                }
                refusal => refusal.to_string(),
            };
            // Should it fail, `doctor` knows a little less.
            let noted = self.0.clerk.write(move |store| store.note_webhook_refusal(now, &said));
            let _ = tokio::time::timeout(KEPT_FOR, noted).await;
        }
        (StatusCode::UNAUTHORIZED, "not signed by Zoom with this server's secret\n").into_response()
    }
}

/// The one route. It has no other guard than the signature.
pub fn router(webhooks: Webhooks) -> Router {
    Router::new()
        .route(PATH, post(posted))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        // What is told to be too long is refused before it comes, and holds no connection.
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ARRIVES_FOR))
        .with_state(webhooks)
}

async fn posted(
    State(webhooks): State<Webhooks>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match body {
        Ok(body) => webhooks.take(&headers, &body).await,
        Err(rejection) => rejection.into_response(),
    }
}

#[cfg(test)]
mod tests;
