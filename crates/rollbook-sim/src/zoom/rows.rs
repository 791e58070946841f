//! Which rows of an instance a family shows at an instant.

use super::ask::Ask;
use super::find;
use super::reply::Reply;
use crate::day::{DAY, Instance, Stay};
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

/// Numbers of the in-meeting connections that a family shows in the end and for ever, in order.
pub(crate) fn lasting(world: &World, at: usize, family: Family) -> Vec<u32> {
    let instance = &world.days.instances[at];
    let inside = instance.stays.iter().filter(|stay| !stay.is_waiting).count();
    let kept = match world.defects[at].family(family).forever {
        None => inside,
        Some(Forever::Short(rows)) => rows as usize,
        Some(Forever::Empty | Forever::Missing) => return Vec::new(),
    };
    let rows = pick(world, instance, kept, inside, false);
    rows.iter().filter(|row| !row.stay.is_waiting).map(|row| row.stay.user_id).collect()
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

/// `2026-10-05T08:00:00Z`. Rows are full of times, so the date is taken apart here, not by a library.
pub(super) fn time(seconds: i64) -> String {
    let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Days since 1 March of year 0, in eras of 400 years, so that a leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
    let mut text = Vec::with_capacity(20);
    let mut put = |value: i64, after: u8| text.extend([digit(value / 10), digit(value), after]);
    let year = year + era * 400;
    put(year / 100, b'-');
    put(year % 100, b'-');
    put(month, b'-');
    put(day, b'T');
    put(of_day / 3_600, b':');
    put(of_day / 60 % 60, b':');
    put(of_day % 60, b'Z');
    // The century needs no dash.
    text.remove(2);
    String::from_utf8(text).unwrap_or_default()
}

/// The last digit of a number.
fn digit(value: i64) -> u8 {
    b'0' + (value % 10) as u8
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

#[cfg(test)]
mod tests {
    use super::time;
    use crate::day::instant;

    #[test]
    fn times_are_written_as_the_calendar_has_them() {
        for seconds in (0..4_102_444_800).step_by(1_234_567).chain([951_782_399, 951_782_400, 1_709_164_800])
        {
            assert_eq!(time(seconds), instant(seconds).to_string());
        }
    }
}
