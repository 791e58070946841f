//! Webhooks: events that Zoom posts, checked and read. No call is spent on them.
//!
//! The order of things for one request, with the body as it came and nothing parsed before it is trusted:
//!
//! 1. [`verify`] the signature over the raw bytes. Without one, only a URL validation is worth looking at.
//! 2. [`Event::read`] the body.
//! 3. If it is a [URL validation](EventKind::UrlValidation), answer with [`encrypted_token`].
//! 4. Otherwise keep the bytes somewhere safe, then answer 200.
//!
//! Zoom tries again only after a status of 500 and above and after network faults; an event that is answered
//! with 400, 401 or 429 is lost.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::wire::FromScalar;

pub mod event;
mod kind;

pub use event::Event;
pub use kind::EventKind;

/// The header with the moment a request was signed.
pub const TIMESTAMP_HEADER: &str = "x-zm-request-timestamp";

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-zm-signature";

/// A request whose signature is further from the present than this, in either direction, is refused.
///
/// No window is documented, nor whether a retry is signed anew or carries the first try's timestamp. Retries
/// come up to 85 minutes after the first try, and an answer of 401 loses the event for good: so the limit
/// covers those 85 minutes, the three seconds of each try, and clocks that differ by half an hour. What is
/// sent again within the two hours is the same bytes, which whoever keeps events recognises; keep what
/// recognises them for longer than this.
pub const AGE_LIMIT: SignedDuration = SignedDuration::from_hours(2);

/// Longer tokens are not Zoom's: its sample has 22 characters.
const PLAIN_TOKEN_MAX: usize = 256;

/// Why a request is not Zoom's, or cannot be known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header is missing.
    #[error("the request has no {TIMESTAMP_HEADER} or no {SIGNATURE_HEADER} header")]
    Unsigned,
    /// The timestamp is not a number of seconds or milliseconds.
    #[error("{TIMESTAMP_HEADER} is not a Unix time")]
    BadTimestamp,
    /// Another secret, another body, or nobody's signature at all.
    #[error("the signature does not fit the body and the webhook secret")]
    WrongSignature,
    /// Signed too long ago, or in the future: a replay, or a clock that is wrong.
    #[error("the request was signed {} ahead of or behind this machine's clock", hours_and_minutes(*.0))]
    TooOld(SignedDuration),
}

/// Checks that the body was signed with the secret, not too long ago. Returns when it was signed.
///
/// `timestamp` and `signature` are the two headers as they came. The body must be the bytes received: written
/// anew from parsed JSON it does not fit (quirk 73). Signatures are compared in constant time, and the age is
/// only looked at when the signature fits.
///
/// # Errors
/// Why it must be refused.
pub fn verify(
    secret: &SecretString,
    now: Timestamp,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
) -> Result<Timestamp, Refusal> {
    let (Some(timestamp), Some(signature)) = (timestamp, signature) else { return Err(Refusal::Unsigned) };
    let signed_at = signed_at(timestamp).ok_or(Refusal::BadTimestamp)?;
    let expected = sign(secret, timestamp, body);
    if !bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
        return Err(Refusal::WrongSignature);
    }
    let age = now.duration_since(signed_at).abs();
    if age > AGE_LIMIT { Err(Refusal::TooOld(age)) } else { Ok(signed_at) }
}

/// The signature of a body: `v0=` and the hex of HMAC-SHA-256 over `v0:`, the timestamp as text, `:` and the
/// raw body.
#[must_use]
pub fn sign(secret: &SecretString, timestamp: &str, body: &[u8]) -> String {
    let mut mac = keyed(secret);
    for part in [b"v0:".as_slice(), timestamp.as_bytes(), b":", body] {
        mac.update(part);
    }
    let mut text = String::from("v0=");
    push_hex(&mut text, &mac.finalize().into_bytes());
    text
}

/// What a URL validation is to be answered with as `encryptedToken`: the hex of HMAC-SHA-256 over the token.
///
/// `None` for text that is no token. That matters: the same key signs events, so whoever got an answer for
/// `v0:…:{…}` would hold a valid signature of an event of their own making. Tokens hold no `:`.
#[must_use]
pub fn encrypted_token(secret: &SecretString, plain_token: &str) -> Option<String> {
    let is_token =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=');
    if plain_token.is_empty() || plain_token.len() > PLAIN_TOKEN_MAX || !plain_token.bytes().all(is_token) {
        return None;
    }
    let mut mac = keyed(secret);
    mac.update(plain_token.as_bytes());
    let mut text = String::new();
    push_hex(&mut text, &mac.finalize().into_bytes());
    Some(text)
}

/// Seconds, or milliseconds if the number has 13 digits: the unit was not confirmed on the wire.
fn signed_at(timestamp: &str) -> Option<Timestamp> {
    if timestamp.is_empty() || timestamp.len() > 13 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Timestamp::from_i64(timestamp.parse().ok()?)
}

fn keyed(secret: &SecretString) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length")
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

fn hours_and_minutes(age: SignedDuration) -> String {
    let minutes = age.as_mins();
    format!("{} h {} min", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests;
