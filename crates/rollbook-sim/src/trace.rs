//! The log of calls whose digest must repeat.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// A running digest of every call, in order of arrival.
#[derive(Clone, Default)]
pub(crate) struct Trace {
    hash: Sha256,
}

impl Trace {
    /// Adds one call.
    pub(crate) fn add(&mut self, at: Timestamp, method: &str, target: &str, status: u16) {
        self.hash.update(format!("{} {method} {target} {status}\n", at.as_microsecond()));
    }

    /// The digest so far, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
