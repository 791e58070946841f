//! Who was erased here, or is no longer kept by age: Moodle's copies are Moodle's own.

use rollbook::erasure::{self, Wanted};
use rollbook_core::stay::Stay;
use rollbook_moodle::testing::TestSite;

use crate::school::{School, at, stay};

const UUID: &str = "4444AAAiAAAAAiAiAiiAii==";

fn class(ben_until: i64) -> [Stay; 2] {
    [
        stay("Ana Lopez", Some("ana@school.example"), 0, 40),
        stay("Ben Kim", Some("ben@school.example"), 1, ben_until),
    ]
}

async fn an_erased_persons_rows_in_moodle_are_neither_taken_away_nor_put_back(site: TestSite) {
    let mut school = School::new(site).await;
    let id = school.held(UUID, 0, &class(60));
    school.push().await;
    let told = school.rows(UUID).await;
    assert!(told.len() == 2 && told[0].starts_with("ANA LOPEZ:"), "{told:?}");
    let wanted = Wanted { person: "Ana@School.example".into(), instance: None, even_unknown: false };
    let planned = erasure::plan(&school.store, &wanted).unwrap();
    assert!(planned.known_by.iter().any(|one| one.identifier.starts_with("moodle:")), "{planned:?}");
    let now = school.now;
    let done = erasure::apply(&mut school.store, now, "dpo", &wanted).unwrap();
    assert_eq!((done.stays, done.delivered), (1, 1));
    assert!(school.store.stays(id).unwrap()[0].is_erased());

    // The row stays as it was while somebody else's is corrected.
    let mut stays = school.store.stays(id).unwrap();
    stays[1].left_at = Some(at(50));
    school.attended(id, &stays);
    let rows = school.push().await.counts.rows;
    assert_eq!((rows.inserted, rows.corrected, rows.deleted), (0, 1, 0));
    let after = school.rows(UUID).await;
    assert_eq!(after[0], told[0]);
    assert!(after[1].ends_with(" 1-50"), "{after:?}");
    assert_eq!(school.push().await.counts.rows.inserted, 0);

    // Moodle erases its own copy. Nobody puts it back, not even who asks for everything anew.
    school.site.execute("DELETE FROM {zoom_meeting_participants} WHERE name = 'ANA LOPEZ'").await;
    school.push().await;
    assert_eq!(school.rows(UUID).await, after[1..]);
    school.push_again().await;
    assert_eq!(school.rows(UUID).await, after[1..]);
}

async fn a_session_whose_people_are_no_longer_kept_stays_in_moodle(site: TestSite) {
    let mut school = School::new(site).await;
    school.held(UUID, 0, &class(60));
    school.push().await;
    let told = school.rows(UUID).await;
    let (now, before) = (school.now, at(2 * 24 * 60));
    assert_eq!(school.store.forget_attendance(now, before, 10).unwrap(), 1);
    school.push().await;
    school.push_again().await;
    assert_eq!(school.rows(UUID).await, told);
}

rollbook_moodle::on_both!(
    an_erased_persons_rows_in_moodle_are_neither_taken_away_nor_put_back,
    a_session_whose_people_are_no_longer_kept_stays_in_moodle,
);
