//! How long somebody else's server may take.

use std::future::Future;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Waits for `work`, but no longer than `limit` of real time; none when that is over.
///
/// Not tokio's timer: simulations stop that clock and let it jump ahead whenever everybody waits, and a server that answers in
/// real time would always be too late. A thread that waits keeps the clock from jumping, and ends with the work.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (done, is_done) = channel::<()>();
    let limit =
        tokio::task::spawn_blocking(move || is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout));
    tokio::select! {
        biased;
        outcome = work => {
            drop(done);
            Some(outcome)
        }
        _ = limit => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_never_ends_is_given_up() {
        assert_eq!(within(Duration::from_millis(1), std::future::pending::<()>()).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_jumps_cuts_nothing_short() {
        // In real time: only a runtime whose clock did not jump an hour ahead still has this work before its limit.
        let work = tokio::task::spawn_blocking(|| 7);
        assert_eq!(within(Duration::from_secs(3_600), work).await.map(Result::ok), Some(Some(7)));
    }
}
