//! The bodies of events. Every member may be missing; what is unknown is noted and fails nothing.
//!
//! Names differ from those of the endpoints, and between events (quirk 72): `participant_id` is what is called
//! `user_id` elsewhere, `participant_user_id` is a Zoom user.

use jiff::Timestamp;

use super::EventKind;
use crate::endpoint::metrics_qos::StreamName;
use crate::id::{MeetingId, MeetingUuid, UserId};
use crate::quantity::{Dbm, Fps, Kbps, Milliseconds, Percent, Quantity, Resolution};
use crate::wire::{DecodeError, Decoded, decode, wire};
use crate::word::{MeetingKind, PressureLevel, Quality, SignalUnit};

wire! {
    /// One event.
    pub struct Event {
        /// Zoom's name of it, such as `meeting.participant_joined`.
        pub name as "event": Option<String>,
        /// When it happened, to the millisecond. Not when it was sent.
        pub event_ts: Option<Timestamp>,
        /// What it tells.
        pub payload: Option<Payload>,
    }

    /// The account, and what happened there.
    pub struct Payload {
        /// Account of the host.
        pub account_id: Option<String>,
        /// What to answer a URL validation with.
        pub plain_token as "plainToken": Option<String>,
        /// The meeting or webinar.
        pub object: Option<EventObject>,
    }

    /// One run of a meeting or webinar. Events of call quality tell its UUID only.
    pub struct EventObject {
        /// The number, as a number or as text (quirk 13). Summaries of webinars have shown other text here.
        pub id: Option<String>,
        /// The run.
        pub uuid: Option<MeetingUuid>,
        /// The host's Zoom user.
        pub host_id: Option<UserId>,
        /// Title.
        pub topic: Option<String>,
        /// Zoom's number for the kind of meeting.
        pub kind as "type": Option<MeetingKind>,
        /// Start of the run, UTC.
        pub start_time: Option<Timestamp>,
        /// End of the run, UTC.
        pub end_time: Option<Timestamp>,
        /// Zone the meeting is planned in; the times are UTC all the same.
        pub timezone: Option<String>,
        /// **Planned** minutes (quirk 71).
        pub duration: Option<i64>,
        /// Whether a webinar was only rehearsed.
        pub practice_session: Option<bool>,
        /// The breakout room; the UUID is the main meeting's.
        pub breakout_room_uuid: Option<MeetingUuid>,
        /// Who it is about.
        pub participant: Option<EventParticipant>,
    }

    /// One connection of one participant.
    pub struct EventParticipant {
        /// Number within the run, another one after each rejoin and in each breakout room. Not a Zoom user.
        pub user_id: Option<String>,
        /// The same, by the name that events of call quality use.
        pub participant_id: Option<String>,
        /// The number in the main room, of somebody in a breakout room.
        pub parent_user_id: Option<String>,
        /// The connection.
        pub participant_uuid: Option<String>,
        /// Name as typed by the person.
        pub user_name: Option<String>,
        /// Zoom user; blank for guests and people of other accounts.
        pub participant_user_id: Option<UserId>,
        /// Zoom user, by the old name.
        pub id: Option<UserId>,
        /// E-mail address; blank for most people from outside the account.
        pub email: Option<String>,
        /// The registration this person came with.
        pub registrant_id: Option<String>,
        /// Given by programs that join through Zoom's kits.
        pub customer_key: Option<String>,
        /// People on the telephone.
        pub phone_number: Option<String>,
        /// When they came, UTC.
        pub join_time: Option<Timestamp>,
        /// When they left, UTC.
        pub leave_time: Option<Timestamp>,
        /// Why they left: free text, with the name and HTML in it (quirk 38).
        pub leave_reason: Option<String>,
        /// When it happened, where that is neither coming nor leaving, UTC.
        pub date_time: Option<Timestamp>,
        /// The number of the same person's other connection.
        pub bind_user_id: Option<String>,
        /// That other connection.
        pub bind_participant_uuid: Option<String>,
        /// Call quality: one row for each stream and moment, or each stream of a summary.
        pub qos: Vec<EventQos>,
        /// Device and network.
        pub data: Vec<EventData>,
    }

    /// One stream's, or the processor's, call quality.
    pub struct EventQos {
        /// The moment, UTC. Summaries have none.
        pub date_time: Option<Timestamp>,
        /// A stream by Zoom's name, `cpu_usage`, or one of `audio_quality`, `video_quality`, `as_quality`.
        pub kind as "type": Option<String>,
        /// The values.
        pub details: Option<EventQosDetails>,
    }

    /// The values of one moment, or least, average and most over a run; which is which, the members tell.
    pub struct EventQosDetails {
        /// Data rate.
        pub bitrate: Quantity<Kbps>,
        /// Delay.
        pub latency: Quantity<Milliseconds>,
        /// How much the delay varied.
        pub jitter: Quantity<Milliseconds>,
        /// Packets lost, on average.
        pub avg_loss: Quantity<Percent>,
        /// Packets lost, at worst.
        pub max_loss: Quantity<Percent>,
        /// Size of the picture.
        pub resolution: Quantity<Resolution>,
        /// Pictures a second.
        pub frame_rate: Quantity<Fps>,
        /// Zoom's judgement in a word.
        pub quality: Option<Quality>,
        /// Zoom's judgement as a number, which comes as text (quirk 55).
        pub quality_score: Option<f64>,
        /// Radio signal: what Zoom calls the least.
        pub min_rssi: Quantity<Dbm>,
        /// Radio signal, on average.
        pub avg_rssi: Quantity<Dbm>,
        /// Radio signal: what Zoom calls the most.
        pub max_rssi: Quantity<Dbm>,
        /// What the radio signal is told in.
        pub rssi_unit: Option<SignalUnit>,
        /// Zoom's share of the processor, at least.
        pub zoom_min_cpu_usage: Quantity<Percent>,
        /// Zoom's share of the processor, on average.
        pub zoom_avg_cpu_usage: Quantity<Percent>,
        /// Zoom's share of the processor, at most.
        pub zoom_max_cpu_usage: Quantity<Percent>,
        /// The share of everything on the machine, at most.
        pub system_max_cpu_usage: Quantity<Percent>,
        /// How hard pressed the processor was, at least.
        pub system_min_cpu_pressure_level: Option<PressureLevel>,
        /// How hard pressed the processor was, on average.
        pub system_avg_cpu_pressure_level: Option<PressureLevel>,
        /// How hard pressed the processor was, at most.
        pub system_max_cpu_pressure_level: Option<PressureLevel>,
        /// Summary: least data rate.
        pub min_bitrate: Quantity<Kbps>,
        /// Summary: average data rate.
        pub avg_bitrate: Quantity<Kbps>,
        /// Summary: most data rate.
        pub max_bitrate: Quantity<Kbps>,
        /// Summary: least delay.
        pub min_latency: Quantity<Milliseconds>,
        /// Summary: average delay. 0 may mean that it was not measured (quirk 52).
        pub avg_latency: Quantity<Milliseconds>,
        /// Summary: most delay.
        pub max_latency: Quantity<Milliseconds>,
        /// Summary: least variation of the delay.
        pub min_jitter: Quantity<Milliseconds>,
        /// Summary: average variation of the delay.
        pub avg_jitter: Quantity<Milliseconds>,
        /// Summary: most variation of the delay.
        pub max_jitter: Quantity<Milliseconds>,
        /// Summary: fewest packets lost.
        pub min_loss: Quantity<Percent>,
        /// Summary: fewest pictures a second.
        pub min_frame_rate: Quantity<Fps>,
        /// Summary: pictures a second on average.
        pub avg_frame_rate: Quantity<Fps>,
        /// Summary: most pictures a second.
        pub max_frame_rate: Quantity<Fps>,
    }

    /// One device and network of a participant. Text as Zoom writes it (quirk 37).
    pub struct EventData {
        /// Kind of device.
        pub device: Option<String>,
        /// Browser or other detail of the device.
        pub device_detail: Option<String>,
        /// Zoom's program.
        pub client: Option<String>,
        /// Version of Zoom's program.
        pub version: Option<String>,
        /// Place, as far as the address tells.
        pub location: Option<String>,
        /// Such as `Wired`.
        pub network_type: Option<String>,
        /// Such as `P2P`.
        pub connection_type: Option<String>,
        /// Zoom's data centre.
        pub data_center: Option<String>,
        /// Microphone in use.
        pub microphone: Option<String>,
        /// Loudspeaker in use.
        pub speaker: Option<String>,
        /// Camera in use.
        pub camera: Option<String>,
        /// The machine's name.
        pub pc_name: Option<String>,
        /// The machine's domain.
        pub domain: Option<String>,
        /// Hardware address.
        pub mac_addr: Option<String>,
        /// Disk.
        pub harddisk_id: Option<String>,
        /// Address towards Zoom.
        pub signaling_ip_address: Option<String>,
        /// Address within the own network.
        pub signaling_internal_ip_address: Option<String>,
        /// Port within the own network.
        pub signaling_internal_ip_port: Option<String>,
        /// Address of sound within the own network.
        pub audio_internal_ip_address: Option<String>,
        /// Port of sound within the own network.
        pub audio_internal_ip_port: Option<String>,
        /// Address of pictures within the own network.
        pub video_internal_ip_address: Option<String>,
        /// Port of pictures within the own network.
        pub video_internal_ip_port: Option<String>,
        /// Address of the shared screen within the own network.
        pub as_internal_ip_address: Option<String>,
        /// Port of the shared screen within the own network.
        pub as_internal_ip_port: Option<String>,
        /// Whom it talked to.
        pub destination_ip_domain: Option<String>,
        /// At which port.
        pub destination_ip_port: Option<String>,
    }
}

