//! Quality: the worst meetings, and how calls went by place, network, device and version, day by day.

#![allow(unused_qualifications, reason = "utoipa's macro writes them")]

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rollbook_core::access::Capability;
use rollbook_store::{Facet, QualitySum, Reader, Store, Worst};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::chart::Chart;
use super::input::{Asked, day};
use super::page::{Frame, html};
use super::paging::{Page as Paged, PageAsk};
use super::problem::Problem;
use super::route::{Needs, Route};
use super::table::{Format, Table, Tables, download};
use super::visitor::{Sees, Visitor};

mod charts;
mod sums;

use charts::DRAWN;
pub use sums::Sums;
use sums::{ByValue, OfValue, Wanted};

/// Days that are looked at, unless told otherwise.
const DAYS: i64 = 28;

/// Days at most: a year.
const DAYS_MAX: i64 = 366;

/// Values of a facet that are told, most minutes first; the rest are taken together.
const VALUES: usize = 50;

/// The worst meetings on the page.
const WORST: u32 = 20;

/// Connections that are summed up in one transaction, at the server's start: some tenths of a second.
const STEP: u32 = 5_000;

pub(super) fn routes() -> Vec<Route> {
    let see = Needs::May(Capability::SeeQuality);
    vec![
        Route::get("/quality", see, page),
        Route::get("/api/v1/quality", see, api),
        Route::get("/api/v1/quality/meetings", see, meetings_api),
    ]
}

/// By what connections are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Where, as Zoom guesses it from the address.
    #[default]
    Place,
    /// Wifi, wired, …
    Network,
    /// The kind of device.
    Device,
    /// The client's version.
    Client,
    /// Zoom's data centre.
    DataCenter,
}

impl By {
    const ALL: [By; 5] = [By::Place, By::Network, By::Device, By::Client, By::DataCenter];

    fn facet(self) -> Facet {
        match self {
            By::Place => Facet::Place,
            By::Network => Facet::Network,
            By::Device => Facet::Device,
            By::Client => Facet::Client,
            By::DataCenter => Facet::DataCenter,
        }
    }

    /// The word in addresses.
    fn name(self) -> &'static str {
        self.facet().name()
    }

    /// For people.
    fn words(self) -> &'static str {
        match self {
            By::Place => "Place",
            By::Network => "Network",
            By::Device => "Device",
            By::Client => "Client version",
            By::DataCenter => "Data centre",
        }
    }
}

/// How calls went over some days.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QualityView {
    /// First day (UTC).
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// By what `values` are told apart.
    pub by: By,
    /// All connections of all days.
    pub total: SumView,
    /// The same, day by day; days without any are left out.
    pub days: Vec<DayView>,
    /// By value, most minutes first; at most fifty, the rest in the last one.
    pub values: Vec<ValueView>,
    /// The meetings with most bad minutes.
    pub worst: Vec<MeetingView>,
}

/// Connections taken together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct SumView {
    /// Connections.
    pub stays: i64,
    /// Those of them with a tenth of their minutes bad, or more.
    pub poor_stays: i64,
    /// Minutes.
    pub minutes: i64,
    /// Bad ones among them.
    pub bad_minutes: i64,
    /// Bad minutes among all, 0 to 1.
    pub bad_share: Option<f64>,
    /// Mean score, 0 to 100.
    pub score: Option<f64>,
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct DayView {
    /// The UTC day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Its connections.
    pub sum: SumView,
}

/// Connections with one value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ValueView {
    /// Zoom's word; empty where it told none.
    pub value: String,
    /// Whether it stands for all values that are not told one by one.
    pub is_rest: bool,
    /// Those connections.
    pub sum: SumView,
    /// Day by day.
    pub days: Vec<DayView>,
}

