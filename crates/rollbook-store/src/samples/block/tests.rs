use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::samples::bits::{folded, unfolded};

const BITRATE: Column = Column::Stream(Channel::MAIN[0], Measure::Bitrate);
const LATENCY: Column = Column::Stream(Channel::MAIN[2], Measure::Latency);

/// All that a series says, so that a gap equals a gap and -0.0 is not 0.0.
fn shown(series: &Series) -> String {
    let columns: Vec<(Column, Vec<u64>)> = series
        .columns()
        .map(|column| (column, series.column(column).unwrap().iter().map(|value| value.to_bits()).collect()))
        .collect();
    format!("{:?} {columns:?} {:?} {:?}", series.times(), series.words(), series.odd())
}

fn check(series: &Series) -> usize {
    let bytes = encode(series).unwrap();
    assert_eq!(shown(&decode(&bytes).unwrap()), shown(series));
    bytes.len()
}

fn start() -> Timestamp {
    "2026-11-20T08:00:30Z".parse().unwrap()
}

/// One column, a sample a minute.
fn series(column: Column, values: &[f64]) -> Series {
    let mut series = Series::new();
    for (minute, value) in values.iter().enumerate() {
        series.begin(start() + SignedDuration::from_mins(minute as i64));
        series.set(column, *value);
    }
    series
}

/// A stay of an hour, as Zoom might tell it.
fn hour() -> Series {
    let mut series = Series::new();
    for minute in 0..60_i64 {
        series.begin(start() + SignedDuration::from_mins(minute));
        let wave = (minute * 7 % 13) as f64;
        for (place, channel) in
            Channel::MAIN.into_iter().enumerate().filter(|(place, _)| *place < 4 || minute > 20)
        {
            let mut set = |measure, value| series.set(Column::Stream(channel, measure), value);
            set(Measure::Bitrate, (60.0 + wave + place as f64 / 100.0) / 1.0);
            set(Measure::Latency, 40.0 + wave);
            set(Measure::AvgLoss, if minute == 30 { 3.25 } else { 0.0 });
        }
        series.set_word(Column::PressureMax, if minute < 50 { "normal" } else { "high" });
    }
    series.note_odd(start(), "audio_in_bitrate_kbps".into(), "27.15 kbsp ü".into());
    series
}

#[test]
fn an_hour_is_read_as_it_was_written() {
    assert!(check(&hour()) < 1_000);
    assert!(check(&Series::new()) < 16);
}

#[test]
fn what_never_changes_takes_next_to_nothing() {
    let still = check(&series(BITRATE, &[64.25; 600]));
    let one = check(&series(BITRATE, &[64.25]));
    assert!(still < one + 8, "{still} {one}");
}

#[test]
fn awkward_figures_are_kept_to_the_last_bit() {
    check(&series(BITRATE, &[0.1, f64::NAN, 0.2 + 0.1, -0.0, 1e300, f64::MIN_POSITIVE, -1e-300]));
    check(&series(BITRATE, &[9_007_199_254_740_991.0, -9_007_199_254_740_991.0, 0.0]));
    check(&series(BITRATE, &[9_007_199_254_740_992.0, 1.0]));
    check(&series(BITRATE, &[0.000_001, 123_456.654_321]));
    check(&series(BITRATE, &[0.000_000_1]));
    check(&series(LATENCY, &[0.0, 1e9, 0.0, 3.0, 0.0, 0.0]));
}

#[test]
fn any_instant_can_be_that_of_a_sample() {
    let mut series = Series::new();
    for at in ["1969-12-31T23:59:59.5Z", "2026-11-20T08:00:00Z", "2026-11-20T08:00:00.123456789Z"] {
        series.begin(at.parse().unwrap());
        series.set(LATENCY, 1.0);
    }
    series.begin(Timestamp::MAX);
    series.note_odd(Timestamp::MIN, String::new(), String::new());
    check(&series);
}

#[test]
fn another_version_is_told_apart_from_damage() {
    let mut bytes = encode(&hour()).unwrap();
    bytes[0] = 2;
    assert_eq!(decode(&bytes).unwrap_err(), Broken::Version(2));
    assert!(matches!(decode(&[]).unwrap_err(), Broken::Damaged(_)));
}

#[test]
fn whatever_is_cut_off_or_changed_is_noticed() {
    let bytes = encode(&hour()).unwrap();
    for length in 0..bytes.len() {
        assert!(matches!(decode(&bytes[..length]), Err(Broken::Damaged(_))), "{length} bytes");
    }
    for place in 1..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            assert!(matches!(decode(&changed), Err(Broken::Damaged(_))), "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn more_samples_than_a_stay_can_have_are_refused() {
    let times: Vec<Timestamp> =
        (0..=SAMPLES_MAX as i64).map(|second| start() + SignedDuration::from_secs(second)).collect();
    let series = |times: &[Timestamp]| Series::from_columns(times.to_vec(), [], vec![], vec![]).unwrap();
    check(&series(&times[1..]));
    assert_eq!(encode(&series(&times)), None);
}

/// A figure as likely as not to be one that Zoom sends.
fn figure() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0..100_000_i64).prop_map(|n| n as f64 / 100.0),
        4 => (-90..200_i64).prop_map(|n| n as f64),
        2 => Just(f64::NAN),
        1 => any::<i64>().prop_map(|n| n as f64),
        1 => any::<f64>().prop_filter("infinities are no figures", |value| !value.is_infinite()),
    ]
}

fn any_series() -> impl Strategy<Value = Series> {
    let steps = prop_oneof![Just(60_000_000_000_i64), 1_000_000..120_000_000_000_i64, 1..1_000_000_000_i64];
    let columns = prop::collection::vec((0..Column::COUNT, prop::collection::vec(figure(), 0..40)), 0..12);
    let texts = prop::collection::vec(".*", 0..3);
    (prop::collection::vec(steps, 0..40), columns, texts, any::<i32>()).prop_map(
        |(steps, columns, texts, first)| {
            let mut at = Timestamp::from_second(i64::from(first)).unwrap();
            let mut times = Vec::new();
            for step in steps {
                at += SignedDuration::from_nanos(step);
                times.push(at);
            }
            let count = times.len();
            let columns = columns.into_iter().map(|(code, mut values)| {
                values.resize(count, f64::NAN);
                (Column::from_code(code).unwrap(), values)
            });
            let odd = texts.iter().map(|text| Odd { at, column: text.clone(), text: text.clone() }).collect();
            Series::from_columns(times, columns, texts.clone(), odd).unwrap()
        },
    )
}

proptest! {
    #[test]
    fn every_series_is_read_as_it_was_written(series in any_series()) {
        let bytes = encode(&series).unwrap();
        prop_assert_eq!(shown(&decode(&bytes).unwrap()), shown(&series));
    }

    /// The checksum keeps damage out; should it not, there is still no panic and no endless memory.
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(In::unsealed(&bytes));
    }

    #[test]
    fn no_change_behind_the_checksum_breaks_the_reader(series in any_series(), place in any::<usize>(), byte: u8) {
        let mut bytes = encode(&series).unwrap();
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = read(In::unsealed(&bytes[1..]));
    }

    #[test]
    fn folding_is_undone(value: i64) {
        prop_assert_eq!(unfolded(folded(value)), value);
    }
}
