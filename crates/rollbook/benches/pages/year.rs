//! A store of one year at a university: 5,000 meetings a day with 22 stays each, evidence, what Moodle was told, and call
//! quality: minute by minute for one meeting in six of the last 90 days, in figures for one in sixty before that, as samples
//! are kept 90 days. Beside that what [`crate::around`] adds. A share of it is of the same shape: fewer days.

use std::path::Path;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::{Family, Offer};
use rollbook_core::instance::{Instance, Kind as InstanceKind, TimesFrom};
use rollbook_core::limits::Plan;
use rollbook_core::quality::{QualityRow, Series, StayQuality};
use rollbook_core::reading::{Outcome, Reading, Row, Rows, Status};
use rollbook_core::stay::Stay;
use rollbook_store::{DeliveryRecord, DeliveryState, Mode, QualityStanding, QualityState, State, Store};

use crate::line::{Dice, Kind};
use crate::{around, campus};

const DAYS: u64 = 365;
const MEETINGS_A_DAY: u64 = 5_000;
const STAYS: u64 = 22;
/// One meeting in so many has call quality, 76,000 in 90 days with 22 connections of an hour: 100 million samples.
const QUALITY_EVERY: u64 = 6;
const QUALITY_DAYS: u64 = 90;
/// Before that, of so many one, without samples.
const OLDER_QUALITY_EVERY: u64 = 60;
/// Where Zoom says people are, and what clients they have: some are common, most are rare.
const PLACES: u64 = 800;
const VERSIONS: u64 = 60;
/// The Moodle that was told.
pub const SINK: &str = "moodle postgres://db.example.edu:5432/moodle public.mdl_*";
/// Different series; the store holds each many times, under other names.
const POOL: usize = 2_000;
/// Instances in one transaction, and what may be changed meanwhile without being written.
const STEP: u64 = 2_500;
pub const CACHE_KIB: u32 = 1024 * 1024;
/// Rooms, each used by several courses over the day.
const NUMBERS: u64 = 9_000;

/// What was made.
#[derive(Debug, Default, Clone, Copy)]
pub struct Made {
    pub instances: u64,
    pub stays: u64,
    pub samples: u64,
}

/// The moment at which the year ends.
pub fn end() -> Timestamp {
    "2026-10-06T00:00:00Z".parse().unwrap()
}

pub fn make(path: &Path, share: f64) -> Made {
    let mut store = Store::open(path, Mode::Write).unwrap();
    store.hold_in_memory(CACHE_KIB).unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let run = store.start_run(end(), "bench pages").unwrap();
    let mut dice = Dice(17);
    let mut pool = campus::stays(Kind::Mixed, POOL);
    let days = ((DAYS as f64 * share).ceil() as u64).max(2);
    around::put(path, days);
    let (began, mut made) = (Instant::now(), Made::default());
    for day in 0..days {
        let days_ago = days - 1 - day;
        for lot in 0..MEETINGS_A_DAY / STEP {
            store
                .atomically(|store| {
                    for place in lot * STEP..(lot + 1) * STEP {
                        meeting(store, run, days_ago, place, &mut dice, &mut pool, &mut made)?;
                    }
                    Ok(())
                })
                .unwrap();
        }
        if day % 10 == 9 {
            println!("  day {} of {days}, {:.0} s", day + 1, began.elapsed().as_secs_f64());
        }
    }
    store.end_run(end(), run, 0, "made for a bench").unwrap();
    drop(store);
    println!(
        "made {} instances, {} stays, {} samples, {:.2} GB, in {:.0} s",
        made.instances,
        made.stays,
        made.samples,
        campus::settled_bytes(path) as f64 / 1e9,
        began.elapsed().as_secs_f64()
    );
    made
}

