//! Quota, backfills, system.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Offer;
use rollbook_core::label::Label;
use rollbook_core::limits::{DayBucket, Limits, Plan};
use rollbook_core::request::Role;
use rollbook_store::{Answered, Purchase, Store};

use super::site::{NOW, Site};
use crate::commands::{BackfillOrder, Order};

fn spent(store: &mut Store) {
    let now: Timestamp = NOW.parse().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    let run = store.start_run(now, "sync <b>").unwrap();
    let limits = Limits::of(Plan::Business);
    for refused in [false, true] {
        let purchase = Purchase {
            pool: "default",
            limits: &limits,
            label: Label::Heavy,
            operation: "metrics.<i>meetings",
            run,
            timeout: SignedDuration::from_secs(30),
        };
        let paid = store.pay(now, &purchase).unwrap();
        let outcome = if refused { "429" } else { "200" };
        let answered = Answered { at: now, excess: SignedDuration::ZERO, is_refused: refused, outcome };
        store.settle_call(&limits, &paid, answered).unwrap();
    }
    store.note_run(now, run, "<script>alert(1)</script>").unwrap();
    store.end_run(now, run, 1, "it <failed>").unwrap();
}

#[tokio::test]
async fn spending_is_told_by_endpoint_and_what_others_spend_only_where_something_tells() {
    let site = Site::new();
    spent(&mut site.store());
    let quota = site.get_as(Role::Viewer, "/api/v1/quota").await.json();
    let pool = &quota["pools"][0];
    assert_eq!(pool["operations"][0]["calls"], 2);
    assert_eq!(
        (pool["refused_today"].as_u64(), pool["days"][0]["calls"]["heavy"].as_u64()),
        (Some(1), Some(2))
    );
    let shared = |quota: &serde_json::Value| {
        let all = quota["pools"][0]["allowances"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["allowance"] == DayBucket::Shared.name()).unwrap()
    };
    assert!(shared(&quota)["spent_by_others"].is_null());
    let page = site.get_as(Role::Viewer, "/quota").await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("not known") && page.body.contains("metrics.&#60;i&#62;meetings"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("Collect days of the past"), "a viewer may not");
    site.store().note_day_spent(NOW.parse().unwrap(), "default", DayBucket::Shared, 1_002).unwrap();
    let quota = site.get_as(Role::Viewer, "/api/v1/quota").await.json();
    assert_eq!(shared(&quota)["spent_by_others"], 1_000);
    let csv = site.get_as(Role::Viewer, "/quota?table=operations&format=csv").await;
    assert!(
        csv.body.starts_with("pool,label,operation,calls,refused\r\ndefault,heavy,metrics.<i>meetings,2,1"),
        "{}",
        csv.body
    );
    assert_eq!(site.get_as(Role::Viewer, "/quota?table=x&format=csv").await.status, 400);
}

#[tokio::test]
async fn a_backfill_shows_its_cost_and_then_stands_in_the_queue() {
    let site = Site::new();
    spent(&mut site.store());
    let page = site.get_as(Role::Admin, "/quota?from=2026-10-01&to=2026-10-02&quality=all").await.body;
    assert!(page.contains("What 2026-10-01 to 2026-10-02 will cost"), "{page}");
    assert!(page.contains("nothing is known of 2 of 2 days") && !page.contains("--offline"), "{page}");
    assert!(site.store().commands(9).unwrap().is_empty());
    let form = "csrf=x&from=2026-10-01&to=2026-10-02&quality=";
    assert_eq!(site.post_as(Role::Admin, "/quota/backfill", form).await.status, 303);
    let json = r#"{"from":"2026-10-01","to":"2026-10-03","quality":"large:20"}"#;
    let queued = site.post_as(Role::Admin, "/api/v1/backfills", json).await;
    assert_eq!(queued.status, 202);
    let records = site.store().commands(9).unwrap();
    let Ok(Some(Order::Backfill(BackfillOrder { quality, .. }))) = Order::read(&records[0]) else { panic!() };
    assert_eq!(quality.as_deref(), Some("large:20"));
    assert_eq!(records[1].who, "ana");
    let id = queued.json()["command"].clone();
    let command = site.get_as(Role::Analyst, &format!("/api/v1/commands/{id}")).await.json();
    assert_eq!(command["state"], "pending");
    let audit = site.store().audit(None, 9).unwrap();
    assert_eq!((audit.len(), audit[0].1.action.as_str()), (2, "backfill.put"));
    for role in [Role::Analyst, Role::Teacher, Role::Viewer] {
        assert_eq!(site.post_as(role, "/api/v1/backfills", json).await.status, 403);
    }
}

