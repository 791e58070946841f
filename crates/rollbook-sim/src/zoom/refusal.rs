//! How Zoom says no to too many calls, and what its headers tell.

use jiff::{SignedDuration, Timestamp};

use super::reply::Reply;
use crate::limit::{Label, Per};
use crate::options::{Headers, RefusalBody, RetryAfter, Switches};
use crate::stats::{Left, Refusal};

const PER_SECOND: &str = "You have reached the maximum per-second rate limit for this API. Try again later.";
const DAILY: &str = "You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.";

/// The answer to a call above a limit.
pub(super) fn refuse(refused: Refusal, label: Label, now: Timestamp, zoom: &Switches) -> Reply {
    let is_daily = refused.per.is_day();
    let (code, message) = if is_daily { (429, DAILY) } else { (zoom.refusal_code, PER_SECOND) };
    let mut reply = match zoom.refusal_body {
        RefusalBody::Documented => Reply::error(429, code, message),
        RefusalBody::Empty => Reply { status: 429, ..Reply::default() },
    };
    let left = Left { per: refused.per, limit: refused.limit, remaining: 0 };
    reply.headers = headers(label, Some(left), zoom);
    if is_daily && zoom.headers != Headers::None && zoom.headers != Headers::Odd {
        reply.headers.extend(retry_after(now, zoom.retry_after).map(|value| ("retry-after", value)));
    }
    reply
}

/// The rate-limit headers of any answer.
pub(super) fn headers(label: Label, left: Option<Left>, zoom: &Switches) -> Vec<(&'static str, String)> {
    let category = ("x-ratelimit-category", label.name().to_owned());
    match (zoom.headers, left) {
        (Headers::None, _) => Vec::new(),
        (Headers::CategoryOnly, _) | (Headers::Full, None) => vec![category],
        (Headers::Full, Some(left)) => vec![
            category,
            ("x-ratelimit-type", kind(left.per).to_owned()),
            ("x-ratelimit-limit", left.limit.to_string()),
            ("x-ratelimit-remaining", left.remaining.to_string()),
        ],
        // As measured in 2020: the numbers of another bucket, and no type.
        (Headers::Odd, _) => vec![
            ("x-ratelimit-category", "Light".into()),
            ("x-ratelimit-limit", "6000".into()),
            ("x-ratelimit-remaining", "5893".into()),
        ],
    }
}

/// The minute goes by the same name as the second.
fn kind(per: Per) -> &'static str {
    if per.is_day() { "Daily-limit" } else { "QPS" }
}

/// The next midnight UTC in the form asked for.
fn retry_after(now: Timestamp, form: RetryAfter) -> Option<String> {
    let second = now.as_second();
    let midnight = (second.div_euclid(86_400) + 1) * 86_400;
    let at = now.checked_add(SignedDuration::from_secs(midnight - second)).unwrap_or(now);
    match form {
        RetryAfter::Iso => Some(at.strftime("%Y-%m-%dT00:00:00Z").to_string()),
        RetryAfter::Seconds => Some((midnight - second).to_string()),
        RetryAfter::HttpDate => Some(at.strftime("%a, %d %b %Y 00:00:00 GMT").to_string()),
        RetryAfter::Absent => None,
    }
}
