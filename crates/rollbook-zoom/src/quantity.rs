//! Values with a unit: what call-quality answers say as `"27.15 kbps"`, `"126 ms"`, `"0.03%"`,
//! `"12 fps"` and `"1280*720"`.
//!
//! A [`Quantity`] is one of three things, and none is ever taken for another. Empty, blank, absent and
//! `null` are a **gap**: nothing was told, which is not zero. `"0 ms"` is the **value** 0. What cannot be
//! read is **kept as its text** and counted, and stops nothing.

use std::fmt;

use serde::de::Deserializer;

use crate::wire::{Keeping, Lenient, keeping};

mod decimal;

/// A measured value, or nothing, or text that could not be read.
///
/// Takes 16 bytes: a page of call quality holds 25,000 of them and more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Quantity<T> {
    /// Nothing was told. Never zero.
    #[default]
    Gap,
    /// What was told, 0 included.
    Value(T),
    /// What was told and cannot be read.
    Unreadable(KeptText),
}

/// Text as it came, behind a pointer of eight bytes: it is rare, and the values beside it are many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptText(Box<Text>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    text: Box<str>,
}

impl KeptText {
    fn new(text: &str) -> Self {
        KeptText(Box::new(Text { text: text.into() }))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

/// Something that can be measured, and how Zoom and others write it.
pub trait Measure: Copy {
    /// Reads text that is not empty. `None` means it cannot be read.
    fn from_text(text: &str) -> Option<Quantity<Self>>;
    /// Takes a plain number in the documented unit. `None` means it cannot be one.
    fn from_number(number: f64) -> Option<Self>;
}

impl<T: Measure> Quantity<T> {
    /// Reads text as Zoom writes it, tolerantly. Blank text is a gap.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.is_empty() {
            return Quantity::Gap;
        }
        // Spaces around are rare, and looking for them costs as much as reading a short number.
        T::from_text(text).unwrap_or_else(|| match text.trim() {
            "" => Quantity::Gap,
            trimmed => T::from_text(trimmed).unwrap_or_else(|| Quantity::Unreadable(KeptText::new(text))),
        })
    }

    /// The value, if one was told and could be read.
    #[must_use]
    pub fn value(&self) -> Option<T> {
        match self {
            Quantity::Value(value) => Some(*value),
            Quantity::Gap | Quantity::Unreadable(_) => None,
        }
    }
}

impl<T> Quantity<T> {
    /// Whether nothing was told.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        matches!(self, Quantity::Gap)
    }

    /// The text that was told and could not be read.
    #[must_use]
    pub fn unreadable(&self) -> Option<&str> {
        match self {
            Quantity::Unreadable(kept) => Some(kept.as_str()),
            Quantity::Gap | Quantity::Value(_) => None,
        }
    }
}

/// As Zoom writes it; a gap is empty, and unreadable text is as it came.
impl<T: fmt::Display> fmt::Display for Quantity<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Gap => Ok(()),
            Quantity::Value(value) => value.fmt(f),
            Quantity::Unreadable(kept) => f.write_str(kept.as_str()),
        }
    }
}

impl<T: Measure> Keeping for Quantity<T> {
    fn from_text(text: &str) -> Self {
        Quantity::parse(text)
    }
    fn from_number(number: f64) -> Self {
        T::from_number(number).map_or_else(|| Self::keep(&number.to_string()), Quantity::Value)
    }
    fn keep(text: &str) -> Self {
        Quantity::Unreadable(KeptText::new(text))
    }
    fn is_kept(&self) -> bool {
        self.unreadable().is_some()
    }
}

impl<T: Measure> Lenient for Quantity<T> {
    fn read<'de, D: Deserializer<'de>>(_: &'static str, de: D) -> Result<Self, D::Error> {
        keeping(de)
    }
}

/// A number in a unit.
trait Unit: Copy {
    /// The least that can be measured.
    const LEAST: f64;
    /// How the unit is written, in small letters, with the power of ten that leads to it.
    const SPELLINGS: &'static [(&'static str, i32)];
    fn of(number: f64) -> Self;
}

