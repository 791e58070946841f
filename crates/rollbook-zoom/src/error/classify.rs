//! From an answer that is an error to what can be done about it. Pure.

use http::{HeaderMap, StatusCode};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::Value;

use super::{Advice, Detail, Error, ErrorKind, FieldError, PlanNeeded, RateLimit, SkipReason};
use crate::label::Label;
use crate::limits::{LimitHeaders, LimitType};
use crate::operation::Operation;

/// Zoom's words are kept up to this many characters: enough for a sentence, too few for a page of HTML.
const MESSAGE_MAX: usize = 500;

/// An answer as it came, with what is needed to judge it.
pub(crate) struct Answered<'a> {
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub operation: Operation,
    pub now: Timestamp,
}

/// What an error body says, as far as it is one.
struct Said {
    code: Option<i64>,
    message: Option<String>,
    errors: Vec<FieldError>,
    is_json: bool,
    has_nothing_else: bool,
}

impl Answered<'_> {
    /// The error this answer is by its status alone; `None` for success.
    ///
    /// 300 is an error of Zoom's and no redirect.
    pub(crate) fn error_by_status(&self) -> Option<Error> {
        (!self.status.is_success()).then(|| self.error())
    }

    /// The error this answer is.
    pub(crate) fn error(&self) -> Error {
        let said = said(self.body);
        let limits = LimitHeaders::read(self.headers, self.now);
        let (kind, advice) = if self.status.is_redirection() && self.status != StatusCode::MULTIPLE_CHOICES {
            (ErrorKind::Redirected { host: location_host(self.headers) }, Advice::Stop)
        } else {
            (ErrorKind::Refused, self.advice(&said, &limits))
        };
        let message = said.message.or_else(|| (!said.is_json).then(|| snippet(self.body))?);
        Detail {
            operation: Some(self.operation),
            status: Some(self.status.as_u16()),
            code: said.code,
            message,
            errors: said.errors,
            limits,
            ..Detail::new(kind, advice)
        }
        .into()
    }

    fn advice(&self, said: &Said, limits: &LimitHeaders) -> Advice {
        let message = said.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        if self.status == StatusCode::TOO_MANY_REQUESTS || matches!(said.code, Some(429 | 4001)) {
            return self.wait(&message, limits);
        }
        if self.status.is_server_error() || self.status == StatusCode::REQUEST_TIMEOUT {
            return Advice::Retry;
        }
        if let Some(advice) = said.code.and_then(|code| self.advice_by_code(code, &message)) {
            return advice;
        }
        match self.status.as_u16() {
            401 => Advice::Renew,
            403 => Advice::Skip(SkipReason::NoPermission),
            404 | 410 => Advice::Skip(SkipReason::NotFoundOrNotEnded),
            300 if self.is_wordless_refusal_of_a_meeting() => Advice::Skip(SkipReason::NotApplicable),
            // Zoom says why in JSON; a page of HTML with 200 or 300 comes from something between.
            200..=399 if said.code.is_none() => Advice::Retry,
            400 | 422 => Advice::Skip(SkipReason::BadParameter),
            _ => Advice::Skip(SkipReason::Other),
        }
    }

    fn advice_by_code(&self, code: i64, message: &str) -> Option<Advice> {
        let reason = match code {
            124 => return Some(Advice::Renew),
            4700 | 4711 => SkipReason::ScopeMissing { scopes: self.scopes_wanted(message) },
            300 if message.contains("page token") => return Some(Advice::RestartList),
            300 if message.contains("access webinar info") => self.webinar_info_refused(),
            300 if message.contains("cannot access") => SkipReason::NoPermission,
            300 if message.contains("invalid webinar id") || message.contains("invalid meeting id") => {
                SkipReason::NotFoundOrNotEnded
            }
            300 => SkipReason::BadParameter,
            400 if message.contains("dashboard") || message.contains("business") => {
                SkipReason::PlanTooLow { needs: PlanNeeded::Dashboards }
            }
            200 if message.contains("dashboard") || message.contains("business") => {
                SkipReason::PlanTooLow { needs: PlanNeeded::Dashboards }
            }
            200 if message.contains("paid") || message.contains("plan") => {
                SkipReason::PlanTooLow { needs: PlanNeeded::Paid }
            }
            200 | 2306 | 3161 | 12703 => SkipReason::NoPermission,
            1001 | 1010 | 1120 => SkipReason::UserUnknown,
            2001 => SkipReason::AccountUnknown,
            3000 => SkipReason::NotApplicable,
            3001 => SkipReason::NotFoundOrNotEnded,
            12700 => SkipReason::EndTimeUnsupported,
            12702 => SkipReason::TooOld,
            _ => return None,
        };
        Some(Advice::Skip(reason))
    }

    /// Zoom's words for a meeting's request that names a webinar. They come with HTTP 300, too.
    fn webinar_info_refused(&self) -> SkipReason {
        let asks_for_webinar = self.operation.facts().path.contains("{webinarId}");
        if asks_for_webinar { SkipReason::NoPermission } else { SkipReason::NotApplicable }
    }

    /// HTTP 300 with nothing in it is a documented answer of the dashboards about one meeting, so no
    /// passing fault. With words, the same status means a meeting's request that names a webinar.
    fn is_wordless_refusal_of_a_meeting(&self) -> bool {
        let path = self.operation.facts().path;
        let is_about_one = path.contains("{meetingId}") || path.contains("{webinarId}");
        path.starts_with("/metrics/") && is_about_one && self.body.trim_ascii().is_empty()
    }

    /// The scopes Zoom names in brackets, else those of the table.
    fn scopes_wanted(&self, message: &str) -> Vec<String> {
        let named =
            message.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(inner, _)| inner);
        if let Some(named) = named.filter(|named| named.contains(':')) {
            return named.split([',', ' ']).map(str::trim).filter(|s| !s.is_empty()).map(clip).collect();
        }
        let facts = self.operation.facts();
        facts.granular_scopes.iter().chain(facts.classic_scopes).map(ToString::to_string).collect()
    }

    /// Decides by status first, by words and headers second: any of them may be missing.
    fn wait(&self, message: &str, limits: &LimitHeaders) -> Advice {
        let told = limits.retry_at.or(limits.reset_at);
        let label = limits.category.unwrap_or_else(|| self.operation.label());
        let short =
            if label == Label::ResourceIntensive { RateLimit::PerMinute } else { RateLimit::PerSecond };
        let limit = if message.contains("particular user") || message.contains("rate limit (100)") {
            RateLimit::UserDaily
        } else if message.contains("concurrent") {
            RateLimit::Concurrency
        } else if limits.limit_type == Some(LimitType::Daily) || message.contains("maximum daily") {
            RateLimit::Daily
        } else if limits.limit_type == Some(LimitType::Qps) || message.contains("per-second") {
            short
        } else if message.contains("per-minute") {
            RateLimit::PerMinute
        } else if message.is_empty() {
            short
        } else {
            RateLimit::Unknown
        };
        let until = match limit {
            // The headers beside this refusal speak of the account, not of the host.
            RateLimit::UserDaily => next_midnight(self.now),
            RateLimit::Daily => {
                limits.retry_at.filter(|at| *at > self.now).or_else(|| next_midnight(self.now))
            }
            _ => told,
        };
        Advice::Wait { limit, until }
    }
}

