//! What changes after it was told: attendance, decisions about people, others who write, activities that go.

use rollbook_core::identity::{Correction, PersonKey};
use rollbook_core::reading::Status;
use rollbook_core::stay::Stay;
use rollbook_moodle::testing::{PluginStay, TestSite};
use rollbook_store::{CorrectionRecord, DeliveryState, State};

use crate::school::{ALGEBRA, School, at, stay};

const UUID: &str = "4444AAAiAAAAAiAiAiiAii==";

fn ana(from: i64, to: i64) -> Stay {
    stay("Ana Lopez", Some("ana@school.example"), from, to)
}

fn waiting(mut stay: Stay) -> Stay {
    stay.status = Status::InWaitingRoom;
    stay
}

async fn what_became_known_later_corrects_what_was_told(site: TestSite) {
    let mut school = School::new(site).await;
    let id = school.held(
        UUID,
        0,
        &[ana(0, 40), stay("Ben Kim", None, 1, 60), waiting(stay("Cy Abdi", None, 0, 2))],
    );
    school.push().await;
    assert_eq!(school.rows(UUID).await.len(), 2);
    school.attended(id, &[ana(0, 55), stay("Cy Abdi", None, 2, 60)]);
    let report = school.push().await;
    let rows = report.counts.rows;
    assert_eq!((rows.inserted, rows.corrected, rows.deleted), (1, 1, 1));
    let told = school.rows(UUID).await;
    assert!(told[0].starts_with("ANA LOPEZ:") && told[0].ends_with(" 0-55"), "{told:?}");
    assert!(told[1].starts_with("CY ABDI:") && told[1].ends_with(" 2-60"), "{told:?}");
    assert_eq!(told.len(), 2);
}

async fn a_decision_by_hand_reaches_past_sessions_at_the_next_push(site: TestSite) {
    let mut school = School::new(site).await;
    let ana = school.site.numbers("SELECT id FROM {user} WHERE firstname = 'Ana'").await[0];
    let id = school.held(UUID, 0, &[stay("quiet phone", None, 0, 60)]);
    school.now = at(60 * 24 * 60);
    school.push().await;
    assert_eq!(school.rows(UUID).await, ["quiet phone:0 0-60"]);
    let key = PersonKey::Name(school.course, "quiet phone".into());
    let line = CorrectionRecord {
        key: key.clone(),
        correction: Correction::User(ana),
        user_name: None,
        note: None,
        set_by: "test".into(),
        set_at: school.now,
    };
    school.store.put_correction(&line).unwrap();
    // Two months old: nobody looks at it without a reason.
    assert_eq!(school.push().await.counts.unchanged, 1);
    let seen = school.store.instances_with(&key).unwrap();
    assert_eq!(seen, [id]);
    school.store.make_deliveries_due(&seen, "corrected").unwrap();
    school.push().await;
    assert_eq!(school.rows(UUID).await, [format!("ANA LOPEZ:{ana} 0-60")]);
    school.store.drop_correction(&key).unwrap();
    school.store.make_deliveries_due(&seen, "forgotten").unwrap();
    school.push().await;
    assert_eq!(school.rows(UUID).await, ["quiet phone:0 0-60"]);
}

async fn a_pair_of_rows_made_by_a_race_is_mended_by_the_next_push(site: TestSite) {
    let mut school = School::new(site).await;
    let ben = school.site.numbers("SELECT id FROM {user} WHERE firstname = 'Ben'").await[0];
    school.held(UUID, 0, &[ana(0, 60), stay("Benny", None, 5, 50)]);
    school.site.set_config("last_call_made_at", &at(23 * 60).as_second().to_string()).await;
    school.push().await;
    let details = school.site.numbers("SELECT id FROM {zoom_meeting_details}").await[0];
    // The plugin takes Benny for Ben, so that it does not see its own row in ours.
    let benny = stay("Benny", None, 5, 50);
    let (join, leave) = (at(5).as_second(), at(50).as_second());
    let row = PluginStay {
        name: "BEN KIM",
        user: Some(ben),
        zoomuserid: &benny.user_id,
        uuid: None,
        email: None,
        join,
        leave,
    };
    school.site.plugin_stay(details, row).await;
    assert_eq!(school.rows(UUID).await.len(), 3);
    let report = school.push().await;
    assert_eq!(report.counts.rows.deleted, 1);
    let told = school.rows(UUID).await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[1], format!("BEN KIM:{ben} 5-50"));
}

