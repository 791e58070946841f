//! What may be read in a name as typed: people put numbers, pronouns, nicknames, devices and groups beside it.

use unicode_normalization::UnicodeNormalization;

use super::fold::{fold, latin, spelt};
use super::stored::commas;
use super::words;

/// Longer names are cut: nobody's name is, and every comparison has a bound.
const CHARS_MAX: usize = 200;

/// Words compared at most.
const WORDS_MAX: usize = 12;

/// A string of digits this long may be a student number.
const NUMBER_DIGITS_MIN: usize = 4;

/// A word of a name, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without accents.
    pub fold: String,
    /// With umlauts spelt out, as in `Mueller`.
    pub spelt: String,
    /// Names that it is a usual short form of.
    pub short_for: Vec<&'static str>,
    /// In Latin letters, where it is of another alphabet.
    pub latin: Option<String>,
}

impl Word {
    fn new(fold: String, spelt: String) -> Word {
        Word { short_for: words::short_for(&fold), latin: latin(&fold), fold, spelt }
    }

    fn changed(&self, change: impl Fn(&str) -> String) -> Word {
        Word::new(change(&self.fold), change(&self.spelt))
    }
}

/// First letters, so that names which have none in common need not be compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Initials(u32);

/// Stands for every letter beyond a to z, with which anything may be the same.
const OTHER: u32 = 1 << 31;

impl Initials {
    pub fn of<'w>(words: impl IntoIterator<Item = &'w Word>) -> Initials {
        let bit = |word: &Word| match word.fold.bytes().next() {
            Some(letter @ b'a'..=b'z') if word.fold.is_ascii() => 1 << (letter - b'a'),
            _ => OTHER,
        };
        Initials(words.into_iter().fold(0, |bits, word| bits | bit(word)))
    }

    /// Whether names with these first letters have nothing in common.
    pub fn are_apart(self, other: Initials) -> bool {
        (self.0 | other.0) & OTHER == 0 && self.0 & other.0 == 0
    }
}

/// What a name may say, in one of the ways to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// Its words.
    pub words: Vec<Word>,
    /// All of them without blanks, folded and spelt out.
    pub joined: [String; 2],
    /// First letters of its words.
    pub initials: Initials,
    /// Taken from what was typed rather than typed so.
    pub is_pieced: bool,
}

impl Reading {
    fn new(words: Vec<Word>, is_pieced: bool) -> Reading {
        let run = |form: fn(&Word) -> &str| words.iter().map(form).collect::<String>();
        Reading {
            joined: [run(|word| &word.fold), run(|word| &word.spelt)],
            initials: Initials::of(&words),
            words,
            is_pieced,
        }
    }
}

/// A name as typed, taken apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// As shown, its commas back.
    pub shown: String,
    /// The name in lower case with its accents, `Last, First` turned round.
    pub plain: Vec<String>,
    /// The id in `(digits)name`.
    pub user_id: Option<i64>,
    /// Ways to read it.
    pub readings: Vec<Reading>,
    /// Words that may be student numbers or login names: letters and digits only, lower case.
    pub codes: Vec<String>,
    /// E-mails, lower case.
    pub addresses: Vec<String>,
    /// Two words or more that could be somebody's full name.
    pub is_full: bool,
}

/// Takes a name apart.
pub(super) fn typed(name: &str) -> Typed {
    let normal: String = commas(name).nfkc().filter(|c| !is_invisible(*c)).take(CHARS_MAX).collect();
    let shown = normal.split_whitespace().collect::<Vec<_>>().join(" ");
    let (user_id, rest) = match leading_id(&shown) {
        Some((id, rest)) => (Some(id), rest),
        None => (None, shown.as_str()),
    };
    let addresses: Vec<String> = rest.split_whitespace().map(email).filter(|word| is_email(word)).collect();
    let unaddressed: Vec<&str> = rest.split_whitespace().filter(|word| !is_email(&email(word))).collect();
    let (outer, brackets) = brackets(&unaddressed.join(" "));
    let mut readings = Vec::new();
    read(&mut readings, &outer, false);
    for part in pieces(&outer).into_iter().chain(brackets.iter().map(String::as_str)) {
        if split(part).len() >= 2 {
            read(&mut readings, part, true);
        }
    }
    nicknamed(&mut readings, &brackets);
    for address in &addresses {
        let local = address.split('@').next().unwrap_or_default();
        read(&mut readings, local, true);
    }
    let is_full = readings.first().is_some_and(|reading| could_be_full_name(&reading.words));
    Typed { plain: plain(rest), user_id, readings, codes: codes(rest), addresses, is_full, shown }
}

