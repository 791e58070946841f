//! The least number of calls that can tell a day, had one known everything beforehand.

use rollbook_core::label::PerLabel;
use rollbook_core::time::Window;
use rollbook_sim::{Family, Kind, Truth};

/// Rows on a page, and lines of a list.
const PAGE: usize = 300;

/// Every list once, every instance's participants once by the cheapest family that ever tells them, 300 rows a call.
///
/// Instances that no endpoint of the plan tells cost nothing.
pub fn least_calls(truth: &Truth, window: Window) -> PerLabel<u64> {
    let mut least = PerLabel::default();
    let mut listed = [0_usize; 3];
    for instance in truth.instances.iter().filter(|instance| window.contains(instance.start)) {
        let is_one_person = instance.people == 1 && instance.kind == Kind::Meeting;
        match (instance.kind, is_one_person) {
            (Kind::Webinar, _) => listed[2] += 1,
            (Kind::Meeting, true) => listed[1] += 1,
            (Kind::Meeting, false) => listed[0] += 1,
        }
        if !instance.obtainable {
            continue;
        }
        let pages = instance.stays.len().div_ceil(PAGE).max(1) as u64;
        if instance.complete_from.contains_key(&Family::PastMeetings) {
            least.medium += pages;
        } else {
            least.heavy += pages;
        }
    }
    least.resource_intensive = listed.iter().map(|lines| lines.div_ceil(PAGE).max(1) as u64).sum();
    least
}

/// The fewest Heavy calls that tell the call quality of everybody: one for each ten stays of an instance outside the
/// waiting room, rounded up. Runs of one person have none (quirk 3).
pub fn least_quality_calls(truth: &Truth, window: Window) -> u64 {
    let in_window = truth.instances.iter().filter(|instance| window.contains(instance.start));
    in_window
        .filter(|instance| instance.obtainable && !(instance.people == 1 && instance.kind == Kind::Meeting))
        .map(|instance| {
            let stays = instance.stays.iter().filter(|stay| stay.status == "in_meeting").count();
            rollbook_core::quality::completeness::least_calls(stays as u64)
        })
        .sum()
}
