//! What a course sees as one class: one instance, or several of one number stitched together.

use jiff::{SignedDuration, Timestamp};

use crate::attendance::is_restart;
use crate::instance::Instance;
use crate::time::minutes;

/// A number that starts again this soon after it ended goes on with the same class (quirk 18).
pub const RESTART_GAP: SignedDuration = minutes(5);

/// Zoom's meeting type of a personal room (quirk 22).
const PERSONAL_ROOM: i64 = 4;

/// Groups instances of one number into sessions by start: for each session, indices into `instances` in order.
///
/// An instance whose start or end nobody has told is a session of its own: it proves no restart.
pub fn sessions(instances: &[Instance], gap: SignedDuration) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..instances.len()).collect();
    order.sort_by_key(|index| {
        let instance = &instances[*index];
        (instance.started_at.unwrap_or(Timestamp::MAX), &instance.uuid)
    });
    let mut sessions: Vec<Vec<usize>> = Vec::new();
    for index in order {
        let goes_on = |session: &Vec<usize>| {
            session.last().is_some_and(|last| is_continued(&instances[*last], &instances[index], gap))
        };
        match sessions.last_mut() {
            Some(session) if goes_on(session) => session.push(index),
            _ => sessions.push(vec![index]),
        }
    }
    sessions
}

fn is_continued(earlier: &Instance, later: &Instance, gap: SignedDuration) -> bool {
    let (Some(end), Some(start)) = (earlier.ended_at, later.started_at) else { return false };
    let is_personal = |instance: &Instance| instance.zoom_type == Some(PERSONAL_ROOM);
    earlier.number == later.number
        && earlier.number.is_some()
        && is_restart(end, start, gap, is_personal(earlier) || is_personal(later))
}

/// How long a session ran, the pauses between its instances left out; none while a start or end is unknown.
pub fn ran_for<'a>(instances: impl IntoIterator<Item = &'a Instance>) -> Option<SignedDuration> {
    instances.into_iter().try_fold(SignedDuration::ZERO, |sum, instance| {
        Some(sum + instance.ended_at?.duration_since(instance.started_at?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::{Kind, TimesFrom};

    fn at(word: &str) -> Option<Timestamp> {
        (word != "?").then(|| format!("2026-11-20T{word}:00Z").parse().unwrap())
    }

    /// `"09:00 10:00"`, with a Zoom type behind.
    fn instance(text: &str) -> Instance {
        let words: Vec<&str> = text.split_whitespace().collect();
        Instance {
            uuid: text.to_owned(),
            kind: Kind::Meeting,
            number: Some(91_234_567_890),
            topic: None,
            host_email: None,
            host_name: None,
            zoom_type: words.get(2).map(|word| word.parse().unwrap()),
            started_at: at(words[0]),
            ended_at: at(words[1]),
            times_from: TimesFrom::List,
            listed_count: None,
            is_one_person: false,
            is_live: false,
        }
    }

    fn check(runs: &[&str], expected: &[&[usize]]) {
        let instances: Vec<Instance> = runs.iter().map(|text| instance(text)).collect();
        assert_eq!(sessions(&instances, RESTART_GAP), expected);
    }

    #[test]
    fn a_restart_within_the_gap_is_the_same_session() {
        check(&["09:00 10:00", "10:04 10:30", "10:36 11:00"], &[&[0, 1], &[2]]);
    }

    #[test]
    fn the_order_of_the_ledger_does_not_matter() {
        check(&["10:04 10:30", "09:00 10:00"], &[&[1, 0]]);
    }

    #[test]
    fn a_personal_room_is_never_stitched() {
        check(&["09:00 10:00 4", "10:01 10:30 4"], &[&[0], &[1]]);
    }

    #[test]
    fn an_unknown_end_proves_no_restart() {
        check(&["09:00 ?", "10:01 10:30", "? ?"], &[&[0], &[1], &[2]]);
    }

    #[test]
    fn the_pause_between_two_instances_is_not_time_of_the_session() {
        let runs = [instance("09:00 10:00"), instance("10:05 10:30")];
        assert_eq!(ran_for(&runs), Some(minutes(85)));
        assert_eq!(ran_for(&[instance("09:00 ?")]), None);
    }
}
