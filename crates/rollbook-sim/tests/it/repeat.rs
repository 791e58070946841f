//! The same seed gives the same answers and the same trace.

use jiff::civil::date;
use rollbook_sim::{Options, Sim};

use crate::client::{get, path_of, world};

/// Walks a day with everything going wrong, and returns all that came back.
async fn walk(seed: u64) -> (String, String) {
    let sim: Sim = world(Options::campus(seed, date(2026, 10, 5), 60), "2026-10-05T22:00:00Z");
    let mut said = String::new();
    for one in sim.truth().instances {
        let id = path_of(&one.uuid);
        for path in [
            format!("/past_meetings/{id}/participants"),
            format!("/metrics/meetings/{id}/participants?type=past"),
            "/report/history_meetings?from=2026-10-05&to=2026-10-05".into(),
        ] {
            let answer = get(&sim, &path).await;
            said.push_str(&format!("{} {:?} {}", answer.status, answer.headers, answer.text));
        }
    }
    (said, sim.trace_digest())
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_trace() {
    let first = walk(7).await;
    let again = walk(7).await;
    let other = walk(8).await;
    assert!(first.0 == again.0, "answers differ");
    assert_eq!(first.1, again.1);
    assert_ne!(first.1, other.1);
}
