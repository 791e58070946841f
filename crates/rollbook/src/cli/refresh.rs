//! `rollbook refresh`: look at a meeting again now.

use anyhow::Context as _;
use clap::Args;
use rollbook_core::budget::Purpose;
use rollbook_core::completeness::Question;
use rollbook_core::instance::{Instance, Kind, TimesFrom};
use rollbook_store::{Record, Store};
use rollbook_zoom::{Advice, SkipReason};
use serde_json::json;

use super::context::Context;
use super::meeting::MeetingName;
use super::page::count;
use super::sync::{exit_of, parse_wait};
use super::{Exit, output};
use crate::collector::account::Account;
use crate::collector::ask::Request;
use crate::collector::once::OnceError;
use crate::collector::settle::Settling;
use crate::collector::{Collector, Goal, reconsider};
use crate::supervise::stop_on_signals;

/// Look at a meeting again now
///
/// Asks Zoom for the participants of a meeting's latest open run (the latest of all if none is open, or that of the UUID
/// given) at once, before all other work and, if need be, from the reserve. A number that is not in the store yet is
/// looked up at Zoom.
#[derive(Debug, Args)]
pub struct Refresh {
    /// Meeting number or UUID
    #[arg(value_name = "MEETING")]
    pub meeting: MeetingName,
    /// All runs of the number, not only one
    #[arg(long)]
    pub all: bool,
    /// How long to wait altogether for due times and limits
    #[arg(long, default_value = "2m", value_name = "DURATION")]
    pub wait: String,
}

