//! What people said when they were asked how it was.

use super::{Type, typed};
use crate::quality::Feedback;
use crate::truth::Family;
use crate::world::World;
use crate::zoom::ask::Ask;
use crate::zoom::json::{Object, object, separate};
use crate::zoom::page::Page;
use crate::zoom::reply::Reply;
use crate::zoom::rows::{self, time};

/// `GET /metrics/meetings/{id}/participants/satisfaction` and its webinar form; empty where nobody is asked.
pub(in crate::zoom) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::of(world, ask)?;
    let (at, wanted) = typed(world, ask)?;
    if wanted != Type::Live {
        rows::check_there(world, ask, at, Family::Metrics)?;
    }
    let instance = &world.days.instances[at];
    let mut answers = Feedback::of(world, instance);
    answers.retain(|answer| world.options.zoom.feedback && answer.stay.leave <= ask.now);
    let cut = page.cut(world, ask, &answers);
    let body = object(|object| {
        page.short_head(object);
        object.list("participants", |out| {
            for (place, answer) in cut.iter().enumerate() {
                separate(out, place);
                let shown = world.shown(instance, answer.stay);
                let mut object = Object::open(out);
                object.text("date_time", &time(answer.stay.leave)).text("email", shown.email);
                object.text("quality", if answer.is_good { "GOOD" } else { "NOT GOOD" });
                // The user, not the number within the meeting, as the documented sample has it.
                object.text("user_id", shown.zoom_id).text("comment", answer.comment);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}
