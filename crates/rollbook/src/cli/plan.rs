//! `rollbook plan`: what a range of days will cost, before it is spent.

use clap::Args;
use rollbook_core::budget::Purpose;
use rollbook_core::completeness::words;
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::limits::DayBucket;
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::Window;
use serde_json::json;

use super::context::Context;
use super::dates::Days;
use super::page::Column;
use super::{Exit, numbers, output};
use crate::collector::{Collector, discover};
use crate::config::{Scope, check_policy, parse_policy};
use crate::forecast::{AccountPlan, offline};

mod known;
mod look;

/// Forecast what a range of days will cost
///
/// Reads the first page of each list (and says so), then tells calls by label, the share of the day, when it will be
/// done and what will have to wait. With --offline it asks nothing and goes by what earlier days were like.
#[derive(Debug, Args)]
pub struct PlanCommand {
    /// The days.
    #[command(flatten)]
    pub days: Days,
    /// Ask Zoom nothing; give an interval from the store's own history
    #[arg(long)]
    pub offline: bool,
    /// Of which meetings call quality is collected: none, flagged, large:N, sample:SHARE, courses or all
    #[arg(long, value_name = "POLICY", value_parser = parse_policy)]
    pub qos: Option<Policy>,
}

impl PlanCommand {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let clock = context.clock();
        let now = clock.now();
        let (from, to) = self.days.askable(context.today(now))?;
        let days = discover::days(from, to, &context.config.timezone);
        check_policy(self.qos.unwrap_or(context.config.qos.policy), &context.config.moodle)?;
        let store = context.open_store()?;
        let mut accounts =
            if self.offline { context.silent_accounts(&store)? } else { context.accounts(&store).await? };
        if let Some(policy) = self.qos {
            accounts.iter_mut().for_each(|account| account.qos.policy = policy);
        }
        let command = format!("plan --from {from} --to {to}");
        let mut collector = Collector::start(clock, context.chance(now), store, accounts, &command)?;
        if !self.offline {
            collector.sign_in().await;
            context.keep_tokens(&collector.accounts).await;
        }
        let outcome = match self.offline {
            true => self.plans(&mut collector, &days).await,
            false => match numbers::read(&context, &mut collector).await {
                Ok(_) => self.plans(&mut collector, &days).await,
                Err(error) => Err(error),
            },
        };
        let code = outcome.as_ref().map_or_else(super::exit_of, |_| Exit::Done);
        collector.finish(i32::from(code.code()), "a forecast")?;
        let plans = outcome?;
        if context.json {
            output::json(&as_json(&plans))?
        } else {
            print(&plans, self.offline)?
        }
        Ok(Exit::Done)
    }

    async fn plans(&self, collector: &mut Collector, days: &[Window]) -> anyhow::Result<Vec<AccountPlan>> {
        let mut plans = Vec::new();
        for index in 0..collector.accounts.len() {
            if let Some(failure) = collector.accounts[index].failure() {
                return Err(failure.clone().into());
            }
            let now = collector.clock.now();
            let looked = if self.offline {
                offline(&collector.store, now, &collector.accounts[index], days)?
            } else if collector.accounts[index].scope() == Scope::Moodle {
                known::look(collector, index, days).await?
            } else {
                look::look(collector, index, days).await?
            };
            let now = collector.clock.now();
            plans.push(AccountPlan::of(&collector.store, now, &collector.accounts[index], looked)?);
        }
        Ok(plans)
    }
}

