//! Lines that break and servers that end connections, between any two statements.

use rollbook_core::delivery::{Delivery, Ours, OwnRows};
use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Error, on_both};

use super::class::{Class, Memory, push_on, rows};
use super::line::{Line, Trouble};

#[derive(Debug, Clone, Copy)]
enum How {
    CutBefore,
    CutAfter,
    End,
}

/// A session that needs every kind of change.
async fn mixed(class: &mut Class, uuid: &str) -> Delivery {
    class.memory = Memory::default();
    class.push(&class.delivery(uuid, "1 Ana 0-900, 2 Ben 0-900, 3 Cyd 0-900, 4 Dan 0-900")).await;
    class.run_plugin(uuid, "4 DANIEL 0-900, 5 EVE 0-600").await;
    let mut delivery =
        class.delivery(uuid, "1 Ana 0-900, 2 BEN 0-1800, 4 Dan 0-900, 5 Eve 0-1200, 6 Flo 0-900");
    delivery.left_out = rows("3 Cyd 0-900");
    delivery.details.end_time += 60;
    delivery
}

const MIXED: &str = "1 Ana 0-900, 2 BEN 0-1800, 4 DANIEL 0-900, 5 EVE 0-1200, 6 Flo 0-900";

/// A session that is not there yet.
async fn fresh(class: &mut Class, uuid: &str) -> Delivery {
    class.memory = Memory::default();
    class.delivery(uuid, "1 Ana 0-900, 2 Ben 0-900")
}

const FRESH: &str = "1 Ana 0-900, 2 Ben 0-900";

/// Breaks a delivery at each of its turns in turn, and delivers again.
async fn survives(site: TestSite, how: How) {
    let mut class = Class::new(site).await;
    let line = Line::to(&class.settings).await;
    let elsewhere = class.everything_but("turn%").await;
    for is_fresh in [true, false] {
        let mut turn = 0;
        loop {
            turn += 1;
            let uuid = format!("turn {turn} {is_fresh}");
            let delivery = match is_fresh {
                true => fresh(&mut class, &uuid).await,
                false => mixed(&mut class, &uuid).await,
            };
            let mut db = rollbook_moodle::MoodleDb::connect(&line.settings).await.unwrap();
            let trouble = match how {
                How::CutBefore => Trouble::CutBefore(turn),
                How::CutAfter => Trouble::CutAfter(turn),
                How::End => Trouble::End(turn, class.site.client().await, db.number().await),
            };
            line.order(trouble).await;
            let outcome = push_on(&mut db, &delivery, &mut class.memory).await;
            let (turns, _) = line.settle().await;
            assert!(turns >= turn || outcome.is_ok(), "turn {turn}: {outcome:?}");
            if let Err(error) = &outcome {
                assert!(error.is_passing(), "turn {turn}: {error:?}");
            }
            let again = class.push(&delivery).await;
            assert_eq!(class.shown(&uuid).await, if is_fresh { FRESH } else { MIXED }, "turn {turn} {how:?}");
            assert!(!again.look_again);
            assert_eq!(class.push(&delivery).await.kept, again.rows(), "turn {turn} {how:?}");
            if turns < turn {
                break;
            }
        }
        // Fewer would not even be the statements.
        assert!(turn > 5, "{turn}");
    }
    assert_eq!(class.everything_but("turn%").await, elsewhere);
}

async fn a_statement_that_never_arrives_leaves_no_trace(site: TestSite) {
    survives(site, How::CutBefore).await;
}

async fn an_answer_that_never_arrives_leaves_no_trace_even_of_the_commit(site: TestSite) {
    survives(site, How::CutAfter).await;
}

async fn a_connection_that_the_server_ends_leaves_no_trace(site: TestSite) {
    survives(site, How::End).await;
}

async fn a_line_that_breaks_while_all_is_undone_does_not_hide_why(site: TestSite) {
    let mut class = Class::new(site).await;
    let line = Line::to(&class.settings).await;
    let delivery = class.delivery("undone==", "1 Ana 0-900");
    let elsewhere = class.everything_but("").await;
    let (own, mut turn, mut refused) = (OwnRows::new(), 0, 0);
    loop {
        turn += 1;
        let mut db = rollbook_moodle::MoodleDb::connect(&line.settings).await.unwrap();
        line.order(Trouble::CutBefore(turn)).await;
        let mut was_asked = false;
        let mut refuse = |_: &_| {
            was_asked = true;
            Err("the disk is full".to_owned())
        };
        let ours = Ours { own: &own, tentative: None };
        let error = db.deliver(&delivery, ours, &mut refuse).await.unwrap_err();
        assert_eq!(matches!(error, Error::NotKept(_)), was_asked, "turn {turn}: {error}");
        refused += usize::from(was_asked);
        let (turns, _) = line.settle().await;
        if turns < turn {
            break;
        }
    }
    // Once with the line cut before ROLLBACK, once with no trouble at all.
    assert_eq!(refused, 2);
    assert_eq!(class.everything_but("").await, elsewhere);
}

on_both!(
    a_line_that_breaks_while_all_is_undone_does_not_hide_why,
    a_statement_that_never_arrives_leaves_no_trace,
    an_answer_that_never_arrives_leaves_no_trace_even_of_the_commit,
    a_connection_that_the_server_ends_leaves_no_trace,
);
