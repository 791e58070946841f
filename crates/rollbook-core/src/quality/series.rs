//! The samples of one stay, a column for each figure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channel::Column;

/// A value that Zoom sent and nobody can read. Kept, so that it can be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Odd {
    /// The minute it belongs to.
    pub at: Timestamp,
    /// The figure it should have been, such as `audio_in_bitrate_kbps`.
    pub column: String,
    /// What Zoom wrote.
    pub text: String,
}

/// Samples by minute, oldest first, each instant once. A gap is never a zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    times: Vec<Timestamp>,
    /// By [`Column::code`]; an empty column is all gaps, the others are as long as `times`, with NaN for a gap.
    columns: Vec<Vec<f64>>,
    words: Vec<String>,
    odd: Vec<Odd>,
}

impl Default for Series {
    fn default() -> Series {
        Series::new()
    }
}

impl Series {
    /// No samples.
    pub fn new() -> Series {
        Series {
            times: Vec::new(),
            columns: vec![Vec::new(); Column::COUNT],
            words: Vec::new(),
            odd: Vec::new(),
        }
    }

    /// Puts a series together again from what [`Series::times`], [`Series::column`], [`Series::words`] and
    /// [`Series::odd`] told; columns that are not named are all gaps. `None` if that is no series: instants that do not
    /// ascend, a column of another length, an infinite figure.
    pub fn from_columns(
        times: Vec<Timestamp>,
        columns: impl IntoIterator<Item = (Column, Vec<f64>)>,
        words: Vec<String>,
        odd: Vec<Odd>,
    ) -> Option<Series> {
        let mut series = Series { times, words, odd, ..Series::new() };
        let ascends = series.times.is_sorted_by(|earlier, later| earlier < later);
        for (column, values) in columns {
            if values.len() != series.len() || values.iter().any(|value| value.is_infinite()) {
                return None;
            }
            if values.iter().any(|value| !value.is_nan()) {
                series.columns[column.code()] = values;
            }
        }
        ascends.then_some(series)
    }

    /// The instants, UTC, oldest first.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Words that word columns point at by place.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Values that could not be read.
    pub fn odd(&self) -> &[Odd] {
        &self.odd
    }

    /// The columns that hold any value, by code.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        let has_values = |code: &usize| !self.columns[*code].is_empty();
        (0..Column::COUNT).filter(has_values).filter_map(Column::from_code)
    }

    /// A column's values by sample, NaN for a gap; `None` if all are gaps.
    pub fn column(&self, column: Column) -> Option<&[f64]> {
        Some(self.columns[column.code()].as_slice()).filter(|values| !values.is_empty())
    }

    /// One value; `None` for a gap.
    pub fn value(&self, column: Column, sample: usize) -> Option<f64> {
        self.column(column).and_then(|values| values.get(sample)).copied().filter(|value| !value.is_nan())
    }

    /// The word of a word column; `None` for a gap.
    pub fn word(&self, column: Column, sample: usize) -> Option<&str> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let place = self.value(column, sample)? as usize;
        self.words.get(place).map(String::as_str)
    }

    /// Begins a sample behind the others; its figures are set with [`Series::set`]. An instant that is not later than
    /// the last one begins nothing: use [`Series::merge`] for what comes out of order.
    pub fn begin(&mut self, at: Timestamp) -> bool {
        if self.times.last().is_some_and(|last| *last >= at) {
            return false;
        }
        self.times.push(at);
        for column in self.columns.iter_mut().filter(|column| !column.is_empty()) {
            column.push(f64::NAN);
        }
        true
    }

    /// Sets a figure of the sample begun last. NaN and infinities are no figures.
    pub fn set(&mut self, column: Column, value: f64) {
        if let Some(last) = self.times.len().checked_sub(1).filter(|_| value.is_finite()) {
            self.put(column.code(), last, value);
        }
    }

    /// Sets a word of the sample begun last.
    pub fn set_word(&mut self, column: Column, word: &str) {
        let place = self.words.iter().position(|held| held == word).unwrap_or_else(|| {
            self.words.push(word.to_owned());
            self.words.len() - 1
        });
        #[allow(clippy::cast_precision_loss)]
        self.set(column, place as f64);
    }

    /// Keeps a value that could not be read.
    pub fn note_odd(&mut self, at: Timestamp, column: String, text: String) {
        self.odd.push(Odd { at, column, text });
    }

    fn put(&mut self, code: usize, sample: usize, value: f64) {
        let (column, len) = (&mut self.columns[code], self.times.len());
        if column.is_empty() {
            column.reserve_exact(len.max(64));
            column.resize(len, f64::NAN);
        }
        column[sample] = value;
    }

    /// Keeps the first so many samples; a stay of days is no reason to keep none.
    pub fn truncate(&mut self, samples: usize) {
        self.times.truncate(samples);
        self.columns.iter_mut().for_each(|column| column.truncate(samples));
    }

    /// Adds what another reading of the same stay said. Where both have a figure the later reading's counts; a gap
    /// takes nothing away. Adding the same again changes nothing.
    pub fn merge(&mut self, later: &Series) {
        let mut merged = Series::new();
        let (mut ours, mut theirs) = (0, 0);
        loop {
            let at = match (self.times.get(ours), later.times.get(theirs)) {
                (None, None) => break,
                (Some(at), None) | (None, Some(at)) => *at,
                (Some(a), Some(b)) => *a.min(b),
            };
            merged.begin(at);
            if self.times.get(ours) == Some(&at) {
                merged.copy(self, ours);
                ours += 1;
            }
            if later.times.get(theirs) == Some(&at) {
                merged.copy(later, theirs);
                theirs += 1;
            }
        }
        let mut odd: Vec<Odd> = self.odd.iter().chain(&later.odd).cloned().collect();
        odd.sort();
        odd.dedup();
        merged.odd = odd;
        *self = merged;
    }

    fn copy(&mut self, from: &Series, sample: usize) {
        for column in from.columns() {
            let Some(value) = from.value(column, sample) else { continue };
            match column {
                Column::PressureMin | Column::PressureAvg | Column::PressureMax => {
                    if let Some(word) = from.word(column, sample) {
                        self.set_word(column, word);
                    }
                }
                _ => self.set(column, value),
            }
        }
    }
}

