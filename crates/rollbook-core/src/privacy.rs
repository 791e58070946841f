//! Personal data: who was erased, what stands in the place of what was told of them, and a store that keeps no names.
//!
//! What Zoom tells goes through a [`Veil`] before anything is kept. Values are replaced one by one, equal ones by equal
//! ones, so that whatever is counted or compared later (rows, stays, people, Zoom's own count) comes out as before.

use std::collections::{BTreeMap, BTreeSet};

use crate::stay::Stay;

mod alias;
mod fingerprint;
mod host;
mod told;

use alias::ERASED;
pub use alias::is_erased_text;
pub use fingerprint::{Fingerprint, Identifier, Key};
pub use told::{MoodleRow, Personal, Told};

/// What is hidden of what Zoom tells.
#[derive(Debug, Clone, Default)]
pub struct Veil {
    key: Option<Key>,
    /// Whom nothing may be kept of, with the number of their erasure.
    erased: BTreeMap<Fingerprint, i64>,
    /// Nobody's name is kept.
    masks: bool,
}

/// What was found out about erased people while hiding them: it has to be remembered, or they come back by another name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learned {
    /// How many of what was looked at is about somebody erased.
    pub found: usize,
    /// How many of those still told something of them.
    pub hidden: usize,
    /// What else they are known by, not remembered yet, with the number of their erasure.
    pub identifiers: BTreeMap<Fingerprint, i64>,
    /// Some of that holds beyond the one instance, so that others have to be looked through again.
    pub is_wide: bool,
}

impl Veil {
    /// Hides those erased, and with `masks` everybody's name.
    pub fn new(key: Key, erased: BTreeMap<Fingerprint, i64>, masks: bool) -> Veil {
        Veil { key: Some(key), erased, masks }
    }

    /// Whether everything passes as it is.
    pub fn is_open(&self) -> bool {
        !self.masks && self.erased.is_empty()
    }

    /// Whether no names are kept at all.
    pub fn masks(&self) -> bool {
        self.masks
    }

    /// The erasure that an identifier belongs to.
    pub fn erasure_of(&self, identifier: &Identifier) -> Option<i64> {
        let key = self.key.as_ref().filter(|_| !self.erased.is_empty())?;
        self.erased.get(&key.fingerprint(identifier)).copied()
    }

    /// Hides what must not be kept of rows of one instance. Doing it twice changes nothing.
    pub fn hide<T: Personal>(&self, uuid: &str, rows: &mut [T]) -> Learned {
        self.hide_some(uuid, rows, self.masks)
    }

    /// Hides those erased, and nobody else whatever the store keeps by now: what is kept already stays as it is.
    pub fn hide_erased<T: Personal>(&self, uuid: &str, rows: &mut [T]) -> Learned {
        self.hide_some(uuid, rows, false)
    }

    fn hide_some<T: Personal>(&self, uuid: &str, rows: &mut [T], masks_all: bool) -> Learned {
        let mut learned = Learned::default();
        let Some(key) = self.key.as_ref().filter(|_| !self.is_open()) else { return learned };
        for row in rows {
            let mut told = row.told();
            match self.erasure(key, uuid, &told, &mut learned) {
                Some(_) => {
                    learned.found += 1;
                    // In a store without names whoever was erased stood there masked before, and has to look the same.
                    let told_something =
                        told.become_nobody(|kind, value| match self.masks && !alias::is_alias(value) {
                            true => key.alias(ERASED, uuid, kind, &key.alias(alias::MASKED, "", kind, value)),
                            false => key.alias(ERASED, uuid, kind, value),
                        });
                    learned.hidden += usize::from(told_something);
                }
                None if masks_all => {
                    told.become_masked(|kind, value| key.alias(alias::MASKED, "", kind, value));
                }
                None => {}
            }
        }
        learned
    }

