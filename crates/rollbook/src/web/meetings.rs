//! Meetings: looked for by words, number, day, host, course, state and call quality.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rollbook_core::access::Capability;
use rollbook_core::quality::thresholds::TROUBLED_FROM;
use rollbook_core::time::Window;
use rollbook_store::{
    COUNT_MAX, MeetingFound, MeetingPage, MeetingSearch, Place, QualityWanted, Reader, Record,
    State as Stands, Store, WORDS_MAX,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::courses::named;
use super::input::Asked;
use super::own::own_numbers;
use super::page::{Frame, html};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::school::CourseEntry;
use super::table::{Format, Table, Tables, Value, download};
use super::visitor::Visitor;
use super::{App, address};
use crate::cli::meeting::MeetingName;

/// Meetings on a page.
const PAGE: usize = 50;

/// Meetings in a file.
const FILED: usize = 10_000;

/// Days back that are looked through where nobody says more.
const DAYS: i64 = 7;

/// In windows up to so many days words are looked for among the window's meetings.
const SCANNED_DAYS: i64 = 7;

/// Letters of a search that are read.
const TEXT_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let needs = Needs::May(Capability::SeeMeetings);
    vec![Route::get("/meetings", needs, page), Route::get("/api/v1/meetings", needs, api)]
}

/// What is looked for, as a form or a program asks.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Ask {
    /// A number, a UUID, or words that topic and host hold.
    pub q: String,
    /// First day, `YYYY-MM-DD`; a week ago where neither this nor words are given.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The host's e-mail.
    pub host: String,
    /// `open`, `live`, `ended`, `fetched`, `verified` or `closed`.
    pub state: String,
    /// `bad` (a tenth or more of the minutes), `some` (any bad minute), `good` (none) or `unknown`.
    pub quality: String,
    /// A Moodle course: its id, its short or full name, or a part of one.
    pub course: String,
    /// Where to go on: `next` of the page before.
    pub cursor: String,
    /// As a file: `csv` or `json`.
    #[serde(skip_serializing)]
    pub format: Option<Format>,
}

/// Meetings found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeetingsView {
    /// What was looked for, with the days filled in.
    pub asked: Ask,
    /// The meetings of this page, latest first.
    pub meetings: Vec<MeetingLine>,
    /// How many there are on all pages; at least so many if `is_more`.
    pub count: u64,
    /// Whether there are more than were counted.
    pub is_more: bool,
    /// Goes into `cursor` for the next page; none on the last one.
    pub next: Option<String>,
    /// Only the latest meetings with these words were looked through.
    pub is_cut: bool,
}

/// One meeting.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeetingLine {
    /// UUID of the run.
    pub meeting_uuid: String,
    /// Its page.
    pub path: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// `meeting` or `webinar`.
    pub kind: &'static str,
    /// Topic.
    pub topic: Option<String>,
    /// The host's e-mail, or their name where there is none.
    pub host: Option<String>,
    /// Account.
    pub account: String,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// End.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub state: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// When it is looked at again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_look_at: Option<Timestamp>,
    /// People, as Zoom counts them.
    pub listed_count: Option<u32>,
    /// Connections that are known.
    pub stays: u64,
    /// Its calls' score, 0 to 100.
    pub score: Option<f64>,
    /// Bad minutes over all minutes, 0 to 1.
    pub bad_share: Option<f64>,
}

impl MeetingLine {
    fn of(found: MeetingFound) -> MeetingLine {
        let MeetingFound { record, stays, score, bad_share, .. } = found;
        MeetingLine {
            path: address::meeting(&record.instance.uuid),
            meeting_uuid: record.instance.uuid,
            meeting_id: record.instance.number,
            kind: record.instance.kind.name(),
            topic: record.instance.topic,
            host: record.instance.host_email.or(record.instance.host_name),
            account: record.account,
            started_at: record.instance.started_at,
            ended_at: record.instance.ended_at,
            state: record.state.name(),
            reason: record.reason,
            next_look_at: record.next_look_at,
            listed_count: record.instance.listed_count,
            stays,
            score,
            bad_share,
        }
    }

    /// How its calls went, in a word.
    pub fn quality(&self) -> Option<&'static str> {
        self.bad_share.map(|share| match share {
            share if share >= TROUBLED_FROM.value => "bad",
            share if share > 0.0 => "fair",
            _ => "good",
        })
    }
}

