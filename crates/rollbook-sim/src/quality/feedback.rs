//! What people answer at the end when they are asked how it was.

use super::line::{Line, LineKind};
use super::person_index;
use super::scene::Room;
use crate::day::{Instance, Stay};
use crate::world::World;

/// Share of the people who answer.
const ANSWERS: f64 = 0.3;

/// One answer.
pub(crate) struct Feedback<'a> {
    /// The connection at whose end it was given.
    pub(crate) stay: &'a Stay,
    pub(crate) is_good: bool,
    /// Blank mostly.
    pub(crate) comment: &'static str,
}

impl Feedback<'_> {
    /// The answers of an instance, by the end of their connections.
    pub(crate) fn of<'a>(world: &World, instance: &'a Instance) -> Vec<Feedback<'a>> {
        let room = Room::of(world, instance);
        let is_last = |stay: &&Stay| {
            let mut others = instance.stays.iter().filter(|other| other.who == stay.who && !other.is_waiting);
            !stay.is_waiting && others.all(|other| (other.leave, other.user_id) <= (stay.leave, stay.user_id))
        };
        let mut answers = Vec::new();
        for stay in instance.stays.iter().filter(is_last).filter(|stay| stay.is_signed_in) {
            let mut dice = world.quality.feedback.at(person_index(instance, stay.who));
            let (answers_at_all, is_fair, says_more) = (dice.hit(ANSWERS), dice.hit(0.85), dice.hit(0.6));
            let line = Line::of(world, instance, room.as_ref(), stay);
            let is_good = (line.kind == LineKind::Good) == is_fair;
            if answers_at_all {
                let comment = if is_good || !says_more { "" } else { comment(line.kind) };
                answers.push(Feedback { stay, is_good, comment });
            }
        }
        answers.sort_by_key(|answer| (answer.stay.leave, answer.stay.user_id));
        answers
    }
}

fn comment(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Good => "Too long.",
        LineKind::BadWifi => "Meeting got disconnected.",
        LineKind::BusyCpu => "The video was a slide show.",
        LineKind::SaturatedUplink => "Nobody could understand me.",
        LineKind::LossyRoom => "We heard half of it, all of us in the room.",
        LineKind::RelayedPhone => "Everything came late.",
        LineKind::Silent => "My microphone did not work.",
    }
}
