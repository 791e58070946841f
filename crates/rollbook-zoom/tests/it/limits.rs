//! Rate-limit headers in every form they have been seen in.

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use rollbook_zoom::Label;
use rollbook_zoom::limits::{LimitHeaders, LimitType};

use crate::fake::now;

pub fn read(headers: &[(&str, &str)]) -> LimitHeaders {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    LimitHeaders::read(&map, now())
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn a_daily_refusal_tells_all() {
    let limits = read(&[
        ("X-RateLimit-Category", "Heavy"),
        ("X-RateLimit-Type", "Daily-limit"),
        ("X-RateLimit-Limit", "30000"),
        ("X-RateLimit-Remaining", "0"),
        ("Retry-After", "2026-11-21T00:00:00Z"),
    ]);
    assert_eq!(limits.category, Some(Label::Heavy));
    assert_eq!(limits.limit_type, Some(LimitType::Daily));
    assert_eq!((limits.limit, limits.remaining), (Some(30_000), Some(0)));
    assert_eq!(limits.retry_at, at("2026-11-21T00:00:00Z"));
    assert_eq!(limits.reset_at, None);
}

#[test]
fn lower_case_and_half_of_the_headers_are_read_too() {
    let limits = read(&[("x-ratelimit-category", "light"), ("x-ratelimit-limit", "6000")]);
    assert_eq!((limits.category, limits.limit, limits.remaining), (Some(Label::Light), Some(6000), None));
    assert_eq!(
        read(&[("x-ratelimit-category", "Resource-intensive")]).category,
        Some(Label::ResourceIntensive)
    );
    assert_eq!(read(&[("x-ratelimit-type", "QPS")]).limit_type, Some(LimitType::Qps));
    assert!(read(&[]).is_empty());
}

#[test]
fn retry_after_comes_in_three_forms() {
    let retry = |text: &str| read(&[("retry-after", text)]).retry_at;
    assert_eq!(retry("2026-11-21T00:00:00Z"), at("2026-11-21T00:00:00Z"));
    assert_eq!(retry("Sat, 21 Nov 2026 00:00:00 GMT"), at("2026-11-21T00:00:00Z"));
    assert_eq!(retry("90"), at("2026-11-20T10:01:30Z"));
    assert_eq!(retry("0"), at("2026-11-20T10:00:00Z"));
    assert_eq!(retry("2020-05-31T00:00:00Z"), at("2020-05-31T00:00:00Z"), "a moment that is over is no wait");
}

#[test]
fn nonsense_is_nothing() {
    for text in ["", "soon", "-5", "1.5", "99999999999999999999", "2099-01-01T00:00:00Z", "9999999", "\u{e9}"]
    {
        let limits =
            read(&[("retry-after", text), ("x-ratelimit-limit", text), ("x-ratelimit-category", text)]);
        assert_eq!((limits.retry_at, limits.category), (None, None), "{text}");
    }
}

#[test]
fn a_reset_is_in_unix_seconds() {
    assert_eq!(read(&[("X-RateLimit-Reset", "1795168805")]).reset_at, at("2026-11-20T10:00:05Z"));
    assert_eq!(read(&[("X-RateLimit-Reset", "99999999999999")]).reset_at, None);
}
