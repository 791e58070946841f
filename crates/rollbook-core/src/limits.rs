//! Zoom's limits by plan, and the exceptions an account was granted.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::budget::host::CHANGES_A_DAY;
use crate::label::{Label, PerLabel};

/// What the account pays for. No API tells a server-to-server app its plan (RATE-LIMITS.md), so it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// No past meetings, reports or dashboards at all.
    Free,
    /// Past meetings and reports; no dashboards.
    Pro,
    /// Business, Education, Enterprise, Partner: everything.
    Business,
}

impl Plan {
    /// `free`, `pro` or `business`.
    pub fn name(self) -> &'static str {
        match self {
            Plan::Free => "free",
            Plan::Pro => "pro",
            Plan::Business => "business",
        }
    }
}

impl std::str::FromStr for Plan {
    type Err = String;
    fn from_str(text: &str) -> Result<Plan, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "free" | "basic" => Ok(Plan::Free),
            "pro" => Ok(Plan::Pro),
            "business" | "business+" | "education" | "enterprise" | "partner" => Ok(Plan::Business),
            other => Err(format!(
                "unknown plan {other:?}: use `free`, `pro` or `business` (Education, Enterprise and Partner count as business)"
            )),
        }
    }
}

/// A daily allowance and the labels that draw on it. Days are UTC (RATE-LIMITS.md, "Scope and reset").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayBucket {
    /// Light calls of a day (free plan, or by exception).
    Light,
    /// Medium calls of a day (free plan, or by exception).
    Medium,
    /// Heavy calls of a day, alone (free plan).
    Heavy,
    /// Resource-intensive calls of a day, alone (free plan, or by exception).
    ResourceIntensive,
    /// Heavy and Resource-intensive calls together (paid plans).
    Shared,
}

impl DayBucket {
    /// All of them.
    pub const ALL: [DayBucket; 5] = [
        DayBucket::Light,
        DayBucket::Medium,
        DayBucket::Heavy,
        DayBucket::ResourceIntensive,
        DayBucket::Shared,
    ];

    /// Whether a call of this label draws on the allowance.
    pub fn covers(self, label: Label) -> bool {
        match self {
            DayBucket::Light => label == Label::Light,
            DayBucket::Medium => label == Label::Medium,
            DayBucket::Heavy => label == Label::Heavy,
            DayBucket::ResourceIntensive => label == Label::ResourceIntensive,
            DayBucket::Shared => matches!(label, Label::Heavy | Label::ResourceIntensive),
        }
    }

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            DayBucket::Light => "Light",
            DayBucket::Medium => "Medium",
            DayBucket::Heavy => "Heavy",
            DayBucket::ResourceIntensive => "Resource-intensive",
            DayBucket::Shared => "Heavy + Resource-intensive",
        }
    }
}

/// All limits of one pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Calls in any second, by label.
    pub second: PerLabel<Option<u32>>,
    /// Calls in any minute, by label.
    pub minute: PerLabel<Option<u32>>,
    /// Calls in a UTC day, by label alone.
    pub day: PerLabel<Option<u32>>,
    /// Heavy and Resource-intensive calls in a UTC day, together.
    pub shared_day: Option<u32>,
    /// Changes to the meetings of one host in a UTC day.
    pub host_writes_day: u32,
}

impl Limits {
    /// The published table (RATE-LIMITS.md).
    pub fn of(plan: Plan) -> Limits {
        let none = PerLabel::<Option<u32>>::default();
        let seconds = |light, medium, heavy| PerLabel {
            light: Some(light),
            medium: Some(medium),
            heavy: Some(heavy),
            resource_intensive: None,
        };
        let minutes = |ri| PerLabel { resource_intensive: Some(ri), ..none };
        match plan {
            Plan::Free => Limits {
                second: seconds(4, 2, 1),
                minute: minutes(10),
                day: PerLabel {
                    light: Some(6_000),
                    medium: Some(2_000),
                    heavy: Some(1_000),
                    resource_intensive: Some(30_000),
                },
                shared_day: None,
                host_writes_day: CHANGES_A_DAY,
            },
            Plan::Pro => Limits {
                second: seconds(30, 20, 10),
                minute: minutes(10),
                day: none,
                shared_day: Some(30_000),
                host_writes_day: CHANGES_A_DAY,
            },
            Plan::Business => Limits {
                second: seconds(80, 60, 40),
                minute: minutes(20),
                day: none,
                shared_day: Some(60_000),
                host_writes_day: CHANGES_A_DAY,
            },
        }
    }

