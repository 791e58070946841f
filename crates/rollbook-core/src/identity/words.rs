//! Words that say something about a typed name: given and family names in use, short forms, devices, rooms, titles.
//!
//! The lists are our own choice of common words, folded. They need not be complete: a given name that stands in none is
//! compared with more care, not taken for something else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static GIVEN: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("words/given.txt").split_whitespace().collect());

static FAMILY: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("words/family.txt").split_whitespace().collect());

/// Short form to the names it may stand for. In the file each line is a name with its short forms.
static SHORT: LazyLock<BTreeMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let mut map: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in include_str!("words/nicknames.txt").lines() {
        let mut words = line.split_whitespace();
        let Some(full) = words.next() else { continue };
        for short in words {
            map.entry(short).or_default().insert(full);
        }
    }
    map
});

/// Whether it is a given name in use.
pub(super) fn is_given(word: &str) -> bool {
    GIVEN.contains(word)
}

/// Whether it is a family name in wide use.
pub(super) fn is_family(word: &str) -> bool {
    FAMILY.contains(word)
}

/// The names that a word is a usual short form of.
pub(super) fn short_for(word: &str) -> Vec<&'static str> {
    SHORT.get(word).into_iter().flatten().copied().collect()
}

/// Makes and kinds of devices.
const DEVICES: &[&str] = &[
    "acer",
    "android",
    "apple",
    "asus",
    "chromebook",
    "computer",
    "dell",
    "desktop",
    "device",
    "fairphone",
    "galaxy",
    "handy",
    "hp",
    "huawei",
    "imac",
    "ipad",
    "iphone",
    "ipod",
    "laptop",
    "lenovo",
    "mac",
    "macbook",
    "macmini",
    "mobil",
    "mobile",
    "motorola",
    "nokia",
    "notebook",
    "oneplus",
    "oppo",
    "pc",
    "phone",
    "pixel",
    "portable",
    "poco",
    "realme",
    "redmi",
    "samsung",
    "smartphone",
    "surface",
    "tab",
    "tablet",
    "telefon",
    "telefono",
    "telephone",
    "thinkpad",
    "vivo",
    "windows",
    "xiaomi",
    "xperia",
    "zfold",
];

/// What follows the name of a device.
const MODELS: &[&str] = &[
    "air", "book", "fold", "gen", "lite", "max", "mini", "neo", "note", "plus", "pro", "se", "series",
    "ultra",
];

/// Titles, degrees, ways of address.
const TITLES: &[&str] = &[
    "ba",
    "bsc",
    "dipl",
    "dott",
    "dr",
    "frau",
    "herr",
    "ing",
    "llm",
    "ma",
    "mag",
    "mba",
    "med",
    "miss",
    "mr",
    "mrs",
    "ms",
    "msc",
    "mx",
    "phd",
    "phil",
    "prof",
    "professor",
    "sig",
    "sr",
    "sra",
    "jr",
    "jun",
    "sen",
];

/// Pronouns, as people write them behind their name.
const PRONOUNS: &[&str] = &[
    "he", "him", "his", "she", "her", "hers", "they", "them", "theirs", "er", "ihm", "ihn", "sie", "ihr",
    "elle", "il", "iel", "ella", "el", "hen", "hon", "han", "xe", "ze", "zir", "any", "pronouns", "pronomen",
    "none",
];

/// Parts in a class.
const PARTS: &[&str] = &[
    "assistant",
    "cohost",
    "gast",
    "group",
    "gruppe",
    "guest",
    "host",
    "instructor",
    "invite",
    "moderator",
    "participant",
    "presenter",
    "student",
    "studentin",
    "ta",
    "teacher",
    "team",
    "teilnehmer",
    "tutor",
    "tutorin",
    "user",
    "viewer",
    "visitor",
];

/// Rooms, and who calls from nowhere in particular.
const PLACES: &[&str] = &[
    "admin",
    "anonymous",
    "anonym",
    "anrufer",
    "audimax",
    "auditorium",
    "aula",
    "building",
    "call",
    "caller",
    "camera",
    "campus",
    "class",
    "classroom",
    "conference",
    "floor",
    "hall",
    "haus",
    "horsaal",
    "hoersaal",
    "in",
    "kamera",
    "kitchen",
    "klasse",
    "konferenzraum",
    "lab",
    "labor",
    "lecture",
    "library",
    "meeting",
    "office",
    "podium",
    "polycom",
    "projector",
    "raum",
    "recorder",
    "recording",
    "room",
    "rooms",
    "saal",
    "sala",
    "salle",
    "seminar",
    "seminarraum",
    "sip",
    "stage",
    "studio",
    "support",
    "theater",
    "theatre",
    "unbekannt",
    "unknown",
    "zoom",
    "zoomroom",
];

/// Words within family names that people leave out.
const PARTICLES: &[&str] = &[
    "abu", "af", "al", "av", "bin", "bint", "da", "das", "de", "degli", "dei", "del", "della", "den", "der",
    "di", "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "of", "op", "ten", "ter", "und",
    "van", "vom", "von", "y", "zu", "zum", "zur", "ii", "iii", "iv", "jr", "sr",
];

/// Whether it names a device or its model. A model's word alone says nothing.
pub(super) fn is_device(word: &str) -> bool {
    DEVICES.contains(&word)
}

/// Whether it is part of a device's name where one is named.
pub(super) fn is_model(word: &str) -> bool {
    MODELS.contains(&word)
}

/// Whether it says something about a person without naming them.
pub(super) fn is_address(word: &str) -> bool {
    TITLES.contains(&word) || PARTS.contains(&word)
}

/// Whether it is a pronoun.
pub(super) fn is_pronoun(word: &str) -> bool {
    PRONOUNS.contains(&word)
}

/// Whether it is a word of places rather than of people; some are family names too.
pub(super) fn is_place(word: &str) -> bool {
    PLACES.contains(&word)
}

/// Whether it may be missing from a name.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::fold::fold;

    #[test]
    fn the_lists_are_folded() {
        let files = [
            include_str!("words/given.txt"),
            include_str!("words/family.txt"),
            include_str!("words/nicknames.txt"),
        ];
        let lists = [DEVICES, MODELS, TITLES, PRONOUNS, PARTS, PLACES, PARTICLES].concat();
        for word in files.iter().flat_map(|text| text.split_whitespace()).chain(lists) {
            assert_eq!(fold(word), word);
        }
    }

    #[test]
    fn short_forms_stand_for_several_names() {
        assert_eq!(short_for("bill"), ["william"]);
        assert!(short_for("sandy").contains(&"alexandra") && short_for("sandy").contains(&"sandra"));
        assert!(short_for("william").is_empty());
    }
}