/// The sum over accounts at the top, where programs look for it; the accounts below.
fn as_json(plans: &[AccountPlan]) -> serde_json::Value {
    let mut calls = PerLabel::<u64>::default();
    for plan in plans {
        for label in Label::ALL {
            calls[label] += plan.forecast.calls[label];
        }
    }
    let waits: Vec<_> = plans.iter().flat_map(|plan| plan.forecast.waits.iter()).collect();
    json!({
        "calls": calls,
        "quality_calls": plans.iter().map(|plan| plan.forecast.quality_calls).sum::<u64>(),
        "seconds": plans.iter().map(|plan| plan.forecast.seconds).max().unwrap_or(0),
        "waits": waits,
        "pages_read": plans.iter().map(|plan| plan.pages_read).sum::<u64>(),
        "accounts": plans.iter().map(|plan| json!({
            "account": plan.account,
            "calls": plan.forecast.calls,
            "quality_calls": plan.forecast.quality_calls,
            "seconds": plan.forecast.seconds,
            "waits": plan.forecast.waits,
            "pages_read": plan.pages_read,
            "interval": plan.interval.as_ref().map(|(low, high)| json!({ "low": low, "high": high })),
            "caveats": plan.caveats,
        })).collect::<Vec<_>>(),
    })
}

fn print(plans: &[AccountPlan], offline: bool) -> anyhow::Result<()> {
    for plan in plans {
        output::line(format!("Account {}:", plan.account))?;
        let rows = Label::ALL.into_iter().map(|label| {
            let calls = plan.forecast.calls[label];
            let interval = plan.interval.as_ref().map_or_else(
                || "not known".to_owned(),
                |(low, high)| {
                    format!("{} to {}", output::thousands(low[label]), output::thousands(high[label]))
                },
            );
            let mut row = vec![label.to_string(), output::thousands(calls), share(plan, label)];
            if offline {
                row.insert(2, interval);
            }
            row
        });
        let mut columns =
            vec![Column::Text("label"), Column::Number("calls"), Column::Text("of the day's allowance")];
        if offline {
            columns.insert(2, Column::Number("at least, at most"));
        }
        output::table(&columns, rows.collect())?;
        if plan.forecast.quality_calls > 0 {
            output::line(format!(
                "Of the Heavy calls {} are for call quality (policy {}).",
                output::thousands(plan.forecast.quality_calls),
                plan.policy
            ))?;
        }
        let seconds = i64::try_from(plan.forecast.seconds).unwrap_or(i64::MAX);
        output::line(format!("Done in about {}.", words(jiff::SignedDuration::from_secs(seconds))))?;
        for wait in &plan.forecast.waits {
            let quality = match wait.quality_calls {
                0 => String::new(),
                calls if calls == wait.calls => ", all of them call quality,".to_owned(),
                calls => format!(", {} of them call quality,", output::thousands(calls)),
            };
            output::line(format!(
                "{} {} calls{quality} do not fit today's allowance and wait until {} ({} more day{}).",
                output::thousands(wait.calls),
                wait.bucket.name(),
                wait.until,
                wait.days,
                if wait.days == 1 { "" } else { "s" },
            ))?;
        }
        for caveat in &plan.caveats {
            output::line(format!("Note: {caveat}"))?;
        }
        match (offline, plan.pages_read) {
            (true, _) => output::line("Nothing was asked of Zoom (--offline).")?,
            (false, 0) => output::line("Nothing had to be asked of Zoom.")?,
            (false, pages) => {
                output::line(format!("To know this, {pages} first pages of lists were read from Zoom."))?
            }
        }
    }
    Ok(())
}

/// The share of what collection may use of the day's tightest allowance for this label.
#[allow(clippy::cast_precision_loss)]
fn share(plan: &AccountPlan, label: Label) -> String {
    let shared = DayBucket::Shared.covers(label) && plan.budget.limits.shared_day.is_some();
    let calls =
        if shared { plan.forecast.calls.heavy_and_resource_intensive() } else { plan.forecast.calls[label] };
    let usable =
        plan.budget.limits.days(label).map(|(_, limit)| plan.budget.usable(limit, Purpose::Collection)).min();
    match usable {
        None => "no daily limit".to_owned(),
        Some(usable) => {
            let together = if shared { " (Heavy and Resource-intensive together)" } else { "" };
            format!("{:.1} %{together}", 100.0 * calls as f64 / f64::from(usable.max(1)))
        }
    }
}
