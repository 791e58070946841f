//! Values with units, in every form they are known to come in.

use std::fmt::Display;

use proptest::prelude::*;
use rollbook_zoom::Quantity;
use rollbook_zoom::endpoint::metrics_qos::StreamQos;
use rollbook_zoom::quantity::{Dbm, Fps, Kbps, Measure, Milliseconds, Percent, Resolution};
use rollbook_zoom::{Decoded, decode};
use serde_json::{Value, json};

fn check<T: Measure + std::fmt::Debug + PartialEq>(text: &str, value: T) {
    assert_eq!(Quantity::parse(text), Quantity::Value(value), "{text:?}");
}

fn check_kept<T: Measure + std::fmt::Debug>(text: &str) {
    assert_eq!(Quantity::<T>::parse(text).unreadable(), Some(text));
}

fn check_gap<T: Measure + std::fmt::Debug + PartialEq>(text: &str) {
    assert_eq!(Quantity::<T>::parse(text), Quantity::Gap, "{text:?}");
}

/// One stream of a page, and what could not be read of the page.
fn stream(members: &Value) -> (StreamQos, u32) {
    let page = json!({ "participants": [{ "user_qos": [{ "video_input": members }] }] }).to_string();
    let page: Decoded<rollbook_zoom::endpoint::metrics_qos::ParticipantsQos> =
        decode(page.as_bytes()).unwrap();
    let sample = &page.value.participants[0].user_qos[0];
    (sample.streams.iter().next().unwrap().1.clone(), page.unreadable)
}

#[test]
fn numbers_read_with_their_unit_with_and_without_a_space() {
    check("27.15 kbps", Kbps(27.15));
    check("27.15kbps", Kbps(27.15));
    check("126 ms", Milliseconds(126.0));
    check("0ms", Milliseconds(0.0));
    check("0.03%", Percent(0.03));
    check("0.4 %", Percent(0.4));
    check("12 fps", Fps(12.0));
    check("-75 dBm", Dbm(-75.0));
}

#[test]
fn other_spellings_of_a_unit_mean_the_same() {
    for text in ["27.15 KBPS", "27.15 Kbps", "27.15 kb/s", "27.15\u{a0}kbit/s", "  27.15  kbps \n", "27.15"] {
        check(text, Kbps(27.15));
    }
    for text in ["1.5 s", "1500MS", "1500000 \u{b5}s", "1500000us", "+1500 ms", "1.5e3 ms", "15E+2"] {
        check(text, Milliseconds(1500.0));
    }
    check("30 FPS", Fps(30.0));
    check("-35dbm", Dbm(-35.0));
    check("5.", Percent(5.0));
    check(".5%", Percent(0.5));
}

#[test]
fn bits_and_megabits_become_kilobits_without_a_rounding_of_their_own() {
    check("27150 bps", Kbps(27.15));
    check("0.02715 Mbps", Kbps(27.15));
    check("1.055 Mbps", Kbps(1055.0));
    check("3 bit/s", Kbps(0.003));
    check("1.7 mbit/s", Kbps(1700.0));
}

#[test]
fn nothing_is_a_gap_and_zero_is_a_value() {
    for text in ["", " ", "\t\n", "\u{a0}"] {
        check_gap::<Kbps>(text);
        check_gap::<Resolution>(text);
    }
    check_gap::<Resolution>("0*0");
    check_gap::<Resolution>(" 0 x 0 ");
    check("0 ms", Milliseconds(0.0));
    check("0.0%", Percent(0.0));
    check("0 fps", Fps(0.0));
}

#[test]
fn a_zero_has_no_sign() {
    for text in ["-0 ms", "-0.000", "-0e5"] {
        let zero = Quantity::<Milliseconds>::parse(text).value().unwrap().0;
        assert!(zero == 0.0 && zero.is_sign_positive(), "{text}");
    }
    assert!(Quantity::<Dbm>::parse("-0").value().unwrap().0.is_sign_positive());
}