/// Lower case and single blanks, accents kept.
pub(super) fn lower(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a name, folded.
pub(super) fn split(text: &str) -> Vec<Word> {
    let no_possessive = text.replace("'s ", " ").replace("\u{2019}s ", " ");
    let parts = no_possessive.split(is_separator).map(|part| part.replace(is_apostrophe, ""));
    let word = |part: String| Word::new(fold(&part), spelt(&part));
    parts
        .filter(|part| !part.is_empty())
        .map(word)
        .filter(|word| !word.fold.is_empty())
        .take(WORDS_MAX)
        .collect()
}

fn plain(rest: &str) -> Vec<String> {
    let mut all = vec![lower(rest)];
    if let Some((last, first)) = rest.split_once(',') {
        all.push(lower(&format!("{first} {last}")));
    }
    all
}

/// Adds the ways to read a text: as it is; `Last, First` turned round needs none, since order is not looked at.
fn read(readings: &mut Vec<Reading>, text: &str, is_pieced: bool) {
    let all = split(&format!("{text} "));
    let has_device = all.iter().any(|word| words::is_device(&word.fold));
    let is_pronouns =
        |text: &str| text.contains('/') && split(text).iter().all(|w| words::is_pronoun(&w.fold));
    let without_pronouns: Vec<&str> = text.split_whitespace().filter(|word| !is_pronouns(word)).collect();
    let named: Vec<Word> = split(&format!("{} ", without_pronouns.join(" ")))
        .into_iter()
        .filter_map(|word| without_digits(word, has_device))
        .filter(|word| !has_device || !(words::is_device(&word.fold) || words::is_model(&word.fold)))
        .collect();
    let addressed: Vec<Word> = named.iter().filter(|word| !words::is_address(&word.fold)).cloned().collect();
    let mut add = |words: Vec<Word>, is_pieced| {
        let reading = Reading::new(words, is_pieced);
        if !reading.words.is_empty() && !readings.iter().any(|held| held.words == reading.words) {
            readings.push(reading);
        }
    };
    if has_device {
        // "Annas iPhone"
        let owner = |word: &Word| word.changed(|text| text.strip_suffix('s').unwrap_or(text).to_owned());
        add(addressed.clone(), is_pieced);
        add(addressed.iter().map(owner).filter(|word| !word.fold.is_empty()).collect(), true);
    } else {
        add(addressed, is_pieced);
        add(named, is_pieced);
    }
}

/// `Annie (Anna) Berg`: the word in brackets in place of the first, or beside it.
fn nicknamed(readings: &mut Vec<Reading>, brackets: &[String]) {
    let Some(outer) = readings.first().map(|reading| reading.words.clone()) else { return };
    for inner in brackets.iter().map(|text| split(text)) {
        let [word] = inner.as_slice() else { continue };
        if word.fold.chars().any(|c| c.is_ascii_digit()) || words::is_address(&word.fold) {
            continue;
        }
        let replaced = std::iter::once(word.clone()).chain(outer.iter().skip(1).cloned()).collect();
        let added = outer.iter().cloned().chain([word.clone()]).collect();
        for words in [replaced, added] {
            readings.push(Reading::new(words, true));
        }
    }
}

/// Digits behind a name are taken off; a word that is mostly digits is no name.
fn without_digits(word: Word, has_device: bool) -> Option<Word> {
    let has_digits = |text: &str| text.chars().any(char::is_numeric);
    if !has_digits(&word.fold) {
        return Some(word);
    }
    let kept = word.changed(|text| text.trim_matches(char::is_numeric).to_owned());
    let digits = word.fold.chars().filter(|c| c.is_numeric()).count();
    let is_name = !has_device && kept.fold.chars().count() >= 3 && digits < NUMBER_DIGITS_MIN;
    (is_name && !has_digits(&kept.fold)).then_some(kept)
}

fn could_be_full_name(words: &[Word]) -> bool {
    let is_name = |word: &&Word| {
        !(words::is_place(&word.fold) || words::is_device(&word.fold) || words::is_address(&word.fold))
            && word.fold.chars().count() >= 2
    };
    let is_of_a_place = words.iter().any(|word| words::is_place(&word.fold));
    let names = words.iter().filter(is_name).count();
    names >= if is_of_a_place { 3 } else { 2 }
}

fn codes(text: &str) -> Vec<String> {
    let is_telephone =
        text.strip_prefix('+').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if is_telephone {
        return Vec::new();
    }
    let is_end = |c: char| c.is_whitespace() || "()[]{}<>,;|_/".contains(c);
    let bare =
        |word: &str| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let whole = text.split(is_end).map(bare);
    let parts = text.split(|c| is_end(c) || c == '-').map(bare);
    let mut found: Vec<String> = Vec::new();
    for word in whole.chain(parts).filter(|word: &String| !word.is_empty()) {
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// The digits of a number that may be a student number, without leading zeros.
pub(super) fn digits(word: &str) -> Option<String> {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let letters = word.chars().count() - digits.len();
    (digits.len() >= NUMBER_DIGITS_MIN && letters <= 3).then(|| digits.trim_start_matches('0').to_owned())
}

fn leading_id(text: &str) -> Option<(i64, &str)> {
    let (digits, rest) = text.strip_prefix('(')?.split_once(')')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((digits.parse().ok().filter(|_| is_number)?, rest.trim()))
}

/// What stands outside brackets and quotation marks, and what inside.
fn brackets(text: &str) -> (String, Vec<String>) {
    let (mut outer, mut inner, mut current) = (String::new(), Vec::new(), None::<String>);
    for c in text.chars() {
        match (c, &mut current) {
            ('(' | '[' | '{' | '<' | '"' | '\u{201c}' | '\u{201e}', None) => current = Some(String::new()),
            (')' | ']' | '}' | '>' | '"' | '\u{201d}' | '\u{201c}', Some(held)) => {
                inner.push(std::mem::take(held));
                current = None;
                outer.push(' ');
            }
            (c, Some(held)) => held.push(c),
            (c, None) => outer.push(c),
        }
    }
    // One that is not closed is no bracket.
    if let Some(held) = current {
        outer.push(' ');
        outer.push_str(&held);
    }
    (outer, inner)
}

/// Parts between marks that people put between a name and something else.
fn pieces(outer: &str) -> Vec<&str> {
    let marks = [
        "|",
        "/",
        " - ",
        " \u{2013} ",
        " \u{2014} ",
        "\u{2022}",
        ":",
        ";",
        "&",
        "+",
        ",",
        "@",
        " und ",
        " and ",
        " y ",
        " et ",
    ];
    let mut parts = vec![outer];
    for mark in marks {
        parts = parts.into_iter().flat_map(|part| part.split(mark)).collect();
    }
    if parts.len() > 1 { parts } else { Vec::new() }
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
}

fn email(word: &str) -> String {
    word.trim_matches(|c: char| "()[]<>,;\"'".contains(c)).to_lowercase()
}

fn is_separator(c: char) -> bool {
    let is_ascii_mark = c.is_ascii() && !c.is_ascii_alphanumeric() && !is_apostrophe(c);
    c.is_whitespace()
        || is_ascii_mark
        || matches!(c,
            '\u{a0}'..='\u{a9}' | '\u{ab}'..='\u{b4}' | '\u{b6}'..='\u{b9}' | '\u{bb}'..='\u{bf}' | '\u{d7}' | '\u{f7}'
            | '\u{2010}'..='\u{2017}' | '\u{201a}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '\u{30fb}'
            | '\u{fe10}'..='\u{fe6f}' | '\u{1f000}'..='\u{1faff}' | '\u{e000}'..='\u{f8ff}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{b4}' | '\u{2bc}' | '\u{2018}' | '\u{2019}')
}

/// Direction marks, joiners, variation selectors, controls.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
