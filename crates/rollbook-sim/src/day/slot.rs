//! One slot of the timetable: which number, when, and in how many runs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Busy, Instance, stays};
use crate::campus::{Campus, CourseKind};
use crate::chance::{Chance, Dice};
use crate::options::{Options, People};

/// Tries to find a free hour for a number before the class goes to an instant meeting instead.
const TRIES: u32 = 4;

/// One slot of the timetable.
pub(crate) struct Slot {
    pub(crate) number: u64,
    pub(crate) topic: String,
    pub(crate) host: u32,
    pub(crate) kind: CourseKind,
    pub(crate) zoom_type: u8,
    pub(crate) size: u32,
    pub(crate) members_from: u64,
    pub(crate) has_registration: bool,
    pub(crate) has_waiting_room: bool,
    pub(crate) has_breakouts: bool,
    pub(crate) scheduled: i64,
    pub(crate) minutes: i64,
    start: i64,
    end: i64,
}

impl Slot {
    /// Draws one slot of the day that begins at `midnight`.
    pub(crate) fn draw(
        options: &Options,
        campus: &Campus,
        midnight: i64,
        key: u64,
        is_alone: bool,
        dice: &mut Dice,
        busy: &Busy,
    ) -> Slot {
        let mut slot = Slot::of_course(campus, dice);
        if dice.hit(options.mix.personal_rooms) {
            slot.become_personal_room(campus, options, dice);
        }
        if slot.kind == CourseKind::Webinar {
            slot.size = slot.size.max(2);
        }
        if is_alone {
            slot.become_lonely(key);
        }
        for _ in 0..TRIES {
            slot.choose_time(options, midnight, dice);
            let taken = busy.get(&slot.number).is_some_and(|times| {
                times.iter().any(|(start, end)| slot.start < end + 900 && start - 900 < slot.end + 3_600)
            });
            if !taken {
                return slot;
            }
        }
        slot.become_instant(key);
        slot
    }

    fn of_course(campus: &Campus, dice: &mut Dice) -> Slot {
        let course = &campus.courses[dice.below(campus.courses.len() as u64) as usize];
        Slot {
            number: course.number,
            topic: course.topic.clone(),
            host: course.host,
            kind: course.kind,
            zoom_type: course.zoom_type,
            size: course.size,
            members_from: course.members_from,
            has_registration: course.has_registration,
            has_waiting_room: course.has_waiting_room,
            has_breakouts: course.has_breakouts,
            scheduled: 0,
            minutes: 0,
            start: 0,
            end: 0,
        }
    }

    fn become_personal_room(&mut self, campus: &Campus, options: &Options, dice: &mut Dice) {
        let host = campus.host(self.host);
        self.number = host.room;
        self.topic = format!("{} {}'s Personal Meeting Room", host.first, host.last);
        self.kind = CourseKind::Meeting;
        self.zoom_type = 4;
        self.size = crate::campus::size(options.people, dice).min(match options.people {
            People::Campus => 12,
            People::Exactly(people) => people,
        });
        self.members_from = dice.bits();
        self.has_registration = false;
    }

    /// A number used once: an instant meeting. Ten digits from a range of its own, so it is free.
    fn become_instant(&mut self, key: u64) {
        self.number = 70_000_000_000 + (key >> 20) * 10_000_000 + (key & 0xf_ffff);
        self.zoom_type = if self.kind == CourseKind::Meeting { 1 } else { 5 };
        self.has_registration = false;
    }

    /// The host came, nobody else did.
    fn become_lonely(&mut self, key: u64) {
        self.size = 1;
        self.has_breakouts = false;
        self.has_waiting_room = false;
        if self.kind == CourseKind::Webinar {
            self.kind = CourseKind::Meeting;
            self.become_instant(key);
        }
    }

    fn choose_time(&mut self, options: &Options, midnight: i64, dice: &mut Dice) {
        let quarter = dice.between(7 * 4, 19 * 4 + 3);
        let length = dice.between(2, 8) * 15;
        let evening = dice.between(90, 95);
        let is_late = dice.hit(options.mix.over_midnight);
        let (quarter, length) = if is_late { (evening, dice.between(5, 10) * 15) } else { (quarter, length) };
        self.scheduled = midnight + quarter * 900;
        self.minutes = length;
        self.start = self.scheduled + dice.between(-300, 600);
        self.end = self.scheduled + length * 60 + dice.between(-600, 900);
        self.end = self.end.max(self.start + 600);
    }

    /// The runs this slot came to: one, or several when the host left and started again.
    pub(crate) fn runs(&self, options: &Options, dice: &mut Dice) -> Vec<(i64, i64)> {
        if !dice.hit(options.mix.restarts) || self.kind == CourseKind::Webinar || self.size == 1 {
            return vec![(self.start, self.end)];
        }
        let first_end = self.start + dice.between(180, 900).min((self.end - self.start) / 2);
        let again = first_end + dice.between(8, 420);
        let mut runs = vec![(self.start, first_end), (again, self.end.max(again + 300))];
        if dice.hit(0.15) {
            let again = runs[1].1 + dice.between(8, 280);
            runs.push((again, again + dice.between(120, 900)));
        }
        runs
    }

    /// The run from `start` to `end`, lived through by its people.
    pub(crate) fn instance(
        &self,
        options: &Options,
        campus: &Campus,
        key: u64,
        (start, end): (i64, i64),
        dice: &mut Dice,
    ) -> Instance {
        let uuid = uuid(options.seed, key);
        let stays = stays::attend(self, options, campus, (start, end), dice);
        let mut people: Vec<_> = stays.iter().filter(|stay| !stay.is_waiting).map(|stay| stay.who).collect();
        people.sort_unstable();
        people.dedup();
        let inside = || stays.iter().filter(|stay| !stay.is_waiting);
        Instance {
            key,
            kind: self.kind,
            number: self.number,
            uuid,
            topic: self.topic.clone(),
            host: self.host,
            zoom_type: self.zoom_type,
            start: inside().map(|stay| stay.join).min().unwrap_or(start),
            end: stays.iter().map(|stay| stay.leave).max().unwrap_or(end),
            scheduled: self.scheduled,
            planned_minutes: self.minutes,
            has_registration: self.has_registration,
            people: people.len() as u32,
            stays,
        }
    }
}

/// A UUID as Zoom makes them; some begin with `/`, hold `//`, or hold `+` (quirk 19).
fn uuid(seed: u64, key: u64) -> String {
    let mut dice = Chance::named(seed, "uuids").at(key);
    let mut uuid = STANDARD.encode(dice.bytes());
    let form = dice.below(100);
    let at = dice.between(2, 17) as usize;
    if form < 4 {
        uuid.replace_range(0..1, "/");
    }
    if (3..7).contains(&form) {
        uuid.replace_range(at..at + 2, "//");
    }
    if (7..12).contains(&form) {
        uuid.replace_range(at..at + 2, "+A");
    }
    uuid
}
