//! After the faults have stopped, a perfect client finds exactly the truth.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Family, Kind, Options, Plan, Sim, TrueInstance};
use serde_json::Value;

use crate::client::{all, path_of, world};

/// Row as both sides know it: number, join, leave, status.
type Row = (String, String, String, String);

async fn rows(sim: &Sim, instance: &TrueInstance, family: Family) -> Option<BTreeSet<Row>> {
    let id = path_of(&instance.uuid);
    let noun = if instance.kind == Kind::Webinar { "webinars" } else { "meetings" };
    let kind = if instance.people == 1 { "pastOne" } else { "past" };
    let path = match family {
        Family::PastMeetings => format!("/past_{noun}/{id}/participants"),
        Family::Report => format!("/report/{noun}/{id}/participants"),
        Family::Metrics => format!("/metrics/{noun}/{id}/participants?type={kind}"),
    };
    let items = all(sim, &path, "participants").await?;
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    let mut seen = BTreeSet::new();
    let mut rows = BTreeSet::new();
    for item in items {
        // A line that comes twice keeps its user_id.
        if seen.insert(text(&item, "user_id")) {
            let row = ["user_id", "join_time", "leave_time", "status"].map(|key| text(&item, key));
            rows.insert(row.into());
        }
    }
    Some(rows)
}

fn true_rows(instance: &TrueInstance) -> BTreeSet<Row> {
    let stays = instance.stays.iter();
    stays
        .map(|stay| (stay.user_id.clone(), stay.join.to_string(), stay.leave.to_string(), stay.status.into()))
        .collect()
}

async fn check(options: Options) {
    let sim = world(options, "2026-10-05T00:00:00Z");
    let wait = sim.faults_stop_at().duration_since(sim.clock().now());
    sim.clock().sleep(Duration::try_from(wait).unwrap() + Duration::from_secs(60)).await;
    for instance in sim.truth().instances {
        let mut found = 0;
        for family in Family::ALL {
            let rows = rows(&sim, &instance, family).await;
            let is_complete = rows.as_ref() == Some(&true_rows(&instance));
            let is_promised = instance.complete_from.contains_key(&family);
            assert_eq!(is_complete, is_promised, "{family:?} of {instance:#?} gave {rows:#?}");
            found += u32::from(is_complete);
        }
        assert_eq!(found > 0, instance.obtainable, "{instance:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn some_family_yields_every_row_of_a_plain_day() {
    check(Options::plain(1, date(2026, 10, 5), 60, 5)).await;
}

#[tokio::test(start_paused = true)]
async fn some_family_yields_every_row_of_a_campus_day() {
    for seed in 1..=3 {
        check(Options::campus(seed, date(2026, 10, 5), 120)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_dashboards_one_person_runs_are_marked_unobtainable() {
    check(Options::campus(4, date(2026, 10, 5), 120).on_plan(Plan::Pro)).await;
}

#[tokio::test(start_paused = true)]
async fn on_a_free_plan_nothing_is_obtainable() {
    check(Options::campus(5, date(2026, 10, 5), 20).on_plan(Plan::Free)).await;
}
