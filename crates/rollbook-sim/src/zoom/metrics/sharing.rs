//! Who showed a screen, and when.

use super::{Type, typed};
use crate::day::Stay;
use crate::quality::{Scene, Share};
use crate::truth::Family;
use crate::world::World;
use crate::zoom::ask::Ask;
use crate::zoom::json::{Object, object, separate};
use crate::zoom::page::Page;
use crate::zoom::reply::Reply;
use crate::zoom::rows::{self, time};

/// `GET /metrics/meetings/{id}/participants/sharing` and its webinar form.
pub(in crate::zoom) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let (at, wanted) = typed(world, ask)?;
    if wanted != Type::Live {
        rows::check_there(world, ask, at, Family::Metrics)?;
    }
    let instance = &world.days.instances[at];
    let mut shares = Scene::of(world, instance).shares;
    shares.retain(|share| share.from <= ask.now);
    let shared = |stay: &&Stay| shares.iter().any(|share| share.user_id == stay.user_id);
    let sharers: Vec<&Stay> = instance.stays.iter().filter(shared).collect();
    let cut = page.cut(world, ask, &sharers);
    let body = object(|object| {
        page.head(object, sharers.len());
        object.list("participants", |out| {
            for (place, stay) in cut.iter().enumerate() {
                separate(out, place);
                let shown = world.shown(instance, stay);
                let mut object = Object::open(out);
                object.list("details", |out| {
                    let own = shares.iter().filter(|share| share.user_id == stay.user_id);
                    own.enumerate().for_each(|(place, share)| detail(share, ask.now, place, out));
                });
                object.text("id", shown.zoom_id).text("user_id", &stay.user_id.to_string());
                object.text("user_name", &shown.name);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

/// One stretch of sharing; one that goes on has no end.
fn detail(share: &Share, now: i64, place: usize, out: &mut String) {
    separate(out, place);
    let mut object = Object::open(out);
    object.text("content", "desktop").text("start_time", &time(share.from));
    if share.to <= now {
        object.text("end_time", &time(share.to));
    }
    object.close();
}
