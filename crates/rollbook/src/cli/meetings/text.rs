//! Plans for people.

use rollbook_zoom::duration::PlannedMinutes;
use rollbook_zoom::endpoint::meetings::{Meeting, Occurrence};
use rollbook_zoom::word::MeetingKind;

use crate::cli::meeting::grouped;
use crate::cli::page::{Page, count};

/// Occurrences that are listed one by one; more are counted.
const OCCURRENCES_MAX: usize = 12;

/// Zoom's number for a kind, in a word.
pub fn kind_word(kind: Option<MeetingKind>) -> String {
    let Some(kind) = kind else { return String::new() };
    match kind.0 {
        1 => "instant".to_owned(),
        2 => "scheduled".to_owned(),
        3 => "recurring".to_owned(),
        4 => "personal room".to_owned(),
        5 => "webinar".to_owned(),
        6 => "recurring webinar".to_owned(),
        8 => "recurring-fixed".to_owned(),
        9 => "recurring-fixed webinar".to_owned(),
        10 => "screen-share".to_owned(),
        other => format!("type {other}"),
    }
}

/// A planned length; nothing where none is planned.
pub fn minutes(length: Option<PlannedMinutes>) -> String {
    length.map_or_else(String::new, |minutes| minutes.0.to_string())
}

/// One plan, field by field.
pub fn meeting_text(page: &Page, meeting: &Meeting) -> String {
    let mut out = String::new();
    let mut field = |label: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            out += &page.field(label, &text);
        }
    };
    field("Number", meeting.id.map(|id| grouped(id.0)));
    field("Topic", meeting.topic.clone());
    field("Type", Some(kind_word(meeting.kind)));
    let start = meeting.start_time.map(|at| format!("{} ({})", page.minute(at), page.zone_name()));
    field("Start", start.or_else(|| Some("no fixed time".to_owned())));
    field("Length", meeting.duration.map(|length| count(length.0, "minute", "minutes")));
    field("Zone", meeting.timezone.clone());
    let host = [meeting.host_email.clone(), meeting.host_id.as_ref().map(ToString::to_string)];
    field("Host", Some(host.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    field("Status", meeting.status.clone());
    field("Agenda", meeting.agenda.clone());
    field("Passcode", meeting.password.clone());
    field("Join", meeting.join_url.clone());
    field("Register", meeting.registration_url.clone());
    field("Created", meeting.created_at.map(|at| page.minute(at)));
    out + &occurrences_text(page, &meeting.occurrences)
}

fn occurrences_text(page: &Page, occurrences: &[Occurrence]) -> String {
    let mut out = String::new();
    for (place, one) in occurrences.iter().take(OCCURRENCES_MAX).enumerate() {
        let start = one.start_time.map_or_else(|| "no time".to_owned(), |at| page.minute(at));
        let length = one.duration.map_or_else(String::new, |length| format!(", {} min", length.0));
        let status = one.status.as_deref().filter(|status| *status != "available");
        let status = status.map_or_else(String::new, |status| format!(", {status}"));
        let id = one.occurrence_id.as_deref().map_or_else(String::new, |id| format!(" ({id})"));
        out +=
            &page.field(if place == 0 { "Occurrences" } else { "" }, &format!("{start}{length}{status}{id}"));
    }
    let more = occurrences.len().saturating_sub(OCCURRENCES_MAX);
    if more > 0 {
        out += &page.field("", &format!("and {more} more"));
    }
    out
}
