//! A whole day of the pretend campus: collected from the pretend Zoom, delivered to a real database, and held against what
//! really happened.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use rollbook::clock::Clock;
use rollbook::collector::{Collector, Goal, Wait, discover};
use rollbook::config::Config;
use rollbook::simulation::Stage;
use rollbook::sink::moodle::{Push, Report, push};
use rollbook::supervise::Stop;
use rollbook_moodle::testing::TestSite;
use rollbook_sim::{Options, People, SiteRow, TrueInstance, Truth};
use rollbook_store::{State, Store};

use crate::move_in::move_in;
use crate::school::config;

/// Tables that rollbook writes.
const WRITTEN: [&str; 2] = ["zoom_meeting_details", "zoom_meeting_participants"];
/// Tables that it must not touch.
const OTHERS: [&str; 11] = [
    "zoom",
    "course",
    "course_modules",
    "modules",
    "context",
    "enrol",
    "user_enrolments",
    "user",
    "role",
    "role_assignments",
    "config_plugins",
];

/// A day, as it was and as it was collected.
struct Day {
    truth: Truth,
    rows: Vec<SiteRow>,
    store: Store,
    now: Timestamp,
}

/// Plays the day under a paused clock, on a thread of its own: database servers do not pause.
fn collected(seed: u64) -> Day {
    let play = async move || {
        let mut options = Options::campus(seed, date(2026, 10, 5), 30);
        options.people = People::Exactly(9);
        let stage = Stage::new(options.clone(), Stage::next_morning(&options));
        let account = stage.account(false);
        let mut collector =
            Collector::start(stage.clock, stage.chance(), Stage::memory_store(), vec![account], "sync")
                .unwrap();
        collector.sign_in().await;
        let days = discover::days(date(2026, 10, 5), date(2026, 10, 5), &TimeZone::UTC);
        collector.discover(&days).unwrap();
        let (_handle, mut stop) = Stop::pair();
        collector.work(&Goal::Days(days), Wait::UntilDone, &mut stop, &mut |_| {}).await.unwrap();
        collector.finish(0, "collected").unwrap();
        let now = stage.clock.now();
        Day { truth: stage.sim.truth(), rows: stage.sim.moodle_site(), store: collector.store, now }
    };
    let runtime = move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(play())
    };
    std::thread::spawn(runtime).join().unwrap()
}

async fn pushed(day: &mut Day, config: &Config) -> Report {
    let (_, stop) = Stop::pair();
    push(Push {
        store: &mut day.store,
        clock: Clock::simulated(day.now, 1.0),
        config: &config.moodle,
        db: config.moodle.db.as_ref().unwrap(),
        window: None,
        again: false,
        dry_run: false,
        stop,
    })
    .await
    .unwrap()
}

async fn tables(site: &mut TestSite, names: &[&'static str]) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for name in names {
        all.insert(*name, site.table(name).await);
    }
    all
}

/// Numbers with an activity that is there to stay, each with the ids of these.
fn shown(rows: &[SiteRow]) -> BTreeMap<u64, BTreeSet<i64>> {
    let staying: BTreeSet<i64> = rows
        .iter()
        .filter(|row| row.table == "course_modules" && row.int("deletioninprogress") == 0)
        .map(|row| row.int("instance"))
        .collect();
    let mut shown: BTreeMap<u64, BTreeSet<i64>> = BTreeMap::new();
    let activities = rows.iter().filter(|row| row.table == "zoom" && row.int("meeting_id") != 0);
    for row in activities.filter(|row| staying.contains(&row.int("id"))) {
        shown.entry(row.int("meeting_id").unsigned_abs()).or_default().insert(row.int("id"));
    }
    shown
}

/// A line of Moodle's table of participants, as far as it can be held against the truth.
type Row = (String, i64, i64, i64);

/// Rows by the session's UUID: `user_id`, join, leave, and the user (0 for nobody).
async fn participants(site: &mut TestSite) -> BTreeMap<String, Vec<Row>> {
    let sql = "SELECT CONCAT_WS('|', d.uuid, p.zoomuserid, p.join_time, p.leave_time, COALESCE(p.userid, 0))
        FROM {zoom_meeting_details} d JOIN {zoom_meeting_participants} p ON p.detailsid = d.id ORDER BY p.id";
    let mut all: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in site.texts(sql).await {
        let words: Vec<&str> = line.split('|').collect();
        let number = |place: usize| words[place].parse::<i64>().unwrap();
        let row = (words[1].to_owned(), number(2), number(3), number(4));
        all.entry(words[0].to_owned()).or_default().push(row);
    }
    all
}

