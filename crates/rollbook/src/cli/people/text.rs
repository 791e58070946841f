//! Doubtful people as text.

use std::fmt::Write;

use jiff::civil::Date;
use rollbook_core::identity::Confidence;
use rollbook_store::CorrectionRecord;

use crate::cli::page::{Column, Page, count, cut, minutes};
use crate::sink::moodle::decide::who_it_is;
use crate::sink::moodle::doubts::Doubt;

/// People that are shown; the rest are counted.
const SHOWN_MAX: usize = 40;

/// Candidates shown of each.
const CANDIDATES_MAX: usize = 4;

pub(super) fn list(page: &Page, (from, to): (Date, Date), found: &[Doubt], all: bool) -> String {
    let days = if from == to { from.to_string() } else { format!("{from} to {to}") };
    if found.is_empty() {
        let more = if all { "" } else { "; --all lists those with a likely user" };
        return format!("Nobody is in doubt in the sessions of Moodle's activities, {days}{more}.\n");
    }
    let people = count(found.len() as u64, "person", "people");
    let mut out = format!("{people} in sessions of Moodle's activities, {days}, longest first:\n\n");
    let rows = found.iter().take(SHOWN_MAX).map(|doubt| {
        vec![
            doubt.reference.clone(),
            cut(&doubt.names.join(" / "), 36),
            doubt.course.clone(),
            doubt.confidence.name().to_owned(),
            doubt.session_count.to_string(),
            minutes(doubt.seconds),
            evidence(doubt),
        ]
    });
    let columns = [
        Column::Whole("ref"),
        Column::Text("name"),
        Column::Whole("course"),
        Column::Whole("sure"),
        Column::Number("sessions"),
        Column::Number("minutes"),
        Column::Text("evidence"),
    ];
    out.push_str(&page.table(&columns, rows.collect()));
    if found.len() > SHOWN_MAX {
        let _ = writeln!(out, "… and {} more (--json names all).", found.len() - SHOWN_MAX);
    }
    let first = &found[0].reference;
    let _ = writeln!(
        out,
        "\nDecide with `rollbook people set {first} --user ID|EMAIL|USERNAME`, or --nobody for a guest or a device."
    );
    out
}

fn evidence(doubt: &Doubt) -> String {
    let mut said = doubt.evidence.clone();
    if doubt.confidence == Confidence::Likely || doubt.candidates.is_empty() {
        return said;
    }
    let named = doubt.candidates.iter().take(CANDIDATES_MAX);
    let named: Vec<String> =
        named.map(|candidate| format!("{} ({})", candidate.full_name, candidate.user)).collect();
    let _ = write!(said, "; perhaps {}", named.join(", "));
    if doubt.candidates.len() > CANDIDATES_MAX {
        let _ = write!(said, " or {} others", doubt.candidates.len() - CANDIDATES_MAX);
    }
    said
}

pub(super) fn corrections(page: &Page, all: &[CorrectionRecord]) -> String {
    if all.is_empty() {
        return "Nothing was decided by hand yet; `rollbook people` lists whom to decide about.\n".to_owned();
    }
    let rows = all.iter().map(|line| {
        vec![
            line.key.to_string(),
            who_it_is(line),
            line.note.clone().unwrap_or_default(),
            line.set_by.clone(),
            page.minute(line.set_at),
        ]
    });
    let columns = [
        Column::Text("who Zoom saw"),
        Column::Text("is"),
        Column::Text("note"),
        Column::Whole("by"),
        Column::Whole("when"),
    ];
    page.table(&columns, rows.collect())
}
