use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::presence::{Sight, Sighting};
use rollbook_core::request::Role;
use rollbook_store::{NewEvent, Told};

use crate::web::address;
use crate::web::tests::site::{NOW, Site};

fn ago(minutes: i64) -> Timestamp {
    NOW.parse::<Timestamp>().unwrap() - SignedDuration::from_mins(minutes)
}

/// A store with a meeting of the number 9 that runs, of which events told this: what, whose, how many minutes ago.
fn running(seen: &[(Sight, &str, i64)]) -> Site {
    let site = Site::new();
    let mut store = site.store();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, Default::default())).unwrap();
    let instance = Instance {
        number: Some(9),
        topic: Some("Algebra".into()),
        started_at: Some(ago(30)),
        is_live: true,
        ..Instance::unknown("live==".into(), Kind::Meeting)
    };
    let record = store.put_instance(ago(30), "default", instance).unwrap().record;
    for (sight, who, minutes) in seen {
        let room = matches!(sight, Sight::JoinedRoom | Sight::LeftRoom).then(|| "room==".to_owned());
        let parent = room.as_ref().map(|_| "16".to_owned());
        let told = Sighting {
            name: Some(format!("Person {who}")),
            room,
            other_user_id: parent,
            ..Sighting::of(ago(*minutes), *sight, who)
        };
        store.put_sighting(record.id, &told).unwrap();
        store.note_told(ago(*minutes), record.id, Told { sightings: true, ..Told::default() }).unwrap();
        let event = NewEvent::pack(
            "default",
            "meeting.participant_joined",
            Some("live=="),
            None,
            ago(*minutes),
            who.as_bytes(),
        );
        store.put_event(&event.unwrap()).unwrap();
    }
    site
}

fn path() -> String {
    address::meeting("live==")
}

const TOLD: [(Sight, &str, i64); 6] = [
    (Sight::Joined, "16", 25),
    (Sight::Joined, "17", 20),
    (Sight::Joined, "18", 19),
    (Sight::Left, "18", 6),
    (Sight::JoinedRoom, "99", 4),
    (Sight::Waits, "20", 2),
];

#[tokio::test]
async fn who_is_in_now_is_told_with_how_fresh_that_is() {
    let site = running(&TOLD);
    let view = site.get_as(Role::Admin, &format!("/api/v1{}", path())).await.json();
    let now = &view["now"];
    let counts = ["in_meeting", "in_rooms", "waiting", "before_host"].map(|of| now["counts"][of].as_u64());
    assert_eq!(counts, [1, 1, 1, 0].map(Some), "{now}");
    assert_eq!(now["counts"]["told_until"], ago(2).to_string());
    let people: Vec<[&str; 2]> = now["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["name", "place"].map(|of| one[of].as_str().unwrap()))
        .collect();
    assert_eq!(
        people,
        [["Person 17", "meeting"], ["Person 99", "breakout_room"], ["Person 20", "waiting_room"]]
    );
    let page = site.get_as(Role::Admin, &path()).await.body;
    assert!(page.contains("2 in, 1 of them in breakout rooms, 1 in the waiting room"), "{page}");
    assert!(page.contains("the last one 2m ago") && page.contains("?part=live"), "{page}");
    let today = site.get_as(Role::Admin, "/").await.body;
    assert!(today.contains("Algebra") && today.contains("2 in, 1 of them in breakout rooms"), "{today}");
    let line = site.get_as(Role::Viewer, "/api/v1/today").await.json()["live"][0].clone();
    assert!(line["topic"].is_null() && line["now"]["waiting"] == 1, "figures are for all: {line}");
}

#[tokio::test]
async fn somebody_who_keeps_looking_looks_once_in_ten_minutes() {
    let site = running(&TOLD);
    let part = format!("{}?part=live", path());
    for _ in 0..3 {
        let part = site.get_as(Role::Admin, &part).await;
        assert!(part.status == 200 && part.body.contains("Person 17") && !part.body.contains("<html"));
    }
    let looks = site.store().audit(None, 9).unwrap();
    assert_eq!(looks.iter().filter(|(_, look)| look.action == "attendance.look").count(), 1, "{looks:?}");
}

#[tokio::test]
async fn teachers_see_who_is_in_their_own_meetings_only() {
    let site = running(&TOLD);
    let part = format!("{}?part=live", path());
    assert!(site.get_as_teacher_of(&[9], &part).await.body.contains("Person 17"));
    assert_eq!(site.get_as_teacher_of(&[10], &part).await.status, 404);
}

#[tokio::test]
async fn without_events_it_is_said_why_nobody_is_shown() {
    let site = running(&[]);
    let page = site.get_as(Role::Admin, &path()).await.body;
    assert!(page.contains("Nobody has told who is in it.") && page.contains("They are not set up"), "{page}");
    let today = site.get_as(Role::Admin, "/").await.body;
    assert!(today.contains("They are not set up") && today.contains("Algebra"), "{today}");
}

#[tokio::test]
async fn what_has_ended_is_no_longer_shown_as_running() {
    let site = running(&TOLD);
    let mut store = site.store();
    let ended = Instance {
        started_at: Some(ago(30)),
        ended_at: Some(ago(1)),
        ..Instance::unknown("live==".into(), Kind::Meeting)
    };
    store.put_instance(ago(0), "default", ended).unwrap();
    let part = site.get_as(Role::Admin, &format!("{}?part=live", path())).await.body;
    assert!(part.contains("It has ended.") && part.contains("data-live-done"), "{part}");
    // Where it stands is for the collector to say; that nobody is in it any more is plain.
    let line = site.get_as(Role::Admin, "/api/v1/today").await.json()["live"][0].clone();
    assert!(line["now"].is_null(), "{line}");
}
