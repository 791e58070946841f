//! What a teacher sees, as Moodle has it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rollbook::web::teaching::{Taught, Teaching};
use rollbook_core::request::Role;
use rollbook_moodle::testing::TestSite;
use rollbook_store::{Login, NewLogin, Store};

fn login(courses: &[&str]) -> Login {
    let mut store = Store::in_memory().unwrap();
    let new = NewLogin {
        name: "ana".to_owned(),
        role: Role::Teacher,
        email: Some("ana@uni.example".to_owned()),
        subject: None,
        courses: courses.iter().map(|course| (*course).to_owned()).collect(),
        password: None,
        is_by_provider: false,
    };
    store.add_login(Timestamp::UNIX_EPOCH, &new).unwrap();
    store.login_named("ana").unwrap().unwrap()
}

fn shown(taught: &Taught) -> (Vec<&str>, Vec<u64>) {
    (taught.courses.iter().map(String::as_str).collect(), taught.own.numbers.iter().copied().collect())
}

async fn a_teacher_sees_the_meetings_of_own_and_named_courses_and_is_out_within_minutes(mut site: TestSite) {
    let (algebra, latin) = (site.course("ALG-1").await, site.course("LAT-1").await);
    for (course, number) in [(algebra, 91), (latin, 92)] {
        site.activity(course, number).await;
    }
    let ana = site.user("Ana", "Lopez", "ana@uni.example").await;
    site.enrol(ana, algebra, "editingteacher").await;
    let teaching = Teaching::at(site.settings.clone(), "default".to_owned());
    let at = |minute: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
    assert_eq!(shown(&*teaching.of(at(0), &login(&[])).await), (vec!["ALG-1"], vec![91]));
    let both = (vec!["ALG-1", "LAT-1"], vec![91, 92]);
    assert_eq!(shown(&*teaching.of(at(0), &login(&["lat-1"])).await), both);
    site.execute("DELETE FROM {role_assignments}").await;
    assert_eq!(shown(&*teaching.of(at(9), &login(&["lat-1"])).await), both, "asked a moment ago");
    let named = (vec!["LAT-1"], vec![92]);
    assert_eq!(shown(&*teaching.of(at(10), &login(&["lat-1"])).await), named);
    assert_eq!(teaching.of(at(10), &login(&["lat-1"])).await.own.account, "default");
    assert_eq!(BTreeSet::from([92]), teaching.of(at(11), &login(&["lat-1"])).await.own.numbers);
}

rollbook_moodle::on_both!(a_teacher_sees_the_meetings_of_own_and_named_courses_and_is_out_within_minutes);
