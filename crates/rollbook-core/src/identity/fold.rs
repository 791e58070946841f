//! Names are compared without what people leave out or write differently: case, accents, ligatures, width.

use unicode_normalization::UnicodeNormalization;

/// Letters only as far as they tell names apart: lower case, without accents (`Zoë`, `ZOE`), ligatures and special Latin
/// letters spelt out (`ß`, `æ`, `ł`), full-width letters narrow, blanks single. Other scripts keep their letters.
pub(super) fn fold(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase).collect();
    let spelt: String = plain.nfkd().filter(|c| !is_accent(*c)).nfc().map(Letter).fold(
        String::with_capacity(plain.len()),
        |mut folded, letter| {
            letter.push_to(&mut folded);
            folded
        },
    );
    spelt.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same with German and Scandinavian letters spelt out, as on a keyboard that has none: `Müller` as `mueller`.
pub(super) fn spelt(text: &str) -> String {
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    let spelt = [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa"), ("ø", "oe")];
    fold(&spelt.iter().fold(lower, |text, (letter, two)| text.replace(letter, two)))
}

/// Names of other alphabets in Latin letters; none for scripts whose characters share sounds.
pub(super) fn latin(folded: &str) -> Option<String> {
    let is_alphabet =
        |c: char| matches!(c, '\u{370}'..='\u{52f}' | '\u{531}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}');
    if !folded.chars().any(is_alphabet) {
        return None;
    }
    Some(deunicode::deunicode(folded).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect())
}

/// Combining diacritical marks: accents of Latin, Greek and Cyrillic. Marks of other scripts are letters of their own.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

struct Letter(char);

impl Letter {
    fn push_to(self, folded: &mut String) {
        match self.0 {
            // Latin letters that do not decompose: ß, æ, ø, ł, đ, þ, ı, œ and their like.
            c @ ('\u{df}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') => match deunicode::deunicode_char(c) {
                Some(spelt) => folded.push_str(&spelt.to_lowercase()),
                None => folded.push(c),
            },
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_write_differently_fold_to_the_same() {
        for (one, other) in [
            ("Zoë", "ZOE"),
            ("Weiß", "weiss"),
            ("ŁUKASZ Søren", "lukasz soren"),
            ("Ｗｉｄｅ  name", "wide name"),
            ("oﬃce", "office"),
            ("İpek", "ipek"),
            ("Nguyễn", "nguyen"),
            ("ДМИТРИЙ", "Дмитрий"),
            ("ΓΙΩΡΓΟΣ", "Γιώργος"),
            ("Ana\u{303}", "Anã"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn letters_of_other_scripts_are_not_taken_away() {
        assert_ne!(fold("王伟"), fold("王薇"));
        assert_ne!(fold("कमल"), fold("कमला"));
    }
}
