//! What is written into Moodle beside an identity: name and e-mail in the plugin's way (MOODLE.md section 3).

use crate::roster::User;

/// The name for a row: the recognised user's full name in the plugin's upper case, else as Zoom gave it with its `#`
/// turned back into commas (quirk 32). `typed` is empty where Zoom told no name.
pub fn stored_name(typed: &str, user: Option<&User>) -> String {
    match user {
        Some(user) => upper(&user.full_name()),
        None => commas(typed),
    }
}

/// The e-mail for a row: as Zoom told it, else that of the recognised user (`of_user`), else none.
pub fn stored_email(told: Option<&str>, of_user: Option<&str>) -> Option<String> {
    let is_told = |email: &&str| !email.is_empty();
    told.filter(is_told).or(of_user.filter(is_told)).map(str::to_owned)
}

/// Upper case as PHP 8 gives it: ASCII letters only.
pub(super) fn upper(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// Zoom writes commas as `#` (quirk 32).
pub(super) fn commas(text: &str) -> String {
    text.replace('#', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chloe() -> User {
        let text = str::to_owned;
        User { first_name: text("Chloé"), last_name: text("Martin"), ..User::default() }
    }

    #[test]
    fn upper_case_is_that_of_ascii_letters_only() {
        assert_eq!(stored_name("chloe", Some(&chloe())), "CHLOé MARTIN");
    }

    #[test]
    fn a_name_nobody_is_known_by_is_kept_as_typed_with_its_comma() {
        assert_eq!(stored_name("Doe# Jane", None), "Doe, Jane");
    }

    #[test]
    fn a_blank_email_is_filled_from_the_user() {
        assert_eq!(stored_email(Some("z@x"), Some("c@x")).as_deref(), Some("z@x"));
        assert_eq!(stored_email(Some(""), Some("c@x")).as_deref(), Some("c@x"));
        assert_eq!(stored_email(None, None), None);
    }
}
