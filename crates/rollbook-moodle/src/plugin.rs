//! What the site's own plugin is set to, and how far it came.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::MoodleDb;
use crate::error::Error;

/// The plugin, as its settings tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plugin {
    /// Its version, such as 2026041600; none where it is not installed.
    pub version: Option<i64>,
    /// What identifies a user to Zoom: `email`, `username`, `idnumber`, or the short name of a profile field.
    pub identifier: String,
    /// How far its report task came.
    pub last_call_made_at: Option<Timestamp>,
    /// Its report task does nothing until then.
    pub retry_after: Option<Timestamp>,
    /// Whether its report task is switched on; none where that may not be read.
    pub is_task_enabled: Option<bool>,
}

const SETTINGS: &str = "SELECT plugin, name, value FROM {config_plugins}
    WHERE (plugin = 'mod_zoom' AND name = 'version')
       OR (plugin = 'zoom' AND name IN ('apiidentifier', 'last_call_made_at', 'retry-after'))";

/// Moodle keeps one row for each task of each plugin.
const TASK: &str = r"SELECT disabled FROM {task_scheduled} WHERE classname = ?";

/// As Moodle writes a class: from the outermost namespace.
const TASK_CLASS: &str = r"\mod_zoom\task\get_meeting_reports";

impl MoodleDb {
    /// The plugin's settings, and whether its report task is switched on.
    pub async fn plugin(&mut self) -> Result<Plugin, Error> {
        let rows = self.connection.rows(SETTINGS, Vec::new()).await?;
        let read = |row: &crate::value::Row| Ok((row.text(1)?, row.text(2)?));
        let settings: BTreeMap<String, String> = rows.iter().map(read).collect::<Result<_, Error>>()?;
        let number = |name: &str| settings.get(name).and_then(|value| value.trim().parse::<i64>().ok());
        let moment = |name: &str| {
            number(name).filter(|second| *second > 0).and_then(|second| Timestamp::from_second(second).ok())
        };
        let identifier = settings.get("apiidentifier").map(|name| name.trim()).unwrap_or_default();
        Ok(Plugin {
            version: number("version"),
            identifier: if identifier.is_empty() { "email".to_owned() } else { identifier.to_owned() },
            last_call_made_at: moment("last_call_made_at"),
            retry_after: moment("retry-after"),
            is_task_enabled: self.is_task_enabled().await?,
        })
    }

    /// A user with the least rights may not read Moodle's tasks; that is no error.
    async fn is_task_enabled(&mut self) -> Result<Option<bool>, Error> {
        match self.connection.rows(TASK, vec![TASK_CLASS.into()]).await {
            Ok(rows) => rows.first().map(|row| row.is(0).map(|is_disabled| !is_disabled)).transpose(),
            Err(Error::Denied(_) | Error::Schema(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
