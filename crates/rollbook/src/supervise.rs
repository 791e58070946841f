//! How a run is asked to stop: once politely, twice at once.

use tokio::sync::watch;

/// Becomes true when the program should stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// The other end: asks to stop.
#[derive(Debug)]
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

/// Turns Ctrl-C and SIGTERM into [`Stop`]. A second Ctrl-C ends the process at once; the store is whole at any moment.
pub fn stop_on_signals() -> Stop {
    let (handle, stop) = Stop::pair();
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
    stop
}
