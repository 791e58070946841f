use std::collections::BTreeMap;

use jiff::SignedDuration;
use rollbook_core::family::Family;
use rollbook_core::quality::{
    Cause, Channel, ChannelQuality, Column, Ending, Measure, QualityOutcome, QualityReading, QualityRow,
    Series, StayQuality,
};
use rollbook_core::reading::{Outcome, Reading};
use rollbook_core::time::Window;
use rollbook_store::{Error, InstanceFilter, Mode, QualityStanding, QualityState, Store};

use crate::ledger::{ACCOUNT, at, meeting, put};

const LATENCY: Column = Column::Stream(Channel::MAIN[0], Measure::Latency);

/// Samples of these minutes: `"0:12 1:- 3:0"`, `-` for a gap.
fn series(text: &str) -> Series {
    let mut series = Series::new();
    for word in text.split_whitespace() {
        let (minute, value) = word.split_once(':').unwrap();
        series.begin(at(minute.parse().unwrap()));
        if let Ok(value) = value.parse() {
            series.set(LATENCY, value);
        }
    }
    series
}

fn shown(series: &Series) -> Vec<(i64, Option<f64>)> {
    let minute = |place: usize| series.times()[place].duration_since(at(0)).as_mins();
    (0..series.len()).map(|place| (minute(place), series.value(LATENCY, place))).collect()
}

/// Ana's connection, with samples of these minutes.
fn ana(samples: &str) -> QualityRow {
    QualityRow {
        user_id: "16778240".into(),
        participant_uuid: Some("D444CD06-2ABB-2FCC-019B-39E41D8DADF7".into()),
        zoom_user_id: Some("zJKyaiAyTNC-MWjiWC18KQ".into()),
        name: Some("Ana Lopez".into()),
        email: Some("ana@example.edu".into()),
        joined_at: Some(at(0)),
        left_at: Some(at(50)),
        details: BTreeMap::from([
            ("ip_address".into(), "192.0.2.1".into()),
            ("shoe_size".into(), "38 ½".into()),
            ("version".into(), "6.5.11.26770".into()),
        ]),
        series: series(samples),
    }
}

/// Somebody else's, of whom next to nothing is known.
fn guest(user_id: &str, samples: &str) -> QualityRow {
    QualityRow { user_id: user_id.into(), series: series(samples), ..QualityRow::default() }
}

fn summary(series: &Series) -> StayQuality {
    StayQuality {
        samples: series.len() as u32,
        first_at: series.times().first().copied(),
        last_at: series.times().last().copied(),
        score: Some(71.234_567),
        minutes: 50,
        bad_minutes: 3,
        silent: vec![Channel::MAIN[1]],
        ending: Some(Ending { minutes: 3, bad_minutes: 2, loss_pct: Some(30.25) }),
        worst: Some(Channel::MAIN[3]),
        cause: Some(Cause::Cpu),
        odd: 1,
        channels: vec![
            ChannelQuality {
                channel: Channel::MAIN[0],
                minutes: 50,
                fair_minutes: 4,
                bad_minutes: 3,
                score: 71.25,
                mos: Some(4.41),
                bitrate_kbps: Some(63.5),
                latency_ms: None,
                jitter_ms: Some(0.0),
                loss_pct: Some(0.07),
                worst_loss_pct: Some(100.0),
                cause: Some(Cause::Silence),
            },
            ChannelQuality {
                channel: Channel::ALL[17],
                minutes: 1,
                fair_minutes: 0,
                bad_minutes: 0,
                score: 100.0,
                mos: None,
                bitrate_kbps: None,
                latency_ms: None,
                jitter_ms: None,
                loss_pct: None,
                worst_loss_pct: None,
                cause: None,
            },
        ],
    }
}

fn keep(store: &mut Store, instance: i64, row: &QualityRow) {
    store.put_quality_row(instance, row, &summary(&row.series)).unwrap();
}

/// Everything kept of an instance, as it is shown.
fn kept(store: &Store, instance: i64) -> Vec<String> {
    store.quality_with_samples(instance).unwrap().iter().map(|kept| format!("{kept:?}")).collect()
}

