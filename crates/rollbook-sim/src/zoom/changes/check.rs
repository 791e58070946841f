//! What Zoom does not take, by the bounds in its documents.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Object;
use crate::zoom::reply::Reply;

/// The object that a body holds.
pub(super) fn body(body: &[u8]) -> Result<Object, Reply> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Reply::error(400, 300, "Request Body should be a valid JSON object.")),
    }
}

/// Refuses what stands outside the bounds of a plan.
pub(super) fn plan(plan: &Object) -> Result<(), Reply> {
    let mut wrong = Vec::new();
    for (name, most) in [("topic", 200), ("agenda", 2_000), ("password", 10)] {
        let fits = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() <= most);
        wrong.extend(plan.get(name).filter(|value| !fits(value)).map(|_| name.to_owned()));
    }
    let is_length = |value: &Value| value.as_i64().is_some_and(|minutes| (1..=1_440).contains(&minutes));
    wrong.extend(plan.get("duration").filter(|value| !is_length(value)).map(|_| "duration".to_owned()));
    let is_kind = |value: &Value| value.as_i64().is_some_and(|kind| [1, 2, 3, 8, 10].contains(&kind));
    wrong.extend(plan.get("type").filter(|value| !is_kind(value)).map(|_| "type".to_owned()));
    let is_zone = |value: &Value| value.as_str().is_some_and(|name| TimeZone::get(name).is_ok());
    wrong.extend(plan.get("timezone").filter(|value| !is_zone(value)).map(|_| "timezone".to_owned()));
    let is_object = |value: &Value| value.is_object();
    for name in ["settings", "recurrence"] {
        wrong.extend(plan.get(name).filter(|value| !is_object(value)).map(|_| name.to_owned()));
    }
    refuse(&wrong)?;
    start(plan).map(drop)
}

/// The planned start in Unix seconds: UTC with `Z`, else on the clock of the plan's zone.
pub(super) fn start(plan: &Object) -> Result<Option<i64>, Reply> {
    let Some(value) = plan.get("start_time") else { return Ok(None) };
    let text = value.as_str().unwrap_or_default();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at.as_second()));
    }
    let zone = plan.get("timezone").and_then(Value::as_str).unwrap_or("UTC");
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let local = text.parse::<DateTime>().ok().and_then(|local| local.to_zoned(zone).ok());
    match local {
        Some(at) => Ok(Some(at.timestamp().as_second())),
        None => refuse(&["start_time".to_owned()]).map(|()| None),
    }
}

/// How a user is added, and what is said of the user.
pub(super) fn user(body: &Object) -> Result<(String, Object), Reply> {
    let mut wrong = Vec::new();
    let action = body.get("action").and_then(Value::as_str).unwrap_or_default();
    if !["create", "autoCreate", "custCreate", "ssoCreate"].contains(&action) {
        wrong.push("action".to_owned());
    }
    let info = body.get("user_info").and_then(Value::as_object).cloned().unwrap_or_default();
    let text = |name: &str| info.get(name).and_then(Value::as_str).unwrap_or_default();
    let length = text("email").chars().count();
    if !text("email").contains('@') || length > 128 {
        wrong.push("user_info.email".to_owned());
    }
    for name in ["first_name", "last_name"] {
        if text(name).chars().count() > 64 {
            wrong.push(format!("user_info.{name}"));
        }
    }
    if !info.get("type").and_then(Value::as_i64).is_some_and(|licence| [1, 2, 99].contains(&licence)) {
        wrong.push("user_info.type".to_owned());
    }
    refuse(&wrong)?;
    Ok((action.to_owned(), info))
}

/// Code 300 with every member that is wrong (examples/error-400-300-validation.json).
fn refuse(wrong: &[String]) -> Result<(), Reply> {
    if wrong.is_empty() {
        return Ok(());
    }
    let errors: Vec<Value> =
        wrong.iter().map(|field| json!({"field": field, "message": "Invalid field."})).collect();
    let body = json!({"code": 300, "message": "Validation Failed.", "errors": errors});
    Err(Reply { status: 400, body: body.to_string(), ..Reply::default() })
}
