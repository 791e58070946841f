use std::collections::BTreeMap;

use super::*;
use crate::identity::{Correction, LinkedEmails, PersonKey, SiteUsers};
use crate::roster::{Course, Member, Roster, User};

const COURSE: i64 = 5;

/// `"10;Anna Maria;Berg;anna@uni.example;student number;alternate name"`, what is missing at the end is empty.
pub(super) fn user(text: &str) -> User {
    let words: Vec<&str> = text.split(';').collect();
    let word = |at: usize| words.get(at).copied().unwrap_or_default().to_owned();
    User {
        id: word(0).parse().unwrap(),
        username: format!("u{}", word(0)),
        first_name: word(1),
        last_name: word(2),
        email: word(3),
        identifier: word(3),
        id_number: word(4),
        alternate_name: word(5),
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

#[derive(Debug)]
pub(super) struct World {
    pub roster: Roster,
    pub site: SiteUsers,
    pub corrections: BTreeMap<PersonKey, Correction>,
    linked: LinkedEmails,
}

impl World {
    pub fn new(members: &[&str], site: &[&str]) -> World {
        World {
            roster: roster(members),
            site: SiteUsers::new(site.iter().map(|text| user(text)).collect()),
            corrections: BTreeMap::new(),
            linked: LinkedEmails::default(),
        }
    }

    pub fn who(&self, sighting: &Sighting) -> Identity {
        who(sighting, &Known::new(&self.roster, &self.site, &self.corrections, &self.linked))
    }
}

/// `"name1|name2;email;zoom;registrant"`.
pub(super) fn seen(text: &str) -> Sighting {
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
            "10;Anna;Berg;anna@uni.example;s1234567",
            "11;Ben;Ode;ben@uni.example;s7654321",
            "12;Chloé;Martin;chloe@uni.example",
            "13;Tom;Twin;tom1@uni.example;s5550001",
            "14;Tom;Twin;tom2@uni.example;s5550002",
            "15;Alexander;von Weißenfels;alex@uni.example",
            "16;María José;García López;maria@uni.example",
            "17;Ольга;Иванова;olga@uni.example",
            "18;伟;王;wei@uni.example",
            "19;William;O'Connor;will@uni.example;;Liam",
            "20;Jean-Pierre;Lefèvre;jp@uni.example",
            "21;Katharina;Wiśniewska;kat@uni.example",
            "22;Jürgen;Müller;jm@uni.example",
        ],
        &["90;Anna;Berg;anna.berg@web.example", "91;Zed;Quux;zed@web.example"],
    )
}

fn check(sighting: &str, user: Option<i64>, confidence: Confidence) {
    let found = class().who(&seen(sighting));
    assert_eq!((found.user, found.confidence), (user, confidence), "{sighting}: {found:?}");
}

fn likely(name: &str, user: i64) {
    check(name, Some(user), Confidence::Likely);
}

fn ambiguous(name: &str, candidates: &[i64]) {
    let found = class().who(&seen(name));
    let told: Vec<i64> = found.candidates.iter().map(|candidate| candidate.user).collect();
    assert_eq!((found.confidence, told.as_slice()), (Confidence::Ambiguous, candidates), "{name}: {found:?}");
    assert_eq!(found.user, None);
}

fn stranger(name: &str) {
    let found = class().who(&seen(name));
    assert_eq!((found.confidence, found.rule), (Confidence::Unknown, "name"), "{name}: {found:?}");
}

fn nameless(name: &str) {
    let found = class().who(&seen(name));
    assert!(found.confidence == Confidence::Unknown && found.is_nameless(), "{name}: {found:?}");
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
    ambiguous("Tom Twin", &[13, 14]);
    ambiguous("Twin# Tom (he/him)", &[13, 14]);
    check("Tom Twin;tom2@uni.example", Some(14), Confidence::Certain);
    likely("Tom Twin s5550002", 14);
    likely("(13)Tom Twin", 13);
}

#[test]
fn a_name_is_known_whatever_order_case_accents_and_hyphens() {
    for (name, user) in [
        ("anna berg", 10),
        ("BERG Anna", 10),
        ("Berg# Anna", 10),
        ("Berg, Anna", 10),
        ("AnnaBerg", 10),
        ("anna.berg", 10),
        ("Anna\u{a0}\u{200b}Berg", 10),
        ("CHLOE MARTIN", 12),
        ("Chloe\u{301} Martin", 12),
        ("Alexander von Weissenfels", 15),
        ("Alexander Weißenfels", 15),
        ("weissenfels alexander", 15),
        ("Maria Jose Garcia Lopez", 16),
        ("ОЛЬГА ИВАНОВА", 17),
        ("王伟", 18),
        ("王 伟", 18),
        ("William OConnor", 19),
        ("William O\u{2019}Connor", 19),
        ("Jean Pierre Lefevre", 20),
        ("Juergen Mueller", 22),
        ("jurgen muller", 22),
    ] {
        likely(name, user);
    }
}

