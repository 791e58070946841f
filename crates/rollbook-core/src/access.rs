//! Who may see and do what: four roles for people, sets of capabilities for programs.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::request::Role;

/// One thing that may be allowed. A token's scopes are these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// How complete the days are, and what the budget is: figures without people.
    SeeOverview,
    /// Which meetings ran, with their hosts and topics.
    SeeMeetings,
    /// Who was in a meeting, by name.
    SeeAttendance,
    /// Call quality, of meetings and of each person in them.
    SeeQuality,
    /// Courses: students and sessions.
    SeeCourses,
    /// Doubtful identities, and deciding them.
    DecidePeople,
    /// Quota by label and consumer, and what is parked.
    SeeQuota,
    /// Having days of the past collected.
    Backfill,
    /// Having a meeting looked at again now. The role rule for refreshes stands beside it.
    Refresh,
    /// Runs, errors, the store, health.
    SeeSystem,
    /// Numbers for monitoring, at `/metrics`.
    ReadMetrics,
    /// Erasing a person.
    Forget,
    /// The record of who looked at or changed personal data.
    SeeAudit,
}

impl Capability {
    /// All of them.
    pub const ALL: [Capability; 13] = [
        Capability::SeeOverview,
        Capability::SeeMeetings,
        Capability::SeeAttendance,
        Capability::SeeQuality,
        Capability::SeeCourses,
        Capability::DecidePeople,
        Capability::SeeQuota,
        Capability::Backfill,
        Capability::Refresh,
        Capability::SeeSystem,
        Capability::ReadMetrics,
        Capability::Forget,
        Capability::SeeAudit,
    ];

    /// The word in tokens, JSON and the store.
    pub fn name(self) -> &'static str {
        match self {
            Capability::SeeOverview => "see_overview",
            Capability::SeeMeetings => "see_meetings",
            Capability::SeeAttendance => "see_attendance",
            Capability::SeeQuality => "see_quality",
            Capability::SeeCourses => "see_courses",
            Capability::DecidePeople => "decide_people",
            Capability::SeeQuota => "see_quota",
            Capability::Backfill => "backfill",
            Capability::Refresh => "refresh",
            Capability::SeeSystem => "see_system",
            Capability::ReadMetrics => "read_metrics",
            Capability::Forget => "forget",
            Capability::SeeAudit => "see_audit",
        }
    }

    /// What it means, for whoever has it.
    pub fn words(self) -> &'static str {
        match self {
            Capability::SeeOverview => "See how complete the days are",
            Capability::SeeMeetings => "See which meetings ran",
            Capability::SeeAttendance => "See who was there",
            Capability::SeeQuality => "See how calls went",
            Capability::SeeCourses => "See courses: students and sessions",
            Capability::DecidePeople => "Decide who is who",
            Capability::SeeQuota => "See what was asked of Zoom, and what is left",
            Capability::Backfill => "Have days of the past collected",
            Capability::Refresh => "Ask for a meeting to be looked at again, where the site's rule allows it",
            Capability::SeeSystem => "See runs, errors and the store",
            Capability::ReadMetrics => "Read the numbers for monitoring",
            Capability::Forget => "Erase a person",
            Capability::SeeAudit => "See who looked at or changed personal data",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(text: &str) -> Result<Capability, String> {
        let word = text.trim().to_lowercase();
        Capability::ALL.into_iter().find(|one| one.name() == word).ok_or_else(|| {
            let words: Vec<&str> = Capability::ALL.into_iter().map(Capability::name).collect();
            format!("{text:?} is no scope; use {}", words.join(", "))
        })
    }
}

impl Role {
    /// Whether the role allows it. What a teacher may see is narrowed further, to their own courses.
    pub fn may(self, capability: Capability) -> bool {
        use Capability::{
            ReadMetrics, Refresh, SeeAttendance, SeeCourses, SeeMeetings, SeeOverview, SeeQuality, SeeQuota,
            SeeSystem,
        };
        match self {
            Role::Admin => true,
            Role::Analyst => matches!(
                capability,
                SeeOverview
                    | SeeMeetings
                    | SeeAttendance
                    | SeeQuality
                    | SeeQuota
                    | Refresh
                    | SeeSystem
                    | ReadMetrics
            ),
            Role::Teacher => {
                matches!(capability, SeeMeetings | SeeAttendance | SeeQuality | SeeCourses | Refresh)
            }
            Role::Viewer => matches!(capability, SeeOverview | SeeQuota | ReadMetrics | Refresh),
        }
    }

    /// All that the role allows.
    pub fn capabilities(self) -> BTreeSet<Capability> {
        Capability::ALL.into_iter().filter(|capability| self.may(*capability)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for capability in Capability::ALL {
            assert_eq!(capability.name().parse(), Ok(capability));
        }
        assert!("everything".parse::<Capability>().unwrap_err().contains("see_overview"));
    }

    #[test]
    fn only_admins_decide_erase_and_read_the_audit() {
        for capability in
            [Capability::DecidePeople, Capability::Backfill, Capability::Forget, Capability::SeeAudit]
        {
            let allowed: Vec<Role> = Role::ALL.into_iter().filter(|role| role.may(capability)).collect();
            assert_eq!(allowed, [Role::Admin], "{capability}");
        }
    }

    #[test]
    fn who_only_looks_sees_no_people_and_an_analyst_no_courses() {
        assert!(!Role::Viewer.may(Capability::SeeAttendance) && !Role::Viewer.may(Capability::SeeMeetings));
        assert!(!Role::Analyst.may(Capability::SeeCourses) && Role::Analyst.may(Capability::SeeQuality));
        assert!(!Role::Teacher.may(Capability::SeeSystem) && !Role::Teacher.may(Capability::SeeQuota));
    }
}
