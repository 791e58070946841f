use std::collections::BTreeMap;

use super::*;
use crate::identity::{Correction, LinkedEmails, PersonKey, SiteUsers};
use crate::roster::{Course, Member, Roster};

const COURSE: i64 = 5;

/// `"10 Anna Maria|Berg anna@uni.example"`; the words before `|` are given names.
fn user(text: &str) -> User {
    let (id, rest) = text.split_once(' ').unwrap();
    let (first, rest) = rest.split_once('|').unwrap();
    let (last, email) = rest.rsplit_once(' ').unwrap();
    User {
        id: id.parse().unwrap(),
        username: format!("u{id}"),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: email.trim_matches('-').to_owned(),
        identifier: email.trim_matches('-').to_owned(),
        ..User::default()
    }
}

fn roster(users: &[&str]) -> Roster {
    let course = Course {
        id: COURSE,
        short_name: "BIO101".to_owned(),
        full_name: "Biology".to_owned(),
        id_number: String::new(),
        is_visible: true,
    };
    let enrol = |text: &&str| Member { user: user(text), is_active: true, roles: Vec::new() };
    Roster { course, members: users.iter().map(enrol).collect() }
}

struct World {
    roster: Roster,
    site: SiteUsers,
    corrections: BTreeMap<PersonKey, Correction>,
    linked: LinkedEmails,
}

impl World {
    fn new(members: &[&str], site: &[&str]) -> World {
        World {
            roster: roster(members),
            site: SiteUsers::new(site.iter().map(|text| user(text)).collect()),
            corrections: BTreeMap::new(),
            linked: LinkedEmails::default(),
        }
    }

    fn who(&self, sighting: &Sighting) -> Identity {
        who(sighting, &Known::new(&self.roster, &self.site, &self.corrections, &self.linked))
    }
}

/// `"name1|name2;email;zoom;registrant"`.
fn seen(text: &str) -> Sighting {
    let mut parts = text.split(';').map(|part| -> Vec<String> {
        part.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    });
    let mut next = || parts.next().unwrap_or_default();
    Sighting {
        names: next(),
        emails: next(),
        zoom_user_ids: next(),
        registrant_ids: next(),
        is_tied_by_name: false,
    }
}

fn class() -> World {
    World::new(
        &[
            "10 Anna|Berg anna@uni.example",
            "11 Ben|Ode ben@uni.example",
            "12 Chloé|Martin chloe@uni.example",
            "13 Tom|Twin tom1@uni.example",
            "14 Tom|Twin tom2@uni.example",
        ],
        &["90 Anna|Berg anna.berg@web.example", "91 Zed|Quux zed@web.example"],
    )
}

fn check(sighting: &str, user: Option<i64>, confidence: Confidence) {
    let found = class().who(&seen(sighting));
    assert_eq!((found.user, found.confidence), (user, confidence), "{sighting}: {found:?}");
}

#[test]
fn an_email_is_certain_whatever_its_case() {
    check("anything;ANNA@uni.example", Some(10), Confidence::Certain);
    check("Zed;zed@web.example", Some(91), Confidence::Certain);
}

#[test]
fn a_namesake_in_the_course_does_not_beat_the_right_person_outside_it() {
    check("Anna Berg;anna.berg@web.example", Some(90), Confidence::Certain);
}

#[test]
fn two_people_of_one_name_are_never_guessed_apart() {
    check("Tom Twin", None, Confidence::Ambiguous);
    check("Tom Twin;tom2@uni.example", Some(14), Confidence::Certain);
}

#[test]
fn an_exact_name_is_likely_whatever_its_case_and_accents() {
    check("anna berg", Some(10), Confidence::Likely);
    check("CHLOE MARTIN", Some(12), Confidence::Likely);
}

#[test]
fn emails_of_two_people_name_neither() {
    check("Anna Berg;anna@uni.example|ben@uni.example", None, Confidence::Ambiguous);
}

#[test]
fn an_email_that_two_users_have_names_neither() {
    let world = World::new(&["10 Anna|Berg both@uni.example"], &["90 Bo|Berg both@uni.example"]);
    let found = world.who(&seen("Anna Berg;both@uni.example"));
    assert_eq!((found.user, found.confidence), (None, Confidence::Ambiguous));
    assert_eq!(found.candidates.len(), 2);
}
