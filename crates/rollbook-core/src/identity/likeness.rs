//! How a typed name and a member's name fit.

use std::collections::BTreeSet;

use super::typed::{Initials, Reading, Word, lower, split};
use super::words;
use crate::roster::User;

/// Both parts may be mistyped in names of this many letters.
const BOTH_MISTYPED_MIN: usize = 14;

/// From here on a word is long: one wrong letter at its beginning leaves it what it was.
const LONG: usize = 7;

/// Names this alike, of which one part is the same, are worth looking at.
const WORTH_LOOKING: f64 = 0.75;

/// How well a name fits, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// Not at all.
    None,
    /// Somewhat: one part of it, or names that are merely alike. Nobody is named by it.
    Weak,
    /// One part mistyped.
    Mistyped,
    /// One part is an initial.
    Initial,
    /// A usual short form of the given name.
    Nickname,
    /// The same name in another alphabet.
    Alphabet,
    /// The whole name and something beside it.
    Longer,
    /// Given and family name, but not all of them.
    Shorter,
    /// The alternate name with the family name.
    Alternate,
    /// The same letters, whatever their order, accents and hyphens.
    SameLetters,
    /// Exactly the name.
    Exact,
}

/// A member's name, made ready.
#[derive(Debug)]
pub(super) struct MemberName {
    pub plain: String,
    given: Vec<Word>,
    family: Vec<Word>,
    alternate: Vec<Word>,
    /// Without blanks, in either order, with and without accents spelt out; likewise with the alternate name.
    joined: Vec<String>,
    joined_alternate: Vec<String>,
    initials: Initials,
}

impl MemberName {
    pub fn new(user: &User) -> MemberName {
        let (given, family, alternate) =
            (split(&user.first_name), split(&user.last_name), split(&user.alternate_name));
        MemberName {
            plain: lower(&user.full_name()),
            initials: Initials::of(given.iter().chain(&family).chain(&alternate)),
            joined: joined(&given, &family),
            joined_alternate: if alternate.is_empty() { Vec::new() } else { joined(&alternate, &family) },
            given,
            family,
            alternate,
        }
    }

    /// A family name that vouches for a person: long, and not in wide use.
    fn has_rare_family(&self) -> bool {
        self.family.iter().any(|word| word.fold.len() >= LONG && !words::is_family(&word.fold))
    }

    fn shares_a_word(&self, typed: &[Word]) -> bool {
        let own = || self.given.iter().chain(&self.family);
        typed.iter().any(|word| word.fold.chars().count() > 2 && own().any(|own| own.fold == word.fold))
    }

    /// How alike a reading is as a whole, 0 to 1.
    pub fn likeness(&self, reading: &Reading) -> f64 {
        let typed = text(&reading.words);
        let (given, family) = (text(&self.given), text(&self.family));
        [format!("{given} {family}"), format!("{family} {given}")]
            .iter()
            .map(|name| strsim::normalized_damerau_levenshtein(&typed, name.trim()))
            .fold(0.0, f64::max)
    }
}

fn joined(given: &[Word], family: &[Word]) -> Vec<String> {
    let run = |words: &[Word], form: fn(&Word) -> &str| words.iter().map(form).collect::<String>();
    let forms: [fn(&Word) -> &str; 2] = [|word| &word.fold, |word| &word.spelt];
    forms
        .into_iter()
        .flat_map(|form| {
            let (given, family) = (run(given, form), run(family, form));
            [format!("{given}{family}"), format!("{family}{given}")]
        })
        .collect()
}

fn text(words: &[Word]) -> String {
    words.iter().map(|word| word.fold.as_str()).collect::<Vec<_>>().join(" ")
}

/// Given and family names in a course. A typed name that is somebody's is not a mistyped other one.
#[derive(Debug, Default)]
pub(super) struct NamesInCourse {
    given: BTreeSet<String>,
    family: BTreeSet<String>,
}

