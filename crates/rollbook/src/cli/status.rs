//! `rollbook status`: where everything stands, and what may still be asked today.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::listing::{Due, due};
use rollbook_core::time::Window;
use rollbook_store::{InstanceFilter, KnownCount, State, Store};
use serde::Serialize;

use super::context::Context;
use super::dates::Days;
use super::sync::{Line, ListingLine, QualityLine, number_lines};
use super::{Exit, output};
use crate::config::Scope;
use crate::report::account::AccountSettings;
use crate::report::quota::{self, PoolLine};

mod text;

/// Open instances, and reasons, that an answer names one by one; the rest are counted.
const NAMED_MAX: u32 = 1_000;

/// Of how many days it is told whether known numbers must be asked again, the latest ones: older days are settled by any
/// later answer.
const NUMBER_DAYS: usize = 31;

/// Show the ledger: what is collected, what is still open and why, and what the budget holds
///
/// Without dates: everything in the store.
#[derive(Debug, Args)]
pub struct Status {
    /// The days.
    #[command(flatten)]
    pub days: Days,
}

/// What is asked of the ledger.
#[derive(Clone)]
pub struct Question<'a> {
    /// The time.
    pub now: Timestamp,
    /// One account, or all.
    pub account: Option<&'a str>,
    /// The days, first and last, if not all.
    pub days: Option<(Date, Date)>,
    /// What those days are.
    pub window: Option<Window>,
    /// What the configuration says of limits.
    pub accounts: &'a [AccountSettings],
    /// What is collected.
    pub scope: Scope,
}

/// Where everything stands.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The days asked about, first and last; none for everything.
    pub days: Option<(Date, Date)>,
    /// The first and the last start that the store knows, when everything was asked about.
    pub starts: Option<(Timestamp, Timestamp)>,
    /// Instances by state.
    pub instances: BTreeMap<String, u64>,
    /// Those still open, by next look.
    pub open: Vec<Line>,
    /// How many those are.
    pub open_total: u64,
    /// Why they are open.
    pub open_by_reason: Vec<ReasonCount>,
    /// Why others are closed.
    pub closed_by_reason: Vec<ReasonCount>,
    /// Call quality of instances by state, where it is wanted.
    pub quality: BTreeMap<String, u64>,
    /// Instances whose call quality is still to come, by next look.
    pub quality_open: Vec<QualityLine>,
    /// How many those are.
    pub quality_open_total: u64,
    /// Lists that are not settled.
    pub listings_open: Vec<ListingLine>,
    /// Lists that cannot be taken, and why.
    pub listings_closed: Vec<ReasonCount>,
    /// Numbers known from Moodle, by account; none where Moodle was never read.
    pub moodle: BTreeMap<String, KnownCount>,
    /// What may be asked, by pool.
    pub budget: BTreeMap<String, PoolLine>,
    /// The store.
    pub store: StoreLine,
}

/// How many have one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// The store.
#[derive(Debug, Clone, Serialize)]
pub struct StoreLine {
    /// Where.
    pub path: String,
    /// How large.
    pub bytes: u64,
    /// Stays kept, of all accounts and days.
    pub stays: u64,
}

impl Status {
    /// Runs it.
    pub fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let page = context.page();
        let days = self.days.chosen(context.today(page.now))?;
        let store = context.read_store()?;
        let question = Question {
            now: page.now,
            account: context.account.as_deref(),
            days,
            window: days.map(|(from, to)| Window::of_days(from, to, &context.config.timezone)),
            accounts: &AccountSettings::all(&context.config),
            scope: context.config.scope,
        };
        let report = Report::look(&store, &question)?;
        if context.json {
            output::json(&report)?
        } else {
            output::text(&report.text(&page))?
        }
        Ok(Exit::Done)
    }
}

