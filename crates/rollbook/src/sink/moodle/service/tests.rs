use rollbook_sim::webservice::{MoodleService as Pretend, SERVICE_TOKEN, Trouble};

use super::*;
use crate::simulation::transport::InProcess;

const URL: &str = "https://moodle.example.edu/learn/";

fn config(token: &str) -> MoodleServiceConfig {
    MoodleServiceConfig { url: URL.parse().unwrap(), token: token.into() }
}

/// The pretend service below the site's path.
fn service(pretend: &Pretend, token: &str) -> MoodleService {
    let router = axum::Router::new().nest("/learn", pretend.router());
    MoodleService::new(Arc::new(InProcess::new(router)), &config(token))
}

fn update(grades: &[(i64, f64)]) -> GradeUpdate {
    GradeUpdate { course: 5, module: 71, grades: grades.to_vec() }
}

fn send(pretend: &Pretend, token: &str, grades: &[(i64, f64)]) -> Result<(), ServiceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(service(pretend, token).update_grades(&update(grades)))
}

#[test]
fn grades_arrive_as_sent_and_the_token_stays_out_of_the_address() {
    let pretend = Pretend::new();
    send(&pretend, SERVICE_TOKEN, &[(31, 83.33333), (32, 0.0), (999_999, 100.0)]).unwrap();
    let stored: Vec<(i64, i64, i64, f64)> =
        pretend.grades().iter().map(|one| (one.course, one.module, one.student, one.grade)).collect();
    // Nobody there looks whether a student exists.
    assert_eq!(stored, [(5, 71, 31, 83.33333), (5, 71, 32, 0.0), (5, 71, 999_999, 100.0)]);
    assert_eq!(pretend.calls_with_query(), 0);
}

#[test]
fn a_site_is_named_without_the_web_service() {
    assert_eq!(service(&Pretend::new(), "t").site(), "moodle.example.edu/learn");
    assert!(!format!("{:?}", service(&Pretend::new(), "hushhush")).contains("hushhush"));
}

fn check(trouble: Trouble, kind: ServiceErrorKind, words: &[&str]) {
    let pretend = Pretend::new();
    pretend.trouble(Some(trouble));
    let error = send(&pretend, SERVICE_TOKEN, &[(31, 1.0)]).unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    for word in words {
        assert!(error.message.contains(word), "{error}");
    }
    assert!(!error.message.contains(SERVICE_TOKEN), "{error}");
}

#[test]
fn what_moodle_says_is_sorted_by_what_can_be_done() {
    use ServiceErrorKind::{Configuration, Maintenance, Passing, Refused};
    check(Trouble::Maintenance, Maintenance, &["in maintenance", "later"]);
    check(Trouble::NoFunction, Configuration, &["core_grades_update_grades", "webservice/rest:use"]);
    check(Trouble::NoRights, Configuration, &["moodle/grade:edit", "nopermissions"]);
    check(Trouble::Gateway(503), Passing, &["status 503"]);
    check(Trouble::Gateway(403), Configuration, &["REST"]);
    check(Trouble::Gateway(404), Configuration, &["ROLLBOOK_MOODLE_URL"]);
    check(Trouble::Gateway(302), Configuration, &["wwwroot"]);
    check(Trouble::Refuses(1), Refused, &["activity 71", "answer 1"]);
    check(Trouble::Garbled, Passing, &["JSON"]);
}

#[test]
fn a_wrong_token_is_named_and_never_repeated() {
    let error = send(&Pretend::new(), "wrongwrongwrong", &[(31, 1.0)]).unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Configuration);
    assert!(error.message.contains("ROLLBOOK_MOODLE_TOKEN"), "{error}");
    assert!(!error.message.contains("wrongwrongwrong"), "{error}");
}

#[test]
fn an_activity_that_is_gone_is_refused_alone() {
    let pretend = Pretend::new();
    pretend.limit_to([(5, 70)]);
    let error = send(&pretend, SERVICE_TOKEN, &[(31, 1.0)]).unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Refused);
    assert!(error.message.contains("course module"), "{error}");
    assert!(pretend.grades().is_empty());
}

#[test]
fn words_of_others_are_harmless() {
    let service = service(&Pretend::new(), "s3cret");
    assert_eq!(service.harmless("a\u{1b}[2J s3cret\nb."), "a [2J (token) b");
    assert_eq!(service.harmless(&"x".repeat(900)).len(), SHOWN_MAX);
}
