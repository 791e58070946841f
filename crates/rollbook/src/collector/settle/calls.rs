//! Call quality: what pages told, and what refusals mean.

use jiff::Timestamp;
use rollbook_core::job::Ask;
use rollbook_core::quality::{QualityOutcome, QualityRow};
use rollbook_store::{Job, Result, Store};
use rollbook_zoom::{Advice, Error, SkipReason};

use super::refused::said;
use super::{Progress, Settling, progress_of};
use crate::collector::quality;

impl Settling<'_> {
    /// A page of samples is kept at once: a list of thirty pages never has to fit into memory.
    pub(super) fn quality_told(
        &mut self,
        store: &mut Store,
        job: &Job,
        progress: &mut Progress,
        rows: Vec<QualityRow>,
    ) -> Result<()> {
        if let Some(id) = job.spec.ask.instance() {
            progress.quality.add(quality::keep_rows(store, id, rows)?);
        }
        self.account.note_quality_answer();
        Ok(())
    }

    /// A call-quality list has been read to its end, or will not be.
    pub(super) fn quality_read(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: &Job,
        asked: quality::Asked,
        outcome: QualityOutcome,
    ) -> Result<()> {
        store.finish_job(job.id)?;
        let record = job.spec.ask.instance().map(|id| store.instance(id)).transpose()?.flatten();
        let Some(record) = record else { return Ok(()) };
        let (reading, calls) = asked.said(outcome);
        store.add_quality_reading(record.id, self.run, calls, &reading)?;
        quality::reconsider(store, at, self.account, &record)
    }

    /// An asking for call quality that brought no answer.
    pub(super) fn failed_quality(
        &mut self,
        store: &mut Store,
        at: Timestamp,
        job: &Job,
        while_live: bool,
        error: &Error,
    ) -> Result<()> {
        let said = said(error);
        let outcome = match error.advice() {
            Advice::Skip(SkipReason::NotFoundOrNotEnded) => QualityOutcome::NotFound { said },
            Advice::Skip(SkipReason::TooOld) => QualityOutcome::TooOld { said },
            _ => QualityOutcome::Failed { said },
        };
        let participant = match &job.spec.ask {
            Ask::Quality { participant, .. } => participant.clone(),
            _ => None,
        };
        let calls = progress_of(job).calls + 1;
        self.quality_read(store, at, job, quality::Asked { at, participant, while_live, calls }, outcome)
    }

    pub(super) fn is_about_call_quality(&mut self, reason: &SkipReason) -> bool {
        match reason {
            SkipReason::PlanTooLow { .. } | SkipReason::ScopeMissing { .. } => true,
            SkipReason::NoPermission => self.account.note_quality_denial(),
            _ => false,
        }
    }

    /// Call quality has scopes of its own: attendance goes on.
    pub(super) fn refuse_quality(&mut self, store: &mut Store, at: Timestamp, error: &Error) -> Result<()> {
        if self.account.offer.quality_refusal().is_none() {
            let note = format!("call quality is closed to account {}: {error}", self.account.name);
            store.note_run(at, self.run, &note)?;
        }
        self.account.offer.refused_at = Some(at);
        self.account.offer.quality_refused = Some(error.to_string());
        store.put_account(&self.account.name, None, &self.account.pool, &self.account.offer)
    }
}
