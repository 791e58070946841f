//! A client that does only what it is told.

use axum::body::Body;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use rollbook_sim::{Options, Sim, SimClock};
use serde_json::Value;
use tower::ServiceExt;

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

/// A world with its clock at this instant.
pub fn world(options: Options, at: &str) -> Sim {
    let at: Timestamp = at.parse().unwrap();
    Sim::new(options, SimClock::new(at, 1.0))
}

/// Asks with the ready token; `path` begins after `/v2`.
pub async fn get(sim: &Sim, path: &str) -> Answer {
    ask(sim, "GET", &format!("/v2{path}"), Some("Bearer token"), "").await
}

/// Asks anything.
pub async fn ask(sim: &Sim, method: &str, target: &str, authorization: Option<&str>, body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(target);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = sim.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status: parts.status.as_u16(), headers: parts.headers, text, json }
}

/// All items of a list; retries what may be retried. `None` where the answer is an error that lasts.
pub async fn all(sim: &Sim, path: &str, key: &str) -> Option<Vec<Value>> {
    let mut items = Vec::new();
    let mut token = String::new();
    let join = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = format!("{path}{join}page_size=300&next_page_token={token}");
        let answer = get(sim, &page).await;
        if answer.status == 429 {
            sim.clock().sleep(std::time::Duration::from_secs(61)).await;
            items.clear();
            token.clear();
            continue;
        }
        if answer.status != 200 {
            return None;
        }
        items.extend(answer.json[key].as_array().unwrap().iter().cloned());
        token = answer.json["next_page_token"].as_str().unwrap_or("").to_owned();
        if token.is_empty() {
            return Some(items);
        }
    }
}

/// A UUID as a path needs it.
pub fn path_of(uuid: &str) -> String {
    let once = encode(uuid);
    if uuid.starts_with('/') || uuid.contains("//") { encode(&once) } else { once }
}

/// Percent-encodes everything but letters and digits.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
