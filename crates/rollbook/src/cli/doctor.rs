//! `rollbook doctor`: what works, what is missing, how to mend it.

use clap::Args;
use rollbook_core::budget::Purpose;
use rollbook_core::completeness::words;
use rollbook_core::label::Label;
use rollbook_store::{Mode, Store};
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::{Exit, output};
use crate::collector::Collector;

mod events;
mod moodle;
mod zoom;

/// Check credentials, scopes, plan, clock, store and Moodle's database, and say how to mend what is wrong
///
/// Costs at most two Medium, one Heavy and one Resource-intensive call for each account; where only Moodle's meetings
/// are collected, nothing of the daily allowance.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Ask neither Zoom nor Moodle anything
    #[arg(long)]
    pub offline: bool,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Result {
    Ok,
    Warning,
    Problem,
}

/// One check.
#[derive(Debug, Serialize)]
struct Check {
    account: Option<String>,
    check: &'static str,
    result: Result,
    said: String,
    remedy: Option<String>,
}

/// What was checked so far, and the account that is being checked.
#[derive(Debug, Default)]
struct Checks {
    all: Vec<Check>,
    account: Option<String>,
    /// A setting must be mended (exit 2), rather than something outside (exit 1).
    is_configuration: bool,
}

impl Checks {
    fn ok(&mut self, check: &'static str, said: impl Into<String>) {
        self.add(check, Result::Ok, said.into(), None);
    }

    fn warning(&mut self, check: &'static str, said: impl Into<String>, remedy: impl Into<String>) {
        self.add(check, Result::Warning, said.into(), Some(remedy.into()));
    }

    fn problem(&mut self, check: &'static str, said: impl Into<String>, remedy: impl Into<String>) {
        self.add(check, Result::Problem, said.into(), Some(remedy.into()));
    }

    fn add(&mut self, check: &'static str, result: Result, said: String, remedy: Option<String>) {
        self.all.push(Check { account: self.account.clone(), check, result, said, remedy });
    }

    fn exit(&self) -> Exit {
        match self.all.iter().any(|check| check.result == Result::Problem) {
            true if self.is_configuration => Exit::Usage,
            true => Exit::Failed,
            false => Exit::Done,
        }
    }
}

impl Doctor {
    /// Runs it. Settings that cannot be read at all have ended the program before this.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let mut checks = Checks::default();
        let zone = context.config.timezone.iana_name().unwrap_or("UTC");
        checks.ok(
            "configuration",
            format!("{} account(s); days are those of {zone}", context.config.accounts.len()),
        );
        for warning in &context.config.warnings {
            checks.warning("configuration", warning, "see `rollbook config`");
        }
        let store = check_store(&mut checks, &context);
        if let Some(store) = &store {
            events::check(&mut checks, &context, store)?;
        }
        if !self.offline {
            moodle::check(&mut checks, &context).await;
        }
        if let (Some(store), false) = (store, self.offline) {
            check_accounts(&mut checks, &context, store).await?;
        }
        if context.json {
            output::json(&json!({ "checks": checks.all, "ok": checks.exit() == Exit::Done }))?;
        } else {
            print(&checks)?;
        }
        Ok(checks.exit())
    }
}

fn check_store(checks: &mut Checks, context: &Context<'_>) -> Option<Store> {
    let path = &context.config.store;
    if path.exists() {
        match Store::open(path, Mode::Write) {
            Ok(store) => {
                let size = store.size_bytes().unwrap_or(0);
                let stays = store.count_stays().unwrap_or(0);
                let said = format!(
                    "{}: {} stays, {} kB",
                    path.display(),
                    output::thousands(stays),
                    output::thousands(size / 1024)
                );
                checks.ok("store", said);
                return Some(store);
            }
            Err(error) => {
                checks.is_configuration |= error.is_configuration();
                checks.problem("store", error.to_string(), "see the message");
            }
        }
        return None;
    }
    // What a sync would meet is found out without leaving a file behind.
    let mut probe = path.clone().into_os_string();
    probe.push(format!(".doctor-{}", std::process::id()));
    let opened = Store::open(std::path::Path::new(&probe), Mode::Write);
    for suffix in ["", "-wal", "-shm"] {
        let mut name = probe.clone();
        name.push(suffix);
        let _ = std::fs::remove_file(name);
    }
    match opened {
        Ok(_) => checks.ok("store", format!("{} is not there yet; `rollbook sync` makes it", path.display())),
        Err(error) => {
            checks.is_configuration |= error.is_configuration();
            checks.problem("store", error.to_string(), "see the message");
        }
    }
    Store::in_memory().ok()
}

async fn check_accounts(checks: &mut Checks, context: &Context<'_>, store: Store) -> anyhow::Result<()> {
    let clock = context.clock();
    let now = clock.now();
    let accounts = match context.accounts(&store).await {
        Ok(accounts) => accounts,
        Err(error) => {
            checks.is_configuration = true;
            checks.problem("credentials", error.to_string(), "set them, then run doctor again");
            return Ok(());
        }
    };
    let mut collector = Collector::start(clock, context.chance(now), store, accounts, "doctor")?;
    collector.sign_in().await;
    context.keep_tokens(&collector.accounts).await;
    for index in 0..collector.accounts.len() {
        checks.account = Some(collector.accounts[index].name.clone());
        if let Some(failure) = collector.accounts[index].failed.clone() {
            checks.is_configuration |= failure.is_configuration;
            checks.problem(
                "token",
                failure.message,
                "mend the credentials or the network, then run doctor again",
            );
            continue;
        }
        zoom::check(checks, &mut collector, index).await?;
        check_budget(checks, &collector, index)?;
    }
    collector.finish(i32::from(checks.exit().code()), "checked")?;
    Ok(())
}

fn check_budget(checks: &mut Checks, collector: &Collector, index: usize) -> anyhow::Result<()> {
    let now = collector.clock.now();
    let account = &collector.accounts[index];
    let budget = account.budget(collector.store.usage(now, &account.pool)?);
    let left: Vec<String> = Label::ALL
        .into_iter()
        .filter_map(|label| Some((label, budget.day_left(now, label, Purpose::Collection)?)))
        .map(|(label, left)| format!("{} {label}", output::thousands(u64::from(left))))
        .collect();
    let resets = words(rollbook_core::time::quota_resets_at(now).duration_since(now));
    let said = if left.is_empty() {
        "no daily limits".to_owned()
    } else {
        format!("{} calls left today (reserve kept); resets in {resets}", left.join(", "))
    };
    if budget.day_left(now, Label::Heavy, Purpose::Collection) == Some(0) {
        checks.warning("budget", said, "wait for the reset; Light and Medium work goes on meanwhile");
    } else {
        checks.ok("budget", said);
    }
    Ok(())
}

fn print(checks: &Checks) -> anyhow::Result<()> {
    for check in &checks.all {
        let mark = match check.result {
            Result::Ok => "ok     ",
            Result::Warning => "warning",
            Result::Problem => "PROBLEM",
        };
        let account = check.account.as_ref().map_or_else(String::new, |account| format!("{account}: "));
        output::line(format!("{mark}  {account}{}: {}", check.check, check.said))?;
        if let Some(remedy) = &check.remedy {
            output::line(format!("           → {remedy}"))?;
        }
    }
    output::line(match checks.exit() {
        Exit::Done => "Everything that is needed works.",
        _ => "Something must be mended first; see the arrows.",
    })
}
