//! Something worth asking Zoom, with priority, due time and reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::budget::Purpose;
use crate::family::Family;
use crate::instance::Kind;
use crate::label::Label;
use crate::listing::List;
use crate::time::Window;

/// What a job asks. One step of a job is one call: one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ask")]
pub enum Ask {
    /// A page of an account-wide list.
    List {
        /// Which list.
        list: List,
        /// The days wanted; the request is wider.
        window: Window,
    },
    /// A page of one host's meetings, where reports are the only way to discover.
    UserMeetings {
        /// The host.
        user: String,
        /// Runs that one person attended.
        one_person: bool,
        /// The days wanted.
        window: Window,
        /// When the list of hosts was taken.
        listed_at: Timestamp,
    },
    /// All runs of a number that is known beforehand.
    Instances {
        /// Zoom's number.
        number: u64,
        /// Meeting or webinar.
        kind: Kind,
        /// The days it is asked for; the answer tells all.
        window: Window,
    },
    /// Times and count of one instance.
    Details {
        /// The instance's row in the store.
        instance: i64,
    },
    /// A page of one instance's participants.
    Participants {
        /// The instance's row in the store.
        instance: i64,
        /// From which family.
        family: Family,
    },
    /// A page of one instance's call quality, or all of one participant's.
    Quality {
        /// The instance's row in the store.
        instance: i64,
        /// Only this connection (`user_id`); none for everybody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participant: Option<String>,
    },
}

impl Ask {
    /// The label of one step.
    pub fn label(&self, kind: Kind) -> Label {
        match self {
            Ask::List { list, .. } => list.label(),
            Ask::UserMeetings { .. } | Ask::Quality { .. } => Label::Heavy,
            Ask::Instances { kind: Kind::Meeting, .. } => Label::Medium,
            Ask::Details { .. } if kind == Kind::Webinar => Label::Heavy,
            Ask::Instances { kind: Kind::Webinar, .. } | Ask::Details { .. } => Label::Light,
            Ask::Participants { family, .. } => family.label(),
        }
    }

    /// The instance it is about, if it is about one.
    pub fn instance(&self) -> Option<i64> {
        match self {
            Ask::Details { instance }
            | Ask::Participants { instance, .. }
            | Ask::Quality { instance, .. } => Some(*instance),
            Ask::List { .. } | Ask::UserMeetings { .. } | Ask::Instances { .. } => None,
        }
    }
}

/// Why one job goes before another, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// A list is open: its page token dies in 15 minutes (quirk 45).
    OpenList = 0,
    /// Somebody asked and waits.
    Person = 1,
    /// Until a day is listed nobody knows what is missing.
    Discovery = 2,
    /// Attendance of an ended meeting.
    Attendance = 3,
    /// About to pass Zoom's look-back limit.
    Expiring = 4,
    /// Call quality, by policy.
    Quality = 5,
    /// Older days.
    History = 6,
}

impl Urgency {
    /// All of them, most urgent first.
    pub const ALL: [Urgency; 7] = [
        Urgency::OpenList,
        Urgency::Person,
        Urgency::Discovery,
        Urgency::Attendance,
        Urgency::Expiring,
        Urgency::Quality,
        Urgency::History,
    ];

    /// The stored number.
    pub fn rank(self) -> i64 {
        self as i64
    }

    /// Whose share of the budget it may use.
    pub fn purpose(is_person: bool) -> Purpose {
        if is_person { Purpose::Person } else { Purpose::Collection }
    }
}

/// A job as [`crate::plan::plan`] sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The job's row.
    pub job: i64,
    /// The pool it draws on.
    pub pool: String,
    /// Its price.
    pub label: Label,
    /// Whether a person waits for it.
    pub is_person: bool,
    /// Its priority.
    pub urgency: i64,
    /// When it is due.
    pub due_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgencies_are_all_there_in_order() {
        let ranks: Vec<i64> = Urgency::ALL.iter().map(|urgency| urgency.rank()).collect();
        assert_eq!(ranks, (0..=Urgency::History.rank()).collect::<Vec<_>>());
    }

    #[test]
    fn a_number_is_asked_for_its_runs_outside_the_daily_allowance() {
        let window = Window { from: Timestamp::UNIX_EPOCH, to: Timestamp::UNIX_EPOCH };
        let label = |kind| Ask::Instances { number: 1, kind, window }.label(Kind::Meeting);
        assert_eq!((label(Kind::Meeting), label(Kind::Webinar)), (Label::Medium, Label::Light));
    }
}
