//! A store with call quality in it, put together by hand, and the real binary run on it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::quality::{Column, QualityRow, Series, StayQuality};
use rollbook_store::{Mode, QualityStanding, QualityState, Store};

use crate::kept::Ran;
use crate::pretend::Home;

const START: &str = "2026-10-05T11:00:00Z";

pub fn at(minute: i64) -> Timestamp {
    START.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn column(name: &str) -> Column {
    (0..Column::COUNT).filter_map(Column::from_code).find(|column| column.name() == name).unwrap()
}

/// Samples of a connection: `"0 audio_in_latency_ms=126 cpu_pressure_max=high; 1"`, by minute.
fn series(text: &str) -> Series {
    let mut series = Series::new();
    for sample in text.split(';').filter(|sample| !sample.trim().is_empty()) {
        let mut words = sample.split_whitespace();
        let minute = at(words.next().unwrap().parse().unwrap());
        assert!(series.begin(minute));
        for (name, value) in words.map(|word| word.split_once('=').unwrap()) {
            match value.parse() {
                Ok(value) => series.set(column(name), value),
                Err(_) if name.starts_with("cpu_pressure") => series.set_word(column(name), value),
                Err(_) => series.note_odd(minute, name.to_owned(), value.to_owned()),
            }
        }
    }
    series
}

pub fn row(user_id: &str, name: &str, samples: &str) -> QualityRow {
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    QualityRow { user_id: user_id.into(), name, series: series(samples), ..QualityRow::default() }
}

/// A folder with a store in it.
pub struct Campus {
    /// The user's folder.
    pub home: Home,
    /// Open to write.
    pub store: Store,
}

impl Campus {
    pub fn new() -> Campus {
        let home = Home::new();
        let mut store = Store::open(&home.path().join("rollbook.db"), Mode::Write).unwrap();
        store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
        Campus { home, store }
    }

    /// An ended instance with what is kept of its call quality.
    pub fn put(&mut self, instance: Instance, state: Option<QualityState>, rows: &[QualityRow]) -> i64 {
        self.put_for("default", instance, state, rows)
    }

    pub fn put_for(
        &mut self,
        account: &str,
        instance: Instance,
        state: Option<QualityState>,
        rows: &[QualityRow],
    ) -> i64 {
        self.store.put_account(account, None, account, &Offer::of(Plan::Business, false)).unwrap();
        let id = self.store.put_instance(at(0), account, instance).unwrap().record.id;
        if let Some(state) = state {
            let standing = QualityStanding {
                state,
                wanted_because: Some("policy all".into()),
                reason: None,
                next_look_at: None,
                stays: 0,
                told_stays: 0,
                samples: 0,
                score: None,
                bad_share: None,
            };
            self.store.put_quality_state(at(0), id, &standing).unwrap();
        }
        for row in rows {
            let samples = u32::try_from(row.series.len()).unwrap();
            self.store.put_quality_row(id, row, &StayQuality { samples, ..StayQuality::default() }).unwrap();
        }
        id
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in("UTC", arguments)
    }

    pub fn run_in(&self, zone: &str, arguments: &[&str]) -> Ran {
        let store = self.home.path().join("rollbook.db");
        self.home.run(&[("ROLLBOOK_STORE", store.to_str().unwrap()), ("ROLLBOOK_TIMEZONE", zone)], arguments)
    }

    pub fn csv(&self) -> Vec<BTreeMap<String, String>> {
        let ran = self.run(&["export", "qos"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        lines(&ran.out)
    }
}

pub fn lines(csv: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect()
}

pub fn instance(uuid: &str) -> Instance {
    let mut instance = Instance::unknown(uuid.into(), Kind::Meeting);
    instance.started_at = Some(at(0));
    instance.ended_at = Some(at(60));
    instance
}
