//! Who may sign in to `serve`, said at the shell.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use rollbook_store::{Mode, Store};
use serde_json::Value;

use crate::bad_input::check;
use crate::kept::Ran;
use crate::pretend::Home;

fn json(home: &Home, arguments: &[&str]) -> Value {
    let ran = home.run(&[], arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.out))
}

#[test]
fn a_login_is_made_changed_disabled_and_listed_and_all_of_it_recorded() {
    let home = Home::new();
    let made = json(&home, &["login", "add", "Ana", "--role", "teacher", "--course", "ALG-1"]);
    assert_eq!(made["login"], "ana");
    let password = made["password"].as_str().unwrap();
    assert_eq!(password.len(), 24);
    json(
        &home,
        &["login", "set", "ana", "--course", "LAT-1", "--email", "Ana@Uni.example", "--role", "analyst"],
    );
    json(&home, &["login", "disable", "ANA"]);
    let listed = json(&home, &["login", "list"]);
    let ana = &listed["logins"][0];
    assert_eq!(ana["courses"], serde_json::json!(["LAT-1"]));
    assert_eq!((&ana["email"], &ana["role"]), (&"ana@uni.example".into(), &"analyst".into()));
    assert!(ana["disabled_at"].is_string() && !listed.to_string().contains(password));
    json(&home, &["login", "enable", "ana"]);
    let another = json(&home, &["login", "password", "ana"]);
    assert_ne!(another["password"], made["password"]);
    let audit = json(&home, &["audit"]);
    let actions: Vec<&str> = audit["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["entry"]["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["login.password", "login.enable", "login.disable", "login.set", "login.add"]);
    assert!(audit["audit"][0]["entry"]["who"].as_str().unwrap().starts_with("(shell)"));
}

#[test]
fn no_secret_that_was_shown_can_be_read_in_the_store() {
    let home = Home::new();
    let made = json(&home, &["login", "add", "ana", "--role", "admin"]);
    let token = json(&home, &["token", "add", "grafana", "--scope", "read_metrics"]);
    for (_, bytes) in home.files() {
        for secret in [&made["password"], &token["secret"]] {
            let secret = secret.as_str().unwrap().as_bytes();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret));
        }
    }
}

#[test]
fn a_password_may_come_from_standard_input_and_must_be_hard_to_guess() {
    let home = Home::new();
    let give = |name: &str, password: &str| -> Ran {
        let mut command = home.command(&["login", "add", name, "--role", "admin", "--password-stdin"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    };
    check(&give("ana", "short\n"), 2, &["15 to 256 characters"]);
    let made = give("ana", "correct horse battery\n");
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(!made.out.contains("correct"), "{}", made.out);
    let store = Store::open(&home.path().join("rollbook.db"), Mode::Read).unwrap();
    assert!(store.password_hash("ana").unwrap().unwrap().starts_with("$argon2id$"));
}

#[test]
fn command_lines_that_name_nobody_or_nothing_say_what_would_be_right() {
    let home = Home::new();
    json(&home, &["login", "add", "ana", "--role", "admin", "--no-password"]);
    let refused = |arguments: &[&str], words: &[&str]| check(&home.run(&[], arguments), 2, words);
    refused(&["login", "add", "Ana", "--role", "viewer"], &["already", "login set"]);
    refused(&["login", "add", "a b", "--role", "viewer"], &["without blanks"]);
    refused(&["login", "add", "ben", "--role", "boss"], &["admin, analyst, teacher or viewer"]);
    refused(&["login", "disable", "zoe"], &["login list"]);
    refused(&["login", "set", "ana"], &["--role"]);
    refused(&["token", "add", "x", "--scope", "all"], &["read_metrics"]);
    refused(&["token", "add", "x", "--scope", "see_quota", "--expires", "9y"], &["90d"]);
    refused(&["token", "revoke", "x"], &["token list"]);
}

#[test]
fn a_token_is_listed_without_its_secret_and_revoked_once() {
    let home = Home::new();
    let made =
        json(&home, &["token", "add", "grafana", "--scope", "read_metrics,see_quota", "--expires", "30d"]);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("rollbook_"));
    let listed = json(&home, &["token", "list"]);
    assert_eq!(listed["tokens"][0]["scopes"], serde_json::json!(["see_quota", "read_metrics"]));
    assert!(!listed.to_string().contains(secret));
    json(&home, &["token", "revoke", "grafana"]);
    check(&home.run(&[], &["token", "revoke", "grafana"]), 2, &["no token"]);
    check(&home.run(&[], &["token", "add", "grafana", "--scope", "see_quota"]), 2, &["another name"]);
}

#[test]
fn the_last_admin_is_not_disabled_without_a_word() {
    let home = Home::new();
    json(&home, &["login", "add", "ana", "--role", "admin", "--no-password"]);
    let ran = home.run(&[], &["login", "disable", "ana"]);
    assert!(ran.code == 0 && ran.err.contains("nobody can sign in as admin"), "{}", ran.err);
}

/// A Zoom that nobody answers for: what signing in does is seen without.
const ZOOM: [(&str, &str); 3] = [
    ("ROLLBOOK_ZOOM_ACCESS_TOKEN", "token"),
    ("ROLLBOOK_ZOOM_API_URL", "http://127.0.0.1:9/v2"),
    ("ROLLBOOK_ZOOM_OAUTH_URL", "http://127.0.0.1:9/oauth/token"),
];

#[test]
fn a_public_address_is_refused_without_tls_or_proxy() {
    let home = Home::new();
    let public = ("ROLLBOOK_LISTEN", "0.0.0.0:0");
    check(
        &home.run(&[&[public][..], &ZOOM].concat(), &["serve"]),
        2,
        &["ROLLBOOK_TLS_CERTIFICATE", "ROLLBOOK_PROXIES"],
    );
    let tls = [public, ("ROLLBOOK_TLS_CERTIFICATE", "/none.crt"), ("ROLLBOOK_TLS_KEY", "/none.key")];
    let tls = [&tls[..], &ZOOM].concat();
    check(&home.run(&tls, &["serve"]), 2, &["ROLLBOOK_TLS_CERTIFICATE", "/none.crt"]);
}

/// The link that a start prints, if it prints one.
fn printed(home: &Home) -> Option<String> {
    let mut command = home.command(&["serve"]);
    command.env("ROLLBOOK_LISTEN", "127.0.0.1:0").envs(ZOOM);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.next().unwrap().starts_with("rollbook answers at http://127.0.0.1:"));
    let has_admin = Store::open(&home.path().join("rollbook.db"), Mode::Read).unwrap().has_admin().unwrap();
    let link = if has_admin { None } else { lines.find(|line| line.contains("/setup/")) };
    child.kill().unwrap();
    child.wait().unwrap();
    link.or_else(|| lines.find(|line| line.contains("/setup/")))
}

#[test]
fn each_start_prints_another_link_while_there_is_no_admin() {
    let home = Home::new();
    let (first, second) = (printed(&home).unwrap(), printed(&home).unwrap());
    assert_ne!(first.rsplit_once('/').unwrap().1, second.rsplit_once('/').unwrap().1);
    json(&home, &["login", "add", "ana", "--role", "admin", "--no-password"]);
    assert_eq!(printed(&home), None);
}
