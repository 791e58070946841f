use rollbook_core::sign_in::FAILURES_FOR;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn login(name: &str, role: Role) -> NewLogin {
    NewLogin {
        name: name.to_owned(),
        role,
        email: Some(format!("{name}@uni.example")),
        subject: None,
        courses: BTreeSet::from(["ALG-1".to_owned()]),
        password: Some("$argon2id$".to_owned()),
        is_by_provider: false,
    }
}

fn session(key: u8, login: i64) -> NewSession {
    NewSession { key: [key; 32], login, csrf: "form".to_owned(), expires_at: at(900) }
}

#[test]
fn a_login_is_found_by_name_email_and_subject() {
    let mut store = Store::in_memory().unwrap();
    let id = store.add_login(at(1), &login("ana", Role::Teacher)).unwrap().unwrap();
    assert_eq!(store.add_login(at(2), &login("ana", Role::Admin)).unwrap(), None);
    let mut ana = store.login_named("ana").unwrap().unwrap();
    assert_eq!((ana.id, ana.role, ana.has_password), (id, Role::Teacher, true));
    assert_eq!(ana.courses, BTreeSet::from(["ALG-1".to_owned()]));
    assert_eq!(store.logins_of_email("ana@uni.example").unwrap(), [ana.clone()]);
    ana.subject = Some("https://id.example 7".to_owned());
    store.update_login(&ana).unwrap();
    assert_eq!(store.login_of_subject("https://id.example 7").unwrap(), Some(ana));
    assert_eq!(store.login_named("ben").unwrap(), None);
}

#[test]
fn a_disabled_login_loses_its_sessions_and_keeps_its_row() {
    let mut store = Store::in_memory().unwrap();
    let ana = store.add_login(at(1), &login("ana", Role::Admin)).unwrap().unwrap();
    let ben = store.add_login(at(1), &login("ben", Role::Viewer)).unwrap().unwrap();
    for (key, login) in [(1, ana), (2, ana), (3, ben)] {
        store.add_session(at(5), &session(key, login)).unwrap();
    }
    assert!(store.has_admin().unwrap());
    assert!(store.set_disabled("ana", Some(at(6))).unwrap());
    assert!(!store.has_admin().unwrap());
    let left: Vec<bool> = (1..=3).map(|key| store.session(&[key; 32]).unwrap().is_some()).collect();
    assert_eq!(left, [false, false, true]);
    assert!(store.set_disabled("ana", None).unwrap() && store.has_admin().unwrap());
    assert!(!store.set_disabled("nobody", None).unwrap());
}

#[test]
fn sessions_are_seen_and_pruned() {
    let mut store = Store::in_memory().unwrap();
    let ana = store.add_login(at(1), &login("ana", Role::Admin)).unwrap().unwrap();
    for key in [1, 2] {
        store.add_session(at(5), &session(key, ana)).unwrap();
    }
    store.touch_session(at(50), &[2; 32]).unwrap();
    assert_eq!(store.session(&[2; 32]).unwrap().unwrap().seen_at, at(50));
    store.prune_sessions(at(60), at(20)).unwrap();
    assert!(store.session(&[1; 32]).unwrap().is_none() && store.session(&[2; 32]).unwrap().is_some());
    store.end_session(&[2; 32]).unwrap();
    assert!(store.session(&[2; 32]).unwrap().is_none());
    assert_eq!(store.login_named("ana").unwrap().unwrap().seen_at, Some(at(5)));
}

#[test]
fn another_password_ends_all_sessions() {
    let mut store = Store::in_memory().unwrap();
    let ana = store.add_login(at(1), &login("ana", Role::Admin)).unwrap().unwrap();
    store.add_session(at(5), &session(1, ana)).unwrap();
    assert!(store.set_password("ana", "$argon2id$new").unwrap());
    assert_eq!(store.password_hash("ana").unwrap().as_deref(), Some("$argon2id$new"));
    assert!(store.session(&[1; 32]).unwrap().is_none());
}

