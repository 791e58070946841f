//! What only a collector that is left running does: it comes to an end in order, and its reports are one a day.

use std::sync::Arc;

use jiff::SignedDuration;
use rollbook_core::job::Ask;
use rollbook_core::label::PerLabel;
use rollbook_store::{QualityState, Result, Store};

use super::Collector;
use super::settle::{Returned, outcome_words};
use crate::metrics::Metrics;

impl Collector {
    /// Lets answers under way come in, for at most so long; what is not answered by then is given back.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub async fn drain(&mut self, at_most: SignedDuration) -> Result<()> {
        let until = self.clock.now() + at_most;
        while !self.in_flight.is_empty() {
            let joined = tokio::select! {
                biased;
                joined = self.in_flight.join_next() => joined,
                () = self.clock.sleep_until(until) => None,
            };
            let Some(done) = joined else { break };
            self.settle_joined(done)?;
        }
        self.interrupt().map(drop)
    }

    /// Closes the run's report and opens a new one, in the middle of the work.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn begin_report(&mut self, summary: &str, command: &str) -> Result<()> {
        let (now, old) = (self.clock.now(), self.run);
        self.run = self.store.atomically(|store| {
            store.end_run(now, old, 0, summary)?;
            let new = store.start_run(now, command)?;
            store.hand_over_jobs(old, new)?;
            Ok(new)
        })?;
        (self.calls, self.counted_at) = (PerLabel::default(), 0);
        Ok(())
    }
}

/// A call that is counted for monitoring, and what it may complete.
pub(super) struct Counted {
    metrics: Arc<Metrics>,
    quality_of: Option<i64>,
}

impl Counted {
    /// Counts the call.
    pub fn before(metrics: Arc<Metrics>, returned: &Returned) -> Counted {
        let Returned { job, paid, at, result, .. } = returned;
        let took = at.duration_since(paid.sent_at);
        metrics.call(paid.label, &paid.operation, &outcome_words(result), took);
        let quality_of = match job.spec.ask {
            Ask::Quality { instance, .. } => Some(instance),
            _ => None,
        };
        Counted { metrics, quality_of }
    }

    /// Counts what it completed.
    pub fn after(&self, store: &Store) -> Result<()> {
        let Some(instance) = self.quality_of else { return Ok(()) };
        if let Some(ledger) = store.quality_state(instance)?
            && ledger.standing.state == QualityState::Complete
        {
            self.metrics.quality(ledger.standing.score, ledger.standing.bad_share);
        }
        Ok(())
    }
}
