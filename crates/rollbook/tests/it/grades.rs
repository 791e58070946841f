//! `moodle grades`: decided from Moodle's real databases, told to a pretend web service on a port.

use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;
use rollbook_sim::MoodleService;
use rollbook_sim::webservice::{SERVICE_TOKEN, Trouble};
use rollbook_store::{GradeOutcome, State};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::class::{Class, at, put, run};
use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

/// A web service in a thread of its own, which ends with the test's process.
struct Service {
    pretend: MoodleService,
    url: String,
}

impl Service {
    fn start() -> Service {
        let pretend = MoodleService::new();
        let router = pretend.router();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Service { pretend, url }
    }

    fn stored(&self) -> Vec<(i64, f64)> {
        self.pretend.grades().iter().map(|one| (one.student, one.grade)).collect()
    }
}

/// A class whose activity grades by time attended, with its two verified sessions.
async fn graded(site: TestSite) -> (Class, Service) {
    let mut class = Class::new(site).await;
    class.site.execute("UPDATE {zoom} SET grade = 100, grading_method = 'period'").await;
    let third = class.campus.store.instance_by_uuid("default", "third==").unwrap().unwrap();
    class.campus.store.set_state(third.state_since, third.id, State::Verified, None, None).unwrap();
    (class, Service::start())
}

