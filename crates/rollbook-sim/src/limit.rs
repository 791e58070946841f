//! Zoom's rate limits: the table, the windows, and who has spent what.

mod other;
mod window;

pub(crate) use other::others_between;
pub(crate) use window::Meter;

use serde::Serialize;

use crate::options::Plan;

/// The price class of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// `Light`
    Light,
    /// `Medium`
    Medium,
    /// `Heavy`
    Heavy,
    /// `Resource-intensive`
    ResourceIntensive,
}

impl Label {
    /// All four.
    pub const ALL: [Label; 4] = [Label::Light, Label::Medium, Label::Heavy, Label::ResourceIntensive];

    /// As headers spell it.
    pub fn name(self) -> &'static str {
        match self {
            Label::Light => "Light",
            Label::Medium => "Medium",
            Label::Heavy => "Heavy",
            Label::ResourceIntensive => "Resource-intensive",
        }
    }
}

/// What a label allows. Where there is no number there is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Calls a second.
    pub per_second: Option<u32>,
    /// Calls a minute.
    pub per_minute: Option<u32>,
    /// Calls a UTC day.
    pub per_day: Option<u32>,
}

/// What an account allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Light calls.
    pub light: Limit,
    /// Medium calls.
    pub medium: Limit,
    /// Heavy calls.
    pub heavy: Limit,
    /// Resource-intensive calls.
    pub resource_intensive: Limit,
    /// Heavy and resource-intensive calls of a UTC day together.
    pub shared_day: Option<u32>,
}

impl Limits {
    /// The table of February 2026.
    pub fn of(plan: Plan) -> Limits {
        let second = |calls| Limit { per_second: Some(calls), ..Limit::default() };
        let minute = |calls| Limit { per_minute: Some(calls), ..Limit::default() };
        let day = |limit: Limit, calls| Limit { per_day: Some(calls), ..limit };
        match plan {
            Plan::Free => Limits {
                light: day(second(4), 6_000),
                medium: day(second(2), 2_000),
                heavy: day(second(1), 1_000),
                resource_intensive: day(minute(10), 30_000),
                shared_day: None,
            },
            Plan::Pro => Limits {
                light: second(30),
                medium: second(20),
                heavy: second(10),
                resource_intensive: minute(10),
                shared_day: Some(30_000),
            },
            Plan::Business => Limits {
                light: second(80),
                medium: second(60),
                heavy: second(40),
                resource_intensive: minute(20),
                shared_day: Some(60_000),
            },
        }
    }

    /// No limit at all.
    pub fn none() -> Limits {
        let none = Limit::default();
        Limits { light: none, medium: none, heavy: none, resource_intensive: none, shared_day: None }
    }

    /// What this label allows.
    pub fn label(&self, label: Label) -> Limit {
        match label {
            Label::Light => self.light,
            Label::Medium => self.medium,
            Label::Heavy => self.heavy,
            Label::ResourceIntensive => self.resource_intensive,
        }
    }
}

/// A stretch of time that has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// A UTC day.
    Day,
    /// A UTC day, Heavy and Resource-intensive calls together.
    SharedDay,
}

impl Per {
    /// Its length in microseconds.
    pub(crate) fn micros(self) -> i64 {
        match self {
            Per::Second => 1_000_000,
            Per::Minute => 60_000_000,
            Per::Day | Per::SharedDay => 86_400_000_000,
        }
    }

    /// Whether it is a day; days are counted from midnight UTC only.
    pub(crate) fn is_day(self) -> bool {
        matches!(self, Per::Day | Per::SharedDay)
    }
}

/// Every limit that a call under this label must pass, with its number.
pub(crate) fn limits_of(limits: &Limits, label: Label) -> Vec<(Per, u32)> {
    let limit = limits.label(label);
    let shares = matches!(label, Label::Heavy | Label::ResourceIntensive);
    [
        (Per::SharedDay, limits.shared_day.filter(|_| shares)),
        (Per::Day, limit.per_day),
        (Per::Minute, limit.per_minute),
        (Per::Second, limit.per_second),
    ]
    .into_iter()
    .filter_map(|(per, calls)| Some((per, calls?)))
    .collect()
}
