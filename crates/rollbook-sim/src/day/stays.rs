//! Who was connected to one run, from when to when, and by what.

use super::{Device, Slot, Stay, Who};
use crate::campus::{Account, Campus};
use crate::chance::Dice;
use crate::options::Options;

/// First in-meeting number Zoom gives; the next ones are 1,024 apart.
const FIRST_USER_ID: u32 = 16_778_240;

/// Connections under construction, before they get their numbers.
struct Room<'a> {
    options: &'a Options,
    campus: &'a Campus,
    slot: &'a Slot,
    start: i64,
    end: i64,
    /// From when to when breakout rooms are open.
    breakout: Option<(i64, i64)>,
    stays: Vec<Stay>,
}

/// Lets everybody of the slot attend one run.
pub(super) fn attend(
    slot: &Slot,
    options: &Options,
    campus: &Campus,
    (start, end): (i64, i64),
    dice: &mut Dice,
) -> Vec<Stay> {
    let length = end - start;
    let breakout = (slot.has_breakouts && length > 1_500).then(|| {
        let from = start + length / 3 + dice.between(0, 120);
        (from, from + dice.between(300, length / 3))
    });
    let mut room = Room { options, campus, slot, start, end, breakout, stays: Vec::new() };
    for place in 0..slot.size {
        room.admit(place, dice);
    }
    room.leave_some_waiting(dice);
    number(room.stays, dice)
}

/// Sorts by join and gives each connection its number within the meeting.
fn number(mut stays: Vec<Stay>, dice: &mut Dice) -> Vec<Stay> {
    stays.sort_by_key(|stay| (stay.join, stay.leave, stay.who));
    let mut next = FIRST_USER_ID;
    for stay in &mut stays {
        stay.user_id = next;
        next += 1_024 * (1 + dice.below(3) as u32);
    }
    stays
}

