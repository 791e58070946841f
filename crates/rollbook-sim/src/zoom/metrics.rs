//! Dashboards.

pub(super) mod qos;
mod row;
pub(super) mod satisfaction;
pub(super) mod sharing;

use super::ask::Ask;
use super::dates::Range;
use super::find;
use super::json::{Object, object, separate};
use super::operation::Operation;
use super::page::Page;
use super::reply::Reply;
use super::report::write_time;
use super::rows::{self, Row};
use crate::campus::CourseKind;
use crate::day::Instance;
use crate::quality::{Room, Words};
use crate::truth::Family;
use crate::world::World;

/// The `type` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Past,
    PastOne,
    Live,
}

fn kind(ask: &Ask) -> CourseKind {
    let is_webinar = ask.operation.path().starts_with("/metrics/webinars");
    if is_webinar { CourseKind::Webinar } else { CourseKind::Meeting }
}

impl Type {
    /// Live unless told otherwise (quirk 2).
    fn of(ask: &Ask) -> Result<Type, Reply> {
        match ask.parameter("type") {
            None | Some("live") => Ok(Type::Live),
            Some("past") => Ok(Type::Past),
            Some("pastOne") if Type::knows_past_one(ask.operation) => Ok(Type::PastOne),
            Some(_) => Err(Reply::invalid_field("type", "Invalid field.")),
        }
    }

    /// Webinars have no `pastOne`, nor have the lists of call quality and of sharing (quirk 3).
    fn knows_past_one(operation: Operation) -> bool {
        matches!(
            operation,
            Operation::MetricsMeetings
                | Operation::MetricsMeeting
                | Operation::MetricsMeetingParticipants
                | Operation::MetricsMeetingSatisfaction
                | Operation::MetricsWebinarSatisfaction
        )
    }

    /// Whether this type shows the instance: one-person runs are elsewhere (quirk 3).
    fn shows(self, instance: &Instance, now: i64) -> bool {
        let is_live = instance.start <= now && now < instance.end;
        match self {
            Type::Live => is_live,
            Type::Past => instance.end <= now && instance.people > 1,
            Type::PastOne => instance.end <= now && instance.people <= 1,
        }
    }
}

