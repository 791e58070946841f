//! How answers are read: fast, and without ever failing over one odd value.
//!
//! Zoom sends numbers as text and text as numbers, leaves members out, sends `""` for "no value",
//! and adds members without notice. So a member of the wrong kind becomes `None` and is counted, an
//! unknown member is skipped and its path noted, and only JSON that is broken fails an answer. A
//! member that comes twice keeps its last value.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// More distinct unknown paths than this means objects keyed by data, not new members.
const UNKNOWN_PATHS_MAX: usize = 200;

/// A value together with what was odd about the text it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<T> {
    /// The answer.
    pub value: T,
    /// Members this crate does not know, by path (`meetings[].new_member`), each once, sorted.
    pub unknown_fields: Vec<String>,
    /// Members of the wrong kind that were read as absent, and rows that were skipped.
    pub unreadable: u32,
    /// Bytes after the end of the JSON value. Zoom has sent such text.
    pub trailing_bytes: usize,
    /// Whether none of the answer's own members was there, known or empty. Such text is JSON, but no
    /// answer to the question.
    pub is_foreign: bool,
}

/// Text that is not the JSON of an answer: cut short, broken, or something else altogether.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct DecodeError {
    /// What the parser stumbled over. It names a place, never a value.
    pub reason: String,
    /// Whether the text simply ended too early.
    pub is_truncated: bool,
}

#[derive(Default)]
struct Notes {
    path: Vec<&'static str>,
    unknown: BTreeSet<String>,
    unreadable: u32,
    has_known_member: bool,
}

thread_local! {
    /// Notes of the answer being read on this thread. Reading is synchronous, so there is one.
    static NOTES: RefCell<Notes> = RefCell::new(Notes::default());
}

/// Reads one answer.
///
/// Members of the wrong kind, unknown members and trailing text are reported in the result; bytes
/// that are not UTF-8 and halves of surrogate pairs (names cut in the middle of an emoji) are
/// replaced and counted as unreadable.
///
/// # Errors
/// Text that is not JSON, is cut short, or is not an object.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<Decoded<T>, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let repaired = matches!(text, Cow::Owned(_));
    let mut decoded = match decode_text(&text) {
        Ok(decoded) => decoded,
        Err(error) => match repair_surrogates(&text) {
            Some(text) => decode_text(&text).map(|mut decoded| {
                decoded.unreadable += 1;
                decoded
            })?,
            None => return Err(error),
        },
    };
    decoded.unreadable += u32::from(repaired);
    Ok(decoded)
}

fn decode_text<T: DeserializeOwned>(text: &str) -> Result<Decoded<T>, DecodeError> {
    NOTES.with_borrow_mut(|notes| *notes = Notes::default());
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let first = values.next();
    let end = values.byte_offset();
    let notes = NOTES.take();
    match first {
        Some(Ok(value)) => Ok(Decoded {
            value,
            unknown_fields: notes.unknown.into_iter().collect(),
            unreadable: notes.unreadable,
            trailing_bytes: text[end..].trim().len(),
            is_foreign: !notes.has_known_member,
        }),
        Some(Err(error)) => Err(DecodeError { reason: error.to_string(), is_truncated: error.is_eof() }),
        None => Err(DecodeError { reason: "the body is empty".to_owned(), is_truncated: true }),
    }
}

/// Replaces halves of surrogate pairs by the replacement character; `None` when there are none.
fn repair_surrogates(text: &str) -> Option<String> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            _ => at += 2,
        }
    }
    (copied > 0).then(|| out + &text[copied..])
}

/// Counts one value that could not be read.
pub(crate) fn note_unreadable() {
    NOTES.with_borrow_mut(|notes| notes.unreadable = notes.unreadable.saturating_add(1));
}

fn note_unknown(key: &str) {
    NOTES.with_borrow_mut(|notes| {
        if notes.unknown.len() >= UNKNOWN_PATHS_MAX {
            return;
        }
        let mut path = notes.path.concat();
        path.push_str(key);
        notes.unknown.insert(path);
    });
}

fn enter(part: &'static str, glue: &'static str) {
    NOTES.with_borrow_mut(|notes| notes.path.extend([part, glue]));
}

fn leave() {
    NOTES.with_borrow_mut(|notes| {
        notes.path.pop();
        notes.path.pop();
    });
}

/// An object of the wire: what to do with each of its members.
pub(crate) trait Members: Default {
    /// Reads the member's value if the key is known; leaves the value alone and says `false` if not.
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// A member's value that always reads: what cannot be read is absent, and counted.
pub(crate) trait Lenient: Sized + Default {
    fn read<'de, D: Deserializer<'de>>(name: &'static str, de: D) -> Result<Self, D::Error>;
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
            NOTES.with_borrow_mut(|notes| notes.has_known_member = has_known_member);
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

fn drain_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

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
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
                Scalar(PhantomData).visit_str(text).map(Vec::from_iter)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Vec<T>, E> {
                Scalar(PhantomData).visit_u64(number).map(Vec::from_iter)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Vec<T>, E> {
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

/// Declares objects of the wire: a plain struct whose members all read tolerantly. `as "name"`
/// gives Zoom's name where ours differs.
macro_rules! wire {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* pub $field:ident $(as $key:literal)? : $kind:ty, )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $kind, )*
        }

        impl $crate::wire::Members for $name {
            fn member<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match key {
                    $( $crate::wire::wire_key!($field $($key)?) =>
                        self.$field = $crate::wire::next(map, $crate::wire::wire_key!($field $($key)?))?, )*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                $crate::wire::object(de)
            }
        }

        impl $crate::wire::Lenient for Option<$name> {
            fn read<'de, D: serde::Deserializer<'de>>(name: &'static str, de: D) -> Result<Self, D::Error> {
                $crate::wire::nested(name, de)
            }
        }

        impl $crate::wire::Lenient for Vec<$name> {
            fn read<'de, D: serde::Deserializer<'de>>(name: &'static str, de: D) -> Result<Self, D::Error> {
                $crate::wire::rows(name, de)
            }
        }
    )*};
}
macro_rules! wire_key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}
pub(crate) use {wire, wire_key};
