//! What an answer's headers say about what is left.
//!
//! Zoom may send all of these headers, some, or none, on success and on refusal alike, so each is
//! read on its own and nothing here fails.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::label::Label;

/// Which kind of limit the headers speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitType {
    /// `QPS`: per second, or per minute for Resource-intensive requests.
    Qps,
    /// `Daily-limit`.
    Daily,
    /// Another word, as it came.
    Other(String),
}

/// The rate-limit headers of one answer, each as far as it was there and readable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitHeaders {
    /// `X-RateLimit-Category`: the label Zoom counted the request under.
    pub category: Option<Label>,
    /// `X-RateLimit-Type`: which limit the next two numbers are about.
    pub limit_type: Option<LimitType>,
    /// `X-RateLimit-Limit`: the whole allowance.
    pub limit: Option<u64>,
    /// `X-RateLimit-Remaining`: what is left of it.
    pub remaining: Option<u64>,
    /// `Retry-After`, as a moment.
    pub retry_at: Option<Timestamp>,
    /// `X-RateLimit-Reset`, as a moment.
    pub reset_at: Option<Timestamp>,
}

/// A wait longer than this is a broken header: no limit of Zoom's lasts longer than a day, and a day
/// more covers a server whose clock is wrong.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(48);

impl LimitHeaders {
    /// Reads the headers. `now` turns a number of seconds into a moment.
    #[must_use]
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        // Header names are kept in lower case, so any spelling on the wire is found.
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        LimitHeaders {
            category: text("x-ratelimit-category").and_then(|t| t.parse().ok()),
            limit_type: text("x-ratelimit-type").filter(|t| !t.is_empty()).map(limit_type),
            limit: text("x-ratelimit-limit").and_then(|t| t.parse().ok()),
            remaining: text("x-ratelimit-remaining").and_then(|t| t.parse().ok()),
            retry_at: text("retry-after").and_then(|t| moment(t, now)).filter(|at| is_near(*at, now)),
            reset_at: text("x-ratelimit-reset").and_then(epoch).filter(|at| is_near(*at, now)),
        }
    }

    /// Whether no header was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == LimitHeaders::default()
    }
}

fn limit_type(text: &str) -> LimitType {
    match text.to_ascii_lowercase().as_str() {
        "qps" => LimitType::Qps,
        "daily-limit" | "daily" => LimitType::Daily,
        _ => LimitType::Other(text.chars().take(60).collect()),
    }
}

/// `Retry-After` in any of three forms: an ISO 8601 instant (Zoom), an HTTP date or whole seconds
/// (proxies on the way).
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<u32>() {
        return now.checked_add(SignedDuration::from_secs(seconds.into())).ok();
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let date = text.strip_suffix("GMT").map_or_else(|| text.to_owned(), |stem| format!("{stem}+0000"));
    jiff::fmt::rfc2822::parse(&date).ok().map(|zoned| zoned.timestamp())
}

fn epoch(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.parse().ok()?).ok()
}

fn is_near(at: Timestamp, now: Timestamp) -> bool {
    now.duration_until(at) <= WAIT_MAX
}
