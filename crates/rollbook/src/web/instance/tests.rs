use axum::body::Body;
use rollbook_core::request::Role;
use serde_json::Value;

use crate::web::tests::site::{Answer, Site, browser};
use crate::web::visitor::Visitor;

/// Asks for a refresh by the form.
async fn post(site: &Site, role: Role, path: &str) -> Answer {
    let mut request = browser("POST", &format!("{path}/refresh"), "").body(Body::empty()).unwrap();
    request.extensions_mut().insert(Visitor::in_role("ana", role));
    site.send(request).await
}

/// The first meeting of the list that fits.
async fn meeting(site: &Site, query: &str, fits: impl Fn(&Value) -> bool) -> (String, Value) {
    let list = site.get_as(Role::Analyst, &format!("/api/v1/meetings?{query}")).await.json();
    for one in list["meetings"].as_array().unwrap() {
        let path = one["path"].as_str().unwrap().to_owned();
        let view = site.get_as(Role::Analyst, &format!("/api/v1{path}")).await.json();
        if fits(&view) {
            return (path, view);
        }
    }
    panic!("the campus has no such meeting: {query}");
}

#[tokio::test]
async fn everybody_is_there_with_bars_counts_and_evidence() {
    let site = Site::campus();
    let (path, view) =
        meeting(&site, "state=verified", |view| view["people"].as_array().unwrap().len() > 2).await;
    let people = view["people"].as_array().unwrap();
    assert!(people.len() > 1 && !view["evidence"]["readings"].as_array().unwrap().is_empty());
    let page = site.get_as(Role::Analyst, &path).await.body;
    assert!(page.contains("Proved complete.") && page.contains("<rect class=\"in\""), "{page}");
    assert_eq!(page.matches("<svg class=\"presence\"").count(), people.len());
    let first = people[0]["path"].as_str().unwrap();
    assert!(page.contains(&format!("href=\"{first}\"")));
}

#[tokio::test]
async fn calls_are_drawn_as_a_map_with_words() {
    let site = Site::campus();
    let (path, view) =
        meeting(&site, "quality=some", |view| view["quality"]["people"].as_u64() > Some(1)).await;
    let page = site.get_as(Role::Analyst, &path).await.body;
    assert!(page.contains("data-chart=\"heat-data\"") && page.contains("people were measured"), "{page}");
    assert!(page.contains("/assets/charts-"), "the chart library is not loaded");
    assert!(view["people"].as_array().unwrap().iter().any(|one| one["bad_minutes"].as_u64() > Some(0)));
}

#[tokio::test]
async fn what_is_not_known_yet_is_not_shown_as_absence() {
    let site = Site::campus();
    let (path, _) = meeting(&site, "state=ended", |view| view["people"] == Value::Array(vec![])).await;
    let page = site.get_as(Role::Analyst, &path).await.body;
    assert!(page.contains("What is not known is not absence.") && page.contains("not known yet"), "{page}");
}

#[tokio::test]
async fn a_meeting_that_is_not_there_or_not_theirs_is_one_and_the_same_to_a_teacher() {
    let site = Site::campus();
    let (path, _) = meeting(&site, "", |_| true).await;
    let [none, foreign] =
        [site.get_as_teacher_of(&[], "/meetings/nothing").await, site.get_as_teacher_of(&[], &path).await];
    assert_eq!((none.status, foreign.status), (404, 404));
    assert_eq!(none.body, foreign.body);
    assert_eq!(site.get_as(Role::Viewer, &path).await.status, 403);
}

#[tokio::test]
async fn names_that_hold_markup_are_shown_as_they_are() {
    let site = Site::campus();
    let (path, view) =
        meeting(&site, "state=verified", |view| view["people"].as_array().unwrap().len() > 1).await;
    let mut store = site.store();
    let record = store.instance_by_uuid("default", view["meeting_uuid"].as_str().unwrap()).unwrap().unwrap();
    let mut stays = store.stays(record.id).unwrap();
    for stay in &mut stays {
        stay.name = Some("<script>alert(1)</script>\" onmouseover=\"x".into());
    }
    store.put_stays(record.id, &stays).unwrap();
    let mut instance = record.instance;
    instance.topic = Some("<img src=x onerror=alert(1)>".into());
    store.update_instance(record.id, &instance).unwrap();
    let page = site.get_as(Role::Analyst, &path).await.body;
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains("<img") && !page.contains("\" onmouseover"), "{page}");
}

#[tokio::test]
async fn tables_go_out_as_files() {
    let site = Site::campus();
    let (path, view) = meeting(&site, "state=verified", |_| true).await;
    let csv = site.get_as(Role::Analyst, &format!("{path}?table=people&format=csv")).await;
    assert!(csv.header("content-disposition").contains("-people"), "{:?}", csv.headers);
    assert_eq!(csv.body.lines().count(), view["people"].as_array().unwrap().len() + 1);
    let json = site.get_as(Role::Analyst, &format!("{path}?table=readings&format=json")).await.json();
    assert_eq!(json.as_array().unwrap().len(), view["evidence"]["readings"].as_array().unwrap().len());
    assert_eq!(site.get_as(Role::Analyst, &format!("{path}?table=cats&format=csv")).await.status, 400);
}

