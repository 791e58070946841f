//! What pages put into the queue, done in its order.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollbook_core::identity::{Correction, PersonKey};
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::Window;
use rollbook_store::{CommandRecord, CommandState, CorrectionRecord, Store};
use serde::{Deserialize, Serialize};

use crate::collector::{Collector, discover};
use crate::erasure;

/// Days of a backfill; Zoom lists no more than six months back.
const BACKFILL_DAYS_MAX: i64 = 200;

/// Commands looked through for backfills when the program begins.
const REMEMBERED_MAX: u32 = 1_000;

/// `correction`: who somebody is, decided by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionCommand {
    /// About whom: `zoom:ID`, `email:ADDRESS`, `registrant:ID` or `name:COURSE_ID:NAME`.
    pub key: String,
    /// What is decided.
    #[serde(flatten)]
    pub decision: Decision,
}

/// What is decided about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// This user of Moodle.
    User {
        /// `{user}.id`.
        user: i64,
        /// The user's name, for those who come after.
        user_name: Option<String>,
        /// Why.
        note: Option<String>,
    },
    /// Nobody of this site.
    Nobody {
        /// Why.
        note: Option<String>,
    },
    /// The rules decide again.
    Forget,
}

/// `backfill`: days of the past are collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackfillCommand {
    /// The first day, at school.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The call-quality policy for these days, as in `ROLLBOOK_QOS_POLICY`; none for the usual one.
    #[serde(default)]
    pub qos: Option<String>,
}

impl BackfillCommand {
    /// The days, and the policy for them.
    fn read(&self, zone: &TimeZone) -> Result<(Vec<Window>, Option<Policy>), String> {
        let length = self.to.duration_since(self.from).as_hours() / 24;
        if !(0..BACKFILL_DAYS_MAX).contains(&length) {
            return Err(format!(
                "the days from {} to {} are no range of at most {BACKFILL_DAYS_MAX} days",
                self.from, self.to
            ));
        }
        let policy = self.qos.as_deref().map(crate::config::parse_policy).transpose()?;
        Ok((discover::days(self.from, self.to, zone), policy))
    }
}

/// Does one command and keeps what came of it.
///
/// # Errors
/// If the store cannot be written: the command stays in the queue.
pub fn obey(collector: &mut Collector, zone: &TimeZone, command: &CommandRecord) -> anyhow::Result<()> {
    let now = collector.clock.now();
    let outcome = match command.kind.as_str() {
        // It answers by itself: not even its outcome may name whom it was about.
        "forget" => return Ok(erasure::obey(&mut collector.store, now, command)?),
        "correction" => parse(&command.payload).map(|wanted| correct(collector, command, &wanted)),
        "backfill" => parse(&command.payload).map(|wanted| backfill(collector, zone, &wanted)),
        other => Err(format!("this version does not know the command {other:?}")),
    };
    let (state, said) = match outcome.and_then(|done| done.map_err(|error| error.to_string())) {
        Ok(said) => (CommandState::Done, said),
        Err(said) => (CommandState::Failed, said),
    };
    tracing::info!(command = command.id, kind = command.kind, state = state.name(), "a command was taken");
    collector.store.answer_command(now, command.id, state, &said)?;
    Ok(())
}

fn parse<T: for<'de> Deserialize<'de>>(payload: &str) -> Result<T, String> {
    serde_json::from_str(payload).map_err(|error| format!("the command cannot be read: {error}"))
}

