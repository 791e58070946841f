//! What a row tells of a person, wherever the row stands.

use std::collections::BTreeMap;

use super::Identifier;
use super::alias::{is_alias, is_erased_text};
use crate::delivery::ParticipantRow;
use crate::presence::Sighting;
use crate::quality::QualityRow;
use crate::reading::Row;
use crate::stay::Stay;

/// Details that say nothing of who somebody is: kinds of devices and networks, and Zoom's words about the call. All others
/// may (a computer's name, an address, `Anna left the meeting`), so that a new one is hidden until it stands here.
const NAMELESS: [&str; 18] = [
    "device",
    "os",
    "os_version",
    "browser_name",
    "browser_version",
    "client",
    "version",
    "network",
    "network_type",
    "connection_type",
    "video_connection_type",
    "as_connection_type",
    "data_center",
    "full_data_center",
    "health",
    "audio_quality",
    "video_quality",
    "share_quality",
];

/// Where somebody was, to the town: kept by a store without names, whose owner looks for bad networks, and not of somebody
/// erased.
const PLACE: &str = "location";

/// Something that is kept about one person.
pub trait Personal {
    /// What it tells of them.
    fn told(&mut self) -> Told<'_>;
}

/// The parts of a row that tell who somebody is.
#[derive(Debug)]
pub struct Told<'a> {
    /// Zoom's number of the connection; empty if Zoom left it out.
    pub user_id: &'a str,
    /// Per-connection id.
    pub participant_uuid: Option<&'a mut String>,
    /// The Zoom user.
    pub zoom_user_id: Option<&'a mut String>,
    /// The registration.
    pub registrant_id: Option<&'a mut String>,
    /// The name, which is there to be filled where nothing else marks whose row it was.
    pub name: &'a mut Option<String>,
    /// The e-mail.
    pub email: Option<&'a mut String>,
    /// The Moodle user.
    pub moodle: Option<&'a mut Option<i64>>,
    /// Device, network and more, by our names.
    pub details: Option<&'a mut BTreeMap<String, String>>,
}

impl Told<'_> {
    /// What proves who somebody is.
    pub(super) fn strong(&self) -> Vec<Identifier> {
        let text = |text: &Option<&mut String>| text.as_deref().filter(|text| !text.is_empty()).cloned();
        let email = text(&self.email).map(|email| Identifier::email(&email));
        let zoom = text(&self.zoom_user_id).map(Identifier::ZoomUser);
        let registrant = text(&self.registrant_id).map(Identifier::Registrant);
        let moodle = self.moodle.as_ref().and_then(|id| **id).map(Identifier::Moodle);
        [email, zoom, registrant, moodle].into_iter().flatten().collect()
    }

    pub(super) fn connection(&self, uuid: &str) -> Option<Identifier> {
        let user_id = Some(self.user_id).filter(|id| !id.is_empty())?;
        Some(Identifier::Connection { uuid: uuid.to_owned(), user_id: user_id.to_owned() })
    }

    pub(super) fn guest(&self, uuid: &str) -> Option<Identifier> {
        let name = self.name.clone().filter(|name| !name.is_empty())?;
        Some(Identifier::Guest { uuid: uuid.to_owned(), name })
    }

    /// Somebody erased; tells whether anything had to change. Something always marks the row.
    pub(super) fn become_nobody(&mut self, alias: impl Fn(&str, &str) -> String) -> bool {
        let mut changed = self.strong().is_empty() && self.name.is_none();
        if changed {
            *self.name = Some(alias("name", self.user_id));
        }
        changed |= self.replace(is_erased_text, alias);
        if let Some(moodle) = &mut self.moodle {
            changed |= moodle.take().is_some();
        }
        if let Some(details) = &mut self.details {
            let before = details.len();
            details.retain(|name, _| NAMELESS.contains(&name.as_str()));
            changed |= details.len() < before;
        }
        changed
    }

    /// Somebody in a store that keeps no names.
    pub(super) fn become_masked(&mut self, alias: impl Fn(&str, &str) -> String) {
        self.replace(is_alias, alias);
        if let Some(details) = &mut self.details {
            details.retain(|name, _| name == PLACE || NAMELESS.contains(&name.as_str()));
        }
    }

    fn replace(&mut self, is_done: fn(&str) -> bool, alias: impl Fn(&str, &str) -> String) -> bool {
        let mut changed = false;
        let fields = [
            ("connection", self.participant_uuid.as_deref_mut()),
            ("zoom", self.zoom_user_id.as_deref_mut()),
            ("registrant", self.registrant_id.as_deref_mut()),
            ("name", self.name.as_mut()),
            ("email", self.email.as_deref_mut()),
        ];
        for (kind, value) in fields {
            if let Some(value) = value.filter(|value| !value.is_empty() && !is_done(value)) {
                *value = alias(kind, value);
                changed = true;
            }
        }
        changed
    }
}

/// Rows that tell the same under the same names, which nothing but a macro can say once.
macro_rules! personal {
    ($($row:ty),*) => {$(
        impl Personal for $row {
            fn told(&mut self) -> Told<'_> {
                Told {
                    user_id: &self.user_id,
                    participant_uuid: self.participant_uuid.as_mut(),
                    zoom_user_id: self.zoom_user_id.as_mut(),
                    registrant_id: self.registrant_id.as_mut(),
                    name: &mut self.name,
                    email: self.email.as_mut(),
                    moodle: None,
                    details: Some(&mut self.details),
                }
            }
        }
    )*};
}

personal!(Row, Sighting);

impl Personal for QualityRow {
    fn told(&mut self) -> Told<'_> {
        Told {
            user_id: &self.user_id,
            participant_uuid: self.participant_uuid.as_mut(),
            zoom_user_id: self.zoom_user_id.as_mut(),
            registrant_id: None,
            name: &mut self.name,
            email: self.email.as_mut(),
            moodle: None,
            details: Some(&mut self.details),
        }
    }
}

impl Personal for Stay {
    fn told(&mut self) -> Told<'_> {
        Told {
            user_id: &self.user_id,
            participant_uuid: self.participant_uuid.as_mut(),
            zoom_user_id: self.zoom_user_id.as_mut(),
            registrant_id: self.registrant_id.as_mut(),
            name: &mut self.name,
            email: self.email.as_mut(),
            moodle: None,
            details: None,
        }
    }
}

/// What a row of Moodle's tells, to be asked about: the Zoom user stands in its `uuid`, the connection in `zoomuserid`
/// (MOODLE.md section 1).
#[derive(Debug, Clone)]
pub struct MoodleRow {
    user_id: String,
    zoom_user_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    moodle: Option<i64>,
}

impl From<&ParticipantRow> for MoodleRow {
    fn from(row: &ParticipantRow) -> MoodleRow {
        MoodleRow {
            user_id: row.zoomuserid.clone(),
            zoom_user_id: row.uuid.clone(),
            name: Some(row.name.clone()),
            email: row.user_email.clone(),
            moodle: row.userid,
        }
    }
}

impl Personal for MoodleRow {
    fn told(&mut self) -> Told<'_> {
        Told {
            user_id: &self.user_id,
            participant_uuid: None,
            zoom_user_id: self.zoom_user_id.as_mut(),
            registrant_id: None,
            name: &mut self.name,
            email: self.email.as_mut(),
            moodle: Some(&mut self.moodle),
            details: None,
        }
    }
}
