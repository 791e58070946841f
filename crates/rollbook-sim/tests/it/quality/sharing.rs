//! Who showed a screen, and what people said of it all.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rollbook_sim::{LineKind, Plan};
use serde_json::Value;

use super::{clean, faulty, path};
use crate::client::{all, get, world};

#[tokio::test(start_paused = true)]
async fn a_screen_flows_out_while_it_is_shared_and_in_to_everybody_else() {
    let sim = world(clean(8, 15), "2026-10-07T00:00:00Z");
    let (mut shared, mut received) = (0, 0);
    for one in sim.truth().instances.iter().filter(|one| one.people > 1) {
        let sharers =
            all(&sim, &format!("{}/participants/sharing?type=past", path(one)), "participants").await;
        let mut times: BTreeMap<String, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
        for sharer in sharers.unwrap() {
            let user_id = sharer["user_id"].as_str().unwrap();
            assert!(one.stays.iter().any(|stay| stay.user_id == user_id && stay.name == sharer["user_name"]));
            for detail in sharer["details"].as_array().unwrap() {
                let at = |key: &str| detail[key].as_str().unwrap().parse::<Timestamp>().unwrap();
                assert!(at("start_time") < at("end_time"));
                times.entry(user_id.to_owned()).or_default().push((at("start_time"), at("end_time")));
            }
        }
        let is_shared_by = |user_id: &str, at: Timestamp| {
            times.get(user_id).is_some_and(|spans| spans.iter().any(|(from, to)| (*from..*to).contains(&at)))
        };
        for stay in sim.true_quality(&one.uuid).unwrap() {
            for sample in &stay.samples {
                let is_out = sample.streams.contains_key("as_output");
                assert_eq!(is_out, is_shared_by(&stay.user_id, sample.at), "{} {sample:?}", stay.user_id);
                shared += usize::from(is_out);
                if sample.streams.contains_key("as_input") {
                    let others = times.keys().filter(|sharer| **sharer != stay.user_id);
                    assert_eq!(others.filter(|sharer| is_shared_by(sharer, sample.at)).count(), 1);
                    received += 1;
                }
            }
        }
    }
    assert!(shared > 100 && received > 1_000, "{shared} {received}");
}

#[tokio::test(start_paused = true)]
async fn a_list_of_meetings_knows_whether_a_screen_was_shared() {
    let sim = world(clean(8, 15), "2026-10-07T00:00:00Z");
    let list = "/metrics/meetings?type=past&from=2026-10-05&to=2026-10-05&page_size=300";
    let meetings = get(&sim, list).await.json["meetings"].take();
    let mut seen = [0, 0];
    for one in sim.truth().instances {
        let Some(meeting) = meetings.as_array().unwrap().iter().find(|meeting| meeting["uuid"] == one.uuid)
        else {
            continue;
        };
        let answer = get(&sim, &format!("{}/participants/sharing?type=past", path(&one))).await;
        let is_shared = answer.json["total_records"] != 0;
        seen[usize::from(is_shared)] += 1;
        assert!(meeting["has_screen_share"] == true || !is_shared);
    }
    assert!(seen[0] > 2 && seen[1] > 2, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_screen_that_is_being_shared_has_no_end_yet() {
    let mut open = 0;
    for hour in 9..18 {
        let sim = world(clean(8, 60), &format!("2026-10-05T{hour:02}:30:00Z"));
        let now = sim.clock().now();
        for one in sim.truth().instances.iter().filter(|one| one.start < now && now < one.end) {
            let list = get(&sim, &format!("{}/participants/sharing?type=live", path(one))).await;
            let details = list.json["participants"].as_array().unwrap();
            for detail in details.iter().flat_map(|sharer| sharer["details"].as_array().unwrap()) {
                assert!(detail["start_time"].as_str().unwrap() <= now.to_string().as_str());
                open += usize::from(detail.get("end_time").is_none());
            }
            let past = get(&sim, &format!("{}/participants/sharing?type=past", path(one))).await;
            assert_eq!((past.status, past.json["code"].as_u64()), (404, Some(3001)));
            let odd = get(&sim, &format!("{}/participants/sharing?type=pastOne", path(one))).await;
            assert_eq!((odd.status, odd.json["code"].as_u64()), (400, Some(300)));
        }
    }
    assert!(open > 5, "{open}");
}

#[tokio::test(start_paused = true)]
async fn people_answer_by_what_their_line_was_like() {
    let mut options = clean(9, 60);
    options.mix.troubled_lines = 0.5;
    options.zoom.feedback = true;
    let sim = world(options.clone(), "2026-10-07T00:00:00Z");
    let mut told: BTreeMap<(bool, String), usize> = BTreeMap::new();
    let mut comments = 0;
    for one in sim.truth().instances {
        let kind =
            if one.people == 1 && one.kind == rollbook_sim::Kind::Meeting { "pastOne" } else { "past" };
        let list = format!("{}/participants/satisfaction?type={kind}", path(&one));
        let lines: BTreeMap<_, _> =
            sim.true_quality(&one.uuid).unwrap().into_iter().map(|stay| (stay.user_id, stay.line)).collect();
        for answer in all(&sim, &list, "participants").await.unwrap() {
            let user = answer["user_id"].as_str().unwrap();
            assert!(["GOOD", "NOT GOOD"].contains(&answer["quality"].as_str().unwrap()));
            comments += usize::from(answer["comment"] != "");
            let mut stays = one.stays.iter().filter(|stay| stay.zoom_user_id == user && !user.is_empty());
            let Some(stay) = stays.find(|stay| stay.leave.to_string() == answer["date_time"]) else {
                continue;
            };
            let is_good = lines[&stay.user_id] == LineKind::Good;
            *told.entry((is_good, answer["quality"].as_str().unwrap().to_owned())).or_default() += 1;
        }
    }
    let count = |is_good, word: &str| told.get(&(is_good, word.to_owned())).copied().unwrap_or(0);
    assert!(count(true, "GOOD") > 3 * count(true, "NOT GOOD") && count(true, "NOT GOOD") > 0, "{told:?}");
    assert!(count(false, "NOT GOOD") > 3 * count(false, "GOOD") && comments > 10, "{told:?}");
    options.zoom.feedback = false;
    let sim = world(options, "2026-10-07T00:00:00Z");
    let one = sim.truth().instances.into_iter().find(|one| one.people > 20).unwrap();
    let none = get(&sim, &format!("{}/participants/satisfaction?type=past", path(&one))).await;
    assert_eq!((none.status, none.json["participants"].as_array().map(Vec::len)), (200, Some(0)));
}

#[tokio::test(start_paused = true)]
async fn without_dashboards_each_list_says_no_in_its_own_words() {
    let sim = world(faulty(9, 20).on_plan(Plan::Pro), "2026-10-08T00:00:00Z");
    sim.clock().sleep(Duration::from_secs(1)).await;
    let one = sim.truth().instances.remove(3);
    for (list, code, words) in [
        ("qos?type=past", 400, "Business or higher"),
        ("qos_summary", 400, "Business or higher"),
        ("sharing?type=past", 400, "Business or higher"),
        (
            "satisfaction?type=past",
            200,
            "Only available for paid accounts that have dashboard feature enabled.",
        ),
    ] {
        let answer = get(&sim, &format!("{}/participants/{list}", path(&one))).await;
        assert_eq!((answer.status, &answer.json["code"]), (400, &Value::from(code)), "{list}");
        assert!(answer.json["message"].as_str().unwrap().contains(words), "{list}");
    }
}
