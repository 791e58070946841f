//! Deliveries where nobody else writes.

use rollbook_core::delivery::{Note, Ours};
use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Error, on_both};

use super::class::{Class, rows};

const UUID: &str = "4444AAAiAAAAAiAiAiiAii==";

async fn a_session_arrives_with_everybody_and_nothing_else_changes(site: TestSite) {
    let mut class = Class::new(site).await;
    let before = class.everything_but(UUID).await;
    let delivery = class.delivery(UUID, "7 Ana 0-3600, 8 Ben 30-900, 9 Ben 950-3600");
    let receipt = class.push(&delivery).await;
    assert_eq!(class.shown(UUID).await, "7 Ana 0-3600, 8 Ben 30-900, 9 Ben 950-3600");
    assert_eq!(class.details(UUID).await, format!("0-3600 3600 Algebra -1 3 {}", class.activity));
    assert_eq!(class.everything_but(UUID).await, before);
    assert_eq!((receipt.inserted.len(), receipt.rows(), receipt.look_again), (3, 3, false));
    assert_eq!((&receipt.details_before, &receipt.details), (&None, &delivery.details));
    let own: Vec<_> = receipt.own.values().cloned().collect();
    assert_eq!(own, delivery.participants);
}

async fn delivering_twice_equals_once(site: TestSite) {
    let mut class = Class::new(site).await;
    let delivery = class.delivery(UUID, "7 Ana 0-3600, 8 Ben 30-900");
    class.push(&delivery).await;
    let participants = class.site.table("zoom_meeting_participants").await;
    let details = class.site.table("zoom_meeting_details").await;
    for memory in [class.memory.clone(), Default::default()] {
        class.memory = memory;
        let receipt = class.push(&delivery).await;
        assert_eq!((receipt.kept, receipt.rows(), receipt.look_again), (2, 2, false));
        assert_eq!(receipt.details_before.as_ref(), Some(&receipt.details));
        assert_eq!(class.site.table("zoom_meeting_participants").await, participants);
        assert_eq!(class.site.table("zoom_meeting_details").await, details);
    }
}

async fn a_corrected_stay_is_corrected_and_not_doubled(site: TestSite) {
    let mut class = Class::new(site).await;
    class.push(&class.delivery(UUID, "7 Ana 0-900, 8 Ben 30-900")).await;
    let mut delivery = class.delivery(UUID, "7 ANA_LÓPEZ 3-3600, 8 Ben 30-900");
    delivery.participants[0].userid = Some(5);
    delivery.participants[0].uuid = Some("zoom-user".into());
    delivery.participants[0].user_email = Some("ana@example.org".into());
    let receipt = class.push(&delivery).await;
    assert_eq!((receipt.corrected.len(), receipt.kept, receipt.rows()), (1, 1, 2));
    assert_eq!(class.shown(UUID).await, "7 ANA_LÓPEZ 3-3600, 8 Ben 30-900");
    let whole = "SELECT CONCAT_WS(' ', userid, uuid, user_email) FROM {zoom_meeting_participants} WHERE zoomuserid = '7'";
    assert_eq!(class.site.texts(whole).await, ["5 zoom-user ana@example.org"]);
    let unknown = class.delivery(UUID, "7 Ana 3-3600, 8 Ben 30-900");
    class.push(&unknown).await;
    assert_eq!(class.site.texts(whole).await, [""]);
}

async fn a_withdrawn_stay_goes_and_a_late_one_comes(site: TestSite) {
    let mut class = Class::new(site).await;
    class.push(&class.delivery(UUID, "7 Ana 0-900, 8 Ben 30-900")).await;
    let mut delivery = class.delivery(UUID, "8 Ben 30-900, 9 Cyd 100-900");
    delivery.left_out = rows("7 Ana 0-900");
    let receipt = class.push(&delivery).await;
    assert_eq!((receipt.deleted.len(), receipt.inserted.len(), receipt.kept), (1, 1, 1));
    assert_eq!(class.shown(UUID).await, "8 Ben 30-900, 9 Cyd 100-900");
    assert_eq!(receipt.own.len(), 2);
}

