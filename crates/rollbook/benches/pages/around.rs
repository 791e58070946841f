//! What a year leaves in the store beside meetings: calls that were paid for, reports of runs, who looked at what, lists of
//! days, Moodle's numbers, events as they came in.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::listing::List;
use rollbook_core::time::Window;
use rollbook_store::{Mode, Store};
use rusqlite::{Connection, params};

use crate::line::Dice;
use crate::year::{CACHE_KIB, SINK, end};

/// Calls of an ordinary day, by label and operation.
const CALLS: [(&str, &str, u64); 12] = [
    ("light", "GET /meetings/{meetingId}", 40),
    ("medium", "GET /users/{userId}/meetings", 60),
    ("light", "GET /past_meetings/{meetingId}", 5_400),
    ("medium", "GET /past_meetings/{meetingId}/participants", 6_100),
    ("medium", "GET /past_meetings/{meetingId}/instances", 900),
    ("resource_intensive", "GET /metrics/meetings", 260),
    ("heavy", "GET /metrics/meetings/{meetingId}/participants", 5_200),
    ("heavy", "GET /metrics/meetings/{meetingId}/participants/qos", 1_900),
    ("heavy", "GET /report/meetings/{meetingId}/participants", 2_400),
    ("heavy", "GET /report/users", 12),
    ("heavy", "GET /report/meetings/{meetingId}", 310),
    ("resource_intensive", "GET /metrics/webinars", 70),
];
/// Reports a day: `serve` opens one each day, people run others.
const RUNS_A_DAY: i64 = 4;
const LOOKS_A_DAY: i64 = 400;
/// Days for which events are there, and how many come a day.
const EVENT_DAYS: i64 = 7;
const EVENTS_A_DAY: i64 = 100_000;
const NUMBERS: i64 = 9_000;
const DAY_MS: i64 = 86_400_000;

/// Puts all of it, for so many days before the end.
pub fn put(path: &Path, days: u64) {
    let connection = Connection::open(path).unwrap();
    let mut dice = Dice(23);
    connection.execute_batch(&format!("pragma cache_size = -{CACHE_KIB}; begin")).unwrap();
    for day in 0..days as i64 {
        let midnight = end().as_millisecond() - DAY_MS * (days as i64 - day);
        calls(&connection, midnight, &mut dice);
        (0..RUNS_A_DAY).for_each(|part| run(&connection, midnight + part * DAY_MS / RUNS_A_DAY, &mut dice));
        (0..LOOKS_A_DAY)
            .for_each(|part| look(&connection, midnight + part * DAY_MS / LOOKS_A_DAY, &mut dice));
    }
    for day in 0..EVENT_DAYS.min(days as i64) {
        let midnight = end().as_millisecond() - DAY_MS * (EVENT_DAYS.min(days as i64) - day);
        (0..EVENTS_A_DAY)
            .for_each(|part| event(&connection, midnight + part * DAY_MS / EVENTS_A_DAY, &mut dice));
    }
    (0..NUMBERS).for_each(|number| known(&connection, number));
    (0..40).for_each(|field| unknown(&connection, field));
    let sql = "insert into sink (sink, told_at, said) values (?1, ?2, '{}')";
    connection.execute(sql, params![SINK, end().as_millisecond()]).unwrap();
    connection.execute_batch("commit").unwrap();
    drop(connection);
    listings(path, days);
}

fn calls(connection: &Connection, midnight: i64, dice: &mut Dice) {
    let day = Timestamp::from_millisecond(midnight).unwrap().to_string()[..10].to_owned();
    let spent = "insert into spent (pool, day, label, operation, calls, refused) values ('default', ?1, ?2, ?3, ?4, ?5)";
    let by_hour = "insert into spent_hour (pool, hour_at, label, calls) values ('default', ?1, ?2, ?3)
        on conflict do update set calls = calls + excluded.calls";
    let (mut spent, mut by_hour) =
        (connection.prepare_cached(spent).unwrap(), connection.prepare_cached(by_hour).unwrap());
    for (label, operation, calls) in CALLS {
        let calls = (calls as f64 * (0.7 + 0.6 * dice.share())) as i64;
        spent.execute(params![day, label, operation, calls, dice.below(3)]).unwrap();
        (0..24).for_each(|hour| {
            by_hour.execute(params![midnight + hour * 3_600_000, label, calls / 24]).unwrap();
        });
    }
}

