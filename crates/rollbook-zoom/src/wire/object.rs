//! Objects and lists of objects.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Lenient, enter, leave, note_known, note_unknown, note_unreadable};

/// An object of the wire: what to do with each of its members.
pub(crate) trait Members: Default {
    /// Reads the member's value if the key is known; leaves the value alone and says `false` if not.
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// Reads the value of the member called `name`.
pub(crate) fn next<'de, T: Lenient, A: MapAccess<'de>>(
    map: &mut A,
    name: &'static str,
) -> Result<T, A::Error> {
    struct Seed<T>(&'static str, PhantomData<T>);
    impl<'de, T: Lenient> DeserializeSeed<'de> for Seed<T> {
        type Value = T;
        fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<T, D::Error> {
            T::read(self.0, de)
        }
    }
    map.next_value_seed(Seed(name, PhantomData))
}

/// Reads an object; anything else is an error.
pub(crate) fn object<'de, T: Members, D: Deserializer<'de>>(de: D) -> Result<T, D::Error> {
    struct Object<T>(PhantomData<T>);
    impl<'de, T: Members> Visitor<'de> for Object<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let mut value = T::default();
            let mut has_known_member = false;
            while let Some(key) = map.next_key_seed(Key)? {
                has_known_member |= member_or_unknown(&mut value, &key, &mut map)?;
            }
            note_known(has_known_member);
            Ok(value)
        }
    }
    de.deserialize_map(Object(PhantomData))
}

fn members<'de, T: Members, A: MapAccess<'de>>(mut map: A) -> Result<T, A::Error> {
    let mut value = T::default();
    while let Some(key) = map.next_key_seed(Key)? {
        member_or_unknown(&mut value, &key, &mut map)?;
    }
    Ok(value)
}

fn member_or_unknown<'de, T: Members, A: MapAccess<'de>>(
    value: &mut T,
    key: &str,
    map: &mut A,
) -> Result<bool, A::Error> {
    let is_known = value.member(key, map)?;
    if !is_known {
        note_unknown(key);
        map.next_value::<IgnoredAny>()?;
    }
    Ok(is_known)
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Cow<'de, str>, D::Error> {
        de.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// A nested object that may be absent; a value of another kind is counted and dropped.
pub(crate) fn nested<'de, T: Members, D: Deserializer<'de>>(
    name: &'static str,
    de: D,
) -> Result<Option<T>, D::Error> {
    enter(name, ".");
    let value = de.deserialize_any(Nested(PhantomData));
    leave();
    value
}

/// A list of objects; `null` is an empty list, and what is no object is skipped and counted.
pub(crate) fn rows<'de, T: Members, D: Deserializer<'de>>(
    name: &'static str,
    de: D,
) -> Result<Vec<T>, D::Error> {
    enter(name, "[].");
    let value = de.deserialize_any(Rows(PhantomData));
    leave();
    value
}

struct Nested<T>(PhantomData<T>);

impl<'de, T: Members> DeserializeSeed<'de> for Nested<T> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Option<T>, D::Error> {
        de.deserialize_any(self)
    }
}

struct Rows<T>(PhantomData<T>);

/// The arms of a visitor that met a kind of value it has no use for.
macro_rules! odd_kinds {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            note_unreadable();
            Ok(Self::Value::default())
        })*
    };
}

/// `null` in place of a value is no value.
macro_rules! null_is_absent {
    () => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

pub(super) use {null_is_absent, odd_kinds};

impl<'de, T: Members> Visitor<'de> for Nested<T> {
    type Value = Option<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        members(map).map(Some)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        drain_seq(seq)?;
        note_unreadable();
        Ok(None)
    }
    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        if !text.is_empty() {
            note_unreadable();
        }
        Ok(None)
    }
    null_is_absent!();
    odd_kinds!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
}

impl<'de, T: Members> Visitor<'de> for Rows<T> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = seq.next_element_seed(Row(PhantomData))? {
            rows.extend(row);
        }
        Ok(rows)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        // One object in place of a list of one.
        members(map).map(|row| vec![row])
    }
    fn visit_str<E>(self, text: &str) -> Result<Vec<T>, E> {
        if !text.is_empty() {
            note_unreadable();
        }
        Ok(Vec::new())
    }
    null_is_absent!();
    odd_kinds!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
}

/// One element of a list of objects. Unlike a nested object, `null` is a row lost, so it counts.
struct Row<T>(PhantomData<T>);

impl<'de, T: Members> DeserializeSeed<'de> for Row<T> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Option<T>, D::Error> {
        de.deserialize_any(self)
    }
}

impl<'de, T: Members> Visitor<'de> for Row<T> {
    type Value = Option<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        members(map).map(Some)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        drain_seq(seq)?;
        note_unreadable();
        Ok(None)
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        note_unreadable();
        Ok(None)
    }
    odd_kinds!(visit_str: &str, visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
}

pub(super) fn drain_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

pub(super) fn drain_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
