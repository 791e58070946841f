//! Whole numbers in few bits: what is left of them once something foretold is taken off, in the shorter of some codes.

use super::bits::{Broken, In, Out, folded, unfolded, width};

/// Numbers are smaller than this, either side of zero: differences of any two are far from overflow.
pub const NUMBER_MAX: i64 = 1 << 54;

/// A longer list of values is no shorter than the values.
const LISTED_MAX: usize = 16;

/// Ones in front of a number that Rice's code would make too long; the number itself follows.
const ESCAPE: u32 = 20;

type Result<T> = std::result::Result<T, Broken>;

/// What is taken off the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// The least of them.
    Least(i64),
    /// Their mean.
    Middle(i64),
    /// The one before; here is the first.
    Before(i64),
    /// All: what is left is the place in a list.
    Listed(Vec<i64>),
}

/// How what is left is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    /// Each in as many bits.
    Fixed { width: u32 },
    /// Rice's code: short for small numbers. <https://en.wikipedia.org/wiki/Golomb_coding>
    Rice { low: u32 },
    /// Lengths of runs of zeros and of others by turns, then the others.
    Sparse { run_low: u32, low: u32 },
}

/// Something that may be taken off, and about how many bits are left then.
struct Candidate {
    is_apart: bool,
    shape: Shape,
    bits: u64,
}

/// Writes one number or more, by themselves or as differences from as many others.
pub fn write(out: &mut Out, numbers: &[i64], others: Option<&[i64]>) {
    let apart: Option<Vec<i64>> =
        others.map(|others| numbers.iter().zip(others).map(|(number, other)| number - other).collect());
    let own = shapes(numbers, false);
    let theirs = apart.iter().flat_map(|apart| shapes(apart, true));
    let best = own.chain(theirs).min_by_key(|candidate| candidate.bits).expect("some shapes fit all numbers");
    let numbers = apart.as_deref().filter(|_| best.is_apart).unwrap_or(numbers);
    let left = left_over(&best.shape, numbers);
    out.flag(best.is_apart);
    write_shape(out, &best.shape);
    write_left(out, &left);
}

fn write_left(out: &mut Out, left: &[u64]) {
    match code(left) {
        Code::Fixed { width } => {
            out.bits(2, 0);
            out.bits(6, u64::from(width));
            left.iter().for_each(|left| out.bits(width, *left));
        }
        Code::Rice { low } => {
            out.bits(2, 1);
            write_rice(out, low, left);
        }
        Code::Sparse { run_low, low } => {
            out.bits(2, 2);
            let (runs, others) = sparse(left);
            out.number(runs.len() as u64);
            write_rice(out, run_low, &runs);
            write_rice(out, low, &others);
        }
    }
}

/// Reads as many numbers as were written.
pub fn read(from: &mut In<'_>, count: usize, others: Option<&[i64]>) -> Result<Vec<i64>> {
    let is_apart = from.flag()?;
    let shape = read_shape(from)?;
    // The first of those that follow one another stands in the shape.
    let coded = if matches!(shape, Shape::Before(_)) { count.saturating_sub(1) } else { count };
    let left = match from.bits(2)? {
        0 => {
            let width = from.bits(6)? as u32;
            gather(coded, || from.bits(width))?
        }
        1 => read_rice(from, coded)?,
        2 => read_sparse(from, coded)?,
        _ => return Err(Broken::Damaged("a code is unknown")),
    };
    let mut numbers = restore(&shape, &left)?;
    if is_apart {
        let others = others.filter(|others| others.len() == numbers.len());
        let others = others.ok_or(Broken::Damaged("numbers are relative to nothing"))?;
        numbers.iter_mut().zip(others).for_each(|(number, other)| *number = number.wrapping_add(*other));
    }
    let is_sound = numbers.iter().all(|number| (-NUMBER_MAX..=NUMBER_MAX).contains(number));
    if is_sound { Ok(numbers) } else { Err(Broken::Damaged("a number is too large")) }
}

