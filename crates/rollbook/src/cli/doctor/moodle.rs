//! Moodle's database: whether sessions can be delivered there.

use rollbook_moodle::{Error, MoodleDb, Weight};

use super::Checks;
use crate::cli::context::Context;
use crate::sink::moodle::{place, settings};

/// Looks at Moodle's database, where there is one.
pub(super) async fn check(checks: &mut Checks, context: &Context<'_>) {
    let Some(db) = &context.config.moodle.db else { return };
    let looked = async {
        let mut moodle = MoodleDb::connect(&settings(db)).await?;
        let report = moodle.check().await?;
        moodle.close().await;
        Ok::<_, Error>(report)
    };
    let report = match looked.await {
        Ok(report) => report,
        Err(error) => {
            checks.is_configuration |= matches!(error, Error::Settings(_));
            checks.problem("moodle", error.to_string(), "mend it, then run `rollbook moodle check`");
            return;
        }
    };
    for finding in &report.findings {
        match finding.weight {
            Weight::StopsReading | Weight::StopsWriting => {
                checks.problem("moodle", &finding.what, "mend it, then run `rollbook moodle check`");
            }
            Weight::Warning => checks.warning("moodle", &finding.what, "`rollbook moodle check` says more"),
            Weight::Note => checks.ok("moodle", &finding.what),
        }
    }
    if report.can_write() {
        checks.ok("moodle", format!("sessions can be delivered to {}", place(db)));
    }
}
