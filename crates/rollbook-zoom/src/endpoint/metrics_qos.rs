//! Dashboards: call quality, about one sample a minute for each connection. Heavy; Business plan or higher.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingRef, ParticipantId, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;

mod sample;

pub use sample::{CpuPressure, CpuUsage, QosSample, StreamName, StreamQos, Streams, WifiSignal};

/// People a page. Zoom allows no more, and gives **one** where none is asked for (quirk 47).
pub const QOS_PAGE_SIZE: u16 = 10;

/// Which meetings call quality and sharing are told of. Zoom's own default is `live`, so it is always
/// sent. One-person meetings (`pastOne`) have neither (quirk 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QosType {
    /// Ended.
    Past,
    /// Still running.
    Live,
}

impl QosType {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            QosType::Past => "past",
            QosType::Live => "live",
        }
    }
}

/// Call quality of everybody who was in a meeting, ten connections a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsMeetingParticipantsQos {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Must fit the meeting: an ended one is not found among the live ones.
    pub kind: QosType,
    /// Connections a page, at most [`QOS_PAGE_SIZE`].
    pub page_size: u16,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsMeetingParticipantsQos {
    /// The first page of the list, ten connections a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>, kind: QosType) -> Self {
        let (meeting, page_size) = (meeting.into(), QOS_PAGE_SIZE);
        ListMetricsMeetingParticipantsQos { meeting, kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsMeetingParticipantsQos {
    type Answer = ParticipantsQos;
    const OPERATION: Operation = Operation::ListMetricsMeetingParticipantsQos;

    fn path(&self) -> String {
        format!("/metrics/meetings/{}/participants/qos", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .paged(Some(self.page_size), self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsMeetingParticipantsQos {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsMeetingParticipantsQos { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Call quality of everybody who was in a webinar, ten connections a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsWebinarParticipantsQos {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Must fit the webinar: an ended one is not found among the live ones.
    pub kind: QosType,
    /// Connections a page, at most [`QOS_PAGE_SIZE`].
    pub page_size: u16,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsWebinarParticipantsQos {
    /// The first page of the list, ten connections a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>, kind: QosType) -> Self {
        let (webinar, page_size) = (webinar.into(), QOS_PAGE_SIZE);
        ListMetricsWebinarParticipantsQos { webinar, kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsWebinarParticipantsQos {
    type Answer = ParticipantsQos;
    const OPERATION: Operation = Operation::ListMetricsWebinarParticipantsQos;

    fn path(&self) -> String {
        format!("/metrics/webinars/{}/participants/qos", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("type", self.kind.as_str())
            .paged(Some(self.page_size), self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsWebinarParticipantsQos {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsWebinarParticipantsQos { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Call quality of one connection to a meeting. Costs as much as a page of the list, which holds ten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetricsMeetingParticipantQos {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Which connection. A person who came back has another one (quirk 58).
    pub participant: ParticipantId,
    /// Must fit the meeting: an ended one is not found among the live ones.
    pub kind: QosType,
}

impl Endpoint for GetMetricsMeetingParticipantQos {
    type Answer = ParticipantQos;
    const OPERATION: Operation = Operation::GetMetricsMeetingParticipantQos;

    fn path(&self) -> String {
        let (meeting, participant) = (self.meeting.path_segment(), self.participant.path_segment());
        format!("/metrics/meetings/{meeting}/participants/{participant}/qos")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().with("type", self.kind.as_str()).done()
    }
}

/// Call quality of one connection to a webinar. Costs as much as a page of the list, which holds ten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetricsWebinarParticipantQos {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Which connection. A person who came back has another one (quirk 58).
    pub participant: ParticipantId,
    /// Must fit the webinar: an ended one is not found among the live ones.
    pub kind: QosType,
}

impl Endpoint for GetMetricsWebinarParticipantQos {
    type Answer = ParticipantQos;
    const OPERATION: Operation = Operation::GetMetricsWebinarParticipantQos;

    fn path(&self) -> String {
        let (webinar, participant) = (self.webinar.path_segment(), self.participant.path_segment());
        format!("/metrics/webinars/{webinar}/participants/{participant}/qos")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().with("type", self.kind.as_str()).done()
    }
}

wire! {
    /// A page of a meeting's or webinar's connections with their samples.
    pub struct ParticipantsQos {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The meeting's number.
        pub meeting_number: Option<String>,
        /// The webinar's number.
        pub webinar_number: Option<String>,
        /// The connections of this page.
        pub participants: Vec<ParticipantQos>,
    }

    /// One connection of one participant, with its samples.
    ///
    /// Zoom leaves most of what is not a sample out for people from outside the account.
    pub struct ParticipantQos {
        /// Zoom user, if one of the account; blank for others.
        pub id: Option<UserId>,
        /// Number within this meeting, another one after every rejoin and in every breakout room. Not a
        /// Zoom user. It is what single answers are asked by.
        pub user_id: Option<String>,
        /// One per connection; ties the row to events.
        pub participant_uuid: Option<String>,
        /// Name as typed by the person.
        pub user_name: Option<String>,
        /// E-mail address; blank for most people from outside the account.
        pub email: Option<String>,
        /// Beginning of the connection, UTC.
        pub join_time: Option<Timestamp>,
        /// End of the connection, UTC; absent while it lasts.
        pub leave_time: Option<Timestamp>,
        /// The samples, about one a minute.
        pub user_qos: Vec<QosSample>,
        /// The meeting's number, where one connection was asked for.
        pub meeting_number: Option<String>,
        /// The webinar's number, where one connection was asked for.
        pub webinar_number: Option<String>,
        /// Zoom's judgement in a word, such as `Warning`.
        pub health: Option<String>,
        /// What Zoom found wanting, such as `audio`.
        pub issue_list: Vec<String>,
        /// Device, as free text.
        pub device: Option<String>,
        /// Name of the device's model.
        pub device_name: Option<String>,
        /// Operating system.
        pub os: Option<String>,
        /// Version of the operating system.
        pub os_version: Option<String>,
        /// Browser, for people who joined in one.
        pub browser_name: Option<String>,
        /// Version of the browser.
        pub browser_version: Option<String>,
        /// The kind of client.
        pub client: Option<String>,
        /// The client's version.
        pub version: Option<String>,
        /// The version of a plug-in for virtual desktops.
        pub zoom_thin_client_plugin_version: Option<String>,
        /// Name of the computer.
        pub pc_name: Option<String>,
        /// Windows domain of the computer.
        pub domain: Option<String>,
        /// Hardware address of the network interface.
        pub mac_addr: Option<String>,
        /// Serial number of the disk.
        pub harddisk_id: Option<String>,
        /// Camera in use. In single answers only.
        pub camera: Option<String>,
        /// Microphone in use. In single answers only.
        pub microphone: Option<String>,
        /// Loudspeaker in use. In single answers only.
        pub speaker: Option<String>,
        /// `Wired`, `Wifi`, `PPP`, `Cellular` or `Others`.
        pub network_type: Option<String>,
        /// Public address.
        pub ip_address: Option<String>,
        /// Addresses inside the local network.
        pub internal_ip_addresses: Vec<String>,
        /// Where the address is.
        pub location: Option<String>,
        /// Transport of the connection, such as `UDP`.
        pub connection_type: Option<String>,
        /// Transport of the pictures.
        pub video_connection_type: Option<String>,
        /// Transport of the shared screen.
        pub as_connection_type: Option<String>,
        /// Zoom's data centre.
        pub data_center: Option<String>,
        /// Zoom's data centres, all of them.
        pub full_data_center: Option<String>,
        /// Shared an application.
        pub share_application: Option<bool>,
        /// Shared the desktop.
        pub share_desktop: Option<bool>,
        /// Shared a whiteboard.
        pub share_whiteboard: Option<bool>,
        /// Recorded.
        pub recording: Option<bool>,
        /// Was archived.
        pub has_archiving: Option<bool>,
        /// What the person chose about archiving.
        pub optional_archiving: Option<String>,
        /// The user's group.
        pub group_id as "groupId": Option<String>,
        /// How long joining took; seconds, presumably: Zoom does not say.
        pub total_jointime_cost: Option<f64>,
        /// Named by Zoom without its kind or values, so kept as it came.
        pub rc_reason: Option<serde_json::Value>,
    }
}

page!(ParticipantsQos, participants: ParticipantQos, total);
