//! Any rate-limit headers are read without a panic, and never ask for an absurd wait.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use rollbook_zoom::LimitHeaders;

const NAMES: [&str; 6] = [
    "retry-after",
    "x-ratelimit-category",
    "x-ratelimit-type",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    for (name, value) in NAMES.into_iter().zip(bytes.split(|byte| *byte == b'\n')) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let now: Timestamp = "2026-11-20T10:00:00Z".parse().expect("a moment");
    let limits = LimitHeaders::read(&headers, now);
    for at in [limits.retry_at, limits.reset_at].into_iter().flatten() {
        assert!(now.duration_until(at) <= SignedDuration::from_hours(48));
    }
});
