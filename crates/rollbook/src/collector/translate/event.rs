//! Zoom's events in core's terms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::presence::{Sight, Sighting};
use rollbook_core::quality::QualityRow;
use rollbook_zoom::webhook::event::{EventData, EventObject, EventParticipant};
use rollbook_zoom::webhook::{Event, EventKind};

use super::{some, times};

/// What an event says.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// A run began.
    Started(Instance),
    /// A run ended.
    Ended(Instance),
    /// Somebody came or went in a run.
    Seen(Instance, Sighting),
    /// Somebody waits for a run that may never begin: no reason to believe that it runs.
    SeenBefore {
        /// The run.
        uuid: String,
        /// Who.
        seen: Sighting,
    },
    /// Call quality of a connection, with or without samples: only the run's UUID is told.
    Quality {
        /// The run.
        uuid: String,
        /// What its devices and network are, if that is what the event is about.
        seen: Option<Sighting>,
        /// Its samples. The join is not told.
        row: Box<QualityRow>,
    },
    /// Nothing that is of use here; the reason stays with the event.
    Nothing(&'static str),
}

/// Reads an event. Whatever it lacks, it is at worst of no use.
pub fn happening(event: Event) -> Happening {
    let (kind, is_webinar, happened_at) = (event.kind(), event.is_webinar(), event.event_ts);
    let Some(mut object) = event.payload.and_then(|payload| payload.object) else {
        return Happening::Nothing("it has no object");
    };
    if kind == EventKind::Other {
        return Happening::Nothing("nothing is learned from events of this kind");
    }
    if kind == EventKind::QosSummary {
        return Happening::Nothing("the samples it sums up tell more");
    }
    let Some(uuid) = object.uuid.take().map(|uuid| uuid.as_str().to_owned()) else {
        return Happening::Nothing("it names no run");
    };
    let participant = object.participant.take();
    let room = object.breakout_room_uuid.take().map(|uuid| uuid.as_str().to_owned());
    let of = if is_webinar { Kind::Webinar } else { Kind::Meeting };
    match kind {
        EventKind::Started => Happening::Started(instance(uuid, of, object, true)),
        EventKind::Ended => Happening::Ended(instance(uuid, of, object, false)),
        _ => {
            let Some(participant) = participant else { return Happening::Nothing("it names no participant") };
            match kind {
                EventKind::Qos => Happening::Quality {
                    uuid,
                    seen: None,
                    row: Box::new(super::quality::event_row(participant)),
                },
                EventKind::Data | EventKind::DataSummary => equipped(uuid, happened_at, participant),
                _ => seen(uuid, of, object, kind, happened_at, participant, room),
            }
        }
    }
}

fn instance(uuid: String, kind: Kind, object: EventObject, is_live: bool) -> Instance {
    let known = Instance {
        number: object.number().map(|id| id.0),
        topic: some(object.topic),
        zoom_type: object.kind.map(|kind| kind.0),
        started_at: object.start_time,
        ended_at: object.end_time.filter(|_| !is_live),
        is_live,
        ..Instance::unknown(uuid, kind)
    };
    // With or without times: what an event tells is the least trusted.
    Instance { times_from: TimesFrom::Event, ..times(known, TimesFrom::Event) }
}

