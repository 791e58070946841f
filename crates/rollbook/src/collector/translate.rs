//! Zoom's words into ours: the one place that knows both. A participant's stay begins here.

use std::collections::BTreeMap;

use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_core::label::Label;
use rollbook_core::quality::policy::complaint;
use rollbook_core::reading::{Row, Status};
use rollbook_zoom::endpoint::metrics::MetricsMeeting;
use rollbook_zoom::endpoint::metrics_participants::MetricsParticipant;
use rollbook_zoom::endpoint::past_meetings::{PastMeeting, PastParticipant};
use rollbook_zoom::endpoint::reports::{HistoryMeeting, ReportMeeting, ReportParticipant};
use rollbook_zoom::word::ParticipantStatus;

mod event;
mod planned;
mod quality;

pub use event::{Happening, happening};
pub use planned::{plan_of_lines, plan_of_meeting};
pub use quality::quality_row;

/// Zoom's label in core's terms.
pub fn label(label: rollbook_zoom::Label) -> Label {
    match label {
        rollbook_zoom::Label::Light => Label::Light,
        rollbook_zoom::Label::Medium => Label::Medium,
        rollbook_zoom::Label::Heavy => Label::Heavy,
        rollbook_zoom::Label::ResourceIntensive => Label::ResourceIntensive,
    }
}

/// How a list was asked, which says what its rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Meetings or webinars.
    pub kind: Kind,
    /// `pastOne`.
    pub one_person: bool,
    /// `live`.
    pub live: bool,
}

/// Zero is what Zoom says when it does not know (quirk 1).
fn count(count: Option<u64>) -> Option<u32> {
    count.filter(|count| *count > 0).and_then(|count| u32::try_from(count).ok())
}

fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn times(mut instance: Instance, from: TimesFrom) -> Instance {
    // An end before the start is no end.
    if instance.ended_at < instance.started_at {
        instance.ended_at = None;
    }
    if instance.started_at.is_some() && instance.ended_at.is_some() {
        instance.times_from = from;
    }
    instance
}

/// A line of a dashboard list; none without a UUID.
pub fn metrics_instance(row: MetricsMeeting, listed: Listed) -> Option<Instance> {
    let instance = Instance {
        number: row.id.map(|id| id.0),
        topic: some(row.topic),
        host_email: some(row.email),
        host_name: some(row.host),
        started_at: row.start_time,
        ended_at: row.end_time.filter(|_| !listed.live),
        listed_count: count(row.participants).filter(|_| !listed.live),
        is_one_person: listed.one_person,
        is_live: listed.live,
        ..Instance::unknown(row.uuid?.as_str().to_owned(), listed.kind)
    };
    Some(times(instance, TimesFrom::List))
}

/// What the quality words of a dashboard's lines say against meetings, by UUID; words of praise say nothing.
pub fn complaints(rows: &[MetricsMeeting]) -> BTreeMap<String, String> {
    let complaint_of = |row: &MetricsMeeting| {
        let words = [
            ("audio_quality", &row.audio_quality),
            ("video_quality", &row.video_quality),
            ("screen_share_quality", &row.screen_share_quality),
        ];
        let said = words.into_iter().filter_map(|(name, word)| Some((name, word.as_ref()?.as_str())));
        Some((row.uuid.as_ref()?.as_str().to_owned(), complaint(said)?))
    };
    rows.iter().filter_map(complaint_of).collect()
}

/// How many lines carry any quality word at all.
pub fn quality_words(rows: &[MetricsMeeting]) -> usize {
    let has_word = |row: &&MetricsMeeting| {
        [&row.audio_quality, &row.video_quality, &row.screen_share_quality]
            .into_iter()
            .flatten()
            .any(|word| !word.as_str().is_empty())
    };
    rows.iter().filter(has_word).count()
}

/// A line of the history report; it lists meetings and webinars together (quirk 14).
pub fn history_instance(row: HistoryMeeting) -> Option<Instance> {
    let is_webinar = row.kind.as_ref().is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("webinar"));
    let kind = if is_webinar { Kind::Webinar } else { Kind::Meeting };
    let instance = Instance {
        number: row.meeting_id.map(|id| id.0),
        topic: some(row.topic),
        host_email: some(row.host_email),
        host_name: some(row.host_display_name),
        started_at: row.start_time,
        ended_at: row.end_time,
        listed_count: count(row.participants),
        is_one_person: row.participants == Some(1) && kind == Kind::Meeting,
        ..Instance::unknown(row.meeting_uuid?.as_str().to_owned(), kind)
    };
    Some(times(instance, TimesFrom::List))
}

