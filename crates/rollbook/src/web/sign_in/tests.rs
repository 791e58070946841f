use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use rollbook_core::access::Capability;
use rollbook_core::request::Role;
use rollbook_core::sign_in::{IDLE_FOR_MAX, SIGNED_IN_FOR_MAX};

use super::*;
use crate::config::ServeConfig;
use crate::web::tests::site::{NOW, PASSWORD, Site, browser};

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

async fn get(site: &Site, path: &str, cookie: &str) -> u16 {
    site.send(browser("GET", path, cookie).body(Body::empty()).unwrap()).await.status
}

async fn with_token(site: &Site, token: &str) -> u16 {
    let request = Request::get("/api/v1/today").header("authorization", format!("Bearer {token}"));
    site.send(request.body(Body::empty()).unwrap()).await.status
}

#[tokio::test]
async fn a_password_signs_in_and_a_sign_out_ends_it() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    let answer = site.sign_in("Ana", PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let set = answer.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Secure"), "{set}");
    let cookie = answer.cookie();
    assert_eq!(get(&site, "/", &cookie).await, 200);
    let csrf = csrf_of(&site, &cookie);
    let out = browser("POST", "/sign-out", &cookie).body(format!("csrf={csrf}").into()).unwrap();
    assert_eq!(site.send(out).await.status, 303);
    assert_eq!(get(&site, "/", &cookie).await, 303, "to the sign-in page");
    assert_eq!(site.store().audit(None, 9).unwrap()[0].1.action, "sign_in");
}

fn csrf_of(site: &Site, cookie: &str) -> String {
    let secret = cookie.split_once('=').unwrap().1;
    site.store().session(&secret::digest(secret)).unwrap().unwrap().csrf
}

#[tokio::test]
async fn a_new_sign_in_has_a_new_secret_and_ends_the_one_before() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    let first = site.sign_in("ana", PASSWORD).await.cookie();
    let form = format!("name=ana&password={}", PASSWORD.replace(' ', "+"));
    let again = browser("POST", "/sign-in", &first).body(form.into()).unwrap();
    let second = site.send(again).await.cookie();
    assert_ne!(first, second);
    assert_eq!((get(&site, "/", &first).await, get(&site, "/", &second).await), (303, 200));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    site.login("ben", Role::Admin);
    site.store().set_disabled("ben", Some(now())).unwrap();
    let mut bodies = Vec::new();
    for (name, password) in [("ana", "wrong"), ("zoe", PASSWORD), ("ben", PASSWORD), ("a b", PASSWORD)] {
        let answer = site.sign_in(name, password).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, ""), "{name}");
        bodies.push(answer.body.replace(&format!("value=\"{name}\""), ""));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn after_some_failures_even_the_right_password_must_wait_and_a_restart_forgets_nothing() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    for _ in 0..5 {
        assert_eq!(site.sign_in("ana", "wrong").await.status, 401);
    }
    let later = Site::again(&site, now());
    let answer = later.sign_in("ana", PASSWORD).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
    let after = Site::again(&site, now() + SignedDuration::from_secs(9));
    assert_eq!(after.sign_in("ana", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_the_login_is_disabled() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    let cookie = site.sign_in("ana", PASSWORD).await.cookie();
    let at = |after: SignedDuration| Site::again(&site, now() + after);
    let hour = SignedDuration::from_hours(1);
    assert_eq!(get(&at(IDLE_FOR_MAX + hour), "/", &cookie).await, 303, "idle");
    let mut passed = SignedDuration::ZERO;
    while passed + IDLE_FOR_MAX - hour < SIGNED_IN_FOR_MAX {
        passed += IDLE_FOR_MAX - hour;
        assert_eq!(get(&at(passed), "/", &cookie).await, 200, "used all the time");
    }
    assert_eq!(get(&at(SIGNED_IN_FOR_MAX), "/", &cookie).await, 303, "a week old");
    let cookie = site.sign_in("ana", PASSWORD).await.cookie();
    assert_eq!(get(&site, "/", &cookie).await, 200);
    site.store().set_disabled("ana", Some(now())).unwrap();
    assert_eq!(get(&site, "/", &cookie).await, 303, "disabled");
}

#[tokio::test]
async fn what_a_page_loads_by_itself_keeps_nobody_signed_in() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    let cookie = site.sign_in("ana", PASSWORD).await.cookie();
    let later = Site::again(&site, now() + IDLE_FOR_MAX - SignedDuration::from_secs(1));
    let mut live = browser("GET", "/", &cookie).body(Body::empty()).unwrap();
    live.headers_mut().insert("sec-fetch-mode", "cors".parse().unwrap());
    assert_eq!(later.send(live).await.status, 200);
    assert_eq!(get(&Site::again(&site, now() + IDLE_FOR_MAX), "/", &cookie).await, 303);
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_ends() {
    let site = Site::new();
    let later = now() + SignedDuration::from_hours(1);
    let good = site.token("good", &[Capability::SeeOverview], later);
    let other = site.token("other", &[Capability::ReadMetrics], later);
    let old = site.token("old", &[Capability::SeeOverview], now());
    let revoked = site.token("revoked", &[Capability::SeeOverview], later);
    site.store().revoke_token(now(), "revoked").unwrap();
    for (token, status) in [(&good, 200), (&other, 403), (&old, 401), (&revoked, 401)] {
        assert_eq!(with_token(&site, token).await, status, "{token}");
    }
    assert_eq!(with_token(&site, "rollbook_made_up").await, 401);
    assert_eq!(site.store().tokens().unwrap()[0].used_at, Some(now()));
}

#[tokio::test]
async fn a_form_of_another_site_or_session_does_nothing() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    let cookie = site.sign_in("ana", PASSWORD).await.cookie();
    let csrf = csrf_of(&site, &cookie);
    let ours = || browser("POST", "/sign-out", &cookie);
    let good = || Body::from(format!("csrf={csrf}"));
    let mut foreign = ours().body(good()).unwrap();
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    let mut elsewhere = ours().body(good()).unwrap();
    elsewhere.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let mut silent = ours().body(good()).unwrap();
    silent.headers_mut().remove("origin");
    silent.headers_mut().remove("sec-fetch-site");
    let cases = [
        ("another site", foreign),
        ("another origin", elsewhere),
        ("no origin", silent),
        ("no token", ours().body(Body::empty()).unwrap()),
        ("another's token", ours().body("csrf=guess".into()).unwrap()),
    ];
    for (what, request) in cases {
        assert_eq!(site.send(request).await.status, 403, "{what}");
    }
    let header = ours().header("x-csrf-token", &csrf).body(Body::empty()).unwrap();
    assert_eq!(site.send(header).await.status, 303);
}

