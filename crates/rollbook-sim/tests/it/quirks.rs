//! The surprises that are always there.

use jiff::civil::date;
use rollbook_sim::{DayZone, Kind, Options, Sim, TrueInstance};

use crate::client::{all, encode, get, path_of, world};

fn campus() -> Sim {
    let mut options = Options::campus(3, date(2026, 10, 5), 300);
    options.faults = rollbook_sim::Faults::none();
    options.limits = rollbook_sim::Limits::none();
    world(options, "2026-10-06T12:00:00Z")
}

fn meeting(sim: &Sim, is_wanted: impl Fn(&TrueInstance) -> bool) -> TrueInstance {
    let found = sim.truth().instances.into_iter().find(|one| one.kind == Kind::Meeting && is_wanted(one));
    found.expect("a campus of 300 has one")
}

#[tokio::test(start_paused = true)]
async fn some_uuids_need_to_be_encoded_twice() {
    let sim = campus();
    let slashed = meeting(&sim, |one| one.uuid.starts_with('/') && one.people > 1);
    let once = get(&sim, &format!("/past_meetings/{}", encode(&slashed.uuid))).await;
    assert_eq!((once.status, once.json["code"].as_u64()), (404, Some(3001)));
    assert_eq!(get(&sim, &format!("/past_meetings/{}", path_of(&slashed.uuid))).await.status, 200);
    let plus = meeting(&sim, |one| one.uuid.contains('+') && !one.uuid.contains('/'));
    assert_eq!(get(&sim, &format!("/past_meetings/{}", encode(&plus.uuid))).await.status, 200);
    assert_eq!(get(&sim, &format!("/past_meetings/{}", encode(&encode(&plus.uuid)))).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_number_means_its_latest_run() {
    let sim = campus();
    let truth = sim.truth();
    let again = truth.instances.iter().enumerate().find(|(at, one)| {
        one.kind == Kind::Meeting && truth.instances[at + 1..].iter().any(|later| later.id == one.id)
    });
    let (_, first) = again.unwrap();
    let latest = truth.instances.iter().rfind(|one| one.id == first.id).unwrap();
    let answer = get(&sim, &format!("/past_meetings/{}", first.id)).await;
    assert_eq!(answer.json["uuid"], latest.uuid.as_str());
    let runs = get(&sim, &format!("/past_meetings/{}/instances", first.id)).await;
    assert!(runs.json["meetings"].as_array().unwrap().len() > 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_type_only_live_meetings_exist() {
    let sim = campus();
    let past = meeting(&sim, |one| one.people > 1);
    let id = path_of(&past.uuid);
    assert_eq!(get(&sim, &format!("/metrics/meetings/{id}")).await.json["code"], 3001);
    assert_eq!(get(&sim, &format!("/metrics/meetings/{id}?type=past")).await.status, 200);
    let list = "/metrics/meetings?from=2026-10-05&to=2026-10-05";
    assert_eq!(get(&sim, list).await.json["total_records"], 0);
}

#[tokio::test(start_paused = true)]
async fn one_person_meetings_are_elsewhere() {
    let sim = campus();
    let alone = meeting(&sim, |one| one.people == 1);
    let id = path_of(&alone.uuid);
    let rows = async |path: String| all(&sim, &path, "participants").await.map(|rows| rows.len());
    assert_eq!(rows(format!("/past_meetings/{id}/participants")).await, Some(0));
    assert_eq!(rows(format!("/report/meetings/{id}/participants")).await, Some(0));
    assert_eq!(rows(format!("/metrics/meetings/{id}/participants?type=past")).await, None);
    assert_eq!(rows(format!("/metrics/meetings/{id}/participants?type=pastOne")).await, Some(1));
    let days = "from=2026-10-05&to=2026-10-05";
    let past = all(&sim, &format!("/metrics/meetings?type=past&{days}"), "meetings").await.unwrap();
    let one = all(&sim, &format!("/metrics/meetings?type=pastOne&{days}"), "meetings").await.unwrap();
    assert!(past.iter().all(|meeting| meeting["uuid"] != alone.uuid.as_str()));
    assert_eq!(one.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_time_that_is_not_padded_is_cut_to_its_day() {
    let sim = campus();
    let count = async |range: &str| {
        let path = format!("/metrics/meetings?type=past&{range}");
        all(&sim, &path, "meetings").await.unwrap().len()
    };
    let day = count("from=2026-10-05&to=2026-10-05").await;
    let hour = count("from=2026-10-05%2010:00:00&to=2026-10-05%2011:00:00").await;
    let unpadded = count("from=2026-10-5%2010:00:00&to=2026-10-5%2011:00:00").await;
    assert!(hour > 0 && hour < day / 2);
    assert_eq!(unpadded, day);
}

#[tokio::test(start_paused = true)]
async fn ranges_have_limits() {
    let sim = campus();
    for range in
        ["from=2026-08-01&to=2026-10-01", "from=2026-03-01&to=2026-03-02", "to=2026-10-01", "from=x&to=y"]
    {
        let answer = get(&sim, &format!("/metrics/meetings?type=past&{range}")).await;
        assert_eq!((answer.status, answer.json["code"].as_u64()), (400, Some(300)), "{range}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_can_begin_elsewhere() {
    let mut options = Options::plain(3, date(2026, 10, 5), 200, 2);
    options.zoom.day_zone = DayZone::hours(10);
    let sim = world(options, "2026-10-06T23:00:00Z");
    let path = "/metrics/meetings?type=past&from=2026-10-05&to=2026-10-05";
    let listed = all(&sim, path, "meetings").await.unwrap();
    assert!(!listed.is_empty() && listed.len() < 200);
    assert!(listed.iter().all(|meeting| meeting["start_time"].as_str().unwrap() < "2026-10-05T14:00:00Z"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_over_has_no_record() {
    let mut options = Options::plain(3, date(2026, 10, 5), 50, 4);
    options.limits = rollbook_sim::Limits::none();
    let sim = world(options, "2026-10-05T00:00:00Z");
    let one = sim.truth().instances.remove(10);
    let middle = one.start.duration_since(sim.clock().now()) + jiff::SignedDuration::from_mins(10);
    sim.clock().sleep(middle.unsigned_abs()).await;
    let id = path_of(&one.uuid);
    assert_eq!(get(&sim, &format!("/past_meetings/{id}/participants")).await.json["code"], 3001);
    let live =
        all(&sim, &format!("/metrics/meetings/{id}/participants?type=live"), "participants").await.unwrap();
    assert!(!live.is_empty());
    assert!(live[0].get("leave_time").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_truth_can_be_asked_for_without_a_token() {
    let sim = campus();
    let one = sim.truth().instances.remove(0);
    let asked = format!("/_sim/truth?uuid={}", encode(&one.uuid));
    let told = crate::client::ask(&sim, "GET", &asked, None, "").await;
    assert_eq!(told.json["uuid"], one.uuid.as_str());
    let part = crate::client::ask(&sim, "GET", "/_sim/truth?offset=10&limit=5", None, "").await;
    assert_eq!(part.json["instances"].as_array().unwrap().len(), 5);
    let stats = crate::client::ask(&sim, "GET", "/_sim/stats", None, "").await;
    assert_eq!(stats.json["calls"], 0);
}

#[tokio::test(start_paused = true)]
async fn call_quality_comes_one_person_a_page_unless_asked() {
    let sim = campus();
    let one = meeting(&sim, |one| one.people > 12);
    let path = format!("/metrics/meetings/{}/participants", path_of(&one.uuid));
    let list = get(&sim, &format!("{path}/qos?type=past")).await;
    assert_eq!((list.status, list.json["page_size"].as_u64()), (200, Some(1)));
    let list = get(&sim, &format!("{path}/qos?type=past&page_size=300")).await;
    assert_eq!(list.json["participants"].as_array().unwrap().len(), 10);
    let person = &list.json["participants"][4];
    let number = person["user_id"].as_str().unwrap();
    let alone = get(&sim, &format!("{path}/{number}/qos?type=past")).await;
    assert_eq!(alone.json, *person);
    assert_eq!(get(&sim, &format!("{path}/1/qos?type=past")).await.json["code"], 3001);
    assert_eq!(get(&sim, &format!("{path}/qos?type=pastOne")).await.status, 400);
}
