//! A seed stays the day it was: other tests name seeds for what happens in them.

use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Family, Kind, Limits, Options, Sim, TrueInstance};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::client::{all, path_of, world};

/// What is told of the connection's quality, and may become more like life from version to version.
const QUALITY: [&str; 4] = ["network_type", "audio_quality", "video_quality", "screen_share_quality"];

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn days() -> [Options; 4] {
    let day = date(2026, 10, 5);
    [
        Options::campus(1, day, 200),
        Options::campus(7, day, 120),
        Options { days: 2, ..Options::campus(42, day, 60) },
        Options::plain(3, day, 50, 6),
    ]
}

#[tokio::test(start_paused = true)]
async fn what_happened_on_a_day_stays_what_it_was() {
    let digests = days().map(|options| {
        let sim = world(options, "2026-10-05T00:00:00Z");
        let stop = sim.faults_stop_at();
        digest(&format!("{stop} {}", serde_json::to_string(&sim.truth()).unwrap()))
    });
    assert_eq!(digests, ["c04094e94032f99f", "33d60417d1bbdf5e", "f88da8a1b25a80d1", "663b3a97a9ec400e"]);
}

async fn rows(sim: &Sim, one: &TrueInstance, family: Family) -> Option<Vec<Value>> {
    let id = path_of(&one.uuid);
    let noun = if one.kind == Kind::Webinar { "webinars" } else { "meetings" };
    let kind = if one.people == 1 { "pastOne" } else { "past" };
    let path = match family {
        Family::PastMeetings => format!("/past_{noun}/{id}/participants"),
        Family::Report => format!("/report/{noun}/{id}/participants"),
        Family::Metrics => format!("/metrics/{noun}/{id}/participants?type={kind}"),
    };
    let mut rows = all(sim, &path, "participants").await?;
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        row.retain(|name, _| !QUALITY.contains(&name.as_str()));
    }
    Some(rows)
}

#[tokio::test(start_paused = true)]
async fn what_zoom_says_of_a_day_stays_what_it_was() {
    let mut digests = Vec::new();
    for options in days() {
        let sim = world(Options { limits: Limits::none(), ..options }, "2026-10-05T00:00:00Z");
        let wait = sim.faults_stop_at().duration_since(sim.clock().now());
        sim.clock().sleep(Duration::try_from(wait).unwrap() + Duration::from_secs(60)).await;
        let mut said = String::new();
        for one in sim.truth().instances {
            for family in Family::ALL {
                said.push_str(&format!("{:?}", rows(&sim, &one, family).await));
            }
        }
        digests.push(digest(&said));
    }
    assert_eq!(digests, ["d0eb4a25e31f9d8b", "86a932cacf877554", "46691be6410929bb", "35b49b4a147aee07"]);
}
