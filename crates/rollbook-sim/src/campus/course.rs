//! One numbered meeting or webinar that runs again and again.

use std::collections::BTreeSet;

use super::person::unused_number;
use crate::chance::Dice;
use crate::names;
use crate::options::{Options, People};

/// A numbered meeting or webinar.
pub(crate) struct Course {
    pub(crate) number: u64,
    pub(crate) topic: String,
    /// Place of the host on the roster.
    pub(crate) host: u32,
    pub(crate) kind: CourseKind,
    /// Zoom's `type`.
    pub(crate) zoom_type: u8,
    /// First member on the roster; a course takes a run of neighbours.
    pub(crate) members_from: u64,
    /// People who come, the host included.
    pub(crate) size: u32,
    pub(crate) has_registration: bool,
    pub(crate) has_waiting_room: bool,
    pub(crate) has_breakouts: bool,
    /// Whether the number no longer answers on /meetings (quirk 20).
    pub(crate) is_expired: bool,
}

/// Meeting or webinar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CourseKind {
    Meeting,
    Webinar,
}

impl Course {
    /// Draws one course.
    pub(crate) fn draw(
        hosts: u32,
        options: &Options,
        dice: &mut Dice,
        numbers: &mut BTreeSet<u64>,
    ) -> Course {
        let is_webinar = dice.hit(options.mix.webinars);
        let recurs = dice.hit(0.7);
        let (kind, zoom_type) = match (is_webinar, recurs) {
            (true, true) => (CourseKind::Webinar, 9),
            (true, false) => (CourseKind::Webinar, 5),
            (false, true) => (CourseKind::Meeting, 8),
            (false, false) => (CourseKind::Meeting, 2),
        };
        let subject: &str = dice.pick(names::SUBJECTS);
        let class: &str = dice.pick(names::CLASSES);
        let group = dice.between(1, 9);
        Course {
            number: unused_number(80_000_000_000, 99_999_999_999, dice, numbers),
            topic: format!("{subject}, {class} {group}"),
            host: dice.below(u64::from(hosts)) as u32,
            kind,
            zoom_type,
            members_from: dice.bits(),
            size: size(options.people, dice),
            has_registration: dice.hit(options.mix.registrations),
            has_waiting_room: dice.hit(options.mix.waiting_rooms) && kind == CourseKind::Meeting,
            has_breakouts: dice.hit(options.mix.breakouts) && kind == CourseKind::Meeting,
            is_expired: dice.hit(options.faults.expired_numbers),
        }
    }
}

/// People in a course: on a campus 25 on average, half of the courses under ten, one in 200 above 300.
pub(crate) fn size(people: People, dice: &mut Dice) -> u32 {
    let band = dice.share();
    let within = dice.share();
    let (low, high) = match people {
        People::Exactly(people) => return people.max(1),
        People::Campus if band < 0.55 => (2, 10),
        People::Campus if band < 0.87 => (11, 35),
        People::Campus if band < 0.97 => (36, 100),
        People::Campus if band < 0.995 => (101, 300),
        People::Campus => (301, 700),
    };
    low + (f64::from(high - low) * within) as u32
}
