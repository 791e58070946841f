//! `meetings check` on real databases: what differs between Moodle's activities and Zoom's plans.

use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

const DAY: [&str; 6] = ["--meetings", "20", "--people", "4", "--seed", "3"];

/// A pretend Zoom, somebody's folder, and a Moodle.
struct Stage {
    pretend: Pretend,
    home: Home,
    database: String,
    host: String,
}

impl Stage {
    fn new(site: &TestSite, day: &[&str]) -> Stage {
        Stage::on(site, Pretend::of_past_day(day).0)
    }

    fn on(site: &TestSite, pretend: Pretend) -> Stage {
        let host = pretend.truth()["instances"][0]["host"].as_str().unwrap().to_owned();
        let database = site.settings.url.expose_secret().to_owned();
        Stage { pretend, home: Home::new(), database, host }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let variables =
            [("ROLLBOOK_MOODLE_DB", self.database.as_str()), ("ROLLBOOK_TIMEZONE", "Europe/Madrid")];
        self.pretend.run(&self.home, &variables, arguments)
    }

    fn expect(&self, code: i32, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.err, ran.out);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// A meeting at Zoom at 2026-10-01 10:00 UTC for an hour, as a test's activity has it.
    fn meeting(&self, topic: &str, more: &[&str]) -> Value {
        let plan = ["--topic", topic, "--start", "2026-10-01T10:00Z", "--duration", "60"];
        self.expect(0, &[&["meetings", "create", "--host", &self.host][..], &plan, more].concat())
    }

    fn plans_asked_for(&self) -> u64 {
        self.pretend.stats()["by_operation"]["GET /meetings/{meetingId}"].as_u64().unwrap_or(0)
    }
}

/// An activity that says what Zoom says.
async fn activity(site: &mut TestSite, course: i64, meeting: &Value) -> i64 {
    let id = site.activity(course, meeting["id"].as_i64().unwrap()).await;
    let (name, host) = (meeting["topic"].as_str().unwrap(), meeting["host_id"].as_str().unwrap());
    site.execute(&format!("UPDATE {{zoom}} SET name = '{name}', host_id = '{host}' WHERE id = {id}")).await;
    id
}

fn finding(report: &Value, activity: i64) -> Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["activity"] == activity).cloned().unwrap_or_default()
}

async fn what_is_gone_or_differs_is_found(mut site: TestSite) {
    let stage = Stage::new(&site, &DAY);
    let (algebra, latin) = (site.course("ALG-1").await, site.course("LAT-1").await);
    let plans = [stage.meeting("Same", &[]), stage.meeting("Moved", &[])];
    let weekly =
        ["--type", "recurring-fixed", "--set", "recurrence.type=2", "--set", "recurrence.weekly_days=5"];
    let weekly = stage.meeting("Weekly", &[&weekly[..], &["--set", "recurrence.end_times=6"]].concat());
    let open = stage.meeting("Any time", &["--type", "recurring"]);
    let same = activity(&mut site, algebra, &plans[0]).await;
    let shared = activity(&mut site, latin, &plans[0]).await;
    let moved = activity(&mut site, algebra, &plans[1]).await;
    stage.expect(
        0,
        &[
            "meetings",
            "update",
            &plans[1]["id"].to_string(),
            "--topic",
            "Elsewhere",
            "--start",
            "2026-10-02T10:00Z",
            "--duration",
            "30",
        ],
    );
    let (weekly, open) =
        (activity(&mut site, algebra, &weekly).await, activity(&mut site, algebra, &open).await);
    // The plugin moves an activity of a schedule on to one of its later times.
    let later = 1_790_848_800 + 14 * 86_400;
    site.execute(&format!("UPDATE {{zoom}} SET recurring = 1, start_time = {later} WHERE id = {weekly}"))
        .await;
    site.execute(&format!("UPDATE {{zoom}} SET recurring = 1 WHERE id = {open}")).await;
    let gone = site.activity(algebra, 81_234_567_890).await;
    let marked = site.activity(algebra, 81_234_567_891).await;
    site.execute(&format!("UPDATE {{zoom}} SET exists_on_zoom = 0 WHERE id = {marked}")).await;

    let before = (site.table("zoom").await, stage.plans_asked_for());
    let tried = stage.expect(0, &["meetings", "check", "--dry-run"]);
    assert_eq!(tried["calls"], json!({"light": 5, "medium": 0}), "a number is asked for once");
    assert_eq!((&tried["activities"], &tried["marked_gone"]), (&json!(7), &json!(1)));
    assert_eq!(stage.plans_asked_for(), before.1);

    let report = stage.expect(0, &["meetings", "check"]);
    assert_eq!(stage.plans_asked_for(), before.1 + 5);
    assert_eq!((&report["calls"], &report["is_complete"]), (&tried["calls"], &json!(true)));
    let counts = ["activities", "same", "differs", "gone", "marked_gone", "not_known"]
        .map(|name| report[name].clone());
    assert_eq!(counts, [7, 4, 1, 1, 1, 0].map(|count| json!(count)), "{report}");
    for fine in [same, shared, weekly, open] {
        assert_eq!(finding(&report, fine), Value::Null);
    }
    let told = finding(&report, moved);
    assert_eq!((&told["standing"], &told["course"]), (&json!("differs"), &json!("ALG-1")));
    assert_eq!(
        told["differences"],
        json!([
            {"what": "topic", "moodle": "Moved", "zoom": "Elsewhere"},
            {"what": "start", "moodle": "2026-10-01T10:00:00Z", "zoom": "2026-10-02T10:00:00Z"},
            {"what": "length", "moodle": 3_600, "zoom": 1_800},
        ])
    );
    assert_eq!(finding(&report, gone)["standing"], "gone");
    assert_eq!(finding(&report, marked)["standing"], "marked_gone");
    assert_eq!(site.table("zoom").await, before.0, "Moodle's own tables are never written");

    assert_eq!(stage.expect(1, &["meetings", "check", "--strict"])["gone"], 1);
    let latin = stage.expect(0, &["meetings", "check", "--strict", "--course", "LAT-1"]);
    assert_eq!((&latin["activities"], &latin["same"]), (&json!(1), &json!(1)));
    let marked_too = stage.expect(0, &["meetings", "check", "--marked"]);
    assert_eq!((&marked_too["gone"], &marked_too["marked_gone"]), (&json!(2), &json!(0)));
    stage.pretend.assert_within_limits();
}

