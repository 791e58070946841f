//! Sessions that stand there already.

use rollbook_moodle::testing::{PluginStay, TestSite};
use rollbook_moodle::{Details, on_both};

const START: i64 = 1_790_848_800;

async fn sessions_are_known_by_their_uuid_to_the_letter(mut site: TestSite) {
    let course = site.course("A").await;
    let activity = site.activity(course, 900).await;
    let first = site.plugin_session(activity, "abcABC/+==", START, START + 3_600).await;
    let second = site.plugin_session(activity, "zzz==", START, START + 3_600).await;
    for zoomuserid in ["16778240", "16779264"] {
        let stay =
            PluginStay { name: "ANA", zoomuserid, join: START, leave: START + 60, ..PluginStay::default() };
        site.plugin_stay(first, stay).await;
    }
    let mut db = site.connect().await;
    let uuids = |uuids: &[&str]| uuids.iter().map(|uuid| (*uuid).to_owned()).collect::<Vec<_>>();
    let found = db.details(&uuids(&["zzz==", "abcABC/+==", "ABCabc/+=="])).await.unwrap();
    let expected =
        |id, uuid: &str, participants| Details { id, uuid: uuid.to_owned(), zoomid: activity, participants };
    assert_eq!(found, [expected(first, "abcABC/+==", 2), expected(second, "zzz==", 0)]);
    assert_eq!(db.details(&uuids(&["ABCabc/+=="])).await.unwrap(), []);
    assert_eq!(db.details(&[]).await.unwrap(), []);
}

async fn the_unit_of_lengths_is_that_of_the_newest_rows(mut site: TestSite) {
    let course = site.course("A").await;
    let activity = site.activity(course, 900).await;
    let mut db = site.connect().await;
    assert_eq!(db.writes_minutes().await.unwrap(), None);
    // Too short to tell, and one whose times are missing.
    site.plugin_session(activity, "short", START, START + 240).await;
    site.plugin_session(activity, "unknown", 0, START).await;
    assert_eq!(db.writes_minutes().await.unwrap(), None);
    site.plugin_session(activity, "long", START, START + 3_600).await;
    assert_eq!(db.writes_minutes().await.unwrap(), Some(true));
    site.execute("UPDATE {zoom_meeting_details} SET duration = 3600 WHERE uuid = 'long'").await;
    assert_eq!(db.writes_minutes().await.unwrap(), Some(false));
}

async fn earlier_sessions_are_counted_for_the_activities_that_share_a_meeting(mut site: TestSite) {
    let course = site.course("A").await;
    let (one, other) = (site.activity(course, 900).await, site.activity(course, 900).await);
    let (third, alone) = (site.activity(course, 901).await, site.activity(course, 902).await);
    for (activity, uuid) in [(one, "a"), (one, "b"), (other, "c"), (third, "d"), (alone, "e")] {
        site.plugin_session(activity, uuid, START, START + 3_600).await;
    }
    // Of the time before the activity got another meeting.
    site.execute("UPDATE {zoom_meeting_details} SET meeting_id = 77 WHERE uuid = 'b'").await;
    let mut db = site.connect().await;
    let counts = db.session_counts(&[900, 901]).await.unwrap();
    assert_eq!(counts, [(one, 1), (other, 1), (third, 1)].into());
    assert_eq!(db.session_counts(&[]).await.unwrap(), [].into());
}

on_both!(
    sessions_are_known_by_their_uuid_to_the_letter,
    the_unit_of_lengths_is_that_of_the_newest_rows,
    earlier_sessions_are_counted_for_the_activities_that_share_a_meeting,
);
