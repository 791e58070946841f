//! Every answer has the shape the documents give it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::civil::date;
use jsonschema::{Draft, Validator};
use rollbook_sim::{Faults, Options, Sim};
use serde_json::{Value, json};

use crate::client::{Answer, ask, get, path_of, world};

const SCHEMAS: &str = include_str!("../../schemas/answers.json");

/// Members that only explain.
const PROSE: [&str; 7] = ["description", "summary", "example", "examples", "title", "deprecated", "default"];

thread_local! {
    /// Built once a path: building reads all schemas.
    static VALIDATORS: RefCell<BTreeMap<String, Rc<Validator>>> = RefCell::default();
}

fn validator(path: &str) -> Rc<Validator> {
    VALIDATORS
        .with_borrow_mut(|known| known.entry(path.to_owned()).or_insert_with(|| Rc::new(build(path))).clone())
}

fn build(path: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(SCHEMAS).unwrap();
    schema["$ref"] = json!(format!(
        "#/paths/{}",
        path.replace('/', "~1").replace(' ', "%20").replace('{', "%7B").replace('}', "%7D")
    ));
    jsonschema::options().with_draft(Draft::Draft6).should_validate_formats(true).build(&schema).unwrap()
}

pub fn check(path: &str, answer: &Answer) {
    let status = if path.starts_with("POST ") { 201 } else { 200 };
    assert_eq!(answer.status, status, "{path}: {}", answer.text);
    let validator = validator(path);
    // Blank texts stand where the documents promise an e-mail: they say so themselves.
    let is_blank = |value: &Value| value.as_str() == Some("");
    let errors: Vec<_> = validator
        .iter_errors(&answer.json)
        .filter(|error| !is_blank(error.instance()))
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{path}: {errors:#?}");
}

fn options() -> Options {
    let mut options = Options::campus(11, date(2026, 10, 5), 90);
    options.faults = Faults { blank_ids: true, hash_for_comma: true, ..Faults::none() };
    options.zoom.quality_words = true;
    options.zoom.qss_addon = true;
    options
}

async fn check_all(sim: &Sim, pairs: &[(&str, String)]) {
    for (path, asked) in pairs {
        let answer = get(sim, asked).await;
        check(path, &answer);
        sim.clock().sleep(std::time::Duration::from_secs(4)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn lists_have_the_documented_shape() {
    let sim = world(options(), "2026-10-06T12:00:00Z");
    let days = "from=2026-10-04&to=2026-10-06&page_size=300";
    let host = sim.truth().instances[0].host.clone();
    check_all(
        &sim,
        &[
            ("/metrics/meetings", format!("/metrics/meetings?type=past&{days}")),
            ("/metrics/meetings", format!("/metrics/meetings?type=pastOne&{days}")),
            ("/metrics/webinars", format!("/metrics/webinars?type=past&{days}")),
            ("/report/users", format!("/report/users?{days}")),
            ("/report/users/{userId}/meetings", format!("/report/users/{host}/meetings?{days}")),
            ("/report/history_meetings", format!("/report/history_meetings?{days}")),
            ("/users", "/users?page_size=300".into()),
            ("/users/{userId}", format!("/users/{host}")),
            ("/users/{userId}/meetings", format!("/users/{host}/meetings?type=previous_meetings")),
            ("/users/{userId}/upcoming_meetings", format!("/users/{host}/upcoming_meetings")),
            ("/users/{userId}/webinars", format!("/users/{host}/webinars")),
            ("/users/{userId}/settings", format!("/users/{host}/settings")),
            ("/accounts/{accountId}/settings", "/accounts/me/settings".into()),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn every_instance_has_the_documented_shape_in_every_family() {
    let sim = world(options(), "2026-10-07T12:00:00Z");
    for instance in sim.truth().instances.iter().filter(|instance| instance.people > 1) {
        let id = path_of(&instance.uuid);
        let number = instance.id;
        let first = &instance.stays.iter().find(|stay| stay.status == "in_meeting").unwrap().user_id;
        let rows = "participants?page_size=300&include_fields=registrant_id";
        let pairs = match instance.kind {
            rollbook_sim::Kind::Meeting => vec![
                ("/metrics/meetings/{meetingId}", format!("/metrics/meetings/{id}?type=past")),
                (
                    "/metrics/meetings/{meetingId}/participants",
                    format!("/metrics/meetings/{id}/{rows}&type=past"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/qos",
                    format!("/metrics/meetings/{id}/participants/qos?type=past&page_size=10"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/qos_summary",
                    format!("/metrics/meetings/{id}/participants/qos_summary?page_size=10"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/sharing",
                    format!("/metrics/meetings/{id}/participants/sharing?type=past"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/satisfaction",
                    format!("/metrics/meetings/{id}/participants/satisfaction?type=past"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/{participantId}/qos",
                    format!("/metrics/meetings/{id}/participants/{first}/qos?type=past"),
                ),
                ("/report/meetings/{meetingId}", format!("/report/meetings/{id}")),
                ("/report/meetings/{meetingId}/participants", format!("/report/meetings/{id}/{rows}")),
                ("/past_meetings/{meetingId}", format!("/past_meetings/{id}")),
                ("/past_meetings/{meetingId}/participants", format!("/past_meetings/{id}/{rows}")),
                ("/past_meetings/{meetingId}/instances", format!("/past_meetings/{number}/instances")),
            ],
            rollbook_sim::Kind::Webinar => vec![
                ("/metrics/webinars/{webinarId}", format!("/metrics/webinars/{id}?type=past")),
                (
                    "/metrics/webinars/{webinarId}/participants",
                    format!("/metrics/webinars/{id}/{rows}&type=past"),
                ),
                (
                    "/metrics/webinars/{webinarId}/participants/qos",
                    format!("/metrics/webinars/{id}/participants/qos?type=past&page_size=10"),
                ),
                (
                    "/metrics/webinars/{webinarId}/participants/qos_summary",
                    format!("/metrics/webinars/{id}/participants/qos_summary?page_size=10"),
                ),
                (
                    "/metrics/webinars/{webinarId}/participants/sharing",
                    format!("/metrics/webinars/{id}/participants/sharing?type=past"),
                ),
                (
                    "/metrics/webinars/{webinarId}/participants/satisfaction",
                    format!("/metrics/webinars/{id}/participants/satisfaction?type=past"),
                ),
                (
                    "/metrics/webinars/{webinarId}/participants/{participantId}/qos",
                    format!("/metrics/webinars/{id}/participants/{first}/qos?type=past"),
                ),
                ("/report/webinars/{webinarId}", format!("/report/webinars/{id}")),
                ("/report/webinars/{webinarId}/participants", format!("/report/webinars/{id}/{rows}")),
                ("/past_webinars/{webinarId}/participants", format!("/past_webinars/{id}/{rows}")),
                ("/past_webinars/{webinarId}/instances", format!("/past_webinars/{number}/instances")),
            ],
        };
        check_all(&sim, &pairs).await;
    }
}

#[tokio::test(start_paused = true)]
async fn live_and_planned_meetings_have_the_documented_shape() {
    let sim = world(options(), "2026-10-05T11:00:00Z");
    let now = sim.clock().now();
    let truth = sim.truth();
    let live = truth.instances.iter().filter(|one| one.start <= now && now < one.end).take(5);
    check_all(&sim, &[("/metrics/meetings", "/metrics/meetings?from=2026-10-05&to=2026-10-05".into())]).await;
    let mut seen = 0;
    for instance in live.filter(|one| one.kind == rollbook_sim::Kind::Meeting) {
        let id = path_of(&instance.uuid);
        check_all(
            &sim,
            &[
                ("/metrics/meetings/{meetingId}", format!("/metrics/meetings/{id}?type=live")),
                (
                    "/metrics/meetings/{meetingId}/participants",
                    format!("/metrics/meetings/{id}/participants"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/qos",
                    format!("/metrics/meetings/{id}/participants/qos?page_size=10"),
                ),
                (
                    "/metrics/meetings/{meetingId}/participants/sharing",
                    format!("/metrics/meetings/{id}/participants/sharing"),
                ),
            ],
        )
        .await;
        seen += 1;
    }
    assert!(seen > 0);
    for planned in &truth.never_held {
        let answer = get(&sim, &format!("/meetings/{}", planned.id)).await;
        if answer.status == 200 {
            check("/meetings/{meetingId}", &answer);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_have_the_documented_shape() {
    let sim = world(options(), "2026-10-05T11:00:00Z");
    let form = "grant_type=account_credentials&account_id=account";
    let answer = ask(&sim, "POST", "/oauth/token", Some("Basic Y2xpZW50OnNlY3JldA=="), form).await;
    check("/oauth/token", &answer);
}

#[test]
fn the_schemas_are_those_of_the_documents() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/zoom/openapi.json");
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let documents: Value = serde_json::from_str(&text).unwrap();
    let ours: Value = serde_json::from_str(SCHEMAS).unwrap();
    for (path, schema) in ours["paths"].as_object().unwrap() {
        let (path, method, status) = match path.strip_prefix("POST ") {
            Some(path) => (path, "post", "201"),
            None if path == "/oauth/token" => (path.as_str(), "post", "200"),
            None => (path.as_str(), "get", "200"),
        };
        let answer = &documents["paths"][path][method]["responses"][status]["content"]["application/json"];
        assert_eq!(*schema, stripped(&answer["schema"], false), "{path}");
    }
    for (name, schema) in ours["schemas"].as_object().unwrap() {
        assert_eq!(*schema, stripped(&documents["components"]["schemas"][name], false), "{name}");
    }
}

/// A schema without its prose; members of `properties` are names, not keywords.
fn stripped(schema: &Value, are_names: bool) -> Value {
    let prose: BTreeSet<&str> = PROSE.into();
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| are_names || !(prose.contains(key.as_str()) || key.starts_with("x-")))
            .map(|(key, value)| match value.as_str().filter(|_| key == "$ref" && !are_names) {
                Some(reference) => {
                    (key.clone(), json!(reference.replace("#/components/schemas/", "#/schemas/")))
                }
                None => (key.clone(), stripped(value, key == "properties" && !are_names)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| stripped(item, false)).collect(),
        other => other.clone(),
    }
}
