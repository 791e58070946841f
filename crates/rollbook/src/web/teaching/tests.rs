use rollbook_core::request::Role;

use super::*;

fn login(courses: &[&str]) -> Login {
    Login {
        id: 7,
        name: "ana".to_owned(),
        role: Role::Teacher,
        email: Some("ana@uni.example".to_owned()),
        subject: None,
        courses: courses.iter().map(|course| (*course).to_owned()).collect(),
        is_by_provider: false,
        has_password: true,
        created_at: at(0),
        disabled_at: None,
        seen_at: None,
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(60 * minute).unwrap()
}

/// Moodle's database at a port that nobody answers at.
async fn silent() -> (Teaching, tokio::net::TcpListener) {
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("postgres://rollbook:secret@{}/moodle", held.local_addr().unwrap());
    let listener = held.listen(1).unwrap();
    let settings = DbSettings { url: url.into(), prefix: "mdl_".to_owned(), schema: "public".to_owned() };
    (Teaching::at(settings, "default".to_owned()), listener)
}

fn remember(taught: &[&str], numbers: &[u64], of: &Login) -> Entry {
    let course =
        TaughtCourse { short_name: taught[0].to_owned(), numbers: numbers.iter().copied().collect() };
    Entry {
        at: at(0),
        email: of.email.clone(),
        named: of.courses.clone(),
        taught: Arc::new(super::taught("default", vec![course])),
    }
}

#[tokio::test]
async fn without_moodle_a_teacher_has_the_names_that_were_given_and_no_meetings() {
    let taught = Teaching::default().of(at(0), &login(&["ALG-1"])).await;
    assert_eq!(taught.courses, BTreeSet::from(["ALG-1".to_owned()]));
    assert!(taught.own.numbers.is_empty());
}

#[tokio::test]
async fn what_moodle_said_holds_for_minutes_and_a_day_while_it_is_silent() {
    let (teaching, listener) = silent().await;
    // Whoever comes is sent away at once.
    let door = async {
        loop {
            drop(listener.accept().await.unwrap());
        }
    };
    let asked = async {
        let ana = login(&[]);
        let known = || teaching.0.as_ref().unwrap().known();
        known().of.insert(7, remember(&["ALG-1"], &[91], &ana));
        assert_eq!(teaching.of(at(9), &ana).await.own.numbers, BTreeSet::from([91]));
        assert_eq!(known().not_before, None, "nobody was asked");
        assert_eq!(teaching.of(at(11), &ana).await.own.numbers, BTreeSet::from([91]));
        assert_eq!(known().not_before, Some(at(12)));
        assert!(teaching.of(at(24 * 60), &ana).await.own.numbers.is_empty());
        let changed = login(&["LAT-1"]);
        assert!(teaching.of(at(9), &changed).await.own.numbers.is_empty(), "another course was given");
    };
    tokio::select! {
        () = door => unreachable!("it never ends"),
        () = asked => {}
    }
}