#[test]
fn a_stay_whose_samples_come_in_two_readings_has_them_all() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    keep(&mut store, instance, &ana("0:12 1:- 2:40"));

    let mut row = store.quality_row(instance, "16778240", Some(at(0))).unwrap().unwrap();
    assert_eq!(format!("{row:?}"), format!("{:?}", ana("0:12 1:- 2:40")));
    row.series.merge(&series("2:41 3:0"));
    keep(&mut store, instance, &row);

    let all = store.quality_with_samples(instance).unwrap();
    let [(row, quality)] = all.as_slice() else { panic!("{} rows", all.len()) };
    assert_eq!(shown(&row.series), [(0, Some(12.0)), (1, None), (2, Some(41.0)), (3, Some(0.0))]);
    assert_eq!(*quality, summary(&row.series));
    assert_eq!(row.details, ana("").details);
}

#[test]
fn keeping_the_same_again_changes_nothing() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    keep(&mut store, instance, &ana("0:12 1:-"));
    keep(&mut store, instance, &guest("200", "1:9"));
    let before = kept(&store, instance);
    keep(&mut store, instance, &guest("200", "1:9"));
    keep(&mut store, instance, &ana("0:12 1:-"));
    assert_eq!(kept(&store, instance), before);
}

#[test]
fn connections_are_told_apart_by_number_join_and_instance() {
    let mut store = Store::in_memory().unwrap();
    let [one, other] = put(&mut store, [meeting("a", 0), meeting("b", 0)]);
    let later = QualityRow { joined_at: Some(at(30)), ..ana("30:5") };
    for row in [&later, &ana("0:1"), &guest("7", ""), &guest("", "2:2")] {
        keep(&mut store, one, row);
    }
    keep(&mut store, other, &ana("0:3"));
    let users: Vec<String> =
        store.quality_rows(one).unwrap().into_iter().map(|(row, _)| row.user_id).collect();
    assert_eq!(users, ["", "7", "16778240", "16778240"]);
    let latency = |instance, joined_at| {
        let row = store.quality_row(instance, "16778240", joined_at).unwrap();
        row.map(|row| row.series.value(LATENCY, 0).unwrap())
    };
    assert_eq!(latency(one, Some(at(0))), Some(1.0));
    assert_eq!(latency(one, Some(at(30))), Some(5.0));
    assert_eq!(latency(other, Some(at(0))), Some(3.0));
    assert_eq!(latency(other, None), None);
    assert!(store.quality_row(one, "7", None).unwrap().unwrap().series.is_empty());
}

#[test]
fn connections_are_visited_by_number_and_join_until_one_is_enough() {
    let mut store = Store::in_memory().unwrap();
    let [instance, other] = put(&mut store, [meeting("a", 0), meeting("b", 0)]);
    let later = QualityRow { joined_at: Some(at(30)), ..ana("30:5 31:6") };
    for row in [&guest("7", "0:1"), &later, &ana("0:1 1:2 2:3")] {
        keep(&mut store, instance, row);
    }
    keep(&mut store, other, &guest("1", "0:1"));
    let visited = |enough: usize| {
        let mut visited = Vec::new();
        let ended = store.each_quality_with_samples(instance, |row, quality| {
            visited.push((row.user_id, row.series.len(), quality.samples));
            if visited.len() == enough { Err(Error::TooMuch { what: "one".into() }) } else { Ok(()) }
        });
        (visited, ended.is_err())
    };
    let all = [("16778240", 3, 3), ("16778240", 2, 2), ("7", 1, 1)].map(|(id, n, of)| (id.to_owned(), n, of));
    assert_eq!(visited(0), (all.to_vec(), false));
    assert_eq!(visited(2), (all[..2].to_vec(), true));
}

#[test]
fn ids_come_back_as_zoom_wrote_them() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    let mut check = |uuid: Option<&str>| {
        let row = QualityRow { participant_uuid: uuid.map(str::to_owned), ..guest("7", "") };
        keep(&mut store, instance, &row);
        assert_eq!(
            store.quality_row(instance, "7", None).unwrap().unwrap().participant_uuid.as_deref(),
            uuid
        );
    };
    check(Some("0044CD06-2ABB-2FCC-019B-09E41D8DADF7"));
    check(Some("d444cd06-2abb-2fcc-019b-39e41d8dadf7"));
    check(Some("D444CD062ABB2FCC019B39E41D8DADF7"));
    check(Some("no id at all, +12"));
    check(Some(""));
    check(None);
}

