//! What clients changed: meetings created and altered, users added. Everything else is fixed when the world begins.

mod check;
mod recur;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::find;
use super::reply::Reply;
use super::rows::time;
use super::users;
use crate::chance::Chance;
use crate::world::World;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// What was changed since the world began.
#[derive(Default)]
pub(crate) struct Changes {
    /// Meetings that clients created, by number.
    pub(super) meetings: BTreeMap<u64, Object>,
    /// What clients altered of the campus's meetings, by number.
    pub(super) altered: BTreeMap<u64, Object>,
    /// Users that clients added, oldest first.
    pub(super) users: Vec<Object>,
    /// Changes to meetings, by host and UTC day.
    by_host: BTreeMap<(String, String), u32>,
}

/// A user as far as changes go.
pub(super) struct Host {
    pub(super) id: String,
    pub(super) email: String,
    /// Zoom's `type`: 99 may not host.
    pub(super) licence: i64,
}

/// Zoom's words at the 100 a day (RATE-LIMITS.md, "Bodies").
fn day_is_gone(limit: u32) -> Reply {
    let message = format!(
        "You have exceeded the daily rate limit ({limit}) of Meeting Create/Update API requests permitted for this \
         particular user. You may resume these requests at GMT 00:00:00."
    );
    Reply::error(429, 429, &message)
}

/// The user an ID or address means, on the campus or among those added.
pub(super) fn host(world: &World, changes: &Changes, id: &str) -> Result<Host, Reply> {
    if let Some(user) = added(changes, id) {
        let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
        return Ok(Host {
            id: text("id"),
            email: text("email"),
            licence: user["type"].as_i64().unwrap_or(1),
        });
    }
    let person = users::find_user(world, id)?;
    let licence = if person.room > 0 { 2 } else { 1 };
    Ok(Host { id: person.zoom_id.clone(), email: person.email.clone(), licence })
}

/// The added user an ID or address means.
pub(super) fn added<'a>(changes: &'a Changes, id: &str) -> Option<&'a Object> {
    changes.users.iter().find(|user| {
        let is = |name: &str| user[name].as_str().is_some_and(|value| value.eq_ignore_ascii_case(id));
        user["id"] == id || is("email")
    })
}

/// Counts a change to this host's meetings, or refuses it.
fn spend(world: &World, changes: &mut Changes, host: &Host, now: i64) -> Result<(), Reply> {
    if host.licence == 99 {
        let message = "Your user account is not allowed meeting hosting and scheduling capabilities.";
        return Err(Reply::error(400, 3161, message));
    }
    let day = time(now)[..10].to_owned();
    let spent = changes.by_host.entry((host.id.clone(), day)).or_default();
    let limit = world.options.zoom.host_changes_a_day;
    if *spent >= limit {
        return Err(day_is_gone(limit));
    }
    *spent += 1;
    Ok(())
}

impl Changes {
    /// Changes to meetings by host and UTC day, as `HOST 2026-10-05`.
    pub(crate) fn by_host(&self) -> BTreeMap<String, u32> {
        self.by_host.iter().map(|((host, day), count)| (format!("{host} {day}"), *count)).collect()
    }
}

/// `POST /users/{userId}/meetings`
pub(super) fn create_meeting(world: &World, changes: &mut Changes, ask: &Ask) -> Result<Reply, Reply> {
    let host = host(world, changes, &ask.plain_id())?;
    let mut plan = check::body(&ask.body)?;
    check::plan(&plan)?;
    spend(world, changes, &host, ask.now)?;
    let place = changes.meetings.len() as u64;
    let mut dice = Chance::named(world.options.seed, "created meetings").at(place);
    let number = loop {
        let number = dice.between(80_000_000_000, 99_999_999_999).unsigned_abs();
        if !world.by_number.contains_key(&number) && !changes.meetings.contains_key(&number) {
            break number;
        }
    };
    let kind = plan.get("type").and_then(Value::as_i64).unwrap_or(2);
    let start = check::start(&plan)?.unwrap_or(ask.now);
    plan.insert("id".into(), json!(number));
    plan.insert("uuid".into(), json!(STANDARD.encode(dice.bytes())));
    plan.insert("host_id".into(), json!(host.id));
    plan.insert("host_email".into(), json!(host.email));
    plan.insert("type".into(), json!(kind));
    plan.insert("status".into(), json!("waiting"));
    plan.insert("created_at".into(), json!(time(ask.now)));
    plan.insert("creation_source".into(), json!("open_api"));
    plan.insert("join_url".into(), json!(format!("https://example.com/j/{number}")));
    plan.entry("topic").or_insert(json!("Zoom Meeting"));
    plan.entry("timezone").or_insert(json!("UTC"));
    plan.entry("settings").or_insert(json!({}));
    if plan.remove("default_password") != Some(Value::Bool(false)) {
        plan.entry("password").or_insert(json!(dice.between(100_000, 999_999).to_string()));
    }
    plan.remove("schedule_for");
    // A meeting that recurs without a schedule has neither start nor length.
    if kind == 3 {
        plan.remove("start_time");
    } else {
        plan.insert("start_time".into(), json!(time(start)));
        plan.entry("duration").or_insert(json!(60));
    }
    recur::write(&mut plan);
    let shown = with_start_url(&plan, &mut dice.bytes());
    changes.meetings.insert(number, plan);
    Ok(Reply { status: 201, ..Reply::ok(Value::Object(shown).to_string()) })
}

