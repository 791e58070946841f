//! Two functions of PHP, byte for byte.

/// `similar_text` as a percentage: the longest common run, then the same to its left and to its right, twice what that
/// covers over both lengths. The first of equally long runs is taken, which is why it is not symmetric.
pub(super) fn similar_percent(a: &[u8], b: &[u8]) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 0.0;
    }
    // As PHP computes it, in this order: figures are compared for equality.
    #[allow(clippy::cast_precision_loss)]
    let percent = similar(a, b) as f64 * 2.0 * 100.0 / (a.len() + b.len()) as f64;
    percent
}

/// `levenshtein` with costs of 1.
pub(super) fn levenshtein(a: &[u8], b: &[u8]) -> usize {
    strsim::generic_levenshtein(&a.to_vec(), &b.to_vec())
}

/// `similar_text` as a number of bytes.
fn similar(a: &[u8], b: &[u8]) -> usize {
    let mut total = 0;
    let mut left_to_do = vec![(a, b)];
    while let Some((a, b)) = left_to_do.pop() {
        let run = longest_run(a, b);
        if run.length > 0 {
            total += run.length;
            left_to_do.push((&a[..run.in_a], &b[..run.in_b]));
            left_to_do.push((&a[run.in_a + run.length..], &b[run.in_b + run.length..]));
        }
    }
    total
}

struct Run {
    in_a: usize,
    in_b: usize,
    length: usize,
}

/// The longest run of bytes found in both; of equals the first in `a`, then in `b`.
fn longest_run(a: &[u8], b: &[u8]) -> Run {
    let mut best = Run { in_a: 0, in_b: 0, length: 0 };
    for in_a in 0..a.len() {
        for in_b in 0..b.len() {
            let length = a[in_a..].iter().zip(&b[in_b..]).take_while(|(x, y)| x == y).count();
            if length > best.length {
                best = Run { in_a, in_b, length };
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PHP 8.2: `similar_text($a, $b, $percent)` and `levenshtein($a, $b)`.
    #[test]
    fn results_are_those_of_php() {
        for (a, b, bytes, percent, distance) in [
            ("World", "Word", 4, 88.888_888_888_888_89, 1),
            ("Word", "World", 4, 88.888_888_888_888_89, 1),
            ("PHP IS GREAT", "WITH MYSQL", 3, 27.272_727_272_727_273, 11),
            ("WITH MYSQL", "PHP IS GREAT", 2, 18.181_818_181_818_183, 11),
            ("test", "wert", 1, 25.0, 2),
            ("wert", "test", 2, 50.0, 2),
            ("bafoobar", "mafoorar", 6, 75.0, 2),
            ("carrrot", "carrot", 6, 92.307_692_307_692_3, 1),
            ("kitten", "sitting", 4, 61.538_461_538_461_54, 3),
            ("", "abc", 0, 0.0, 3),
            ("", "", 0, 0.0, 0),
            ("é", "è", 1, 50.0, 1),
            ("ANNA BERG", "HANNA BERG", 9, 94.736_842_105_263_16, 1),
            ("CHLOÉ MARTIN", "CHLOé MARTIN", 12, 92.307_692_307_692_3, 1),
            ("BERG ANNA", "ANNA BERG", 4, 44.444_444_444_444_44, 8),
        ] {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            assert_eq!(similar(a, b), bytes, "{a:?} {b:?}");
            assert!((similar_percent(a, b) - percent).abs() < 1e-12, "{a:?} {b:?}");
            assert_eq!(levenshtein(a, b), distance, "{a:?} {b:?}");
        }
    }
}