/// Where a redirect leads.
pub(crate) fn location_host(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(http::header::LOCATION)?.to_str().ok()?;
    let host = match url::Url::parse(location) {
        Ok(url) => url.host_str()?.to_owned(),
        Err(_) => "another path of the same host".to_owned(),
    };
    Some(clip(&host))
}

/// The next 00:00 UTC, when allowances of the day begin anew.
fn next_midnight(now: Timestamp) -> Option<Timestamp> {
    let tomorrow = now.to_zoned(TimeZone::UTC).date().checked_add(1.day()).ok()?;
    Some(tomorrow.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The largest body that may be nothing but an error; answers are not searched for one twice.
const BARE_ERROR_BYTES_MAX: usize = 8 * 1024;

/// The error in a body that came with success, if the body holds an error and nothing else.
pub(crate) fn bare_error(answered: &Answered<'_>) -> Option<Error> {
    let may_be_one = answered.body.len() <= BARE_ERROR_BYTES_MAX && mentions_code(answered.body);
    let said = may_be_one.then(|| said(answered.body))?;
    (said.is_error() && said.has_nothing_else).then(|| answered.error())
}

/// A glance that spares most short answers a second reading.
fn mentions_code(body: &[u8]) -> bool {
    body.windows(6).any(|bytes| bytes == b"\"code\"")
}

/// The error in a body that came with success and holds none of the answer's members.
pub(crate) fn error_among_others(answered: &Answered<'_>) -> Option<Error> {
    said(answered.body).is_error().then(|| answered.error())
}

impl Said {
    fn is_error(&self) -> bool {
        self.code.is_some() && self.message.is_some()
    }
}

fn said(body: &[u8]) -> Said {
    let text = String::from_utf8_lossy(body);
    let first = serde_json::Deserializer::from_str(&text).into_iter::<Value>().next();
    let value = first.and_then(Result::ok);
    let is_json = value.is_some();
    let value = value.unwrap_or_default();
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    let errors = value.get("errors").and_then(Value::as_array).into_iter().flatten();
    let text_of = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(clip);
    Said {
        code: value.get("code").and_then(number),
        message: text_of(&value, "message").filter(|message| !message.is_empty()),
        errors: errors
            .map(|error| FieldError {
                field: text_of(error, "field").unwrap_or_default(),
                message: text_of(error, "message").unwrap_or_default(),
            })
            .take(50)
            .collect(),
        is_json,
        has_nothing_else: value
            .as_object()
            .is_some_and(|body| body.iter().all(|(key, v)| is_of_an_error(key, v))),
    }
}

/// Whether a member belongs to an error, or says nothing: no answer consists of such members alone.
fn is_of_an_error(key: &str, value: &Value) -> bool {
    let is_empty = match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
    };
    is_empty || matches!(key, "code" | "message" | "errors")
}

/// The beginning of a body that is no JSON, on one line.
fn snippet(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(400)]);
    let words: Vec<&str> = head.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(120).collect();
    (!line.is_empty()).then_some(line)
}

fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MESSAGE_MAX).collect()
}