macro_rules! unit {
    ($(#[$meta:meta])* $name:ident written $suffix:literal, from $least:expr, spelt $spellings:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl Unit for $name {
            const LEAST: f64 = $least;
            const SPELLINGS: &'static [(&'static str, i32)] = &$spellings;
            fn of(number: f64) -> Self {
                $name(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{}", $suffix), self.0)
            }
        }
    };
}

unit! {
    /// Thousands of bits a second.
    Kbps written " kbps", from 0.0, spelt [
        ("kbps", 0), ("kb/s", 0), ("kbit/s", 0),
        ("bps", -3), ("b/s", -3), ("bit/s", -3),
        ("mbps", 3), ("mb/s", 3), ("mbit/s", 3),
    ]
}
unit! {
    /// Milliseconds.
    Milliseconds written " ms", from 0.0, spelt [
        ("ms", 0), ("msec", 0), ("s", 3), ("sec", 3), ("us", -3), ("\u{b5}s", -3), ("\u{3bc}s", -3),
    ]
}
unit! {
    /// Hundredths: of packets lost, or of a processor's time.
    Percent written "%", from 0.0, spelt [("%", 0), ("percent", 0)]
}
unit! {
    /// Frames a second.
    Fps written " fps", from 0.0, spelt [("fps", 0), ("frames/s", 0)]
}
unit! {
    /// Decibels above a milliwatt: the strength of a radio signal, in practice below zero.
    Dbm written " dBm", from f64::MIN, spelt [("dbm", 0)]
}

/// Digits with an optional point, then an optional unit, with or without a space between.
///
/// A comma is never guessed at: it divides thousands in one country and whole from part in another.
impl<T: Unit> Measure for T {
    fn from_text(text: &str) -> Option<Quantity<T>> {
        let (decimal, rest) = decimal::split(text)?;
        let power = power_of_ten(rest, T::SPELLINGS)?;
        T::from_number(decimal.times_ten_to(power)).map(Quantity::Value)
    }

    fn from_number(number: f64) -> Option<T> {
        // Adding zero takes the sign from a zero.
        (number.is_finite() && number >= T::LEAST).then(|| T::of(number + 0.0))
    }
}

/// How the text behind a number relates to the unit itself. No unit at all means the documented one.
fn power_of_ten(text: &str, known: &[(&str, i32)]) -> Option<i32> {
    let spelling = text.strip_prefix(' ').unwrap_or(text);
    if let Some((_, power)) = known.iter().find(|(known, _)| spelling == *known) {
        return Some(*power);
    }
    let spelling = spelling.trim();
    if spelling.is_empty() {
        return Some(0);
    }
    let (_, power) = known.iter().find(|(known, _)| spelling.eq_ignore_ascii_case(known))?;
    // A capital B among small letters means bytes to many, and eight times too little is no reading.
    let may_mean_bytes = spelling.contains("Bp") || spelling.contains("B/");
    (!may_mean_bytes).then_some(*power)
}

/// Width and height of a picture, in points, neither of them 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resolution {
    /// Points from side to side.
    pub width: u32,
    /// Points from top to bottom.
    pub height: u32,
}

/// `1280*720`, also with `x` or `×` between. `0*0` is a gap: nothing flowed (quirk 51).
impl Measure for Resolution {
    fn from_text(text: &str) -> Option<Quantity<Self>> {
        let (width, height) = text.split_once(['*', 'x', 'X', '\u{d7}'])?;
        match (points(width)?, points(height)?) {
            (0, 0) => Some(Quantity::Gap),
            (0, _) | (_, 0) => None,
            (width, height) => Some(Quantity::Value(Resolution { width, height })),
        }
    }

    /// One number is no size.
    fn from_number(_: f64) -> Option<Self> {
        None
    }
}

fn points(text: &str) -> Option<u32> {
    let text = text.trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*{}", self.width, self.height)
    }
}
