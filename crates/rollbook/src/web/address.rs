//! Addresses of meetings and people: UUIDs hold `/`, `+` and `=`, which servers in between like to change.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Marks a name that is written in base64 as a whole, since it holds more than base64's own characters.
const OTHERWISE: char = '~';

/// The page of an instance.
pub fn meeting(uuid: &str) -> String {
    format!("/meetings/{}", segment(uuid))
}

/// The page of a person in an instance; `reference` is that of [`crate::report::callers::Caller::reference`].
pub fn person(uuid: &str, reference: &str) -> String {
    format!("{}/people/{}", meeting(uuid), segment(reference))
}

/// The page of a course, by its short name.
pub fn course(short_name: &str) -> String {
    format!("/courses/{}", part(short_name))
}

/// A text that people chose as one segment of a path, readable as far as it can be.
pub fn part(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // What stands for a blank in a query is itself in a path.
    encoded.replace('+', "%20")
}

/// A UUID, or an id of Zoom's, as one segment of a path that nothing has to encode: `_` for `/`, `-` for `+`, `.` for `=`.
pub fn segment(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '=');
    // A segment of dots alone has a meaning of its own.
    if name.is_empty() || !name.chars().all(is_plain) || name.chars().all(|c| c == '=') {
        return format!("{OTHERWISE}{}", URL_SAFE_NO_PAD.encode(name));
    }
    let written = |c| match c {
        '/' => '_',
        '+' => '-',
        '=' => '.',
        other => other,
    };
    name.chars().map(written).collect()
}

/// What a segment names; a UUID that somebody pasted as it is, percent-encoded, is taken as well.
pub fn named(segment: &str) -> Option<String> {
    if let Some(packed) = segment.strip_prefix(OTHERWISE) {
        return String::from_utf8(URL_SAFE_NO_PAD.decode(packed).ok()?).ok();
    }
    let read = |c| match c {
        '_' => '/',
        '-' => '+',
        '.' => '=',
        other => other,
    };
    let is_ours = segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    Some(if is_ours { segment.chars().map(read).collect() } else { segment.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_its_segment() {
        for name in [
            "/ajXp112QmuoKj4854875==",
            "a+b/c=",
            "16778240",
            "==",
            "",
            "mit-strich_und.punkt",
            "Žofie <3",
            "~",
        ] {
            let segment = segment(name);
            assert_eq!(named(&segment).as_deref(), Some(name), "{segment}");
            let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~');
            assert!(segment.chars().all(is_safe) && !segment.is_empty(), "{segment}");
            assert!(!segment.chars().all(|c| c == '.'), "{segment}");
        }
    }

    #[test]
    fn a_pasted_uuid_is_taken_as_it_is() {
        assert_eq!(named("/ajXp112QmuoKj4854875==").as_deref(), Some("/ajXp112QmuoKj4854875=="));
        assert_eq!(named("~%%"), None);
    }
}