async fn a_dry_run_tells_what_would_be_and_writes_nothing_anywhere(site: TestSite) {
    let mut school = School::new(site).await;
    let id = school.held(UUID, 0, &[ana(0, 60), stay("Ben Kim", None, 2, 50)]);
    let report = school.pushing(true).await.unwrap();
    assert_eq!((report.counts.delivered, report.counts.rows.inserted), (1, 2));
    assert!(report.delivered_sessions[0].is_new);
    assert_eq!(school.site.table("zoom_meeting_details").await, [""; 0]);
    assert_eq!(school.site.table("zoom_meeting_participants").await, [""; 0]);
    assert_eq!(school.store.delivery(&school.sink(), id).unwrap(), None);
    assert_eq!(school.store.sink_state(&school.sink()).unwrap().told_at, None);
    school.push().await;
    let report = school.pushing(true).await.unwrap();
    assert_eq!((report.counts.delivered, report.counts.unchanged), (0, 1));
}

async fn one_session_that_cannot_be_told_holds_up_no_other(site: TestSite) {
    let mut school = School::new(site).await;
    let long = "a-uuid-that-is-longer-than-the-thirty-characters-of-the-column==";
    let odd = school.held(long, 0, &[ana(0, 60)]);
    let endless = school.held("eeee==", 60, &[Stay { left_at: None, ..ana(60, 61) }]);
    school.held(UUID, 120, &[ana(120, 180)]);
    let report = school.push().await;
    assert_eq!((report.counts.delivered, report.counts.held_back), (1, 2));
    let reason = |id| school.store.delivery(&school.sink(), id).unwrap().unwrap();
    assert_eq!(reason(odd).state, DeliveryState::HeldBack);
    assert!(reason(odd).reason.unwrap().contains("30 characters"));
    assert!(reason(endless).reason.unwrap().contains("join and leave"));
    school.attended(endless, &[ana(60, 118)]);
    assert_eq!(school.push().await.counts.held_back, 1);
    assert_eq!(school.rows("eeee==").await.len(), 1);
}

async fn incomplete_sessions_are_told_only_where_settings_say_so_and_corrected_later(site: TestSite) {
    let mut school = School::new(site).await;
    let id = school.held(UUID, 0, &[ana(0, 60), Stay { left_at: None, ..stay("Ben Kim", None, 2, 3) }]);
    school.store.set_state(school.now, id, State::Fetched, Some("short"), Some(at(9_999))).unwrap();
    assert_eq!(school.push().await.counts.open, 1);
    assert!(school.rows(UUID).await.is_empty());
    school.set(&[("ROLLBOOK_MOODLE_INCOMPLETE", "true")]);
    assert_eq!(school.push().await.counts.delivered, 1);
    assert_eq!(school.rows(UUID).await.len(), 1);
    school.attended(id, &[ana(0, 60), stay("Ben Kim", None, 2, 58)]);
    school.push().await;
    assert_eq!(school.rows(UUID).await.len(), 2);
}

async fn a_session_whose_activity_goes_is_held_back_or_left_and_the_others_are_told(mut site: TestSite) {
    let other = site.course("OLD").await;
    let gone = site.activity(other, 77).await;
    let mut school = School::new(site).await;
    let mut instance =
        rollbook_core::instance::Instance::unknown("gggg==".into(), rollbook_core::instance::Kind::Meeting);
    instance.number = Some(77);
    instance.started_at = Some(at(0));
    instance.ended_at = Some(at(60));
    let id = school.store.put_instance(school.now, "default", instance).unwrap().record.id;
    school.attended(id, &[ana(0, 60)]);
    school.held(UUID, 0, &[ana(0, 60)]);
    // Its course is deleted, and the activity not yet: what Moodle leaves when a deletion is interrupted.
    school.site.execute(&format!("DELETE FROM {{course}} WHERE id = {other}")).await;
    let report = school.push().await;
    assert_eq!((report.counts.delivered, report.counts.held_back + report.counts.open), (1, 1), "{report:?}");
    school.site.execute(&format!("DELETE FROM {{course_modules}} WHERE instance = {gone}")).await;
    assert!(school.push().await.is_whole());
    assert!(school.rows("gggg==").await.is_empty());
}

