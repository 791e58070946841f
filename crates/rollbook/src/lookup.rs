//! Meetings that the store may not know yet: found in it, or else asked of Zoom. For the shell and for pages alike.

use rollbook_core::budget::Purpose;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::label::PerLabel;
use rollbook_core::time::Window;
use rollbook_store::{Record, Store};
use rollbook_zoom::{Advice, SkipReason};

use crate::cli::meeting::MeetingName;
use crate::collector::Collector;
use crate::collector::account::Account;
use crate::collector::ask::Request;
use crate::collector::once::OnceError;
use crate::collector::settle::Settling;
use crate::collector::translate::label;

/// A number and a UUID say nothing of the kind: Zoom has an endpoint for each.
const KINDS: [Kind; 2] = [Kind::Meeting, Kind::Webinar];

/// Which runs of a meeting are meant.
#[derive(Debug, Clone, Copy)]
pub struct Meant<'a> {
    /// A number or the UUID of one run.
    pub meeting: &'a MeetingName,
    /// All runs of a number; else the one that needs a look most.
    pub all: bool,
    /// Only runs that began on this day.
    pub day: Option<Window>,
}

impl Meant<'_> {
    /// Those that the store knows, of these accounts.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn known(&self, store: &Store, accounts: &[Account]) -> rollbook_store::Result<Vec<Record>> {
        let (number, uuid) = match self.meeting {
            MeetingName::Number(number) => (Some(*number), ""),
            MeetingName::Uuid(uuid) => (None, uuid.as_str()),
        };
        let mut records = Vec::new();
        for account in accounts {
            records.extend(store.instances_named(Some(&account.name), number, uuid)?);
        }
        if let Some(day) = self.day {
            records.retain(|record| record.instance.started_at.is_some_and(|at| day.contains(at)));
            return Ok(records);
        }
        if !self.all && records.len() > 1 {
            // What is still open needs a look more than what is settled.
            let chosen =
                records.into_iter().max_by_key(|record| (record.state.is_open(), record.instance.started_at));
            return Ok(chosen.into_iter().collect());
        }
        Ok(records)
    }

    /// The same, asking Zoom if the store has never seen them.
    ///
    /// # Errors
    /// If Zoom knows none, or cannot be asked: what happened, and what to do.
    pub async fn find(&self, collector: &mut Collector) -> anyhow::Result<Vec<Record>> {
        let known = self.known(&collector.store, &collector.accounts)?;
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
            for kind in KINDS {
                match collector.ask_once(index, &look_up(self.meeting, kind), Purpose::Person).await {
                    Ok(told) => keep(collector, index, told.instances)?,
                    Err(OnceError::Zoom(error)) if is_unknown(&error) => {}
                    Err(error @ OnceError::Zoom(_)) => {
                        said = Some(error.for_account(&collector.accounts[index].name));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let found = self.known(&collector.store, &collector.accounts)?;
        match (found.is_empty(), said) {
            (false, _) => Ok(found),
            (true, Some(error)) => {
                Err(error.context(format!("meeting {} could not be looked up", self.meeting)))
            }
            (true, _) => anyhow::bail!(
                "Zoom knows no ended run of meeting {}{}; check it, or wait for the meeting to end",
                self.meeting,
                if self.day.is_some() { " on that day" } else { "" }
            ),
        }
    }
}

/// What finding a meeting costs that the store does not know, each run that is then looked at left aside.
pub fn price(accounts: &[Account], meeting: &MeetingName) -> PerLabel<u64> {
    let mut calls = PerLabel::default();
    for _ in accounts {
        for kind in KINDS {
            calls[label(look_up(meeting, kind).operation().label())] += 1;
        }
    }
    calls
}

/// A number is turned into its runs; a UUID is looked up by itself.
fn look_up(meeting: &MeetingName, kind: Kind) -> Request {
    match meeting {
        MeetingName::Number(number) => Request::Runs(*number, kind),
        MeetingName::Uuid(uuid) => Request::Details(Box::new(Instance::unknown(uuid.clone(), kind))),
    }
}

fn keep(collector: &mut Collector, index: usize, instances: Vec<Instance>) -> anyhow::Result<()> {
    let (now, run) = (collector.clock.now(), collector.run);
    let mut settling = Settling { account: &mut collector.accounts[index], chance: &collector.chance, run };
    Ok(collector.store.atomically(|store| settling.keep_instances(store, now, instances, None))?)
}

/// Zoom's one answer for numbers that never were, and for those of the other kind.
fn is_unknown(error: &rollbook_zoom::Error) -> bool {
    matches!(
        error.advice(),
        Advice::Skip(SkipReason::NotFoundOrNotEnded | SkipReason::NotApplicable | SkipReason::BadParameter)
    ) && error.code().is_some()
}