#[tokio::test]
async fn a_name_of_another_site_that_leads_here_shows_nothing() {
    let site = Site::new();
    site.login("ana", Role::Admin);
    let cookie = site.sign_in("ana", PASSWORD).await.cookie();
    let mut request = browser("GET", "/", &cookie).body(Body::empty()).unwrap();
    request.headers_mut().insert("host", "evil.example".parse().unwrap());
    assert_eq!(site.send(request).await.status, 421);
}

#[tokio::test]
async fn by_https_the_cookie_is_bound_to_the_host_and_https_stays() {
    let public_url = Some("https://rollbook.uni.example".parse().unwrap());
    let site = Site::with(ServeConfig { public_url, ..ServeConfig::default() });
    site.login("ana", Role::Admin);
    let form = format!("name=ana&password={}", PASSWORD.replace(' ', "+"));
    let mut request = browser("POST", "/sign-in", "").body(form.into()).unwrap();
    request.headers_mut().insert("host", "rollbook.uni.example".parse().unwrap());
    request.headers_mut().insert("origin", "https://rollbook.uni.example".parse().unwrap());
    let answer = site.send(request).await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-rollbook=") && set.ends_with("; Secure"), "{set}");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let site = Site::new();
    let page = site.get_as(Role::Admin, "/").await;
    for (name, says) in [
        ("content-security-policy", "default-src 'none'; script-src 'self'"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert!(page.header(name).contains(says), "{name}: {}", page.header(name));
    }
    assert_eq!(page.header("strict-transport-security"), "", "not where there is no https");
    let style = crate::web::assets::links().style;
    assert!(site.get_as(Role::Viewer, style).await.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_the_form_and_back() {
    let site = Site::new();
    let ask = browser("GET", "/?day=1&x=//y", "").body(Body::empty()).unwrap();
    let led = site.send(ask).await;
    assert_eq!(led.status, 303);
    assert_eq!(led.header("location"), "/sign-in?to=%2F%3Fday%3D1%26x%3D%2F%2Fy");
    let form = site.send(browser("GET", led.header("location"), "").body(Body::empty()).unwrap()).await;
    assert!(form.body.contains("/?day=1&#38;x=//y"), "{}", form.body);
}

#[test]
fn it_leads_to_no_other_host() {
    let check = |to: &str, expected: &str| assert_eq!(safe_path(Some(to)), expected, "{to}");
    check("/meetings?day=1", "/meetings?day=1");
    for other in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/\nx"] {
        check(other, "/");
    }
    assert_eq!(safe_path(None), "/");
}

#[tokio::test]
async fn the_first_admin_is_made_by_the_printed_link_once() {
    let site = Site::new();
    let link = crate::web::setup::link(&mut site.store(), now()).unwrap().unwrap();
    assert_eq!(get(&site, &link, "").await, 200);
    assert_eq!(get(&site, "/setup/guess", "").await, 404);
    let post = |password: &str| {
        let form = format!("name=Ana&password={password}");
        browser("POST", &link, "").body(Body::from(form)).unwrap()
    };
    assert!(site.send(post("short")).await.body.contains("15 to 256"));
    let made = site.send(post("correct+horse+battery")).await;
    assert_eq!(made.status, 303);
    assert_eq!(get(&site, "/", &made.cookie()).await, 200);
    assert_eq!(site.send(post("correct+horse+battery")).await.status, 404);
    assert_eq!(crate::web::setup::link(&mut site.store(), now()).unwrap(), None);
}

#[tokio::test]
async fn each_start_has_another_link_and_each_ends_after_a_day() {
    let site = Site::new();
    let first = crate::web::setup::link(&mut site.store(), now()).unwrap().unwrap();
    let second = crate::web::setup::link(&mut site.store(), now()).unwrap().unwrap();
    assert_eq!((get(&site, &first, "").await, get(&site, &second, "").await), (404, 200));
    let later = Site::again(&site, now() + SignedDuration::from_hours(24));
    assert_eq!(get(&later, &second, "").await, 404);
}

#[tokio::test]
async fn a_proxys_word_for_who_it_is_counts_only_from_the_proxy() {
    let settings = |proxies: &str| ServeConfig {
        proxies: vec![proxies.parse().unwrap()],
        proxy_user_header: Some("x-remote-user".parse().unwrap()),
        ..ServeConfig::default()
    };
    let ask = |site: Site, name: &'static str| async move {
        site.login("ana", Role::Admin);
        let request = browser("GET", "/", "").header("x-remote-user", name).body(Body::empty()).unwrap();
        site.send(request).await.status
    };
    assert_eq!(ask(Site::with(settings("127.0.0.0/8")), "ana").await, 200);
    assert_eq!(ask(Site::with(settings("127.0.0.0/8")), "zoe").await, 401);
    assert_eq!(ask(Site::with(settings("10.0.0.0/8")), "ana").await, 303);
    assert_eq!(ask(Site::new(), "ana").await, 303);
}

#[tokio::test]
async fn a_proxys_user_needs_what_forms_carry_too() {
    let site = Site::with(ServeConfig {
        proxies: vec!["127.0.0.1".parse().unwrap()],
        proxy_user_header: Some("x-remote-user".parse().unwrap()),
        ..ServeConfig::default()
    });
    site.login("ana", Role::Admin);
    let post = |form: String| {
        browser("POST", "/sign-out", "").header("x-remote-user", "ana").body(Body::from(form)).unwrap()
    };
    assert_eq!(site.send(post(String::new())).await.status, 403);
    let csrf = site.app.access.csrf_of("ana");
    assert_eq!(site.send(post(format!("csrf={csrf}"))).await.status, 303);
    assert_ne!(csrf, site.app.access.csrf_of("ben"));
}

#[test]
fn a_network_of_ipv6_is_one_source_of_tries() {
    let check = |address: &str, expected: &str| assert_eq!(source(address.parse().unwrap()), expected);
    check("192.0.2.7", "192.0.2.7");
    check("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64");
    check("2001:db8:1:2::9", "2001:db8:1:2::/64");
}

#[tokio::test]
async fn another_password_needs_the_present_one_and_ends_all_other_sessions() {
    let site = Site::new();
    site.login("ana", Role::Viewer);
    let (here, elsewhere) =
        (site.sign_in("ana", PASSWORD).await.cookie(), site.sign_in("ana", PASSWORD).await.cookie());
    let csrf = csrf_of(&site, &here);
    let change = async |present: &str, new: &str| {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("csrf", csrf.as_str()), ("password", present), ("new_password", new)])
            .finish();
        site.send(browser("POST", "/account", &here).body(form.into()).unwrap()).await
    };
    assert!(change(PASSWORD, "short").await.body.contains("15 to 256"));
    assert!(change("wrong", "seven green bicycles").await.body.contains("present password is wrong"));
    assert_eq!(get(&site, "/account", &here).await, 200);
    let changed = change(PASSWORD, "seven green bicycles").await;
    assert_eq!((changed.status, changed.header("location")), (303, "/account"));
    for (cookie, status) in [(&here, 303), (&elsewhere, 303), (&changed.cookie(), 200)] {
        assert_eq!(get(&site, "/account", cookie).await, status);
    }
    assert_eq!(site.sign_in("ana", PASSWORD).await.status, 401);
    assert_eq!(site.sign_in("ana", "seven green bicycles").await.status, 303);
}

#[tokio::test]
async fn whom_a_proxy_signed_in_has_no_password_to_change() {
    let site = Site::with(ServeConfig {
        proxies: vec!["127.0.0.1".parse().unwrap()],
        proxy_user_header: Some("x-remote-user".parse().unwrap()),
        ..ServeConfig::default()
    });
    site.login("ana", Role::Admin);
    let form = format!("csrf={}&password=a&new_password=b", site.app.access.csrf_of("ana"));
    let request = browser("POST", "/account", "").header("x-remote-user", "ana").body(form.into()).unwrap();
    assert_eq!(site.send(request).await.status, 400);
}

#[tokio::test]
async fn by_loopback_a_server_with_a_public_address_can_still_be_used() {
    let public_url = Some("https://rollbook.uni.example".parse().unwrap());
    let site = Site::with(ServeConfig { public_url, ..ServeConfig::default() });
    site.login("ana", Role::Admin);
    let answer = site.sign_in("ana", PASSWORD).await;
    assert!(answer.header("set-cookie").starts_with("rollbook="), "{}", answer.header("set-cookie"));
    assert_eq!(get(&site, "/", &answer.cookie()).await, 200);
}