impl Report {
    /// Asks the ledger.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn look(store: &Store, question: &Question<'_>) -> anyhow::Result<Report> {
        let all = InstanceFilter {
            account: question.account.map(str::to_owned),
            window: question.window,
            ..InstanceFilter::default()
        };
        let open = InstanceFilter { open_only: true, ..all.clone() };
        let closed = InstanceFilter { closed_only: true, ..all.clone() };
        let counts = store.count_states(&all)?;
        let (listings_open, listings_closed) = listings(store, question)?;
        let quality = store.count_quality_states(&all)?;
        let quality_open = store.open_quality(&all, NAMED_MAX)?;
        Ok(Report {
            days: question.days,
            starts: if question.days.is_none() { store.starts(question.account)? } else { None },
            instances: State::ALL
                .into_iter()
                .map(|state| {
                    let count = counts.iter().find(|count| count.state == state);
                    (state.name().to_owned(), count.map_or(0, |count| count.instances))
                })
                .collect(),
            open_total: counts.iter().filter(|c| c.state.is_open()).map(|c| c.instances).sum(),
            open: store.instances(&open, NAMED_MAX)?.into_iter().map(Line::from).collect(),
            open_by_reason: reasons(store, &open)?,
            closed_by_reason: reasons(store, &closed)?,
            quality: quality.iter().map(|(state, n)| (state.name().to_owned(), *n)).collect(),
            quality_open: quality_open.into_iter().map(QualityLine::from).collect(),
            quality_open_total: quality.iter().filter(|(state, _)| state.is_open()).map(|(_, n)| n).sum(),
            listings_open,
            listings_closed,
            moodle: known(store, question)?,
            budget: quota::pools(store, question.now, question.account, question.accounts)?,
            store: StoreLine {
                path: store.path().display().to_string(),
                bytes: store.size_bytes()?,
                stays: store.count_stays()?,
            },
        })
    }
}

/// Reasons of all states together, most frequent first.
fn reasons(store: &Store, filter: &InstanceFilter) -> anyhow::Result<Vec<ReasonCount>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, reason, count) in store.count_reasons(filter)? {
        *counts.entry(reason).or_default() += count;
    }
    Ok(most_frequent(counts))
}

fn most_frequent(counts: BTreeMap<String, u64>) -> Vec<ReasonCount> {
    let mut all: Vec<ReasonCount> =
        counts.into_iter().map(|(reason, count)| ReasonCount { reason, count }).collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
    all.truncate(NAMED_MAX as usize);
    all
}

/// The accounts asked about.
fn accounts(store: &Store, question: &Question<'_>) -> anyhow::Result<Vec<String>> {
    let all = store.account_pools()?.into_iter().map(|(account, _)| account);
    Ok(all.filter(|account| question.account.is_none_or(|wanted| wanted == account)).collect())
}

fn known(store: &Store, question: &Question<'_>) -> anyhow::Result<BTreeMap<String, KnownCount>> {
    let mut known = BTreeMap::new();
    for account in accounts(store, question)? {
        let count = store.count_known(&account)?;
        if count.read_at.is_some() {
            known.insert(account, count);
        }
    }
    Ok(known)
}

/// Lists that must be taken (again), and why others cannot be.
fn listings(store: &Store, question: &Question<'_>) -> anyhow::Result<(Vec<ListingLine>, Vec<ReasonCount>)> {
    let window = question.window.unwrap_or(Window { from: Timestamp::MIN, to: Timestamp::MAX });
    let mut open = Vec::new();
    let mut closed: BTreeMap<String, u64> = BTreeMap::new();
    for account in accounts(store, question)? {
        if question.scope == Scope::Moodle {
            let mut days = store.wanted_days(&account, window)?;
            days.drain(..days.len().saturating_sub(NUMBER_DAYS));
            open.extend(number_lines(store, question.now, &account, &days)?);
        }
        for (list, listing, reason) in store.listings(&account, window)? {
            let next_look_at = match (reason, due(question.now, &listing)) {
                (Some(reason), _) => {
                    *closed.entry(format!("{}: {reason}", list.name())).or_default() += 1;
                    continue;
                }
                (None, Due::Settled) => continue,
                (None, Due::Now) => None,
                (None, Due::At(at)) => Some(at),
            };
            open.push(ListingLine {
                account: account.clone(),
                list: list.name().into(),
                from: listing.window.from,
                to: listing.window.to,
                next_look_at,
            });
        }
    }
    open.sort_by(|a, b| (a.next_look_at, a.from, &a.list).cmp(&(b.next_look_at, b.from, &b.list)));
    Ok((open, most_frequent(closed)))
}
