//! Campus and Zoom as one world, made once from the options.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::campus::{Account, Campus, Person};
use crate::chance::Chance;
use crate::day::{Days, Instance, Stay, Who, live_through};
use crate::fault::Defects;
use crate::options::Options;
use crate::quality::QualityChance;

/// Everything that is fixed when the world begins.
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) campus: Campus,
    pub(crate) days: Days,
    /// One for each instance, in the same order.
    pub(crate) defects: Vec<Defects>,
    pub(crate) by_uuid: BTreeMap<String, usize>,
    /// By number, then by start.
    pub(crate) by_number: BTreeMap<u64, Vec<usize>>,
    /// By host's place on the roster, then by start.
    pub(crate) by_host: BTreeMap<u32, Vec<usize>>,
    /// Places of people on the roster by Zoom user and by e-mail.
    pub(crate) by_user: BTreeMap<String, u32>,
    pub(crate) faults_stop: i64,
    /// Dice of single rows.
    pub(crate) rows: Chance,
    /// Dice of single calls.
    pub(crate) calls: Chance,
    /// Dice of call quality.
    pub(crate) quality: QualityChance,
    registrants: Chance,
    connections: Chance,
}

/// What Zoom shows of somebody.
pub(crate) struct Shown<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) email: &'a str,
    pub(crate) zoom_id: &'a str,
    /// Whether the person belongs to the account.
    pub(crate) is_internal: bool,
}

impl World {
    /// Makes the world.
    pub(crate) fn build(options: Options) -> World {
        let campus = Campus::build(&options);
        let days = live_through(&options, &campus);
        let dice = Chance::named(options.seed, "defects");
        let defects: Vec<_> = days
            .instances
            .iter()
            .map(|instance| Defects::draw(instance, &options, &mut dice.at(instance.key)))
            .collect();
        let mut by_number: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut by_host: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let mut by_uuid = BTreeMap::new();
        for (at, instance) in days.instances.iter().enumerate() {
            by_number.entry(instance.number).or_default().push(at);
            by_host.entry(instance.host).or_default().push(at);
            by_uuid.insert(instance.uuid.clone(), at);
        }
        let mut by_user = BTreeMap::new();
        for (place, person) in campus.people.iter().enumerate() {
            if person.account == Account::School {
                by_user.insert(person.zoom_id.clone(), place as u32);
                by_user.insert(person.email.clone(), place as u32);
            }
        }
        let seed = options.seed;
        World {
            faults_stop: faults_stop(&days, &defects),
            options,
            campus,
            days,
            defects,
            by_uuid,
            by_number,
            by_host,
            by_user,
            rows: Chance::named(seed, "rows"),
            calls: Chance::named(seed, "calls"),
            quality: QualityChance::of(seed),
            registrants: Chance::named(seed, "registrants"),
            connections: Chance::named(seed, "connections"),
        }
    }

    /// Name, e-mail and user as Zoom shows them.
    pub(crate) fn shown<'a>(&'a self, instance: &Instance, stay: &'a Stay) -> Shown<'a> {
        let faults = &self.options.faults;
        let person = self.person(stay).filter(|_| stay.is_signed_in);
        let is_internal = person.is_some_and(|person| person.account == Account::School);
        let has_email = is_internal || instance.has_registration || !faults.blank_emails;
        let has_id = is_internal || !faults.blank_ids;
        let name = if faults.hipaa {
            Cow::Borrowed("")
        } else if faults.hash_for_comma && stay.name.contains(',') {
            Cow::Owned(stay.name.replace(',', "#"))
        } else {
            Cow::Borrowed(stay.name.as_str())
        };
        let email = person.map_or("", |person| person.email.as_str());
        let zoom_id = person.map_or("", |person| person.zoom_id.as_str());
        Shown {
            name,
            email: if has_email && !faults.hipaa { email } else { "" },
            zoom_id: if has_id { zoom_id } else { "" },
            is_internal,
        }
    }

    /// The person on the roster, callers excepted.
    pub(crate) fn person(&self, stay: &Stay) -> Option<&Person> {
        match stay.who {
            Who::Person(place) => self.campus.people.get(place as usize),
            Who::Caller(_) => None,
        }
    }

    /// The truth's name for whoever it is.
    pub(crate) fn person_key(&self, instance: &Instance, stay: &Stay) -> String {
        match stay.who {
            Who::Person(place) => self.campus.people[place as usize].key.clone(),
            Who::Caller(place) => format!("caller-{:x}-{place}", instance.key),
        }
    }

    /// The registration with which somebody came; blank where there is none.
    pub(crate) fn registrant_id(&self, instance: &Instance, stay: &Stay) -> String {
        match stay.who {
            Who::Person(place) if instance.has_registration => {
                let index = instance.number.wrapping_mul(1 << 17) ^ u64::from(place);
                URL_SAFE_NO_PAD.encode(self.registrants.at(index).bytes())
            }
            _ => String::new(),
        }
    }

    /// Zoom's name of one connection: an upper-case GUID.
    pub(crate) fn participant_uuid(&self, instance: &Instance, stay: &Stay) -> String {
        let bytes = self.connections.at(row_index(instance, stay)).bytes();
        let mut guid = String::with_capacity(36);
        for (place, byte) in bytes.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                guid.push('-');
            }
            for half in [byte >> 4, byte & 15] {
                guid.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
            }
        }
        guid
    }

    /// Zoom's name of a breakout room: half of them base64, half plain numbers (quirk 25).
    pub(crate) fn breakout_id(&self, instance: &Instance, room: u8) -> String {
        let mut dice = self.connections.at(instance.key << 8 | u64::from(room));
        let bytes = dice.bytes();
        if instance.key.is_multiple_of(2) {
            STANDARD.encode(bytes)
        } else {
            (20_000_000 + u64::from(bytes[0]) * 70_000 + u64::from(room)).to_string()
        }
    }
}

/// An index of its own for each row of the world.
pub(crate) fn row_index(instance: &Instance, stay: &Stay) -> u64 {
    (instance.key << 24) | u64::from(stay.user_id / 1_024) | (1 << 63)
}

/// When the last thing that can become right is right.
fn faults_stop(days: &Days, defects: &[Defects]) -> i64 {
    let mut stop = 0;
    for (instance, defects) in days.instances.iter().zip(defects) {
        let times = if defects.times_from == i64::MAX { instance.end } else { defects.times_from };
        let families = defects.families.values().filter_map(|family| family.complete_from());
        stop = families.chain([stop, instance.end, times, defects.listed_from]).max().unwrap_or(stop);
    }
    stop
}

impl World {
    /// Whether lists show the instance at this instant: it has ended, and is not listed late.
    pub(crate) fn is_listed(&self, at: usize, now: i64) -> bool {
        now >= self.days.instances[at].end && now >= self.defects[at].listed_from
    }
}
