use jiff::SignedDuration;
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::quality::{QualityRow, Series, StayQuality};
use rollbook_core::reading::{Outcome, Reading, Row};
use rollbook_core::request::Role;
use rollbook_core::stay::{Evidence, merge, summarise};
use rollbook_store::{CommandState, InstanceFilter, State};

use super::*;

const LECTURES_A_DAY: usize = 3;

fn at(day: i64, hour: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * day + hour)
}

/// What one day leaves behind: lectures with people and samples, a run, a command that was answered.
fn live(store: &mut Store, day: i64) {
    for lecture in 0..LECTURES_A_DAY {
        let mut told = Instance::unknown(format!("{day}-{lecture}=="), Kind::Meeting);
        told.started_at = Some(at(day, 9));
        let id = store.put_instance(at(day, 10), "default", told).unwrap().record.id;
        let row = Row {
            user_id: "1".into(),
            zoom_user_id: Some(format!("z{}", day % 200)),
            email: Some(format!("{}@school.example", day % 200)),
            joined_at: Some(at(day, 9)),
            left_at: Some(at(day, 10)),
            ..Row::default()
        };
        let rows = [row];
        let outcome = Outcome::Rows(summarise(Family::Report, &rows));
        let reading = Reading { family: Family::Report, asked_at: at(day, 20), outcome };
        store.add_reading(id, 1, 1, &reading, &rows).unwrap();
        let evidence = Evidence {
            family: Family::Report,
            asked_at: at(day, 20),
            is_finished: true,
            is_passing: true,
            rows: &rows,
        };
        store.put_stays(id, &merge(&[evidence])).unwrap();
        let mut series = Series::new();
        series.begin(at(day, 9));
        let quality =
            QualityRow { user_id: "1".into(), joined_at: Some(at(day, 9)), series, ..QualityRow::default() };
        store.put_quality_row(id, &quality, &StayQuality::default()).unwrap();
        store.set_state(at(day, 20), id, State::Verified, None, None).unwrap();
    }
    let run = store.start_run(at(day, 3), "sync").unwrap();
    store.end_run(at(day, 4), run, 0, "done").unwrap();
    let command = store.put_command(at(day, 5), "ana", Role::Admin, "backfill", "{}").unwrap();
    store.answer_command(at(day, 5), command, CommandState::Done, "done").unwrap();
}

#[test]
fn over_a_year_each_kind_is_kept_as_long_as_it_is_to_be_and_counts_for_ever() {
    let keep = KeepConfig {
        samples: Some(20),
        attendance: Some(100),
        readings: Some(30),
        audit: Some(50),
        runs: Some(10),
        ..KeepConfig::default()
    };
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let mut gone = Report::default();
    for day in 0..365 {
        live(&mut store, day);
        // Nobody looked for three weeks in summer.
        if !(180..200).contains(&day) {
            gone.add(apply(&mut store, at(day, 23), &keep).unwrap());
        }
    }
    let (mut people, mut counted, mut rows, mut samples) = (0, 0, 0, 0);
    for record in store.instances(&InstanceFilter::default(), 10_000).unwrap() {
        people += usize::from(!store.stays(record.id).unwrap().is_empty());
        counted += usize::from(store.kept_count(record.id).unwrap().is_some_and(|kept| kept.people == 1));
        rows += usize::from(store.evidence(record.id).unwrap().iter().any(|(_, rows)| !rows.is_empty()));
        let quality = store.quality_with_samples(record.id).unwrap();
        samples += usize::from(quality.iter().any(|(row, _)| !row.series.is_empty()));
    }
    // Lectures begin at nine and the last look is at 23:00, so that the hundredth day before is gone.
    assert_eq!((people, counted), (100 * LECTURES_A_DAY, 265 * LECTURES_A_DAY));
    assert_eq!((rows, samples), (30 * LECTURES_A_DAY, 20 * LECTURES_A_DAY));
    assert_eq!(store.runs(1_000).unwrap().len(), 10);
    assert_eq!(store.commands(1_000).unwrap().len(), 50);
    assert_eq!((gone.instances, gone.runs, gone.audit), (265 * LECTURES_A_DAY as u64, 355, 315));
    assert_eq!(apply(&mut store, at(364, 23), &keep).unwrap(), Report::default());
    // Whoever was last seen before is linked with no address any more.
    let linked =
        |who: i64| store.linked_emails(rollbook_store::LinkKind::ZoomUser, &format!("z{who}")).unwrap();
    assert_eq!((linked(364 % 200).len(), linked(364 % 200 + 1).len()), (1, 0));
}

#[test]
fn nothing_is_forgotten_unless_it_is_wanted() {
    let keep = KeepConfig { samples: None, events: None, audit: None, ..KeepConfig::default() };
    let mut store = Store::in_memory().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    live(&mut store, 0);
    assert_eq!(apply(&mut store, at(3_000, 0), &keep).unwrap(), Report::default());
}
