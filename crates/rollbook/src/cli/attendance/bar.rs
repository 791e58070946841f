//! A person's presence as a bar across the session's time.

use jiff::Timestamp;
use rollbook_core::attendance::Span;

/// Present through the whole cell, its first half, its second half, or only a moment of it.
const WHOLE: char = '█';
const FIRST: char = '▌';
const SECOND: char = '▐';
const MOMENT: char = '▏';
/// Nobody has told whether the person was still there.
pub const UNKNOWN: char = '░';

/// The bar, `cells` wide. From `open_since` on, what is not known to be presence is not known at all.
pub fn bar(
    spans: &[Span],
    open_since: Option<Timestamp>,
    from: Timestamp,
    to: Timestamp,
    cells: usize,
) -> String {
    let (start, length) = (from.as_millisecond(), (to.as_millisecond() - from.as_millisecond()).max(1));
    let halves = cells as i64 * 2;
    let edge = |half: i64| start + length * half / halves;
    let covered = |half: i64| {
        let (low, high) = (edge(half), edge(half + 1));
        let held: i64 = spans
            .iter()
            .map(|span| span.to.as_millisecond().min(high) - span.from.as_millisecond().max(low))
            .map(|overlap| overlap.max(0))
            .sum();
        (held > 0, held * 2 >= high - low && high > low)
    };
    (0..cells as i64)
        .map(|cell| {
            let (first, second) = (covered(cell * 2), covered(cell * 2 + 1));
            let is_open = open_since.is_some_and(|since| since.as_millisecond() < edge(cell * 2 + 2));
            match (first.1, second.1) {
                (true, true) => WHOLE,
                (true, false) => FIRST,
                (false, true) => SECOND,
                (false, false) if first.0 || second.0 => MOMENT,
                (false, false) if is_open => UNKNOWN,
                (false, false) => ' ',
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Ten cells across a hundred seconds.
    fn check(spans: &[(i64, i64)], open_since: Option<i64>, expected: &str) {
        let spans: Vec<Span> = spans.iter().map(|(from, to)| Span { from: at(*from), to: at(*to) }).collect();
        assert_eq!(bar(&spans, open_since.map(at), at(0), at(100), 10), expected);
    }

    #[test]
    fn presence_is_drawn_to_half_a_cell() {
        check(&[(0, 100)], None, "██████████");
        check(&[(0, 25), (75, 100)], None, "██▌    ▐██");
        check(&[(-50, 20), (90, 500)], None, "██       █");
    }

    #[test]
    fn a_moment_is_not_lost() {
        check(&[(50, 51)], None, "     ▏    ");
    }

    #[test]
    fn an_unknown_leave_is_not_drawn_as_absence() {
        check(&[(0, 20)], Some(50), "██   ░░░░░");
    }
}
