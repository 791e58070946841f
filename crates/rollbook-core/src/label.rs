//! The price tag of a call.

use serde::{Deserialize, Serialize};

/// Zoom's label of a call: which rate limit it draws on (RATE-LIMITS.md, "The table").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Single records; no daily allowance on paid plans.
    Light,
    /// Lists of one meeting or user; no daily allowance on paid plans.
    Medium,
    /// Reports and dashboards; shares a daily allowance with [`Label::ResourceIntensive`] on paid plans.
    Heavy,
    /// Account-wide dashboard lists, limited by the minute.
    ResourceIntensive,
}

impl Label {
    /// All labels, cheapest first.
    pub const ALL: [Label; 4] = [Label::Light, Label::Medium, Label::Heavy, Label::ResourceIntensive];

    /// The name used in JSON and in settings: `light`, `medium`, `heavy`, `resource_intensive`.
    pub fn name(self) -> &'static str {
        match self {
            Label::Light => "light",
            Label::Medium => "medium",
            Label::Heavy => "heavy",
            Label::ResourceIntensive => "resource_intensive",
        }
    }

    /// The label with this [`Label::name`].
    pub fn from_name(name: &str) -> Option<Label> {
        Label::ALL.into_iter().find(|label| label.name() == name)
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Label::Light => "Light",
            Label::Medium => "Medium",
            Label::Heavy => "Heavy",
            Label::ResourceIntensive => "Resource-intensive",
        })
    }
}

/// One figure for each label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerLabel<T> {
    /// Light calls.
    pub light: T,
    /// Medium calls.
    pub medium: T,
    /// Heavy calls.
    pub heavy: T,
    /// Resource-intensive calls.
    pub resource_intensive: T,
}

impl<T> std::ops::Index<Label> for PerLabel<T> {
    type Output = T;
    fn index(&self, label: Label) -> &T {
        match label {
            Label::Light => &self.light,
            Label::Medium => &self.medium,
            Label::Heavy => &self.heavy,
            Label::ResourceIntensive => &self.resource_intensive,
        }
    }
}

impl<T> std::ops::IndexMut<Label> for PerLabel<T> {
    fn index_mut(&mut self, label: Label) -> &mut T {
        match label {
            Label::Light => &mut self.light,
            Label::Medium => &mut self.medium,
            Label::Heavy => &mut self.heavy,
            Label::ResourceIntensive => &mut self.resource_intensive,
        }
    }
}

impl PerLabel<u64> {
    /// All labels together.
    pub fn total(&self) -> u64 {
        self.light + self.medium + self.heavy + self.resource_intensive
    }

    /// What counts against the shared daily allowance of paid plans.
    pub fn heavy_and_resource_intensive(&self) -> u64 {
        self.heavy + self.resource_intensive
    }
}
