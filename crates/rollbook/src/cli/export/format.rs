//! In which form an export is written.

use std::path::Path;

use clap::ValueEnum;

use crate::cli::UsageError;

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header line (RFC 4180).
    Csv,
    /// An array of objects with the same keys; null where a value is unknown.
    Json,
    /// Apache Parquet: a folder, with one for each account and day in it.
    Parquet,
}

impl Format {
    /// The form that was asked for, else the one that the file's name says, else CSV.
    ///
    /// # Errors
    /// If the name says another one than was asked for.
    pub fn chosen(asked: Option<Format>, out: Option<&Path>) -> Result<Format, UsageError> {
        match (asked, out.and_then(Format::of_name)) {
            (Some(asked), Some(named)) if asked != named => Err(UsageError(format!(
                "{} was asked for, but the name of {} says {}; change one of them",
                asked.name(),
                out.unwrap_or(Path::new("-")).display(),
                named.name()
            ))),
            (asked, named) => Ok(asked.or(named).unwrap_or(Format::Csv)),
        }
    }

    /// The form that a file's ending promises, if it promises one.
    fn of_name(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?;
        Format::value_variants().iter().find(|format| ending.eq_ignore_ascii_case(format.name())).copied()
    }

    /// As on the command line, and as files end.
    fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Parquet => "parquet",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(asked: Option<Format>, out: Option<&str>, expected: Option<Format>) {
        let chosen = Format::chosen(asked, out.map(Path::new));
        assert_eq!(chosen.as_ref().ok().copied(), expected, "{asked:?} {out:?}: {chosen:?}");
    }

    #[test]
    fn a_files_ending_says_the_form_unless_it_was_asked_for() {
        check(None, None, Some(Format::Csv));
        check(Some(Format::Json), None, Some(Format::Json));
        check(None, Some("of.monday/day.JSON"), Some(Format::Json));
        check(None, Some("day.csv"), Some(Format::Csv));
        check(None, Some("day.txt"), Some(Format::Csv));
        check(Some(Format::Json), Some("day.txt"), Some(Format::Json));
        check(None, Some("-"), Some(Format::Csv));
        check(None, Some("term.parquet"), Some(Format::Parquet));
    }

    #[test]
    fn a_form_against_the_files_ending_is_an_error_that_names_both() {
        check(Some(Format::Csv), Some("day.json"), None);
        check(Some(Format::Parquet), Some("day.csv"), None);
        let error = Format::chosen(Some(Format::Csv), Some(Path::new("day.json"))).unwrap_err().0;
        assert!(error.contains("csv") && error.contains("day.json"), "{error}");
    }
}
