//! What the first page tells.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollbook_core::label::Label;
use rollbook_core::time::Window;
use rollbook_store::{MeetingFound, Record, Result, State, Store};
use serde::Serialize;
use utoipa::ToSchema;

use crate::report::account::AccountSettings;
use crate::report::quota::{PoolLine, pools};
use crate::web::live::{self, EventsView, LiveCounts};
use crate::web::{address, shown};

/// Running meetings that are named.
pub const LIVE_MAX: u32 = 20;
/// Open meetings that are named.
const OPEN_MAX: u32 = 15;
/// Reasons that are named.
const REASONS_MAX: usize = 8;
/// Deliveries that are named.
const DELIVERIES_MAX: u32 = 5;

/// How things stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TodayView {
    /// When this was read.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// Yesterday and today, by the school's clock.
    pub days: Vec<Day>,
    /// What keeps work from going on, in sentences.
    pub troubles: Vec<String>,
    /// When it will be done, and what waits, in sentences.
    pub forecast: Vec<String>,
    /// Open instances, by next look.
    pub open: Vec<OpenLine>,
    /// How many those are.
    pub open_total: u64,
    /// Why they are open.
    pub open_by_reason: Vec<ReasonView>,
    /// Meetings that run now.
    pub live: Vec<OpenLine>,
    /// Whether more run than are named.
    pub live_is_cut: bool,
    /// How fresh it is who is in them.
    pub events: EventsView,
    /// The latest deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// What was spent today (UTC day), by pool.
    pub spending: Vec<SpendingView>,
}

/// One day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Day {
    /// The date.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// `Yesterday` or `Today`.
    pub words: &'static str,
    /// Instances.
    pub total: u64,
    /// Those of them that are verified, or closed with a reason: nothing more can be done.
    pub settled: u64,
    /// The same over all, 0 to 1; none of a day without any.
    pub share: Option<f64>,
    /// How many instances are in which state.
    pub states: Vec<StateLine>,
}

/// Instances in one state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StateLine {
    /// The state.
    pub state: &'static str,
    /// How many.
    pub instances: u64,
}

/// One instance; without its name where the visitor may not see meetings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenLine {
    /// UUID.
    pub meeting_uuid: Option<String>,
    /// Its page.
    pub path: Option<String>,
    /// Topic.
    pub topic: Option<String>,
    /// Start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// Where it stands.
    pub state: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// When it is looked at again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_look_at: Option<Timestamp>,
    /// How many are in it now, of one that runs, as far as Zoom's events told.
    pub now: Option<LiveCounts>,
}

/// A reason and how many have it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReasonView {
    /// Why; figures left out.
    pub reason: String,
    /// How many.
    pub instances: u64,
}

/// One delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// To whom.
    pub sink: String,
    /// Of what; none where the visitor may not see meetings.
    pub topic: Option<String>,
    /// Its page.
    pub path: Option<String>,
}

/// What a pool spent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SpendingView {
    /// Its name.
    pub pool: String,
    /// The daily allowances.
    pub allowances: Vec<AllowanceBar>,
    /// Calls by hour and label, oldest first.
    pub hours: Vec<HourView>,
    /// Calls of today that Zoom refused for their rate.
    pub refused: u64,
    /// When the allowances are filled again.
    #[schema(value_type = String, format = DateTime)]
    pub resets_at: Timestamp,
}

/// One daily allowance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllowanceBar {
    /// Which.
    pub allowance: &'static str,
    /// What Zoom allows.
    pub limit: u32,
    /// What rollbook spent.
    pub spent: u32,
    /// What others were seen to spend; none where nothing tells.
    pub by_others: Option<u32>,
    /// Kept for others and for people who wait.
    pub reserve: u32,
    /// What may still be spent.
    pub left: u32,
}

/// Calls of one hour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HourView {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Label.
    pub label: &'static str,
    /// Calls.
    pub calls: u64,
}