/// Turns what was asked into what is looked for; with the days filled in where they are left out.
///
/// # Errors
/// A sentence about the part that cannot be understood.
fn search(
    ask: &mut Ask,
    visitor: &Visitor,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<MeetingSearch, Problem> {
    let text: String = ask.q.trim().chars().take(TEXT_MAX).collect();
    let mut search = MeetingSearch::default();
    match text.parse::<MeetingName>() {
        Ok(MeetingName::Number(number)) if number >= 100_000_000 => search.number = Some(number),
        // 16 bytes in base64, which is what Zoom's UUIDs are.
        Ok(MeetingName::Uuid(uuid)) if uuid.len() == 24 && uuid.ends_with("==") => search.uuid = Some(uuid),
        _ => search.words = text.split_whitespace().map(str::to_owned).collect(),
    }
    search.host = Some(ask.host.trim().to_owned()).filter(|host| !host.is_empty());
    search.states = states(ask.state.trim())?;
    search.quality = quality(ask.quality.trim())?;
    let today = now.to_zoned(zone.clone()).date();
    let day = |name: &str, text: &str| match text.trim() {
        "" => Ok(None),
        text => text
            .parse::<Date>()
            .map(Some)
            .map_err(|_| Problem::bad_request(format!("{name}: {text:?} is no day; write it as {today}"))),
    };
    let (mut from, to) = (day("from", &ask.from)?, day("to", &ask.to)?);
    let names_one = search.number.is_some() || search.uuid.is_some() || !search.words.is_empty();
    if from.is_none() && to.is_none() && !names_one {
        from = today.checked_sub(Span::new().days(DAYS - 1)).ok();
        ask.from = from.map(|day| day.to_string()).unwrap_or_default();
    }
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Problem::bad_request(format!("the days end ({to}) before they begin ({from})")));
    }
    if from.is_some() || to.is_some() {
        let begin = from.map_or(Timestamp::UNIX_EPOCH, |day| Window::of_day(day, zone).from);
        // What is planned for later has not happened yet.
        let end = Window::of_day(to.unwrap_or(today), zone).to;
        search.window = Some(Window { from: begin, to: end });
        search.scans_window = from.is_some() && end.duration_since(begin).as_hours() <= 24 * SCANNED_DAYS;
    }
    search.after =
        match ask.cursor.trim() {
            "" => None,
            text => Some(place(text).ok_or_else(|| {
                Problem::bad_request("the cursor is none of this list's: begin without one")
            })?),
        };
    Ok(narrowed(search, visitor))
}

fn states(word: &str) -> Result<Vec<Stands>, Problem> {
    match word {
        "" => Ok(Vec::new()),
        "open" => Ok(Stands::ALL.into_iter().filter(|state| state.is_open()).collect()),
        name => match Stands::ALL.into_iter().find(|state| state.name() == name) {
            Some(state) => Ok(vec![state]),
            None => Err(Problem::bad_request(format!(
                "state: {name:?} is none; use open, live, ended, fetched, verified or closed"
            ))),
        },
    }
}

fn quality(word: &str) -> Result<Option<QualityWanted>, Problem> {
    Ok(Some(match word {
        "" => return Ok(None),
        "bad" => QualityWanted::BadShare(TROUBLED_FROM.value, 1.0),
        "some" => QualityWanted::BadShare(f64::MIN_POSITIVE, 1.0),
        "good" => QualityWanted::BadShare(0.0, 0.0),
        "unknown" => QualityWanted::Unknown,
        other => {
            return Err(Problem::bad_request(format!(
                "quality: {other:?} is none; use bad, some, good or unknown"
            )));
        }
    }))
}

/// A place in the list as text, and back.
fn place_text(place: Place) -> String {
    format!("{}.{}", place.at, place.id)
}

fn place(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('.')?;
    Some(Place { at: at.parse().ok()?, id: id.parse().ok()? })
}

/// The run of this UUID, if the visitor may see it.
pub(super) fn seen(store: &Store, visitor: &Visitor, uuid: &str) -> rollbook_store::Result<Option<Record>> {
    let search = MeetingSearch { uuid: Some(uuid.to_owned()), ..MeetingSearch::default() };
    Ok(store.search_meetings(&narrowed(search, visitor), 1)?.into_iter().next().map(|found| found.record))
}

/// Narrowed to what the visitor may see.
fn narrowed(search: MeetingSearch, visitor: &Visitor) -> MeetingSearch {
    match own_numbers(visitor) {
        None => search,
        Some((account, numbers)) => MeetingSearch {
            account: Some(account.to_owned()),
            numbers: Some(numbers.iter().copied().collect()),
            ..search
        },
    }
}

fn read(reader: &Reader, asked: Ask, search: &MeetingSearch) -> rollbook_store::Result<MeetingsView> {
    reader.at_one_moment(|store| {
        let page = if asked.format.is_some() { FILED } else { PAGE };
        let MeetingPage { meetings: mut found, count, is_cut } =
            store.find_meetings(search, page as u32 + 1)?;
        let is_last = found.len() <= page;
        found.truncate(page);
        let next = found.last().filter(|_| !is_last).map(|last| place_text(last.place()));
        Ok(MeetingsView {
            is_more: count > COUNT_MAX,
            count: count.min(COUNT_MAX),
            next,
            is_cut,
            meetings: found.into_iter().map(MeetingLine::of).collect(),
            asked,
        })
    })
}

