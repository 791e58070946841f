//! Courses: students against sessions, by the rule of what counts as present.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::access::Capability;
use rollbook_core::course::{Mark, Standing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::audit::audit;
use super::input::{Asked, Path, day};
use super::own::may_see_course;
use super::page::{Frame, html};
use super::paging::{Page as Paged, PageAsk};
use super::people::know_decisions;
use super::problem::Problem;
use super::route::{Needs, Route};
use super::school::{CourseEntry, NotRead};
use super::table::Format;
use super::visitor::Visitor;
use super::{App, address};
use crate::report::course::{Cell, CourseReport, PersonRow, SessionLine, Summary};

mod grid;
pub mod named;
mod table;

use grid::Grid;

pub(super) fn routes() -> Vec<Route> {
    let see = Needs::May(Capability::SeeCourses);
    vec![
        Route::get("/courses", see, page),
        Route::get("/courses/{short_name}", see, course_page),
        Route::get("/api/v1/courses", see, api),
        Route::get("/api/v1/courses/{short_name}", see, course_api),
    ]
}

/// A course with Zoom activities.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CourseLine {
    /// `{course}.id` of Moodle's.
    pub id: i64,
    /// Short name.
    #[schema(examples("ALG1"))]
    pub short_name: String,
    /// Full name.
    pub full_name: String,
    /// Zoom activities it has.
    pub activities: usize,
}

/// Students against sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CourseView {
    /// `{course}.id` of Moodle's.
    pub id: i64,
    /// Short name.
    pub short_name: String,
    /// Full name.
    pub full_name: String,
    /// What counts as present, in words.
    pub rule: String,
    /// Zoom activities the course has.
    pub activities: usize,
    /// Its sessions, by start.
    pub sessions: Vec<SessionView>,
    /// Its students, by their ids: a page of them.
    pub students: Vec<StudentView>,
    /// How many students there are.
    pub students_total: usize,
    /// Staff who were seen.
    pub staff: Vec<StudentView>,
    /// The cursor of the page after it; absent on the last.
    pub next: Option<String>,
}

/// A session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionView {
    /// Its place, from 1.
    pub no: usize,
    /// Zoom's number.
    pub meeting_id: u64,
    /// The activity's name.
    pub name: String,
    /// First start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Last end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// How long the class took, by the rule.
    pub class_seconds: Option<i64>,
    /// `verified`, `open` (still being checked) or `closed` (its record will never be complete).
    pub standing: &'static str,
    /// Its instances.
    pub meeting_uuids: Vec<String>,
    /// People whom nobody can name.
    pub unrecognised: usize,
    /// People who are known and not enrolled.
    pub not_enrolled: usize,
    /// Other courses whose meeting it is too.
    pub also_in: Vec<String>,
}

/// A member and all sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StudentView {
    /// `{user}.id` of Moodle's.
    pub user_id: i64,
    /// Full name.
    pub name: String,
    /// The institution's own number.
    pub id_number: String,
    /// E-mail.
    pub email: String,
    /// Whether the enrolment is in force.
    pub is_active: bool,
    /// One for each session, in their order.
    pub sessions: Vec<MarkView>,
    /// Sessions by mark: `present`, `late`, `left early`, `late and left early`, `absent`, `unknown`.
    pub marks: SummaryView,
}

/// A member in a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkView {
    /// `present`, `late`, `left early`, `late and left early`, `absent` or `unknown`; absent for staff.
    pub mark: Option<&'static str>,
    /// Seconds of the class attended.
    pub seconds: i64,
    /// Share of the class, 0 to 1.
    pub share: Option<f64>,
    /// Why, in a sentence.
    pub reason: String,
}

/// A member over all sessions.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct SummaryView {
    /// Sessions with this mark; the same for the next five.
    pub present: usize,
    /// Late.
    pub late: usize,
    /// Left early.
    pub left_early: usize,
    /// Both.
    pub late_and_left_early: usize,
    /// Absent.
    pub absent: usize,
    /// Unknown.
    pub unknown: usize,
    /// Seconds attended.
    pub seconds: i64,
    /// Share of the time of all sessions, where all lengths are known.
    pub share: Option<f64>,
}

/// Which sessions and students.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CourseAsk {
    /// Only sessions from this day on.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub from: Option<Date>,
    /// Only sessions up to this day.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub to: Option<Date>,
    /// Students on the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    pub cursor: Option<String>,
}

