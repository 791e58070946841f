//! One column: which samples have a figure, and the figures as whole numbers wherever they are decimals.

use std::borrow::Cow;

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
    let is_full = values.iter().all(|value| !value.is_nan());
    out.flag(is_full);
    if is_full {
        return write_values(out, values, like.map(Like::whole));
    }
    let is_there: Presence = values.iter().map(|value| !value.is_nan()).collect();
    write_presence(out, &is_there, gaps);
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let done = write_values(out, &present, like.map(|like| Like::chosen(like, gaps)))?;
    Some(done.spread(gaps))
}

/// Reads figures for so many samples.
pub fn read(
    from: &mut In<'_>,
    count: usize,
    gaps: &mut Presence,
    like: Option<&Done>,
) -> Result<(Vec<f64>, Option<Done>)> {
    if from.flag()? {
        return read_values(from, count, like.map(Like::whole));
    }
    read_presence(from, count, gaps)?;
    let present = gaps.iter().filter(|is_there| **is_there).count();
    let (present, done) = read_values(from, present, like.map(|like| Like::chosen(like, gaps)))?;
    let mut present = present.into_iter();
    let value = |is_there: &bool| if *is_there { present.next().unwrap_or(f64::NAN) } else { f64::NAN };
    Ok((gaps.iter().map(value).collect(), done.map(|done| done.spread(gaps))))
}

/// A column that one resembles, at the samples that this one has.
struct Like<'a> {
    decimals: u64,
    numbers: Cow<'a, [i64]>,
}

impl Like<'_> {
    fn whole(done: &Done) -> Like<'_> {
        Like { decimals: done.decimals, numbers: Cow::Borrowed(&done.numbers) }
    }

    fn chosen<'a>(done: &Done, is_there: &[bool]) -> Like<'a> {
        let numbers = done.numbers.iter().zip(is_there).filter(|(_, is_there)| **is_there);
        Like { decimals: done.decimals, numbers: numbers.map(|(number, _)| *number).collect() }
    }
}

impl Done {
    /// Put at the samples that are there; what is not there is as the one before, or the first.
    fn spread(self, is_there: &[bool]) -> Done {
        let mut last = self.numbers.first().copied().unwrap_or(0);
        let mut numbers = self.numbers.into_iter();
        let one = |is_there: &bool| {
            if *is_there {
                last = numbers.next().unwrap_or(last);
            }
            last
        };
        Done { numbers: is_there.iter().map(one).collect(), ..self }
    }
}

/// Figures without gaps: mostly with as many decimals as those they resemble.
fn write_values(out: &mut Out, values: &[f64], like: Option<Like<'_>>) -> Option<Done> {
    let whole = whole_numbers(values);
    let decimals = whole.as_ref().map_or(AS_THEY_ARE, |whole| whole.decimals);
    let is_like = like.as_ref().is_some_and(|like| like.decimals == decimals);
    if like.is_some() {
        out.flag(is_like);
    }
    if !is_like {
        out.bits(3, decimals);
    }
    match &whole {
        Some(whole) => {
            let others = like.filter(|_| is_like);
            numbers::write(out, &whole.numbers, others.as_ref().map(|like| &*like.numbers));
        }
        None => values.iter().for_each(|value| out.bits(64, value.to_bits())),
    }
    whole
}

fn read_values(from: &mut In<'_>, count: usize, like: Option<Like<'_>>) -> Result<(Vec<f64>, Option<Done>)> {
    let like = if like.is_some() && from.flag()? { like } else { None };
    let decimals = like.as_ref().map_or_else(|| from.bits(3), |like| Ok(like.decimals))?;
    let Some(power) = POWERS.get(decimals as usize) else {
        let values = (0..count).map(|_| from.bits(64).map(f64::from_bits)).collect::<Result<_>>()?;
        return Ok((values, None));
    };
    let numbers = numbers::read(from, count, like.as_ref().map(|like| &*like.numbers))?;
    let values = numbers.iter().map(|number| *number as f64 / power).collect();
    Ok((values, Some(Done { decimals, numbers })))
}

/// The fewest decimals that tell all figures exactly, and the figures without their point.
fn whole_numbers(values: &[f64]) -> Option<Done> {
    let mut numbers = Vec::with_capacity(values.len());
    let mut powers = (0..).zip(POWERS);
    let (decimals, _) = powers.find(|(_, power)| {
        numbers.clear();
        numbers.extend(values.iter().map_while(|value| whole_number(*value, *power)));
        numbers.len() == values.len()
    })?;
    Some(Done { decimals, numbers })
}

fn whole_number(value: f64, power: f64) -> Option<i64> {
    let scaled = value * power;
    // Rounds to the nearest.
    let number = (scaled + 0.5_f64.copysign(scaled)) as i64;
    let is_exact = scaled.abs() < WHOLE_MAX && (number as f64 / power).to_bits() == value.to_bits();
    is_exact.then_some(number)
}

fn write_presence(out: &mut Out, is_there: &[bool], gaps: &mut Presence) {
    out.flag(gaps == is_there);
    if gaps != is_there {
        let runs: Vec<i64> = numbers::runs(is_there.iter().copied()).iter().map(|run| *run as i64).collect();
        out.number(runs.len() as u64);
        numbers::write(out, &runs, None);
        *gaps = is_there.to_vec();
    }
}

fn read_presence(from: &mut In<'_>, count: usize, gaps: &mut Presence) -> Result<()> {
    if !from.flag()? {
        let runs = from.count()?;
        let runs = numbers::read(from, runs, None)?;
        let runs: Option<Vec<u64>> = runs.into_iter().map(|run| u64::try_from(run).ok()).collect();
        *gaps = numbers::unrolled(&runs.ok_or(Broken::Damaged("a run is below zero"))?, count)?;
    }
    if gaps.len() == count { Ok(()) } else { Err(Broken::Damaged("gaps like those of no column")) }
}
