//! The parts of `rollbook serve`, put together: the collector on this thread, the web server on threads of its own.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clerk::{Clerk, Durability};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::metrics::Metrics;
use crate::metrics::look::Quota;
use crate::report::account::AccountSettings;
use crate::supervise::{Stop, StopHandle, vital_thread};
use crate::web::access::Access;
use crate::web::rate::Rate;
use crate::web::readers::Readers;
use crate::web::school::School;
use crate::web::teaching::Teaching;
use crate::web::{self, App, Parts};
use crate::webhook::Webhooks;

pub mod collect;
pub mod commands;
pub mod pulse;

use pulse::Pulse;

/// Threads that answer. Pages wait for the store, not for processors.
const WORKERS: usize = 2;

/// Readers of the store: pages looked at in the same moment. More than processors: on a large store some wait for the disk.
const READERS: usize = 8;

/// The web server's parts.
///
/// # Errors
/// If the store cannot be opened.
pub fn app(config: &Config, clock: Clock, pulse: Pulse, metrics: Arc<Metrics>) -> anyhow::Result<App> {
    let wake: Arc<Notify> = Default::default();
    Ok(App::new(Parts {
        clock,
        webhooks: Webhooks::open(config, clock, wake.clone(), metrics.clone(), pulse.clone())?,
        timezone: config.timezone.clone(),
        readers: Readers::open(&config.store, READERS)?,
        clerk: Clerk::open(&config.store, Durability::Process)?,
        wake,
        pulse,
        metrics,
        quotas: Quota::of(&config.accounts),
        keep: config.keep,
        attendance: config.attendance.clone(),
        refresh: config.refresh.clone(),
        accounts: config.accounts.iter().map(|account| account.name.clone()).collect(),
        access: Access::new(config.serve.clone(), &config.store, Teaching::new(config))?,
        settings: AccountSettings::all(config).into(),
        school: School::open(config, clock)?,
        rate: Rate::new(config.serve.api_rate),
        sums: Default::default(),
    }))
}

/// A clock that shows `epoch` now and goes on in real time, for threads of the web server: a runtime whose clock was paused
/// is ahead of them.
///
/// # Panics
/// Never: nothing in that thread can.
pub fn web_clock(epoch: Timestamp) -> Clock {
    // A thread of its own has no runtime, and so the true time.
    std::thread::spawn(move || Clock::simulated(epoch, 1.0)).join().expect("making a clock cannot fail")
}

/// Starts the web server; its thread ends after `stop` is asked for. Should it end by itself, `ended` is told.
///
/// # Errors
/// If its runtime cannot be made.
pub fn web_thread(
    listener: std::net::TcpListener,
    app: App,
    stop: Stop,
    ended: StopHandle,
) -> anyhow::Result<JoinHandle<std::io::Result<()>>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    listener.set_nonblocking(true)?;
    Ok(vital_thread("the web server", stop.clone(), ended, move || {
        let served = runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            web::serve(listener, app, stop).await
        });
        // Somebody may still read something long.
        runtime.shutdown_background();
        served
    }))
}

/// The pages' thread at its end.
///
/// # Errors
/// If it had not been asked to end, and did.
pub fn join_web(web: JoinHandle<std::io::Result<()>>, closing: &StopHandle) -> anyhow::Result<()> {
    let ended_by_itself = web.is_finished();
    closing.ask();
    web.join().map_err(|_| anyhow::anyhow!("the web server ended in a panic"))?.context("the web server")?;
    anyhow::ensure!(!ended_by_itself, "the web server ended by itself");
    Ok(())
}

/// Takes the store as its only `rollbook serve`, for as long as what is returned lives.
///
/// # Errors
/// If another process has it; or the file beside the store that tells cannot be made.
pub fn only_server(store: &Path) -> anyhow::Result<File> {
    let mut name = store.as_os_str().to_owned();
    name.push("-serve");
    let name = PathBuf::from(name);
    let file = File::options().create(true).append(true).open(&name);
    let file = file.with_context(|| format!("cannot write {}", name.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ConfigError(format!(
            "another `rollbook serve` runs on the store {}; one does all there is to do: stop that one first",
            store.display()
        ))
        .into()),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", name.display()))
        }
    }
}
