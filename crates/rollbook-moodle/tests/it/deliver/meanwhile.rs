//! Others who write at the same time.

use rollbook_core::delivery::Delivery;
use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Dialect, Error, MoodleDb, on_both};

use super::class::{Class, Memory, NUMBER, START, push_on};
use super::line::{Line, Trouble};
use super::schedule::Schedule;

/// Interleavings tried on each database.
const SEEDS: u64 = 24;

/// A delivery and a run of the plugin's task at once.
struct Race<'a> {
    /// What we deliver.
    ours: &'a str,
    /// What Zoom told the plugin in that run.
    its: &'a str,
    /// What Zoom tells it in later runs.
    later: &'a str,
    /// What is there in the end.
    expected: &'a str,
}

/// Runs both at once, in every seed's order, then both once more, one after the other.
async fn race(site: TestSite, race: Race<'_>) {
    let mut class = Class::new(site).await;
    let line = Line::to(&class.settings).await;
    let elsewhere = class.everything_but("seed%").await;
    let mut mended = 0;
    for seed in 0..SEEDS {
        let uuid = format!("seed {seed}");
        let delivery = class.delivery(&uuid, race.ours);
        class.memory = Memory::default();
        if seed % 3 == 0 {
            class.push(&class.delivery(&uuid, "1 ANA 0-300, 2 BEN 0-900")).await;
        }
        let failure = at_once(&mut class, &line, seed, &delivery, race.its).await;
        if failure.is_some() {
            // Its next run does it all again.
            class.run_plugin(&uuid, race.its).await;
        }
        let first = class.push(&delivery).await;
        mended += usize::from(first.kept < first.rows() || !first.deleted.is_empty());
        assert!(!first.look_again, "seed {seed}");
        class.run_plugin(&uuid, race.later).await;
        class.push(&delivery).await;
        let last = class.push(&delivery).await;
        assert_eq!(last.kept, last.rows(), "seed {seed}: it does not settle: {last:?}");
        let mut there: Vec<String> = class.shown(&uuid).await.split(", ").map(str::to_owned).collect();
        there.sort();
        assert_eq!(there.join(", "), race.expected, "seed {seed}");
    }
    assert_eq!(class.everything_but("seed%").await, elsewhere);
    // Else the two were never really in each other's way.
    assert!(mended > 0);
}

/// One delivery beside one run of the plugin; gives back how that run failed, if it did.
async fn at_once(class: &mut Class, line: &Line, seed: u64, delivery: &Delivery, its: &str) -> Option<Error> {
    let mut db = MoodleDb::connect(&line.settings).await.unwrap();
    let number = db.number().await;
    let task = class.site.plugin_task(class.task(&delivery.details.uuid, its)).await;
    let schedule = Schedule::new(seed, task, number, class.site.client().await).await;
    line.order(Trouble::Plugin(Box::new(schedule))).await;
    let outcome = push_on(&mut db, delivery, &mut class.memory).await;
    drop(db);
    let (_, Trouble::Plugin(mut schedule)) = line.settle().await else { panic!("the trouble stays") };
    schedule.finish().await;
    if let Err(error) = outcome {
        assert!(error.is_passing(), "seed {seed}: {error}");
    }
    schedule.failure
}

async fn the_plugin_at_the_same_time_under_the_same_names_doubles_nobody(site: TestSite) {
    let stays = "1 ANA 0-900, 2 BEN 0-900, 3 Cyd 30-600";
    race(site, Race { ours: stays, its: stays, later: stays, expected: stays }).await;
}

async fn the_plugin_at_the_same_time_under_other_names_doubles_nobody(site: TestSite) {
    let ours = "1 ANA 0-900, 2 Ben 0-900, 3 Cyd 30-600";
    let its = "1 ANNA 0-900, 2 BENJAMIN 0-900, 3 CYDNEY 30-600";
    race(site, Race { ours, its, later: its, expected: its }).await;
}

