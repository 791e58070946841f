//! What a request costs: Zoom's four rate-limit labels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Zoom's class of a request. It decides which limit the request draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Cheapest; limited per second.
    Light,
    /// Lists outside reports and dashboards; limited per second.
    Medium,
    /// Reports and most dashboards; limited per second, and by a daily allowance.
    Heavy,
    /// Lists of a whole account's meetings; limited per minute, and by the same daily allowance.
    ResourceIntensive,
}

impl Label {
    /// All labels, cheapest first.
    pub const ALL: [Label; 4] = [Label::Light, Label::Medium, Label::Heavy, Label::ResourceIntensive];

    /// Whether a request draws on the daily allowance that Heavy and Resource-intensive share on
    /// paid plans.
    #[must_use]
    pub fn draws_on_shared_day(self) -> bool {
        matches!(self, Label::Heavy | Label::ResourceIntensive)
    }

    /// The name as Zoom writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Light => "Light",
            Label::Medium => "Medium",
            Label::Heavy => "Heavy",
            Label::ResourceIntensive => "Resource-intensive",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that is none of Zoom's labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a rate-limit label")]
pub struct NotALabel;

impl FromStr for Label {
    type Err = NotALabel;

    /// Reads Zoom's spelling in any case, with `-`, `_` or a space.
    fn from_str(text: &str) -> Result<Self, NotALabel> {
        let plain = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        Label::ALL.into_iter().find(|label| label.as_str().eq_ignore_ascii_case(&plain)).ok_or(NotALabel)
    }
}