#[test]
fn what_cannot_be_read_is_kept_as_it_came() {
    for text in [
        "abc",
        "12 parsecs",
        "-3 kbps",
        "NaN",
        "inf",
        "infinity kbps",
        "27,15 kbps",
        "1,055",
        "1 055 kbps",
        "kbps",
        ".",
        "+",
        "-",
        "--1",
        "1.2.3",
        "1e999",
        "0x10",
        "12 ms",
        "27.15 kbps.",
        " 12 kBps",
        "3 MB/s",
        "1e",
        "1e+ kbps",
        "\u{0661}\u{0662} kbps",
        "12 kbps 13 kbps",
    ] {
        check_kept::<Kbps>(text);
    }
    for text in [
        "720",
        "720p",
        "1280*",
        "*720",
        "1280*0",
        "0*720",
        "-1*-1",
        "1280*720*3",
        "1280.0*720",
        "5000000000*1",
    ] {
        check_kept::<Resolution>(text);
    }
    check_kept::<Dbm>("-75 dB");
}

#[test]
fn sizes_read_with_any_of_their_signs() {
    for text in ["1280*720", "1280x720", "1280X720", "1280\u{d7}720", " 1280 * 720 ", "01280*0720"] {
        check(text, Resolution { width: 1280, height: 720 });
    }
}

#[test]
fn numbers_of_many_digits_are_rounded_once() {
    check("9007199254740993 kbps", Kbps(9_007_199_254_740_992.0));
    check("0.1000000000000000055511151231257827 kbps", Kbps(0.1));
    check("123456789012345678901234567890 bps", Kbps(1.234_567_890_123_456_8e26));
    check("00000000000000000000000000000027.150000000000000000000000 kbps", Kbps(27.15));
    check("1e-300 kbps", Kbps(1e-300));
}

#[test]
fn numbers_of_json_are_taken_in_the_documented_unit() {
    let (read, unreadable) =
        stream(&json!({ "bitrate": 27.15, "latency": 126, "avg_loss": 0, "frame_rate": 12.0 }));
    assert_eq!(
        (read.bitrate, read.latency),
        (Quantity::Value(Kbps(27.15)), Quantity::Value(Milliseconds(126.0)))
    );
    assert_eq!((read.avg_loss, read.frame_rate), (Quantity::Value(Percent(0.0)), Quantity::Value(Fps(12.0))));
    assert_eq!((read.jitter, unreadable), (Quantity::Gap, 0));
}

