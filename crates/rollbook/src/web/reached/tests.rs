use axum::http::Request;

use super::*;

fn settings() -> ServeConfig {
    ServeConfig {
        proxies: vec!["10.0.0.0/8".parse().unwrap()],
        public_url: Some("https://rollbook.uni.example".parse().unwrap()),
        ..ServeConfig::default()
    }
}

fn reached(settings: &ServeConfig, peer: &str, headers: &[(&str, &str)]) -> Reached {
    let mut request = Request::builder().uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let address = SocketAddr::new(peer.parse().unwrap(), 4711);
    parts.extensions.insert(ConnectInfo(Peer { address, is_tls: false }));
    Reached::of(settings, &parts)
}

fn check_address(peer: &str, forwarded: &str, expected: &str) {
    let found = reached(&settings(), peer, &[("x-forwarded-for", forwarded)]);
    assert_eq!(found.address.to_string(), expected, "{peer} for {forwarded}");
}

#[test]
fn only_a_declared_proxy_is_believed_about_addresses() {
    check_address("10.0.0.1", "192.0.2.7", "192.0.2.7");
    check_address("203.0.113.9", "192.0.2.7", "203.0.113.9");
    check_address("10.0.0.1", "1.1.1.1, 192.0.2.7", "192.0.2.7");
    check_address("10.0.0.1", "1.1.1.1, 192.0.2.7, 10.2.2.2", "192.0.2.7");
    check_address("10.0.0.1", "[2001:db8::1]:99", "2001:db8::1");
    check_address("10.0.0.1", "10.3.3.3", "10.3.3.3");
    check_address("10.0.0.1", "unknown", "10.0.0.1");
    check_address("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7");
}

#[test]
fn only_a_declared_proxy_is_believed_about_https() {
    let plain = ServeConfig { public_url: None, ..settings() };
    let https = [("x-forwarded-proto", "https")];
    assert!(reached(&plain, "10.0.0.1", &https).is_secure);
    assert!(!reached(&plain, "203.0.113.9", &https).is_secure);
    assert!(!reached(&plain, "10.0.0.1", &[("x-forwarded-proto", "https, http")]).is_secure);
    assert!(!reached(&plain, "10.0.0.1", &[]).is_secure);
    let public = [("host", "Rollbook.uni.example")];
    assert!(reached(&settings(), "10.0.0.1", &public).is_secure, "the public address is https");
    assert!(!reached(&settings(), "127.0.0.1", &[("host", "localhost")]).is_secure, "by a tunnel");
}

#[test]
fn what_others_could_read_on_the_way_is_told() {
    assert!(reached(&settings(), "10.0.0.1", &[]).is_private);
    assert!(reached(&settings(), "127.0.0.1", &[]).is_private);
    assert!(!reached(&settings(), "203.0.113.9", &[]).is_private);
}

fn check_name(host: &str, expected: bool) {
    assert_eq!(reached(&settings(), "127.0.0.1", &[("host", host)]).is_own_name, expected, "{host}");
}

#[test]
fn names_of_others_that_lead_here_are_not_ours() {
    check_name("rollbook.uni.example", true);
    check_name("Rollbook.Uni.Example:443", true);
    check_name("localhost:8787", true);
    check_name("127.0.0.1:8787", true);
    check_name("[::1]:8787", true);
    check_name("evil.example:8787", false);
    check_name("rollbook.uni.example.evil.example", false);
    check_name("127.0.0.1.evil.example", false);
    check_name("", false);
}

fn check_origin(headers: &[(&str, &str)], expected: Origin) {
    let host = ("host", "rollbook.uni.example");
    let headers: Vec<_> = headers.iter().copied().chain([host]).collect();
    assert_eq!(reached(&settings(), "127.0.0.1", &headers).origin, expected, "{headers:?}");
}

#[test]
fn a_request_of_another_site_is_told_from_ours() {
    check_origin(&[], Origin::Unknown);
    check_origin(&[("sec-fetch-site", "same-origin")], Origin::Own);
    check_origin(&[("origin", "https://rollbook.uni.example")], Origin::Own);
    for site in ["cross-site", "same-site", "none"] {
        check_origin(&[("sec-fetch-site", site)], Origin::Foreign);
    }
    for origin in
        ["https://evil.example", "http://rollbook.uni.example", "https://rollbook.uni.example:8443", "null"]
    {
        check_origin(&[("origin", origin)], Origin::Foreign);
    }
    check_origin(
        &[("sec-fetch-site", "cross-site"), ("origin", "https://rollbook.uni.example")],
        Origin::Foreign,
    );
}

#[test]
fn a_foreign_name_makes_no_origin_ours() {
    let headers = [("host", "evil.example:8787"), ("origin", "https://evil.example:8787")];
    assert_eq!(reached(&settings(), "127.0.0.1", &headers).origin, Origin::Foreign);
}

#[test]
fn on_loopback_the_address_in_the_bar_is_the_origin() {
    let plain = ServeConfig::default();
    let headers = [("host", "127.0.0.1:8787"), ("origin", "http://127.0.0.1:8787")];
    assert_eq!(reached(&plain, "127.0.0.1", &headers).origin, Origin::Own);
}
