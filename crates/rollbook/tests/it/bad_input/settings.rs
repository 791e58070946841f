//! Settings and command lines that cannot be obeyed: exit code 2, before anything is asked or written.

use super::check;
use crate::pretend::{Home, Pretend};

const APP: [(&str, &str); 3] = [
    ("ROLLBOOK_ZOOM_ACCOUNT_ID", "account"),
    ("ROLLBOOK_ZOOM_CLIENT_ID", "client"),
    ("ROLLBOOK_ZOOM_CLIENT_SECRET", "hush-hush"),
];

/// A command line with variables; the message must hold these words, and no store may come of it.
fn refused(variables: &[(&str, &str)], arguments: &[&str], words: &[&str]) {
    let home = Home::new();
    check(&home.run(variables, arguments), 2, words);
    assert_eq!(home.files(), [], "{arguments:?} left files behind");
}

#[test]
fn missing_credentials_are_named() {
    let home = Home::new();
    let ran = home.run(&[], &["sync", "--wait", "0"]);
    check(
        &ran,
        2,
        &["ROLLBOOK_ZOOM_ACCOUNT_ID", "ROLLBOOK_ZOOM_CLIENT_SECRET", "ROLLBOOK_ZOOM_ACCESS_TOKEN"],
    );
    refused(&APP[..2], &["sync"], &["incomplete", "set ROLLBOOK_ZOOM_CLIENT_SECRET"]);
    refused(&APP[2..], &["sync"], &["set ROLLBOOK_ZOOM_ACCOUNT_ID and ROLLBOOK_ZOOM_CLIENT_ID"]);
    let file = ("ROLLBOOK_ZOOM_CLIENT_SECRET_FILE", "/nosuch/secret");
    refused(&[APP[0], APP[1], file], &["sync"], &["ROLLBOOK_ZOOM_CLIENT_SECRET_FILE", "/nosuch/secret"]);
}

#[test]
fn wrong_addresses_say_what_one_looks_like() {
    let check = |value, words: &[&str]| {
        for name in ["ROLLBOOK_ZOOM_API_URL", "ROLLBOOK_ZOOM_OAUTH_URL"] {
            refused(&[(name, value)], &["sync"], &[&[name], words].concat());
        }
    };
    check("nonsense", &["https://api.zoom.us/v2"]);
    check("ftp://api.zoom.us/v2", &["http(s)"]);
    check("http://api.zoom.us/v2", &["unencrypted", "use https"]);
    check("https://user:hush-hush@api.zoom.us/v2", &["must not hold a user or password"]);
}

#[test]
fn wrong_values_are_named_with_what_would_be_right() {
    let check = |name, value, word| refused(&[(name, value)], &["status"], &[name, word]);
    check("ROLLBOOK_ZOOM_LIMITS", "heavy_dy=1", "heavy_day");
    check("ROLLBOOK_ZOOM_LIMITS", "heavy_day=many", "whole number");
    check("ROLLBOOK_ZOOM_LIMITS", "heavy_day", "heavy_day");
    check("ROLLBOOK_ZOOM_RESERVE", "2", "0 to 0.95");
    check("ROLLBOOK_ZOOM_RESERVE", "a bit", "0 to 0.95");
    check("ROLLBOOK_ZOOM_PLAN", "gold", "business");
    check("ROLLBOOK_TIMEZONE", "Mars/Olympus", "Europe/Berlin");
    check("ROLLBOOK_STORE", "postgres://u:hush@h/d", "sqlite:PATH");
    check("ROLLBOOK_STORE", "mysql://u:hush@h/d", "sqlite:PATH");
    check("ROLLBOOK_NOW", "2026-10-05T00:00:00Z", "api.zoom.us");
    check("ROLLBOOK_CONFIG", "nosuch.toml", "nosuch.toml");
}

#[test]
fn a_clock_for_trying_things_out_is_checked() {
    let local = [
        ("ROLLBOOK_ZOOM_API_URL", "http://127.0.0.1:9/v2"),
        ("ROLLBOOK_ZOOM_OAUTH_URL", "http://127.0.0.1:9/oauth/token"),
    ];
    let check = |value, word| {
        refused(&[local[0], local[1], ("ROLLBOOK_NOW", value)], &["status"], &["ROLLBOOK_NOW", word]);
    };
    check("tomorrow", "INSTANT[,SCALE]");
    check("2026-10-05T00:00:00Z,0", "above 0");
    check("2026-10-05T00:00:00Z,fast", "INSTANT[,SCALE]");
}

