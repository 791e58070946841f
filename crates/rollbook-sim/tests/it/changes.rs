//! Meetings and users that clients create and alter.

use jiff::civil::date;
use rollbook_sim::{Kind, Options, Sim};
use serde_json::{Value, json};

use crate::client::{Answer, all, ask, get, world};
use crate::contract::check;

fn options() -> Options {
    let mut options = Options::plain(5, date(2026, 10, 5), 40, 4);
    options.zoom.latency_ms = 0;
    options
}

fn sim() -> Sim {
    world(options(), "2026-10-05T06:00:00Z")
}

async fn send(sim: &Sim, method: &str, path: &str, body: &Value) -> Answer {
    // Not more than the limit of Light calls allows.
    sim.clock().sleep(std::time::Duration::from_millis(20)).await;
    ask(sim, method, &format!("/v2{path}"), Some("Bearer token"), &body.to_string()).await
}

fn plan() -> Value {
    json!({
        "topic": "Office hours", "type": 2, "start_time": "2026-10-07T10:00:00", "duration": 45,
        "timezone": "Europe/Madrid", "settings": {"waiting_room": true, "host_video": false},
    })
}

/// Some meeting of the campus that Zoom still knows, with its host.
async fn campus_meeting(sim: &Sim) -> (u64, String, Value) {
    for instance in sim.truth().instances.iter().filter(|one| one.kind == Kind::Meeting) {
        let answer = get(sim, &format!("/meetings/{}", instance.id)).await;
        if answer.status == 200 {
            return (instance.id, instance.host.clone(), answer.json);
        }
    }
    panic!("no meeting of the campus has a plan");
}

