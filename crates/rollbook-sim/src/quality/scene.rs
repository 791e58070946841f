//! What all people of an instance share: who shows a screen and when, and the bad minutes of a room.

use super::line::{Line, LineKind};
use crate::chance::Dice;
use crate::day::{Device, Instance, Stay, Who};
use crate::world::World;

/// People who are tried before nobody shows a screen.
const TRIES: usize = 4;

/// What happens in an instance around its people.
pub(crate) struct Scene {
    /// By begin; no two overlap.
    pub(crate) shares: Vec<Share>,
    pub(crate) room: Option<Room>,
}

/// A screen being shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// Whose connection shows it.
    pub(crate) user_id: u32,
    /// Unix seconds.
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// A place where several people sit behind one bad network.
pub(crate) struct Room {
    first_minute: i64,
    /// Loss in per cent by minute.
    losses: Vec<f64>,
}

impl Scene {
    /// The scene of this instance.
    pub(crate) fn of(world: &World, instance: &Instance) -> Scene {
        let room = Room::of(world, instance);
        let shares = shares(world, instance, room.as_ref());
        Scene { shares, room }
    }

    /// Who shows a screen at this instant.
    pub(super) fn sharer(&self, at: i64) -> Option<u32> {
        let later = self.shares.partition_point(|share| share.from <= at);
        let share = self.shares[..later].last()?;
        (at < share.to).then_some(share.user_id)
    }
}

impl Room {
    /// The lossy room of this instance, if it has one.
    pub(crate) fn of(world: &World, instance: &Instance) -> Option<Room> {
        let mut dice = world.quality.scenes.at(instance.key << 1);
        if !dice.hit(world.options.mix.lossy_rooms) || instance.people < 4 {
            return None;
        }
        let first_minute = instance.start.div_euclid(60);
        let minutes = instance.end.div_euclid(60) - first_minute + 1;
        let mut left = 0;
        let mut loss = 0.0;
        let losses = (0..minutes).map(|_| {
            let (starts, level, length) = (dice.hit(0.12), dice.share(), dice.between(2, 6));
            if left > 0 {
                left -= 1;
            } else if starts {
                left = length;
                loss = 4.0 + 8.0 * level;
            } else {
                loss = 0.0;
            }
            loss
        });
        Some(Room { first_minute, losses: losses.collect() })
    }

    /// Loss in the minute of this instant, in per cent.
    pub(super) fn loss(&self, at: i64) -> f64 {
        let minute = at.div_euclid(60) - self.first_minute;
        usize::try_from(minute).ok().and_then(|minute| self.losses.get(minute)).copied().unwrap_or(0.0)
    }
}

/// Whether anybody shows a screen; lists say the same as `has_screen_share`.
fn has_shares(instance: &Instance) -> bool {
    instance.key.is_multiple_of(2)
}

fn shares(world: &World, instance: &Instance, room: Option<&Room>) -> Vec<Share> {
    let mut shares = Vec::new();
    if !has_shares(instance) {
        return shares;
    }
    let mut dice = world.quality.scenes.at(instance.key << 1 | 1);
    let mut at = instance.start + dice.between(30, 400);
    while at < instance.end {
        let to = at + dice.between(3 * 60, 25 * 60);
        if let Some(stay) = sharer(world, instance, room, at, &mut dice) {
            let to = to.min(stay.leave);
            shares.push(Share { user_id: stay.user_id, from: at, to });
            at = to;
        }
        at += dice.between(20, 300);
    }
    shares
}

/// Somebody who is there and can show a screen: the host mostly.
fn sharer<'a>(
    world: &World,
    instance: &'a Instance,
    room: Option<&Room>,
    at: i64,
    dice: &mut Dice,
) -> Option<&'a Stay> {
    let is_host = dice.hit(0.7);
    let can_share = |stay: &&Stay| {
        let is_there = stay.join <= at && at + 60 < stay.leave;
        let is_inside = !stay.is_waiting && stay.breakout.is_none() && stay.device != Device::Phone;
        is_there && is_inside && Line::of(world, instance, room, stay).kind != LineKind::Silent
    };
    if is_host {
        let host = Who::Person(instance.host);
        return instance.stays.iter().filter(|stay| stay.who == host).find(can_share);
    }
    (0..TRIES).map(|_| &instance.stays[dice.below(instance.stays.len() as u64) as usize]).find(can_share)
}
