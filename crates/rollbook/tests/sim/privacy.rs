//! Somebody is erased in the middle of a campus day, by another process, and collecting goes on with every fault: nobody
//! comes back, nobody else changes, and as many people are counted as before. And days without any names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rollbook::collector::{Ending, Goal};
use rollbook::config::KeepConfig;
use rollbook::erasure::{self, Wanted};
use rollbook::retention;
use rollbook::supervise::Stop;
use rollbook_core::person::people;
use rollbook_core::quality::policy::Policy;
use rollbook_core::stay::Stay;
use rollbook_sim::EventFaults;
use rollbook_store::{InstanceFilter, Mode, Record, Store};

use crate::play::{EVENING, LATER, Mail, Played, Scene, collector, deliver, finish, play_with, runtime};
use crate::worlds::{self, Dice};

/// An instance's UUID, a number of a connection, a join.
type Key = (String, String, String);

fn instances(store: &Store) -> Vec<Record> {
    store.instances(&InstanceFilter::default(), 100_000).unwrap()
}

fn shown(store: &Store, record: &Record) -> Vec<Stay> {
    store.stays(record.id).unwrap().into_iter().filter(|stay| !stay.is_withdrawn).collect()
}

fn stays(store: &Store) -> BTreeMap<Key, Stay> {
    let mut all = BTreeMap::new();
    for record in instances(store) {
        for stay in shown(store, &record) {
            let key = (record.instance.uuid.clone(), stay.user_id.clone(), stay.joined_at.to_string());
            all.insert(key, stay);
        }
    }
    all
}

/// People of each instance, by rollbook's own rule.
fn headcounts(store: &Store) -> BTreeMap<String, usize> {
    let count = |record: &Record| people(&shown(store, record)).len();
    instances(store).iter().map(|record| (record.instance.uuid.clone(), count(record))).collect()
}

fn ids(stay: &Stay) -> Vec<String> {
    let lower = |text: &String| text.to_lowercase();
    let texts = [stay.email.as_ref().map(lower), stay.zoom_user_id.clone(), stay.registrant_id.clone()];
    texts.into_iter().flatten().filter(|text| !text.is_empty()).collect()
}

/// Which stays of a day are of the person with an address: those that share an id, however many steps away, and in the
/// same meeting those without any that rollbook ties to them by name.
fn theirs(store: &Store, email: &str) -> (BTreeSet<Key>, BTreeSet<String>) {
    let all = stays(store);
    let mut known = BTreeSet::from([email.to_owned()]);
    loop {
        let more: Vec<String> =
            all.values().filter(|stay| ids(stay).iter().any(|id| known.contains(id))).flat_map(ids).collect();
        let before = known.len();
        known.extend(more);
        if known.len() == before {
            break;
        }
    }
    let mut keys = BTreeSet::new();
    for record in instances(store) {
        let stays = shown(store, &record);
        let is_known = |stay: &Stay| ids(stay).iter().any(|id| known.contains(id));
        for person in people(&stays) {
            let is_theirs = person.stays.iter().any(|index| is_known(&stays[*index]));
            for stay in person.stays.iter().map(|index| &stays[*index]).filter(|_| is_theirs) {
                if is_known(stay) || ids(stay).is_empty() {
                    let join = stay.joined_at.to_string();
                    keys.insert((record.instance.uuid.clone(), stay.user_id.clone(), join));
                }
            }
        }
    }
    (keys, known)
}

/// Somebody with an address who was in several meetings.
fn somebody(store: &Store, dice: &Dice) -> String {
    let mut met: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ((uuid, ..), stay) in stays(store) {
        if let Some(email) = stay.email.filter(|email| !email.is_empty()) {
            met.entry(email.to_lowercase()).or_default().insert(uuid);
        }
    }
    let most = met.values().map(BTreeSet::len).max().unwrap();
    let often: Vec<String> =
        met.into_iter().filter(|(_, uuids)| uuids.len() * 2 >= most).map(|(email, _)| email).collect();
    often[dice.between("who", 0, often.len() as i64 - 1) as usize].clone()
}

/// All that a file holds: its bytes, and what is packed in them.
fn everything(mut store: Store) -> String {
    assert!(store.empty_log().unwrap());
    let mut text = String::new();
    for record in instances(&store) {
        text += &format!("{record:?} {:?}", store.evidence(record.id).unwrap());
        text += &format!("{:?}", store.quality_rows(record.id).unwrap());
    }
    let path = store.path().to_path_buf();
    drop(store);
    let bytes = std::fs::read(path).unwrap();
    (text + &String::from_utf8_lossy(&bytes)).to_lowercase()
}

