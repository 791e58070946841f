//! Changes to plans: meetings created and altered. Both count against the 100 a day of the meeting's host.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::endpoint::meetings::Meeting;
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingId, UserId};
use crate::operation::Operation;
use crate::wire::Nothing;
use crate::word::MeetingKind;

/// Characters of a topic that Zoom takes.
pub const TOPIC_MAX: usize = 200;
/// Characters of an agenda that Zoom takes.
pub const AGENDA_MAX: usize = 2_000;
/// Characters of a passcode that Zoom takes.
pub const PASSWORD_MAX: usize = 10;
/// Minutes that a meeting may be planned for.
pub const DURATION_MAX: u64 = 1_440;
/// Kinds that can be scheduled: instant, scheduled, recurring without and with a schedule, screen share only.
pub const KINDS: [i64; 5] = [1, 2, 3, 8, 10];

/// Schedules a meeting. Light; one of the host's 100 changes of the UTC day.
///
/// Sent twice, it makes two meetings: after an answer that was lost, look before sending it again.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateMeeting {
    /// The host, by ID, e-mail address or `me`.
    pub host: UserId,
    /// What is planned.
    pub plan: MeetingFields,
}

impl Endpoint for CreateMeeting {
    type Answer = Meeting;
    const OPERATION: Operation = Operation::CreateMeeting;

    fn path(&self) -> String {
        format!("/users/{}/meetings", self.host.path_segment())
    }

    fn body(&self) -> Option<Value> {
        Some(self.plan.to_json())
    }
}

/// Alters the plan of a meeting. Light; one of the host's 100 changes of the UTC day. Answered without a word.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateMeeting {
    /// The meeting's number.
    pub meeting: MeetingId,
    /// One occurrence of a recurring meeting; all of it without.
    pub occurrence_id: Option<String>,
    /// What changes; everything else stays.
    pub plan: MeetingFields,
}

impl Endpoint for UpdateMeeting {
    type Answer = Nothing;
    const OPERATION: Operation = Operation::UpdateMeeting;

    fn path(&self) -> String {
        format!("/meetings/{}", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().maybe("occurrence_id", self.occurrence_id.clone()).done()
    }

    fn body(&self) -> Option<Value> {
        Some(self.plan.to_json())
    }
}

/// What can be said of a planned meeting. Members that are absent are not sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeetingFields {
    /// What it is called.
    pub topic: Option<String>,
    /// What it is about.
    pub agenda: Option<String>,
    /// Zoom's number for the kind ([`KINDS`]); 2 without.
    pub kind: Option<MeetingKind>,
    /// Planned start. Sent in UTC, whatever the zone.
    pub start_time: Option<Timestamp>,
    /// Planned length in minutes; 60 without.
    pub duration: Option<u64>,
    /// The zone that Zoom shows it in and repeats it by, by its name in the zone database.
    pub timezone: Option<String>,
    /// Passcode.
    pub password: Option<String>,
    /// Everything else, by Zoom's names: `settings`, `recurrence`, `tracking_fields` …
    pub others: Map<String, Value>,
}

impl MeetingFields {
    /// The body of the request. Members that have a place of their own win over `others`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = self.others.clone();
        let own = [
            ("topic", self.topic.as_deref().map(Value::from)),
            ("agenda", self.agenda.as_deref().map(Value::from)),
            ("type", self.kind.map(|kind| json!(kind.0))),
            ("start_time", self.start_time.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into())),
            ("duration", self.duration.map(Value::from)),
            ("timezone", self.timezone.as_deref().map(Value::from)),
            ("password", self.password.as_deref().map(Value::from)),
        ];
        body.extend(own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Value::Object(body)
    }

    /// What Zoom would refuse for certain, by its documented bounds: better found before a change of the day is spent.
    ///
    /// # Errors
    /// A sentence naming the member and its bound.
    pub fn check(&self) -> Result<(), String> {
        let body = self.to_json();
        for (name, most) in [("topic", TOPIC_MAX), ("agenda", AGENDA_MAX), ("password", PASSWORD_MAX)] {
            let length = body[name].as_str().map_or(0, |text| text.chars().count());
            if length > most {
                return Err(format!("{name} has {length} characters, and Zoom takes at most {most}"));
            }
        }
        let is_length = |minutes: &Value| minutes.as_u64().is_some_and(|m| (1..=DURATION_MAX).contains(&m));
        if let Some(minutes) = body.get("duration").filter(|minutes| !is_length(minutes)) {
            return Err(format!("duration {minutes} is not a length of 1 to {DURATION_MAX} minutes"));
        }
        let is_kind = |kind: &Value| kind.as_i64().is_some_and(|kind| KINDS.contains(&kind));
        match body.get("type").filter(|kind| !is_kind(kind)) {
            Some(kind) => {
                Err(format!("type {kind} is none that can be scheduled; Zoom takes 1, 2, 3, 8 and 10"))
            }
            None => Ok(()),
        }
    }
}
