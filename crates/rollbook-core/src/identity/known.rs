//! What is known of a course and its site when people are to be told.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::fold;
use super::{Correction, PersonKey};
use crate::roster::{Roster, User};
use crate::stay::Stay;

/// Users of the site outside the course: those whom an e-mail or a correction speaks of. None of them is deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteUsers(Vec<User>);

impl SiteUsers {
    /// Users found on the site; those who are enrolled may be among them.
    pub fn new(users: Vec<User>) -> SiteUsers {
        SiteUsers(users)
    }

    /// All of them.
    pub fn users(&self) -> &[User] {
        &self.0
    }
}

/// E-mails that Zoom told beside a Zoom user id or a registration, in whatever instance: what a guest's blank e-mail
/// here may be known by from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkedEmails(BTreeMap<PersonKey, BTreeSet<String>>);

impl LinkedEmails {
    /// Learns from a stay, whose ids and e-mail Zoom told together.
    pub fn learn(&mut self, stay: &Stay) {
        let Some(email) = stay.email.as_deref().map(address).filter(|email| !email.is_empty()) else {
            return;
        };
        let zoom = stay.zoom_user_id.clone().filter(|id| !id.is_empty()).map(PersonKey::ZoomUser);
        let registrant = stay.registrant_id.clone().filter(|id| !id.is_empty()).map(PersonKey::Registrant);
        for key in zoom.into_iter().chain(registrant) {
            self.0.entry(key).or_default().insert(email.clone());
        }
    }

    /// E-mails told beside an id, in lower case.
    pub fn emails(&self, key: &PersonKey) -> impl Iterator<Item = &str> {
        self.0.get(key).into_iter().flatten().map(String::as_str)
    }

    /// Every e-mail learnt, in lower case: for reading their users from the site.
    pub fn all(&self) -> BTreeSet<&str> {
        self.0.values().flatten().map(String::as_str).collect()
    }
}

/// All that [`super::who`] goes by, made ready once for a course.
#[derive(Debug)]
pub struct Known<'a> {
    /// Everybody enrolled.
    pub roster: &'a Roster,
    /// Decisions by hand.
    pub corrections: &'a BTreeMap<PersonKey, Correction>,
    /// E-mails known by way of ids.
    pub linked: &'a LinkedEmails,
    users: BTreeMap<i64, Place<'a>>,
    by_address: BTreeMap<String, BTreeSet<i64>>,
    by_name: BTreeMap<String, Vec<i64>>,
}

#[derive(Debug)]
struct Place<'a> {
    user: &'a User,
    is_member: bool,
}

impl<'a> Known<'a> {
    /// Makes ready what is known. Suspended users outside the course are left out: they cannot sign in.
    pub fn new(
        roster: &'a Roster,
        site: &'a SiteUsers,
        corrections: &'a BTreeMap<PersonKey, Correction>,
        linked: &'a LinkedEmails,
    ) -> Known<'a> {
        let mut users: BTreeMap<i64, Place<'a>> = site
            .users()
            .iter()
            .filter(|user| !user.is_suspended)
            .map(|user| (user.id, Place { user, is_member: false }))
            .collect();
        users.extend(
            roster
                .members
                .iter()
                .map(|member| (member.user.id, Place { user: &member.user, is_member: true })),
        );
        let mut by_address: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (id, place) in &users {
            for text in [&place.user.email, &place.user.identifier] {
                by_address.entry(address(text)).or_default().insert(*id);
            }
            if place.is_member {
                by_name.entry(fold(&place.user.full_name())).or_default().push(*id);
            }
        }
        by_address.remove("");
        by_name.remove("");
        Known { roster, corrections, linked, users, by_address, by_name }
    }

    /// A user by id, enrolled or found on the site.
    pub fn user(&self, id: i64) -> Option<&'a User> {
        self.users.get(&id).map(|place| place.user)
    }

    /// Whether a user is enrolled in the course.
    pub fn is_member(&self, id: i64) -> bool {
        self.users.get(&id).is_some_and(|place| place.is_member)
    }

    /// Users whose e-mail or identifier is this.
    pub(super) fn at_address(&self, text: &str) -> Vec<&'a User> {
        let ids = self.by_address.get(&address(text)).into_iter().flatten();
        ids.filter_map(|id| self.user(*id)).collect()
    }

    /// Members with this full name, whatever its case.
    pub(super) fn named(&self, name: &str) -> Vec<&'a User> {
        self.by_name.get(&fold(name)).into_iter().flatten().filter_map(|id| self.user(*id)).collect()
    }
}

/// An e-mail or identifier as it is compared: case and blanks around it say nothing.
pub(super) fn address(text: &str) -> String {
    text.trim().to_lowercase()
}
