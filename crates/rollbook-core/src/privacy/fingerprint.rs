//! What an erased person is recognised by: a keyed hash of each thing they were known by, never the thing itself.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A store's own secret. It stands in the store, so that whoever has the whole file can try out addresses, one by one;
/// whoever has only the hashes cannot.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Of 32 bytes that nobody can guess.
    pub fn new(bytes: &[u8; 32]) -> Key {
        Key(Hmac::new_from_slice(bytes).expect("HMAC takes keys of any length"))
    }

    /// HMAC-SHA-256 (RFC 2104) over the parts, each with its length before it.
    pub(super) fn code(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// What remains of an identifier.
    pub fn fingerprint(&self, identifier: &Identifier) -> Fingerprint {
        let number;
        let (a, b) = match identifier {
            Identifier::Email(text) | Identifier::ZoomUser(text) | Identifier::Registrant(text) => {
                (text.as_str(), "")
            }
            Identifier::Moodle(id) => {
                number = id.to_string();
                (number.as_str(), "")
            }
            Identifier::Connection { uuid, user_id } => (uuid.as_str(), user_id.as_str()),
            Identifier::Guest { uuid, name } => (uuid.as_str(), name.as_str()),
        };
        Fingerprint(self.code(&["fingerprint", identifier.kind(), a, b]))
    }
}

/// The keyed hash of one identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Something that means one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// An e-mail, lower case.
    Email(String),
    /// A Zoom user id.
    ZoomUser(String),
    /// A registration.
    Registrant(String),
    /// A Moodle user's `id`.
    Moodle(i64),
    /// One connection to one instance (quirk 34).
    Connection {
        /// The instance's UUID.
        uuid: String,
        /// Zoom's number of the connection.
        user_id: String,
    },
    /// A name in one instance, of somebody of whom nothing else is known.
    Guest {
        /// The instance's UUID.
        uuid: String,
        /// The name as typed.
        name: String,
    },
}

impl Identifier {
    /// An e-mail, whatever its case and the blanks around it.
    pub fn email(text: &str) -> Identifier {
        Identifier::Email(text.trim().to_lowercase())
    }

    /// `email`, `zoom`, `registrant`, `moodle`, `connection` or `name`.
    pub fn kind(&self) -> &'static str {
        match self {
            Identifier::Email(_) => "email",
            Identifier::ZoomUser(_) => "zoom",
            Identifier::Registrant(_) => "registrant",
            Identifier::Moodle(_) => "moodle",
            Identifier::Connection { .. } => "connection",
            Identifier::Guest { .. } => "name",
        }
    }

    /// The same as a masked store writes it; none where it is written as it is.
    pub(super) fn masked(&self, alias: impl Fn(&str, &str) -> String) -> Option<Identifier> {
        Some(match self {
            Identifier::Email(text) => Identifier::Email(alias("email", text)),
            Identifier::ZoomUser(text) => Identifier::ZoomUser(alias("zoom", text)),
            Identifier::Registrant(text) => Identifier::Registrant(alias("registrant", text)),
            Identifier::Guest { uuid, name } => {
                Identifier::Guest { uuid: uuid.clone(), name: alias("name", name) }
            }
            Identifier::Moodle(_) | Identifier::Connection { .. } => return None,
        })
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identifier::Email(text) => f.write_str(text),
            Identifier::ZoomUser(text) => write!(f, "zoom:{text}"),
            Identifier::Registrant(text) => write!(f, "registrant:{text}"),
            Identifier::Moodle(id) => write!(f, "moodle:{id}"),
            Identifier::Connection { uuid, user_id } => write!(f, "connection {user_id} of {uuid}"),
            Identifier::Guest { uuid, name } => write!(f, "{name:?} in {uuid}"),
        }
    }
}