impl Room<'_> {
    /// One person comes, with all habits of the campus.
    fn admit(&mut self, place: u32, dice: &mut Dice) {
        let mix = &self.options.mix;
        let is_host = place == 0;
        let person = self.member(place);
        let (join, leave) = self.presence(is_host, dice);
        let by_phone = dice.hit(mix.phones) && !is_host;
        let mut stay = self.connection(person, join, leave, dice);
        if by_phone {
            stay.who = Who::Caller(place);
            stay.device = Device::Phone;
            stay.is_signed_in = false;
            stay.name = format!("1{:03}***{:02}", dice.between(200, 989), dice.below(100));
        }
        self.wait_at_the_door(&stay, is_host, dice);
        let comes_back = dice.hit(mix.rejoins) && !is_host;
        let reloads = dice.hit(mix.reloads) && !is_host && !by_phone;
        let moves = self.breakout.filter(|(from, to)| stay.join < from - 60 && stay.leave > to + 60);
        match moves {
            Some(open) if !by_phone => self.move_to_breakout(stay.clone(), open, is_host, dice),
            _ if reloads => self.reload(stay.clone(), dice),
            _ if comes_back => self.come_back(stay.clone(), dice),
            _ => self.stays.push(stay.clone()),
        }
        if dice.hit(mix.second_devices) && !by_phone && self.slot.size > 1 {
            self.second_device(&stay, dice);
        }
    }

    /// The person at this place of the slot; the host has the first.
    fn member(&self, place: u32) -> u32 {
        if place == 0 {
            return self.slot.host;
        }
        let hosts = self.campus.hosts;
        let students = self.campus.people.len() as u64 - u64::from(hosts);
        hosts + ((self.slot.members_from % students + u64::from(place)) % students) as u32
    }

    /// When somebody comes and goes: most in the first minutes and with the end, some late, some early.
    fn presence(&self, is_host: bool, dice: &mut Dice) -> (i64, i64) {
        let length = self.end - self.start;
        let habit = dice.below(20);
        let late = dice.between(0, 240.min(length / 4));
        let very_late = dice.between(0, length / 3);
        let early = dice.between(0, length / 3);
        match habit {
            _ if is_host => (self.start, self.end),
            0 | 1 => (self.start + very_late, self.end),
            2 => (self.start + late, self.end - early),
            3..=8 => (self.start + late, self.end - dice.between(0, 60)),
            _ => (self.start + late, self.end),
        }
    }

    fn connection(&self, index: u32, join: i64, leave: i64, dice: &mut Dice) -> Stay {
        let person = &self.campus.people[index as usize];
        let kind = dice.below(10);
        let is_room = dice.hit(self.options.mix.rooms);
        let room_people = dice.between(2, 12) as u8;
        let device = match kind {
            _ if is_room => Device::Room,
            0..=2 => Device::Browser,
            _ => Device::Computer,
        };
        Stay {
            user_id: 0,
            who: Who::Person(index),
            name: person.name.clone(),
            join,
            leave: leave.max(join + 1),
            is_waiting: false,
            breakout: None,
            device,
            is_signed_in: person.account != Account::None,
            room_people: if is_room { room_people } else { 0 },
        }
    }

    /// A waiting room keeps people some seconds; that is a row of its own (quirk 24).
    fn wait_at_the_door(&mut self, stay: &Stay, is_host: bool, dice: &mut Dice) {
        let waited = dice.between(4, 180);
        if !self.slot.has_waiting_room || is_host {
            return;
        }
        let join = (stay.join - waited).max(self.start);
        if join < stay.join {
            let waiting = Stay { join, leave: stay.join, is_waiting: true, ..stay.clone() };
            self.stays.push(waiting);
        }
    }

    /// Somebody who was never let in.
    fn leave_some_waiting(&mut self, dice: &mut Dice) {
        if !self.slot.has_waiting_room || !dice.hit(0.3) {
            return;
        }
        let index = self.member(self.slot.size + 1);
        let join = self.start + dice.between(20, (self.end - self.start) / 2);
        let stay = self.connection(index, join, join + dice.between(10, 200), dice);
        self.stays.push(Stay { leave: stay.leave.min(self.end), is_waiting: true, ..stay });
    }

    /// Leaves and comes back, perhaps twice, each time under a new number (quirk 23).
    fn come_back(&mut self, stay: Stay, dice: &mut Dice) {
        let cut = stay.join + (stay.leave - stay.join) / 3;
        let back = cut + dice.between(5, 400);
        if back + 60 > stay.leave {
            self.stays.push(stay);
            return;
        }
        let renamed = dice.hit(0.08);
        let mut second = Stay { join: back, ..stay.clone() };
        if renamed {
            second.name.push_str(" (2)");
        }
        self.stays.push(Stay { leave: cut, ..stay });
        let cut = second.join + (second.leave - second.join) / 2;
        let back = cut + dice.between(5, 120);
        if dice.hit(0.3) && back + 60 < second.leave {
            self.stays.push(Stay { join: back, ..second.clone() });
            second.leave = cut;
        }
        self.stays.push(second);
    }

    /// A web page that reloads: many short connections close together (quirk 27).
    fn reload(&mut self, stay: Stay, dice: &mut Dice) {
        let times = dice.between(3, 9);
        let mut join = stay.join;
        for _ in 0..times {
            let leave = join + dice.between(6, 40);
            if leave + 60 > stay.leave {
                break;
            }
            self.stays.push(Stay { join, leave, device: Device::Browser, ..stay.clone() });
            join = leave + dice.between(1, 12);
        }
        self.stays.push(Stay { join, ..stay });
    }

    /// Into a breakout room and back: the main row either pauses or runs on (quirk 25).
    fn move_to_breakout(&mut self, stay: Stay, (from, to): (i64, i64), is_host: bool, dice: &mut Dice) {
        let room = 1 + dice.below(u64::from(self.slot.size / 4 + 1)).min(40) as u8;
        let overlaps = dice.hit(0.3) || is_host;
        let from = from + dice.between(0, 30);
        let to = to + dice.between(0, 30);
        let inside = Stay { join: from, leave: to, breakout: Some(room), ..stay.clone() };
        if overlaps {
            self.stays.push(stay);
        } else {
            self.stays.push(Stay { leave: from, ..stay.clone() });
            self.stays.push(Stay { join: to, ..stay });
        }
        self.stays.push(inside);
    }

    /// A second connection at the same time, signed in or not.
    fn second_device(&mut self, stay: &Stay, dice: &mut Dice) {
        let join = stay.join + dice.between(6, 300);
        let signed_in = dice.hit(0.6) && stay.is_signed_in;
        if join + 30 > stay.leave {
            return;
        }
        let mut second = Stay { join, device: Device::Computer, room_people: 0, ..stay.clone() };
        if !signed_in {
            second.is_signed_in = false;
            second.name = format!("{}'s iPhone", self.first_name(stay.who));
        }
        self.stays.push(second);
    }

    fn first_name(&self, who: Who) -> &'static str {
        match who {
            Who::Person(index) => self.campus.people[index as usize].first,
            Who::Caller(_) => "Caller",
        }
    }
}
