//! What is known of a course and its site when people are to be told.

use std::collections::{BTreeMap, BTreeSet};

use super::likeness::{MemberName, NamesInCourse};
use super::typed::digits;
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
pub struct LinkedEmails(pub(super) BTreeMap<PersonKey, BTreeSet<String>>);

impl LinkedEmails {
    /// Learns from a stay, whose ids and e-mail Zoom told together.
    pub fn learn(&mut self, stay: &Stay) {
        let Some(email) = stay.email.as_deref().map(address).filter(|email| !email.is_empty()) else {
            return;
        };
        let zoom = stay.zoom_user_id.clone().filter(|id| !id.is_empty()).map(PersonKey::ZoomUser);
        let registrant = stay.registrant_id.clone().filter(|id| !id.is_empty()).map(PersonKey::Registrant);
        for key in zoom.into_iter().chain(registrant) {
            self.link(key, &email);
        }
    }

    /// Learns that Zoom told an e-mail beside an id.
    pub fn link(&mut self, key: PersonKey, email: &str) {
        self.0.entry(key).or_default().insert(address(email));
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
    by_code: BTreeMap<String, BTreeSet<i64>>,
    member_names: Vec<(i64, MemberName)>,
    names: NamesInCourse,
}

#[derive(Debug)]
struct Place<'a> {
    user: &'a User,
    is_member: bool,
}

impl<'a> Known<'a> {
    /// Makes ready what is known. Suspended users outside the course have no address: they cannot sign in. Others outside
    /// it have their e-mail only, as nobody looks for identifiers there. A correction may name any of them.
    pub fn new(
        roster: &'a Roster,
        site: &'a SiteUsers,
        corrections: &'a BTreeMap<PersonKey, Correction>,
        linked: &'a LinkedEmails,
    ) -> Known<'a> {
        let mut users: BTreeMap<i64, Place<'a>> =
            site.users().iter().map(|user| (user.id, Place { user, is_member: false })).collect();
        users.extend(
            roster
                .members
                .iter()
                .map(|member| (member.user.id, Place { user: &member.user, is_member: true })),
        );
        let mut by_address: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for (id, place) in &users {
            let texts: &[&str] = match (place.is_member, place.user.is_suspended) {
                (true, _) => &[&place.user.email, &place.user.identifier],
                (false, false) => &[&place.user.email],
                (false, true) => &[],
            };
            for text in texts {
                by_address.entry(address(text)).or_default().insert(*id);
            }
        }
        by_address.remove("");
        let members = || roster.members.iter().map(|member| &member.user);
        let member_names: Vec<(i64, MemberName)> =
            members().map(|user| (user.id, MemberName::new(user))).collect();
        let mut names = NamesInCourse::default();
        member_names.iter().for_each(|(_, name)| names.learn(name));
        let mut by_code: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for user in members() {
            for code in codes(user, &names) {
                by_code.entry(code).or_default().insert(user.id);
            }
        }
        Known { roster, corrections, linked, users, by_address, by_code, member_names, names }
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

    /// Members with this student number or login name, as typed: letters and digits only, lower case.
    pub(super) fn with_code(&self, code: &str) -> BTreeSet<i64> {
        let exactly = self.by_code.get(code);
        let by_digits = || digits(code).and_then(|digits| self.by_code.get(&digits_key(&digits)));
        exactly.or_else(by_digits).cloned().unwrap_or_default()
    }

    /// Members with their names made ready, by roster order.
    pub(super) fn members(&self) -> impl Iterator<Item = (i64, &MemberName)> {
        self.member_names.iter().map(|(id, name)| (*id, name))
    }

    /// The names there are in the course.
    pub(super) fn names(&self) -> &NamesInCourse {
        &self.names
    }
}

/// Shorter numbers and login names are typed by chance.
const CODE_CHARS_MIN: usize = 5;

/// What a member may type beside a name to say who they are. A login name that is merely somebody's name says nothing
/// more than the name.
fn codes(user: &User, names: &NamesInCourse) -> Vec<String> {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (number, login) = (bare(&user.id_number), bare(&user.username));
    let has_digit = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let mut codes: Vec<String> = [&number, &login]
        .into_iter()
        .filter_map(|code| digits(code))
        .map(|digits| digits_key(&digits))
        .collect();
    codes.extend(Some(number).filter(|number| has_digit(number)));
    codes.extend(Some(login).filter(|login| has_digit(login) || !names.is_name(login)));
    codes.retain(|code| code.chars().count() >= CODE_CHARS_MIN);
    codes
}

/// Digits alone stand beside the whole code: `s1234567` may be typed as `1234567`.
fn digits_key(digits: &str) -> String {
    format!("#{digits}")
}

/// An e-mail or identifier as it is compared: case and blanks around it say nothing.
pub(super) fn address(text: &str) -> String {
    text.trim().to_lowercase()
}
