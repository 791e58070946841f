//! What pages ask the collector to do: each kind of command with all that it takes. Pages put them, the collector's loop
//! reads them with [`Order::read`].

use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_core::identity::PersonKey;
use rollbook_core::request::Role;
use rollbook_store::{CommandRecord, Result, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A kind of command.
pub trait Command: Serialize + DeserializeOwned {
    /// Its word in the store; it never changes.
    const KIND: &'static str;
}

/// Decide who somebody is, or forget what was decided. Done by [`crate::sink::moodle::decide::obey`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionOrder {
    /// About whom.
    pub key: PersonKey,
    /// Who it is.
    pub decision: Decision,
    /// Why, for those who come after.
    pub note: Option<String>,
}

/// What is decided about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is this user of Moodle's: an id, e-mail or user name, as `rollbook people set --user` takes it.
    User(String),
    /// It is nobody of the site: a guest, a device in a room.
    Nobody,
    /// The rules decide again.
    Forget,
}

impl Command for CorrectionOrder {
    const KIND: &'static str = "correction";
}

/// Collect days of the past, as `rollbook sync --from --to --qos` does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackfillOrder {
    /// Of this account; none: of all.
    pub account: Option<String>,
    /// First day, by the school's clock.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
    /// Of which of their meetings call quality is collected (`none`, `flagged`, `large:N`, `sample:SHARE`, `courses`,
    /// `all`); none: by the policy in force.
    pub quality: Option<String>,
}

impl Command for BackfillOrder {
    const KIND: &'static str = "backfill";
}

/// Find a meeting at Zoom that the store does not know, for a request to look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookUpOrder {
    /// The request that waits for it.
    pub request: i64,
    /// A number, or the UUID of one run.
    pub meeting: String,
    /// Of a number, only the runs of this day, by the school's clock.
    pub date: Option<Date>,
}

impl Command for LookUpOrder {
    const KIND: &'static str = "look_up";
}

/// Any command whose kind is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// See [`CorrectionOrder`].
    Correction(CorrectionOrder),
    /// See [`BackfillOrder`].
    Backfill(BackfillOrder),
    /// See [`LookUpOrder`].
    LookUp(LookUpOrder),
}

impl Order {
    /// What a command in the queue says; none if its kind belongs to somebody else.
    ///
    /// # Errors
    /// A sentence, if its payload cannot be read: it was put by another version of the program.
    pub fn read(record: &CommandRecord) -> std::result::Result<Option<Order>, String> {
        Ok(match record.kind.as_str() {
            CorrectionOrder::KIND => Some(Order::Correction(payload(record)?)),
            BackfillOrder::KIND => Some(Order::Backfill(payload(record)?)),
            LookUpOrder::KIND => Some(Order::LookUp(payload(record)?)),
            _ => None,
        })
    }
}

/// The payload of a command of one kind.
///
/// # Errors
/// A sentence, if it cannot be read.
pub fn payload<C: Command>(record: &CommandRecord) -> std::result::Result<C, String> {
    serde_json::from_str(&record.payload).map_err(|error| {
        format!("this {} was given by another version of rollbook ({error}); give it again", C::KIND)
    })
}

/// Puts a command into the queue; its number. A program with a token has no role: it stands as admin there, as only
/// admins make tokens and its scopes were looked at before.
///
/// # Errors
/// If the store cannot be written.
pub fn put<C: Command>(
    store: &mut Store,
    now: Timestamp,
    who: &str,
    role: Option<Role>,
    command: &C,
) -> Result<i64> {
    let payload = serde_json::to_string(command).expect("commands are plain values");
    store.put_command(now, who, role.unwrap_or(Role::Admin), C::KIND, &payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn what_was_put_is_read_back() {
        let mut store = Store::in_memory().unwrap();
        let correction = CorrectionOrder {
            key: "name:3:Ana López: room 2".parse().unwrap(),
            decision: Decision::User("id:7".into()),
            note: None,
        };
        let backfill = BackfillOrder {
            account: None,
            from: "2026-10-01".parse().unwrap(),
            to: "2026-10-02".parse().unwrap(),
            quality: Some("large:20".into()),
        };
        put(&mut store, NOW, "ana", Some(Role::Admin), &correction).unwrap();
        put(&mut store, NOW, "nightly", None, &backfill).unwrap();
        let orders: Vec<_> =
            store.commands(9).unwrap().iter().map(|record| Order::read(record).unwrap().unwrap()).collect();
        assert_eq!(orders, [Order::Backfill(backfill), Order::Correction(correction)]);
    }

    #[test]
    fn a_payload_of_another_version_is_told_and_another_kind_left_alone() {
        let mut store = Store::in_memory().unwrap();
        store.put_command(NOW, "ana", Role::Admin, "backfill", r#"{"from":"2026-10-01"}"#).unwrap();
        store.put_command(NOW, "ana", Role::Admin, "forget", "{}").unwrap();
        let records = store.commands(9).unwrap();
        assert_eq!(Order::read(&records[0]), Ok(None));
        assert!(Order::read(&records[1]).unwrap_err().contains("give it again"));
    }
}