async fn webinars_are_looked_for_among_those_of_their_host(mut site: TestSite) {
    // Plain days have no webinars.
    let stage = Stage::on(&site, Pretend::start(&["--seed", "5", "--meetings", "60", "--people", "4"]));
    let truth = stage.pretend.truth();
    let all = truth["instances"].as_array().unwrap();
    let is_listed = |webinar: &&Value| {
        let host = webinar["host"].as_str().unwrap();
        let listed = stage.expect(0, &["meetings", "list", "--host", host, "--webinars"]);
        listed["meetings"].as_array().unwrap().iter().any(|line| line["id"] == webinar["id"])
    };
    let webinar =
        all.iter().filter(|one| one["kind"] == "webinar").find(is_listed).expect("there is a webinar");
    let user = stage.expect(0, &["users", "show", webinar["host"].as_str().unwrap()]);
    let listed = stage.expect(0, &["meetings", "list", "--host", user["id"].as_str().unwrap(), "--webinars"]);
    let line =
        listed["meetings"].as_array().unwrap().iter().find(|line| line["id"] == webinar["id"]).unwrap();
    let course = site.course("ALG-1").await;
    let known = activity(&mut site, course, line).await;
    let unknown = site.activity(course, 81_234_567_890).await;
    let as_meeting = activity(&mut site, course, line).await;
    let start = line["start_time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    let length = 60 * line["duration"].as_i64().unwrap();
    let recurring = i64::from(line["type"] == 9);
    site.execute(&format!(
        "UPDATE {{zoom}} SET webinar = 1, start_time = {start}, duration = {length}, recurring = {recurring}"
    ))
    .await;
    let host = user["id"].as_str().unwrap();
    site.execute(&format!("UPDATE {{zoom}} SET host_id = '{host}' WHERE id = {unknown}")).await;
    site.execute(&format!("UPDATE {{zoom}} SET webinar = 0 WHERE id = {as_meeting}")).await;
    let report = stage.expect(0, &["meetings", "check"]);
    assert_eq!(report["calls"], json!({"light": 1, "medium": 1}));
    assert_eq!(finding(&report, known), Value::Null, "{report}");
    assert_eq!(finding(&report, unknown)["standing"], "not_known");
    let expected = json!([{"what": "webinar", "moodle": false, "zoom": true}]);
    assert_eq!(finding(&report, as_meeting)["differences"], expected);
}

async fn what_is_in_the_way_is_said(mut site: TestSite) {
    let course = site.course("ALG-1").await;
    site.activity(course, 81_234_567_890).await;
    let stage = Stage::new(&site, &DAY);
    let check = |database: &str, arguments: &[&str], code, words: &str| {
        let variables = [("ROLLBOOK_MOODLE_DB", database)];
        let ran = stage.pretend.run(&stage.home, &variables, arguments);
        assert_eq!((ran.code, ran.err.contains(words)), (code, true), "{}", ran.err);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    };
    check("", &["meetings", "check"], 2, "ROLLBOOK_MOODLE_DB");
    let mut wrong = url::Url::parse(&stage.database).unwrap();
    wrong.set_username("nobody").unwrap();
    wrong.set_password(Some("s3cret")).unwrap();
    check(wrong.as_str(), &["meetings", "check"], 2, "nobody");
    check(&stage.database, &["meetings", "check", "--course", "Alg-1"], 2, "short name");
    assert_eq!(stage.pretend.calls(), 0);
    let closed = Stage::new(&site, &[&DAY[..], &["--scopes", "user:read:admin"]].concat());
    let ran = closed.run(&["meetings", "check"]);
    assert_eq!((ran.code, ran.err.contains("meeting:read")), (2, true), "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&report["is_complete"], &report["not_known"]), (&json!(false), &json!(1)));
}

on_both!(
    what_is_gone_or_differs_is_found,
    webinars_are_looked_for_among_those_of_their_host,
    what_is_in_the_way_is_said,
);