#[tokio::test(start_paused = true)]
async fn a_created_meeting_is_told_as_the_documents_have_it_and_stays() {
    let sim = sim();
    let (_, host, _) = campus_meeting(&sim).await;
    let made = send(&sim, "POST", &format!("/users/{host}/meetings"), &plan()).await;
    check("POST /users/{userId}/meetings", &made);
    assert_eq!(made.json["start_time"], "2026-10-07T08:00:00Z", "ten o'clock in Madrid");
    let number = made.json["id"].as_u64().unwrap();
    let shown = get(&sim, &format!("/meetings/{number}")).await;
    check("/meetings/{meetingId}", &shown);
    for name in ["topic", "duration", "start_time", "timezone", "settings", "host_id", "uuid", "password"] {
        assert_eq!(shown.json[name], made.json[name], "{name}");
    }
    assert!(shown.json["start_url"].as_str().unwrap().contains("zak="), "as Zoom sends it");
    let listed = all(&sim, &format!("/users/{host}/meetings"), "meetings").await.unwrap();
    let own: Vec<&Value> = listed.iter().filter(|line| line["id"] == number).collect();
    assert_eq!((own.len(), &own[0]["topic"]), (1, &json!("Office hours")));
    let other = crate::changes::sim();
    let again = send(&other, "POST", &format!("/users/{host}/meetings"), &plan()).await;
    assert_eq!(again.json["id"], made.json["id"], "numbers come from the seed");
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_recurs_has_its_occurrences_on_the_clock_of_its_zone() {
    let sim = sim();
    let (_, host, _) = campus_meeting(&sim).await;
    let mut weekly = plan();
    weekly["type"] = json!(8);
    // Summer time ends on 25 October in Madrid.
    weekly["recurrence"] = json!({"type": 2, "weekly_days": "4", "repeat_interval": 2, "end_times": 3});
    let made = send(&sim, "POST", &format!("/users/{host}/meetings"), &weekly).await;
    check("POST /users/{userId}/meetings", &made);
    let starts: Vec<&str> = made.json["occurrences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["start_time"].as_str().unwrap())
        .collect();
    assert_eq!(starts, ["2026-10-07T08:00:00Z", "2026-10-21T08:00:00Z", "2026-11-04T09:00:00Z"]);
    let mut open = plan();
    open["type"] = json!(3);
    let made = send(&sim, "POST", &format!("/users/{host}/meetings"), &open).await;
    assert_eq!((&made.json["start_time"], &made.json["occurrences"]), (&Value::Null, &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_answered_without_a_word_and_stays() {
    let sim = sim();
    let (number, _, before) = campus_meeting(&sim).await;
    let path = format!("/meetings/{number}");
    let change = json!({"topic": "Moved", "start_time": "2026-10-09T10:00:00Z", "duration": 30});
    let answer = send(&sim, "PATCH", &path, &change).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    let after = get(&sim, &path).await;
    check("/meetings/{meetingId}", &after);
    assert_eq!((&after.json["topic"], &after.json["duration"]), (&json!("Moved"), &json!(30)));
    assert_eq!(after.json["start_time"], "2026-10-09T10:00:00Z");
    assert_eq!(after.json["host_id"], before["host_id"], "the rest is as it was");
    let first = &after.json["occurrences"][0];
    assert_eq!((&first["start_time"], &first["duration"]), (&json!("2026-10-09T10:00:00Z"), &json!(30)));
    let settings = send(&sim, "PATCH", &path, &json!({"settings": {"waiting_room": false}})).await;
    assert_eq!(settings.status, 204);
    assert_eq!(get(&sim, &path).await.json["topic"], "Moved");
}

#[tokio::test(start_paused = true)]
async fn an_added_user_is_pending_until_the_invitation_is_accepted() {
    let sim = sim();
    let user = |action: &str, email: &str| {
        let info = json!({"email": email, "type": 2, "first_name": "Jill", "last_name": "Chill"});
        json!({"action": action, "user_info": info})
    };
    let made = send(&sim, "POST", "/users", &user("create", "jill@school.example")).await;
    check("POST /users", &made);
    let id = made.json["id"].as_str().unwrap();
    for name in [id, "jill@school.example", "JILL@school.example"] {
        let shown = get(&sim, &format!("/users/{name}")).await;
        check("/users/{userId}", &shown);
        assert_eq!((&shown.json["id"], &shown.json["status"]), (&json!(id), &json!("pending")));
    }
    let again = send(&sim, "POST", "/users", &user("create", "jill@school.example")).await;
    assert_eq!((again.status, &again.json["code"]), (409, &json!(1005)));
    send(&sim, "POST", "/users", &user("ssoCreate", "bob@school.example")).await;
    let listed = async |status: &str| {
        let users = all(&sim, &format!("/users?status={status}"), "users").await.unwrap();
        users
            .iter()
            .filter(|user| user["last_name"] == "Chill" && user["type"] == 2 && user["pmi"].is_null())
            .count()
    };
    assert_eq!((listed("pending").await, listed("active").await, listed("inactive").await), (1, 1, 0));
    let hosted = send(&sim, "POST", "/users/bob@school.example/meetings", &plan()).await;
    assert_eq!(hosted.status, 201);
}

#[tokio::test(start_paused = true)]
async fn what_stands_outside_the_documents_is_refused_in_their_words() {
    let sim = sim();
    let (number, host, _) = campus_meeting(&sim).await;
    let meetings = format!("/users/{host}/meetings");
    let refused = async |method: &str, path: &str, body: Value, status: u16, code: u64, said: &str| {
        let answer = send(&sim, method, path, &body).await;
        assert_eq!((answer.status, answer.json["code"].as_u64()), (status, Some(code)), "{}", answer.text);
        assert!(answer.text.contains(said), "{}", answer.text);
    };
    refused("POST", "/users/nobody@school.example/meetings", plan(), 404, 1001, "User does not exist").await;
    refused("POST", &meetings, json!([]), 400, 300, "valid JSON object").await;
    for (name, value) in [
        ("duration", json!(1_441)),
        ("type", json!(9)),
        ("topic", json!("x".repeat(201))),
        ("timezone", json!("Europe/Nowhere")),
        ("start_time", json!("soon")),
        ("settings", json!(1)),
    ] {
        let mut wrong = plan();
        wrong[name] = value;
        refused("POST", &meetings, wrong.clone(), 400, 300, &format!("\"{name}\"")).await;
        refused("PATCH", &format!("/meetings/{number}"), wrong, 400, 300, &format!("\"{name}\"")).await;
    }
    refused("PATCH", "/meetings/81234567890", plan(), 404, 3001, "Meeting does not exist: 81234567890.")
        .await;
    let user = |action: &str, email: &str, kind: u8| json!({"action": action, "user_info": {"email": email, "type": kind}});
    refused("POST", "/users", user("create", "jill", 7), 400, 300, "user_info.type").await;
    refused("POST", "/users", user("invite", "a@b.example", 1), 400, 300, "action").await;
    assert_eq!(send(&sim, "POST", "/users", &user("ssoCreate", "none@school.example", 99)).await.status, 201);
    refused("POST", "/users/none@school.example/meetings", plan(), 400, 3161, "not allowed meeting hosting")
        .await;
    refused("PUT", &meetings, plan(), 404, 404, "not recognized").await;
    assert_eq!(sim.stats().changes_by_host, [].into(), "what is refused is no change");
}

#[tokio::test(start_paused = true)]
async fn a_host_has_a_hundred_changes_a_utc_day_whatever_the_host_is_called() {
    let sim = world(options(), "2026-10-05T23:50:00Z");
    let (number, host, before) = campus_meeting(&sim).await;
    let email = before["host_email"].as_str().unwrap();
    let patch = async |minutes: u32| {
        send(&sim, "PATCH", &format!("/meetings/{number}"), &json!({"duration": minutes})).await
    };
    for place in 0..99 {
        let name = if place % 2 == 0 { host.as_str() } else { email };
        let made = send(&sim, "POST", &format!("/users/{name}/meetings"), &plan()).await;
        assert_eq!(made.status, 201, "{place}");
    }
    assert_eq!(patch(31).await.status, 204);
    let refused = patch(32).await;
    assert_eq!((refused.status, &refused.json["code"]), (429, &json!(429)));
    assert_eq!(
        refused.json["message"],
        "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this \
         particular user. You may resume these requests at GMT 00:00:00."
    );
    assert!(!refused.headers.contains_key("retry-after"));
    assert_eq!(get(&sim, &format!("/meetings/{number}")).await.json["duration"], 31);
    let id = before["host_id"].as_str().unwrap();
    assert_eq!(sim.stats().changes_by_host, [(format!("{id} 2026-10-05"), 100)].into());
    let other = sim.truth().instances.into_iter().find(|one| one.host != host).unwrap().host;
    assert_eq!(send(&sim, "POST", &format!("/users/{other}/meetings"), &plan()).await.status, 201);
    sim.clock().sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(patch(33).await.status, 204, "a new day");
}

#[tokio::test(start_paused = true)]
async fn changes_need_scopes_of_their_own() {
    let mut options = options();
    options.credentials.scopes = "meeting:read:admin user:read:admin".into();
    let sim = world(options, "2026-10-05T06:00:00Z");
    let (number, host, _) = campus_meeting(&sim).await;
    for (method, path, scope) in [
        ("POST", format!("/users/{host}/meetings"), "meeting:write:admin"),
        ("PATCH", format!("/meetings/{number}"), "meeting:write:admin"),
        ("POST", "/users".to_owned(), "user:write:admin"),
    ] {
        let answer = send(&sim, method, &path, &plan()).await;
        assert_eq!(answer.json["code"], 4711, "{path}");
        assert!(answer.text.contains(scope), "{}", answer.text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_breaks_off_may_have_been_made() {
    let mut options = options();
    options.faults.resets = 1.0;
    let sim = world(options, "2026-10-05T06:00:00Z");
    let host = sim.truth().instances[0].host.clone();
    for _ in 0..40 {
        assert_eq!(send(&sim, "POST", &format!("/users/{host}/meetings"), &plan()).await.status, 502);
    }
    let made: u32 = sim.stats().changes_by_host.values().sum();
    assert!((5..35).contains(&made), "{made} of 40");
}

#[tokio::test(start_paused = true)]
async fn plans_are_listed_by_type() {
    let sim = sim();
    let (number, host, _) = campus_meeting(&sim).await;
    let listed = async |kind: &str| {
        let lines = all(&sim, &format!("/users/{host}/meetings?type={kind}"), "meetings").await.unwrap();
        lines.iter().filter(|line| line["id"] == number).count()
    };
    assert!(listed("upcoming").await > 0, "the day has not begun");
    assert_eq!((listed("live").await, listed("previous_meetings").await), (0, 0));
    assert_eq!(listed("scheduled").await, listed("upcoming").await);
    let soon = get(&sim, &format!("/users/{host}/upcoming_meetings")).await;
    assert!(soon.json["meetings"].as_array().unwrap().iter().any(|line| line["id"] == number));
    let unknown = get(&sim, "/users/nobody/upcoming_meetings").await;
    assert_eq!((unknown.status, &unknown.json["code"]), (404, &json!(3001)));
}