/// All shapes, with the bits that they and the numbers' own bits take: the code that follows takes about as many more
/// whatever the shape.
fn shapes(numbers: &[i64], is_apart: bool) -> impl Iterator<Item = Candidate> {
    let least = numbers.iter().copied().min().unwrap_or(0);
    let sum: i128 = numbers.iter().map(|number| i128::from(*number)).sum();
    let middle = (sum / numbers.len().max(1) as i128) as i64;
    let first = numbers.first().copied().unwrap_or(0);
    let (mut above, mut around, mut steps) = (0, 0, 0);
    let mut before = first;
    for number in numbers {
        above += width((number - least) as u64);
        around += width(folded(number - middle));
        steps += width(folded(number - before));
        before = *number;
    }
    let listed = listed(numbers).map(|list| {
        let places = numbers.len() as u32 * width(list.len().saturating_sub(1) as u64);
        (Shape::Listed(list), places)
    });
    let shapes =
        [(Shape::Least(least), above), (Shape::Middle(middle), around), (Shape::Before(first), steps)];
    shapes.into_iter().chain(listed).map(move |(shape, widths)| Candidate {
        is_apart,
        bits: shape_bits(&shape) + u64::from(widths),
        shape,
    })
}

/// The values that occur, if they are few.
fn listed(numbers: &[i64]) -> Option<Vec<i64>> {
    let mut list: Vec<i64> = Vec::with_capacity(LISTED_MAX);
    for number in numbers {
        if let Err(place) = list.binary_search(number) {
            if list.len() == LISTED_MAX {
                return None;
            }
            list.insert(place, *number);
        }
    }
    Some(list)
}

fn left_over(shape: &Shape, numbers: &[i64]) -> Vec<u64> {
    match shape {
        Shape::Least(least) => numbers.iter().map(|number| (number - least) as u64).collect(),
        Shape::Middle(middle) => numbers.iter().map(|number| folded(number - middle)).collect(),
        Shape::Before(_) => numbers.windows(2).map(|pair| folded(pair[1] - pair[0])).collect(),
        Shape::Listed(list) => {
            numbers.iter().map(|number| list.partition_point(|value| value < number) as u64).collect()
        }
    }
}

fn restore(shape: &Shape, left: &[u64]) -> Result<Vec<i64>> {
    Ok(match shape {
        Shape::Least(least) => left.iter().map(|left| least.wrapping_add(*left as i64)).collect(),
        Shape::Middle(middle) => left.iter().map(|left| middle.wrapping_add(unfolded(*left))).collect(),
        Shape::Before(first) => {
            let mut numbers = Vec::with_capacity(left.len() + 1);
            numbers.push(*first);
            let steps = left.iter().scan(*first, |number, left| {
                *number = number.wrapping_add(unfolded(*left));
                Some(*number)
            });
            numbers.extend(steps);
            numbers
        }
        Shape::Listed(list) => {
            let value = |left: &u64| usize::try_from(*left).ok().and_then(|place| list.get(place)).copied();
            left.iter().map(value).collect::<Option<_>>().ok_or(Broken::Damaged("a list is too short"))?
        }
    })
}

fn shape_bits(shape: &Shape) -> u64 {
    match shape {
        Shape::Least(value) | Shape::Middle(value) | Shape::Before(value) => number_bits(folded(*value)),
        Shape::Listed(list) => {
            let first = list.first().map_or(0, |first| number_bits(folded(*first)));
            let steps: u64 = list.windows(2).map(|pair| number_bits((pair[1] - pair[0]) as u64)).sum();
            4 + first + steps
        }
    }
}

fn number_bits(value: u64) -> u64 {
    6 + u64::from(width(value).saturating_sub(1))
}

fn write_shape(out: &mut Out, shape: &Shape) {
    let (kind, value) = match shape {
        Shape::Least(value) => (0, *value),
        Shape::Middle(value) => (1, *value),
        Shape::Before(value) => (2, *value),
        Shape::Listed(list) => (3, list.first().copied().unwrap_or(0)),
    };
    out.bits(2, kind);
    out.signed(value);
    if let Shape::Listed(list) = shape {
        out.bits(4, list.len().saturating_sub(1) as u64);
        list.windows(2).for_each(|pair| out.number((pair[1] - pair[0]) as u64));
    }
}

fn read_shape(from: &mut In<'_>) -> Result<Shape> {
    let kind = from.bits(2)?;
    let value = from.signed()?;
    Ok(match kind {
        0 => Shape::Least(value),
        1 => Shape::Middle(value),
        2 => Shape::Before(value),
        _ => {
            let mut list = vec![value];
            for place in 0..from.bits(4)? as usize {
                list.push(list[place].wrapping_add(from.number()? as i64));
            }
            Shape::Listed(list)
        }
    })
}

