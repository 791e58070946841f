//! First pages of lists, to learn how much there is.

use std::collections::BTreeMap;

use rollbook_core::budget::Purpose;
use rollbook_core::family::OnePerson;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::label::Label;
use rollbook_core::listing::{Due, List, SETTLED_AFTER, SPAN_DAYS, due};
use rollbook_core::time::{Window, hours};
use rollbook_store::{InstanceFilter, State};
use rollbook_zoom::{Advice, SkipReason};

use crate::collector::account::Account;
use crate::collector::ask::{Request, Told};
use crate::collector::once::OnceError;
use crate::collector::{Collector, discover, window_of};
use crate::forecast::{Looked, quality};

/// Lines of a list, and rows of participants, on one page.
const PAGE: f64 = 300.0;

/// Connections a listed person makes on average: rejoins, second devices, waiting rooms, breakout rooms.
const STAYS_EACH: f64 = 1.2;

/// What one list's first pages say.
struct Counted {
    /// Instances that start in the window.
    instances: f64,
    /// Pages that collecting the list will take.
    pages: f64,
    /// The window's instances among the lines that were read.
    sample: Vec<Instance>,
    /// What quality words say against some of them, by UUID.
    complaints: BTreeMap<String, String>,
}

impl Counted {
    fn nothing() -> Counted {
        Counted { instances: 0.0, pages: 0.0, sample: Vec::new(), complaints: BTreeMap::new() }
    }
}

/// Looks at the lists that are due, and counts what earlier runs left open.
pub async fn look(collector: &mut Collector, index: usize, days: &[Window]) -> anyhow::Result<Looked> {
    let now = collector.clock.now();
    let mut looked = Looked::default();
    let Some(window) = window_of(days) else { return Ok(looked) };
    let mut lists = lists_of(&collector.accounts[index])?;
    let mut counted: BTreeMap<List, Counted> = BTreeMap::new();
    while let Some(list) = lists.iter().copied().find(|list| !counted.contains_key(list)) {
        if is_settled(collector, index, list, days)? {
            counted.insert(list, Counted::nothing());
            continue;
        }
        match count_all(collector, index, list, days, &mut looked).await {
            Ok(found) => drop(counted.insert(list, found)),
            Err(error) => {
                let next = next_route(collector, index, list, error)?;
                looked
                    .caveats
                    .push(format!("{} is not open to this account; the next route was counted", list.name()));
                counted.insert(list, Counted::nothing());
                lists = next;
            }
        }
    }
    let account = &collector.accounts[index];
    add_lists(&mut looked, &counted, now, window);
    add_instances(&mut looked, &counted, account, now);
    add_quality(&mut looked, &counted, collector, account, window)?;
    subtract_known(&mut looked, collector, &account.name, window)?;
    Ok(looked)
}

fn lists_of(account: &Account) -> anyhow::Result<Vec<List>> {
    discover::lists(&account.offer, false).map_err(|reason| {
        let message = format!("nothing can be listed for account {}: {reason}", account.name);
        crate::config::ConfigError(message).into()
    })
}

/// A refused list closes its family; the forecast goes on by the route that collection would take.
fn next_route(
    collector: &mut Collector,
    index: usize,
    list: List,
    error: OnceError,
) -> anyhow::Result<Vec<List>> {
    use rollbook_core::family::Family;
    let now = collector.clock.now();
    let account = &mut collector.accounts[index];
    let closes = |reason: &SkipReason| {
        use SkipReason::{NoPermission, PlanTooLow, ScopeMissing};
        list == List::History || matches!(reason, PlanTooLow { .. } | ScopeMissing { .. } | NoPermission)
    };
    if !matches!(&error, OnceError::Zoom(zoom) if matches!(zoom.advice(), Advice::Skip(reason) if closes(reason)))
    {
        return Err(error.for_account(&account.name));
    }
    match list {
        List::Webinars => return Ok(vec![List::MeetingsPast, List::MeetingsPastOne, List::Webinars]),
        List::History => account.offer.history_refused = Some(error.to_string()),
        List::ReportUsers => account.refuse(now, Family::Report, error.to_string()),
        _ => account.refuse(now, Family::Metrics, error.to_string()),
    }
    lists_of(account)
}

