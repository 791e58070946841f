//! Who is meant: meeting numbers, UUIDs of single runs, users.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::wire::{self, FromScalar};

/// A meeting's or webinar's number. It names the whole series, never one run.
///
/// Zoom sends it as a number in one place and as text in another, people paste it with spaces or
/// hyphens (`123 4567 8901`); all of these read. It passes ten digits, so it needs 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MeetingId(pub u64);

impl MeetingId {
    /// The number as it stands in a request's path.
    #[must_use]
    pub fn path_segment(self) -> String {
        self.0.to_string()
    }
}

impl fmt::Display for MeetingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for MeetingId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnId { wanted: "meeting number" });
        }
        digits.parse().map(MeetingId).map_err(|_| NotAnId { wanted: "meeting number" })
    }
}

impl FromScalar for MeetingId {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(MeetingId(number))
    }
}

impl<'de> Deserialize<'de> for MeetingId {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        wire::strict(de, "a meeting number")
    }
}

/// The UUID of one run of a meeting: base64 text that may hold `/`, `+` and `=`.
///
/// Ending a meeting and starting it again makes a new one, so one class may have several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MeetingUuid(String);

impl MeetingUuid {
    /// Takes the text as Zoom sent it, not percent-encoded.
    ///
    /// # Errors
    /// Empty text names no run.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAnId> {
        let text = text.into();
        if text.is_empty() { Err(NotAnId { wanted: "meeting UUID" }) } else { Ok(MeetingUuid(text)) }
    }

    /// The text as Zoom sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The UUID as it must stand in a request's path: percent-encoded once, or twice when it begins
    /// with `/` or contains `//`, because Zoom's servers decode such a path once too often.
    #[must_use]
    pub fn path_segment(&self) -> String {
        let once = percent_encode(&self.0);
        if self.0.starts_with('/') || self.0.contains("//") { percent_encode(&once) } else { once }
    }
}

impl fmt::Display for MeetingUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MeetingUuid {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        MeetingUuid::new(text.trim())
    }
}

impl FromScalar for MeetingUuid {
    fn from_text(text: &str) -> Option<Self> {
        Some(MeetingUuid(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for MeetingUuid {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        wire::strict(de, "a meeting UUID")
    }
}

/// One meeting in a path: by number, which means its latest run, or by UUID, which means one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingRef {
    /// The latest run of this number.
    Id(MeetingId),
    /// Exactly this run.
    Uuid(MeetingUuid),
}

impl MeetingRef {
    /// The part of a request's path that names the meeting.
    #[must_use]
    pub fn path_segment(&self) -> String {
        match self {
            MeetingRef::Id(id) => id.path_segment(),
            MeetingRef::Uuid(uuid) => uuid.path_segment(),
        }
    }
}

impl fmt::Display for MeetingRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MeetingRef::Id(id) => id.fmt(f),
            MeetingRef::Uuid(uuid) => uuid.fmt(f),
        }
    }
}

impl FromStr for MeetingRef {
    type Err = NotAnId;

    /// Digits (spaces and hyphens allowed) are a number, everything else is a UUID.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text.trim().parse::<MeetingId>() {
            Ok(id) => Ok(MeetingRef::Id(id)),
            Err(_) => text.parse().map(MeetingRef::Uuid),
        }
    }
}

impl From<MeetingId> for MeetingRef {
    fn from(id: MeetingId) -> Self {
        MeetingRef::Id(id)
    }
}

impl From<MeetingUuid> for MeetingRef {
    fn from(uuid: MeetingUuid) -> Self {
        MeetingRef::Uuid(uuid)
    }
}

/// A Zoom user: the user's ID, their e-mail address, or `me`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Takes an ID, an e-mail address or `me`.
    ///
    /// # Errors
    /// Empty text names nobody.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAnId> {
        let text = text.into();
        if text.is_empty() { Err(NotAnId { wanted: "user ID" }) } else { Ok(UserId(text)) }
    }

    /// The text as Zoom sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The user as they stand in a request's path.
    #[must_use]
    pub fn path_segment(&self) -> String {
        percent_encode(&self.0)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UserId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        UserId::new(text.trim())
    }
}

impl FromScalar for UserId {
    fn from_text(text: &str) -> Option<Self> {
        Some(UserId(text.to_owned()))
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(UserId(number.to_string()))
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        wire::strict(de, "a user ID")
    }
}

/// One connection of a participant, within one meeting only: what lists of participants call `user_id`.
///
/// A person who comes back, or moves to a breakout room, has another one. It is a number in text, and no
/// Zoom user (quirks 34 and 58).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantId(String);

impl ParticipantId {
    /// Takes the `user_id` of a row.
    ///
    /// # Errors
    /// Empty text names nobody.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAnId> {
        let text = text.into();
        if text.is_empty() {
            return Err(NotAnId { wanted: "participant's user_id" });
        }
        Ok(ParticipantId(text))
    }

    /// The text as Zoom sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The connection as it stands in a request's path.
    #[must_use]
    pub fn path_segment(&self) -> String {
        percent_encode(&self.0)
    }
}

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ParticipantId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        ParticipantId::new(text.trim())
    }
}

/// Text that was meant to name something and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {wanted}")]
pub struct NotAnId {
    /// What the text should have been.
    pub wanted: &'static str,
}

/// Percent-encodes everything but the characters that never need it.
pub(crate) fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(byte as char);
        } else {
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)] as char);
            out.push(HEX[usize::from(byte & 15)] as char);
        }
    }
    // A path segment of dots alone would climb the path; no identifier of Zoom's looks like that.
    if matches!(out.as_str(), "." | "..") { out.replace('.', "%2E") } else { out }
}
