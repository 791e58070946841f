//! Courses and people as pages, over Moodle's real databases.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use rollbook::clock::Clock;
use rollbook::config::{Config, Environment, Flags};
use rollbook::serve;
use rollbook::serve::pulse::Pulse;
use rollbook::web::visitor::Visitor;
use rollbook::web::{App, router};
use rollbook_core::request::Role;
use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;
use rollbook_store::{Mode, Store};
use secrecy::ExposeSecret;
use serde_json::Value;
use tower::ServiceExt;

use crate::class::Class;

/// A server over a class, with the day on which its last session was held as today.
struct Server {
    app: App,
    class: Class,
}

impl Server {
    async fn new(site: TestSite) -> Server {
        let class = Class::new(site).await;
        let store = class.campus.home.path().join("rollbook.db");
        let variables = [
            ("ROLLBOOK_STORE", store.to_str().unwrap()),
            ("ROLLBOOK_MOODLE_DB", class.site.settings.url.expose_secret()),
        ];
        let config = Config::load(&Flags::default(), &Environment::of(variables)).unwrap();
        let clock = Clock::simulated("2026-10-15T12:00:00Z".parse().unwrap(), 0.0);
        Server { app: serve::app(&config, clock, Pulse::default(), Arc::default()).unwrap(), class }
    }

