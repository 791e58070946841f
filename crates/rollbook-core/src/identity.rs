//! Who is who: which Moodle user stands behind a person that Zoom saw.
//!
//! A person of an instance ([`crate::person`]) is only "these stays belong together". Here it gets an identity, with
//! the rule that gave it, how sure that is, and the evidence in words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub mod plugin;

mod by_name;
mod evidence;
mod fold;
mod known;
mod likeness;
mod sighting;
mod stored;
mod typed;
mod who;
mod words;

pub use known::{Known, LinkedEmails, SiteUsers};
pub use sighting::{keys, sighting};
pub use stored::{stored_email, stored_name};
pub use who::who;

/// All that Zoom told of one person of an instance, over all their stays. What was told differently stands in order of
/// join, latest last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// Names shown, as typed.
    pub names: Vec<String>,
    /// E-mails.
    pub emails: Vec<String>,
    /// Zoom's user ids: set for those signed in to an account that Zoom may name.
    pub zoom_user_ids: Vec<String>,
    /// Registrations for this meeting number.
    pub registrant_ids: Vec<String>,
    /// Some of the stays belong to the others by their name alone. Whoever types a name would inherit what the others
    /// prove, so nothing is certain then.
    pub is_tied_by_name: bool,
}

/// How sure an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Evidence that nobody can type into a name.
    Certain,
    /// A name that fits one person of the course only; or evidence of the first kind with something against it.
    Likely,
    /// Several fit, or evidence disagrees: nobody is named.
    Ambiguous,
    /// Nobody fits.
    Unknown,
}

impl Confidence {
    /// For people and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Ambiguous => "ambiguous",
            Confidence::Unknown => "unknown",
        }
    }
}

/// A user who might be meant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// `{user}.id`.
    pub user: i64,
    /// Full name.
    pub full_name: String,
    /// How alike the names are, 0 to 1.
    pub likeness: f64,
}

/// Who a person is, as far as evidence allows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identity {
    /// `{user}.id`; none where nobody can be named. None with [`Confidence::Certain`] or [`Confidence::Likely`]:
    /// somebody has decided by hand that it is nobody on this site.
    pub user: Option<i64>,
    /// How sure.
    pub confidence: Confidence,
    /// The rule that decided, in a word or two, such as `e-mail` or `correction`.
    pub rule: &'static str,
    /// What it rests on, in a sentence.
    pub evidence: String,
    /// Who else might be meant, likeliest first.
    pub candidates: Vec<Candidate>,
}

impl Identity {
    /// Whether the person showed nothing that could be anybody's name: a device, a telephone, a room, or nothing at
    /// all. Anybody may be behind it.
    pub fn is_nameless(&self) -> bool {
        self.user.is_none() && self.rule == NO_NAME
    }

    /// Whether somebody should look at it: nobody is named, and nobody has decided that it is nobody.
    pub fn is_doubtful(&self) -> bool {
        matches!(self.confidence, Confidence::Ambiguous | Confidence::Unknown)
    }
}

/// The rule of people who showed nothing that could be a name.
pub const NO_NAME: &str = "no name";

/// What a correction by hand is remembered under: the strongest thing that Zoom tells of the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum PersonKey {
    /// A Zoom user id.
    ZoomUser(String),
    /// An e-mail, lower case.
    Email(String),
    /// A registration for a meeting number.
    Registrant(String),
    /// A name as typed, within one course (`{course}.id`): elsewhere it may be somebody else.
    Name(i64, String),
}

impl fmt::Display for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PersonKey::ZoomUser(id) => write!(f, "zoom:{id}"),
            PersonKey::Email(email) => write!(f, "email:{email}"),
            PersonKey::Registrant(id) => write!(f, "registrant:{id}"),
            PersonKey::Name(course, name) => write!(f, "name:{course}:{name}"),
        }
    }
}

impl FromStr for PersonKey {
    type Err = String;

    fn from_str(text: &str) -> Result<PersonKey, String> {
        let wrong = || {
            format!(
                "{text:?} names nobody; write zoom:ID, email:ADDRESS, registrant:ID or name:COURSE_ID:NAME"
            )
        };
        let (kind, rest) = text.split_once(':').filter(|(_, rest)| !rest.is_empty()).ok_or_else(wrong)?;
        match kind {
            "zoom" => Ok(PersonKey::ZoomUser(rest.to_owned())),
            "email" => Ok(PersonKey::Email(rest.to_lowercase())),
            "registrant" => Ok(PersonKey::Registrant(rest.to_owned())),
            "name" => {
                let (course, name) = rest.split_once(':').ok_or_else(wrong)?;
                let course = course.parse().map_err(|_| wrong())?;
                Ok(PersonKey::Name(course, name.to_owned()))
            }
            _ => Err(wrong()),
        }
    }
}

impl From<PersonKey> for String {
    fn from(key: PersonKey) -> String {
        key.to_string()
    }
}

impl TryFrom<String> for PersonKey {
    type Error = String;

    fn try_from(text: String) -> Result<PersonKey, String> {
        text.parse()
    }
}

/// What somebody decided about a person by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// It is this user (`{user}.id`).
    User(i64),
    /// It is nobody on this site: a guest, a device in a room.
    Nobody,
}
