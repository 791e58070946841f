//! The occurrences of a meeting that recurs on a schedule.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};

use super::Object;
use crate::zoom::rows::time;

/// Occurrences that Zoom plans at most.
const OCCURRENCES_MAX: usize = 60;

/// Writes the occurrences of a plan that has a schedule; one that has none has none.
pub(super) fn write(plan: &mut Object) {
    plan.remove("occurrences");
    let is_scheduled = plan.get("type").and_then(Value::as_i64) == Some(8);
    let start = plan.get("start_time").and_then(Value::as_str).and_then(|at| at.parse::<Timestamp>().ok());
    let (Some(start), Some(recurrence), true) = (start, plan.get("recurrence"), is_scheduled) else { return };
    let zone = plan.get("timezone").and_then(Value::as_str).and_then(|name| TimeZone::get(name).ok());
    let first = start.to_zoned(zone.unwrap_or(TimeZone::UTC));
    let minutes = plan.get("duration").cloned().unwrap_or(json!(60));
    let occurrences: Vec<Value> =
        starts(&first, recurrence).iter().map(|at| occurrence(at.as_second(), &minutes)).collect();
    plan.insert("occurrences".into(), json!(occurrences));
}

fn occurrence(start: i64, minutes: &Value) -> Value {
    json!({
        "occurrence_id": (start * 1_000).to_string(), "start_time": time(start), "duration": minutes,
        "status": "available",
    })
}

fn starts(first: &Zoned, recurrence: &Value) -> Vec<Timestamp> {
    let number = |name: &str| recurrence[name].as_i64();
    let every = number("repeat_interval").unwrap_or(1).max(1);
    let until = recurrence["end_date_time"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let times = number("end_times").map_or(if until.is_some() { OCCURRENCES_MAX } else { 1 }, |times| {
        usize::try_from(times).unwrap_or(1).clamp(1, OCCURRENCES_MAX)
    });
    let days = weekdays(recurrence);
    let mut found = Vec::new();
    // A year of days is enough for 60 occurrences of what recurs daily or weekly; months are counted in steps.
    for step in 0..400_i64 {
        let span = if number("type") == Some(3) { (step * every).months() } else { step.days() };
        let Ok(at) = first.checked_add(span) else { break };
        let is_one = match number("type") {
            Some(2) => days.contains(&at.weekday()) && (step / 7) % every == 0,
            Some(3) => true,
            _ => step % every == 0,
        };
        if until.is_some_and(|until| at.timestamp() > until) || found.len() == times {
            break;
        }
        if is_one {
            found.push(at.timestamp());
        }
    }
    found
}

/// Zoom's days of the week: 1 is Sunday.
fn weekdays(recurrence: &Value) -> Vec<Weekday> {
    let days = recurrence["weekly_days"].as_str().unwrap_or("1").split(',');
    let day = |text: &str| Weekday::from_sunday_one_offset(text.trim().parse().ok()?).ok();
    days.filter_map(day).collect()
}

/// Moves the occurrences of an altered plan as its start was moved, and gives all of them its length.
pub(super) fn shift(plan: &mut Object, before: Option<&Value>, has_new_length: bool) {
    let at = |value: Option<&Value>| value?.as_str()?.parse::<Timestamp>().ok();
    let moved = match (at(before), at(plan.get("start_time"))) {
        (Some(before), Some(after)) => after.as_second() - before.as_second(),
        _ => 0,
    };
    let minutes = plan.get("duration").cloned();
    let Some(Value::Array(occurrences)) = plan.get_mut("occurrences") else { return };
    for one in occurrences {
        let Some(start) = at(one.get("start_time")) else { continue };
        let length = minutes.clone().filter(|_| has_new_length).unwrap_or_else(|| one["duration"].clone());
        *one = occurrence(start.as_second() + moved, &length);
    }
}