/// A meeting among the worst.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MeetingView {
    /// UUID.
    pub meeting_uuid: String,
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// The host's e-mail.
    pub host: Option<String>,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Bad minutes of all people, about.
    pub bad_minutes: i64,
    /// Bad minutes among all, 0 to 1.
    pub bad_share: Option<f64>,
    /// Median score of its people, 0 to 100.
    pub score: Option<f64>,
    /// The instance's number and the exact figure: the place in the list.
    #[serde(skip)]
    place: (u64, i64),
}

/// Which days, and by what.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QualityAsk {
    /// First day (UTC); four weeks back where absent.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub from: Option<Date>,
    /// Last day; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub to: Option<Date>,
    /// By what connections are told apart.
    #[param(inline)]
    pub by: Option<By>,
}

/// Which days of the worst meetings.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MeetingsAsk {
    /// First day (UTC); four weeks back where absent.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub from: Option<Date>,
    /// Last day; today where absent.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "day")]
    pub to: Option<Date>,
    /// Meetings on the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `next` of the page before.
    pub cursor: Option<String>,
}

/// The page's: the same and a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(default, deserialize_with = "day")]
    from: Option<Date>,
    #[serde(default, deserialize_with = "day")]
    to: Option<Date>,
    by: Option<By>,
    format: Option<Format>,
    table: Option<String>,
}

impl From<QualitySum> for SumView {
    fn from(sum: QualitySum) -> SumView {
        SumView {
            stays: sum.stays,
            poor_stays: sum.poor_stays,
            minutes: sum.minutes,
            bad_minutes: sum.bad_minutes,
            bad_share: sum.bad_share(),
            score: sum.score(),
        }
    }
}

