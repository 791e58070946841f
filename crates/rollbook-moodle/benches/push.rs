//! What delivering a day costs, beside the same rows inserted bare: 2,000 sessions of 25 people, on both databases.
//!
//! `cargo bench -p rollbook-moodle -- push`, with the servers of `cargo xtask servers`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::time::Instant;

use rollbook_core::delivery::{Delivery, DetailsRow, Ours, OwnRows, ParticipantRow};
use rollbook_moodle::testing::{TestSite, run};
use rollbook_moodle::{Dialect, MoodleDb};

const SESSIONS: usize = 2_000;
const PEOPLE: usize = 25;
const START: i64 = 1_790_848_800;

/// What a loader would send at once that need not know which session a row belongs to.
const LOADED_AT_ONCE: usize = 1_000;

fn main() {
    if std::env::args().skip(1).any(|word| !word.starts_with('-') && !"push".contains(&word)) {
        return;
    }
    for (dialect, variable) in
        [(Dialect::Postgres, "ROLLBOOK_TEST_POSTGRES"), (Dialect::MariaDb, "ROLLBOOK_TEST_MARIADB")]
    {
        println!("{}: {SESSIONS} sessions of {PEOPLE} people", dialect.name());
        match std::env::var(variable) {
            Ok(_) => run(dialect, measure),
            Err(_) => println!("  not measured: {variable} is not set; `cargo xtask servers` starts servers"),
        }
    }
}

async fn measure(mut site: TestSite) {
    let course = site.course("DAY").await;
    let mut activities = Vec::new();
    for number in 0..SESSIONS as i64 / 4 {
        activities.push((site.activity(course, 85_000_000 + number).await, 85_000_000 + number));
    }
    let mut day: Vec<Delivery> = (0..SESSIONS).map(|at| session(at, activities[at / 4])).collect();
    let rollbook = site.least().await;

    // Bare first and last, as a table grows slower as it grows.
    let first = bare(&site, &day, PEOPLE, 100_000).await;
    let mut db = MoodleDb::connect(&rollbook).await.unwrap();
    let mut own = vec![OwnRows::new(); SESSIONS];
    let fresh = push(&mut db, &day, &mut own, PEOPLE).await;
    let again = push(&mut db, &day, &mut own, 0).await;
    for delivery in &mut day {
        delivery.participants[0].leave_time += 60;
        delivery.participants[0].duration += 60;
    }
    let corrected = push(&mut db, &day, &mut own, 1).await;
    let last = bare(&site, &day, PEOPLE, 200_000).await;
    let loaded = bare(&site, &day, LOADED_AT_ONCE, 300_000).await;

    let bare_rate = (first + last) / 2.0;
    tell("bare, a statement a session", bare_rate, bare_rate);
    tell("bare, 1,000 rows a statement", loaded, bare_rate);
    tell("pushed", fresh, bare_rate);
    tell("pushed again, unchanged", again, bare_rate);
    tell("pushed again, one row corrected", corrected, bare_rate);
}

/// Delivers a day; rows a second.
async fn push(db: &mut MoodleDb, day: &[Delivery], own: &mut [OwnRows], expected: usize) -> f64 {
    let began = Instant::now();
    for (delivery, own) in day.iter().zip(own) {
        let mut kept = OwnRows::new();
        let ours = Ours { own, tentative: None };
        let mut keep = |receipt: &rollbook_moodle::Receipt| {
            kept.clone_from(&receipt.own);
            Ok(())
        };
        let receipt = db.deliver(delivery, ours, &mut keep).await.unwrap();
        assert_eq!(receipt.inserted.len() + receipt.corrected.len(), expected);
        assert!(receipt.rows() == PEOPLE && !receipt.look_again);
        *own = kept;
    }
    rate(began)
}

/// The same rows by multi-row inserts and nothing else, under details ids that no session has; rows a second.
async fn bare(site: &TestSite, day: &[Delivery], rows_a_statement: usize, details: i64) -> f64 {
    let mut client = site.client().await;
    let lines: Vec<String> = day
        .iter()
        .zip(details..)
        .flat_map(|(session, details)| session.participants.iter().map(move |row| line(row, details)))
        .collect();
    let statements: Vec<String> = lines
        .chunks(rows_a_statement)
        .map(|some| {
            format!(
                "INSERT INTO {{zoom_meeting_participants}} (zoomuserid, join_time, leave_time, duration, userid, uuid, user_email, \
                 name, detailsid) VALUES {}",
                some.join(", ")
            )
        })
        .collect();
    let began = Instant::now();
    for statement in &statements {
        client.execute(statement).await.unwrap();
    }
    rate(began)
}

fn line(row: &ParticipantRow, details: i64) -> String {
    format!(
        "('{}', {}, {}, {}, {}, '{}', '{}', '{}', {details})",
        row.zoomuserid,
        row.join_time,
        row.leave_time,
        row.duration,
        row.userid.unwrap(),
        row.uuid.as_deref().unwrap(),
        row.user_email.as_deref().unwrap(),
        row.name,
    )
}

fn session(at: usize, (activity, number): (i64, i64)) -> Delivery {
    let start = START + at as i64 * 20;
    let participants = (0..PEOPLE as i64).map(|person| ParticipantRow {
        zoomuserid: (16_778_240 + 1_024 * person).to_string(),
        join_time: start + person,
        leave_time: start + 3_000 + person,
        duration: 3_000,
        userid: Some(person + 2),
        uuid: Some(format!("zoomuser{at:06}{person:04}aaaa")),
        user_email: Some(format!("student{person}.of.{at}@campus.example")),
        name: format!("STUDENT {person} OF SESSION {at}"),
    });
    let details = DetailsRow {
        uuid: format!("session{at:06}AAAAAAAAA=="),
        meeting_id: number,
        start_time: start,
        end_time: start + 3_600,
        duration: 3_600,
        topic: format!("Lecture {at}"),
        total_minutes: None,
        participants_count: Some(PEOPLE as i16),
        zoomid: activity,
    };
    Delivery { details, participants: participants.collect(), left_out: Vec::new() }
}

fn rate(began: Instant) -> f64 {
    (SESSIONS * PEOPLE) as f64 / began.elapsed().as_secs_f64()
}

fn tell(what: &str, rate: f64, bare: f64) {
    println!("  {what:<34} {rate:>9.0} rows/s  {:>5.0} % of bare", rate / bare * 100.0);
}
