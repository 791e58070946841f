//! Quality by day and facet, and the worst meetings.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use rollbook_core::family::Offer;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::limits::Plan;
use rollbook_core::quality::{QualityRow, StayQuality};
use rollbook_core::request::Role;
use rollbook_store::{QualityStanding, QualityState, Store};

use super::site::{NOW, Site};
use crate::web::visitor::{Sees, Visitor};

/// Meetings of some days, each with two connections: from Graz a good one, from the other place one that gets worse.
fn fill(store: &mut Store, days: i64) {
    let now: Timestamp = NOW.parse().unwrap();
    store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
    for day in 0..days {
        let start = now - SignedDuration::from_hours(24 * day + 2);
        let mut run = Instance::unknown(format!("uuid{day}=="), Kind::Meeting);
        (run.started_at, run.topic) = (Some(start), Some(format!("Lecture <b>{day}</b>")));
        let id = store.put_instance(now, "default", run).unwrap().record.id;
        let bad = u32::try_from(10 + day).unwrap();
        for (user, place, bad) in [("1", "Graz", 0), ("2", "=Evil <script>", bad)] {
            let row = QualityRow {
                user_id: user.into(),
                joined_at: Some(start),
                details: BTreeMap::from([
                    ("location".into(), place.into()),
                    ("network_type".into(), "Wifi".into()),
                    ("data_center".into(), "Germany (FR);".into()),
                ]),
                ..QualityRow::default()
            };
            let quality =
                StayQuality { minutes: 50, bad_minutes: bad, score: Some(80.0), ..StayQuality::default() };
            store.put_quality_row(id, &row, &quality).unwrap();
        }
        let standing = QualityStanding {
            state: QualityState::Complete,
            wanted_because: None,
            reason: None,
            next_look_at: None,
            stays: 2,
            told_stays: 2,
            samples: 100,
            score: Some(80.0),
            bad_share: Some(f64::from(bad) / 100.0),
        };
        store.put_quality_state(now, id, &standing).unwrap();
    }
}

#[tokio::test]
async fn an_empty_store_has_no_quality_and_says_so() {
    let site = Site::new();
    let page = site.get_as(Role::Analyst, "/quality").await;
    assert!(page.status == 200 && page.body.contains("No call quality is known"), "{}", page.body);
    let view = site.get_as(Role::Analyst, "/api/v1/quality").await.json();
    assert!(view["total"]["bad_share"].is_null() && view["worst"].as_array().unwrap().is_empty());
    assert_eq!((view["from"].as_str(), view["to"].as_str()), (Some("2026-09-09"), Some("2026-10-06")));
}

#[tokio::test]
async fn places_are_told_apart_day_by_day_and_nothing_that_was_typed_is_markup() {
    let site = Site::new();
    fill(&mut site.store(), 3);
    let view = site.get_as(Role::Analyst, "/api/v1/quality?from=2026-10-05").await.json();
    assert_eq!((&view["total"]["stays"], &view["total"]["bad_minutes"]), (&4.into(), &21.into()));
    assert_eq!(view["days"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&view["values"][0]["value"], &view["values"][0]["sum"]["poor_stays"]),
        (&"=Evil <script>".into(), &2.into())
    );
    assert_eq!(view["values"][1]["sum"]["score"], 80.0);
    let centres = site.get_as(Role::Analyst, "/api/v1/quality?by=data_center").await.json();
    assert_eq!(centres["values"][0]["value"], "Germany (FR)");
    let page = site.get_as(Role::Analyst, "/quality").await.body;
    assert!(!page.contains("Evil <script>") && !page.contains("<b>0</b>"), "{page}");
    assert!(page.contains("Bad minutes by day and place") && page.contains("Lecture"), "{page}");
    let csv = site.get_as(Role::Analyst, "/quality?table=values&format=csv").await.body;
    assert!(csv.contains("\r\n'=Evil <script>,3,3,150,33,0.22,80\r\n"), "{csv}");
    for table in ["days", "worst"] {
        let rows = site.get_as(Role::Analyst, &format!("/quality?table={table}&format=json")).await.json();
        assert_eq!(rows.as_array().unwrap().len(), 3, "{table}");
    }
}

#[tokio::test]
async fn the_worst_meetings_come_in_pages_worst_first_each_once() {
    let site = Site::new();
    fill(&mut site.store(), 7);
    let (mut path, mut seen) = ("/api/v1/quality/meetings?limit=2".to_owned(), Vec::new());
    loop {
        let page = site.get_as(Role::Analyst, &path).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|one| one["meeting_uuid"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/quality/meetings?limit=2&cursor={next}");
    }
    let expected: Vec<String> = (0..7).rev().map(|day| format!("uuid{day}==")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_teacher_does_not_see_what_is_summed_over_all_meetings() {
    let site = Site::new();
    let mut teacher = Visitor::in_role("tess", Role::Teacher);
    teacher.sees = Sees::Courses(BTreeSet::from(["ALG1".to_owned()]));
    for path in ["/quality", "/api/v1/quality", "/api/v1/quality/meetings"] {
        let answer = site.ask(Some(teacher.clone()), Method::GET, path, Body::empty()).await;
        assert_eq!(answer.status, 403, "{path}");
    }
}

#[tokio::test]
async fn wrong_days_are_refused_with_what_would_be_right() {
    let site = Site::new();
    for query in [
        "from=2026-10-06&to=2026-10-01",
        "from=2020-01-01&to=2026-10-01",
        "from=-009999-01-01",
        "to=9999-12-31&from=9990-01-01",
        "from=yesterday",
        "by=shoe_size",
    ] {
        for path in ["/api/v1/quality", "/quality"] {
            let answer = site.get_as(Role::Analyst, &format!("{path}?{query}")).await;
            assert_eq!(answer.status, 400, "{path}?{query}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn what_was_kept_before_there_were_sums_is_summed_up_when_the_server_starts() {
    let site = Site::new();
    fill(&mut site.store(), 2);
    crate::web::quality::catch_up(site.app.clone()).await;
    let view = site.get_as(Role::Analyst, "/api/v1/quality").await.json();
    assert_eq!(view["total"]["stays"], 4);
}
