//! Telling Moodle at the end of a sync. What was collected is kept, whatever comes of it.

use serde::Serialize;

use super::Report;
use crate::cli::context::Context;
use crate::cli::moodle::grades::after_delivery;
use crate::cli::{Exit, exit_of, page};
use crate::collector::Collector;
use crate::sink::moodle::{self, Push, push};
use crate::supervise::Stop;

/// What came of telling Moodle.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Delivered {
    /// It was told what it should hold, as far as it took it.
    Done(Box<moodle::Report>),
    /// It could not be told at all.
    Failed {
        /// Why.
        error: String,
    },
}

impl Report {
    /// Tells Moodle, if there is one and settings say so.
    pub async fn deliver(&mut self, context: &Context<'_>, collector: &mut Collector, stop: Stop) {
        let config = &context.config.moodle;
        let (Some(db), true) = (&config.db, config.after_sync) else { return };
        let told = push(Push {
            store: &mut collector.store,
            clock: collector.clock,
            config,
            db,
            window: None,
            again: false,
            dry_run: false,
            stop,
        })
        .await;
        match told {
            Ok(report) => {
                if !report.is_whole() {
                    self.failures.push(format!(
                        "attendance is collected, but not all of it could be delivered to Moodle ({}); `rollbook moodle \
                         status` names the sessions, the next sync or `rollbook moodle push` tries again",
                        report.sentence()
                    ));
                    self.exit = self.exit.and(Exit::Failed);
                }
                let is_interrupted = report.is_interrupted;
                self.moodle = Some(Delivered::Done(Box::new(report)));
                if !is_interrupted {
                    self.grade(context).await;
                }
            }
            Err(trouble) => {
                let error = page::safe(&trouble.to_string());
                self.failures.push(format!(
                    "attendance is collected, but nothing could be delivered to Moodle: {error}; once that is mended, \
                     `rollbook moodle push` delivers it"
                ));
                self.exit = self.exit.and(Exit::Failed);
                self.moodle = Some(Delivered::Failed { error });
            }
        }
    }

    /// Tells Moodle grades by time attended, if settings say so.
    async fn grade(&mut self, context: &Context<'_>) {
        match after_delivery(context).await {
            Ok(None) => {}
            Ok(Some(graded)) => {
                self.notes.push(format!("grades: {}", graded.sentence));
                self.failures.extend(graded.failures);
                self.exit = self.exit.and(graded.exit);
            }
            Err(error) => {
                self.failures.push(format!(
                    "sessions are delivered, but no grades: {}; once that is mended, `rollbook moodle grades` gives them",
                    page::safe(&format!("{error:#}"))
                ));
                self.exit = self.exit.and(exit_of(&error));
            }
        }
    }
}