fn grades(class: &Class, service: &Service, arguments: &[&str]) -> Ran {
    let variables = [("ROLLBOOK_MOODLE_URL", service.url.as_str()), ("ROLLBOOK_MOODLE_TOKEN", SERVICE_TOKEN)];
    class.run(&variables, &[&["moodle", "grades"], arguments].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

async fn grades_are_the_share_attended_and_everybody_else_has_a_reason(site: TestSite) {
    let (class, service) = graded(site).await;
    let [ana, ben, cara, dan] = class.students;
    let dry = grades(&class, &service, &["--dry-run"]);
    assert_eq!((dry.code, service.pretend.calls()), (0, 0), "{}", dry.err);
    assert_eq!((&json(&dry)["to_send"], &json(&dry)["dry_run"]), (&3.into(), &true.into()));
    let ran = grades(&class, &service, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = json(&ran);
    // 177 minutes of class: all of it, 40 and 35 minutes.
    assert_eq!(service.stored(), [(ana, 100.0), (ben, 22.59887), (cara, 19.77401)]);
    assert_eq!(service.pretend.calls_with_query(), 0);
    let activity = &report["activities"][0];
    assert_eq!((&activity["module"], &activity["sessions"]), (&class.module.into(), &3.into()));
    let reasons: Vec<(i64, &str)> = activity["ungraded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["user"].as_i64().unwrap(), one["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(reasons.len(), 2, "everybody is in exactly one list");
    assert!(reasons.iter().any(|(user, why)| *user == class.teacher && why.contains("no student")));
    assert!(reasons.iter().any(|(user, why)| *user == dan && why.contains("not seen")));
    assert!(report["notes"][0].as_str().unwrap().contains("cannot be seen"));
}

async fn the_same_is_not_sent_twice_and_nothing_is_lowered(site: TestSite) {
    let (mut class, service) = graded(site).await;
    let [ana, ben, ..] = class.students;
    assert_eq!(grades(&class, &service, &[]).code, 0);
    let again = grades(&class, &service, &[]);
    assert_eq!((again.code, service.pretend.calls()), (0, 1), "{}", again.err);
    let why = json(&again)["activities"][0]["ungraded"].to_string();
    assert!(why.contains("has these 100 points already"), "{why}");
    // A fourth session, which only Ben attends: Ana's share falls, his rises.
    let fourth = ["Ben Okafor <ben@uni.example> 0 60"];
    put(&mut class.campus.store, 21, run("fourth==", 21, 0, 60), State::Verified, &fourth);
    let ran = grades(&class, &service, &[]);
    let why = json(&ran)["activities"][0]["ungraded"].to_string();
    assert!(why.contains("would be less than the 100"), "{why}");
    assert_eq!(service.stored()[..2], [(ana, 100.0), (ben, 42.19409)]);
    let ran = grades(&class, &service, &["--allow-lower"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(service.stored()[0], (ana, 74.68354));
}

async fn an_open_session_holds_the_grades_back(site: TestSite) {
    let (mut class, service) = graded(site).await;
    put(&mut class.campus.store, 21, run("fourth==", 21, 0, 60), State::Fetched, &[]);
    let ran = grades(&class, &service, &[]);
    assert_eq!((ran.code, service.pretend.calls()), (0, 0), "{}", ran.err);
    let why = json(&ran)["activities"][0]["ungraded"].to_string();
    assert!(why.contains("2026-10-22 10:00 is still being checked"), "{why}");
    // Of the days before, it can be told.
    assert_eq!(grades(&class, &service, &["--from", "2026-10-01", "--to", "2026-10-15"]).code, 0);
    assert_eq!(service.stored().len(), 3);
}

async fn a_site_in_maintenance_is_told_and_goes_on_later(site: TestSite) {
    let (class, service) = graded(site).await;
    service.pretend.trouble(Some(Trouble::Maintenance));
    let ran = grades(&class, &service, &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("in maintenance") && ran.err.contains("later"), "{}", ran.err);
    assert_eq!(service.pretend.calls(), 1, "maintenance lasts: nobody is asked again at once");
    service.pretend.trouble(None);
    assert_eq!(grades(&class, &service, &[]).code, 0);
    assert_eq!(service.stored().len(), 3);
    let receipts = class.campus.store.grade_receipts(Some(class.module), 99).unwrap();
    let taken = receipts.iter().filter(|one| one.outcome == GradeOutcome::Taken).count();
    assert_eq!((receipts.len(), taken), (6, 3));
}

async fn what_stands_in_front_of_moodle_may_fail_in_passing(site: TestSite) {
    let (class, service) = graded(site).await;
    service.pretend.trouble_for(Trouble::Gateway(503), 1);
    let ran = grades(&class, &service, &[]);
    assert_eq!((ran.code, service.pretend.calls()), (0, 2), "{}", ran.err);
    assert_eq!(service.stored().len(), 3);
}

async fn an_answer_that_got_lost_is_asked_for_again(site: TestSite) {
    let (class, service) = graded(site).await;
    service.pretend.trouble(Some(Trouble::Garbled));
    let ran = grades(&class, &service, &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let told = class.campus.store.grade_receipts(Some(class.module), 99).unwrap();
    assert!(told.iter().all(|one| one.outcome == GradeOutcome::Sent), "nobody knows: {told:?}");
    service.pretend.trouble(None);
    assert_eq!(json(&grades(&class, &service, &[]))["taken"], 3);
}

async fn a_token_without_rights_is_a_setting_and_is_never_repeated(site: TestSite) {
    let (class, service) = graded(site).await;
    for (trouble, word) in
        [(Trouble::NoRights, "moodle/grade:edit"), (Trouble::NoFunction, "core_grades_update_grades")]
    {
        service.pretend.trouble(Some(trouble));
        let ran = grades(&class, &service, &[]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(word), "{}", ran.err);
        assert!(!format!("{}{}", ran.out, ran.err).contains(SERVICE_TOKEN));
    }
    let wrong = [("ROLLBOOK_MOODLE_URL", service.url.as_str()), ("ROLLBOOK_MOODLE_TOKEN", "s3cretS3cret")];
    service.pretend.trouble(None);
    let ran = class.run(&wrong, &["-vv", "moodle", "grades"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("ROLLBOOK_MOODLE_TOKEN"), "{}", ran.err);
    assert!(!format!("{}{}", ran.out, ran.err).contains("s3cretS3cret"));
    assert!(service.stored().is_empty());
}

async fn an_activity_that_moodle_refuses_holds_up_no_other(site: TestSite) {
    let (mut class, service) = graded(site).await;
    let other = class.site.course("ALG2").await;
    class.site.activity(other, crate::class::NUMBER.try_into().unwrap()).await;
    class.site.execute("UPDATE {zoom} SET recurring = 1, grade = 10, grading_method = 'period'").await;
    class.site.enrol(class.students[0], other, "student").await;
    let module = class.site.numbers("SELECT MAX(id) FROM {course_modules}").await[0];
    // Both courses meet in the same room at any time: whose class it was nobody can tell.
    let ran = grades(&class, &service, &[]);
    assert_eq!((ran.code, service.pretend.calls()), (0, 0), "{}", ran.err);
    assert!(ran.out.contains("cannot be told"), "{}", ran.out);
    let first = at(0, 0).as_second();
    let plan = format!("UPDATE {{zoom}} SET recurring = 0, start_time = {first}, duration = 3600");
    class.site.execute(&plan).await;
    service.pretend.limit_to([(other, module)]);
    let ran = grades(&class, &service, &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("ALG1") && ran.err.contains("course module"), "{}", ran.err);
    assert_eq!(service.stored(), [(class.students[0], 10.0)]);
}

async fn nothing_is_graded_where_nothing_grades_by_time(site: TestSite) {
    let (mut class, service) = graded(site).await;
    class.site.execute("UPDATE {zoom} SET grading_method = 'entry'").await;
    let ran = grades(&class, &service, &["--course", "ALG1"]);
    assert_eq!((ran.code, service.pretend.calls()), (0, 0), "{}", ran.err);
    assert_eq!(json(&ran)["activities"].as_array().unwrap().len(), 0);
    let ran = grades(&class, &service, &["--course", "ALG9"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean ALG1?"), "{}", ran.err);
}

async fn a_delivery_grades_only_where_that_is_wanted(site: TestSite) {
    let (class, service) = graded(site).await;
    let service_of = |on: &'static str| {
        [
            ("ROLLBOOK_MOODLE_URL", service.url.clone()),
            ("ROLLBOOK_MOODLE_TOKEN", SERVICE_TOKEN.to_owned()),
            ("ROLLBOOK_MOODLE_GRADES", on.to_owned()),
        ]
    };
    for (on, arguments, calls) in [
        ("false", &["moodle", "push"][..], 0),
        ("true", &["moodle", "push", "--dry-run"], 0),
        ("true", &["moodle", "push"], 1),
    ] {
        let variables = service_of(on);
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let ran = class.run(&variables, arguments);
        assert_eq!((ran.code, service.pretend.calls()), (0, calls), "{arguments:?}: {}", ran.err);
        assert!(json(&ran).is_object());
    }
    assert_eq!(service.stored().len(), 3);
}

async fn a_sync_delivers_and_grades_in_one_go(mut site: TestSite) {
    let ((pretend, day), home) = (Pretend::of_past_day(&["--meetings", "2", "--people", "4"]), Home::new());
    let meeting = pretend.truth()["instances"][0].clone();
    let course = site.course("ALG1").await;
    site.activity(course, meeting["id"].as_i64().unwrap()).await;
    site.execute("UPDATE {zoom} SET recurring = 1, grade = 100, grading_method = 'period'").await;
    for (place, stay) in meeting["stays"].as_array().unwrap().iter().enumerate() {
        let student = site.user("Student", &format!("No{place}"), stay["email"].as_str().unwrap()).await;
        site.enrol(student, course, "student").await;
    }
    let variables =
        [("ROLLBOOK_MOODLE_DB", site.settings.url.expose_secret()), ("ROLLBOOK_MOODLE_GRADES", "true")];
    let sync = ["sync", "--from", &day, "--to", &day, "--wait", "0"];
    let wrong = [variables[0], variables[1], ("ROLLBOOK_MOODLE_TOKEN", "wr0ngwr0ng")];
    let ran = pretend.run(&home, &wrong, &sync);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(json(&ran)["failures"].to_string().contains("ROLLBOOK_MOODLE_TOKEN"), "{}", ran.out);
    assert_eq!(json(&ran)["instances"]["verified"], 2, "what was collected is kept");
    let ran = pretend.run(&home, &variables, &sync);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(json(&ran)["notes"].to_string().contains("4 grades taken by Moodle"), "{}", ran.out);
    assert_eq!(pretend.grades()["grades"].as_array().unwrap().len(), 4);
}

async fn without_a_web_service_only_a_dry_run_works(site: TestSite) {
    let (class, _) = graded(site).await;
    let ran = class.run(&[], &["moodle", "grades"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("ROLLBOOK_MOODLE_URL") && ran.err.contains("TOKEN"), "{}", ran.err);
    let ran = class.run(&[], &["moodle", "grades", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(json(&ran)["to_send"], 3);
}

on_both!(
    grades_are_the_share_attended_and_everybody_else_has_a_reason,
    the_same_is_not_sent_twice_and_nothing_is_lowered,
    an_open_session_holds_the_grades_back,
    a_site_in_maintenance_is_told_and_goes_on_later,
    what_stands_in_front_of_moodle_may_fail_in_passing,
    an_answer_that_got_lost_is_asked_for_again,
    a_token_without_rights_is_a_setting_and_is_never_repeated,
    an_activity_that_moodle_refuses_holds_up_no_other,
    nothing_is_graded_where_nothing_grades_by_time,
    a_delivery_grades_only_where_that_is_wanted,
    a_sync_delivers_and_grades_in_one_go,
    without_a_web_service_only_a_dry_run_works,
);