#[test]
fn unknown_keys_of_the_file_are_named_with_those_there_are() {
    let check = |text: &str, words: &[&str]| {
        let home = Home::new();
        home.write("rollbook.toml", text);
        let ran = home.run(&[], &["status"]);
        check(&ran, 2, words);
        assert!(!ran.err.contains("hush"), "{}", ran.err);
    };
    check("stroe = 'x'\n", &["rollbook.toml", "stroe", "timezone"]);
    check("[zoom]\nclient_secrte = 'hush'\n", &["client_secrte", "client_secret_file"]);
    check("[[account]]\nname = 'north'\nclient_secrte = 'hush'\n", &["north", "client_secrte", "client_id"]);
    check("[[account]]\nclient_secret = 'hush'\n", &["name"]);
    check("[zoom]\nclient_secret = 'hush\n", &["2"]);
    check("[zoom]\nclient_secret = hush\n", &["2"]);
    check("[[account]]\nname = 'a'\n[[account]]\nname = 'a'\n", &["\"a\"", "another name"]);
}

#[test]
fn an_unknown_variable_is_a_warning_and_no_error() {
    let home = Home::new();
    let ran = home.run(&[("ROLLBOOK_ZOOM_SECRT", "hush-hush")], &["config"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("warning: ROLLBOOK_ZOOM_SECRT"), "{}", ran.err);
    assert!(!(ran.err + &ran.out).contains("hush"));
}

#[test]
fn a_variable_that_is_no_text_is_no_crash() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let strange = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    let ran: crate::kept::Ran = home.command(&["config"]).env("LS_COLORS", strange).output().unwrap().into();
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn an_unknown_account_says_how_to_add_it() {
    refused(&APP, &["sync", "--account", "north"], &["\"north\"", "[[account]]", "--account"]);
}

#[test]
fn days_that_cannot_be_asked_for_say_which_can() {
    let check = |arguments: &[&str], words: &[&str]| {
        for command in ["sync", "plan"] {
            refused(&APP, &[&[command], arguments].concat(), words);
        }
    };
    check(&["--from", "2026-10-06", "--to", "2026-10-05"], &["backwards", "swap"]);
    check(&["--from", "2999-01-01"], &["in the future", "today is"]);
    check(&["--from", "2001-01-01"], &["six months", "oldest day"]);
    check(&["--from", "5.10.2026"], &["5.10.2026", "yesterday"]);
    check(&["--to", "2026-02-30"], &["2026-02-30", "yesterday"]);
}

#[test]
fn command_lines_that_make_no_sense_are_refused() {
    refused(&APP, &["sync", "--wait", "soon"], &["soon", "until-done"]);
    refused(&APP, &["refresh", "1", "--wait=-2m"], &["-2m"]);
    refused(&APP, &["refresh", ""], &["number", "UUID"]);
    refused(&APP, &["attendance", " "], &["number", "UUID"]);
    refused(&APP, &["sync", "--nosuch"], &["--nosuch", "--help"]);
    refused(&APP, &["snyc"], &["snyc", "sync"]);
    refused(&[], &["simulate", "--plan", "gold"], &["business"]);
    refused(&[], &["simulate", "--scale", "0"], &["--scale"]);
    refused(&[], &["simulate", "--window", "round"], &["sliding"]);
    refused(&[], &["export", "attendance", "--format", "xml"], &["csv"]);
}

#[test]
fn a_port_in_use_says_how_to_choose_another() {
    let home = Home::new();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let ran = home.run(&[], &["simulate", "--listen", &address]);
    check(&ran, 1, &[&address, "--listen", "in use"]);
}

#[test]
fn an_unknown_meeting_says_what_to_try() {
    let (pretend, home) = (Pretend::start(&["--plain", "--meetings", "3"]), Home::new());
    for meeting in ["12345678", "nosuchuuid=="] {
        let ran = pretend.run(&home, &[], &["refresh", meeting]);
        check(&ran, 1, &[meeting, "no ended run"]);
        for command in ["attendance", "why"] {
            check(&pretend.run(&home, &[], &[command, meeting]), 1, &["rollbook refresh", "rollbook sync"]);
        }
    }
}

#[test]
fn an_export_that_cannot_be_written_says_so() {
    let (pretend, home) = (Pretend::start(&["--plain", "--meetings", "3"]), Home::new());
    pretend.expect(&home, 0, &["sync", "--from", "2026-10-05", "--to", "2026-10-05", "--wait", "0"]);
    let export = |out| pretend.run(&home, &[], &["export", "attendance", "--out", out]);
    check(&export("missing/x.csv"), 1, &["missing/x.csv", "folder exists"]);
    check(&export("."), 1, &["folder", "name a file"]);
    if cfg!(target_os = "linux") {
        check(&export("/dev/full"), 1, &["--out", "No space left"]);
    }
}
