//! Call quality: one sample a minute for each connection, values as text with units (quirks 49 to 54).

mod sample;
pub(in crate::zoom) mod summary;

use super::{Type, row, shown};
use crate::day::{Instance, Stay};
use crate::quality::{Before, Line, Ready, Scene, Series, appears};
use crate::truth::Family;
use crate::world::{World, row_index};
use crate::zoom::ask::Ask;
use crate::zoom::find;
use crate::zoom::json::{Object, object, separate};
use crate::zoom::page::Page;
use crate::zoom::reply::Reply;
use crate::zoom::rows::{self, time};

/// People on a page nobody asked a size for, and on the largest one.
const PAGE: (u32, u32) = (1, 10);

/// What a sample takes as text, roughly.
const SAMPLE_BYTES: usize = 900;

/// One row, and how many of its samples are shown.
#[derive(Clone, Copy)]
struct Row<'a> {
    stay: &'a Stay,
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Half,
    None,
}

/// The connections that have samples: everybody let in whose row is there.
struct Rows<'a> {
    at: usize,
    wanted: Type,
    rows: Vec<Row<'a>>,
}

impl<'a> Rows<'a> {
    fn of(world: &'a World, ask: &Ask, wanted: Type) -> Result<Rows<'a>, Reply> {
        let at = shown(world, ask, wanted)?;
        let instance = &world.days.instances[at];
        let rows = match wanted {
            Type::Live => rows::live(instance, ask.now),
            Type::Past | Type::PastOne => rows::of(world, ask, at, Family::Metrics)?.rows,
        };
        if wanted != Type::Live && ask.now < appears(world, instance) {
            return Err(find::not_found(ask));
        }
        let stays = rows.into_iter().map(|row| row.stay).filter(|stay| !stay.is_waiting);
        let rows = stays.filter_map(|stay| match wanted {
            Type::Live => Some(Row { stay, part: Part::Whole }),
            Type::Past | Type::PastOne => Some(Row { stay, part: part(world, at, stay, ask.now)? }),
        });
        Ok(Rows { at, wanted, rows: rows.collect() })
    }
}

/// How much of this row is shown; none where there is no row.
fn part(world: &World, at: usize, stay: &Stay, now: i64) -> Option<Part> {
    let ready = Ready::of(world, at, stay);
    if now >= ready.complete? {
        return Some(Part::Whole);
    }
    match ready.before {
        Before::Missing => None,
        Before::Empty => Some(Part::None),
        Before::Shortened => Some(Part::Half),
    }
}

/// `GET /metrics/meetings/{id}/participants/qos` and its webinar form.
pub(in crate::zoom) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::sized(world, ask, PAGE)?;
    let found = Rows::of(world, ask, Type::of(ask)?)?;
    let instance = &world.days.instances[found.at];
    if found.wanted != Type::Live {
        page.check_grown(found.rows.len())?;
    }
    let cut = page.cut(world, ask, &found.rows);
    let scene = Scene::of(world, instance);
    let body = object(|object| {
        page.head(object, found.rows.len());
        object.text("meeting_number", &instance.number.to_string()).list("participants", |out| {
            for (place, row) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                participant(world, instance, &scene, *row, ask.now, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

/// `GET /metrics/meetings/{id}/participants/{participantId}/qos` and its webinar form.
pub(in crate::zoom) fn one(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let found = Rows::of(world, ask, Type::of(ask)?)?;
    let wanted = found.rows.iter().find(|row| row.stay.user_id.to_string() == ask.participant);
    let row = wanted.ok_or_else(|| find::not_found(ask))?;
    let instance = &world.days.instances[found.at];
    let scene = Scene::of(world, instance);
    Ok(Reply::ok(object(|object| participant(world, instance, &scene, *row, ask.now, object))))
}

fn participant(
    world: &World,
    instance: &Instance,
    scene: &Scene,
    row: Row<'_>,
    now: i64,
    object: &mut Object<'_>,
) {
    let stay = row.stay;
    let mut dice = world.rows.at(row_index(instance, stay));
    let shown = world.shown(instance, stay);
    let line = Line::of(world, instance, scene.room.as_ref(), stay);
    object.text("id", shown.zoom_id).text("user_id", &stay.user_id.to_string());
    object.text("participant_uuid", &world.participant_uuid(instance, stay));
    object.text("user_name", &shown.name).text("email", shown.email);
    object.text("join_time", &time(stay.join));
    if stay.leave <= now {
        object.text("leave_time", &time(stay.leave));
    }
    row::device(world, stay, &shown, &mut dice, object);
    row::network(world, &line, &mut dice, object);
    let series = Series::of(world, instance, scene, &line, stay, now);
    let count = match row.part {
        Part::Whole => series.left(),
        Part::Half => series.left() / 2,
        Part::None => 0,
    };
    object.list("user_qos", |out| {
        out.reserve(count * SAMPLE_BYTES);
        for (place, minute) in series.take(count).enumerate() {
            separate(out, place);
            sample::write(&minute, out);
        }
    });
}
