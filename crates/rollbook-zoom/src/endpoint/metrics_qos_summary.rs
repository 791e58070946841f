//! Dashboards: call quality of past meetings, summed up for each stream. Heavy.
//!
//! Needs the paid add-on for quality data and a subscription to its summary event. Without them the list
//! is empty, which is no error (quirk 57).

use crate::endpoint::metrics_qos::{QOS_PAGE_SIZE, StreamName};
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingRef, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::quantity::{Fps, Kbps, Milliseconds, Percent, Quantity, Resolution};
use crate::wire::wire;
use crate::word::PressureLevel;

/// Call quality of a past meeting's participants, summed up, ten a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsMeetingParticipantsQosSummary {
    /// Which meeting.
    pub meeting: MeetingRef,
    /// Participants a page, at most [`QOS_PAGE_SIZE`].
    pub page_size: u16,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsMeetingParticipantsQosSummary {
    /// The first page of the list, ten participants a page.
    #[must_use]
    pub fn new(meeting: impl Into<MeetingRef>) -> Self {
        let (meeting, page_size) = (meeting.into(), QOS_PAGE_SIZE);
        ListMetricsMeetingParticipantsQosSummary { meeting, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsMeetingParticipantsQosSummary {
    type Answer = QosSummaries;
    const OPERATION: Operation = Operation::ListMetricsMeetingParticipantsQosSummary;

    fn path(&self) -> String {
        format!("/metrics/meetings/{}/participants/qos_summary", self.meeting.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().paged(Some(self.page_size), self.next_page_token.as_ref()).done()
    }
}

impl Paged for ListMetricsMeetingParticipantsQosSummary {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsMeetingParticipantsQosSummary { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Call quality of a past webinar's participants, summed up, ten a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMetricsWebinarParticipantsQosSummary {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Participants a page, at most [`QOS_PAGE_SIZE`].
    pub page_size: u16,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListMetricsWebinarParticipantsQosSummary {
    /// The first page of the list, ten participants a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>) -> Self {
        let (webinar, page_size) = (webinar.into(), QOS_PAGE_SIZE);
        ListMetricsWebinarParticipantsQosSummary { webinar, page_size, next_page_token: None }
    }
}

impl Endpoint for ListMetricsWebinarParticipantsQosSummary {
    type Answer = QosSummaries;
    const OPERATION: Operation = Operation::ListMetricsWebinarParticipantsQosSummary;

    fn path(&self) -> String {
        format!("/metrics/webinars/{}/participants/qos_summary", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().paged(Some(self.page_size), self.next_page_token.as_ref()).done()
    }
}

impl Paged for ListMetricsWebinarParticipantsQosSummary {
    fn with_token(&self, token: &PageToken) -> Self {
        ListMetricsWebinarParticipantsQosSummary { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// A page of participants with their call quality summed up.
    pub struct QosSummaries {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// The participants of this page.
        pub participants: Vec<ParticipantQosSummary>,
    }

    /// One participant's call quality over the whole meeting.
    pub struct ParticipantQosSummary {
        /// Zoom user, if one of the account; blank for others.
        pub id: Option<UserId>,
        /// Number within this meeting: what is called `user_id` elsewhere (quirk 34).
        pub participant_id: Option<String>,
        /// Name as typed by the person.
        pub user_name: Option<String>,
        /// E-mail address; blank for most people from outside the account.
        pub email: Option<String>,
        /// One row for each stream, and one for the processor.
        pub qos: Vec<QosSummary>,
    }

    /// One stream's, or the processor's, least, average and most.
    pub struct QosSummary {
        /// A stream by Zoom's name, or `cpu_usage`.
        pub kind as "type": Option<String>,
        /// The values.
        pub details: Option<QosSummaryDetails>,
    }

    /// Least, average and most over a whole meeting. A latency of 0 may mean that it was not measured
    /// (quirk 52).
    pub struct QosSummaryDetails {
        /// Least data rate.
        pub min_bitrate: Quantity<Kbps>,
        /// Average data rate.
        pub avg_bitrate: Quantity<Kbps>,
        /// Most data rate.
        pub max_bitrate: Quantity<Kbps>,
        /// Least delay.
        pub min_latency: Quantity<Milliseconds>,
        /// Average delay.
        pub avg_latency: Quantity<Milliseconds>,
        /// Most delay.
        pub max_latency: Quantity<Milliseconds>,
        /// Least variation of the delay.
        pub min_jitter: Quantity<Milliseconds>,
        /// Average variation of the delay.
        pub avg_jitter: Quantity<Milliseconds>,
        /// Most variation of the delay.
        pub max_jitter: Quantity<Milliseconds>,
        /// Fewest packets lost.
        pub min_loss: Quantity<Percent>,
        /// Packets lost on average.
        pub avg_loss: Quantity<Percent>,
        /// Most packets lost.
        pub max_loss: Quantity<Percent>,
        /// Size of the picture.
        pub resolution: Quantity<Resolution>,
        /// Fewest pictures a second.
        pub min_frame_rate: Quantity<Fps>,
        /// Pictures a second on average.
        pub avg_frame_rate: Quantity<Fps>,
        /// Most pictures a second.
        pub max_frame_rate: Quantity<Fps>,
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
    }
}

impl QosSummary {
    /// The stream this row is about; `None` for the processor's.
    #[must_use]
    pub fn stream(&self) -> Option<StreamName> {
        StreamName::parse(self.kind.as_deref()?)
    }
}

page!(QosSummaries, participants: ParticipantQosSummary, no total);
