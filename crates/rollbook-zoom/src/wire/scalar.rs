//! Plain values: text, numbers, truth values, and lists and tables of them.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::object::{drain_map, drain_seq, null_is_absent, odd_kinds};
use super::{Lenient, note_unreadable};

/// A value that may come as text, number or truth value. `None` means it cannot be read.
pub(crate) trait FromScalar: Sized {
    /// From text that is not empty.
    fn from_text(text: &str) -> Option<Self>;
    fn from_u64(_number: u64) -> Option<Self> {
        None
    }
    fn from_i64(number: i64) -> Option<Self> {
        u64::try_from(number).ok().and_then(Self::from_u64)
    }
    fn from_f64(number: f64) -> Option<Self> {
        whole(number).and_then(Self::from_i64)
    }
    fn from_bool(_truth: bool) -> Option<Self> {
        None
    }
}

/// A float that is a whole number and small enough to be exact.
fn whole(number: f64) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation)]
    (number.fract() == 0.0 && number.abs() <= EXACT_MAX).then_some(number as i64)
}

struct Scalar<T>(PhantomData<T>);

impl<'de, T: FromScalar> DeserializeSeed<'de> for Scalar<T> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Option<T>, D::Error> {
        de.deserialize_any(self)
    }
}

fn counted<T>(value: Option<T>) -> Option<T> {
    if value.is_none() {
        note_unreadable();
    }
    value
}

impl<'de, T: FromScalar> Visitor<'de> for Scalar<T> {
    type Value = Option<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or a truth value")
    }
    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        if text.is_empty() { Ok(None) } else { Ok(counted(T::from_text(text))) }
    }
    fn visit_u64<E>(self, number: u64) -> Result<Option<T>, E> {
        Ok(counted(T::from_u64(number)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Option<T>, E> {
        Ok(counted(T::from_i64(number)))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Option<T>, E> {
        Ok(counted(T::from_f64(number)))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Option<T>, E> {
        Ok(counted(T::from_bool(truth)))
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        drain_map(map)?;
        Ok(counted(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        drain_seq(seq)?;
        Ok(counted(None))
    }
}

impl<T: FromScalar> Lenient for Option<T> {
    fn read<'de, D: Deserializer<'de>>(_: &'static str, de: D) -> Result<Self, D::Error> {
        de.deserialize_any(Scalar(PhantomData))
    }
}

/// A list of plain values. One value in place of a list reads as a list of one.
impl<T: FromScalar> Lenient for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(_: &'static str, de: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);
        impl<'de, T: FromScalar> Visitor<'de> for List<T> {
            type Value = Vec<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of plain values")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element_seed(Scalar(PhantomData))? {
                    list.extend(value);
                }
                Ok(list)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
                Scalar(PhantomData).visit_str(text).map(Vec::from_iter)
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Vec<T>, E> {
                Scalar(PhantomData).visit_u64(number).map(Vec::from_iter)
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Vec<T>, E> {
                Scalar(PhantomData).visit_i64(number).map(Vec::from_iter)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
                Scalar::<T>(PhantomData).visit_map(map).map(|_| Vec::new())
            }
            null_is_absent!();
            odd_kinds!(visit_bool: bool, visit_f64: f64);
        }
        de.deserialize_any(List(PhantomData))
    }
}

/// Names with yes or no, such as the features a meeting used. New names come without notice.
impl Lenient for BTreeMap<String, bool> {
    fn read<'de, D: Deserializer<'de>>(_: &'static str, de: D) -> Result<Self, D::Error> {
        struct Flags;
        impl<'de> Visitor<'de> for Flags {
            type Value = BTreeMap<String, bool>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of truth values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut flags = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if let Some(flag) = map.next_value_seed(Scalar::<bool>(PhantomData))? {
                        flags.insert(key, flag);
                    }
                }
                Ok(flags)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                drain_seq(seq)?;
                note_unreadable();
                Ok(BTreeMap::new())
            }
            null_is_absent!();
            odd_kinds!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
        }
        de.deserialize_any(Flags)
    }
}

/// A member that is kept as it came.
impl Lenient for Option<serde_json::Value> {
    fn read<'de, D: Deserializer<'de>>(_: &'static str, de: D) -> Result<Self, D::Error> {
        let value = serde::Deserialize::deserialize(de)?;
        Ok((!matches!(value, serde_json::Value::Null)).then_some(value))
    }
}

impl FromScalar for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(number.to_string())
    }
    fn from_i64(number: i64) -> Option<Self> {
        Some(number.to_string())
    }
    fn from_f64(number: f64) -> Option<Self> {
        Some(number.to_string())
    }
    fn from_bool(truth: bool) -> Option<Self> {
        Some(truth.to_string())
    }
}

impl FromScalar for u64 {
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().or_else(|| text.parse().ok().and_then(Self::from_f64))
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(number)
    }
}

impl FromScalar for i64 {
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().or_else(|| text.parse().ok().and_then(Self::from_f64))
    }
    fn from_u64(number: u64) -> Option<Self> {
        number.try_into().ok()
    }
    fn from_i64(number: i64) -> Option<Self> {
        Some(number)
    }
}

impl FromScalar for f64 {
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }
    #[allow(clippy::cast_precision_loss)]
    fn from_u64(number: u64) -> Option<Self> {
        Some(number as f64)
    }
    #[allow(clippy::cast_precision_loss)]
    fn from_i64(number: i64) -> Option<Self> {
        Some(number as f64)
    }
    fn from_f64(number: f64) -> Option<Self> {
        Some(number)
    }
}

impl FromScalar for bool {
    fn from_text(text: &str) -> Option<Self> {
        match text.trim() {
            t if t.eq_ignore_ascii_case("true") || t.eq_ignore_ascii_case("yes") || t == "1" => Some(true),
            t if t.eq_ignore_ascii_case("false") || t.eq_ignore_ascii_case("no") || t == "0" => Some(false),
            _ => None,
        }
    }
    fn from_u64(number: u64) -> Option<Self> {
        match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
    fn from_bool(truth: bool) -> Option<Self> {
        Some(truth)
    }
}

/// Reads one plain value by the tolerant rules, but insists on having one. For identifiers that are
/// members of a caller's own types.
pub(crate) fn strict<'de, T: FromScalar, D: Deserializer<'de>>(
    de: D,
    wanted: &'static str,
) -> Result<T, D::Error> {
    de.deserialize_any(Scalar(PhantomData))?.ok_or_else(|| D::Error::custom(format_args!("not {wanted}")))
}
