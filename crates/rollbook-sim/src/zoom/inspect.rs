//! The simulator's own pages: the truth, that about call quality, and the stats.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;

use super::ask::parse_query;
use super::reply::Reply;
use crate::Sim;
use crate::truth::Truth;

/// `GET /_sim/truth`, `GET /_sim/quality` and `GET /_sim/stats`
pub(super) fn answer(sim: &Sim, path: &str, query: &str) -> Response<Body> {
    let body = match path {
        "/_sim/truth" => truth(sim, query),
        "/_sim/quality" => quality(sim, query),
        "/_sim/stats" => serde_json::to_string(&sim.stats()).ok(),
        _ => None,
    };
    let reply = match body {
        Some(body) => Reply::ok(body),
        None => Reply::error(404, 404, "The simulator has /_sim/truth, /_sim/quality?uuid= and /_sim/stats."),
    };
    reply.into_response()
}

/// The true call quality of one instance.
fn quality(sim: &Sim, query: &str) -> Option<String> {
    let uuid = uuid(&parse_query(query))?;
    serde_json::to_string(&sim.true_quality(&uuid)?).ok()
}

/// The instance asked for. An unescaped `+` arrives as a space; no UUID has spaces.
fn uuid(query: &BTreeMap<String, String>) -> Option<String> {
    query.get("uuid").map(|uuid| uuid.replace(' ', "+"))
}

/// The whole truth, one instance of it, or a part of the list.
fn truth(sim: &Sim, query: &str) -> Option<String> {
    let query = parse_query(query);
    if let Some(uuid) = uuid(&query) {
        return serde_json::to_string(&sim.true_instance(&uuid)?).ok();
    }
    let number = |name: &str| query.get(name).and_then(|value| value.parse::<usize>().ok());
    let mut truth: Truth = sim.truth();
    let from = number("offset").unwrap_or(0).min(truth.instances.len());
    truth.instances.drain(..from);
    truth.instances.truncate(number("limit").unwrap_or(usize::MAX));
    serde_json::to_string(&truth).ok()
}
