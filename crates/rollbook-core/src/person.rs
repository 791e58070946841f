//! Who is the same human inside one instance, as far as the rows allow.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::stay::Stay;

/// The rule that ties a person's stays together, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// One Zoom user id.
    ZoomUser,
    /// One registration.
    Registrant,
    /// One e-mail.
    Email,
    /// The same exact name, never twice at once.
    Name,
    /// A single stay; nothing had to be tied.
    Alone,
}

impl Rule {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Rule::ZoomUser => "Zoom user",
            Rule::Registrant => "registrant",
            Rule::Email => "e-mail",
            Rule::Name => "same name",
            Rule::Alone => "one stay",
        }
    }
}

/// The human behind one or more stays of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Indices into the stays given, by join.
    pub stays: Vec<usize>,
    /// The weakest rule that was needed.
    pub rule: Rule,
}

/// Groups stays into people: same Zoom id, else registrant, else e-mail, else exact name unless the stays overlap.
///
/// Withdrawn stays are left out. Two stays whose Zoom ids differ are never one person, whatever their names.
pub fn people(stays: &[Stay]) -> Vec<Person> {
    let mut groups =
        Groups { stays, parent: (0..stays.len()).collect(), rule: vec![Rule::Alone; stays.len()] };
    groups.join_by(Rule::ZoomUser, |stay| stay.zoom_user_id.clone());
    groups.join_by(Rule::Registrant, |stay| stay.registrant_id.clone());
    groups.join_by(Rule::Email, |stay| stay.email.as_ref().map(|email| email.to_lowercase()));
    groups.join_by(Rule::Name, |stay| stay.name.clone());
    groups.into_people()
}

struct Groups<'a> {
    stays: &'a [Stay],
    parent: Vec<usize>,
    rule: Vec<Rule>,
}

impl Groups<'_> {
    fn root(&self, mut index: usize) -> usize {
        while self.parent[index] != index {
            index = self.parent[index];
        }
        index
    }

    fn join_by(&mut self, rule: Rule, key: impl Fn(&Stay) -> Option<String>) {
        let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, stay) in self.stays.iter().enumerate().filter(|(_, stay)| !stay.is_withdrawn) {
            let Some(key) = key(stay).filter(|key| !key.is_empty()) else { continue };
            let heads = by_key.entry(key).or_default();
            match heads.iter().copied().find(|head| self.may_be_one(rule, *head, index)) {
                Some(head) => self.unite(head, index, rule),
                None => heads.push(index),
            }
        }
    }

    fn unite(&mut self, a: usize, b: usize, rule: Rule) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let (low, high) = (a.min(b), a.max(b));
            self.parent[high] = low;
            let weakest = |held: Rule| if held == Rule::Alone { rule } else { held.max(rule) };
            self.rule[low] = weakest(self.rule[low]).max(if self.rule[high] == Rule::Alone {
                rule
            } else {
                self.rule[high]
            });
        }
    }

    fn may_be_one(&self, rule: Rule, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b || rule < Rule::Email {
            return true;
        }
        let members = |root| {
            (0..self.stays.len()).filter(move |i| self.root(*i) == root && !self.stays[*i].is_withdrawn)
        };
        members(a).all(|one| {
            members(b).all(|other| {
                let (one, other) = (&self.stays[one], &self.stays[other]);
                let ids_differ =
                    matches!((&one.zoom_user_id, &other.zoom_user_id), (Some(x), Some(y)) if x != y);
                !ids_differ && (rule != Rule::Name || !overlap(one, other))
            })
        })
    }

    fn into_people(self) -> Vec<Person> {
        let mut by_root: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for index in (0..self.stays.len()).filter(|index| !self.stays[*index].is_withdrawn) {
            by_root.entry(self.root(index)).or_default().push(index);
        }
        by_root
            .into_iter()
            .map(|(root, mut stays)| {
                stays.sort_by_key(|index| (self.stays[*index].joined_at, *index));
                Person { stays, rule: self.rule[root] }
            })
            .collect()
    }
}

/// Whether two stays were there at once. A stay within a breakout room overlaps nothing: its person is still listed
/// in the main room by some endpoints (quirk 25).
fn overlap(a: &Stay, b: &Stay) -> bool {
    if a.is_breakout == Some(true) || b.is_breakout == Some(true) {
        return false;
    }
    let end = |stay: &Stay| stay.left_at.unwrap_or(Timestamp::MAX);
    a.joined_at < end(b) && b.joined_at < end(a)
}

#[cfg(test)]
mod tests;
