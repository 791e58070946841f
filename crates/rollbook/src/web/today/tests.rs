use rollbook_core::request::Role;

use crate::web::tests::site::Site;

#[tokio::test]
async fn an_empty_store_is_an_answer() {
    let site = Site::new();
    let answer = site.get_as(Role::Viewer, "/api/v1/today").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["days"].as_array().unwrap().len(), 2);
    assert!(site.get_as(Role::Viewer, "/").await.body.contains("No meeting is known of this day yet."));
    assert_eq!(site.get_as(Role::Teacher, "/").await.status, 403);
}

#[tokio::test]
async fn a_day_is_told_by_state_with_what_is_open_and_why() {
    let site = Site::campus();
    let view = site.get_as(Role::Admin, "/api/v1/today").await.json();
    let yesterday = &view["days"][0];
    assert!(
        yesterday["total"].as_u64() >= Some(50) && yesterday["settled"].as_u64() > Some(0),
        "{yesterday}"
    );
    let states: u64 =
        yesterday["states"].as_array().unwrap().iter().map(|line| line["instances"].as_u64().unwrap()).sum();
    assert_eq!(Some(states), yesterday["total"].as_u64());
    let reasons: u64 = view["open_by_reason"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["instances"].as_u64().unwrap())
        .sum();
    assert!(Some(reasons) == view["open_total"].as_u64() && reasons > 0, "{view}");
    let page = site.get_as(Role::Admin, "/").await.body;
    let first = view["open"][0]["path"].as_str().unwrap();
    assert!(page.contains(&format!("href=\"{first}\"")) && page.contains("settled ("), "{page}");
}

#[tokio::test]
async fn spending_is_told_by_hour_and_adds_up() {
    let site = Site::campus();
    let today = site.get_as(Role::Admin, "/api/v1/today").await.json();
    let hours: u64 = today["spending"][0]["hours"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hour| hour["calls"].as_u64().unwrap())
        .sum();
    let quota = site.get_as(Role::Admin, "/api/v1/quota").await.json();
    let spent: u64 = quota["pools"][0]["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["calls"].as_u64().unwrap())
        .sum();
    assert!(hours > 0 && hours == spent, "{hours} {spent}");
    let page = site.get_as(Role::Admin, "/").await.body;
    assert!(
        page.contains("data-chart=\"spending-0-data\"") && page.contains("in the busiest hour"),
        "{page}"
    );
}

#[tokio::test]
async fn who_may_not_see_meetings_sees_figures_only() {
    let site = Site::campus();
    let view = site.get_as(Role::Viewer, "/api/v1/today").await.json();
    assert!(view["open_total"].as_u64() > Some(0));
    for line in ["open", "live", "deliveries"].iter().flat_map(|list| view[list].as_array().unwrap()) {
        assert!(
            line["topic"].is_null() && line["path"].is_null() && line["meeting_uuid"].is_null(),
            "{line}"
        );
    }
    assert!(!site.get_as(Role::Viewer, "/").await.body.contains("href=\"/meetings/"));
}

#[tokio::test]
async fn tables_go_out_as_files_and_the_live_part_alone() {
    let site = Site::campus();
    let days = site.get_as(Role::Viewer, "/?table=days&format=csv").await;
    assert!(days.body.starts_with("day,state,instances\r\n"), "{}", days.body);
    let part = site.get_as(Role::Viewer, "/?part=now").await;
    assert!(
        part.status == 200 && !part.body.contains("<html") && part.body.contains("Yesterday"),
        "{}",
        part.body
    );
    assert_eq!(site.get_if_changed(Role::Viewer, "/?part=now", part.header("etag")).await.status, 304);
}
