use rollbook_core::request::Role;
use serde_json::Value;

use crate::web::tests::site::Site;

/// Somebody on the campus whose call was bad, by way of the pages: a bad meeting, its people, the worst of them.
async fn somebody(site: &Site) -> (String, Value) {
    let list = site.get_as(Role::Analyst, "/api/v1/meetings?quality=some").await.json();
    for meeting in list["meetings"].as_array().unwrap() {
        let path = meeting["path"].as_str().unwrap();
        let view = site.get_as(Role::Analyst, &format!("/api/v1{path}")).await.json();
        let worst =
            view["people"].as_array().unwrap().iter().max_by_key(|one| one["bad_minutes"].as_u64()).unwrap();
        if worst["bad_minutes"].as_u64() > Some(2) {
            return (worst["path"].as_str().unwrap().to_owned(), worst.clone());
        }
    }
    panic!("nobody on the campus had a bad call");
}

#[tokio::test]
async fn a_bad_call_says_why_and_shows_it_over_time() {
    let site = Site::campus();
    let (path, person) = somebody(&site).await;
    let view = site.get_as(Role::Analyst, &format!("/api/v1{path}")).await.json();
    assert_eq!((&view["name"], &view["bad_minutes"]), (&person["name"], &person["bad_minutes"]));
    assert!(view["worst_minutes"][0]["cause"].is_string() && !view["streams"].as_array().unwrap().is_empty());
    let page = site.get_as(Role::Analyst, &path).await.body;
    for chart in ["loss", "latency", "jitter", "bitrate"] {
        assert!(page.contains(&format!("data-chart=\"{chart}-data\"")), "no chart of {chart}: {page}");
    }
    assert!(page.contains("Worst minutes") && page.contains(" on average, "), "{page}");
}

#[tokio::test]
async fn every_sample_can_be_taken_away() {
    let site = Site::campus();
    let (path, _) = somebody(&site).await;
    let view = site.get_as(Role::Analyst, &format!("/api/v1{path}")).await.json();
    let samples: usize = view["connections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["samples"].as_array().unwrap().len())
        .sum();
    let csv = site.get_as(Role::Analyst, &format!("{path}?table=samples&format=csv")).await.body;
    assert!(samples > 3 && csv.starts_with("user_id,time,audio_in_bitrate_kbps,"), "{csv}");
    assert_eq!(csv.lines().count(), samples + 1);
    for table in ["streams", "worst"] {
        let answer = site.get_as(Role::Analyst, &format!("{path}?table={table}&format=json")).await;
        assert!(!answer.json().as_array().unwrap().is_empty(), "{table}");
    }
}

#[tokio::test]
async fn who_is_not_there_or_not_theirs_is_not_found() {
    let site = Site::campus();
    let (path, _) = somebody(&site).await;
    let meeting = path.rsplit_once("/people/").unwrap().0;
    for wrong in
        [format!("{meeting}/people/99"), format!("{meeting}/people/~~"), "/meetings/x/people/1".to_owned()]
    {
        assert_eq!(site.get_as(Role::Analyst, &wrong).await.status, 404, "{wrong}");
    }
    assert_eq!(site.get_as_teacher_of(&[], &path).await.status, 404);
    assert_eq!(site.get_as(Role::Viewer, &path).await.status, 403);
}
