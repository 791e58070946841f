//! What happens to calls on their way: breaks, errors, delays, damage.

use std::time::Duration;

use super::ask::Ask;
use super::reply::Reply;
use crate::world::World;

/// The answers that come in place of the real one.
pub(super) fn strike(world: &World, ask: &mut Ask) -> Option<Reply> {
    let faults = &world.options.faults;
    let reset = ask.dice.hit(faults.resets);
    let server_error = ask.dice.hit(faults.server_errors);
    let error_in_ok = ask.dice.hit(faults.errors_in_ok);
    let which = ask.dice.below(3);
    let is_300 = ask.operation.is_quality() && ask.dice.hit(faults.quality_300);
    if !ask.is_faulty {
        return None;
    }
    if reset {
        return Some(Reply { status: 502, is_reset: true, ..Reply::default() });
    }
    if server_error {
        let status = [500, 502, 503][which as usize];
        let body = match status {
            500 => r#"{"code":500,"message":"Internal server error."}"#,
            _ => "<html><body><h1>Service unavailable</h1></body></html>",
        };
        return Some(Reply { status, body: body.into(), ..Reply::default() });
    }
    if is_300 {
        return Some(Reply { status: 300, ..Reply::default() });
    }
    error_in_ok.then(|| Reply::error(200, 200, "No permission."))
}

/// What happens to a real answer.
pub(super) fn damage(world: &World, ask: &mut Ask, mut reply: Reply) -> Reply {
    let faults = &world.options.faults;
    let is_slow = ask.dice.hit(faults.slow_answers);
    let takes = ask.dice.between(5, 40).unsigned_abs();
    let is_cut = ask.dice.hit(faults.truncated);
    let cut_at = ask.dice.share();
    let trails = ask.dice.hit(faults.trailing_text);
    if !ask.is_faulty {
        return reply;
    }
    if is_slow {
        reply.takes = Duration::from_secs(takes);
    }
    if is_cut && matches!(reply.status, 200 | 201) {
        let at = (reply.body.len() as f64 * cut_at) as usize;
        reply.body.truncate(reply.body.floor_char_boundary(at));
        reply.step = None;
    } else if trails && reply.status == 200 {
        reply.body.push_str("\n<!-- served by node 7 -->");
        reply.step = None;
    }
    reply
}