/// Plays a scene during which another process erases somebody, once so many calls were answered.
fn play_erasing(scene: &Scene, path: &Path, email: &str, after: u64) -> Played {
    runtime().block_on(async {
        let stage = scene.stage();
        let store = Store::open(path, Mode::Write).unwrap();
        let mut collector = collector(scene, &stage, store, 0).await;
        let (_handle, mut stop) = Stop::pair();
        let mut erased = false;
        let mut watch = |tick: &rollbook::collector::Tick| {
            if !erased && tick.calls.total() >= after {
                erased = true;
                let mut store = Store::open(path, Mode::Write).unwrap();
                let wanted = Wanted { person: email.to_owned(), instance: None, even_unknown: true };
                erasure::apply(&mut store, stage.clock.now(), "dpo", &wanted).unwrap();
            }
        };
        let goal = Goal::Days(scene.windows());
        let mut mail = scene.events.map(|faults| Mail::of(&stage, &faults));
        let ending = tokio::select! {
            biased;
            never = deliver(&stage, Some(path), mail.as_mut()) => match never {},
            ending = collector.work(&goal, scene.wait, &mut stop, &mut watch) => ending.unwrap(),
        };
        assert!(erased, "there was nobody to erase before the day was done");
        finish(scene, stage, (collector, ending), Vec::new())
    })
}

/// A day with every fault, of which Zoom posts events or not.
fn day(seed: u64) -> Scene {
    let has_events = seed % 2 == 1;
    Scene {
        quality: Policy::Sample(0.3),
        begin: if has_events { EVENING } else { LATER },
        events: has_events.then(EventFaults::rough),
        ..worlds::campus(seed, 25)
    }
}

fn check(seed: u64) {
    let dice = Dice::of(seed ^ 0x0f02_9e70);
    let scene = day(seed);
    let folder = tempfile::tempdir().unwrap();
    let whole = play_with(&scene, Some(&folder.path().join("whole.db")));
    whole.expect_perfect(&format!("seed {seed}"));
    let email = somebody(&whole.store, &dice);
    let (keys, known) = theirs(&whole.store, &email);
    let after = whole.stats.calls * dice.between("when", 5, 90) as u64 / 100;

    let mut erased = play_erasing(&scene, &folder.path().join("erased.db"), &email, after);
    assert_eq!(erased.ending, Ending::Done, "seed {seed}");
    assert!(!erased.stats.ever_exceeded(), "seed {seed}");
    // What was learned late is carried to its end by the next run.
    let now = erased.stage.clock.now();
    retention::apply(&mut erased.store, now, &KeepConfig::default()).unwrap();

    assert_eq!(headcounts(&erased.store), headcounts(&whole.store), "seed {seed}: {email}");
    let before = stays(&whole.store);
    let after = stays(&erased.store);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "seed {seed}");
    for (key, stay) in &after {
        if keys.contains(key) {
            assert!(stay.is_erased(), "seed {seed}: {email} came back: {stay:?}");
        } else {
            assert_eq!(Some(stay), before.get(key), "seed {seed}: somebody else changed");
        }
    }
    let names = |erased: bool| -> BTreeSet<String> {
        let of = before.iter().filter(|(key, _)| keys.contains(key) == erased);
        of.filter_map(|(_, stay)| stay.name.as_ref()).map(|name| name.to_lowercase()).collect()
    };
    let others: Vec<String> = names(false).into_iter().collect();
    let hosts: String = instances(&whole.store).iter().map(|one| format!("{:?}", one.instance)).collect();
    let shared = |name: &String| {
        others.iter().any(|other| other.contains(name.as_str())) || hosts.to_lowercase().contains(name)
    };
    let text = everything(erased.store);
    assert!(known.contains(&email));
    for gone in known.into_iter().chain(names(true).into_iter().filter(|name| !shared(name))) {
        assert!(!text.contains(&gone.to_lowercase()), "seed {seed}: {gone} is still in the file");
    }
}

#[test]
fn somebody_erased_in_the_middle_of_a_day_does_not_come_back_and_nobody_else_changes() {
    (7_000..7_010).for_each(check);
}

#[test]
fn a_day_without_names_counts_as_the_day_did_and_holds_no_name_of_the_campus() {
    for seed in 7_100..7_104 {
        let scene = day(seed);
        let folder = tempfile::tempdir().unwrap();
        let whole = play_with(&scene, Some(&folder.path().join("whole.db")));
        whole.expect_perfect(&format!("seed {seed}"));
        let path = folder.path().join("masked.db");
        let begun = scene.begins_at();
        assert!(Store::open(&path, Mode::Write).unwrap().set_masked(begun, true).unwrap());
        let masked = play_with(&scene, Some(&path));
        assert_eq!(masked.ending, Ending::Done, "seed {seed}");
        assert_eq!(masked.digest, whole.digest, "seed {seed}: the same calls in the same order");
        assert_eq!(headcounts(&masked.store), headcounts(&whole.store), "seed {seed}");
        let places = |store: &Store| stays(store).into_keys().collect::<Vec<_>>();
        assert_eq!(places(&masked.store), places(&whole.store), "seed {seed}");
        assert!(masked.quality.is_perfect(), "seed {seed}: {:#?}", masked.quality);
        let text = everything(masked.store);
        let mut told = BTreeSet::new();
        for (_, stay) in stays(&whole.store) {
            // Short names stand in other words too.
            told.extend(stay.name.clone().filter(|name| name.chars().count() > 7));
            told.extend(ids(&stay));
        }
        for record in instances(&whole.store) {
            let of = record.instance;
            told.extend([of.topic, of.host_name, of.host_email].into_iter().flatten());
        }
        for gone in told {
            assert!(!text.contains(&gone.to_lowercase()), "seed {seed}: {gone}");
        }
    }
}