/// The plan as its answers show it: with the address that makes anyone host.
fn with_start_url(plan: &Object, key: &mut [u8; 16]) -> Object {
    let mut shown = plan.clone();
    let number = &plan["id"];
    let url = format!("https://example.com/s/{number}?zak={}", URL_SAFE_NO_PAD.encode(key));
    shown.insert("start_url".into(), json!(url));
    shown
}

/// `GET /meetings/{meetingId}` for a meeting that a client created.
pub(super) fn created(changes: &Changes, number: u64, ask: &Ask) -> Option<Reply> {
    let plan = changes.meetings.get(&number)?;
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.to_le_bytes());
    let mut shown = with_start_url(plan, &mut key);
    if ask.parameter("show_previous_occurrences") != Some("true")
        && let Some(Value::Array(occurrences)) = shown.get_mut("occurrences")
    {
        let is_over = |one: &Value| {
            let start = one["start_time"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
            let length = 60 * one["duration"].as_i64().unwrap_or(0);
            start.is_some_and(|start| start.as_second() + length < ask.now)
        };
        occurrences.retain(|one| !is_over(one));
    }
    Some(Reply::ok(Value::Object(shown).to_string()))
}

/// `PATCH /meetings/{meetingId}`
pub(super) fn update_meeting(world: &World, changes: &mut Changes, ask: &Ask) -> Result<Reply, Reply> {
    let number: u64 = ask.plain_id().parse().map_err(|_| find::not_found(ask))?;
    let (host_id, before) = match changes.meetings.get(&number) {
        Some(plan) => (plan["host_id"].as_str().unwrap_or_default().to_owned(), None),
        None => users::plan_of_campus(world, changes, number, ask)?,
    };
    let host = host(world, changes, &host_id)?;
    let change = check::body(&ask.body)?;
    check::plan(&change)?;
    spend(world, changes, &host, ask.now)?;
    match before {
        None => {
            let plan = changes.meetings.get_mut(&number).ok_or_else(|| find::not_found(ask))?;
            merge(plan, change);
            normal_start(plan)?;
            recur::write(plan);
        }
        Some(mut plan) => {
            let start = plan.get("start_time").cloned();
            merge(&mut plan, change.clone());
            normal_start(&mut plan)?;
            recur::shift(&mut plan, start.as_ref(), change.contains_key("duration"));
            changes.altered.insert(number, plan);
        }
    }
    Ok(Reply { status: 204, ..Reply::default() })
}

/// Lays a change over a plan; settings that are not named stay.
fn merge(plan: &mut Object, change: Object) {
    for (name, value) in change {
        match (plan.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, value) => drop(plan.insert(name, value)),
        }
    }
}

/// Times are told in UTC, whatever they were given in.
fn normal_start(plan: &mut Object) -> Result<(), Reply> {
    if let Some(start) = check::start(plan)? {
        plan.insert("start_time".into(), json!(time(start)));
    }
    Ok(())
}

/// `POST /users`
pub(super) fn create_user(world: &World, changes: &mut Changes, ask: &Ask) -> Result<Reply, Reply> {
    let body = check::body(&ask.body)?;
    let (action, mut user) = check::user(&body)?;
    let email = user["email"].as_str().unwrap_or_default().to_owned();
    if host(world, changes, &email).is_ok() {
        return Err(Reply::error(409, 1005, &format!("Email \"{email}\" has already been used.")));
    }
    let place = changes.users.len() as u64;
    let id = URL_SAFE_NO_PAD.encode(Chance::named(world.options.seed, "added users").at(place).bytes());
    user.remove("password");
    let text = |name: &str| user.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let answer = json!({
        "id": id, "email": email, "first_name": text("first_name"), "last_name": text("last_name"),
        "type": user["type"],
    });
    let display_name = format!("{} {}", text("first_name"), text("last_name")).trim().to_owned();
    user.entry("display_name").or_insert(json!(display_name));
    user.insert("id".into(), json!(id));
    user.insert("status".into(), json!(if action == "create" { "pending" } else { "active" }));
    for name in ["created_at", "user_created_at"] {
        user.insert(name.into(), json!(time(ask.now)));
    }
    user.entry("timezone").or_insert(json!("UTC"));
    user.insert("role_id".into(), json!("2"));
    user.insert("verified".into(), json!(i64::from(action != "create")));
    changes.users.push(user);
    Ok(Reply { status: 201, ..Reply::ok(answer.to_string()) })
}
