//! Decimal numbers at the beginning of a text, read exactly.

/// A decimal number in pieces, so that a power of ten can be put to it before it is rounded.
pub(super) struct Decimal<'a> {
    /// Digits with at most one point among them.
    digits: &'a str,
    /// The digits without the point, where they are few enough to be exact.
    whole: u64,
    /// Digits from the first that is not 0.
    significant: u32,
    /// The power of ten that belongs to `whole`.
    exponent: i32,
    /// The power of ten that was written behind the digits.
    written_exponent: i32,
    is_negative: bool,
}

/// So many digits always fit the 53 bits of a float.
const EXACT_DIGITS: u32 = 15;

/// The powers of ten that a float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Beyond this every number is nothing or infinite, whatever its digits; any larger exponent says the same.
const EXPONENT_MAX: i32 = 1_000_000;

/// The number a text begins with, and what follows it. `None` where it begins with none.
pub(super) fn split(text: &str) -> Option<(Decimal<'_>, &str)> {
    let bytes = text.as_bytes();
    let begin = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let (mut whole, mut significant, mut exponent) = (0u64, 0u32, 0i32);
    let (mut point, mut at) = (None, begin);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                whole = whole.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                significant = significant.saturating_add(u32::from(significant > 0 || byte != b'0'));
                exponent = exponent.saturating_sub(i32::from(point.is_some()));
            }
            b'.' if point.is_none() => point = Some(at),
            _ => break,
        }
        at += 1;
    }
    if at - begin == usize::from(point.is_some()) {
        return None;
    }
    let (written_exponent, rest) = written_exponent(&text[at..]);
    let is_negative = bytes[0] == b'-';
    let digits = &text[begin..at];
    Some((Decimal { digits, whole, significant, exponent, written_exponent, is_negative }, rest))
}

/// The exponent of `e-05` or `E3`, if that is how the text begins, and what follows it.
fn written_exponent(text: &str) -> (i32, &str) {
    let Some(signed) = text.strip_prefix(['e', 'E']) else { return (0, text) };
    let unsigned = signed.strip_prefix(['+', '-']).unwrap_or(signed);
    let end = unsigned.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(unsigned.len());
    if end == 0 {
        return (0, text);
    }
    let size = unsigned[..end].parse().unwrap_or(EXPONENT_MAX).min(EXPONENT_MAX);
    (if signed.starts_with('-') { -size } else { size }, &unsigned[end..])
}

impl Decimal<'_> {
    /// The number times ten to this power, rounded once: the float nearest to the true product.
    pub(super) fn times_ten_to(&self, power: i32) -> f64 {
        let power = self.written_exponent.saturating_add(power);
        let size = self.quick(self.exponent.saturating_add(power)).unwrap_or_else(|| self.slow(power));
        if self.is_negative { -size } else { size }
    }

    /// Two exact floats, so that IEEE 754 rounds their product or quotient correctly.
    fn quick(&self, exponent: i32) -> Option<f64> {
        if self.significant > EXACT_DIGITS {
            return None;
        }
        let power = *POWERS.get(exponent.unsigned_abs() as usize)?;
        #[allow(clippy::cast_precision_loss)]
        let whole = self.whole as f64;
        Some(if exponent < 0 { whole / power } else { whole * power })
    }

    /// What the standard library reads, for numbers of many digits or very large or small ones.
    fn slow(&self, power: i32) -> f64 {
        format!("{}e{power}", self.digits).parse().unwrap_or(f64::NAN)
    }
}
