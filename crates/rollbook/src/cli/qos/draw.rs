//! Figures over time as text: sparklines, and cells of grades. Pure.

use jiff::Timestamp;
use rollbook_core::quality::Grade;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Somebody was there and nothing was measured.
pub const GAP: char = '·';

/// How a minute's grade is drawn; nothing at all is absence.
pub fn mark(grade: Option<Grade>) -> char {
    match grade {
        Some(Grade::Good) => '▁',
        Some(Grade::Fair) => '▄',
        Some(Grade::Bad) => '█',
        None => GAP,
    }
}

/// Whole minutes around a stretch of time, and how many they are: a cell must not be shorter than a minute, which is
/// how often there is a sample.
pub fn minutes_around(from: Timestamp, to: Timestamp) -> (Timestamp, Timestamp, usize) {
    let first = from.as_second().div_euclid(60) * 60;
    let last = to.as_second().div_euclid(60) * 60 + 60;
    let instant = |second| Timestamp::from_second(second).unwrap_or(from);
    (instant(first), instant(last), usize::try_from((last - first) / 60).unwrap_or(1))
}

/// The cell that an instant falls into; none outside.
fn cell(at: Timestamp, from: Timestamp, to: Timestamp, cells: usize) -> Option<usize> {
    let (length, since) = (to.duration_since(from).as_millis(), at.duration_since(from).as_millis());
    if since < 0 || since >= length {
        return None;
    }
    let place = since * i128::try_from(cells).ok()? / length;
    usize::try_from(place).ok().map(|place| place.min(cells.saturating_sub(1)))
}

/// How several values of one cell become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// Their mean.
    Mean,
    /// The highest: a peak must not drown.
    Peak,
}

/// A line of bars between nothing and the highest value. A cell with samples but no value is a gap; one without any
/// sample is blank.
pub fn sparkline(
    values: &[(Timestamp, Option<f64>)],
    from: Timestamp,
    to: Timestamp,
    cells: usize,
    bucket: Bucket,
) -> String {
    let mut held: Vec<Option<Vec<f64>>> = vec![None; cells];
    for (at, value) in values {
        if let Some(place) = cell(*at, from, to, cells) {
            held[place].get_or_insert_default().extend(value);
        }
    }
    let one = |values: &Vec<f64>| match bucket {
        _ if values.is_empty() => None,
        #[allow(clippy::cast_precision_loss)]
        Bucket::Mean => Some(values.iter().sum::<f64>() / values.len() as f64),
        Bucket::Peak => values.iter().copied().max_by(f64::total_cmp),
    };
    let bars: Vec<Option<Option<f64>>> = held.iter().map(|values| values.as_ref().map(one)).collect();
    let most = bars.iter().flatten().flatten().copied().fold(0.0, f64::max);
    bars.into_iter()
        .map(|bar| match bar {
            None => ' ',
            Some(None) => GAP,
            Some(Some(value)) => bar_of(value, most),
        })
        .collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn bar_of(value: f64, most: f64) -> char {
    if most <= 0.0 { BARS[0] } else { BARS[((value / most * 7.0).round() as usize).min(7)] }
}

/// Grades in cells: the worst minute of each counts. `spans` are when somebody was there.
pub fn grades(
    grades: &[(Timestamp, Option<Grade>)],
    spans: &[(Timestamp, Timestamp)],
    from: Timestamp,
    to: Timestamp,
    cells: usize,
) -> String {
    let mut held: Vec<Option<Option<Grade>>> = vec![None; cells];
    for (start, end) in spans {
        let first = cell((*start).clamp(from, to), from, to, cells);
        // A moment before the end: who leaves at a border was not there behind it.
        let until = (*end).clamp(from, to) - jiff::SignedDuration::from_millis(1);
        let last = cell(until.max(from), from, to, cells);
        let (Some(first), Some(last)) = (first, last.max(first)) else { continue };
        for there in &mut held[first..=last] {
            there.get_or_insert(None);
        }
    }
    for (at, grade) in grades {
        if let Some(place) = cell(*at, from, to, cells) {
            held[place] = Some(held[place].flatten().max(*grade));
        }
    }
    held.into_iter().map(|held| held.map_or(' ', mark)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    #[test]
    fn a_gap_is_drawn_as_a_gap_and_absence_as_nothing() {
        let values = [(at(0), Some(0.0)), (at(1), Some(70.0)), (at(2), None), (at(4), Some(35.0))];
        assert_eq!(sparkline(&values, at(0), at(5), 5, Bucket::Mean), "▁█· ▅");
    }

    #[test]
    fn a_peak_does_not_drown_in_its_cell() {
        let values = [(at(0), Some(0.0)), (at(1), Some(30.0)), (at(2), Some(20.0)), (at(3), Some(20.0))];
        assert_eq!(sparkline(&values, at(0), at(4), 2, Bucket::Peak), "█▆");
        assert_eq!(sparkline(&values, at(0), at(4), 2, Bucket::Mean), "▆█");
    }

    #[test]
    fn a_cell_is_never_shorter_than_a_minute() {
        let second = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(minutes_around(second(61), second(119)), (at(1), at(2), 1));
        assert_eq!(minutes_around(second(59), second(121)), (at(0), at(3), 3));
    }

    #[test]
    fn the_worst_minute_of_a_cell_counts() {
        let minutes = [(at(0), Some(Grade::Good)), (at(1), Some(Grade::Bad)), (at(3), Some(Grade::Fair))];
        assert_eq!(grades(&minutes, &[(at(0), at(7))], at(0), at(10), 5), "█▄·· ");
        assert_eq!(grades(&[], &[], at(0), at(10), 5), "     ");
    }
}