    async fn ask(&self, visitor: &Visitor, request: Request<Body>) -> (u16, String) {
        let mut request = request;
        request.extensions_mut().insert(visitor.clone());
        let response = router(self.app.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&self, visitor: &Visitor, path: &str) -> (u16, String) {
        let request = Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
        self.ask(visitor, request).await
    }

    async fn json(&self, visitor: &Visitor, path: &str) -> Value {
        let (status, body) = self.get(visitor, path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }
}

fn admin() -> Visitor {
    Visitor::in_role("ana", Role::Admin)
}

async fn a_course_is_students_against_sessions(site: TestSite) {
    let server = Server::new(site).await;
    let courses = server.json(&admin(), "/api/v1/courses").await;
    assert_eq!(courses["items"][0]["short_name"], "ALG1");
    let course = server.json(&admin(), "/api/v1/courses/alg1").await;
    assert_eq!(
        (course["students_total"].as_u64(), course["sessions"].as_array().unwrap().len()),
        (Some(4), 3)
    );
    let marks = |name: &str| -> Vec<String> {
        let students = course["students"].as_array().unwrap();
        let row = students.iter().find(|row| row["name"] == name).unwrap();
        let cells = row["sessions"].as_array().unwrap();
        cells.iter().map(|cell| cell["mark"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(marks("Ben Okafor"), ["late", "absent", "unknown"]);
    assert_eq!(marks("Cara Díaz"), ["left early", "absent", "unknown"]);
    assert_eq!(course["staff"][0]["name"], "Emmy Noether");
    let (status, page) = server.get(&admin(), "/courses/ALG1").await;
    assert_eq!(status, 200);
    for word in ["Cara Díaz", "left early", "still being checked", "2 not recognised", "Emmy Noether"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let (_, csv) = server.get(&admin(), "/courses/ALG1?format=csv").await;
    assert_eq!(csv.lines().count(), 1 + 5 * 3, "{csv}");
    let (_, days) = server.get(&admin(), "/courses/ALG1?from=2026-10-08&to=2026-10-08&format=csv").await;
    assert_eq!(days.lines().count(), 1 + 4, "only those who could have been there, in one session: {days}");
    let looks = Store::open(&server.class.campus.home.path().join("rollbook.db"), Mode::Read).unwrap();
    assert!(looks.audit(None, 9).unwrap().iter().any(|(_, entry)| entry.subject == "ALG1"));
}

async fn pages_of_students_hold_each_once(site: TestSite) {
    let server = Server::new(site).await;
    let (mut path, mut seen) = ("/api/v1/courses/ALG1?limit=3".to_owned(), Vec::new());
    loop {
        let page = server.json(&admin(), &path).await;
        seen.extend(page["students"].as_array().unwrap().iter().map(|row| row["user_id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/courses/ALG1?limit=3&cursor={next}");
    }
    let mut expected = server.class.students.to_vec();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

async fn a_teacher_sees_their_own_courses_and_others_are_as_if_not_there(site: TestSite) {
    let mut site = site;
    let other = site.course("GEO1").await;
    site.activity(other, 95_555_555_555).await;
    let server = Server::new(site).await;
    let teacher = Visitor::teacher("tess", &["geo1"], "default", &[95_555_555_555]);
    let courses = server.json(&teacher, "/api/v1/courses").await;
    let names: Vec<&str> =
        courses["items"].as_array().unwrap().iter().map(|one| one["short_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["GEO1"]);
    let (status, hidden) = server.get(&teacher, "/api/v1/courses/ALG1").await;
    let (_, missing) = server.get(&teacher, "/api/v1/courses/NONE").await;
    assert_eq!((status, hidden.replace("ALG1", "NONE")), (404, missing));
    let (status, page) = server.get(&teacher, "/courses/GEO1").await;
    assert!(status == 200 && page.contains("No session of its 1 Zoom activities is known"), "{page}");
}

async fn doubtful_people_are_decided_by_a_command(site: TestSite) {
    let server = Server::new(site).await;
    let range = "from=2026-10-01&to=2026-10-15";
    let people = server.json(&admin(), &format!("/api/v1/people?{range}")).await;
    let one = &people["items"][0];
    assert_eq!(one["course"], "ALG1", "{people}");
    let (status, page) = server.get(&admin(), &format!("/people?{range}")).await;
    assert!(status == 200 && page.contains("Who is it?") && page.contains("iPhone"), "{page}");
    let key = one["key"].as_str().unwrap();
    let form: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("key", key),
            ("choice", "other"),
            ("other", "c.diaz@uni.example"),
            ("note", "asked her"),
        ])
        .finish();
    let post = Request::post("/people/decide")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    assert_eq!(server.ask(&admin(), post).await.0, 303);
    let people = server.json(&admin(), &format!("/api/v1/people?{range}")).await;
    let waits = |people: &Value| {
        let all = people["items"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|one| one["is_waiting"] == true)
            .map(|one| one["key"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(waits(&people), [key]);
    decide(&server, key).await;
}

/// As the collector does it.
async fn decide(server: &Server, key: &str) {
    use rollbook::commands::Order;
    use rollbook::sink::moodle::{Link, decide::obey, settings};

    let store = server.class.campus.home.path().join("rollbook.db");
    let variables = [
        ("ROLLBOOK_STORE", store.to_str().unwrap()),
        ("ROLLBOOK_MOODLE_DB", server.class.site.settings.url.expose_secret()),
    ];
    let config = Config::load(&Flags::default(), &Environment::of(variables)).unwrap();
    let mut store = Store::open(&store, Mode::Write).unwrap();
    let record = store.next_command().unwrap().unwrap();
    let Ok(Some(Order::Correction(order))) = Order::read(&record) else { panic!("{record:?}") };
    let mut link = Link::new(settings(config.moodle.db.as_ref().unwrap()), server.app.clock);
    let now = server.app.clock.now();
    let done = obey(&mut link, &mut store, &config.moodle, (now, "ana"), &order, None).await.unwrap();
    assert_eq!(done.sessions_due, 1);
    assert!(done.sentence().contains("Cara Díaz"), "{}", done.sentence());
    let standing = server.json(&admin(), "/api/v1/corrections").await;
    assert_eq!(
        (&standing["items"][0]["key"], &standing["items"][0]["note"]),
        (&key.into(), &"asked her".into())
    );
}

async fn a_moodle_that_is_down_is_told_and_nothing_else_fails(site: TestSite) {
    let class = Class::new(site).await;
    let store = class.campus.home.path().join("rollbook.db");
    // The password is a wrong one.
    let nowhere = class.site.settings.url.expose_secret().replace('@', "wrong@");
    let variables = [("ROLLBOOK_STORE", store.to_str().unwrap()), ("ROLLBOOK_MOODLE_DB", nowhere.as_str())];
    let config = Config::load(&Flags::default(), &Environment::of(variables)).unwrap();
    let clock = Clock::simulated("2026-10-15T12:00:00Z".parse().unwrap(), 0.0);
    let server = Server { app: serve::app(&config, clock, Pulse::default(), Arc::default()).unwrap(), class };
    for path in ["/courses", "/people"] {
        let (status, page) = server.get(&admin(), path).await;
        assert!(
            status == 200 && page.contains("could not be read") && page.contains("Try again"),
            "{path}: {page}"
        );
        assert!(!page.contains("wrong@"), "{page}");
        let (status, problem) = server.get(&admin(), &format!("/api/v1{path}")).await;
        assert!(status == 503 && problem.contains("/problems/unavailable"), "{problem}");
    }
    assert_eq!(server.get(&admin(), "/quota").await.0, 200);
}

on_both!(
    a_course_is_students_against_sessions,
    pages_of_students_hold_each_once,
    a_teacher_sees_their_own_courses_and_others_are_as_if_not_there,
    doubtful_people_are_decided_by_a_command,
    a_moodle_that_is_down_is_told_and_nothing_else_fails,
);
