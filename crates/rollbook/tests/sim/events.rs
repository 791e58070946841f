//! Days of which Zoom posts events: whatever becomes of them, the same attendance as by polling alone.

use std::collections::BTreeMap;

use jiff::civil::date;
use rollbook_core::quality::policy::Policy;
use rollbook_sim::{EventFaults, Options};
use rollbook_store::{InstanceFilter, State};

use crate::play::{EVENING, Hours, LATER, MORNING, Played, Scene, play};
use crate::worlds::{self, Dice};

/// Every stay of verified instances, by instance.
fn attendance(played: &Played) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    played
        .store
        .each_instance(&InstanceFilter::default(), |record| -> rollbook_store::Result<()> {
            if record.state == State::Verified {
                let stays = played.store.stays(record.id)?.into_iter().filter(|stay| !stay.is_withdrawn);
                let shown = stays.map(|stay| {
                    format!(
                        "{} {} {:?} {:?} {:?} {:?} {:?}",
                        stay.user_id,
                        stay.joined_at,
                        stay.left_at,
                        stay.status,
                        stay.name,
                        stay.email,
                        stay.zoom_user_id
                    )
                });
                all.insert(record.instance.uuid, shown.collect());
            }
            Ok(())
        })
        .unwrap();
    all
}

fn check(seed: u64, polled: &Scene, faults: EventFaults) {
    let told = play(&Scene { events: Some(faults), ..polled.clone() });
    told.expect_perfect(&format!("seed {seed} with {faults:?}"));
    assert!(told.store.event_source("default").unwrap().is_some(), "seed {seed}: no event came");
    let polled = play(polled);
    polled.expect_perfect(&format!("seed {seed} without events"));
    let (told, polled) = (attendance(&told), attendance(&polled));
    for (uuid, stays) in &polled {
        if let Some(with_events) = told.get(uuid) {
            assert_eq!(with_events, stays, "seed {seed}, {uuid}");
        }
    }
}

#[test]
fn lost_late_repeated_and_disordered_events_lead_to_the_same_attendance() {
    for seed in 9_100..9_112 {
        let dice = Dice::of(seed ^ 0x6576);
        let mut scene = worlds::campus(seed, 20);
        // During the day too, so that events come while others are collected.
        let hour = Hours(dice.between("hour", 0, 20) as f64);
        scene.begin = dice.pick("begin", &[hour, EVENING, MORNING, LATER]);
        let signs_once = dice.hit("signs once", 0.5);
        check(seed, &scene, EventFaults { signs_once, ..EventFaults::rough() });
    }
}

#[test]
fn killed_at_any_moment_no_event_is_taken_twice_or_lost() {
    for seed in 9_200..9_208 {
        let dice = Dice::of(seed ^ 0x6b69);
        let mut scene = worlds::campus(seed, 16);
        scene.begin = Hours(dice.between("hour", 6, 20) as f64);
        scene.kills = worlds::kills(&dice);
        scene.events = Some(EventFaults::rough());
        let played = play(&scene);
        played.expect_perfect(&format!("seed {seed} killed {:?}", scene.kills));
        assert_eq!(played.store.count_events().unwrap().new, 0, "seed {seed}");
    }
}

fn plain(quality: EventFaults) -> Scene {
    let options = Options::plain(3, date(2026, 10, 5), 6, 12);
    Scene { quality: Policy::All, events: Some(quality), ..Scene::new(options, LATER) }
}

fn quality_calls(played: &Played) -> u64 {
    let of = |(operation, calls): (&String, &u64)| if operation.contains("/qos") { *calls } else { 0 };
    played.stats.by_operation.iter().map(of).sum()
}

#[test]
fn call_quality_that_events_told_every_minute_of_is_not_asked_for() {
    let told = play(&plain(EventFaults { quality: true, ..EventFaults::none() }));
    told.expect_perfect("told by events");
    assert_eq!((told.quality.complete, quality_calls(&told)), (6, 0));
    let untold = play(&plain(EventFaults::none()));
    untold.expect_perfect("asked for");
    assert_eq!(quality_calls(&untold), 6 * 2);
    assert_eq!(told.quality.samples, untold.quality.samples);
}

#[test]
fn a_lost_minute_of_call_quality_is_asked_for() {
    let faults = EventFaults { quality: true, lost: 0.02, late: 0.1, repeated: 0.1, ..EventFaults::none() };
    let played = play(&plain(faults));
    played.expect_perfect("some lost");
    assert!(quality_calls(&played) > 0, "{:#?}", played.stats.by_operation);
}