impl NamesInCourse {
    pub fn learn(&mut self, member: &MemberName) {
        self.given.extend(member.given.iter().chain(&member.alternate).map(|word| word.fold.clone()));
        self.family.extend(member.family.iter().map(|word| word.fold.clone()));
    }

    pub fn is_given(&self, word: &str) -> bool {
        self.given.contains(word) || words::is_given(word)
    }

    pub fn is_family(&self, word: &str) -> bool {
        self.family.contains(word) || words::is_family(word)
    }

    /// Whether it is anybody's name, in use or in the course.
    pub fn is_name(&self, word: &str) -> bool {
        self.is_given(word) || self.is_family(word)
    }
}

/// How a reading fits a member.
pub(super) fn fit(reading: &Reading, member: &MemberName, names: &NamesInCourse) -> Fit {
    // A single short form may begin with any letter; of two words one at least begins alike.
    if reading.words.len() > 1 && reading.initials.are_apart(member.initials) {
        return Fit::None;
    }
    let fit = match fit_words(reading, member, names) {
        Fit::None if member.shares_a_word(&reading.words) && member.likeness(reading) >= WORTH_LOOKING => {
            Fit::Weak
        }
        fit => fit,
    };
    // What was pieced together from a longer text proves less than the same typed so.
    if reading.is_pieced && fit > Fit::Shorter { Fit::Shorter } else { fit }
}

fn fit_words(reading: &Reading, member: &MemberName, names: &NamesInCourse) -> Fit {
    let is_among =
        |joined: &[String]| reading.joined.iter().any(|form| !form.is_empty() && joined.contains(form));
    if is_among(&member.joined) {
        return Fit::SameLetters;
    }
    if is_among(&member.joined_alternate) {
        return Fit::Alternate;
    }
    let typed = reading.words.as_slice();
    let with_given = Pairing::new(typed, &member.given, &member.family, names).fit(member);
    if member.alternate.is_empty() {
        return with_given;
    }
    let with_alternate = Pairing::new(typed, &member.alternate, &member.family, names).fit(member);
    with_given.max(with_alternate.min(Fit::Alternate))
}

/// How two words may be the same, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Same,
    Alphabet,
    Short,
    Mistyped,
    MistypedShort,
    Initial,
}

const TIES: [Tie; 6] =
    [Tie::Same, Tie::Alphabet, Tie::Short, Tie::Mistyped, Tie::MistypedShort, Tie::Initial];

/// Which typed word is taken for which word of the member's name.
struct Pairing {
    given: Vec<Option<Tie>>,
    family: Vec<Option<Tie>>,
    /// Typed words that are left over, particles not counted.
    left_over: usize,
    /// Words of the member's name that are left over, particles not counted.
    missing: usize,
}

impl Pairing {
    fn new(typed: &[Word], given: &[Word], family: &[Word], names: &NamesInCourse) -> Pairing {
        let mut pairing = Pairing {
            given: vec![None; given.len()],
            family: vec![None; family.len()],
            left_over: 0,
            missing: 0,
        };
        let mut is_taken = vec![false; typed.len()];
        for tie in TIES {
            for (index, word) in typed.iter().enumerate() {
                if is_taken[index] {
                    continue;
                }
                let in_given = place(tie, word, given, &pairing.given, true, names);
                let in_family = place(tie, word, family, &pairing.family, false, names);
                // "Anna B." is Anna Berg rather than Anna Beatrice.
                let is_family = in_given.is_none()
                    || (tie == Tie::Initial
                        && in_family.is_some()
                        && is_free(&pairing.family)
                        && !is_free(&pairing.given));
                let held = if is_family {
                    in_family.map(|at| &mut pairing.family[at])
                } else {
                    in_given.map(|at| &mut pairing.given[at])
                };
                if let Some(held) = held {
                    *held = Some(tie);
                    is_taken[index] = true;
                }
            }
        }
        let counts = |word: &Word| !words::is_particle(&word.fold);
        pairing.left_over =
            typed.iter().zip(&is_taken).filter(|(word, taken)| !**taken && counts(word)).count();
        let own = given.iter().zip(&pairing.given).chain(family.iter().zip(&pairing.family));
        pairing.missing = own.filter(|(word, held)| held.is_none() && counts(word)).count();
        pairing
    }

