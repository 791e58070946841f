//! Tokens, scopes and plans.

use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Faults, Options, Plan};

use crate::client::{ask, get, world};

const BASIC: &str = "Basic Y2xpZW50OnNlY3JldA==";
const FORM: &str = "grant_type=account_credentials&account_id=account";

fn options() -> Options {
    Options::plain(1, date(2026, 10, 5), 20, 3)
}

#[tokio::test(start_paused = true)]
async fn a_token_works_for_an_hour() {
    let sim = world(options(), "2026-10-06T12:00:00Z");
    let given = ask(&sim, "POST", "/oauth/token", Some(BASIC), FORM).await;
    let token = format!("Bearer {}", given.json["access_token"].as_str().unwrap());
    assert_eq!(given.json["expires_in"], 3600);
    assert_eq!(ask(&sim, "GET", "/v2/users/me", Some(&token), "").await.status, 200);
    sim.clock().sleep(Duration::from_secs(3_600)).await;
    let late = ask(&sim, "GET", "/v2/users/me", Some(&token), "").await;
    assert_eq!((late.status, late.json["code"].as_u64()), (401, Some(124)));
    assert_eq!((sim.stats().unauthorized, sim.stats().token_calls), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_can_come_as_400() {
    let mut options = options();
    options.faults = Faults { expired_as_400: true, ..Faults::none() };
    options.credentials.token_seconds = 10;
    let sim = world(options, "2026-10-06T12:00:00Z");
    let given = ask(&sim, "POST", "/oauth/token", Some(BASIC), FORM).await;
    let token = format!("Bearer {}", given.json["access_token"].as_str().unwrap());
    sim.clock().sleep(Duration::from_secs(10)).await;
    let late = ask(&sim, "GET", "/v2/users/me", Some(&token), "").await;
    assert_eq!((late.status, late.json["code"].as_u64()), (400, Some(124)));
}

#[tokio::test(start_paused = true)]
async fn wrong_credentials_are_refused() {
    let sim = world(options(), "2026-10-06T12:00:00Z");
    for (basic, form, error) in [
        (Some("Basic Y2xpZW50Onh4"), FORM, "invalid_client"),
        (None, FORM, "invalid_request"),
        (Some(BASIC), "grant_type=password", "unsupported_grant_type"),
        (Some(BASIC), "grant_type=account_credentials&account_id=other", "invalid_request"),
    ] {
        let answer = ask(&sim, "POST", "/oauth/token", basic, form).await;
        assert_eq!((answer.status, answer.json["error"].as_str()), (400, Some(error)));
    }
    assert_eq!(ask(&sim, "GET", "/v2/users/me", None, "").await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_was_not_granted_is_refused() {
    let mut options = options();
    options.credentials.scopes = "user:read:admin".into();
    let sim = world(options, "2026-10-06T12:00:00Z");
    assert_eq!(get(&sim, "/users/me").await.status, 200);
    let refused = get(&sim, "/report/users?from=2026-10-05&to=2026-10-05").await;
    assert_eq!((refused.status, refused.json["code"].as_u64()), (400, Some(4711)));
}

#[tokio::test(start_paused = true)]
async fn plans_refuse_what_they_do_not_offer() {
    let metrics = "/metrics/meetings?type=past&from=2026-10-05&to=2026-10-05";
    let pro = world(options().on_plan(Plan::Pro), "2026-10-06T12:00:00Z");
    assert_eq!(get(&pro, metrics).await.json["code"], 400);
    let free = world(options().on_plan(Plan::Free), "2026-10-06T12:00:00Z");
    assert_eq!(get(&free, "/past_meetings/1/instances").await.json["code"], 200);
}

#[tokio::test(start_paused = true)]
async fn a_master_account_asks_through_the_account() {
    let sim = world(options(), "2026-10-06T12:00:00Z");
    let days = "from=2026-10-05&to=2026-10-05";
    assert_eq!(get(&sim, &format!("/accounts/account/metrics/meetings?type=past&{days}")).await.status, 200);
    assert_eq!(get(&sim, &format!("/accounts/other/metrics/meetings?type=past&{days}")).await.status, 404);
    let number = sim.truth().instances[0].id;
    assert_eq!(get(&sim, &format!("/accounts/account/past_meetings/{number}/instances")).await.status, 200);
    assert_eq!(get(&sim, &format!("/accounts/account/past_meetings/{number}")).await.status, 404);
}
