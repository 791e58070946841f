//! `rollbook refresh`: look at a meeting again now.

use clap::Args;
use rollbook_core::request::{Decision, Requester, Role};
use rollbook_store::{Record, RequestOutcome};
use serde_json::json;

use super::context::Context;
use super::meeting::MeetingName;
use super::sync::{exit_of, parse_wait};
use super::{Exit, UsageError, audit, output};
use crate::collector::account::Account;
use crate::collector::{Collector, Ending, Goal, Wait};
use crate::lookup::Meant;
use crate::refresh::{self, Asked, Put};
use crate::supervise::stop_on_signals;

mod requests;
mod text;

/// Look at a meeting again now
///
/// Asks Zoom for the participants of a meeting's latest open run (the latest of all if none is open, or that of the UUID
/// given) at once, before all other work and, if need be, from the reserve. A number that is not in the store yet is
/// looked up at Zoom.
///
/// Every request is kept with who asked and what came of it (--list). With --for and --role the site's rule holds: the
/// role must be allowed to ask (ROLLBOOK_REFRESH_ROLES), each requester has a daily ration (ROLLBOOK_REFRESH_RATION), and
/// a request joins another one for the same meeting that waits or was answered within the last minute, which costs nothing.
#[derive(Debug, Args)]
pub struct Refresh {
    /// Meeting number or UUID
    #[arg(value_name = "MEETING", required_unless_present = "list")]
    pub meeting: Option<MeetingName>,
    /// All runs of the number, not only one
    #[arg(long)]
    pub all: bool,
    /// How long to wait altogether for due times and limits
    #[arg(long, default_value = "2m", value_name = "DURATION")]
    pub wait: String,
    /// Ask in this person's name, under the site's rule
    #[arg(long = "for", value_name = "USER", requires = "role")]
    pub requester: Option<String>,
    /// Their role: admin, analyst, teacher or viewer
    #[arg(long, value_name = "ROLE", requires = "requester")]
    pub role: Option<String>,
    /// Only tell whether it may be asked now, and what it would cost; nothing is asked or kept
    #[arg(long)]
    pub dry_run: bool,
    /// Show the latest requests and what came of them, instead of making one
    #[arg(long, conflicts_with_all = ["meeting", "all", "requester", "role", "dry_run"])]
    pub list: bool,
}

impl Refresh {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let Some(meeting) = &self.meeting else { return requests::show(&context) };
        let wait = parse_wait(&self.wait)?;
        let requester = self.requester()?;
        let mut store = context.open_store()?;
        let accounts = context.accounts(&store).await?;
        let runs = self.meant(meeting).known(&store, &accounts)?;
        let now = context.clock().now();
        let name = match meeting {
            MeetingName::Number(number) => number.to_string(),
            MeetingName::Uuid(uuid) => uuid.clone(),
        };
        let asked = Asked {
            rules: &context.config.refresh,
            requester: &requester,
            zone: &context.config.timezone,
            meeting: &name,
            all: self.all,
        };
        let price = refresh::price(&accounts, &runs);
        if self.dry_run {
            let decision = refresh::decide(&store, now, &asked, &runs)?;
            return text::dry_run(&context, &decision, !runs.is_empty(), &price);
        }
        let put = refresh::put(&mut store, now, &accounts, &asked, &runs)?;
        if let (Some(who), Some(role)) = (&self.requester, &self.role) {
            let detail = Some(format!("for {who} as {role}"));
            store.add_audit(&audit::entry(&context, "refresh.put", &name, detail))?;
        }
        match &put.decision {
            Decision::Refused(_) => text::refused(&context, &put),
            Decision::Join { answered_at: Some(at), .. } => {
                text::answered(&context, &store, &put, *at, &runs)
            }
            _ => {
                let clock = context.clock();
                let command = format!("refresh {meeting}");
                let mut collector = Collector::start(clock, context.chance(now), store, accounts, &command)?;
                let meant = self.meant(meeting);
                let looked = work(&context, &mut collector, &meant, &requester, &put, wait).await;
                self.close(&context, collector, &put, looked)
            }
        }
    }

    /// Closes the run's report and says what came of the request.
    fn close(
        &self,
        context: &Context<'_>,
        mut collector: Collector,
        put: &Put,
        looked: anyhow::Result<(Ending, Vec<i64>)>,
    ) -> anyhow::Result<Exit> {
        let now = collector.clock.now();
        let fail = |collector: &mut Collector, why: &str| {
            collector.store.answer_request(now, put.request, RequestOutcome::Failed, why)
        };
        let (ending, ids) = match looked {
            Ok(looked) => looked,
            Err(error) => {
                fail(&mut collector, &format!("{error:#}"))?;
                collector.finish(i32::from(super::exit_of(&error).code()), "not looked at")?;
                return Err(error);
            }
        };
        let mut exit = exit_of(&ending);
        for failure in collector.accounts.iter().filter_map(Account::failure) {
            eprintln!("rollbook: {}", failure.message);
            exit = exit.and(if failure.is_configuration { Exit::Usage } else { Exit::Failed });
        }
        if let (Ending::Failed, Some(failure)) = (&ending, collector.failure().cloned()) {
            fail(&mut collector, &failure.message)?;
        }
        let after: Vec<Record> = ids
            .iter()
            .filter_map(|id| collector.store.instance(*id).transpose())
            .collect::<Result<_, _>>()?;
        if after.iter().any(|record| record.state.is_open()) {
            exit = exit.and(Exit::Open);
        }
        collector.finish(i32::from(exit.code()), &format!("{} runs looked at", after.len()))?;
        let request = collector.store.request(put.request)?;
        if context.json {
            let left = text::left(&put.decision);
            let (calls, instances) = (collector.calls(), after);
            output::json(&json!({
                "instances": instances, "calls": calls, "request": request, "ration_left": left,
            }))?;
        } else {
            text::print(&collector.store, &after)?;
            text::ration(&put.decision)?;
        }
        Ok(exit)
    }

    fn requester(&self) -> Result<Requester, UsageError> {
        let (Some(who), Some(role)) = (&self.requester, &self.role) else { return Ok(Requester::shell()) };
        let role: Role = role.parse().map_err(|wrong| UsageError(format!("--role: {wrong}")))?;
        Requester::named(who, role).map_err(|wrong| UsageError(format!("--for {who:?}: {wrong}")))
    }

    fn meant<'a>(&self, meeting: &'a MeetingName) -> Meant<'a> {
        Meant { meeting, all: self.all, day: None }
    }
}

/// Asks Zoom, and tells which runs were looked at.
async fn work(
    context: &Context<'_>,
    collector: &mut Collector,
    meant: &Meant<'_>,
    requester: &Requester,
    put: &Put,
    wait: Wait,
) -> anyhow::Result<(Ending, Vec<i64>)> {
    let mut stop = stop_on_signals();
    collector.sign_in().await;
    context.keep_tokens(&collector.accounts).await;
    let runs = meant.find(collector).await?;
    let ids: Vec<i64> = runs.iter().map(|run| run.id).collect();
    if let Some(stray) = runs.iter().find(|run| collector.accounts.iter().all(|a| a.name != run.account)) {
        anyhow::bail!("account {:?} is not configured", stray.account);
    }
    let now = collector.clock.now();
    let (store, accounts) = (&mut collector.store, &collector.accounts);
    refresh::add_runs(store, now, accounts, requester, put.request, &runs)?;
    let ending = collector.work(&Goal::Instances(ids.clone()), wait, &mut stop, &mut |_| {}).await?;
    Ok((ending, ids))
}
