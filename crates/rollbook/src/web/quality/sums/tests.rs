use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::quality::{QualityRow, StayQuality};
use rollbook_store::{Mode, Reader};

use super::*;

const DAY: i64 = 20_000;

fn store(path: &Path) -> (Store, i64) {
    let mut store = Store::open(path, Mode::Write).unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let instance = Instance::unknown("a==".into(), Kind::Meeting);
    let id = store.put_instance(Timestamp::UNIX_EPOCH, "default", instance).unwrap().record.id;
    (store, id)
}

/// A connection on the given day, so many minutes long.
fn put(store: &mut Store, instance: i64, day: i64, user: &str, network: &str, minutes: u32) {
    let row = QualityRow {
        user_id: user.into(),
        joined_at: Some(Timestamp::from_second(day * 86_400).unwrap()),
        details: BTreeMap::from([("network_type".to_owned(), network.to_owned())]),
        ..QualityRow::default()
    };
    let quality = StayQuality { minutes, score: Some(80.0), ..StayQuality::default() };
    store.put_quality_row(instance, &row, &quality).unwrap();
}

fn read(sums: &Sums, reader: &Reader, days: (i64, i64), values: usize) -> ByValue {
    let wanted = Wanted { values, by_day: values };
    reader.at_one_moment(|store| sums.read(store, Facet::Network, days, wanted)).unwrap()
}

fn minutes(of: &OfValue) -> (String, i64, Vec<(i64, i64)>) {
    let days = of.days.iter().map(|(day, sum)| (day - DAY, sum.minutes)).collect();
    (of.value.clone(), of.sum.minutes, days)
}

#[test]
fn values_come_most_minutes_first_and_the_rest_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (mut store, id) = store(&path);
    for (day, user, network, minutes) in
        [(DAY, "1", "Wifi", 30), (DAY + 2, "2", "Wifi", 30), (DAY, "3", "Wired", 50), (DAY + 1, "4", "", 7)]
    {
        put(&mut store, id, day, user, network, minutes);
    }
    put(&mut store, id, DAY + 1, "5", "Cellular", 3);
    let (sums, reader) = (Sums::default(), Reader::open(&path).unwrap());
    let found = read(&sums, &reader, (DAY, DAY + 9), 2);
    let values: Vec<_> = found.values.iter().map(minutes).collect();
    let wifi = ("Wifi".to_owned(), 60, vec![(0, 30), (2, 30)]);
    assert_eq!(values, [wifi, ("Wired".to_owned(), 50, vec![(0, 50)])]);
    let (others, rest) = found.rest.unwrap();
    assert_eq!((others, minutes(&rest)), (2, (String::new(), 10, vec![(1, 10)])));
    let first = read(&sums, &reader, (DAY, DAY), 9);
    assert_eq!((first.values.len(), first.rest), (2, None));
}

#[test]
fn what_is_in_memory_is_what_the_store_holds_whatever_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (mut store, id) = store(&path);
    let (sums, reader) = (Sums::default(), Reader::open(&path).unwrap());
    // The same connection, told anew under another network and day; a second one; all of it erased.
    let check = |store_says: &[(i64, &str, i64)]| {
        let found = read(&sums, &reader, (DAY, DAY + 3), 9);
        let anew = read(&Sums::default(), &reader, (DAY, DAY + 3), 9);
        assert_eq!(found, anew);
        let mut held: Vec<(i64, &str, i64)> = Vec::new();
        for of in &found.values {
            held.extend(of.days.iter().map(|(day, sum)| (day - DAY, of.value.as_str(), sum.minutes)));
        }
        held.sort_unstable();
        assert_eq!(held, store_says);
    };
    check(&[]);
    put(&mut store, id, DAY, "1", "Wifi", 30);
    check(&[(0, "Wifi", 30)]);
    put(&mut store, id, DAY, "1", "Wired", 31);
    check(&[(0, "Wired", 31)]);
    // The day that changed last changes again.
    put(&mut store, id, DAY, "2", "Wired", 9);
    check(&[(0, "Wired", 40)]);
    put(&mut store, id, DAY + 3, "2", "Wifi", 9);
    check(&[(0, "Wired", 40), (3, "Wifi", 9)]);
    store.drop_unread_instance(id).unwrap();
    check(&[]);
}
