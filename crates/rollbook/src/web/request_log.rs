//! One line in the log for each request, and its number in every line that it causes.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument;

use super::App;

/// The header in which a proxy numbers requests, and in which we answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer numbers of proxies are not taken over.
const ID_BYTES_MAX: usize = 64;

/// The number of a request, for handlers that tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Numbers a request, lets it through, counts it and writes its line: the route's pattern, never the path or a query, which
/// may name people.
pub async fn watch(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(taken_over).unwrap_or_else(new_id);
    let method = known_method(request.method().as_str());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request_id = %id);
    async move {
        let began = Instant::now();
        let mut response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), began.elapsed());
        app.metrics.request(method, &route, status, took);
        tracing::info!(method, route, status, took_ms = took.as_secs_f64() * 1e3, "answered");
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}

/// Anybody can invent a method; monitoring keeps a line for each.
fn known_method(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}

/// A number that was given, if it is one that can stand in a log.
fn taken_over(given: &HeaderValue) -> Option<String> {
    let given = given.to_str().ok()?;
    let is_plain = given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (is_plain && !given.is_empty() && given.len() <= ID_BYTES_MAX).then(|| given.to_owned())
}

fn new_id() -> String {
    let mut bytes = [0_u8; 8];
    // Without chance all are numbered alike, which is no reason not to answer.
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_proxies_are_kept_if_they_are_plain() {
        let check = |given: &str, kept: bool| {
            let value = HeaderValue::from_str(given).unwrap();
            assert_eq!(taken_over(&value), kept.then(|| given.to_owned()), "{given:?}");
        };
        check("4f1c-99_a.2", true);
        check("", false);
        check("a b", false);
        check("\"quoted\"", false);
        check(&"9".repeat(65), false);
        assert_eq!(new_id().len(), 16);
    }
}
