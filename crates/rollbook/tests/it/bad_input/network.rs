//! Zoom says no, is not there, or is something else.

use std::io::{Read, Write};
use std::net::TcpListener;

use tokio::net::TcpSocket;

use super::check;
use crate::pretend::{Home, Pretend};

const SYNC: [&str; 7] = ["sync", "--from", "2026-10-05", "--to", "2026-10-05", "--wait", "0"];
const PLAN: [&str; 5] = ["plan", "--from", "2026-10-05", "--to", "2026-10-05"];
const REFRESH: [&str; 2] = ["refresh", "12345678"];

/// No credentials of an app, so that a ready token counts.
const NO_APP: [(&str, &str); 3] =
    [("ROLLBOOK_ZOOM_ACCOUNT_ID", ""), ("ROLLBOOK_ZOOM_CLIENT_ID", ""), ("ROLLBOOK_ZOOM_CLIENT_SECRET", "")];

fn pretend(arguments: &[&str]) -> Pretend {
    Pretend::start(&[&["--meetings", "6", "--scale", "10"], arguments].concat())
}

/// All commands that ask Zoom tell it in the same words.
fn told_by_all(pretend: &Pretend, variables: &[(&str, &str)], code: i32, words: &[&str]) {
    let home = Home::new();
    for arguments in [&SYNC[..], &PLAN, &REFRESH] {
        check(&pretend.run(&home, variables, arguments), code, words);
    }
}

