//! Users and their planned meetings.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask::Ask;
use super::changes::{Changes, Object as Plan, added, created, host};
use super::find;
use super::json::{Object, object, separate};
use super::operation::Operation;
use super::page::Page;
use super::reply::Reply;
use super::rows::time;
use crate::campus::{Account, Course, CourseKind, Person};
use crate::day::DAY;
use crate::world::World;

/// A user of the campus, or one that a client added.
enum User<'a> {
    Campus(&'a Person),
    Added(&'a Plan),
}

/// `GET /users`
pub(super) fn list(world: &World, changes: &Changes, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let status = ask.parameter("status").unwrap_or("active").to_owned();
    let of_campus = |person: &&Person| status == "active" && person.account == Account::School;
    let campus = world.campus.people.iter().filter(of_campus).map(User::Campus);
    let added = changes.users.iter().filter(|user| user["status"] == status.as_str()).map(User::Added);
    let users: Vec<User<'_>> = campus.chain(added).collect();
    let cut = page.cut(world, ask, &users);
    let body = object(|object| {
        page.head(object, users.len());
        object.bare("page_number", 1).list("users", |out| {
            for (place, one) in cut.iter().enumerate() {
                separate(out, place);
                match one {
                    User::Campus(person) => {
                        let mut object = Object::open(out);
                        user(person, &mut object);
                        object.close();
                    }
                    User::Added(user) => out.push_str(&json!(user).to_string()),
                }
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
pub(super) fn one(world: &World, changes: &Changes, ask: &Ask) -> Result<Reply, Reply> {
    let id = ask.plain_id();
    if let Some(user) = added(changes, &id) {
        return Ok(Reply::ok(json!(user).to_string()));
    }
    let person = find_user(world, &id)?;
    let account = &world.options.credentials.account_id;
    Ok(Reply::ok(object(|object| {
        user(person, object);
        object.text("account_id", account).bare("use_pmi", false).text("language", "en-US");
    })))
}

pub(super) fn find_user<'a>(world: &'a World, id: &str) -> Result<&'a Person, Reply> {
    // The account's owner is its first host.
    let place = if id == "me" { Some(0) } else { world.by_user.get(id).copied() };
    place
        .map(|place| &world.campus.people[place as usize])
        .ok_or_else(|| Reply::error(404, 1001, &format!("User does not exist: {id}.")))
}

/// Planned starts of one number of the campus, as the campus had them: held or not, by time.
fn starts_of(world: &World, number: u64) -> Vec<(i64, i64)> {
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

/// One line of a list of plans.
struct Line {
    number: u64,
    topic: String,
    kind: i64,
    /// Unix seconds; a meeting that recurs without a schedule has none.
    start: Option<i64>,
    minutes: i64,
    timezone: String,
    created_at: String,
}

/// A line for each occurrence of a plan, or one for a plan that has no occurrences.
fn lines_of(number: u64, plan: &Plan) -> Vec<Line> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let at = |value: &Value| value.as_str()?.parse::<Timestamp>().ok().map(Timestamp::as_second);
    let line = |start: Option<i64>, minutes: &Value| Line {
        number,
        topic: text(&plan["topic"]),
        kind: plan["type"].as_i64().unwrap_or(2),
        start,
        minutes: minutes.as_i64().unwrap_or(60),
        timezone: text(&plan["timezone"]),
        created_at: text(&plan["created_at"]),
    };
    let of_plan = |name: &str| plan.get(name).cloned().unwrap_or_default();
    match of_plan("occurrences").as_array().filter(|occurrences| !occurrences.is_empty()) {
        Some(occurrences) => {
            occurrences.iter().map(|one| line(at(&one["start_time"]), &one["duration"])).collect()
        }
        None => vec![line(at(&of_plan("start_time")), &of_plan("duration"))],
    }
}

/// Everything of one kind that a host has planned, by number and start.
fn lines(world: &World, changes: &Changes, host_id: &str, kind: CourseKind) -> Vec<Line> {
    let is_own = |course: &&Course| {
        world.campus.host(course.host).zoom_id == host_id && course.kind == kind && !course.is_expired
    };
    let mut lines = Vec::new();
    for course in world.campus.courses.iter().filter(is_own) {
        if let Some(plan) = changes.altered.get(&course.number) {
            lines.extend(lines_of(course.number, plan));
            continue;
        }
        lines.extend(starts_of(world, course.number).into_iter().map(|(start, minutes)| Line {
            number: course.number,
            topic: course.topic.clone(),
            kind: i64::from(course.zoom_type),
            start: Some(start),
            minutes,
            timezone: "UTC".into(),
            created_at: time(start - 7 * DAY),
        }));
    }
    let created =
        changes.meetings.iter().filter(|(_, plan)| kind == CourseKind::Meeting && plan["host_id"] == host_id);
    lines.extend(created.flat_map(|(number, plan)| lines_of(*number, plan)));
    lines
}

/// `GET /users/{userId}/meetings` and `…/webinars`: the numbers a host has planned.
pub(super) fn planned(world: &World, changes: &Changes, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let host = host(world, changes, &ask.plain_id())?;
    let (kind, name) = match ask.operation {
        Operation::UserWebinars => (CourseKind::Webinar, "webinars"),
        _ => (CourseKind::Meeting, "meetings"),
    };
    let wanted = ask.parameter("type").unwrap_or("scheduled").to_owned();
    let is_wanted = |line: &Line| match (wanted.as_str(), line.start) {
        ("previous_meetings", Some(start)) => start < ask.now,
        ("upcoming" | "upcoming_meetings", Some(start)) => start >= ask.now,
        ("live", Some(start)) => start <= ask.now && ask.now < start + 60 * line.minutes,
        ("previous_meetings" | "live", None) => false,
        _ => true,
    };
    let mut planned = lines(world, changes, &host.id, kind);
    planned.retain(is_wanted);
    let cut = page.cut(world, ask, &planned);
    let body = object(|object| {
        page.head(object, planned.len());
        object.bare("page_number", 1).list(name, |out| {
            for (place, line) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                line_of(line, &mut object);
                object.text("host_id", &host.id);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

fn line_of(line: &Line, object: &mut Object<'_>) {
    object.bare("id", line.number).text("topic", &line.topic).bare("type", line.kind);
    if let Some(start) = line.start {
        object.text("start_time", &time(start));
    }
    object.bare("duration", line.minutes).text("timezone", &line.timezone);
    object.text("created_at", &line.created_at);
    object.text("join_url", &format!("https://example.com/j/{}", line.number));
}

/// `GET /users/{userId}/upcoming_meetings`: the next 24 hours.
pub(super) fn upcoming(world: &World, changes: &Changes, ask: &Ask) -> Result<Reply, Reply> {
    let id = ask.plain_id();
    // The words of 1001 under another code, as documented.
    let host = host(world, changes, &id)
        .map_err(|_| Reply::error(404, 3001, &format!("User does not exist: {id}.")))?;
    let is_soon = |line: &Line| line.start.is_some_and(|start| (ask.now..ask.now + DAY).contains(&start));
    let mut lines = lines(world, changes, &host.id, CourseKind::Meeting);
    lines.retain(is_soon);
    Ok(Reply::ok(object(|object| {
        object.bare("total_records", lines.len()).list("meetings", |out| {
            for (place, line) in lines.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                line_of(line, &mut object);
                object.bare("use_pmi", false).bare("is_host", true).bare("is_all_day", false);
                object.close();
            }
        });
    })))
}

/// `GET /meetings/{number}`: the plan, not what happened.
pub(super) fn meeting(world: &World, changes: &Changes, ask: &Ask) -> Result<Reply, Reply> {
    let number: u64 = ask.plain_id().parse().map_err(|_| find::not_found(ask))?;
    if let Some(reply) = created(changes, number, ask) {
        return Ok(reply);
    }
    let course = course(world, number, ask, "Cannot access webinar info.")?;
    let runs = world.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
    let is_live = runs.iter().any(|at| {
        let instance = &world.days.instances[*at];
        instance.start <= ask.now && ask.now < instance.end
    });
    let status = if is_live { "started" } else { "waiting" };
    if let Some(plan) = changes.altered.get(&number) {
        let mut plan = plan.clone();
        plan.insert("status".into(), json!(status));
        return Ok(Reply::ok(json!(plan).to_string()));
    }
    Ok(Reply::ok(campus_plan(world, course, status)))
}

/// The meeting of the campus with this number, if Zoom still knows it.
fn course<'a>(world: &'a World, number: u64, ask: &Ask, webinar: &str) -> Result<&'a Course, Reply> {
    let course = world.campus.courses.iter().find(|course| course.number == number);
    let course = course.filter(|course| !course.is_expired).ok_or_else(|| find::not_found(ask))?;
    match course.kind {
        CourseKind::Meeting => Ok(course),
        CourseKind::Webinar => Err(Reply::error(400, 3000, webinar)),
    }
}

fn campus_plan(world: &World, course: &Course, status: &str) -> String {
    let (number, host) = (course.number, world.campus.host(course.host));
    let plan = starts_of(world, number);
    let first = plan.first().copied().unwrap_or((crate::day::midnight(world.options.first_day), 60));
    object(|object| {
        object.bare("id", number).text("host_id", &host.zoom_id).text("host_email", &host.email);
        object.text("topic", &course.topic).bare("type", course.zoom_type).bare("duration", first.1);
        object.text("start_time", &time(first.0)).text("timezone", "UTC");
        object.text("status", status).text("created_at", &time(first.0 - 7 * DAY));
        object.text("join_url", &format!("https://example.com/j/{number}"));
        object.text("start_url", &format!("https://example.com/s/{number}?zak=host-{}", host.zoom_id));
        object.list("occurrences", |out| {
            for (place, (start, minutes)) in plan.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                object.text("occurrence_id", &(start * 1_000).to_string()).text("start_time", &time(*start));
                object.bare("duration", minutes).text("status", "available");
                object.close();
            }
        });
    })
}

/// The host of a meeting of the campus, and its plan as it stands now, to be altered.
pub(super) fn plan_of_campus(
    world: &World,
    changes: &Changes,
    number: u64,
    ask: &Ask,
) -> Result<(String, Option<Plan>), Reply> {
    let course = course(world, number, ask, "Cannot access webinar information.")?;
    let plan = changes.altered.get(&number).cloned();
    let plan = plan.or_else(|| serde_json::from_str(&campus_plan(world, course, "waiting")).ok());
    Ok((world.campus.host(course.host).zoom_id.clone(), plan))
}
