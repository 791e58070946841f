//! Courses and people where there is no Moodle.

use rollbook_core::request::Role;

use super::site::Site;

#[tokio::test]
async fn pages_say_what_to_set_and_programs_get_a_problem() {
    let site = Site::new();
    for path in ["/courses", "/people"] {
        let page = site.get_as(Role::Admin, path).await;
        assert!(page.status == 200 && page.body.contains("ROLLBOOK_MOODLE_DB"), "{path}: {}", page.body);
        let answer = site.get_as(Role::Admin, &format!("/api/v1{path}")).await;
        assert_eq!(
            (answer.status, answer.json()["type"].as_str()),
            (404, Some("/problems/not-configured")),
            "{path}"
        );
    }
    assert_eq!(site.get_as(Role::Admin, "/courses/ALG1").await.status, 404);
    assert_eq!(site.get_as(Role::Admin, "/api/v1/courses/ALG1").await.status, 404);
    let json = r#"{"key":"email:ana@uni.example","decision":"nobody"}"#;
    assert_eq!(site.post_as(Role::Admin, "/api/v1/corrections", json).await.status, 404);
    assert!(site.store().commands(9).unwrap().is_empty(), "it could not be done");
}

#[tokio::test]
async fn decisions_of_the_shell_are_shown() {
    let site = Site::new();
    let line = rollbook_store::CorrectionRecord {
        key: "name:3:<i>Ana</i>".parse().unwrap(),
        correction: rollbook_core::identity::Correction::User(7),
        user_name: Some("Ana López".into()),
        note: Some("asked her".into()),
        set_by: "root".into(),
        set_at: super::site::NOW.parse().unwrap(),
    };
    site.store().put_correction(&line).unwrap();
    let page = site.get_as(Role::Admin, "/people").await.body;
    assert!(page.contains("Ana López (7)") && page.contains("name:3:&#60;i&#62;"), "{page}");
    let listed = site.get_as(Role::Admin, "/api/v1/corrections").await.json();
    assert_eq!((&listed["items"][0]["user"], &listed["items"][0]["note"]), (&7.into(), &"asked her".into()));
    for role in [Role::Analyst, Role::Teacher, Role::Viewer] {
        assert_eq!(site.get_as(role, "/people").await.status, 403);
    }
}

#[tokio::test]
async fn wrong_days_are_refused_before_moodle_is_asked() {
    let site = Site::new();
    for path in [
        "/api/v1/people?from=2026-10-06&to=2026-10-01",
        "/api/v1/people?from=2026-01-01&to=2026-10-01",
        "/api/v1/people?likely=perhaps",
        "/api/v1/people?format=csv",
        "/api/v1/people?from=-009999-01-01&to=-009999-01-02",
        "/api/v1/courses/ALG1?from=2026-10-06&to=2026-10-01",
        "/api/v1/courses/ALG1?from=-009999-01-01",
        "/api/v1/courses?limit=1001",
        "/courses/ALG1?page=x",
    ] {
        let answer = site.get_as(Role::Admin, path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.body);
    }
}