/// Answers every request alike, from a thread that ends with the test.
fn stranger(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// An address where nobody answers, and no other test can begin to: the port is held, without listening at it.
struct Nobody {
    address: String,
    _held: TcpSocket,
}

fn nobody() -> Nobody {
    let held = TcpSocket::new_v4().unwrap();
    held.bind(([127, 0, 0, 1], 0).into()).unwrap();
    Nobody { address: held.local_addr().unwrap().to_string(), _held: held }
}

#[test]
fn wrong_credentials_name_the_settings() {
    let pretend = pretend(&[]);
    let wrong = |name: &'static str| [(name, "wrong")];
    let words = ["account default", "check ROLLBOOK_ZOOM_CLIENT_ID and ROLLBOOK_ZOOM_CLIENT_SECRET"];
    told_by_all(&pretend, &wrong("ROLLBOOK_ZOOM_CLIENT_SECRET"), 2, &words);
    told_by_all(&pretend, &wrong("ROLLBOOK_ZOOM_CLIENT_ID"), 2, &words);
    told_by_all(&pretend, &wrong("ROLLBOOK_ZOOM_ACCOUNT_ID"), 2, &["ROLLBOOK_ZOOM_ACCOUNT_ID"]);
    assert_eq!(pretend.calls(), 0, "nothing is asked with wrong credentials");
}

#[test]
fn doctor_tells_settings_from_the_world_outside() {
    let pretend = pretend(&[]);
    let doctor = |variables: &[(&str, &str)]| pretend.run(&Home::new(), variables, &["doctor"]);
    assert_eq!(doctor(&[]).code, 0);
    let ran = doctor(&[("ROLLBOOK_ZOOM_CLIENT_SECRET", "wrong")]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    let nobody = nobody();
    let address = format!("http://{}/oauth/token", nobody.address);
    let ran = doctor(&[("ROLLBOOK_ZOOM_OAUTH_URL", &address)]);
    assert_eq!(ran.code, 1, "{}", ran.out);
}

#[test]
fn an_address_that_is_none_is_a_mistake_on_the_command_line() {
    let pretend = pretend(&[]);
    let ran = pretend.run(&Home::new(), &[], &["simulate", "--listen", "nowhere"]);
    check(&ran, 2, &["--listen", "127.0.0.1:8788"]);
}

#[test]
fn a_ready_token_that_has_expired_says_to_get_a_new_one() {
    let expired = ("ROLLBOOK_ZOOM_ACCESS_TOKEN", "of-last-week");
    let [a, b, c] = NO_APP;
    told_by_all(&pretend(&[]), &[a, b, c, expired], 2, &["expired", "check ROLLBOOK_ZOOM_ACCESS_TOKEN"]);
}

#[test]
fn a_ready_token_is_enough() {
    let (pretend, home) = (pretend(&["--plain"]), Home::new());
    let [a, b, c] = NO_APP;
    let ran = pretend.run(&home, &[a, b, c, ("ROLLBOOK_ZOOM_ACCESS_TOKEN", "token")], &SYNC);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(pretend.stats()["token_calls"], 0);
}

#[test]
fn an_account_of_the_file_is_named_with_its_key() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let text = "[[account]]\nname = 'north'\naccount_id = 'account'\nclient_id = 'client'\nclient_secret = 'wrong'\n";
    home.write("rollbook.toml", text);
    let ran = pretend.run(&home, &NO_APP, &SYNC);
    check(
        &ran,
        2,
        &["account north", "client_id and client_secret of [[account]] \"north\" in rollbook.toml"],
    );
}

#[test]
fn nobody_at_the_address_is_told_with_the_setting() {
    let (pretend, nobody) = (pretend(&[]), nobody());
    let at = nobody.address.as_str();
    let (api, oauth) = (format!("http://{at}/v2"), format!("http://{at}/oauth/token"));
    let words = ["could not connect", at, "Connection refused"];
    told_by_all(
        &pretend,
        &[("ROLLBOOK_ZOOM_API_URL", &api), ("ROLLBOOK_ZOOM_OAUTH_URL", &oauth)],
        1,
        &[&words[..], &["check ROLLBOOK_ZOOM_OAUTH_URL"]].concat(),
    );
    // The token is had, the API is not: this run must not look as if all were settled.
    told_by_all(
        &pretend,
        &[("ROLLBOOK_ZOOM_API_URL", &api)],
        1,
        &[&words[..], &["check ROLLBOOK_ZOOM_API_URL"]].concat(),
    );
    let home = Home::new();
    let ran = pretend.run(&home, &[("ROLLBOOK_ZOOM_API_URL", &api)], &SYNC);
    assert!(!ran.out.contains("is settled"), "{}", ran.out);
    pretend.run(&home, &[], &SYNC);
    assert!(pretend.calls() > 0, "the next run goes on");
}

#[test]
fn an_unknown_name_is_told_with_the_setting() {
    // Names below `invalid` never exist (RFC 6761).
    let home = Home::new();
    let variables = [
        ("ROLLBOOK_ZOOM_API_URL", "https://zoom.invalid/v2"),
        ("ROLLBOOK_ZOOM_OAUTH_URL", "https://zoom.invalid/oauth/token"),
        ("ROLLBOOK_ZOOM_ACCOUNT_ID", "account"),
        ("ROLLBOOK_ZOOM_CLIENT_ID", "client"),
        ("ROLLBOOK_ZOOM_CLIENT_SECRET", "secret"),
    ];
    let ran = home.run(&variables, &["sync", "--wait", "0"]);
    check(&ran, 1, &["zoom.invalid", "could not connect", "check ROLLBOOK_ZOOM_OAUTH_URL"]);
}

#[test]
fn a_web_page_in_the_place_of_zoom_is_told() {
    const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 33\r\nconnection: close\r\n\r\n\
                        <html><body>Welcome</body></html>";
    let (pretend, address) = (pretend(&[]), stranger(PAGE));
    let api = format!("http://{address}/v2");
    told_by_all(
        &pretend,
        &[("ROLLBOOK_ZOOM_API_URL", &api)],
        1,
        &["it is a web page", "check ROLLBOOK_ZOOM_API_URL"],
    );
    let oauth = format!("http://{address}/oauth/token");
    let ran = pretend.run(&Home::new(), &[("ROLLBOOK_ZOOM_OAUTH_URL", &oauth)], &SYNC);
    check(&ran, 1, &["without a token", "check ROLLBOOK_ZOOM_OAUTH_URL"]);
}

#[test]
fn an_address_without_zooms_paths_is_told() {
    const GONE: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\nNot Found";
    let (pretend, address) = (pretend(&[]), stranger(GONE));
    let api = format!("http://{address}/v2");
    told_by_all(
        &pretend,
        &[("ROLLBOOK_ZOOM_API_URL", &api)],
        1,
        &["HTTP 404", "check ROLLBOOK_ZOOM_API_URL"],
    );
    let oauth = format!("http://{address}/oauth/token");
    let ran = pretend.run(&Home::new(), &[("ROLLBOOK_ZOOM_OAUTH_URL", &oauth)], &SYNC);
    check(&ran, 2, &["HTTP 404", "ROLLBOOK_ZOOM_OAUTH_URL"]);
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    const AWAY: &str = "HTTP/1.1 302 Found\r\nlocation: https://login.example.edu/sso?next=1\r\n\
                        content-length: 0\r\nconnection: close\r\n\r\n";
    let (pretend, address) = (pretend(&[]), stranger(AWAY));
    let api = format!("http://{address}/v2");
    let words = ["redirects to login.example.edu", "check ROLLBOOK_ZOOM_API_URL"];
    told_by_all(&pretend, &[("ROLLBOOK_ZOOM_API_URL", &api)], 2, &words);
}

#[test]
fn an_outage_of_zoom_is_a_failure_and_not_a_settled_day() {
    const DOWN: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (pretend, address) = (pretend(&[]), stranger(DOWN));
    let api = format!("http://{address}/v2");
    told_by_all(&pretend, &[("ROLLBOOK_ZOOM_API_URL", &api)], 1, &["HTTP 503", "again later"]);
    let oauth = format!("http://{address}/oauth/token");
    told_by_all(&pretend, &[("ROLLBOOK_ZOOM_OAUTH_URL", &oauth)], 1, &["HTTP 503", "again later"]);
}

#[test]
fn a_server_without_tls_is_told() {
    let pretend = pretend(&[]);
    let secure = |name| pretend.setting(name).replace("http:", "https:");
    let (api, oauth) = (secure("ROLLBOOK_ZOOM_API_URL"), secure("ROLLBOOK_ZOOM_OAUTH_URL"));
    told_by_all(
        &pretend,
        &[("ROLLBOOK_ZOOM_API_URL", &api), ("ROLLBOOK_ZOOM_OAUTH_URL", &oauth)],
        1,
        &["does not speak TLS", "check ROLLBOOK_ZOOM_OAUTH_URL"],
    );
}

#[test]
fn a_certificate_that_nobody_trusts_is_told() {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    /// Made for tests of the client, and trusted nowhere else.
    const CERTIFICATE: &[u8] = include_bytes!("../../../../rollbook-zoom/tests/it/tls/localhost.crt");
    const KEY: &[u8] = include_bytes!("../../../../rollbook-zoom/tests/it/tls/localhost.key");
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let config = std::sync::Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut server = rustls::ServerConnection::new(config.clone()).unwrap();
            // The client breaks off in the middle, which is what is looked at.
            while server.is_handshaking() && server.complete_io(&mut stream).is_ok() {}
        }
    });
    let (api, oauth) =
        (format!("https://localhost:{port}/v2"), format!("https://localhost:{port}/oauth/token"));
    told_by_all(
        &pretend(&[]),
        &[("ROLLBOOK_ZOOM_API_URL", &api), ("ROLLBOOK_ZOOM_OAUTH_URL", &oauth)],
        1,
        &["could not set up TLS", "certificate", "check ROLLBOOK_ZOOM_OAUTH_URL"],
    );
}

