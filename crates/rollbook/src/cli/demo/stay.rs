//! The demo stays up: pages over its store, and the collector goes on against the simulator in real time.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rollbook_core::chores::Rhythm;
use rollbook_core::pace::{Pace, Steady};
use rollbook_store::{CommandRecord, Store};

use crate::collector::Collector;
use crate::collector::account::Account;
use crate::commands::CorrectionOrder;
use crate::config::{Config, Environment, Flags, KeepConfig};
use crate::metrics::Metrics;
use crate::serve::collect::{COMMAND, Collecting, Delivery, LOOK_EVERY, Outside, Settings};
use crate::serve::{self, pulse::Pulse};
use crate::supervise::{Stop, StopHandle};
use crate::web::setup;

/// Neither a Moodle nor anybody who supervises.
struct Nobody;

impl Outside for Nobody {
    async fn read_numbers(&self, _: &mut Collector) -> anyhow::Result<()> {
        Ok(())
    }

    fn deliver(&self, _: Stop) -> Option<impl Future<Output = Delivery> + '_> {
        None::<std::future::Pending<Delivery>>
    }

    async fn decide(&self, _: &mut Store, _: &CommandRecord, _: &CorrectionOrder) -> Result<String, String> {
        Err("the demo has no Moodle whose people could be named".to_owned())
    }

    async fn keep_tokens(&self, _: &[Account]) {}

    fn is_alive(&self) {}
}

/// Shows pages and collects until somebody asks to stop.
///
/// # Errors
/// If it cannot listen, or the store cannot be used.
pub async fn stay_up(
    collector: &mut Collector,
    listen: &str,
    store: &Path,
    summary: &str,
    halt: StopHandle,
    stop: &mut Stop,
) -> anyhow::Result<()> {
    // The demo's own settings, whatever this machine is configured for.
    let environment = Environment::of([("ROLLBOOK_CONFIG", "/dev/null"), ("ROLLBOOK_LISTEN", listen)]);
    let flags = Flags { store: Some(format!("sqlite:{}", store.display())), ..Flags::default() };
    let config = Config::load(&flags, &environment)?;
    config.serve.check_listen()?;
    let now = collector.clock.now();
    collector.begin_report(summary, COMMAND)?;
    let (metrics, pulse) = (Arc::new(Metrics::default()), Pulse::default());
    collector.metrics = Some(metrics.clone());
    for account in &mut collector.accounts {
        account.pace = Pace::Steady(Steady::default());
    }
    pulse.beat(now);
    let app = serve::app(&config, serve::web_clock(now), pulse.clone(), metrics)?;
    let wake = app.wake.clone();
    let listener = std::net::TcpListener::bind(config.serve.listen)
        .with_context(|| format!("cannot listen at {listen}; choose another with --listen"))?;
    let base = config.serve.base(listener.local_addr()?);
    println!("rollbook answers at {base}, until Ctrl-C");
    if let Some(path) = setup::link(&mut collector.store, now)? {
        println!("Sign in by making the first admin:\n{base}{path}");
    }
    let (closing, web_stop) = Stop::pair();
    let web = serve::web_thread(listener, app, web_stop, halt)?;
    let settings = Settings {
        rhythm: Rhythm { zone: TimeZone::UTC, deliver_every: SignedDuration::from_mins(10) },
        from: None,
        keep: KeepConfig::default(),
        look_every: LOOK_EVERY,
    };
    Collecting::new(collector, &Nobody, settings, &wake, pulse, Some(now))?.run(stop).await;
    serve::join_web(web, &closing)
}
