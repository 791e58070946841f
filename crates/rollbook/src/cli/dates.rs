//! Days on the command line.

use clap::Args;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rollbook_core::listing::LOOK_BACK_DAYS;

use super::UsageError;

/// A range of days, both ends included.
#[derive(Debug, Clone, Args)]
pub struct Days {
    /// First day, YYYY-MM-DD, `today` or `yesterday`
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last day, included
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
}

/// Days back that a range without a beginning reaches: long enough for every instance to be settled.
const DAYS_BACK: i64 = 3;

impl Days {
    /// The range meant today; without ends, the last three days and today.
    ///
    /// # Errors
    /// A sentence, when an end is no date or the range runs backwards.
    pub fn range(&self, today: Date) -> Result<(Date, Date), UsageError> {
        let to = self.to.as_deref().map(|text| parse(text, today)).transpose()?;
        let from = match self.from.as_deref() {
            Some(text) => parse(text, today)?,
            None => to.unwrap_or_else(|| back(today, DAYS_BACK.days())),
        };
        let to = to.unwrap_or(today.max(from));
        if from > to {
            return Err(UsageError(format!(
                "the range runs backwards: --from {from} is after --to {to}; swap them"
            )));
        }
        Ok((from, to))
    }

    /// The range meant today, or none when neither end was given: everything there is.
    ///
    /// # Errors
    /// Those of [`Days::range`].
    pub fn chosen(&self, today: Date) -> Result<Option<(Date, Date)>, UsageError> {
        if self.from.is_none() && self.to.is_none() { Ok(None) } else { self.range(today).map(Some) }
    }

    /// The same, for ranges that Zoom is asked for: not in the future, and not beyond what it still lists.
    ///
    /// # Errors
    /// A sentence with what would be right.
    pub fn askable(&self, today: Date) -> Result<(Date, Date), UsageError> {
        let (from, to) = self.range(today)?;
        if to > today {
            return Err(UsageError(format!("--to {to} is in the future; today is {today}")));
        }
        let oldest = back(today, LOOK_BACK_DAYS.days());
        if from < oldest {
            return Err(UsageError(format!(
                "--from {from} is beyond what Zoom still lists (six months); the oldest day to ask for is {oldest}"
            )));
        }
        Ok((from, to))
    }
}

fn back(day: Date, span: Span) -> Date {
    day.checked_sub(span).unwrap_or(Date::MIN)
}

/// One day.
///
/// # Errors
/// A sentence with the forms there are.
pub fn parse(text: &str, today: Date) -> Result<Date, UsageError> {
    match text {
        "today" => Ok(today),
        "yesterday" => Ok(back(today, 1.day())),
        _ => text.parse().map_err(|_| {
            UsageError(format!("{text:?} is not a day; write it as {today}, `today` or `yesterday`"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(from: Option<&str>, to: Option<&str>) -> Days {
        Days { from: from.map(Into::into), to: to.map(Into::into) }
    }

    const TODAY: Date = date(2026, 11, 21);

    #[test]
    fn one_end_is_enough() {
        let check = |from, to, expected| assert_eq!(days(from, to).range(TODAY).unwrap(), expected);
        check(None, None, (date(2026, 11, 18), TODAY));
        check(Some("2026-11-20"), None, (date(2026, 11, 20), TODAY));
        check(None, Some("2026-11-20"), (date(2026, 11, 20), date(2026, 11, 20)));
        check(Some("yesterday"), Some("today"), (date(2026, 11, 20), TODAY));
    }

    #[test]
    fn wrong_ranges_say_what_would_be_right() {
        let check = |from, to, word: &str| {
            let message = days(from, to).askable(TODAY).unwrap_err().0;
            assert!(message.contains(word), "{message}");
        };
        check(Some("2026-11-21"), Some("2026-11-20"), "swap");
        check(Some("2026-11-20"), Some("2026-12-24"), "today is 2026-11-21");
        check(Some("2026-01-01"), None, "2026-05-25");
        check(Some("21.11.2026"), None, "2026-11-21");
    }
}
