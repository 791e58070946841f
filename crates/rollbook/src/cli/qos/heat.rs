//! Everybody in a meeting, worst call first: people down, time across. Pure.

use std::fmt::Write;

use jiff::Timestamp;
use rollbook_core::quality::person::InstanceQuality;
use rollbook_core::quality::{Channel, Grade};
use unicode_width::UnicodeWidthStr;

use super::draw::{GAP, grades, mark, minutes_around};
use crate::cli::meeting::grouped;
use crate::cli::page::{Page, count, cut, pad, pad_left, safe};
use crate::report::callers::Caller;
use crate::report::calls::{MeetingReport, Source};

/// A name takes no more room than this.
const NAME_MAX: usize = 24;
/// Cells of time are no more than this: longer lines tell nothing more.
const CELLS_MAX: usize = 60;
/// Where there is not even room for this, there are none.
const CELLS_MIN: usize = 16;
/// People shown; `--all` shows the rest.
pub const SHOWN: usize = 40;

impl MeetingReport {
    /// For people. Without `all`, no more than the worst of them.
    pub fn text(&self, page: &Page, callers: &[Caller], all: bool) -> String {
        let mut out = self.head(page);
        if callers.is_empty() {
            out.push_str("Nobody's call quality is known.\n");
            return out;
        }
        out += &page.field("All in all", &in_words(&self.quality, &self.together, page));
        out.push('\n');
        let shown = if all { callers.len() } else { callers.len().min(SHOWN) };
        table(&mut out, page, &callers[..shown], self.span());
        if shown < callers.len() {
            let _ =
                writeln!(out, "… and {} more with better calls (--all shows them).", callers.len() - shown);
        }
        let _ = writeln!(
            out,
            "\n{} good  {} fair  {} bad  {GAP} there, nothing measured; the worst minute of each cell counts",
            mark(Some(Grade::Good)),
            mark(Some(Grade::Fair)),
            mark(Some(Grade::Bad)),
        );
        out
    }

    /// What meeting it is, when, and where the figures come from.
    pub fn head(&self, page: &Page) -> String {
        let number = self.meeting_id.map(|id| format!(" · {}", grouped(id))).unwrap_or_default();
        let mut out = format!("{}{number}\n", safe(self.topic.as_deref().unwrap_or("(no topic)")));
        if let (Some(from), to) = (self.started_at, self.ended_at) {
            let to = to.map_or_else(|| ", still running".to_owned(), |to| format!(" to {}", page.clock(to)));
            out += &page.field("Time", &format!("{} {}{to}", page.minute(from), page.zone_name()));
        }
        for state in &self.states {
            out += &page.field("Collected", state);
        }
        let source = match &self.source {
            Source::Store { read_at: Some(at) } => format!("the store, read from Zoom {}", page.minute(*at)),
            Source::Store { read_at: None } => "the store".to_owned(),
            Source::Zoom { calls, kind, is_kept } => {
                let kept = if *is_kept { "" } else { "; not kept: the store does not hold this meeting" };
                format!(
                    "asked of Zoom just now, type {kind}, {}{kept}",
                    count(u64::from(*calls), "Heavy call", "Heavy calls")
                )
            }
        };
        out += &page.field("Source", &source);
        out
    }
}

/// `median 88, 3 of 20 people troubled, …`.
fn in_words(quality: &InstanceQuality, together: &[Timestamp], page: &Page) -> String {
    let mut parts = Vec::new();
    match (quality.median_score, quality.worst_score) {
        (Some(median), Some(worst)) => parts.push(format!("median score {median:.0}, worst {worst:.0}")),
        _ => return "too little was measured to judge it".to_owned(),
    }
    parts.push(match quality.troubled_people {
        0 => format!("nobody of {} was troubled", quality.people),
        some => format!("{some} of {} were troubled", count(u64::from(quality.people), "person", "people")),
    });
    if let (Some(worst), Some(share)) = (quality.worst, quality.bad_share.filter(|share| *share > 0.0)) {
        let cause = quality.cause.map_or_else(String::new, |cause| format!(" ({})", cause.words()));
        parts.push(format!(
            "{:.1} % of all minutes bad, {} most of all{cause}",
            share * 100.0,
            Channel::words(worst)
        ));
    }
    if quality.drops > 0 {
        parts.push(count(u64::from(quality.drops), "drop", "drops"));
    }
    if let (Some(first), minutes) = (together.first(), together.len()) {
        parts.push(format!(
            "bad for a third or more at once in {} from {} on: look at the room or the network they share",
            count(minutes as u64, "minute", "minutes"),
            page.clock(*first)
        ));
    }
    parts.join("; ")
}

fn table(out: &mut String, page: &Page, callers: &[Caller], span: Option<(Timestamp, Timestamp)>) {
    let rows: Vec<[String; 5]> = callers.iter().map(cells).collect();
    let header = ["name", "score", "min", "bad", "drops"].map(str::to_owned);
    let width =
        |column: usize| rows.iter().chain([&header]).map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let line = |row: &[String; 5]| {
        let cells: Vec<String> = (0..5)
            .map(|column| match column {
                0 => pad(&row[0], widths[0]),
                _ => pad_left(&row[column], widths[column]),
            })
            .collect();
        cells.join("  ")
    };
    let used: usize = widths.iter().map(|width| width + 2).sum();
    let room = page.width.saturating_sub(used + 2).min(CELLS_MAX);
    let span = span.filter(|_| room >= CELLS_MIN).map(|(from, to)| minutes_around(from, to));
    let room = span.map_or(room, |(.., minutes)| room.min(minutes));
    let axis = span.map_or(String::new(), |(from, to, _)| {
        let (from, to) = (page.clock(from), page.clock(to));
        format!("{from}{}{to}", " ".repeat((room + 2).saturating_sub(from.len() + to.len())))
    });
    let _ = writeln!(out, "{}", format!("{}  {axis}", line(&header)).trim_end());
    for (caller, row) in callers.iter().zip(&rows) {
        let drawn = span.map_or(String::new(), |(from, to, _)| {
            format!("│{}│", grades(&caller.grades(), &spans(caller, to), from, to, room))
        });
        let _ = writeln!(out, "{}", format!("{}  {drawn}", line(row)).trim_end());
        if let Some(words) = caller.quality.sentence().filter(|_| caller.is_troubled()) {
            let _ = writeln!(out, "  {}", cut(&words, page.width.saturating_sub(2)));
        }
    }
}

fn cells(caller: &Caller) -> [String; 5] {
    let quality = &caller.quality;
    let figure = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    [
        cut(&caller.name, NAME_MAX),
        figure(quality.score.map(|score| format!("{score:.0}"))),
        figure((quality.measured_stays > 0).then(|| quality.minutes.to_string())),
        figure((quality.minutes > 0).then(|| quality.bad_minutes.to_string())),
        if quality.drops > 0 { quality.drops.to_string() } else { String::new() },
    ]
}

/// When somebody was there; an unknown leave lasts to the end.
pub fn spans(caller: &Caller, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    caller.connections.iter().map(|one| (one.stay.joined_at, one.stay.left_at.unwrap_or(to))).collect()
}