/// The shortest code.
fn code(left: &[u64]) -> Code {
    let most = width(left.iter().copied().max().unwrap_or(0));
    let fixed = (Code::Fixed { width: most }, 6 + left.len() as u64 * u64::from(most));
    let (low, bits) = rice(left);
    let (best, least) = if bits < fixed.1 { (Code::Rice { low }, bits) } else { fixed };
    let zeros = left.iter().filter(|left| **left == 0).count();
    if zeros * 2 > left.len() && most > 0 {
        let (runs, others) = sparse(left);
        let ((run_low, run_bits), (low, low_bits)) = (rice(&runs), rice(&others));
        if number_bits(runs.len() as u64) + run_bits + low_bits < least {
            return Code::Sparse { run_low, low };
        }
    }
    best
}

/// How many low bits Rice's code had best keep as they are, and the bits of it all.
fn rice(left: &[u64]) -> (u32, u64) {
    let widths: u64 = left.iter().map(|left| u64::from(width(*left))).sum();
    let usual = (widths / left.len().max(1) as u64) as u32;
    let lows = usual.saturating_sub(1)..=(usual + 1).min(31);
    lows.map(|low| (low, rice_bits(low, left))).min_by_key(|(_, bits)| *bits).unwrap_or((0, 5))
}

fn rice_bits(low: u32, left: &[u64]) -> u64 {
    let one = |left: &u64| {
        let ones = left >> low;
        if ones < u64::from(ESCAPE) {
            ones + 1 + u64::from(low)
        } else {
            u64::from(ESCAPE) + 1 + number_bits(*left)
        }
    };
    5 + left.iter().map(one).sum::<u64>()
}

fn write_rice(out: &mut Out, low: u32, left: &[u64]) {
    out.bits(5, u64::from(low));
    for left in left {
        let ones = left >> low;
        if ones < u64::from(ESCAPE) {
            out.ones(ones as u32);
            out.bits(low, left & ((1 << low) - 1));
        } else {
            out.ones(ESCAPE);
            out.number(*left);
        }
    }
}

fn read_rice(from: &mut In<'_>, count: usize) -> Result<Vec<u64>> {
    let low = from.bits(5)? as u32;
    gather(count, || match from.ones()? {
        ESCAPE => from.number(),
        ones if ones < ESCAPE => Ok(u64::from(ones) << low | from.bits(low)?),
        _ => Err(Broken::Damaged("a number is too long")),
    })
}

/// As many as are expected, in room made once: there are never more than samples, or than bits.
fn gather(count: usize, mut one: impl FnMut() -> Result<u64>) -> Result<Vec<u64>> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(one()?);
    }
    Ok(all)
}

/// Lengths of runs of zeros and of others by turns, zeros first; and the others, less one.
fn sparse(left: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let runs = runs(left.iter().map(|left| *left == 0));
    (runs, left.iter().filter(|left| **left > 0).map(|left| left - 1).collect())
}

fn read_sparse(from: &mut In<'_>, count: usize) -> Result<Vec<u64>> {
    let runs = from.count()?;
    let runs = read_rice(from, runs)?;
    let is_zero = unrolled(&runs, count)?;
    let others = is_zero.iter().filter(|is_zero| !**is_zero).count();
    let mut others = read_rice(from, others)?.into_iter();
    let mut other = || others.next().unwrap_or(0).wrapping_add(1);
    Ok(is_zero.into_iter().map(|is_zero| if is_zero { 0 } else { other() }).collect())
}

/// Lengths of runs by turns, those that are true first.
pub fn runs(flags: impl Iterator<Item = bool>) -> Vec<u64> {
    let mut runs = vec![0];
    let mut current = true;
    for flag in flags {
        if flag != current {
            runs.push(0);
            current = flag;
        }
        if let Some(last) = runs.last_mut() {
            *last += 1;
        }
    }
    runs
}

/// The other way: exactly so many.
pub fn unrolled(runs: &[u64], count: usize) -> Result<Vec<bool>> {
    let mut flags = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        if *run > (count - flags.len()) as u64 {
            return Err(Broken::Damaged("runs are too long"));
        }
        flags.resize(flags.len() + *run as usize, place % 2 == 0);
    }
    if flags.len() == count { Ok(flags) } else { Err(Broken::Damaged("runs are too short")) }
}
