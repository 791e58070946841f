use axum::body::Body;
use axum::http::Method;
use rollbook_core::access::Capability;
use rollbook_core::request::Role;
use rollbook_store::CommandState;
use serde_json::{Value, json};

use crate::erasure;
use crate::web::tests::site::Site;

/// Every meeting of the campus.
async fn meetings(site: &Site) -> Vec<Value> {
    let (mut path, mut all) = ("/api/v1/meetings".to_owned(), Vec::new());
    loop {
        let page = site.get_as(Role::Admin, &path).await.json();
        all.extend(page["meetings"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { return all };
        let cursor: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        path = format!("/api/v1/meetings?cursor={cursor}");
    }
}

/// All that pages and API say of every meeting and of everybody in one.
async fn everything(site: &Site) -> String {
    let mut said = String::new();
    for meeting in meetings(site).await {
        let path = meeting["path"].as_str().unwrap();
        said += &site.get_as(Role::Admin, &format!("/api/v1{path}")).await.body;
        said += &site.get_as(Role::Admin, path).await.body;
    }
    for path in ["/", "/meetings", "/quality", "/api/v1/quality/meetings", "/forget", "/system", "/audit"] {
        said += &site.get_as(Role::Admin, path).await.body;
    }
    said
}

/// Somebody with an address who was in a meeting and has a page: address, name and page.
async fn somebody(site: &Site) -> (String, String, String) {
    for meeting in meetings(site).await {
        let view =
            site.get_as(Role::Admin, &format!("/api/v1{}", meeting["path"].as_str().unwrap())).await.json();
        for person in view["people"].as_array().unwrap() {
            let text = |key: &str| person[key].as_str().map(str::to_owned);
            if let (Some(email), Some(name), Some(path)) = (text("email"), text("name"), text("path")) {
                return (email, name, path);
            }
        }
    }
    panic!("nobody on the campus has an address");
}

/// The collector takes what is in the queue.
fn obey(site: &Site) {
    let mut store = site.store();
    while let Some(command) = store.next_command().unwrap() {
        erasure::obey(&mut store, site.app.clock.now(), &command).unwrap();
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new("csrf=x".to_owned()).extend_pairs(fields).finish()
}

#[tokio::test]
async fn who_is_erased_on_a_page_is_gone_from_every_page() {
    let site = Site::campus();
    let (email, name, path) = somebody(&site).await;
    assert!(everything(&site).await.contains(&email));
    let own = site.get_as(Role::Admin, &path).await.body;
    assert!(own.contains("action=\"/forget/look\"") && own.contains(&email), "{own}");
    let shown = site.post_as(Role::Admin, "/forget/look", &form(&[("person", &email)])).await;
    assert!(shown.status == 200 && shown.body.contains("What would be erased"), "{}", shown.body);
    assert!(shown.body.contains(&name), "{}", shown.body);
    let unsure = site.post_as(Role::Admin, "/forget", &form(&[("person", &email)])).await;
    assert!(unsure.status == 422 && unsure.body.contains("tick the box"), "{}", unsure.body);
    assert!(site.store().next_command().unwrap().is_none(), "nothing happens unless somebody is sure");
    let sure = form(&[("person", &email), ("is_sure", "true")]);
    let given = site.post_as(Role::Admin, "/forget", &sure).await;
    assert_eq!((given.status, given.header("location")), (303, "/forget?asked=1"));
    let waiting = site.get_as(Role::Admin, "/forget?asked=1").await.body;
    assert!(waiting.contains("It is in the queue") && waiting.contains("data-live="), "{waiting}");
    let entries = site.get_as(Role::Admin, "/api/v1/audit").await.body;
    assert!(entries.contains("erasure.put") && entries.contains("command 1"), "{entries}");
    assert!(!entries.contains(&email), "{entries}");
    obey(&site);
    let live = site.get_as(Role::Admin, "/forget/live?asked=1").await.body;
    assert!(live.contains("Done: erasure 1") && live.contains("data-live-done"), "{live}");
    assert!(!everything(&site).await.contains(&email));
    let own = site.get_as(Role::Admin, &path).await.body;
    assert!(!own.contains(&email) && !own.contains(&name), "{own}");
    let csv = site.get_as(Role::Admin, "/forget?format=csv").await.body;
    assert!(
        csv.starts_with("erasure,at,by,identifiers") && csv.contains("\r\n1,") && csv.contains(",ana,"),
        "{csv}"
    );
}

#[tokio::test]
async fn a_guest_is_erased_within_one_meeting() {
    let site = Site::campus();
    let mut guest = None;
    for meeting in meetings(&site).await {
        let view =
            site.get_as(Role::Admin, &format!("/api/v1{}", meeting["path"].as_str().unwrap())).await.json();
        for person in view["people"].as_array().unwrap().iter().filter(|one| one["email"].is_null()) {
            let ask = json!({ "person": person["name"], "meeting": view["meeting_uuid"] });
            let plan = api(&site, "/api/v1/erasures/plan", &ask).await;
            if plan.0 == 200 {
                guest = Some((ask, person["path"].as_str().unwrap().to_owned(), plan.1));
            }
        }
    }
    let (ask, path, plan) = guest.expect("nobody on the campus is a guest");
    assert_eq!(plan["meetings"], 1, "{plan}");
    let alone = json!({ "person": ask["person"] });
    let (status, problem) = api(&site, "/api/v1/erasures/plan", &alone).await;
    assert!(status == 404 && problem["detail"].as_str().unwrap().contains("give the meeting"), "{problem}");
    let (status, queued) = api(&site, "/api/v1/erasures", &ask).await;
    assert_eq!((status, &queued["command"]), (202, &json!(1)));
    obey(&site);
    let done = site.store().command(1).unwrap().unwrap();
    assert_eq!((done.state, done.payload.as_str()), (CommandState::Done, "{}"));
    let own = site.get_as(Role::Admin, &path).await.body;
    assert!(!own.contains(ask["person"].as_str().unwrap()), "{own}");
    let listed = site.get_as(Role::Admin, "/api/v1/erasures").await.json();
    assert_eq!((&listed["items"][0]["meetings"], &listed["items"][0]["is_done"]), (&json!(1), &json!(true)));
}

async fn api(site: &Site, path: &str, ask: &Value) -> (u16, Value) {
    let answer = site.post_as(Role::Admin, path, &ask.to_string()).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn what_was_typed_stays_and_the_way_on_is_a_button() {
    let site = Site::campus();
    let (email, name, path) = somebody(&site).await;
    let (_, meeting) =
        path.trim_start_matches("/meetings/").split_once("/people/").map_or(("", ""), |both| both);
    assert!(!meeting.is_empty());
    let uuid = crate::web::address::named(path.split('/').nth(2).unwrap()).unwrap();
    let known = form(&[("person", &name), ("meeting", &uuid)]);
    let better = site.post_as(Role::Admin, "/forget/look", &known).await;
    assert_eq!(better.status, 422);
    assert!(better.body.contains("more than a name") && better.body.contains(&format!("value=\"{email}\"")));
    assert!(better.body.contains(&format!("name=\"person\" value=\"{name}\"")), "{}", better.body);
    let nobody = site.post_as(Role::Admin, "/forget/look", &form(&[("person", "x@none.example")])).await;
    assert!(nobody.status == 422 && nobody.body.contains("name=\"even_unknown\" value=\"true\""));
    let away = form(&[("person", "x@none.example"), ("even_unknown", "true"), ("is_sure", "true")]);
    assert_eq!(site.post_as(Role::Admin, "/forget", &away).await.status, 303);
    for (fields, words) in [
        (vec![], "whom?"),
        (vec![("person", "moodle:x")], "is no Moodle user"),
        (vec![("person", "Ana"), ("meeting", "99")], "no run of meeting 99"),
    ] {
        let answer = site.post_as(Role::Admin, "/forget/look", &form(&fields)).await;
        assert!(answer.status == 422 && answer.body.contains(words), "{words}: {}", answer.body);
    }
}

#[tokio::test]
async fn nobody_but_an_admin_erases() {
    let site = Site::campus();
    for role in [Role::Analyst, Role::Teacher, Role::Viewer] {
        for path in ["/forget", "/forget/look"] {
            let answer = site.post_as(role, path, "person=a%40b.example&is_sure=true").await;
            assert_eq!(answer.status, 403, "{role} {path}");
        }
        assert_eq!(site.get_as(role, "/forget").await.status, 403);
    }
    let (_, _, path) = somebody(&site).await;
    assert!(!site.get_as(Role::Analyst, &path).await.body.contains("/forget"));
    let token =
        site.token("hr", &[Capability::Forget], site.app.clock.now() + jiff::SignedDuration::from_hours(1));
    let request = axum::http::Request::post("/api/v1/erasures")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(r#"{"person":"x@none.example","even_unknown":true}"#))
        .unwrap();
    assert_eq!(site.send(request).await.status, 202, "a program with the scope may");
    assert_eq!(site.ask(None, Method::POST, "/api/v1/erasures", "{}".to_owned().into()).await.status, 401);
}
