//! Values that keep the text of what they cannot read.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::note_unreadable;

/// A value that is never lost: where it cannot be read, its text is kept. Its default means that nothing
/// came.
pub(crate) trait Keeping: Default {
    /// From text, empty text included.
    fn from_text(text: &str) -> Self;
    fn from_number(number: f64) -> Self;
    /// From something that is neither, as its JSON text.
    fn keep(text: &str) -> Self;
    /// Whether it is text that could not be read.
    fn is_kept(&self) -> bool;
}

/// Reads a value, and counts it where it could only be kept.
pub(crate) fn keeping<'de, T: Keeping, D: Deserializer<'de>>(de: D) -> Result<T, D::Error> {
    let value: T = de.deserialize_any(Kept(PhantomData))?;
    if value.is_kept() {
        note_unreadable();
    }
    Ok(value)
}

struct Kept<T>(PhantomData<T>);

impl<'de, T: Keeping> Visitor<'de> for Kept<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a number")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(text))
    }
    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::from_number(number as f64))
    }
    #[allow(clippy::cast_precision_loss)]
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::from_number(number as f64))
    }
    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::from_number(number))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<T, E> {
        Ok(T::keep(if truth { "true" } else { "false" }))
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let value = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
        Ok(T::keep(&value.to_string()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        let value = serde_json::Value::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(T::keep(&value.to_string()))
    }
}
