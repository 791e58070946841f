//! What delivering a day costs, beside the same rows inserted bare: 2,000 sessions of 25 people, on both databases.
//!
//! `cargo bench -p rollbook-moodle -- push`, with the servers of `cargo xtask servers`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use rollbook_core::delivery::{Delivery, DetailsRow, Ours, OwnRows, ParticipantRow};
use rollbook_moodle::testing::{Client, TestSite, run};
use rollbook_moodle::{Dialect, MoodleDb};

const SESSIONS: usize = 2_000;
const PEOPLE: usize = 25;

/// Bare inserts and pushes take turns, so that a machine that is busy with other things is so for both.
const SESSIONS_A_TURN: usize = 50;

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

    let mut db = MoodleDb::connect(&rollbook).await.unwrap();
    let mut client = site.client().await;
    let mut own = vec![OwnRows::new(); SESSIONS];
    let mut spent = [Duration::ZERO; 5];
    for (turn, (some, own)) in
        day.chunks_mut(SESSIONS_A_TURN).zip(own.chunks_mut(SESSIONS_A_TURN)).enumerate()
    {
        let details = 1_000_000 + 1_000 * turn as i64;
        spent[0] += bare(&mut client, some, PEOPLE, details).await;
        spent[1] += bare(&mut client, some, LOADED_AT_ONCE, details + 500).await;
        spent[2] += push(&mut db, some, own, PEOPLE).await;
        spent[3] += push(&mut db, some, own, 0).await;
        for delivery in &mut *some {
            delivery.participants[0].leave_time += 60;
            delivery.participants[0].duration += 60;
        }
        spent[4] += push(&mut db, some, own, 1).await;
    }
    tell("bare, a statement a session", spent[0], spent[0]);
    tell("bare, 1,000 rows a statement", spent[1], spent[0]);
    tell("pushed", spent[2], spent[0]);
    tell("pushed again, unchanged", spent[3], spent[0]);
    tell("pushed again, one row corrected", spent[4], spent[0]);
}

/// Delivers sessions.
async fn push(db: &mut MoodleDb, day: &[Delivery], own: &mut [OwnRows], expected: usize) -> Duration {
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
    began.elapsed()
}

/// The same rows by multi-row inserts and nothing else, under details ids that no session has.
async fn bare(client: &mut Client, day: &[Delivery], rows_a_statement: usize, details: i64) -> Duration {
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
    began.elapsed()
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

fn tell(what: &str, spent: Duration, bare: Duration) {
    let rate = (SESSIONS * PEOPLE) as f64 / spent.as_secs_f64();
    let share = bare.as_secs_f64() / spent.as_secs_f64() * 100.0;
    println!("  {what:<34} {rate:>9.0} rows/s  {share:>5.0} % of bare");
}
