//! One call to the API, taken apart.

use std::collections::BTreeMap;

use super::operation::Operation;
use crate::chance::Dice;

/// A call that passed the door.
pub(crate) struct Ask {
    pub(crate) operation: Operation,
    /// The identifier in the path, still encoded.
    pub(crate) id: String,
    /// The person in the path, where there is one.
    pub(crate) participant: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Unix seconds.
    pub(crate) now: i64,
    /// Whether network faults and moving rows still happen.
    pub(crate) is_faulty: bool,
    pub(crate) dice: Dice,
}

impl Ask {
    /// A parameter; blank ones count as absent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether `include_fields` names this field.
    pub(crate) fn includes(&self, field: &str) -> bool {
        self.parameter("include_fields")
            .is_some_and(|fields| fields.split(',').any(|one| one.trim() == field))
    }

    /// The identifier after one decoding, for texts.
    pub(crate) fn plain_id(&self) -> String {
        percent_decode(&self.id)
    }
}

/// Takes a query or form apart; `+` is a space there.
pub(crate) fn parse_query(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(&name.replace('+', " ")), percent_decode(&value.replace('+', " ")))
        })
        .collect()
}

/// Undoes percent encoding once; what is not valid stays as it is.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
