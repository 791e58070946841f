//! `from` and `to`: how they are read, and how far back they reach.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ask::Ask;
use super::operation::Operation;
use super::reply::Reply;
use crate::day::{DAY, instant};
use crate::world::World;

/// Days in "one month", whose exact length is not documented.
const MONTH_DAYS: i64 = 31;

/// A stretch of time asked for: from the first second, to before the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) from: i64,
    pub(super) to: i64,
    from_date: Date,
    to_date: Date,
}

impl Range {
    /// The range this call asks for.
    pub(super) fn of(world: &World, ask: &Ask) -> Result<Range, Reply> {
        let (from_date, from, _) = edge(world, ask, "from")?;
        let (to_date, to, to_is_day) = edge(world, ask, "to")?;
        let range = Range { from, to: if to_is_day { to + DAY } else { to + 1 }, from_date, to_date };
        range.check(world, ask)?;
        Ok(range)
    }

    fn check(&self, world: &World, ask: &Ask) -> Result<(), Reply> {
        if self.to <= self.from {
            return Err(Reply::error(400, 300, "The start date must not be after the end date."));
        }
        if self.to - self.from > (MONTH_DAYS + 1) * DAY {
            return Err(Reply::error(400, 300, "The date range must not be longer than one month."));
        }
        let today = world.options.zoom.day_zone.0.to_datetime(instant(ask.now)).date();
        let oldest = today.checked_sub(6.months()).unwrap_or(today);
        if self.from_date < oldest {
            return Err(Reply::error(400, 300, "Only the last six months can be queried."));
        }
        Ok(())
    }

    /// Whether this instant lies in the range.
    pub(super) fn holds(&self, at: i64) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// `from` as the answer echoes it.
    pub(super) fn echo_from(&self) -> String {
        self.from_date.to_string()
    }

    /// `to` as the answer echoes it: not always what was asked (quirk 5).
    pub(super) fn echo_to(&self, world: &World) -> String {
        let shifted = self.to_date.yesterday().unwrap_or(self.to_date).max(self.from_date);
        let is_shifted = world.options.zoom.echo_other_dates;
        if is_shifted { shifted } else { self.to_date }.to_string()
    }
}

/// One end: its date, its first second, and whether it means a whole day.
fn edge(world: &World, ask: &Ask, name: &str) -> Result<(Date, i64, bool), Reply> {
    let invalid = || Reply::invalid_field(name, "Invalid field.");
    let text = ask.parameter(name).ok_or_else(invalid)?;
    let date = lenient_date(text).ok_or_else(invalid)?;
    let zone = TimeZone::fixed(world.options.zoom.day_zone.0);
    let time = (ask.operation == Operation::MetricsMeetings && world.options.zoom.times_of_day)
        .then(|| padded_time(text))
        .flatten();
    let at = date.at(0, 0, 0, 0).to_zoned(zone).map_err(|_| invalid())?.timestamp().as_second();
    Ok((date, at + time.unwrap_or(0), time.is_none()))
}

/// The date in a text, padded or not.
fn lenient_date(text: &str) -> Option<Date> {
    let day = text.split([' ', 'T']).next()?;
    let mut parts = day.split('-');
    let (year, month, of_month) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, of_month.parse().ok()?).ok()
}

/// Seconds since midnight if the text is exactly `yyyy-MM-dd HH:mm:ss`; anything else means the day (quirk 4).
fn padded_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let pattern = b"dddd-dd-dd dd:dd:dd";
    let fits = bytes.len() == pattern.len()
        && bytes.iter().zip(pattern).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        });
    if !fits {
        return None;
    }
    let number = |at: usize| text.get(at..at + 2).and_then(|two| two.parse::<i64>().ok());
    let (hour, minute, second) = (number(11)?, number(14)?, number(17)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}
