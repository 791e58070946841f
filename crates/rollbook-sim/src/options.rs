//! What kind of world to make: the campus, the plan, the limits, the faults, and the open questions about Zoom.

mod credentials;
mod mix;
mod switches;

use jiff::civil::Date;

pub use credentials::Credentials;
pub use mix::Mix;
pub use switches::{
    DayZone, Headers, IdleForms, OtherApps, QualityText, RefusalBody, RetryAfter, Switches, Window,
};

use crate::fault::Faults;
use crate::limit::Limits;

/// Everything that decides a world. The same options give the same world.
#[derive(Clone, Debug)]
pub struct Options {
    /// Every chance in the world is cut from this number.
    pub seed: u64,
    /// First day of the campus, in UTC.
    pub first_day: Date,
    /// How many days in a row have `meetings` instances each.
    pub days: u32,
    /// Instances a day, restarts and webinars included.
    pub meetings: u32,
    /// Instances on the day before the first and the day after the last, so that margins of a day matter.
    pub neighbours: u32,
    /// How many of a day's instances only one person attended.
    pub one_person: u32,
    /// How many people an instance has.
    pub people: People,
    /// Habits of the campus: restarts, breakout rooms, phones, guests and the like.
    pub mix: Mix,
    /// Zoom plan of the account; decides what is refused.
    pub plan: Plan,
    /// Rate limits; by default those of the plan.
    pub limits: Limits,
    /// What goes wrong.
    pub faults: Faults,
    /// What the documents leave open.
    pub zoom: Switches,
    /// Who may ask.
    pub credentials: Credentials,
}

/// How many people attend an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// 1 to 700, most of them few, as on a campus.
    Campus,
    /// The same number everywhere, one-person instances excepted.
    Exactly(u32),
}

/// Zoom's plans, as far as limits and refusals tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// No past meetings, no reports, no dashboards.
    Free,
    /// Past meetings and reports.
    Pro,
    /// Business and above, education included: dashboards too.
    Business,
}

impl Options {
    /// A campus day with every habit, every fault and every quirk, on a Business plan.
    pub fn campus(seed: u64, day: Date, meetings: u32) -> Options {
        Options {
            neighbours: meetings.div_ceil(20),
            one_person: meetings / 30,
            people: People::Campus,
            mix: Mix::campus(),
            faults: Faults::campus(),
            zoom: Switches::campus(),
            ..Options::plain(seed, day, meetings, 1)
        }
    }

    /// A day without a single surprise: `people` connections in every instance, one a person.
    pub fn plain(seed: u64, day: Date, meetings: u32, people: u32) -> Options {
        Options {
            seed,
            first_day: day,
            days: 1,
            meetings,
            neighbours: 0,
            one_person: 0,
            people: People::Exactly(people),
            mix: Mix::plain(),
            plan: Plan::Business,
            limits: Limits::of(Plan::Business),
            faults: Faults::none(),
            zoom: Switches::plain(),
            credentials: Credentials::default(),
        }
    }

    /// The same world on another plan, with that plan's limits.
    pub fn on_plan(self, plan: Plan) -> Options {
        Options { plan, limits: Limits::of(plan), ..self }
    }
}

impl Default for Options {
    /// A campus of 400 instances on 5 October 2026.
    fn default() -> Options {
        Options::campus(1, jiff::civil::date(2026, 10, 5), 400)
    }
}
