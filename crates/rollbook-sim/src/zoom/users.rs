//! Users, their planned meetings, and the account's settings.

use super::ask::Ask;
use super::find;
use super::json::{Object, object, separate};
use super::page::Page;
use super::reply::Reply;
use super::rows::time;
use crate::campus::{Account, Course, CourseKind, Person};
use crate::day::DAY;
use crate::world::World;

/// `GET /users`
pub(super) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let is_active = matches!(ask.parameter("status"), None | Some("active"));
    let users: Vec<&Person> =
        world.campus.people.iter().filter(|person| is_active && person.account == Account::School).collect();
    let cut = page.cut(world, ask, &users);
    let body = object(|object| {
        page.head(object, users.len());
        object.bare("page_number", 1).list("users", |out| {
            for (place, person) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                user(person, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

fn user(person: &Person, object: &mut Object<'_>) {
    let is_host = person.room > 0;
    object.text("id", &person.zoom_id).text("email", &person.email);
    object.text("first_name", person.first).text("last_name", person.last);
    object.text("display_name", &format!("{} {}", person.first, person.last));
    object.text("dept", person.department).bare("type", if is_host { 2 } else { 1 });
    if is_host {
        object.bare("pmi", person.room);
    }
    object.text("status", "active").text("timezone", "UTC").bare("verified", 1).text("role_id", "2");
    object.text("created_at", "2019-06-01T07:58:03Z").text("user_created_at", "2019-06-01T07:58:03Z");
    object.text("last_login_time", "2026-09-30T08:00:00Z").text("last_client_version", "6.5.11.26770(win)");
    object.list("group_ids", |_| {});
}

/// `GET /users/{userId}`
pub(super) fn one(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let id = ask.plain_id();
    let person = find_user(world, &id)?;
    let account = &world.options.credentials.account_id;
    Ok(Reply::ok(object(|object| {
        user(person, object);
        object.text("account_id", account).bare("use_pmi", false).text("language", "en-US");
    })))
}

fn find_user<'a>(world: &'a World, id: &str) -> Result<&'a Person, Reply> {
    // The account's owner is its first host.
    let place = if id == "me" { Some(0) } else { world.by_user.get(id).copied() };
    place
        .map(|place| &world.campus.people[place as usize])
        .ok_or_else(|| Reply::error(404, 1001, &format!("User does not exist: {id}.")))
}

/// Planned starts of one number: held or not, by time.
fn plan(world: &World, number: u64) -> Vec<(i64, i64)> {
    let runs = world.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
    let held = runs.iter().map(|at| {
        let instance = &world.days.instances[*at];
        (instance.scheduled, instance.planned_minutes)
    });
    let not_held = world.days.never_held.iter().filter(|planned| {
        let course = &world.campus.courses[planned.course as usize];
        course.number == number
    });
    let mut plan: Vec<_> = held.chain(not_held.map(|planned| (planned.start, planned.minutes))).collect();
    plan.sort_unstable();
    plan.dedup_by_key(|(start, _)| *start);
    plan
}

/// `GET /users/{userId}/meetings`: the numbers a host has planned.
pub(super) fn meetings(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let id = ask.plain_id();
    let person = find_user(world, &id)?;
    let is_own = |course: &&Course| {
        world.campus.host(course.host).zoom_id == person.zoom_id && course.kind == CourseKind::Meeting
    };
    let wanted = ask.parameter("type").unwrap_or("scheduled").to_owned();
    let is_wanted = |start: i64| match wanted.as_str() {
        "previous_meetings" => start < ask.now,
        "upcoming" | "upcoming_meetings" => start >= ask.now,
        _ => true,
    };
    let mut planned = Vec::new();
    for course in world.campus.courses.iter().filter(is_own).filter(|course| !course.is_expired) {
        let starts = plan(world, course.number).into_iter().filter(|(start, _)| is_wanted(*start));
        planned.extend(starts.map(|(start, minutes)| (course, start, minutes)));
    }
    let cut = page.cut(world, ask, &planned);
    let body = object(|object| {
        page.head(object, planned.len());
        object.bare("page_number", 1).list("meetings", |out| {
            for (place, (course, start, minutes)) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                object.bare("id", course.number).text("topic", &course.topic).bare("type", course.zoom_type);
                object.text("host_id", &person.zoom_id).text("start_time", &time(*start));
                object.bare("duration", minutes).text("timezone", "UTC");
                object.text("created_at", &time(start - 7 * DAY));
                object.text("join_url", &format!("https://example.com/j/{}", course.number));
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

/// `GET /meetings/{number}`: the plan, not what happened.
pub(super) fn meeting(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let number: u64 = ask.plain_id().parse().map_err(|_| find::not_found(ask))?;
    let course = world.campus.courses.iter().find(|course| course.number == number);
    let course = course.filter(|course| !course.is_expired).ok_or_else(|| find::not_found(ask))?;
    if course.kind == CourseKind::Webinar {
        return Err(Reply::error(400, 3000, "Cannot access webinar info."));
    }
    let host = world.campus.host(course.host);
    let plan = plan(world, number);
    let first = plan.first().copied().unwrap_or((crate::day::midnight(world.options.first_day), 60));
    let runs = world.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
    let is_live = runs.iter().any(|at| {
        let instance = &world.days.instances[*at];
        instance.start <= ask.now && ask.now < instance.end
    });
    Ok(Reply::ok(object(|object| {
        object.bare("id", number).text("host_id", &host.zoom_id).text("host_email", &host.email);
        object.text("topic", &course.topic).bare("type", course.zoom_type).bare("duration", first.1);
        object.text("start_time", &time(first.0)).text("timezone", "UTC");
        object.text("status", if is_live { "started" } else { "waiting" });
        object.text("created_at", &time(first.0 - 7 * DAY));
        object.text("join_url", &format!("https://example.com/j/{number}"));
        object.list("occurrences", |out| {
            for (place, (start, minutes)) in plan.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                object.text("occurrence_id", &(start * 1_000).to_string()).text("start_time", &time(*start));
                object.bare("duration", minutes).text("status", "available");
                object.close();
            }
        });
    })))
}

/// `GET /accounts/me/settings`
pub(super) fn settings(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let id = ask.plain_id();
    if id != "me" && id != world.options.credentials.account_id {
        return Err(Reply::error(404, 2001, &format!("Account does not exist: {id}.")));
    }
    let words = world.options.zoom.quality_words;
    Ok(Reply::ok(object(|object| {
        let capacity = r#"{"meeting_capacity":1000}"#;
        let asks = world.options.zoom.feedback;
        let inside =
            format!(r#"{{"attendee_on_hold":true,"breakout_room":true,"post_meeting_feedback":{asks}}}"#);
        object.bare("feature", capacity).bare("in_meeting", inside);
        object.bare("schedule_meeting", r#"{"join_before_host":true,"personal_meeting":true}"#);
        object.bare("other_options", format!(r#"{{"meeting_qos_and_mos":{}}}"#, u8::from(words)));
    })))
}
