//! What Zoom would post while the world goes by: events with their signatures, and what goes wrong with them.
//!
//! Written from Zoom's documents alone (WEBHOOKS.md), like everything here: the envelope, the names of members that
//! differ from event to event, `v0=` and the hex of HMAC-SHA-256 over `v0:`, timestamp, `:` and the raw body.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

mod quality;

use crate::chance::{Chance, Dice};
use crate::truth::{Kind, TrueInstance, TrueStay};
use crate::world::World;

/// What the pretend Zoom signs its events with.
pub const WEBHOOK_SECRET: &str = "sim-webhook-secret";

/// Zoom comes again this long after the first try, if it was not answered well (WEBHOOKS.md, "Delivery and retry").
const RETRIES: [SignedDuration; 3] =
    [SignedDuration::from_mins(5), SignedDuration::from_mins(25), SignedDuration::from_mins(85)];

/// What goes wrong with events, each as a share of all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventFaults {
    /// Never posted.
    pub lost: f64,
    /// Posted twice, the same bytes.
    pub repeated: f64,
    /// Posted with one of the retries, up to 85 minutes late.
    pub late: f64,
    /// Posted some seconds early or late, so that they overtake each other (quirk 69).
    pub disordered: f64,
    /// Seconds by which the clock that signs is ahead.
    pub ahead_seconds: i64,
    /// Whether a retry carries the first try's timestamp and signature; not documented.
    pub signs_once: bool,
    /// Whether the account has the add-on that posts call quality and devices.
    pub quality: bool,
}

impl EventFaults {
    /// Every event comes once, at once and in order.
    pub fn none() -> EventFaults {
        EventFaults {
            lost: 0.0,
            repeated: 0.0,
            late: 0.0,
            disordered: 0.0,
            ahead_seconds: 0,
            signs_once: true,
            quality: false,
        }
    }

    /// A bad network, on a bad day.
    pub fn rough() -> EventFaults {
        EventFaults {
            lost: 0.15,
            repeated: 0.2,
            late: 0.2,
            disordered: 0.4,
            ahead_seconds: 90,
            ..EventFaults::none()
        }
    }
}

/// One request of Zoom's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// When it arrives.
    pub at: Timestamp,
    /// `x-zm-request-timestamp`
    pub timestamp: String,
    /// `x-zm-signature`
    pub signature: String,
    /// The body.
    pub body: String,
}

/// All posts of the world, in the order in which they arrive.
pub(crate) fn of(world: &World, faults: &EventFaults) -> Vec<Post> {
    let chance = Chance::named(world.options.seed, "events");
    let mut posts = Vec::new();
    for at in 0..world.days.instances.len() {
        let mut dice = chance.at(at as u64);
        let instance = TrueInstance::of(world, at);
        let mut told = of_instance(world, &instance);
        if faults.quality {
            told.extend(quality::of_instance(world, at, &instance));
        }
        for (happened_at, body) in told {
            posts.extend(post(faults, &mut dice, happened_at, body.to_string()));
        }
    }
    posts.sort_by(|a, b| (a.at, &a.body, &a.timestamp).cmp(&(b.at, &b.body, &b.timestamp)));
    posts
}

/// The posts of one event: none if it is lost, two if it is repeated.
fn post(faults: &EventFaults, dice: &mut Dice, happened_at: Timestamp, body: String) -> Vec<Post> {
    // Every die is cast for every event, so that one share changed shifts nothing.
    let (lost, repeated, late, disordered) = (
        dice.hit(faults.lost),
        dice.hit(faults.repeated),
        dice.hit(faults.late),
        dice.hit(faults.disordered),
    );
    let (retry, seconds, again) = (dice.between(0, 2), dice.between(1, 40), dice.between(0, 2));
    if lost {
        return Vec::new();
    }
    // Events take about a second.
    let mut first = happened_at + SignedDuration::from_secs(1);
    if disordered {
        first += SignedDuration::from_secs(seconds);
    }
    let delivered = if late { first + RETRIES[retry as usize] } else { first };
    let mut times = vec![delivered];
    if repeated {
        times.push(first + RETRIES[again as usize]);
    }
    times
        .into_iter()
        .map(|at| {
            let signed_at = if faults.signs_once { first } else { at };
            let timestamp = (signed_at.as_second() + faults.ahead_seconds).to_string();
            Post { at, signature: sign(&timestamp, &body), timestamp, body: body.clone() }
        })
        .collect()
}

