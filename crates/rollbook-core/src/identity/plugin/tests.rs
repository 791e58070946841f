use super::*;
use crate::roster::{Course, Member as Enrolled};

fn user(id: i64, name: &str, email: &str) -> User {
    let (first, last) = name.rsplit_once(' ').unwrap();
    User {
        id,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: email.to_owned(),
        identifier: email.to_owned(),
        ..User::default()
    }
}

fn roster(users: &[User]) -> Roster {
    let course = Course {
        id: 5,
        short_name: "BIO101".to_owned(),
        full_name: "Biology".to_owned(),
        id_number: String::new(),
        is_visible: true,
    };
    let enrol = |user: &User| Enrolled { user: user.clone(), is_active: true, roles: Vec::new() };
    Roster { course, members: users.iter().map(enrol).collect() }
}

fn course() -> Roster {
    roster(&[
        user(12, "Chloé Martin", "chloe@uni.example"),
        user(10, "Anna Berg", "anna@uni.example"),
        user(11, "Ben Ode", "ben@uni.example"),
        user(13, "Ben Ode", "ben2@uni.example"),
    ])
}

fn check_in(course: &Roster, site: Vec<User>, row: (&str, &str, &str), expected: (Option<i64>, &str, u8)) {
    let earlier =
        Earlier::from([("z9".to_owned(), EarlierRow { userid: 77, name: "SOMEBODY ELSE".to_owned() })]);
    let site = SiteUsers::new(site);
    let found = PluginCourse::new(course, &site, Compare::Exact).who(row.0, row.1, row.2, &earlier);
    assert_eq!((found.userid, found.name.as_str(), found.rule), expected, "{row:?}");
}

fn check(row: (&str, &str, &str), expected: (Option<i64>, &str, u8)) {
    check_in(&course(), Vec::new(), row, expected);
}

#[test]
fn a_typed_id_is_believed_though_nobody_has_it() {
    check(("(999999) Anna Berg ", "", ""), (Some(999_999), "Anna Berg", 1));
    check(("(11)Anna Berg", "", "anna@uni.example"), (Some(11), "Anna Berg", 1));
    check(("(11)Berg# Anna", "", ""), (Some(11), "Berg, Anna", 1));
    check(("(11)", "", ""), (None, "(11)", 7));
    check(("(x)Anna", "", ""), (None, "(x)Anna", 7));
    check(("(0)ANNA BERG", "", "anna@uni.example"), (Some(10), "ANNA BERG", 3));
    check(("(99999999999999999999)Q", "", ""), (None, "(99999999999999999999)Q", 7));
}

#[test]
fn what_an_earlier_row_was_taken_for_overrides_everything() {
    check(("Anna Berg", "z9", "anna@uni.example"), (Some(77), "SOMEBODY ELSE", 2));
    check(("(11)Anna Berg", "z9", ""), (Some(77), "SOMEBODY ELSE", 2));
    check(("Anna Berg", "z8", ""), (Some(10), "ANNA BERG", 4));
}

#[test]
fn an_email_of_an_enrolled_user_comes_before_the_name() {
    check(("Ben Ode", "", "ANNA@uni.example"), (Some(10), "ANNA BERG", 3));
}

#[test]
fn the_first_of_two_namesakes_is_taken() {
    check(("ben ode", "", ""), (Some(11), "BEN ODE", 4));
}

#[test]
fn a_namesake_in_the_course_comes_before_the_right_person_outside_it() {
    let outside = vec![user(90, "Anna Berg", "anna.berg@web.example")];
    let row = ("Anna Berg", "", "anna.berg@web.example");
    check_in(&course(), outside.clone(), row, (Some(10), "ANNA BERG", 4));
    check_in(&course(), outside.clone(), ("Annie", "", row.2), (Some(90), "ANNA BERG", 5));
    check_in(&course(), outside, ("Annie", "", "Anna.berg@web.example"), (None, "Annie", 7));
}

#[test]
fn names_are_put_into_upper_case_of_ascii_only() {
    check(("CHLOé MARTIN", "", ""), (Some(12), "CHLOé MARTIN", 4));
    // Not equal, but 92 % alike.
    check(("CHLOÉ MARTIN", "", ""), (Some(12), "CHLOé MARTIN", 6));
}

#[test]
fn names_that_are_alike_are_taken_for_the_same_where_three_are_enrolled() {
    check(("Hanna Berg", "", ""), (Some(10), "ANNA BERG", 6));
    check(("Lecture Hall 3", "", ""), (None, "Lecture Hall 3", 7));
    let two = roster(&[user(10, "Anna Berg", ""), user(11, "Ben Ode", "")]);
    check_in(&two, Vec::new(), ("Hanna Berg", "", ""), (None, "Hanna Berg", 7));
}

#[test]
fn loose_databases_find_emails_in_any_case() {
    let (course, site) = (course(), SiteUsers::new(vec![user(90, "Zoe Zed", "zoe@web.example")]));
    let found = |compare| {
        PluginCourse::new(&course, &site, compare).who("?", "", "ZOE@web.example", &Earlier::new()).userid
    };
    assert_eq!((found(Compare::Exact), found(Compare::Loose)), (None, Some(90)));
}

#[test]
fn a_blank_email_is_that_of_the_user_found() {
    let (course, site) = (course(), SiteUsers::default());
    let email = |name: &str, email: &str| {
        PluginCourse::new(&course, &site, Compare::Exact).who(name, "", email, &Earlier::new()).email
    };
    assert_eq!(email("anna berg", "").as_deref(), Some("anna@uni.example"));
    assert_eq!(email("anna berg", "x@web.example").as_deref(), Some("x@web.example"));
    assert_eq!(email("(12345)Anna", ""), None);
}
