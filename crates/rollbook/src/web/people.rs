//! People: whom nobody can name for certain, with the evidence; deciding who they are, and taking that back.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rollbook_core::access::Capability;
use rollbook_core::identity::{Correction, PersonKey};
use rollbook_store::{CommandState, CorrectionRecord, Reader};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::audit::audit;
use super::input::{Asked, day};
use super::page::{Frame, html};
use super::paging::{Page as Paged, PageAsk};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::school::NotRead;
use super::table::{Format, Table};
use super::visitor::Visitor;
use crate::commands::{Command, CorrectionOrder, Decision, payload};
use crate::sink::moodle::decide::who_it_is;
use crate::sink::moodle::doubts::Doubt;

pub mod decide;

/// Days back that are looked at, unless told otherwise: as long as instances take to settle.
const DAYS_BACK: i64 = 3;

/// Days that are looked at together: every session in them is read, with its course's roster.
const DAYS_MAX: i64 = 31;

/// People on a page.
const SHOWN: u32 = 20;

/// Commands of which the page tells.
const HISTORY: u32 = 50;

/// Commands that are looked through for those that wait.
const WAITING: u32 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let may = Needs::May(Capability::DecidePeople);
    vec![
        Route::get("/people", may, page),
        Route::post("/people/decide", may, decide::page),
        Route::get("/api/v1/people", may, api),
        Route::get("/api/v1/corrections", may, corrections_api),
        Route::post("/api/v1/corrections", may, decide::api),
    ]
}

/// Somebody who may not be who they seem.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DoubtView {
    /// Short, and always the same for this person in this course.
    #[schema(examples("k3x9w2m"))]
    pub reference: String,
    /// What a decision is remembered under.
    #[schema(examples("email:ana@uni.example"))]
    pub key: String,
    /// Short name of the course.
    pub course: String,
    /// Names shown, as typed.
    pub names: Vec<String>,
    /// `likely`, `ambiguous` or `unknown`.
    pub confidence: &'static str,
    /// `{user}.id` of Moodle's user they are taken for.
    pub user: Option<i64>,
    /// The rule that decided.
    pub rule: &'static str,
    /// What it rests on, in a sentence.
    pub evidence: String,
    /// Who might be meant, likeliest first.
    pub candidates: Vec<CandidateView>,
    /// Seconds in the meeting over all sessions.
    pub seconds: i64,
    /// Sessions they were in.
    pub session_count: usize,
    /// The first of them.
    pub sessions: Vec<SeenView>,
    /// Whether a decision about them waits for the collector.
    pub is_waiting: bool,
}

/// A user who might be meant.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CandidateView {
    /// `{user}.id`.
    pub user: i64,
    /// Full name.
    pub full_name: String,
    /// How alike the names are, 0 to 1.
    pub likeness: f64,
}

/// A session in which somebody was seen.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SeenView {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Seconds in the meeting.
    pub seconds: i64,
}

/// A decision that stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CorrectionView {
    /// About whom.
    pub key: String,
    /// `{user}.id` of Moodle's; absent: nobody of the site.
    pub user: Option<i64>,
    /// Who it is, in words.
    pub who: String,
    /// Why.
    pub note: Option<String>,
    /// Who decided.
    pub set_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub set_at: Timestamp,
}

/// Which people.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleAsk {
    /// Of sessions from this day on; three days back where absent.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub from: Option<Date>,
    /// Of sessions up to this day; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub to: Option<Date>,
    /// Those with a likely user too.
    pub likely: Option<bool>,
    /// People on the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    pub cursor: Option<String>,
    /// As a file: pages only.
    #[param(ignore)]
    #[serde(default)]
    format: Option<Format>,
}

impl PeopleAsk {
    fn paging(&self) -> PageAsk {
        PageAsk { limit: self.limit, cursor: self.cursor.clone() }
    }

    fn days(&self, app: &App) -> Result<(Date, Date), Problem> {
        let today = app.clock.now().to_zoned(app.timezone.clone()).date();
        let to = self.to.unwrap_or_else(|| self.from.map_or(today, |from| from.max(today)));
        let from = self.from.or_else(|| to.checked_sub(DAYS_BACK.days()).ok()).unwrap_or(to);
        let length = from.until(to).map_or(i64::MAX, |span| i64::from(span.get_days()) + 1);
        match length {
            _ if !(1971..=9000).contains(&from.year()) => {
                Err(Problem::bad_request(format!("there were no meetings on {from}")))
            }
            1..=DAYS_MAX => Ok((from, to)),
            ..=0 => Err(Problem::bad_request(format!("from {from} is after to {to}; swap them"))),
            _ => Err(Problem::bad_request(format!("from {from} to {to} are more than {DAYS_MAX} days"))),
        }
    }
}