    /// Applies exceptions such as `heavy_day=90000,ri_minute=40`.
    ///
    /// A key is a label (`light`, `medium`, `heavy`, `ri`) and a window (`second`, `minute`, `day`). On plans
    /// where Heavy and Resource-intensive share a daily allowance, `heavy_day` sets the shared one. `host_writes_day`
    /// sets the changes a day to the meetings of one host.
    ///
    /// # Errors
    /// A sentence naming the part that is wrong and the keys there are.
    pub fn with_overrides(mut self, text: &str) -> Result<Limits, String> {
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("limit {part:?} has no `=`: write it as `heavy_day=90000`"))?;
            let value: u32 =
                value.trim().replace('_', "").parse().ok().filter(|v| *v > 0).ok_or_else(|| {
                    format!("limit {part:?}: {:?} is not a whole number of calls above 0", value.trim())
                })?;
            self.set(key.trim(), value)?;
        }
        Ok(self)
    }

    fn set(&mut self, key: &str, value: u32) -> Result<(), String> {
        let unknown = || {
            format!(
                "unknown limit {key:?}: use light, medium, heavy or ri, then _second, _minute or _day (as in heavy_day), or host_writes_day"
            )
        };
        if key == "host_writes_day" {
            self.host_writes_day = value;
            return Ok(());
        }
        let (label, window) = key.rsplit_once('_').ok_or_else(unknown)?;
        let label = match label {
            "light" => Label::Light,
            "medium" => Label::Medium,
            "heavy" => Label::Heavy,
            "ri" | "resource_intensive" => Label::ResourceIntensive,
            _ => return Err(unknown()),
        };
        match window {
            "second" => self.second[label] = Some(value),
            "minute" => self.minute[label] = Some(value),
            "day" if label == Label::Heavy && self.shared_day.is_some() => self.shared_day = Some(value),
            "day" => self.day[label] = Some(value),
            _ => return Err(unknown()),
        }
        Ok(())
    }

    /// The windows that a call of this label must fit into: length and calls allowed.
    pub fn windows(&self, label: Label) -> impl Iterator<Item = (SignedDuration, u32)> + use<> {
        let second = self.second[label].map(|limit| (SignedDuration::from_secs(1), limit));
        let minute = self.minute[label].map(|limit| (SignedDuration::from_secs(60), limit));
        second.into_iter().chain(minute)
    }

    /// The calls a second that the tightest window of this label lets through in the long run.
    pub fn calls_a_second(&self, label: Label) -> f64 {
        self.windows(label)
            .map(|(length, limit)| f64::from(limit) / length.as_secs_f64())
            .fold(f64::INFINITY, f64::min)
    }

    /// The daily allowances that a call of this label draws on.
    pub fn days(&self, label: Label) -> impl Iterator<Item = (DayBucket, u32)> + use<> {
        let alone = match label {
            Label::Light => DayBucket::Light,
            Label::Medium => DayBucket::Medium,
            Label::Heavy => DayBucket::Heavy,
            Label::ResourceIntensive => DayBucket::ResourceIntensive,
        };
        let own = self.day[label].map(|limit| (alone, limit));
        let shared = self.shared_day.filter(|_| DayBucket::Shared.covers(label));
        own.into_iter().chain(shared.map(|limit| (DayBucket::Shared, limit)))
    }

    /// The allowance of one bucket, if the plan has it.
    pub fn day_limit(&self, bucket: DayBucket) -> Option<u32> {
        match bucket {
            DayBucket::Light => self.day.light,
            DayBucket::Medium => self.day.medium,
            DayBucket::Heavy => self.day.heavy,
            DayBucket::ResourceIntensive => self.day.resource_intensive,
            DayBucket::Shared => self.shared_day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_replaces_only_what_it_names() {
        let limits = Limits::of(Plan::Business)
            .with_overrides("heavy_day=90000, ri_minute=40,medium_day=5_000,host_writes_day=250")
            .unwrap();
        assert_eq!(limits.host_writes_day, 250);
        assert_eq!(limits.shared_day, Some(90_000));
        assert_eq!(limits.minute.resource_intensive, Some(40));
        assert_eq!(limits.day.medium, Some(5_000));
        assert_eq!(limits.second, Limits::of(Plan::Business).second);
    }

    #[test]
    fn on_the_free_plan_heavy_has_a_day_of_its_own() {
        let limits = Limits::of(Plan::Free).with_overrides("heavy_day=7").unwrap();
        assert_eq!(limits.days(Label::Heavy).collect::<Vec<_>>(), [(DayBucket::Heavy, 7)]);
        assert_eq!(
            limits.days(Label::ResourceIntensive).collect::<Vec<_>>(),
            [(DayBucket::ResourceIntensive, 30_000)]
        );
    }

    #[test]
    fn a_wrong_exception_names_itself() {
        for wrong in [
            "heavy_day",
            "heavy_day=lots",
            "heavy_year=3",
            "mild_day=3",
            "heavy_day=0",
            "host_writes_minute=3",
        ] {
            let message = Limits::of(Plan::Pro).with_overrides(wrong).unwrap_err();
            assert!(message.contains(wrong.split('=').next().unwrap()), "{message}");
        }
    }
}
