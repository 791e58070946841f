//! Stays with people, devices and summaries around them, and a store to keep them in.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind as InstanceKind, TimesFrom};
use rollbook_core::limits::Plan;
use rollbook_core::quality::assess::assess;
use rollbook_core::quality::{QualityRow, StayQuality};
use rollbook_store::{Mode, Store};

use crate::line::{Dice, Kind, series};

/// Minutes of each stay.
pub const MINUTES: usize = 60;

pub type Stay = (QualityRow, StayQuality);

pub fn start() -> Timestamp {
    "2026-10-05T08:00:00Z".parse().unwrap()
}

/// Stays of an hour each.
pub fn stays(kind: Kind, count: usize) -> Vec<Stay> {
    let mut dice = Dice(7);
    (0..count).map(|_| stay(&mut dice, kind)).collect()
}

fn stay(dice: &mut Dice, kind: Kind) -> Stay {
    let joined_at = start() + SignedDuration::from_secs(dice.below(60) as i64);
    let left_at = joined_at + SignedDuration::from_mins(MINUTES as i64);
    let mut row = QualityRow {
        joined_at: Some(joined_at),
        left_at: Some(left_at),
        series: series(dice, kind, joined_at, MINUTES),
        ..QualityRow::default()
    };
    let quality = assess(&row.series, joined_at, Some(left_at));
    name(dice, &mut row);
    (row, quality)
}

/// Makes it a connection of somebody else's.
pub fn name(dice: &mut Dice, row: &mut QualityRow) {
    let person = dice.below(20_000);
    let is_guest = person.is_multiple_of(10);
    let uuid = [dice.bits(), dice.bits()];
    row.user_id = (16_778_240 + dice.below(1 << 20) * 1_024).to_string();
    row.participant_uuid = Some(format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        uuid[0] >> 32,
        uuid[0] >> 16 & 0xffff,
        uuid[0] & 0xffff,
        uuid[1] >> 48,
        uuid[1] & 0xffff_ffff_ffff
    ));
    row.zoom_user_id = (!is_guest).then(|| format!("zJKyaiAyTNC-MWji{person:06}"));
    row.name = Some(format!("Student Number {person}"));
    row.email = (!is_guest).then(|| format!("student{person}@example.edu"));
    row.details = details(person, dice.bits());
}

/// As much as Zoom's pages of call quality tell of a computer.
fn details(person: u64, bits: u64) -> BTreeMap<String, String> {
    let pick = |texts: &[&str], shift: u64| texts[(bits >> shift) as usize % texts.len()].to_owned();
    let (os, os_version, maker) = [
        ("Windows", "10", "Realtek(R) Audio"),
        ("Windows", "11 Pro", "Jabra Evolve2 65"),
        ("Windows", "11", "2- High Definition Audio Device"),
        ("Mac", "15.6.1", "MacBook Air"),
    ][(person % 4) as usize];
    let center = pick(&["Germany (FR Top)", "United States (SC Top)", "Netherlands (AM Top)"], 40);
    let connection = pick(&["UDP", "UDP", "UDP", "TCP"], 44);
    let mut details: BTreeMap<String, String> = [
        ("camera", pick(&["HD Webcam", "FaceTime HD Camera", "Integrated Camera", "Logi C920e"], 4)),
        ("device", os.to_owned()),
        ("domain", "example.edu".to_owned()),
        ("full_data_center", format!("{center};")),
        ("data_center", center),
        ("harddisk_id", format!("WD-{:08X}", person * 7_919)),
        ("internal_ip_addresses", format!("10.{}.{}.{}", bits >> 24 & 255, bits >> 8 & 255, person & 255)),
        ("ip_address", format!("192.0.{}.{}", bits >> 8 & 255, bits >> 16 & 255)),
        ("location", pick(&["Frankfurt (DE)", "San Jose (US)", "Munich (DE)", "Amsterdam (NL)"], 32)),
        ("mac_addr", format!("f85e-{:04x}-{:04x}", person, bits >> 48)),
        ("microphone", format!("Microphone ({maker})")),
        ("network_type", pick(&["Wired", "Wifi", "Cellular"], 36)),
        ("os", os.to_owned()),
        ("os_version", os_version.to_owned()),
        ("pc_name", format!("DESKTOP-{:07}", person * 131)),
        ("speaker", format!("Speakers ({maker})")),
        ("total_jointime_cost", format!("{}.{:02}", 2 + bits % 5, bits % 97)),
        ("version", pick(&["6.5.11.26770", "6.6.2.28810", "6.4.6.25870", "5.17.11.3835"], 48)),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect();
    for name in ["connection_type", "video_connection_type", "as_connection_type"] {
        details.insert(name.to_owned(), connection.clone());
    }
    for name in ["share_application", "share_desktop", "share_whiteboard", "recording", "has_archiving"] {
        details.insert(name.to_owned(), "no".to_owned());
    }
    details
}

/// An empty store with so many instances, an hour apart in lots of 200.
pub fn store(path: &Path, instances: u64) -> (Store, Vec<i64>) {
    let mut store = Store::open(path, Mode::Write).unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let ids = store
        .atomically(|store| {
            let put = |number: u64| {
                let started_at = start() + SignedDuration::from_hours((number / 200) as i64);
                let instance = Instance {
                    started_at: Some(started_at),
                    ended_at: Some(started_at + SignedDuration::from_hours(1)),
                    times_from: TimesFrom::List,
                    number: Some(91_000_000_000 + number),
                    ..Instance::unknown(format!("{number:022}=="), InstanceKind::Meeting)
                };
                Ok(store.put_instance(start(), "default", instance)?.record.id)
            };
            (0..instances).map(put).collect()
        })
        .unwrap();
    (store, ids)
}

/// Bytes of a store's file with nothing left in the log.
pub fn settled_bytes(path: &Path) -> u64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
    std::fs::metadata(path).unwrap().len()
}
