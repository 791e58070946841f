//! What the pretend Zoom posts.

use std::collections::BTreeSet;

use jiff::civil::date;
use rollbook_sim::{EventFaults, Options, Post, Sim, SimClock};

/// What a day of a few meetings posts.
fn posts(faults: &EventFaults) -> Vec<Post> {
    let sim =
        Sim::new(Options::campus(7, date(2026, 10, 5), 12), SimClock::new(jiff::Timestamp::UNIX_EPOCH, 1.0));
    sim.posts(faults)
}

fn event(post: &Post) -> serde_json::Value {
    serde_json::from_str(&post.body).unwrap()
}

#[test]
fn every_run_begins_and_ends_and_everybody_comes_and_goes() {
    let all: Vec<_> = posts(&EventFaults::none()).iter().map(event).collect();
    let count =
        |name: &str| all.iter().filter(|event| event["event"].as_str().unwrap().ends_with(name)).count();
    assert!(count("meeting.started") >= 10);
    assert_eq!(count(".started"), count(".ended"));
    assert!(count(".participant_joined") > 50);
    assert_eq!(count(".participant_joined"), count(".participant_left"));
    assert_eq!(count("_joined_breakout_room"), count("_left_breakout_room"));
    assert_eq!(count("_joined_waiting_room"), count("_admitted"));
    assert_eq!(count(".participant_qos"), 0);
}

#[test]
fn members_are_those_of_zooms_samples() {
    let faults = EventFaults { quality: true, ..EventFaults::none() };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rollbook-zoom/tests/it/events");
    let mut checked = BTreeSet::new();
    for post in posts(&faults) {
        let ours = event(&post);
        let name = ours["event"].as_str().unwrap().to_owned();
        let sample = std::fs::read(folder.join(format!("webhook-{name}.json"))).unwrap();
        let sample: serde_json::Value = serde_json::from_slice(&sample).unwrap();
        for at in ["", "/payload", "/payload/object", "/payload/object/participant"] {
            let keys = |value: &serde_json::Value| -> BTreeSet<String> {
                value
                    .pointer(at)
                    .and_then(|value| value.as_object())
                    .into_iter()
                    .flat_map(|o| o.keys().cloned())
                    .collect()
            };
            let extra: Vec<String> = keys(&ours).difference(&keys(&sample)).cloned().collect();
            assert_eq!(extra, Vec::<String>::new(), "{name}{at}");
        }
        checked.insert(name);
    }
    assert!(checked.len() >= 10, "{checked:?}");
}

#[test]
fn the_same_seed_posts_the_same_and_faults_are_as_many_as_asked_for() {
    let rough = posts(&EventFaults::rough());
    assert_eq!(rough, posts(&EventFaults::rough()));
    assert!(rough.is_sorted_by_key(|post| post.at));
    let all = posts(&EventFaults::none()).len() as f64;
    let bodies: BTreeSet<&str> = rough.iter().map(|post| post.body.as_str()).collect();
    let (lost, repeated) = (1.0 - bodies.len() as f64 / all, rough.len() as f64 / bodies.len() as f64 - 1.0);
    assert!((0.1..0.2).contains(&lost) && (0.15..0.25).contains(&repeated), "{lost} {repeated}");
}
