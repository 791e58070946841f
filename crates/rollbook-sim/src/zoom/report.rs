//! Reports.

use std::collections::BTreeMap;

use super::ask::Ask;
use super::dates::Range;
use super::find;
use super::json::{Object, object, separate};
use super::operation::Operation;
use super::page::Page;
use super::past::status;
use super::reply::Reply;
use super::rows::{self, Row, time};
use crate::campus::{CourseKind, Person};
use crate::day::Instance;
use crate::truth::Family;
use crate::world::World;

fn kind(ask: &Ask) -> CourseKind {
    match ask.operation {
        Operation::ReportWebinar | Operation::ReportWebinarParticipants => CourseKind::Webinar,
        _ => CourseKind::Meeting,
    }
}

/// `GET /report/users`
pub(super) fn users(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let range = Range::of(world, ask)?;
    let mut page = Page::of(world, ask)?;
    let mut active: BTreeMap<u32, Vec<&Instance>> = BTreeMap::new();
    for (at, instance) in world.days.instances.iter().enumerate() {
        if range.holds(instance.start) && world.is_listed(at, ask.now) {
            active.entry(instance.host).or_default().push(instance);
        }
    }
    let none = Vec::new();
    let wants_inactive = ask.parameter("type") == Some("inactive");
    let mut users: Vec<(&Person, &Vec<&Instance>)> = (0..world.campus.hosts)
        .filter(|host| active.contains_key(host) != wants_inactive)
        .map(|host| (world.campus.host(host), active.get(&host).unwrap_or(&none)))
        .collect();
    if !wants_inactive {
        users.extend(world.campus.gone.iter().map(|person| (person, &none)));
    }
    let meetings: usize = users.iter().map(|(_, held)| held.len()).sum();
    let people: u32 = users.iter().flat_map(|(_, held)| held.iter()).map(|held| held.people).sum();
    let cut = page.cut(world, ask, &users);
    let body = object(|object| {
        object.text("from", &range.echo_from()).text("to", &range.echo_to(world));
        page.head(object, users.len());
        object.bare("page_number", 1).bare("total_meetings", meetings);
        object.bare("total_participants", people).bare("total_meeting_minutes", meetings * 60);
        object.list("users", |out| {
            for (place, (person, held)) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                user(person, held, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

fn user(person: &Person, held: &[&Instance], object: &mut Object<'_>) {
    object.text("id", &person.zoom_id).text("email", &person.email).text("dept", person.department);
    object.text("user_name", &format!("{} {}", person.first, person.last)).bare("type", 2);
    object.bare("meetings", held.len());
    object.bare("participants", held.iter().map(|instance| instance.people).sum::<u32>());
    let seconds: i64 = held.iter().map(|instance| instance.end - instance.start).sum();
    object.bare("meeting_minutes", rows::minutes(seconds));
}

/// `GET /report/users/{userId}/meetings`
pub(super) fn user_meetings(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let range = Range::of(world, ask)?;
    let mut page = Page::of(world, ask)?;
    let user = ask.plain_id();
    let host = world.by_user.get(&user).ok_or_else(|| {
        let message = format!("User {user} not exist or not belong to this account.");
        Reply::error(404, 1001, &message)
    })?;
    let is_alone = ask.parameter("type") == Some("pastOne");
    let held = world.by_host.get(host).map(Vec::as_slice).unwrap_or_default();
    let held: Vec<usize> = held
        .iter()
        .copied()
        .filter(|at| {
            let instance = &world.days.instances[*at];
            let is_asked = (instance.people <= 1) == is_alone;
            is_asked && range.holds(instance.start) && world.is_listed(*at, ask.now)
        })
        .collect();
    let cut = page.cut(world, ask, &held);
    let body = object(|object| {
        page.head(object, held.len());
        object.bare("page_number", 1).text("from", &range.echo_from()).text("to", &range.echo_to(world));
        object.list("meetings", |out| {
            for (place, at) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                user_meeting(world, *at, ask.now, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

fn user_meeting(world: &World, at: usize, now: i64, object: &mut Object<'_>) {
    let instance = &world.days.instances[at];
    let defects = &world.defects[at];
    let host = world.campus.host(instance.host);
    let name = format!("{} {}", host.first, host.last);
    let has_times = now >= defects.times_from;
    object.text("uuid", &instance.uuid).number_or_text("id", instance.number, defects.has_text_id);
    object.bare("type", instance.zoom_type).text("topic", &instance.topic);
    object.text("user_name", &name).text("user_email", &host.email).text("source", "Zoom");
    write_time(object, "start_time", instance.start, has_times, defects.has_numeric_times);
    write_time(object, "end_time", instance.end, has_times, defects.has_numeric_times);
    let seconds = if has_times { instance.end - instance.start } else { 0 };
    object.bare("duration", rows::minutes(seconds));
    object.bare("total_minutes", if has_times { rows::total_minutes(instance) } else { 0 });
    object.bare("participants_count", if has_times { defects.count } else { 0 });
    // Local time without a zone (quirk 16).
    let scheduled = crate::day::instant(instance.scheduled).strftime("%m/%d/%Y %H:%M").to_string();
    object.text("schedule_time", &scheduled).text("host_organization", "School").text("host_name", &name);
    object
        .bare("has_screen_share", instance.key.is_multiple_of(3))
        .bare("has_recording", instance.key.is_multiple_of(5));
    object.bare("has_chat", true).bare("meeting_encryption_status", 1);
    object.bare("participants_count_my_account", if has_times { defects.count } else { 0 });
    if defects.has_unknown_fields {
        object.text("ai_companion_mode", "assist-3").bare("carbon_score", 0.25);
    }
}

/// A time in a list: text, a number (quirk 10), or nothing (quirk 1).
pub(super) fn write_time(object: &mut Object<'_>, key: &str, at: i64, has_times: bool, is_number: bool) {
    match (has_times, is_number) {
        (false, _) => object.text(key, ""),
        (true, true) => object.bare(key, at * 1_000),
        (true, false) => object.text(key, &time(at)),
    };
}

/// `GET /report/history_meetings`
pub(super) fn history(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let range = Range::of(world, ask)?;
    let mut page = Page::at_most(world, ask, world.options.zoom.history_page_size)?;
    let by_end = ask.parameter("date_type") == Some("end_time");
    let wanted = match ask.parameter("meeting_type") {
        Some("meeting") => Some(CourseKind::Meeting),
        Some("webinar") => Some(CourseKind::Webinar),
        _ => None,
    };
    let shows_alone = world.options.zoom.one_person_in_history;
    let held: Vec<usize> = (0..world.days.instances.len())
        .filter(|at| {
            let instance = &world.days.instances[*at];
            let when = if by_end { instance.end } else { instance.start };
            range.holds(when)
                && wanted.is_none_or(|kind| kind == instance.kind)
                && (instance.people > 1 || shows_alone)
                && world.is_listed(*at, ask.now)
        })
        .collect();
    let cut = page.cut(world, ask, &held);
    let body = object(|object| {
        object.text("next_page_token", page.token()).bare("page_size", page.size);
        object.list("history_meetings", |out| {
            for (place, at) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                history_meeting(world, *at, ask.now, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

fn history_meeting(world: &World, at: usize, now: i64, object: &mut Object<'_>) {
    let instance = &world.days.instances[at];
    let defects = &world.defects[at];
    let host = world.campus.host(instance.host);
    let has_times = now >= defects.times_from;
    let word = if instance.kind == CourseKind::Webinar { "Webinar" } else { "Meeting" };
    object.text("meeting_uuid", &instance.uuid);
    object.number_or_text("meeting_id", instance.number, defects.has_text_id).text("type", word);
    object.text("host_display_name", &format!("{} {}", host.first, host.last));
    object.text("host_email", &host.email);
    write_time(object, "start_time", instance.start, has_times, defects.has_numeric_times);
    write_time(object, "end_time", instance.end, has_times, defects.has_numeric_times);
    object.text("topic", &instance.topic);
    object.bare("participants", if has_times { defects.count } else { 0 });
    object.bare("duration", if has_times { rows::minutes(instance.end - instance.start) } else { 0 });
    object.bare("total_participant_minutes", if has_times { rows::total_minutes(instance) } else { 0 });
    object.text("department", host.department);
    if defects.has_group_text {
        object.text("group", "Staff");
    } else {
        object.list("group", |out| out.push_str("\"Staff\""));
    }
    object.text("source", "Zoom").bare("unique_viewers", 0).bare("max_concurrent_views", 0);
    object.text("create_time", &time(instance.scheduled - 7 * crate::day::DAY));
    object.list("custom_fields", |_| {}).list("tracking_fields", |_| {});
    let has_room = instance.stays.iter().any(|stay| stay.breakout.is_some());
    object.bare("feature_used", format!(r#"{{"screen_sharing":true,"breakout_room":{has_room}}}"#));
    if defects.has_unknown_fields {
        object.text("visibility_tier", "gold");
    }
}

/// `GET /report/meetings/{id}` and its webinar form.
pub(super) fn details(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let at = find::instance(world, ask, kind(ask))?;
    rows::check_there(world, ask, at, Family::Report)?;
    let instance = &world.days.instances[at];
    let host = world.campus.host(instance.host);
    Ok(Reply::ok(object(|object| {
        object.list("custom_keys", |_| {}).text("dept", host.department);
        object.bare("duration", rows::minutes(instance.end - instance.start));
        object.text("end_time", &time(instance.end)).bare("id", instance.number);
        object.bare("participants_count", world.defects[at].count);
        object.text("start_time", &time(instance.start)).text("topic", &instance.topic);
        object.bare("total_minutes", rows::total_minutes(instance)).list("tracking_fields", |_| {});
        object.bare("type", instance.zoom_type).text("user_email", &host.email);
        object.text("user_name", &format!("{} {}", host.first, host.last)).text("uuid", &instance.uuid);
    })))
}

/// `GET /report/meetings/{id}/participants` and its webinar form.
pub(super) fn participants(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let at = find::instance(world, ask, kind(ask))?;
    let instance = &world.days.instances[at];
    let mut found = rows::of(world, ask, at, Family::Report)?;
    if instance.people <= 1 {
        found.rows.clear();
    }
    page.check_grown(found.rows.len())?;
    let cut = page.cut(world, ask, &found.rows);
    let has_registrants = ask.includes("registrant_id");
    let body = object(|object| {
        page.head(object, found.rows.len());
        object.list("participants", |out| {
            for (place, row) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                write(world, instance, *row, found.has_zero_durations, has_registrants, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

fn write(
    world: &World,
    instance: &Instance,
    row: Row<'_>,
    has_zero_duration: bool,
    has_registrants: bool,
    object: &mut Object<'_>,
) {
    let stay = row.stay;
    let shown = world.shown(instance, stay);
    let join = stay.join + row.late;
    object.text("customer_key", "").bare("duration", if has_zero_duration { 0 } else { stay.leave - join });
    object.bare("failover", false).text("id", shown.zoom_id).text("name", &shown.name);
    object.text("join_time", &time(join)).text("leave_time", &time(stay.leave));
    if has_registrants {
        object.text("registrant_id", &world.registrant_id(instance, stay));
    }
    object.text("status", status(stay.is_waiting)).text("user_email", shown.email);
    object.text("user_id", &stay.user_id.to_string()).text("participant_user_id", shown.zoom_id);
    if let Some(room) = stay.breakout {
        object.text("bo_mtg_id", &world.breakout_id(instance, room));
    }
}