/// The same for the page, which turns by numbers, and its download.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(default, deserialize_with = "day")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "day")]
    to: Option<Date>,
    /// A page of students, from 1.
    page: Option<usize>,
    /// A block of sessions, from 1; the latest where absent.
    block: Option<usize>,
    format: Option<Format>,
}

/// Days that anybody can mean: beyond them calendars have no instants.
const FIRST_DAY: Date = Date::constant(1970, 1, 2);
const LAST_DAY: Date = Date::constant(9000, 1, 1);

fn days(from: Option<Date>, to: Option<Date>) -> Result<Option<(Date, Date)>, Problem> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let (from, to) = (from.unwrap_or(FIRST_DAY), to.unwrap_or(LAST_DAY));
    if from > to || from < FIRST_DAY || to > LAST_DAY {
        return Err(Problem::bad_request(format!(
            "from {from} to {to} is no range of days; perhaps swap them"
        )));
    }
    Ok(Some((from, to)))
}

/// The courses that a visitor may see.
async fn visible(app: &App, visitor: &Visitor) -> Result<Vec<CourseEntry>, NotRead> {
    let all = app.school.courses().await?;
    Ok(all.iter().filter(|course| may_see_course(visitor, &course.short_name)).cloned().collect())
}

/// The course of a short name, whatever its case. One that is not theirs to see does not exist for a visitor.
async fn course(
    app: &App,
    visitor: &Visitor,
    short_name: &str,
    days: Option<(Date, Date)>,
) -> Result<std::sync::Arc<CourseReport>, Problem> {
    let nothing =
        || Problem::not_found(format!("There is no course {short_name:?} with Zoom activities here."));
    let wanted = short_name.trim().to_lowercase();
    let entries = visible(app, visitor).await?;
    let found = entries.iter().find(|one| one.short_name.trim().to_lowercase() == wanted);
    let entry = found.ok_or_else(nothing)?;
    know_decisions(app).await?;
    let report = app.school.course(entry.id, days).await?.ok_or_else(nothing)?;
    audit(app, visitor, "course.look", entry.short_name.clone(), None);
    Ok(report)
}

/// Courses
///
/// Those with Zoom activities that you may see, by short name.
#[utoipa::path(
    get, path = "/api/v1/courses", tag = "Courses", params(PageAsk),
    responses((status = 200, body = Paged<CourseLine>))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<PageAsk>,
) -> Result<Response, Problem> {
    let (limit, after) = (ask.limit()?, ask.after::<(String, i64)>()?);
    let key = |one: &CourseLine| (one.short_name.clone(), one.id);
    let lines = visible(&app, &visitor).await?.into_iter().map(CourseLine::from);
    let rest = lines.filter(|one| after.as_ref().is_none_or(|after| key(one) > *after));
    let page = Paged::of(rest.take(limit as usize + 1).collect(), limit, key);
    Ok(page.answer("/api/v1/courses", limit))
}

/// One course
///
/// Its sessions, and a page of its students with minutes, share and mark in each.
#[utoipa::path(
    get, path = "/api/v1/courses/{short_name}", tag = "Courses",
    params(("short_name" = String, Path, description = "Its short name in Moodle", example = "ALG1"), CourseAsk),
    responses((status = 200, body = CourseView))
)]
pub async fn course_api(
    State(app): State<App>,
    visitor: Visitor,
    Path(short_name): Path<String>,
    Asked(ask): Asked<CourseAsk>,
) -> Result<Json<CourseView>, Problem> {
    let paging = PageAsk { limit: ask.limit, cursor: ask.cursor };
    let (limit, after) = (paging.limit()?, paging.after::<i64>()?);
    let report = course(&app, &visitor, &short_name, days(ask.from, ask.to)?).await?;
    let mut students: Vec<&PersonRow> =
        report.students.iter().filter(|row| after.is_none_or(|after| row.user_id > after)).collect();
    students.sort_by_key(|row| row.user_id);
    let rows = students.into_iter().take(limit as usize + 1).map(StudentView::from).collect();
    let page = Paged::of(rows, limit, |row: &StudentView| row.user_id);
    Ok(Json(CourseView {
        id: report.course.id,
        short_name: report.course.short_name.clone(),
        full_name: report.course.full_name.clone(),
        rule: report.rule.clone(),
        activities: report.activities_total,
        sessions: report.sessions.iter().map(SessionView::from).collect(),
        students: page.items,
        students_total: report.students.len(),
        staff: report.staff.iter().map(StudentView::from).collect(),
        next: page.next,
    }))
}