fn run(connection: &Connection, began: i64, dice: &mut Dice) {
    let sql =
        "insert into run (command, started_at, ended_at, exit_code, summary) values ('serve', ?1, ?2, 0, ?3)";
    let summary = format!("{} calls; 5,000 instances verified", dice.below(9_000));
    let row = params![began, began + DAY_MS / RUNS_A_DAY, summary];
    connection.prepare_cached(sql).unwrap().execute(row).unwrap();
    let run = connection.last_insert_rowid();
    let sql = "insert into run_call (run_id, label, operation, outcome, calls) values (?1, ?2, ?3, ?4, ?5)";
    for (label, operation, calls) in CALLS {
        for (outcome, share) in [("200", 1), ("404 3001", 40), ("429", 400)] {
            let row = params![run, label, operation, outcome, calls as i64 / RUNS_A_DAY / share];
            connection.prepare_cached(sql).unwrap().execute(row).unwrap();
        }
    }
    let sql = "insert into run_note (run_id, note_id, at, note) values (?1, ?2, ?3, 'no answer within 30 s; tried again')";
    (0..3).for_each(|note| {
        connection.prepare_cached(sql).unwrap().execute(params![run, note, began]).unwrap();
    });
}

fn look(connection: &Connection, at: i64, dice: &mut Dice) {
    let sql = "insert into audit (at, who, role, action, subject, detail, address)
        values (?1, ?2, 'analyst', 'attendance.look', ?3, null, '192.0.2.7')";
    let row = params![at, format!("analyst{}", dice.below(40)), format!("meeting {}", dice.below(1 << 20))];
    connection.prepare_cached(sql).unwrap().execute(row).unwrap();
}

/// One that was taken over: its body is gone.
fn event(connection: &Connection, at: i64, dice: &mut Dice) {
    let sql = "insert into inbox (account, digest, name, uuid, event_at, received_at, body, state, applied_at, outcome)
        values ('default', ?1, ?2, ?3, ?4, ?5, null, 'done', ?6, 'kept')";
    let digest: Vec<u8> = (0..4).flat_map(|_| dice.bits().to_le_bytes()).collect();
    let name = ["meeting.participant_joined", "meeting.participant_left", "meeting.started", "meeting.ended"]
        [(dice.below(20) / 5) as usize];
    let uuid = format!("{:022x}==", dice.bits());
    let row = params![digest, name, uuid, at, at + 900, at + 1_400];
    connection.prepare_cached(sql).unwrap().execute(row).unwrap();
}

fn known(connection: &Connection, number: i64) {
    let sql = "insert into known_number (account, number, kind, topic, courses, is_recurring, read_at)
        values ('default', ?1, 'meeting', ?2, ?3, 1, ?4)";
    let row = params![
        81_000_000_000 + number * 7_919,
        format!("Course {}", number / 3),
        format!("[{}]", number / 3),
        end().as_millisecond()
    ];
    connection.prepare_cached(sql).unwrap().execute(row).unwrap();
}

fn unknown(connection: &Connection, field: i64) {
    let sql = "insert into unknown_field (operation, path, first_seen_at, seen) values ('GET /past_meetings/{meetingId}', ?1, ?2, 5)";
    let row = params![format!("meetings[].new_{field}"), end().as_millisecond()];
    connection.prepare_cached(sql).unwrap().execute(row).unwrap();
}

/// Every day was listed, but for the last, which is the collector's to do.
fn listings(path: &Path, days: u64) {
    let mut store = Store::open(path, Mode::Write).unwrap();
    store
        .atomically(|store| {
            for day in 1..days as i64 {
                let from = end() - SignedDuration::from_hours(24 * (day + 1));
                let window = Window { from, to: from + SignedDuration::from_hours(24) };
                for list in [List::MeetingsPast, List::MeetingsPastOne, List::Webinars] {
                    store.ensure_listing("default", list, window)?;
                    store.note_listed("default", list, window, window.to + SignedDuration::from_hours(30))?;
                }
            }
            Ok(())
        })
        .unwrap();
}
