//! The samples of one stay as one block of bytes.
//!
//! Version, times, words, odd values, which columns there are, the columns; checksum. Columns that resemble one another
//! (least and most of the same, latency of two streams) are written as differences where that is shorter.

use jiff::Timestamp;
use rollbook_core::quality::{Channel, Column, Measure, Odd, Series};

use super::bits::{Broken, In, Out};
use super::column::{self, Done, Presence};
use super::numbers;

/// The form below.
const VERSION: u8 = 1;

/// Samples of one stay at most: eleven days of minutes, where Zoom ends a meeting after 30 hours. Bounds the memory that
/// a damaged block can ask for.
pub const SAMPLES_MAX: usize = 1 << 14;

/// Nanoseconds in a millisecond.
const MILLI: i64 = 1_000_000;

const MEASURES: usize = Measure::ALL.len();
const STREAM_COLUMNS: usize = Channel::ALL.len() * MEASURES;

type Result<T> = std::result::Result<T, Broken>;

/// Samples as bytes; `None` if there are more than [`SAMPLES_MAX`].
pub fn encode(series: &Series) -> Option<Vec<u8>> {
    if series.len() > SAMPLES_MAX {
        return None;
    }
    let mut out = Out::new(VERSION);
    write_times(&mut out, series.times());
    out.number(series.words().len() as u64);
    series.words().iter().for_each(|word| out.text(word));
    write_odd(&mut out, series.odd());
    write_columns(&mut out, series);
    Some(out.seal())
}

/// The samples of such bytes.
pub fn decode(bytes: &[u8]) -> Result<Series> {
    read(In::open(bytes, VERSION)?)
}

fn read(mut from: In<'_>) -> Result<Series> {
    let times = read_times(&mut from)?;
    let words = from.count()?;
    let words = (0..words).map(|_| from.text()).collect::<Result<_>>()?;
    let odd = read_odd(&mut from)?;
    let columns = read_columns(&mut from, times.len())?;
    Series::from_columns(times, columns, words, odd).ok_or(Broken::Damaged("samples are out of order"))
}

fn write_times(out: &mut Out, times: &[Timestamp]) {
    out.number(times.len() as u64);
    let Some(first) = times.first() else { return };
    out.signed(first.as_second());
    let steps: Vec<i64> = times.windows(2).map(|pair| pair[1].as_second() - pair[0].as_second()).collect();
    if !steps.is_empty() {
        numbers::write(out, &steps, None);
    }
    let parts: Vec<i64> = times.iter().map(|at| i64::from(at.subsec_nanosecond())).collect();
    let has_parts = parts.iter().any(|part| *part != 0);
    out.flag(has_parts);
    if has_parts {
        let is_milli = parts.iter().all(|part| part % MILLI == 0);
        out.flag(is_milli);
        let unit = if is_milli { MILLI } else { 1 };
        numbers::write(out, &parts.iter().map(|part| part / unit).collect::<Vec<i64>>(), None);
    }
}

fn read_times(from: &mut In<'_>) -> Result<Vec<Timestamp>> {
    let count = from.number()? as usize;
    if count > SAMPLES_MAX {
        return Err(Broken::Damaged("it has too many samples"));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut seconds = vec![from.signed()?];
    if count > 1 {
        for step in numbers::read(from, count - 1, None)? {
            seconds.push(seconds.last().map_or(step, |last| last.wrapping_add(step)));
        }
    }
    let mut parts = vec![0; count];
    if from.flag()? {
        let unit = if from.flag()? { MILLI } else { 1 };
        parts = numbers::read(from, count, None)?;
        parts.iter_mut().for_each(|part| *part = part.wrapping_mul(unit));
    }
    seconds.into_iter().zip(parts).map(|(second, part)| instant(second, part)).collect()
}

fn instant(second: i64, part: i64) -> Result<Timestamp> {
    let at = i32::try_from(part).ok().and_then(|part| Timestamp::new(second, part).ok());
    at.ok_or(Broken::Damaged("an instant is out of range"))
}

fn write_odd(out: &mut Out, odd: &[Odd]) {
    out.number(odd.len() as u64);
    for odd in odd {
        out.signed(odd.at.as_second());
        out.signed(i64::from(odd.at.subsec_nanosecond()));
        out.text(&odd.column);
        out.text(&odd.text);
    }
}

fn read_odd(from: &mut In<'_>) -> Result<Vec<Odd>> {
    let count = from.count()?;
    let one = |_| {
        let at = instant(from.signed()?, from.signed()?)?;
        Ok(Odd { at, column: from.text()?, text: from.text()? })
    };
    (0..count).map(one).collect()
}

/// Codes of the columns of each stream, and of the rest.
fn groups() -> impl Iterator<Item = std::ops::Range<usize>> {
    let streams = (0..Channel::ALL.len()).map(|stream| stream * MEASURES..(stream + 1) * MEASURES);
    streams.chain(std::iter::once(STREAM_COLUMNS..Column::COUNT))
}

fn write_columns(out: &mut Out, series: &Series) {
    let values: Vec<Option<&[f64]>> = (0..Column::COUNT)
        .map(|code| Column::from_code(code).and_then(|column| series.column(column)))
        .collect();
    for group in groups() {
        let has_any = values[group.clone()].iter().any(Option::is_some);
        out.flag(has_any);
        if has_any {
            values[group].iter().for_each(|values| out.flag(values.is_some()));
        }
    }
    let mut done: Vec<Option<Done>> = Vec::with_capacity(Column::COUNT);
    let mut gaps = Presence::new();
    for (code, values) in values.into_iter().enumerate() {
        let like = like(code, &done);
        done.push(values.and_then(|values| column::write(out, values, &mut gaps, like)));
    }
}

fn read_columns(from: &mut In<'_>, count: usize) -> Result<Vec<(Column, Vec<f64>)>> {
    let mut has_column = Vec::with_capacity(Column::COUNT);
    for group in groups() {
        let has_any = from.flag()?;
        for _ in group {
            has_column.push(has_any && from.flag()?);
        }
    }
    let mut columns = Vec::new();
    let mut done: Vec<Option<Done>> = Vec::with_capacity(Column::COUNT);
    let mut gaps = Presence::new();
    for (code, has_column) in has_column.into_iter().enumerate() {
        let mut this = None;
        if let (true, Some(column)) = (has_column, Column::from_code(code)) {
            let (values, read) = column::read(from, count, &mut gaps, like(code, &done))?;
            columns.push((column, values));
            this = read;
        }
        done.push(this);
    }
    Ok(columns)
}

/// The earlier column that one most likely resembles: the average for the most, the least for the average, the width
/// for the height; else the same figure of the nearest stream before it.
fn like(code: usize, done: &[Option<Done>]) -> Option<&Done> {
    let neighbour = || code.checked_sub(1).and_then(|before| done[before].as_ref());
    match code.checked_sub(STREAM_COLUMNS) {
        Some(0) => None,
        Some(_) => neighbour(),
        None => match Measure::ALL[code % MEASURES] {
            Measure::MaxLoss | Measure::Height => neighbour(),
            _ => (1..=code / MEASURES).find_map(|streams| done[code - streams * MEASURES].as_ref()),
        },
    }
}

#[cfg(test)]
mod tests;
