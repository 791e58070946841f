//! Moodle, the token files and the service manager, as the collecting loop needs them.

use rollbook_store::{CommandRecord, Store};
use sd_notify::NotifyState;

use crate::cli::context::Context;
use crate::cli::moodle::grades::after_delivery;
use crate::cli::{Exit, numbers, page};
use crate::clock::Clock;
use crate::collector::Collector;
use crate::collector::account::Account;
use crate::commands::CorrectionOrder;
use crate::config::MoodleDbConfig;
use crate::serve::collect::{Delivery, Outside};
use crate::sink::moodle::decide::obey;
use crate::sink::moodle::{Link, Push, push, settings};
use crate::supervise::Stop;

/// The real ones.
pub struct World<'a> {
    context: &'a Context<'a>,
    clock: Clock,
}

impl<'a> World<'a> {
    /// Those that the settings name.
    pub fn new(context: &'a Context<'a>, clock: Clock) -> World<'a> {
        World { context, clock }
    }

    /// The store is there and pages are answered.
    pub fn tell_ready(&self) {
        tell(&[NotifyState::Ready, NotifyState::Status("collecting")]);
    }

    /// It has been asked to stop, and does.
    pub fn tell_stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    async fn push(&self, db: &MoodleDbConfig, stop: Stop) -> Delivery {
        let mut store = match self.context.open_store() {
            Ok(store) => store,
            Err(error) => {
                return Delivery::Failed(format!("nothing could be delivered to Moodle: {error:#}"));
            }
        };
        let told = push(Push {
            store: &mut store,
            clock: self.clock,
            config: &self.context.config.moodle,
            db,
            window: None,
            again: false,
            dry_run: false,
            stop,
        })
        .await;
        match told {
            Ok(report) if report.is_interrupted => Delivery::Done(report.sentence()),
            Ok(report) if report.is_whole() => self.grade(report.sentence()).await,
            Ok(report) => Delivery::Failed(format!(
                "not all attendance could be delivered to Moodle ({}); `rollbook moodle status` names the sessions",
                report.sentence()
            )),
            Err(trouble) => Delivery::Failed(format!(
                "nothing could be delivered to Moodle: {}",
                page::safe(&trouble.to_string())
            )),
        }
    }

    async fn grade(&self, said: String) -> Delivery {
        match after_delivery(self.context).await {
            Ok(None) => Delivery::Done(said),
            Ok(Some(graded)) if graded.exit == Exit::Done => {
                Delivery::Done(format!("{said} {}", graded.sentence))
            }
            Ok(Some(graded)) => {
                Delivery::Failed(format!("{} {}", graded.sentence, graded.failures.join("; ")))
            }
            Err(error) => Delivery::Failed(format!(
                "sessions are delivered, but no grades: {}",
                page::safe(&format!("{error:#}"))
            )),
        }
    }
}

impl Outside for World<'_> {
    async fn read_numbers(&self, collector: &mut Collector) -> anyhow::Result<()> {
        numbers::read(self.context, collector).await.map(drop)
    }

    fn deliver(&self, stop: Stop) -> Option<impl Future<Output = Delivery> + '_> {
        let config = &self.context.config.moodle;
        let db = config.db.as_ref().filter(|_| config.after_sync)?;
        Some(self.push(db, stop))
    }

    async fn decide(
        &self,
        store: &mut Store,
        command: &CommandRecord,
        order: &CorrectionOrder,
    ) -> Result<String, String> {
        let config = &self.context.config.moodle;
        let Some(db) = &config.db else {
            return Err("no Moodle is configured (ROLLBOOK_MOODLE_DB), so nobody can be named".to_owned());
        };
        let mut link = Link::new(settings(db), self.clock);
        let decider = (self.clock.now(), command.who.as_str());
        // What a page asked for stands in the audit since then.
        let decided = obey(&mut link, store, config, decider, order, None).await;
        link.close().await;
        decided.map(|decided| decided.sentence()).map_err(|error| page::safe(&error.to_string()))
    }

    async fn keep_tokens(&self, accounts: &[Account]) {
        self.context.keep_tokens(accounts).await;
    }

    fn is_alive(&self) {
        tell(&[NotifyState::Watchdog]);
    }
}

/// Tells the service manager; nobody where there is none.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager does not listen");
    }
}