impl DoubtView {
    fn of(doubt: &Doubt, waiting: &BTreeSet<PersonKey>) -> DoubtView {
        let candidates = doubt.candidates.iter().map(|one| CandidateView {
            user: one.user,
            full_name: one.full_name.clone(),
            likeness: one.likeness,
        });
        let sessions = doubt.sessions.iter().map(|seen| SeenView {
            meeting_uuid: seen.meeting_uuid.clone(),
            meeting_id: seen.meeting_id,
            started_at: seen.started_at,
            seconds: seen.seconds,
        });
        DoubtView {
            reference: doubt.reference.clone(),
            key: doubt.key.to_string(),
            course: doubt.course.clone(),
            names: doubt.names.clone(),
            confidence: doubt.confidence.name(),
            user: doubt.user,
            rule: doubt.rule,
            evidence: doubt.evidence.clone(),
            candidates: candidates.collect(),
            seconds: doubt.seconds,
            session_count: doubt.session_count,
            sessions: sessions.collect(),
            is_waiting: waiting.contains(&doubt.key),
        }
    }

    /// The place in the list: most time first.
    fn place(&self) -> (i64, String, String) {
        (-self.seconds, self.reference.clone(), self.course.clone())
    }

    /// Minutes, rounded.
    pub fn minutes(&self) -> i64 {
        (self.seconds + 30) / 60
    }

    /// The user they are taken for, where it is none of the candidates.
    pub fn unlisted(&self) -> Option<i64> {
        self.user.filter(|user| self.candidates.iter().all(|one| one.user != *user))
    }

    /// The user they are taken for, in words.
    pub fn taken_for(&self) -> Option<String> {
        let user = self.user?;
        let named = self.candidates.iter().find(|one| one.user == user);
        Some(named.map_or_else(|| format!("user {user}"), |one| format!("{} ({user})", one.full_name)))
    }
}

impl CandidateView {
    /// `83 %`.
    pub fn alike(&self) -> String {
        format!("{:.0} %", self.likeness * 100.0)
    }
}

impl From<CorrectionRecord> for CorrectionView {
    fn from(line: CorrectionRecord) -> CorrectionView {
        let user = match line.correction {
            Correction::User(id) => Some(id),
            Correction::Nobody => None,
        };
        CorrectionView {
            key: line.key.to_string(),
            user,
            who: who_it_is(&line),
            note: line.note,
            set_by: line.set_by,
            set_at: line.set_at,
        }
    }
}

/// A page of doubtful people.
async fn doubts(app: &App, ask: &PeopleAsk, limit: u32) -> Result<Paged<DoubtView>, Failure> {
    let after = ask.paging().after::<(i64, String, String)>()?;
    let days = ask.days(app)?;
    know_decisions(app).await?;
    let found = app.school.doubts(days, ask.likely.unwrap_or(false)).await.map_err(Failure::Moodle)?;
    let waiting = app.readers.read(waiting).await.map_err(Problem::from)?;
    let mut views: Vec<DoubtView> = found.iter().map(|doubt| DoubtView::of(doubt, &waiting)).collect();
    views.sort_by_key(DoubtView::place);
    views.retain(|view| after.as_ref().is_none_or(|after| view.place() > *after));
    views.truncate(limit as usize + 1);
    Ok(Paged::of(views, limit, DoubtView::place))
}

/// Sees to it that nothing is shown that was read from Moodle before the latest decision about somebody.
pub(super) async fn know_decisions(app: &App) -> Result<(), Problem> {
    let latest = |reader: &Reader| reader.commands_before(Some(CorrectionOrder::KIND), None, 1);
    let latest = app.readers.read(latest).await?;
    app.school.know(latest.first().map(|command| (command.id, command.state)));
    Ok(())
}

/// Why there is no list.
enum Failure {
    Moodle(NotRead),
    Other(Problem),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Other(problem)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Moodle(why) => why.into(),
            Failure::Other(problem) => problem,
        }
    }
}

/// People about whom something was decided that the collector has not done yet.
fn waiting(reader: &Reader) -> rollbook_store::Result<BTreeSet<PersonKey>> {
    let records = reader.commands_before(Some(CorrectionOrder::KIND), None, WAITING)?;
    let pending = records.iter().filter(|record| record.state == CommandState::Pending);
    Ok(pending.filter_map(|record| payload::<CorrectionOrder>(record).ok()).map(|order| order.key).collect())
}

/// Doubtful people
///
/// Whom nobody can name for certain in the sessions of some days, those with most time first, with the evidence.
#[utoipa::path(
    get, path = "/api/v1/people", tag = "People", params(PeopleAsk),
    responses((status = 200, body = Paged<DoubtView>))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<PeopleAsk>,
) -> Result<Response, Problem> {
    let limit = ask.paging().limit()?;
    if ask.format.is_some() {
        return Err(Problem::bad_request("format is for the page /people; the API answers JSON"));
    }
    let page = doubts(&app, &ask, limit).await?;
    audit(&app, &visitor, "people.look", "doubtful people", None);
    let (from, to) = ask.days(&app)?;
    let likely = ask.likely.unwrap_or(false);
    Ok(page.answer(&format!("/api/v1/people?from={from}&to={to}&likely={likely}"), limit))
}

