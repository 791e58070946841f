//! What follows from asking a known number for its instances.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::job::Ask;
use rollbook_core::known::{Answer, KnownNumber};
use rollbook_core::listing::SETTLED_AFTER;
use rollbook_core::time::Window;
use rollbook_store::{Job, KnownRecord, Result, Store};
use rollbook_zoom::{Error, SkipReason};

use super::{Settling, progress_of};
use crate::collector::account::{DENIALS_MAX, Failure};
use crate::collector::ask::Told;
use crate::collector::known::put_next;
use crate::collector::reconsider::reconsider;

impl Settling<'_> {
    /// All runs of a number have come. Those of wanted days go into the ledger; all of them, if somebody asked for that
    /// number by itself.
    pub(super) fn runs_told(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        asked_at: Timestamp,
        job: &Job,
        told: Told,
    ) -> Result<()> {
        let Some(known) = finished(store, &self.account.name, job)? else {
            return self.keep_instances(store, at, told.instances, None);
        };
        let answer = Answer {
            asked_at,
            runs: u32::try_from(told.instances.len()).unwrap_or(u32::MAX),
            latest_run_at: told.instances.iter().filter_map(|run| run.started_at).max(),
            not_found: 0,
        };
        for run in told.instances {
            self.keep_run(store, at, &known.known, run)?;
        }
        self.number_answered(store, at, job, known, answer)
    }

    /// A run that begins on a wanted day, or whose start was not told (quirk 1): its details will tell.
    fn keep_run(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        known: &KnownNumber,
        mut run: Instance,
    ) -> Result<()> {
        if let Some(start) = run.started_at
            && !store.is_wanted_time(&self.account.name, start)?
        {
            return Ok(());
        }
        // The activity's name is the meeting's topic; what Zoom itself said is better.
        let held = store.instance_by_uuid(&self.account.name, &run.uuid)?;
        if held.is_none_or(|held| held.instance.topic.is_none()) {
            run.topic = Some(known.topic.clone()).filter(|topic| !topic.is_empty());
        }
        let found = store.put_instance(at, &self.account.name, run)?;
        if found.is_changed {
            reconsider(store, at, self.account, found.record, None)?;
        }
        Ok(())
    }

    /// Zoom refuses a number. That it knows none such is an answer; so is another refusal of this number once Zoom
    /// insists, and then the run's report says so.
    pub(super) fn runs_refused(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        asked_at: Timestamp,
        job: Job,
        reason: &SkipReason,
        error: &Error,
    ) -> Result<()> {
        let kind = match job.spec.ask {
            Ask::Instances { kind, .. } => kind,
            _ => Kind::Meeting,
        };
        match reason {
            SkipReason::NotFoundOrNotEnded => {}
            SkipReason::NoPermission if progress_of(&job).denials + 1 < DENIALS_MAX => {
                return self.denied(store, at, job, error);
            }
            SkipReason::PlanTooLow { .. } | SkipReason::ScopeMissing { .. } if kind == Kind::Meeting => {
                self.account.failed = Some(Failure::of(&self.account.name, error));
                return self.again(store, at, job, SignedDuration::ZERO, error);
            }
            _ => {
                // Webinars are an add-on with a scope of their own: one remark says it for all of them.
                let note = format!("the runs of some {}s were left out: {error}", kind.name());
                if !store.run_notes(self.run)?.iter().any(|(_, noted)| *noted == note) {
                    store.note_run(at, self.run, &note)?;
                }
            }
        }
        let Some(known) = finished(store, &self.account.name, &job)? else { return Ok(()) };
        let before = known.answer.unwrap_or_default();
        let answer = Answer { asked_at, not_found: before.not_found.saturating_add(1), ..before };
        self.number_answered(store, at, &job, known, answer)
    }

    /// Keeps a number's answer and puts its next job: for every wanted day that this answer came too early for.
    fn number_answered(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: &Job,
        known: KnownRecord,
        answer: Answer,
    ) -> Result<()> {
        let (number, kind) = (known.known.number, known.known.kind);
        store.note_known_asked(&self.account.name, number, kind, &answer)?;
        let Ask::Instances { window, .. } = job.spec.ask else { return Ok(()) };
        if known.gone_at.is_some() {
            return Ok(());
        }
        let known = KnownRecord { answer: Some(answer), ..known };
        let open = Window { from: window.from.min(answer.asked_at - SETTLED_AFTER), to: Timestamp::MAX };
        let days = store.wanted_days(&self.account.name, open)?;
        put_next(store, at, self.account, &known, &days)
    }
}

/// Takes a job away and gives the number it was about.
fn finished(store: &mut Store, account: &str, job: &Job) -> Result<Option<KnownRecord>> {
    store.finish_job(job.id)?;
    match job.spec.ask {
        Ask::Instances { number, kind, .. } => store.known_number(account, number, kind),
        _ => Ok(None),
    }
}
