//! Figures as people read them, for templates.

use jiff::SignedDuration;
use rollbook_core::completeness::words;

use super::page::Frame;

/// A whole number, however a template holds it.
pub trait Count {
    /// The number.
    fn count(&self) -> u64;
}

impl Count for u64 {
    fn count(&self) -> u64 {
        *self
    }
}

impl Count for u32 {
    fn count(&self) -> u64 {
        u64::from(*self)
    }
}

impl Count for usize {
    fn count(&self) -> u64 {
        *self as u64
    }
}

impl Count for i64 {
    fn count(&self) -> u64 {
        u64::try_from(*self).unwrap_or(0)
    }
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        T::count(self)
    }
}

/// `resource-intensive`: a price class of Zoom's, which its documentation writes so.
pub fn label(name: &str) -> String {
    name.replace('_', "-")
}

impl Frame {
    /// `12,345`.
    pub fn thousands(&self, number: impl Count) -> String {
        crate::cli::output::thousands(number.count())
    }

    /// `12 MB`.
    pub fn bytes(&self, bytes: &u64) -> String {
        crate::cli::page::bytes(*bytes)
    }

    /// `12 min`.
    pub fn length(&self, seconds: &u64) -> String {
        words(SignedDuration::from_secs(i64::try_from(*seconds).unwrap_or(i64::MAX)))
    }

    /// `12 %`; nothing where it is not known.
    pub fn percent(&self, share: &Option<f64>) -> String {
        share.map_or_else(String::new, |share| format!("{:.0} %", share * 100.0))
    }
}