impl Event {
    /// Reads a body. Events nobody knows yet read too, as [`EventKind::Other`].
    ///
    /// # Errors
    /// Text that is not JSON, is cut short, or is not an object.
    pub fn read(body: &[u8]) -> Result<Decoded<Event>, DecodeError> {
        decode(body)
    }

    /// What it tells.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.name.as_deref().map_or(EventKind::Other, EventKind::of)
    }

    /// Whether it is about a webinar.
    #[must_use]
    pub fn is_webinar(&self) -> bool {
        self.name.as_deref().is_some_and(|name| name.starts_with("webinar."))
    }

    /// Account of the host.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.payload.as_ref()?.account_id.as_deref()
    }

    /// What a URL validation is to be answered with.
    #[must_use]
    pub fn plain_token(&self) -> Option<&str> {
        self.payload.as_ref()?.plain_token.as_deref()
    }

    /// The meeting or webinar.
    #[must_use]
    pub fn object(&self) -> Option<&EventObject> {
        self.payload.as_ref()?.object.as_ref()
    }
}

impl EventObject {
    /// The meeting's or webinar's number, if that is what `id` holds.
    #[must_use]
    pub fn number(&self) -> Option<MeetingId> {
        self.id.as_deref()?.parse().ok()
    }
}

impl EventParticipant {
    /// Number within the run, whatever the event calls it.
    #[must_use]
    pub fn connection(&self) -> Option<&str> {
        self.user_id.as_deref().or(self.participant_id.as_deref())
    }

    /// The Zoom user, by the new name or the old.
    #[must_use]
    pub fn zoom_user(&self) -> Option<&UserId> {
        self.participant_user_id.as_ref().or(self.id.as_ref())
    }
}

impl EventQos {
    /// The stream this row is about; `None` for the processor's, and for words about quality.
    #[must_use]
    pub fn stream(&self) -> Option<StreamName> {
        StreamName::parse(self.kind.as_deref()?)
    }
}