/// A line of a host's report, or a report of one webinar.
pub fn report_instance(row: ReportMeeting, one_person: bool) -> Option<Instance> {
    let kind = if row.kind.is_some_and(rollbook_zoom::word::MeetingKind::is_webinar) {
        Kind::Webinar
    } else {
        Kind::Meeting
    };
    let instance = Instance {
        number: row.id.map(|id| id.0),
        topic: some(row.topic),
        host_email: some(row.user_email),
        host_name: some(row.user_name),
        zoom_type: row.kind.map(|kind| kind.0),
        started_at: row.start_time,
        ended_at: row.end_time,
        listed_count: count(row.participants_count),
        is_one_person: one_person,
        ..Instance::unknown(row.uuid?.as_str().to_owned(), kind)
    };
    Some(times(instance, TimesFrom::List))
}

/// The details of one past meeting, said of the instance that was asked for.
pub fn details(row: PastMeeting, asked: &Instance) -> Instance {
    let instance = Instance {
        number: row.id.map(|id| id.0),
        topic: some(row.topic),
        host_email: some(row.user_email),
        host_name: some(row.user_name),
        zoom_type: row.kind.map(|kind| kind.0),
        started_at: row.start_time,
        ended_at: row.end_time,
        listed_count: count(row.participants_count),
        is_one_person: asked.is_one_person,
        is_live: asked.is_live && row.end_time.is_none(),
        ..Instance::unknown(asked.uuid.clone(), asked.kind)
    };
    times(instance, TimesFrom::Details)
}

fn status(status: Option<ParticipantStatus>) -> Status {
    match status {
        Some(ParticipantStatus::InWaitingRoom) => Status::InWaitingRoom,
        _ => Status::InMeeting,
    }
}

/// A row of past meetings or past webinars: breakout rooms cannot be told apart there (quirk 25).
pub fn past_row(row: PastParticipant) -> Row {
    Row {
        user_id: row.user_id.unwrap_or_default(),
        participant_uuid: None,
        zoom_user_id: row.id.map(|id| id.as_str().to_owned()),
        registrant_id: some(row.registrant_id),
        name: some(row.name),
        email: some(row.user_email),
        joined_at: row.join_time,
        left_at: row.leave_time,
        duration_seconds: row.duration.and_then(|seconds| i64::try_from(seconds.0).ok()),
        status: status(row.status),
        is_breakout: None,
        details: BTreeMap::new(),
    }
}

/// A row of a report.
pub fn report_row(row: ReportParticipant) -> Row {
    let zoom_user = row.id.or(row.participant_user_id);
    Row {
        user_id: row.user_id.unwrap_or_default(),
        participant_uuid: None,
        zoom_user_id: zoom_user.map(|id| id.as_str().to_owned()),
        registrant_id: some(row.registrant_id),
        name: some(row.name),
        email: some(row.user_email),
        joined_at: row.join_time,
        left_at: row.leave_time,
        duration_seconds: row.duration.and_then(|seconds| i64::try_from(seconds.0).ok()),
        status: status(row.status),
        is_breakout: Some(some(row.bo_mtg_id).is_some()),
        details: BTreeMap::new(),
    }
}

/// A row of a dashboard: no duration, but device, network, leave reason and quality words.
pub fn metrics_row(row: MetricsParticipant) -> Row {
    let zoom_user = row.id.or(row.participant_user_id);
    let quality =
        |quality: Option<rollbook_zoom::word::Quality>| quality.map(|quality| quality.as_str().to_owned());
    let details = [
        ("device", row.device),
        ("os", row.os),
        ("version", row.version),
        ("network", row.network_type),
        ("location", row.location),
        ("data_center", row.data_center),
        ("leave_reason", row.leave_reason),
        ("role", row.role),
        ("audio_quality", quality(row.audio_quality)),
        ("video_quality", quality(row.video_quality)),
        ("share_quality", quality(row.screen_share_quality)),
    ];
    Row {
        user_id: row.user_id.unwrap_or_default(),
        participant_uuid: some(row.participant_uuid),
        zoom_user_id: zoom_user.map(|id| id.as_str().to_owned()),
        registrant_id: some(row.registrant_id),
        name: some(row.user_name),
        email: some(row.email),
        joined_at: row.join_time,
        left_at: row.leave_time,
        duration_seconds: None,
        status: status(row.status),
        is_breakout: Some(some(row.bo_mtg_id).is_some()),
        details: details
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), some(value)?)))
            .collect(),
    }
}
