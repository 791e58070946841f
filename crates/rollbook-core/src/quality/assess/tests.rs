use jiff::SignedDuration;
use proptest::prelude::*;

use super::super::words::verdict;
use super::*;

fn minute(minute: i64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

/// One sample a line, one minute apart: `"audio_in latency 60 loss 5 | video_out fps 5 | cpu 95"`; an empty line is a
/// sample without anything.
fn series(lines: &[&str]) -> Series {
    let mut series = Series::new();
    for (place, line) in lines.iter().enumerate() {
        add(&mut series, minute(i64::try_from(place).unwrap()), line);
    }
    series
}

fn add(series: &mut Series, at: Timestamp, line: &str) {
    series.begin(at);
    for part in line.split('|').filter(|part| !part.trim().is_empty()) {
        let mut words = part.split_whitespace();
        let head = words.next().unwrap();
        if head == "cpu" {
            series.set(Column::CpuSystemMax, words.next().unwrap().parse().unwrap());
            continue;
        }
        let channel = Channel::from_name(head).unwrap();
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            let measure = match name {
                "kbps" => Measure::Bitrate,
                "latency" => Measure::Latency,
                "jitter" => Measure::Jitter,
                "loss" => Measure::AvgLoss,
                "fps" => Measure::FrameRate,
                other => panic!("{other}"),
            };
            series.set(Column::Stream(channel, measure), value.parse().unwrap());
        }
    }
}

const GOOD: &str =
    "audio_in kbps 60 latency 60 jitter 5 loss 0 | audio_out kbps 60 latency 60 jitter 5 loss 0";
const LOSSY: &str = "audio_in kbps 20 latency 80 jitter 9 loss 30 | audio_out kbps 60 latency 60 loss 0";

fn assessed(lines: &[&str]) -> StayQuality {
    let left_at = minute(i64::try_from(lines.len()).unwrap());
    assess(&series(lines), minute(0), Some(left_at))
}

fn check(lines: &[&str], expected: &str) {
    assert_eq!(verdict(&assessed(lines)), expected, "{lines:?}");
}

#[test]
fn a_stay_without_samples_has_no_score() {
    let quality = assessed(&[]);
    assert_eq!(quality, StayQuality::default());
    assert_eq!(verdict(&quality), "nothing was measured");
    let quality = assessed(&["", "audio_in kbps 50"]);
    assert_eq!((quality.samples, quality.minutes, quality.score), (2, 0, None));
    check(&["", "audio_in kbps 50"], "too little was measured to judge it");
}

#[test]
fn a_good_call_is_called_good() {
    check(&[GOOD; 6], "good in all of 6 min; R 93, MOS 4.4 (users very satisfied)");
}

#[test]
fn a_bad_one_names_the_stream_the_figures_and_the_cause() {
    let lines = [GOOD, GOOD, LOSSY, LOSSY, GOOD, GOOD];
    check(
        &lines,
        "audio in bad in 2 of 6 min (loss, 10 % on average, 30 % at worst); R 76, MOS 3.9 (some users dissatisfied)",
    );
    let quality = assessed(&lines);
    assert_eq!((quality.minutes, quality.bad_minutes), (6, 2));
    assert_eq!(quality.worst.map(Channel::name), Some("audio_in"));
    assert_eq!(quality.cause, Some(Cause::Loss));
    // (4 x 93.2 + 2 x (93.2 - 95 x 30 / 55.1)) / 6
    assert!((quality.score.unwrap() - 75.958).abs() < 0.001, "{:?}", quality.score);
}

#[test]
fn fair_minutes_are_told_where_none_was_bad() {
    let fair = "audio_in kbps 50 latency 60 loss 5 | audio_out kbps 50 latency 60 loss 0";
    check(
        &[fair, GOOD, GOOD, fair, GOOD, GOOD],
        "audio in fair in 2 of 6 min (loss, 1.7 % on average, 5.0 % at worst); R 88, MOS 4.3 (users satisfied)",
    );
}

