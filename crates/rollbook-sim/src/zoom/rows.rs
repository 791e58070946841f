//! Which rows of an instance a family shows at an instant.

use super::ask::Ask;
use super::find;
use super::reply::Reply;
use crate::day::{Instance, Stay, instant};
use crate::fault::Forever;
use crate::truth::Family;
use crate::world::{World, row_index};

/// Steps in which a growing list grows.
const STEPS: i64 = 6;

/// One row of an answer.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) stay: &'a Stay,
    /// By how many seconds a repeated line is late (quirk 27).
    pub(super) late: i64,
}

/// The rows a family shows.
pub(super) struct Rows<'a> {
    pub(super) rows: Vec<Row<'a>>,
    /// Durations are not made yet (quirk 43).
    pub(super) has_zero_durations: bool,
}

/// The rows of an ended instance, or 3001.
pub(super) fn of<'a>(world: &'a World, ask: &Ask, at: usize, family: Family) -> Result<Rows<'a>, Reply> {
    let instance = &world.days.instances[at];
    let data = world.defects[at].family(family);
    check_there(world, ask, at, family)?;
    let is_complete = ask.now >= data.complete;
    let inside = instance.stays.iter().filter(|stay| !stay.is_waiting).count();
    let kept = match data.forever {
        Some(Forever::Short(rows)) => rows as usize,
        Some(Forever::Empty) => 0,
        _ if is_complete || data.has_zero_durations => inside,
        _ => growing(instance, data.appears, data.complete, ask.now),
    };
    let is_empty = data.forever == Some(Forever::Empty);
    let repeats = data.repeats && is_complete && kept == inside;
    let rows = if is_empty { Vec::new() } else { pick(world, instance, kept, inside, repeats) };
    Ok(Rows { rows, has_zero_durations: !is_complete })
}

/// Refuses with 3001 while the family has nothing: not ended, not ready, gone for a while or for ever.
pub(super) fn check_there(world: &World, ask: &Ask, at: usize, family: Family) -> Result<(), Reply> {
    let instance = &world.days.instances[at];
    let data = world.defects[at].family(family);
    find::check_age(world, ask, at)?;
    let is_there = ask.now >= instance.end && ask.now >= data.appears;
    let is_gone = data.gap.is_some_and(|(from, until)| (from..until).contains(&ask.now));
    if !is_there || is_gone || data.forever == Some(Forever::Missing) {
        return Err(find::not_found(ask));
    }
    Ok(())
}

/// In-meeting rows of a growing list: always fewer than there were people, so that the loss shows.
fn growing(instance: &Instance, appears: i64, complete: i64, now: i64) -> usize {
    let whole = (complete - appears).max(1);
    let step = (now - appears) * STEPS / whole;
    let most = i64::from(instance.people) - 1;
    (most * (step + 1) / (STEPS + 1)).clamp(0, most.max(0)) as usize
}

fn pick<'a>(
    world: &World,
    instance: &'a Instance,
    kept: usize,
    inside: usize,
    repeats: bool,
) -> Vec<Row<'a>> {
    if kept < inside {
        return some(world, instance, kept);
    }
    let mut rows = Vec::with_capacity(instance.stays.len());
    for (place, stay) in instance.stays.iter().enumerate() {
        rows.push(Row { stay, late: 0 });
        if repeats && place % 3 == 0 {
            let late = (i64::from(stay.user_id / 1_024) % 5).min(stay.leave - stay.join - 1);
            rows.push(Row { stay, late: late.max(0) });
        }
    }
    rows
}

/// This many in-meeting rows, always the same ones first, whatever their place in the list.
fn some<'a>(world: &World, instance: &'a Instance, kept: usize) -> Vec<Row<'a>> {
    let mut ranked: Vec<_> = instance
        .stays
        .iter()
        .filter(|stay| !stay.is_waiting)
        .map(|stay| (world.rows.at(row_index(instance, stay)).bits(), stay.user_id))
        .collect();
    ranked.sort_unstable();
    ranked.truncate(kept);
    let mut shown: Vec<_> = ranked.into_iter().map(|(_, user_id)| user_id).collect();
    shown.sort_unstable();
    let is_shown = |stay: &&Stay| stay.is_waiting || shown.binary_search(&stay.user_id).is_ok();
    instance.stays.iter().filter(is_shown).map(|stay| Row { stay, late: 0 }).collect()
}

/// The rows of a meeting that is on: who has joined, left or not.
pub(super) fn live<'a>(instance: &'a Instance, now: i64) -> Vec<Row<'a>> {
    instance.stays.iter().filter(|stay| stay.join <= now).map(|stay| Row { stay, late: 0 }).collect()
}

/// `2026-10-05T08:00:00Z`
pub(super) fn time(seconds: i64) -> String {
    instant(seconds).to_string()
}

/// Whole minutes, rounded up.
pub(super) fn minutes(seconds: i64) -> i64 {
    (seconds + 59).div_euclid(60)
}

/// Minutes of everybody together, those who only waited left out.
pub(super) fn total_minutes(instance: &Instance) -> i64 {
    let inside = instance.stays.iter().filter(|stay| !stay.is_waiting);
    minutes(inside.map(|stay| stay.leave - stay.join).sum())
}
