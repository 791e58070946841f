//! One column: which samples have a figure, and the figures as whole numbers wherever they are decimals.

use super::bits::{Broken, In, Out};
use super::numbers;

type Result<T> = std::result::Result<T, Broken>;

/// Figures with more decimals are kept as they are.
const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

/// Stands for figures kept as they are.
const AS_THEY_ARE: u64 = 7;

/// The largest number up to which a float holds every whole one.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A column that was written or read, for those that resemble it.
pub struct Done {
    decimals: u64,
    /// By sample; where there is none, the one before.
    numbers: Vec<i64>,
}

/// Which samples have figures, as the last column with gaps had it: streams pause as a whole.
pub type Presence = Vec<bool>;

/// Writes figures, NaN for a gap.
pub fn write(out: &mut Out, values: &[f64], gaps: &mut Presence, like: Option<&Done>) -> Option<Done> {
    let is_there: Vec<bool> = values.iter().map(|value| !value.is_nan()).collect();
    write_presence(out, &is_there, gaps);
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let Some((decimals, whole)) = whole_numbers(&present) else {
        out.bits(3, AS_THEY_ARE);
        present.iter().for_each(|value| out.bits(64, value.to_bits()));
        return None;
    };
    out.bits(3, decimals);
    let others = others(like, decimals, &is_there);
    numbers::write(out, &whole, others.as_deref());
    Some(Done { decimals, numbers: spread(&whole, &is_there) })
}

/// Reads figures for so many samples.
pub fn read(
    from: &mut In<'_>,
    count: usize,
    gaps: &mut Presence,
    like: Option<&Done>,
) -> Result<(Vec<f64>, Option<Done>)> {
    let is_there = read_presence(from, count, gaps)?;
    let present = is_there.iter().filter(|is_there| **is_there).count();
    let decimals = from.bits(3)?;
    if decimals == AS_THEY_ARE {
        let one = |is_there: bool| Ok(if is_there { f64::from_bits(from.bits(64)?) } else { f64::NAN });
        return Ok((is_there.into_iter().map(one).collect::<Result<_>>()?, None));
    }
    let others = others(like, decimals, &is_there);
    let whole = numbers::read(from, present, others.as_deref())?;
    let power = POWERS[decimals as usize];
    let numbers = spread(&whole, &is_there);
    let value = |(number, is_there): (&i64, &bool)| if *is_there { *number as f64 / power } else { f64::NAN };
    Ok((numbers.iter().zip(&is_there).map(value).collect(), Some(Done { decimals, numbers })))
}

/// The fewest decimals that tell all figures exactly, and the figures without their point.
fn whole_numbers(values: &[f64]) -> Option<(u64, Vec<i64>)> {
    let with = |decimals: u64| {
        let numbers = values.iter().map(|value| whole_number(*value, POWERS[decimals as usize]));
        Some((decimals, numbers.collect::<Option<_>>()?))
    };
    (0..AS_THEY_ARE).find_map(with)
}

fn whole_number(value: f64, power: f64) -> Option<i64> {
    let number = (value * power).round();
    let is_exact = number.abs() < WHOLE_MAX && (number as i64 as f64 / power).to_bits() == value.to_bits();
    is_exact.then_some(number as i64)
}

/// The numbers of a column that resembles this one, at the samples that this one has.
fn others(like: Option<&Done>, decimals: u64, is_there: &[bool]) -> Option<Vec<i64>> {
    let like = like.filter(|like| like.decimals == decimals)?;
    let numbers = like.numbers.iter().zip(is_there);
    Some(numbers.filter(|(_, is_there)| **is_there).map(|(number, _)| *number).collect())
}

fn spread(whole: &[i64], is_there: &[bool]) -> Vec<i64> {
    let mut numbers = whole.iter().copied();
    let mut last = whole.first().copied().unwrap_or(0);
    let one = |is_there: &bool| {
        if *is_there {
            last = numbers.next().unwrap_or(last);
        }
        last
    };
    is_there.iter().map(one).collect()
}

fn write_presence(out: &mut Out, is_there: &[bool], gaps: &mut Presence) {
    let is_full = is_there.iter().all(|is_there| *is_there);
    out.flag(is_full);
    if is_full {
        return;
    }
    out.flag(gaps == is_there);
    if gaps != is_there {
        let runs: Vec<i64> = numbers::runs(is_there.iter().copied()).iter().map(|run| *run as i64).collect();
        out.number(runs.len() as u64);
        numbers::write(out, &runs, None);
        *gaps = is_there.to_vec();
    }
}

fn read_presence(from: &mut In<'_>, count: usize, gaps: &mut Presence) -> Result<Vec<bool>> {
    if from.flag()? {
        return Ok(vec![true; count]);
    }
    if !from.flag()? {
        let runs = from.count()?;
        let runs = numbers::read(from, runs, None)?;
        let runs: Option<Vec<u64>> = runs.into_iter().map(|run| u64::try_from(run).ok()).collect();
        *gaps = numbers::unrolled(&runs.ok_or(Broken::Damaged("a run is below zero"))?, count)?;
    }
    if gaps.len() == count { Ok(gaps.clone()) } else { Err(Broken::Damaged("gaps like those of no column")) }
}
