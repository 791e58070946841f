//! past_meetings and past_webinars.

use super::ask::Ask;
use super::find;
use super::json::{Object, object, separate};
use super::operation::Operation;
use super::page::Page;
use super::reply::Reply;
use super::rows::{self, Row, time};
use crate::campus::{Course, CourseKind};
use crate::day::Instance;
use crate::truth::Family;
use crate::world::World;

fn kind(ask: &Ask) -> CourseKind {
    match ask.operation {
        Operation::PastWebinarInstances | Operation::PastWebinarParticipants => CourseKind::Webinar,
        _ => CourseKind::Meeting,
    }
}

/// `GET /past_meetings/{id}`
pub(super) fn details(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let at = find::instance(world, ask, CourseKind::Meeting)?;
    rows::check_there(world, ask, at, Family::PastMeetings)?;
    let instance = &world.days.instances[at];
    let host = world.campus.host(instance.host);
    Ok(Reply::ok(object(|object| {
        object.bare("id", instance.number).text("uuid", &instance.uuid);
        object.bare("duration", rows::minutes(instance.end - instance.start));
        object.text("start_time", &time(instance.start)).text("end_time", &time(instance.end));
        object.text("host_id", &host.zoom_id).text("dept", host.department);
        object.bare("participants_count", world.defects[at].count).text("source", "Zoom");
        object.text("topic", &instance.topic).bare("total_minutes", rows::total_minutes(instance));
        object.bare("type", instance.zoom_type).text("user_email", &host.email);
        object.text("user_name", &format!("{} {}", host.first, host.last));
        object.bare("has_meeting_summary", false);
    })))
}

/// `GET /past_meetings/{number}/instances` and its webinar form.
pub(super) fn instances(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let kind = kind(ask);
    let is_webinar = kind == CourseKind::Webinar;
    let unknown = || match is_webinar {
        true => Reply::error(400, 300, "Invalid webinar ID."),
        false => find::not_found(ask),
    };
    let number: u64 = ask.plain_id().parse().map_err(|_| unknown())?;
    let known = |course: &&Course| course.number == number && course.kind == kind;
    let runs = world.by_number.get(&number).map(Vec::as_slice).unwrap_or_default();
    let runs: Vec<_> = runs.iter().filter(|at| world.days.instances[**at].kind == kind).collect();
    if runs.is_empty() && !world.campus.courses.iter().any(|course| known(&course)) {
        return Err(unknown());
    }
    let listed = runs.into_iter().filter(|at| world.is_listed(**at, ask.now));
    let body = object(|object| {
        object.list(if is_webinar { "webinars" } else { "meetings" }, |out| {
            for (place, at) in listed.enumerate() {
                let instance = &world.days.instances[*at];
                separate(out, place);
                let mut object = Object::open(out);
                object.text("start_time", &time(instance.start)).text("uuid", &instance.uuid);
                object.close();
            }
        });
    });
    Ok(Reply::ok(body))
}

/// `GET /past_meetings/{id}/participants` and its webinar form.
pub(super) fn participants(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let at = find::instance(world, ask, kind(ask))?;
    let instance = &world.days.instances[at];
    let mut found = rows::of(world, ask, at, Family::PastMeetings)?;
    if instance.people <= 1 && !world.options.zoom.one_person_in_past {
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
    object.text("id", shown.zoom_id).text("name", &shown.name);
    object.text("user_id", &stay.user_id.to_string());
    if has_registrants {
        object.text("registrant_id", &world.registrant_id(instance, stay));
    }
    object.text("user_email", shown.email);
    object.text("join_time", &time(stay.join)).text("leave_time", &time(stay.leave));
    object.bare("duration", if has_zero_duration { 0 } else { stay.leave - stay.join });
    object.bare("failover", false).text("status", status(stay.is_waiting));
    object.bare("internal_user", shown.is_internal);
}

/// Zoom's word for where somebody was.
pub(super) fn status(is_waiting: bool) -> &'static str {
    if is_waiting { "in_waiting_room" } else { "in_meeting" }
}