#[test]
fn without_dashboards_another_route_is_taken() {
    let settings: [&[&str]; 3] =
        [&["--no-dashboards"], &["--plan", "pro"], &["--scopes", "meeting:read:admin report:read:admin"]];
    for arguments in settings {
        let (pretend, home) = (pretend(&[&["--plain"], arguments].concat()), Home::new());
        let ran = pretend.run(&home, &[], &SYNC);
        assert_eq!(ran.code, 0, "{arguments:?}: {}\n{}", ran.err, ran.out);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["instances"]["verified"], 6, "{arguments:?}: {report}");
    }
}

#[test]
fn without_any_route_the_missing_scopes_are_named() {
    let pretend = pretend(&["--scopes", "user:read:admin"]);
    let home = Home::new();
    for arguments in [&SYNC[..], &PLAN] {
        let ran = pretend.run(&home, &[], arguments);
        check(&ran, 2, &["account default", "dashboard_meetings:read:admin", "report:read:admin"]);
    }
    check(&pretend.run(&home, &[], &REFRESH), 2, &["account default", "scope"]);
}

#[test]
fn the_free_plan_is_told_with_the_setting() {
    let (pretend, home) = (pretend(&["--plan", "free"]), Home::new());
    for arguments in [&SYNC[..], &PLAN] {
        let ran = pretend.run(&home, &[], arguments);
        check(&ran, 2, &["account default", "plan free", "needs Pro or higher", "ROLLBOOK_ZOOM_PLAN"]);
    }
    assert_eq!(pretend.calls(), 0);
    // A plan that is set too high is found out by Zoom's refusals.
    let ran = pretend.run(&home, &[("ROLLBOOK_ZOOM_PLAN", "business")], &SYNC);
    check(&ran, 2, &["account default", "needs a paid plan"]);
}
