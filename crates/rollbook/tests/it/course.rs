//! `attendance --course`: students and sessions, on Moodle's real databases.

use std::collections::BTreeMap;

use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::campus::lines;
use crate::class::Class;
use crate::pretend::Home;

mod text;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The marks of everybody by name, a word for each session.
fn marks(report: &Value) -> BTreeMap<String, Vec<String>> {
    let rows = report["students"].as_array().unwrap();
    let marks = |row: &Value| {
        let cells = row["sessions"].as_array().unwrap();
        cells.iter().map(|cell| cell["mark"].as_str().unwrap().to_owned()).collect()
    };
    rows.iter().map(|row| (row["name"].as_str().unwrap().to_owned(), marks(row))).collect()
}

async fn students_and_sessions_are_marked(site: TestSite) {
    let class = Class::new(site).await;
    let ran = class.run(&[], &["attendance", "--course", "ALG1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = json(&ran.out);
    let expected = [
        ("Ana Lopez", ["present", "present", "present"]),
        ("Ben Okafor", ["late", "absent", "unknown"]),
        ("Cara Díaz", ["left_early", "absent", "unknown"]),
        ("Dan Quiet", ["absent", "absent", "unknown"]),
    ];
    let expected: BTreeMap<String, Vec<String>> =
        expected.iter().map(|(name, marks)| ((*name).into(), marks.map(String::from).to_vec())).collect();
    assert_eq!(marks(&report), expected);
    let sessions = report["sessions"].as_array().unwrap();
    let uuids: Vec<usize> = sessions.iter().map(|s| s["meeting_uuids"].as_array().unwrap().len()).collect();
    assert_eq!(uuids, [1, 2, 1], "a restart is the same session");
    assert_eq!((&sessions[1]["class_seconds"], &sessions[0]["unrecognised"]), (&3_420.into(), &2.into()));
    let staff: Vec<&str> =
        report["staff"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(staff, ["Emmy Noether"]);
    assert!(report["staff"][0]["sessions"][0]["mark"].is_null(), "nothing is expected of staff");
    let students = report["students"].as_array().unwrap();
    let ana = students.iter().find(|row| row["name"] == "Ana Lopez").unwrap();
    assert_eq!((&ana["summary"]["present"], &ana["summary"]["seconds"]), (&3.into(), &10_620.into()));
}

async fn the_rule_is_a_setting_and_days_can_be_chosen(site: TestSite) {
    let class = Class::new(site).await;
    let rule = [
        ("ROLLBOOK_ATTENDANCE_LATE_AFTER_MINUTES", "never"),
        ("ROLLBOOK_ATTENDANCE_PRESENT_SHARE", "0.65"),
        ("ROLLBOOK_ATTENDANCE_LEFT_EARLY_MINUTES", "never"),
    ];
    let days = ["attendance", "--course", "alg1", "--from", "2026-10-01", "--to", "2026-10-08"];
    let ran = class.run(&rule, &days);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let marks = marks(&json(&ran.out));
    assert_eq!(marks["Ben Okafor"], ["present", "absent"]);
    assert_eq!(marks["Cara Díaz"], ["absent", "absent"]);
}

async fn csv_has_a_line_for_each_person_and_session(site: TestSite) {
    let class = Class::new(site).await;
    let ran = class.run(&[], &["attendance", "--course", "ALG1", "--format", "csv"]);
    let lines = lines(&ran.out);
    assert_eq!(lines.len(), 5 * 3, "{}", ran.err);
    let ben = lines.iter().find(|line| line["name"] == "Ben Okafor" && line["session"] == "1").unwrap();
    assert_eq!(
        (ben["minutes"].as_str(), ben["share"].as_str(), ben["mark"].as_str()),
        ("40", "0.6667", "late")
    );
    assert_eq!((ben["role"].as_str(), ben["session_start"].as_str()), ("student", "2026-10-01T10:00:00Z"));
    let ben = lines.iter().find(|line| line["name"] == "Ben Okafor" && line["session"] == "3").unwrap();
    assert_eq!((ben["mark"].as_str(), ben["session_state"].as_str()), ("unknown", "open"));
    let staff = lines.iter().find(|line| line["role"] == "staff").unwrap();
    assert_eq!((staff["name"].as_str(), staff["mark"].as_str()), ("Emmy Noether", ""));
}

async fn a_number_in_two_courses_serves_both(site: TestSite) {
    let mut class = Class::new(site).await;
    let other = class.site.course("ALG-EVENING").await;
    class.site.activity(other, crate::class::NUMBER.try_into().unwrap()).await;
    class.site.execute("UPDATE {zoom} SET recurring = 1").await;
    class.site.enrol(class.students[1], other, "student").await;
    let report = json(&class.run(&[], &["attendance", "--course", "ALG-EVENING"]).out);
    assert_eq!(marks(&report)["Ben Okafor"], ["late", "absent", "unknown"]);
    assert_eq!(report["sessions"][0]["also_in"][0], "ALG1");
    // Ana is known there and not enrolled.
    assert_eq!(
        report["sessions"][1]["not_enrolled"].as_u64().unwrap()
            + report["sessions"][1]["unrecognised"].as_u64().unwrap(),
        1
    );
    let first = json(&class.run(&[], &["attendance", "--course", "ALG1"]).out);
    assert_eq!(first["sessions"].as_array().unwrap().len(), 3);
}

async fn who_is_suspended_stands_there_only_if_seen(site: TestSite) {
    let mut class = Class::new(site).await;
    let [_, ben, _, dan] = class.students;
    class.site.execute(&format!("UPDATE {{user}} SET suspended = 1 WHERE id IN ({ben}, {dan})")).await;
    let report = json(&class.run(&[], &["attendance", "--course", "ALG1"]).out);
    let names: Vec<(&str, bool)> = report["students"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["is_active"].as_bool().unwrap()))
        .collect();
    assert_eq!(names, [("Cara Díaz", true), ("Ana Lopez", true), ("Ben Okafor", false)]);
}

async fn unknown_courses_are_told_with_those_that_come_near(site: TestSite) {
    let mut class = Class::new(site).await;
    class.site.course("ALG2").await;
    let ran = class.run(&[], &["attendance", "--course", "ALGI"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("no course \"ALGI\"") && ran.err.contains("ALG1") && ran.err.contains("ALG2"),
        "{}",
        ran.err
    );
    let by_id = class.run(&[], &["attendance", "--course", &class.course.to_string()]);
    assert_eq!(json(&by_id.out)["course"]["short_name"], "ALG1");
}

async fn wrong_settings_are_told_without_the_password(site: TestSite) {
    let class = Class::new(site).await;
    let ask = ["attendance", "--course", "ALG1"];
    let ran = class.run(&[("ROLLBOOK_MOODLE_PREFIX", "other_")], &ask);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("other_") && ran.err.contains("moodle check"), "{}", ran.err);
    let mut url: url::Url = class.site.settings.url.expose_secret().parse().unwrap();
    url.set_password(Some("wr0ng")).unwrap();
    let ran = class.run(&[("ROLLBOOK_MOODLE_DB", url.as_str())], &ask);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(!ran.err.contains("wr0ng"), "{}", ran.err);
}

on_both!(
    students_and_sessions_are_marked,
    the_rule_is_a_setting_and_days_can_be_chosen,
    csv_has_a_line_for_each_person_and_session,
    a_number_in_two_courses_serves_both,
    who_is_suspended_stands_there_only_if_seen,
    unknown_courses_are_told_with_those_that_come_near,
    wrong_settings_are_told_without_the_password,
);

#[test]
fn without_a_database_it_says_which_setting_is_lacking() {
    let ran = Home::new().run(&[], &["attendance", "--course", "ALG1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("ROLLBOOK_MOODLE_DB"), "{}", ran.err);
}

#[test]
fn command_lines_that_make_no_sense_are_refused() {
    let home = Home::new();
    let refused: [&[&str]; 5] = [
        &["attendance"],
        &["attendance", "123", "--course", "ALG1"],
        &["attendance", "123", "--format", "csv"],
        &["attendance", "123", "--from", "2026-10-01"],
        &["attendance", "--course", "ALG1", "--by", "stay"],
    ];
    for arguments in refused {
        let ran = home.run(&[], arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        let right = if arguments.len() == 1 { "MEETING" } else { "--course" };
        assert!(ran.err.contains(right), "{arguments:?}: {}", ran.err);
    }
}