/// What one row of a call-quality answer said: whose connection, from where, and its samples.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QualityRow {
    /// Zoom's number of the connection within the instance (quirk 34).
    pub user_id: String,
    /// Per-connection id.
    pub participant_uuid: Option<String>,
    /// The Zoom user; blank for guests.
    pub zoom_user_id: Option<String>,
    /// The name as typed.
    pub name: Option<String>,
    /// Blank for people outside the account.
    pub email: Option<String>,
    /// Join.
    pub joined_at: Option<Timestamp>,
    /// Leave; unknown while it lasts.
    pub left_at: Option<Timestamp>,
    /// Device, network, place, versions, as Zoom wrote them, by our names (`device`, `network_type`, `ip_address`, …).
    pub details: BTreeMap<String, String>,
    /// The samples.
    pub series: Series,
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::quality::{Channel, Measure};

    const LATENCY: Column = Column::Stream(Channel::MAIN[0], Measure::Latency);

    /// `"0:12 1:- 3:0"`: minute and latency, `-` for a gap.
    fn series(text: &str) -> Series {
        let mut series = Series::new();
        for word in text.split_whitespace() {
            let (minute, value) = word.split_once(':').unwrap();
            series.begin(minute_at(minute.parse().unwrap()));
            if let Ok(value) = value.parse() {
                series.set(LATENCY, value);
            }
        }
        series
    }

    fn minute_at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn check_merge(earlier: &str, later: &str, expected: &str) {
        let mut merged = series(earlier);
        merged.merge(&series(later));
        let show = |series: &Series| -> Vec<(Timestamp, Option<f64>)> {
            (0..series.len()).map(|at| (series.times()[at], series.value(LATENCY, at))).collect()
        };
        assert_eq!(show(&merged), show(&series(expected)), "{earlier} + {later}");
    }

    #[test]
    fn a_gap_is_not_a_zero() {
        let series = series("0:0 1:- 2:5");
        assert_eq!(series.value(LATENCY, 0), Some(0.0));
        assert_eq!(series.value(LATENCY, 1), None);
        assert_eq!(series.columns().collect::<Vec<_>>(), [LATENCY]);
    }

    #[test]
    fn later_readings_add_and_correct_and_take_nothing_away() {
        check_merge("0:1 1:2", "0:1 1:2", "0:1 1:2");
        check_merge("0:1 1:2", "1:3 2:4", "0:1 1:3 2:4");
        check_merge("0:1 1:2", "0:- 1:-", "0:1 1:2");
        check_merge("", "0:1", "0:1");
        check_merge("2:1", "0:5", "0:5 2:1");
    }

    #[test]
    fn words_stay_with_their_samples() {
        let mut one = series("0:1");
        one.set_word(Column::PressureMax, "normal");
        let mut other = series("1:1");
        other.set_word(Column::PressureMax, "high");
        one.merge(&other);
        assert_eq!(one.word(Column::PressureMax, 0), Some("normal"));
        assert_eq!(one.word(Column::PressureMax, 1), Some("high"));
    }

    #[test]
    fn what_cannot_be_read_is_kept_once() {
        let mut one = series("0:1");
        one.note_odd(minute_at(0), "audio_in_bitrate_kbps".into(), "lots".into());
        let again = one.clone();
        one.merge(&again);
        assert_eq!(one.odd().len(), 1);
    }

    #[test]
    fn a_series_is_put_together_again_from_its_columns() {
        let mut whole = series("0:1 1:- 2:3");
        whole.set_word(Column::PressureMax, "high");
        whole.note_odd(minute_at(0), "audio_in_bitrate_kbps".into(), "lots".into());
        let columns = |series: &Series| -> Vec<(Column, Vec<f64>)> {
            series.columns().map(|column| (column, series.column(column).unwrap().to_vec())).collect()
        };
        let (times, words, odd) = (whole.times().to_vec(), whole.words().to_vec(), whole.odd().to_vec());
        let again = Series::from_columns(times.clone(), columns(&whole), words, odd).unwrap();
        // A gap equals nothing, so two series with gaps are compared as they are shown.
        assert_eq!(format!("{again:?}"), format!("{whole:?}"));

        let gaps = Series::from_columns(times.clone(), [(LATENCY, vec![f64::NAN; 3])], vec![], vec![]);
        assert_eq!(gaps.unwrap().column(LATENCY), None);
        let refused = |times: Vec<Timestamp>, values: Vec<f64>| {
            assert!(Series::from_columns(times, [(LATENCY, values)], vec![], vec![]).is_none());
        };
        refused(times.clone(), vec![1.0, 2.0]);
        refused(times.clone(), vec![1.0, f64::INFINITY, 2.0]);
        refused(times.into_iter().rev().collect(), vec![1.0, 2.0, 3.0]);
    }

    #[test]
    fn an_instant_that_comes_again_begins_nothing() {
        let mut one = series("5:1");
        assert!(!one.begin(minute_at(5)));
        assert!(!one.begin(minute_at(4)));
        assert_eq!(one.len(), 1);
    }
}
