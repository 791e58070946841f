use super::*;

fn load(pairs: &[(&str, &str)]) -> Result<ServeConfig, ConfigError> {
    ServeConfig::load(None, &Environment::of(pairs.iter().copied()), &mut BTreeMap::new())
}

fn check_wrong(pairs: &[(&str, &str)], says: &str) {
    let wrong = load(pairs).unwrap_err().0;
    assert!(wrong.contains(says), "{wrong}");
}

#[test]
fn it_listens_on_this_machine_unless_told_otherwise() {
    assert!(load(&[]).unwrap().listen.ip().is_loopback());
    assert_eq!(load(&[]).unwrap().listen, ServeConfig::default().listen);
    assert_eq!(load(&[("ROLLBOOK_LISTEN", "[::1]:80")]).unwrap().listen.port(), 80);
    check_wrong(&[("ROLLBOOK_LISTEN", "localhost")], "8787");
}

#[test]
fn a_public_address_wants_tls_or_a_declared_proxy() {
    let public = ("ROLLBOOK_LISTEN", "0.0.0.0:443");
    let refused = load(&[public]).unwrap().check_listen().unwrap_err().0;
    for named in ["ROLLBOOK_TLS_CERTIFICATE", "ROLLBOOK_PROXIES", "127.0.0.1"] {
        assert!(refused.contains(named), "{refused}");
    }
    let tls = [("ROLLBOOK_TLS_CERTIFICATE", "c.pem"), ("ROLLBOOK_TLS_KEY", "k.pem")];
    assert!(load(&[public, tls[0], tls[1]]).unwrap().check_listen().is_ok());
    assert!(load(&[public, ("ROLLBOOK_PROXIES", "10.0.0.1")]).unwrap().check_listen().is_ok());
    assert!(load(&[]).unwrap().check_listen().is_ok());
    check_wrong(&tls[..1], "set both");
}

#[test]
fn a_user_header_counts_only_from_named_proxies() {
    let header = ("ROLLBOOK_PROXY_USER_HEADER", "X-Remote-User");
    check_wrong(&[header], "ROLLBOOK_PROXIES");
    let config = load(&[header, ("ROLLBOOK_PROXIES", "10.0.0.1, fd00::/8")]).unwrap();
    assert_eq!(config.proxy_user_header.as_ref().unwrap(), "x-remote-user");
    assert!(config.is_proxy("fd12::1".parse().unwrap()) && !config.is_proxy("10.0.0.2".parse().unwrap()));
    check_wrong(&[("ROLLBOOK_PROXY_USER_HEADER", "Cookie"), ("ROLLBOOK_PROXIES", "::1")], "X-Remote-User");
    check_wrong(&[("ROLLBOOK_PROXIES", "proxy.uni.example")], "ROLLBOOK_PROXIES");
}

#[test]
fn the_public_address_is_a_host_and_nothing_more() {
    let load_url = |url: &str| load(&[("ROLLBOOK_PUBLIC_URL", url)]);
    for right in ["https://rollbook.uni.example", "http://localhost:8787/"] {
        assert!(load_url(right).unwrap().public_url.is_some());
    }
    for wrong in
        ["rollbook.uni.example", "ftp://uni.example", "https://uni.example/zoom", "https://a:b@uni.example"]
    {
        check_wrong(&[("ROLLBOOK_PUBLIC_URL", wrong)], "ROLLBOOK_PUBLIC_URL");
    }
}

#[test]
fn a_provider_needs_an_id_a_way_back_and_roles_for_its_claim() {
    let issuer = ("ROLLBOOK_OIDC_ISSUER", "https://id.uni.example");
    let client = ("ROLLBOOK_OIDC_CLIENT_ID", "rollbook");
    let back = ("ROLLBOOK_PUBLIC_URL", "https://rollbook.uni.example");
    check_wrong(&[issuer, back], "set both");
    check_wrong(&[issuer, client], "ROLLBOOK_PUBLIC_URL");
    let claim = ("ROLLBOOK_OIDC_ROLE_CLAIM", "groups");
    check_wrong(&[issuer, client, back, claim], "ROLLBOOK_OIDC_ROLES");
    let roles = ("ROLLBOOK_OIDC_ROLES", "cn=zoom=admin, staff=viewer");
    let oidc = load(&[issuer, client, back, claim, roles]).unwrap().oidc.unwrap();
    let mapped: Vec<(&str, &str)> =
        oidc.roles.iter().map(|(value, role)| (value.as_str(), role.name())).collect();
    assert_eq!(mapped, [("cn=zoom", "admin"), ("staff", "viewer")]);
    check_wrong(&[issuer, client, back, claim, ("ROLLBOOK_OIDC_ROLES", "staff=boss")], "no role");
    check_wrong(&[("ROLLBOOK_OIDC_ISSUER", "http://id.uni.example"), client, back], "unencrypted");
}

#[test]
fn it_says_how_it_is_reached() {
    let at = |pairs: &[(&str, &str)]| load(pairs).unwrap().base("127.0.0.1:99".parse().unwrap());
    assert_eq!(at(&[]), "http://127.0.0.1:99");
    assert_eq!(at(&[("ROLLBOOK_TLS_CERTIFICATE", "c"), ("ROLLBOOK_TLS_KEY", "k")]), "https://127.0.0.1:99");
    assert_eq!(at(&[("ROLLBOOK_PUBLIC_URL", "https://Uni.example/")]), "https://uni.example");
}

#[test]
fn how_often_the_api_may_be_asked_is_a_setting() {
    assert_eq!(load(&[]).unwrap().api_rate.get(), 600);
    assert_eq!(load(&[("ROLLBOOK_API_RATE", "30")]).unwrap().api_rate.get(), 30);
    for wrong in ["0", "-1", "often"] {
        assert!(load(&[("ROLLBOOK_API_RATE", wrong)]).unwrap_err().0.contains("a minute"), "{wrong}");
    }
}
