//! Hosts are people too, and meetings are often called after them (`Ana Díaz's Zoom Meeting`).

use super::alias::{ERASED, MASKED, is_alias};
use super::{Identifier, Veil, is_erased_text};
use crate::instance::Instance;

/// Shorter words of a name (`de`, `Jr`) stand in too many topics to mean anybody.
const WORD_LETTERS: usize = 3;

impl Veil {
    /// Hides who hosted an instance, and a topic that names them; a store without names keeps no topics. Tells whether
    /// something changed. Doing it twice changes nothing.
    pub fn hide_host(&self, instance: &mut Instance) -> bool {
        self.hide_host_if(instance, self.masks)
    }

    /// Hides an erased host, and no other whatever the store keeps by now.
    pub fn hide_erased_host(&self, instance: &mut Instance) -> bool {
        self.hide_host_if(instance, false)
    }

    fn hide_host_if(&self, instance: &mut Instance, masks_all: bool) -> bool {
        let Some(key) = self.key.as_ref().filter(|_| !self.is_open()) else { return false };
        let is_erased = instance.host_email.as_deref().is_some_and(|email| {
            is_erased_text(email) || self.erasure_of(&Identifier::email(email)).is_some()
        });
        if !is_erased && !masks_all {
            return false;
        }
        let before = (instance.topic.clone(), instance.host_name.clone(), instance.host_email.clone());
        if masks_all || instance.topic.as_deref().is_some_and(|topic| names_host(topic, instance)) {
            instance.topic = None;
        }
        let uuid = instance.uuid.clone();
        let (form, scope) = if is_erased { (ERASED, uuid.as_str()) } else { (MASKED, "") };
        let is_done = if is_erased { is_erased_text } else { is_alias };
        for (kind, value) in [("name", &mut instance.host_name), ("email", &mut instance.host_email)] {
            if let Some(value) = value.as_mut().filter(|value| !value.is_empty() && !is_done(value)) {
                *value = key.alias(form, scope, kind, value);
            }
        }
        before != (instance.topic.clone(), instance.host_name.clone(), instance.host_email.clone())
    }
}

impl Instance {
    /// Forgets who hosted it, and a topic that names them.
    pub fn forget_host(&mut self) {
        if self.topic.as_deref().is_some_and(|topic| names_host(topic, self)) {
            self.topic = None;
        }
        (self.host_name, self.host_email) = (None, None);
    }
}

/// Whether a word of the host's name or address stands in a topic.
fn names_host(topic: &str, instance: &Instance) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|symbol: char| !symbol.is_alphanumeric());
        words.map(str::to_lowercase).filter(|word| word.chars().count() >= WORD_LETTERS).collect()
    };
    let local = instance.host_email.as_deref().map(|email| email.split('@').next().unwrap_or_default());
    let told = [instance.host_name.as_deref(), local].into_iter().flatten().filter(|text| !is_alias(text));
    let in_topic = words(topic);
    told.flat_map(words).any(|word| in_topic.contains(&word))
}
