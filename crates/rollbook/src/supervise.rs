//! How a run is asked to stop: once politely, twice at once.

use std::thread::JoinHandle;

use tokio::sync::watch;

/// Becomes true when the program should stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// The other end: asks to stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StopHandle(watch::Sender<bool>);

impl Stop {
    /// A pair of ends.
    pub fn pair() -> (StopHandle, Stop) {
        let (sender, receiver) = watch::channel(false);
        (StopHandle(sender), Stop(receiver))
    }

    /// Whether stopping was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until stopping is asked for; for ever if nobody can ask any more.
    pub async fn asked(&mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl StopHandle {
    /// Asks to stop.
    pub fn ask(&self) {
        let _ = self.0.send(true);
    }
}

/// A thread without which the process must not go on: when it ends before `stop` was asked for, by a panic or otherwise,
/// `ended` asks everybody else to stop.
pub fn vital_thread<T: Send + 'static>(
    what: &'static str,
    stop: Stop,
    ended: StopHandle,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let guard = Vital { what, stop, ended };
    std::thread::spawn(move || {
        let _guard = guard;
        work()
    })
}

struct Vital {
    what: &'static str,
    stop: Stop,
    ended: StopHandle,
}

impl Drop for Vital {
    fn drop(&mut self) {
        if !self.stop.is_asked() {
            tracing::error!("{} ended by itself; the process ends too, to be started again", self.what);
            self.ended.ask();
        }
    }
}

/// Turns Ctrl-C and SIGTERM into [`Stop`]. A second Ctrl-C ends the process at once; the store is whole at any moment.
pub fn stop_on_signals() -> Stop {
    stop_on_signals_or().1
}

/// As [`stop_on_signals`], with a handle for other reasons to stop.
pub fn stop_on_signals_or() -> (StopHandle, Stop) {
    let (handle, stop) = Stop::pair();
    let other = handle.clone();
    // The one task that outlives its caller: it ends with the process.
    #[allow(clippy::disallowed_methods)]
    tokio::spawn(async move {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            return;
        };
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        handle.ask();
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(130);
    });
    (other, stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_vital_thread_that_panics_stops_the_rest_and_one_that_was_stopped_does_not() {
        let (_handle, mine) = Stop::pair();
        let (ended, others) = Stop::pair();
        let dead = vital_thread("a test", mine, ended, || panic!("on purpose"));
        assert!(dead.join().is_err() && others.is_asked());

        let (handle, mine) = Stop::pair();
        let (ended, others) = Stop::pair();
        handle.ask();
        assert_eq!(vital_thread("a test", mine, ended, || 7).join().unwrap(), 7);
        assert!(!others.is_asked());
    }
}
