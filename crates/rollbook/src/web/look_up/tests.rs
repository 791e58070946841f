use rollbook_core::request::Role;
use rollbook_store::RequestOutcome;
use serde_json::json;

use crate::commands::Order;
use crate::web::tests::site::Site;

const NUMBER: &str = "98765432109";

#[tokio::test]
async fn a_meeting_the_store_lacks_is_looked_up_by_a_command_once_its_price_was_shown() {
    let site = Site::campus();
    let asked = "/refresh?meeting=987+6543+2109&date=2026-10-05";
    let page = site.get_as(Role::Admin, asked).await.body;
    assert!(page.contains("The store does not know it") && page.contains("Medium call"), "{page}");
    assert!(site.store().next_command().unwrap().is_none());
    let form = "csrf=x&meeting=987+6543+2109&date=2026-10-05";
    let given = site.post_as(Role::Admin, "/refresh", form).await;
    assert_eq!(given.status, 303, "{}", given.body);
    let command = site.store().next_command().unwrap().unwrap();
    let Ok(Some(Order::LookUp(order))) = Order::read(&command) else { panic!("{command:?}") };
    assert_eq!(
        (order.meeting.as_str(), order.date.map(|day| day.to_string())),
        (NUMBER, Some("2026-10-05".into()))
    );
    let path = given.header("location").to_owned();
    assert_eq!(path, format!("/refresh?asked={}", order.request));
    let waiting = site.get_as(Role::Admin, &path).await.body;
    assert!(waiting.contains("waiting for Zoom") && waiting.contains("data-live="), "{waiting}");
    let again = site.post_as(Role::Admin, "/refresh", form).await;
    assert_eq!(again.status, 303);
    assert_eq!(
        site.store().commands(9).unwrap().len(),
        1,
        "who asks for the same joins, and nothing is asked twice"
    );
    let now = site.app.clock.now();
    site.store()
        .answer_request(now, order.request, RequestOutcome::Failed, "Zoom knows no such meeting")
        .unwrap();
    let live = site.get_as(Role::Admin, &format!("/refresh/live?asked={}", order.request)).await.body;
    assert!(live.contains("Zoom knows no such meeting") && live.contains("data-live-done"), "{live}");
    let told = site.get_as(Role::Admin, &format!("/api/v1/refreshes/{}", order.request)).await.json();
    assert_eq!(
        (&told["outcome"], &told["meeting"]),
        (&json!("failed"), &json!(format!("{NUMBER} on 2026-10-05")))
    );
}

#[tokio::test]
async fn what_the_store_knows_is_offered_from_its_own_page() {
    let site = Site::campus();
    let meetings = site.get_as(Role::Admin, "/api/v1/meetings").await.json();
    let known = &meetings["meetings"][0];
    let offer = format!("/api/v1/refreshes/offer?meeting={}", known["meeting_id"]);
    let offer = site.get_as(Role::Admin, &offer).await.json();
    assert_eq!(
        (&offer["known"][0]["path"], &offer["is_allowed"]),
        (&known["path"], &json!(false)),
        "{offer}"
    );
    let ask = json!({ "meeting": known["meeting_uuid"] }).to_string();
    let refused = site.post_as(Role::Admin, "/api/v1/refreshes", &ask).await;
    assert!(refused.status == 400 && refused.body.contains("/refresh looks at it again"), "{}", refused.body);
}

#[tokio::test]
async fn the_sites_rule_holds_and_a_teacher_asks_for_own_numbers_only() {
    let site = Site::campus();
    let ask = json!({ "meeting": NUMBER }).to_string();
    let refused = site.post_as(Role::Analyst, "/api/v1/refreshes", &ask).await;
    assert_eq!((refused.status, &refused.json()["outcome"]), (202, &json!("refused")), "{}", refused.body);
    assert!(site.store().next_command().unwrap().is_none());
    let offer = format!("/api/v1/refreshes/offer?meeting={NUMBER}");
    assert_eq!(site.get_as_teacher_of(&[], &offer).await.status, 403);
    let own = site.get_as_teacher_of(&[NUMBER.parse().unwrap()], &offer).await;
    assert_eq!((own.status, &own.json()["is_allowed"]), (200, &json!(false)), "{}", own.body);
    for wrong in ["12", "Algebra", "%2Fshort%3D%3D"] {
        let page = site.get_as(Role::Admin, &format!("/refresh?meeting={wrong}")).await;
        assert_eq!(page.status, 422, "{wrong}: {}", page.body);
    }
    let kept = site.get_as(Role::Admin, "/refresh?meeting=Algebra").await.body;
    assert!(kept.contains("value=\"Algebra\"") && kept.contains("copy all of it"), "{kept}");
}
