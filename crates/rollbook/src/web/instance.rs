//! One instance: who was there, how their calls went, what is known and by which evidence, who was told.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rollbook_core::access::Capability;
use rollbook_store::Record;
use serde::Deserialize;

use super::chart::Chart;
use super::courses::named;
use super::input::{Asked, Nothing, Path};
use super::live::EventsView;
use super::meetings::seen;
use super::page::{Frame, html, part};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, Table, Tables, Value, download};
use super::visitor::Visitor;
use super::{App, address, audit};

mod heat;
pub mod look;
mod moodle;
mod view;

pub use moodle::{CourseToldView, GradeView};

pub use view::{
    BarView, CountsView, EvidenceView, InstanceView, JobView, MeetingCallsView, OtherRun, PersonView,
    ReadingView, ToldView,
};

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::SeeMeetings);
    let mut routes = vec![
        Route::get("/meetings/{meeting}", needs, page),
        Route::get("/api/v1/meetings/{meeting}", needs, api),
    ];
    routes.extend(look::routes());
    routes
}

/// What of the page is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// The live part alone.
    part: Option<String>,
    /// A request for a refresh whose outcome is shown.
    asked: Option<i64>,
    /// A table as a file.
    table: Option<String>,
    format: Option<Format>,
}

/// The record that a segment of a path means, if the visitor may see it.
///
/// # Errors
/// That there is none: whoever may not see it learns no more.
pub(super) async fn record(app: &App, visitor: &Visitor, segment: &str) -> Result<Record, Problem> {
    let nothing = || {
        Problem::not_found(
            "The store holds no run of a meeting with this UUID, or it is not one you may see. Meetings lists those you may.",
        )
    };
    let uuid = address::named(segment).ok_or_else(nothing)?;
    let visitor = visitor.clone();
    let found = app.readers.read(move |reader| seen(reader, &visitor, &uuid)).await?;
    found.ok_or_else(nothing)
}

async fn view(app: &App, visitor: &Visitor, record: Record) -> Result<InstanceView, Problem> {
    let (people, calls) = (visitor.may(Capability::SeeAttendance), visitor.may(Capability::SeeQuality));
    let may = view::May { people, calls, grades: people && visitor.may(Capability::SeeCourses) };
    let courses = if visitor.may(Capability::SeeCourses) { named::choices(app, visitor) } else { Vec::new() };
    let (now, is_set_up) = (app.clock.now(), app.webhooks.is_some());
    let read = app.readers.read(move |reader| {
        reader.at_one_moment(|store| {
            let events = EventsView::read(store, now, is_set_up)?;
            Ok(InstanceView::read(store, record, may, &courses, events))
        })
    });
    read.await?.map_err(|error| Problem::internal(error.to_string()))
}

#[derive(Template)]
#[template(path = "instance.html")]
struct Page {
    frame: Frame,
    view: InstanceView,
    refresh: Option<look::Offered>,
    asked: Option<look::Requested>,
    heat: Option<Chart>,
    extent: Option<(Timestamp, Timestamp)>,
    zone: TimeZone,
    may_erase: bool,
}

impl Page {
    fn is_waiting(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.is_pending)
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn bars_words(&self, person: &PersonView) -> String {
        person.words(&self.zone)
    }
}

/// What changes while a meeting is looked at.
#[derive(Template)]
#[template(path = "instance.html", block = "standing")]
struct Standing {
    frame: Frame,
    view: InstanceView,
    refresh: Option<look::Offered>,
    asked: Option<look::Requested>,
}

impl Standing {
    fn is_waiting(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.is_pending)
    }
}

/// Who is in now, while it runs.
#[derive(Template)]
#[template(path = "instance.html", block = "live")]
struct InNow {
    frame: Frame,
    view: InstanceView,
}

