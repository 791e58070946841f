//! Pages: sizes, tokens, and what becomes of them.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Faults, Limits, Options, Sim};

use crate::client::{Answer, get, world};

const LIST: &str = "/metrics/meetings?type=past&from=2026-10-05&to=2026-10-05";

fn sim(faults: Faults) -> Sim {
    let mut options = Options::plain(1, date(2026, 10, 5), 70, 3);
    options.limits = Limits::none();
    options.faults = faults;
    world(options, "2026-10-06T12:00:00Z")
}

fn token(answer: &Answer) -> String {
    answer.json["next_page_token"].as_str().unwrap().to_owned()
}

fn uuids(answer: &Answer) -> Vec<String> {
    let meetings = answer.json["meetings"].as_array().unwrap();
    meetings.iter().map(|meeting| meeting["uuid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_of_thirty_hold_everything_once() {
    let sim = sim(Faults::none());
    let first = get(&sim, LIST).await;
    assert_eq!(
        (first.json["page_size"].as_u64(), first.json["total_records"].as_u64()),
        (Some(30), Some(70))
    );
    let second = get(&sim, &format!("{LIST}&next_page_token={}", token(&first))).await;
    let third = get(&sim, &format!("{LIST}&next_page_token={}", token(&second))).await;
    assert_eq!(token(&third), "");
    let all: Vec<_> = [first, second, third].iter().flat_map(uuids).collect();
    assert_eq!(all.len(), 70);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 70);
    assert_eq!(sim.stats().page_restarts, 0);
}

#[tokio::test(start_paused = true)]
async fn a_page_size_above_the_cap_is_cut_and_told() {
    let plain = sim(Faults::none());
    assert_eq!(get(&plain, &format!("{LIST}&page_size=1000")).await.json["page_size"], 300);
    let small = sim(Faults { small_pages: true, ..Faults::none() });
    let users = "/report/users?from=2026-10-05&to=2026-10-05&page_size=300";
    assert_eq!(get(&small, users).await.json["page_size"], 100);
    assert_eq!(get(&small, &format!("{LIST}&page_size=300")).await.json["page_size"], 300);
}

#[tokio::test(start_paused = true)]
async fn a_page_token_dies_after_fifteen_minutes() {
    let sim = sim(Faults::none());
    let first = token(&get(&sim, LIST).await);
    sim.clock().sleep(Duration::from_secs(14 * 60 + 50)).await;
    assert_eq!(get(&sim, &format!("{LIST}&next_page_token={first}")).await.status, 200);
    sim.clock().sleep(Duration::from_secs(20)).await;
    let late = get(&sim, &format!("{LIST}&next_page_token={first}")).await;
    assert_eq!((late.status, late.json["code"].as_u64()), (400, Some(300)));
    assert_eq!(late.json["message"], "The next page token is invalid or expired.");
    get(&sim, LIST).await;
    assert_eq!(sim.stats().page_restarts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_page_token_belongs_to_its_parameters() {
    let sim = sim(Faults::none());
    let first = token(&get(&sim, LIST).await);
    let other = get(&sim, &format!("{LIST}&page_size=20&next_page_token={first}")).await;
    assert_eq!(other.json["code"], 300);
    assert_eq!(get(&sim, &format!("{LIST}&next_page_token=nonsense")).await.json["code"], 300);
}

#[tokio::test(start_paused = true)]
async fn rows_that_move_come_twice_and_none_is_lost() {
    let mut options = Options::plain(1, date(2026, 10, 5), 70, 3);
    options.limits = Limits::none();
    // Late data keep the faults on at the time of the call.
    options.faults = Faults { moving_rows: 1.0, late_data: true, ..Faults::none() };
    options.neighbours = 5;
    let sim = world(options, "2026-10-06T00:00:00Z");
    let first = get(&sim, LIST).await;
    let second = get(&sim, &format!("{LIST}&next_page_token={}", token(&first))).await;
    let third = get(&sim, &format!("{LIST}&next_page_token={}", token(&second))).await;
    let all: Vec<_> = [first, second, third].iter().flat_map(uuids).collect();
    assert!(all.len() > 70);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 70);
}