async fn the_plugin_at_the_same_time_with_a_leave_that_zoom_corrects_doubles_nobody(site: TestSite) {
    let stays = "1 ANA 0-900, 2 BEN 0-900, 3 Cyd 30-600";
    let its = "1 ANA 0-450, 2 BEN 0-900";
    race(site, Race { ours: stays, its, later: stays, expected: stays }).await;
}

async fn two_rollbooks_at_once_double_nobody(site: TestSite) {
    let mut class = Class::new(site).await;
    let stays = "1 Ana 0-900, 2 Ben 0-900, 3 Cyd 30-600";
    for round in 0..SEEDS {
        let delivery = class.delivery(&format!("round {round}"), stays);
        let (mut one, mut other) = (class.connect().await, class.connect().await);
        let (mut first, mut second) = (Memory::default(), Memory::default());
        let outcomes = tokio::join!(
            push_on(&mut one, &delivery, &mut first),
            push_on(&mut other, &delivery, &mut second)
        );
        for error in [outcomes.0.err(), outcomes.1.err()].into_iter().flatten() {
            assert!(error.is_passing(), "{error}");
        }
        class.memory = first;
        class.push(&delivery).await;
        assert_eq!(class.shown(&format!("round {round}")).await, stays);
    }
}

async fn a_deadlock_ends_one_of_both_and_the_next_try_delivers(site: TestSite) {
    let mut class = Class::new(site).await;
    class.run_plugin("locked==", "1 ANA 0-300").await;
    let delivery = class.delivery("locked==", "1 Ana 0-900");
    let mut db = class.connect().await;
    let number = db.number().await;
    let (mut owner, mut somebody) = (class.site.client().await, class.site.client().await);
    somebody.execute("BEGIN").await.unwrap();
    somebody
        .execute(
            "UPDATE {zoom_meeting_participants} SET user_email = 'ana@example.org' WHERE zoomuserid = '1'",
        )
        .await
        .unwrap();
    let opposite = async {
        while !owner.is_waiting(number).await {}
        let sql = "UPDATE {zoom_meeting_details} SET total_minutes = 5 WHERE uuid = 'locked=='";
        let outcome = somebody.execute(sql).await;
        somebody.execute(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await.unwrap();
        outcome
    };
    let (ours, theirs) = tokio::join!(push_on(&mut db, &delivery, &mut class.memory), opposite);
    assert_ne!(ours.is_ok(), theirs.is_ok(), "{ours:?} {theirs:?}");
    for error in [ours.err(), theirs.err()].into_iter().flatten() {
        assert!(error.is_passing(), "{error}");
    }
    class.push(&delivery).await;
    assert_eq!(class.shown("locked==").await, "1 ANA 0-900");
}

async fn a_default_of_another_isolation_does_not_matter(site: TestSite) {
    let mut class = Class::new(site).await;
    if class.site.dialect() == Dialect::Postgres {
        let sql = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', \
            current_database()); END $$";
        class.site.execute(sql).await;
    }
    // MariaDB has REPEATABLE READ by default.
    class.run_plugin("waited==", "1 ANA 0-300").await;
    let delivery = class.delivery("waited==", "1 Ana 0-900, 2 Ben 0-900");
    let mut db = class.connect().await;
    let number = db.number().await;
    let (mut owner, mut somebody) = (class.site.client().await, class.site.client().await);
    somebody.execute("BEGIN").await.unwrap();
    let sql = "UPDATE {zoom_meeting_details} SET total_minutes = 5 WHERE uuid = 'waited=='";
    somebody.execute(sql).await.unwrap();
    let writing = async {
        while !owner.is_waiting(number).await {}
        let sql = format!(
            "INSERT INTO {{zoom_meeting_participants}} (zoomuserid, name, join_time, leave_time, duration, detailsid)
            SELECT '2', 'BEN', {START}, {START} + 900, 900, id FROM {{zoom_meeting_details}} WHERE uuid = 'waited=='"
        );
        somebody.execute(&sql).await.unwrap();
        somebody.execute("COMMIT").await.unwrap();
    };
    let (receipt, ()) = tokio::join!(push_on(&mut db, &delivery, &mut class.memory), writing);
    assert_eq!(receipt.unwrap().inserted, []);
    assert_eq!(class.shown("waited==").await, "1 ANA 0-900, 2 BEN 0-900");
}

async fn an_activity_deleted_at_any_moment_leaves_all_or_nothing(site: TestSite) {
    let mut class = Class::new(site).await;
    let line = Line::to(&class.settings).await;
    let mut outcomes = Vec::new();
    for turn in 1.. {
        let uuid = format!("turn {turn}");
        let course = class.course;
        class.activity = class.site.activity(course, NUMBER).await;
        let delivery = class.delivery(&uuid, "1 Ana 0-900, 2 Ben 0-900");
        let mut db = MoodleDb::connect(&line.settings).await.unwrap();
        let sql = format!(
            "UPDATE {{course_modules}} SET deletioninprogress = 1 WHERE instance = {}",
            class.activity
        );
        line.order(Trouble::Act(turn, class.site.client().await, sql)).await;
        let outcome = push_on(&mut db, &delivery, &mut Memory::default()).await;
        let (turns, _) = line.settle().await;
        let there = class.shown(&uuid).await;
        match &outcome {
            Ok(_) => assert_eq!(there, "1 Ana 0-900, 2 Ben 0-900"),
            Err(Error::Gone(_)) => assert_eq!(there + &class.details(&uuid).await, ""),
            Err(error) => panic!("turn {turn}: {error}"),
        }
        outcomes.push(outcome.is_ok());
        if turns < turn {
            break;
        }
    }
    // Early enough it is noticed, too late it is not.
    assert!(!outcomes[0] && *outcomes.last().unwrap() && outcomes.is_sorted(), "{outcomes:?}");
}

async fn rows_that_somebody_adds_at_any_moment_are_seen_by_this_delivery_or_call_for_the_next(
    site: TestSite,
) {
    let mut class = Class::new(site).await;
    let line = Line::to(&class.settings).await;
    let mut was_called_for = false;
    for turn in 1.. {
        let uuid = format!("turn {turn}");
        class.run_plugin(&uuid, "1 ANA 0-900").await;
        let delivery = class.delivery(&uuid, "1 Ana 0-900, 2 Ben 0-900");
        let mut db = MoodleDb::connect(&line.settings).await.unwrap();
        let sql = format!(
            "INSERT INTO {{zoom_meeting_participants}} (zoomuserid, name, join_time, leave_time, duration, detailsid)
            SELECT '2', 'BEN', {START}, {START} + 900, 900, id FROM {{zoom_meeting_details}} WHERE uuid = '{uuid}'"
        );
        line.order(Trouble::Act(turn, class.site.client().await, sql)).await;
        class.memory = Memory::default();
        let receipt = push_on(&mut db, &delivery, &mut class.memory).await.unwrap();
        let (turns, _) = line.settle().await;
        if turns < turn {
            break;
        }
        let there = class.shown(&uuid).await.split(", ").count();
        assert!(receipt.look_again || receipt.rows() == there, "turn {turn}: {receipt:?}");
        was_called_for |= receipt.look_again;
        assert!(!class.push(&delivery).await.look_again);
        assert_eq!(class.shown(&uuid).await, "1 ANA 0-900, 2 BEN 0-900", "turn {turn}");
    }
    assert!(was_called_for);
}

on_both!(
    a_default_of_another_isolation_does_not_matter,
    rows_that_somebody_adds_at_any_moment_are_seen_by_this_delivery_or_call_for_the_next,
    the_plugin_at_the_same_time_under_the_same_names_doubles_nobody,
    the_plugin_at_the_same_time_under_other_names_doubles_nobody,
    the_plugin_at_the_same_time_with_a_leave_that_zoom_corrects_doubles_nobody,
    two_rollbooks_at_once_double_nobody,
    a_deadlock_ends_one_of_both_and_the_next_try_delivers,
    an_activity_deleted_at_any_moment_leaves_all_or_nothing,
);
