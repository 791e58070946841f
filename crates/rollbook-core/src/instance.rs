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
    /// Webhook events.
    Event,
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
        if later.times_from == TimesFrom::Event {
            return self.absorb_event(later);
        }
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

    /// What an event knows fills gaps: it is the least trusted, comes in any order, and says nothing about how many
    /// came. Start and end may come from different events.
    fn absorb_event(&mut self, told: Instance) {
        self.number = self.number.or(told.number);
        self.topic = self.topic.take().or(told.topic);
        self.zoom_type = self.zoom_type.or(told.zoom_type);
        self.is_live = self.is_live && told.is_live;
        let fills_start = told.started_at.is_some() && self.started_at.is_none();
        let fills_end = told.ended_at.is_some() && self.ended_at.is_none();
        if self.times_from <= TimesFrom::Event {
            self.started_at = told.started_at.or(self.started_at);
            self.ended_at = told.ended_at.or(self.ended_at);
            self.times_from = TimesFrom::Event;
        } else if fills_start || fills_end {
            // As trusted as the least trusted of its parts, so that a list of past meetings corrects it.
            self.started_at = self.started_at.or(told.started_at);
            self.ended_at = self.ended_at.or(told.ended_at);
            self.times_from = TimesFrom::Event;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Option<Timestamp> {
        Timestamp::from_second(minute * 60).ok()
    }

    fn told(times_from: TimesFrom, from: i64, to: Option<i64>, is_live: bool) -> Instance {
        let (started_at, ended_at) = (at(from), to.and_then(at));
        Instance {
            started_at,
            ended_at,
            times_from,
            is_live,
            ..Instance::unknown("a==".into(), Kind::Meeting)
        }
    }

    #[test]
    fn events_tell_start_and_end_in_any_order() {
        let started = told(TimesFrom::Event, 10, None, true);
        let ended = told(TimesFrom::Event, 10, Some(60), false);
        for order in [[&started, &ended], [&ended, &started], [&ended, &ended]] {
            let mut instance = order[0].clone();
            instance.absorb(order[1].clone());
            assert_eq!((instance.started_at, instance.ended_at, instance.is_live), (at(10), at(60), false));
        }
    }

    #[test]
    fn an_event_corrects_no_list_and_a_list_corrects_events() {
        let listed = told(TimesFrom::List, 11, Some(61), false);
        let mut instance = listed.clone();
        instance.absorb(told(TimesFrom::Event, 10, Some(60), false));
        assert_eq!(instance, listed);
        let mut instance = told(TimesFrom::Event, 10, Some(60), false);
        instance.absorb(listed.clone());
        assert_eq!((instance.started_at, instance.ended_at), (at(11), at(61)));
    }

    #[test]
    fn an_event_ends_what_a_list_of_live_meetings_knew() {
        let mut instance = told(TimesFrom::List, 10, None, true);
        instance.absorb(told(TimesFrom::Event, 10, Some(60), false));
        assert_eq!(
            (instance.ended_at, instance.is_live, instance.times_from),
            (at(60), false, TimesFrom::Event)
        );
    }
}