#[test]
fn a_busy_computer_is_told_from_a_bad_line() {
    let busy = "audio_in kbps 60 latency 60 loss 0 | audio_out kbps 60 latency 60 loss 0 \
                | video_out kbps 300 latency 60 loss 0 fps 5 | cpu 97";
    let quality = assessed(&[busy; 6]);
    assert_eq!((quality.cause, quality.bad_minutes), (Some(Cause::Cpu), 6));
    assert!(verdict(&quality).starts_with("video out bad in 6 of 6 min (busy computer); R 93"));
}

#[test]
fn silence_is_noted_and_never_called_sent_or_received() {
    let one_way = ["audio_in kbps 60 latency 60 loss 0"; 5];
    let quality = assessed(&one_way);
    assert_eq!(quality.silent.iter().map(|channel| channel.name()).collect::<Vec<_>>(), ["audio_out"]);
    // One direction alone is most often somebody who is muted.
    assert_eq!(quality.cause, None);
    let expected = "good in all of 5 min; R 93, MOS 4.4 (users very satisfied); \
                    nothing in audio out (muted or not working, Zoom does not tell which)";
    check(&one_way, expected);
    let none = assessed(&["video_in kbps 500 latency 60 loss 0 fps 20 | audio_in kbps 0"; 5]);
    assert_eq!((none.silent.len(), none.cause), (2, Some(Cause::Silence)));
    // Not for long enough to say so.
    assert!(assessed(&one_way[..4]).silent.is_empty());
    // A room's sound comes through its connector.
    let room = assessed(&["audio_from_crc kbps 60 latency 60 loss 0"; 6]);
    assert_eq!((room.silent.len(), room.minutes), (0, 6));
}

#[test]
fn quirk_52_zero_latency_is_in_no_mean() {
    let quality = assessed(&["audio_in latency 0 loss 0", "audio_in latency 80 loss 0"]);
    assert_eq!(quality.channels[0].latency_ms, Some(80.0));
}

#[test]
fn a_stream_that_hardly_flowed_does_not_set_the_score() {
    let mut lines = [GOOD; 20];
    lines[3] = "screen";
    let glimpse = format!("{GOOD} | share_in kbps 9 latency 60 loss 40");
    lines[3] = &glimpse;
    let quality = assessed(&lines);
    assert!((quality.score.unwrap() - 93.2).abs() < 1e-9);
    assert_eq!((quality.bad_minutes, quality.worst.map(Channel::name)), (1, Some("share_in")));
}

#[test]
fn the_last_minutes_tell_why_a_connection_ended() {
    let ending = |lines: &[&str], left: i64| assess(&series(lines), minute(0), Some(minute(left))).ending;
    let bad = Ending { minutes: 3, bad_minutes: 2, loss_pct: Some(30.0) };
    assert_eq!(ending(&[LOSSY, GOOD, GOOD, LOSSY, LOSSY], 5), Some(bad));
    // What was measured long before the leave says nothing about it.
    assert_eq!(ending(&[LOSSY, LOSSY], 7), None);
    assert_eq!(ending(&[LOSSY, LOSSY], 6).map(|ending| ending.minutes), Some(1));
    assert_eq!(assess(&series(&[LOSSY]), minute(0), None).ending, None);
}

#[test]
fn grades_by_minute_make_a_heat_table() {
    let samples = series(&[GOOD, LOSSY, ""]);
    let expected = [(minute(0), Some(Grade::Good)), (minute(1), Some(Grade::Bad)), (minute(2), None)];
    assert_eq!(minute_grades(&samples), expected);
}

#[test]
fn two_samples_of_a_minute_are_one_minute_as_bad_as_the_worse() {
    let mut samples = series(&[GOOD]);
    add(&mut samples, minute(0) + SignedDuration::from_secs(30), LOSSY);
    assert_eq!(minute_grades(&samples), [(minute(0), Some(Grade::Bad))]);
    let quality = assess(&samples, minute(0), None);
    assert_eq!((quality.samples, quality.minutes, quality.bad_minutes), (2, 1, 1));
}

