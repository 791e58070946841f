//! A campus that does not exist: people, courses with namesakes, and what Zoom shows of those who come, with the truth.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rollbook_core::identity::{LinkedEmails, SiteUsers};
use rollbook_core::roster::{Course, Member, Roster, User};

use super::names::{FAMILY, GIVEN};
use super::shown::{Shown, shown};

/// A campus.
pub struct Campus {
    /// All users.
    pub users: Vec<User>,
    /// Courses with those who came.
    pub courses: Vec<CourseDay>,
}

/// A course and one of its sessions.
pub struct CourseDay {
    pub roster: Roster,
    /// Users outside the course who have an e-mail that was seen.
    pub site: SiteUsers,
    pub linked: LinkedEmails,
    pub shown: Vec<Shown>,
}

pub type Dice = ChaCha8Rng;

/// `people` users in courses of realistic sizes, of which everybody takes about three.
pub fn campus(seed: u64, people: usize) -> Campus {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let users: Vec<User> = users(&mut dice, people);
    let mut courses = Vec::new();
    let mut places = 0;
    while places < people * 3 {
        let size = match dice.random_range(0..100) {
            0..60 => dice.random_range(12..30),
            60..85 => dice.random_range(30..80),
            _ => dice.random_range(80..400),
        };
        places += size;
        let id = i64::try_from(courses.len()).unwrap() + 1;
        courses.push(course_day(&mut dice, id, size, &users));
    }
    Campus { users, courses }
}

fn users(dice: &mut Dice, people: usize) -> Vec<User> {
    let mut users: Vec<User> = Vec::with_capacity(people);
    for at in 0..people {
        let id = 100 + i64::try_from(at).unwrap();
        let mut user = new_user(dice, id);
        match dice.random_range(0..1000) {
            // A namesake, letter for letter.
            0..15 if at > 0 => {
                let other = &users[dice.random_range(0..at)];
                (user.first_name, user.last_name) = (other.first_name.clone(), other.last_name.clone());
            }
            // Somebody who shares an e-mail.
            15..20 if at > 0 => {
                user.email = users[dice.random_range(0..at)].email.clone();
                user.identifier = user.email.clone();
            }
            _ => {}
        }
        users.push(user);
    }
    users
}

fn new_user(dice: &mut Dice, id: i64) -> User {
    let mut first = common(dice, GIVEN);
    if dice.random_bool(0.2) {
        let second = common(dice, GIVEN);
        if second != first {
            first = format!("{first} {second}");
        }
    }
    let mut last = common(dice, FAMILY);
    if dice.random_bool(0.05) {
        last = format!("{last}-{}", common(dice, FAMILY));
    }
    let email = format!("{}.{id}@uni.example", ascii(&first).to_lowercase());
    User {
        id,
        username: format!("k{:07}", 1_000_000 + id * 37),
        id_number: if dice.random_bool(0.9) { format!("s{:07}", 2_000_000 + id * 53) } else { String::new() },
        identifier: email.clone(),
        email,
        first_name: first,
        last_name: last,
        ..User::default()
    }
}

/// Some names are frequent: the lower the roll, the more so.
fn common(dice: &mut Dice, names: &[&str]) -> String {
    let roll: f64 = dice.random::<f64>().powf(1.5);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = ((roll * names.len() as f64) as usize).min(names.len() - 1);
    // Spread over the alphabet, so that the frequent ones are not all under A.
    names[(at * 89) % names.len()].to_owned()
}

fn course_day(dice: &mut Dice, id: i64, size: usize, users: &[User]) -> CourseDay {
    let mut members: BTreeMap<i64, User> = BTreeMap::new();
    while members.len() < size.min(users.len()) {
        let user = users.choose(dice).unwrap();
        members.insert(user.id, user.clone());
        // Namesakes like to sit together in tests.
        if dice.random_bool(0.02) {
            let namesake =
                users.iter().find(|other| other.id != user.id && other.full_name() == user.full_name());
            members.extend(namesake.map(|other| (other.id, other.clone())));
        }
    }
    let course = Course {
        id,
        short_name: format!("C{id}"),
        full_name: format!("Course {id}"),
        id_number: String::new(),
        is_visible: true,
    };
    let enrol = |user: User| Member { user, is_active: true, roles: vec!["student".to_owned()] };
    let roster = Roster { course, members: members.into_values().map(enrol).collect() };
    let mut linked = LinkedEmails::default();
    let shown = shown(dice, &roster, users, &mut linked);
    let emails: BTreeSet<String> = shown
        .iter()
        .flat_map(|shown| shown.sighting.emails.iter().map(|email| email.to_lowercase()))
        .chain(linked.all().into_iter().map(str::to_owned))
        .collect();
    let is_outside =
        |user: &&User| emails.contains(&user.email.to_lowercase()) && roster.member(user.id).is_none();
    let site = SiteUsers::new(users.iter().filter(is_outside).cloned().collect());
    CourseDay { roster, site, linked, shown }
}

/// Only ASCII letters, for e-mails.
pub fn ascii(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric()).collect()
}

/// One of several, by weight.
pub fn pick<'a, T>(dice: &mut impl Rng, weighted: &'a [(u32, T)]) -> &'a T {
    let total: u32 = weighted.iter().map(|(weight, _)| weight).sum();
    let mut roll = dice.random_range(0..total);
    for (weight, item) in weighted {
        if roll < *weight {
            return item;
        }
        roll -= weight;
    }
    unreachable!("the roll is below the sum of the weights")
}
