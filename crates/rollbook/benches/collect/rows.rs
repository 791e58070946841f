//! Participant rows decoded and stored a second, beside the bare parser and the bare database.

use std::time::Instant;

use jiff::Timestamp;
use rollbook::collector::translate::past_row;
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::reading::{Outcome, Reading, Row};
use rollbook_core::stay::{Evidence, merge, summarise};
use rollbook_store::{Mode, Store};
use rollbook_zoom::endpoint::past_meetings::PastParticipants;
use serde::Deserialize;

const PAGES: usize = 400;
const ROWS: usize = 300;

/// What a bare typed parse would hold.
#[derive(Deserialize)]
#[allow(dead_code)]
struct BarePage {
    next_page_token: String,
    participants: Vec<BareRow>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct BareRow {
    id: String,
    name: String,
    user_id: String,
    registrant_id: Option<String>,
    user_email: String,
    join_time: Timestamp,
    leave_time: Timestamp,
    duration: i64,
    status: String,
}

pub fn run() {
    println!("## Participant rows, pages of {ROWS}");
    let page = page();
    let rows_all = (PAGES * ROWS) as f64;
    let timed = |name: &str, work: &mut dyn FnMut()| {
        let began = Instant::now();
        work();
        let rate = rows_all / began.elapsed().as_secs_f64();
        println!("  {name:<52} {rate:>12.0} rows a second");
        rate
    };
    let bare = timed("bare typed parse (serde_json)", &mut || {
        for _ in 0..PAGES {
            let page: BarePage = serde_json::from_slice(&page).unwrap();
            assert_eq!(page.participants.len(), ROWS);
        }
    });
    let ours = timed("decoded and translated (rollbook-zoom, translate)", &mut || {
        for _ in 0..PAGES {
            assert_eq!(rows(&page).len(), ROWS);
        }
    });
    println!("  ratio to the bare parser: {:.2}", ours / bare);
    let stays = rows(&page);
    let folder = tempfile::tempdir().unwrap();
    let database = timed("bare database: one insert a row, one commit a page", &mut || {
        bare_database(folder.path(), &stays)
    });
    let kept =
        timed("kept: reading, evidence, stays, one commit a page", &mut || keep(folder.path(), &stays));
    println!("  ratio to the bare database: {:.2}", kept / database);
    timed("all of it: decoded, translated, merged, kept", &mut || {
        let mut store = Store::open(&folder.path().join("all.db"), Mode::Write).unwrap();
        prepare(&mut store);
        for page_number in 0..PAGES {
            keep_page(&mut store, page_number, rows(&page));
        }
    });
}

fn rows(page: &[u8]) -> Vec<Row> {
    let decoded = rollbook_zoom::decode::<PastParticipants>(page).unwrap();
    decoded.value.participants.into_iter().map(past_row).collect()
}

fn page() -> Vec<u8> {
    let base: Timestamp = "2026-10-05T09:00:00Z".parse().unwrap();
    let rows: Vec<serde_json::Value> = (0..ROWS)
        .map(|n| {
            let join = base + jiff::SignedDuration::from_secs(n as i64);
            serde_json::json!({
                "id": format!("zJKyaiAyTNC-MWjiWC{n:04}"), "name": format!("Student Number {n}"),
                "user_id": (16_778_240 + n * 1024).to_string(), "registrant_id": "",
                "user_email": format!("student{n}@example.edu"), "join_time": join,
                "leave_time": join + jiff::SignedDuration::from_secs(3_000), "duration": 3_000,
                "failover": false, "status": "in_meeting", "internal_user": true,
            })
        })
        .collect();
    let page = serde_json::json!({
        "next_page_token": "", "page_count": 1, "page_size": ROWS, "total_records": ROWS, "participants": rows,
    });
    serde_json::to_vec(&page).unwrap()
}

fn bare_database(folder: &std::path::Path, rows: &[Row]) {
    let mut connection = rusqlite::Connection::open(folder.join("bare.db")).unwrap();
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = normal;
             create table stay (instance integer, joined integer, user_id text, zoom_id text, name text, email text,
                 leave integer, status text, primary key (instance, joined, user_id)) without rowid",
        )
        .unwrap();
    for page in 0..PAGES {
        let transaction = connection.transaction().unwrap();
        {
            let sql = "insert into stay values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let mut insert = transaction.prepare_cached(sql).unwrap();
            for row in rows {
                let joined = row.joined_at.unwrap().as_millisecond();
                let left = row.left_at.map(Timestamp::as_millisecond);
                let key = (page as i64, joined, &row.user_id, &row.zoom_user_id);
                insert
                    .execute((key.0, key.1, key.2, key.3, &row.name, &row.email, left, row.status.name()))
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

fn keep(folder: &std::path::Path, rows: &[Row]) {
    let mut store = Store::open(&folder.join("kept.db"), Mode::Write).unwrap();
    prepare(&mut store);
    for page in 0..PAGES {
        keep_page(&mut store, page, rows.to_vec());
    }
}

fn prepare(store: &mut Store) {
    let offer = rollbook_core::family::Offer::of(rollbook_core::limits::Plan::Business, false);
    store.put_account("default", None, "default", &offer).unwrap();
    store.start_run(Timestamp::UNIX_EPOCH, "bench").unwrap();
}

fn keep_page(store: &mut Store, page: usize, rows: Vec<Row>) {
    let now = Timestamp::UNIX_EPOCH;
    store
        .atomically(|store| {
            let told = Instance::unknown(format!("uuid-{page}"), Kind::Meeting);
            let id = store.put_instance(now, "default", told)?.record.id;
            let outcome = Outcome::Rows(summarise(Family::PastMeetings, &rows));
            let reading = Reading { family: Family::PastMeetings, asked_at: now, outcome };
            store.add_reading(id, 1, 1, &reading, &rows)?;
            let evidence = Evidence {
                family: Family::PastMeetings,
                asked_at: now,
                is_finished: true,
                is_passing: true,
                rows: &rows,
            };
            store.put_stays(id, &merge(&[evidence]))
        })
        .unwrap();
}
