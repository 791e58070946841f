//! Deliveries beside the plugin's task, one after the other.

use rollbook_core::delivery::Note;
use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;

use super::class::{Class, START, rows};

const UUID: &str = "4444AAAiAAAAAiAiAiiAii==";

async fn what_the_plugin_wrote_first_is_kept_under_its_names(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin(UUID, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900").await;
    let participants = class.site.table("zoom_meeting_participants").await;
    let receipt = class.push(&class.delivery(UUID, "7 Ana_Lopez 2-3600, 8 Ben_B. 30-900")).await;
    assert_eq!((receipt.kept, receipt.rows(), receipt.own.len()), (2, 2, 0));
    assert_eq!(class.site.table("zoom_meeting_participants").await, participants);
}

async fn what_the_plugin_never_asked_again_for_is_added_and_corrected(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin(UUID, "7 ANA_LÓPEZ 0-900, 8 Ben 30-900").await;
    let receipt = class.push(&class.delivery(UUID, "7 Ana 0-3600, 8 Ben 30-900, 9 Cyd 60-600")).await;
    assert_eq!(class.shown(UUID).await, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900, 9 Cyd 60-600");
    let [(old, new)] = receipt.overwritten.as_slice() else { panic!("{receipt:?}") };
    assert_eq!((old.row.leave_time, new.row.leave_time), (START + 900, START + 3_600));
    assert_eq!(receipt.own.len(), 1);
}

async fn the_plugin_finds_what_we_wrote_first_and_adds_nothing(site: TestSite) {
    let mut class = Class::new(site).await;
    let delivery = class.delivery(UUID, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900");
    class.push(&delivery).await;
    class.run_plugin(UUID, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900").await;
    assert_eq!(class.shown(UUID).await, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900");
    let receipt = class.push(&delivery).await;
    assert_eq!((receipt.kept, receipt.rows(), receipt.own.len()), (2, 2, 2));
}

async fn rows_that_the_plugin_adds_to_ours_under_other_names_replace_ours(site: TestSite) {
    let mut class = Class::new(site).await;
    let delivery = class.delivery(UUID, "7 Ana_L. 0-3600, 8 Ben 30-900");
    class.push(&delivery).await;
    class.run_plugin(UUID, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900").await;
    assert_eq!(class.shown(UUID).await, "7 Ana_L. 0-3600, 8 Ben 30-900, 7 ANA_LÓPEZ 0-3600");
    let receipt = class.push(&delivery).await;
    assert_eq!((receipt.deleted.len(), receipt.kept), (1, 2));
    assert_eq!(class.shown(UUID).await, "8 Ben 30-900, 7 ANA_LÓPEZ 0-3600");
    class.run_plugin(UUID, "7 ANA_LÓPEZ 0-3600, 8 Ben 30-900").await;
    assert_eq!(class.push(&delivery).await.kept, 2);
}

async fn rows_that_the_plugin_doubled_are_left_and_named(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin(UUID, "7 ANA 0-900").await;
    class.run_plugin(UUID, "7 ANA 0-3600").await;
    assert_eq!(class.shown(UUID).await, "7 ANA 0-900, 7 ANA 0-3600");
    let receipt = class.push(&class.delivery(UUID, "7 Ana 0-3600")).await;
    assert_eq!(class.shown(UUID).await, "7 ANA 0-900, 7 ANA 0-3600");
    assert!(matches!(receipt.notes[..], [Note::Duplicate { .. }]), "{:?}", receipt.notes);
}

async fn waiting_room_and_breakout_rows_of_the_plugin_stay_as_they_are(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin(UUID, "7 ANA 0-4, 8 ANA 600-1200").await;
    let mut delivery = class.delivery(UUID, "7 Ana 4-3600");
    delivery.left_out = rows("7 Ana 0-4, 8 Ana 600-1200");
    class.push(&delivery).await;
    assert_eq!(class.shown(UUID).await, "7 ANA 0-4, 8 ANA 600-1200, 7 Ana 4-3600");
    assert_eq!(class.push(&delivery).await.kept, 3);
}

async fn a_leave_that_the_plugin_stored_as_1970_is_filled_in(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin(UUID, &format!("7 ANA 0-{}", -START)).await;
    let mut delivery = class.delivery(UUID, "");
    delivery.left_out = rows(&format!("7 Ana 0-{}", -START));
    assert_eq!(class.push(&delivery).await.kept, 1);
    class.push(&class.delivery(UUID, "7 Ana 0-3600")).await;
    assert_eq!(class.shown(UUID).await, "7 ANA 0-3600");
}

async fn the_details_row_that_the_plugin_wrote_gets_what_we_know_and_keeps_what_we_do_not(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin(UUID, "7 ANA 0-900").await;
    class.site.execute("UPDATE {zoom_meeting_details} SET total_minutes = 77").await;
    let mut delivery = class.delivery(UUID, "7 Ana 0-900");
    delivery.details.end_time = START + 4_000;
    delivery.details.participants_count = None;
    delivery.details.topic = String::new();
    let receipt = class.push(&delivery).await;
    let expected = format!("0-4000 3600 Meeting 85746065 77 1 {}", class.activity);
    assert_eq!(class.details(UUID).await, expected);
    assert_eq!(receipt.details_before.unwrap().end_time, START + 3_600);
    assert_eq!(receipt.details.total_minutes, Some(77));
}

on_both!(
    what_the_plugin_wrote_first_is_kept_under_its_names,
    what_the_plugin_never_asked_again_for_is_added_and_corrected,
    the_plugin_finds_what_we_wrote_first_and_adds_nothing,
    rows_that_the_plugin_adds_to_ours_under_other_names_replace_ours,
    rows_that_the_plugin_doubled_are_left_and_named,
    waiting_room_and_breakout_rows_of_the_plugin_stay_as_they_are,
    a_leave_that_the_plugin_stored_as_1970_is_filled_in,
    the_details_row_that_the_plugin_wrote_gets_what_we_know_and_keeps_what_we_do_not,
);