fn meeting(
    store: &mut Store,
    run: i64,
    days_ago: u64,
    place: u64,
    dice: &mut Dice,
    pool: &mut [(QualityRow, StayQuality)],
    made: &mut Made,
) -> rollbook_store::Result<()> {
    let midnight = end() - SignedDuration::from_hours(24 * (days_ago as i64 + 1));
    // Classes begin from 7 to 19 o'clock, on the quarter.
    let started_at = midnight + SignedDuration::from_mins(7 * 60 + 15 * dice.below(48) as i64);
    let ended_at = started_at + SignedDuration::from_mins(55);
    let room = dice.below(NUMBERS);
    let instance = Instance {
        number: Some(81_000_000_000 + room * 7_919),
        topic: Some(format!("{} {}", SUBJECTS[(room % 12) as usize], room % 97 + 1)),
        host_email: Some(format!("teacher{}@example.edu", room % 1_700)),
        host_name: Some(format!("Teacher {}", room % 1_700)),
        zoom_type: Some(8),
        started_at: Some(started_at),
        ended_at: Some(ended_at),
        times_from: TimesFrom::List,
        listed_count: Some(20),
        ..Instance::unknown(uuid(dice), InstanceKind::Meeting)
    };
    let id = store.put_instance(ended_at, "default", instance)?.record.id;
    let stays = stays(dice, room, started_at, ended_at);
    let asked_at = ended_at + SignedDuration::from_hours(6);
    store.add_reading(id, run, 1, &reading(asked_at), &rows(&stays))?;
    store.put_stays(id, &stays)?;
    // A few of the last day are still open.
    let is_open = days_ago == 0 && dice.hit(0.05);
    match is_open {
        true => store.set_state(asked_at, id, State::Fetched, Some("the count differs"), Some(end()))?,
        false => store.set_state(asked_at, id, State::Verified, Some("the count agrees"), None)?,
    }
    store.put_delivery(SINK, id, &delivery(asked_at, is_open, dice))?;
    made.instances += 1;
    made.stays += stays.len() as u64;
    let has_samples = days_ago < QUALITY_DAYS;
    if place.is_multiple_of(if has_samples { QUALITY_EVERY } else { OLDER_QUALITY_EVERY }) {
        made.samples += quality(store, id, &stays, has_samples, dice, pool)?;
    }
    Ok(())
}

/// What Moodle was told of it: all but a few.
fn delivery(told_at: Timestamp, is_open: bool, dice: &mut Dice) -> DeliveryRecord {
    let (state, reason) = match (is_open, dice.hit(0.02)) {
        (true, _) => (DeliveryState::HeldBack, Some("its attendance is not settled")),
        (false, true) => (DeliveryState::HeldBack, Some("no activity of Moodle has this number")),
        (false, false) => (DeliveryState::Done, None),
    };
    let is_told = state == DeliveryState::Done;
    DeliveryRecord {
        state,
        reason: reason.map(str::to_owned),
        digest: is_told.then(|| format!("{:016x}{:016x}", dice.bits(), dice.bits())),
        delivered_at: is_told.then_some(told_at),
        activity: is_told.then(|| dice.below(NUMBERS) as i64),
        details_id: is_told.then(|| dice.below(1 << 21) as i64),
        rows: if is_told { STAYS as u32 } else { 0 },
        ..DeliveryRecord::new(told_at, 1)
    }
}

const SUBJECTS: [&str; 12] = [
    "Algebra",
    "Anatomy",
    "Constitutional Law",
    "Econometrics",
    "Fluid Mechanics",
    "Greek",
    "Histology",
    "Linguistics",
    "Operating Systems",
    "Organic Chemistry",
    "Roman History",
    "Statistics",
];

fn uuid(dice: &mut Dice) -> String {
    use base64::Engine;
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&dice.bits().to_le_bytes());
    bytes[8..].copy_from_slice(&dice.bits().to_le_bytes());
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The people of a room, some of whom come back after a break in the line.
fn stays(dice: &mut Dice, room: u64, started_at: Timestamp, ended_at: Timestamp) -> Vec<Stay> {
    let stay = |place: u64, dice: &mut Dice| {
        let person = (room * 31 + place % 20) % 20_000;
        let joined_at = started_at + SignedDuration::from_secs(dice.below(600) as i64);
        let is_guest = person.is_multiple_of(10);
        Stay {
            user_id: (16_778_240 + place * 1_024).to_string(),
            participant_uuid: None,
            zoom_user_id: (!is_guest).then(|| format!("zJKyaiAyTNC-MWji{person:06}")),
            registrant_id: None,
            name: Some(format!("Student Number {person}")),
            email: (!is_guest).then(|| format!("student{person}@example.edu")),
            joined_at: if place < 20 { joined_at } else { joined_at + SignedDuration::from_mins(30) },
            left_at: Some(if place < 2 { started_at + SignedDuration::from_mins(20) } else { ended_at }),
            status: Status::InMeeting,
            is_breakout: None,
            source: Family::PastMeetings,
            is_withdrawn: false,
            evidence: Default::default(),
        }
    };
    let mut stays: Vec<Stay> = (0..STAYS).map(|place| stay(place, dice)).collect();
    stays.sort_by(|a, b| (a.joined_at, &a.user_id).cmp(&(b.joined_at, &b.user_id)));
    stays
}

