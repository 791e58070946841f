//! The school: its people, and the numbered meetings they use.

mod course;
mod person;

pub(crate) use course::{Course, CourseKind, size};
pub(crate) use person::{Account, Person};

use std::collections::BTreeSet;

use crate::chance::Chance;
use crate::options::{Options, People};

/// People and courses of one school.
pub(crate) struct Campus {
    /// Hosts first, then students.
    pub(crate) people: Vec<Person>,
    /// How many of the people are hosts.
    pub(crate) hosts: u32,
    /// Hosts that reports still list although they are gone (quirk 64).
    pub(crate) gone: Vec<Person>,
    /// Recurring meetings and webinars.
    pub(crate) courses: Vec<Course>,
}

impl Campus {
    /// The school these options describe.
    pub(crate) fn build(options: &Options) -> Campus {
        let hosts = (options.meetings / 4).clamp(2, 3_000);
        let students = students(options);
        let chance = Chance::named(options.seed, "people");
        let mut numbers = BTreeSet::new();
        let people = (0..hosts + students)
            .map(|index| {
                Person::draw(index, index < hosts, options, &mut chance.at(u64::from(index)), &mut numbers)
            })
            .collect();
        let chance = Chance::named(options.seed, "courses");
        let courses = (0..(options.meetings * 2 / 3).max(2))
            .map(|index| Course::draw(hosts, options, &mut chance.at(u64::from(index)), &mut numbers))
            .collect();
        let chance = Chance::named(options.seed, "gone");
        let gone_count = (f64::from(hosts) * options.faults.gone_hosts).ceil() as u32;
        let gone = (0..gone_count)
            .map(|index| {
                Person::draw(900_000 + index, true, options, &mut chance.at(u64::from(index)), &mut numbers)
            })
            .collect();
        Campus { people, hosts, gone, courses }
    }

    /// The host with this place on the roster.
    pub(crate) fn host(&self, index: u32) -> &Person {
        &self.people[index as usize]
    }
}

/// Enough students that the largest instance can be filled, and that most meet only a few courses.
fn students(options: &Options) -> u32 {
    let largest = match options.people {
        People::Campus => 700,
        People::Exactly(people) => people,
    };
    options.meetings.saturating_mul(8).clamp(40, 40_000).max(largest + 10)
}