#[test]
fn what_stands_beside_a_name_does_not_hide_it() {
    for (name, user) in [
        ("Anna Berg (she/her)", 10),
        ("Anna Berg she/her", 10),
        ("Anna Berg (Annie)", 10),
        ("Anna (Annie) Berg", 10),
        ("Annie (Anna) Berg", 10),
        ("Sparky (Anna Berg)", 10),
        ("Anna Berg | Uni Graz", 10),
        ("Anna Berg - Group 3", 10),
        ("Gruppe 3 - Anna Berg", 10),
        ("[BIO] Anna Berg", 10),
        ("Dr. Anna Berg, MSc", 10),
        ("s1234567 Anna Berg", 10),
        ("Anna Berg 1234567", 10),
        ("01234567_Anna_Berg", 10),
        ("Anna Berg 2", 10),
        ("Anna Berg 🎉", 10),
        ("iPhone von Anna Berg", 10),
        ("Anna Berg's iPhone 13", 10),
        ("Anna Bergs MacBook Pro", 10),
        ("Anna Berg (iPad)", 10),
        ("Student Anna Berg", 10),
        ("anna.berg@web.example", 10),
        ("Maria (Garcia)", 16),
        ("Anna \u{201c}Annie\u{201d} Berg", 10),
    ] {
        likely(name, user);
    }
}

#[test]
fn parts_short_forms_initials_and_other_alphabets_name_whom_they_fit_alone() {
    for (name, user) in [
        ("Maria Garcia", 16),
        ("María López", 16),
        ("Anna Maria Berg", 10),
        ("Jean Lefevre", 20),
        ("Alex Weissenfels", 15),
        ("Alex von Weißenfels", 15),
        ("Liam O'Connor", 19),
        ("Bill O'Connor", 19),
        ("Kathi Wisniewska", 21),
        ("Anna B.", 10),
        ("A. Berg", 10),
        ("Anna M. Berg", 10),
        ("Olga Ivanova", 17),
        ("Ivanova Olga", 17),
    ] {
        likely(name, user);
    }
}

#[test]
fn slips_are_seen_through_where_nothing_else_is_near() {
    for (name, user) in [
        ("Kathraina Wisniewska", 21),
        ("Katharina Wisniweska", 21),
        ("Katharina Wisnewska", 21),
        ("Alexnader von Weissenfels", 15),
        ("Wisniewska Katharian", 21),
    ] {
        likely(name, user);
    }
}

#[test]
fn names_that_differ_by_a_letter_are_different_names() {
    ambiguous("Hanna Berg", &[10]);
    ambiguous("Ana Berg", &[10]);
    ambiguous("Anna Borg", &[10]);
    ambiguous("Anne Berg", &[10]);
    ambiguous("Katrina Wisniewska", &[21]);
    stranger("Tim Berg");
    stranger("Anna Schmidt");
    let both = World::new(&["10;Anna;Berg", "11;Hanna;Berg"], &[]);
    assert_eq!(both.who(&seen("Anna Berg")).user, Some(10));
    assert_eq!(both.who(&seen("hanna berg")).user, Some(11));
    assert_eq!(both.who(&seen("A. Berg")).user, Some(10));
}

#[test]
fn a_single_name_names_nobody() {
    ambiguous("Anna", &[10]);
    ambiguous("Annas iPhone", &[10]);
    ambiguous("Berg", &[10]);
    ambiguous("Tom", &[13, 14]);
}

#[test]
fn rooms_devices_and_telephones_are_nobody() {
    for name in [
        "Lecture Hall 3",
        "Hörsaal 3",
        "iPhone",
        "iPad (2)",
        "Galaxy S21",
        "+43 660 1234567",
        "Call-In User_1",
        "",
        "🎉",
        "Sparky",
        "Guest",
        "Zoom Room",
        "SM-G991B",
        "Host",
    ] {
        nameless(name);
    }
    stranger("Zed Quux");
    stranger("Dr. Zed Quux (he/him)");
}

#[test]
fn a_typed_id_is_believed_only_of_somebody_enrolled_who_has_that_name() {
    likely("(10)Anna Berg", 10);
    likely("(10)Annie", 10);
    likely("(10) iPad", 10);
    ambiguous("(10)Ben Ode", &[11, 10]);
    ambiguous("(10)Zed Quux", &[10]);
    likely("(999)Anna Berg", 10);
    nameless("(999)iPad");
    // The namesake outside the course.
    ambiguous("(90)Anna Berg", &[10, 90]);
    ambiguous("(10)Anna Berg s7654321", &[10, 11]);
    check("(11)Ben Ode;anna@uni.example", Some(10), Confidence::Likely);
    check("(11)Anna Berg;anna@uni.example", Some(10), Confidence::Certain);
}