impl Refresh {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let clock = context.clock();
        let now = clock.now();
        let wait = parse_wait(&self.wait)?;
        let store = context.open_store()?;
        let accounts = context.accounts(&store).await?;
        let mut stop = stop_on_signals();
        let mut collector = Collector::start(
            clock,
            context.chance(now),
            store,
            accounts,
            &format!("refresh {}", self.meeting),
        )?;
        collector.sign_in().await;
        context.keep_tokens(&collector.accounts).await;
        let found = self.find(&mut collector).await;
        let records = match found {
            Ok(records) => records,
            Err(error) => {
                collector.finish(i32::from(super::exit_of(&error).code()), "not found")?;
                return Err(error);
            }
        };
        let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
        for record in records {
            let account = collector.accounts.iter().find(|account| account.name == record.account);
            let account =
                account.with_context(|| format!("account {:?} is not configured", record.account))?;
            collector.store.atomically(|store| ask_now(store, now, account, &record))?;
        }
        let ending = collector.work(&Goal::Instances(ids.clone()), wait, &mut stop, &mut |_| {}).await?;
        let mut exit = exit_of(&ending);
        for failure in collector.accounts.iter().filter_map(Account::failure) {
            eprintln!("rollbook: {}", failure.message);
            exit = exit.and(if failure.is_configuration { Exit::Usage } else { Exit::Failed });
        }
        let after: Vec<Record> = ids
            .iter()
            .filter_map(|id| collector.store.instance(*id).transpose())
            .collect::<Result<_, _>>()?;
        if after.iter().any(|record| record.state.is_open()) {
            exit = exit.and(Exit::Open);
        }
        collector.finish(i32::from(exit.code()), &format!("{} runs looked at", after.len()))?;
        if context.json {
            output::json(&json!({ "instances": after, "calls": collector.calls() }))?;
        } else {
            print(&collector.store, &after)?;
        }
        Ok(exit)
    }

    /// The runs meant: from the store, or from Zoom if the store has never seen them.
    async fn find(&self, collector: &mut Collector) -> anyhow::Result<Vec<Record>> {
        let known = self.known(collector)?;
        if !known.is_empty() {
            return Ok(known);
        }
        if let Some(failure) = collector.failure() {
            return Err(failure.clone().into());
        }
        let mut said = None;
        for index in 0..collector.accounts.len() {
            if collector.accounts[index].failed.is_some() {
                continue;
            }
            for kind in [Kind::Meeting, Kind::Webinar] {
                match collector.ask_once(index, &self.look_up(kind), Purpose::Person).await {
                    Ok(told) => self.keep(collector, index, told.instances)?,
                    Err(OnceError::Zoom(error)) if is_unknown(&error) => {}
                    Err(error @ OnceError::Zoom(_)) => {
                        said = Some(error.for_account(&collector.accounts[index].name));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let found = self.known(collector)?;
        match (found.is_empty(), said) {
            (false, _) => Ok(found),
            (true, Some(error)) => {
                Err(error.context(format!("meeting {} could not be looked up", self.meeting)))
            }
            (true, _) => anyhow::bail!(
                "Zoom knows no ended run of meeting {}; check it, or wait for the meeting to end",
                self.meeting
            ),
        }
    }

    /// A number is turned into its runs; a UUID is looked up by itself.
    fn look_up(&self, kind: Kind) -> Request {
        match &self.meeting {
            MeetingName::Number(number) => Request::Runs(*number, kind),
            MeetingName::Uuid(uuid) => Request::Details(Box::new(Instance::unknown(uuid.clone(), kind))),
        }
    }

    fn keep(&self, collector: &mut Collector, index: usize, instances: Vec<Instance>) -> anyhow::Result<()> {
        let (now, run) = (collector.clock.now(), collector.run);
        let mut settling =
            Settling { account: &mut collector.accounts[index], chance: &collector.chance, run };
        Ok(collector.store.atomically(|store| settling.keep_instances(store, now, instances, None))?)
    }

    fn known(&self, collector: &Collector) -> anyhow::Result<Vec<Record>> {
        let (number, uuid) = match &self.meeting {
            MeetingName::Number(number) => (Some(*number), ""),
            MeetingName::Uuid(uuid) => (None, uuid.as_str()),
        };
        let mut records = Vec::new();
        for account in &collector.accounts {
            records.extend(collector.store.instances_named(Some(&account.name), number, uuid)?);
        }
        if !self.all && records.len() > 1 {
            // What is still open needs a look more than what is settled.
            let chosen =
                records.into_iter().max_by_key(|record| (record.state.is_open(), record.instance.started_at));
            return Ok(chosen.into_iter().collect());
        }
        Ok(records)
    }
}

/// Zoom's one answer for numbers that never were, and for those of the other kind.
fn is_unknown(error: &rollbook_zoom::Error) -> bool {
    matches!(
        error.advice(),
        Advice::Skip(SkipReason::NotFoundOrNotEnded | SkipReason::NotApplicable | SkipReason::BadParameter)
    ) && error.code().is_some()
}

/// Puts the instance's job before all others: its times if they are missing, else its participants.
fn ask_now(
    store: &mut Store,
    now: jiff::Timestamp,
    account: &Account,
    record: &Record,
) -> rollbook_store::Result<()> {
    let blank = record.instance.is_live || record.instance.times_from < TimesFrom::List;
    let family = account.offer.families(record.instance.is_one_person).first().copied();
    let question = match family {
        Some(family) if !blank => Question::Participants(family),
        Some(_) => Question::Details,
        None => return reconsider::reconsider(store, now, account, record.clone(), None).map(drop),
    };
    let spec = reconsider::instance_job(now, account, record, question, now, "asked for by a person".into());
    store.put_job(&spec)?;
    store.hurry_job(now, record.id)
}

fn print(store: &Store, records: &[Record]) -> anyhow::Result<()> {
    for record in records {
        let stays = store.stays(record.id)?.into_iter().filter(|stay| !stay.is_withdrawn).count();
        output::line(format!(
            "{} {}: {}, {}\n  {}",
            record.instance.topic.as_deref().unwrap_or("(no topic)"),
            record.instance.uuid,
            record.state.name(),
            count(stays as u64, "stay", "stays"),
            record.reason.as_deref().unwrap_or("")
        ))?;
        if let Some(at) = record.next_look_at {
            output::line(format!("  next look at {at}"))?;
        }
    }
    Ok(())
}