    fn fit(&self, member: &MemberName) -> Fit {
        let best = |ties: &[Option<Tie>]| ties.iter().flatten().min().copied();
        let (given, family) = match (best(&self.given), best(&self.family)) {
            (Some(given), Some(family)) => (given, family),
            // Moodle wants two names; some people have one.
            (Some(Tie::Same), None) if member.family.is_empty() && self.left_over == 0 => {
                return Fit::Shorter;
            }
            (None, Some(Tie::Same)) if member.given.is_empty() && self.left_over == 0 => return Fit::Shorter,
            (Some(Tie::Same | Tie::Short | Tie::Alphabet), None)
            | (None, Some(Tie::Same | Tie::Alphabet))
                if self.left_over == 0 =>
            {
                return Fit::Weak;
            }
            _ => return Fit::None,
        };
        let fit = match (given, family) {
            (Tie::Same, Tie::Same) if self.missing == 0 && self.left_over == 0 => Fit::SameLetters,
            (Tie::Same, Tie::Same) if self.missing == 0 => Fit::Longer,
            (Tie::Same, Tie::Same) => Fit::Shorter,
            (Tie::Alphabet | Tie::Same, Tie::Alphabet | Tie::Same) => Fit::Alphabet,
            (Tie::Short, Tie::Same | Tie::Alphabet) => Fit::Nickname,
            (Tie::Initial, Tie::Same) | (Tie::Same, Tie::Initial) => Fit::Initial,
            (Tie::Mistyped, Tie::Same) | (Tie::Same, Tie::Mistyped) => Fit::Mistyped,
            (Tie::MistypedShort, Tie::Same) if member.has_rare_family() => Fit::Mistyped,
            (Tie::Mistyped, Tie::Mistyped) if member.joined[0].len() >= BOTH_MISTYPED_MIN => Fit::Mistyped,
            _ => Fit::Weak,
        };
        // "Anna Sofia Berg" is not Anna Maria Berg.
        if self.left_over > 0 && self.missing > 0 { fit.min(Fit::Weak) } else { fit }
    }
}

fn is_free(ties: &[Option<Tie>]) -> bool {
    ties.iter().all(Option::is_none)
}

/// The first word of a member's that this one may stand for.
fn place(
    tie: Tie,
    word: &Word,
    own: &[Word],
    held: &[Option<Tie>],
    is_given: bool,
    names: &NamesInCourse,
) -> Option<usize> {
    (0..own.len()).find(|at| held[*at].is_none() && is_tied(tie, word, &own[*at], is_given, names))
}

fn is_tied(tie: Tie, typed: &Word, own: &Word, is_given: bool, names: &NamesInCourse) -> bool {
    let is_same = |a: &str, b: &str| a == b;
    match tie {
        Tie::Same => {
            is_same(&typed.fold, &own.fold)
                || is_same(&typed.spelt, &own.fold)
                || is_same(&typed.fold, &own.spelt)
                || is_same(&typed.spelt, &own.spelt)
        }
        Tie::Alphabet => is_same_in_latin(typed, own),
        Tie::Short => is_given && is_short_for(typed, own, names),
        Tie::Initial => is_initial(&typed.fold, &own.fold),
        Tie::Mistyped if is_given => is_mistyped_given(&typed.fold, &own.fold, names),
        Tie::Mistyped => is_mistyped_family(&typed.fold, &own.fold, names),
        Tie::MistypedShort => is_given && is_short_slip(&typed.fold, &own.fold, names),
    }
}

