//! How answers are read: fast, and without ever failing over one odd value.
//!
//! Zoom sends numbers as text and text as numbers, leaves members out, sends `""` for "no value",
//! and adds members without notice. So a member of the wrong kind becomes `None` and is counted, an
//! unknown member is skipped and its path noted, and only JSON that is broken fails an answer. A
//! member that comes twice keeps its last value.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny};

mod keeping;
mod object;
mod scalar;

pub(crate) use keeping::{Keeping, keeping};
pub(crate) use object::{Members, nested, next, object, rows};
pub(crate) use scalar::{FromScalar, strict};

/// More distinct unknown paths than this means objects keyed by data, not new members.
const UNKNOWN_PATHS_MAX: usize = 200;

/// A value together with what was odd about the text it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<T> {
    /// The answer.
    pub value: T,
    /// Members this crate does not know, by path (`meetings[].new_member`), each once, sorted.
    pub unknown_fields: Vec<String>,
    /// Values that could not be read, absent or kept as text, and rows that were skipped.
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

/// The answer to a change that Zoom confirms without a word (HTTP 204). Words that come all the same are skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nothing;

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(de)?;
        note_known(true);
        Ok(Nothing)
    }
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
    // The check for whole text is several times quicker than the search for what to replace.
    let text = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
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
        Some(Err(error)) => Err(broken(&error)),
        None => Err(DecodeError { reason: "the body is empty".to_owned(), is_truncated: true }),
    }
}

/// What is wrong with the text, without any of the text.
fn broken(error: &serde_json::Error) -> DecodeError {
    let reason = if error.is_data() { "it is not an object".to_owned() } else { error.to_string() };
    DecodeError { reason, is_truncated: error.is_eof() }
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

/// Says whether the answer holds any member of its own.
fn note_known(has_known_member: bool) {
    NOTES.with_borrow_mut(|notes| notes.has_known_member = has_known_member);
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

/// A member's value that always reads: what cannot be read is absent, and counted.
pub(crate) trait Lenient: Sized + Default {
    fn read<'de, D: Deserializer<'de>>(name: &'static str, de: D) -> Result<Self, D::Error>;
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
