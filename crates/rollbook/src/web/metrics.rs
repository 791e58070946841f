//! `/metrics`: numbers for monitoring, as OpenMetrics text.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rollbook_core::access::Capability;

use super::App;
use super::problem::Problem;
use super::route::{Needs, Route};
use crate::metrics::look::Snapshot;

/// What OpenMetrics text is called.
const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/metrics", Needs::May(Capability::ReadMetrics), text)]
}

async fn text(State(app): State<App>) -> Result<Response, Problem> {
    let now = app.clock.now();
    let snapshot = if app.metrics.is_stale(now) { Some(look(&app).await?) } else { None };
    let text = app.metrics.text(now, snapshot.as_ref());
    Ok(([(header::CONTENT_TYPE, KIND)], text).into_response())
}

/// Figures of the store, all of one moment.
async fn look(app: &App) -> rollbook_store::Result<Snapshot> {
    let now = app.clock.now();
    let (quotas, accounts, beat) = (app.quotas.clone(), app.accounts.clone(), app.pulse.read());
    app.readers
        .read(move |reader| {
            reader.at_one_moment(|store| Snapshot::of_store(store, now, &quotas, &accounts, &beat))
        })
        .await
}

#[cfg(test)]
mod tests {
    use rollbook_core::request::Role;

    use crate::web::tests::site::Site;

    #[tokio::test]
    async fn numbers_are_for_those_who_may_read_them() {
        let site = Site::new();
        let answer = site.get_as(Role::Viewer, "/metrics").await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
        assert!(answer.body.contains("rollbook_build_info{version="), "{}", answer.body);
        assert!(answer.body.contains("rollbook_oldest_unverified_seconds{account=\"default\"} 0"));
        assert!(answer.body.ends_with("# EOF\n"));
        assert_eq!(site.get_as(Role::Teacher, "/metrics").await.status, 403);
    }

    #[tokio::test]
    async fn requests_are_counted_by_their_route() {
        let site = Site::new();
        site.get_as(Role::Viewer, "/").await;
        site.get_as(Role::Viewer, "/no-such-page").await;
        let body = site.get_as(Role::Viewer, "/metrics").await.body;
        for line in [
            "rollbook_web_requests_total{method=\"GET\",route=\"/\",status=\"200\"} 1",
            "rollbook_web_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        ] {
            assert!(body.contains(line), "{line}: {body}");
        }
    }
}
