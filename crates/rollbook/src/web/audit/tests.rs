use rollbook_core::request::Role;

use super::*;
use crate::web::tests::site::Site;

#[tokio::test]
async fn looks_are_recorded_with_who_role_and_address_and_read_page_by_page() {
    let site = Site::new();
    let visitor = Visitor { address: Some("192.0.2.7".to_owned()), ..Visitor::in_role("ana", Role::Teacher) };
    for look in 0..=PAGE {
        audit(&site.app, &visitor, "attendance.look", format!("instance {look}"), None);
    }
    let first = site.get_as(Role::Admin, "/api/v1/audit").await.json();
    assert_eq!(first["entries"][0]["subject"], "instance 100");
    assert_eq!(
        (&first["entries"][0]["role"], &first["entries"][0]["address"]),
        (&"teacher".into(), &"192.0.2.7".into())
    );
    let path = format!("/api/v1/audit?before={}", first["next"]);
    let second = site.get_as(Role::Admin, &path).await.json();
    assert_eq!(second["entries"].as_array().unwrap().len(), 1);
    assert_eq!(second["next"], serde_json::Value::Null);
    assert!(site.get_as(Role::Admin, "/audit").await.body.contains("Earlier entries"));
}

#[tokio::test]
async fn a_change_that_cannot_be_recorded_is_not_made_and_a_look_is_shown_all_the_same() {
    let site = Site::new();
    let visitor = Visitor::in_role("ana", Role::Admin);
    audit_change(&site.app, &visitor, "people.set", "k3x9w2m", None).await.unwrap();
    site.break_audit();
    let refused = audit_change(&site.app, &visitor, "people.set", "k3x9w2m", None).await.unwrap_err();
    assert_eq!(refused.status, 500);
    audit(&site.app, &visitor, "attendance.look", "instance 1", None);
    assert_eq!(site.app.access.looks.available_permits(), 4_096, "no place is lost");
}
