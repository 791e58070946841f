//! What reading a large site costs: 50,000 users, 2,500 courses of 60, 5,000 activities, on both databases.
//!
//! `cargo bench -p rollbook-moodle --bench site`, with the servers of `cargo xtask servers`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::time::Instant;

use jiff::Timestamp;
use rollbook_moodle::testing::{TestSite, run};
use rollbook_moodle::{Dialect, MoodleDb};

const USERS: i64 = 50_000;
const COURSES: i64 = 2_500;
const MEMBERS: i64 = 60;

fn main() {
    if std::env::args().skip(1).any(|word| !word.starts_with('-') && !"site".contains(&word)) {
        return;
    }
    for dialect in [Dialect::Postgres, Dialect::MariaDb] {
        println!("{}", dialect.name());
        run(dialect, measure);
    }
}

async fn measure(mut site: TestSite) {
    fill(&mut site).await;
    let least = site.least().await;
    let mut db = MoodleDb::connect(&least).await.unwrap();
    let now: Timestamp = "2026-10-01T12:00:00Z".parse().unwrap();
    let began = Instant::now();
    let report = db.check().await.unwrap();
    tell("check", began, &format!("{} findings", report.findings.len()));
    let began = Instant::now();
    let courses = db.courses().await.unwrap();
    tell("courses", began, &format!("{}", courses.len()));
    let began = Instant::now();
    let activities = db.activities().await.unwrap();
    assert!(activities.iter().all(|activity| activity.module.is_some()));
    tell("activities", began, &format!("{}", activities.len()));
    let began = Instant::now();
    let mut members = 0;
    for course in &courses {
        members += db.roster(course.id, now).await.unwrap().unwrap().members.len();
    }
    tell("rosters of all courses", began, &format!("{members} members"));
    let emails: Vec<String> =
        (1..=5_000).map(|number| format!("PERSON{}@example.edu", number * 20)).collect();
    let began = Instant::now();
    let users = db.users_by_email(&emails).await.unwrap();
    tell("users by 5,000 e-mails", began, &format!("{} found", users.len()));
    let began = Instant::now();
    db.users_by_email(&emails[..25]).await.unwrap();
    tell("users by 25 e-mails", began, "");
}

fn tell(what: &str, began: Instant, found: &str) {
    println!("  {what:<24} {:>9.1} ms  {found}", began.elapsed().as_secs_f64() * 1e3);
}

/// Made by the server itself, which counts for us.
async fn fill(site: &mut TestSite) {
    let count = |to: i64| match site.dialect() {
        Dialect::Postgres => format!("generate_series(1, {to}) s(seq)"),
        Dialect::MariaDb => format!("seq_1_to_{to} s"),
    };
    let (users, courses, members) = (count(USERS), count(COURSES), count(COURSES * MEMBERS));
    let activities = count(COURSES * 2);
    for sql in [
        format!(
            "INSERT INTO {{user}} (mnethostid, username, firstname, lastname, email) \
             SELECT 1, CONCAT('person', seq), CONCAT('First', seq), CONCAT('Last', seq), CONCAT('Person', seq, '@example.edu') \
             FROM {users}"
        ),
        format!(
            "INSERT INTO {{course}} (shortname, fullname) SELECT CONCAT('C', seq), CONCAT('Course ', seq) FROM {courses}"
        ),
        "INSERT INTO {context} (contextlevel, instanceid) SELECT 50, id FROM {course}".to_owned(),
        "INSERT INTO {enrol} (enrol, courseid) SELECT 'manual', id FROM {course}".to_owned(),
        format!(
            "INSERT INTO {{user_enrolments}} (enrolid, userid, timeend) \
             SELECT 1 + MOD(seq, {COURSES}), 1 + MOD(seq * 7 + (seq - MOD(seq, {COURSES})) / {COURSES} * 811, {USERS}), 0 FROM {members}"
        ),
        format!(
            "INSERT INTO {{role_assignments}} (roleid, contextid, userid) \
             SELECT 5, 1 + MOD(seq, {COURSES}), 1 + MOD(seq * 7 + (seq - MOD(seq, {COURSES})) / {COURSES} * 811, {USERS}) FROM {members}"
        ),
        format!(
            "INSERT INTO {{zoom}} (course, meeting_id) SELECT 1 + MOD(seq, {COURSES}), 90000000000 + seq FROM {activities}"
        ),
        "INSERT INTO {course_modules} (course, module, instance) SELECT course, 3, id FROM {zoom}".to_owned(),
        // Another kind's instances of the same numbers.
        "INSERT INTO {course_modules} (course, module, instance) SELECT course, 1, id FROM {zoom}".to_owned(),
    ] {
        site.execute(&sql).await;
    }
    let tables = [
        "user",
        "course",
        "context",
        "enrol",
        "user_enrolments",
        "role_assignments",
        "zoom",
        "course_modules",
    ];
    for table in tables {
        let analyze = match site.dialect() {
            Dialect::Postgres => format!("ANALYZE {{{table}}}"),
            Dialect::MariaDb => format!("ANALYZE TABLE {{{table}}}"),
        };
        site.execute(&analyze).await;
    }
}
