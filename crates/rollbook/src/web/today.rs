//! Today: how complete yesterday and today are.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Html;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollbook_core::access::Capability;
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, Reader, Result};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::page::{Frame, html};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::visitor::Visitor;

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::SeeOverview);
    vec![Route::get("/", needs, page), Route::get("/api/v1/today", needs, api)]
}

/// How complete the last days are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TodayView {
    /// Yesterday and today, by the school's clock.
    pub days: Vec<Day>,
}

/// One day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Day {
    /// The date.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// How many instances are in which state.
    pub states: Vec<StateLine>,
}

/// Instances in one state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StateLine {
    /// The state.
    pub state: String,
    /// How many.
    pub instances: u64,
}

fn read(reader: &Reader, now: Timestamp, zone: &TimeZone) -> Result<TodayView> {
    let today = now.to_zoned(zone.clone()).date();
    let days = [today.yesterday().unwrap_or(today), today];
    let day = |day: Date| -> Result<Day> {
        let filter = InstanceFilter { window: Some(Window::of_day(day, zone)), ..InstanceFilter::default() };
        let counts = reader.count_states(&filter)?;
        let line = |count: rollbook_store::StateCount| StateLine {
            state: count.state.name().to_owned(),
            instances: count.instances,
        };
        Ok(Day { day, states: counts.into_iter().map(line).collect() })
    };
    Ok(TodayView { days: days.into_iter().map(day).collect::<Result<_>>()? })
}

async fn view(app: &App) -> Result<TodayView> {
    let (now, zone) = (app.clock.now(), app.timezone.clone());
    app.readers.read(move |reader| reader.at_one_moment(|_| read(reader, now, &zone))).await
}

#[derive(Template)]
#[template(path = "today.html")]
struct Page {
    frame: Frame,
    view: TodayView,
}

async fn page(State(app): State<App>, visitor: Visitor) -> std::result::Result<Html<String>, Problem> {
    let view = view(&app).await?;
    html(&Page { frame: Frame::of(&app, Some(&visitor), "Today").at("/"), view })
}

/// Today
///
/// How complete yesterday and today are.
#[utoipa::path(get, path = "/api/v1/today", tag = "Today", responses((status = 200, body = TodayView)))]
pub async fn api(State(app): State<App>) -> std::result::Result<Json<TodayView>, Problem> {
    Ok(Json(view(&app).await?))
}

#[cfg(test)]
mod tests {
    use rollbook_core::family::Offer;
    use rollbook_core::instance::{Instance, Kind};
    use rollbook_core::limits::Plan;
    use rollbook_core::request::Role;

    use crate::web::tests::site::Site;

    #[tokio::test]
    async fn an_empty_store_is_an_answer() {
        let site = Site::new();
        let answer = site.get_as(Role::Viewer, "/api/v1/today").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["days"].as_array().unwrap().len(), 2);
        assert_eq!(site.get_as(Role::Teacher, "/").await.status, 403);
    }

    #[tokio::test]
    async fn todays_instances_are_counted_by_state() {
        let site = Site::new();
        let now: jiff::Timestamp = crate::web::tests::site::NOW.parse().unwrap();
        let mut store = site.store();
        store.put_account("default", None, "default", &Offer::of(Plan::Business, false)).unwrap();
        let mut run = Instance::unknown("4444AAAiAAAAAiAiAiiAii==".into(), Kind::Meeting);
        run.started_at = Some(now);
        store.put_instance(now, "default", run).unwrap();
        let today = site.get_as(Role::Viewer, "/api/v1/today").await.json();
        assert_eq!(today["days"][1]["states"][0]["instances"], 1);
        assert!(site.get_as(Role::Viewer, "/").await.body.contains("2026-10-06"));
    }
}
