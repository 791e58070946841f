//! `rollbook serve`: one process that can be left running.

use std::io::Write as _;
use std::sync::Arc;

use clap::Args;
use rollbook_core::chores::Rhythm;
use rollbook_core::pace::Pace;
use tokio::signal::unix::SignalKind;

use super::Exit;
use super::context::Context;
use crate::collector::{Collector, account::Account};
use crate::config::ConfigError;
use crate::metrics::Metrics;
use crate::serve::collect::{COMMAND, Collecting, LOOK_EVERY, Settings, beating, note_failures};
use crate::serve::{self, pulse::Pulse};
use crate::supervise::{Stop, stop_on_signals_or};
use crate::web::setup;

mod outside;

use outside::World;

/// Collect by itself for ever, and show what was collected: pages for people, JSON for programs
///
/// Finds every new day, looks at each meeting when its attendance can be proved, tells Moodle of changes, and drops what
/// is kept too long. What it is about to do stands in the store: it can be stopped anywhere, and goes on where it was.
/// Other commands work beside it. SIGTERM ends it in order, with exit code 0.
#[derive(Debug, Args)]
pub struct Serve {}

impl Serve {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        context.config.serve.check_listen()?;
        let (halt, mut stop) = stop_on_signals_or();
        // Settings are read at the start only; certificates are looked at again by themselves. Nobody who sends a hangup means
        // that it should end.
        let _hangups = tokio::signal::unix::signal(SignalKind::hangup())?;
        let clock = context.clock();
        // Made and brought up to date before anybody reads.
        let store = context.open_store()?;
        let _only = serve::only_server(store.path())?;
        let mut accounts = context.accounts(&store).await?;
        for account in &mut accounts {
            account.pace = Pace::Steady(context.config.serve.steady.pace);
        }
        let address = context.config.serve.listen;
        let listener = std::net::TcpListener::bind(address).map_err(|error| {
            ConfigError(format!("cannot listen at {address}: {error}; choose another with ROLLBOOK_LISTEN"))
        })?;
        let worked_at = store.last_run_of(COMMAND)?.map(|(began_at, ended_at)| ended_at.unwrap_or(began_at));
        let mut collector = Collector::start(clock, context.chance(clock.now()), store, accounts, COMMAND)?;
        let pulse = Pulse::default();
        pulse.beat(clock.now());
        let metrics = Arc::new(Metrics::default());
        collector.metrics = Some(metrics.clone());
        let app = serve::app(&context.config, clock, pulse.clone(), metrics)?;
        let wake = app.wake.clone();
        let base = context.config.serve.base(listener.local_addr()?);
        say(&format!("rollbook answers at {base}"));
        if let Some(path) = setup::link(&mut collector.store, clock.now())? {
            say(&format!(
                "Nobody can sign in yet. This link makes the first admin, once, within 24 hours:\n{base}{path}"
            ));
        }
        let world = World::new(&context, clock);
        let (closing, web_stop) = Stop::pair();
        let web = serve::web_thread(listener, app, web_stop, halt)?;
        world.tell_ready();
        let began = tokio::select! {
            biased;
            began = begin(&context, &mut collector, &mut stop) => began,
            never = beating(clock, &pulse, &world) => match never {},
        };
        let exit = match began {
            Ok(()) => {
                note_failures(&collector, &pulse);
                let settings = settings(&context);
                Collecting::new(&mut collector, &world, settings, &wake, pulse, worked_at)?
                    .run(&mut stop)
                    .await;
                Ok(Exit::Done)
            }
            Err(error) => {
                collector.finish(i32::from(super::exit_of(&error).code()), &format!("{error:#}"))?;
                Err(error)
            }
        };
        world.tell_stopping();
        serve::join_web(web, &closing)?;
        exit
    }
}

/// Says something to whoever started it, if they still listen.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{line}").and_then(|()| out.flush());
    if let Err(error) = said {
        tracing::debug!("nobody reads standard output: {error}");
    }
}

/// Signs in.
///
/// # Errors
/// If no account can be worked on for a reason that does not pass: then there is nothing to wait for. Whatever may pass,
/// or concerns one of several accounts, is told on the pages and tried again.
async fn begin(context: &Context<'_>, collector: &mut Collector, stop: &mut Stop) -> anyhow::Result<()> {
    tokio::select! {
        biased;
        () = stop.asked() => return Ok(()),
        () = collector.sign_in() => {}
    }
    context.keep_tokens(&collector.accounts).await;
    let is_hopeless =
        |account: &Account| account.failed.as_ref().is_some_and(|failure| failure.is_configuration);
    match collector.failure().filter(|_| collector.accounts.iter().all(is_hopeless)) {
        Some(failure) => Err(failure.clone().into()),
        None => Ok(()),
    }
}

fn settings(context: &Context<'_>) -> Settings {
    let config = &context.config;
    Settings {
        rhythm: Rhythm { zone: config.timezone.clone(), deliver_every: config.serve.steady.deliver_every },
        from: config.serve.steady.from,
        keep: config.keep,
        look_every: LOOK_EVERY,
    }
}
