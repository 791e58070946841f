//! The account's settings. They do not tell the account's plan; nothing in the API does.

use serde::de::MapAccess;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::endpoint::{Endpoint, Query};
use crate::id::percent_encode;
use crate::operation::Operation;
use crate::wire::{self, Members};

/// Settings of the account. Medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAccountSettings {
    /// The account; `me` for one's own.
    pub account_id: String,
    /// A group of settings that has a shape of its own, such as `meeting_authentication`.
    pub option: Option<String>,
}

impl Default for GetAccountSettings {
    fn default() -> Self {
        GetAccountSettings { account_id: "me".to_owned(), option: None }
    }
}

impl Endpoint for GetAccountSettings {
    type Answer = AccountSettings;
    const OPERATION: Operation = Operation::GetAccountSettings;

    fn path(&self) -> String {
        format!("/accounts/{}/settings", percent_encode(&self.account_id))
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new().maybe("option", self.option.clone()).done()
    }
}

/// Settings of the account, in groups, as they came: hundreds of them, and their shape depends on
/// what was asked. The ones that tell how to read reports have a name here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountSettings {
    /// Groups such as `in_meeting`, each with its settings.
    pub groups: Map<String, Value>,
}

impl AccountSettings {
    /// One setting.
    #[must_use]
    pub fn get(&self, group: &str, name: &str) -> Option<&Value> {
        self.groups.get(group)?.get(name)
    }

    /// One setting that is on or off.
    #[must_use]
    pub fn is_on(&self, group: &str, name: &str) -> Option<bool> {
        self.get(group, name)?.as_bool()
    }

    /// Whether people may be kept in a waiting room, so that reports hold rows that are no attendance.
    #[must_use]
    pub fn has_waiting_room(&self) -> Option<bool> {
        self.is_on("in_meeting", "attendee_on_hold")
    }

    /// Whether meetings may have breakout rooms.
    #[must_use]
    pub fn has_breakout_rooms(&self) -> Option<bool> {
        self.is_on("in_meeting", "breakout_room")
    }

    /// Whether people are asked afterwards how it was.
    #[must_use]
    pub fn asks_for_feedback(&self) -> Option<bool> {
        self.is_on("in_meeting", "post_meeting_feedback")
    }

    /// Whether people may change their names in a meeting.
    #[must_use]
    pub fn lets_participants_rename(&self) -> Option<bool> {
        self.is_on("in_meeting", "allow_participants_to_rename")
    }

    /// Most people in one meeting.
    #[must_use]
    pub fn meeting_capacity(&self) -> Option<u64> {
        self.get("feature", "meeting_capacity")?.as_u64()
    }
}

impl Members for AccountSettings {
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        if matches!(key, "code" | "message") {
            // Members of an error, never a group of settings.
            return Ok(false);
        }
        self.groups.insert(key.to_owned(), map.next_value()?);
        Ok(true)
    }
}

impl<'de> Deserialize<'de> for AccountSettings {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        wire::object(de)
    }
}