/// Every stay in the meeting once, nobody from the waiting room, and nobody named who was not there.
fn hold_against(truth: &TrueInstance, rows: &[Row], users: &BTreeMap<i64, String>) {
    let uuid = &truth.uuid;
    let mut left: Vec<&Row> = rows.iter().collect();
    for stay in truth.stays.iter().filter(|stay| stay.status == "in_meeting") {
        let is_it = |row: &&Row| row.0 == stay.user_id && (row.1 - stay.join.as_second()).abs() <= 5;
        let place = left.iter().position(is_it).unwrap_or_else(|| panic!("{uuid} lacks {stay:?}"));
        let row = left.swap_remove(place);
        assert!((row.2 - stay.leave.as_second()).abs() <= 5, "{uuid}: {row:?} is not {stay:?}");
        if row.3 != 0 {
            assert_eq!(users.get(&row.3), Some(&stay.person), "{uuid}: {row:?} is not {stay:?}");
        }
    }
    assert!(left.is_empty(), "{uuid} has more than there was: {left:?}");
}

async fn a_collected_day_is_in_moodle_exactly_once_and_nothing_else_is_touched(mut site: TestSite) {
    let mut day = collected(1);
    move_in(&mut site, &day.rows).await;
    let before = tables(&mut site, &OTHERS).await;
    let config = config(&site.settings, &[]);
    let report = pushed(&mut day, &config).await;
    assert!(report.is_whole() && report.counts.held_back == 0, "{report:?}");

    let shown = shown(&day.rows);
    let users: BTreeMap<i64, String> = day
        .rows
        .iter()
        .filter(|row| row.table == "user")
        .map(|row| (row.int("id"), row.text("username").to_owned()))
        .collect();
    let mut rows = participants(&mut site).await;
    let sessions = site.texts("SELECT CONCAT(uuid, ' ', zoomid) FROM {zoom_meeting_details}").await;
    let mut there: BTreeMap<String, i64> = BTreeMap::new();
    for line in &sessions {
        let (uuid, activity) = line.rsplit_once(' ').unwrap();
        assert_eq!(there.insert(uuid.to_owned(), activity.parse().unwrap()), None, "{uuid} twice");
    }
    for truth in &day.truth.instances {
        let record = day.store.instance_by_uuid("default", &truth.uuid).unwrap();
        let is_verified = record.is_some_and(|record| record.state == State::Verified);
        let activities = shown.get(&truth.id).filter(|_| is_verified);
        match (activities, there.remove(&truth.uuid)) {
            (Some(activities), Some(activity)) => assert!(activities.contains(&activity), "{truth:?}"),
            (None, None) => continue,
            (wanted, found) => panic!("{} should be in {wanted:?}, is in {found:?}", truth.uuid),
        }
        hold_against(truth, &rows.remove(&truth.uuid).unwrap_or_default(), &users);
    }
    assert!(there.is_empty(), "sessions that never were: {there:?}");
    assert_eq!(report.counts.delivered as usize, sessions.len());
    assert!(sessions.len() >= 15, "most of the day has activities: {}", sessions.len());
    assert_eq!(tables(&mut site, &OTHERS).await, before);
}

async fn delivering_twice_changes_nothing(mut site: TestSite) {
    let mut day = collected(2);
    move_in(&mut site, &day.rows).await;
    let config = config(&site.settings, &[]);
    pushed(&mut day, &config).await;
    let once = tables(&mut site, &WRITTEN).await;
    let again = pushed(&mut day, &config).await;
    assert_eq!((again.counts.delivered, again.counts.rows), (0, Default::default()));
    assert_eq!(tables(&mut site, &WRITTEN).await, once);
}

rollbook_moodle::on_both!(
    a_collected_day_is_in_moodle_exactly_once_and_nothing_else_is_touched,
    delivering_twice_changes_nothing,
);
