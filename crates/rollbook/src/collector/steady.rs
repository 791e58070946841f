//! What only a collector that is left running does: it comes to an end in order, and its reports are one a day.

use jiff::SignedDuration;
use rollbook_core::label::PerLabel;
use rollbook_store::Result;

use super::Collector;

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