async fn view(app: &App, visitor: &Visitor, mut ask: Ask) -> Result<MeetingsView, Problem> {
    let courses = named::ids(app, visitor, &ask.course).await?;
    let search = MeetingSearch { courses, ..search(&mut ask, visitor, app.clock.now(), &app.timezone)? };
    Ok(app.readers.read(move |reader| read(reader, ask, &search)).await?)
}

impl Tables for MeetingsView {
    const NAMES: &'static [&'static str] = &["meetings"];

    fn table(&self, _: &str) -> Table {
        let columns = [
            "meeting_uuid",
            "meeting_id",
            "kind",
            "topic",
            "host",
            "account",
            "started_at",
            "ended_at",
            "state",
            "reason",
            "next_look_at",
            "listed_count",
            "stays",
            "score",
            "bad_share",
        ];
        let mut table = Table::new("meetings", &columns);
        let text = |text: &Option<String>| text.clone().map_or(Value::Nothing, Value::Text);
        let at = |at: Option<Timestamp>| at.map_or(Value::Nothing, Value::At);
        let whole = |number: Option<u64>| {
            number.and_then(|number| i64::try_from(number).ok()).map_or(Value::Nothing, Value::Whole)
        };
        for one in &self.meetings {
            table.push([
                Value::Text(one.meeting_uuid.clone()),
                whole(one.meeting_id),
                Value::Text(one.kind.to_owned()),
                text(&one.topic),
                text(&one.host),
                Value::Text(one.account.clone()),
                at(one.started_at),
                at(one.ended_at),
                Value::Text(one.state.to_owned()),
                text(&one.reason),
                at(one.next_look_at),
                whole(one.listed_count.map(u64::from)),
                whole(Some(one.stays)),
                one.score.map_or(Value::Nothing, Value::Real),
                one.bad_share.map_or(Value::Nothing, Value::Real),
            ]);
        }
        table
    }
}

#[derive(Template)]
#[template(path = "meetings.html")]
struct Page {
    frame: Frame,
    view: MeetingsView,
    words_max: u64,
    /// Courses to choose from.
    courses: Vec<CourseEntry>,
    /// Whether courses can be told by name.
    has_courses: bool,
    /// Where a meeting is looked up that the store does not know, for who may.
    look_up: Option<String>,
}

impl Page {
    /// The same question, further on in the list.
    fn next_path(&self) -> Option<String> {
        Some(self.path(("cursor", self.view.next.as_deref()?)))
    }

    /// The same question as a file.
    fn file_path(&self, format: &str) -> String {
        self.path(("format", format))
    }

    fn path(&self, more: (&str, &str)) -> String {
        let asked = &self.view.asked;
        let fields = [
            ("q", asked.q.as_str()),
            ("from", &asked.from),
            ("to", &asked.to),
            ("host", &asked.host),
            ("state", &asked.state),
            ("quality", &asked.quality),
            ("course", &asked.course),
            more,
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        format!("/meetings?{query}")
    }
}

/// Where the meeting that was searched for is looked up, if one was.
fn look_up_path(asked: &Ask) -> String {
    let of_number = matches!(asked.q.parse(), Ok(MeetingName::Number(_)));
    let fields = [("meeting", asked.q.as_str()), ("date", if of_number { &asked.from } else { "" })];
    let given = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    format!("/refresh?{query}")
}

async fn page(State(app): State<App>, visitor: Visitor, Asked(ask): Asked<Ask>) -> Result<Response, Problem> {
    let format = ask.format;
    let view = view(&app, &visitor, ask).await?;
    if let Some(format) = format {
        return download(&view, None, format);
    }
    let frame = Frame::of(&app, Some(&visitor), "Meetings").at("/meetings");
    let has_courses = app.school.is_configured() || !view.asked.course.is_empty();
    let courses = named::choices(&app, &visitor);
    let look_up = visitor.may(Capability::Refresh).then(|| look_up_path(&view.asked));
    let page = Page { frame, view, words_max: WORDS_MAX as u64, courses, has_courses, look_up };
    Ok(html(&page)?.into_response())
}

/// Meetings
///
/// Runs of meetings and webinars, latest first: of the last seven days unless more is said.
#[utoipa::path(
    get, path = "/api/v1/meetings", tag = "Meetings", params(Ask), responses((status = 200, body = MeetingsView))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<Ask>,
) -> Result<Json<MeetingsView>, Problem> {
    Ok(Json(view(&app, &visitor, ask).await?))
}

#[cfg(test)]
mod tests;
