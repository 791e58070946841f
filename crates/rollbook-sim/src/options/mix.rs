//! Habits of the campus. They are not faults: what they cause is in the truth.

/// How often each habit occurs, as a share from 0 to 1.
#[derive(Clone, Debug)]
pub struct Mix {
    /// Instances that end early and start again under the same number within minutes (quirk 18).
    pub restarts: f64,
    /// Instances in a host's personal room (quirk 22).
    pub personal_rooms: f64,
    /// Instances that are webinars.
    pub webinars: f64,
    /// Instances with breakout rooms (quirk 25).
    pub breakouts: f64,
    /// Instances with a waiting room (quirk 24).
    pub waiting_rooms: f64,
    /// People who leave and come back (quirk 23).
    pub rejoins: f64,
    /// People who join from a second device as well (quirk 23).
    pub second_devices: f64,
    /// People whose web page reloads again and again: short connections in bulk (quirk 27).
    pub reloads: f64,
    /// People who join by telephone (quirk 36).
    pub phones: f64,
    /// People who are not signed in to the account (quirks 28 and 29).
    pub guests: f64,
    /// Courses that ask people to register.
    pub registrations: f64,
    /// People with names that surprise: numbers, commas, emoji, right to left (quirk 33).
    pub odd_names: f64,
    /// Connections that are rooms with several people behind them (quirk 41).
    pub rooms: f64,
    /// Instances that begin late in the evening and end on the next UTC day (quirk 6).
    pub over_midnight: f64,
    /// People whose line or machine is not good enough (see [`crate::LineKind`]). Those who broke off and came back
    /// and those on the telephone have lines of their own kind anyway.
    pub troubled_lines: f64,
    /// Instances in which several people sit in one place behind a lossy network; where four or more people came.
    pub lossy_rooms: f64,
    /// Planned occurrences nobody held, as a share of the instances held.
    pub not_held: f64,
}

impl Mix {
    /// A lively campus.
    pub fn campus() -> Mix {
        Mix {
            restarts: 0.04,
            personal_rooms: 0.06,
            webinars: 0.03,
            breakouts: 0.06,
            waiting_rooms: 0.15,
            rejoins: 0.12,
            second_devices: 0.03,
            reloads: 0.01,
            phones: 0.02,
            guests: 0.25,
            registrations: 0.08,
            odd_names: 0.25,
            rooms: 0.01,
            over_midnight: 0.03,
            troubled_lines: 0.22,
            lossy_rooms: 0.08,
            not_held: 0.05,
        }
    }

    /// Nobody does anything unusual.
    pub fn plain() -> Mix {
        Mix {
            restarts: 0.0,
            personal_rooms: 0.0,
            webinars: 0.0,
            breakouts: 0.0,
            waiting_rooms: 0.0,
            rejoins: 0.0,
            second_devices: 0.0,
            reloads: 0.0,
            phones: 0.0,
            guests: 0.0,
            registrations: 0.0,
            odd_names: 0.0,
            rooms: 0.0,
            over_midnight: 0.0,
            troubled_lines: 0.0,
            lossy_rooms: 0.0,
            not_held: 0.0,
        }
    }
}