    /// Whose erasure a row falls under. What else it says of them is noted.
    fn erasure(&self, key: &Key, uuid: &str, told: &Told<'_>, learned: &mut Learned) -> Option<i64> {
        if self.erased.is_empty() {
            return None;
        }
        let strong = told.strong();
        let prints: Vec<Fingerprint> = strong.iter().map(|one| key.fingerprint(one)).collect();
        let connection = told.connection(uuid).map(|one| key.fingerprint(&one));
        let held = |print: &Fingerprint| self.erased.get(print).copied();
        let proved = prints.iter().find_map(held);
        let guest = || {
            let guest = told.guest(uuid).filter(|_| strong.is_empty())?;
            held(&key.fingerprint(&guest))
        };
        let erasure = proved.or_else(|| connection.as_ref().and_then(held)).or_else(guest)?;
        let mut note = |print: Fingerprint| {
            let is_new = held(&print).is_none();
            if is_new {
                learned.identifiers.insert(print, erasure);
            }
            is_new
        };
        connection.map(&mut note);
        // Only what stands beside a proof is one: a number of a connection alone says little.
        if proved.is_some() {
            let new = prints.into_iter().filter(|print| note(*print)).count();
            learned.is_wide |= new > 0;
        }
        Some(erasure)
    }

    /// Which stays of an instance are an erased person's though nothing in them says so: the same name, never twice at
    /// once, and no identity of their own (the rule of [`crate::person`]). Gives what they are to be known by.
    pub fn kin(&self, uuid: &str, stays: &[Stay]) -> BTreeMap<Fingerprint, i64> {
        let Some(key) = self.key.as_ref().filter(|_| !self.erased.is_empty()) else { return BTreeMap::new() };
        let mut seen: Vec<Stay> = stays.to_vec();
        let mut erasures: Vec<Option<i64>> = Vec::with_capacity(seen.len());
        let mut ignored = Learned::default();
        for stay in &mut seen {
            let told = stay.told();
            erasures.push(self.erasure(key, uuid, &told, &mut ignored));
            // As the erased ones are called by now, so that equal names are equal again.
            if let Some(name) = stay.name.as_mut().filter(|name| !is_erased_text(name)) {
                *name = key.alias(ERASED, uuid, "name", name);
            }
        }
        let mut kin = BTreeMap::new();
        for person in crate::person::people(&seen) {
            let Some(erasure) = person.stays.iter().find_map(|index| erasures[*index]) else { continue };
            for index in person.stays.into_iter().filter(|index| erasures[*index].is_none()) {
                let mut stay = stays[index].clone();
                let told = stay.told();
                let known_by = told.connection(uuid).or_else(|| told.guest(uuid));
                if let Some(known_by) = known_by.filter(|_| told.strong().is_empty()) {
                    kin.insert(key.fingerprint(&known_by), erasure);
                }
            }
        }
        kin
    }

    /// The fingerprints of what somebody is known by, as told and as a masked store writes it.
    pub fn fingerprints(key: &Key, identifier: &Identifier) -> BTreeSet<Fingerprint> {
        let masked = identifier.masked(|kind, value| key.alias(alias::MASKED, "", kind, value));
        [Some(identifier.clone()), masked].into_iter().flatten().map(|one| key.fingerprint(&one)).collect()
    }

    /// The same identifier as it stands in a store that keeps no names; none in others.
    pub fn masked(&self, identifier: &Identifier) -> Option<Identifier> {
        let key = self.key.as_ref().filter(|_| self.masks)?;
        identifier.masked(|kind, value| key.alias(alias::MASKED, "", kind, value))
    }

    /// What stands in place of a text of a kind that is no row's: a host's address, a person who asked for something.
    pub fn text(&self, identifier: &Identifier, text: &str) -> Option<String> {
        let key = self.key.as_ref()?;
        match self.erasure_of(identifier) {
            Some(_) => Some(key.alias(ERASED, "", identifier.kind(), text)),
            None if self.masks => Some(key.alias(alias::MASKED, "", identifier.kind(), text)),
            None => None,
        }
    }
}

impl Stay {
    /// Whether it stands in the place of somebody's who was erased: it counts, and nobody is named by it.
    pub fn is_erased(&self) -> bool {
        let texts = [&self.name, &self.zoom_user_id, &self.email, &self.registrant_id];
        texts.into_iter().flatten().any(|text| is_erased_text(text))
    }

    /// Whether a pseudonym stands where somebody was, erased or in a store that keeps no names: nobody else is to be told.
    pub fn is_nameless(&self) -> bool {
        let texts = [&self.name, &self.zoom_user_id, &self.email, &self.registrant_id];
        texts.into_iter().flatten().any(|text| alias::is_alias(text))
    }
}

#[cfg(test)]
mod tests;
