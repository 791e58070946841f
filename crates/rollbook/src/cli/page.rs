//! Text for a terminal: its width, the school's clock, tables and lines. Pure: values in, text out.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollbook_core::completeness::words;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width taken where nobody tells one.
const WIDTH: usize = 100;
/// Below this tables cannot be read; the terminal may wrap them.
const WIDTH_MIN: usize = 60;

/// What text is written for.
#[derive(Debug, Clone)]
pub struct Page {
    /// Columns of the terminal.
    pub width: usize,
    /// The school's zone.
    pub zone: TimeZone,
    /// The time.
    pub now: Timestamp,
}

/// Only a line under the header: rows stand close, so that more of them fit on a screen.
const PRESET: &str = "     ──            ";

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Text that may wrap.
    Text(&'a str),
    /// Text that never wraps: times, UUIDs.
    Whole(&'a str),
    /// A number, to the right.
    Number(&'a str),
}

impl Page {
    /// A page for the terminal at standard output.
    pub fn of_terminal(zone: TimeZone, now: Timestamp) -> Page {
        Page { width: terminal_width(), zone, now }
    }

    /// `2026-11-20 09:00`, on the school's clock.
    pub fn minute(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `2026-11-20 09:00:13`.
    pub fn second(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `09:00`.
    pub fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// `2026-11-20`.
    pub fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).date().to_string()
    }

    /// `2026-11-20 09:00 (in 35m)`, or `now` once it has come.
    pub fn until(&self, at: Timestamp) -> String {
        match at.duration_since(self.now) {
            left if left.is_positive() => format!("{} (in {})", self.minute(at), words(left)),
            _ => "now".to_owned(),
        }
    }

    /// The zone's name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// A table in this width. Whatever people typed in Zoom is made harmless.
    pub fn table(&self, columns: &[Column<'_>], rows: Vec<Vec<String>>) -> String {
        table(self.width, columns, rows)
    }

    /// A paragraph behind a label, wrapped so that its lines stand under each other.
    pub fn field(&self, label: &str, text: &str) -> String {
        const INDENT: usize = 12;
        let room = self.width.saturating_sub(INDENT).max(20);
        let mut lines: Vec<String> = vec![String::new()];
        for word in safe(text).split_whitespace() {
            let last = lines.last_mut().expect("there is always a line");
            if !last.is_empty() && last.width() + 1 + word.width() > room {
                lines.push(word.to_owned());
            } else {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(word);
            }
        }
        let mut labels = std::iter::once(label).chain(std::iter::repeat(""));
        lines.iter().zip(&mut labels).map(|(line, label)| format!("{label:<INDENT$}{line}\n")).collect()
    }
}

/// Columns of the terminal at standard output.
pub fn terminal_width() -> usize {
    Table::new().width().map_or(WIDTH, usize::from).max(WIDTH_MIN)
}

/// A table `width` columns wide. Whatever people typed in Zoom is made harmless.
pub fn table(width: usize, columns: &[Column<'_>], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(PRESET).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(columns.iter().map(|column| match column {
        Column::Text(name) | Column::Whole(name) | Column::Number(name) => *name,
    }));
    for row in rows {
        table.add_row(row.iter().map(|cell| safe(cell)));
    }
    for (column, kind) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 1));
        match kind {
            Column::Text(_) => {}
            Column::Whole(_) => drop(column.set_constraint(ColumnConstraint::ContentWidth)),
            Column::Number(_) => {
                column.set_constraint(ColumnConstraint::ContentWidth);
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let text = table.to_string();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Text as it may stand on a terminal: people type anything into names and topics, escape sequences included.
pub fn safe(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().map(|c| if is_harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// Text cut to a width, with `…` where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    let text = safe(text);
    if text.width() <= width {
        return text;
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = used + c.width().unwrap_or(0);
        if next > width.saturating_sub(1) {
            break;
        }
        used = next;
        kept.push(c);
    }
    kept + "…"
}

/// Text filled up with blanks to a width.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The same, with the blanks in front.
pub fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// Bytes for people: `812 KiB`, `3.4 MiB`.
pub fn bytes(bytes: u64) -> String {
    // Figures for people: a rounding error in the sixteenth digit is none.
    #[allow(clippy::cast_precision_loss)]
    let kib = bytes as f64 / 1024.0;
    match kib {
        kib if kib < 1024.0 => format!("{kib:.0} KiB"),
        kib if kib < 1024.0 * 1024.0 => format!("{:.1} MiB", kib / 1024.0),
        kib => format!("{:.1} GiB", kib / 1024.0 / 1024.0),
    }
}

/// Whole minutes, rounded; `<1` for what is more than nothing.
pub fn minutes(seconds: i64) -> String {
    match seconds {
        ..=0 => "0".to_owned(),
        1..30 => "<1".to_owned(),
        _ => SignedDuration::from_secs(seconds + 30).as_mins().to_string(),
    }
}

/// `1 stay`, `2 stays`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", super::output::thousands(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_by_what_they_take_on_the_screen() {
        let check = |text, width, expected| assert_eq!(cut(text, width), expected);
        check("Ana Lopez", 9, "Ana Lopez");
        check("Ana Lopez", 6, "Ana L…");
        check("山田太郎", 5, "山田…");
    }

    #[test]
    fn a_topic_cannot_write_to_the_terminal_as_it_likes() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
    }

    #[test]
    fn small_figures_are_not_shown_as_nothing() {
        for (seconds, text) in [(0, "0"), (12, "<1"), (89, "1"), (90, "2"), (5_400, "90")] {
            assert_eq!(minutes(seconds), text);
        }
    }

    #[test]
    fn long_reasons_are_wrapped_under_their_beginning() {
        let page = Page { width: 40, zone: TimeZone::UTC, now: Timestamp::UNIX_EPOCH };
        assert_eq!(
            page.field("Reason", "past_meetings has 12 stays, 14 people listed"),
            "Reason      past_meetings has 12 stays,\n            14 people listed\n"
        );
    }
}