fn correct(
    collector: &mut Collector,
    command: &CommandRecord,
    wanted: &CorrectionCommand,
) -> Result<String, String> {
    let key: PersonKey = wanted.key.parse()?;
    let now = collector.clock.now();
    let affected = collector.store.instances_with(&key).map_err(|error| error.to_string())?;
    let line = |correction, user_name: &Option<String>, note: &Option<String>| CorrectionRecord {
        key: key.clone(),
        correction,
        user_name: user_name.clone(),
        note: note.clone(),
        set_by: command.who.clone(),
        set_at: now,
    };
    let line = match &wanted.decision {
        Decision::User { user, user_name, note } => Some(line(Correction::User(*user), user_name, note)),
        Decision::Nobody { note } => Some(line(Correction::Nobody, &None, note)),
        Decision::Forget => None,
    };
    let made = collector.store.atomically(|store| {
        match &line {
            Some(line) => store.put_correction(line)?,
            None => drop(store.drop_correction(&key)?),
        }
        store.make_deliveries_due(&affected, "somebody in it was corrected by hand")
    });
    let made = made.map_err(|error| error.to_string())?;
    Ok(format!("remembered; {made} sessions are told to Moodle again"))
}

fn backfill(collector: &mut Collector, zone: &TimeZone, wanted: &BackfillCommand) -> Result<String, String> {
    let (days, policy) = wanted.read(zone)?;
    take_policy(collector, &days, policy);
    collector.discover(&days).map_err(|error| error.to_string())?;
    Ok(format!("{} days are being collected", days.len()))
}

fn take_policy(collector: &mut Collector, days: &[Window], policy: Option<Policy>) {
    if let (Some(window), Some(policy)) = (crate::collector::window_of(days), policy) {
        for account in &mut collector.accounts {
            account.qos.days.push((window, policy));
        }
    }
}

/// Takes note again of the policies of backfills that an earlier process began.
///
/// # Errors
/// If the store cannot be read.
pub fn remember(collector: &mut Collector, zone: &TimeZone) -> rollbook_store::Result<()> {
    let earlier = collector.store.commands(REMEMBERED_MAX)?;
    for command in earlier.iter().rev() {
        let is_done = command.kind == "backfill" && command.state == CommandState::Done;
        let read = || parse::<BackfillCommand>(&command.payload).and_then(|wanted| wanted.read(zone));
        if let Some(Ok((days, policy))) = is_done.then(read) {
            take_policy(collector, &days, policy);
        }
    }
    Ok(())
}

/// Puts a command into the queue; its number. Somebody must wake the collector, else it sees it within seconds.
///
/// # Errors
/// If the store cannot be written.
pub fn put(
    store: &mut Store,
    now: Timestamp,
    who: &str,
    role: rollbook_core::request::Role,
    kind: &str,
    wanted: &impl Serialize,
) -> rollbook_store::Result<i64> {
    let payload = serde_json::to_string(wanted).expect("commands are plain data");
    store.put_command(now, who, role, kind, &payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_plain_json() {
        let check = |json: &str, decision: Decision| {
            let read: CorrectionCommand = parse(json).unwrap();
            assert_eq!(read, CorrectionCommand { key: "zoom:abc".into(), decision });
        };
        check(
            r#"{"key": "zoom:abc", "decision": "user", "user": 7, "user_name": "Ana Lopez"}"#,
            Decision::User { user: 7, user_name: Some("Ana Lopez".into()), note: None },
        );
        check(r#"{"key": "zoom:abc", "decision": "nobody"}"#, Decision::Nobody { note: None });
        check(r#"{"key": "zoom:abc", "decision": "forget"}"#, Decision::Forget);
        assert!(parse::<CorrectionCommand>(r#"{"key": "zoom:abc"}"#).unwrap_err().contains("decision"));
    }

    #[test]
    fn a_backfill_has_an_end() {
        let check = |from: &str, to: &str, qos: Option<&str>| {
            let wanted = BackfillCommand {
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
                qos: qos.map(str::to_owned),
            };
            wanted.read(&TimeZone::UTC).map(|(days, policy)| (days.len(), policy))
        };
        assert_eq!(check("2026-11-01", "2026-11-03", Some("all")), Ok((3, Some(Policy::All))));
        assert!(check("2026-11-03", "2026-11-01", None).unwrap_err().contains("no range"));
        assert!(check("2025-11-03", "2026-11-01", None).unwrap_err().contains("no range"));
        assert!(check("2026-11-01", "2026-11-01", Some("some")).unwrap_err().contains("policy"));
    }
}
