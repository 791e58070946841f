//! Which instance an identifier in a path means.

use super::ask::{Ask, percent_decode};
use super::operation::Operation;
use super::reply::Reply;
use crate::campus::CourseKind;
use crate::world::World;

/// The instance a path names, by UUID or by number.
pub(super) fn instance(world: &World, ask: &Ask, kind: CourseKind) -> Result<usize, Reply> {
    let found = by_id(world, ask).ok_or_else(|| not_found(ask))?;
    if world.days.instances[found].kind != kind {
        return Err(not_found(ask));
    }
    Ok(found)
}

fn by_id(world: &World, ask: &Ask) -> Option<usize> {
    let once = percent_decode(&ask.id);
    if let Ok(number) = once.parse::<u64>() {
        return latest(world, number, ask.now);
    }
    if needs_double_encoding(&once) {
        // Decoded on the way in, it broke the path apart (quirk 19).
        return None;
    }
    if let Some(found) = world.by_uuid.get(&once) {
        return Some(*found).filter(|at| world.days.instances[*at].start <= ask.now);
    }
    let twice = percent_decode(&once);
    let is_read_twice = needs_double_encoding(&twice) || world.options.zoom.double_encoding_everywhere;
    let found = world.by_uuid.get(&twice).filter(|_| is_read_twice)?;
    Some(*found).filter(|at| world.days.instances[*at].start <= ask.now)
}

/// A number means its latest run (quirk 17).
fn latest(world: &World, number: u64, now: i64) -> Option<usize> {
    let runs = world.by_number.get(&number)?;
    runs.iter().rev().copied().find(|at| world.days.instances[*at].start <= now)
}

fn needs_double_encoding(uuid: &str) -> bool {
    uuid.starts_with('/') || uuid.contains("//")
}

/// Code 3001 in the words of this endpoint (quirk 21).
pub(super) fn not_found(ask: &Ask) -> Reply {
    let id = ask.plain_id();
    let message = match ask.operation {
        Operation::MetricsMeeting => {
            "Meeting ID is invalid or the meeting has not ended yet. This meeting's details are not available.".into()
        }
        Operation::MetricsMeetingSharing => {
            "This meeting's detail info is not available or ID is not valid.".into()
        }
        Operation::MetricsWebinarSharing => {
            "This webinar's detail info is not available or ID is not valid. This webinar has not ended yet.".into()
        }
        Operation::MetricsWebinarSatisfaction => "Webinar ID is invalid or not end.".into(),
        Operation::MetricsMeetingParticipants | Operation::MetricsMeetingSatisfaction => "Meeting ID is invalid or not end.".into(),
        Operation::MetricsWebinar => {
            "The webinar has not ended yet or the Webinar ID is not valid. This webinar's detail is not available.".into()
        }
        Operation::MetricsWebinarParticipants | Operation::MetricsWebinarParticipantQos => {
            "This webinar's detail info is not available or ID is not valid.".into()
        }
        Operation::MetricsMeetingQos => {
            "This meeting's detail info is not available. The meeting ID is not valid or the meeting has not ended yet.".into()
        }
        Operation::MetricsMeetingParticipantQos => {
            "This meeting's detail info is not available. This meeting has not ended yet or the Meeting ID is invalid.".into()
        }
        Operation::MetricsWebinarQos => {
            "This webinar's detail is not available or the Webinar ID is not valid. This webinar has not ended yet.".into()
        }
        Operation::ReportMeeting | Operation::ReportMeetingParticipants | Operation::ReportWebinar => {
            format!("Meeting {id} not found or has expired.")
        }
        Operation::ReportWebinarParticipants => format!("Webinar \"{id}\" not found or has expired."),
        Operation::PastWebinarParticipants => "Webinar does not exist.".into(),
        _ => format!("Meeting does not exist: {id}."),
    };
    Reply::error(404, 3001, &message)
}

/// Refuses what is more than a year back (quirk 7).
pub(super) fn check_age(world: &World, ask: &Ask, at: usize) -> Result<(), Reply> {
    let instance = &world.days.instances[at];
    if ask.now - instance.end <= 365 * crate::day::DAY {
        return Ok(());
    }
    let what = if instance.kind == CourseKind::Webinar { "a webinar" } else { "a meeting" };
    Err(Reply::error(400, 12702, &format!("Can not access {what} a year ago.")))
}
