//! Courses and people, beside the campus's Moodle.

use rollbook_moodle::testing::TestSite;
use serde_json::{Value, json};

use super::check::{Visit, check_all};
use super::json as ask;
use crate::browser::{Browser, LOOKS};
use crate::school::School;

async fn pages_of_courses_and_people_are_whole(site: TestSite) {
    let school = School::new(site, 1).await;
    let server = &school.server;
    let browser = Browser::open().await;
    browser.sign_in(server, "admin").await;
    let courses = ask(&browser, "/api/v1/courses").await;
    let course = courses["items"][0]["short_name"].as_str().unwrap();
    let visits = [
        Visit::to("courses", "/courses"),
        Visit::to("course", format!("/courses/{course}")),
        Visit::to("course-none", format!("/courses/{course}?from=2026-01-01&to=2026-01-02")),
        Visit::to("people", "/people?likely=true"),
        Visit::refused("course-unknown", "/courses/none", 404),
    ];
    check_all(&browser, server, &visits).await;
    browser.close().await;
}

/// Seconds of all sessions of a course that a student attended; none for who is no student there.
async fn attended(browser: &Browser, course: &str, user: i64) -> Option<i64> {
    let grid = ask(browser, &format!("/api/v1/courses/{course}?limit=1000")).await;
    let row = grid["students"].as_array()?.iter().find(|row| row["user_id"] == user)?;
    row["marks"]["seconds"].as_i64()
}

/// Somebody whom nobody recognises, and the student it may be who was missed most.
async fn missed(browser: &Browser) -> (Value, i64) {
    let people = ask(browser, "/api/v1/people?limit=1000").await;
    let mut found: Vec<(i64, Value, i64)> = Vec::new();
    for doubt in people["items"].as_array().unwrap() {
        for candidate in doubt["candidates"].as_array().unwrap() {
            let user = candidate["user"].as_i64().unwrap();
            if let Some(seconds) = attended(browser, doubt["course"].as_str().unwrap(), user).await {
                found.push((seconds - doubt["seconds"].as_i64().unwrap(), doubt.clone(), user));
            }
        }
    }
    let (_, doubt, user) =
        found.into_iter().min_by_key(|(seconds, ..)| *seconds).expect("somebody is in doubt");
    (doubt, user)
}

async fn a_correction_on_the_page_changes_the_course_and_reaches_moodle(site: TestSite) {
    // A minute of the campus is a second.
    let mut school = School::new(site, 60).await;
    let browser = Browser::open().await;
    browser.sign_in(&school.server, "admin").await;
    // What was collected arrives in Moodle by itself.
    let sessions = "SELECT CAST(COUNT(*) AS CHAR(9)) FROM {zoom_meeting_details}";
    while school.site.texts(sessions).await == ["0"] {}
    browser.look(&format!("{}/people", school.server.address), LOOKS[0]).await;
    let (doubt, user) = missed(&browser).await;
    let (reference, course) = (doubt["reference"].as_str().unwrap(), doubt["course"].as_str().unwrap());
    let before = attended(&browser, course, user).await.unwrap();
    let of_user =
        format!("SELECT CAST(COUNT(*) AS CHAR(9)) FROM {{zoom_meeting_participants}} WHERE userid = {user}");
    let rows = school.site.texts(&of_user).await;
    let form = format!("[id='{reference}'] form");
    browser.press(&format!("{form} input[value='id:{user}']")).await;
    browser.fill(&format!("{form} input[name=note]"), "asked them").await;
    browser.press(&format!("{form} button")).await;
    browser.until("return document.readyState === 'complete' && document.querySelector('[aria-labelledby=history] tbody') !== null").await;
    loop {
        browser.client.refresh().await.unwrap();
        let state = "return document.querySelector('[aria-labelledby=history] tbody tr').innerText";
        let state = browser.client.execute(state, vec![]).await.unwrap();
        assert!(!state.as_str().unwrap().contains("failed"), "{state}");
        if state.as_str().unwrap().contains("done") {
            break;
        }
    }
    let is_there = "return document.getElementById(arguments[0]) !== null";
    assert_eq!(
        browser.client.execute(is_there, vec![json!(reference)]).await.unwrap(),
        false,
        "nobody doubts any more"
    );
    let after = attended(&browser, course, user).await.unwrap();
    assert!(after > before, "the course counts what they attended: {before} {after}");
    // And Moodle is told.
    while school.site.texts(&of_user).await == rows {}
    browser.close().await;
}

async fn a_teacher_sees_the_own_course_and_no_other(site: TestSite) {
    let school = School::new(site, 1).await;
    let browser = Browser::open().await;
    browser.sign_in(&school.server, "admin").await;
    let courses = ask(&browser, "/api/v1/courses").await;
    let names: Vec<&str> =
        courses["items"].as_array().unwrap().iter().map(|one| one["short_name"].as_str().unwrap()).collect();
    let own = names[0];
    school.server.add_login("tess", "teacher", &["--email", &school.teacher_of(own)]);
    browser.client.delete_all_cookies().await.unwrap();
    browser.sign_in(&school.server, "tess").await;
    browser.look(&format!("{}/courses", school.server.address), LOOKS[0]).await;
    let shown = ask(&browser, "/api/v1/courses").await;
    let shown: Vec<&str> =
        shown["items"].as_array().unwrap().iter().map(|one| one["short_name"].as_str().unwrap()).collect();
    assert!(shown.contains(&own) && shown.len() < names.len(), "{shown:?} of {names:?}");
    browser.press("tbody th a").await;
    browser
        .until("return location.pathname.startsWith('/courses/') && document.readyState === 'complete'")
        .await;
    assert!(browser.text().await.contains("students"));
    let other = names.iter().find(|name| !shown.contains(name)).unwrap();
    browser.look(&format!("{}/courses/{other}", school.server.address), LOOKS[0]).await;
    assert!(browser.text().await.contains("There is no course"));
    browser.close().await;
}

mod on_postgres {
    use rollbook_moodle::Dialect;
    use rollbook_moodle::testing::run;

    #[test]
    fn pages_of_courses_and_people_are_whole() {
        run(Dialect::Postgres, super::pages_of_courses_and_people_are_whole);
    }

    #[test]
    fn a_correction_on_the_page_changes_the_course_and_reaches_moodle() {
        run(Dialect::Postgres, super::a_correction_on_the_page_changes_the_course_and_reaches_moodle);
    }

    #[test]
    fn a_teacher_sees_the_own_course_and_no_other() {
        run(Dialect::Postgres, super::a_teacher_sees_the_own_course_and_no_other);
    }
}

mod on_mariadb {
    use rollbook_moodle::Dialect;
    use rollbook_moodle::testing::run;

    #[test]
    fn a_correction_on_the_page_changes_the_course_and_reaches_moodle() {
        run(Dialect::MariaDb, super::a_correction_on_the_page_changes_the_course_and_reaches_moodle);
    }
}
