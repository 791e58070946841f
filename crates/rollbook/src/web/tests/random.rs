//! Whatever is sent, nothing goes wrong here: requests of any kind at every route, drawn from one seed.

use axum::body::Body;
use axum::http::{Method, Request, header};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rollbook_core::request::Role;

use super::site::Site;
use crate::web::visitor::Visitor;

/// Requests to each route.
const EACH: usize = 60;

/// Words that mean something in one query or another, and some that do not.
const NAMES: [&str; 18] = [
    "from", "to", "limit", "cursor", "by", "format", "table", "likely", "quality", "account", "page",
    "block", "before", "key", "choice", "decision", "user", "csrf",
];

/// Values that mean something, or nearly.
const VALUES: [&str; 24] = [
    "2026-10-01",
    "2026-10-06",
    "0001-01-01",
    "-009999-01-01",
    "9999-12-31",
    "2026-02-30",
    "today",
    "yesterday",
    "0",
    "1",
    "-1",
    "1000",
    "4294967296",
    "18446744073709551616",
    "csv",
    "json",
    "place",
    "true",
    "W10",
    "IjEi",
    "WyIxIiwiMiJd",
    "all",
    "large:0",
    "email:a@b",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(&VALUES[..]).prop_map(str::to_owned),
        any::<String>(),
        "[0-9]{1,25}",
        "%[0-9a-fA-F]{0,2}"
    ]
}

fn pairs() -> impl Strategy<Value = String> {
    let pair =
        (prop_oneof![proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), any::<String>()], value());
    vec(pair, 0..5)
        .prop_map(|pairs| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn segment() -> impl Strategy<Value = String> {
    let encoded =
        value().prop_map(|text| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    prop_oneof![encoded, "%[0-9A-F]{2}", Just(String::new())]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = vec((proptest::sample::select(&NAMES[..]), value()), 0..5).prop_map(|fields| {
        let object: serde_json::Map<String, serde_json::Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        serde_json::to_vec(&object).unwrap()
    });
    prop_oneof![Just(Vec::new()), json, pairs().prop_map(String::into_bytes), vec(any::<u8>(), 0..200)]
}

const METHODS: [Method; 7] =
    [Method::GET, Method::GET, Method::GET, Method::POST, Method::HEAD, Method::PUT, Method::DELETE];
const KINDS: [&str; 4] =
    ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"];

#[tokio::test]
async fn no_request_makes_the_server_fail() {
    let site = Site::new();
    let mut runner = TestRunner::deterministic();
    let mut number = 0;
    for route in crate::web::routes() {
        // What its own method takes, and what it does not.
        let own = route.method.clone();
        let method = prop_oneof![Just(own), proptest::sample::select(&METHODS[..])];
        let drawn = (method, vec(segment(), 4), pairs(), body(), proptest::sample::select(&KINDS[..]));
        for _ in 0..EACH {
            let (method, mut segments, query, body, kind) = drawn.new_tree(&mut runner).unwrap().current();
            let fill = |part: &str| {
                if part.starts_with('{') { segments.pop().unwrap_or_default() } else { part.to_owned() }
            };
            let path: Vec<String> = route.path.split('/').map(fill).collect();
            let uri = format!("{}?{query}", path.join("/"));
            let Ok(mut request) = Request::builder()
                .method(method.clone())
                .uri(&uri)
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))
            else {
                continue;
            };
            number += 1;
            // Each is somebody else, so that nobody asks too often.
            request.extensions_mut().insert(Visitor::in_role(&format!("ana{number}"), Role::Admin));
            let answer = site.send(request).await;
            // Nobody collects here, which is what this one is asked for.
            let is_unready = answer.status == 503 && route.path.starts_with("/health/");
            // Without a body where only the head was asked for.
            let is_unavailable = method == Method::HEAD || answer.body.contains("/problems/unavailable");
            let is_told = answer.status == 503 && (is_unready || is_unavailable);
            assert!(answer.status < 500 || is_told, "{method} {uri}: {} {}", answer.status, answer.body);
        }
    }
    assert!(number > 1_000, "{number}");
}
