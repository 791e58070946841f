//! What holds of all of the API: problems, limits, tags, pages of lists.

use axum::body::Body;
use axum::http::{Method, header};
use rollbook_core::request::Role;

use super::site::Site;
use crate::web::visitor::Visitor;

/// Every path of the API that needs no part filled in.
fn lists() -> Vec<&'static str> {
    let routes = crate::web::routes();
    let reads = routes.iter().filter(|route| route.is_api() && route.method == Method::GET);
    reads.map(|route| route.path).filter(|path| !path.contains('{')).collect()
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_told_everywhere() {
    let site = Site::new();
    for path in lists().into_iter().filter(|path| !path.ends_with("openapi.json") && !path.ends_with("today"))
    {
        let answer = site.get_as(Role::Admin, &format!("{path}?limitt=3")).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.body);
        assert_eq!(answer.json()["type"], "/problems/bad-request");
    }
}

#[tokio::test]
async fn whatever_is_wrong_is_a_problem_document() {
    let site = Site::new();
    let ana = || Some(Visitor::in_role("ana", Role::Admin));
    let check = async |who: Option<Visitor>, method: Method, path: &str, body: Vec<u8>, status: u16| {
        let answer = site.ask(who, method.clone(), path, Body::from(body)).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{method} {path}");
        assert_eq!(answer.json()["status"], status, "{method} {path}");
        answer
    };
    check(ana(), Method::GET, "/api/v1/nothing", vec![], 404).await;
    check(ana(), Method::GET, "/api/v1/runs/x", vec![], 404).await;
    check(ana(), Method::GET, "/api/v1/runs/9", vec![], 404).await;
    check(ana(), Method::GET, "/api/v1/runs?limit=0", vec![], 400).await;
    check(ana(), Method::GET, "/api/v1/runs?cursor=%00", vec![], 400).await;
    check(None, Method::GET, "/api/v1/runs", vec![], 401).await;
    let wrong = check(ana(), Method::DELETE, "/api/v1/runs", vec![], 405).await;
    assert_eq!(wrong.headers[header::ALLOW], "GET,HEAD");
    check(ana(), Method::POST, "/api/v1/backfills", b"{".to_vec(), 400).await;
    check(ana(), Method::POST, "/api/v1/backfills", vec![b' '; 3 << 20], 413).await;
    let viewer = Some(Visitor::in_role("vic", Role::Viewer));
    check(viewer, Method::POST, "/api/v1/backfills", b"{}".to_vec(), 403).await;
}

#[tokio::test]
async fn what_is_held_already_is_not_sent_again() {
    let site = Site::new();
    let first = site.get_as(Role::Viewer, "/api/v1/quota").await;
    let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
    let again = site.get_if_changed(Role::Viewer, "/api/v1/quota", &tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.headers[header::ETAG], tag.as_str());
    assert_eq!(site.get_if_changed(Role::Viewer, "/api/v1/quota", "\"0\"").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_api_is_rationed_and_pages_are_not() {
    let site = Site::new();
    for _ in 0..600 {
        assert_eq!(site.get_as(Role::Viewer, "/api/v1/openapi.json").await.status, 200);
    }
    let refused = site.get_as(Role::Viewer, "/api/v1/quota").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
    assert_eq!(refused.json()["type"], "/problems/too-often");
    assert_eq!(site.get_as(Role::Viewer, "/quota").await.status, 200);
    let other = Visitor::in_role("ben", Role::Viewer);
    let answer = site.ask(Some(other), Method::GET, "/api/v1/quota", Body::empty()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["ratelimit"], "\"default\";r=599");
}

#[tokio::test]
async fn pages_of_a_list_hold_every_row_once_while_others_are_added() {
    let site = Site::new();
    let mut store = site.store();
    let now = super::site::NOW.parse().unwrap();
    for number in 0..25 {
        store.start_run(now, &format!("sync {number}")).unwrap();
    }
    let (mut path, mut seen) = ("/api/v1/runs?limit=4".to_owned(), Vec::new());
    loop {
        let answer = site.get_as(Role::Admin, &path).await;
        let page = answer.json();
        let ids = page["items"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap());
        seen.extend(ids);
        store.start_run(now, "another").unwrap();
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/runs?limit=4&cursor={next}");
        assert_eq!(answer.headers[header::LINK], format!("<{path}>; rel=\"next\"").as_str());
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<i64>>());
}