#[tokio::test]
async fn a_refresh_shows_its_price_first_and_then_waits_for_zoom() {
    let site = Site::campus();
    let (path, _) = meeting(&site, "state=fetched", |_| true).await;
    let page = site.get_as(Role::Admin, &path).await.body;
    assert!(page.contains("A look now costs about 1 ") && page.contains("id=\"refresh\""), "{page}");
    let asked = post(&site, Role::Admin, &path).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let to = asked.header("location").to_owned();
    assert!(to.starts_with(&format!("{path}?asked=")), "{to}");
    let page = site.get_as(Role::Admin, to.trim_end_matches("#standing")).await.body;
    assert!(
        page.contains("waiting for Zoom&#39;s answer") && page.contains("a person waits for it"),
        "{page}"
    );
    assert!(page.contains("data-every=\"3\""), "{page}");
    // Somebody else's number tells nothing.
    assert!(!site.get_as(Role::Admin, &format!("{path}?asked=999")).await.body.contains("waiting for Zoom"));
}

#[tokio::test]
async fn whose_role_may_not_refresh_is_told_so() {
    let site = Site::campus();
    let (path, _) = meeting(&site, "state=fetched", |_| true).await;
    let page = site.get_as(Role::Analyst, &path).await.body;
    assert!(page.contains("the role analyst may not ask") && !page.contains("id=\"refresh\""), "{page}");
    let asked = post(&site, Role::Analyst, &path).await;
    let page = site.get_as(Role::Analyst, asked.header("location").trim_end_matches("#standing")).await.body;
    assert!(!page.contains("a person waits for it"), "{page}");
}

#[tokio::test]
async fn the_live_part_is_sent_once_for_each_change() {
    let site = Site::campus();
    let (path, _) = meeting(&site, "state=fetched", |_| true).await;
    let part = format!("{path}?part=standing");
    let first = site.get_as(Role::Analyst, &part).await;
    assert!(first.status == 200 && !first.body.contains("<html"), "{}", first.body);
    let again = site.get_if_changed(Role::Analyst, &part, first.header("etag")).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[tokio::test]
async fn fewer_people_than_zoom_told_are_explained() {
    let site = Site::campus();
    let is_known = |one: &Value| one["email"].is_string();
    let has_known = |view: &Value| view["people"].as_array().unwrap().iter().any(is_known);
    let (path, before) = meeting(&site, "state=verified", has_known).await;
    assert_eq!(before["counts"]["notes"], Value::Array(vec![]));
    let email = before["people"].as_array().unwrap().iter().find_map(|one| one["email"].as_str()).unwrap();
    let wanted = crate::erasure::Wanted { person: email.to_owned(), instance: None, even_unknown: false };
    let now = site.app.clock.now();
    crate::erasure::apply(&mut site.store(), now, "ana", &wanted).unwrap();
    let erased = site.get_as(Role::Admin, &format!("/api/v1{path}")).await.json();
    assert_eq!(erased["counts"]["people"], before["counts"]["people"], "figures fit Zoom's still");
    assert_eq!(erased["counts"]["erased"], 1);
    let page = site.get_as(Role::Admin, &path).await.body;
    assert!(page.contains("1 person was erased on request"), "{page}");
    while site.store().forget_attendance(now, now, 100).unwrap() > 0 {}
    let forgotten = site.get_as(Role::Admin, &format!("/api/v1{path}")).await.json();
    assert_eq!(forgotten["counts"]["people"], before["counts"]["people"]);
    let page = site.get_as(Role::Admin, &path).await.body;
    let words = ["was forgotten on", "ROLLBOOK_KEEP_ATTENDANCE_DAYS", "Who was there is no longer kept"];
    assert!(words.iter().all(|words| page.contains(words)), "{page}");
}

#[tokio::test]
async fn it_is_told_which_policy_wanted_the_call_quality() {
    let site = Site::campus();
    let list = site.get_as(Role::Analyst, "/api/v1/meetings?quality=some").await.json();
    let path = list["meetings"][0]["path"].as_str().unwrap();
    let view = site.get_as(Role::Analyst, &format!("/api/v1{path}")).await.json();
    let because = view["quality"]["wanted_because"].as_str().unwrap();
    let page = site.get_as(Role::Analyst, path).await.body;
    assert!(page.contains(&format!("Wanted: {because}.")), "{page}");
    assert!(view["people"][0]["grades"].as_array().unwrap().is_empty(), "an analyst sees no grades");
}