impl TodayView {
    /// Reads it. Without `names` no meeting is named.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn read(
        store: &Store,
        zone: &TimeZone,
        settings: &[AccountSettings],
        live: Vec<MeetingFound>,
        events: EventsView,
        names: bool,
    ) -> Result<TodayView> {
        let now = events.now;
        let mut counts = live::counts(store, &live.iter().map(|found| &found.record).collect::<Vec<_>>())?;
        let today = now.to_zoned(zone.clone()).date();
        let days = [("Yesterday", today.yesterday().unwrap_or(today)), ("Today", today)];
        let pools = pools(store, now, None, settings)?;
        let (open_total, last_look_at) = store.count_open()?;
        let open = store.open_meetings(OPEN_MAX)?;
        let reasons = store.open_reasons(REASONS_MAX)?;
        let spending = pools.iter().map(|(name, pool)| spent(store, now, name, pool));
        let deliveries =
            store.last_deliveries(DELIVERIES_MAX)?.into_iter().map(|(at, sink, record)| DeliveryView {
                at,
                sink,
                path: names.then(|| address::meeting(&record.instance.uuid)),
                topic: record.instance.topic.filter(|_| names),
            });
        Ok(TodayView {
            now,
            days: days
                .into_iter()
                .map(|(words, date)| day(store, words, date, zone))
                .collect::<Result<_>>()?,
            troubles: pools.values().flat_map(|pool| troubles(pool, zone)).collect(),
            forecast: forecast(&pools.values().collect::<Vec<_>>(), open_total, last_look_at, now, zone),
            open: open.into_iter().map(|record| line(record, names)).collect(),
            open_total,
            open_by_reason: reasons
                .into_iter()
                .map(|(reason, instances)| ReasonView {
                    reason: if reason.is_empty() { "not looked at yet".to_owned() } else { reason },
                    instances,
                })
                .collect(),
            live_is_cut: live.len() >= LIVE_MAX as usize,
            live: live
                .into_iter()
                .map(|found| OpenLine { now: counts.remove(&found.record.id), ..line(found.record, names) })
                .collect(),
            events,
            deliveries: deliveries.collect(),
            spending: spending.collect::<Result<_>>()?,
        })
    }
}

impl Day {
    /// Bars of the states: which, left edge and width in percent.
    pub fn bars(&self) -> Vec<(&'static str, f64, f64)> {
        let mut left = 0.0;
        let mut bars = Vec::new();
        for line in &self.states {
            #[allow(clippy::cast_precision_loss)]
            let width = 100.0 * line.instances as f64 / self.total.max(1) as f64;
            bars.push((line.state, (left * 100.0_f64).round() / 100.0, (width * 100.0).round() / 100.0));
            left += width;
        }
        bars
    }

    /// `96 of 100 meetings are settled`.
    pub fn sentence(&self) -> String {
        match (self.total, self.share) {
            (0, _) | (_, None) => "No meeting is known of this day yet.".to_owned(),
            (total, Some(_)) if total == self.settled => {
                format!("All {} are settled.", shown::count(total, "meeting", "meetings"))
            }
            (total, Some(share)) => format!(
                "{} of {} are settled ({}).",
                shown::thousands(self.settled),
                shown::count(total, "meeting", "meetings"),
                shown::percent(share)
            ),
        }
    }
}

impl AllowanceBar {
    /// Where bars end, in percent of the limit: our calls, those of others behind, and where the reserve begins.
    pub fn places(&self) -> (f64, f64, f64) {
        let part = |calls: u32| 100.0 * f64::from(calls.min(self.limit)) / f64::from(self.limit.max(1));
        let ours = part(self.spent);
        (ours, (part(self.by_others.unwrap_or(0))).min(100.0 - ours), 100.0 - part(self.reserve))
    }
}

