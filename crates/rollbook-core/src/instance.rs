//! One run that happened: the unit that is collected and reconciled.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Meeting or webinar: they have endpoints of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A meeting.
    Meeting,
    /// A webinar.
    Webinar,
}

impl Kind {
    /// `meeting` or `webinar`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Meeting => "meeting",
            Kind::Webinar => "webinar",
        }
    }
}

/// Where an instance's start and end come from, least trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimesFrom {
    /// Nobody told yet (quirk 1).
    Nowhere,
    /// First join and last leave of its stays.
    Derived,
    /// A list.
    List,
    /// `/past_meetings/{uuid}`.
    Details,
}

/// What lists and details said of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Zoom's UUID of this run.
    pub uuid: String,
    /// Meeting or webinar.
    pub kind: Kind,
    /// The meeting number, which many runs can share (quirk 17).
    pub number: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// The host's e-mail.
    pub host_email: Option<String>,
    /// The host's name.
    pub host_name: Option<String>,
    /// Zoom's meeting type, where a list says it: 4 is a personal room (quirk 22).
    pub zoom_type: Option<i64>,
    /// Start.
    pub started_at: Option<Timestamp>,
    /// End; none while it is live or not told.
    pub ended_at: Option<Timestamp>,
    /// Where the times come from.
    pub times_from: TimesFrom,
    /// How many people Zoom says took part; none where it says nothing or zero (quirk 1).
    pub listed_count: Option<u32>,
    /// Listed among the runs that only one person attended (quirk 3).
    pub is_one_person: bool,
    /// Seen in a list of live meetings and not yet in a list of past ones.
    pub is_live: bool,
}

impl Instance {
    /// An instance of which nothing but its UUID is known.
    pub fn unknown(uuid: String, kind: Kind) -> Instance {
        Instance {
            uuid,
            kind,
            number: None,
            topic: None,
            host_email: None,
            host_name: None,
            zoom_type: None,
            started_at: None,
            ended_at: None,
            times_from: TimesFrom::Nowhere,
            listed_count: None,
            is_one_person: false,
            is_live: false,
        }
    }

    /// Takes over what a later list or details answer knows better; nothing known is lost to a blank.
    pub fn absorb(&mut self, later: Instance) {
        self.number = later.number.or(self.number);
        self.topic = later.topic.or(self.topic.take());
        self.host_email = later.host_email.or(self.host_email.take());
        self.host_name = later.host_name.or(self.host_name.take());
        self.zoom_type = later.zoom_type.or(self.zoom_type);
        let told = later.started_at.is_some() && (later.ended_at.is_some() || self.ended_at.is_none());
        if told && later.times_from >= self.times_from {
            self.started_at = later.started_at;
            self.ended_at = later.ended_at;
            self.times_from = later.times_from;
        }
        // A record that was incomplete says zero, which is told as none; a later count is the better one.
        self.listed_count = later.listed_count.or(self.listed_count);
        // Lists of live meetings and of runs do not say how many came; they have no end either.
        if later.is_one_person || later.times_from >= TimesFrom::List {
            self.is_one_person = later.is_one_person && self.listed_count.is_none_or(|count| count <= 1);
        }
        self.is_live = self.is_live && later.is_live;
    }
}