#[test]
fn a_student_number_says_who_it_is_unless_the_name_is_another_s() {
    likely("s1234567", 10);
    likely("1234567 Annie", 10);
    likely("1234567", 10);
    ambiguous("s1234567 Ben Ode", &[11, 10]);
    ambiguous("s1234567 Zed Quux", &[10]);
    ambiguous("s1234567 s7654321", &[10, 11]);
    // Made like hers, but not hers: a namesake.
    ambiguous("s9999999 Anna Berg", &[10]);
    likely("Anna Berg 2024", 10);
}

#[test]
fn two_names_in_one_are_nobody_s() {
    ambiguous("Anna Berg & Ben Ode", &[10, 11]);
    ambiguous("Ben Ode (Anna Berg)", &[10, 11]);
    ambiguous("Anna Berg|Ben Ode", &[10, 11]);
    likely("Anna Berg|iPad", 10);
    check("Zed|Anna Berg", Some(10), Confidence::Likely);
}

#[test]
fn exact_names_come_before_the_same_letters() {
    let world = World::new(&["10;James;Thomas", "11;Thomas;James", "12;Ana;Muller", "13;Ana;Müller"], &[]);
    for (name, user) in [
        ("James Thomas", 10),
        ("Thomas James", 11),
        ("Thomas, James", 10),
        ("ana müller", 13),
        ("Ana Muller", 12),
    ] {
        assert_eq!(world.who(&seen(name)).user, Some(user), "{name}");
    }
    assert_eq!(world.who(&seen("Muller Ana")).confidence, Confidence::Ambiguous);
    assert_eq!(world.who(&seen("James.Thomas")).confidence, Confidence::Ambiguous);
}

#[test]
fn a_name_that_fits_two_is_ambiguous_however_it_fits() {
    let world = World::new(
        &[
            "10;Anna Maria;Berg",
            "11;Anna Sofia;Berg",
            "12;Alexander;Ode",
            "13;Alexandra;Ode",
            "14;Alexa;Stein",
            "15;Martina;Kranzler",
        ],
        &[],
    );
    for name in ["Anna Berg", "A. Berg", "Alex Ode", "A. Ode"] {
        assert_eq!(world.who(&seen(name)).confidence, Confidence::Ambiguous, "{name}");
    }
    assert_eq!(world.who(&seen("Anna M. Berg")).user, Some(10));
    assert_eq!(world.who(&seen("Maria Berg")).user, Some(10));
    assert_eq!(world.who(&seen("Anna Lena Berg")).user, None);
}

#[test]
fn emails_of_two_people_name_neither() {
    ambiguous("Anna Berg;anna@uni.example|ben@uni.example", &[10, 11]);
}

#[test]
fn an_email_that_two_users_have_names_neither() {
    let members = ["10;Anna;Berg;both@uni.example"];
    let world = World::new(&members, &["90;Bo;Berg;both@uni.example"]);
    let found = world.who(&seen("Anna Berg;both@uni.example"));
    assert_eq!((found.user, found.confidence), (None, Confidence::Ambiguous));
    assert_eq!(found.candidates.len(), 2);
    // Unless the other cannot even sign in.
    let mut gone = user("90;Bo;Berg;both@uni.example");
    gone.is_suspended = true;
    let world = World { site: SiteUsers::new(vec![gone]), ..World::new(&members, &[]) };
    assert_eq!(world.who(&seen("Anna Berg;both@uni.example")).confidence, Confidence::Certain);
}

#[test]
fn a_correction_may_name_somebody_outside_who_is_suspended() {
    let mut gone = user("90;Bo;Berg;bo@uni.example");
    gone.is_suspended = true;
    let mut world =
        World { site: SiteUsers::new(vec![gone]), ..World::new(&["10;Anna;Berg;anna@uni.example"], &[]) };
    world.corrections.insert("email:anna@uni.example".parse().unwrap(), Correction::User(90));
    assert_eq!(world.who(&seen("Anna Berg;anna@uni.example")).user, Some(90));
    assert_eq!(world.who(&seen("Zed Quux;bo@uni.example")).user, None);
}

