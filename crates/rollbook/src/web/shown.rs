//! Figures as pages show them.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::quality::thresholds::{FAIR_FROM, GOOD_FROM, TROUBLED_FROM};

use crate::cli::page::minutes as whole_minutes;

pub use crate::cli::meeting::grouped;
pub use crate::cli::output::thousands;
pub use crate::cli::page::count;

/// Whole minutes, `<1` for what is more than nothing.
pub fn minutes(seconds: &i64) -> String {
    whole_minutes(*seconds)
}

/// `50 min`, `3 h 05 min`.
pub fn length(seconds: i64) -> String {
    let minutes = SignedDuration::from_secs(seconds.max(0) + 30).as_mins();
    if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// A share of 0 to 1: `0 %`, `<1 %`, `97 %`; a hundred only where nothing lacks.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => "<1 %".to_owned(),
        percent if percent < 100.0 => format!("{:.0} %", percent.min(99.0)),
        _ => "100 %".to_owned(),
    }
}

/// `1 Heavy call and 2 Light calls`, `no calls`.
pub fn calls(calls: &PerLabel<u64>) -> String {
    let parts: Vec<String> = Label::ALL
        .into_iter()
        .filter(|label| calls[*label] > 0)
        .map(|label| count(calls[label], &format!("{label} call"), &format!("{label} calls")))
        .collect();
    if parts.is_empty() { "no calls".to_owned() } else { parts.join(" and ") }
}

/// A figure with its unit, a dash where there is none; tenths only where there is little.
pub fn figure(value: &Option<f64>, unit: &str) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if *value < 10.0 && value.fract() != 0.0 => format!("{value:.1}{unit}"),
        Some(value) => format!("{value:.0}{unit}"),
    }
}

/// How a person's call went, in a word: bad from a tenth of bad minutes on, whatever the mean is, as means hide short troubles
/// (docs/quality.md). None where nothing was measured.
pub fn grade(score: Option<f64>, measured: u32, bad: u32) -> Option<&'static str> {
    let score = score?;
    let share = f64::from(bad) / f64::from(measured.max(1));
    Some(match () {
        () if score < FAIR_FROM.value || share >= TROUBLED_FROM.value => "bad",
        () if score < GOOD_FROM.value || bad > 0 => "fair",
        () => "good",
    })
}

/// `network_type` as `network type`.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// Where an instant lies between two, in percent, to the hundredth: for bars.
pub fn place(at: Timestamp, from: Timestamp, to: Timestamp) -> f64 {
    let (length, since) = (to.duration_since(from).as_secs_f64(), at.duration_since(from).as_secs_f64());
    let place = if length > 0.0 { 100.0 * since / length } else { 0.0 };
    (place.clamp(0.0, 100.0) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_is_not_all() {
        for (share, text) in [(0.0, "0 %"), (0.001, "<1 %"), (0.5, "50 %"), (0.999, "99 %"), (1.0, "100 %")] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn a_good_mean_does_not_hide_a_bad_tenth() {
        for (score, bad, word) in
            [(93.0, 0, "good"), (93.0, 1, "fair"), (93.0, 10, "bad"), (75.0, 0, "fair"), (60.0, 5, "bad")]
        {
            assert_eq!(grade(Some(score), 100, bad), Some(word), "{score} {bad}");
        }
        assert_eq!(grade(None, 0, 0), None);
    }

    #[test]
    fn lengths_are_told_in_hours_and_minutes() {
        for (seconds, text) in [(0, "0 min"), (3_000, "50 min"), (11_100, "3 h 05 min")] {
            assert_eq!(length(seconds), text);
        }
    }

    #[test]
    fn what_lies_outside_is_at_the_edge() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(
            [place(at(-5), at(0), at(300)), place(at(100), at(0), at(300)), place(at(400), at(0), at(300))],
            [0.0, 33.33, 100.0]
        );
        assert_eq!(place(at(1), at(0), at(0)), 0.0);
    }
}
