//! The E-model of ITU-T G.107: how well one can talk, from delay and loss.
//!
//! Noise and loudness have the Recommendation's defaults and echo is taken to be cancelled perfectly, so that the rating is
//! `R = 93.2 - Idd - Ie,eff`. It is the model of narrow-band telephony; `docs/quality.md` says what that means here.

use super::thresholds::{BURST_R, CODEC_BPL, CODEC_IE, DELAY_FREE, R_DEFAULT};

/// Idd, the impairment by mere lateness, of a one-way delay from mouth to ear in ms (G.107, 7.4).
pub fn delay_impairment(delay_ms: f64) -> f64 {
    if delay_ms <= DELAY_FREE.value {
        return 0.0;
    }
    // It nears 50; beyond eleven days nothing changes.
    let x = (delay_ms.min(1e9) / DELAY_FREE.value).log2();
    let root = |y: f64| (1.0 + y.powi(6)).powf(1.0 / 6.0);
    25.0 * (root(x) - 3.0 * root(x / 3.0) + 2.0)
}

/// Ie,eff, the impairment by codec and lost packets, of a loss in percent (G.107, 7.5).
pub fn loss_impairment(loss_pct: f64) -> f64 {
    let loss = loss_pct.clamp(0.0, 100.0);
    CODEC_IE.value + (95.0 - CODEC_IE.value) * loss / (loss / BURST_R.value + CODEC_BPL.value)
}

/// The transmission rating R, 0 to 93.2; the Recommendation lets it go below 0, where nothing gets worse.
pub fn rating(delay_ms: f64, loss_pct: f64) -> f64 {
    (R_DEFAULT.value - delay_impairment(delay_ms) - loss_impairment(loss_pct)).max(0.0)
}

/// The mean opinion score, 1 to 4.5, of a rating (G.107, Annex B). Its cubic dips below 1 for the lowest ratings,
/// where 1 is returned.
pub fn mos(r: f64) -> f64 {
    match r {
        r if r <= 0.0 => 1.0,
        r if r >= 100.0 => 4.5,
        r => (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0),
    }
}

/// What users say of such a rating (G.109, Table 1); below 50 the Recommendation has no category.
pub fn satisfaction(r: f64) -> &'static str {
    match r {
        r if r >= 90.0 => "users very satisfied",
        r if r >= 80.0 => "users satisfied",
        r if r >= 70.0 => "some users dissatisfied",
        r if r >= 60.0 => "many users dissatisfied",
        r if r >= 50.0 => "nearly all users dissatisfied",
        _ => "not recommended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(of: impl Fn(f64) -> f64, given: f64, expected: f64, within: f64) {
        let got = of(given);
        assert!((got - expected).abs() <= within, "{given}: {got}, expected {expected}");
    }

    #[test]
    fn speech_that_nothing_impairs_has_the_published_rating_and_opinion() {
        assert!((rating(0.0, 0.0) - 93.2).abs() < 1e-9);
        check(mos, 93.2, 4.41, 0.005);
    }

    #[test]
    fn opinions_are_those_of_annex_b() {
        // Table B.1 of G.107: the lower limits of R and of MOS.
        for (r, expected) in [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)] {
            check(mos, r, expected, 0.01);
        }
        check(mos, 0.0, 1.0, 0.0);
        check(mos, 3.0, 1.0, 0.0);
        check(mos, 100.0, 4.5, 0.0);
    }

    #[test]
    fn lateness_impairs_from_a_tenth_of_a_second_on() {
        // By hand from the formula, at X = 0, 1 and 2, and at the limit of G.114.
        check(delay_impairment, 60.0, 0.0, 0.0);
        check(delay_impairment, 100.0, 0.0, 0.0);
        check(delay_impairment, 150.0, 0.16, 0.005);
        check(delay_impairment, 200.0, 3.04, 0.005);
        check(delay_impairment, 400.0, 24.07, 0.005);
        check(delay_impairment, 1_000.0, 43.79, 0.005);
    }

    #[test]
    fn loss_impairs_along_the_curve_of_a_codec_that_conceals() {
        check(loss_impairment, 0.0, 0.0, 0.0);
        check(loss_impairment, 1.0, 95.0 / 26.1, 1e-9);
        // At Ppl = Bpl half of the 95 is lost.
        check(loss_impairment, 25.1, 47.5, 1e-9);
        check(loss_impairment, 100.0, 75.94, 0.005);
        check(loss_impairment, -1.0, 0.0, 0.0);
    }

    #[test]
    fn more_delay_and_more_loss_are_never_better() {
        for step in 1..200 {
            let (now, before) = (f64::from(step) * 10.0, f64::from(step - 1) * 10.0);
            assert!(delay_impairment(now) >= delay_impairment(before));
            assert!(loss_impairment(now / 20.0) >= loss_impairment(before / 20.0));
            assert!(mos(now / 20.0) >= mos(before / 20.0));
        }
        assert!(rating(5_000.0, 100.0) >= 0.0);
    }

    #[test]
    fn ratings_have_the_words_of_g_109() {
        let words: Vec<&str> = [93.2, 85.0, 75.0, 65.0, 55.0, 40.0].map(satisfaction).to_vec();
        assert_eq!(words[0], "users very satisfied");
        assert_eq!(words[3], "many users dissatisfied");
        assert_eq!(words[5], "not recommended");
    }
}