#[test]
fn summaries_come_without_samples() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    keep(&mut store, instance, &ana("0:12"));
    let (row, quality) = store.quality_rows(instance).unwrap().remove(0);
    assert!(row.series.is_empty());
    assert_eq!(quality.samples, 1);
    assert_eq!(row.name.as_deref(), Some("Ana Lopez"));
}

#[test]
fn samples_are_forgotten_by_the_start_of_their_instance_a_few_at_a_time() {
    let mut store = Store::in_memory().unwrap();
    let [old, older, new] = put(&mut store, [meeting("a", 10), meeting("b", 0), meeting("c", 20)]);
    for instance in [old, older, new] {
        keep(&mut store, instance, &ana("30:1"));
        keep(&mut store, instance, &guest("200", "31:2"));
    }
    let left = |store: &Store| {
        [older, old, new].map(|instance| {
            let all = store.quality_with_samples(instance).unwrap();
            assert_eq!(all.len(), 2, "summaries stay");
            all.iter().filter(|(row, _)| !row.series.is_empty()).count()
        })
    };
    assert_eq!(store.prune_samples(at(20), 3).unwrap(), 3);
    assert_eq!(left(&store), [0, 1, 2]);
    assert_eq!(store.prune_samples(at(20), 3).unwrap(), 1);
    assert_eq!(store.prune_samples(at(20), 3).unwrap(), 0);
    assert_eq!(left(&store), [0, 0, 2]);
}

#[test]
fn what_could_not_be_read_is_kept_even_where_nothing_else_is() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    let mut row = guest("7", "");
    row.series.note_odd(at(1), "audio_in_latency_ms".into(), "lots".into());
    keep(&mut store, instance, &row);
    let read = store.quality_row(instance, "7", None).unwrap().unwrap();
    assert_eq!(read.series.odd(), row.series.odd());
}

#[test]
fn another_process_sees_whole_transactions_while_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut writer = Store::open(&path, Mode::Write).unwrap();
    let [instance] = put(&mut writer, [meeting("a", 0)]);
    let reader = Store::open(&path, Mode::Read).unwrap();
    writer
        .atomically(|store| {
            store.put_quality_row(instance, &ana("0:1"), &summary(&series("0:1")))?;
            assert_eq!(reader.quality_with_samples(instance)?.len(), 0);
            Ok(())
        })
        .unwrap();
    assert_eq!(reader.quality_with_samples(instance).unwrap().len(), 1);

    let died: rollbook_store::Result<()> = writer.atomically(|store| {
        store.put_quality_row(instance, &guest("7", "0:1"), &summary(&series("0:1")))?;
        store.prune_samples(at(900), 9)?;
        Err(Error::TooMuch { what: "for this test".into() })
    });
    assert!(died.is_err());
    assert_eq!(kept(&reader, instance), kept(&writer, instance));
    assert_eq!(reader.quality_with_samples(instance).unwrap()[0].0.series.len(), 1);
}

fn reading(minute: i64, outcome: QualityOutcome) -> QualityReading {
    QualityReading { asked_at: at(minute), participant: None, while_live: false, outcome }
}

#[test]
fn readings_of_call_quality_are_evidence_of_their_own() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    let run = store.start_run(at(600), "sync").unwrap();
    let rows = reading(620, QualityOutcome::Rows { rows: 20, samples: 900, odd: 1, strangers: 0 });
    let live = QualityReading {
        participant: Some("16778240".into()),
        while_live: true,
        ..reading(30, QualityOutcome::NotFound { said: "not yet".into() })
    };
    store.add_quality_reading(instance, run, 2, &rows).unwrap();
    store.add_quality_reading(instance, run, 1, &live).unwrap();
    let attendance = Reading { family: Family::Metrics, asked_at: at(610), outcome: Outcome::Empty };
    store.add_reading(instance, run, 1, &attendance, &[]).unwrap();

    assert_eq!(store.quality_readings(instance).unwrap(), [live, rows]);
    assert_eq!(store.evidence(instance).unwrap(), [(attendance, vec![])]);
    assert_eq!(store.details_asked(instance).unwrap(), []);
    let told: Vec<(String, u32)> = store
        .readings(instance)
        .unwrap()
        .into_iter()
        .map(|reading| (reading.family, reading.calls))
        .collect();
    assert_eq!(told, [("quality".into(), 1), ("metrics".into(), 1), ("quality".into(), 2)]);
}