#[derive(Template)]
#[template(path = "courses.html")]
struct Page {
    frame: Frame,
    courses: Vec<CourseLine>,
    trouble: Option<NotRead>,
    /// What was looked for.
    q: String,
    total: usize,
}

#[derive(Template)]
#[template(path = "course.html")]
struct CoursePage {
    frame: Frame,
    grid: Grid,
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<ListAsk>,
) -> Result<Response, Problem> {
    let (all, trouble) = match visible(&app, &visitor).await {
        Ok(courses) => (courses, None),
        Err(why) if ask.format.is_some() => return Err(why.into()),
        Err(why) => (Vec::new(), Some(why)),
    };
    let (q, total) = (ask.q.unwrap_or_default(), all.len());
    let courses: Vec<CourseLine> = match q.trim() {
        "" => all.into_iter().map(CourseLine::from).collect(),
        text => named::meant(&all, text).into_iter().cloned().map(CourseLine::from).collect(),
    };
    if let Some(format) = ask.format {
        return Ok(table::courses(&courses).answer(format));
    }
    let frame = Frame::of(&app, Some(&visitor), "Courses").at("/courses");
    Ok(html(&Page { frame, courses, trouble, q, total })?.into_response())
}

/// Which of the courses, and as a file or not.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAsk {
    /// An id, a name, or a part of one.
    q: Option<String>,
    format: Option<Format>,
}

async fn course_page(
    State(app): State<App>,
    visitor: Visitor,
    Path(short_name): Path<String>,
    Asked(ask): Asked<Ask>,
) -> Result<Response, Problem> {
    let report = course(&app, &visitor, &short_name, days(ask.from, ask.to)?).await?;
    if let Some(format) = ask.format {
        return Ok(table::course(&report).answer(format));
    }
    let grid = Grid::of(&report, (ask.from, ask.to), ask.page, ask.block);
    let title = format!("{} · {}", report.course.short_name, report.course.full_name);
    let frame = Frame::of(&app, Some(&visitor), &title).at("/courses");
    Ok(html(&CoursePage { frame, grid })?.into_response())
}

impl CourseLine {
    /// The short name as a part of a path.
    fn path(&self) -> String {
        address::part(&self.short_name)
    }
}

impl From<CourseEntry> for CourseLine {
    fn from(entry: CourseEntry) -> CourseLine {
        let CourseEntry { id, short_name, full_name, activities, held: _ } = entry;
        CourseLine { id, short_name, full_name, activities }
    }
}

impl From<&SessionLine> for SessionView {
    fn from(line: &SessionLine) -> SessionView {
        SessionView {
            no: line.no,
            meeting_id: line.meeting_id,
            name: line.name.clone(),
            started_at: line.started_at,
            ended_at: line.ended_at,
            class_seconds: line.class_seconds,
            standing: standing(line.standing),
            meeting_uuids: line.meeting_uuids.clone(),
            unrecognised: line.unrecognised,
            not_enrolled: line.not_enrolled,
            also_in: line.also_in.clone(),
        }
    }
}

impl From<&PersonRow> for StudentView {
    fn from(row: &PersonRow) -> StudentView {
        StudentView {
            user_id: row.user_id,
            name: row.name.clone(),
            id_number: row.id_number.clone(),
            email: row.email.clone(),
            is_active: row.is_active,
            sessions: row.sessions.iter().map(MarkView::from).collect(),
            marks: row.summary.into(),
        }
    }
}

impl From<&Cell> for MarkView {
    fn from(cell: &Cell) -> MarkView {
        MarkView {
            mark: cell.mark.map(Mark::name),
            seconds: cell.seconds,
            share: cell.share,
            reason: cell.reason.clone(),
        }
    }
}

impl From<Summary> for SummaryView {
    fn from(sum: Summary) -> SummaryView {
        let Summary { present, late, left_early, late_and_left_early, absent, unknown, seconds, share } = sum;
        SummaryView { present, late, left_early, late_and_left_early, absent, unknown, seconds, share }
    }
}

/// How far a session can be relied on, in a word.
fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Verified => "verified",
        Standing::Open => "open",
        Standing::Closed => "closed",
    }
}
