//! Writes JSON straight into text: answers are large, and their fields come and go with the faults.

use std::fmt::{Display, Write};

/// An object being written.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    is_first: bool,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub(crate) fn open(out: &'a mut String) -> Object<'a> {
        out.push('{');
        Object { out, is_first: true }
    }

    /// Ends it.
    pub(crate) fn close(self) {
        self.out.push('}');
    }

    fn key(&mut self, key: &str) {
        if !self.is_first {
            self.out.push(',');
        }
        self.is_first = false;
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        quote(self.out, value);
        self
    }

    /// A number, or anything else that needs no quotes.
    pub(crate) fn bare(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.key(key);
        // Writing to text cannot fail.
        let _ = write!(self.out, "{value}");
        self
    }

    /// A number, or the same as text.
    pub(crate) fn number_or_text(&mut self, key: &str, value: u64, as_text: bool) -> &mut Self {
        if as_text { self.text(key, &value.to_string()) } else { self.bare(key, value) }
    }

    /// A list whose items `write` puts down, each after [`separate`].
    pub(crate) fn list(&mut self, key: &str, write: impl FnOnce(&mut String)) -> &mut Self {
        self.key(key);
        self.out.push('[');
        write(self.out);
        self.out.push(']');
        self
    }
}

/// A comma before every item but the first.
pub(crate) fn separate(out: &mut String, place: usize) {
    if place > 0 {
        out.push(',');
    }
}

/// A whole object as text.
pub(crate) fn object(write: impl FnOnce(&mut Object<'_>)) -> String {
    let mut out = String::new();
    let mut object = Object::open(&mut out);
    write(&mut object);
    object.close();
    out
}

fn quote(out: &mut String, value: &str) {
    out.push('"');
    let mut plain_from = 0;
    for (at, byte) in value.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&value[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            other => {
                let _ = write!(out, "\\u{other:04x}");
            }
        }
    }
    out.push_str(&value[plain_from..]);
    out.push('"');
}
