//! `refresh` by role, as a user at a shell tries it.

use serde_json::Value;

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

const DAY: [&str; 4] = ["--meetings", "4", "--people", "5"];

struct Site {
    pretend: Pretend,
    home: Home,
    meeting: String,
}

/// A site whose day is collected, with the number of one of its meetings.
fn site() -> Site {
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    pretend.expect(&home, 0, &["sync", "--from", &day, "--to", &day, "--wait", "0"]);
    let truth = pretend.truth();
    let meeting = truth["instances"][0]["uuid"].as_str().unwrap().to_owned();
    Site { pretend, home, meeting }
}

impl Site {
    fn ask(&self, roles: &str, ration: &str, who: &str, role: &str) -> Ran {
        let variables = [("ROLLBOOK_REFRESH_ROLES", roles), ("ROLLBOOK_REFRESH_RATION", ration)];
        self.pretend.run(&self.home, &variables, &["refresh", &self.meeting, "--for", who, "--role", role])
    }

    fn requests(&self) -> Value {
        serde_json::from_str(&self.pretend.expect(&self.home, 0, &["refresh", "--list"]).out).unwrap()
    }
}

#[test]
fn only_admins_may_ask_unless_configured_and_a_refusal_costs_nothing() {
    let site = site();
    let calls = site.pretend.calls();
    let ran = site.ask("", "", "ana", "teacher");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("role teacher may not ask") && ran.err.contains("ROLLBOOK_REFRESH_ROLES"));
    assert_eq!(site.pretend.calls(), calls);
    let ran = site.ask("teacher", "", "Ana", "teacher");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&told["request"]["who"], &told["ration_left"]), (&"ana".into(), &9.into()));
    assert!(site.pretend.calls() > calls);
    let outcomes: Vec<String> = site.requests()["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| {
            format!("{} {}", request["who"].as_str().unwrap(), request["outcome"].as_str().unwrap())
        })
        .collect();
    assert_eq!(outcomes, ["ana answered", "ana refused"]);
}

#[test]
fn a_second_request_joins_the_first_and_a_ration_ends() {
    let site = site();
    let first = site.ask("teacher", "1", "ana", "teacher");
    assert_eq!(first.code, 0, "{}", first.err);
    let calls = site.pretend.calls();
    let joined = site.ask("teacher", "1", "ben", "teacher");
    assert_eq!((joined.code, site.pretend.calls()), (0, calls), "{}", joined.err);
    let told: Value = serde_json::from_str(&joined.out).unwrap();
    assert_eq!((&told["request"]["joined"], &told["request"]["outcome"]), (&1.into(), &"answered".into()));
    assert_eq!(told["calls"]["medium"], 0);
    // Another meeting is not the same request, and ana has had hers.
    let other = site.pretend.truth()["instances"][1]["uuid"].as_str().unwrap().to_owned();
    let variables = [("ROLLBOOK_REFRESH_ROLES", "teacher"), ("ROLLBOOK_REFRESH_RATION", "1")];
    let ask = ["refresh", &other, "--for", "ANA", "--role", "teacher"];
    let refused = site.pretend.run(&site.home, &variables, &ask);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("daily ration of 1"), "{}", refused.err);
    let dry = site.pretend.run(&site.home, &variables, &[&ask[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 1);
    assert_eq!(serde_json::from_str::<Value>(&dry.out).unwrap()["decision"], "refused");
    // The shell itself has no ration.
    site.pretend.expect(&site.home, 0, &["refresh", &other]);
    assert_eq!(site.requests()["rations_used"]["ana"], 1);
}

#[test]
fn a_dry_run_tells_the_price_and_asks_nobody() {
    let site = site();
    let calls = site.pretend.calls();
    let dry = site.pretend.expect(&site.home, 0, &["refresh", &site.meeting, "--dry-run"]);
    let told: Value = serde_json::from_str(&dry.out).unwrap();
    assert_eq!((&told["decision"], &told["price"]["medium"]), (&"ask".into(), &1.into()));
    assert_eq!(site.pretend.calls(), calls);
    assert_eq!(site.requests()["requests"].as_array().unwrap().len(), 0);
}

#[test]
fn a_meeting_that_cannot_be_found_leaves_a_failed_request() {
    let site = site();
    let ran = site.pretend.run(&site.home, &[], &["refresh", "98765432109"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let request = &site.requests()["requests"][0];
    assert_eq!((&request["outcome"], &request["who"]), (&"failed".into(), &"(shell)".into()));
    assert!(request["reason"].as_str().unwrap().contains("knows no ended run"), "{request}");
}

#[test]
fn wrong_words_are_usage_errors() {
    let home = Home::new();
    for (arguments, right) in [
        (&["refresh", "1", "--for", "ana"][..], "--role"),
        (&["refresh", "1", "--role", "admin"], "--for"),
        (&["refresh", "1", "--for", "ana", "--role", "boss"], "teacher"),
        (&["refresh", "1", "--for", " ", "--role", "admin"], "1 to 100"),
        (&["refresh"], "MEETING"),
        (&["refresh", "--list", "1"], "--list"),
    ] {
        let ran = home.run(&[], arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(right), "{arguments:?}: {}", ran.err);
    }
    let ran = home.run(&[("ROLLBOOK_REFRESH_ROLES", "boss")], &["config"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("ROLLBOOK_REFRESH_ROLES"), "{}", ran.err);
}