fn standing(state: QualityState, next_look: Option<i64>) -> QualityStanding {
    QualityStanding {
        state,
        wanted_because: Some("policy all".into()),
        reason: Some("not read yet".into()),
        next_look_at: next_look.map(at),
        stays: 20,
        told_stays: 18,
        samples: 1_080,
        score: Some(88.5),
        bad_share: Some(0.02),
    }
}

#[test]
fn where_call_quality_stands_is_kept_and_since_when() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    assert_eq!(store.quality_state(instance).unwrap(), None);
    let since = |store: &mut Store, minute, state| {
        let standing = standing(state, Some(900));
        store.put_quality_state(at(minute), instance, &standing).unwrap();
        let kept = store.quality_state(instance).unwrap().unwrap();
        assert_eq!(kept.standing, standing);
        kept.state_since
    };
    assert_eq!(since(&mut store, 600, QualityState::Due), at(600));
    assert_eq!(since(&mut store, 610, QualityState::Due), at(600));
    assert_eq!(since(&mut store, 620, QualityState::Complete), at(620));
}

#[test]
fn open_ones_are_listed_by_next_look_and_all_are_counted() {
    let mut store = Store::in_memory().unwrap();
    let [a, b, c, d] = put(&mut store, ["a", "b", "c", "d"].map(|uuid| meeting(uuid, 0)));
    let [other_day] = put(&mut store, [meeting("e", -3_000)]);
    let states = [
        (a, QualityState::Due, None),
        (b, QualityState::Fetched, Some(700)),
        (c, QualityState::Due, Some(650)),
        (d, QualityState::Closed, None),
        (other_day, QualityState::Due, Some(1)),
    ];
    for (instance, state, next_look) in states {
        store.put_quality_state(at(600), instance, &standing(state, next_look)).unwrap();
    }
    let filter = InstanceFilter {
        account: Some(ACCOUNT.into()),
        window: Some(Window { from: at(-60), to: at(60) }),
        ..InstanceFilter::default()
    };
    let open: Vec<i64> =
        store.open_quality(&filter, 9).unwrap().iter().map(|(record, _)| record.id).collect();
    assert_eq!(open, [c, b, a]);
    assert_eq!(store.open_quality(&filter, 1).unwrap().len(), 1);
    let counts = [(QualityState::Due, 2), (QualityState::Fetched, 1), (QualityState::Closed, 1)];
    assert_eq!(store.count_quality_states(&filter).unwrap(), counts);
    assert_eq!(store.count_quality_states(&InstanceFilter::default()).unwrap()[0], (QualityState::Due, 3));
}

#[test]
fn an_export_goes_through_instances_by_start() {
    let mut store = Store::in_memory().unwrap();
    let [late, early, _, outside] =
        put(&mut store, [meeting("a", 9), meeting("b", 1), meeting("c", 3), meeting("d", 70)]);
    for instance in [late, early, outside] {
        keep(&mut store, instance, &ana("10:1 11:2"));
    }
    let mut samples = Vec::new();
    store
        .each_with_quality(
            None,
            Window { from: at(0), to: at(SignedDuration::from_hours(1).as_mins()) },
            |record| {
                let rows = store.quality_with_samples(record.id)?;
                samples.push((record.id, rows[0].0.series.len()));
                rollbook_store::Result::Ok(())
            },
        )
        .unwrap();
    assert_eq!(samples, [(early, 2), (late, 2)]);
}

#[test]
fn an_instance_that_is_taken_out_takes_its_place_in_the_ledger_along() {
    let mut store = Store::in_memory().unwrap();
    let [instance] = put(&mut store, [meeting("a", 0)]);
    store.put_quality_state(at(600), instance, &standing(QualityState::Due, None)).unwrap();
    store.drop_unread_instance(instance).unwrap();
    assert_eq!(store.instance(instance).unwrap(), None);
}