fn is_settled(collector: &Collector, index: usize, list: List, days: &[Window]) -> anyhow::Result<bool> {
    let now = collector.clock.now();
    let Some(window) = window_of(days) else { return Ok(true) };
    let listed = collector.store.listings(&collector.accounts[index].name, window)?;
    Ok(days.iter().all(|day| {
        let found = listed.iter().find(|(of, listing, _)| *of == list && listing.window == *day);
        found.is_some_and(|(_, listing, _)| due(now, listing) == Due::Settled)
    }))
}

/// Counts stretch by stretch: Zoom lists a month at most in one request.
async fn count_all(
    collector: &mut Collector,
    index: usize,
    list: List,
    days: &[Window],
    looked: &mut Looked,
) -> Result<Counted, OnceError> {
    let mut all = Counted::nothing();
    for stretch in days.chunks(SPAN_DAYS as usize) {
        let Some(window) = window_of(stretch) else { continue };
        let found = count(collector, index, list, window, looked).await?;
        all.instances += found.instances;
        all.pages += found.pages;
        all.sample.extend(found.sample);
        all.complaints.extend(found.complaints);
    }
    Ok(all)
}

async fn count(
    collector: &mut Collector,
    index: usize,
    list: List,
    window: Window,
    looked: &mut Looked,
) -> Result<Counted, OnceError> {
    let wide = collector.ask_once(index, &Request::List(list, window), Purpose::Collection).await?;
    looked.pages_read += 1;
    let sample = inside(&wide, window);
    #[allow(clippy::cast_precision_loss)]
    let total = |told: &Told| told.total_records.map_or(told.instances.len() as f64, |total| total as f64);
    #[allow(clippy::cast_precision_loss)]
    if wide.cursor.is_done() {
        // All of it is on this page.
        let instances = sample.len() as f64;
        return Ok(Counted { instances, pages: 1.0, sample, complaints: wide.complaints });
    }
    if wide.total_records.is_none() {
        looked.caveats.push(format!(
            "{} tells no total, so this is the least; there is more than one page",
            list.name()
        ));
    }
    let narrow = collector.ask_once(index, &Request::Count(list, window), Purpose::Collection).await?;
    looked.pages_read += 1;
    let sample = if inside(&narrow, window).is_empty() { sample } else { inside(&narrow, window) };
    let page_size = wide.cursor.page_size().map_or(PAGE, |size| size.max(1) as f64);
    let pages = (total(&wide) / page_size).ceil().max(1.0);
    let complaints = wide.complaints.into_iter().chain(narrow.complaints.clone()).collect();
    Ok(Counted { instances: total(&narrow), pages, sample, complaints })
}

fn inside(told: &Told, window: Window) -> Vec<Instance> {
    let is_inside = |one: &&Instance| one.started_at.is_none_or(|start| window.contains(start));
    told.instances.iter().filter(is_inside).cloned().collect()
}

/// Lists are taken once, or twice where their days have not been over for a day.
fn add_lists(looked: &mut Looked, counted: &BTreeMap<List, Counted>, now: jiff::Timestamp, window: Window) {
    let passes = if now >= window.to + SETTLED_AFTER { 1.0 } else { 2.0 };
    for (list, found) in counted {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let pages = (found.pages * passes).round() as u64;
        looked.work.list_calls[list.label()] += pages;
    }
}