#[test]
fn values_of_the_wrong_kind_are_kept_as_text_and_counted() {
    let (read, unreadable) = stream(&json!({
        "bitrate": true, "latency": -5, "jitter": [1, "a"], "avg_loss": {"a": 1}, "max_loss": "much",
        "resolution": 720, "frame_rate": null,
    }));
    assert_eq!(read.bitrate.unreadable(), Some("true"));
    assert_eq!(read.latency.unreadable(), Some("-5"));
    assert_eq!(read.jitter.unreadable(), Some(r#"[1,"a"]"#));
    assert_eq!(read.avg_loss.unreadable(), Some(r#"{"a":1}"#));
    assert_eq!(read.max_loss.unreadable(), Some("much"));
    assert_eq!(read.resolution.unreadable(), Some("720"));
    assert!(read.frame_rate.is_gap());
    assert_eq!(unreadable, 6);
}

#[test]
fn a_quantity_takes_sixteen_bytes() {
    assert_eq!(size_of::<Quantity<Kbps>>(), 16);
    assert_eq!(size_of::<Quantity<Resolution>>(), 16);
    assert_eq!(size_of::<StreamQos>(), 7 * 16);
}

/// Every form in which a value is written: as Zoom does, without the space, in other letters, alone.
fn forms<T: Display>(number: f64, value: T) -> Vec<String> {
    let zoom = value.to_string();
    vec![zoom.replace(' ', ""), zoom.to_uppercase(), format!("  {zoom} "), number.to_string(), zoom]
}

/// What is written is what is read, bit for bit.
fn round_trip<T: Measure + Display + PartialEq + std::fmt::Debug>(
    number: f64,
    value: T,
) -> Result<(), TestCaseError> {
    for text in forms(number, value) {
        prop_assert_eq!(Quantity::parse(&text), Quantity::Value(value), "{:?}", text);
    }
    Ok(())
}

/// Numbers as they occur, and any other that can be one.
fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        (0u32..10_000_000, 0i32..4).prop_map(|(whole, places)| f64::from(whole) / 10f64.powi(places)),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(f64::abs),
    ]
}

proptest! {
    #[test]
    fn values_in_any_form_are_the_same_value(number in numbers()) {
        round_trip(number, Kbps(number))?;
        round_trip(number, Milliseconds(number))?;
        round_trip(number, Percent(number))?;
        round_trip(number, Fps(number))?;
        round_trip(number, Dbm(number))?;
        if number > 0.0 {
            round_trip(-number, Dbm(-number))?;
        }
    }

    #[test]
    fn sizes_in_any_form_are_the_same_size(width in 1u32.., height in 1u32.., sign in "[*xX\u{d7}]", gap in " {0,2}") {
        let text = format!("{width}{gap}{sign}{gap}{height}");
        prop_assert_eq!(Quantity::parse(&text), Quantity::Value(Resolution { width, height }));
    }

    #[test]
    fn decimals_are_read_as_the_standard_library_reads_them(text in "[0-9]{1,20}(\\.[0-9]{1,20})?(e-?[0-9]{1,3})?") {
        let number: f64 = text.parse().unwrap();
        let read = Quantity::<Kbps>::parse(&text);
        prop_assert_eq!(read.value(), number.is_finite().then_some(Kbps(number)), "{}", text);
    }

    #[test]
    fn a_change_of_unit_is_exact(digits in "[0-9]{1,18}", places in "[0-9]{0,12}") {
        let (text, thousandth) = (format!("{digits}.{places}"), format!("{digits}.{places}e-3"));
        let (thousand, number) = (format!("{digits}.{places}e3"), |text: &str| Some(Kbps(text.parse().unwrap())));
        prop_assert_eq!(Quantity::parse(&format!("{text} bps")).value(), number(&thousandth));
        prop_assert_eq!(Quantity::parse(&format!("{text} Mbps")).value(), number(&thousand));
    }

    #[test]
    fn any_text_is_a_gap_a_value_or_kept(text in "\\PC{0,24}|[-+0-9.eE%*x kbpsmdB/]{0,16}") {
        fn one_of_three<T: Measure>(text: &str) -> bool {
            let quantity = Quantity::<T>::parse(text);
            match quantity {
                Quantity::Gap => text.trim().is_empty(),
                Quantity::Value(_) => text.bytes().any(|byte| byte.is_ascii_digit()),
                Quantity::Unreadable(kept) => kept.as_str() == text,
            }
        }
        prop_assert!(one_of_three::<Kbps>(&text));
        prop_assert!(one_of_three::<Milliseconds>(&text));
        prop_assert!(one_of_three::<Percent>(&text));
        prop_assert!(one_of_three::<Fps>(&text));
        prop_assert!(one_of_three::<Dbm>(&text));
        let size = Quantity::<Resolution>::parse(&text);
        prop_assert!(size.value().is_none_or(|size| size.width > 0 && size.height > 0));
        prop_assert!(size.unreadable().is_none_or(|kept| kept == text));
    }

    #[test]
    fn a_value_below_zero_is_none_where_there_is_no_below(number in numbers().prop_filter("not zero", |n| *n > 0.0)) {
        let text = format!("-{number}");
        prop_assert!(Quantity::<Kbps>::parse(&text).unreadable().is_some());
        prop_assert_eq!(Quantity::<Dbm>::parse(&text), Quantity::Value(Dbm(-number)));
    }
}
