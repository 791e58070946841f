//! Dashboards: who was in a meeting, from what device, over what network. Heavy.

use jiff::Timestamp;

use crate::endpoint::metrics::{MetricsType, WebinarMetricsType};
use crate::endpoint::shared::AudioCall;
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingRef, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::{ParticipantStatus, Quality};

/// Who was in a meeting: one row a connection. Asks for `registrant_id` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsMeetingParticipants {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Must fit the meeting; `pastOne` where one person was alone.
    pub kind: MetricsType,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsMeetingParticipants {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>, kind: MetricsType) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListMetricsMeetingParticipants { meeting: meeting.into(), kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsMeetingParticipants {
    type Answer = MetricsMeetingParticipants;
    const OPERATION: Operation = Operation::ListMetricsMeetingParticipants;

    fn path(&self) -> String {
        format!("/metrics/meetings/{}/participants", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        // Zoom has no registrants of a live meeting to tell.
        let include = (self.kind != MetricsType::Live).then_some("registrant_id");
        Query::new()
            .with("type", self.kind.as_str())
            .maybe("include_fields", include)
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsMeetingParticipants {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsMeetingParticipants { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Who was in a webinar: one row a connection. Asks for `registrant_id` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsWebinarParticipants {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Must fit the webinar.
    pub kind: WebinarMetricsType,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsWebinarParticipants {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>, kind: WebinarMetricsType) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListMetricsWebinarParticipants { webinar: webinar.into(), kind, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsWebinarParticipants {
    type Answer = MetricsWebinarParticipants;
    const OPERATION: Operation = Operation::ListMetricsWebinarParticipants;

    fn path(&self) -> String {
        format!("/metrics/webinars/{}/participants", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let include = (self.kind != WebinarMetricsType::Live).then_some("registrant_id");
        Query::new()
            .with("type", self.kind.as_str())
            .maybe("include_fields", include)
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListMetricsWebinarParticipants {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsWebinarParticipants { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of a meeting's participants.
    pub struct MetricsMeetingParticipants {
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
        /// The connections of this page.
        pub participants: Vec<MetricsParticipant>,
    }

    /// A page of a webinar's participants.
    pub struct MetricsWebinarParticipants {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The webinar's number.
        pub webinar_number: Option<String>,
        /// The connections of this page.
        pub participants: Vec<MetricsParticipant>,
    }

    /// One connection of one participant. Rejoining, a breakout room, the waiting room and a second
    /// device each make another row.
    ///
    /// Zoom leaves most of this out for people from outside the account.
    pub struct MetricsParticipant {
        /// Zoom user, if one of the account; blank for guests.
        pub id: Option<UserId>,
        /// Zoom user who is signed in to the host's account.
        pub participant_user_id: Option<UserId>,
        /// Number within this meeting, another one after every rejoin. Not a Zoom user.
        pub user_id: Option<String>,
        /// One per connection; ties the row to events.
        pub participant_uuid: Option<String>,
        /// Name as typed by the person.
        pub user_name: Option<String>,
        /// E-mail address; blank for most people from outside the account.
        pub email: Option<String>,
        /// The registration this person came with, when asked for.
        pub registrant_id: Option<String>,
        /// An identifier the SDK was given, up to 35 characters.
        pub customer_key: Option<String>,
        /// Beginning of the connection, UTC.
        pub join_time: Option<Timestamp>,
        /// End of the connection, UTC; absent while it lasts.
        pub leave_time: Option<Timestamp>,
        /// Why it ended, as free text.
        pub leave_reason: Option<String>,
        /// In the meeting, or waiting to be let in.
        pub status: Option<ParticipantStatus>,
        /// `host` or `attendee`.
        pub role: Option<String>,
        /// Breakout room; absent or blank in the main room. Zoom shows both numbers and UUIDs here.
        pub bo_mtg_id: Option<String>,
        /// People behind this one connection, for Zoom Rooms and room systems.
        pub in_room_participants: Option<u64>,
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
        /// Camera in use.
        pub camera: Option<String>,
        /// Microphone in use.
        pub microphone: Option<String>,
        /// Loudspeaker in use.
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
        /// Zoom's judgement of the sound.
        pub audio_quality: Option<Quality>,
        /// Zoom's judgement of the pictures.
        pub video_quality: Option<Quality>,
        /// Zoom's judgement of the shared screen.
        pub screen_share_quality: Option<Quality>,
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
        /// What the person answered to the notice about the AI companion.
        pub aic_disclaimer: Option<String>,
        /// Address of a calling room system.
        pub from_sip_uri: Option<String>,
        /// Address of a called room system.
        pub sip_uri: Option<String>,
        /// Telephone calls that carried the sound.
        pub audio_call: Vec<AudioCall>,
        /// The user's group.
        pub group_id as "groupId": Option<String>,
        /// How long joining took; seconds, presumably: Zoom does not say.
        pub total_jointime_cost: Option<f64>,
    }
}

page!(MetricsMeetingParticipants, participants: MetricsParticipant, total);
page!(MetricsWebinarParticipants, participants: MetricsParticipant, total);