/// The days meant.
fn days(app: &App, from: Option<Date>, to: Option<Date>) -> Result<(Date, Date), Problem> {
    let today = app.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let to = to.unwrap_or_else(|| from.map_or(today, |from| from.max(today)));
    let from = from.or_else(|| to.checked_sub((DAYS - 1).days()).ok()).unwrap_or(to);
    let length = from.until(to).map_or(i64::MAX, |span| i64::from(span.get_days()) + 1);
    match length {
        1..=DAYS_MAX => Ok((from, to)),
        ..=0 => Err(Problem::bad_request(format!("from {from} is after to {to}; swap them"))),
        _ => Err(Problem::bad_request(format!("from {from} to {to} are more than {DAYS_MAX} days"))),
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn number_of(day: Date) -> i64 {
    EPOCH.until(day).map_or(0, |span| i64::from(span.get_days()))
}

fn day_of(number: i64) -> Date {
    EPOCH.checked_add(number.days()).unwrap_or(EPOCH)
}

/// Whoever sees only their own courses does not see the sums over all.
fn check(visitor: &Visitor) -> Result<(), Problem> {
    match visitor.sees {
        Sees::Everything => Ok(()),
        Sees::Courses(_) => Err(Problem::own_courses_only(
            "these are figures of all meetings; those of your own courses' meetings stand on the meetings' pages",
        )),
    }
}

/// `by_day`: values that are told by day too, [`Wanted::by_day`].
async fn view(app: &App, (from, to): (Date, Date), by: By, by_day: usize) -> Result<QualityView, Problem> {
    let numbers = (number_of(from), number_of(to));
    let sums = app.sums.clone();
    let read = move |store: &Store| {
        let all = sums.read(store, Facet::All, numbers, Wanted { values: 1, by_day: 1 })?;
        let of_values = sums.read(store, by.facet(), numbers, Wanted { values: VALUES, by_day })?;
        let worst = worst(store, numbers, None, WORST)?;
        Ok((all, of_values, worst))
    };
    let read = app.readers.read(move |reader: &Reader| reader.at_one_moment(read)).await;
    let (all, of_values, worst) = read?;
    let all = all.values.into_iter().next().unwrap_or_default();
    Ok(QualityView {
        from,
        to,
        by,
        total: all.sum.into(),
        days: days_of(all.days),
        values: values(of_values),
        worst,
    })
}

fn days_of(days: Vec<(i64, QualitySum)>) -> Vec<DayView> {
    days.into_iter().map(|(day, sum)| DayView { day: day_of(day), sum: sum.into() }).collect()
}

/// Values by minutes; those beyond the first taken together.
fn values(ByValue { values, rest }: ByValue) -> Vec<ValueView> {
    let view = |OfValue { value, sum, days }, is_rest| ValueView {
        value,
        is_rest,
        sum: sum.into(),
        days: days_of(days),
    };
    let rest = rest.map(|(count, rest)| view(OfValue { value: format!("{count} others"), ..rest }, true));
    values.into_iter().map(|one| view(one, false)).chain(rest).collect()
}

/// Reads the sums of the last year, so that nobody waits for them.
async fn warm_up(app: &App) {
    let today = number_of(app.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    for facet in Facet::ALL {
        let sums = app.sums.clone();
        let read = move |store: &Store| {
            sums.read(store, facet, (today - DAYS_MAX + 1, today), Wanted { values: 0, by_day: 0 }).map(drop)
        };
        let read = app.readers.read(move |reader: &Reader| reader.at_one_moment(read)).await;
        if let Err(error) = read {
            // Whoever asks for the page is told.
            tracing::warn!("call quality could not be read ahead: {error}");
            return;
        }
    }
}

fn worst(
    store: &Store,
    days: (i64, i64),
    after: Option<Worst>,
    limit: u32,
) -> rollbook_store::Result<Vec<MeetingView>> {
    let mut views = Vec::new();
    for one in store.worst_quality(days, after, limit)? {
        let (Some(record), Some(quality)) =
            (store.instance(one.instance)?, store.quality_state(one.instance)?)
        else {
            continue;
        };
        #[allow(clippy::cast_possible_truncation)]
        let bad_minutes = one.bad_minutes.round() as i64;
        views.push(MeetingView {
            meeting_uuid: record.instance.uuid,
            meeting_id: record.instance.number,
            topic: record.instance.topic,
            host: record.instance.host_email,
            started_at: record.instance.started_at,
            bad_minutes,
            bad_share: quality.standing.bad_share,
            score: quality.standing.score,
            place: (one.bad_minutes.to_bits(), one.instance),
        });
    }
    Ok(views)
}

/// Call quality
///
/// How calls went over some days (UTC), by place, network, device, client version or data centre, and the worst meetings.
#[utoipa::path(
    get, path = "/api/v1/quality", tag = "Quality", params(QualityAsk), responses((status = 200, body = QualityView))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<QualityAsk>,
) -> Result<Json<QualityView>, Problem> {
    check(&visitor)?;
    Ok(Json(view(&app, days(&app, ask.from, ask.to)?, ask.by.unwrap_or_default(), VALUES).await?))
}

/// The worst meetings
///
/// Those with most bad minutes of all their people, worst first; meetings without any are left out.
#[utoipa::path(
    get, path = "/api/v1/quality/meetings", tag = "Quality", params(MeetingsAsk),
    responses((status = 200, body = Paged<MeetingView>))
)]
pub async fn meetings_api(
    State(app): State<App>,
    visitor: Visitor,
    Asked(ask): Asked<MeetingsAsk>,
) -> Result<Response, Problem> {
    check(&visitor)?;
    let paging = PageAsk { limit: ask.limit, cursor: ask.cursor };
    let (limit, after) = (paging.limit()?, paging.after::<(u64, i64)>()?);
    let (from, to) = days(&app, ask.from, ask.to)?;
    let after = after.map(|(bits, instance)| Worst { instance, bad_minutes: f64::from_bits(bits) });
    if after.is_some_and(|after| !after.bad_minutes.is_finite()) {
        return Err(Problem::bad_request("the cursor is none of this list's: begin without one"));
    }
    let numbers = (number_of(from), number_of(to));
    let views = app.readers.read(move |reader| worst(reader, numbers, after, limit + 1)).await?;
    let path = format!("/api/v1/quality/meetings?from={from}&to={to}");
    Ok(Paged::of(views, limit, |view: &MeetingView| view.place).answer(&path, limit))
}

