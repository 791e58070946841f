//! `/health/live` and `/health/ready`: for whoever starts, restarts and routes to the process.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::route::{Needs, Route};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/health/live", Needs::Nothing, live), Route::get("/health/ready", Needs::Nothing, ready)]
}

/// How the process is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Health {
    /// Whether all is well.
    pub is_well: bool,
    /// What is not, by what it concerns. The words are on the System page: they may name servers.
    pub not_well: Vec<String>,
}

/// Whether it should be left running: the collector's loop goes round.
async fn live(State(app): State<App>) -> (StatusCode, Json<Health>) {
    answer(still(&app))
}

/// Whether it does all it is there for: the store can be read, and nothing stands in the collector's way.
async fn ready(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let mut not_well = still(&app);
    not_well.extend(app.pulse.read().grave().cloned());
    let readable = app.readers.read(|reader| reader.count_pending_commands()).await;
    if readable.is_err() && !not_well.iter().any(|what| what == "store") {
        not_well.push("store".to_owned());
    }
    answer(not_well)
}

fn still(app: &App) -> Vec<String> {
    if app.pulse.read().is_alive(app.clock.now()) { Vec::new() } else { vec!["collector".to_owned()] }
}

fn answer(not_well: Vec<String>) -> (StatusCode, Json<Health>) {
    let is_well = not_well.is_empty();
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Health { is_well, not_well }))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;
    use rollbook_core::request::Role;

    use crate::web::tests::site::Site;

    async fn check(site: &Site, path: &str, status: u16, not_well: &[&str]) {
        let answer = site.ask(None, Method::GET, path, Body::empty()).await;
        assert_eq!((answer.status, answer.json()["not_well"].clone()), (status, serde_json::json!(not_well)));
    }

    #[tokio::test]
    async fn what_stands_in_the_way_is_on_every_page_in_words_for_the_visitor() {
        let site = Site::new();
        let now = site.app.clock.now();
        site.app.pulse.beat(now);
        assert!(!site.get_as(Role::Admin, "/meetings").await.body.contains("trouble-banner"));
        site.app.pulse.remark(now, "scopes default", Some("reports are refused: add a scope"));
        check(&site, "/health/ready", 200, &[]).await;
        let slight = site.get_as(Role::Teacher, "/meetings").await.body;
        assert!(!slight.contains("trouble-banner"), "{slight}");
        site.app.pulse.tell(
            now,
            "zoom default",
            Some("the secret is wrong; check ROLLBOOK_ZOOM_CLIENT_SECRET"),
        );
        for path in ["/", "/meetings", "/quota", "/system", "/forget", "/account"] {
            let page = site.get_as(Role::Admin, path).await.body;
            let is_told =
                page.contains("check ROLLBOOK_ZOOM_CLIENT_SECRET.") && page.contains("add a scope.");
            assert!(is_told, "{path}: {page}");
        }
        let teacher = site.get_as(Role::Teacher, "/meetings").await.body;
        assert!(teacher.contains("the latest may lack here") && !teacher.contains("SECRET"), "{teacher}");
        let system = site.get_as(Role::Analyst, "/api/v1/system").await.json();
        assert_eq!(system["troubles"][1]["concerns"], "zoom default");
    }

    #[tokio::test]
    async fn anybody_may_ask_whether_it_lives_and_what_is_not_well() {
        let site = Site::new();
        check(&site, "/health/live", 503, &["collector"]).await;
        let now = site.app.clock.now();
        site.app.pulse.beat(now);
        check(&site, "/health/live", 200, &[]).await;
        check(&site, "/health/ready", 200, &[]).await;
        site.app.pulse.tell(now, "moodle", Some("cannot be reached at db.internal"));
        check(&site, "/health/live", 200, &[]).await;
        check(&site, "/health/ready", 503, &["moodle"]).await;
    }
}