async fn without_the_right_to_delete_a_withdrawn_stay_is_left_and_named(site: TestSite) {
    let mut class = Class::new(site).await;
    let rollbook = class.settings.clone();
    class.site.revoke(&rollbook, "DELETE ON {zoom_meeting_participants}").await;
    class.push(&class.delivery(UUID, "7 Ana 0-900, 8 Ben 30-900")).await;
    let receipt = class.push(&class.delivery(UUID, "8 Ben 30-900")).await;
    assert!(matches!(receipt.notes[..], [Note::NotDeleted { .. }]), "{:?}", receipt.notes);
    assert_eq!(class.shown(UUID).await, "7 Ana 0-900, 8 Ben 30-900");
    assert_eq!((receipt.own.len(), receipt.rows()), (2, 2));
}

async fn without_the_right_to_delete_a_stay_with_another_join_or_user_id_is_not_doubled(site: TestSite) {
    let mut class = Class::new(site).await;
    let rollbook = class.settings.clone();
    class.site.revoke(&rollbook, "DELETE ON {zoom_meeting_participants}").await;
    class.push(&class.delivery(UUID, "7 Ana 0-900, 8 Ben 30-900")).await;
    let receipt = class.push(&class.delivery(UUID, "7 Ana 60-900, 18 Ben 30-900")).await;
    assert_eq!((receipt.corrected.len(), receipt.inserted.len(), receipt.notes), (2, 0, vec![]));
    assert_eq!(class.shown(UUID).await, "7 Ana 60-900, 18 Ben 30-900");
}

async fn a_row_of_ours_that_somebody_edited_is_theirs_from_then_on(site: TestSite) {
    let mut class = Class::new(site).await;
    class.push(&class.delivery(UUID, "7 Ana 0-900, 8 Ben 30-900")).await;
    class.site.execute("UPDATE {zoom_meeting_participants} SET name = 'Anna' WHERE zoomuserid = '7'").await;
    let receipt = class.push(&class.delivery(UUID, "7 ANA 0-1800, 8 Ben 30-900")).await;
    assert_eq!((receipt.overwritten.len(), receipt.own.len()), (1, 1));
    assert_eq!(class.shown(UUID).await, "7 Anna 0-1800, 8 Ben 30-900");
    let receipt = class.push(&class.delivery(UUID, "8 Ben 30-900")).await;
    assert_eq!((receipt.deleted.len(), receipt.rows()), (0, 2));
}

async fn a_large_session_arrives_whole(site: TestSite) {
    let mut class = Class::new(site).await;
    let people: Vec<String> = (0..1_203).map(|n| format!("{} Person_{n} {n}-3600", 16_778_240 + n)).collect();
    let delivery = class.delivery(UUID, &people.join(", "));
    let receipt = class.push(&delivery).await;
    assert_eq!((receipt.inserted.len(), receipt.own.len(), receipt.look_again), (1_203, 1_203, false));
    assert_eq!(class.shown(UUID).await, people.join(", "));
    class.push(&class.delivery(UUID, "")).await;
    assert_eq!(class.shown(UUID).await, "");
}

async fn what_cannot_be_remembered_is_not_written(site: TestSite) {
    let mut class = Class::new(site).await;
    let tables = class.everything_but("").await;
    let delivery = class.delivery(UUID, "7 Ana 0-900");
    let mut db = class.connect().await;
    let own = Default::default();
    let ours = Ours { own: &own, tentative: None };
    let mut refuse = |_: &_| Err("the disk is full".to_owned());
    let error = db.deliver(&delivery, ours, &mut refuse).await.unwrap_err();
    assert!(matches!(&error, Error::NotKept(why) if why == "the disk is full"), "{error}");
    assert_eq!(class.everything_but("").await, tables);
    // The connection goes on.
    let mut keep = |_: &_| Ok(());
    db.deliver(&delivery, ours, &mut keep).await.unwrap();
    assert_eq!(class.shown(UUID).await, "7 Ana 0-900");
}

on_both!(
    a_session_arrives_with_everybody_and_nothing_else_changes,
    delivering_twice_equals_once,
    a_corrected_stay_is_corrected_and_not_doubled,
    a_withdrawn_stay_goes_and_a_late_one_comes,
    without_the_right_to_delete_a_withdrawn_stay_is_left_and_named,
    without_the_right_to_delete_a_stay_with_another_join_or_user_id_is_not_doubled,
    a_row_of_ours_that_somebody_edited_is_theirs_from_then_on,
    a_large_session_arrives_whole,
    what_cannot_be_remembered_is_not_written,
);
