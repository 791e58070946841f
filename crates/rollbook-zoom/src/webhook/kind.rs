//! What an event is about, by its name.

/// What an event tells. Meetings and webinars share the kinds; [`Event::is_webinar`](super::Event::is_webinar)
/// tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Zoom wants to know whether the address is ours.
    UrlValidation,
    /// A run began.
    Started,
    /// A run ended.
    Ended,
    /// Somebody came in.
    Joined,
    /// Somebody left.
    Left,
    /// Somebody began to wait to be let in.
    JoinedWaitingRoom,
    /// Somebody stopped waiting: let in, or gone.
    LeftWaitingRoom,
    /// The host moved somebody back into the waiting room.
    PutInWaitingRoom,
    /// The host let somebody in.
    Admitted,
    /// Somebody came into a breakout room.
    JoinedBreakoutRoom,
    /// Somebody left a breakout room.
    LeftBreakoutRoom,
    /// Somebody waits for the host to begin.
    WaitingForHost,
    /// Somebody gave up waiting for the host.
    GaveUpWaitingForHost,
    /// Somebody came in before the host.
    JoinedBeforeHost,
    /// A telephone was tied to somebody who is there by computer.
    Bound,
    /// Somebody's call quality at some moments.
    Qos,
    /// Somebody's call quality over the whole run.
    QosSummary,
    /// Somebody's device and network.
    Data,
    /// Somebody's devices and networks over the whole run.
    DataSummary,
    /// Something else: of no use here, or new.
    Other,
}

/// Zoom's names after `meeting.` or `webinar.`.
const NAMES: [(&str, EventKind); 18] = [
    ("started", EventKind::Started),
    ("ended", EventKind::Ended),
    ("participant_joined", EventKind::Joined),
    ("participant_left", EventKind::Left),
    ("participant_joined_waiting_room", EventKind::JoinedWaitingRoom),
    ("participant_left_waiting_room", EventKind::LeftWaitingRoom),
    ("participant_put_in_waiting_room", EventKind::PutInWaitingRoom),
    ("participant_admitted", EventKind::Admitted),
    ("participant_joined_breakout_room", EventKind::JoinedBreakoutRoom),
    ("participant_left_breakout_room", EventKind::LeftBreakoutRoom),
    ("participant_jbh_waiting", EventKind::WaitingForHost),
    ("participant_jbh_waiting_left", EventKind::GaveUpWaitingForHost),
    ("participant_jbh_joined", EventKind::JoinedBeforeHost),
    ("participant_bind", EventKind::Bound),
    ("participant_qos", EventKind::Qos),
    ("participant_qos_summary", EventKind::QosSummary),
    ("participant_data", EventKind::Data),
    ("participant_data_summary", EventKind::DataSummary),
];

impl EventKind {
    /// What an event of this name tells.
    #[must_use]
    pub fn of(name: &str) -> EventKind {
        if name == "endpoint.url_validation" {
            return EventKind::UrlValidation;
        }
        let rest = name.strip_prefix("meeting.").or_else(|| name.strip_prefix("webinar."));
        NAMES.iter().find(|(word, _)| Some(*word) == rest).map_or(EventKind::Other, |(_, kind)| *kind)
    }
}