fn seen(
    uuid: String,
    of: Kind,
    object: EventObject,
    kind: EventKind,
    happened_at: Option<Timestamp>,
    participant: EventParticipant,
    room: Option<String>,
) -> Happening {
    let (sight, told_at) = match kind {
        EventKind::Joined => (Sight::Joined, participant.join_time),
        EventKind::Left => (Sight::Left, participant.leave_time),
        EventKind::JoinedWaitingRoom => (Sight::Waits, participant.date_time),
        EventKind::LeftWaitingRoom | EventKind::Admitted => (Sight::StoppedWaiting, participant.date_time),
        EventKind::PutInWaitingRoom => (Sight::PutOut, participant.date_time),
        EventKind::JoinedBreakoutRoom => (Sight::JoinedRoom, participant.join_time),
        EventKind::LeftBreakoutRoom => (Sight::LeftRoom, participant.leave_time),
        EventKind::WaitingForHost => (Sight::WaitsForHost, None),
        EventKind::GaveUpWaitingForHost | EventKind::JoinedBeforeHost => (Sight::StoppedWaitingForHost, None),
        EventKind::Bound => (Sight::Bound, participant.date_time),
        _ => return Happening::Nothing("nothing is learned from events of this kind"),
    };
    // Quirk 69: the time inside the event is the one to go by; that of the event itself comes close.
    let Some(at) = told_at.or(happened_at) else { return Happening::Nothing("it does not say when") };
    let other_user_id = some(participant.parent_user_id.clone()).or(some(participant.bind_user_id.clone()));
    let leave_reason = some(participant.leave_reason.clone()).map(|text| reason(&text).to_owned());
    let details = leave_reason.map(|reason| ("leave_reason".to_owned(), reason)).into_iter().collect();
    let seen = Sighting { room, other_user_id, details, ..sighting(at, sight, participant) };
    match sight {
        Sight::WaitsForHost | Sight::StoppedWaitingForHost => Happening::SeenBefore { uuid, seen },
        _ => Happening::Seen(instance(uuid, of, object, true), seen),
    }
}

fn sighting(at: Timestamp, sight: Sight, participant: EventParticipant) -> Sighting {
    Sighting {
        participant_uuid: some(participant.participant_uuid.clone()),
        zoom_user_id: participant.zoom_user().map(|user| user.as_str().to_owned()),
        registrant_id: some(participant.registrant_id.clone()),
        name: some(participant.user_name.clone()),
        email: some(participant.email.clone()),
        ..Sighting::of(at, sight, participant.connection().unwrap_or(""))
    }
}

/// Quirk 38: events put the name and HTML before the reason that REST tells alone.
fn reason(text: &str) -> &str {
    text.rsplit_once("Reason:").map_or(text, |(_, reason)| reason).trim()
}

/// Device and network. Names as those of the dashboard's participants (`translate::metrics_row`) for the stay, and as
/// those of call quality for the connection's series.
fn equipped(uuid: String, happened_at: Option<Timestamp>, mut participant: EventParticipant) -> Happening {
    let Some(at) = happened_at else { return Happening::Nothing("it does not say when") };
    let rows = std::mem::take(&mut participant.data);
    let (mut of_stay, mut of_series) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        of_stay.extend(stay_details(&row));
        of_series.extend(series_details(row));
    }
    let seen = Sighting { details: of_stay, ..sighting(at, Sight::Equipped, participant.clone()) };
    let row = QualityRow { details: of_series, ..super::quality::event_row(participant) };
    Happening::Quality { uuid, seen: Some(seen), row: Box::new(row) }
}

fn stay_details(row: &EventData) -> BTreeMap<String, String> {
    told([
        ("device", row.device.clone()),
        ("version", row.version.clone()),
        ("network", row.network_type.clone()),
        ("location", row.location.clone()),
        ("data_center", row.data_center.clone()),
    ])
}

fn series_details(row: EventData) -> BTreeMap<String, String> {
    told([
        ("device", row.device),
        ("device_detail", row.device_detail),
        ("client", row.client),
        ("version", row.version),
        ("pc_name", row.pc_name),
        ("domain", row.domain),
        ("mac_addr", row.mac_addr),
        ("harddisk_id", row.harddisk_id),
        ("camera", row.camera),
        ("microphone", row.microphone),
        ("speaker", row.speaker),
        ("network_type", row.network_type),
        ("ip_address", row.signaling_ip_address),
        ("internal_ip_addresses", row.signaling_internal_ip_address),
        ("location", row.location),
        ("connection_type", row.connection_type),
        ("data_center", row.data_center),
    ])
}

fn told<const N: usize>(details: [(&str, Option<String>); N]) -> BTreeMap<String, String> {
    details.into_iter().filter_map(|(name, value)| Some((name.to_owned(), some(value)?))).collect()
}

#[cfg(test)]
mod tests;