fn sign(timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).expect("any key will do");
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

/// The envelope of an event.
pub(super) fn envelope(world: &World, name: &str, at: Timestamp, object: Value) -> (Timestamp, Value) {
    let account = &world.options.credentials.account_id;
    let payload = json!({ "account_id": account, "object": object });
    (at, json!({ "event": name, "event_ts": at.as_millisecond(), "payload": payload }))
}

pub(super) fn family(instance: &TrueInstance) -> &'static str {
    match instance.kind {
        Kind::Meeting => "meeting",
        Kind::Webinar => "webinar",
    }
}

fn of_instance(world: &World, instance: &TrueInstance) -> Vec<(Timestamp, Value)> {
    let family = family(instance);
    // The number is text in most events and a number in the first (quirk 13).
    let object = |number: Value| {
        json!({
            "id": number, "uuid": instance.uuid, "host_id": "simHost", "topic": instance.topic,
            "type": if family == "meeting" { 8 } else { 5 },
            "start_time": second(instance.start), "timezone": "UTC", "duration": 60,
        })
    };
    let mut told =
        vec![envelope(world, &format!("{family}.started"), instance.start, object(json!(instance.id)))];
    let text = || object(json!(instance.id.to_string()));
    for stay in &instance.stays {
        for (name, at, members) in of_stay(instance, stay) {
            let mut object = text();
            if name.ends_with("breakout_room") {
                object["breakout_room_uuid"] = json!(format!("{}room", instance.uuid));
            }
            object["participant"] = participant(stay, members);
            told.push(envelope(world, &format!("{family}.{name}"), at, object));
        }
    }
    let mut ended = text();
    ended["end_time"] = json!(second(instance.end));
    told.push(envelope(world, &format!("{family}.ended"), instance.end, ended));
    told
}

/// The events of one connection: their names, when they happen, and the members that only they have.
fn of_stay(instance: &TrueInstance, stay: &TrueStay) -> Vec<(&'static str, Timestamp, Value)> {
    let (join, leave) = (second(stay.join), second(stay.leave));
    let reason = format!("{} left the meeting.<br>Reason: left the meeting.", stay.name);
    if stay.status == "in_waiting_room" {
        return vec![
            ("participant_joined_waiting_room", stay.join, json!({ "date_time": join })),
            ("participant_admitted", stay.leave, json!({ "date_time": leave })),
        ];
    }
    if stay.breakout {
        let is_parent = |other: &&TrueStay| {
            other.person == stay.person && !other.breakout && other.status == "in_meeting"
        };
        let parent = instance.stays.iter().find(is_parent).map(|parent| parent.user_id.clone());
        return vec![
            (
                "participant_joined_breakout_room",
                stay.join,
                json!({ "join_time": join, "parent_user_id": parent }),
            ),
            (
                "participant_left_breakout_room",
                stay.leave,
                json!({ "leave_time": leave, "leave_reason": reason, "parent_user_id": parent }),
            ),
        ];
    }
    vec![
        ("participant_joined", stay.join, json!({ "join_time": join })),
        ("participant_left", stay.leave, json!({ "leave_time": leave, "leave_reason": reason })),
    ]
}

/// Who it is, as Zoom shows them; blank where it hides them (quirks 28 to 30).
fn participant(stay: &TrueStay, members: Value) -> Value {
    let mut participant = json!({
        "user_id": stay.user_id, "user_name": stay.name, "participant_uuid": stay.participant_uuid,
        "id": stay.zoom_user_id, "participant_user_id": stay.zoom_user_id, "email": stay.email,
        "registrant_id": stay.registrant_id,
    });
    if let (Some(participant), Value::Object(members)) = (participant.as_object_mut(), members) {
        participant.extend(members);
    }
    participant
}

/// Times inside events have whole seconds.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