#[tokio::test]
async fn a_backfill_that_cannot_be_is_refused_with_what_would_be_right() {
    let site = Site::new();
    for (query, word) in [
        ("from=2026-10-03&to=2026-10-01", "swap"),
        ("from=2026-10-03&to=2026-10-09", "future"),
        ("from=2025-01-01&to=2025-01-02", "oldest"),
        ("from=2026-08-01&to=2026-10-01", "at most"),
        ("from=yesterday&to=tomorrow", "today or yesterday"),
        ("from=today&to=today&quality=best", "large:N"),
        ("from=today&to=today&quality=courses", "Moodle"),
        ("from=today&to=today&account=other", "default"),
        ("from=today", "to"),
    ] {
        let answer = site.get_as(Role::Admin, &format!("/api/v1/backfills/forecast?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(word), "{query}: {}", answer.body);
        if query != "from=today" {
            let page = site.get_as(Role::Admin, &format!("/quota?{query}")).await;
            assert!(page.status == 200 && page.body.contains("role=\"alert\""), "{query}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn system_tells_runs_commands_and_unknown_fields() {
    let site = Site::new();
    let empty = site.get_as(Role::Analyst, "/system").await;
    assert!(
        empty.status == 200
            && empty.body.contains("Nothing has run")
            && empty.body.contains("Nobody has asked")
    );
    let mut store = site.store();
    spent(&mut store);
    let now: Timestamp = NOW.parse().unwrap();
    store.note_unknown_field(now, "users.list", "users[].<x>").unwrap();
    let id = store.put_command(now, "ana", Role::Admin, "correction", "{}").unwrap();
    store.answer_command(now, id, rollbook_store::CommandState::Done, "it is Ana López (7)").unwrap();
    let page = site.get_as(Role::Analyst, "/system").await.body;
    assert!(page.contains("it &#60;failed&#62;") && page.contains("users[].&#60;x&#62;"), "{page}");
    assert!(!page.contains("Ana López"), "who may not decide about people sees none");
    assert!(site.get_as(Role::Admin, "/system").await.body.contains("Ana López"));
    let run = site.get_as(Role::Analyst, "/system/runs/1").await.body;
    assert!(run.contains("&#60;script&#62;") && !run.contains("<script>alert"), "{run}");
    let report = site.get_as(Role::Analyst, "/api/v1/runs/1").await.json();
    assert_eq!(report["calls"][0]["outcome"], "200");
    let fields = site.get_as(Role::Analyst, "/api/v1/unknown-fields").await.json();
    assert_eq!(fields["items"][0]["seen"], 1);
    let live = site.get_as(Role::Analyst, "/system/live").await;
    assert!(live.status == 200 && !live.body.contains("<html"));
    for table in ["runs", "commands", "unknown-fields", "tables"] {
        let rows = site.get_as(Role::Admin, &format!("/system?table={table}&format=json")).await.json();
        assert!(!rows.as_array().unwrap().is_empty(), "{table}");
    }
}

#[tokio::test]
async fn the_system_page_tells_what_is_kept_how_long_and_what_zoom_refused() {
    let site = Site::new();
    spent(&mut site.store());
    let system = site.get_as(Role::Admin, "/api/v1/system").await.json();
    assert_eq!(
        (&system["failed_calls"][0]["outcome"], &system["failed_calls"][0]["calls"]),
        (&serde_json::json!("200"), &serde_json::json!(1))
    );
    let samples = &system["kept"][0];
    assert_eq!((samples["days"].as_u64(), samples["cleared_at"].is_null()), (Some(90), true));
    assert!(system["store"]["disk_free_bytes"].as_u64() > Some(0), "{system}");
    let page = site.get_as(Role::Admin, "/system").await.body;
    assert!(page.contains("nothing stands in its way") && page.contains("not since the start"), "{page}");
    let report = crate::retention::Report { samples: 7, ..Default::default() };
    site.app.pulse.cleared(NOW.parse().unwrap(), report);
    let csv = site.get_as(Role::Admin, "/system?table=kept&format=csv").await.body;
    assert!(csv.contains(&format!("ROLLBOOK_KEEP_SAMPLES_DAYS,90,0,{NOW},7\r\n")), "{csv}");
    assert!(csv.contains("ROLLBOOK_KEEP_RUNS_DAYS,,1,,0"), "what is kept for ever is never cleared: {csv}");
    let failed = site.get_as(Role::Admin, "/system?table=failed-calls&format=csv").await.body;
    assert!(failed.contains("metrics.<i>meetings,429,1,1,"), "{failed}");
}
