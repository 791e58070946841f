//! When Zoom tells the call quality of a stay once its instance has ended, and what it tells before.

use crate::day::{Instance, Stay};
use crate::options::Plan;
use crate::truth::Family;
use crate::world::{World, row_index};
use crate::zoom::lasting_rows;

/// What a list shows of a stay whose samples are not complete yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// No row.
    Missing,
    /// A row without samples.
    Empty,
    /// A row with the first half of its samples.
    Shortened,
}

/// When the row of one stay is there, for its own reasons.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    /// Unix seconds; none if there never is one.
    pub(crate) complete: Option<i64>,
    pub(crate) before: Before,
}

impl Ready {
    /// When the row of this stay is complete, the lateness of its family left out.
    pub(crate) fn of(world: &World, at: usize, stay: &Stay) -> Ready {
        let instance = &world.days.instances[at];
        let faults = &world.options.faults;
        let mut dice = world.quality.lateness.at(row_index(instance, stay));
        let is_never = dice.hit(faults.no_quality);
        let is_late = dice.hit(faults.late_quality);
        let late = dice.between(2 * 3_600, 30 * 3_600);
        let minutes = (stay.leave - stay.join) / 60;
        // What is lacking can be noticed: half of a short stay looks like all of it.
        let before = match dice.below(3) {
            _ if minutes < 2 => Before::Missing,
            0 => Before::Missing,
            _ if minutes < 8 => Before::Empty,
            1 => Before::Empty,
            _ => Before::Shortened,
        };
        let usual = instance.end + lag(world, instance);
        let complete = if is_late { usual.max(instance.end + late) } else { usual };
        Ready { complete: (!is_never).then_some(complete), before }
    }
}

/// From when the lists of an ended instance are there at all, the lateness of its family left out.
pub(crate) fn appears(world: &World, instance: &Instance) -> i64 {
    instance.end + lag(world, instance) / 3
}

/// Seconds that call quality usually takes after the end: up to an hour or so while data come late at all.
fn lag(world: &World, instance: &Instance) -> i64 {
    let mut dice = world.quality.lateness.at(instance.key);
    let lag = dice.between(5 * 60, 70 * 60);
    if world.options.faults.late_data { lag } else { 0 }
}

/// From when lists show each stay of an ended instance with all its samples; none for those of whom they never do.
pub(crate) fn complete_at(world: &World, at: usize) -> Vec<Option<i64>> {
    let instance = &world.days.instances[at];
    let has_dashboards = world.options.plan == Plan::Business && world.options.zoom.dashboards;
    // One-person runs are in no list of call quality (quirk 3).
    let is_offered = has_dashboards && instance.people > 1;
    let lasting = if is_offered { lasting_rows(world, at, Family::Metrics) } else { Vec::new() };
    let family = &world.defects[at].family(Family::Metrics);
    let there = family.gap.map_or(family.complete, |(_, until)| family.complete.max(until));
    let stays = instance.stays.iter();
    stays
        .map(|stay| {
            let has_row = !stay.is_waiting && lasting.binary_search(&stay.user_id).is_ok();
            Ready::of(world, at, stay).complete.filter(|_| has_row).map(|own| own.max(there))
        })
        .collect()
}