async fn the_plugins_rules_are_followed_to_the_letter_where_settings_say_so(site: TestSite) {
    let mut school = School::new(site).await;
    school.set(&[("ROLLBOOK_MOODLE_MATCHING", "plugin")]);
    school.held(UUID, 0, &[stay("(4711)Somebody", None, 0, 60), stay("Ana Lopes", None, 1, 60)]);
    school.push().await;
    let told = school.rows(UUID).await;
    // Rule 1 believes what was typed, rule 6 takes names that are merely alike for the same.
    assert_eq!(told[0], "Somebody:4711 0-60");
    assert!(told[1].starts_with("ANA LOPEZ:") && !told[1].contains(":0 "), "{told:?}");
    assert_eq!(school.push().await.counts.delivered, 0);
}

async fn a_meeting_of_two_activities_goes_to_one_and_stays_there(site: TestSite) {
    let mut school = School::new(site).await;
    let course = school.site.course("ALG2").await;
    school.site.activity(course, ALGEBRA.cast_signed()).await;
    school.held(UUID, 0, &[ana(0, 60)]);
    school.held("bbbb==", 1_000, &[ana(1_000, 1_060)]);
    school.push().await;
    let holders = school.site.numbers("SELECT zoomid FROM {zoom_meeting_details} ORDER BY id").await;
    assert_eq!(holders, [school.activity, school.activity]);
}

async fn people_who_were_erased_in_moodle_do_not_come_back_unless_asked_for(site: TestSite) {
    let mut school = School::new(site).await;
    let id = school.held(UUID, 0, &[ana(0, 40), stay("Ben Kim", None, 1, 60)]);
    school.push().await;
    school.site.execute("DELETE FROM {zoom_meeting_participants} WHERE name = 'ANA LOPEZ'").await;
    let report = school.push().await;
    assert_eq!((report.counts.rows.inserted, report.notes.len()), (0, 1), "{report:?}");
    assert_eq!(school.push().await.counts.unchanged, 1);
    // Nor with what becomes known later, which concerns the others.
    school.attended(id, &[ana(0, 55), stay("Ben Kim", None, 1, 58), stay("Cy Abdi", None, 2, 60)]);
    school.push().await;
    let told = school.rows(UUID).await;
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("BEN KIM:") && told[1].starts_with("CY ABDI:"), "{told:?}");
    school.push_again().await;
    assert_eq!(school.rows(UUID).await.len(), 3);
}

async fn a_moodle_restored_from_an_older_backup_gets_its_sessions_again(site: TestSite) {
    let mut school = School::new(site).await;
    school.held(UUID, 0, &[ana(0, 40)]);
    school.push().await;
    for table in ["zoom_meeting_participants", "zoom_meeting_details"] {
        school.site.execute(&format!("DELETE FROM {{{table}}}")).await;
    }
    school.push().await;
    assert_eq!(school.rows(UUID).await.len(), 1);
}

rollbook_moodle::on_both!(
    people_who_were_erased_in_moodle_do_not_come_back_unless_asked_for,
    a_moodle_restored_from_an_older_backup_gets_its_sessions_again,
    what_became_known_later_corrects_what_was_told,
    a_decision_by_hand_reaches_past_sessions_at_the_next_push,
    a_pair_of_rows_made_by_a_race_is_mended_by_the_next_push,
    a_dry_run_tells_what_would_be_and_writes_nothing_anywhere,
    one_session_that_cannot_be_told_holds_up_no_other,
    incomplete_sessions_are_told_only_where_settings_say_so_and_corrected_later,
    a_session_whose_activity_goes_is_held_back_or_left_and_the_others_are_told,
    the_plugins_rules_are_followed_to_the_letter_where_settings_say_so,
    a_meeting_of_two_activities_goes_to_one_and_stays_there,
);
