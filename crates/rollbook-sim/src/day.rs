//! What happened on the campus: which meetings ran, when, and who was connected.

mod slot;
mod stays;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::campus::{Campus, CourseKind};
use crate::chance::Chance;
use crate::options::Options;

pub(crate) use slot::Slot;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// One run that happened.
pub(crate) struct Instance {
    /// Stable key of the instance's own dice.
    pub(crate) key: u64,
    pub(crate) kind: CourseKind,
    pub(crate) number: u64,
    pub(crate) uuid: String,
    pub(crate) topic: String,
    pub(crate) host: u32,
    pub(crate) zoom_type: u8,
    /// Unix seconds, as all times in here.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) scheduled: i64,
    pub(crate) planned_minutes: i64,
    pub(crate) has_registration: bool,
    /// By join time and user id.
    pub(crate) stays: Vec<Stay>,
    /// Different people who were in the meeting, those who only waited left out.
    pub(crate) people: u32,
}

/// One connection.
#[derive(Clone)]
pub(crate) struct Stay {
    pub(crate) user_id: u32,
    pub(crate) who: Who,
    /// The name typed, before Zoom changes it.
    pub(crate) name: String,
    pub(crate) join: i64,
    pub(crate) leave: i64,
    pub(crate) is_waiting: bool,
    /// Number of the breakout room.
    pub(crate) breakout: Option<u8>,
    pub(crate) device: Device,
    /// Whether this connection is signed in as the person's own user.
    pub(crate) is_signed_in: bool,
    /// People behind a room system.
    pub(crate) room_people: u8,
}

/// Whose connection it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Who {
    /// Somebody on the roster.
    Person(u32),
    /// A caller nobody can name.
    Caller(u32),
}

/// How somebody is connected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Device {
    Computer,
    Browser,
    Phone,
    Room,
}

/// A planned occurrence nobody held.
#[derive(Clone)]
pub(crate) struct Planned {
    pub(crate) course: u32,
    pub(crate) start: i64,
    pub(crate) minutes: i64,
}

/// All that happened, by start and uuid, and all that did not.
pub(crate) struct Days {
    pub(crate) instances: Vec<Instance>,
    pub(crate) never_held: Vec<Planned>,
}

/// Lives through all days of the options, neighbours included.
pub(crate) fn live_through(options: &Options, campus: &Campus) -> Days {
    let mut days = Days { instances: Vec::new(), never_held: Vec::new() };
    let mut busy = BTreeMap::new();
    let last = i64::from(options.days);
    for day in -1..=last {
        let is_margin = day == -1 || day == last;
        let count = if is_margin { options.neighbours } else { options.meetings };
        if count > 0 {
            live_one(options, campus, day, count, &mut busy, &mut days);
        }
    }
    days.instances.sort_by(|a, b| (a.start, &a.uuid).cmp(&(b.start, &b.uuid)));
    days.never_held.sort_by_key(|planned| (planned.start, planned.course));
    days
}

/// Times at which each number is in use.
type Busy = BTreeMap<u64, Vec<(i64, i64)>>;

fn live_one(options: &Options, campus: &Campus, day: i64, count: u32, busy: &mut Busy, days: &mut Days) {
    let midnight = midnight(options.first_day) + day * DAY;
    let slots = Chance::named(options.seed, "slots");
    let stays = Chance::named(options.seed, "stays");
    let key_of = |ordinal: u32| ((day + 2).unsigned_abs() << 20) | u64::from(ordinal);
    let one_person = if count == options.meetings { options.one_person.min(count) } else { 0 };
    let (mut made, mut alone) = (0, 0);
    while made < count {
        // Spreads the one-person instances over the day, and leaves room for exactly as many as asked for.
        let due = u64::from(made + 1) * u64::from(one_person) / u64::from(count);
        let room = count - made - (one_person - alone);
        let is_alone = alone < one_person && (u64::from(alone) < due || room == 0);
        let mut dice = slots.at(key_of(made));
        let slot = Slot::draw(options, campus, midnight, key_of(made), is_alone, &mut dice, busy);
        let most = if is_alone { 1 } else { room as usize };
        for (start, end) in slot.runs(options, &mut dice).into_iter().take(most) {
            let key = key_of(made);
            days.instances.push(slot.instance(options, campus, key, (start, end), &mut stays.at(key)));
            busy.entry(slot.number).or_default().push((start, end));
            made += 1;
        }
        alone += u32::from(is_alone);
    }
    let plans = Chance::named(options.seed, "never held");
    for ordinal in 0..(f64::from(count) * options.mix.not_held).round() as u32 {
        let mut dice = plans.at(key_of(ordinal));
        let course = dice.below(campus.courses.len() as u64) as u32;
        let start = midnight + dice.between(7 * 4, 19 * 4) * 900;
        days.never_held.push(Planned { course, start, minutes: dice.between(2, 6) * 15 });
    }
}

/// Midnight UTC of a date, in Unix seconds.
pub(crate) fn midnight(date: Date) -> i64 {
    date.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second())
}

/// These Unix seconds as an instant.
pub(crate) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
