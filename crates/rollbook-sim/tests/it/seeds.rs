//! Any seed makes a world that makes sense.

use std::collections::BTreeSet;

use jiff::civil::date;
use rollbook_sim::{Faults, Options, Sim, Switches};

use crate::client::world;

fn check(sim: &Sim, a_day: usize) {
    let truth = sim.truth();
    let first = truth.instances.iter().filter(|one| one.start.to_string().starts_with("2026-10-05")).count();
    assert!(first >= a_day.saturating_sub(a_day / 10), "{first} of {a_day}");
    let uuids: BTreeSet<_> = truth.instances.iter().map(|one| &one.uuid).collect();
    assert_eq!(uuids.len(), truth.instances.len());
    for one in &truth.instances {
        assert!(one.start < one.end, "{one:#?}");
        assert!((1..=700).contains(&one.people), "{one:#?}");
        let numbers: BTreeSet<_> = one.stays.iter().map(|stay| &stay.user_id).collect();
        assert_eq!(numbers.len(), one.stays.len());
        let inside = one.stays.iter().filter(|stay| stay.status == "in_meeting");
        let people: BTreeSet<_> = inside.map(|stay| &stay.person).collect();
        assert_eq!(people.len(), one.people as usize);
        for stay in &one.stays {
            assert!(stay.join < stay.leave && stay.leave <= one.end && one.start <= stay.join, "{one:#?}");
        }
        if one.obtainable {
            let first = one.complete_from.values().min().unwrap();
            assert!(first.duration_since(one.end).as_hours() <= 20);
        }
        assert!(one.listed_from.duration_since(one.end).as_hours() <= 18);
    }
}

#[tokio::test(start_paused = true)]
async fn two_hundred_seeds_make_worlds_that_make_sense() {
    for seed in 0..200 {
        let a_day = 1 + seed as usize % 60;
        check(&world(Options::campus(seed, date(2026, 10, 5), a_day as u32), "2026-10-06T00:00:00Z"), a_day);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_day_has_exactly_what_was_asked_for() {
    let mut options = Options::plain(1, date(2026, 10, 5), 100, 20);
    options.one_person = 7;
    let truth = world(options, "2026-10-06T00:00:00Z").truth();
    let alone = truth.instances.iter().filter(|one| one.people == 1).count();
    assert_eq!((truth.instances.len(), alone), (100, 7));
    assert!(truth.instances.iter().all(|one| one.stays.len() == one.people as usize));
    assert!(truth.instances.iter().all(|one| one.people == 1 || one.people == 20));
}

#[tokio::test(start_paused = true)]
async fn a_campus_has_all_its_habits() {
    let truth = world(Options::campus(1, date(2026, 10, 5), 800), "2026-10-06T00:00:00Z").truth();
    let stays = || truth.instances.iter().flat_map(|one| &one.stays);
    assert!(stays().any(|stay| stay.breakout));
    assert!(stays().any(|stay| stay.phone));
    assert!(stays().any(|stay| stay.status == "in_waiting_room"));
    assert!(stays().any(|stay| stay.name.contains('#')));
    assert!(stays().any(|stay| stay.email.is_empty() && !stay.phone));
    assert!(stays().any(|stay| !stay.registrant_id.is_empty()));
    assert!(truth.instances.iter().any(|one| one.people > 300));
    assert!(truth.instances.iter().any(|one| one.end.to_string().starts_with("2026-10-06")));
    assert!(!truth.never_held.is_empty());
    let restarted = truth.instances.iter().any(|one| {
        truth.instances.iter().any(|next| {
            next.id == one.id && next.start > one.end && next.start.duration_since(one.end).as_secs() < 300
        })
    });
    assert!(restarted);
}

#[tokio::test(start_paused = true)]
async fn faults_and_switches_do_not_change_what_happened() {
    let lively = Options::campus(3, date(2026, 10, 5), 200);
    let calm = Options { faults: Faults::none(), zoom: Switches::plain(), ..lively.clone() };
    let [lively, calm] = [lively, calm].map(|options| world(options, "2026-10-06T00:00:00Z").truth());
    assert_eq!(lively.instances.len(), calm.instances.len());
    for (one, other) in lively.instances.iter().zip(&calm.instances) {
        assert_eq!((&one.uuid, one.id, one.start, one.end), (&other.uuid, other.id, other.start, other.end));
        for (stay, same) in one.stays.iter().zip(&other.stays) {
            assert_eq!((&stay.person, stay.join, stay.leave), (&same.person, same.join, same.leave));
        }
    }
}