/// Participants of what is listed: pages by size, a second look at what ended lately.
fn add_instances(
    looked: &mut Looked,
    counted: &BTreeMap<List, Counted>,
    account: &Account,
    now: jiff::Timestamp,
) {
    looked.work.label = account.offer.families(false).first().map(|family| family.label());
    let mut calls = 0.0;
    for (list, found) in counted {
        let share = |wanted: &dyn Fn(&Instance) -> bool| {
            let hits = found.sample.iter().filter(|one| wanted(one)).count();
            hits as f64 / found.sample.len().max(1) as f64
        };
        let one_person = if *list == List::MeetingsPastOne { 1.0 } else { share(&|one| one.is_one_person) };
        looked.work.one_person += found.instances * one_person;
        let several = found.instances * (1.0 - one_person);
        looked.work.instances += several;
        let pages: f64 =
            found.sample.iter().filter(|one| !one.is_one_person).map(|one| pages_of(one, now)).sum();
        let sampled = found.sample.iter().filter(|one| !one.is_one_person).count();
        calls += several * if sampled == 0 { 1.0 } else { pages / sampled as f64 };
        let unknown =
            share(&|one| one.kind == Kind::Meeting && (one.listed_count.is_none() || one.ended_at.is_none()));
        looked.work.details += found.instances * unknown;
    }
    looked.work.calls_each = if looked.work.instances > 0.0 { calls / looked.work.instances } else { 0.0 };
    if matches!(account.offer.one_person, OnePerson::Unknown { .. }) && looked.work.one_person > 0.0 {
        looked.work.list_calls[Label::Medium] +=
            (looked.work.one_person as u64).min(u64::from(rollbook_core::family::ONE_PERSON_TRIES));
    }
    if account.offer.refusal(rollbook_core::family::Family::Metrics).is_some() {
        looked.work.one_person = 0.0;
    }
}

pub(super) fn pages_of(instance: &Instance, now: jiff::Timestamp) -> f64 {
    let rows = f64::from(instance.listed_count.unwrap_or(1)) * STAYS_EACH;
    let looks = if instance.ended_at.is_some_and(|ended| now < ended + hours(6)) { 2.0 } else { 1.0 };
    (rows / PAGE).ceil().max(1.0) * looks
}

/// Call quality of what the store knows and has not read, and of as many more as the lists tell.
#[allow(clippy::cast_precision_loss)]
fn add_quality(
    looked: &mut Looked,
    counted: &BTreeMap<List, Counted>,
    collector: &Collector,
    account: &Account,
    window: Window,
) -> anyhow::Result<()> {
    if account.offer.quality_refusal().is_some() {
        return Ok(());
    }
    let stays_each = quality::stays_each(&collector.store, account, collector.clock.now())?;
    let (unread, known) = quality::calls_of_known(&collector.store, account, window, stays_each)?;
    let new = (looked.work.instances - known as f64).max(0.0);
    let sample = || counted.values().flat_map(|found| &found.sample).filter(|one| !one.is_one_person);
    let with_words = sample().map(|one| {
        let words = counted.values().find_map(|found| found.complaints.get(&one.uuid));
        (one, words.map(String::as_str))
    });
    let sampled = sample().count().max(1) as f64;
    let listed = quality::calls(&collector.store, account, with_words, stays_each)?.times(new / sampled);
    looked.work.quality_calls = unread.usual + listed.usual;
    Ok(())
}

/// What is verified or closed already costs nothing more; what earlier runs left open is asked for at least once.
fn subtract_known(
    looked: &mut Looked,
    collector: &Collector,
    account: &str,
    window: Window,
) -> anyhow::Result<()> {
    let filter = InstanceFilter {
        account: Some(account.to_owned()),
        window: Some(window),
        ..InstanceFilter::default()
    };
    let counts = collector.store.count_states(&filter)?;
    let of = |wanted: &dyn Fn(State) -> bool| -> f64 {
        counts.iter().filter(|count| wanted(count.state)).map(|count| count.instances as f64).sum()
    };
    let (settled, open) = (of(&|state| !state.is_open()), of(&State::is_open));
    let several = (looked.work.instances - settled).max(open);
    looked.work.one_person = (looked.work.one_person - (settled - looked.work.instances).max(0.0)).max(0.0);
    if looked.work.calls_each == 0.0 && several > 0.0 {
        looked.work.calls_each = 1.0;
    }
    looked.work.instances = several;
    Ok(())
}