#[test]
fn an_outsider_is_found_by_e_mail_only_whoever_else_was_read() {
    let mut other = user("90;Bo;Berg;bo@uni.example");
    other.identifier = "bo@zoom.example".to_owned();
    let world =
        World { site: SiteUsers::new(vec![other]), ..World::new(&["10;Anna;Berg;anna@uni.example"], &[]) };
    assert_eq!(world.who(&seen("Zed Quux;bo@zoom.example")).user, None);
    assert_eq!(world.who(&seen("Zed Quux;bo@uni.example")).user, Some(90));
}

#[test]
fn somebody_else_s_name_on_one_s_own_account_is_not_certain() {
    check("Ben Ode;anna@uni.example", Some(10), Confidence::Likely);
    check("Ben Ode|Anna;anna@uni.example", Some(10), Confidence::Certain);
    check("Zed Quux;anna@uni.example", Some(10), Confidence::Certain);
}

#[test]
fn a_registration_is_known_by_the_email_told_elsewhere() {
    let mut world = class();
    world.linked.0.insert(PersonKey::Registrant("r1".to_owned()), ["ben@uni.example".to_owned()].into());
    world.linked.0.insert(
        PersonKey::ZoomUser("z1".to_owned()),
        ["anna@uni.example".to_owned(), "anna@gone.example".to_owned()].into(),
    );
    world.linked.0.insert(
        PersonKey::ZoomUser("z2".to_owned()),
        ["anna@uni.example".to_owned(), "ben@uni.example".to_owned()].into(),
    );
    for (sighting, user, confidence, rule) in [
        ("iPhone;;;r1", Some(11), Confidence::Certain, "registrant"),
        ("iPhone;;z1", Some(10), Confidence::Certain, "Zoom user"),
        ("iPhone;;z2", None, Confidence::Ambiguous, "Zoom user"),
        ("iPhone;chloe@uni.example;z2", Some(12), Confidence::Certain, "e-mail"),
    ] {
        let found = world.who(&seen(sighting));
        assert_eq!((found.user, found.confidence, found.rule), (user, confidence, rule), "{sighting}");
    }
}

#[test]
fn the_site_s_identifier_is_certain_as_an_email_is() {
    let mut world = class();
    world.roster.members[0].user.identifier = "ab123@login.example".to_owned();
    let found = world.who(&seen("?;AB123@login.example"));
    assert_eq!((found.user, found.confidence, found.rule), (Some(10), Confidence::Certain, "identifier"));
}

#[test]
fn stays_that_a_name_alone_ties_to_an_email_do_not_inherit_its_certainty() {
    let tied = Sighting { is_tied_by_name: true, ..seen("Anna Berg;anna@uni.example") };
    let found = class().who(&tied);
    assert_eq!((found.user, found.confidence), (Some(10), Confidence::Likely));
}

fn corrected(key: &str, correction: Correction, sighting: &str) -> Identity {
    let mut world = class();
    world.corrections.insert(key.parse().unwrap(), correction);
    world.who(&seen(sighting))
}

#[test]
fn a_correction_by_hand_wins() {
    let by = |key, correction, sighting| {
        let found = corrected(key, correction, sighting);
        assert_eq!(found.rule, "correction");
        (found.user, found.confidence)
    };
    let ben = Correction::User(11);
    assert_eq!(
        by("email:anna@uni.example", ben, "Anna Berg;Anna@uni.example"),
        (Some(11), Confidence::Certain)
    );
    assert_eq!(by("zoom:z1", ben, "Anna Berg;anna@uni.example;z1"), (Some(11), Confidence::Certain));
    assert_eq!(by("registrant:r1", Correction::Nobody, "Anna Berg;;;r1"), (None, Confidence::Certain));
    assert_eq!(by("name:5:Anna Berg", ben, "Anna Berg"), (Some(11), Confidence::Likely));
    assert_eq!(by("name:5:iPhone", Correction::User(91), "iPhone"), (Some(91), Confidence::Likely));
    assert!(!corrected("name:5:iPhone", Correction::Nobody, "iPhone").is_doubtful());
}

#[test]
fn a_correction_of_a_name_is_not_about_somebody_who_proves_to_be_another() {
    let found = corrected("name:5:iPhone", Correction::User(11), "iPhone;anna@uni.example");
    assert_eq!((found.user, found.rule), (Some(10), "e-mail"));
    // Nor about another course.
    assert_eq!(corrected("name:6:iPhone", Correction::User(11), "iPhone").user, None);
}

#[test]
fn a_correction_never_names_somebody_who_is_gone() {
    let found = corrected("zoom:z1", Correction::User(4711), "Anna Berg;anna@uni.example;z1");
    assert_eq!((found.user, found.confidence, found.rule), (None, Confidence::Unknown, "correction"));
    assert!(found.evidence.contains("4711") && found.is_doubtful());
}