/// Decisions
///
/// Who was decided to be whom, by key.
#[utoipa::path(
    get, path = "/api/v1/corrections", tag = "People", params(PageAsk),
    responses((status = 200, body = Paged<CorrectionView>))
)]
pub async fn corrections_api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<PageAsk>,
) -> Result<Response, Problem> {
    let (limit, after) = (ask.limit()?, ask.after::<String>()?);
    let lines = app.readers.read(|reader| reader.correction_records()).await?;
    audit(&app, &visitor, "people.look", "decisions", None);
    let mut views: Vec<CorrectionView> = lines.into_iter().map(CorrectionView::from).collect();
    views.sort_by(|a, b| a.key.cmp(&b.key));
    views.retain(|view| after.as_ref().is_none_or(|after| view.key > *after));
    Ok(Paged::of(views, limit, |view| view.key.clone()).answer("/api/v1/corrections", limit))
}

#[derive(Template)]
#[template(path = "people.html")]
struct Page {
    frame: Frame,
    days: (Date, Date),
    likely: bool,
    people: Vec<DoubtView>,
    next: Option<String>,
    trouble: Option<NotRead>,
    standing: Vec<CorrectionView>,
    history: Vec<Past>,
    may_erase: bool,
}

/// Something that was decided here.
struct Past {
    asked_at: Timestamp,
    who: String,
    about: String,
    decision: String,
    state: &'static str,
    outcome: Option<String>,
}

fn history(reader: &Reader) -> rollbook_store::Result<(Vec<CorrectionView>, Vec<Past>)> {
    let mut standing: Vec<CorrectionView> =
        reader.correction_records()?.into_iter().map(CorrectionView::from).collect();
    standing.reverse();
    let records = reader.commands_before(Some(CorrectionOrder::KIND), None, HISTORY)?;
    let past = |record: rollbook_store::CommandRecord| {
        let order = payload::<CorrectionOrder>(&record).ok();
        Past {
            asked_at: record.asked_at,
            who: record.who,
            about: order.as_ref().map(|order| order.key.to_string()).unwrap_or_default(),
            decision: order.map(|order| words(&order.decision)).unwrap_or_default(),
            state: record.state.name(),
            outcome: record.outcome,
        }
    };
    Ok((standing, records.into_iter().map(past).collect()))
}

fn words(decision: &Decision) -> String {
    match decision {
        Decision::User(text) => text.clone(),
        Decision::Nobody => "nobody of this site".to_owned(),
        Decision::Forget => "forget the decision".to_owned(),
    }
}

async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<PeopleAsk>,
) -> Result<Response, Problem> {
    let days = ask.days(&app)?;
    audit(&app, &visitor, "people.look", "doubtful people", None);
    if let Some(format) = ask.format {
        let all = doubts(&app, &ask, u32::MAX - 1).await?;
        return Ok(table(&all.items).answer(format));
    }
    let limit = if ask.limit.is_some() { ask.paging().limit()? } else { SHOWN };
    // Before the doubts: a decision that is told as done is heeded among them.
    let (standing, history) = app.readers.read(history).await?;
    let (people, next, trouble) = match doubts(&app, &ask, limit).await {
        Ok(page) => (page.items, page.next, None),
        Err(Failure::Moodle(why)) => (Vec::new(), None, Some(why)),
        Err(Failure::Other(problem)) => return Err(problem),
    };
    let frame = Frame::of(&app, Some(&visitor), "People").at("/people");
    let likely = ask.likely.unwrap_or(false);
    let may_erase = visitor.may(Capability::Forget);
    let page = Page { frame, days, likely, people, next, trouble, standing, history, may_erase };
    Ok(html(&page)?.into_response())
}

fn table(people: &[DoubtView]) -> Table {
    let columns = [
        "reference",
        "key",
        "course",
        "names",
        "confidence",
        "user",
        "rule",
        "evidence",
        "candidates",
        "minutes",
        "sessions",
    ];
    let mut table = Table::new("people", &columns);
    for one in people {
        let candidates: Vec<String> =
            one.candidates.iter().map(|one| format!("{} ({})", one.full_name, one.user)).collect();
        table.push([
            one.reference.as_str().into(),
            one.key.as_str().into(),
            one.course.as_str().into(),
            one.names.join("; ").into(),
            one.confidence.into(),
            one.user.into(),
            one.rule.into(),
            one.evidence.as_str().into(),
            candidates.join("; ").into(),
            one.minutes().into(),
            one.session_count.into(),
        ]);
    }
    table
}
