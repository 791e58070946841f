//! The meeting numbers that Moodle knows, read at the start of commands that go by them and kept in the store, so that a
//! Moodle that is down stops nothing.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::known::{KnownNumber, known_numbers};
use rollbook_core::quality::policy::Policy;
use rollbook_moodle::{DbSettings, Error, MoodleDb};
use rollbook_store::KnownCount;

use super::context::Context;
use super::page::count;
use super::{Exit, output};
use crate::collector::Collector;
use crate::config::{ConfigError, MoodleDbConfig, Scope};
use crate::sink::moodle::settings;

/// A connection that breaks is made once more after this long.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// Reads Moodle's activities where this command goes by them, and keeps their numbers for Moodle's account.
///
/// A Moodle that cannot be read is a warning as long as numbers are kept from before; then the exit code says whether a
/// setting must be mended.
///
/// # Errors
/// If Moodle cannot be read, nothing is kept from before, and nothing can be collected without.
pub async fn read(context: &Context<'_>, collector: &mut Collector) -> anyhow::Result<Exit> {
    let goes_by_numbers = |scope, policy| scope == Scope::Moodle || policy == Policy::Courses;
    let is_wanted =
        collector.accounts.iter().any(|account| goes_by_numbers(account.scope(), account.qos.policy));
    let Some(db) = context.config.moodle.db.as_ref().filter(|_| is_wanted) else { return Ok(Exit::Done) };
    let name = &context.config.moodle.account;
    if !collector.accounts.iter().any(|account| account.name == *name) {
        return match context.account {
            // Somebody else's turn.
            Some(_) => Ok(Exit::Done),
            None => Err(ConfigError(format!(
                "ROLLBOOK_MOODLE_ACCOUNT is {name:?}, but there is no such account; name the one whose meetings \
                 Moodle's activities are"
            ))
            .into()),
        };
    }
    match numbers_of(db, collector).await {
        Ok(known) => keep(collector, name, &known),
        Err(error) => go_by_those_kept(collector, name, &error),
    }
}

async fn numbers_of(db: &MoodleDbConfig, collector: &Collector) -> Result<Vec<KnownNumber>, Error> {
    let settings = settings(db);
    match ask(&settings).await {
        Err(Error::Passing(_)) => {
            collector.clock.sleep_until(collector.clock.now() + AGAIN_AFTER).await;
            ask(&settings).await
        }
        answer => answer,
    }
}

async fn ask(settings: &DbSettings) -> Result<Vec<KnownNumber>, Error> {
    let mut moodle = MoodleDb::connect(settings).await?;
    let activities = moodle.activities().await?;
    moodle.close().await;
    Ok(known_numbers(&activities))
}

fn keep(collector: &mut Collector, account: &str, known: &[KnownNumber]) -> anyhow::Result<Exit> {
    let now = collector.clock.now();
    let change = collector.store.atomically(|store| store.put_known_numbers(now, account, known))?;
    if known.is_empty() {
        warn(
            collector,
            now,
            "Moodle has no Zoom activity with a meeting number, so none is collected for its sake",
        )?;
    } else if change.gone > 0 {
        let note = format!(
            "Moodle no longer has {}: not asked for new runs any more; what is open is brought to an end",
            count(change.gone, "meeting number", "meeting numbers")
        );
        collector.store.note_run(now, collector.run, &note)?;
    }
    Ok(Exit::Done)
}

fn go_by_those_kept(collector: &mut Collector, account: &str, error: &Error) -> anyhow::Result<Exit> {
    let now = collector.clock.now();
    let is_setting = !error.is_passing() && !matches!(error, Error::Refused { .. });
    let kept = collector.store.count_known(account)?;
    let has_scope = collector.accounts.iter().any(|account| account.scope() == Scope::Moodle);
    if kept.read_at.is_none() && has_scope {
        let message = format!("which meetings to collect is not known, as Moodle cannot be read: {error}");
        return Err(if is_setting { ConfigError(message).into() } else { anyhow::anyhow!(message) });
    }
    warn(collector, now, &format!("{}; Moodle cannot be read: {error}", kept_words(&kept)))?;
    Ok(if is_setting { Exit::Usage } else { Exit::Done })
}

fn kept_words(kept: &KnownCount) -> String {
    match kept.read_at {
        Some(at) => format!(
            "going by the {} read at {}",
            count(kept.numbers, "meeting number", "meeting numbers"),
            output::instant(at)
        ),
        None => "no call quality by policy courses".to_owned(),
    }
}

fn warn(collector: &mut Collector, now: Timestamp, said: &str) -> anyhow::Result<()> {
    eprintln!("rollbook: {said}");
    Ok(collector.store.note_run(now, collector.run, said)?)
}