fn reading(asked_at: Timestamp) -> Reading {
    let rows = Rows {
        rows: STAYS as u32,
        in_meeting: STAYS as u32,
        people_low: 20,
        half_made: 0,
        digest: "0".into(),
    };
    Reading { family: Family::PastMeetings, asked_at, outcome: Outcome::Rows(rows) }
}

fn rows(stays: &[Stay]) -> Vec<Row> {
    let row = |stay: &Stay| Row {
        user_id: stay.user_id.clone(),
        zoom_user_id: stay.zoom_user_id.clone(),
        name: stay.name.clone(),
        email: stay.email.clone(),
        joined_at: Some(stay.joined_at),
        left_at: stay.left_at,
        ..Row::default()
    };
    stays.iter().map(row).collect()
}

fn quality(
    store: &mut Store,
    id: i64,
    stays: &[Stay],
    has_samples: bool,
    dice: &mut Dice,
    pool: &mut [(QualityRow, StayQuality)],
) -> rollbook_store::Result<u64> {
    let mut samples = 0;
    for stay in stays {
        let (row, quality) = &mut pool[dice.below(POOL as u64) as usize];
        campus::name(dice, row);
        row.user_id = stay.user_id.clone();
        row.zoom_user_id = stay.zoom_user_id.clone();
        row.name = stay.name.clone();
        row.email = stay.email.clone();
        row.joined_at = Some(stay.joined_at);
        row.left_at = stay.left_at;
        connect(dice, row);
        if has_samples {
            row.series = since(&row.series, stay.joined_at);
            samples += row.series.len() as u64;
            store.put_quality_row(id, row, quality)?;
        } else {
            let of_old = QualityRow { series: Series::new(), ..row.clone() };
            store.put_quality_row(id, &of_old, quality)?;
        }
    }
    let score = 55.0 + dice.share() * 45.0;
    let standing = QualityStanding {
        state: QualityState::Complete,
        wanted_because: Some("all".into()),
        reason: None,
        next_look_at: None,
        stays: stays.len() as u32,
        told_stays: stays.len() as u32,
        samples,
        score: Some(score),
        bad_share: Some((100.0 - score) / 250.0),
    };
    store.put_quality_state(end(), id, &standing)?;
    Ok(samples)
}

/// By which client, and from where: one in two from the commonest tenth of places.
fn connect(dice: &mut Dice, row: &mut QualityRow) {
    let rare = |dice: &mut Dice, count: u64| {
        let share = dice.share();
        ((share * share * share) * count as f64) as u64
    };
    let place = rare(dice, PLACES);
    row.details.insert(
        "location".into(),
        format!("Town {place} ({})", ["DE", "AT", "NL", "US"][(place % 4) as usize]),
    );
    let version = rare(dice, VERSIONS);
    row.details
        .insert("version".into(), format!("6.{}.{}.{}", version % 7, version % 11, 20_000 + version * 131));
}

/// The same figures, from another minute on.
fn since(series: &Series, start: Timestamp) -> Series {
    let times = (0..series.len()).map(|minute| start + SignedDuration::from_mins(minute as i64)).collect();
    let columns = series.columns().map(|column| (column, series.column(column).unwrap().to_vec()));
    Series::from_columns(times, columns, series.words().to_vec(), series.odd().to_vec()).unwrap()
}
