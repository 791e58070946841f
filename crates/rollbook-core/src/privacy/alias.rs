//! What stands in the place of a name.

use super::Key;

/// Of somebody erased.
pub const ERASED: Form = Form { word: "erased" };
/// In a store that keeps no names.
pub(super) const MASKED: Form = Form { word: "masked" };

/// Digits after the word: enough that no two of a store's million people share them.
const DIGITS: usize = 16;

/// How what stands in place of a value is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    word: &'static str,
}

impl Form {
    fn write(self, kind: &str, digits: &str) -> String {
        let word = self.word;
        match kind {
            "name" => format!("{word} person {digits}"),
            // RFC 2606: nobody's address, and nobody's mail goes there.
            "email" => format!("{digits}@{word}.invalid"),
            _ => format!("{word}-{digits}"),
        }
    }

    /// Whether a text was written in this form.
    pub(super) fn wrote(self, text: &str) -> bool {
        let is_digits =
            |text: &str| text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let rest = text.strip_prefix(self.word);
        rest.and_then(|rest| rest.strip_prefix(" person ").or_else(|| rest.strip_prefix('-')))
            .is_some_and(is_digits)
            || text.split_once('@').is_some_and(|(digits, domain)| {
                is_digits(digits) && domain.strip_suffix(".invalid") == Some(self.word)
            })
    }
}

/// Whether a text stands in place of something of an erased person's.
pub fn is_erased_text(text: &str) -> bool {
    ERASED.wrote(text)
}

/// Whether a text is no name any more.
pub(super) fn is_alias(text: &str) -> bool {
    ERASED.wrote(text) || MASKED.wrote(text)
}

impl Key {
    /// Equal values of a kind have equal aliases within a scope (an instance, or everywhere), different ones differ, and
    /// nobody without the key can tell which is whose.
    pub(super) fn alias(&self, form: Form, scope: &str, kind: &str, value: &str) -> String {
        let value = match kind {
            "email" => value.trim().to_lowercase(),
            _ => value.to_owned(),
        };
        let bytes = self.code(&["alias", form.word, scope, kind, &value]);
        let mut digits = super::fingerprint::hex(&bytes);
        digits.truncate(DIGITS);
        form.write(kind, &digits)
    }
}
