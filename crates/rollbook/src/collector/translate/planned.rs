//! Plans: Zoom's meetings and webinars that are yet to be held, or were planned once.

use jiff::SignedDuration;
use rollbook_core::planned::{Occurrence, Plan, Recurrence};
use rollbook_zoom::duration::PlannedMinutes;
use rollbook_zoom::endpoint::meetings::Meeting;
use rollbook_zoom::endpoint::user_meetings::PlannedMeeting;
use rollbook_zoom::word::MeetingKind;

/// The plan of one meeting.
pub fn plan_of_meeting(meeting: &Meeting) -> Plan {
    let is_on = |status: &Option<String>| status.as_deref() != Some("deleted");
    let occurrences = meeting.occurrences.iter().filter(|one| is_on(&one.status));
    Plan {
        topic: meeting.topic.clone(),
        host_id: meeting.host_id.as_ref().map(ToString::to_string),
        recurrence: meeting.kind.and_then(recurrence),
        start: meeting.start_time,
        length: meeting.duration.and_then(length),
        occurrences: occurrences
            .filter_map(|one| {
                Some(Occurrence { start: one.start_time?, length: one.duration.and_then(length) })
            })
            .collect(),
    }
}

/// The plan of one webinar, of which a list has a line for each occurrence. None without a line.
pub fn plan_of_lines(lines: &[PlannedMeeting]) -> Option<Plan> {
    let first = lines.iter().min_by_key(|line| (line.start_time.is_none(), line.start_time))?;
    let occurrence = |line: &PlannedMeeting| {
        Some(Occurrence { start: line.start_time?, length: line.duration.and_then(length) })
    };
    Some(Plan {
        topic: first.topic.clone(),
        host_id: first.host_id.as_ref().map(ToString::to_string),
        recurrence: first.kind.and_then(recurrence),
        start: first.start_time,
        length: first.duration.and_then(length),
        occurrences: lines.iter().filter_map(occurrence).collect(),
    })
}

/// How a kind recurs (API.md, `type`): a personal room has no plan of its own (quirk 22).
fn recurrence(kind: MeetingKind) -> Option<Recurrence> {
    match kind.0 {
        1 | 2 | 5 | 10 => Some(Recurrence::Once),
        8 | 9 => Some(Recurrence::OnSchedule),
        3 | 6 => Some(Recurrence::AtAnyTime),
        _ => None,
    }
}

fn length(minutes: PlannedMinutes) -> Option<SignedDuration> {
    i64::try_from(minutes.0).ok().filter(|minutes| *minutes > 0).map(SignedDuration::from_mins)
}

#[cfg(test)]
mod tests {
    use rollbook_zoom::decode;

    use super::*;

    #[test]
    fn occurrences_that_were_called_off_are_left_out() {
        let told = br#"{"type":8,"duration":60,"occurrences":[
            {"start_time":"2026-11-23T09:00:00Z","duration":60,"status":"available"},
            {"start_time":"2026-11-30T09:00:00Z","duration":60,"status":"deleted"}]}"#;
        let plan = plan_of_meeting(&decode::<Meeting>(told).unwrap().value);
        assert_eq!((plan.recurrence, plan.occurrences.len()), (Some(Recurrence::OnSchedule), 1));
        assert_eq!(plan.length, Some(SignedDuration::from_hours(1)));
    }

    #[test]
    fn quirk_22_the_plan_of_a_personal_room_says_nothing_of_times() {
        let told = decode::<Meeting>(br#"{"type":4,"duration":0}"#).unwrap().value;
        let plan = plan_of_meeting(&told);
        assert_eq!((plan.recurrence, plan.length), (None, None));
    }

    #[test]
    fn the_lines_of_a_webinar_are_one_plan() {
        let line = |start: &str| PlannedMeeting {
            kind: Some(MeetingKind(9)),
            start_time: Some(start.parse().unwrap()),
            ..PlannedMeeting::default()
        };
        let plan = plan_of_lines(&[line("2026-11-30T09:00:00Z"), line("2026-11-23T09:00:00Z")]).unwrap();
        assert_eq!(plan.start, Some("2026-11-23T09:00:00Z".parse().unwrap()));
        assert_eq!(plan.occurrences.len(), 2);
        assert_eq!(plan_of_lines(&[]), None);
    }
}