fn day(store: &Store, words: &'static str, day: Date, zone: &TimeZone) -> Result<Day> {
    let counts = store.count_window(Window::of_day(day, zone))?;
    let total: u64 = counts.iter().map(|count| count.instances).sum();
    let settled = counts.iter().filter(|count| !count.state.is_open()).map(|count| count.instances).sum();
    let order = [State::Verified, State::Fetched, State::Ended, State::Live, State::Closed];
    let lines = order.into_iter().filter_map(|state| counts.iter().find(|count| count.state == state));
    #[allow(clippy::cast_precision_loss)]
    let share = (total > 0).then(|| settled as f64 / total as f64);
    let states =
        lines.map(|count| StateLine { state: count.state.name(), instances: count.instances }).collect();
    Ok(Day { day, words, total, settled, share, states })
}

fn line(record: Record, names: bool) -> OpenLine {
    OpenLine {
        path: names.then(|| address::meeting(&record.instance.uuid)),
        meeting_uuid: names.then_some(record.instance.uuid),
        topic: record.instance.topic.filter(|_| names),
        started_at: record.instance.started_at,
        state: record.state.name(),
        reason: record.reason,
        next_look_at: record.next_look_at,
        now: None,
    }
}

fn spent(store: &Store, now: Timestamp, name: &str, pool: &PoolLine) -> Result<SpendingView> {
    let began = pool.resets_at - jiff::SignedDuration::from_hours(24);
    let hours = store.spent_by_hour(name, began, now + jiff::SignedDuration::from_hours(1))?;
    Ok(SpendingView {
        pool: name.to_owned(),
        allowances: pool
            .allowances
            .iter()
            .map(|line| AllowanceBar {
                allowance: line.allowance.name(),
                limit: line.limit,
                spent: line.spent,
                by_others: line.spent_by_others,
                reserve: line.reserve,
                left: line.left,
            })
            .collect(),
        hours: hours
            .into_iter()
            .map(|hour| HourView { at: hour.at, label: hour.label.name(), calls: hour.calls })
            .collect(),
        refused: pool.refused_today,
        resets_at: pool.resets_at,
    })
}

fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// What Zoom told us to leave alone.
fn troubles(pool: &PoolLine, zone: &TimeZone) -> Vec<String> {
    let gone = pool.allowances.iter().filter_map(|line| {
        let until = line.gone_until?;
        Some(format!(
            "Zoom says the day's {} calls are gone until {}; other work goes on.",
            line.allowance.name(),
            clock(until, zone)
        ))
    });
    let paused = pool.paused.iter().map(|(label, until)| {
        let label = Label::from_name(label).map_or_else(|| (*label).to_owned(), |label| label.to_string());
        format!("Zoom asked us to make no {label} calls until {}.", clock(*until, zone))
    });
    gone.chain(paused).collect()
}

/// When it will be done, as far as looks are planned, and what waits for the budget.
fn forecast(
    pools: &[&PoolLine],
    open: u64,
    last_look_at: Option<Timestamp>,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<String> {
    let mut words = Vec::new();
    words.push(match (open, last_look_at.filter(|at| *at > now)) {
        (0, _) => "Nothing is open.".to_owned(),
        (open, Some(at)) => format!(
            "{} open; the last look planned so far is at {}.",
            shown::count(open, "meeting is", "meetings are"),
            clock(at, zone)
        ),
        (open, None) => format!("{} open and due now.", shown::count(open, "meeting is", "meetings are")),
    });
    let jobs = || pools.iter().flat_map(|pool| &pool.jobs);
    let (due, later): (u64, u64) = (jobs().map(|line| line.due).sum(), jobs().map(|line| line.later).sum());
    if due + later > 0 {
        let next = jobs().filter_map(|line| line.next_at).min();
        let next = next.map(|at| format!(", the next at {}", clock(at, zone))).unwrap_or_default();
        words.push(format!(
            "{} due now, {} planned for later{next}.",
            shown::count(due, "question is", "questions are"),
            shown::thousands(later)
        ));
    }
    for line in jobs().filter(|line| line.parked > 0) {
        let until = line.parked_until.map(|at| format!(" until {}", clock(at, zone))).unwrap_or_default();
        words.push(format!(
            "{} wait{until}.",
            shown::count(
                line.parked,
                &format!("{} question", line.label),
                &format!("{} questions", line.label)
            )
        ));
    }
    words
}