impl InNow {
    /// The part without its page, which stays open when the meeting ends.
    fn is_alone(&self) -> bool {
        true
    }
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
    Asked(ask): Asked<Ask>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = record(&app, &visitor, &meeting).await?;
    let refresh = look::offered(&app, &visitor, &record).await?;
    let asked = look::asked(&app, &visitor, ask.asked, &record).await?;
    let uuid = record.instance.uuid.clone();
    let view = view(&app, &visitor, record).await?;
    let title = view.topic.clone().unwrap_or_else(|| "(no topic)".to_owned());
    let frame = Frame::of(&app, Some(&visitor), &title).at("/meetings");
    if ask.part.as_deref() == Some("live") {
        if view.now.as_ref().is_some_and(|now| now.people.is_some()) {
            audit::audit_watching(&app, &visitor, "attendance.look", uuid);
        }
        return part(&headers, &InNow { frame, view });
    }
    if ask.part.is_some() {
        return part(&headers, &Standing { frame, view, refresh, asked });
    }
    if view.people.is_some() {
        audit::audit(&app, &visitor, "attendance.look", uuid, None);
    }
    if let Some(format) = ask.format {
        return download(&view, ask.table.as_deref(), format);
    }
    let heat = heat::chart(&view, &app.timezone);
    let extent = view.extent();
    let frame = if heat.is_some() { frame.with_charts() } else { frame };
    let may_erase = visitor.may(Capability::Forget) && view.people.is_some();
    let zone = app.timezone.clone();
    Ok(html(&Page { frame, view, refresh, asked, heat, extent, zone, may_erase })?.into_response())
}

/// One meeting
///
/// One run: who was there, how their calls went, by which evidence, and who was told.
#[utoipa::path(
    get, path = "/api/v1/meetings/{meeting}", tag = "Meetings",
    params(("meeting" = String, Path, description = "The UUID, with `_` for `/`, `-` for `+` and `.` for `=`")),
    responses((status = 200, body = InstanceView))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<InstanceView>, Problem> {
    let record = record(&app, &visitor, &meeting).await?;
    let uuid = record.instance.uuid.clone();
    let view = view(&app, &visitor, record).await?;
    if view.people.is_some() {
        audit::audit(&app, &visitor, "attendance.look", uuid, None);
    }
    Ok(Json(view))
}

impl Tables for InstanceView {
    const NAMES: &'static [&'static str] = &["people", "readings", "courses"];

    fn table(&self, name: &str) -> Table {
        let of = format!("meeting-{}", self.meeting_id.map_or_else(String::new, |id| id.to_string()));
        if name == "readings" {
            let columns = ["number", "asked_at", "family", "calls", "said"];
            let mut table = Table::new(format!("{of}-readings"), &columns);
            for reading in &self.evidence.readings {
                table.push([
                    Value::Whole(reading.number as i64),
                    Value::At(reading.asked_at),
                    Value::Text(reading.family.clone()),
                    Value::Whole(i64::from(reading.calls)),
                    Value::Text(reading.said.clone()),
                ]);
            }
            return table;
        }
        if name == "courses" {
            let columns = ["course", "full_name", "activity", "state", "says"];
            let mut table = Table::new(format!("{of}-courses"), &columns);
            for one in &self.courses {
                let [course, full_name, activity] =
                    [&one.course, &one.full_name, &one.activity].map(Value::from);
                table.push([course, full_name, activity, one.state.into(), Value::from(&one.says)]);
            }
            return table;
        }
        let columns = [
            "name",
            "email",
            "moodle_user",
            "grades",
            "seconds",
            "is_at_least",
            "share",
            "stays",
            "waited_seconds",
            "tied_by",
            "score",
            "measured_minutes",
            "bad_minutes",
            "call",
        ];
        let mut table = Table::new(format!("{of}-people"), &columns);
        let text = |text: &Option<String>| text.clone().map_or(Value::Nothing, Value::Text);
        for person in self.people.iter().flatten() {
            table.push([
                Value::Text(person.name.clone()),
                text(&person.email),
                person.moodle_user.into(),
                person.grades_words().into(),
                Value::Whole(person.seconds),
                Value::Truth(person.is_at_least),
                person.share.map_or(Value::Nothing, Value::Real),
                Value::Whole(person.stays as i64),
                Value::Whole(person.waited_seconds),
                Value::Text(person.tied_by.to_owned()),
                person.score.map_or(Value::Nothing, Value::Real),
                Value::Whole(i64::from(person.measured_minutes)),
                Value::Whole(i64::from(person.bad_minutes)),
                text(&person.sentence),
            ]);
        }
        table
    }
}

/// The time of a bar's ends on the school's clock, for who does not see it.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests;