/// `GET /metrics/meetings` and `/metrics/webinars`
pub(super) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let kind = kind(ask);
    let wanted = Type::of(ask)?;
    let by_end = ask.parameter("query_date_type") == Some("end_time") && kind == CourseKind::Meeting;
    if by_end && world.options.faults.end_time_refused {
        return Err(Reply::error(400, 12700, "This account cannot query meetings by `end_time`."));
    }
    let range = Range::of(world, ask)?;
    let mut page = Page::of(world, ask)?;
    let listed: Vec<usize> = (0..world.days.instances.len())
        .filter(|at| {
            let instance = &world.days.instances[*at];
            let when = if by_end { instance.end } else { instance.start };
            instance.kind == kind
                && range.holds(when)
                && wanted.shows(instance, ask.now)
                && (wanted == Type::Live || world.is_listed(*at, ask.now))
        })
        .collect();
    let cut = page.cut(world, ask, &listed);
    let key = if kind == CourseKind::Webinar { "webinars" } else { "meetings" };
    let body = object(|object| {
        object.text("from", &range.echo_from()).text("to", &range.echo_to(world));
        page.head(object, listed.len());
        object.list(key, |out| {
            for (place, at) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                meeting(world, *at, ask.now, true, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

/// The fields of one meeting or webinar, in a list or alone.
fn meeting(world: &World, at: usize, now: i64, is_listed: bool, object: &mut Object<'_>) {
    let instance = &world.days.instances[at];
    let defects = &world.defects[at];
    let host = world.campus.host(instance.host);
    let is_live = now < instance.end;
    let has_times = !is_listed || is_live || now >= defects.times_from;
    let is_text = is_listed && defects.has_text_id;
    let is_number = is_listed && defects.has_numeric_times;
    object.text("uuid", &instance.uuid).number_or_text("id", instance.number, is_text);
    object.text("topic", &instance.topic).text("host", &format!("{} {}", host.first, host.last));
    object.text("email", &host.email).text("dept", host.department).text("user_type", "Licensed");
    write_time(object, "start_time", instance.start, has_times, is_number);
    if !is_live {
        write_time(object, "end_time", instance.end, has_times, is_number);
    }
    let seconds = now.min(instance.end) - instance.start;
    object.text("duration", &if has_times { clock(seconds) } else { String::new() });
    object.bare("participants", shown_count(instance, defects.count, now, has_times));
    for (name, share) in FEATURES {
        object.bare(name, has_times && instance.key.is_multiple_of(share));
    }
    if instance.kind == CourseKind::Meeting && has_times {
        let rooms: u32 = instance.stays.iter().map(|stay| u32::from(stay.room_people)).sum();
        object.bare("in_room_participants", rooms).bare("has_qa", false).bare("avg_jointime_cost", 4.55);
    }
    // The documents show them in lists, and in the details of webinars.
    let has_words = is_listed || instance.kind == CourseKind::Webinar;
    if world.options.zoom.quality_words && has_times && has_words {
        let words = Words::of_instance(world, instance);
        object.text("audio_quality", words.audio).text("video_quality", words.video);
        object.text("screen_share_quality", words.share);
    }
    if defects.has_unknown_fields {
        object.bare("has_external_participant", true).text("ai_mode", "assist-3");
    }
}

/// Features of a meeting, each with how many meetings there are to one that used it.
const FEATURES: [(&str, u64); 12] = [
    ("has_3rd_party_audio", 97),
    ("has_archiving", 101),
    ("has_pstn", 7),
    ("has_recording", 5),
    ("has_screen_share", 2),
    ("has_sip", 31),
    ("has_video", 1),
    ("has_voip", 1),
    ("has_manual_captions", 29),
    ("has_automated_captions", 3),
    ("has_poll", 11),
    ("has_survey", 13),
];

/// The count of people: those inside now while live, 0 while times are empty, else what the list was born with.
fn shown_count(instance: &Instance, count: u32, now: i64, has_times: bool) -> u32 {
    if now < instance.end {
        let inside = |stay: &&crate::day::Stay| !stay.is_waiting && stay.join <= now && now < stay.leave;
        return instance.stays.iter().filter(inside).count() as u32;
    }
    if has_times { count } else { 0 }
}

/// `MM:SS`, or `HH:MM:SS` from an hour on (quirk 9).
fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds % 3_600 / 60, seconds % 60);
    if hours > 0 {
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// The instance a call names, if its `type` shows it.
fn typed(world: &World, ask: &Ask) -> Result<(usize, Type), Reply> {
    let wanted = Type::of(ask)?;
    Ok((shown(world, ask, wanted)?, wanted))
}

/// The instance a call names, if this type shows it.
fn shown(world: &World, ask: &Ask, wanted: Type) -> Result<usize, Reply> {
    let at = find::instance(world, ask, kind(ask))?;
    if !wanted.shows(&world.days.instances[at], ask.now) {
        return Err(find::not_found(ask));
    }
    Ok(at)
}

/// `GET /metrics/meetings/{id}` and its webinar form.
pub(super) fn details(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let (at, wanted) = typed(world, ask)?;
    if wanted != Type::Live {
        rows::check_there(world, ask, at, Family::Metrics)?;
    }
    Ok(Reply::ok(object(|object| meeting(world, at, ask.now, false, object))))
}

/// `GET /metrics/meetings/{id}/participants` and its webinar form.
pub(super) fn participants(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let (at, wanted) = typed(world, ask)?;
    let instance = &world.days.instances[at];
    let rows: Vec<Row<'_>> = match wanted {
        Type::Live => rows::live(instance, ask.now),
        Type::Past | Type::PastOne => rows::of(world, ask, at, Family::Metrics)?.rows,
    };
    if wanted != Type::Live {
        page.check_grown(rows.len())?;
    }
    let cut = page.cut(world, ask, &rows);
    let has_registrants = ask.includes("registrant_id") && wanted != Type::Live;
    let is_webinar = instance.kind == CourseKind::Webinar;
    let room = Room::of(world, instance);
    let body = object(|object| {
        page.head(object, rows.len());
        let key = if is_webinar { "webinar_number" } else { "meeting_number" };
        object.text(key, &instance.number.to_string()).list("participants", |out| {
            for (place, row) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                row::write(world, instance, row.stay, ask.now, has_registrants, room.as_ref(), &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}