#[test]
fn the_worst_minutes_come_first_with_their_figures() {
    let fair = "audio_in latency 60 loss 5 | cpu 40";
    let worst = worst_minutes(&series(&[fair, GOOD, LOSSY, fair]), 2);
    assert_eq!(worst.iter().map(|minute| minute.at).collect::<Vec<_>>(), [minute(2), minute(0)]);
    assert_eq!(worst[0].channel.name(), "audio_in");
    assert_eq!((worst[0].figures.loss_pct, worst[0].verdict.cause), (Some(30.0), Some(Cause::Loss)));
    assert_eq!((worst[1].cpu_pct, worst[1].verdict.grade), (Some(40.0), Grade::Fair));
    assert_eq!(worst_minutes(&series(&[GOOD]), 9), []);
}

#[test]
fn the_example_of_the_manual_is_right() {
    let manual = include_str!("../../../../../docs/quality.md");
    let rows: Vec<Vec<&str>> = manual
        .lines()
        .filter(|line| line.starts_with("| 10:0"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| match row[1] {
            "" => String::new(),
            _ => format!("audio_in kbps 60 latency {} jitter {} loss {}", row[1], row[2], row[3]),
        })
        .collect();
    let samples = series(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let graded = Graded::of(&samples);
    for (row, score) in rows.iter().zip(&graded.streams[0].scores) {
        let shown = score.map_or(["", "", ""].map(str::to_owned), |score| {
            let cause = score.cause.map_or(String::new(), |cause| cause.words().to_owned());
            [format!("{:.1}", score.score), format!("{:?}", score.grade).to_lowercase(), cause]
        });
        assert_eq!(shown.map(|text| text), [row[7], row[8], row[9]], "{row:?}");
    }
    assert_eq!(rows.len(), 8);
    let quality = assess(&samples, minute(0), Some(minute(8)));
    assert!(manual.contains(&format!("`{}`", verdict(&quality))), "{}", verdict(&quality));
    assert!(manual.contains(&format!("score is {:.1}", quality.score.unwrap())), "{:?}", quality.score);
}

/// What somebody might send: figures of any size, some missing.
fn any_figure() -> impl Strategy<Value = f64> {
    prop_oneof![Just(f64::NAN), Just(0.0), 0.0..100.0, -1e3..1e6, any::<f64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_sent_is_judged_within_bounds(
        samples in prop::collection::vec((0_i64..200, prop::collection::vec(any_figure(), 30)), 0..12),
    ) {
        let mut series = Series::new();
        let mut at = minute(0);
        for (apart, figures) in samples {
            at += SignedDuration::from_secs(apart + 1);
            series.begin(at);
            for (place, figure) in figures.iter().enumerate() {
                let channel = Channel::ALL[place / 5 * 3 % 18];
                series.set(Column::Stream(channel, MEASURES[place % 5]), *figure);
            }
            series.set(Column::CpuSystemMax, figures[0]);
        }
        let quality = assess(&series, minute(0), Some(at));
        prop_assert!(quality.bad_minutes <= quality.minutes && quality.minutes <= quality.samples);
        prop_assert!(quality.score.is_none_or(|score| (0.0..=100.0).contains(&score)));
        for channel in &quality.channels {
            prop_assert!((0.0..=100.0).contains(&channel.score));
            prop_assert!(channel.mos.is_none_or(|mos| (1.0..=4.5).contains(&mos)));
            prop_assert!(channel.bad_minutes + channel.fair_minutes <= channel.minutes);
        }
        let bad = minute_grades(&series).iter().filter(|(_, grade)| *grade == Some(Grade::Bad)).count();
        prop_assert_eq!(bad, quality.bad_minutes as usize);
        prop_assert!(worst_minutes(&series, usize::MAX).len() >= bad);
        prop_assert!(!verdict(&quality).is_empty());
    }
}