#[derive(Template)]
#[template(path = "quality.html")]
struct Page {
    frame: Frame,
    view: QualityView,
    over_time: Option<Chart>,
    of_values: Option<Chart>,
    all: [By; 5],
}

async fn page(State(app): State<App>, visitor: Visitor, Asked(ask): Asked<Ask>) -> Result<Response, Problem> {
    check(&visitor)?;
    let view = view(&app, days(&app, ask.from, ask.to)?, ask.by.unwrap_or_default(), DRAWN).await?;
    if let Some(format) = ask.format {
        return download(&view, ask.table.as_deref(), format);
    }
    let frame = Frame::of(&app, Some(&visitor), "Quality").at("/quality").with_charts();
    let (over_time, of_values) = (charts::over_time(&view), charts::of_values(&view));
    Ok(html(&Page { frame, view, over_time, of_values, all: By::ALL })?.into_response())
}

impl ValueView {
    /// For people.
    pub fn name(&self) -> String {
        if self.value.is_empty() { "not told".to_owned() } else { self.value.clone() }
    }
}

impl SumView {
    /// `71`, or nothing.
    pub fn points(&self) -> String {
        points(&self.score)
    }

    /// `3.2 %`, or nothing.
    pub fn bad(&self) -> String {
        self.bad_share.map_or_else(String::new, |share| format!("{:.1} %", share * 100.0))
    }
}

impl MeetingView {
    /// `71`, or nothing.
    pub fn points(&self) -> String {
        points(&self.score)
    }

    /// The UUID as a part of a path.
    pub fn path(&self) -> String {
        super::address::segment(&self.meeting_uuid)
    }
}

fn points(score: &Option<f64>) -> String {
    score.map_or_else(String::new, |score| format!("{score:.0}"))
}

impl Tables for QualityView {
    const NAMES: &'static [&'static str] = &["values", "days", "worst"];

    fn table(&self, name: &str) -> Table {
        let columns = |first| {
            [first, "connections", "poor_connections", "minutes", "bad_minutes", "bad_share", "score"]
        };
        match name {
            "days" => {
                let mut table =
                    Table::new(format!("quality-days-{}-{}", self.from, self.to), &columns("day"));
                self.days.iter().for_each(|one| table.push_all(one.sum.cells(one.day.into())));
                table
            }
            "worst" => {
                let columns = [
                    "meeting_uuid",
                    "meeting_id",
                    "topic",
                    "host",
                    "started_at",
                    "bad_minutes",
                    "bad_share",
                    "score",
                ];
                let mut table = Table::new(format!("quality-worst-{}-{}", self.from, self.to), &columns);
                for one in &self.worst {
                    table.push([
                        one.meeting_uuid.as_str().into(),
                        one.meeting_id.into(),
                        one.topic.clone().into(),
                        one.host.clone().into(),
                        one.started_at.into(),
                        one.bad_minutes.into(),
                        one.bad_share.into(),
                        one.score.into(),
                    ]);
                }
                table
            }
            _ => {
                let by = self.by.name();
                let mut table = Table::new(format!("quality-{by}-{}-{}", self.from, self.to), &columns(by));
                self.values.iter().for_each(|one| table.push_all(one.sum.cells(one.name().into())));
                table
            }
        }
    }
}

impl SumView {
    fn cells(&self, first: super::table::Value) -> Vec<super::table::Value> {
        vec![
            first,
            self.stays.into(),
            self.poor_stays.into(),
            self.minutes.into(),
            self.bad_minutes.into(),
            self.bad_share.into(),
            self.score.into(),
        ]
    }
}

/// Sums up what was kept before there were sums, a little at a time, while the server answers; then reads the sums ahead.
pub async fn catch_up(app: App) {
    loop {
        match app.clerk.write(|store| store.sum_earlier_quality(STEP)).await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => return warm_up(&app).await,
            Err(error) => {
                tracing::error!("call quality of earlier days is not summed up: {error}");
                return;
            }
        }
    }
}