/// One in Latin letters, the other not. Spellings differ by a letter or two: Dmitri, Dmitry, Dmitrij.
fn is_same_in_latin(typed: &Word, own: &Word) -> bool {
    let (a, b) = match (&typed.latin, &own.latin) {
        (Some(of_typed), None) => (of_typed, &own.fold),
        (None, Some(of_own)) => (&typed.fold, of_own),
        _ => return false,
    };
    let tolerated = if a.len().min(b.len()) >= 5 { 2 } else { 0 };
    a == b || (a.chars().next() == b.chars().next() && strsim::osa_distance(a, b) <= tolerated)
}

/// Short forms in use, and beginnings that are no names of their own: Alex and Alexander, but not Daniel and Daniela.
fn is_short_for(typed: &Word, own: &Word, names: &NamesInCourse) -> bool {
    let are_names = || names.is_given(&typed.fold) && names.is_given(&own.fold);
    let (typed_name, own_name) = (typed.fold.as_str(), own.fold.as_str());
    if typed.short_for.contains(&own_name) || own.short_for.contains(&typed_name) {
        // Elena and Lena, Maria and Marie are as often two people.
        return strsim::osa_distance(typed_name, own_name) > 1 || !are_names();
    }
    let is_beginning = |short: &str, long: &str| {
        let letters = short.chars().count();
        letters >= 3 && long.starts_with(short) && long.chars().count() >= letters + 2
    };
    (is_beginning(typed_name, own_name) || is_beginning(own_name, typed_name)) && !are_names()
}

fn is_initial(typed: &str, own: &str) -> bool {
    let mut letters = typed.chars();
    let is_one =
        |first: Option<char>, rest: Option<char>| first.is_some_and(char::is_alphabetic) && rest.is_none();
    let first = letters.next();
    let mut own_letters = own.chars();
    let own_first = own_letters.next();
    first == own_first && (is_one(first, letters.next()) || is_one(own_first, own_letters.next()))
}

/// A slip in a given name. Names that differ by a letter are mostly different names (Anna, Hanna; Marta, Maria), so what
/// was typed must be nobody's name.
fn is_mistyped_given(typed: &str, own: &str, names: &NamesInCourse) -> bool {
    // Where the list does not know the name itself either, more must agree.
    let least = if words::is_given(own) { 5 } else { 7 };
    is_slip(typed, own, least) && !names.is_name(typed)
}

/// A slip in a given name that is too short for one, where a rare family name vouches for it.
fn is_short_slip(typed: &str, own: &str, names: &NamesInCourse) -> bool {
    is_slip(typed, own, 4) && words::is_given(own) && !names.is_name(typed)
}

/// A slip in a family name.
fn is_mistyped_family(typed: &str, own: &str, names: &NamesInCourse) -> bool {
    is_slip(typed, own, 5) && !names.is_name(typed)
}

/// One letter wrong, missing, too much or changed about with its neighbour; two in long words. The first letter agrees,
/// but in long words. `least` is the length the name itself must have.
fn is_slip(typed: &str, own: &str, least: usize) -> bool {
    let (typed_len, own_len) = (typed.len(), own.len());
    let is_first_same = typed.as_bytes().first() == own.as_bytes().first();
    let most = if own_len >= 9 && is_first_same { 2 } else { 1 };
    if own_len < least || typed_len.abs_diff(own_len) > most || !(is_first_same || own_len >= LONG) {
        return false;
    }
    typed.is_ascii() && own.is_ascii() && strsim::osa_distance(typed, own) <= most
}

/// For evidence: how the names fit, in words.
impl Fit {
    pub fn rule(self) -> &'static str {
        match self {
            Fit::Exact | Fit::SameLetters => "name",
            Fit::Alternate => "alternate name",
            Fit::Shorter | Fit::Longer => "parts of the name",
            Fit::Alphabet => "other alphabet",
            Fit::Nickname => "nickname",
            Fit::Initial => "initial",
            Fit::Mistyped | Fit::Weak | Fit::None => "similar name",
        }
    }
}
