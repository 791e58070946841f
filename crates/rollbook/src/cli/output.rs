//! Tables and JSON on standard output. A closed pipe comes back as an error that ends the command quietly.

use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

use super::page::{self, Column};

/// Writes a value as pretty JSON and a line feed.
///
/// # Errors
/// If standard output cannot be written.
pub fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Writes a line.
///
/// # Errors
/// If standard output cannot be written.
pub fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{}", text.as_ref())?;
    Ok(())
}

/// Writes text that brings its own line feeds.
///
/// # Errors
/// If standard output cannot be written.
pub fn text(text: &str) -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Writes a table in the width of the terminal.
///
/// # Errors
/// If standard output cannot be written.
pub fn table(columns: &[Column<'_>], rows: Vec<Vec<String>>) -> anyhow::Result<()> {
    text(&page::table(page::terminal_width(), columns, rows))
}

/// An instant for people: whole seconds.
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `1234567` as `1,234,567`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_parted() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::thousands(number), text);
        }
    }
}