#[test]
fn a_setup_link_makes_one_admin_once() {
    let mut store = Store::in_memory().unwrap();
    store.put_setup_link(&[1; 32], at(100)).unwrap();
    store.put_setup_link(&[2; 32], at(100)).unwrap();
    let ana = login("ana", Role::Admin);
    assert_eq!(store.use_setup_link(at(5), &[1; 32], &ana).unwrap(), None, "an older link");
    assert_eq!(store.use_setup_link(at(100), &[2; 32], &ana).unwrap(), None, "too late");
    assert!(store.use_setup_link(at(99), &[2; 32], &ana).unwrap().is_some());
    assert_eq!(store.use_setup_link(at(99), &[2; 32], &login("ben", Role::Admin)).unwrap(), None, "twice");
}

#[test]
fn a_setup_link_is_worth_nothing_once_there_is_an_admin() {
    let mut store = Store::in_memory().unwrap();
    store.put_setup_link(&[1; 32], at(100)).unwrap();
    store.add_login(at(1), &login("ana", Role::Admin)).unwrap();
    assert!(!store.is_setup_link(at(5), &[1; 32]).unwrap());
}

#[test]
fn tokens_are_found_by_digest_and_end() {
    let mut store = Store::in_memory().unwrap();
    let token = NewToken {
        name: "grafana".to_owned(),
        key: [9; 32],
        scopes: BTreeSet::from([Capability::ReadMetrics, Capability::SeeQuota]),
        created_by: "(shell)".to_owned(),
        expires_at: at(900),
    };
    assert!(store.add_token(at(1), &token).unwrap());
    assert!(!store.add_token(at(1), &NewToken { key: [8; 32], ..token.clone() }).unwrap());
    store.touch_token(at(7), &[9; 32]).unwrap();
    let kept = store.token(&[9; 32]).unwrap().unwrap();
    assert_eq!((kept.scopes.clone(), kept.used_at, kept.revoked_at), (token.scopes, Some(at(7)), None));
    assert!(store.revoke_token(at(8), "grafana").unwrap() && !store.revoke_token(at(9), "grafana").unwrap());
    assert_eq!(store.tokens().unwrap()[0].revoked_at, Some(at(8)));
    assert_eq!(read_scopes("see_quota made_up"), BTreeSet::from([Capability::SeeQuota]));
}

#[test]
fn tries_are_counted_by_name_and_address_until_they_must_wait() {
    let mut store = Store::in_memory().unwrap();
    for _ in 0..5 {
        assert_eq!(store.begin_sign_in(at(10), "ana", "192.0.2.1").unwrap(), Ok(()));
    }
    assert_eq!(store.begin_sign_in(at(10), "ana", "192.0.2.2").unwrap(), Err(at(11)), "from elsewhere too");
    assert_eq!(store.begin_sign_in(at(10), "ben", "192.0.2.1").unwrap(), Ok(()), "another name");
    assert_eq!(store.begin_sign_in(at(11), "ana", "192.0.2.1").unwrap(), Ok(()), "after the wait");
    store.sign_in_was_right("ana", "192.0.2.1").unwrap();
    assert_eq!(store.begin_sign_in(at(11), "ana", "192.0.2.1").unwrap(), Ok(()));
    assert_eq!(store.failures("address 192.0.2.1").unwrap(), Some((7, at(11))));
}

#[test]
fn an_address_that_tries_many_names_must_wait_and_failures_are_forgotten() {
    let mut store = Store::in_memory().unwrap();
    for name in 0..20 {
        assert_eq!(store.begin_sign_in(at(10), &format!("n{name}"), "192.0.2.1").unwrap(), Ok(()));
    }
    assert_eq!(store.begin_sign_in(at(10), "one more", "192.0.2.1").unwrap(), Err(at(11)));
    let later = at(10) + FAILURES_FOR;
    assert_eq!(store.begin_sign_in(later, "one more", "192.0.2.1").unwrap(), Ok(()));
    assert_eq!(store.failures("address 192.0.2.1").unwrap(), Some((1, later)));
}
