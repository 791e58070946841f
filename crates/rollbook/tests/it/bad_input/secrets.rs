//! Secrets appear nowhere but in the token's own file.

use crate::pretend::{Home, Pretend};

/// The commands that touch credentials, and some that only print settings.
const COMMANDS: [&[&str]; 7] = [
    &["config"],
    &["doctor"],
    &["plan", "--from", "2026-10-05", "--to", "2026-10-05"],
    &["sync", "--from", "2026-10-05", "--to", "2026-10-05", "--wait", "0"],
    &["refresh", "12345678"],
    &["runs", "1"],
    &["export", "attendance"],
];

fn has(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// Runs every command as talkative as can be and looks for the secrets in all it says and leaves behind.
fn check(pretend: &Pretend, variables: &[(&str, &str)], secrets: &[&str]) {
    let home = Home::new();
    let mut all = secrets.iter().map(ToString::to_string).collect::<Vec<_>>();
    for json in [&["-vv"][..], &["-vv", "--json"]] {
        for command in COMMANDS {
            let mut process = pretend.command(&home, &[json, command].concat());
            let ran = process.envs(variables.iter().copied()).env("ROLLBOOK_LOG", "trace").output().unwrap();
            for secret in &all {
                assert!(!has(&ran.stdout, secret), "{command:?} prints {secret}");
                assert!(!has(&ran.stderr, secret), "{command:?} logs {secret}");
            }
        }
        // The token that was got is a secret too, from now on.
        for (path, bytes) in home.files() {
            if path.to_string_lossy().contains("token-") {
                let kept: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                all.push(kept["value"].as_str().unwrap().to_owned());
            }
        }
    }
    for (path, bytes) in home.files() {
        let is_token = path.to_string_lossy().contains("token-");
        for secret in all.iter().filter(|secret| !is_token || secrets.contains(&secret.as_str())) {
            assert!(!has(&bytes, secret), "{} holds {secret}", path.display());
        }
    }
}

#[test]
fn a_client_secret_is_told_to_nobody() {
    let pretend = Pretend::start(&["--meetings", "6", "--scale", "10"]);
    // The simulator's own secret is an everyday word; one that is refused can be looked for, in every form.
    let secret = "hush-7f3a-hush";
    let basic = "Y2xpZW50Omh1c2gtN2YzYS1odXNo";
    check(&pretend, &[("ROLLBOOK_ZOOM_CLIENT_SECRET", secret)], &[secret, basic]);
}

#[test]
fn a_token_is_told_to_nobody() {
    let pretend = Pretend::start(&["--meetings", "6", "--scale", "10"]);
    check(&pretend, &[], &["Y2xpZW50OnNlY3JldA=="]);
}

#[test]
fn a_ready_token_is_told_to_nobody() {
    let pretend = Pretend::start(&["--meetings", "6", "--scale", "10"]);
    let variables = [
        ("ROLLBOOK_ZOOM_ACCOUNT_ID", ""),
        ("ROLLBOOK_ZOOM_CLIENT_ID", ""),
        ("ROLLBOOK_ZOOM_CLIENT_SECRET", ""),
        ("ROLLBOOK_ZOOM_ACCESS_TOKEN", "eyJ-hush-7f3a"),
    ];
    check(&pretend, &variables, &["eyJ-hush-7f3a"]);
}
