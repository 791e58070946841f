//! The evidence as text.

use std::fmt::Write;

use jiff::Timestamp;
use rollbook_store::{KnownRecord, Record, State};

use crate::cli::meeting::{MeetingName, grouped};
use crate::cli::page::{Column, Page, count};
use crate::report::evidence::{Answer, ReadingLine, StayCounts, StayEvidence, Told};

/// Earlier instances that get a line each.
const EARLIER_MAX: usize = 20;

/// For people.
pub(super) fn text(page: &Page, meeting: &MeetingName, told: &Answer) -> String {
    let mut out = String::new();
    let runs = told.earlier.len() + told.full.len();
    if runs > 1 {
        let _ =
            writeln!(out, "{runs} runs of {meeting} are in the ledger. Times are {}.\n", page.zone_name());
    }
    earlier_text(&mut out, page, &told.earlier);
    let all: Vec<String> = told.full.iter().map(|instance| instance_text(page, instance)).collect();
    out + &all.join("\n")
}

fn earlier_text(out: &mut String, page: &Page, earlier: &[Record]) {
    if earlier.is_empty() {
        return;
    }
    let skipped = earlier.len().saturating_sub(EARLIER_MAX);
    out.push_str("Earlier runs (give the UUID for all about one, or --json for all about all):\n");
    let rows = earlier.iter().skip(skipped).map(|record| {
        vec![
            record.instance.started_at.map_or_else(|| "not known".to_owned(), |at| page.minute(at)),
            record.instance.uuid.clone(),
            record.state.name().to_owned(),
            record.reason.clone().unwrap_or_default(),
        ]
    });
    let columns =
        [Column::Whole("started"), Column::Whole("uuid"), Column::Whole("state"), Column::Text("why")];
    out.push_str(&page.table(&columns, rows.collect()));
    if skipped > 0 {
        let _ = writeln!(out, "… and {skipped} before those.");
    }
    out.push('\n');
}

fn instance_text(page: &Page, told: &Told) -> String {
    let (record, instance) = (&told.record, &told.record.instance);
    let number = instance.number.map(|id| format!(" · {}", grouped(id))).unwrap_or_default();
    let topic = instance.topic.as_deref().unwrap_or("(no topic)");
    let mut out = page.field("Meeting", &format!("{topic}{number}"));
    out += &page.field("UUID", &instance.uuid);
    let host = [instance.host_name.as_deref(), instance.host_email.as_deref()];
    let host: Vec<&str> = host.into_iter().flatten().collect();
    if !host.is_empty() {
        out += &page.field("Host", &host.join(", "));
    }
    out += &page.field("Kind", &kind_words(record));
    out += &page.field("Time", &time_words(page, told));
    let listed = match instance.listed_count {
        Some(people) => format!("{}, says Zoom", count(u64::from(people), "person", "people")),
        None => "Zoom says no count".to_owned(),
    };
    out += &page.field("Listed", &listed);
    out += &page
        .field("First seen", &format!("{}, account {}", page.second(record.first_seen_at), record.account));
    if let Some(known) = &told.moodle {
        out += &page.field("Moodle", &moodle_words(page, known));
    }
    let state = format!("{} since {}", state_words(record.state), page.second(record.state_since));
    out += &page.field("State", &state);
    let label = if record.state == State::Verified { "Evidence" } else { "Reason" };
    out += &page.field(label, record.reason.as_deref().unwrap_or("nothing was asked yet"));
    next_text(&mut out, page, told);
    out += &page.field("Stays", &stays_words(told.stays));
    quality_text(&mut out, page, told);
    readings_text(&mut out, page, &told.readings);
    for stay in told.stay_evidence.iter().flatten() {
        stay_text(&mut out, page, stay, &told.readings);
    }
    out
}

fn quality_text(out: &mut String, page: &Page, told: &Told) {
    let Some(ledger) = &told.quality else { return };
    let standing = &ledger.standing;
    let wanted = standing.wanted_because.as_deref().unwrap_or("asked for by a person");
    let reason = standing.reason.as_deref().unwrap_or("nothing was asked yet");
    *out += &page.field("Calls", &format!("{}: {reason} (wanted: {wanted})", standing.state.name()));
    let told_of = format!(
        "{} of {} told, {}",
        standing.told_stays,
        count(u64::from(standing.stays), "stay", "stays"),
        count(standing.samples, "sample", "samples")
    );
    *out += &page.field("", &told_of);
    if let Some(job) = &told.quality_job {
        *out += &page.field("", &format!("next: {}, {}", job.asks, page.until(job.due_at)));
    }
}

/// What Moodle has with this number, and what Zoom last said of it.
fn moodle_words(page: &Page, known: &KnownRecord) -> String {
    let courses = known.known.courses.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let mut words = match known.gone_at {
        None => format!("{:?} in {} {courses}", known.known.topic, courses_word(known.known.courses.len())),
        Some(at) => format!("no activity has this number any more, as was seen {}", page.minute(at)),
    };
    if let Some(answer) = known.answer {
        let said = match (answer.not_found, answer.runs) {
            (0, runs) => format!("Zoom told {}", count(u64::from(runs), "run", "runs")),
            (_, 0) => "Zoom knows no such number".to_owned(),
            (_, runs) => format!(
                "Zoom knows no such number any more, after it had told {}",
                count(u64::from(runs), "run", "runs")
            ),
        };
        let _ = write!(words, "; asked for its runs {}: {said}", page.minute(answer.asked_at));
    }
    words
}

