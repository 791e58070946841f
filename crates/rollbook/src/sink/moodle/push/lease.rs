//! One push at a time tells a site: two at once would each forget which rows are the other's.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use rollbook_moodle::Error;

use super::{Run, Trouble};

/// How long a push that was killed keeps others away. One that lives renews it before every write, and each batch of
/// sessions is read in seconds.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// How often one that finds another at work looks again, and the pause between.
const LOOKS: u32 = 10;
const PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// A name that no other run has.
pub(super) fn holder(now: Timestamp) -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    format!("{}-{run}-{}", std::process::id(), now.as_nanosecond())
}

/// Until when a sink that is taken or renewed now is kept.
pub(super) fn until(now: Timestamp) -> Timestamp {
    now + LEASE
}

/// Why a push that lost its lease writes no more.
pub(super) const LOST: &str =
    "another push has taken over, as this one made no progress for minutes; that one goes on";

impl Run<'_> {
    /// Waits a little for whoever else is at work; says so if that does not end.
    pub(super) async fn take(&mut self) -> Result<bool, Trouble> {
        let clock = self.push.clock;
        let mut looks = 1;
        loop {
            let now = clock.now();
            let taken = self.push.store.take_sink(now, &self.sink, &self.holder, until(now))?;
            let Some(since) = taken else { return Ok(true) };
            if looks == LOOKS || self.is_stopped() {
                self.is_taken(since);
                return Ok(false);
            }
            looks += 1;
            clock.sleep_until(now + PAUSE).await;
        }
    }

    /// The other one does what this one was to do, unless this one was asked for something of its own.
    fn is_taken(&mut self, since: Timestamp) {
        let said = format!("another push is at work since {since}; this one delivered nothing");
        if self.push.again || self.push.window.is_some() {
            self.report.stopped.get_or_insert(said);
        } else {
            self.report.notes.push(said);
        }
    }

    /// Keeps others away for longer.
    pub(super) fn renew(&mut self) -> Result<(), Trouble> {
        let until = until(self.push.clock.now());
        if self.push.dry_run || self.push.store.keep_sink(&self.sink, &self.holder, until)? {
            return Ok(());
        }
        Err(Error::NotKept(LOST.to_owned()).into())
    }
}

impl Drop for Run<'_> {
    /// However it ends, short of being killed; then the lease runs out by itself.
    fn drop(&mut self) {
        if !self.push.dry_run {
            let _ = self.push.store.leave_sink(&self.sink, &self.holder);
        }
    }
}
