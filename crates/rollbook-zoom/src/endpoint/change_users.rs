//! Users added to the account.

use serde_json::{Map, Value, json};

use crate::endpoint::Endpoint;
use crate::endpoint::users::User;
use crate::operation::Operation;

/// Characters of an e-mail address that Zoom takes.
pub const EMAIL_MAX: usize = 128;
/// Characters of a first or last name that Zoom takes.
pub const NAME_MAX: usize = 64;
/// Licences a user can be added with: basic, licensed, none.
pub const LICENCES: [i64; 3] = [1, 2, 99];

/// How a user is added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum CreateUserAction {
    /// An invitation by e-mail; the user is pending until it is accepted.
    #[default]
    Create,
    /// An active user with a password, for managed domains.
    AutoCreate,
    /// A user without a way to sign in, for API partners.
    CustCreate,
    /// A user who signs in by single sign-on.
    SsoCreate,
}

impl CreateUserAction {
    /// All of them.
    pub const ALL: [CreateUserAction; 4] = [
        CreateUserAction::Create,
        CreateUserAction::AutoCreate,
        CreateUserAction::CustCreate,
        CreateUserAction::SsoCreate,
    ];

    /// The word as Zoom writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CreateUserAction::Create => "create",
            CreateUserAction::AutoCreate => "autoCreate",
            CreateUserAction::CustCreate => "custCreate",
            CreateUserAction::SsoCreate => "ssoCreate",
        }
    }
}

/// Adds a user. Light.
///
/// After an answer that was lost, look for the address before sending it again: an invitation sent twice is one too many.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateUser {
    /// How.
    pub action: CreateUserAction,
    /// E-mail address.
    pub email: String,
    /// Licence ([`LICENCES`]): 1 basic, 2 licensed, 99 none.
    pub licence: i64,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Everything else about the user, by Zoom's names: `display_name`, `feature` …
    pub others: Map<String, Value>,
}

impl CreateUser {
    /// What Zoom would refuse for certain, by its documented bounds.
    ///
    /// # Errors
    /// A sentence naming the member and its bound.
    pub fn check(&self) -> Result<(), String> {
        let info = self.info();
        for (name, most) in [("email", EMAIL_MAX), ("first_name", NAME_MAX), ("last_name", NAME_MAX)] {
            let length = info[name].as_str().map_or(0, |text| text.chars().count());
            if length > most {
                return Err(format!("{name} has {length} characters, and Zoom takes at most {most}"));
            }
        }
        let (name, domain) = self.email.trim().split_once('@').unwrap_or_default();
        if name.is_empty() || domain.is_empty() || self.email.chars().any(char::is_whitespace) {
            return Err(format!("{:?} is not an e-mail address", self.email));
        }
        if !LICENCES.contains(&self.licence) {
            return Err(format!("type {} is no licence; Zoom takes 1, 2 and 99", self.licence));
        }
        Ok(())
    }

    fn info(&self) -> Value {
        let mut info = self.others.clone();
        info.insert("email".to_owned(), json!(self.email));
        info.insert("type".to_owned(), json!(self.licence));
        for (name, value) in [("first_name", &self.first_name), ("last_name", &self.last_name)] {
            info.extend(value.as_deref().map(|value| (name.to_owned(), json!(value))));
        }
        Value::Object(info)
    }
}

impl Endpoint for CreateUser {
    type Answer = User;
    const OPERATION: Operation = Operation::CreateUser;

    fn path(&self) -> String {
        "/users".to_owned()
    }

    fn body(&self) -> Option<Value> {
        Some(json!({ "action": self.action.as_str(), "user_info": self.info() }))
    }
}