fn courses_word(courses: usize) -> &'static str {
    if courses == 1 { "course" } else { "courses" }
}

fn kind_words(record: &Record) -> String {
    let instance = &record.instance;
    let mut words = instance.kind.name().to_owned();
    match instance.zoom_type {
        Some(4) => words += " in a personal room",
        Some(other) => {
            let _ = write!(words, ", Zoom's type {other}");
        }
        None => {}
    }
    if instance.is_one_person {
        words += ", listed as attended by one person";
    }
    if instance.is_live {
        words += ", it still runs";
    }
    words
}

fn time_words(page: &Page, told: &Told) -> String {
    let at = |at: Option<Timestamp>| at.map_or_else(|| "not known".to_owned(), |at| page.second(at));
    let instance = &told.record.instance;
    match (instance.started_at, instance.ended_at) {
        (None, None) => "not known: nobody has told yet".to_owned(),
        (Some(from), Some(to)) if page.day(from) == page.day(to) => {
            let until = page.second(to)[11..].to_owned();
            format!("{} to {until} {}, told by {}", page.second(from), page.zone_name(), told.times_told_by)
        }
        (Some(from), None) => {
            format!(
                "{} {}, told by {}; the end is not known",
                page.second(from),
                page.zone_name(),
                told.times_told_by
            )
        }
        (from, to) => {
            format!("{} to {} {}, told by {}", at(from), at(to), page.zone_name(), told.times_told_by)
        }
    }
}

fn state_words(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Ended => "ended (nothing read yet)",
        State::Fetched => "fetched (read, not proved complete)",
        State::Verified => "verified",
        State::Closed => "closed",
    }
}

fn next_text(out: &mut String, page: &Page, told: &Told) {
    if let Some(at) = told.record.next_look_at {
        *out += &page.field("Next look", &page.until(at));
    }
    let Some(job) = &told.job else { return };
    let mut words = format!("{} asks {} ({} call)", job.id, job.asks, job.label);
    if told.record.next_look_at != Some(job.due_at) {
        let _ = write!(words, ", due {}", page.until(job.due_at));
    }
    if job.tries > 0 {
        let _ = write!(words, ", {} in a row", count(u64::from(job.tries), "failure", "failures"));
    }
    if job.is_begun {
        words += ", some pages are read";
    }
    if job.is_person {
        words += ", somebody waits for it";
    }
    if told.record.reason.as_ref() != Some(&job.reason) {
        let _ = write!(words, ": {}", job.reason);
    }
    *out += &page.field("Job", &words);
}

fn stays_words(stays: StayCounts) -> String {
    if stays == StayCounts::default() {
        return "none known".to_owned();
    }
    let mut words = format!("{} in the meeting", stays.in_meeting);
    if stays.in_waiting_room > 0 {
        let _ = write!(words, ", {} in the waiting room", stays.in_waiting_room);
    }
    if stays.withdrawn > 0 {
        let _ = write!(words, ", {} withdrawn", stays.withdrawn);
    }
    words
}

fn readings_text(out: &mut String, page: &Page, readings: &[ReadingLine]) {
    if readings.is_empty() {
        out.push_str("\nNo readings yet.\n");
        return;
    }
    out.push_str("\nReadings, oldest first:\n");
    let rows = readings.iter().map(|line| {
        vec![
            line.number.to_string(),
            page.second(line.reading.asked_at),
            line.reading.family.clone(),
            line.reading.run.map_or_else(String::new, |run| run.to_string()),
            line.reading.calls.to_string(),
            line.said.clone(),
        ]
    });
    let columns = [
        Column::Number("#"),
        Column::Whole("asked"),
        Column::Whole("of"),
        Column::Number("run"),
        Column::Number("calls"),
        Column::Text("said"),
    ];
    out.push_str(&page.table(&columns, rows.collect()));
}

fn stay_text(out: &mut String, page: &Page, stay: &StayEvidence, readings: &[ReadingLine]) {
    let withdrawn =
        if stay.withdrawn { ", withdrawn: later complete readings no longer hold it" } else { "" };
    let user_id = if stay.user_id.is_empty() { "(none)" } else { &stay.user_id };
    let _ = writeln!(
        out,
        "\nStay of user_id {} from {}{withdrawn}:",
        crate::cli::page::safe(user_id),
        page.second(stay.join_time)
    );
    let rows = stay.values.iter().map(|line| {
        let asked = line.reading.and_then(|number| readings.get(number - 1));
        vec![
            line.field.to_owned(),
            line.value.clone().unwrap_or_else(|| "–".to_owned()),
            line.reading.map_or_else(String::new, |number| format!("#{number}")),
            line.family.map_or_else(String::new, |family| family.name().to_owned()),
            asked.map_or_else(String::new, |line| page.second(line.reading.asked_at)),
        ]
    });
    let columns = [
        Column::Whole("field"),
        Column::Text("value"),
        Column::Number("reading"),
        Column::Whole("of"),
        Column::Whole("asked"),
    ];
    out.push_str(&page.table(&columns, rows.collect()));
}
