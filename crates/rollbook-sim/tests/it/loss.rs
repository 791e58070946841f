//! No loss is silent: an incomplete list always has fewer rows than there were people.

use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Family, Kind, Limits, Options, Sim, TrueInstance};

use crate::client::{all, path_of, world};

async fn inside(sim: &Sim, one: &TrueInstance, family: Family) -> Option<usize> {
    let id = path_of(&one.uuid);
    let noun = if one.kind == Kind::Webinar { "webinars" } else { "meetings" };
    let path = match family {
        Family::PastMeetings => format!("/past_{noun}/{id}/participants"),
        Family::Report => format!("/report/{noun}/{id}/participants"),
        Family::Metrics => format!("/metrics/{noun}/{id}/participants?type=past"),
    };
    let rows = all(sim, &path, "participants").await?;
    Some(rows.iter().filter(|row| row["status"] == "in_meeting").count())
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_list_has_fewer_rows_than_people() {
    for seed in 1..=4 {
        let mut options = Options::campus(seed, date(2026, 10, 5), 40);
        options.limits = Limits::none();
        options.faults.late_listing = 0.5;
        options.faults.growing = 1.0;
        options.faults.short_forever = 0.2;
        options.faults.resets = 0.0;
        options.faults.truncated = 0.0;
        options.faults.trailing_text = 0.0;
        options.faults.errors_in_ok = 0.0;
        options.faults.server_errors = 0.0;
        let sim = world(options, "2026-10-05T06:00:00Z");
        for _ in 0..7 {
            sim.clock().sleep(Duration::from_secs(5 * 3_600)).await;
            for one in sim.truth().instances.iter().filter(|one| one.people > 1) {
                let whole = one.stays.iter().filter(|stay| stay.status == "in_meeting").count();
                for family in Family::ALL {
                    let Some(rows) = inside(&sim, one, family).await else { continue };
                    let doubtful = ["instead of", "never show", "lists show"];
                    let is_count_doubtful =
                        one.defects.iter().any(|words| doubtful.iter().any(|doubt| words.contains(doubt)));
                    assert!(rows >= whole || !is_count_doubtful, "{family:?} {one:#?}");
                    assert!(rows >= whole || rows < one.people as usize, "{family:?} {one:#?}");
                }
            }
        }
    }
}
